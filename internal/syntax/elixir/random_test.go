package elixir

import (
	"testing"

	"github.com/assay-dev/assay/internal/source"
)

func TestRandom(t *testing.T) {
	valid, equal, invalid, refused := 0, 0, 0, 0
	shown := 0
	for _, r := range randoms(t) {
		parse(t, r.Src)
		f := source.NewFile("test.ex", r.Src)
		ast, errs := CanonText(f, Plain)
		pos, _ := CanonText(f, Pos)
		if !r.Ok {
			invalid++
			if len(errs) > 0 {
				refused++
			} else if shown < 30 {
				shown++
				t.Logf("accepted %q", r.Src)
			}
			continue
		}
		valid++
		if string(ast) == r.Ast && string(pos) == r.Pos {
			equal++
			continue
		}
		if shown < 30 {
			shown++
			t.Errorf("%q\nerrs %v\nwant %s\ngot  %s", r.Src, errs, r.Ast, ast)
		}
	}
	t.Logf("%d valid, %d equal; %d invalid, %d refused", valid, equal, invalid, refused)
}
