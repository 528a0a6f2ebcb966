package source

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func commitAll(t *testing.T, dir, message string) {
	t.Helper()
	runGit(t, dir, "add", "-A", "-f")
	runGit(t, dir, "commit", "-q", "--allow-empty", "-m", message)
}

func TestLoadRevision(t *testing.T) {
	repo := gitRepository(t)
	write(t, repo, map[string]string{
		".gitignore": "gen/\n", "top.ex": "", "app/mix.exs": "[app: :shop]", "app/lib/a.ex": "one\r\n", "app/lib/gone.ex": "x",
		"app/gen/a.ex": "", "app/deps/b/b.ex": "", "app/lib/big.ex": strings.Repeat("x", 100), "app/lib/é\t.ex": "é", "app/lib/empty.ex": "",
	})
	symlink(t, "a.ex", filepath.Join(repo, "app", "lib", "link.ex"))
	commitAll(t, repo, "one")
	write(t, repo, map[string]string{"app/lib/a.ex": "two\n", "app/lib/new.ex": ""})
	if err := os.Remove(filepath.Join(repo, "app", "lib", "gone.ex")); err != nil {
		t.Fatal(err)
	}
	runGit(t, repo, "tag", "v1")

	t.Setenv("GIT_DIR", ".git") // as in a hook
	app := filepath.Join(repo, "app")
	s, err := LoadRevision(app, "v1", Options{MaxSize: 50})
	if err != nil {
		t.Fatal(err)
	}
	want := append([]string{"lib/a.ex", "lib/empty.ex", "lib/gone.ex", "lib/é\t.ex"}, kinded(MixFile, "mix.exs")...)
	if got := listed(s); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if s.Root != app || s.Named("lib/a.ex").Text != "one\r\n" || s.Named("lib/é\t.ex").Text != "é" || len(s.Apps) != 1 {
		t.Errorf("%s %q %v", s.Root, s.Named("lib/a.ex").Text, s.Apps)
	}
	if len(s.Notes) != 1 || s.Notes[0] != (Note{"lib/big.ex", "100 bytes is over the limit of 50 bytes"}) {
		t.Errorf("notes %v", s.Notes)
	}

	c := Changed(s, load(t, app))
	for p, want := range map[string]string{"lib/a.ex": "[{1 1}]", "lib/new.ex": "[]", "lib/big.ex": "[{1 1}]", "lib/empty.ex": "[]"} {
		if got := fmt.Sprint(c.Lines(p)); got != want {
			t.Errorf("%s changed in %s, want %s", p, got, want)
		}
	}
}

func TestLoadRevisionFork(t *testing.T) {
	repo := gitRepository(t)
	write(t, repo, map[string]string{"a.ex": "base"})
	commitAll(t, repo, "base")
	runGit(t, repo, "checkout", "-q", "-b", "work")
	commitAll(t, repo, "work")
	runGit(t, repo, "checkout", "-q", "main")
	write(t, repo, map[string]string{"a.ex": "main"})
	commitAll(t, repo, "main")
	runGit(t, repo, "checkout", "-q", "work")
	for rev, want := range map[string]string{"main": "main", "main...": "base", "HEAD~1": "base"} {
		s, err := LoadRevision(repo, rev, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Named("a.ex").Text; got != want {
			t.Errorf("%s: %q, want %q", rev, got, want)
		}
	}
}

func TestLoadRevisionErrors(t *testing.T) {
	repo := gitRepository(t)
	commitAll(t, repo, "one")
	loose := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(loose))
	for _, c := range []struct{ root, rev, want string }{
		{repo, "", `"" is not a revision; name a commit, branch or tag`},
		{repo, "--output=x", `"--output=x" is not a revision`},
		{repo, "...", `"..." is not a revision`},
		{repo, "main..HEAD", `"main..HEAD" is a range; name the one commit`},
		{repo, "none", `git knows no revision "none"; check its name, or fetch it first`},
		{repo, "--end-of-options", `is not a revision`},
		{loose, "main", "not in a git repository, so there is no revision to compare with"},
	} {
		if _, err := LoadRevision(c.root, c.rev, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.rev, err, c.want)
		}
	}
	t.Setenv("PATH", loose)
	if _, err := LoadRevision(repo, "main", Options{}); err == nil || !strings.HasPrefix(err.Error(), "git was not found") {
		t.Error(err)
	}
}

