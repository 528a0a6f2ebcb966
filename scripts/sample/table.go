package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/assay-dev/assay/scripts/assay"
)

// tally counts verdicts, and those on findings that are still reported.
type tally struct {
	all, still map[string]int
	// severe is how many errors and warnings there are now, in how many lines.
	severe, lines int
}

// count adds a verdict.
func (t *tally) count(verdict string, still bool) {
	if t.all == nil {
		t.all, t.still = map[string]int{}, map[string]int{}
	}
	t.all[verdict]++
	if still {
		t.still[verdict]++
	}
}

// now is what a project's check says at present.
type now struct {
	project string
	report  *assay.Report
}

// table prints precision by check and by project, of errors and warnings.
func table(w io.Writer, program, corpus string, named []string) error {
	text, err := os.ReadFile(verdictsFile)
	if err != nil {
		return err
	}
	list, err := readVerdicts[judged](text)
	if err != nil {
		return fmt.Errorf("%s: %w", verdictsFile, err)
	}
	reports, err := reportsIn(program, corpus, named)
	if err != nil {
		return err
	}
	printTables(w, list, reports)
	return nil
}

func printTables(w io.Writer, list []judged, reports []now) {
	checks, projects := map[string]*tally{}, map[string]*tally{}
	sum := &tally{}
	at := func(m map[string]*tally, key string) *tally {
		if m[key] == nil {
			m[key] = &tally{}
		}
		return m[key]
	}
	reported := map[[2]string]bool{}
	for _, n := range reports {
		lines := n.report.Summary.Lines
		at(projects, n.project).lines = lines
		sum.lines += lines
		for _, f := range n.report.Findings {
			if f.Severe() {
				reported[[2]string{n.project, f.ID}] = true
				at(checks, f.Check).severe++
				at(projects, n.project).severe++
				sum.severe++
			}
		}
	}
	for _, j := range list {
		if projects[j.Project] == nil || j.Level != "error" && j.Level != "warning" {
			continue
		}
		still := reported[[2]string{j.Project, j.ID}]
		for _, t := range []*tally{at(checks, j.Check), projects[j.Project], sum} {
			t.count(j.Verdict, still)
		}
	}
	for _, t := range checks {
		t.lines = sum.lines
	}
	rows(w, "check", checks, sum)
	fmt.Fprintln(w)
	rows(w, "project", projects, sum)
}

// rows prints one table. Precision is the share of verdicts that are real.
func rows(w io.Writer, kind string, by map[string]*tally, sum *tally) {
	fmt.Fprintf(w, "| %s | judged | real | arguable | false | precision | still reported | precision of these | errors and warnings | per 10,000 lines |\n", kind)
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|")
	var names []string
	for name := range by {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		row(w, name, by[name])
	}
	row(w, "all", sum)
}

func row(w io.Writer, name string, t *tally) {
	fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %s | %d | %s | %d | %.1f |\n", name,
		total(t.all), t.all["real"], t.all["arguable"], t.all["false"], precision(t.all),
		total(t.still), precision(t.still), t.severe, 1e4*float64(t.severe)/float64(max(1, t.lines)))
}

func total(n map[string]int) int { return n["real"] + n["arguable"] + n["false"] }

// precision is a share in per cent; a dash where nothing is judged.
func precision(n map[string]int) string {
	if total(n) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(n["real"])/float64(total(n)))
}
