package intervention

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/report"
	"github.com/assay-dev/assay/internal/source"
)

// Input is what a document is made of.
type Input struct {
	Assay   string // the version of the program
	Project string
	// Out is the folder that the document is written to, seen from the root of the
	// project.
	Out   string
	Voice string
	Fixed *engine.Fixed
	// Chosen are the findings that the document is about.
	Chosen []check.Finding
	// Reported are all findings that the project's own settings report.
	Reported []check.Finding
	// Stamp is the version that new migrations begin with.
	Stamp int64
	// NoTests is set where the fixes were made without their tests.
	NoTests bool
}

// maxImprovements is how many findings beside the problems are told.
const maxImprovements = 10

// builder makes one document.
type builder struct {
	Input
	before, after *engine.Snapshot
	doc           *Document
	touched       touched
	watches       []watch
}

// Build makes the document.
func Build(in Input) *Document {
	b := &builder{Input: in, before: in.Fixed.Before, after: in.Fixed.After}
	b.doc = &Document{Version: 1, Assay: in.Assay, Project: in.Project, Voice: in.Voice}
	b.Chosen = slices.Clone(in.Chosen)
	slices.SortStableFunc(b.Chosen, b.priority)
	b.implementation()
	b.migrations()
	b.touch()
	for i := range b.Chosen {
		b.doc.Problems = append(b.doc.Problems, b.problem(i))
	}
	b.monitoring()
	b.metrics()
	b.security()
	b.tests()
	b.documentation()
	b.deployment()
	b.rollback()
	b.improvements()
	b.speak()
	return b.doc
}

