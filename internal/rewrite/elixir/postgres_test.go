package elixir_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/scripts/postgres"
)

// tables is the database of the migrations in project.
const tables = `
CREATE TABLE users (id bigserial PRIMARY KEY, name varchar);
CREATE TABLE posts (id bigserial PRIMARY KEY, user_id bigint, "odd name" varchar, slug varchar);
CREATE INDEX posts_user_id_slug_index ON posts (user_id, slug);
CREATE INDEX posts_user_id_index ON posts (user_id);
CREATE SCHEMA audit;
CREATE TABLE audit.logs (id bigserial PRIMARY KEY, what varchar);
INSERT INTO users (name) VALUES ('a'), ('b');
INSERT INTO posts (user_id, slug) VALUES (1, 'x'), (2, 'y'), (1, 'z');
`

// catalogue is what a database holds, one thing a line.
const catalogue = `
SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'audit') ORDER BY 1;
SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0 AND connamespace::regnamespace::text IN ('public', 'audit') AND contype <> 'n' ORDER BY 1;
SELECT attrelid::regclass || '.' || attname || ' not null ' || attnotnull || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
  FROM pg_attribute JOIN pg_class r ON r.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE attnum > 0 AND relkind = 'r' AND relnamespace::regnamespace::text IN ('public', 'audit') ORDER BY 1;
SELECT 'invalid index ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid;
`

// locks are the strongest locks that a transaction holds on its tables.
const locks = `
SELECT 'lock ' || relation::regclass || ' ' || mode FROM pg_locks JOIN pg_class c ON c.oid = relation
  WHERE pid = pg_backend_pid() AND relkind = 'r' AND relnamespace::regnamespace::text IN ('public', 'audit')
  AND mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') ORDER BY 1;
`

// TestOnPostgres has a server run the migrations of each kind of fix, forwards and
// back, and holds the result against its catalogue.
func TestOnPostgres(t *testing.T) {
	if _, err := exec.LookPath("elixir"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("elixir is not installed")
		}
		t.Skip("elixir is not installed")
	}
	server := postgres.Start(t)
	for _, c := range []struct {
		name   string
		change func(*ir.Database) fix.Change
		after  string   // a line of the catalogue that is there afterwards, or is not with "no " before it
		said   []string // what the server says meanwhile
		not    string   // what it must not say
	}{
		{"index", func(d *ir.Database) fix.Change {
			return &fix.CreateIndex{Database: d, Table: d.Table("", "posts"), Columns: []string{"slug"}}
		}, "CREATE INDEX posts_slug_index ON public.posts USING btree (slug)", nil, "lock"},
		{"condition", func(d *ir.Database) fix.Change {
			return &fix.CreateIndex{Database: d, Table: d.Table("", "posts"), Columns: []string{"odd name"}, Where: `"odd name" <> '#{x}'`}
		}, `CREATE INDEX posts_odd_name_index ON public.posts USING btree ("odd name") WHERE (("odd name")::text <> '#{x}'::text)`, nil, "lock"},
		{"schema", func(d *ir.Database) fix.Change {
			return &fix.CreateIndex{Database: d, Table: d.Table("audit", "logs"), Columns: []string{"what"}, Unique: true}
		}, "CREATE UNIQUE INDEX logs_what_index ON audit.logs USING btree (what)", nil, "lock"},
		{"unique", func(d *ir.Database) fix.Change {
			return &fix.CreateIndex{Database: d, Table: d.Table("", "posts"), Columns: []string{"slug"}, Unique: true}
		}, "CREATE UNIQUE INDEX posts_slug_index ON public.posts USING btree (slug)", nil, "lock"},
		{"drop", func(d *ir.Database) fix.Change {
			return &fix.DropIndex{Database: d, Table: d.Table("", "posts"), Index: d.Table("", "posts").Index("posts_user_id_index")}
		}, "no CREATE INDEX posts_user_id_index", nil, "lock"},
		{"required", func(d *ir.Database) fix.Change {
			return &fix.RequireColumn{Database: d, Table: d.Table("", "posts"), Columns: []string{"user_id", "slug"}}
		}, "posts.slug not null true", []string{
			`existing constraints on column "posts.slug" are sufficient to prove that it does not contain nulls`,
			`existing constraints on column "posts.user_id" are sufficient to prove that it does not contain nulls`,
		}, ""},
		{"filled", func(d *ir.Database) fix.Change {
			t := *d.Table("", "posts")
			t.Columns = slices.Clone(t.Columns)
			t.Column("odd name").Default = "'none'"
			return &fix.RequireColumn{Database: d, Table: &t, Columns: []string{"odd name"}}
		}, "posts.odd name not null true", nil, ""},
		{"perhaps", func(d *ir.Database) fix.Change {
			t := *d.Table("", "posts")
			x := *t.Index("posts_user_id_index")
			x.Made.Version = 0
			return &fix.DropIndex{Database: d, Table: &t, Index: &x}
		}, "no CREATE INDEX posts_user_id_index", nil, "lock"},
		{"default", func(d *ir.Database) fix.Change {
			return &fix.SetDefault{Database: d, Table: d.Table("", "posts"), Column: "slug", Value: "'new'"}
		}, "posts.slug not null false default 'new'::character varying", nil, ""},
		{"reference", func(d *ir.Database) fix.Change {
			return &fix.Refer{Database: d, Table: d.Table("", "posts"), Column: "user_id", To: d.Table("", "users"), References: "id", OnDelete: ir.Cascade}
		}, "posts posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE", []string{
			"lock posts ShareRowExclusiveLock", "lock users ShareRowExclusiveLock", "lock posts ShareUpdateExclusiveLock",
		}, ""},
		{"described", func(d *ir.Database) fix.Change {
			return &fix.Together{Changes: []fix.Change{
				&fix.CreateIndex{Database: d, Table: d.Table("", "posts"), Columns: []string{"slug", "user_id"}, Unique: true, Unlike: true},
				&fix.DropIndex{Database: d, Table: d.Table("", "posts"), Index: d.Table("", "posts").Index("posts_user_id_slug_index")},
			}}
		}, "CREATE UNIQUE INDEX posts_slug_user_id_index ON public.posts USING btree (slug, user_id)", nil, "lock"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, d := tested(t, migration)
			f, err := w.Spell(c.change(d))
			if err != nil {
				t.Fatal(err)
			}
			server.Database(t, c.name)
			must(t, server, c.name, tables)
			before := must(t, server, c.name, catalogue)
			migrations, tests := apart(f.Files)
			up, down := ways(t, migrations)
			questions := questionsOf(t, tests)
			if got := must(t, server, c.name, questions); !strings.Contains(got, "f") {
				t.Errorf("its test passes before the migration")
			}
			said := must(t, server, c.name, up)
			after := must(t, server, c.name, catalogue)
			line, gone := strings.CutPrefix(c.after, "no ")
			if strings.Contains(after, line) == gone {
				t.Errorf("the catalogue is\n%s\nwant %s", after, c.after)
			}
			for _, s := range c.said {
				if !strings.Contains(said, s) {
					t.Errorf("the server says\n%s\nwant %q", said, s)
				}
			}
			if c.not != "" && strings.Contains(said, c.not) {
				t.Errorf("the server says\n%s", said)
			}
			if got := must(t, server, c.name, questions); strings.Contains(got, "f") || !strings.Contains(got, "t") {
				t.Errorf("its test does not pass after the migration: %q\n%s", got, questions)
			}
			must(t, server, c.name, down)
			if again := must(t, server, c.name, catalogue); again != before {
				t.Errorf("on the way back\n%s\nwas\n%s", again, before)
			}
		})
	}
	t.Run("duplicates", func(t *testing.T) {
		w, d := project(t, migration)
		f, err := w.Spell(&fix.CreateIndex{Database: d, Table: d.Table("", "posts"), Columns: []string{"user_id"}, Unique: true, Name: "one_post"})
		if err != nil {
			t.Fatal(err)
		}
		server.Database(t, "duplicates")
		must(t, server, "duplicates", tables)
		before := must(t, server, "duplicates", catalogue)
		up, _ := ways(t, f.Files)
		if out, err := server.Execute("duplicates", up); err == nil || !strings.Contains(out, "posts holds rows with the same user_id") {
			t.Errorf("%v: %s", err, out)
		}
		if after := must(t, server, "duplicates", catalogue); after != before {
			t.Errorf("something is left\n%s", after)
		}
	})
}

