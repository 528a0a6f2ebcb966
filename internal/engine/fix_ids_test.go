package engine

import (
	"slices"
	"testing"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/page"
)

// TestFindingsKeepTheirIDs fixes the first of three findings that say the same: the
// others must not pass for it, nor for each other.
func TestFindingsKeepTheirIDs(t *testing.T) {
	s := Analyze(set("lib/teller.ex", `defmodule MyApp.Teller do
  use GenServer

  def init(state), do: {:ok, state}

  def handle_info({:id, id}, state) do
    MyApp.Mailer.tell(id)
    {:noreply, state}
  end

  def handle_info({:a, a}, state) do
    MyApp.Mailer.tell(a)
    {:noreply, state}
  end

  def handle_info({:b, b}, state) do
    MyApp.Mailer.tell(b)
    {:noreply, state}
  end
end

defmodule MyApp.Mailer do
  def tell(id) do
    case HTTPoison.post("https://mail.example.com", id) do
      {:ok, _response} -> {:ok, id}
      {:error, reason} -> {:error, reason}
    end
  end
end
`), builtin(t), Options{})
	ids := func(s *Snapshot) []string {
		var out []string
		for i := range s.Findings {
			out = append(out, s.Findings[i].ID)
		}
		return out
	}
	before := ids(s)
	if len(before) != 3 {
		t.Fatalf("%d findings, want 3: %v", len(before), s.Findings)
	}
	done := s.Fix(FixOptions{Decided: always[*check.Finding], Want: func(f *check.Finding) bool { return f.ID == before[0] }})
	if len(done.Applied) != 1 {
		t.Errorf("%d fixes, want 1", len(done.Applied))
	}
	if after := ids(done.After); !slices.Equal(after, before[1:]) {
		t.Errorf("left are %v, want %v", after, before[1:])
	}
}

// TestOldMigrationsAreNotRewritten fixes a migration that is new since the state compared
// with, and leaves the same one alone where that is not known.
func TestOldMigrationsAreNotRewritten(t *testing.T) {
	p := pagesIn(t, "../checks")["unsafe_migration"]
	s := Analyze(exampleFiles(&p.Examples[0]), builtin(t), Options{})
	for _, c := range []struct {
		fresh func(string) bool
		want  bool
	}{{nil, false}, {always[string], true}, {func(string) bool { return false }, false}} {
		done := s.Fix(FixOptions{Stamp: pageStamp, Fresh: c.fresh, Want: func(f *check.Finding) bool { return f.Check == "unsafe-migration" }})
		if got := len(done.Applied) > 0; got != c.want {
			t.Errorf("fresh is known: %v; fixed is %v, want %v", c.fresh != nil, got, c.want)
		}
	}
}

// TestIndexThatATestNamesIsAsked leaves a needless index alone that a test of the project names,
// and asks.
func TestIndexThatATestNamesIsAsked(t *testing.T) {
	p := pagesIn(t, "../checks")["redundant_index"]
	for _, c := range []struct {
		test string
		want int
	}{{"assert true", 2}, {`assert "orders_by_number" in indexes()`, 1}} {
		e := p.Examples[0]
		e.Files = append(slices.Clone(e.Files), page.File{Path: "test/my_app/orders_test.exs", Text: "defmodule MyApp.OrdersTest do\n  use ExUnit.Case\n\n  test \"indexes\" do\n    " + c.test + "\n  end\nend\n"})
		done := Analyze(exampleFiles(&e), builtin(t), Options{}).Fix(FixOptions{Stamp: pageStamp, Want: func(f *check.Finding) bool { return f.Check == "redundant-index" }})
		if len(done.Applied) != c.want {
			t.Errorf("%s: %d fixes, want %d", c.test, len(done.Applied), c.want)
		}
	}
}

// TestFactoriesThatLackAValueAreAsked leaves a column open that a factory of the tests gives no
// value, and asks.
func TestFactoriesThatLackAValueAreAsked(t *testing.T) {
	p := pagesIn(t, "../checks")["missing_not_null"]
	for _, c := range []struct {
		path, text string
		want       bool
	}{
		{"test/support/factory.ex", "defmodule MyApp.Factory do\n  def build(:row), do: %MyApp.Order{number: \"1\"}\nend\n", false},
		{"test/support/factory.ex", "defmodule MyApp.Factory do\n  def build(:row), do: %MyApp.Order{number: \"1\", user: build(:user)}\nend\n", true},
		{"test/order_test.exs", "MyApp.Repo.insert!(%MyApp.Order{number: \"1\"})\n", false},
		{"test/order_test.exs", "assert %MyApp.Order{number: \"1\"} = MyApp.Repo.one(MyApp.Order)\n", true},
		{"priv/repo/seeds.exs", "MyApp.Repo.insert_all(MyApp.Order, rows)\n", false},
		{"priv/repo/seeds.exs", "MyApp.Repo.insert_all(MyApp.User, rows)\n", true},
	} {
		e := p.Examples[0]
		e.Files = append(slices.Clone(e.Files), page.File{Path: c.path, Text: c.text})
		done := Analyze(exampleFiles(&e), builtin(t), Options{}).Fix(FixOptions{Stamp: pageStamp, Want: func(f *check.Finding) bool { return f.Check == "missing-not-null" }})
		if got := len(done.Applied) > 0; got != c.want {
			t.Errorf("%q: fixed is %v, want %v", c.text, got, c.want)
		}
	}
}
