package engine

import (
	"embed"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/checks"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/page"
	"github.com/assay-dev/assay/internal/source"
)

//go:embed pages/*.md
var ownPages embed.FS

// PageText is the Markdown page of a check, or of what the engine itself
// reports.
func PageText(name string) (string, bool) {
	if text, err := ownPages.ReadFile("pages/" + name + ".md"); err == nil {
		return string(text), true
	}
	return checks.Page(name)
}

// Names are the names of everything that can be reported, sorted.
func Names() []string {
	all := slices.Concat(Own(), names(checks.All()))
	slices.SortFunc(all, strings.Compare)
	return all
}

// LevelOf is the level of a check: the worst at which its page's examples are
// reported.
func LevelOf(name string) check.Level {
	if name == InternalError {
		return check.Info
	}
	level := check.Hint
	text, _ := PageText(name)
	p, err := page.Parse(name+".md", text)
	models, broken := model.Builtin()
	if err != nil || broken != nil {
		return level
	}
	for i := range p.Examples {
		if p.Examples[i].Kind == page.Bad {
			level = min(level, worst(exampleFiles(&p.Examples[i]), models, name))
		}
	}
	return level
}

// worst is the worst level of a check's findings in some files.
func worst(files *source.Set, models *model.Set, name string) check.Level {
	level := check.Hint
	for _, f := range Analyze(files, models, Options{Jobs: 1}).Judge(Policy{Only: []string{name}, Least: check.Hint}).Findings {
		level = min(level, f.Level)
	}
	return level
}
