package sql

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	endToken    tokenKind = iota
	stringToken           // 'a', E'a', U&'a', B'1', X'f', N'a', $tag$a$tag$
	numberToken
	paramToken  // $1, ?
	quotedToken // "a", U&"a"
	wordToken   // a bare identifier or keyword
	opToken     // an operator, bracket, comma, dot, semicolon
	badToken    // a byte that starts nothing
)

// A token is a piece of the text that is neither blank nor comment.
type token struct {
	kind       tokenKind
	class      class
	broken     bool // a string, quoted name or comment that is never closed
	word       string
	start, end int
}

// is reports whether the token is the keyword or operator s.
func (t *token) is(s string) bool {
	return t.word == s && (t.kind == wordToken || t.kind == opToken)
}

type lexer struct {
	text string
	pos  int
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func isWordByte(c byte) bool { return isWordStart(c) || isDigit(c) || c == '$' }

// peek is the byte at offset n from the current one, or 0.
func (l *lexer) peek(n int) byte {
	if l.pos+n < len(l.text) {
		return l.text[l.pos+n]
	}
	return 0
}

// blanks skips blanks and comments. It is false when a comment never closes.
func (l *lexer) blanks() bool {
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case isBlank(c):
			l.pos++
		case c == '-' && l.peek(1) == '-':
			l.skipLine()
		case c == '/' && l.peek(1) == '*':
			if !l.blockComment() {
				return false
			}
		default:
			return true
		}
	}
	return true
}

func (l *lexer) skipLine() {
	if i := strings.IndexByte(l.text[l.pos:], '\n'); i >= 0 {
		l.pos += i
	} else {
		l.pos = len(l.text)
	}
}

// blockComment skips /* … /* … */ … */.
func (l *lexer) blockComment() bool {
	for depth := 0; l.pos < len(l.text); {
		switch {
		case l.text[l.pos] == '/' && l.peek(1) == '*':
			depth++
			l.pos += 2
		case l.text[l.pos] == '*' && l.peek(1) == '/':
			depth--
			l.pos += 2
			if depth == 0 {
				return true
			}
		default:
			l.pos++
		}
	}
	return false
}

// next reads one token; at the end of the text, an endToken.
func (l *lexer) next() token {
	before := l.pos
	if !l.blanks() {
		return token{kind: badToken, broken: true, start: before, end: l.pos, word: "/*"}
	}
	t := token{start: l.pos}
	if l.pos < len(l.text) {
		l.scan(&t)
	}
	t.end = l.pos
	return t
}

func (l *lexer) scan(t *token) {
	switch c := l.text[l.pos]; {
	case isWordStart(c):
		l.wordOrString(t)
	case isDigit(c), c == '.' && isDigit(l.peek(1)):
		t.kind = numberToken
		l.number()
	case c == '\'':
		t.kind = stringToken
		t.broken = !l.quoted('\'', false)
	case c == '"':
		l.quotedName(t)
	case c == '$':
		l.dollar(t)
	case c == '?':
		l.question(t)
	default:
		l.operator(t)
	}
}

// wordOrString reads a word, or the string or quoted name whose prefix is the
// word: E”, B”, X”, N”, U&”, U&"".
func (l *lexer) wordOrString(t *token) {
	c := l.text[l.pos] | 0x20
	switch next := l.peek(1); {
	case next == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n'):
		l.pos++
		t.kind = stringToken
		t.broken = !l.quoted('\'', c == 'e')
	case c == 'u' && next == '&' && l.peek(2) == '\'':
		l.pos += 2
		t.kind = stringToken
		t.broken = !l.quoted('\'', false)
	case c == 'u' && next == '&' && l.peek(2) == '"':
		l.pos += 2
		l.quotedName(t)
		t.word = decodeUnicode(t.word, l.escapeChar())
	default:
		l.word(t)
	}
}

// escapeChar reads the UESCAPE '!' that may follow a U&"" name.
func (l *lexer) escapeChar() byte {
	ahead := *l
	if !ahead.blanks() || ahead.peek(7) == 0 || !strings.EqualFold(ahead.text[ahead.pos:ahead.pos+7], "uescape") {
		return '\\'
	}
	ahead.pos += 7
	if !ahead.blanks() || ahead.peek(0) != '\'' || ahead.peek(2) != '\'' {
		return '\\'
	}
	esc := ahead.peek(1)
	l.pos = ahead.pos + 3
	return esc
}

