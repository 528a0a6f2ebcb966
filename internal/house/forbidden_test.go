package house

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

// outward are the rooms that touch the machine: files, the clock, goroutines.
// Every other room is given what it needs.
var outward = []string{"source", "engine", "cli", "cmd/assay", "proof"}

// concurrent are the rooms that may start goroutines.
var concurrent = []string{"engine", "cli"}

// inner are the rooms of the analysis, where places are byte offsets and
// values have types.
var inner = []string{"syntax", "syntax/elixir", "syntax/sql", "ir", "lower/elixir", "link", "replay", "orm", "flow", "query", "fix", "rewrite/elixir", "check", "checks"}

// machine are the imports that only some rooms may have; without a list nobody
// may.
var machine = map[string][]string{
	"os":            outward,
	"path/filepath": outward,
	"os/exec":       {"source", "proof", "cli"}, // git, for what changed; the project's own commands; the editor of a person
	"os/signal":     {"cli"},
	"math/rand":     nil,
	"math/rand/v2":  nil,
	"crypto/rand":   nil,
	"net":           nil,
	"net/http":      nil,
	"io/ioutil":     nil,
	"unsafe":        {"source"}, // a file's bytes become its text without a copy
	"plugin":        nil,
	"C":             nil,
}

func wrongImports(files []*file) []string {
	var out []string
	for _, f := range files {
		for _, s := range f.Imports {
			p := strings.Trim(s.Path.Value, `"`)
			if rooms, listed := machine[p]; listed && !slices.Contains(rooms, f.room()) {
				out = append(out, f.at(s)+": "+f.room()+" may not import "+p)
			}
		}
	}
	return out
}

func TestForbiddenImports(t *testing.T) {
	holds(t, wrongImports)
	finds(t, wrongImports, []planted{
		{"internal/flow/a.go", `package flow; import "os"`, "flow may not import os"},
		{"internal/ir/a.go", `package ir; import fp "path/filepath"`, "ir may not import path/filepath"},
		{"internal/engine/a.go", `package engine; import "math/rand/v2"`, "may not import math/rand/v2"},
		{"internal/cli/a.go", `package cli; import "net/http"`, "may not import net/http"},
		{"internal/source/a.go", `package source; import ("os"; "path")`, ""},
	})
}

// inspect calls visit for every node of every file.
func inspect(files []*file, visit func(f *file, n ast.Node)) {
	for _, f := range files {
		ast.Inspect(f.File, func(n ast.Node) bool {
			if n != nil {
				visit(f, n)
			}
			return true
		})
	}
}

// selected returns the import path and the name of a selector on a package.
func selected(f *file, n ast.Node) (pkg, name string) {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return f.imports()[x.Name], sel.Sel.Name
}

// readsClock finds uses of the clock outside the outward rooms.
func readsClock(files []*file) []string {
	var out []string
	clock := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}
	inspect(files, func(f *file, n ast.Node) {
		if pkg, name := selected(f, n); pkg == "time" && slices.Contains(clock, name) && !slices.Contains(outward, f.room()) {
			out = append(out, f.at(n)+": "+f.room()+" may not use time."+name+"; pass the time in")
		}
	})
	return out
}

func TestClock(t *testing.T) {
	holds(t, readsClock)
	finds(t, readsClock, []planted{
		{"internal/report/a.go", `package report; import "time"; var a = time.Now()`, "may not use time.Now"},
		{"internal/report/a.go", `package report; import "time"; var a time.Duration`, ""},
		{"internal/engine/a.go", `package engine; import "time"; func f() { time.Now() }`, ""},
	})
}

// goroutines finds what starts one outside engine and the doors.
func goroutines(files []*file) []string {
	var out []string
	inspect(files, func(f *file, n ast.Node) {
		starts := false
		switch n := n.(type) {
		case *ast.GoStmt:
			starts = true
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			starts = ok && sel.Sel.Name == "Go"
		}
		if starts && !slices.Contains(concurrent, f.room()) {
			out = append(out, f.at(n)+": "+f.room()+" may not start a goroutine")
		}
	})
	return out
}

func TestGoroutines(t *testing.T) {
	holds(t, goroutines)
	finds(t, goroutines, []planted{
		{"internal/link/a.go", `package link; func f() { go f() }`, "link may not start a goroutine"},
		{"internal/flow/a.go", `package flow; import "sync"; func f() { var w sync.WaitGroup; w.Go(f) }`, "flow may not start a goroutine"},
		{"internal/engine/a.go", `package engine; func f() { go f() }`, ""},
	})
}

// inits finds init functions.
func inits(files []*file) []string {
	var out []string
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				out = append(out, f.at(fn)+": init runs unasked; call it by a name")
			}
		}
	}
	return out
}

func TestNoInit(t *testing.T) {
	holds(t, inits)
	finds(t, inits, []planted{
		{"internal/ir/a.go", `package ir; func init() {}`, "init runs unasked"},
		{"internal/ir/a.go", `package ir; type t int; func (t) init() {}`, ""},
	})
}

