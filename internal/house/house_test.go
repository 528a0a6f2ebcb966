// Package house tests the house that the code lives in: which room may import
// which, what is forbidden where, and that the documents say what is true.
//
// Each rule is a function from parsed files to complaints. It is run over the
// repository, and over small planted violations that it must find.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the module's path, root the folder of its go.mod.
const (
	module = "github.com/assay-dev/assay"
	root   = "../.."
)

// file is one Go file of the module.
type file struct {
	*ast.File
	path string // relative to the module's root, with slashes
	fset *token.FileSet
}

// room is the folder below internal, or the whole folder for others: "ir",
// "syntax/elixir", "cmd/assay".
func (f *file) room() string { return strings.TrimPrefix(path.Dir(f.path), "internal/") }

func (f *file) test() bool { return strings.HasSuffix(f.path, "_test.go") }

// at is the place of a node, for a complaint.
func (f *file) at(n ast.Node) string {
	return f.path + ":" + strconv.Itoa(f.fset.Position(n.Pos()).Line)
}

// imports are the paths that a file imports, by the name it uses for them.
func (f *file) imports() map[string]string {
	out := map[string]string{}
	for _, s := range f.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(p)
		if s.Name != nil {
			name = s.Name.Name
		}
		out[name] = p
	}
	return out
}

// files parses every Go file of the module once.
var files = sync.OnceValues(func() ([]*file, error) {
	var out []*file
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "examples" || strings.HasPrefix(d.Name(), ".") && name != root):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		parsed, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		out = append(out, &file{File: parsed, path: filepath.ToSlash(rel), fset: fset})
		return err
	})
	return out, err
})

// code is every file of the module that is no test and belongs to a room.
func code(t *testing.T) []*file {
	t.Helper()
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	all = slices.Clone(all)
	return slices.DeleteFunc(all, func(f *file) bool {
		return f.test() || !strings.HasPrefix(f.path, "internal/") && !strings.HasPrefix(f.path, "cmd/")
	})
}

// plant parses one violation, as the file with this path.
func plant(t *testing.T, name, text string) []*file {
	t.Helper()
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return []*file{{File: parsed, path: name, fset: fset}}
}

// rule finds complaints in files.
type rule func([]*file) []string

// holds runs a rule over the module.
func holds(t *testing.T, r rule) {
	t.Helper()
	for _, c := range r(code(t)) {
		t.Error(c)
	}
}

// planted is a text that a rule must complain about, or one that it must not.
type planted struct {
	name, text string
	want       string // part of the one complaint; empty for none
}

// finds runs a rule over planted texts.
func finds(t *testing.T, r rule, list []planted) {
	t.Helper()
	for _, p := range list {
		got := r(plant(t, p.name, p.text))
		switch {
		case p.want == "" && len(got) > 0:
			t.Errorf("complains about what is allowed: %q\n%s", got, p.text)
		case p.want != "" && (len(got) != 1 || !strings.Contains(got[0], p.want)):
			t.Errorf("complaints %q, want one with %q\n%s", got, p.want, p.text)
		}
	}
}

// read returns the text of a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
