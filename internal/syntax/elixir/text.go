package elixir

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/syntax"
)

// A quote says how the text of a quoted node is written.
type quote struct {
	closer  string // `"`, `"""`, `)`, …
	heredoc bool
	indent  int  // of a heredoc: columns to take from each line
	escapes bool // false in sigils
	open    int32
	close   int32 // where the closer starts; the end of the node if it is missing
}

// quoteOf reads the delimiters of a String, Charlist, QAtom, QKey, QName or
// Sigil.
func quoteOf(t *syntax.Tree, id syntax.NodeID) quote {
	n := t.Node(id)
	text := t.Text(id)
	q := quote{escapes: n.Kind != Sigil, open: n.Start, close: n.End}
	at := 0
	end := len(text)
	switch n.Kind {
	case QAtom: // :"a b"
		at = 1
	case QKey: // "a b":
		end = max(end-1, 0)
	case Sigil: // ~r/../i
		at = 1 + len(SigilName(t, id))
		for end > at && isAlnum(text[end-1]) {
			end--
		}
	}
	if at >= len(text) {
		return q
	}
	q.open = n.Start + int32(at)
	q.closer = closerOf(text[at])
	if q.heredoc = n.Flags&FlagHeredoc != 0; q.heredoc {
		q.closer = strings.Repeat(q.closer, 3)
	}
	if start := end - len(q.closer); start > at && text[start:end] == q.closer {
		q.close = n.Start + int32(start)
	}
	if q.heredoc {
		line := strings.LastIndexByte(t.File.Text[:q.close], '\n') + 1
		q.indent = int(q.close) - line
	}
	return q
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func closerOf(opener byte) string {
	switch opener {
	case '(':
		return ")"
	case '[':
		return "]"
	case '{':
		return "}"
	case '<':
		return ">"
	}
	return string(rune(opener))
}

// cut appends the text of a Text node as Elixir's tokenizer hands it on: no
// heredoc indentation, escaped closers bare, other escapes as written.
func (q quote) cut(buf []byte, file string, start, end int32) []byte {
	s := file[start:end]
	if q.heredoc && (start == 0 || file[start-1] == '\n') {
		s = s[q.indented(s):]
	}
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && strings.HasPrefix(s[i+1:], q.closer):
			buf = append(buf, q.closer...)
			i += 1 + len(q.closer)
			continue
		case c == '\\' && i+1 < len(s) && s[i+1] != '\n':
			buf = append(buf, c, s[i+1])
			i += 2
			continue
		}
		buf = append(buf, c)
		i++
		if c == '\n' && q.heredoc {
			i += q.indented(s[i:])
		}
	}
	return buf
}

// indented counts the indentation to take from the start of a heredoc's line.
func (q quote) indented(s string) int {
	n := 0
	for n < q.indent && n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	return n
}

// unescape appends s with its escapes processed.
func unescape(buf []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			return append(buf, s...)
		}
		buf = append(buf, s[:i]...)
		s = s[i+1:]
		n := 1
		switch c := s[0]; c {
		case '\n':
		case '\r':
			if len(s) > 1 && s[1] == '\n' {
				n = 2
			} else {
				buf = append(buf, c)
			}
		case 'x', 'u':
			r, raw, size := hexEscape(s)
			switch {
			case size == 0:
				buf = append(buf, c)
			case raw:
				buf, n = append(buf, byte(r)), size
			default:
				buf, n = utf8.AppendRune(buf, r), size
			}
		default:
			buf = append(buf, byte(escaped(rune(c))))
		}
		s = s[n:]
	}
}

// escaped is what a letter after a backslash stands for.
func escaped(r rune) rune {
	switch r {
	case '0':
		return 0
	case 'a':
		return 7
	case 'b':
		return '\b'
	case 'd':
		return 0x7f
	case 'e':
		return 0x1b
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 's':
		return ' '
	case 't':
		return '\t'
	case 'v':
		return '\v'
	}
	return r
}

