package fix

import (
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/assay-dev/assay/internal/source"
)

// Diff is a patch that git can apply, from one set of files to another.
func Diff(old, now *source.Set) string {
	var out strings.Builder
	for _, w := range Writes(old, now) {
		out.WriteString(diffOf(w))
	}
	return out.String()
}

func diffOf(w source.Write) string {
	from, to := "a/"+w.Path, "b/"+w.Path
	head := "diff --git " + from + " " + to + "\n"
	before, after := "", ""
	if w.Old != nil {
		before = *w.Old
	} else {
		head += "new file mode 100644\n"
		from = "/dev/null"
	}
	if w.New != nil {
		after = *w.New
	}
	return head + udiff.Unified(from, to, before, after)
}
