package query_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/link"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/orm"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/replay"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

var update = flag.Bool("update", false, "write the accesses that the tests compare with")

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

func analyze(t testing.TB, files []*source.File, par func(int, func(int))) *query.Result {
	t.Helper()
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	set := source.NewSet("", files)
	for _, f := range set.Files {
		if path.Base(f.Path) == "mix.exs" {
			set = set.With(f.Path, f.Text)
		}
	}
	trees := make([]*syntax.Tree, len(set.Files))
	for i, f := range set.Files {
		if ext := path.Ext(f.Path); ext == ".ex" || ext == ".exs" {
			trees[i] = syn.Parse(f)
		}
	}
	p := link.Link(set, trees, models, par)
	p.Databases = replay.Replay(p)
	p.Map(orm.Schemas(p, models))
	if err := p.Verify(); err != nil {
		t.Error(err)
	}
	return query.Analyze(p, flow.Analyze(p, models, par), par)
}

func dump(t testing.TB, r *query.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Dump(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shop is the schemas that the archives ask, and their Repo.
func shop(t testing.TB) []*source.File {
	t.Helper()
	a, err := txtar.ParseFile("testdata/shop.schemas")
	if err != nil {
		t.Fatal(err)
	}
	return sources(a)
}

func sources(a *txtar.Archive) []*source.File {
	var files []*source.File
	for _, f := range a.Files {
		if f.Name != "accesses" {
			files = append(files, source.NewFile(f.Name, string(f.Data)))
		}
	}
	return files
}

// TestAccesses follows the queries of each archive in testdata, beside the
// schemas of the shop, and compares what comes out with its file `accesses`.
func TestAccesses(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives in testdata: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { testArchive(t, name) })
	}
}

func testArchive(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := append(shop(t), sources(a)...)
	got := dump(t, analyze(t, files, inOrder))
	if again := dump(t, analyze(t, append(shop(t), sources(a)...), backwards)); again != got {
		t.Errorf("the order of the work shows:\n%s", again)
	}
	last := len(a.Files) - 1
	if *update {
		if a.Files[last].Name != "accesses" {
			a.Files = append(a.Files, txtar.File{Name: "accesses"})
			last++
		}
		a.Files[last].Data = []byte(got)
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if a.Files[last].Name != "accesses" || got != string(a.Files[last].Data) {
		t.Errorf("the accesses of %s differ; run `go test ./internal/query -update` and read the change:\n%s", name, got)
	}
}

// hostile is code on which the work could grow without an end.
func hostile() map[string]string {
	var clauses, mutual, list, args strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&clauses, "defp by({:f%d, v}, q), do: where(q, [p], p.name == ^v)\n", i)
		fmt.Fprintf(&mutual, "defp m%d(q), do: m%d(where(q, [p], p.id == 1)) |> m%d()\n", i, (i+1)%1000, (i+7)%1000)
	}
	for i := range 10_000 {
		fmt.Fprintf(&list, "f%d: 1, ", i)
		fmt.Fprintf(&args, "or p.id == %d ", i)
	}
	nested := strings.Repeat("f(", 300) + "Product" + strings.Repeat(")", 300)
	tree := ""
	for i := range 40 {
		tree += fmt.Sprintf("defp t%d(q), do: if(q, do: t%d(where(q, a: 1)), else: t%d(where(q, b: 2)))\n", i, i+1, i+1)
	}
	return map[string]string{
		"clauses":  "def run(opts), do: Enum.reduce(opts, Product, &by/2) |> Repo.all()\n" + clauses.String(),
		"mutual":   "def run, do: Repo.all(m0(Product))\n" + mutual.String(),
		"keywords": "def run, do: Repo.all(from p in Product, where: [" + list.String() + "a: 1])\n",
		"or":       "def run, do: Repo.all(from p in Product, where: p.id == 0 " + args.String() + ")\n",
		"preloads": "def run, do: Repo.all(Product) |> Repo.preload(" + strings.Repeat("[items: ", 300) + ":order" + strings.Repeat("]", 300) + ")\n",
		"nested":   "defp f(q), do: where(q, [p], p.id == 1)\ndef run, do: Repo.all(" + nested + ")\n",
		"tree":     tree + "defp t40(q), do: q\ndef run, do: Repo.all(t0(Product))\n",
		"itself":   "def run(q), do: run(run(q)) |> Repo.all()\ndef go(q), do: run(go(q))\n",
		"rebound": "def run do\nq = Product\n" + strings.Repeat("q = if q, do: where(q, [p], p.id == 1), else: q\n", 1000) +
			"Repo.all(q)\nend\n",
		"callers": callersTree(),
	}
}

// callersTree is a wrapper that is reached on many ways, none of which knows
// the table.
func callersTree() string {
	var b strings.Builder
	b.WriteString("def c0(q), do: Repo.all(q)\n")
	for i := range 12 {
		for j := range 8 {
			fmt.Fprintf(&b, "def c%d(q, %d), do: c%d(q)\n", i+1, j, i)
		}
		fmt.Fprintf(&b, "def c%d(q), do: c%d(q, 1)\n", i+1, i+1)
	}
	return b.String()
}

// TestHostile holds that the work is bounded: far more than it needs is allowed,
// far less than it would need without bounds.
func TestHostile(t *testing.T) {
	for name, body := range hostile() {
		text := "defmodule Shop.Hostile do\nimport Ecto.Query\nalias Shop.{Product, Repo}\n" + body + "end\n"
		start := time.Now()
		analyze(t, append(shop(t), source.NewFile("lib/hostile.ex", text)), inOrder)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s takes %s", name, took)
		}
	}
}

// FuzzAnalyze holds that whatever stands in a function is followed without a
// panic, the same way in any order.
func FuzzAnalyze(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		if a, err := txtar.ParseFile(name); err == nil {
			f.Add(string(a.Files[0].Data))
		}
	}
	f.Add("00000000fn end.().all 0")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		file := func() []*source.File { return append(shop(t), source.NewFile("lib/any.ex", text)) }
		if dump(t, analyze(t, file(), inOrder)) != dump(t, analyze(t, file(), backwards)) {
			t.Error("the order of the work shows")
		}
	})
}
