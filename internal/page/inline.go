package page

import "regexp"

// look is how a piece of inline Markdown is marked up.
type look uint8

const (
	asProse look = iota
	asCode
	asStrong
	asEmphasis
)

// span is a piece of text with one look. A link is its text, then its address
// in parentheses.
type span struct {
	look look
	text string
}

// inline matches, in this order: `code`, **strong**, *emphasis* or _emphasis_,
// [text](address). An underscore inside a word marks nothing.
var inline = regexp.MustCompile("`([^`]+)`" + `|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\b_([^_\s][^_]*)_\b|\[([^\]]+)\]\(([^)\s]+)\)`)

// spans cuts a line of prose into pieces of one look.
func spans(s string) []span {
	var out []span
	add := func(l look, text string) {
		if text != "" {
			out = append(out, span{l, text})
		}
	}
	at := 0
	for _, m := range inline.FindAllStringSubmatchIndex(s, -1) {
		group := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return s[m[2*n]:m[2*n+1]]
		}
		add(asProse, s[at:m[0]])
		add(asCode, group(1))
		add(asStrong, group(2))
		add(asEmphasis, group(3)+group(4))
		add(asProse, group(5))
		if address := group(6); address != "" {
			add(asProse, " ("+address+")")
		}
		at = m[1]
	}
	add(asProse, s[at:])
	return out
}
