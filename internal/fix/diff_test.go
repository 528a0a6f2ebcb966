package fix

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/source"
)

// TestDiffCountsLines changes lines of a file at random: each hunk begins, in the old
// file and in the new one, at the line that its head says.
func TestDiffCountsLines(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		var before, after []string
		for i := range r.IntN(120) {
			line := "line " + strconv.Itoa(i) + "\n"
			before = append(before, line)
			switch r.IntN(12) {
			case 0:
			case 1:
				after = append(after, line, "more\n", "and more\n")
			case 2:
				after = append(after, "another\n")
			default:
				after = append(after, line)
			}
		}
		old, now := strings.Join(before, ""), strings.Join(after, "")
		text := diffOf(source.Write{Path: "a.ex", Old: &old, New: &now})
		for _, hunk := range strings.Split(text, "\n@@ ")[1:] {
			head, body, _ := strings.Cut(hunk, "\n")
			from, to, _ := strings.Cut(strings.TrimSuffix(head, " @@"), " ")
			holds(t, round, from, before, body, '-')
			holds(t, round, to, after, body, '+')
		}
	}
}

// holds compares the lines of a hunk that one side has with those that its head points at.
func holds(t *testing.T, round int, head string, lines []string, body string, side byte) {
	t.Helper()
	first, _, _ := strings.Cut(head[1:], ",")
	at, err := strconv.Atoi(first)
	if err != nil {
		t.Fatalf("%q is no place of a hunk", head)
	}
	for line := range strings.Lines(body) {
		if line[0] != ' ' && line[0] != side {
			continue
		}
		if at < 1 || at > len(lines) || strings.TrimSuffix(lines[at-1], "\n") != strings.TrimSuffix(line[1:], "\n") {
			t.Fatalf("round %d: line %d is not %q", round, at, line[1:])
		}
		at++
	}
}
