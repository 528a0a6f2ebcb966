package source

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		patterns string
		path     string // ends with a slash for a directory
		want     bool
	}{
		{"*.log", "a.log", true},
		{"*.log", "x/a.log", true},
		{"/a.log", "x/a.log", false},
		{"x/a.log", "y/x/a.log", false},
		{"tmp/", "tmp", false},
		{"tmp/", "tmp/", true},
		{"tmp/", "tmp/a", true},
		{"tmp/", "x/tmp/a", true},
		{"*.ex\n!keep.ex", "keep.ex", false},
		{"*.ex\n!keep.ex\nkeep.ex", "keep.ex", true},
		{"gone/\n!gone/keep.ex", "gone/keep.ex", true},
		{"# a comment\n\\#a", "#a", true},
		{"\\!a", "!a", true},
		{"a \r\n", "a", true},
		{"a\\ ", "a ", true},
		{"**/foo", "foo", true},
		{"**/foo", "a/b/foo", true},
		{"a/**", "a", false},
		{"a/**", "a/b/c", true},
		{"a/**/b", "a/b", true},
		{"a/**/b", "a/x/y/b", true},
		{"a/**/b", "c/a/b", false},
		{"foo**bar", "fooxbar", true},
		{"a/*", "a/b", true},
		{"/*\n!/lib", "lib/a.ex", false},
		{"/*\n!/lib", "tmp/a.ex", true},
		{"[a-c].ex", "b.ex", true},
		{"[!a-c].ex", "b.ex", false},
		{"[]].ex", "].ex", true},
		{"[[:digit:]x].ex", "7.ex", true},
		{"[a", "[a", false},
		{"a?c", "a/c", false},
		{"{a,b}", "a", false},
		{"{a,b}", "{a,b}", true},
		{"\ufeffa", "a", true},
		{"/", "a", false},
	} {
		p, isDir := strings.CutSuffix(c.path, "/")
		if got := parsePatterns(c.patterns).Match(p, isDir); got != c.want {
			t.Errorf("%q names %q: %v, want %v", c.patterns, c.path, got, c.want)
		}
	}
}

// TestPatternsTakePolynomialTime would not end if each star tried every length.
func TestPatternsTakePolynomialTime(t *testing.T) {
	stars, name := strings.Repeat("*a", 40)+"*b", strings.Repeat("a", 2000)
	if parsePatterns(stars).Match(name, false) {
		t.Error("matched")
	}
	deep := strings.Repeat("**/a/", 40) + "b"
	if parsePatterns(deep).Match(strings.Repeat("a/", 500)+"c", false) {
		t.Error("matched")
	}
}

// TestPatternsLikeGit compares random patterns on random paths with git.
func TestPatternsLikeGit(t *testing.T) {
	dir := gitRepository(t)
	r := rand.New(rand.NewSource(1))
	word := func(alphabet []string, most int) string {
		var b strings.Builder
		for range 1 + r.Intn(most) {
			b.WriteString(alphabet[r.Intn(len(alphabet))])
		}
		return b.String()
	}
	for range 60 {
		var patterns []string
		for range 1 + r.Intn(4) {
			patterns = append(patterns, word([]string{"a", "b", "ab", "*", "**", "/", "/**/", "?", "[ab]", "[!a]", "!", "\\a", " ", "#"}, 5))
		}
		var paths []string
		for range 40 {
			p := strings.Trim(word([]string{"a", "b", "/a", "/b", "#", "c"}, 6), "/")
			if filepath.IsLocal(p) {
				paths = append(paths, p)
			}
		}
		text := strings.Join(patterns, "\n")
		write(t, dir, map[string]string{".gitignore": text})
		p := parsePatterns(text)
		for i, want := range gitIgnores(t, dir, paths) {
			if got := p.Match(paths[i], false); got != want {
				t.Errorf("%q ignores %q: %v, git says %v", text, paths[i], got, want)
			}
		}
	}
}

// gitIgnores asks git about paths that need not exist, as files.
func gitIgnores(t *testing.T, dir string, paths []string) []bool {
	t.Helper()
	cmd := exec.Command("git", "check-ignore", "--stdin", "-z", "-v", "-n", "--no-index")
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\x00") + "\x00")
	out, err := cmd.Output()
	if len(out) == 0 {
		t.Fatal(err)
	}
	fields := strings.Split(string(out), "\x00") // source, line, pattern, path
	ignored := make([]bool, len(paths))
	for i := range paths {
		if got := fields[4*i+3]; got != paths[i] {
			t.Fatalf("git answers about %q, want %q", got, paths[i])
		}
		pattern := fields[4*i+2]
		ignored[i] = pattern != "" && pattern[0] != '!'
	}
	return ignored
}

func gitRepository(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} {
		t.Setenv(name, "") // so that it is restored
		os.Unsetenv(name)
	}
	dir := t.TempDir()
	runGit(t, dir, "init", "-q", "-b", "main")
	return dir
}

func runGit(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"}, args...)...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out.String())
	}
	return strings.TrimSpace(out.String())
}

func ExamplePatterns() {
	p := NewPatterns("*.secret.exs", "!/config/dev.secret.exs")
	fmt.Println(p.Match("config/prod.secret.exs", false), p.Match("config/dev.secret.exs", false))
	// Output: true false
}
