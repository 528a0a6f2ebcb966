package elixir

import (
	"testing"

	"github.com/assay-dev/assay/internal/source"
)

// TestRandom compares with Elixir on random snippets: the same ones are
// refused, the others have the same tree.
func TestRandom(t *testing.T) {
	valid, invalid := 0, 0
	for _, r := range randoms(t) {
		parse(t, r.Src)
		f := source.NewFile("test.ex", r.Src)
		ast, errs := CanonText(f, Plain)
		pos, _ := CanonText(f, Pos)
		switch {
		case !r.Ok:
			invalid++
			if len(errs) == 0 {
				t.Errorf("accepted %q", r.Src)
			}
			continue
		case string(ast) != r.Ast:
			t.Errorf("%q\nerrors %v\nwant %s\ngot  %s", r.Src, errs, r.Ast, ast)
		case string(pos) != r.Pos:
			t.Errorf("%q\nwant %s\ngot  %s", r.Src, r.Pos, pos)
		}
		valid++
	}
	t.Logf("%d valid snippets, %d invalid", valid, invalid)
}
