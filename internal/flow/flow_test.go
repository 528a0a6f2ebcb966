package flow_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/link"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

const repo = `defmodule My.Repo do
  use Ecto.Repo, otp_app: :my, adapter: Ecto.Adapters.Postgres
end
`

func inOrder(n int, f func(int)) {
	for i := range n {
		f(i)
	}
}

func backwards(n int, f func(int)) {
	for i := n - 1; i >= 0; i-- {
		f(i)
	}
}

// program links files given as path and text in turn, and a Repo.
func program(t testing.TB, files ...string) (*ir.Program, *model.Set) {
	t.Helper()
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	list := []*source.File{source.NewFile("lib/repo.ex", repo)}
	for i := 0; i < len(files); i += 2 {
		list = append(list, source.NewFile(files[i], files[i+1]))
	}
	set := source.NewSet("", list)
	trees := make([]*syntax.Tree, len(set.Files))
	for i, f := range set.Files {
		trees[i] = syn.Parse(f)
		if len(trees[i].Errors) > 0 {
			t.Fatalf("%s: %v", f.Path, trees[i].Errors)
		}
	}
	p := link.Link(set, trees, models, inOrder)
	if err := p.Verify(); err != nil {
		t.Fatal(err)
	}
	return p, models
}

func analyze(t testing.TB, files ...string) (*ir.Program, *flow.Result) {
	t.Helper()
	p, models := program(t, files...)
	return p, flow.Analyze(p, models, inOrder)
}

// job wraps the body of a module that a queue runs.
func job(body string) string {
	return "defmodule My.Job do\n  use Oban.Worker\n  alias My.Repo\n  require Logger\n" + body + "\nend\n"
}

// loops prints each loop as kind, hops and verdict.
func loops(r *flow.Result) []string {
	out := []string{}
	for _, l := range r.Loops() {
		out = append(out, fmt.Sprintf("%s %d %s", l.Kind, l.Database.Hops, l.Verdict))
	}
	return out
}

