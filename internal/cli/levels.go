package cli

import (
	"slices"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/report"
)

// levelNames are the words for the levels, worst first.
func levelNames() []string {
	var names []string
	for l := check.Error; l <= check.Hint; l++ {
		names = append(names, report.LevelName(l))
	}
	return names
}

// levelOf reads the word for a level.
func levelOf(word string) (check.Level, bool) {
	i := slices.Index(levelNames(), word)
	return check.Level(max(i, 0)), i >= 0
}