// word reads a bare word and folds its ASCII letters.
func (l *lexer) word(t *token) {
	start, upper := l.pos, false
	for l.pos < len(l.text) && isWordByte(l.text[l.pos]) {
		upper = upper || l.text[l.pos] >= 'A' && l.text[l.pos] <= 'Z'
		l.pos++
	}
	t.kind = wordToken
	t.word = l.text[start:l.pos]
	if !upper {
		t.class = keywords[t.word].class
		return
	}
	var buf [64]byte
	low := foldASCII(buf[:0], t.word)
	if k, ok := keywords[string(low)]; ok {
		t.word, t.class = k.text, k.class
	} else {
		t.word = string(low)
	}
}

func foldASCII(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

// number reads 1, 1.5, .5, 1e-3, 0x1f, 1_000.
func (l *lexer) number() {
	seenDot := false
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch {
		case c == '.' && !seenDot && l.peek(1) != '.':
			seenDot = true
		case (c|0x20) == 'e' && (l.peek(1) == '+' || l.peek(1) == '-') && isDigit(l.peek(2)):
			l.pos++
		case isDigit(c), c == '_', (c|0x20) >= 'a' && (c|0x20) <= 'z':
		default:
			return
		}
		l.pos++
	}
}

// quoted reads a string or name in quotes, the opening one at pos. A quote
// that is doubled is part of it, and so are strings joined by a line break:
//
//	'a'
//	'b'
func (l *lexer) quoted(quote byte, backslash bool) bool {
	l.pos++
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		l.pos++
		switch {
		case c == '\\' && backslash && l.pos < len(l.text):
			l.pos++
		case c != quote:
		case l.peek(0) == quote:
			l.pos++
		case quote == '\'' && l.joined():
		default:
			return true
		}
	}
	return false
}

// joined moves into the string that continues the one just closed.
func (l *lexer) joined() bool {
	i, lines := l.pos, 0
	for i < len(l.text) && isBlank(l.text[i]) {
		if l.text[i] == '\n' || l.text[i] == '\r' {
			lines++
		}
		i++
	}
	if lines == 0 || i == len(l.text) || l.text[i] != '\'' {
		return false
	}
	l.pos = i + 1
	return true
}

func (l *lexer) quotedName(t *token) {
	start := l.pos
	t.kind = quotedToken
	t.broken = !l.quoted('"', false)
	end := l.pos
	if !t.broken {
		end--
	}
	t.word = l.text[start+1 : end]
	if strings.Contains(t.word, `""`) {
		t.word = strings.ReplaceAll(t.word, `""`, `"`)
	}
}

// dollar reads $1 and $tag$ … $tag$.
func (l *lexer) dollar(t *token) {
	if isDigit(l.peek(1)) {
		t.kind = paramToken
		for l.pos++; isDigit(l.peek(0)); l.pos++ {
		}
		return
	}
	n := 1
	for c := l.peek(n); c != '$' && isWordByte(c); c = l.peek(n) {
		n++
	}
	if l.peek(n) != '$' {
		t.kind = badToken
		l.pos++
		return
	}
	t.kind = stringToken
	tag := l.text[l.pos : l.pos+n+1]
	l.pos += len(tag)
	if i := strings.Index(l.text[l.pos:], tag); i >= 0 {
		l.pos += i + len(tag)
	} else {
		t.broken = true
		l.pos = len(l.text)
	}
}

// question reads a ?, which is the placeholder of an Ecto fragment or an
// operator of jsonb, as the parser decides; or ?| and ?&.
func (l *lexer) question(t *token) {
	t.kind = opToken
	n := 1
	if c := l.peek(1); (c == '|' || c == '&') && l.peek(2) != c {
		n = 2
	}
	t.word = l.text[l.pos : l.pos+n]
	l.pos += n
}

const operatorBytes = "+-*/<>=~!@#%^&|`"

// operator reads an operator or a mark of punctuation. As in PostgreSQL, one
// ends before a comment, and one of several bytes ends in + or - only when it
// holds a byte that no standard operator has.
func (l *lexer) operator(t *token) {
	start := l.pos
	t.kind = opToken
	for l.pos < len(l.text) && strings.IndexByte(operatorBytes, l.text[l.pos]) >= 0 && !l.atComment() {
		l.pos++
	}
	if n := l.pos - start; n > 0 {
		if n == 1 && l.text[start] == '@' && l.peek(0) == '?' {
			l.pos++ // @? of jsonb
		}
		if !strings.ContainsAny(l.text[start:l.pos], "~!@#%^&|`?") {
			for l.pos > start+1 && (l.text[l.pos-1] == '+' || l.text[l.pos-1] == '-') {
				l.pos--
			}
		}
		t.word = l.text[start:l.pos]
		return
	}
	l.punctuation(t)
}