// priority orders findings: the worst level first, then what is a weakness, then
// what a client or the running system reaches.
func (b *builder) priority(x, y check.Finding) int {
	weak := func(f *check.Finding) int {
		if f.CWE != "" {
			return 0
		}
		return 1
	}
	reach := func(f *check.Finding) int {
		if b.entryOf(f) != nil {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(x.Level, y.Level), cmp.Compare(weak(&x), weak(&y)), cmp.Compare(reach(&x), reach(&y)))
}

// entryOf is the first entry of the running system among the places that make a
// finding true, or nil.
func (b *builder) entryOf(f *check.Finding) *ir.Entry {
	p := b.before.Program
	for _, s := range append([]check.Step{{Span: f.Span}}, f.Path...) {
		if s.Span.File < 0 {
			continue
		}
		fn := p.FuncAt(s.Span)
		if fn == nil {
			continue
		}
		for i := range p.Entries {
			if e := &p.Entries[i]; e.Func == fn.ID && e.Kind.Serves() {
				return e
			}
		}
	}
	return nil
}

func (b *builder) problem(i int) Problem {
	f := &b.Chosen[i]
	r := report.FromFindings(b.before.Files, b.Chosen[i:i+1])[0]
	p := Problem{
		Number: i + 1, Title: strings.TrimSuffix(pageOf(f.Check).rule, "."), ID: f.ID, Check: f.Check, Level: report.LevelName(f.Level), Path: r.Path, Line: r.Line,
		Symbol: f.Symbol, Message: f.Message, Consequence: pageOf(f.Check).cost, CWE: weakness(f.CWE), Solution: b.solution(f),
	}
	p.first = !slices.ContainsFunc(b.Chosen[:i], func(o check.Finding) bool { return o.Check == f.Check })
	for _, s := range r.Evidence {
		p.Evidence = append(p.Evidence, Place{s.Path, s.Line, s.Note})
	}
	for _, l := range r.Frame {
		p.Frame = append(p.Frame, Line{l.Number, b.hide(l.Text), l.Number >= r.Line && l.Number <= r.EndLine})
	}
	return p
}

// The states of a solution.
const (
	inChange = "in the change"
	decision = "needs a decision"
	aside    = "put aside"
	byHand   = "by hand"
)

func (b *builder) solution(f *check.Finding) Solution {
	for i := range b.Fixed.Applied {
		if x := &b.Fixed.Applied[i]; x.Finding == f.ID {
			s := described(x)
			s.State = inChange
			return s
		}
	}
	for i := range b.Fixed.Rejected {
		if r := &b.Fixed.Rejected[i]; r.Fix.Finding == f.ID {
			s := described(&r.Fix)
			s.State, s.Why = aside, r.Reason
			return s
		}
	}
	if !b.left(f.ID) {
		return Solution{State: inChange, Title: "Nothing of its own", Why: "what the other problems take ends it too"}
	}
	x, err := b.before.ProposeFix(f, engine.FixOptions{Stamp: b.Stamp, NoTests: b.NoTests})
	if err != nil {
		return Solution{State: byHand, Title: "By hand", Why: err.Error()}
	}
	s := described(&x)
	s.State = decision
	if plan, err := fix.Compose(b.before.Files, []fix.Fix{x}); err == nil {
		s.Diff = b.hide(fix.Diff(b.before.Files, plan.Next()))
	}
	return s
}

// left reports whether a finding is still there after the change.
func (b *builder) left(id string) bool {
	return slices.ContainsFunc(b.after.Findings, func(f check.Finding) bool { return f.ID == id })
}

func described(x *fix.Fix) Solution {
	s := Solution{Title: x.Title, Safety: x.Safety.String(), Proof: x.Proof.String(), Notes: x.Notes, Reused: x.Reused}
	add := func(path, reason string) {
		r := Reason{path, reason}
		if !slices.Contains(s.Parts, r) {
			s.Parts = append(s.Parts, r)
		}
	}
	for _, e := range x.Edits {
		add(e.Path, e.Reason)
	}
	for _, n := range x.Files {
		add(n.Path, n.Reason)
	}
	return s
}

// implementation is every file of the change.
func (b *builder) implementation() {
	reasons := map[string][]string{}
	for i := range b.Fixed.Applied {
		for _, part := range described(&b.Fixed.Applied[i]).Parts {
			if part.Reason != "" && !slices.Contains(reasons[part.Path], part.Reason) {
				reasons[part.Path] = append(reasons[part.Path], part.Reason)
			}
		}
	}
	for _, w := range b.Fixed.Writes() {
		old := b.before.Files
		one := old.With(w.Path, *w.New)
		b.doc.Implementation = append(b.doc.Implementation, File{
			Path: w.Path, New: w.Old == nil, Reasons: reasons[w.Path], Diff: b.hide(fix.Diff(old, one)),
		})
	}
}

// improvements are findings beside the problems that stand in the files and
// functions that the change touches, and the number of all others.
func (b *builder) improvements() {
	var near []Improvement
	var levels []check.Level
	chosen := map[string]bool{}
	for i := range b.Chosen {
		chosen[b.Chosen[i].ID] = true
	}
	for i := range b.Reported {
		f := &b.Reported[i]
		if chosen[f.ID] || !b.left(f.ID) {
			continue
		}
		b.doc.Further++
		if f.Span.File < 0 || !b.near(f) {
			continue
		}
		at := report.PlaceOf(b.before.Files, f.Span)
		near = append(near, Improvement{f.Check, report.LevelName(f.Level), at.Path, at.Line, f.Message})
		levels = append(levels, f.Level)
	}
	for l := check.Error; l <= check.Hint; l++ {
		for i := range near {
			if levels[i] == l && len(b.doc.Improvements) < maxImprovements {
				b.doc.Improvements = append(b.doc.Improvements, near[i])
			}
		}
	}
}

// near reports whether a finding stands in a file that the change edits or that a
// problem is in, or is about a table that it touches.
func (b *builder) near(f *check.Finding) bool {
	path := b.before.Files.File(f.Span.File).Path
	for _, x := range b.doc.Implementation {
		if x.Path == path {
			return true
		}
	}
	for i := range b.doc.Problems {
		if b.doc.Problems[i].Path == path {
			return true
		}
	}
	return slices.ContainsFunc(b.touched.tables, func(t table) bool { return strings.HasPrefix(f.Symbol, t.name+".") })
}

// hide shortens every secret that was found, and notes that something was hidden.
func (b *builder) hide(text string) string {
	shown := b.before.Hide(text)
	b.doc.hides = b.doc.hides || shown != text
	return shown
}

// Hides reports whether the document shows less than the change holds: a secret.
func (d *Document) Hides() bool { return d.hides }

func counted(n int, what string) string {
	if n != 1 {
		if strings.HasSuffix(what, "y") {
			what = strings.TrimSuffix(what, "y") + "ie"
		}
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// kindOf is the kind of a file of the project after the change.
func (b *builder) kindOf(path string) source.Kind {
	if f := b.after.Files.Named(path); f != nil {
		return f.Kind
	}
	return source.Other
}
