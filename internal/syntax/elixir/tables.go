package elixir

// tokenKind is the kind of a token. The closers, which may end what surrounds
// them, come last.
type tokenKind uint8

const (
	tkEOF tokenKind = iota
	tkBad           // bytes that begin no token
	tkInt
	tkFloat
	tkChar
	tkAtom     // :foo, and true, false, nil
	tkQAtom    // :"
	tkKey      // foo:
	tkQKey     // "a b": without interpolation
	tkIdent    // foo, and an operator used as a name
	tkAlias    // one segment
	tkString   // " or """
	tkCharlist // ' or '''
	tkSigil
	tkCapture   // the & and the digits of &1
	tkOp        // op says which
	tkDo        // do
	tkFn        // fn
	tkBlockWord // after else catch rescue: op says which
	tkSemi
	tkComma
	tkDot
	tkLParen
	tkLBracket
	tkLBrace
	tkLAngle  // <<
	tkMap     // %{
	tkPercent // % before a struct name
	tkRParen
	tkRBracket
	tkRBrace
	tkRAngle
	tkEnd
	numTokenKinds
)

// Flags of tokens.
const (
	tfSpace   uint8 = 1 << iota // blanks or a line end before it
	tfLine                      // a line end before it
	tfSign                      // + or - after a blank and directly before its operand: `foo -1`
	tfHeredoc                   // of a quoted token
	tfOpen                      // of a quoted token: it stopped at #{
)

type token struct {
	kind       tokenKind
	op         Op
	flags      uint8
	start, end int32
}

// A binding says how an operator binds: 0 if it is not binary or no prefix.
type binding struct {
	binary, prefix uint8
	right          bool // right associative
	joins          bool // a line end before it does not end the expression
}

// The precedences of Elixir's table, a tenth of them.
const (
	precPipe   = 7
	precAssoc  = 8
	precPrefix = 30
)

var bindings = [numOps]binding{
	OpLeftArrow:       {binary: 4, joins: true},
	OpDefault:         {binary: 4, joins: true},
	OpWhen:            {binary: 5, right: true, joins: true},
	OpType:            {binary: 6, right: true, joins: true},
	OpPipe:            {binary: precPipe, right: true, joins: true},
	OpCapture:         {prefix: 9},
	OpEllipsis:        {prefix: 9},
	OpMatch:           {binary: 10, right: true, joins: true},
	OpOrOr:            {binary: 12, joins: true},
	OpOrOrOr:          {binary: 12, joins: true},
	OpOr:              {binary: 12, joins: true},
	OpAndAnd:          {binary: 13, joins: true},
	OpAndAndAnd:       {binary: 13, joins: true},
	OpAnd:             {binary: 13, joins: true},
	OpEq:              {binary: 14, joins: true},
	OpNotEq:           {binary: 14, joins: true},
	OpRegexMatch:      {binary: 14, joins: true},
	OpStrictEq:        {binary: 14, joins: true},
	OpStrictNotEq:     {binary: 14, joins: true},
	OpLess:            {binary: 15, joins: true},
	OpGreater:         {binary: 15, joins: true},
	OpLessEq:          {binary: 15, joins: true},
	OpGreaterEq:       {binary: 15, joins: true},
	OpArrowPipe:       {binary: 16, joins: true},
	OpShiftLeft:       {binary: 16, joins: true},
	OpShiftRight:      {binary: 16, joins: true},
	OpArrow1:          {binary: 16, joins: true},
	OpArrow2:          {binary: 16, joins: true},
	OpArrow3:          {binary: 16, joins: true},
	OpArrow4:          {binary: 16, joins: true},
	OpArrow5:          {binary: 16, joins: true},
	OpArrow6:          {binary: 16, joins: true},
	OpIn:              {binary: 17, joins: true},
	OpNotIn:           {binary: 17, joins: true},
	OpXor:             {binary: 18, joins: true},
	OpSlashSlash:      {binary: 19, right: true, joins: true},
	OpConcat:          {binary: 20, right: true, joins: true},
	OpSubtract:        {binary: 20, right: true, joins: true},
	OpPlusPlusPlus:    {binary: 20, right: true, joins: true},
	OpMinusMinusMinus: {binary: 20, right: true, joins: true},
	OpStringConcat:    {binary: 20, right: true, joins: true},
	OpRange:           {binary: 20, right: true, joins: true},
	OpPlus:            {binary: 21, prefix: precPrefix},
	OpMinus:           {binary: 21, prefix: precPrefix},
	OpTimes:           {binary: 22, joins: true},
	OpDivide:          {binary: 22, joins: true},
	OpPower:           {binary: 23, joins: true},
	OpBang:            {prefix: precPrefix},
	OpPin:             {prefix: precPrefix},
	OpNot:             {prefix: precPrefix},
	OpTildes:          {prefix: precPrefix},
	OpAt:              {prefix: 32},
}

// Classes of bytes.
const (
	byteIdent   uint8 = 1 << iota // continues an ASCII identifier
	byteDigit                     // 0-9
	byteSpecial                   // may mean something inside a quoted text
)

var byteClass = makeByteClass()

func makeByteClass() (t [256]uint8) {
	for c := range t {
		b := byte(c)
		if isAlnum(b) || b == '_' {
			t[c] |= byteIdent
		}
		if b >= '0' && b <= '9' {
			t[c] |= byteDigit
		}
	}
	for _, b := range []byte("\"'\\#\n/|)]}>\xe2") {
		t[b] |= byteSpecial
	}
	return t
}

// startsOperand holds the kinds of tokens, other than operators and keys, with
// which an expression can begin.
var startsOperand = [numTokenKinds]bool{
	tkInt: true, tkFloat: true, tkChar: true, tkAtom: true, tkQAtom: true, tkIdent: true, tkAlias: true,
	tkString: true, tkCharlist: true, tkSigil: true, tkCapture: true, tkFn: true,
	tkLParen: true, tkLBracket: true, tkLBrace: true, tkLAngle: true, tkMap: true, tkPercent: true,
}
