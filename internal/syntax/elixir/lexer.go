package elixir

import (
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/syntax"
)

// A lexer makes one token at a time, on demand, because only the parser knows
// where the code of an interpolation ends. Every decision of Elixir's tokenizer
// that looks ahead is made from the text, so one token is enough.
type lexer struct {
	src     string
	pos     int32 // where the next token is looked for
	tok     token // the token at hand
	prevEnd int32 // where the token before it ended
	steps   int   // tokens and expressions begun, the measure of work

	comments   []syntax.Range
	errs       []syntax.Diagnostic
	quiet      int32 // an error that starts before it, on the line of the last one, is not reported
	loud       int32 // the start of the last error
	muted      bool  // no more errors: the rest cannot be judged
	conflicted bool  // a version control marker was found
	cutLines   bool  // an unclosed string ends with its line
	unclosed   bool  // a string or heredoc had no end

	// The quoted text being read.
	quote      quoting
	run        uint8 // why the last run of text ended
	runFrom    int32 // where it began
	runEnd     int32 // where it ended
	quoteStart int32 // where its opener begins
	rawBytes   bool  // it has \xHH of 80 and above
}

// maxErrors bounds what one file reports: more would not be read.
const maxErrors = 100

// fail reports an error, one a line.
func (l *lexer) fail(start, end int32, message string) {
	size := int32(len(l.src))
	start = max(0, min(start, size))
	end = max(start, min(end, size))
	if l.muted || len(l.errs) >= maxErrors || start >= l.loud && start < l.quiet {
		return
	}
	l.loud = start
	l.quiet = size + 1
	if n := strings.IndexByte(l.src[start:], '\n'); n >= 0 {
		l.quiet = start + int32(n) + 1
	}
	l.errs = append(l.errs, syntax.Diagnostic{Start: start, End: end, Message: message})
}

// next reads the next token. The one at hand is consumed. Bytes that begin no
// token are reported and skipped.
func (l *lexer) next() {
	l.steps++
	l.prevEnd = l.tok.end
	flags := l.trivia()
	l.token(flags)
	for l.tok.kind == tkBad {
		flags |= l.trivia() | tfSpace
		l.token(flags)
	}
}

// trivia skips blanks, line ends and comments.
func (l *lexer) trivia() (flags uint8) {
	src, i := l.src, int(l.pos)
	for i < len(src) {
		switch c := src[i]; c {
		case ' ', '\t':
			flags |= tfSpace
			i++
		case '\n':
			flags |= tfSpace | tfLine
			i++
			if i < len(src) && (src[i] == '<' || l.conflicted) {
				i = l.conflict(i)
			}
		case '\r':
			if i+1 == len(src) || src[i+1] != '\n' {
				l.fail(int32(i), int32(i+1), "a carriage return without a line feed; write line ends as \\n or \\r\\n")
			}
			flags |= tfSpace
			i++
		case '#':
			i = l.comment(i)
		case '\\':
			// `\` before a line end joins the lines
			n := joined(src[i:])
			if n == 0 {
				l.pos = int32(i)
				return flags
			}
			if i+n == len(src) {
				l.fail(int32(i), int32(i+n), "a \\ at the end of the file joins nothing; remove it")
			}
			flags |= tfSpace
			i += n
		default:
			l.pos = int32(i)
			return flags
		}
	}
	l.pos = int32(i)
	return flags
}

const conflictMarker = "<<<<<<<"

// conflict skips the version control marker at the start of the line at i, if
// there is one. The markers after the first are not reported.
func (l *lexer) conflict(i int) int {
	rest := l.src[i:]
	if strings.HasPrefix(rest, conflictMarker) {
		end := lineEnd(l.src, i)
		l.fail(int32(i), int32(end), "a version control conflict marker; resolve the conflict and remove it")
		l.conflicted = true
		return end
	}
	for _, marker := range []string{"=======", "|||||||", ">>>>>>>"} {
		if l.conflicted && strings.HasPrefix(rest, marker) {
			return lineEnd(l.src, i)
		}
	}
	return i
}

// joined is the length of a backslash and the line end after it, else 0. A
// backslash at the end of the file counts.
func joined(s string) int {
	switch {
	case len(s) == 1 || s[1] == '\n':
		return min(len(s), 2)
	case s[1] == '\r' && len(s) > 2 && s[2] == '\n':
		return 3
	}
	return 0
}

