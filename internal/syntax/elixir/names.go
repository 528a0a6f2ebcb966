package elixir

import "github.com/assay-dev/assay/internal/syntax"

var kindNames = [numKinds]string{
	Error: "Error", Program: "Program", Block: "Block",
	Int: "Int", Float: "Float", Char: "Char", Atom: "Atom", QAtom: "QAtom", Key: "Key", QKey: "QKey",
	String: "String", Charlist: "Charlist", Sigil: "Sigil", Text: "Text", Interp: "Interp",
	Ident: "Ident", Alias: "Alias",
	List: "List", Tuple: "Tuple", Bitstring: "Bitstring", Map: "Map", Struct: "Struct",
	MapUpdate: "MapUpdate", Pair: "Pair", Keywords: "Keywords",
	Unary: "Unary", Binary: "Binary", Step: "Step", Nullary: "Nullary", Capture: "Capture",
	Call: "Call", Name: "Name", Dot: "Dot", QName: "QName", AnonDot: "AnonDot", TupleDot: "TupleDot", Access: "Access",
	Fn: "Fn", Clause: "Clause", Head: "Head", When: "When", Body: "Body", DoBlock: "DoBlock", Section: "Section",
}

// KindName is the name of a kind as kinds.go spells it.
func KindName(kind syntax.Kind) string {
	if kind >= numKinds {
		return "?"
	}
	return kindNames[kind]
}

const numOps = SectionRescue + 1

var opNames = [numOps]string{
	OpStab: "->", OpLeftArrow: "<-", OpDefault: `\\`, OpWhen: "when", OpType: "::", OpPipe: "|", OpAssoc: "=>",
	OpCapture: "&", OpEllipsis: "...", OpMatch: "=", OpOrOr: "||", OpOrOrOr: "|||", OpOr: "or",
	OpAndAnd: "&&", OpAndAndAnd: "&&&", OpAnd: "and", OpEq: "==", OpNotEq: "!=", OpRegexMatch: "=~",
	OpStrictEq: "===", OpStrictNotEq: "!==", OpLess: "<", OpGreater: ">", OpLessEq: "<=", OpGreaterEq: ">=",
	OpArrowPipe: "|>", OpShiftLeft: "<<<", OpShiftRight: ">>>", OpArrow1: "<<~", OpArrow2: "~>>", OpArrow3: "<~",
	OpArrow4: "~>", OpArrow5: "<~>", OpArrow6: "<|>", OpIn: "in", OpNotIn: "not in", OpXor: "^^^", OpSlashSlash: "//",
	OpConcat: "++", OpSubtract: "--", OpPlusPlusPlus: "+++", OpMinusMinusMinus: "---", OpStringConcat: "<>", OpRange: "..",
	OpPlus: "+", OpMinus: "-", OpTimes: "*", OpDivide: "/", OpPower: "**",
	OpBang: "!", OpPin: "^", OpNot: "not", OpTildes: "~~~", OpAt: "@",
	SectionDo: "do", SectionAfter: "after", SectionElse: "else", SectionCatch: "catch", SectionRescue: "rescue",
}

// OpName spells an operator or a section word as in the source.
func OpName(op Op) string {
	if op >= numOps {
		return "?"
	}
	return opNames[op]
}
