package engine

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// unlike reports each call of to_atom and to_charlist, and asks for those functions
// instead, one after the other.
func unlike(instead ...string) *check.Check {
	return &check.Check{Name: "unlike", Run: func(p *check.Pass) {
		for i := range p.Flow.Len() {
			id := flow.ClauseID(i)
			c := p.Flow.Code(id)
			c.Walk(p.Flow.Body(id), func(x ir.ExprID) bool {
				e := c.At(x)
				if e.Op != ir.Call || c.Callees[e.A].Name != "to_atom" && c.Callees[e.A].Name != "to_charlist" {
					return true
				}
				f := check.Finding{Level: check.Warning, Span: flow.CallSpan(c, x), Symbol: p.Program.Func(p.Flow.Func(id)).Name, Message: "unlike"}
				for _, name := range instead {
					f.Changes = append(f.Changes, &fix.CallInstead{Code: c, Call: x, Name: name})
				}
				p.Report(f)
				return true
			})
		}
	}}
}

func TestTheNextChangeIsTaken(t *testing.T) {
	files := set("lib/a.ex", "defmodule A do\n  def a(x), do: String.to_atom(x)\n  def b(x), do: String.to_atom(x)\nend\n")
	for _, c := range []struct {
		instead        []string
		applied, aside int
		text           string
	}{
		{[]string{"to_existing_atom"}, 2, 0, "to_existing_atom"},
		{[]string{"to_charlist", "to_existing_atom"}, 2, 0, "to_existing_atom"},
		{[]string{"to_charlist", "to_atom"}, 0, 2, "to_atom"},
	} {
		s := Analyze(files, builtin(t), Options{Checks: []*check.Check{unlike(c.instead...)}})
		done := s.Fix(FixOptions{})
		if len(done.Applied) != c.applied || len(done.Rejected) != c.aside {
			t.Errorf("%v: %d applied, %d put aside", c.instead, len(done.Applied), len(done.Rejected))
		}
		if n := strings.Count(done.After.Files.Named("lib/a.ex").Text, "String."+c.text+"("); n != 2 {
			t.Errorf("%v: %s", c.instead, done.After.Files.Named("lib/a.ex").Text)
		}
	}
}

// Of many fixes every third does not hold: the others are all done.
func TestGuiltyFixesDoNotEndTheRounds(t *testing.T) {
	var b strings.Builder
	b.WriteString("defmodule A do\n")
	for i := range 60 {
		b.WriteString("  def f" + strings.Repeat("x", i) + "(x) do\n    String.to_atom(x)\n  end\n\n")
	}
	b.WriteString("end\n")
	bad, good := unlike("to_charlist"), unlike("to_existing_atom")
	mixed := &check.Check{Name: "unlike", Run: func(p *check.Pass) {
		q := *p
		good.Run(&q)
		r := *p
		bad.Run(&r)
		for i, f := range q.Findings() {
			if len(f.Symbol)%3 == 0 {
				f = r.Findings()[i]
			}
			p.Report(f)
		}
	}}
	done := Analyze(set("lib/a.ex", b.String()), builtin(t), Options{Checks: []*check.Check{mixed}}).Fix(FixOptions{})
	if len(done.Applied) != 40 || len(done.Rejected) != 20 {
		t.Errorf("%d applied, %d put aside", len(done.Applied), len(done.Rejected))
	}
}

// Any of the fixes that are proposed together may be applied: no two of their migrations
// have one version, though each is proposed for the same project.
func TestProposedMigrationsDiffer(t *testing.T) {
	var all []string
	for _, table := range []string{"orders", "users"} {
		all = append(all, "priv/repo/migrations/2024010100000"+string(table[0]%10+'0')+"_create_"+table+".exs",
			"defmodule MyApp.Repo.Migrations.Create_"+table+" do\n  use Ecto.Migration\n\n  def change do\n    create table(:"+table+") do\n      add :a_id, :bigint\n      add :b_id, :bigint\n    end\n\n"+
				"    create index(:"+table+", [:a_id])\n    create index(:"+table+", [:a_id, :b_id])\n  end\nend\n")
	}
	all = append(all, "lib/my_app/repo.ex", "defmodule MyApp.Repo do\n  use Ecto.Repo, otp_app: :my_app, adapter: Ecto.Adapters.Postgres\nend\n")
	all = append(all, "lib/my_app/rows.ex", "defmodule MyApp.Rows do\n  def add(row) do\n    MyApp.Repo.insert_all(\"orders\", [row])\n    MyApp.Repo.insert_all(\"users\", [row])\n  end\nend\n")
	shop, err := source.Load("../../examples/shop", source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		files        *source.Set
		least, shown int
	}{{set(all...), 2, 0}, {shop, 10, 3}} {
		s := Analyze(c.files, builtin(t), Options{})
		propose := s.Proposing(FixOptions{})
		seen, shown := map[string]string{}, 0
		for i := range s.Findings {
			x, err := propose(&s.Findings[i])
			if err != nil {
				continue
			}
			for _, f := range x.Files {
				name, ok := strings.CutPrefix(f.Path, "priv/repo/migrations/")
				if !ok {
					continue
				}
				version, _, _ := strings.Cut(name, "_")
				if other := seen[version]; other != "" && other != f.Path {
					t.Errorf("%s and %s have one version", other, f.Path)
				}
				seen[version] = f.Path
				if x.Safety == fix.Shown {
					shown++
				}
			}
		}
		if len(seen) < c.least || shown < c.shown {
			t.Errorf("%d migrations, %d of them only shown; want %d and %d at least", len(seen), shown, c.least, c.shown)
		}
	}
}
