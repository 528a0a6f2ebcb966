package engine

import "github.com/assay-dev/assay/internal/source"

// DidYouMean is the end of a message about an unknown word: "; did you mean
// `query-in-loop`?", or nothing.
func DidYouMean(word string, known []string) string {
	if n := source.Nearest(word, known); n != "" {
		return "; did you mean `" + n + "`?"
	}
	return ""
}
