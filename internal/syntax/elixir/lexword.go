package elixir

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxAtom is the number of code points that an atom may have.
const maxAtom = 255

// word reads an identifier, alias, key or reserved word at i. After a dot no
// word is reserved.
func (l *lexer) word(flags uint8, i int, afterDot bool) {
	src := l.src
	end := i
	for end < len(src) && byteClass[src[end]]&byteIdent != 0 {
		end++
	}
	upper := isUpper(src[i])
	odd := false // not plain ASCII letters, digits and _
	if end < len(src) {
		switch c := src[end]; {
		case c >= utf8.RuneSelf:
			if end, upper = l.unicodeWord(i, end, upper); end == i {
				l.bad(flags, i)
				return
			}
			odd = true
			if c := l.at(end); c == '?' || c == '!' {
				end++
			}
			if mixedScripts(src[i:end]) {
				l.fail(int32(i), int32(end), mixedName)
			}
		case c == '?' || c == '!':
			odd = true
			end++
		}
		if last := src[end-1]; l.at(end) == '@' && last != '?' && last != '!' && l.atWord(flags, i, end) {
			return
		}
	}
	if end-i > maxAtom && utf8.RuneCountInString(src[i:end]) > maxAtom {
		l.fail(int32(i), int32(end), "a name of more than 255 characters; shorten it")
	}
	if l.at(end) == ':' && l.key(flags, i, end) {
		return
	}
	switch {
	case upper:
		if odd {
			l.fail(int32(i), int32(end), "an alias may only have ASCII letters, digits and _; rename it")
		}
		l.set(tkAlias, 0, flags, i, end)
	case afterDot || end-i < 2 || end-i > 11 || !l.reserved(flags, i, end):
		l.set(tkIdent, 0, flags, i, end)
	}
}

// unicodeWord reads on from a non-ASCII code point at end. It returns i if the
// word does not begin as a name.
func (l *lexer) unicodeWord(i, end int, upper bool) (int, bool) {
	for end < len(l.src) {
		c := l.src[end]
		if c < utf8.RuneSelf {
			if byteClass[c]&byteIdent == 0 {
				break
			}
			end++
			continue
		}
		r, n := utf8.DecodeRuneInString(l.src[end:])
		class := identClass(r)
		if class == identNot || class == identCont && end == i {
			break
		}
		if end == i {
			upper = class == identUpper
		}
		end += n
	}
	return end, upper
}

// atWord reads a key with an @ in it, as in `[a@b: 1]`. Elsewhere the @ is an
// error and the name ends before it.
func (l *lexer) atWord(flags uint8, i, at int) bool {
	end := l.atomEnd(at)
	if l.colonAt(end) {
		l.set(tkKey, 0, flags, i, end+1)
		return true
	}
	l.fail(int32(i), int32(end), "a name with @ in it; write a space before the @ or rename it")
	return false
}

// atomEnd is where the name of an atom that goes on at i ends.
func (l *lexer) atomEnd(i int) int {
	for i < len(l.src) {
		switch c := l.src[i]; {
		case byteClass[c]&byteIdent != 0 || c == '@':
			i++
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(l.src[i:])
			if identClass(r) == identNot {
				return i
			}
			i += n
		case c == '?' || c == '!':
			return i + 1
		default:
			return i
		}
	}
	return i
}

// key makes a key of the name in [i, end) if the colon after it is one's.
func (l *lexer) key(flags uint8, i, end int) bool {
	switch next := l.at(end + 1); {
	case isSpace(next):
	case next == ':' || end+1 >= len(l.src):
		return false
	default:
		l.fail(int32(i), int32(end+1), "a key must be followed by a space; write `"+clip(l.src[i:end])+": `")
	}
	l.set(tkKey, 0, flags, i, end+1)
	return true
}

// clip shortens source text for a message.
func clip(s string) string {
	const most = 30
	short := s[:min(len(s), most)]
	for short != s && len(short) > 0 && !utf8.RuneStart(s[len(short)]) {
		short = short[:len(short)-1]
	}
	if n := strings.IndexByte(short, '\n'); n >= 0 {
		short = strings.TrimRight(short[:n], "\r")
	}
	if short != s {
		short += "…"
	}
	return strings.ToValidUTF8(short, "\uFFFD")
}

