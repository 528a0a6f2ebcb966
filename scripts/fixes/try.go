package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
)

// stamp is the version of new migrations, later than any that a project has.
const stamp = 29990101000000

// What came of a finding.
const (
	held  = "fixed"
	shown = "shown"
	none  = "no fix"
	aside = "put aside" // there is a fix, and Assay itself finds that it does not hold
)

// project is what was tried on one project.
type project struct {
	name     string
	findings []*tried
	together result
}

// tried is what came of one finding and its fix, alone.
type tried struct {
	place, level, check string
	came                string
	safety              fix.Safety
	said                string // the fix's title, or why there is none
	result
}

// result is how a fix, or all of them together, stood the test.
type result struct {
	fixes     int      // applied
	aside     []string // put aside, with the reason
	left      []string // findings that were fixed and are still there
	undone    []string // findings that were to be fixed and were not, nor put aside
	added     []string // findings that were not there
	milder    []string // findings that were not there, of less than its level
	again     []string // what a second run would still do
	files     []*text
	filesMade int
}

func (t *tried) severe() bool { return t.level == "error" || t.level == "warning" }

// bad says what is wrong with a result, or "".
func (r *result) bad() string {
	var out []string
	for _, f := range r.files {
		if f.fault != "" {
			out = append(out, "does not parse: "+f.path+": "+f.fault)
		}
	}
	for _, l := range r.left {
		out = append(out, "still there: "+l)
	}
	for _, u := range r.undone {
		out = append(out, "not done: "+u)
	}
	for _, a := range r.added {
		out = append(out, "new: "+a)
	}
	for _, a := range r.again {
		out = append(out, "a second run: "+a)
	}
	return strings.Join(out, "; ")
}

// try fixes what is found in a project, each finding alone and all together.
func try(name, dir string, reader *reader) (*project, error) {
	s, err := engine.Open(dir, nil, engine.Options{Checks: engine.Selected(false)})
	if err != nil {
		return nil, err
	}
	p := &project{name: name}
	reported := s.Judge(engine.Policy{Least: check.Info}).Findings
	wanted := map[string]bool{}
	for i := range reported {
		f := &reported[i]
		t := &tried{place: placeOf(s.Files, f), level: [...]string{"error", "warning", "info", "hint"}[f.Level], check: f.Check}
		p.findings = append(p.findings, t)
		x, err := s.ProposeFix(f, engine.FixOptions{Stamp: stamp})
		switch {
		case err != nil:
			t.came, t.said = none, err.Error()
			continue
		case x.Safety == fix.Shown:
			t.came, t.said, t.safety = shown, x.Title, fix.Shown
			if plan, err := fix.Compose(s.Files, []fix.Fix{x}); err == nil {
				t.files = reader.add(fix.Writes(s.Files, plan.Next()))
			} else {
				t.left = append(t.left, err.Error())
			}
			continue
		}
		wanted[f.ID] = true
		t.result = run(s, map[string]bool{f.ID: true}, reader)
		t.came, t.said, t.safety = held, x.Title, x.Safety
		if t.fixes == 0 {
			t.came, t.said = aside, x.Title+": "+strings.Join(t.aside, ", ")
		}
	}
	p.together = run(s, wanted, reader)
	return p, nil
}

// run fixes some findings of a project and says what came of it.
func run(s *engine.Snapshot, ids map[string]bool, reader *reader) result {
	done := s.Fix(engine.FixOptions{Stamp: stamp, Want: func(f *check.Finding) bool { return ids[f.ID] }})
	r := result{fixes: len(done.Applied)}
	fixed, put := map[string]bool{}, map[string]bool{}
	for i := range done.Applied {
		fixed[done.Applied[i].Finding] = true
	}
	for _, x := range done.Rejected {
		put[x.Fix.Finding] = true
		r.aside = append(r.aside, x.Fix.Title+": "+x.Reason)
	}
	if r.fixes == 0 {
		return r
	}
	writes := done.Writes()
	for _, w := range writes {
		if w.Old == nil {
			r.filesMade++
		}
	}
	r.files = reader.add(writes)
	r.compare(done.Before, done.After, fixed)
	r.remain(done, ids, put)
	r.again = secondRun(done, ids)
	return r
}

