package elixir_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/rewrite/elixir"
	"github.com/assay-dev/assay/internal/source"
)

const dataCase = `defmodule MyApp.DataCase do
  use ExUnit.CaseTemplate

  using do
    quote do
      alias MyApp.Repo
    end
  end

  setup tags do
    pid = Ecto.Adapters.SQL.Sandbox.start_owner!(MyApp.Repo, shared: not tags[:async])
    on_exit(fn -> Ecto.Adapters.SQL.Sandbox.stop_owner(pid) end)
  end
end
`

// setUp is a project whose tests are set up, with some of its files replaced; an
// empty text leaves a file out.
func setUp(t testing.TB, files map[string]string) *elixir.Writer {
	t.Helper()
	all := map[string]string{
		"mix.exs":                   "defmodule MyApp.MixProject do\n  use Mix.Project\n  def project, do: [app: :my_app]\nend\n",
		"lib/my_app/repo.ex":        "defmodule MyApp.Repo do\n  use Ecto.Repo, otp_app: :my_app, adapter: Ecto.Adapters.Postgres\nend\n",
		"test/support/data_case.ex": dataCase,
		"test/test_helper.exs":      "ExUnit.start()\n",
	}
	for name, text := range files {
		all[name] = text
		if text == "" {
			delete(all, name)
		}
	}
	return writer(t, all)
}

// tested is a project with a migration and a set-up for tests.
func tested(t testing.TB, migration string) (*elixir.Writer, *ir.Database) {
	t.Helper()
	w := setUp(t, map[string]string{"priv/repo/migrations/20240101000000_create_posts.exs": migration})
	return w, w.Program.Databases[0]
}

// apart are the files of a fix that are no tests, and those that are.
func apart(files []fix.File) (others, tests []fix.File) {
	for _, f := range files {
		if source.KindOf(f.Path) == source.Test {
			tests = append(tests, f)
		} else {
			others = append(others, f)
		}
	}
	return others, tests
}

