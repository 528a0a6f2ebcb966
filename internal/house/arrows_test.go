package house

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// arrows is which room may import which. A room imports only rooms above it.
// A new arrow is a decision about the design: say it in docs/architecture.md
// too. Do not add one to make a build pass.
var arrows = []struct{ room, imports string }{
	{"source", ""},
	{"page", "source"},
	{"syntax", "source"},
	{"syntax/elixir", "source syntax"},
	{"syntax/sql", ""},
	{"ir", "source"},
	{"model", "source"},
	{"lower/elixir", "source syntax syntax/elixir ir model"},
	{"link", "source syntax ir model lower/elixir"},
	{"replay", "source syntax/sql ir"},
	{"orm", "source ir model"},
	{"flow", "source ir model"},
	{"query", "source syntax/sql ir model flow"},
	{"fix", "source ir"},
	{"rewrite/elixir", "source syntax syntax/elixir ir fix"},
	{"proof", "source fix"},
	{"check", "source ir flow query fix"},
	{"checks", "source ir flow query fix check"},
	{"config", "source model"},
	{"baseline", "source"},
	{"engine", "source page syntax syntax/elixir ir model link replay orm flow query fix rewrite/elixir check checks"},
	{"report", "source fix check"},
	{"intervention", "source ir flow query fix check engine report"},
	{"cli", "source page syntax syntax/elixir ir model lower/elixir flow query fix proof check checks config baseline engine report intervention"},
	{"cmd/assay", "cli"},
}

// forbiddenRooms are names that say nothing, and so collect everything.
var forbiddenRooms = strings.Fields("util utils common helper helpers base core types manager shared misc")

func arrowsOf(room string) ([]string, bool) {
	for _, a := range arrows {
		if a.room == room {
			return strings.Fields(a.imports), true
		}
	}
	return nil, false
}

// wrongArrows finds imports between rooms that the table does not have.
func wrongArrows(files []*file) []string {
	var out []string
	for _, f := range files {
		allowed, known := arrowsOf(f.room())
		if !known {
			out = append(out, fmt.Sprintf("%s: the room %q is not in the table of arrows", f.path, f.room()))
			continue
		}
		for _, p := range f.imports() {
			to, ours := strings.CutPrefix(p, module+"/")
			to = strings.TrimPrefix(to, "internal/")
			if ours && !slices.Contains(allowed, to) {
				out = append(out, fmt.Sprintf("%s: %s may not import %s", f.path, f.room(), to))
			}
		}
	}
	return out
}

func TestArrows(t *testing.T) {
	holds(t, wrongArrows)
	finds(t, wrongArrows, []planted{
		{"internal/ir/a.go", `package ir; import "github.com/assay-dev/assay/internal/link"`, "ir may not import link"},
		{"internal/checks/a.go", `package checks; import s "github.com/assay-dev/assay/internal/syntax"`, "checks may not import syntax"},
		{"internal/spare/a.go", `package spare`, `"spare" is not in the table`},
		{"internal/flow/a.go", `package flow; import ("sort"; "github.com/assay-dev/assay/internal/ir")`, ""},
	})
}

// downward finds arrows of the table that do not point up.
func downward(table []struct{ room, imports string }) []string {
	var out, above []string
	for _, a := range table {
		for _, to := range strings.Fields(a.imports) {
			if !slices.Contains(above, to) {
				out = append(out, a.room+" imports "+to+", which is not above it")
			}
		}
		above = append(above, a.room)
	}
	return out
}

func TestArrowsPointUp(t *testing.T) {
	for _, c := range downward(arrows) {
		t.Error(c)
	}
	wrong := []struct{ room, imports string }{{"flow", "ir"}, {"ir", ""}}
	if len(downward(wrong)) != 1 {
		t.Error("an arrow that points down is not found")
	}
}

func TestEveryRoomOfTheTableExists(t *testing.T) {
	for _, a := range arrows {
		dir := "internal/" + a.room
		if strings.HasPrefix(a.room, "cmd/") {
			dir = a.room
		}
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(dir))); err != nil {
			t.Errorf("the table of arrows has the room %s: %v", a.room, err)
		}
	}
}

// badNames finds packages whose names say nothing or differ from their folder.
func badNames(files []*file) []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range files {
		name := f.Name.Name
		if seen[f.room()] {
			continue
		}
		seen[f.room()] = true
		last := f.room()[strings.LastIndexByte(f.room(), '/')+1:]
		switch {
		case slices.Contains(forbiddenRooms, name):
			out = append(out, f.path+": a package named "+name+" has no subject")
		case name != last && name != "main":
			out = append(out, f.path+": package "+name+" is in the folder "+last)
		}
	}
	return out
}

func TestRoomNames(t *testing.T) {
	holds(t, badNames)
	finds(t, badNames, []planted{
		{"internal/utils/a.go", "package utils", "has no subject"},
		{"internal/ir/a.go", "package tree", "is in the folder ir"},
		{"cmd/assay/main.go", "package main", ""},
	})
}

// withoutComment finds packages that do not begin with a sentence about them.
func withoutComment(files []*file) []string {
	var out, order []string
	said := map[string]bool{}
	for _, f := range files {
		if !slices.Contains(order, f.room()) {
			order = append(order, f.room())
		}
		if f.Doc != nil {
			said[f.room()] = true
		}
	}
	for _, r := range order {
		if !said[r] {
			out = append(out, r+": no file has a package comment")
		}
	}
	return out
}

func TestEveryPackageHasAComment(t *testing.T) {
	holds(t, withoutComment)
	finds(t, withoutComment, []planted{
		{"internal/ir/a.go", "package ir", "no file has a package comment"},
		{"internal/ir/a.go", "// Package ir is the program.\npackage ir", ""},
	})
}
