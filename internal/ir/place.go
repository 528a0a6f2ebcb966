package ir

import "github.com/assay-dev/assay/internal/source"

// CallSpan is the place of an expression; of a piped call, without what is
// piped in.
func (c *Code) CallSpan(x ExprID) source.Span {
	s := c.Span(x)
	e := c.At(x)
	if e.Op != Call || e.Flags&FlagPiped == 0 || e.Hi == e.Lo {
		return s
	}
	at := c.At(c.Lists[e.Lo]).End
	if at <= s.Start || at >= s.End {
		return s
	}
	text := c.File.Text
	for at < s.End {
		switch text[at] {
		case ' ', '\t', '\r', '\n', '|', '>', ')':
			at++
			continue
		case '#':
			for at < s.End && text[at] != '\n' {
				at++
			}
			continue
		}
		break
	}
	if at < s.End {
		s.Start = at
	}
	return s
}
