package proof

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
)

// project is a project in a repository with another beside it.
func project(t *testing.T) string {
	t.Helper()
	top := t.TempDir()
	root := filepath.Join(top, "apps", "shop")
	for name, text := range map[string]string{
		".git/config": "x", "libs/core/mix.exs": "core", "apps/other/mix.exs": "other", "apps/shop/a.txt": "old", "apps/shop/sub/b.txt": "b",
		"apps/shop/.elixir_ls/build": "x", "apps/shop/deps/icons/.git/HEAD": "by git",
	} {
		name = filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"inside": "sub/b.txt", "absolute": filepath.Join(root, "a.txt"), "core": "../../libs/core"} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func sh(script string) []string { return []string{"sh", "-c", script, "sh"} }

func changed(text string) []source.Write {
	old, now, made := "old", text, "made"
	return []source.Write{{Path: "a.txt", Old: &old, New: &now}, {Path: "dir/c.txt", New: &made}}
}

func bench(t *testing.T, root string, goal fix.Proof, c Commands) *Bench {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell")
	}
	if c.Lenient == nil {
		c.Lenient = sh("true")
	}
	b, err := NewBench(root, goal, c, Limits{Time: 5 * time.Second, Memory: 1 << 33})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestTry(t *testing.T) {
	t.Parallel()
	never, always := sh("exit 1"), sh("true")
	for _, c := range []struct {
		name     string
		commands Commands
		want     fix.Proof
		rung     fix.Proof
		failed   string
		output   string
	}{
		{"compiled", Commands{Compile: sh("grep -q new a.txt && grep -q made dir/c.txt"), Test: never}, fix.Compiled, fix.Compiled, "", ""},
		{"tested", Commands{Compile: always, Test: always}, fix.Tested, fix.Tested, "", ""},
		{"does not compile", Commands{Compile: sh("grep -q old a.txt || { echo wrong >&2; exit 2; }")}, fix.Tested, fix.Checked, "sh -c grep -q old", "wrong"},
		{"a test fails", Commands{Compile: always, Test: sh("grep -q old a.txt || { echo '  1) test x (XTest)'; exit 1; }")}, fix.Tested, fix.Compiled, "sh -c grep", "1) test x"},
		{
			"warns as before", Commands{Compile: never, Lenient: sh("echo warning: old one")}, fix.Compiled, fix.Compiled, "", "",
		},
		{
			"warns of more", Commands{Compile: never, Lenient: sh("echo warning: old one; grep -q old a.txt || echo warning: new one")},
			fix.Compiled, fix.Checked, "sh -c echo", "warning: new one",
		},
		{"fails as before", Commands{Compile: always, Test: sh("echo ' 12) test x (XTest)'; exit 1")}, fix.Tested, fix.Tested, "", ""},
		{
			"another fails too", Commands{Compile: always, Test: sh("echo '  1) test x (XTest)'; grep -q old a.txt || echo '  2) test y (XTest)'; exit 1")},
			fix.Tested, fix.Compiled, "sh -c echo", "test y",
		},
		{
			"fails once", Commands{Compile: always, Test: sh("grep -q old a.txt || [ -e ../twice ] || { [ -e ../once ] && touch ../twice; touch ../once; echo '  1) test x (XTest)'; exit 1; }")},
			fix.Tested, fix.Tested, "", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := bench(t, project(t), c.want, c.commands)
			got, err := b.Try(t.Context(), changed("new"), c.want)
			if err != nil {
				t.Fatal(err)
			}
			if got.Rung != c.rung || !strings.HasPrefix(got.Failed, c.failed) || (got.Failed == "") != (c.failed == "") || !strings.Contains(got.Output, c.output) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestTryAgain(t *testing.T) {
	t.Parallel()
	root := project(t)
	b := bench(t, root, fix.Compiled, Commands{Compile: sh("! grep -q bad a.txt")})
	for _, c := range []struct{ text, rung string }{{"good", "compiled"}, {"bad", "checked"}, {"fine", "compiled"}} {
		got, err := b.Try(t.Context(), changed(c.text), fix.Compiled)
		if err != nil || got.Rung.String() != c.rung {
			t.Errorf("%s: got %+v, %v", c.text, got, err)
		}
	}
	if text, _ := os.ReadFile(filepath.Join(root, "a.txt")); string(text) != "old" {
		t.Error("the project itself was written")
	}
}

func TestTryLimits(t *testing.T) {
	t.Parallel()
	b := bench(t, project(t), fix.Compiled, Commands{Compile: sh("grep -q old a.txt || sleep 60")})
	b.Time = 300 * time.Millisecond
	got, err := b.Try(t.Context(), changed("new"), fix.Compiled)
	if err != nil || !strings.Contains(got.Output, "stopped after") {
		t.Errorf("got %+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Try(ctx, changed("other"), fix.Compiled); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted proof gave %v", err)
	}
}

func TestUnfit(t *testing.T) {
	t.Parallel()
	var u *UnfitError
	b := bench(t, project(t), fix.Compiled, Commands{Compile: sh("exit 1"), Lenient: sh("echo no deps; exit 1")})
	if _, err := b.Try(t.Context(), changed("new"), fix.Compiled); !errors.As(err, &u) || u.Output != "no deps\n" {
		t.Errorf("does not compile by itself: %v", err)
	}
	b = bench(t, project(t), fix.Tested, Commands{Compile: sh("true"), Test: sh("echo no database; exit 1")})
	if _, err := b.Try(t.Context(), changed("new"), fix.Tested); !errors.As(err, &u) || u.Output != "no database\n" {
		t.Errorf("has no tests that run by themselves: %v", err)
	}
	b = bench(t, project(t), fix.Tested, Commands{Compile: []string{"no-such-program-anywhere"}})
	if _, err := b.Try(t.Context(), changed("new"), fix.Compiled); err == nil {
		t.Error("a command that is not there was run")
	}
}

// TestMigrations goes through the database of the tests: the new migrations are
// run, and taken back from the first of them on.
func TestMigrations(t *testing.T) {
	t.Parallel()
	made := "x"
	writes := append(changed("new"), source.Write{Path: "priv/repo/migrations/20240102_b.exs", New: &made}, source.Write{Path: "priv/repo/migrations/20240101_a.exs", New: &made})
	for _, c := range []struct{ name, migrate, test, back, log, failed string }{
		{"all is well", "", "", "", "migrate|run|back=20240101|", ""},
		{"does not migrate", "false", "", "", "migrate|back=20240101|migrate|run|migrate|back=20240101|", "migrate"},
		{"does not go back", "", "", "false", "migrate|run|back=20240101|migrate|run|migrate|run|back=20240101|", "back"},
		{"a test fails", "", "echo '  1) test x (X)'; false", "", "migrate|run|back=20240101|migrate|run|migrate|run|run|back=20240101|", "test"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			guilty := func(script string) string {
				if script == "" {
					return ""
				}
				return "; if grep -q new a.txt; then " + script + "; fi"
			}
			b := bench(t, project(t), fix.Tested, Commands{
				Compile: sh("true"), Migrate: sh("printf 'migrate|' >> ../log" + guilty(c.migrate)), Test: sh("printf 'run|' >> ../log" + guilty(c.test)),
				Rollback: sh(`printf 'back=%s|' "$1" >> ../log` + guilty(c.back)),
			})
			got, err := b.Try(t.Context(), writes, fix.Tested)
			if err != nil {
				t.Fatal(err)
			}
			log, err := os.ReadFile(filepath.Join(b.dir, "..", "log"))
			if err != nil {
				t.Fatal(err)
			}
			if string(log) != c.log || (got.Rung == fix.Tested) != (c.failed == "") || !strings.Contains(got.Failed, c.failed) {
				t.Errorf("%q, %+v", log, got)
			}
		})
	}
}

func TestDoubt(t *testing.T) {
	t.Parallel()
	// Without the writes the test x fails from the second run on.
	b := bench(t, project(t), fix.Tested, Commands{
		Compile: sh("true"),
		Test:    sh("grep -q new a.txt || [ -e ../ran ] || { touch ../ran; exit 0; }; echo '  1) test x (XTest)'; exit 1"),
	})
	got, err := b.Try(t.Context(), changed("new"), fix.Tested)
	if err != nil || got.Failed == "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	known, err := b.Doubt(t.Context(), []Outcome{got, {Failed: got.Failed, Output: "  1) test y (YTest)\n"}})
	if err != nil || !slices.Equal(known, []bool{true, false}) {
		t.Errorf("got %v, %v", known, err)
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	b := bench(t, project(t), fix.Compiled, Commands{})
	for _, c := range []struct {
		path string
		want string // "" is not there
	}{
		{"a.txt", "old"},
		{"inside", "b"},
		{"absolute", "old"},
		{"core/mix.exs", "core"},
		{"../other/mix.exs", "other"},
		{"../../libs/core/mix.exs", "core"},
		{"deps/icons/.git/HEAD", "by git"},
		{"../../.git/config", ""},
		{".elixir_ls/build", ""},
	} {
		text, err := os.ReadFile(filepath.Join(b.dir, c.path))
		if string(text) != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %q, %v", c.path, text, err)
		}
	}
	if to, err := filepath.EvalSymlinks(filepath.Join(b.dir, "absolute")); err != nil || filepath.Dir(to) != b.dir {
		t.Errorf("a link into the project leads to %s: %v", to, err)
	}
}

func TestSift(t *testing.T) {
	for _, c := range []struct {
		name        string
		n           int
		bad         func(numbers []int) bool
		kept, wrong []int
	}{
		{"one of eight", 8, func(x []int) bool { return slices.Contains(x, 5) }, []int{0, 1, 2, 3, 4, 6, 7}, []int{5}},
		{"the only one", 1, func([]int) bool { return true }, nil, []int{0}},
		{"two", 5, func(x []int) bool { return slices.Contains(x, 0) || slices.Contains(x, 4) }, []int{1, 2, 3}, []int{0, 4}},
		{"not together", 4, func(x []int) bool { return slices.Contains(x, 0) && slices.Contains(x, 3) }, []int{0, 1, 2}, []int{3}},
	} {
		tries := 0
		kept, guilty, err := Sift(c.n, Outcome{Failed: "all"}, func(numbers []int) (Outcome, error) {
			tries++
			if c.bad(numbers) {
				return Outcome{Failed: "some"}, nil
			}
			return Outcome{}, nil
		})
		var wrong []int
		for n, why := range guilty {
			wrong = append(wrong, n)
			if why.Failed == "" {
				t.Errorf("%s: %d is put aside without a reason", c.name, n)
			}
		}
		slices.Sort(wrong)
		slices.Sort(kept)
		if err != nil || !slices.Equal(kept, c.kept) || !slices.Equal(wrong, c.wrong) || tries > 2*c.n {
			t.Errorf("%s: kept %v, put aside %v after %d tries, %v", c.name, kept, wrong, tries, err)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ output, want string }{
		{"Compiling 3 files (.ex)\nwarning: unused\n\n== Compilation error in file lib/a.ex ==\n** (CompileError) lib/a.ex:3: undefined function f/0\n", "== Compilation error in file lib/a.ex ==\n** (CompileError) lib/a.ex:3: undefined function f/0"},
		{"Compiling 3 files (.ex)\n    warning: unused\n    lib/a.ex:3\n", "    warning: unused\n    lib/a.ex:3"},
		{"....\n\n  1) test x (XTest)\n     test/x_test.exs:3\n", "  1) test x (XTest)\n     test/x_test.exs:3"},
		{"Unchecked dependencies\n", "Unchecked dependencies"},
		{without("  1) test x (XTest)\n     old\n\n  2) test y (YTest)\n     new\n", map[string]bool{"test x (XTest)": true}), "  2) test y (YTest)\n     new"},
	} {
		o := Outcome{Output: c.output}
		if got := o.Words(); got != c.want {
			t.Errorf("%q: got %q", c.output, got)
		}
	}
}

func TestTail(t *testing.T) {
	var x tail
	part := []byte(strings.Repeat("0123456789", 1000))
	for range 300 {
		_, _ = x.Write(part)
	}
	_, _ = x.Write([]byte("end"))
	if got := x.String(); len(got) != outputKept || !strings.HasSuffix(got, "789end") {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-6:])
	}
}
