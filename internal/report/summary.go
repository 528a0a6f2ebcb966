package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
)

// Tally is how many findings there are at each level.
type Tally [check.Hint + 1]int

// Total is the number of findings.
func (t *Tally) Total() int {
	n := 0
	for _, count := range t {
		n += count
	}
	return n
}

// Summary counts the findings of a report.
type Summary struct {
	Tally
	Checks []CheckTally // those with findings, most findings first, then by name
}

// CheckTally counts the findings of one check.
type CheckTally struct {
	Check string
	Tally
}

// Summary counts what is reported.
func (r *Report) Summary() Summary {
	var s Summary
	at := map[string]int{}
	for i := range r.Findings {
		f := &r.Findings[i]
		k, ok := at[f.Check]
		if !ok {
			k = len(s.Checks)
			at[f.Check] = k
			s.Checks = append(s.Checks, CheckTally{Check: f.Check})
		}
		level := min(f.Level, check.Hint)
		s.Tally[level]++
		s.Checks[k].Tally[level]++
	}
	slices.SortFunc(s.Checks, func(a, b CheckTally) int {
		return cmp.Or(cmp.Compare(b.Total(), a.Total()), strings.Compare(a.Check, b.Check))
	})
	return s
}

// checks returns the checks that ran and those that only findings name, by
// name.
func (r *Report) checks() []CheckInfo {
	all := slices.Clone(r.Checks)
	for i := range r.Findings {
		f := &r.Findings[i]
		named := func(c CheckInfo) bool { return c.Name == f.Check }
		if !slices.ContainsFunc(all, named) {
			all = append(all, CheckInfo{Name: f.Check, Level: f.Level})
		}
	}
	slices.SortStableFunc(all, func(a, b CheckInfo) int { return strings.Compare(a.Name, b.Name) })
	return all
}
