package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/cli"
	"github.com/assay-dev/assay/scripts/postgres"
)

// TestDumps has PostgreSQL execute each file of testdata, has Assay read the same
// file as a project's dump, and compares the two databases. It does so again with
// the dump that PostgreSQL itself writes of that database.
func TestDumps(t *testing.T) {
	server := start(t)
	names, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("nothing in testdata: %v", err)
	}
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".sql")
		t.Run(base, func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			there := server.execute(t, base, text)
			equal(t, there, replayed(t, text))
			equal(t, there, replayed(t, server.dump(t, base)))
		})
	}
}

// equal compares a live database with what Assay read.
func equal(t *testing.T, there psql, read *database) {
	t.Helper()
	o, err := compare(there, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.differences) > 0 || o.all["column"] == 0 {
		var out bytes.Buffer
		o.print(&out)
		t.Error(out.String())
	}
}

// TestDifferences leaves a server and Assay with different databases.
func TestDifferences(t *testing.T) {
	server := start(t)
	there := server.execute(t, "there", []byte("CREATE TABLE a (x int DEFAULT 1, y text); CREATE TABLE left_out (x int);"))
	o, err := compare(there, replayed(t, []byte("CREATE TABLE a (x int DEFAULT 2, y text, z text NOT NULL); CREATE INDEX ON a (x);")), []string{"left_*"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"column public.a.x: assay says integer default 2, postgresql integer default 1",
		"column public.a.z: only assay has it: text not null",
		`index public.a a_x_idx: only assay has it: CREATE INDEX ON public.a USING btree ("x")`,
	}
	if !slices.Equal(o.differences, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(o.differences, "\n"), strings.Join(want, "\n"))
	}
	if o.equal["column"] != 1 || o.all["column"] != 3 {
		t.Errorf("%d of %d columns, want 1 of 3", o.equal["column"], o.all["column"])
	}
}

// replayed is what Assay reads out of a project whose dump has a text.
func replayed(t *testing.T, text []byte) *database {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"mix.exs":                            "defmodule A.MixProject do\n  def project, do: [app: :a]\nend\n",
		"lib/repo.ex":                        "defmodule A.Repo do\n  use Ecto.Repo, otp_app: :a, adapter: Ecto.Adapters.Postgres\nend\n",
		"priv/repo/structure.sql":            string(text),
		"priv/repo/migrations/1_nothing.exs": "defmodule A.Nothing do\n  use Ecto.Migration\n  def change, do: :ok\nend\n",
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, failed bytes.Buffer
	if code := cli.Main([]string{"dump", "schema", "--format", "json", dir}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &failed}); code != 0 {
		t.Fatalf("exit code %d: %s", code, failed.String())
	}
	d, err := decode(out.Bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// server is a PostgreSQL that lives for one test.
type server struct{ postgres.Server }

func start(t *testing.T) server { return server{postgres.Start(t)} }

// execute makes a database and executes statements in it.
func (s server) execute(t *testing.T, name string, text []byte) psql {
	t.Helper()
	s.Database(t, name)
	if out, err := s.Execute(name, "SET client_min_messages = warning;\n"+string(text)); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return psql{s.Program("psql"), s.DSN(name)}
}

// dump is what pg_dump writes of a database's schema.
func (s server) dump(t *testing.T, name string) []byte {
	t.Helper()
	out, err := exec.Command(s.Program("pg_dump"), "--schema-only", "--no-owner", "--no-acl", s.DSN(name)).Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}
