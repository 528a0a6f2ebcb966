package main

import (
	"bytes"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/cli"
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
type server struct{ bin, dir string }

// start starts a server in a folder of its own. It listens to no network.
func start(t *testing.T) server {
	t.Helper()
	s := server{bin: programs(t)}
	// The folder of a test is closed to the user that the server runs as.
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		t.Fatal(err)
	}
	s.dir = dir
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if os.Getuid() == 0 {
		give(t, dir)
	}
	data := filepath.Join(dir, "data")
	s.run(t, "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	s.run(t, "pg_ctl", "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o", "-k "+dir+" -c listen_addresses= -c fsync=off", "start")
	t.Cleanup(func() { s.run(t, "pg_ctl", "-D", data, "-m", "immediate", "stop") })
	return s
}

// programs is the folder of the server's programs: the newest there is.
func programs(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(found, func(a, b string) int { return release(a) - release(b) })
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if name, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(name)
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("PostgreSQL is not installed")
	}
	t.Skip("PostgreSQL is not installed")
	return ""
}

// release is the number in a path of /usr/lib/postgresql.
func release(name string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(name))))
	if err != nil {
		return 0
	}
	return n
}

// give lets the user postgres own a folder: the server refuses to run as root.
func give(t *testing.T, dir string) {
	t.Helper()
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, uid, -1); err != nil {
		t.Fatal(err)
	}
}

// run runs one of the server's programs.
func (s server) run(t *testing.T, name string, args ...string) {
	t.Helper()
	c := exec.Command(filepath.Join(s.bin, name), args...)
	if os.Getuid() == 0 {
		c = exec.Command("runuser", append([]string{"-u", "postgres", "--", c.Path}, args...)...)
	}
	c.Dir = s.dir
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		t.Fatalf("%s: %v\n%s\n%s", name, err, out.String(), log)
	}
}

// execute makes a database and executes statements in it.
func (s server) execute(t *testing.T, name string, text []byte) psql {
	t.Helper()
	s.psql(t, "postgres", []byte(`CREATE DATABASE "`+name+`" TEMPLATE template0`))
	s.psql(t, name, text)
	return psql{filepath.Join(s.bin, "psql"), s.dsn(name)}
}

// dump is what pg_dump writes of a database's schema.
func (s server) dump(t *testing.T, name string) []byte {
	t.Helper()
	out, err := exec.Command(filepath.Join(s.bin, "pg_dump"), "--schema-only", "--no-owner", "--no-acl", s.dsn(name)).Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (s server) dsn(name string) string { return "host=" + s.dir + " user=postgres dbname=" + name }

func (s server) psql(t *testing.T, name string, text []byte) {
	t.Helper()
	c := exec.Command(filepath.Join(s.bin, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", s.dsn(name))
	c.Env = append(os.Environ(), "PGOPTIONS=-c client_min_messages=warning")
	c.Stdin = bytes.NewReader(text)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}