// questionsOf are the queries that tests have the database answer with true.
func questionsOf(t *testing.T, tests []fix.File) string {
	t.Helper()
	var out strings.Builder
	for _, f := range tests {
		found := regexp.MustCompile(`(?s)query!\("(?:""\n(.*?)"")?(.*?)"\)`).FindAllStringSubmatch(f.Text, -1)
		if len(found) != strings.Count(f.Text, `[[true]]`) {
			t.Fatalf("%d questions in\n%s", len(found), f.Text)
		}
		for _, q := range found {
			out.WriteString(strings.NewReplacer(`\#`, "#", `\"`, `"`, `\\`, `\`).Replace(q[1]+q[2]) + ";\n")
		}
	}
	if out.Len() == 0 {
		t.Fatal("the fix brings no test")
	}
	return out.String()
}

// TestSuites holds the tests of fixes against what a project would write.
func TestSuites(t *testing.T) {
	change := func(d *ir.Database) fix.Change {
		return &fix.CreateIndex{Database: d, Table: d.Table("", "posts"), Columns: []string{"slug"}}
	}
	const question = `  test "an index of posts begins with slug" do
    assert %{rows: [[true]]} =
             Repo.query!("""
             SELECT count(*) > 0 FROM pg_index
             JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = indkey[0] AND a.attname = 'slug'
             WHERE indrelid = 'posts'::regclass AND indisvalid AND indpred IS NULL
             """)
  end
end
`
	const path = "test/my_app/repo/index_posts_on_slug_test.exs"
	for _, c := range []struct {
		name        string
		files       map[string]string
		path, want  string // the test
		why, reused string
	}{
		{"the alias of the template", nil, path, "defmodule MyApp.Repo.IndexPostsOnSlugTest do\n  use MyApp.DataCase\n\n" + question, "", "MyApp.DataCase"},
		{"tests beside others", map[string]string{
			"test/my_app/a_test.exs":    "defmodule MyApp.ATest do\n  use MyApp.DataCase, async: true\nend\n",
			"test/support/data_case.ex": strings.Replace(dataCase, "      alias MyApp.Repo\n", "      import Ecto.Query\n", 1),
		}, path, "defmodule MyApp.Repo.IndexPostsOnSlugTest do\n  use MyApp.DataCase, async: true\n\n  alias MyApp.Repo\n\n" + question, "", ""},
		{"a template of another name, and one for requests", map[string]string{
			"test/support/data_case.ex": strings.ReplaceAll(strings.ReplaceAll(dataCase, "MyApp.DataCase", "MyAppWeb.ConnCase"), "      alias MyApp.Repo\n", "      import Phoenix.ConnTest\n"),
			"test/support/repo_case.ex": strings.ReplaceAll(strings.ReplaceAll(dataCase, "MyApp.DataCase", "MyApp.RepoCase"), "alias MyApp.Repo\n", "alias MyApp.{Mailer, Repo}\n"),
		}, path, "defmodule MyApp.Repo.IndexPostsOnSlugTest do\n  use MyApp.RepoCase\n\n" + question, "", ""},
		{"one that drives a browser, which more tests use", map[string]string{
			"test/my_app/a_test.exs":       "defmodule MyApp.ATest do\n  use MyApp.FeatureCase\nend\n",
			"test/support/feature_case.ex": strings.ReplaceAll(strings.ReplaceAll(dataCase, "MyApp.DataCase", "MyApp.FeatureCase"), "      alias MyApp.Repo\n", "      use Wallaby.DSL\n"),
		}, path, "defmodule MyApp.Repo.IndexPostsOnSlugTest do\n  use MyApp.DataCase\n\n" + question, "", ""},
		{"a template of an application that was left behind, which is not compiled", map[string]string{
			"mix.exs":                "defmodule MyApp.MixProject do\n  use Mix.Project\n\n  def project, do: [app: :my_app, version: \"0.1.0\", elixirc_paths: [\"lib\", \"test/support\"], deps: [{:ecto_sql, \"~> 3.11\"}]]\nend\n",
			"test/my_app/a_test.exs": "defmodule MyApp.ATest do\n  use MyApp.DataCase\nend\n",
			"test/db/b_test.exs":     "defmodule Db.BTest do\n  use Db.DataCase\nend\n",
			"test/db/c_test.exs":     "defmodule Db.CTest do\n  use Db.DataCase\nend\n",
			"test/db/data_case.ex":   strings.ReplaceAll(dataCase, "MyApp.DataCase", "Db.DataCase"),
		}, path, "defmodule MyApp.Repo.IndexPostsOnSlugTest do\n  use MyApp.DataCase\n\n" + question, "", ""},
		{"a sandbox that a module of the project sets up", map[string]string{
			"test/support/data_case.ex": "defmodule MyApp.DataCase do\n  use ExUnit.CaseTemplate\n  use MyApp.Sandboxed\n\n  using do\n    quote do\n      alias MyApp.Repo\n    end\n  end\nend\n",
			"test/support/sandboxed.ex": "defmodule MyApp.Sandboxed do\n  defmacro __using__(_) do\n    quote do\n      setup do\n        Ecto.Adapters.SQL.Sandbox.checkout(MyApp.Repo)\n      end\n    end\n  end\nend\n",
		}, path, "defmodule MyApp.Repo.IndexPostsOnSlugTest do\n  use MyApp.DataCase\n\n" + question, "", ""},
		{"a file of that name", map[string]string{path: "defmodule MyApp.Repo.IndexPostsOnSlugTest do\n  use MyApp.DataCase\nend\n"},
			"test/my_app/repo/index_posts_on_slug_2_test.exs", "defmodule MyApp.Repo.IndexPostsOnSlug2Test do\n  use MyApp.DataCase\n\n" + question, "", ""},
		{"tests of other names", map[string]string{
			"mix.exs":                 "defmodule MyApp.MixProject do\n  use Mix.Project\n  def project, do: [app: :my_app, test_pattern: \"**/*_tests.exs\"]\nend\n",
			"test/my_app/a_tests.exs": "defmodule MyApp.ATest do\n  use MyApp.DataCase, async: true\nend\n",
		}, "test/my_app/repo/index_posts_on_slug_tests.exs", "defmodule MyApp.Repo.IndexPostsOnSlugTest do\n  use MyApp.DataCase, async: true\n\n" + question, "", ""},
		{"a template that no test uses", map[string]string{"test/my_app/a_test.exs": "defmodule MyApp.ATest do\n  use ExUnit.Case\nend\n"}, "", "", "no case template", ""},
		{"no template", map[string]string{"test/support/data_case.ex": ""}, "", "", "no case template", ""},
		{"the sandbox of another store", map[string]string{"test/support/data_case.ex": strings.ReplaceAll(dataCase, "!(MyApp.Repo,", "!(MyApp.Other,")}, "", "", "no case template", ""},
		{"no test helper", map[string]string{"test/test_helper.exs": ""}, "", "", "test_helper.exs", ""},
		{"another database", map[string]string{"lib/my_app/repo.ex": "defmodule MyApp.Repo do\n  use Ecto.Repo, otp_app: :my_app, adapter: Ecto.Adapters.MyXQL\nend\n"}, "", "", "the database is another one", ""},
	} {
		if c.files == nil {
			c.files = map[string]string{}
		}
		c.files["priv/repo/migrations/20240101000000_create_posts.exs"] = migration
		w := setUp(t, c.files)
		f, err := w.Spell(change(w.Program.Databases[0]))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		_, tests := apart(f.Files)
		switch {
		case c.path == "":
			if len(tests) > 0 || !strings.Contains(f.Untested, c.why) {
				t.Errorf("%s: %d tests, %q", c.name, len(tests), f.Untested)
			}
		case len(tests) != 1 || tests[0].Path != c.path || tests[0].Text != c.want:
			t.Errorf("%s: got\n%s%s", c.name, spelled(fix.Fix{Files: tests}), f.Untested)
		case c.reused != "" && strings.Join(f.Reused, " ") != c.reused:
			t.Errorf("%s: it says that it uses %v", c.name, f.Reused)
		}
		w.NoTests = true
		f, err = w.Spell(change(w.Program.Databases[0]))
		if _, tests := apart(f.Files); err != nil || len(tests) > 0 || f.Untested != "" {
			t.Errorf("%s: without tests: %v, %d tests, %q", c.name, err, len(tests), f.Untested)
		}
	}
}

// TestNoSuite names the changes after which the database is the same.
func TestNoSuite(t *testing.T) {
	w, d := tested(t, migration)
	m := &d.Migrations[0]
	f, err := w.Spell(&fix.Concurrently{Database: d, Migration: m, At: []source.Span{spanOf(t, w, m.Span.File, "create index(:posts, [:user_id])")}})
	if _, tests := apart(f.Files); err != nil || len(tests) > 0 || !strings.Contains(f.Untested, "the same afterwards") {
		t.Errorf("%v, %d tests, %q", err, len(tests), f.Untested)
	}
}

// spanOf is the place of a text in a file.
func spanOf(t *testing.T, w *elixir.Writer, file source.FileID, text string) source.Span {
	t.Helper()
	at := strings.Index(w.Files.File(file).Text, text)
	if at < 0 {
		t.Fatalf("%q is not there", text)
	}
	return source.Span{File: file, Start: int32(at), End: int32(at + len(text))}
}

// asFormatted has the formatter look at files.
func asFormatted(t *testing.T, files []fix.File) {
	t.Helper()
	if _, err := exec.LookPath("elixir"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("elixir is not installed")
		}
		t.Skip("elixir is not installed")
	}
	dir := t.TempDir()
	args := []string{"-e", `for file <- System.argv() do
  text = File.read!(file)
  formatted = IO.iodata_to_binary(Code.format_string!(text)) <> "\n"
  if formatted != text, do: raise("the formatter makes of #{text}\n#{formatted}")
end`}
	for i, f := range files {
		name := filepath.Join(dir, strings.Repeat("x", i+1)+".exs")
		if err := os.WriteFile(name, []byte(f.Text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	if out, err := exec.Command("elixir", args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestSuitesFormatted has the formatter look at the tests of every kind of migration.
func TestSuitesFormatted(t *testing.T) {
	w, d := tested(t, migration)
	posts := d.Table("", "posts")
	var files []fix.File
	for _, c := range []fix.Change{
		&fix.CreateIndex{Database: d, Table: posts, Columns: []string{"odd name"}, Where: `"odd name" <> '#{x}'`},
		&fix.CreateIndex{Database: d, Table: posts, Columns: []string{"slug", "user_id"}, Unique: true},
		&fix.DropIndex{Database: d, Table: posts, Index: posts.Index("posts_user_id_index")},
		&fix.RequireColumn{Database: d, Table: posts, Columns: []string{"user_id", "odd name", "slug"}},
		&fix.Refer{Database: d, Table: posts, Column: "user_id", To: d.Table("", "users"), References: "id"},
		&fix.SetDefault{Database: d, Table: d.Table("audit", "logs"), Column: "what", Value: "'x'"},
		&fix.AddColumn{Database: d, Table: posts, Column: "state", Type: "string"},
	} {
		f, err := w.Spell(c)
		if err != nil {
			t.Fatal(err)
		}
		_, tests := apart(f.Files)
		if len(tests) != 1 {
			t.Errorf("%s: %d tests: %s", c.Title(), len(tests), f.Untested)
		}
		files = append(files, tests...)
	}
	asFormatted(t, files)
}