// changingVars finds package variables that a function assigns to, or whose
// type exists to be changed.
func changingVars(files []*file) []string {
	vars := map[string]map[string]bool{} // by room
	var out []string
	for _, f := range files {
		if vars[f.room()] == nil {
			vars[f.room()] = map[string]bool{}
		}
		for _, d := range f.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, s := range gen.Specs {
				v := s.(*ast.ValueSpec)
				for _, name := range v.Names {
					vars[f.room()][name.Name] = name.Name != "_"
				}
				if pkg, name := selected(f, v.Type); pkg == "sync" || pkg == "sync/atomic" {
					out = append(out, f.at(v)+": a package variable of type "+pkg+"."+name+" exists to be changed")
				}
			}
		}
	}
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				out = append(out, assigned(f, fn, vars)...)
			}
		}
	}
	return out
}

// assigned finds assignments of one function to package variables. A name
// that the function also declares is taken for its own.
func assigned(f *file, fn *ast.FuncDecl, vars map[string]map[string]bool) []string {
	own := declared(fn)
	imports := f.imports()
	var out []string
	to := func(e ast.Expr) {
		name, pkg := target(e)
		switch {
		case pkg != "" && !own[pkg] && strings.HasPrefix(imports[pkg], module):
			out = append(out, f.at(e)+": changes "+pkg+"."+name+" of another package")
		case pkg == "" && vars[f.room()][name] && !own[name]:
			out = append(out, f.at(e)+": changes the package variable "+name)
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, l := range n.Lhs {
					to(l)
				}
			}
		case *ast.IncDecStmt:
			to(n.X)
		case *ast.UnaryExpr:
			// The address of an element is taken to read a table without a copy.
			if _, element := n.X.(*ast.IndexExpr); n.Op == token.AND && !element {
				to(n.X)
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") && len(n.Args) > 0 {
				to(n.Args[0])
			}
		}
		return true
	})
	return out
}

// target is the variable that an assignment to e changes: `x.f[i] = …` changes
// x. For a selector on a plain name that name comes back as pkg, as it may be
// a package.
func target(e ast.Expr) (name, pkg string) {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name, ""
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok && ast.IsExported(x.Sel.Name) {
				return x.Sel.Name, id.Name
			}
			e = x.X
		default:
			return "", ""
		}
	}
}

// declared are the names that a function declares anywhere inside.
func declared(fn *ast.FuncDecl) map[string]bool {
	own := map[string]bool{}
	add := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok {
			own[id.Name] = true
		}
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				add(name)
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, l := range n.Lhs {
					add(l)
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				add(n.Key)
				add(n.Value)
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				add(name)
			}
		}
		return true
	})
	return own
}

func TestPackageVariablesStay(t *testing.T) {
	holds(t, changingVars)
	finds(t, changingVars, []planted{
		{"internal/ir/a.go", `package ir; var n int; func f() { n++ }`, "changes the package variable n"},
		{"internal/ir/a.go", `package ir; var m = map[int]int{}; func f() { m[1] = 2 }`, "changes the package variable m"},
		{"internal/ir/a.go", `package ir; var m = map[int]int{}; func f() { delete(m, 1) }`, "changes the package variable m"},
		{"internal/ir/a.go", `package ir; var n int; func f() *int { return &n }`, "changes the package variable n"},
		{"internal/ir/a.go", `package ir; var t [9]int; func f() int { p := &t[1]; return *p }`, ""},
		{"internal/ir/a.go", `package ir; import "sync"; var mu sync.Mutex`, "exists to be changed"},
		{"internal/link/a.go", `package link; import "github.com/assay-dev/assay/internal/ir"; func f() { ir.N = 1 }`, "of another package"},
		{"internal/ir/a.go", `package ir; var n int; func f() { n := 1; n++ }`, ""},
		{"internal/ir/a.go", `package ir; var words = []string{"a"}; func f() string { return words[0] }`, ""},
	})
}

var nolint = regexp.MustCompile(`^//\s*nolint\b`)
var nolintReason = regexp.MustCompile(`^//nolint:[a-z,]+ // \S.*\s.*\S`)

// bareNolint finds linter suppressions that do not name the linter and the
// reason.
func bareNolint(files []*file) []string {
	var out []string
	for _, f := range files {
		for _, g := range f.Comments {
			for _, c := range g.List {
				if nolint.MatchString(c.Text) && !nolintReason.MatchString(c.Text) {
					out = append(out, f.at(c)+": write //nolint:NAME // and the reason")
				}
			}
		}
	}
	return out
}

func TestNolintHasReason(t *testing.T) {
	holds(t, bareNolint)
	finds(t, bareNolint, []planted{
		{"internal/ir/a.go", "package ir\nvar a int //nolint\n", "and the reason"},
		{"internal/ir/a.go", "package ir\nvar a int //nolint:unused\n", "and the reason"},
		{"internal/ir/a.go", "package ir\nvar a int //nolint:unused // read by the dump\n", ""},
	})
}

