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

// onRequest is what the pages of optional checks end with; NAME is the check's.
const onRequest = `
## Not in the default set

This check runs with ` + "`assay check --all`" + `, with ` + "`--only NAME`" + `, or when ` + "`.assay.toml`" + ` gives it a level.
`

// PageText is the Markdown page of a check, or of what the engine itself
// reports. The page of an optional check says how to run it.
func PageText(name string) (string, bool) {
	if text, err := ownPages.ReadFile("pages/" + name + ".md"); err == nil {
		return string(text), true
	}
	text, ok := checks.Page(name)
	if ok && Optional(name) {
		text = strings.TrimRight(text, "\n") + "\n" + strings.ReplaceAll(onRequest, "NAME", name)
	}
	return text, ok
}

// Optional reports whether a check runs only when it is asked for.
func Optional(name string) bool {
	return slices.ContainsFunc(checks.All(), func(c *check.Check) bool { return c.Name == name && c.Optional })
}

// Selected are the checks of the default set and the optional ones that are
// asked for: all, or by name.
func Selected(all bool, asked ...string) []*check.Check {
	return slices.DeleteFunc(checks.All(), func(c *check.Check) bool {
		return c.Optional && !all && !slices.Contains(asked, c.Name)
	})
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
		if k := p.Examples[i].Kind; k == page.Bad || k == page.Other {
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
