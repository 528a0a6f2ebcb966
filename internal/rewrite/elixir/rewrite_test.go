package elixir_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/link"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/replay"
	"github.com/assay-dev/assay/internal/rewrite/elixir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

const migration = `defmodule MyApp.Repo.Migrations.CreatePosts do
  use Ecto.Migration

  def change do
    create table(:users) do
      add :name, :string
    end

    create table(:posts) do
      add :user_id, :bigint
      add :"odd name", :string
      add :slug, :string
    end

    create index(:posts, [:user_id, :slug])
    create index(:posts, [:user_id])

    create table(:logs, prefix: "audit") do
      add :what, :string
    end
  end
end
`

// writer reads a small project.
func writer(t testing.TB, files map[string]string) *elixir.Writer {
	t.Helper()
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var list []*source.File
	for name, text := range files {
		list = append(list, source.NewFile(name, text))
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
	p.Databases = replay.Replay(p)
	return &elixir.Writer{Files: set, Trees: trees, Program: p, Stamp: 20240301120000}
}

func project(t testing.TB, migration string) (*elixir.Writer, *ir.Database) {
	t.Helper()
	w := writer(t, map[string]string{"priv/repo/migrations/20240101000000_create_posts.exs": migration})
	if len(w.Program.Databases) != 1 {
		t.Fatalf("%d databases", len(w.Program.Databases))
	}
	return w, w.Program.Databases[0]
}

// spelled is a fix as text: its files, then its edits.
func spelled(f fix.Fix) string {
	var b strings.Builder
	for _, n := range f.Files {
		b.WriteString("-- " + n.Path + " --\n" + n.Text)
	}
	return b.String()
}

func TestMigrations(t *testing.T) {
	const required = `-- priv/repo/migrations/20240301120000_check_presence_posts_slug.exs --
defmodule MyApp.Repo.Migrations.CheckPresencePostsSlug do
  use Ecto.Migration

  def change do
    create constraint(:posts, :posts_slug_present, check: "slug IS NOT NULL", validate: false)
  end
end
-- priv/repo/migrations/20240301120001_require_posts_slug.exs --
defmodule MyApp.Repo.Migrations.RequirePostsSlug do
  use Ecto.Migration

  def up do
    execute "ALTER TABLE posts VALIDATE CONSTRAINT posts_slug_present"
    execute "ALTER TABLE posts ALTER COLUMN slug SET NOT NULL"
    drop constraint(:posts, :posts_slug_present)
  end

  def down do
    create constraint(:posts, :posts_slug_present, check: "slug IS NOT NULL", validate: false)
    execute "ALTER TABLE posts ALTER COLUMN slug DROP NOT NULL"
  end
end
`
	for _, c := range []struct {
		name   string
		change func(*ir.Database) fix.Change
		safety fix.Safety
		want   string
	}{
		{"an index", func(d *ir.Database) fix.Change {
			return &fix.CreateIndex{Database: d, Table: d.Table("", "posts"), Columns: []string{"slug"}}
		}, fix.Safe, `-- priv/repo/migrations/20240301120000_index_posts_on_slug.exs --
defmodule MyApp.Repo.Migrations.IndexPostsOnSlug do
  use Ecto.Migration

  @disable_ddl_transaction true
  @disable_migration_lock true

  def change do
    create index(:posts, [:slug], concurrently: true)
  end
end
`},
		{"a name that is no word", func(d *ir.Database) fix.Change {
			return &fix.CreateIndex{Database: d, Table: d.Table("", "posts"), Columns: []string{"odd name"}, Where: `"odd name" <> '#{x}'`}
		}, fix.Safe, `-- priv/repo/migrations/20240301120000_index_posts_on_odd_name.exs --
defmodule MyApp.Repo.Migrations.IndexPostsOnOddName do
  use Ecto.Migration

  @disable_ddl_transaction true
  @disable_migration_lock true

  def change do
    create index(:posts, [:"odd name"], where: "\"odd name\" <> '\#{x}'", concurrently: true)
  end
end
`},
		{"a table of another schema", func(d *ir.Database) fix.Change {
			return &fix.CreateIndex{Database: d, Table: d.Table("audit", "logs"), Columns: []string{"what"}}
		}, fix.Safe, `-- priv/repo/migrations/20240301120000_index_logs_on_what.exs --
defmodule MyApp.Repo.Migrations.IndexLogsOnWhat do
  use Ecto.Migration

  @disable_ddl_transaction true
  @disable_migration_lock true

  def change do
    create index(:logs, [:what], prefix: "audit", concurrently: true)
  end
end
`},
		{"a unique index", func(d *ir.Database) fix.Change {
			return &fix.CreateIndex{Database: d, Table: d.Table("", "posts"), Columns: []string{"slug"}, Unique: true}
		}, fix.Asked, `-- priv/repo/migrations/20240301120000_unique_index_posts_on_slug.exs --
defmodule MyApp.Repo.Migrations.UniqueIndexPostsOnSlug do
  use Ecto.Migration

  @disable_ddl_transaction true
  @disable_migration_lock true

  def up do
    # A concurrent build that meets duplicates leaves an invalid index behind.
    execute """
    DO $$
    BEGIN
      IF EXISTS (
        SELECT 1 FROM posts
        WHERE slug IS NOT NULL
        GROUP BY slug HAVING count(*) > 1
      ) THEN
        RAISE EXCEPTION 'posts holds rows with the same slug';
      END IF;
    END $$
    """

    create unique_index(:posts, [:slug], concurrently: true)
  end

  def down do
    drop unique_index(:posts, [:slug], concurrently: true)
  end
end
`},
		{"an index that is not needed", func(d *ir.Database) fix.Change {
			t := d.Table("", "posts")
			return &fix.DropIndex{Database: d, Table: t, Index: t.Index("posts_user_id_index")}
		}, fix.Safe, `-- priv/repo/migrations/20240301120000_drop_posts_user_id_index.exs --
defmodule MyApp.Repo.Migrations.DropPostsUserIdIndex do
  use Ecto.Migration

  @disable_ddl_transaction true
  @disable_migration_lock true

  def change do
    drop index(:posts, [:user_id], concurrently: true)
  end
end
`},
		{"an index that only databases of a dump may have", func(d *ir.Database) fix.Change {
			t := *d.Table("", "posts")
			x := *t.Index("posts_user_id_index")
			x.Made.Version = 0
			return &fix.DropIndex{Database: d, Table: &t, Index: &x}
		}, fix.Safe, `-- priv/repo/migrations/20240301120000_drop_posts_user_id_index.exs --
defmodule MyApp.Repo.Migrations.DropPostsUserIdIndex do
  use Ecto.Migration

  @disable_ddl_transaction true
  @disable_migration_lock true

  def change do
    drop_if_exists index(:posts, [:user_id], concurrently: true)
  end
end
`},
		{"a column with a default that must not be null", func(d *ir.Database) fix.Change {
			t := *d.Table("", "posts")
			t.Columns = slices.Clone(t.Columns)
			t.Column("slug").Default = "'none'"
			return &fix.RequireColumn{Database: d, Table: &t, Columns: []string{"slug"}}
		}, fix.Asked, strings.Replace(required, "  def up do\n", "  def up do\n    execute \"UPDATE posts SET slug = 'none' WHERE slug IS NULL\"\n", 1)},
		{"a column that must not be null", func(d *ir.Database) fix.Change {
			return &fix.RequireColumn{Database: d, Table: d.Table("", "posts"), Columns: []string{"slug"}}
		}, fix.Asked, required},
		{"two columns: all rows are read before the first lock", func(d *ir.Database) fix.Change {
			return &fix.RequireColumn{Database: d, Table: d.Table("", "posts"), Columns: []string{"user_id", "slug"}}
		}, fix.Asked, `-- priv/repo/migrations/20240301120000_check_presence_posts_user_id_slug.exs --
defmodule MyApp.Repo.Migrations.CheckPresencePostsUserIdSlug do
  use Ecto.Migration

  def change do
    create constraint(:posts, :posts_user_id_present,
             check: "user_id IS NOT NULL",
             validate: false
           )

    create constraint(:posts, :posts_slug_present, check: "slug IS NOT NULL", validate: false)
  end
end
-- priv/repo/migrations/20240301120001_require_posts_user_id_slug.exs --
defmodule MyApp.Repo.Migrations.RequirePostsUserIdSlug do
  use Ecto.Migration

  def up do
    execute "ALTER TABLE posts VALIDATE CONSTRAINT posts_user_id_present"
    execute "ALTER TABLE posts VALIDATE CONSTRAINT posts_slug_present"
    execute "ALTER TABLE posts ALTER COLUMN user_id SET NOT NULL"
    drop constraint(:posts, :posts_user_id_present)
    execute "ALTER TABLE posts ALTER COLUMN slug SET NOT NULL"
    drop constraint(:posts, :posts_slug_present)
  end

  def down do
    create constraint(:posts, :posts_slug_present, check: "slug IS NOT NULL", validate: false)

    create constraint(:posts, :posts_user_id_present,
             check: "user_id IS NOT NULL",
             validate: false
           )

    execute "ALTER TABLE posts ALTER COLUMN slug DROP NOT NULL"
    execute "ALTER TABLE posts ALTER COLUMN user_id DROP NOT NULL"
  end
end
`},
		{"a reference", func(d *ir.Database) fix.Change {
			return &fix.Refer{Database: d, Table: d.Table("", "posts"), Column: "user_id", To: d.Table("", "users"), References: "id", OnDelete: ir.Cascade}
		}, fix.Asked, `-- priv/repo/migrations/20240301120000_refer_from_posts_user_id.exs --
defmodule MyApp.Repo.Migrations.ReferFromPostsUserId do
  use Ecto.Migration

  def up do
    execute """
    ALTER TABLE posts
    ADD CONSTRAINT posts_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES users (id)
    ON DELETE CASCADE NOT VALID
    """
  end

  def down do
    execute "ALTER TABLE posts DROP CONSTRAINT posts_user_id_fkey"
  end
end
-- priv/repo/migrations/20240301120001_validate_reference_from_posts_user_id.exs --
defmodule MyApp.Repo.Migrations.ValidateReferenceFromPostsUserId do
  use Ecto.Migration

  def change do
    execute "ALTER TABLE posts VALIDATE CONSTRAINT posts_user_id_fkey", ""
  end
end
`},
	} {
		w, d := project(t, migration)
		f, err := w.Spell(c.change(d))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := spelled(f); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
		if f.Safety != c.safety {
			t.Errorf("%s: %s, want %s", c.name, f.Safety, c.safety)
		}
		for _, n := range f.Files {
			if tree := syn.Parse(source.NewFile(n.Path, n.Text)); len(tree.Errors) > 0 {
				t.Errorf("%s: %s cannot be read: %v", c.name, n.Path, tree.Errors)
			}
		}
	}
}

// inParens is a migration whose commands have parentheses.
func inParens(text string) string {
	return regexp.MustCompile(`(?m)(add|create) (.*?)( do)?$`).ReplaceAllString(text, "$1($2)$3")
}

// indexSlug spells an index of posts that begins with slug.
func indexSlug(w *elixir.Writer, d *ir.Database, columns ...string) (fix.Fix, error) {
	return w.Spell(&fix.CreateIndex{Database: d, Table: d.Table("", "posts"), Columns: append([]string{"slug"}, columns...)})
}

// TestMigrationHabits looks at the ways in which projects write migrations.
func TestMigrationHabits(t *testing.T) {
	index := func(w *elixir.Writer, d *ir.Database, columns ...string) (string, error) {
		f, err := indexSlug(w, d, columns...)
		return spelled(f), err
	}
	w, d := project(t, inParens(migration))
	if got, err := index(w, d); err != nil || !strings.Contains(got, "    create(index(:posts, [:slug], concurrently: true))\n") {
		t.Errorf("with parentheses: %v\n%s", err, got)
	}
	w, d = project(t, migration)
	w.Stamp = 20230101000000 // before the newest migration
	if got, err := index(w, d); err != nil || !strings.HasPrefix(got, "-- priv/repo/migrations/20240101000001_") {
		t.Errorf("a version that is too low: %v\n%s", err, got)
	}
	if got, err := index(w, d); err != nil || !strings.HasPrefix(got, "-- priv/repo/migrations/20240101000001_") {
		t.Errorf("the same once more: %v\n%s", err, got)
	}
	if got, err := index(w, d, "user_id"); err != nil || !strings.HasPrefix(got, "-- priv/repo/migrations/20240101000002_") {
		t.Errorf("the next version: %v\n%s", err, got)
	}
	const licence = "# Copyright MyApp\n#\n# All of it.\n\n"
	w, d = project(t, licence+strings.Replace(migration, "  use Ecto.Migration\n", "  @moduledoc false\n\n  use Ecto.Migration, :own\n", 1))
	begins := "defmodule MyApp.Repo.Migrations.IndexPostsOnSlug do\n  @moduledoc false\n\n  use Ecto.Migration, :own\n\n  @disable"
	if got, err := index(w, d); err != nil || !strings.Contains(got, licence+begins) {
		t.Errorf("begun as the others: %v\n%s", err, got)
	}
	later := func(name string) string {
		return "defmodule " + name + " do\n  use Ecto.Migration\n\n  def change, do: :ok\nend\n"
	}
	w = setUp(t, map[string]string{
		"priv/repo/migrations/20240101000000_create_posts.exs": migration,
		"priv/repo/migrations/20240201000000_second.exs":       later("MyApp.Repo.Migrations.Second"),
		"priv/repo/migrations/20240301000000_copied.exs":       later("Other.Repo.Migrations.Copied"),
	})
	if got, err := index(w, w.Program.Databases[0]); err != nil || !strings.Contains(got, "defmodule MyApp.Repo.Migrations.IndexPostsOnSlug do") {
		t.Errorf("named as most of the others: %v\n%s", err, got)
	}
}

// The tables of tenants have a folder of their own beside the usual one, and what is done to them
// belongs there.
func TestMigrationsOfTenants(t *testing.T) {
	w := writer(t, map[string]string{
		"mix.exs":     mixFile,
		"lib/repo.ex": "defmodule MyApp.Repo do\n  use Ecto.Repo, otp_app: :my_app, adapter: Ecto.Adapters.Postgres\nend\n",
		"priv/repo/migrations/20250101000000_create_shops.exs":        "defmodule MyApp.Repo.Migrations.CreateShops do\n  use Ecto.Migration\n\n  def change do\n    create table(:shops)\n  end\nend\n",
		"priv/repo/tenant_migrations/20240101000000_create_posts.exs": migration,
	})
	for _, d := range w.Program.Databases {
		if d.Table("", "posts") == nil {
			continue
		}
		f, err := indexSlug(w, d)
		if err != nil || !strings.HasPrefix(f.Files[0].Path, "priv/repo/tenant_migrations/") {
			t.Errorf("%v %v", err, f.Files)
		}
		return
	}
	t.Error("no database has the table")
}

// A concurrent build waits for the transaction that holds the lock of the migrations, which
// a migration can give up from ecto_sql 3.1.5 on; older ones have no such lock.
func TestMigrationsOfOlderEcto(t *testing.T) {
	lock := func(name, version string) string {
		return "%{\n  \"" + name + "\": {:hex, :" + name + ", \"" + version + "\", \"a\", [:mix], [], \"hexpm\", \"b\"},\n}\n"
	}
	for _, c := range []struct {
		lock                 string
		concurrently, unlock bool
		back                 bool // execute takes a way back
	}{
		{lock("ecto", "1.1.3"), true, false, false},
		{lock("ecto", "2.1.6"), true, false, false},
		{lock("ecto", "2.2.11"), true, false, true},
		{lock("ecto_sql", "3.0.5"), false, false, true},
		{lock("ecto_sql", "3.1.5"), true, true, true},
	} {
		w := writer(t, map[string]string{
			"mix.exs":  "defmodule MyApp.MixProject do\n  use Mix.Project\n  def project, do: [app: :my_app, deps: [{:ecto, \"> 0.0.0\"}, {:ecto_sql, \"> 0.0.0\"}]]\nend\n",
			"mix.lock": c.lock, "priv/repo/migrations/20240101000000_create_posts.exs": migration,
		})
		d := w.Program.Databases[0]
		f, err := indexSlug(w, d)
		if err != nil {
			t.Fatal(err)
		}
		text := f.Files[0].Text
		if strings.Contains(text, "concurrently: true") != c.concurrently || strings.Contains(text, "@disable_migration_lock") != c.unlock || strings.Contains(text, "@disable_ddl_transaction") != c.concurrently {
			t.Errorf("%s%s", c.lock, text)
		}
		f, err = w.Spell(&fix.RequireColumn{Database: d, Table: d.Table("", "posts"), Columns: []string{"slug"}})
		if err != nil {
			t.Fatal(err)
		}
		// None of them knows the option of a constraint.
		if text := f.Files[0].Text + f.Files[1].Text; strings.Contains(text, "validate: false") || strings.Count(text, "NOT VALID") != 2 {
			t.Errorf("%s%s", c.lock, text)
		}
		f, err = w.Spell(&fix.Refer{Database: d, Table: d.Table("", "posts"), Column: "slug", To: d.Table("", "posts"), References: "id"})
		if err != nil || strings.Contains(f.Files[1].Text, `""`) != c.back || strings.Contains(f.Files[1].Text, "def change") != c.back {
			t.Errorf("%s%v %v", c.lock, err, f.Files)
		}
	}
}

// A database that only the configuration names may be one that refuses what PostgreSQL takes.
func TestMigrationsOfSeveralDatabases(t *testing.T) {
	for _, c := range []struct {
		adapter, deps string
		refused       bool
	}{
		{"Application.compile_env(:my_app, :adapter)", "{:postgrex, \"> 0.0.0\"}, {:ecto_sqlite3, \"> 0.0.0\"}", true},
		{"Application.compile_env(:my_app, :adapter)", "{:postgrex, \"> 0.0.0\"}", false},
		{"Ecto.Adapters.Postgres", "{:postgrex, \"> 0.0.0\"}, {:ecto_sqlite3, \"> 0.0.0\"}", false},
		{"if(Mix.env() == :dev, do: Ecto.Adapters.SQLite3, else: Ecto.Adapters.Postgres)", "{:postgrex, \"> 0.0.0\"}, {:ecto_sqlite3, \"> 0.0.0\", only: :dev}", true},
	} {
		w := writer(t, map[string]string{
			"mix.exs":            "defmodule MyApp.MixProject do\n  use Mix.Project\n  def project, do: [app: :my_app, deps: [{:ecto_sql, \"> 0.0.0\"}, " + c.deps + "]]\nend\n",
			"lib/my_app/repo.ex": "defmodule MyApp.Repo do\n  use Ecto.Repo, otp_app: :my_app, adapter: " + c.adapter + "\nend\n",
			"priv/repo/migrations/20240101000000_create_posts.exs": migration,
		})
		if _, err := indexSlug(w, w.Program.Databases[0]); (err != nil) != c.refused {
			t.Errorf("%s with %s: %v", c.adapter, c.deps, err)
		}
	}
}

// A constraint over several columns is declared on a list of fields from Ecto 3.4.2 on, and by its
// name before.
func TestDeclareForOlderEcto(t *testing.T) {
	for version, want := range map[string]string{
		"3.1.4": "unique_constraint(:list, name: :posts_list_slug_index)",
		"3.4.2": "unique_constraint([:list, :slug])",
	} {
		w := writer(t, map[string]string{
			"mix.exs":            "defmodule MyApp.MixProject do\n  use Mix.Project\n  def project, do: [app: :my_app, deps: [{:ecto, \"> 0.0.0\"}]]\nend\n",
			"mix.lock":           "%{\n  \"ecto\": {:hex, :ecto, \"" + version + "\", \"a\", [:mix], [], \"hexpm\", \"b\"},\n}\n",
			"lib/my_app/post.ex": "defmodule MyApp.Post do\n  import Ecto.Changeset\n\n  def changeset(post, attrs) do\n    post\n    |> cast(attrs, [:list, :slug])\n  end\nend\n",
		})
		c, x := calling(w, "lib/my_app/post.ex", "cast")
		f, err := w.Spell(&fix.Declare{Code: c, After: x, Kind: ir.UniqueConstraint, Fields: []string{"list", "slug"}, Usual: "posts_list_slug_index"})
		if err != nil {
			t.Fatal(err)
		}
		if got := applied(t, w, f)["lib/my_app/post.ex"]; !strings.Contains(got, want) {
			t.Errorf("%s: got\n%s", version, got)
		}
	}
}

// Migrations that are numbered and not dated go on with their numbers.
func TestNumberedMigrations(t *testing.T) {
	for _, c := range []struct{ first, second, want string }{
		{"1000", "1100", "1200"},
		{"006", "007", "008"},
		{"20240101000000", "2024010200000000", "20240301120000"},
	} {
		w := writer(t, map[string]string{
			"priv/repo/migrations/" + c.first + "_create_posts.exs": migration,
			"priv/repo/migrations/" + c.second + "_create_tags.exs": "defmodule MyApp.Repo.Migrations.CreateTags do\n  use Ecto.Migration\n  def change, do: create(table(:tags))\nend\n",
		})
		f, err := indexSlug(w, w.Program.Databases[0])
		if err != nil || f.Files[0].Path != "priv/repo/migrations/"+c.want+"_index_posts_on_slug.exs" {
			t.Errorf("%v %v", f.Files, err)
		}
	}
}

// TestOnlyShown spells a fix that needs a decision before those that do not: it uses up no
// version and no name, unless any of them may be applied.
func TestOnlyShown(t *testing.T) {
	for _, c := range []struct {
		offers bool
		want   []string
	}{
		{false, []string{"20240301120000_index_posts_on_slug", "20240301120000_index_posts_on_odd_name", "20240301120001_index_posts_on_slug"}},
		{true, []string{"20240301120000_index_posts_on_slug", "20240301120001_index_posts_on_odd_name", "20240301120000_index_posts_on_slug"}},
	} {
		w, d := project(t, migration)
		w.Offers = c.offers
		posts := d.Table("", "posts")
		index := func(columns ...string) *fix.CreateIndex {
			return &fix.CreateIndex{Database: d, Table: posts, Columns: columns}
		}
		for i, change := range []fix.Change{&fix.Only{Change: index("slug"), Question: "Is it so?"}, index("odd name"), index("slug")} {
			f, err := w.Spell(change)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Files[0].Path; got != "priv/repo/migrations/"+c.want[i]+".exs" {
				t.Errorf("%v: %s, want %s", c.offers, got, c.want[i])
			}
		}
	}
}

// TestManyVersions gives each of thousands of migrations a version of its own, and those that are
// not applied take none.
func TestManyVersions(t *testing.T) {
	const n = 12_000
	w, d := project(t, migration)
	w.NoTests = true
	posts := d.Table("", "posts")
	start := time.Now()
	first, seen := "", map[string]bool{}
	for i := range n {
		index := &fix.CreateIndex{Database: d, Table: posts, Columns: []string{"c" + strconv.Itoa(i)}}
		shown, err := w.Spell(&fix.Only{Change: index, Question: "Is it so?"})
		if err != nil {
			t.Fatal(err)
		}
		f, err := w.Spell(index)
		if err != nil || f.Files[0].Path != shown.Files[0].Path {
			t.Fatalf("%v, then %v (%v)", shown.Files, f.Files, err)
		}
		version, _, _ := strings.Cut(strings.TrimPrefix(f.Files[0].Path, "priv/repo/migrations/"), "_")
		if seen[version] {
			t.Fatalf("two have the version %s", version)
		}
		seen[version] = true
		if i == 0 {
			first = version
		}
	}
	if first != "20240301120000" || !seen["20240301151959"] {
		t.Errorf("the first is %s, and 20240301151959 was given: %v", first, seen["20240301151959"])
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("%d versions take %v", n, took)
	}
}

// Indexes of a table in partitions, or of a hypertable, are not made concurrently.
func TestIndexesThatLock(t *testing.T) {
	options := strings.Replace(migration, "create table(:posts)", "create table(:posts, options: \"PARTITION BY LIST (slug)\")", 1)
	if options == migration {
		t.Fatal("the migration makes no table")
	}
	for _, c := range []struct{ name, made, sql, note string }{
		{"plain", migration, "SELECT 1", ""},
		{"partitions", migration, "CREATE TABLE posts_1 PARTITION OF posts FOR VALUES IN (1)", "kept in partitions"},
		{"partitions that are made later", options, "SELECT 1", "kept in partitions"},
		{"hypertable", migration, "SELECT create_hypertable('posts', 'inserted_at')", "a hypertable of TimescaleDB"},
	} {
		w := writer(t, map[string]string{
			"priv/repo/migrations/20240101000000_create_posts.exs": c.made,
			"priv/repo/migrations/20240102000000_split.exs":        "defmodule MyApp.Repo.Migrations.Split do\n  use Ecto.Migration\n  def change, do: execute(\"" + c.sql + "\")\nend\n",
		})
		f, err := indexSlug(w, w.Program.Databases[0])
		if err != nil {
			t.Fatal(err)
		}
		shown := f.Safety == fix.Shown
		if plain := c.note == ""; shown == plain || strings.Contains(f.Files[0].Text, "concurrently") != plain || !strings.Contains(strings.Join(f.Notes, " "), c.note) {
			t.Errorf("%s: %s, %q\n%s", c.name, f.Safety, f.Notes, f.Files[0].Text)
		}
	}
}