func TestLoops(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"direct", `def perform(job), do: Enum.each(job.args, fn x -> Repo.get(X, x) end)`, []string{"Enum 0 reported"}},
		{"capture of a library function", `def perform(job), do: Enum.each(job.args, &Repo.delete/1)`, []string{"Enum 0 reported"}},
		{"capture of an own function", "def perform(job), do: Enum.each(job.args, &one/1)\ndefp one(x), do: Repo.delete(x)", []string{"Enum 1 reported"}},
		{"partial capture", "def perform(job), do: Enum.each(job.args, &one(:a, &1))\ndefp one(_, x), do: Repo.delete(x)", []string{"Enum 1 reported"}},
		{"comprehension", `def perform(job), do: (for x <- job.args, do: Repo.get(X, x))`, []string{"for 0 reported"}},
		{"query in the second generator", `def perform(job), do: (for x <- job.args, y <- Repo.all(x), do: y)`, []string{"for 0 reported"}},
		{"query in the first generator", `def perform(_), do: (for x <- Repo.all(X), do: x)`, []string{}},
		{"piped query", `def perform(_), do: Repo.all(X) |> Enum.map(& &1.id)`, []string{}},
		{"through a query", "import Ecto.Query\ndef perform(job), do: Enum.map(job.args, fn x -> from(u in X, where: u.id == ^x) |> Repo.all() end)", []string{"Enum 0 reported"}},
		{"tasks", `def perform(job), do: Task.async_stream(job.args, fn x -> Repo.get(X, x) end)`, []string{"Task 0 reported"}},
		{"reduce", `def perform(job), do: Enum.reduce(job.args, [], fn x, acc -> [Repo.get(X, x) | acc] end)`, []string{"Enum 0 reported"}},
		{"function in a variable", "def perform(job) do\nf = fn x -> Repo.get(X, x) end\nEnum.map(job.args, f)\nend", []string{"Enum 0 reported"}},
		{"invoked function", "def perform(job) do\nf = fn x -> Repo.get(X, x) end\nEnum.map(job.args, fn y -> f.(y) end)\nend", []string{"Enum 0 reported"}},
		{"function given on", "def perform(job), do: all(job.args, fn x -> Repo.get(X, x) end)\ndefp all(xs, f), do: Enum.map(xs, f)", []string{"function 0 reported"}},
		{"function given on and wrapped", "def perform(job), do: all(job.args, fn x -> Repo.get(X, x) end)\ndefp all(xs, f), do: Enum.map(xs, fn x -> wrap(f, x) end)\ndefp wrap(f, x), do: f.(x)", []string{"function 0 reported"}},
		{"function given to a callee with a list of its own", "def perform(_), do: all(:a, fn x -> Repo.get(X, x) end)\ndefp all(kind, f), do: kind |> tenants() |> Enum.each(f)\ndefp tenants(k), do: Application.get_env(:my, k)", []string{}},
		{"function called once", "def perform(job), do: once(fn -> Repo.get(X, job) end)\ndefp once(f), do: f.()", []string{}},
		{"transaction inside", "def perform(job), do: Enum.each(job.args, fn x -> Repo.transaction(fn ->\nRepo.delete!(x)\nend)\n:ok\nend)", []string{"Enum 0 reported"}},
		{"recursion", "def perform(job), do: go(job.args)\ndefp go([]), do: :ok\ndefp go([h | t]) do\nRepo.delete!(h)\ngo(t)\nend", []string{"recursion 0 reported"}},
		{"recursion that ends in a query", "def perform(job), do: go(job.args, [])\ndefp go([], acc), do: Repo.insert_all(X, acc)\ndefp go([h | t], acc), do: go(t, [h | acc])", []string{}},
		{"paging", "def perform(_), do: page(0)\ndefp page(n) do\nRepo.all(n)\npage(n + 1)\nend", []string{}},
		{"literal", `def perform(_), do: Enum.each([A, B], &Repo.all/1)`, []string{"Enum 0 literal collection"}},
		{"attribute", "@all [A, B]\ndef perform(_), do: Enum.each(@all, &Repo.all/1)", []string{"Enum 0 bounded collection"}},
		{"literal in a variable", "def perform(_) do\nxs = [A, B]\nxs |> Enum.reverse() |> Enum.each(&Repo.all/1)\nend", []string{"Enum 0 bounded collection"}},
		{"taken", `def perform(job), do: job.args |> Enum.take(3) |> Enum.each(&Repo.all/1)`, []string{"Enum 0 bounded collection"}},
		{"taken, how many is not known", `def perform(job), do: job.args |> Enum.take(job.max) |> Enum.each(&Repo.all/1)`, []string{"Enum 0 reported"}},
		{"range", `def perform(_), do: Enum.each(1..3, &Repo.get(X, &1))`, []string{"Enum 0 bounded collection"}},
		{"open range", `def perform(job), do: Enum.each(1..job.max, &Repo.get(X, &1))`, []string{"Enum 0 reported"}},
		{"constant function", "def perform(_), do: Enum.each(all(), &Repo.all/1)\ndefp all, do: [A, B]", []string{"Enum 0 bounded collection"}},
		{"chunks", `def perform(job), do: job.args |> Enum.chunk_every(9) |> Enum.each(&Repo.insert_all(X, &1))`, []string{"Enum 0 batches"}},
		{"pages", "def perform(job), do: Enum.each(job.pages, fn rows when is_list(rows) -> Repo.update_all(X, rows) end)", []string{"Enum 0 batches"}},
		{"cached", "def perform(job), do: Enum.map(job.args, fn x -> Cachex.fetch(:c, x, &Repo.get(X, &1)) end)", []string{"Enum 0 cached"}},
		{"cached further down", "def perform(job), do: Enum.map(job.args, &look/1)\ndefp look(x), do: fetch(x, &Repo.get(X, &1))\ndefp fetch(k, f), do: Cachex.fetch(:c, k, fn k -> f.(k) end)", []string{"Enum 1 cached"}},
		{"hoist", `def perform(job), do: Enum.map(job.args, fn x -> {x, Repo.one(X)} end)`, []string{"Enum 0 hoisted: argument does not depend on the element"}},
		{"write that does not depend", `def perform(job), do: Enum.map(job.args, fn _ -> Repo.insert!(%X{}) end)`, []string{"Enum 0 argument does not depend on the element"}},
		{"literal picks a clause", "def perform(job), do: Enum.each(job.args, &go(:no, &1))\ndefp go(:no, _), do: :ok\ndefp go(:yes, x), do: Repo.delete!(x)", []string{}},
		{"unknown argument may pick it", "def perform(job), do: Enum.each(job.args, &go(&1.kind, &1))\ndefp go(:no, _), do: :ok\ndefp go(:yes, x), do: Repo.delete!(x)", []string{"Enum 1 reported"}},
		{"default argument", "def perform(job), do: Enum.each(job.args, &go(&1))\ndefp go(x, opts \\\\ []), do: Repo.get(X, x, opts)", []string{"Enum 1 reported"}},
		{"delegate", "def perform(job), do: Enum.each(job.args, &My.Job.look/1)\ndefdelegate look(x), to: My.Store, as: :get", []string{"Enum 1 reported"}},
		{"options", "def perform(j), do: Enum.reduce(j.args, X, fn\n{:tag, t}, q -> {q, Repo.get(X, t)}\n{:name, n}, q -> {q, n}\nend)", []string{"Enum 0 bounded collection"}},
		{"outcomes", "def perform(j), do: Enum.each(j.args, fn\n{:ok, t} -> Repo.get(X, t)\n{:error, n} -> n\nend)", []string{"Enum 0 reported"}},
		{"one of many types", "def perform(j), do: Enum.each(j.args, &go/1)\ndefp go(%A{} = x), do: Repo.delete!(x)\ndefp go(%B{}), do: 1\ndefp go(%C{} = x), do: x", []string{}},
		{"made when compiled", "def perform(_), do: Enum.each(X.__schema__(:fields), &Repo.get(X, &1))", []string{"Enum 0 bounded collection"}},
		{"nested", "def perform(job), do: Enum.each(job.args, fn u -> Enum.each(u.posts, &Repo.delete!/1) end)", []string{"Enum 0 reported at the loop inside", "Enum 0 reported"}},
		{"five calls", "def perform(j), do: Enum.each(j.args, &a/1)\ndefp a(x), do: b(x)\ndefp b(x), do: c(x)\ndefp c(x), do: d(x)\ndefp d(x), do: e(x)\ndefp e(x), do: Repo.delete!(x)", []string{"Enum 5 reported"}},
		{"six calls", "def perform(j), do: Enum.each(j.args, &a/1)\ndefp a(x), do: b(x)\ndefp b(x), do: c(x)\ndefp c(x), do: d(x)\ndefp d(x), do: e(x)\ndefp e(x), do: f(x)\ndefp f(x), do: Repo.delete!(x)", []string{"Enum 6 more than five calls"}},
		{"mutual recursion", "def perform(j), do: Enum.each(j.args, &a/1)\ndefp a(x), do: b(x)\ndefp b(x) do\na(x)\nRepo.delete!(x)\nend", []string{"Enum 2 reported"}},
		{"not served", `def helper(xs), do: Enum.each(xs, &Repo.delete!/1)`, []string{"Enum 0 not reached from a request, socket, job or process"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, r := analyze(t, "lib/job.ex", job(c.body), "lib/store.ex", "defmodule My.Store do\ndef get(x), do: My.Repo.get(X, x)\nend")
			if got := loops(r); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTaints(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       string // the number of calls to each danger
	}{
		{"direct", `def show(conn, %{"a" => a}), do: String.to_atom(a)`, "1"},
		{"whole", `def show(conn, params), do: String.to_atom(params["a"])`, "1"},
		{"through functions", "def show(_, p), do: a(p)\ndefp a(p), do: b(p[\"x\"])\ndefp b(x), do: String.to_atom(x)", "3"},
		{"what the connection carries", `def show(conn, _), do: String.to_atom(conn.params["a"])`, "1"},
		{"in a pattern", `def show(%{params: %{"a" => a}}, _), do: String.to_atom(a)`, "1"},
		{"what the connection carries, further down", "def show(conn, _), do: a(conn)\ndefp a(c), do: String.to_atom(c.params[\"a\"])", "2"},
		{"assigns", `def show(conn, _), do: String.to_atom(conn.assigns.a)`, ""},
		{"assigns in a pattern", `def show(%{assigns: %{a: a}}, _), do: String.to_atom(a)`, ""},
		{"a header", `def show(conn, _), do: String.to_atom(hd(Plug.Conn.get_req_header(conn, "a")))`, "1"},
		{"keys", `def show(_, p), do: Map.new(p, fn {k, v} -> {String.to_atom(k), v} end)`, "1"},
		{"positions", `def show(_, p), do: p["a"] |> Enum.with_index() |> Enum.map(fn {x, i} -> {x, :"n#{i}"} end)`, ""},
		{"interpolated", `def show(_, p), do: :"a#{p["a"]}"`, "1"},
		{"literal", `def show(_, _), do: String.to_atom("a")`, ""},
		{"number", `def show(_, p), do: p["a"] |> String.to_integer() |> to_string() |> String.to_atom()`, ""},
		{"row", `def show(_, p), do: String.to_atom(My.Repo.get(X, p["a"]).kind)`, ""},
		{"row, further down", "def show(_, p), do: String.to_atom(a(p).kind)\ndefp a(p), do: My.Repo.get(X, p[\"a\"])", ""},
		{"result, further down", "def show(_, p), do: String.to_atom(a(p))\ndefp a(p), do: String.trim(p[\"a\"])", "1"},
		{"guard", `def show(_, %{"a" => a}) when a in ["x"], do: String.to_atom(a)`, ""},
		{"condition", `def show(_, %{"a" => a}), do: if(a in ["x"], do: String.to_atom(a))`, ""},
		{"condition, otherwise", `def show(_, %{"a" => a}), do: if(a in ["x"], do: a, else: String.to_atom(a))`, "1"},
		{"condition, negated", "def show(_, %{\"a\" => a}) do\nunless a not in [\"x\"], do: String.to_atom(a)\nend", ""},
		{"member", "@known [\"x\"]\ndef show(_, %{\"a\" => a}), do: if(Enum.member?(@known, a), do: String.to_atom(a))", ""},
		{"case", "def show(_, %{\"a\" => a}) do\ncase a do\n\"x\" -> String.to_atom(a)\n_ -> nil\nend\nend", ""},
		{"case, otherwise", "def show(_, %{\"a\" => a}) do\ncase a do\n\"x\" -> a\n_ -> String.to_atom(a)\nend\nend", "1"},
		{"parameter that is a literal", "def show(_, %{\"a\" => a}), do: b(a)\ndefp b(\"x\" = a), do: String.to_atom(a)", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, r := analyze(t, "lib/c.ex", "defmodule MyWeb.C do\n  use Phoenix.Controller\n"+c.body+"\nend\n")
			var got []string
			for _, x := range r.Taints() {
				got = append(got, fmt.Sprint(len(x.Steps)))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       string
	}{
		{"thrown away", "def perform(j) do\nRepo.insert(j)\n:ok\nend", "discard Repo.insert/1"},
		{"returned", `def perform(j), do: Repo.insert(j)`, ""},
		{"matched", "def perform(j) do\n{:ok, _} = Repo.insert(j)\n:ok\nend", ""},
		{"kept", "def perform(j) do\nr = Repo.insert(j)\n{:ok, r}\nend", ""},
		{"on purpose", "def perform(j) do\n_ = Repo.insert(j)\n:ok\nend", ""},
		{"bang", "def perform(j) do\nRepo.insert!(j)\n:ok\nend", ""},
		{"in a condition", "def perform(j) do\nif j, do: Repo.insert(j)\n:ok\nend", "discard Repo.insert/1"},
		{"of each", "def perform(j) do\nEnum.each(j.xs, fn x -> Repo.insert(x) end)\n:ok\nend", "discard Repo.insert/1"},
		{"of a comprehension", "def perform(j) do\nfor x <- j.xs, do: Repo.insert(x)\n:ok\nend", "discard Repo.insert/1"},
		{"further down", "def perform(j) do\na(j)\n:ok\nend\ndefp a(j), do: j |> X.changeset() |> Repo.insert()", "discard Job.a/1"},
		{"passed through", "def perform(j) do\nj |> Repo.insert() |> a()\n:ok\nend\ndefp a(r), do: r", "discard Repo.insert/1"},
		{"passed to a function of rows", "def perform(j) do\nj |> Repo.insert() |> a()\n:ok\nend\ndefp a(%{} = r), do: r", ""},
		{"error kept by a case", "def perform(j) do\na(j)\n:ok\nend\ndefp a(j) do\ncase Repo.insert(j) do\n{:ok, x} -> x\n{:error, e} -> {:error, e}\nend\nend", "discard Job.a/1"},
		{"error handled by a case", "def perform(j) do\na(j)\n:ok\nend\ndefp a(j) do\ncase Repo.insert(j) do\n{:ok, x} -> x\n{:error, _} -> nil\nend\nend", ""},
		{"error logged", "def perform(j) do\na(j)\n:ok\nend\ndefp a(j) do\nwith {:error, e} <- Repo.insert(j) do\nLogger.error(inspect(e))\nend\nend", ""},
		{"with", "def perform(j) do\na(j)\n:ok\nend\ndefp a(j) do\nwith {:ok, x} <- Repo.insert(j), do: x\nend", "discard Job.a/1"},
		{"with else", "def perform(j) do\na(j)\n:ok\nend\ndefp a(j) do\nwith {:ok, x} <- Repo.insert(j) do\nx\nelse\n_ -> nil\nend\nend", ""},
		{"swallowed", "def perform(j) do\ncase Repo.insert(j) do\n{:ok, _} -> :ok\n{:error, _} -> :ok\nend\nend", "swallow Repo.insert/1 false"},
		{"swallowed, but noted", "def perform(j) do\ncase Repo.insert(j) do\n{:ok, _} -> :ok\n{:error, _} -> Repo.delete!(j); :ok\nend\nend", "swallow Repo.insert/1 true"},
		{"transaction of functions", "def perform(j) do\nRepo.transaction(fn -> Repo.insert!(j) end)\n:ok\nend", ""},
		{"transaction of steps", "def perform(j) do\nRepo.transaction(j.multi)\n:ok\nend", "discard Repo.transaction/1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, r := analyze(t, "lib/job.ex", job(c.body))
			var got []string
			for i := range r.Len() {
				id := flow.ClauseID(i)
				for _, d := range r.Discards(id) {
					got = append(got, "discard "+strings.TrimPrefix(r.FailurePath(id, d.From())[0].Callee, "My."))
				}
				for _, s := range r.Swallows(id) {
					if s.Other {
						continue
					}
					got = append(got, fmt.Sprint("swallow ", strings.TrimPrefix(r.FailurePath(id, s.From())[0].Callee, "My."), " ", s.Acts))
				}
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

func TestPath(t *testing.T) {
	p, r := analyze(t, "lib/job.ex", job("def perform(j), do: Enum.each(j.args, &a/1)\ndefp a(x), do: My.Store.drop(x)"),
		"lib/store.ex", "defmodule My.Store do\ndef drop(x) do\n  x\n  |> My.Repo.delete!()\nend\nend")
	l := r.Loops()[0]
	var got []string
	for _, s := range append(r.EntryPath(l.Clause), r.Path(l.Clause, l.Database.To())...) {
		f := p.Files.File(s.Span.File)
		got = append(got, fmt.Sprintf("%s:%d %s", f.Path, f.Line(s.Span.Start), s.Callee))
	}
	want := []string{"lib/job.ex:5 My.Job.a/1", "lib/job.ex:6 My.Store.drop/1", "lib/store.ex:4 My.Repo.delete!/1"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if e := r.ReachedBy(l.Clause); e == nil || e.Kind != ir.Job {
		t.Errorf("reached by %v", e)
	}
}

func TestReached(t *testing.T) {
	p, r := analyze(t,
		"lib/job.ex", job("def perform(j), do: j.mod.run(j)\ndef loose(j), do: j\ndef named(j), do: {My.Job, :loose, [j]}"),
		"lib/b.ex", "defmodule My.B do\n@callback run(term) :: term\nend",
		"lib/impl.ex", "defmodule My.Impl do\n@behaviour My.B\n@impl true\ndef run(x), do: My.Far.go(x)\nend",
		"lib/far.ex", "defmodule My.Far do\ndef go(x), do: x\ndef other(x), do: x\nend")
	reached := func(module, name string) bool {
		f := p.FuncNamed(p.ModuleNamed(module).ID, name, 1)
		lo, _ := r.Clauses(f.ID)
		return r.Reached(lo).Serves()
	}
	for _, c := range []struct {
		module, name string
		want         bool
	}{{"My.Job", "perform", true}, {"My.Impl", "run", true}, {"My.Far", "go", true}, {"My.Far", "other", false}, {"My.Job", "loose", false}} {
		if got := reached(c.module, c.name); got != c.want {
			t.Errorf("%s.%s: reached %v", c.module, c.name, got)
		}
	}
}

// A module that is known only at run time is not one of an application that nothing here depends on,
// unless it implements a callback: any application may hand that in.
func TestReachedAcrossApplications(t *testing.T) {
	p, r := analyze(t,
		"apps/a/mix.exs", "defmodule A.MixProject do\ndef project, do: [app: :a, deps: [{:c, in_umbrella: true}]]\nend",
		"apps/b/mix.exs", "defmodule B.MixProject do\ndef project, do: [app: :b]\nend",
		"apps/c/mix.exs", "defmodule C.MixProject do\ndef project, do: [app: :c]\nend",
		"apps/a/lib/job.ex", job("def perform(j), do: j.mod.run(j)"),
		"apps/b/lib/b.ex", "defmodule My.B do\ndef run(x), do: x\nend\ndefmodule My.Given do\n@behaviour My.Runs\n@impl true\ndef run(x), do: x\nend",
		"apps/c/lib/c.ex", "defmodule My.Runs do\n@callback run(term) :: term\nend\ndefmodule My.C do\ndef run(x), do: x\nend")
	for module, want := range map[string]bool{"My.B": false, "My.Given": true, "My.C": true} {
		lo, _ := r.Clauses(p.FuncNamed(p.ModuleNamed(module).ID, "run", 1).ID)
		if got := r.Reached(lo).Serves(); got != want {
			t.Errorf("%s.run: reached %v", module, got)
		}
	}
}

func TestViews(t *testing.T) {
	_, r := analyze(t, "lib/view.ex", `defmodule MyWeb.PostView do
  use Phoenix.View, root: "x"
  def render("index.json", %{posts: posts}), do: render_many(posts, MyWeb.PostView, "post.json")
  def render("post.json", %{post: post}), do: %{author: My.Repo.get(X, post.author_id)}
end`, "lib/c.ex", `defmodule MyWeb.C do
  use Phoenix.Controller
  def index(_conn, p), do: Phoenix.View.render(MyWeb.PostView, "index.json", posts: p)
end`)
	if got := loops(r); !reflect.DeepEqual(got, []string{"view 1 reported"}) {
		t.Errorf("got %q", got)
	}
}

func TestDoesNotDependOnOrder(t *testing.T) {
	var body strings.Builder
	for i := range 400 {
		fmt.Fprintf(&body, "def f%d(x), do: Enum.each(x, &f%d/1)\n", i, (i*7+1)%401)
	}
	body.WriteString("def f400(x), do: Repo.delete!(x)\ndef perform(j), do: f0(j)\n")
	p, models := program(t, "lib/job.ex", job(body.String()))
	a, b := flow.Analyze(p, models, inOrder), flow.Analyze(p, models, backwards)
	if !reflect.DeepEqual(a.Loops(), b.Loops()) || len(a.Loops()) == 0 {
		t.Error("the result depends on the order of work")
	}
}

func BenchmarkFlow(b *testing.B) {
	var body strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&body, "def f%d(x, y) do\ncase x do\n{:ok, z} -> Enum.map(z, fn q -> f%d(q, y) end)\n_ -> Repo.get(X, y)\nend\nend\n", i, i+1)
	}
	p, models := program(b, "lib/job.ex", job(body.String()))
	for b.Loop() {
		flow.Analyze(p, models, inOrder)
	}
}
