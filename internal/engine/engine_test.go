package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/link"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// set makes a project of paths and texts in turn.
func set(pathsAndTexts ...string) *source.Set {
	var files []*source.File
	for i := 0; i < len(pathsAndTexts); i += 2 {
		files = append(files, source.NewFile(pathsAndTexts[i], pathsAndTexts[i+1]))
	}
	return source.NewSet("", files)
}

const module = "defmodule %s do\n  def f(x), do: x\nend\n"

func threeModules() *source.Set {
	return set("lib/a.ex", fmt.Sprintf(module, "A"), "lib/b.ex", fmt.Sprintf(module, "B"), "lib/c.ex", fmt.Sprintf(module, "C"))
}

// everyFunction is a check that reports each function.
func everyFunction(name string) *check.Check {
	return &check.Check{Name: name, Run: func(p *check.Pass) {
		for _, f := range p.Program.Funcs {
			p.Report(check.Finding{Level: check.Warning, Span: f.NameSpan, Symbol: p.Program.Symbol(f.ID),
				Message: "a function", Path: []check.Step{{Span: f.Span, Note: "here"}}})
		}
	}}
}

func shown(s *Snapshot, findings []check.Finding) []string {
	var out []string
	for _, f := range findings {
		file := s.Files.File(f.Span.File)
		out = append(out, fmt.Sprintf("%s:%d %s", file.Path, file.Line(f.Span.Start), f.Check))
	}
	return out
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestPanicInTheParserLosesOneFile(t *testing.T) {
	for _, jobs := range []int{1, 4} {
		s := Analyze(threeModules(), builtin(t), Options{Jobs: jobs, Checks: []*check.Check{everyFunction("fun")},
			parse: func(f *source.File) *syntax.Tree {
				if f.Path == "lib/b.ex" {
					panic("on purpose")
				}
				return elixir.Parse(f)
			}})
		expect(t, shown(s, s.Findings), "lib/a.ex:2 fun", "lib/b.ex:1 internal-error", "lib/c.ex:2 fun")
		if len(s.Stacks) != 1 || s.Broken() || !strings.Contains(s.Findings[1].Message, ReportAt) {
			t.Errorf("broken %v, stacks %v, findings %v", s.Broken(), s.Stacks, s.Findings)
		}
	}
}

func TestPanicInLinkLosesOneFile(t *testing.T) {
	for _, jobs := range []int{1, 4} {
		s := Analyze(threeModules(), builtin(t), Options{Jobs: jobs, Checks: []*check.Check{everyFunction("fun")},
			link: func(files *source.Set, trees []*syntax.Tree, models *model.Set, par func(int, func(int))) *ir.Program {
				par(len(trees), func(i int) {
					if trees[i] != nil && files.Files[i].Path != "lib/a.ex" {
						panic("on purpose")
					}
				})
				return link.Link(files, trees, models, par)
			}})
		expect(t, shown(s, s.Findings), "lib/a.ex:2 fun", "lib/b.ex:1 internal-error", "lib/c.ex:1 internal-error")
	}
}

func TestPanicOfLinkIsToldWithTheSyntaxErrors(t *testing.T) {
	s := Analyze(set("lib/a.ex", "defmodule A do\n  def f(x do\nend\n"), builtin(t), Options{
		link: func(*source.Set, []*syntax.Tree, *model.Set, func(int, func(int))) *ir.Program { panic("on purpose") }})
	if !s.Broken() || len(s.Notes) != 1 || len(s.Findings) == 0 || s.Findings[0].Check != SyntaxError {
		t.Errorf("broken %v, notes %v, findings %v", s.Broken(), s.Notes, s.Findings)
	}
}

// A file that nothing compiles or runs breaks nothing.
func TestSyntaxErrorsOfWhatIsNotCompiled(t *testing.T) {
	for path, want := range map[string]check.Level{
		"lib/a.ex": check.Error, "test/a_test.exs": check.Error, "config/config.exs": check.Error, "apps/a/test/lib/a_test.exs": check.Error,
		"lib/notes.exs": check.Info, "apps/a/lib/tests/notes.exs": check.Info, "scratch/a.ex": check.Info,
	} {
		s := Analyze(set("mix.exs", "defmodule A.MixProject do\n  use Mix.Project\n  def project, do: [app: :a]\nend\n", path, "defmodule A do\n  def f(x do\nend\n"), builtin(t), Options{})
		if len(s.Findings) == 0 || s.Findings[0].Check != SyntaxError || s.Findings[0].Level != want {
			t.Errorf("%s: got %v, want one of level %v", path, s.Findings, want)
		}
	}
}

func TestPanicInACheckLosesTheCheck(t *testing.T) {
	bad := &check.Check{Name: "bad", Run: func(*check.Pass) { panic("on purpose") }}
	files := set("lib/a.ex", "defmodule A do\n  # assay:allow bad it is\n  def f(x), do: x\nend\n")
	s := Analyze(files, builtin(t), Options{Checks: []*check.Check{bad, everyFunction("fun")}})
	expect(t, shown(s, s.Judge(Policy{Least: check.Hint}).Findings), "lib/a.ex:3 fun")
	if len(s.Notes) != 1 || !strings.Contains(s.Notes[0].Reason, "the check bad (on purpose)") {
		t.Errorf("notes %v", s.Notes)
	}
}

func TestLaterChecksSeeTheOthers(t *testing.T) {
	var seen []check.Finding
	after := &check.Check{Name: "after", After: true, Run: func(p *check.Pass) { seen = p.Others }}
	Analyze(threeModules(), builtin(t), Options{Checks: []*check.Check{after, everyFunction("fun")}})
	if len(seen) != 3 || seen[0].ID == "" {
		t.Errorf("seen %v", seen)
	}
}

func TestJobsDoNotChangeFindings(t *testing.T) {
	var before []check.Finding
	for _, jobs := range []int{1, 2, 7} {
		s := Analyze(threeModules(), builtin(t), Options{Jobs: jobs, Checks: []*check.Check{everyFunction("fun"), everyFunction("alike")}})
		if before != nil && fmt.Sprint(s.Findings) != fmt.Sprint(before) {
			t.Errorf("%d jobs: %v, not %v", jobs, s.Findings, before)
		}
		before = s.Findings
	}
}