func (l *lexer) atComment() bool {
	return l.text[l.pos] == '-' && l.peek(1) == '-' || l.text[l.pos] == '/' && l.peek(1) == '*'
}

func (l *lexer) punctuation(t *token) {
	c, n := l.text[l.pos], 1
	switch c {
	case '(', ')', '[', ']', ',', ';':
	case '.':
		if l.peek(1) == '.' {
			n = 2
		}
	case ':':
		if l.peek(1) == ':' || l.peek(1) == '=' {
			n = 2
		}
	case '\\':
		if l.peek(1) == '?' { // \? in a fragment is the operator ?
			l.pos += 2
			t.word = `\?`
			return
		}
		t.kind = badToken
	default:
		t.kind = badToken
	}
	t.word = l.text[l.pos : l.pos+n]
	l.pos += n
}

// stringValue is what a string token means.
func stringValue(text string) string {
	if text == "" {
		return ""
	}
	switch text[0] {
	case '$':
		return dollarValue(text)
	case 'e', 'E':
		return decodeEscapes(unquote(text[1:], true))
	case 'b', 'B', 'x', 'X', 'n', 'N':
		return unquote(text[1:], false)
	case 'u', 'U':
		return decodeUnicode(unquote(text[2:], false), '\\')
	}
	return unquote(text, false)
}

func dollarValue(text string) string {
	n := strings.IndexByte(text[1:], '$') + 2
	if n >= 2 && len(text) >= 2*n {
		return text[n : len(text)-n]
	}
	return strings.TrimLeft(text, "$")
}

// unquote takes the quotes off 'a”b' and joins 'a' 'b'. Escapes stay.
func unquote(text string, backslash bool) string {
	if n := len(text); n >= 2 && text[n-1] == '\'' && strings.IndexByte(text[1:n-1], '\'') < 0 {
		return text[1 : n-1]
	}
	var b strings.Builder
	for i, in := 0, false; i < len(text); i++ {
		c := text[i]
		switch {
		case in && c == '\\' && backslash && i+1 < len(text):
			b.WriteString(text[i : i+2])
			i++
		case c == '\'' && in && i+1 < len(text) && text[i+1] == '\'':
			b.WriteByte('\'')
			i++
		case c == '\'':
			in = !in
		case in:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// decodeEscapes replaces \n, \', \x41, \101, \u0041 of an E” string.
func decodeEscapes(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; {
		case c == 'x':
			i += writeCode(&b, s[i+1:], 16, 2, false)
		case c == 'u':
			i += writeCode(&b, s[i+1:], 16, 4, true)
		case c == 'U':
			i += writeCode(&b, s[i+1:], 16, 8, true)
		case c >= '0' && c <= '7':
			i += writeCode(&b, s[i:], 8, 3, false) - 1
		default:
			b.WriteByte(simpleEscape(c))
		}
	}
	return b.String()
}

func simpleEscape(c byte) byte {
	if i := strings.IndexByte("bfnrt", c); i >= 0 {
		return "\b\f\n\r\t"[i]
	}
	return c
}

// writeCode writes the character whose number begins s and returns the count
// of its digits.
func writeCode(b *strings.Builder, s string, base, most int, isRune bool) int {
	n := 0
	for n < most && n < len(s) {
		if _, err := strconv.ParseUint(s[n:n+1], base, 8); err != nil {
			break
		}
		n++
	}
	code, err := strconv.ParseUint(s[:n], base, 32)
	switch {
	case err != nil:
	case isRune:
		b.WriteRune(rune(code)) //nolint:gosec // of 8 digits at most; an impossible one becomes U+FFFD
	default:
		b.WriteByte(byte(code)) //nolint:gosec // of the low 8 bits, as PostgreSQL does
	}
	return n
}

// decodeUnicode replaces \0041 and \+000041 of a U& string or name.
func decodeUnicode(s string, esc byte) string {
	if strings.IndexByte(s, esc) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != esc || i+1 == len(s):
			b.WriteByte(s[i])
		case s[i+1] == esc:
			b.WriteByte(esc)
			i++
		case s[i+1] == '+':
			i += 1 + writeCode(&b, s[i+2:], 16, 6, true)
		default:
			i += writeCode(&b, s[i+1:], 16, 4, true)
		}
	}
	return b.String()
}

func keywordTable() map[string]keyword {
	table := map[string]keyword{}
	for _, list := range []struct {
		words string
		class class
	}{{freeWords, free}, {colNameWords, colName}, {typeFuncWords, typeFunc}, {reservedWords, reserved}} {
		for w := range strings.FieldsSeq(list.words) {
			table[w] = keyword{w, list.class}
		}
	}
	return table
}

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}
