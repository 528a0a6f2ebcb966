package engine

import (
	"slices"
	"testing"

	"github.com/assay-dev/assay/internal/check"
)

// TestFindingsKeepTheirIDs fixes the first of three findings that say the same: the
// others must not pass for it, nor for each other.
func TestFindingsKeepTheirIDs(t *testing.T) {
	s := Analyze(set("lib/page.ex", `defmodule MyApp.PageController do
  use Phoenix.Controller

  def show(conn, %{"id" => id}) do
    MyApp.Mailer.tell(id)
    json(conn, %{told: true})
  end

  def show(conn, %{"a" => a}) do
    MyApp.Mailer.tell(a)
    json(conn, %{told: true})
  end

  def show(conn, %{"b" => b}) do
    MyApp.Mailer.tell(b)
    json(conn, %{told: true})
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
	done := s.Fix(FixOptions{Want: func(f *check.Finding) bool { return f.ID == before[0] }})
	if len(done.Applied) != 1 {
		t.Errorf("%d fixes, want 1", len(done.Applied))
	}
	if after := ids(done.After); !slices.Equal(after, before[1:]) {
		t.Errorf("left are %v, want %v", after, before[1:])
	}
}