// reserved makes a token of a reserved word.
func (l *lexer) reserved(flags uint8, i, end int) bool {
	switch l.src[i:end] {
	case "do":
		l.set(tkDo, 0, flags, i, end)
	case "end":
		l.set(tkEnd, 0, flags, i, end)
	case "fn":
		l.set(tkFn, 0, flags, i, end)
	case "true", "false", "nil":
		l.set(tkAtom, 0, flags, i, end)
	case "and":
		l.wordOperator(OpAnd, flags, i, end)
	case "or":
		l.wordOperator(OpOr, flags, i, end)
	case "in":
		l.wordOperator(OpIn, flags, i, end)
	case "when":
		l.wordOperator(OpWhen, flags, i, end)
	case "not":
		l.not(flags, i, end)
	case "after":
		l.set(tkBlockWord, SectionAfter, flags, i, end)
	case "else":
		l.set(tkBlockWord, SectionElse, flags, i, end)
	case "catch":
		l.set(tkBlockWord, SectionCatch, flags, i, end)
	case "rescue":
		l.set(tkBlockWord, SectionRescue, flags, i, end)
	case "__aliases__", "__block__":
		l.fail(int32(i), int32(end), "`"+l.src[i:end]+"` is reserved; rename it")
		return false
	default:
		return false
	}
	return true
}

func (l *lexer) wordOperator(op Op, flags uint8, i, end int) {
	if l.slashAfter(end) {
		l.set(tkIdent, 0, flags, i, end) // &and/2
		return
	}
	l.set(tkOp, op, flags, i, end)
}

// not reads `not`, or `not in` on one line.
func (l *lexer) not(flags uint8, i, end int) {
	in := end
	for l.at(in) == ' ' || l.at(in) == '\t' {
		in++
	}
	if in > end && strings.HasPrefix(l.src[in:], "in") && !l.goesOn(in+2) && !l.slashAfter(in+2) {
		l.set(tkOp, OpNotIn, flags, i, in+2)
		return
	}
	l.wordOperator(OpNot, flags, i, end)
}

// goesOn reports that a word does not end at i, or is a key.
func (l *lexer) goesOn(i int) bool {
	switch c := l.at(i); c {
	case '?', '!', '@':
		return true
	case ':':
		return l.at(i+1) != ':'
	default:
		return byteClass[c]&byteIdent != 0 || c >= utf8.RuneSelf
	}
}

// number reads 0, 1_000, 0xFF, 1.0e-3.
func (l *lexer) number(flags uint8, i int) {
	if l.src[i] == '0' {
		if end := l.based(i); end > 0 {
			l.set(tkInt, 0, flags, i, end)
			return
		}
	}
	end := l.digits(i + 1)
	kind := tkInt
	if l.at(end) == '.' && byteClass[l.at(end+1)]&byteDigit != 0 {
		kind = tkFloat
		end = l.exponent(l.digits(end + 2))
		text := strings.ReplaceAll(l.src[i:end], "_", "")
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			l.fail(int32(i), int32(end), "this float is too large")
		}
	}
	l.set(kind, 0, flags, i, end)
	l.afterNumber(i, end)
}

// digits skips decimal digits, with single _ between them.
func (l *lexer) digits(i int) int {
	for byteClass[l.at(i)]&byteDigit != 0 || l.at(i) == '_' && byteClass[l.at(i+1)]&byteDigit != 0 {
		i++
	}
	return i
}

func (l *lexer) exponent(i int) int {
	if c := l.at(i); c != 'e' && c != 'E' {
		return i
	}
	e := i + 1
	if c := l.at(e); c == '+' || c == '-' {
		e++
	}
	if byteClass[l.at(e)]&byteDigit == 0 {
		return i
	}
	return l.digits(e + 1)
}

// based is where a number such as 0xFF ends, 0 if there is none at i.
func (l *lexer) based(i int) int {
	var valid func(byte) bool
	switch l.at(i + 1) {
	case 'x':
		valid = isHex
	case 'o':
		valid = func(c byte) bool { return c >= '0' && c <= '7' }
	case 'b':
		valid = func(c byte) bool { return c == '0' || c == '1' }
	default:
		return 0
	}
	end := i + 2
	if !valid(l.at(end)) {
		return 0
	}
	for valid(l.at(end)) || l.at(end) == '_' && valid(l.at(end+1)) {
		end++
	}
	return end
}

// afterNumber reports a letter or _ directly after a number.
func (l *lexer) afterNumber(i, end int) {
	c := l.at(end)
	if byteClass[c]&byteIdent == 0 && c < utf8.RuneSelf {
		return
	}
	stop := l.atomEnd(end)
	l.fail(int32(i), int32(max(stop, end+1)), "a number directly followed by `"+clip(l.src[end:max(stop, end)])+"`; write a space or a comma between them")
}

