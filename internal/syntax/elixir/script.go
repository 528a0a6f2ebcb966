package elixir

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Scripts that may stand together in a name: a bit a script, in the order of
// the tables.
var knownScripts = [...]*unicode.RangeTable{
	unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul,
}

const otherScript = 1 << len(knownScripts)

// mixedScripts reports a name with scripts that do not belong together in one
// of the pieces between underscores: a reader cannot tell the Cyrillic а from
// the Latin a.
func mixedScripts(name string) bool {
	for piece := range strings.SplitSeq(name, "_") {
		if mixedPiece(piece) {
			return true
		}
	}
	return false
}

func mixedPiece(piece string) bool {
	seen := 0
	var other *unicode.RangeTable
	for _, r := range piece {
		bit, table := scriptOf(r, other)
		if bit == otherScript {
			if other != nil && table != other {
				return true
			}
			other = table
		}
		seen |= bit
	}
	const latin, han, hiragana, katakana, bopomofo, hangul = 1, 2, 4, 8, 16, 32
	for _, together := range []int{latin | han | hiragana | katakana, latin | han | bopomofo, latin | han | hangul, otherScript} {
		if seen&^together == 0 {
			return false
		}
	}
	return true
}

// scriptOf is the script of a code point, 0 for what stands with any. The
// script found last is tried before all others.
func scriptOf(r rune, last *unicode.RangeTable) (int, *unicode.RangeTable) {
	switch {
	case r < utf8.RuneSelf:
		if r >= '0' && r <= '9' || r == '?' || r == '!' || r == '@' || r == ':' {
			return 0, nil
		}
		return 1, unicode.Latin
	case r == 0x3bc: // the letter mu, which the micro sign becomes
		return 0, nil
	case r >= 0x660 && r <= 0x669: // digits that stand with Arabic alone
		return otherScript, unicode.Arabic
	case last != nil && unicode.Is(last, r):
		return otherScript, last
	case unicode.In(r, unicode.Common, unicode.Inherited):
		return 0, nil
	}
	for i, table := range knownScripts {
		if unicode.Is(table, r) {
			return 1 << i, table
		}
	}
	for _, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return otherScript, table
		}
	}
	return 0, nil
}

const mixedName = "a name that mixes scripts, in which letters look alike; write it in one"
