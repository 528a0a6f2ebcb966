package link_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/link"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// program links files given as path, text, path, text …
func program(t *testing.T, files ...string) *ir.Program {
	t.Helper()
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var list []*source.File
	for i := 0; i < len(files); i += 2 {
		list = append(list, source.NewFile(files[i], files[i+1]))
	}
	set := source.NewSet("", list)
	trees := make([]*syntax.Tree, len(set.Files))
	for i, f := range set.Files {
		trees[i] = syn.Parse(f)
	}
	p := link.Link(set, trees, models, func(n int, f func(int)) {
		for i := range n {
			f(i)
		}
	})
	if err := p.Verify(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEntries(t *testing.T) {
	for _, c := range []struct{ name, path, text, want string }{
		{"controller action", "lib/a.ex", "defmodule A do\nuse Phoenix.Controller\ndef show(conn, params), do: {conn, params}\nend", "1 A.show/2"},
		{"private function", "lib/a.ex", "defmodule A do\nuse Phoenix.Controller\ndefp show(conn, params), do: {conn, params}\nend", ""},
		{"job", "lib/a.ex", "defmodule A do\nuse Oban.Worker\ndef perform(job), do: job\nend", "3 A.perform/1"},
		{"process callback", "lib/a.ex", "defmodule A do\nuse GenServer\ndef handle_cast(m, s), do: {m, s}\nend", "4 A.handle_cast/2"},
		{"plug by name", "lib/a.ex", "defmodule A do\nuse Phoenix.Controller\nplug :check\ndef check(conn, _), do: conn\nend", "1 A.check/2"},
		{"resolver by name", "lib/a.ex", "defmodule A do\nuse Absinthe.Schema.Notation\nobject :x do\nfield :y, :string do\nresolve(&A.y/3)\nend\nend\ndef y(_, _, _), do: {:ok, 1}\nend", "1 A.y/3"},
		{"resolver in place", "lib/a.ex", "defmodule A do\nuse Absinthe.Schema.Notation\nobject :x do\nfield :y, :string do\nresolve(fn _, _, _ -> {:ok, 1} end)\nend\nend\nend", "1 closure"},
		{"route with a block", "lib/a.ex", "defmodule A do\nuse Plug.Router\nget \"/\" do\nsend_resp(conn, 200, \"\")\nend\nend", "1 closure"},
		{"migration", "priv/repo/migrations/1_a.exs", "defmodule A do\nuse Ecto.Migration\ndef change, do: :ok\nend", "7 A.change/0"},
		{"tests are none", "test/a_test.exs", "defmodule A do\nuse GenServer\ndef handle_cast(m, s), do: {m, s}\nend", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := program(t, c.path, c.text)
			var got []string
			for _, e := range p.Entries {
				who := "closure"
				if e.Func != ir.No {
					who = p.Symbol(e.Func)
				}
				got = append(got, string(rune('0'+e.Kind))+" "+who)
			}
			if s := strings.Join(got, ", "); s != c.want && !(c.want != "" && slices.Contains(got, c.want)) {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

// The handler of a WebSocket runs only where something hands a connection over to it.
func TestWebSocketHandler(t *testing.T) {
	for given, want := range map[string]bool{"A.Handler": true, "A.Other": false} {
		p := program(t, "lib/router.ex", "defmodule A.Router do\nuse Phoenix.Router\nget \"/ws\", A.Upgrade, :show\nend",
			"lib/upgrade.ex", "defmodule A.Upgrade do\nuse Phoenix.Controller\ndef show(conn, _), do: WebSockAdapter.upgrade(conn, "+given+", [], [])\nend",
			"lib/handler.ex", "defmodule A.Handler do\n@behaviour WebSock\ndef handle_in(frame, s), do: {:ok, {frame, s}}\nend")
		got := slices.ContainsFunc(p.Entries, func(e ir.Entry) bool { return e.Kind == ir.Socket })
		if got != want {
			t.Errorf("with %s a socket is entered: %v", given, got)
		}
	}
}

func TestConfiguredCall(t *testing.T) {
	p := program(t, "config/config.exs", "import Config\nconfig :a, jobs: [{\"@daily\", {A, :run, []}}]",
		"lib/a.ex", "defmodule A do\ndef run, do: :ok\ndef other, do: :ok\nend")
	if len(p.Entries) != 1 || p.Symbol(p.Entries[0].Func) != "A.run/0" || p.Entries[0].Kind != ir.Job {
		t.Errorf("entries: %+v", p.Entries)
	}
}

// A function that a module has by what it uses is the library's, called through
// the module.
func TestBehavesLike(t *testing.T) {
	p := program(t, "lib/repo.ex", "defmodule R do\nuse Ecto.Repo, otp_app: :a\nend",
		"lib/a.ex", "defmodule A do\ndef run(q), do: R.all(q)\nend")
	if !slices.ContainsFunc(p.Externs, func(e ir.Extern) bool { return e.String() == "Ecto.Repo.all/1" && e.Via == "R" && e.Model >= 0 }) {
		t.Errorf("externs: %+v", p.Externs)
	}
}

// The module of a dynamic call comes from the configuration of production.
func TestConfiguredModule(t *testing.T) {
	p := program(t, "config/config.exs", "import Config\nconfig :a, :client, A.Real",
		"config/test.exs", "import Config\nconfig :a, :client, A.Fake",
		"lib/a.ex", "defmodule A do\ndef run, do: client().go()\ndefp client, do: Application.get_env(:a, :client)\nend",
		"lib/real.ex", "defmodule A.Real do\ndef go, do: :ok\nend")
	for _, c := range p.Codes {
		for _, k := range c.Callees {
			if k.Name == "go" && k.Func >= 0 && p.Symbol(k.Func) == "A.Real.go/0" {
				return
			}
		}
	}
	t.Error("client().go() is not resolved to A.Real.go/0")
}

// The module of a dynamic call is the default of an option, wherever that is handed on in the module, and
// not where several modules implement the function as a callback.
func TestInjectedModule(t *testing.T) {
	real := "defmodule A.Real do\ndef go(x), do: x\nend"
	for name, c := range map[string]struct {
		body string
		want bool
	}{
		"option":        {"def run(opts) do\nm = Keyword.get(opts, :real, A.Real)\nm.go(1)\nend", true},
		"either":        {"def run(opts) do\nm = opts[:real] || A.Real\nm.go(1)\nend", true},
		"parameter":     {"def run(opts), do: work(Keyword.get(opts, :real, A.Real))\ndefp work(m), do: m.go(1)", true},
		"field":         {"def init(opts), do: {:ok, %{deps: %{real: Keyword.get(opts, :real, A.Real)}}}\ndef run(s), do: s.deps.real.go(1)", true},
		"pattern":       {"def init(opts), do: {:ok, %__MODULE__{real: Keyword.get(opts, :real, A.Real)}}\ndef run(%__MODULE__{real: m}), do: m.go(1)\ndefstruct [:real]", true},
		"apply":         {"def run(opts), do: apply(Keyword.get(opts, :real, A.Real), :go, [1])", true},
		"wrapped apply": {"def run(opts), do: call(Keyword.get(opts, :real, A.Real), :go, [1])\ndef call({m, a}, f, l), do: apply(m, f, [a] ++ l)\ndef call(m, f, l), do: apply(m, f, l)", true},
		"two callers":   {"def run(x), do: work(A.Real, x)\ndef other(x), do: work(A.Other, x)\ndefp work(m, x), do: m.go(x)", false},
		"two values":    {"def a, do: %{real: A.Real}\ndef b, do: %{real: A.Other}\ndef run(s), do: s.real.go(1)", false},
		"public":        {"def work(m), do: m.go(1)\ndef run, do: work(A.Real)", false},
		"caller loop":   {"def run(x), do: work(x)\ndefp work(m), do: again(m)\ndefp again(m), do: work(m) || m.go(1)", false},
	} {
		p := program(t, "lib/a.ex", "defmodule A do\n"+c.body+"\nend", "lib/real.ex", real)
		if got := calls(p, "A.Real.go/1"); got != c.want {
			t.Errorf("%s: resolved to A.Real.go/1: %v", name, got)
		}
	}
	for _, m := range []string{"Keyword.get(opts, :real, A.Real)", "(opts[:real] || A.Real)"} {
		p := program(t, "lib/a.ex", "defmodule A do\ndef run(opts), do: "+m+".go(1)\nend",
			"lib/b.ex", "defmodule A.Goes do\n@callback go(term) :: term\nend",
			"lib/real.ex", "defmodule A.Real do\n@behaviour A.Goes\n@impl true\ndef go(x), do: x\nend\ndefmodule A.Mail do\n@behaviour A.Goes\n@impl true\ndef go(x), do: x\nend")
		if calls(p, "A.Real.go/1") {
			t.Errorf("%s: one of two implementations is taken for the only one", m)
		}
	}
}

// calls reports whether a function of the project is called by name.
func calls(p *ir.Program, symbol string) bool {
	return slices.ContainsFunc(p.Codes, func(c *ir.Code) bool {
		return slices.ContainsFunc(c.Exprs, func(e ir.Expr) bool {
			return e.Op == ir.Call && c.Callees[e.A].Func >= 0 && p.Symbol(c.Callees[e.A].Func) == symbol
		})
	})
}

// The middleware of a field says that only the people who run the application get there.
func TestStaffMiddleware(t *testing.T) {
	for middleware, want := range map[string]bool{
		"middleware MyWeb.RequireAdmin":               true,
		"middleware MyWeb.Authorize, :admin":          true,
		"middleware MyWeb.Authorize, roles: [:admin]": true,
		"middleware MyWeb.Authorize, [:user, :admin]": false,
		"middleware MyWeb.Authorize, :staff":          false,
		"middleware MyWeb.Authorize":                  false,
		"middleware MyWeb.Authorize, role()":          false,
	} {
		p := program(t, "lib/schema.ex", `defmodule MyWeb.Schema do
  use Absinthe.Schema

  mutation do
    field :close, :string do
      `+middleware+`
      resolve fn _args, _info -> {:ok, "closed"} end
    end

    field :open, :string do
      resolve fn _args, _info -> {:ok, "open"} end
    end
  end
end`, "lib/router.ex", "defmodule MyWeb.Router do\n  use Phoenix.Router\n  forward \"/api\", Absinthe.Plug, schema: MyWeb.Schema\nend")
		var got []bool
		for _, e := range p.Entries {
			if e.GraphQL() {
				got = append(got, e.Staff)
			}
		}
		if len(got) != 2 || got[0] != want || got[1] {
			t.Errorf("%s: staff %v", middleware, got)
		}
	}
}

// Many functions of one module that call modules which are handed in take little time together.
func TestManyDynamicCalls(t *testing.T) {
	const n = 20_000
	var text strings.Builder
	text.WriteString("defmodule A do\ndef run(opts), do: f0(Keyword.get(opts, :m, A.Real))\n")
	for i := range n {
		fmt.Fprintf(&text, "defp f%d(m), do: m.go(%d) && f%d(m)\ndef g%d(s), do: apply(s.k%d, :go, [%%{k%d: A.Real}])\n", i, i, (i+1)%n, i, i, i)
	}
	text.WriteString("end\ndefmodule A.Real do\ndef go(x), do: x\nend")
	start := time.Now()
	p := program(t, "lib/a.ex", text.String())
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("%d functions take %v", 2*n, took)
	}
	if !calls(p, "A.Real.go/1") {
		t.Error("none of them is resolved")
	}
}
