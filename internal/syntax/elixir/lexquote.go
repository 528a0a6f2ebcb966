package elixir

import (
	"strings"
	"unicode/utf8"
)

// quoting is how a quoted text is read: where it ends and what is special in
// it.
type quoting struct {
	closer  byte
	heredoc bool
	interp  bool // #{ } interpolates
	escapes bool // \u and \x are escapes
}

// Why a run of quoted text ended.
const (
	runClosed = iota // at its closer
	runInterp        // at #{
	runEOF           // unclosed
)

// quoted reads "…", '…', """ and ”' up to the closer or the first #{.
func (l *lexer) quoted(flags uint8, i int) {
	c := l.src[i]
	kind := tkString
	if c == '\'' {
		kind = tkCharlist
	}
	l.quote = quoting{closer: c, interp: true, escapes: true}
	from := i + 1
	if l.at(i+1) == c && l.at(i+2) == c {
		flags |= tfHeredoc
		l.quote.heredoc = true
		from = l.heredocBody(i, i+3)
	}
	l.firstRun(kind, flags, i, from)
	if flags&tfHeredoc == 0 && l.run == runClosed && l.colonAt(int(l.pos)) {
		l.pos++
		l.tok.kind, l.tok.end = tkQKey, l.pos // "a b":
	}
}

// quotedAtom reads :"…".
func (l *lexer) quotedAtom(flags uint8, i int) {
	l.quote = quoting{closer: l.src[i+1], interp: true, escapes: true}
	l.firstRun(tkQAtom, flags, i, i+2)
}

// sigil reads ~r/…/, ~S""" and the like, without the modifiers if there is an
// interpolation.
func (l *lexer) sigil(flags uint8, i int) {
	at := i + 2
	upper := isUpper(l.src[i+1])
	for c := l.at(at); upper && (isUpper(c) || byteClass[c]&byteDigit != 0); c = l.at(at) {
		at++
	}
	c := l.at(at)
	switch c {
	case '/', '|', '"', '\'', '(', '[', '{', '<':
	default:
		l.fail(int32(i), int32(min(at+1, len(l.src))), "a sigil is ~, one small letter or capital letters, and one of / | \" ' ( [ { <; rename it or change its delimiter")
		l.set(tkBad, 0, flags, i, at)
		return
	}
	l.quote = quoting{closer: closing(c), interp: !upper}
	from := at + 1
	if (c == '"' || c == '\'') && l.at(at+1) == c && l.at(at+2) == c {
		flags |= tfHeredoc
		l.quote.heredoc = true
		from = l.heredocBody(i, at+3)
	}
	l.firstRun(tkSigil, flags, i, from)
	if l.run == runClosed {
		l.modifiers()
		l.tok.end = l.pos
	}
}

func closing(c byte) byte {
	switch c {
	case '(':
		return ')'
	case '[':
		return ']'
	case '{':
		return '}'
	case '<':
		return '>'
	}
	return c
}

// modifiers skips the letters after a sigil's closer.
func (l *lexer) modifiers() {
	for isAlnum(l.at(int(l.pos))) {
		l.pos++
	}
}

// heredocBody is where the text of a heredoc begins whose opener ends at i.
func (l *lexer) heredocBody(start, i int) int {
	for l.at(i) == ' ' || l.at(i) == '\t' {
		i++
	}
	if l.at(i) == '\r' && l.at(i+1) == '\n' {
		i++
	}
	if l.at(i) == '\n' {
		return i + 1
	}
	if i < len(l.src) {
		l.fail(int32(start), int32(i), "the text of a heredoc begins on the line after its opener; break the line here")
	}
	return i
}

// firstRun makes a quoted token whose text begins at from.
func (l *lexer) firstRun(kind tokenKind, flags uint8, start, from int) {
	l.quoteStart, l.rawBytes = int32(start), false
	l.runFrom = int32(from)
	l.scanRun(from)
	if l.run == runInterp {
		flags |= tfOpen
	}
	l.set(kind, 0, flags, start, int(l.pos))
}

