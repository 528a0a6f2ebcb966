package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/page"
	"github.com/assay-dev/assay/internal/source"
)

// RunPage analyses each example of a page as a project of its own and returns
// what differs from the marks in it: one line each, with the place in the page.
// only are the names that count; other findings in an example are not held
// against it.
func RunPage(p *page.Page, models *model.Set, only []string, opts Options) []string {
	var wrong []string
	for i := range p.Examples {
		wrong = append(wrong, runExample(p, &p.Examples[i], models, only, opts)...)
		if i > 0 && p.Examples[i].Kind == page.Fixed && p.Examples[i-1].Kind == page.Bad {
			wrong = append(wrong, runFix(p, &p.Examples[i-1], &p.Examples[i], models, only, opts)...)
		}
	}
	return wrong
}

// pageStamp is the version of the first migration that a fix in a page makes.
const pageStamp = 20300101000000

// runFix holds what the fixes of a bad example make against the fixed one, where
// its findings have a fix: the files that change, and no others.
func runFix(p *page.Page, bad, fixed *page.Example, models *model.Set, only []string, opts Options) []string {
	s := Analyze(exampleFiles(bad), models, opts)
	if s.Broken() {
		return nil
	}
	asked := func(f *check.Finding) bool {
		return len(f.Changes) > 0 && !declined(f) && slices.Contains(only, f.Check)
	}
	if !slices.ContainsFunc(s.Findings, func(f check.Finding) bool { return asked(&f) }) {
		return nil
	}
	decide := always[*check.Finding]
	if slices.ContainsFunc(only, func(name string) bool { return slices.Contains(decidedOtherwise, name) }) {
		decide = nil
	}
	done := s.Fix(FixOptions{Options: opts, Want: asked, Stamp: pageStamp, Fresh: always[string], Decided: decide})
	decided := slices.ContainsFunc(done.None, func(n Unfixed) bool { return !n.Shown })
	if len(done.Applied) == 0 && len(done.Rejected) == 0 && !decided {
		return nil // the page decides what no fix may
	}
	var wrong []string
	for _, r := range done.Rejected {
		wrong = append(wrong, fmt.Sprintf("%s:%d: the fix %q does not hold: %s", p.Name, bad.Line, r.Fix.Title, r.Reason))
	}
	for _, n := range done.None {
		if n.Shown {
			continue
		}
		wrong = append(wrong, fmt.Sprintf("%s:%d: no fix for %q: %s", p.Name, bad.Line, n.Finding.Message, n.Reason))
	}
	for _, w := range done.Writes() {
		i := slices.IndexFunc(fixed.Files, func(f page.File) bool { return f.Path == w.Path })
		switch {
		case i < 0:
			wrong = append(wrong, fmt.Sprintf("%s:%d: the fix writes %s, which is not shown:\n%s", p.Name, fixed.Line, w.Path, *w.New))
		case strings.TrimSpace(fixed.Files[i].Text) != strings.TrimSpace(*w.New):
			wrong = append(wrong, fmt.Sprintf("%s:%d: the fix makes of %s:\n%s", p.Name, fixed.Files[i].Line, w.Path, *w.New))
		}
	}
	for _, f := range fixed.Files {
		if file := done.After.Files.Named(f.Path); file == nil {
			wrong = append(wrong, fmt.Sprintf("%s:%d: no fix makes %s", p.Name, f.Line, f.Path))
		}
	}
	again := done.After.Fix(FixOptions{Options: opts, Want: asked, Stamp: pageStamp + 1, Fresh: always[string], Decided: decide})
	if len(again.Applied) > 0 {
		wrong = append(wrong, fmt.Sprintf("%s:%d: a second run changes something: %s", p.Name, bad.Line, again.Applied[0].Title))
	}
	return wrong
}

// decidedOtherwise are the checks whose pages show the other answer to the question of a
// fix than the one that it makes.
var decidedOtherwise = []string{"one-or-many", "redundant-index", "schema-drift"}

func always[T any](T) bool { return true }

// declined reports whether all that is asked for a finding is to leave it.
func declined(f *check.Finding) bool {
	return !slices.ContainsFunc(f.Changes, func(c fix.Change) bool { _, no := c.(*fix.Decline); return !no })
}

func runExample(p *page.Page, e *page.Example, models *model.Set, only []string, opts Options) []string {
	s := Analyze(exampleFiles(e), models, opts)
	var wrong []string
	for _, n := range s.Notes {
		wrong = append(wrong, fmt.Sprintf("%s:%d: %s", p.Name, e.Line, n.Reason))
	}
	if s.Broken() {
		return wrong
	}
	got := s.Judge(Policy{Least: check.Hint, Only: only}).Findings
	for _, f := range e.Files {
		here := func(g check.Finding) bool { return s.path(g.Span) == f.Path }
		wrong = append(wrong, compareFile(p, s, &f, slices.DeleteFunc(slices.Clone(got), func(g check.Finding) bool { return !here(g) }), levels(e))...)
	}
	for _, g := range got {
		if g.Span.File < 0 {
			wrong = append(wrong, fmt.Sprintf("%s:%d: not expected: %s: %s", p.Name, e.Line, g.Check, g.Message))
		}
	}
	return wrong
}

// exampleFiles is the project that an example shows.
func exampleFiles(e *page.Example) *source.Set {
	var files []*source.File
	for _, f := range e.Files {
		files = append(files, source.NewFile(f.Path, f.Text))
	}
	return source.NewSet("", files)
}

// levels are what the findings of an example may be, by what its heading says of them: all
// where it says nothing.
func levels(e *page.Example) []check.Level {
	switch {
	case strings.Contains(e.Heading, "as information"):
		return []check.Level{check.Info}
	case strings.Contains(e.Heading, "as a warning"):
		return []check.Level{check.Warning}
	case strings.Contains(e.Heading, "as an error"):
		return []check.Level{check.Error}
	}
	return []check.Level{check.Error, check.Warning, check.Info, check.Hint}
}

// compareFile holds the findings in a file against its marks: each mark wants
// one finding on its line, of one of the levels, whose name or message holds its text.
func compareFile(p *page.Page, s *Snapshot, f *page.File, got []check.Finding, levels []check.Level) []string {
	var wrong []string
	file := s.Files.Named(f.Path)
	for _, w := range f.Wants {
		i := slices.IndexFunc(got, func(g check.Finding) bool {
			return file.Line(g.Span.Start) == w.Line && strings.Contains(g.Check+": "+g.Message, w.Text)
		})
		if i < 0 {
			wrong = append(wrong, fmt.Sprintf("%s:%d: missing: %s", p.Name, f.PageLine(w.Line), w.Text))
			continue
		}
		if !slices.Contains(levels, got[i].Level) {
			wrong = append(wrong, fmt.Sprintf("%s:%d: another level than the heading says: %s", p.Name, f.PageLine(w.Line), w.Text))
		}
		got = slices.Delete(got, i, i+1)
	}
	for _, g := range got {
		wrong = append(wrong, fmt.Sprintf("%s:%d: not expected: %s: %s", p.Name, f.PageLine(file.Line(g.Span.Start)), g.Check, g.Message))
	}
	return wrong
}
