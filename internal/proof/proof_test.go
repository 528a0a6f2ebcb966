package proof

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
)

func project(t *testing.T) (string, []source.Write) {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{"a.txt": "old", ".git/config": "x", "sub/b.txt": "b"} {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("sub/b.txt", filepath.Join(root, "inside")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(root, "outside")); err != nil {
		t.Fatal(err)
	}
	old, now, made := "old", "new", "made"
	return root, []source.Write{{Path: "a.txt", Old: &old, New: &now}, {Path: "dir/c.txt", New: &made}}
}

func sh(script string) []string { return []string{"sh", "-c", script} }

func TestRun(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell")
	}
	compiles := sh(`grep -q new a.txt && grep -q made dir/c.txt && grep -q b inside && [ ! -e .git ] && [ ! -e outside ]`)
	for _, c := range []struct {
		name     string
		commands Commands
		want     fix.Proof
		rung     fix.Proof
		failed   string
		output   string
	}{
		{"compiled", Commands{compiles, sh("exit 1")}, fix.Compiled, fix.Compiled, "", ""},
		{"tested", Commands{compiles, sh("true")}, fix.Tested, fix.Tested, "", ""},
		{"does not compile", Commands{sh("echo wrong >&2; exit 2"), sh("true")}, fix.Tested, fix.Checked, "sh -c echo wrong", "wrong"},
		{"a test fails", Commands{compiles, sh("echo 1 failure; exit 1")}, fix.Tested, fix.Compiled, "sh -c echo 1 failure", "1 failure"},
		{"takes too long", Commands{sh("sleep 60"), nil}, fix.Compiled, fix.Checked, "sh -c sleep 60", "stopped after"},
	} {
		root, writes := project(t)
		got, err := Run(root, writes, c.want, c.commands, Limits{Time: 500 * time.Millisecond, Memory: 1 << 33})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got.Rung != c.rung || !strings.HasPrefix(got.Failed, c.failed) || (got.Failed == "") != (c.failed == "") || !strings.Contains(got.Output, c.output) {
			t.Errorf("%s: got %+v", c.name, got)
		}
		if text, _ := os.ReadFile(filepath.Join(root, "a.txt")); string(text) != "old" {
			t.Errorf("%s: the project itself was written", c.name)
		}
	}
}

func TestRunNeedsItsCommands(t *testing.T) {
	root, writes := project(t)
	if _, err := Run(root, writes, fix.Compiled, Commands{Compile: []string{"no-such-program-anywhere"}}, Limits{Time: time.Second}); err == nil {
		t.Error("a command that is not there was run")
	}
	if _, err := Run(root, writes, fix.Compiled, Commands{}, Limits{Time: time.Second}); err == nil {
		t.Error("no command was run")
	}
}

func TestTail(t *testing.T) {
	var x tail
	for range 10_000 {
		_, _ = x.Write([]byte("0123456789"))
	}
	_, _ = x.Write([]byte("end"))
	if got := x.String(); len(got) != outputKept || !strings.HasSuffix(got, "789end") {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-6:])
	}
}