// scanRun reads quoted text at i up to its closer, #{ or the end. It sets run,
// runEnd (where the text ends) and pos (after the closer, or at the #{).
func (l *lexer) scanRun(i int) {
	src, q := l.src, l.quote
	if q.heredoc && i > 0 && src[i-1] == '\n' && l.heredocEnd(i) {
		return
	}
	for {
		for i < len(src) && byteClass[src[i]]&byteSpecial == 0 {
			i++
		}
		if i >= len(src) {
			l.runUnclosed()
			return
		}
		switch c := src[i]; {
		case c == '\\':
			i = l.escape(i)
		case c == '\n':
			if i++; q.heredoc && l.heredocEnd(i) {
				return
			}
			if l.cutLines && q.escapes && !q.heredoc {
				l.runUnclosed()
				return
			}
		case c == q.closer && !q.heredoc:
			l.run, l.runEnd, l.pos = runClosed, int32(i), int32(i+1)
			return
		case c == '#' && q.interp && l.at(i+1) == '{':
			l.run, l.runEnd, l.pos = runInterp, int32(i), int32(i)
			return
		case c == 0xe2:
			if r, _ := utf8.DecodeRuneInString(src[i:]); isBidi(r) {
				l.fail(int32(i), int32(i+3), "a character in this text changes its direction; write it as an escape such as \\u202A")
			}
			i++
		default:
			i++
		}
	}
}

// heredocEnd ends the run at i if the line there is the closer's.
func (l *lexer) heredocEnd(i int) bool {
	at := i
	for l.at(at) == ' ' || l.at(at) == '\t' {
		at++
	}
	c := l.quote.closer
	if l.at(at) != c || l.at(at+1) != c || l.at(at+2) != c {
		return false
	}
	l.run, l.runEnd, l.pos = runClosed, int32(i), int32(at+3)
	return true
}

// runUnclosed ends a run that has no closer: at the end of the first line of
// its text, so that what follows is still read as code if lines are cut.
func (l *lexer) runUnclosed() {
	l.unclosed = true
	end := len(l.src)
	if l.cutLines {
		if end = lineEnd(l.src, int(l.runFrom)); l.quote.heredoc {
			end = l.heredocCut(end)
		}
	}
	end = max(end, int(l.runFrom))
	l.run, l.runEnd, l.pos = runEOF, int32(end), int32(end)
	what := "this text has no closing " + string(rune(l.quote.closer)) + "; add it"
	if l.quote.heredoc {
		what = "this heredoc has no closing " + strings.Repeat(string(rune(l.quote.closer)), 3) + " on a line of its own; add it"
	}
	l.fail(l.quoteStart, min(l.quoteStart+3, int32(lineEnd(l.src, int(l.quoteStart)))), what)
}

// heredocCut is the end of the lines from i on that are indented deeper than
// the line of the heredoc's opener, or blank.
func (l *lexer) heredocCut(i int) int {
	least := indentOf(l.src, int(l.quoteStart))
	for i < len(l.src) {
		next := i + 1
		at := next
		for l.at(at) == ' ' || l.at(at) == '\t' {
			at++
		}
		if c := l.at(at); c != '\n' && c != '\r' && at < len(l.src) && at-next < least {
			return i
		}
		i = lineEnd(l.src, min(next, len(l.src)))
	}
	return len(l.src)
}

// farLine bounds how far a line's start is looked for.
const farLine = 4096

// indentOf counts the blanks at the start of the line of i, none if that is far
// away.
func indentOf(src string, i int) int {
	near := max(0, i-farLine)
	start := near + strings.LastIndexByte(src[near:i], '\n') + 1
	if start == near && near > 0 {
		return 0
	}
	n := 0
	for start+n < len(src) && (src[start+n] == ' ' || src[start+n] == '\t') {
		n++
	}
	return n
}

// escape skips the escape at i and checks it.
func (l *lexer) escape(i int) int {
	next := l.at(i + 1)
	if next == '\n' || next == '\r' {
		return i + 1 // the line end is looked at by the caller
	}
	if l.quote.heredoc && next == l.quote.closer && l.at(i+2) == next && l.at(i+3) == next {
		return i + 4
	}
	if l.quote.escapes && (next == 'u' || next == 'x') {
		_, raw, size := hexEscape(l.src[i+1:])
		if size == 0 {
			l.fail(int32(i), int32(i+2), "not a valid escape; write \\xHH, \\uHHHH or \\u{H} with the hexadecimal number of a character")
			return i + 2
		}
		l.rawBytes = l.rawBytes || raw && l.at(i+2) >= '8'
	}
	return i + 2
}
