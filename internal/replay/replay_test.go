package replay_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/link"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/replay"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the schemas that the tests compare with")

func program(t testing.TB, files []*source.File) *ir.Program {
	t.Helper()
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	set := source.NewSet("", files)
	trees := make([]*syntax.Tree, len(set.Files))
	for i, f := range set.Files {
		if ext := path.Ext(f.Path); ext == ".ex" || ext == ".exs" {
			trees[i] = syn.Parse(f)
		}
	}
	return link.Link(set, trees, models, func(n int, f func(int)) {
		for i := range n {
			f(i)
		}
	})
}

// TestReplay replays the project of each archive in testdata and compares what
// comes out with the archive's file `schema`.
func TestReplay(t *testing.T) {
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
		if f.Name == "schema" {
			want = i
			continue
		}
		files = append(files, source.NewFile(f.Name, string(f.Data)))
	}
	got := []byte(dump(program(t, files)))
	if *update {
		if want < 0 {
			want = len(a.Files)
			a.Files = append(a.Files, txtar.File{Name: "schema"})
		}
		a.Files[want].Data = got
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want < 0 || !bytes.Equal(got, a.Files[want].Data) {
		t.Errorf("the schema of %s differs; run `go test ./internal/replay -update` and read the change:\n%s", name, got)
	}
}

// dump prints databases with everything that replay finds out about them.
func dump(p *ir.Program) string {
	var b strings.Builder
	for _, db := range replay.Replay(p) {
		fmt.Fprintf(&b, "database %s %s %s: %d migrations\n", db.Name, db.Repo, db.Adapter, len(db.Migrations))
		for _, e := range db.Enums {
			fmt.Fprintf(&b, "enum %s.%s (%s)\n", e.Schema, e.Name, strings.Join(e.Values, ", "))
		}
		for _, t := range db.Tables {
			dumpTable(&b, p, t)
		}
		for _, v := range db.Views {
			fmt.Fprintf(&b, "view %s.%s\n", v.Schema, v.Name)
			for i := range v.Indexes {
				fmt.Fprintf(&b, "  index %s %s\n", v.Indexes[i].Name, &v.Indexes[i])
			}
		}
		for _, d := range db.Drift {
			fmt.Fprintf(&b, "drift %s: %s: dump %q, migrations %q\n", d.Table, d.What, d.Dump, d.Migrations)
		}
		for _, g := range db.Gaps {
			fmt.Fprintf(&b, "gap %s: %s %s\n", place(p, g.Span), g.Table, g.Reason)
		}
	}
	return b.String()
}

func place(p *ir.Program, s source.Span) string {
	f := p.Files.File(s.File)
	return fmt.Sprintf("%s:%d", path.Base(f.Path), f.Line(s.Start))
}

func marks(partial, maybe bool) string {
	out := ""
	if partial {
		out += " partial"
	}
	if maybe {
		out += " maybe"
	}
	return out
}

func dumpTable(b *strings.Builder, p *ir.Program, t *ir.Table) {
	fmt.Fprintf(b, "table %s.%s %s%s", t.Schema, t.Name, place(p, t.Made.Span), marks(t.Partial, t.Maybe))
	if t.Parent != "" {
		fmt.Fprintf(b, " of %s", t.Parent)
	}
	b.WriteString("\n")
	for _, c := range t.Columns {
		fmt.Fprintf(b, "  %s %s", c.Name, c.Type)
		if !c.Null {
			b.WriteString(" not null")
		}
		if c.Default != "" {
			fmt.Fprintf(b, " default %s", c.Default)
		}
		if c.Generated != "" {
			fmt.Fprintf(b, " generated %s", c.Generated)
		}
		fmt.Fprintf(b, " %s%s\n", place(p, c.Changed.Span), marks(false, c.Maybe))
	}
	if k := t.PrimaryKey; k != nil {
		fmt.Fprintf(b, "  primary key %s (%s)\n", k.Name, strings.Join(k.Columns, ", "))
	}
	for i := range t.Indexes {
		x := &t.Indexes[i]
		fmt.Fprintf(b, "  index %s %s %s%s\n", x.Name, x, place(p, x.Made.Span), marks(false, x.Maybe))
	}
	for i := range t.ForeignKeys {
		k := &t.ForeignKeys[i]
		fmt.Fprintf(b, "  foreign key %s %s %s%s\n", k.Name, k, place(p, k.Made.Span), marks(false, k.Maybe))
	}
	for i := range t.Constraints {
		c := &t.Constraints[i]
		fmt.Fprintf(b, "  constraint %s %s %s%s\n", c.Name, c, place(p, c.Made.Span), marks(false, c.Maybe))
	}
}

// migration is a file with one migration whose `change` has a body.
func migration(dir string, version int, body string) *source.File {
	name := fmt.Sprintf("priv/repo/migrations/%s%d_step.exs", dir, version)
	return source.NewFile(name, fmt.Sprintf("defmodule Step%d do\n  use Ecto.Migration\n%s\nend\n", version, body))
}

