// Package elixir reads Elixir source: a lexer, an error-tolerant parser, and
// a printer of Elixir's own abstract syntax tree.
//
// Parse takes any text and gives a syntax.Tree that verifies, in time
// proportional to the text. Without diagnostics the text is a program that
// Elixir 1.18 accepts; with diagnostics the tree still holds what could be read,
// and Error nodes where something is missing or out of place.
//
// The lexer makes one token at a time, since only the parser knows where the
// code of an interpolation ends, and decides everything that Elixir's tokenizer
// looks ahead for from the text. The parser is a Pratt parser: an expression is
// read with a least precedence and returns its class in Elixir's grammar, on
// which the reach of prefix operators and calls without parentheses depends.
// The arguments of a clause are read as expressions and become a Head when the
// arrow comes.
//
// The tree is as written: parentheses are Blocks, `not a in b` is an OpIn. The
// canonical text (CanonText) is that of Elixir's quoted form, which is made from
// the tree and the text between its nodes, so that parsing keeps no metadata.
package elixir

import "github.com/assay-dev/assay/internal/syntax"

// The node kinds and their children, in order. `?` marks an optional child,
// `*` any number.
const (
	Error syntax.Kind = iota // whatever could be read inside

	Program // expr*
	Block   // expr* | Clause*: anything in parentheses, also one expression

	// Literals. The value is in the source text.
	Int
	Float
	Char     // ?a
	Atom     // :foo :+ :Foo, and the words true false nil
	QAtom    // part*: :"a b", :"a#{b}"
	Key      // foo: of a keyword pair, a do-block word never; text without the colon is the name
	QKey     // part*: "a b":
	String   // part*: "..." or a heredoc (FlagHeredoc)
	Charlist // part*: '...' or a heredoc
	Sigil    // part*: ~r/../i
	Text     // a run of text inside a string, as written
	Interp   // expr*: #{...}

	Ident // a variable or a local call without arguments and parentheses
	Alias // expr?: Foo.Bar; the child is a left side that is no alias (__MODULE__.Foo); Pos is the first segment, or the first dot after the child

	List      // element*: elements are expressions and, at the end, Pair
	Tuple     // element*: keyword pairs at the end are one Keywords
	Bitstring // element*
	Map       // element*: %{...}; Pair or expression; or one MapUpdate
	Struct    // name Map
	MapUpdate // expr Pair*: `x | pairs` inside a Map; an element may be an expression, as in a Map; Pos is the `|`
	Pair      // key value: `k: v` (key is Key or QKey) or `k => v` (FlagAssoc, Pos is the arrow)
	Keywords  // Pair*: the keyword tail of a call, tuple, bitstring, clause head or access, and the right side of `a when b: c`

	Unary   // operand: Op
	Binary  // left right: Op; `not a in b` is OpIn of the Unary `not a` and b, and means not (a in b), as does `!a in b`
	Step    // first last step: a..b//c, Pos is the `..`; FlagParens if the range is in parentheses
	Nullary // `..` or `...` with no operand: Op
	Capture // &1: an integer capture; the operator & is Unary

	Call     // callee arg* DoBlock?: FlagParens if the arguments are in parentheses
	Name     // the callee of a local call, or the right side of a Dot
	Dot      // left Name: callee of a remote call; Pos is the dot
	QName    // part*: the right side of a Dot that is quoted
	AnonDot  // left: callee of f.(x)
	TupleDot // left element*: A.{B, C}; Pos is the dot
	Access   // container key: a[b]; Pos is the bracket; a keyword key is one Keywords

	Fn      // Clause*
	Clause  // Head Body: Pos is the arrow
	Head    // arg*: the arguments of a clause; a guard is a last child When. FlagParens if they are in parentheses, of one argument only in `(a when b) -> c`; else `(a) -> b` has a Block
	When    // expr: the guard of a clause head; Pos is the `when`
	Body    // expr*: may be empty
	DoBlock // Section*
	Section // expr* | Clause*: Op says which word, Pos is the word

	numKinds
)

// Flags of nodes.
const (
	FlagParens  uint16 = 1 << iota // Call: arguments in parentheses; Head: in parentheses
	FlagAssoc                      // Pair: `k => v`
	FlagHeredoc                    // String, Charlist, Sigil
	FlagSemi                       // Block: opened with `;`, so never a plain parenthesis
	FlagClauses                    // Block, Section: the children are Clauses
	FlagNewline                    // reserved for the parser
)

// Op is an operator or the word of a Section, kept in Node.Op.
type Op = uint8

// The operators, by precedence as in the table of Elixir's operators, then the
// section words.
const (
	NoOp        Op = iota
	OpStab         // ->
	OpLeftArrow    // <-
	OpDefault      // \\
	OpWhen
	OpType     // ::
	OpPipe     // |
	OpAssoc    // =>
	OpCapture  // & (prefix)
	OpEllipsis // ...
	OpMatch    // =
	OpOrOr     // ||
	OpOrOrOr   // |||
	OpOr
	OpAndAnd    // &&
	OpAndAndAnd // &&&
	OpAnd
	OpEq          // ==
	OpNotEq       // !=
	OpRegexMatch  // =~
	OpStrictEq    // ===
	OpStrictNotEq // !==
	OpLess
	OpGreater
	OpLessEq
	OpGreaterEq
	OpArrowPipe  // |>
	OpShiftLeft  // <<<
	OpShiftRight // >>>
	OpArrow1     // <<~
	OpArrow2     // ~>>
	OpArrow3     // <~
	OpArrow4     // ~>
	OpArrow5     // <~>
	OpArrow6     // <|>
	OpIn
	OpNotIn
	OpXor        // ^^^
	OpSlashSlash // //
	OpConcat     // ++
	OpSubtract   // --
	OpPlusPlusPlus
	OpMinusMinusMinus
	OpStringConcat // <>
	OpRange        // ..
	OpPlus         // + (binary or prefix)
	OpMinus
	OpTimes
	OpDivide
	OpPower
	OpBang // !
	OpPin  // ^
	OpNot
	OpTildes // ~~~
	OpAt     // @

	SectionDo
	SectionAfter
	SectionElse
	SectionCatch
	SectionRescue
)