// TestLayout has the formatter look at commands that are too long for a line.
func TestLayout(t *testing.T) {
	if _, err := exec.LookPath("elixir"); err != nil {
		t.Skip("elixir is not installed")
	}
	long := strings.Repeat("_and_more", 4)
	text := "defmodule MyApp.Repo.Migrations.A do\n  use Ecto.Migration\n\n  def change do\n    create table(:users)\n\n    create table(:posts" + long + ") do\n"
	columns := []string{"a" + long, "b" + long, "c" + long}
	for _, c := range append(columns, "short") {
		text += "      add :" + c + ", :bigint\n"
	}
	text += "    end\n  end\nend\n"
	for _, text := range []string{text, inParens(text)} {
		w, d := project(t, text)
		table := d.Table("", "posts"+long)
		var files []fix.File
		for n := 1; n <= len(columns); n++ {
			for _, c := range []fix.Change{
				&fix.CreateIndex{Database: d, Table: table, Columns: columns[:n], Unique: true},
				&fix.CreateIndex{Database: d, Table: table, Columns: []string{"short"}, Where: "short > 1"},
				&fix.RequireColumn{Database: d, Table: table, Columns: append([]string{"short"}, columns[:n]...)},
				&fix.Refer{Database: d, Table: table, Column: columns[n-1], To: d.Table("", "users"), References: "id"},
				&fix.SetDefault{Database: d, Table: table, Column: columns[n-1], Value: "0"},
			} {
				f, err := w.Spell(c)
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range f.Files {
					if !slices.Contains(files, n) {
						files = append(files, n)
					}
				}
			}
		}
		ways(t, files)
	}
}

func must(t *testing.T, server postgres.Server, database, statements string) string {
	t.Helper()
	out, err := server.Execute(database, statements)
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, statements, out)
	}
	return out
}

// ways are migrations as SQL, forwards and back. At the end of each transaction the
// server is asked for its locks.
func ways(t *testing.T, files []fix.File) (up, down string) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"testdata/migrate.exs"}
	for _, f := range files {
		name := filepath.Join(dir, filepath.Base(f.Path))
		if err := os.WriteFile(name, []byte(f.Text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	out, err := exec.Command("elixir", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(string(out), "-- "), "\n-- ") {
		head, sql, _ := strings.Cut(part, "\n")
		if !strings.HasSuffix(head, " concurrent") {
			sql = "BEGIN; SET LOCAL client_min_messages = debug1;\n" + sql + "\n" + locks + "\nCOMMIT;\n"
		}
		if strings.Contains(head, " up") {
			up += sql + "\n"
		} else {
			down = sql + "\n" + down
		}
	}
	return up, down
}
