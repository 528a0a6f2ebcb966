package elixir

import (
	"bytes"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

func seeds(f *testing.F) {
	for _, s := range tricky(f) {
		f.Add(s.src)
	}
	for i, r := range randoms(f) {
		if i%20 == 0 {
			f.Add(r.Src)
		}
	}
}

// Any text gives a tree that verifies, with work in proportion to its size.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		tree := Parse(source.NewFile("test.ex", src))
		if err := syntax.Verify(tree); err != nil {
			t.Fatal(err)
		}
		if n := len(tree.Nodes); n > 6*len(src)+8 {
			t.Fatalf("%d nodes for %d bytes", n, len(src))
		}
		p := newParser(src)
		p.byIndent, p.cutLines = true, true
		p.program()
		if p.steps > 8*len(src)+32 {
			t.Fatalf("%d steps for %d bytes", p.steps, len(src))
		}
		p.b.Widen()
		q := p.b.Tree(tree.File)
		if err := syntax.Verify(q); err != nil {
			t.Fatal("by indentation: ", err)
		}
	})
}

// A text without errors has a canonical text in every form.
func FuzzCanon(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		file := source.NewFile("test.ex", src)
		if len(Parse(file).Errors) > 0 {
			return
		}
		for form := range Raw + 1 {
			text, errs := CanonText(file, form)
			lost := bytes.Contains(text, []byte(`'\x00`)) && !strings.ContainsAny(src, "\\\x00")
			if len(text) == 0 || len(errs) > 0 || lost {
				t.Fatalf("%s: %s %v", Forms()[form], text, errs)
			}
		}
	})
}