// hexEscape reads `xHH` (a raw byte), `xH`, `x{H}`, `uHHHH` and `u{H}`. The
// size is 0 if s is none of them or no code point.
func hexEscape(s string) (r rune, raw bool, size int) {
	var digits string
	switch {
	case len(s) > 1 && s[1] == '{':
		end := strings.IndexByte(s[:min(len(s), 9)], '}')
		if end < 3 {
			return 0, false, 0
		}
		digits, size = s[2:end], end+1
	case s[0] == 'u':
		if len(s) < 5 {
			return 0, false, 0
		}
		digits, size = s[1:5], 5
	default:
		for size = 1; size < 3 && size < len(s) && isHex(s[size]); {
			size++
		}
		digits, raw = s[1:size], size == 3
	}
	for _, c := range []byte(digits) {
		if !isHex(c) {
			return 0, false, 0
		}
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || v > utf8.MaxRune || v >= 0xd800 && v < 0xe000 {
		return 0, false, 0
	}
	return rune(v), raw, size
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// StringValue is the value of a String, Charlist, Sigil, QAtom, QKey or QName
// without interpolation, or of one Text. It allocates only if the text has
// escapes or is a heredoc.
func StringValue(t *syntax.Tree, id syntax.NodeID) (string, bool) {
	n := t.Node(id)
	switch n.Kind {
	case String, Charlist, Sigil, QAtom, QKey, QName:
		switch {
		case n.Size == 1:
			return "", true
		case n.Size > 2 || t.Node(id+1).Kind != Text:
			return "", false
		}
		return textValue(t, id+1, id), true
	case Text:
		return textValue(t, id, n.Parent), true
	}
	return "", false
}

func textValue(t *syntax.Tree, id, quoted syntax.NodeID) string {
	text := t.Text(id)
	heredoc := t.Node(quoted).Flags&FlagHeredoc != 0
	if !heredoc && strings.IndexByte(text, '\\') < 0 {
		return text
	}
	n := t.Node(id)
	q := quoteOf(t, quoted)
	cut := q.cut(nil, t.File.Text, n.Start, n.End)
	if !q.escapes {
		return string(cut)
	}
	return string(unescape(nil, string(cut)))
}

// IntValue is the value of an Int, Char or Capture that fits.
func IntValue(t *syntax.Tree, id syntax.NodeID) (int64, bool) {
	text := t.Text(id)
	switch t.Node(id).Kind {
	case Char:
		return int64(charValue(text)), true
	case Capture:
		text = text[min(1, len(text)):]
	case Int:
	default:
		return 0, false
	}
	digits, base := intDigits(text)
	v, err := strconv.ParseInt(digits, base, 64)
	return v, err == nil
}

// bigInt is the value of an Int of any size.
func bigInt(text string) *big.Int {
	digits, base := intDigits(text)
	v, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return new(big.Int)
	}
	return v
}

func intDigits(text string) (digits string, base int) {
	base = 10
	if len(text) > 1 && text[0] == '0' {
		switch text[1] {
		case 'x':
			base = 16
		case 'o':
			base = 8
		case 'b':
			base = 2
		}
	}
	if base != 10 {
		text = text[2:]
	}
	if strings.IndexByte(text, '_') >= 0 {
		text = strings.ReplaceAll(text, "_", "")
	}
	return text, base
}

// FloatValue is the value of a Float.
func FloatValue(t *syntax.Tree, id syntax.NodeID) (float64, bool) {
	if t.Node(id).Kind != Float {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(t.Text(id), "_", ""), 64)
	return v, err == nil
}

// charValue is the code point of ?a or ?\n.
func charValue(text string) rune {
	if len(text) > 2 && text[1] == '\\' {
		r, _ := utf8.DecodeRuneInString(text[2:])
		return escaped(r)
	}
	r, _ := utf8.DecodeRuneInString(text[min(1, len(text)):])
	return r
}