func lineEnd(src string, i int) int {
	if n := strings.IndexByte(src[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(src)
}

func (l *lexer) comment(i int) int {
	end := lineEnd(l.src, i)
	text := l.src[i:end]
	if at := bidiIn(text); at >= 0 {
		l.fail(int32(i+at), int32(i+at+3), "a character in this comment changes the direction of the text; remove it")
	}
	stop := end
	if stop > i+1 && l.src[stop-1] == '\r' {
		stop--
	}
	l.comments = append(l.comments, syntax.Range{Start: int32(i), End: int32(stop)})
	return end
}

// bidiIn finds a code point that changes the direction of text, else -1.
func bidiIn(s string) int {
	for at := 0; ; at++ {
		n := strings.IndexByte(s[at:], 0xe2)
		if n < 0 {
			return -1
		}
		at += n
		if r, _ := utf8.DecodeRuneInString(s[at:]); isBidi(r) {
			return at
		}
	}
}

// at is the byte at i, 0 past the end.
func (l *lexer) at(i int) byte {
	if i < len(l.src) {
		return l.src[i]
	}
	return 0
}

func (l *lexer) set(kind tokenKind, op Op, flags uint8, start, end int) {
	l.tok = token{kind, op, flags, int32(start), int32(end)}
	l.pos = int32(end)
}

// token reads the token at pos.
func (l *lexer) token(flags uint8) {
	src, i := l.src, int(l.pos)
	if i >= len(src) {
		l.set(tkEOF, 0, flags, len(src), len(src))
		return
	}
	c := src[i]
	switch c {
	case '(':
		l.set(tkLParen, 0, flags, i, i+1)
	case ')':
		l.set(tkRParen, 0, flags, i, i+1)
	case '[':
		l.set(tkLBracket, 0, flags, i, i+1)
	case ']':
		l.set(tkRBracket, 0, flags, i, i+1)
	case '}':
		l.set(tkRBrace, 0, flags, i, i+1)
	case ',':
		l.set(tkComma, 0, flags, i, i+1)
	case ';':
		l.set(tkSemi, 0, flags, i, i+1)
	case '{':
		if l.at(i+1) == '}' && l.colonAt(i+2) {
			l.set(tkKey, 0, flags, i, i+3) // {}:
			return
		}
		l.set(tkLBrace, 0, flags, i, i+1)
	case '"', '\'':
		l.quoted(flags, i)
	case ':':
		l.colon(flags, i)
	case '%':
		l.percent(flags, i)
	case '.':
		l.dots(flags, i)
	case '?':
		l.char(flags, i)
	case '~':
		l.tilde(flags, i)
	case '&':
		l.ampersand(flags, i)
	case '<':
		l.less(flags, i)
	case '>':
		switch {
		case strings.HasPrefix(src[i:], ">>>"):
			l.operator(OpShiftRight, 3, flags, i)
		case l.at(i+1) == '>':
			l.set(tkRAngle, 0, flags, i, i+2)
		case l.at(i+1) == '=':
			l.operator(OpGreaterEq, 2, flags, i)
		default:
			l.operator(OpGreater, 1, flags, i)
		}
	case '=', '!', '|', '^', '+', '-', '*', '/', '\\', '@':
		op, n := plainOperator(src[i:])
		if n == 0 {
			l.bad(flags, i)
			return
		}
		if (c == '+' || c == '-') && flags&tfSpace != 0 && l.isSign(i) {
			l.set(tkOp, signOp(c), flags|tfSign, i, i+1)
			return
		}
		if op == OpAssoc || op == OpSlashSlash { // never a key or a name
			l.set(tkOp, op, flags, i, i+n)
			return
		}
		l.operator(op, n, flags, i)
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		l.number(flags, i)
	default:
		switch {
		case c >= 'a' && c <= 'z' || c == '_' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf:
			l.word(flags, i, false)
		default:
			l.bad(flags, i)
		}
	}
}

func signOp(c byte) Op {
	if c == '+' {
		return OpPlus
	}
	return OpMinus
}

// isSign reports whether the + or - at i looks like a sign, as in `foo -1`: a
// blank before it, none after it. The parser asks only after an identifier.
func (l *lexer) isSign(i int) bool {
	before := i - 1
	for before >= 0 && (l.src[before] == ' ' || l.src[before] == '\t') {
		before--
	}
	if before == i-1 || before < 0 || l.src[before] == '\n' { // `foo \`, and the sign begins the next line
		return false
	}
	switch next := l.at(i + 1); next {
	case ' ', '\t', '\r', '\n', '/', '>', l.src[i]:
		return false
	case ':':
		return !isSpace(l.at(i + 2))
	}
	return i+1 < len(l.src)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// colonAt reports a colon and a space at i, which make a key of what is before.
func (l *lexer) colonAt(i int) bool { return l.at(i) == ':' && isSpace(l.at(i+1)) }

// operator makes a token of the operator of n bytes at i: the operator, a key
// (`+: `), or a name (`+/2`).
func (l *lexer) operator(op Op, n int, flags uint8, i int) {
	end := i + n
	switch c := l.at(end); c {
	case ':':
		if isSpace(l.at(end + 1)) {
			l.set(tkKey, 0, flags, i, end+1)
			return
		}
	case '/', ' ', '\t':
		if l.slashAfter(end) {
			l.set(tkIdent, 0, flags, i, end)
			return
		}
	}
	l.set(tkOp, op, flags, i, end)
}

// slashAfter reports blanks and a slash at i, which make a name of an operator.
func (l *lexer) slashAfter(i int) bool {
	for l.at(i) == ' ' || l.at(i) == '\t' {
		i++
	}
	return l.at(i) == '/'
}

// plainOperator reads the longest operator at the start of s, for those that
// are not told from brackets, atoms, sigils or numbers.
func plainOperator(s string) (op Op, n int) {
	var b, c byte
	if len(s) > 1 {
		b = s[1]
	}
	if len(s) > 2 {
		c = s[2]
	}
	switch s[0] {
	case '=':
		switch {
		case b == '=' && c == '=':
			return OpStrictEq, 3
		case b == '=':
			return OpEq, 2
		case b == '~':
			return OpRegexMatch, 2
		case b == '>':
			return OpAssoc, 2
		}
		return OpMatch, 1
	case '!':
		switch {
		case b == '=' && c == '=':
			return OpStrictNotEq, 3
		case b == '=':
			return OpNotEq, 2
		}
		return OpBang, 1
	case '|':
		switch {
		case b == '|' && c == '|':
			return OpOrOrOr, 3
		case b == '|':
			return OpOrOr, 2
		case b == '>':
			return OpArrowPipe, 2
		}
		return OpPipe, 1
	case '^':
		if b == '^' && c == '^' {
			return OpXor, 3
		}
		return OpPin, 1
	case '+':
		switch {
		case b == '+' && c == '+':
			return OpPlusPlusPlus, 3
		case b == '+':
			return OpConcat, 2
		}
		return OpPlus, 1
	case '-':
		switch {
		case b == '-' && c == '-':
			return OpMinusMinusMinus, 3
		case b == '-':
			return OpSubtract, 2
		case b == '>':
			return OpStab, 2
		}
		return OpMinus, 1
	case '*':
		if b == '*' {
			return OpPower, 2
		}
		return OpTimes, 1
	case '/':
		if b == '/' {
			return OpSlashSlash, 2
		}
		return OpDivide, 1
	case '\\':
		if b == '\\' {
			return OpDefault, 2
		}
	case '@':
		return OpAt, 1
	}
	return NoOp, 0
}

func (l *lexer) less(flags uint8, i int) {
	if i == 0 && strings.HasPrefix(l.src, conflictMarker) {
		l.set(tkBad, 0, flags, i, l.conflict(i))
		return
	}
	b, c := l.at(i+1), l.at(i+2)
	switch {
	case b == '<' && c == '<':
		l.operator(OpShiftLeft, 3, flags, i)
	case b == '<' && c == '~':
		l.operator(OpArrow1, 3, flags, i)
	case b == '~' && c == '>':
		l.operator(OpArrow5, 3, flags, i)
	case b == '|' && c == '>':
		l.operator(OpArrow6, 3, flags, i)
	case b == '<' && c == '>' && l.at(i+3) == '>' && l.colonAt(i+4):
		l.set(tkKey, 0, flags, i, i+5) // <<>>:
	case b == '<':
		l.set(tkLAngle, 0, flags, i, i+2)
	case b == '>':
		l.operator(OpStringConcat, 2, flags, i)
	case b == '=':
		l.operator(OpLessEq, 2, flags, i)
	case b == '-':
		l.operator(OpLeftArrow, 2, flags, i)
	case b == '~':
		l.operator(OpArrow3, 2, flags, i)
	default:
		l.operator(OpLess, 1, flags, i)
	}
}

func (l *lexer) percent(flags uint8, i int) {
	switch {
	case l.at(i+1) == '{' && l.at(i+2) == '}' && l.colonAt(i+3):
		l.set(tkKey, 0, flags, i, i+4) // %{}:
	case l.at(i+1) == '{':
		l.set(tkMap, 0, flags, i, i+2)
	case l.colonAt(i + 1):
		l.set(tkKey, 0, flags, i, i+2) // %:
	default:
		l.set(tkPercent, 0, flags, i, i+1)
	}
}

func (l *lexer) dots(flags uint8, i int) {
	rest := l.src[i:]
	switch {
	case l.colonAt(i + 1):
		l.set(tkKey, 0, flags, i, i+2) // .:
	case strings.HasPrefix(rest, "..//") && l.colonAt(i+4):
		l.set(tkKey, 0, flags, i, i+5) // ..//:
	case strings.HasPrefix(rest, "..//") && l.slashAfter(i+4):
		l.set(tkIdent, 0, flags, i, i+4) // &..///3
	case strings.HasPrefix(rest, "..."):
		l.operator(OpEllipsis, 3, flags, i)
	case strings.HasPrefix(rest, "..//"):
		l.fail(int32(i), int32(i+4), "`..//` is no operator; write the step after the last element: first..last//step")
		l.set(tkOp, OpRange, flags, i, i+2)
	case strings.HasPrefix(rest, ".."):
		l.operator(OpRange, 2, flags, i)
	default:
		l.set(tkDot, 0, flags, i, i+1)
	}
}

func (l *lexer) ampersand(flags uint8, i int) {
	b, c := l.at(i+1), l.at(i+2)
	switch {
	case b == '&' && c == '&':
		l.operator(OpAndAndAnd, 3, flags, i)
	case b == '&':
		l.operator(OpAndAnd, 2, flags, i)
	case byteClass[b]&byteDigit != 0:
		end := l.based(i + 1)
		if b != '0' || end == 0 {
			end = l.digits(i + 2)
			l.afterNumber(i, end)
		}
		l.set(tkCapture, 0, flags, i, end)
	case b == ':' && isSpace(c):
		l.set(tkKey, 0, flags, i, i+2) // &:
	case l.slashAfter(i+1) && !l.secondSlash(i+1):
		l.set(tkIdent, 0, flags, i, i+1) // &/2
	default:
		l.set(tkOp, OpCapture, flags, i, i+1)
	}
}

// secondSlash reports another slash after the slash at i: in `&//2` the & is
// the operator.
func (l *lexer) secondSlash(i int) bool {
	for l.at(i) != '/' {
		i++
	}
	return l.at(i+1) == '/'
}

func (l *lexer) tilde(flags uint8, i int) {
	b, c := l.at(i+1), l.at(i+2)
	switch {
	case b == '>' && c == '>':
		l.operator(OpArrow2, 3, flags, i)
	case b == '~' && c == '~':
		l.operator(OpTildes, 3, flags, i)
	case b == '>':
		l.operator(OpArrow4, 2, flags, i)
	case isAlnum(b) && byteClass[b]&byteDigit == 0:
		l.sigil(flags, i)
	default:
		l.bad(flags, i)
	}
}

// bad reports bytes that begin no token.
func (l *lexer) bad(flags uint8, i int) {
	r, n := utf8.DecodeRuneInString(l.src[i:])
	l.fail(int32(i), int32(i+n), badRune(r, l.src[i:i+n]))
	l.set(tkBad, 0, flags, i, i+n)
}

func badRune(r rune, text string) string {
	switch {
	case r == 0:
		return "a NUL byte; remove it"
	case r == utf8.RuneError && len(text) > 0 && text[0] >= utf8.RuneSelf && !strings.HasPrefix(text, "\uFFFD"):
		return "bytes that are not UTF-8; save the file as UTF-8"
	case r == 0xfeff:
		return "a byte order mark; save the file as UTF-8 without one"
	case r < ' ' || r == 0x7f:
		return "a control character; remove it"
	}
	return "unexpected `" + string(r) + "`; it begins nothing in Elixir"
}
