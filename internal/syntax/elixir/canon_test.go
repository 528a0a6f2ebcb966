package elixir

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/source"
)

func TestTricky(t *testing.T) {
	for _, s := range tricky(t) {
		t.Run(s.name, func(t *testing.T) {
			if strings.HasPrefix(s.sections["ast"], "ERROR") {
				if tree := parse(t, s.src); len(tree.Errors) == 0 {
					t.Errorf("accepted\n%s", s.src)
				}
				return
			}
			for section, form := range map[string]Form{"ast": Plain, "pos": Pos, "full": Full, "lit": Lit, "raw": Raw} {
				parse(t, s.src)
				got, errs := CanonText(source.NewFile("test.ex", s.src), form)
				if len(errs) > 0 {
					t.Fatalf("refused: %+v\n%s", errs, s.src)
				}
				if string(got) != s.sections[section] {
					t.Fatalf("%s\n%s\nwant %s\ngot  %s", section, s.src, s.sections[section], got)
				}
			}
		})
	}
}
