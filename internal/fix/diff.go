package fix

import (
	"regexp"
	"strconv"
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
	return head + numbered(udiff.Unified(from, to, before, after))
}

// hunkHead begins each hunk of a unified diff.
var hunkHead = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$`)

// numbered counts the lines of the new file anew in a unified diff of one file: udiff does
// not count those between two changes of one hunk, so that the hunks behind it begin too
// early.
func numbered(diff string) string {
	var out strings.Builder
	more, left := 0, 0 // lines that are added by the hunks before, and left of this one
	for line := range strings.Lines(diff) {
		m := hunkHead.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if left > 0 || m == nil {
			if line[0] == ' ' {
				left--
			}
			if line[0] != '\\' {
				left--
			}
			out.WriteString(line)
			continue
		}
		from, old, now := number(m[1], 0), number(m[2], 1), number(m[4], 1)
		start := from + more
		switch {
		case old == 0 && now > 0:
			start++ // an insertion is numbered by the line before it
		case old > 0 && now == 0:
			start--
		}
		out.WriteString(line[:strings.Index(line, "+")+1] + strconv.Itoa(start) + line[strings.Index(line, "+")+1+len(m[3]):])
		more += now - old
		left = old + now
	}
	return out.String()
}

// number is the number that a text is, or what it stands for when it is left out.
func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}