func change(body string) string { return "def change do\n" + body + "\nend" }

// TestOrder puts the same migrations into folders that sort differently.
func TestOrder(t *testing.T) {
	steps := []string{
		"create table(:a) do\nadd :x, :string\nend",
		"alter table(:a) do\nmodify :x, :text\nadd :y, :integer\nend",
		"rename table(:a), :x, to: :z",
		"create index(:a, [:z, :y])",
		"rename table(:a), to: table(:b)",
		"alter table(:b) do\nremove :y\nend",
		"create unique_index(:b, [:z])",
	}
	want := ""
	for seed := range 40 {
		var files []*source.File
		for i, s := range steps {
			dir := string(rune('a'+(i*7+seed*(i+3))%26)) + "/"
			files = append(files, migration(dir, 1000+i, change(s)))
		}
		got := dump(program(t, files))
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("the order of files changes the result:\n%s\ninstead of\n%s", got, want)
		}
	}
	if !strings.Contains(want, "b_z_index unique (z)") || strings.Contains(want, "gap") {
		t.Error(want)
	}
}

// TestBounds runs migrations that would never end, or fill the memory.
func TestBounds(t *testing.T) {
	deep := strings.Repeat("if x do\n", 300) + "execute(x)\n" + strings.Repeat("end\n", 300)
	for name, body := range map[string]string{
		"helpers that call each other": "def change, do: a()\ndef a, do: b()\ndef b, do: a()",
		"two ways each":                "def change, do: a(1)\ndef a(x) do\na(x)\na(x + 1)\nend",
		"a function that calls itself": change("f = fn g -> g.(g) end\nf.(f)"),
		"a huge range":                 change("for a <- 1..1_000_000_000, b <- 1..1_000_000_000, do: create table(\"t#{a}_#{b}\")"),
		"many loops":                   change("for a <- 1..10_000, b <- 1..10_000, c <- 1..10_000, do: execute(\"SELECT #{a}\")"),
		"a growing string":             change("s = Enum.reduce(1..60, \"a\", fn _, s -> s <> s end)\nexecute(s)"),
		"a growing list":               change("s = Enum.reduce(1..60, [1], fn _, s -> s ++ s end)\nEnum.each(s, &execute/1)"),
		"an attribute of itself":       "@a [@a]\n" + change("Enum.each(@a, &execute/1)"),
		"deep conditions":              "def change, do: f(System.unique_integer())\ndef f(x) do\n" + deep + "end",
		"commands in commands":         change("create table(:a) do\ncreate table(:b) do\nadd :c, :text\nend\nend"),
		"a block without a table":      change("add :a, :text\ntimestamps()\nalter nil do\nadd :b, :text\nend"),
		"names of no kind":             change("create table(1)\ncreate index([], nil)\ndrop 1\nrename 1, to: 2\ncreate constraint(nil, nil)\nexecute 1\nreferences(nil)"),
		"broken SQL":                   change("execute \"CREATE TABLE (((\"\nexecute \"ALTER\"\nexecute \"DO $$ create\""),
		"a change of what is gone":     change("drop table(:a)\nalter table(:a) do\nremove :b\nmodify :c, :text\nend\nrename table(:b), to: table(:c)\ndrop index(:a, [:b])"),
		"too few arguments":            change("create\ntable()\nadd()\nexecute()\nEnum.each()\nEnum.map([1])\nString.to_atom()\nEnum.reduce([1], 2)"),
		"functions of the wrong arity": change("Enum.map([1, 2], fn a, b -> a end)\nEnum.reduce([1], 0, fn a -> a end)\nexecute(fn a -> a end, 1)"),
	} {
		t.Run(name, func(*testing.T) { dump(program(t, []*source.File{migration("", 1, body)})) })
	}
}

// TestBroken cuts a project at every place of its text.
func TestBroken(t *testing.T) {
	text := migration("", 1, change(`create table(:a, prefix: "b") do
  add :c, references(:d, on_delete: :nilify_all), null: false, default: 1
  timestamps(type: :utc_datetime)
end
create index(:a, [:c, "lower(e)", desc: :f], where: "c > 1", include: [:g])
execute "ALTER TABLE a ADD COLUMN h int DEFAULT 1, ADD CHECK (h > 1)"`)).Text
	for i := range len(text) {
		f := source.NewFile("priv/repo/migrations/1_step.exs", text[:i])
		dump(program(t, []*source.File{f}))
		f = source.NewFile("priv/repo/migrations/1_step.exs", text[:i]+text[min(len(text), i+7):])
		dump(program(t, []*source.File{f}))
	}
}

