package intervention

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
)

// The voices. The facts are the same.
const (
	Blunt = "blunt"
	Calm  = "calm"
)

// speak writes the sentences around the facts.
func (b *builder) speak() {
	d := b.doc
	facts := b.facts()
	switch {
	case len(d.Problems) == 0:
		d.Headline = d.Project + ": no finding was chosen"
		d.Lead = "None of the findings asked for is there, or none has a fix. `assay check` lists what is found."
	case d.Voice == Calm:
		d.Headline = d.Project + ": " + facts
		d.Lead = "Each problem below names the lines that show it, and what ends it. The deployment guide has the order."
	default:
		d.Headline = d.Project + " is not ready: " + facts
		d.Lead = "This is not a matter of taste. Each problem below names the lines that prove it and the change that ends it. Apply it in the order of the deployment guide."
	}
	switch d.Further {
	case 0:
		d.Question = "There are no further findings."
	case 1:
		d.Question = "There is 1 further finding. Shall I address it as well?"
	default:
		d.Question = "There are " + counted(d.Further, "further finding") + ". Shall I address those as well?"
	}
}

// facts counts the problems and what is done about them.
func (b *builder) facts() string {
	n := map[check.Level]int{}
	for i := range b.Chosen {
		n[b.Chosen[i].Level]++
	}
	var parts []string
	for _, l := range []struct {
		level check.Level
		word  string
	}{{check.Error, "error"}, {check.Warning, "warning"}, {check.Info, "remark"}, {check.Hint, "hint"}} {
		if n[l.level] > 0 {
			parts = append(parts, counted(n[l.level], l.word))
		}
	}
	solved := 0
	for i := range b.doc.Problems {
		if b.doc.Problems[i].Solution.State == inChange {
			solved++
		}
	}
	return strings.Join(parts, ", ") + "; " + strconv.Itoa(solved) + " of " + strconv.Itoa(len(b.Chosen)) + " solved below"
}
