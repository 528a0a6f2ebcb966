package orm_test

import (
	"bytes"
	"flag"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/link"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/orm"
	"github.com/assay-dev/assay/internal/replay"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

var update = flag.Bool("update", false, "write the schemas that the tests compare with")

func program(t testing.TB, files []*source.File) *ir.Program {
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
	p := link.Link(set, trees, models, func(n int, f func(int)) {
		for i := range n {
			f(i)
		}
	})
	p.Databases = replay.Replay(p)
	p.Map(orm.Schemas(p, models))
	if err := p.Verify(); err != nil {
		t.Error(err)
	}
	return p
}

// TestSchemas reads the project of each archive in testdata and compares what
// comes out with the archive's file `mapping`.
func TestSchemas(t *testing.T) {
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
	var files []*source.File
	want := -1
	for i, f := range a.Files {
		if f.Name == "mapping" {
			want = i
			continue
		}
		files = append(files, source.NewFile(f.Name, string(f.Data)))
	}
	var got bytes.Buffer
	if err := program(t, files).DumpSchemas(&got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if want < 0 {
			want = len(a.Files)
			a.Files = append(a.Files, txtar.File{Name: "mapping"})
		}
		a.Files[want].Data = got.Bytes()
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want < 0 || !bytes.Equal(got.Bytes(), a.Files[want].Data) {
		t.Errorf("the mapping of %s differs; run `go test ./internal/orm -update` and read the change:\n%s", name, got.Bytes())
	}
}

// TestHostile holds that code which would declare without an end is read in
// bounded time.
func TestHostile(t *testing.T) {
	deep := strings.Repeat("if true do\n", 300) + "field :a\n" + strings.Repeat("end\n", 300)
	wide := "for a <- @list, b <- @list, c <- @list, d <- @list, do: field(:\"#{a}#{b}#{c}#{d}\", :string)\n"
	again := "more()\n"
	for name, body := range map[string]string{"deep": deep, "wide": wide, "again": again} {
		text := `defmodule MyApp.Macros do
  defmacro more do
    quote do
      more()
      field(:again)
      more()
    end
  end
end
defmodule MyApp.Order do
  use Ecto.Schema
  import MyApp.Macros
  @list [:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p, :q, :r, :s, :t]
  schema "orders" do
` + body + "end\nend\n"
		p := program(t, []*source.File{source.NewFile("lib/order.ex", text)})
		if len(p.Schemas) != 1 || !p.Schemas[0].Partial {
			t.Errorf("%s: the schema is read to its end", name)
		}
	}
}
