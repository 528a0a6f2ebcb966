package engine

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/source"
)

// everyBody is a check that reports the body of each clause.
func everyBody(name string) *check.Check {
	return &check.Check{Name: name, Run: func(p *check.Pass) {
		for _, f := range p.Program.Funcs {
			for _, c := range f.Clauses {
				if c.Body >= 0 {
					p.Report(check.Finding{Level: check.Warning, Span: f.Code.Span(c.Body), Symbol: p.Program.Symbol(f.ID), Message: "a body"})
				}
			}
		}
	}}
}

// suppressed analyses one module body with a check that reports every body, on
// the line of the body itself.
func suppressed(t *testing.T, body string) []string {
	t.Helper()
	s := Analyze(set("lib/a.ex", "defmodule A do\n"+body+"end\n"), builtin(t), Options{Checks: []*check.Check{everyBody("body")}})
	return shown(s, s.Judge(Policy{Least: check.Hint}).Findings)
}

func TestAllow(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"same line", "def f(x), do: x # assay:allow body it is right\n", nil},
		{"line above", "def f(x) do\n# assay:allow body it is right\nx\nend\n", nil},
		{"two comments above", "def f(x) do\n# assay:allow body it is right\n# because\nx\nend\n", nil},
		{"a blank line between", "def f(x) do\n# assay:allow body it is right\n\nx\nend\n",
			[]string{"lib/a.ex:3 unused-suppression", "lib/a.ex:5 body"}},
		{"above the head", "# assay:allow body it is right\ndef f(x) do\n\nx\nend\n", nil},
		{"above the attributes", "# assay:allow body it is right\n@doc \"\"\"\nLong.\n\"\"\"\n@spec f(a) :: a when a: var\ndef f(x) do\nx\nend\n", nil},
		{"all clauses", "# assay:allow body it is right\ndef f(1), do: 2\ndef f(x), do: x\n", nil},
		{"one clause", "def f(1), do: 2\n# assay:allow body it is right\ndef f(x), do: x\n", []string{"lib/a.ex:2 body"}},
		{"another function", "# assay:allow body it is right\ndef f(x), do: x\ndef g(x), do: x\n", []string{"lib/a.ex:4 body"}},
		{"no reason", "def f(x), do: x # assay:allow body\n", []string{"lib/a.ex:2 body", "lib/a.ex:2 bad-suppression"}},
		{"unknown", "def f(x), do: x # assay:allow bdy it is right\n", []string{"lib/a.ex:2 body", "lib/a.ex:2 bad-suppression"}},
		{"prose", "# assay: the name of the test\ndef f(x) do\n# assay: allow body it is right\nx\nend\n", nil},
		{"unused", "# assay:allow body it is right\n@a 1\n\ndef f(x), do: x\n", []string{"lib/a.ex:2 unused-suppression", "lib/a.ex:5 body"}},
		{"in a string", "def f(x) do\n\"# assay:allow body it is right\"\nend\n", []string{"lib/a.ex:3 body"}},
		{"a syntax error", "# assay:allow body it is right\n@a )\n", []string{"lib/a.ex:3 syntax-error"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			expect(t, suppressed(t, c.body), c.want...)
		})
	}
}

func TestUnusedOnlyForWhatRan(t *testing.T) {
	files := set("lib/a.ex", "defmodule A do\n  # assay:allow body it is right\n  @a 1\nend\n")
	s := Analyze(files, builtin(t), Options{Checks: []*check.Check{everyBody("body")}})
	for _, p := range []Policy{{}, {Only: []string{UnusedSuppression}}} {
		p.Least = check.Hint
		if got := s.Judge(p).Findings; len(got) != 1 || got[0].Check != UnusedSuppression {
			t.Errorf("%v: got %v", p, got)
		}
	}
	off := func(name, _ string, l check.Level) (check.Level, bool) { return l, name != "body" }
	for _, p := range []Policy{{Skip: []string{"body"}}, {Only: []string{"body"}}, {Level: off}} {
		p.Least = check.Hint
		if got := s.Judge(p).Findings; len(got) != 0 {
			t.Errorf("%v: got %v", p, got)
		}
	}
}

func TestJudge(t *testing.T) {
	s := Analyze(threeModules(), builtin(t), Options{Checks: []*check.Check{everyFunction("fun")}})
	all := s.Judge(Policy{Least: check.Hint}).Findings
	for _, c := range []struct {
		name string
		p    Policy
		want int
	}{
		{"all", Policy{}, 3},
		{"one file", Policy{Paths: []string{"lib/b.ex"}}, 1},
		{"folder", Policy{Paths: []string{"lib"}}, 3},
		{"half a name", Policy{Paths: []string{"li"}}, 0},
		{"skip", Policy{Skip: []string{"fun"}}, 0},
		{"only another", Policy{Only: []string{"other"}}, 0},
		{"baseline", Policy{Accepted: func(id string) bool { return id == all[0].ID }}, 2},
		{"since", Policy{Since: &Since{IDs: s.IDs(), Changed: func(at source.Span) bool { return at.File == 2 }}}, 1},
		{"level", Policy{Level: func(_, p string, _ check.Level) (check.Level, bool) { return check.Error, p != "lib/a.ex" }}, 2},
	} {
		c.p.Least = check.Hint
		if got := s.Judge(c.p).Findings; len(got) != c.want {
			t.Errorf("%s: %d findings, want %d", c.name, len(got), c.want)
		}
	}
	if got := s.Judge(Policy{Least: check.Error}).Findings; len(got) != 0 {
		t.Errorf("warnings are above error: %v", got)
	}
}

func TestCompareFollowsEditsAround(t *testing.T) {
	old := Analyze(threeModules(), builtin(t), Options{Checks: []*check.Check{everyFunction("fun")}})
	files := threeModules()
	files = set("lib/a.ex", "# moved\n"+files.Files[0].Text, "lib/b.ex", strings.Replace(files.Files[1].Text, "do: x", "do: x + 1", 1),
		"lib/c.ex", files.Files[2].Text, "lib/d.ex", "defmodule D do\n  def g(x), do: x\nend\n")
	now := Analyze(files, builtin(t), Options{Checks: []*check.Check{everyFunction("fun")}})
	got := now.Judge(Policy{Least: check.Hint, Since: Compare(old, now)})
	expect(t, shown(now, got.Findings), "lib/b.ex:2 fun", "lib/d.ex:2 fun")
	if got.Older != 2 {
		t.Errorf("%d older", got.Older)
	}
}
