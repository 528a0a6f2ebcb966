package elixir_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/link"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
	"github.com/rogpeppe/go-internal/txtar"
)

func inOrder(n int, f func(i int)) {
	for i := range n {
		f(i)
	}
}

func program(t *testing.T, files []*source.File) *ir.Program {
	t.Helper()
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	set := source.NewSet("", files)
	trees := make([]*syntax.Tree, len(set.Files))
	for i, f := range set.Files {
		trees[i] = syn.Parse(f)
		for _, e := range trees[i].Errors {
			t.Errorf("%s:%d: %s", f.Path, f.Line(e.Start), e.Message)
		}
	}
	p := link.Link(set, trees, models, inOrder)
	if err := p.Verify(); err != nil {
		t.Error(err)
	}
	return p
}

// TestDumps lowers the files of each archive in testdata and compares the dump
// of all of them with the archive's file `dump`.
func TestDumps(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives in testdata: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { testDump(t, name) })
	}
}

func testDump(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var files []*source.File
	want := -1
	for i, f := range a.Files {
		if f.Name == "dump" {
			want = i
			continue
		}
		files = append(files, source.NewFile(f.Name, string(f.Data)))
	}
	p := program(t, files)
	var got bytes.Buffer
	for _, f := range p.Files.Files {
		if err := p.Dump(&got, f.ID); err != nil {
			t.Fatal(err)
		}
	}
	if os.Getenv("UPDATE") != "" {
		if want < 0 {
			want = len(a.Files)
			a.Files = append(a.Files, txtar.File{Name: "dump"})
		}
		a.Files[want].Data = got.Bytes()
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want < 0 || !bytes.Equal(got.Bytes(), a.Files[want].Data) {
		t.Errorf("the dump of %s differs; UPDATE=1 writes it; read the change", name)
	}
}

// callees lists the resolved calls of a program as `line: how Module.name/arity`.
func callees(p *ir.Program) map[string]bool {
	out := map[string]bool{}
	for _, c := range p.Codes {
		for i := range c.Callees {
			k := &c.Callees[i]
			switch {
			case k.Func >= 0:
				out[p.Symbol(k.Func)] = true
			case k.Extern >= 0:
				out[p.Externs[k.Extern].String()] = true
			default:
				out["? "+k.Module+"."+k.Name] = true
			}
		}
	}
	return out
}

func TestResolve(t *testing.T) {
	const web = `
defmodule AppWeb do
  def controller(opts) do
    quote do
      use Phoenix.Controller, unquote(opts)
      alias AppWeb.Router.Helpers, as: Routes
      unquote(helpers())
    end
  end

  def view do
    quote do
      import AppWeb.Format, only: [money: 1]
    end
  end

  defp helpers do
    quote do
      import AppWeb.Format
      def injected(x), do: money(x)
    end
  end

  defmacro __using__({which, opts}) when is_atom(which), do: apply(__MODULE__, which, [opts])
  defmacro __using__(which) when is_atom(which), do: apply(__MODULE__, which, [])
end

defmodule AppWeb.Format do
  def money(x), do: x
  defp secret(x), do: x
  defmacro wrap(do: block), do: quote(do: unquote(block))
end
`
	for _, test := range []struct{ name, source, want string }{
		{"alias as", "alias A.B.C, as: D\ndef f, do: D.run()", "A.B.C.run/0"},
		{"alias braces", "alias A.{B, C.D}\ndef f, do: D.run()", "A.C.D.run/0"},
		{"alias in body", "def f do\nalias A.B\nB.run()\nend", "A.B.run/0"},
		{"alias ends with its body", "def f do\nalias A.B\nB\nend\ndef g, do: B.run()", "B.run/0"},
		{"import", "import AppWeb.Format\ndef f, do: money(1)", "AppWeb.Format.money/1"},
		{"import only", "import AppWeb.Format, only: [other: 1]\ndef f, do: money(1)", "? .money"},
		{"import does not bring private functions", "import AppWeb.Format\ndef f, do: secret(1)", "? .secret"},
		{"own function before import", "import AppWeb.Format\ndef money(x), do: x\ndef f, do: money(1)", "M.money/1"},
		{"use an atom", "use AppWeb, :view\ndef f, do: money(1)", "AppWeb.Format.money/1"},
		{"use puts a definition here", "use AppWeb, {:controller, []}\ndef f, do: injected(1)", "M.injected/1"},
		{"use makes an alias", "use AppWeb, {:controller, []}\ndef f, do: Routes.home()", "AppWeb.Router.Helpers.home/0"},
		{"prelude", "def f(x), do: length(x)", "Kernel.length/1"},
		{"default argument", "def g(a, b \\\\ 1), do: {a, b}\ndef f, do: g(1)", "M.g/2"},
		{"pipe", "def f(x), do: x |> String.trim() |> g\ndef g(x), do: x", "M.g/1"},
		{"capture", "def f(x), do: Enum.map(x, &AppWeb.Format.money/1)", "AppWeb.Format.money/1"},
		{"erlang", "def f, do: :timer.sleep(1)", "timer.sleep/1"},
		{"module by its atom", "defmodule :\"Elixir.Odd-name\" do\ndef run, do: 1\nend\ndef f, do: :\"Elixir.Odd-name\".run()", "Odd-name.run/0"},
		{"attribute", "@impl_module A.B\ndef f, do: @impl_module.run()", "A.B.run/0"},
		{"__MODULE__", "def f, do: __MODULE__.Sub.run()", "M.Sub.run/0"},
		{"nested module", "defmodule Sub do\ndef run, do: 1\nend\ndef f, do: Sub.run()", "M.Sub.run/0"},
		{"module by function", "def f, do: impl().run()\ndefp impl, do: A.B", "A.B.run/0"},
		{"struct field", "defstruct repo: A.Repo\ndef f(%__MODULE__{repo: repo}), do: repo.all(1)", "A.Repo.all/1"},
		{"parameter default", "def f(repo \\\\ A.Repo), do: repo.all(1)", "A.Repo.all/1"},
		{"delegate", "defdelegate go(x), to: A.B, as: :run\ndef f, do: go(1)", "A.B.run/1"},
		{"piped case", "def f(x), do: x |> case do\n1 -> A.run()\nend", "A.run/0"},
		{"name bound by a pattern is no call", "def f({:ok, money}), do: money", "!? .money"},
		{"foreign names in macros", "import Ecto.Query\ndef f(id), do: from(u in User, where: u.id == ^AppWeb.Format.money(id))", "AppWeb.Format.money/1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := "defmodule M do\n" + test.source + "\nend\n"
			got := callees(program(t, []*source.File{
				source.NewFile("lib/web.ex", web), source.NewFile("lib/m.ex", text),
			}))
			want, absent := strings.CutPrefix(test.want, "!")
			if got[want] == absent {
				t.Errorf("%q: want %q in %v", test.source, test.want, got)
			}
		})
	}
}

