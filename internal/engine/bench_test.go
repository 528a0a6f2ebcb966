package engine

import (
	"os"
	"testing"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/checks"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/link"
	lower "github.com/assay-dev/assay/internal/lower/elixir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// benched is the project that ASSAY_PROJECT names, or the example application.
func benched(b *testing.B) *source.Set {
	b.Helper()
	root := os.Getenv("ASSAY_PROJECT")
	if root == "" {
		root = "../../examples/shop"
	}
	files, err := source.Load(root, source.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return files
}

func inOrder(n int, part func(i int)) {
	for i := range n {
		part(i)
	}
}

func trees(files *source.Set) []*syntax.Tree {
	out := make([]*syntax.Tree, len(files.Files))
	for i, f := range files.Files {
		if Elixir(f) {
			out[i] = elixir.Parse(f)
		}
	}
	return out
}

func BenchmarkParse(b *testing.B) {
	files := benched(b)
	var size int64
	for _, f := range files.Files {
		if Elixir(f) {
			size += int64(len(f.Text))
		}
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		trees(files)
	}
}

func BenchmarkLower(b *testing.B) {
	files := benched(b)
	parsed, models := trees(files), builtin(b)
	b.SetBytes(sizeOf(files))
	b.ReportAllocs()
	for b.Loop() {
		lower.Lower(files, parsed, models, inOrder)
	}
}

// BenchmarkLink holds lowering, which link begins with.
func BenchmarkLink(b *testing.B) {
	files := benched(b)
	parsed, models := trees(files), builtin(b)
	b.SetBytes(sizeOf(files))
	b.ReportAllocs()
	for b.Loop() {
		link.Link(files, parsed, models, inOrder)
	}
}

func BenchmarkFlow(b *testing.B) {
	files := benched(b)
	models := builtin(b)
	p := link.Link(files, trees(files), models, inOrder)
	b.SetBytes(sizeOf(files))
	b.ReportAllocs()
	for b.Loop() {
		flow.Analyze(p, models, inOrder)
	}
}

func BenchmarkChecks(b *testing.B) {
	files := benched(b)
	s, err := Open(files.Root, nil, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(sizeOf(files))
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range checks.All() {
			c.Run(&check.Pass{Check: c, Program: s.Program, Flow: s.Flow, Queries: s.Queries})
		}
	}
}

// BenchmarkWhole is a cold run but for the start of the program: the disk is
// read each time.
func BenchmarkWhole(b *testing.B) {
	files := benched(b)
	b.SetBytes(sizeOf(files))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(files.Root, nil, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