// TestLoadRevisionRunsNothing plants programs in the repository's own
// configuration, as an archive from a stranger may.
func TestLoadRevisionRunsNothing(t *testing.T) {
	repo := gitRepository(t)
	write(t, repo, map[string]string{".gitattributes": "*.ex filter=evil diff=evil\n", "a.ex": "1"})
	commitAll(t, repo, "one")
	ran := filepath.Join(repo, "ran")
	touch := "touch '" + ran + "'"
	for _, key := range []string{"filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "diff.evil.command", "diff.external", "core.fsmonitor", "core.pager", "core.sshCommand", "core.alternateRefsCommand"} {
		runGit(t, repo, "config", key, touch)
	}
	write(t, repo, map[string]string{"a.ex": "2"})
	s, err := LoadRevision(repo, "HEAD", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Named("a.ex").Text; got != "1" {
		t.Errorf("text %q", got)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program of the repository was run")
	}
}

func setOf(files map[string]string) *Set {
	var all []*File
	for p, text := range files {
		all = append(all, NewFile(p, text))
	}
	return NewSet("/", all)
}

func TestChanged(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"a b c", "a b c", "[]"},
		{"a b c", "a x c", "[{2 2}]"},
		{"a d", "a b c d", "[{2 3}]"},
		{"a b c", "a c", "[]"},
		{"", "a b", "[{1 2}]"},
		{"a b", "", "[]"},
		{"f x end g y end", "f x end h z end g y end", "[{4 6}]"},
		{"a b c d e", "x b c d y", "[{1 1} {5 5}]"},
		{"a b c d", "c d a b", "[{1 2}]"},
		{"a b a b", "a b x a b", "[{3 3}]"},
	} {
		lines := func(s string) string { return strings.Join(strings.Fields(s), "\n") }
		old, now := setOf(map[string]string{"a.ex": lines(c.old)}), setOf(map[string]string{"a.ex": strings.ReplaceAll(lines(c.new), "\n", "\r\n")})
		if got := fmt.Sprint(Changed(old, now).Lines("a.ex")); got != c.want {
			t.Errorf("%s → %s: %s, want %s", c.old, c.new, got, c.want)
		}
	}
}

func TestTouches(t *testing.T) {
	c := &Changes{lines: map[string][]Lines{"a": {{2, 3}, {7, 7}}}}
	for _, x := range []struct {
		first, last int
		want        bool
	}{{1, 1, false}, {1, 2, true}, {3, 3, true}, {4, 6, false}, {4, 9, true}, {7, 7, true}, {8, 9, false}} {
		if got := c.Touches("a", x.first, x.last); got != x.want {
			t.Errorf("Touches(%d, %d) = %v", x.first, x.last, got)
		}
	}
	if c.Touches("b", 1, 9) {
		t.Error("a file without changes")
	}
}

func TestChangedFollowsMoves(t *testing.T) {
	body := "defmodule A do\n  def a, do: 1\n  def b, do: 2\nend\n"
	old := setOf(map[string]string{"lib/a.ex": body, "lib/z.ex": "quite\nother\n"})
	c := Changed(old, setOf(map[string]string{"lib/b/a.ex": strings.Replace(body, "1", "3", 1), "lib/new.ex": "x\ny\n", "lib/y.ex": "quite\nother\n"}))
	for p, want := range map[string]string{"lib/b/a.ex": "[{2 2}]", "lib/new.ex": "[{1 2}]", "lib/y.ex": "[]"} {
		if got := fmt.Sprint(c.Lines(p)); got != want {
			t.Errorf("%s: %s, want %s", p, got, want)
		}
	}
}

// TestChangedLeavesWhatWasThere: without the changed lines, a text is a
// selection of the old one's lines in their order.
func TestChangedLeavesWhatWasThere(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	text := func() []string {
		lines := make([]string, r.Intn(30))
		for i := range lines {
			lines[i] = fmt.Sprint(r.Intn(12))
		}
		return lines
	}
	for range 2000 {
		old, now := text(), text()
		changed := changedLines(strings.Join(old, "\n"), strings.Join(now, "\n"))
		at, before := 0, 0
		for n, line := range now {
			if at < len(changed) && changed[at].Last < n+1 {
				at++
			}
			if at < len(changed) && changed[at].First <= n+1 {
				continue
			}
			i := slices.Index(old[before:], line)
			if i < 0 {
				t.Fatalf("%v → %v: line %d is not in %v", old, now, n+1, changed)
			}
			before += i + 1
		}
	}
}