// untyped finds map[string]any in the analysis.
func untyped(files []*file) []string {
	var out []string
	inspect(files, func(f *file, n ast.Node) {
		m, ok := n.(*ast.MapType)
		if !ok || !slices.Contains(inner, f.room()) {
			return
		}
		key, _ := m.Key.(*ast.Ident)
		value, _ := m.Value.(*ast.Ident)
		empty, _ := m.Value.(*ast.InterfaceType)
		if key != nil && key.Name == "string" && (value != nil && value.Name == "any" || empty != nil && len(empty.Methods.List) == 0) {
			out = append(out, f.at(n)+": a map[string]any has no meaning; give it a type")
		}
	})
	return out
}

func TestNoUntypedMaps(t *testing.T) {
	holds(t, untyped)
	finds(t, untyped, []planted{
		{"internal/flow/a.go", `package flow; var a map[string]any`, "give it a type"},
		{"internal/flow/a.go", `package flow; func f(a map[string]interface{}) {}`, "give it a type"},
		{"internal/flow/a.go", `package flow; var a map[string]int`, ""},
	})
}

// lines finds lines and columns inside the analysis, where places are offsets.
// A parser may know them: the form of a language's own tree can have them. So
// may a dump, which people read.
func lines(files []*file) []string {
	var out []string
	calls := []string{"Line", "LineStart", "LineText", "Lines"}
	inspect(files, func(f *file, n ast.Node) {
		if !slices.Contains(inner, f.room()) || strings.HasPrefix(f.room(), "syntax") || path.Base(f.path) == "dump.go" {
			return
		}
		if pkg, name := selected(f, n); strings.HasSuffix(pkg, "/source") && name == "Pos" {
			out = append(out, f.at(n)+": places are byte offsets inside the analysis")
			return
		}
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(calls, sel.Sel.Name) && len(call.Args) <= 1 {
			if pkg, _ := selected(f, sel); pkg == "" {
				out = append(out, f.at(n)+": "+sel.Sel.Name+" is for the borders; places are byte offsets inside the analysis")
			}
		}
	})
	return out
}

func TestNoLinesInside(t *testing.T) {
	holds(t, lines)
	finds(t, lines, []planted{
		{"internal/flow/a.go", `package flow; import "github.com/assay-dev/assay/internal/source"; var a source.Pos`, "byte offsets"},
		{"internal/checks/a.go", `package checks; func f(x *file) { x.Line(3) }`, "byte offsets"},
		{"internal/checks/a.go", `package checks; import "strings"; func f() { strings.Lines("a") }`, ""},
		{"internal/report/a.go", `package report; func f(x *file) { x.Line(3) }`, ""},
		{"internal/ir/dump.go", `package ir; func f(x *file) { x.Line(3) }`, ""},
	})
}

// lonely finds interfaces that fewer than two types of the module implement.
// Methods are compared by name.
func lonely(files []*file) []string {
	methods := map[string]map[string]bool{} // by receiver
	type declared struct {
		f    *file
		spec *ast.TypeSpec
		want []string
	}
	var list []declared
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil {
					name, _ := target(receiver(d.Recv.List[0].Type))
					key := f.room() + "." + name
					if methods[key] == nil {
						methods[key] = map[string]bool{}
					}
					methods[key][d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					spec, ok := s.(*ast.TypeSpec)
					if !ok {
						continue
					}
					if want := wanted(spec); want != nil {
						list = append(list, declared{f, spec, want})
					}
				}
			}
		}
	}
	var out []string
	for _, d := range list {
		n := 0
		for _, has := range methods {
			if !slices.ContainsFunc(d.want, func(m string) bool { return !has[m] }) {
				n++
			}
		}
		if n < 2 {
			out = append(out, d.f.at(d.spec)+": the interface "+d.spec.Name.Name+" has fewer than two implementations")
		}
	}
	sort.Strings(out)
	return out
}

func receiver(e ast.Expr) ast.Expr {
	if s, ok := e.(*ast.StarExpr); ok {
		return s.X
	}
	return e
}

// wanted are the methods of a plain interface type, nil for other types.
func wanted(spec *ast.TypeSpec) []string {
	in, ok := spec.Type.(*ast.InterfaceType)
	if !ok {
		return nil
	}
	var out []string
	for _, m := range in.Methods.List {
		if _, isFunc := m.Type.(*ast.FuncType); !isFunc {
			return nil // embeds another, or is a set of types
		}
		for _, name := range m.Names {
			out = append(out, name.Name)
		}
	}
	return out
}

func TestNoLonelyInterfaces(t *testing.T) {
	holds(t, lonely)
	finds(t, lonely, []planted{
		{"internal/flow/a.go", `package flow; type walker interface{ Walk() }; type a int; func (a) Walk() {}`, "walker has fewer than two"},
		{"internal/flow/a.go", `package flow; type walker interface{ Walk() }; type a int; func (a) Walk() {}; type b int; func (*b) Walk() {}`, ""},
		{"internal/flow/a.go", `package flow; type id interface{ ~int32 | ~int64 }`, ""},
	})
}