// compare counts findings by what they say, before and after.
func (r *result) compare(old, now *engine.Snapshot, fixed map[string]bool) {
	were := map[string]int{}
	hid := map[string]bool{}
	worst := check.Warning
	// Which of many fixes brings a finding is not known: only a warning is none of
	// theirs for certain.
	alone := check.Hint
	if len(fixed) > 1 {
		alone = check.Warning
	}
	gone := map[string]int{}
	for i := range old.Findings {
		f := &old.Findings[i]
		were[key(old.Files, f)]++
		if fixed[f.ID] {
			gone[key(old.Files, f)]++
			hid[f.Formerly+"\x00"+f.Symbol] = true
			worst = max(worst, f.Level)
		}
	}
	are := map[string]int{}
	for i := range now.Findings {
		f := &now.Findings[i]
		k := key(now.Files, f)
		are[k]++
		switch {
		case gone[k] > 0 && are[k] > were[k]-gone[k]:
			r.left = append(r.left, f.Check+": "+f.Message)
		case f.Formerly != "" && hid[f.Formerly+"\x00"+f.Symbol]:
			// The milder of one place, which the worse one hid.
		case are[k] > were[k] && f.Level <= worst && f.Level <= alone:
			r.added = append(r.added, f.Check+": "+f.Message)
		case are[k] > were[k]:
			r.milder = append(r.milder, f.Check+": "+f.Message)
		}
	}
}

// remain counts what was to be fixed and was not. Of findings that say the same, the
// second takes the id of the first that is gone.
func (r *result) remain(done *engine.Fixed, ids, put map[string]bool) {
	stay := map[string]int{}
	for i := range done.Before.Findings {
		f := &done.Before.Findings[i]
		if !ids[f.ID] || put[f.ID] {
			stay[key(done.Before.Files, f)]++
		}
	}
	for i := range done.After.Findings {
		f := &done.After.Findings[i]
		k := key(done.After.Files, f)
		if stay[k]--; stay[k] < 0 && ids[f.ID] {
			r.undone = append(r.undone, f.Check+": "+f.Message)
		}
	}
}

// secondRun is what fixing once more would do to what was fixed, or to what came
// with it.
func secondRun(done *engine.Fixed, ids map[string]bool) []string {
	were := done.Before.IDs()
	aside := map[string]bool{}
	for _, x := range done.Rejected {
		aside[x.Fix.Finding] = true
	}
	reported := map[string]bool{}
	for _, f := range done.After.Judge(engine.Policy{Least: check.Info}).Findings {
		reported[f.ID] = (ids[f.ID] || !were[f.ID]) && !aside[f.ID]
	}
	var out []string
	again := done.After.Fix(engine.FixOptions{Stamp: stamp, Want: func(f *check.Finding) bool { return reported[f.ID] }})
	for i := range again.Applied {
		out = append(out, again.Applied[i].Title)
	}
	return out
}

// key is what a finding says, without where it stands.
func key(files *source.Set, f *check.Finding) string {
	about := f.Symbol
	if about == "" && f.Span.File >= 0 {
		about = files.File(f.Span.File).Path
	}
	return strings.Join([]string{f.Check, about, strings.Join(strings.Fields(f.Anchor), " ")}, "\x00")
}

func placeOf(files *source.Set, f *check.Finding) string {
	if f.Span.File < 0 {
		return "-"
	}
	file := files.File(f.Span.File)
	return fmt.Sprintf("%s:%d", file.Path, file.Line(f.Span.Start))
}

// print writes a line for each finding, and one for all fixes together.
func (p *project) print(w io.Writer) {
	for _, t := range p.findings {
		came := t.came
		if bad := t.bad(); bad != "" {
			came = "FAILS (" + bad + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", came, p.name, t.place, t.level, t.check, t.said)
		for _, m := range t.milder {
			fmt.Fprintf(w, "milder\t%s\t%s\t%s\t%s\t%s\n", p.name, t.place, t.level, t.check, m)
		}
	}
	for _, a := range p.together.aside {
		fmt.Fprintf(w, "together\t%s\tput aside: %s\n", p.name, a)
	}
	for _, m := range p.together.milder {
		fmt.Fprintf(w, "together\t%s\tmilder: %s\n", p.name, m)
	}
	if bad := p.together.bad(); bad != "" {
		fmt.Fprintf(w, "together\t%s\tFAILS (%s)\n", p.name, bad)
	}
}