// char reads ?a and ?\n.
func (l *lexer) char(flags uint8, i int) {
	at := i + 1
	if l.at(at) == '\\' && at+1 < len(l.src) {
		at++
	}
	if at >= len(l.src) {
		l.bad(flags, i)
		return
	}
	_, n := utf8.DecodeRuneInString(l.src[at:])
	l.set(tkChar, 0, flags, i, at+n)
	if l.tok.end-l.tok.start > 2 {
		if c := l.src[i+1]; c == '\\' && (l.src[at] == 'x' || l.src[at] == 'u') && isHex(l.at(at+n)) {
			l.afterNumber(i, at+n)
		}
	}
}

// colon reads an atom or the operator `::`.
func (l *lexer) colon(flags uint8, i int) {
	c := l.at(i + 1)
	switch {
	case c == '"' || c == '\'':
		l.quotedAtom(flags, i)
		return
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_':
		l.atom(flags, i, l.atomEnd(i+2))
		return
	case c >= utf8.RuneSelf:
		r, n := utf8.DecodeRuneInString(l.src[i+1:])
		if k := identClass(r); k == identStart || k == identUpper {
			l.atom(flags, i, l.atomEnd(i+1+n))
			return
		}
		l.bad(flags, i)
		return
	}
	if n := atomOperator(l.src[i+1:]); n > 0 {
		l.set(tkAtom, 0, flags, i, i+1+n)
		return
	}
	if c == ':' {
		l.operator(OpType, 2, flags, i)
		return
	}
	l.bad(flags, i)
}

func (l *lexer) atom(flags uint8, i, end int) {
	if end-i > maxAtom && utf8.RuneCountInString(l.src[i+1:end]) > maxAtom {
		l.fail(int32(i), int32(end), "an atom of more than 255 characters; shorten it")
	}
	if name := l.src[i:end]; !asciiOnly(name) && mixedScripts(name) {
		l.fail(int32(i), int32(end), mixedName)
	}
	l.set(tkAtom, 0, flags, i, end)
}

// atomOperators are the operators that may follow the colon of an atom, the
// longer before those they begin with.
const atomOperators = "..// <<>> %{} " +
	"=== !== &&& ||| <<< >>> ~>> <<~ <~> <|> ^^^ ~~~ +++ --- ... " +
	":: == != =~ <= >= && || |> ~> <~ <- -> ++ -- ** <> .. \\\\ {} " +
	"@ ! ^ & + - * / < > = | . % "

// atomOperator is the length of the operator at the start of s that may be an
// atom's name.
func atomOperator(s string) int {
	if len(s) == 0 || isAlnum(s[0]) || s[0] == ' ' {
		return 0
	}
	for list := atomOperators; list != ""; {
		op, rest, _ := strings.Cut(list, " ")
		if strings.HasPrefix(s, op) {
			return len(op)
		}
		list = rest
	}
	return 0
}

// afterDot reads what follows the dot at hand, where reserved words and most
// operators are names: a.end, Kernel.+(1, 2).
func (l *lexer) afterDot() {
	l.prevEnd = l.tok.end
	flags := l.trivia()
	i := int(l.pos)
	c := l.at(i)
	switch {
	case c >= 'a' && c <= 'z' || c == '_' || c >= utf8.RuneSelf:
		l.word(flags, i, true)
	case i < len(l.src) && strings.IndexByte("=!<>|&~^+-*/\\:@", c) >= 0:
		n := dotOperator(l.src[i:])
		if n == 0 {
			l.token(flags)
			break
		}
		l.set(tkIdent, 0, flags, i, i+n)
	default:
		l.token(flags)
	}
	for l.tok.kind == tkBad {
		flags |= l.trivia() | tfSpace
		l.token(flags)
	}
}

// dotOperators are the operators that may follow a dot, longer before shorter.
const dotOperators = "~~~ === !== &&& ||| <<< >>> ~>> <<~ <~> <|> ^^^ +++ --- " +
	"== != =~ <= >= && || |> ~> <~ <- \\\\ ++ -- <> ** :: " +
	"@ ! ^ & + - * / < > = |"

func dotOperator(s string) int {
	for list := dotOperators; list != ""; {
		op, rest, _ := strings.Cut(list, " ")
		if strings.HasPrefix(s, op) {
			return len(op)
		}
		list = rest
	}
	return 0
}
