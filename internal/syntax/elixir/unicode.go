package elixir

import "unicode/utf8"

// What a code point may do in an identifier.
const (
	identNot uint8 = iota
	identStart
	identUpper
	identCont
)

type identRange struct {
	lo, hi rune
	class  uint8
}

// identClass says what a non-ASCII code point may do in an identifier.
func identClass(r rune) uint8 {
	lo, hi := 0, len(identRanges)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch e := &identRanges[mid]; {
		case r < e.lo:
			hi = mid
		case r > e.hi:
			lo = mid + 1
		default:
			return e.class
		}
	}
	return identNot
}

// isBidi reports a code point that changes the direction of text, which may
// hide code from a reader.
func isBidi(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// asciiOnly reports whether s has no byte beyond ASCII.
func asciiOnly(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
