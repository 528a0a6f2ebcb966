package intervention

import "strings"

// piece is a part of inline text.
type piece struct {
	Code bool
	Text string
}

// inline cuts inline text at its backticks. One without a partner is text.
func inline(text string) []piece {
	var out []piece
	for text != "" {
		before, rest, ok := strings.Cut(text, "`")
		code, after, closed := strings.Cut(rest, "`")
		if !ok || !closed {
			return append(out, piece{false, text})
		}
		if before != "" {
			out = append(out, piece{false, before})
		}
		if code != "" {
			out = append(out, piece{true, code})
		}
		text = after
	}
	return out
}
