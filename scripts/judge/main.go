// Command judge says what Assay makes of real defects and of their fixes.
//
//	go run ./scripts/judge ASSAY CASES TREES [GROUP…]
//	go run ./scripts/judge ASSAY CASES ID BEFORE AFTER
//
// CASES holds one JSON object a line, with the places of a defect. TREES/ID/before
// and TREES/ID/after are checkouts of the commits before and after its fix. With
// groups, only the cases of these groups are judged. The second form judges one
// case, in checkouts that are anywhere. A line is printed for each case: its id,
// its category, the verdict, and the finding that the verdict rests on. A line for
// each group says how many of its cases are flagged.
//
// A case is flagged when a finding of level warning or error lies in the tree
// before, with its place or one of its first three steps of evidence at most
// twelve lines from one of the places, and no finding of that check has that
// symbol in the tree after. A case without trees is not judged.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/assay-dev/assay/scripts/assay"
)

const (
	// near is how many lines a finding may be away from a place of the defect.
	near = 12
	// steps is how many steps of evidence count.
	steps = 3
	// workers is how many cases are judged at a time.
	workers = 2
)

// The verdicts.
const (
	flagged = "flagged"
	still   = "flagged and still after"
	silent  = "silent"
	noTree  = "no tree"
)

// known is what a case says of its defect.
type known struct {
	ID, Category, Group string
	Locations           []struct {
		Path      string `json:"path"`
		LineStart int    `json:"line_start"`
		LineEnd   int    `json:"line_end"`
	}
	verdict, about string
	err            error
}

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(2)
	}
}

func run(w io.Writer, args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: judge ASSAY CASES TREES [GROUP…], or judge ASSAY CASES ID BEFORE AFTER")
	}
	cases, err := read(args[1])
	if err != nil {
		return err
	}
	if s, err := os.Stat(args[2]); err == nil && s.IsDir() {
		return all(w, args[0], choose(cases, args[3:]), args[2])
	}
	return one(w, args[0], cases, args[2:])
}

// read reads the cases.
func read(name string) ([]*known, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var out []*known
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var k known
		if err := json.Unmarshal(lines.Bytes(), &k); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, &k)
	}
	return out, lines.Err()
}

// choose keeps the cases of some groups, of all when there are none, by group.
func choose(cases []*known, groups []string) []*known {
	out := slices.DeleteFunc(slices.Clone(cases), func(k *known) bool {
		return len(groups) > 0 && !slices.Contains(groups, k.Group)
	})
	slices.SortStableFunc(out, func(a, b *known) int {
		if n := slices.Index(groups, a.Group) - slices.Index(groups, b.Group); n != 0 {
			return n
		}
		return strings.Compare(a.Group, b.Group)
	})
	return out
}

// one judges the case ID in the trees BEFORE and AFTER.
func one(w io.Writer, program string, cases []*known, args []string) error {
	i := slices.IndexFunc(cases, func(k *known) bool { return k.ID == args[0] })
	switch {
	case i < 0:
		return fmt.Errorf("%s is no folder of trees and no case", args[0])
	case len(args) != 3:
		return fmt.Errorf("the case %s needs two trees, BEFORE and AFTER", args[0])
	}
	k := cases[i]
	k.judge(program, args[1], args[2])
	k.print(w)
	return k.err
}

// all judges cases, a few at a time, and sums them up by group.
func all(w io.Writer, program string, cases []*known, trees string) error {
	var wait sync.WaitGroup
	work := make(chan *known)
	for range workers {
		wait.Go(func() {
			for k := range work {
				k.judge(program, filepath.Join(trees, k.ID, "before"), filepath.Join(trees, k.ID, "after"))
			}
		})
	}
	for _, k := range cases {
		work <- k
	}
	close(work)
	wait.Wait()
	for _, k := range cases {
		k.print(w)
		if k.err != nil {
			return k.err
		}
	}
	summary(w, cases)
	return nil
}

// judge compares what is found in the two trees.
func (k *known) judge(program, before, after string) {
	if _, err := os.Stat(before); err != nil {
		k.verdict = noTree
		return
	}
	then, err := assay.Check(program, before)
	if err != nil {
		k.err = err
		return
	}
	now, err := assay.Check(program, after)
	if err != nil {
		k.err = err
		return
	}
	k.compare(then.Findings, now.Findings)
}

// compare sets the verdict from what is found before and after the fix.
func (k *known) compare(then, now []assay.Finding) {
	k.verdict = silent
	for i := range then {
		f := &then[i]
		if !f.Severe() || !k.hit(f) {
			continue
		}
		k.about = fmt.Sprintf("%s %s %s:%d", f.Check, f.Symbol, f.Path, f.Line)
		k.verdict = still
		if !has(now, f) {
			k.verdict = flagged
			return
		}
	}
}

// hit reports whether a finding is about one of the places of the case.
func (k *known) hit(f *assay.Finding) bool {
	at := append([]assay.Place{f.Place}, f.Evidence[:min(steps, len(f.Evidence))]...)
	for _, p := range at {
		for _, l := range k.Locations {
			if p.Path == l.Path && p.Line >= l.LineStart-near && p.Line <= l.LineEnd+near {
				return true
			}
		}
	}
	return false
}

// has reports whether a check still finds something at a symbol.
func has(all []assay.Finding, f *assay.Finding) bool {
	return slices.ContainsFunc(all, func(g assay.Finding) bool { return g.Check == f.Check && g.Symbol == f.Symbol })
}

func (k *known) print(w io.Writer) {
	if k.err == nil {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", k.ID, k.Category, k.verdict, k.about)
	}
}

// summary prints a line for each group, and one for all.
func summary(w io.Writer, cases []*known) {
	var groups []string
	by := map[string]map[string]int{}
	for _, k := range cases {
		if by[k.Group] == nil {
			by[k.Group] = map[string]int{}
			groups = append(groups, k.Group)
		}
		by[k.Group][k.verdict]++
	}
	sum := map[string]int{}
	for _, g := range groups {
		line(w, g, by[g])
		for verdict, n := range by[g] {
			sum[verdict] += n
		}
	}
	if len(groups) > 1 {
		line(w, "all", sum)
	}
}

func line(w io.Writer, name string, n map[string]int) {
	judged := n[flagged] + n[still] + n[silent]
	share := 100 * float64(n[flagged]) / float64(max(1, judged))
	fmt.Fprintf(w, "%s: %d of %d flagged (%.0f %%), %d flagged and still after, %d silent, %d without a tree\n",
		name, n[flagged], judged, share, n[still], n[silent], n[noTree])
}
