package engine

import (
	"embed"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/checks"
)

//go:embed pages/*.md
var ownPages embed.FS

// PageText is the Markdown page of a check, or of what the engine itself
// reports.
func PageText(name string) (string, bool) {
	if text, err := ownPages.ReadFile("pages/" + name + ".md"); err == nil {
		return string(text), true
	}
	return "", false
}

// Names are the names of everything that can be reported, sorted.
func Names() []string {
	all := slices.Concat(Own(), names(checks.All()))
	slices.SortFunc(all, strings.Compare)
	return all
}

// LevelOf is the level that the findings of a check mostly have.
func LevelOf(name string) check.Level {
	switch name {
	case SyntaxError, BadSuppression:
		return check.Error
	case InternalError:
		return check.Info
	}
	return check.Warning
}
