package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/checks"
)

var modelled = regexp.MustCompile(`(?m)^(?:\[\w+\.)?"([A-Z]\w*)`)

// libraries are the first names of the modules that the models speak of.
func libraries(t *testing.T) []string {
	t.Helper()
	var out []string
	names, err := filepath.Glob(filepath.Join(root, "internal/model/*.toml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no models: %v", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range modelled.FindAllStringSubmatch(string(text), -1) {
			out = append(out, m[1])
		}
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// namesLibrary finds checks that name a library's module in a string.
func namesLibrary(libraries []string) rule {
	named := regexp.MustCompile(`(^|[^\w.])(` + strings.Join(libraries, "|") + `)(\.[A-Za-z]|$|")`)
	return func(files []*file) []string {
		var out []string
		inspect(files, func(f *file, n ast.Node) {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING || f.room() != "checks" {
				return
			}
			text, err := strconv.Unquote(lit.Value)
			if err == nil && named.MatchString(text) {
				out = append(out, fmt.Sprintf("%s: a check names a library in %s; say it in a model", f.at(lit), lit.Value))
			}
		})
		return out
	}
}

func TestChecksNameNoLibrary(t *testing.T) {
	r := namesLibrary(libraries(t))
	holds(t, r)
	finds(t, r, []planted{
		{"internal/checks/a.go", `package checks; var a = "Ecto.Repo"`, "names a library"},
		{"internal/checks/a.go", `package checks; var a = "start it under Task.Supervisor"`, "names a library"},
		{"internal/checks/a.go", "package checks; var a = `Enum`", "names a library"},
		{"internal/checks/a.go", `package checks; var a = "Task lists are long"`, ""},
		{"internal/flow/a.go", `package flow; var a = "Ecto.Repo"`, ""},
	})
}

// TestChecksAreListed compares the list with the folder: every check has its
// pair NAME.go and NAME.md, and every page is of a check.
func TestChecksAreListed(t *testing.T) {
	var want []string
	for _, c := range checks.All() {
		want = append(want, c.Name)
		code := "internal/checks/" + strings.ReplaceAll(c.Name, "-", "_") + ".go"
		if _, err := os.Stat(filepath.Join(root, code)); err != nil {
			t.Errorf("the check %s has no %s", c.Name, code)
		}
	}
	if !sort.StringsAreSorted(want) {
		t.Errorf("the list of checks is not sorted: %q", want)
	}
	if got := pages(t); !slices.Equal(got, want) {
		t.Errorf("pages %q, checks %q", got, want)
	}
}

// pages are the names of the checks that have a page, sorted.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "internal/checks/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range found {
		found[i] = strings.ReplaceAll(strings.TrimSuffix(filepath.Base(name), ".md"), "_", "-")
	}
	sort.Strings(found)
	return found
}