// project reads a project of the corpus.
func project(b *testing.B, name string) *ir.Program {
	root := os.Getenv("ASSAY_CORPUS")
	if root == "" {
		b.Skip("ASSAY_CORPUS is not set: it names a folder with projects")
	}
	list, err := source.Scan(filepath.Join(root, name), source.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var files []*source.File
	for i := range list.Entries {
		if f, err := source.Read(list, i); err == nil {
			files = append(files, f)
		}
	}
	return program(b, files)
}

func BenchmarkReplay(b *testing.B) {
	for _, name := range []string{"glific", "hexpm"} {
		b.Run(name, func(b *testing.B) {
			p := project(b, name)
			b.ReportAllocs()
			for b.Loop() {
				replay.Replay(p)
			}
		})
	}
}

// TestLog compares what is noted of each migration, a line for each change.
func TestLog(t *testing.T) {
	const project = `
-- mix.exs --
defmodule Shop.MixProject do
  def project, do: [app: :shop, deps: []]
end
-- config/config.exs --
import Config
config :shop, Shop.Repo, migration_lock: false
-- lib/shop/repo.ex --
defmodule Shop.Repo do
  use Ecto.Repo, otp_app: :shop, adapter: Ecto.Adapters.Postgres
end
-- priv/repo/migrations/1_create.exs --
defmodule Shop.Create do
  use Ecto.Migration

  def change do
    create table(:users)

    create table(:orders) do
      add :state, :string
      add :total, :integer
    end

    create index(:orders, [:state])
  end
end
-- priv/repo/migrations/2_change.exs --
defmodule Shop.Change do
  use Ecto.Migration
  @disable_ddl_transaction true

  def change do
    alter table(:orders) do
      add :user_id, references(:users, validate: false, nulls: 1), null: false
      add :token, :uuid, default: fragment("gen_random_uuid()")
      modify :state, :string, null: false
      modify :total, :bigint
      remove :gone
    end

    drop index(:orders, [:state], concurrently: true)
    execute "UPDATE orders SET total = 1; DELETE FROM users WHERE id = 1; REINDEX TABLE orders; CLUSTER orders"
    execute "CREATE VIEW sales AS SELECT 1", "DROP VIEW sales"
    repo().update_all("orders", set: [total: 2])
    index(:orders, [:total, :state])
    rename table(:orders), to: table(:sales_orders)
    drop table(:users)
  end
end
`
	const want = `
2 transaction=false locked=false
one-way modify without from []
one-way modify without from []
one-way remove/1 []
one-way execute/1 []
rows-written orders update [] every made-by-1
one-way drop table []
column-added orders user_id [] bigint not-null made-by-1
foreign-key-added orders orders_user_id_fkey users [user_id] unchecked exclusive made-by-1
column-added orders token [] uuid ` + "`gen_random_uuid`" + ` is computed for every row made-by-1
not-null-set orders state [] made-by-1
type-changed orders total [] integer bigint made-by-1
index-dropped orders orders_state_index [state] concurrent made-by-1
rows-written orders update [] every made-by-1
rows-written users delete [] made-by-1
index-rebuilt orders [] made-by-1
table-rewritten orders CLUSTER [] made-by-1
view-added sales []
table-renamed orders sales_orders [] made-by-1
table-dropped users [] made-by-1
misplaced references nulls: 1 on orders.user_id
unused index on orders [total state]
`
	kinds := strings.Fields("table-dropped table-renamed table-emptied table-rewritten rows-written column-added column-dropped column-renamed " +
		"type-changed not-null-set index-added index-dropped index-rebuilt key-added unique-added exclusion-added foreign-key-added " +
		"check-added validated view-added one-way")
	p := program(t, archive(project))
	var b strings.Builder
	for _, db := range replay.Replay(p) {
		for _, m := range db.Migrations[1:] {
			fmt.Fprintf(&b, "%d transaction=%t locked=%t\n", m.Version, m.Transaction, m.Locked)
			for _, c := range m.Changes {
				fmt.Fprintln(&b, strings.Join(strings.Fields(fmt.Sprintln(kinds[c.Kind], c.Table, c.Name, c.To, c.Columns, c.From, c.Type, c.Rewrites, noted(&c))), " "))
			}
		}
		for _, m := range db.Misplaced {
			fmt.Fprintf(&b, "misplaced %s %s: %s on %s.%s\n", m.Call, m.Option, m.Value, m.Table, m.Column)
		}
		for _, u := range db.Unused {
			fmt.Fprintf(&b, "unused %s on %s %v\n", u.Call, u.Table, u.Columns)
		}
	}
	if got := b.String(); got != want[1:] {
		t.Errorf("got:\n%s", got)
	}
}

func archive(text string) []*source.File {
	var files []*source.File
	for _, f := range txtar.Parse([]byte(text)).Files {
		files = append(files, source.NewFile(f.Name, string(f.Data)))
	}
	return files
}

// noted are the marks of a change.
func noted(c *ir.Change) string {
	var out []string
	for _, m := range []struct {
		set  bool
		word string
	}{
		{c.NotNull, "not-null"}, {c.Concurrent, "concurrent"}, {c.Unchecked, "unchecked"}, {c.Every, "every"},
		{c.Exclusive, "exclusive"}, {c.Maybe, "maybe"}, {c.TableMade == 1, "made-by-1"},
	} {
		if m.set {
			out = append(out, m.word)
		}
	}
	return strings.Join(out, " ")
}
