package source

import (
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var kills = flag.Int("kills", 60, "how often TestCommitKilled kills a commit")

func text(s string) *string { return &s }

// projectOf makes a folder with files.
func projectOf(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, s := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// diskTree is the files of a folder, without the journal.
func diskTree(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel == ".assay" {
				return filepath.SkipDir
			}
			if rel != "." {
				out[rel+"/"] = ""
			}
			return nil
		}
		if d.Type()&os.ModeSymlink != 0 {
			return nil
		}
		b, err := os.ReadFile(p)
		out[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(a, b map[string]string) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

var before = map[string]string{"a.ex": "old a\r\n", "lib/b.ex": "old b", "c.ex": "gone soon\n"}

func writes() []Write {
	return []Write{
		{"a.ex", text("old a\r\n"), text("new a\r\n")},
		{"lib/b.ex", text("old b"), text("new b")},
		{"c.ex", text("gone soon\n"), nil},
		{"priv/repo/migrations/1_x.exs", nil, text("new file\n")},
	}
}

func TestCommitAndUndo(t *testing.T) {
	root := projectOf(t, before)
	start := diskTree(t, root)
	if _, err := Commit(root, writes()); err != nil {
		t.Fatal(err)
	}
	got := diskTree(t, root)
	want := map[string]string{
		"a.ex": "new a\r\n", "lib/": "", "lib/b.ex": "new b", "priv/": "", "priv/repo/": "", "priv/repo/migrations/": "",
		"priv/repo/migrations/1_x.exs": "new file\n",
	}
	if !same(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	paths, err := Undo(root)
	if err != nil || len(paths) != 4 {
		t.Fatal(paths, err)
	}
	if got := diskTree(t, root); !same(got, start) {
		t.Fatalf("after undo: %v, want %v", got, start)
	}
	if paths, err := Undo(root); err != nil || len(paths) != 0 {
		t.Fatal("a second undo did something:", paths, err)
	}
}

func TestCommitsAreUndoneInTurn(t *testing.T) {
	root := projectOf(t, map[string]string{"a": "1"})
	for i := range 3 {
		if _, err := Commit(root, []Write{{"a", text(strconv.Itoa(i + 1)), text(strconv.Itoa(i + 2))}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"3", "2", "1"} {
		if _, err := Undo(root); err != nil {
			t.Fatal(err)
		}
		if got := diskTree(t, root)["a"]; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestCommitRefuses(t *testing.T) {
	root := projectOf(t, before)
	outside := projectOf(t, map[string]string{"secret": "x"})
	if err := os.Symlink(filepath.Join(outside, "secret"), filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, "dir")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(root, "c.ex"), 0o444); err != nil {
		t.Fatal(err)
	}
	start := diskTree(t, root)
	for _, c := range []struct {
		w    Write
		want string
	}{
		{Write{"a.ex", text("something else"), text("x")}, "has changed since it was read"},
		{Write{"missing.ex", text("old"), text("x")}, "has changed since it was read"},
		{Write{"lib/b.ex", nil, text("x")}, "has changed since it was read"},
		{Write{"c.ex", text("gone soon\n"), text("x")}, "is read-only"},
		{Write{"../x", nil, text("x")}, "no path inside the project"},
		{Write{"/etc/x", nil, text("x")}, "no path inside the project"},
		{Write{".assay/journal/pending/x", nil, text("x")}, "no path inside the project"},
		{Write{"link", text("x"), text("y")}, "is no regular file"},
		{Write{"dir/secret", text("x"), text("y")}, "nothing was written"},
		{Write{"dir/new", nil, text("y")}, "nothing was written"},
	} {
		_, err := Commit(root, []Write{writes()[1], c.w})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.w.Path, err, c.want)
		}
		if got := diskTree(t, root); !same(got, start) {
			t.Fatalf("%s: something was written: %v", c.w.Path, got)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(outside, "secret")); string(got) != "x" {
		t.Error("a file outside was written")
	}
}

// TestCommitStopped stops a commit before each of its steps, as a crash or a full
// disk would, and repairs it.
func TestCommitStopped(t *testing.T) {
	stop := errors.New("stopped")
	for at := 0; ; at++ {
		root := projectOf(t, before)
		start := diskTree(t, root)
		r, err := os.OpenRoot(root)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		c := &committer{r, func(string) error {
			if n++; n > at {
				return stop
			}
			return nil
		}}
		_, err = c.commit(writes(), "")
		_ = r.Close()
		if _, err := Repair(root); err != nil {
			t.Fatalf("step %d: %v", at, err)
		}
		got := diskTree(t, root)
		if got["a.ex"] == "old a\r\n" != same(got, start) || got["a.ex"] == "new a\r\n" && got["priv/repo/migrations/1_x.exs"] == "" {
			t.Fatalf("step %d: half a commit: %v", at, got)
		}
		for name := range got {
			if strings.Contains(name, ".tmp") {
				t.Fatalf("step %d: %s is left", at, name)
			}
		}
		if err == nil {
			if at < 10 {
				t.Fatalf("the commit took %d steps only", at)
			}
			return
		}
	}
}

func TestRepairLeavesWhatOthersChanged(t *testing.T) {
	root := projectOf(t, before)
	r, _ := os.OpenRoot(root)
	defer func() { _ = r.Close() }()
	c := &committer{r, func(what string) error {
		if what == "rename lib/b.ex" {
			return errors.New("stopped")
		}
		return nil
	}}
	if _, err := c.commit(writes(), ""); err == nil {
		t.Fatal("not stopped")
	}
	if err := os.WriteFile(filepath.Join(root, "lib/b.ex"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Repair(root); err == nil || !strings.Contains(err.Error(), "lib/b.ex has changed since") {
		t.Fatal(err)
	}
	if got := diskTree(t, root)["lib/b.ex"]; got != "mine" {
		t.Fatalf("got %q", got)
	}
}

// TestCommitKilled kills processes that commit, at random moments: every file is
// wholly old or wholly new after the repair, and all of them are the same.
func TestCommitKilled(t *testing.T) {
	if root := os.Getenv("ASSAY_COMMIT_IN"); root != "" {
		for i := 0; ; i++ {
			if _, err := Commit(root, numbered(i)); err != nil {
				fmt.Println(err)
				os.Exit(3)
			}
		}
	}
	rnd := rand.New(rand.NewSource(1))
	half := 0
	for range *kills {
		root := projectOf(t, map[string]string{"0.ex": version(0), "1.ex": version(0), "2.ex": version(0)})
		cmd := exec.Command(os.Args[0], "-test.run=^TestCommitKilled$")
		cmd.Env = append(os.Environ(), "ASSAY_COMMIT_IN="+root)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rnd.Intn(30_000)) * time.Microsecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if _, err := os.Stat(filepath.Join(root, pending)); err == nil {
			half++
		}
		if _, err := Repair(root); err != nil {
			t.Fatal(err)
		}
		got := diskTree(t, root)
		if got["0.ex"] != got["1.ex"] || got["1.ex"] != got["2.ex"] || !strings.HasSuffix(got["0.ex"], "end\n") || len(got) != 3 {
			t.Fatalf("half a commit: %.80v", got)
		}
	}
	t.Logf("%d kills, %d in the middle of a commit", *kills, half)
}

// version is the text of every file after i commits.
func version(i int) string { return strings.Repeat(strconv.Itoa(i)+"\n", 2000) + "end\n" }

func numbered(i int) []Write {
	var out []Write
	for k := range 3 {
		out = append(out, Write{strconv.Itoa(k) + ".ex", text(version(i)), text(version(i + 1))})
	}
	return out
}
