package source

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes visible what could command a terminal or mislead a reader:
// control characters, escape sequences, text direction overrides, invisible
// characters and bytes that are not UTF-8. Tabs stay. File names and source
// text pass through it on their way to a terminal.
func Printable(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c >= 0x7f {
			return printable(s)
		}
	}
	return s
}

func printable(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02X`, s[i])
		case visible(r):
			b.WriteString(s[i : i+size])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02X`, r)
		default:
			fmt.Fprintf(&b, `\u{%04X}`, r)
		}
		i += size
	}
	return b.String()
}

func visible(r rune) bool {
	switch r {
	case '\t', '\u200c', '\u200d': // the joiners belong to emoji and to Persian
		return true
	case '\u2028', '\u2029', '\u034f', '\u115f', '\u1160', '\u3164', '\uffa0':
		return false
	}
	// Cf holds the direction overrides, the zero-width space and the tags.
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}