func TestWhole(t *testing.T) {
	const web = `
defmodule App do
  defmacro __using__(_), do: quote(do: import(App.Helper))
  defmacro made(name), do: quote(do: def(unquote(name)(), do: 1))
end
`
	for _, test := range []struct {
		name, source string
		want         bool
	}{
		{"functions alone", "alias A.B\nimport A.B\nrequire Logger\n@limit 3\ndef f, do: B.run()\ndefp g, do: 1", true},
		{"a schema", "use Ecto.Schema\nschema \"ms\" do\nfield :a, :string\nend\ndef f, do: 1", true},
		{"a use of the project's own", "use App\ndef f, do: 1", true},
		{"a use of an unknown library", "use Guardian\ndef f, do: 1", false},
		{"a name that is computed", "for n <- names() do\ndef unquote(n)(), do: 1\nend", false},
		{"a call that may define anything", "resources :users\ndef f, do: 1", false},
		{"something runs before it is compiled", "@before_compile Other\ndef f, do: 1", false},
		{"a second one of the name", "def f, do: 1\nend\ndefmodule M do\ndef g, do: 1", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := program(t, []*source.File{
				source.NewFile("lib/app.ex", web), source.NewFile("lib/m.ex", "defmodule M do\n"+test.source+"\nend\n"),
			})
			if got := p.ModuleNamed("M").Whole; got != test.want {
				t.Errorf("%q: whole is %t", test.source, got)
			}
		})
	}
	broken := source.NewFile("lib/m.ex", "defmodule M do\ndef f, do: )\nend\n")
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p := link.Link(source.NewSet("", []*source.File{broken}), []*syntax.Tree{syn.Parse(broken)}, models, inOrder)
	if m := p.ModuleNamed("M"); m == nil || m.Whole {
		t.Errorf("a file that does not parse: %v", m)
	}
}
