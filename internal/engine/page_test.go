package engine

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/checks"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/page"
)

func builtin(t testing.TB) *model.Set {
	t.Helper()
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return models
}

// pagesIn parses the pages of a folder, by name.
func pagesIn(t *testing.T, dir string) map[string]*page.Page {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*page.Page{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := page.Parse(filepath.ToSlash(name), string(text))
		if err != nil {
			t.Error(err)
			continue
		}
		out[strings.TrimSuffix(filepath.Base(name), ".md")] = p
	}
	return out
}

func TestOwnPages(t *testing.T) {
	pages := pagesIn(t, "pages")
	for _, name := range Own() {
		if pages[name] == nil {
			t.Errorf("%s has no page", name)
		}
	}
	if len(pages) != len(Own()) {
		t.Errorf("%d pages for %d names", len(pages), len(Own()))
	}
	for _, p := range pages {
		for _, wrong := range RunPage(p, builtin(t), nil, Options{}) {
			t.Error(wrong)
		}
	}
}

func TestCheckPages(t *testing.T) {
	pages := pagesIn(t, "../checks")
	for _, c := range checks.All() {
		file := strings.ReplaceAll(c.Name, "-", "_")
		p := pages[file]
		if p == nil {
			t.Errorf("the check %s has no page %s.md", c.Name, file)
			continue
		}
		delete(pages, file)
		if p.Title != c.Name {
			t.Errorf("%s: the title is %q, not %q", p.Name, p.Title, c.Name)
		}
		if text, ok := PageText(c.Name); !ok || !strings.HasPrefix(text, "# "+c.Name) {
			t.Errorf("the program does not have the page of %s", c.Name)
		}
		t.Run(c.Name, func(t *testing.T) {
			for _, wrong := range RunPage(p, builtin(t), []string{c.Name, SyntaxError}, Options{Jobs: 1}) {
				t.Error(wrong)
			}
		})
	}
	for name := range pages {
		t.Errorf("the page %s.md is of no check in the list", name)
	}
	if list := names(checks.All()); !slices.IsSorted(list) {
		t.Errorf("the list of checks is not sorted: %v", list)
	}
}

// What a page calls information is information, and what it calls a warning is one.
func TestLevelsInPages(t *testing.T) {
	for name, p := range pagesIn(t, "../checks") {
		for i := range p.Examples {
			e := &p.Examples[i]
			if strings.Contains(e.Heading, "warning") && worst(exampleFiles(e), builtin(t), p.Title) > check.Warning {
				t.Errorf("%s.md, %s: nothing is found as a warning", name, e.Heading)
			}
			if !strings.Contains(e.Heading, "information") {
				continue
			}
			for _, f := range Analyze(exampleFiles(e), builtin(t), Options{Jobs: 1}).Findings {
				if f.Check == p.Title && f.Level < check.Info {
					t.Errorf("%s.md, %s: %s is %v", name, e.Heading, f.Message, f.Level)
				}
			}
		}
	}
}

func TestPageRunnerFindsMistakes(t *testing.T) {
	p, err := page.Parse("p.md", strings.Join([]string{
		"# p", "", "A page.", "", "## Bad", "", "```elixir",
		"defmodule A do", "  def f(x), do: x # want: nothing like this", "  def g(x), do: x )", "end", "```",
		"", "## Fixed", "", "```elixir", "defmodule A do", "end", "```",
	}, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := RunPage(p, builtin(t), nil, Options{})
	if len(got) != 2 || !strings.HasPrefix(got[0], "p.md:9: missing: nothing like this") ||
		!strings.HasPrefix(got[1], "p.md:10: not expected: syntax-error: ") {
		t.Errorf("got %q", got)
	}
}
