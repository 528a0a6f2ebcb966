package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A project with one fix that holds and a finding that has none.
func TestMeasure(t *testing.T) {
	corpus := t.TempDir()
	for path, text := range map[string]string{
		"shop/mix.exs":      "defmodule Shop.MixProject do\n  use Mix.Project\n\n  def project, do: [app: :shop, deps: [{:phoenix_live_view, \"~> 1.0\"}]]\nend\n",
		"notes/readme.md":   "no project",
		"shop/lib/names.ex": "defmodule ShopWeb.NameLive do\n  use Phoenix.LiveView\n\n  def handle_event(\"sort\", %{\"by\" => by}, socket), do: {:noreply, assign(socket, by: String.to_atom(by))}\nend\n",
		"shop/lib/shop.ex":  "defmodule Shop do\n  # Temporary fix\n  def run do\n    work()\n  rescue\n    _ -> nil\n  end\n\n  defp work, do: File.read!(\"a\")\nend\n",
	} {
		path = filepath.Join(corpus, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names, err := projects(corpus)
	if err != nil || len(names) != 1 || names[0] != "shop" {
		t.Fatalf("projects are %v, %v", names, err)
	}
	p, err := try("shop", filepath.Join(corpus, "shop"), &reader{})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	p.print(&out)
	for _, want := range []string{
		"fixed\tshop\tlib/names.ex:4\terror\tatom-exhaustion\tUse to_existing_atom instead of to_atom\n",
		"no fix\tshop\tlib/shop.ex:2\tinfo\texcuse\t",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if figures := tables([]*project{p}); !strings.Contains(figures, "| atom-exhaustion | 1 | 0 | 1 | 0 | 0 | 0 | 100 % / 100 % |\n") {
		t.Errorf("the figures are\n%s", figures)
	}
}

func TestBad(t *testing.T) {
	r := result{
		files: []*text{{path: "a.ex", fault: "unexpected token"}, {path: "b.ex"}},
		left:  []string{"x"}, added: []string{"y"}, again: []string{"z"}, undone: []string{"u"},
	}
	want := "does not parse: a.ex: unexpected token; still there: x; not done: u; new: y; a second run: z"
	if got := r.bad(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
