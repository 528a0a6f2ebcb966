// Package postgres starts a PostgreSQL server that lives for one test.
package postgres

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
)

// Server is a running server. It listens to no network.
type Server struct{ bin, dir string }

// Start starts a server in a folder of its own and stops it when the test ends.
// Without an installation the test is skipped, in CI it fails.
func Start(t testing.TB) Server {
	t.Helper()
	s := Server{bin: programs(t)}
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
func programs(t testing.TB) string {
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
func give(t testing.TB, dir string) {
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
func (s Server) run(t testing.TB, name string, args ...string) {
	t.Helper()
	c := exec.Command(s.Program(name), args...)
	if os.Getuid() == 0 {
		c = exec.Command("runuser", append([]string{"-u", "postgres", "--", c.Path}, args...)...)
	}
	c.Dir = s.dir
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil {
		// The log may not be there yet.
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		t.Fatalf("%s: %v\n%s\n%s", name, err, out.String(), log)
	}
}

// Database makes an empty database.
func (s Server) Database(t testing.TB, name string) {
	t.Helper()
	if out, err := s.Execute("postgres", `CREATE DATABASE "`+name+`" TEMPLATE template0`); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Execute has a database execute statements up to the first error, and returns
// what it says: rows without their heads, and messages.
func (s Server) Execute(database, statements string) (string, error) {
	c := exec.Command(s.Program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", s.DSN(database))
	c.Stdin = strings.NewReader(statements)
	out, err := c.CombinedOutput()
	return string(out), err
}

// Program is the path of one of the installation's programs.
func (s Server) Program(name string) string { return filepath.Join(s.bin, name) }

// DSN is how clients reach a database.
func (s Server) DSN(database string) string {
	return "host=" + s.dir + " user=postgres dbname=" + database
}
