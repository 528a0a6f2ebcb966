package ir

import (
	"strings"
	"unicode"
)

// Underscore is a part of a module's name, in camel case, as words with underscores:
// http_client of HTTPClient.
func Underscore(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		upper := unicode.IsUpper(r)
		if i > 0 && upper && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// LastName is the last part of a module's name.
func LastName(module string) string { return module[strings.LastIndexByte(module, '.')+1:] }
