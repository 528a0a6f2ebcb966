package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/scripts/assay"
)

const fixesFile = "testdata/corpus/fixes.jsonl"

// fixWords are the verdicts there are on fixes.
var fixWords = []string{"mergeable", "change", "wrong"}

// read is a verdict on a fix, as a maintainer of the project would give it.
type read struct {
	Project string `json:"project"`
	Commit  string `json:"commit"`
	ID      string `json:"id"`
	Check   string `json:"check"`
	Seed    int    `json:"seed"` // which draw it was of
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
}

func (r read) order() string {
	return strings.Join([]string{fmt.Sprintf("%08d", r.Seed), r.Project, r.Check, r.ID, r.Commit}, "\x00")
}

func (r read) said() string { return r.Verdict }

func (r read) wrong() error {
	if r.Seed < 1 {
		return fmt.Errorf("%d is no draw", r.Seed)
	}
	return wrong(r.Project, r.Commit, r.ID, r.Check, r.Verdict, r.Reason, fixWords)
}

// offer is a line of the work list: a fix to be read.
type offer struct {
	Project string `json:"project"`
	Commit  string `json:"commit"`
	ID      string `json:"id"`
	Check   string `json:"check"`
	Seed    int    `json:"seed"`
	Safety  string `json:"safety"`
	Title   string `json:"title"`
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Message string `json:"message"`
	Patch   string `json:"patch"`
	rank    [sha256.Size]byte
}

func runFixes(w io.Writer, args []string) error {
	var p plan
	var count int
	f := pflag.NewFlagSet("sample fixes", pflag.ContinueOnError)
	f.StringSliceVar(&p.checks, "checks", nil, "the checks to draw from; all without it")
	f.IntVar(&count, "count", 30, "how many fixes")
	f.IntVar(&p.perCheck, "per-check", 0, "how many of each check at most; 0 is no limit, so that all fixes are as likely")
	f.IntVar(&p.seed, "seed", 1, "which draw")
	if err := f.Parse(args); err != nil {
		return err
	}
	args = f.Args()
	switch {
	case len(args) == 1 && args[0] == "table":
		return fixTable(w)
	case len(args) < 2:
		return errUsage
	case args[0] == "record":
		return recordFiles[read](w, fixesFile, args[1:])
	}
	return drawFixes(w, args[0], args[1], args[2:], p, count)
}

// drawFixes prints a work list of fixes.
func drawFixes(w io.Writer, program, corpus string, named []string, p plan, count int) error {
	reports, err := reportsIn(program, corpus, named)
	if err != nil {
		return err
	}
	var all []offer
	for _, r := range reports {
		name, commit := r.project, commitOf(filepath.Join(corpus, r.project))
		for i := range r.report.Findings {
			if f := &r.report.Findings[i]; f.Offered() {
				all = append(all, offer{Project: name, Commit: commit, ID: f.ID, Check: f.Check, Seed: p.seed,
					Safety: f.Fixes[0].Safety, Title: f.Fixes[0].Title, Path: f.Path, Line: f.Line, Message: f.Message})
			}
		}
	}
	drawn, err := p.drawFixes(all, count, func(o *offer) (string, error) {
		return assay.Patch(program, filepath.Join(corpus, o.Project), o.ID)
	})
	if err != nil {
		return err
	}
	return encode(w, drawn)
}

// drawFixes chooses fixes at random, where it is asked for so that no check has more than
// its share, and gives each its patch. One without a patch does not hold and is passed over.
func (p plan) drawFixes(all []offer, count int, patch func(*offer) (string, error)) ([]offer, error) {
	for i := range all {
		o := &all[i]
		o.rank = sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s", p.seed, o.Project, o.ID))
	}
	slices.SortFunc(all, func(a, b offer) int { return slices.Compare(a.rank[:], b.rank[:]) })
	var out []offer
	drawn := map[string]int{}
	for _, o := range all {
		if len(out) == count {
			break
		}
		if p.perCheck > 0 && drawn[o.Check] == p.perCheck || len(p.checks) > 0 && !slices.Contains(p.checks, o.Check) {
			continue
		}
		text, err := patch(&o)
		if err != nil {
			return nil, err
		}
		if text != "" {
			o.Patch = text
			drawn[o.Check]++
			out = append(out, o)
		}
	}
	return out, nil
}

// fixTable prints the share of mergeable fixes by draw and by check.
func fixTable(w io.Writer) error {
	text, err := os.ReadFile(fixesFile)
	if err != nil {
		return err
	}
	list, err := readVerdicts[read](text)
	if err != nil {
		return fmt.Errorf("%s: %w", fixesFile, err)
	}
	printFixes(w, list)
	return nil
}

func printFixes(w io.Writer, list []read) {
	shares(w, "draw", list, func(r *read) string { return strconv.Itoa(r.Seed) })
	fmt.Fprintln(w)
	shares(w, "check", list, func(r *read) string { return r.Check })
}

// shares prints one table, a row for each key.
func shares(w io.Writer, kind string, list []read, key func(*read) string) {
	by := map[string]map[string]int{}
	var keys []string
	for i := range list {
		k := key(&list[i])
		if by[k] == nil {
			by[k] = map[string]int{}
			keys = append(keys, k)
		}
		by[k][list[i].Verdict]++
	}
	slices.Sort(keys)
	fmt.Fprintf(w, "| %s | read | mergeable | needs a change | wrong | mergeable of all |\n|---|---|---|---|---|---|\n", kind)
	for _, k := range keys {
		n := by[k]
		sum := n["mergeable"] + n["change"] + n["wrong"]
		fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %.0f %% |\n", k, sum, n["mergeable"], n["change"], n["wrong"],
			100*float64(n["mergeable"])/float64(sum))
	}
}
