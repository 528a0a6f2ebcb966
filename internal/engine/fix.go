package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/rewrite/elixir"
	"github.com/assay-dev/assay/internal/source"
)

// maxRounds is how often fixes are put together and hold: some only fit when others
// are done.
const maxRounds = 10

// FixOptions say which findings to fix.
type FixOptions struct {
	Options
	// Want says whether a finding is to be fixed; nil is every one.
	Want func(*check.Finding) bool
	// Stamp is the version of the first new migration: YYYYMMDDHHMMSS.
	Stamp int64
	// Fresh reports whether a file is new since the state that was compared with: another
	// migration may have run, and is not rewritten without a question. nil knows of none.
	Fresh func(path string) bool
	// Own are the fixes of findings that a person has written, by the finding's id, over the
	// files of the snapshot. They come before the others.
	Own map[string]fix.Fix
	// Decided reports whether a person has decided what the fix of a finding asks; nil is
	// never.
	Decided func(*check.Finding) bool
	// NoTests leaves the tests of the fixes out.
	NoTests bool
}

// Fixed is what came of fixing.
type Fixed struct {
	Before, After *Snapshot
	Applied       []fix.Fix
	Rejected      []fix.Rejected // each was a fix, and did not hold
	// None are the findings that were wanted and have no fix, with the reason.
	None []Unfixed
}

// Unfixed is a finding without a fix.
type Unfixed struct {
	Finding check.Finding
	Reason  string
	// Shown is set where there is a fix that needs a decision.
	Shown bool
}

// ProposeFix spells the first change of a finding that can be spelled, as Fix would
// with the same options.
func (s *Snapshot) ProposeFix(f *check.Finding, o FixOptions) (fix.Fix, error) {
	return s.Proposing(o)(f)
}

// Proposing gives what proposes fixes one after the other, as ProposeFix does, and gives
// no two migrations the same version: any of them may be applied.
func (s *Snapshot) Proposing(o FixOptions) func(f *check.Finding) (fix.Fix, error) {
	w := s.writer(o)
	w.Offers = true
	return func(f *check.Finding) (fix.Fix, error) {
		x, _, err := s.propose(f, 0, w)
		return x, err
	}
}

func (s *Snapshot) writer(o FixOptions) *elixir.Writer {
	return &elixir.Writer{Files: s.Files, Trees: s.Trees, Program: s.Program, Stamp: o.Stamp, Fresh: o.Fresh, NoTests: o.NoTests, SetUp: &s.setUp}
}

// propose spells the first change of a finding, from one on, that can be spelled, and
// says which comes next.
func (s *Snapshot) propose(f *check.Finding, from int, w *elixir.Writer) (x fix.Fix, next int, err error) {
	err = errNoFix
	if f.NoFix != "" {
		err = errors.New(f.NoFix)
	}
	for i, c := range f.Changes {
		if i < from {
			continue
		}
		if x, err = w.Spell(c); err == nil {
			err = x.Sound(s.Files)
		}
		if err == nil {
			x.Finding, x.Check = f.ID, f.Check
			return x, i + 1, nil
		}
	}
	return fix.Fix{}, 0, err
}

var errNoFix = fmt.Errorf("there is no fix for it yet; the message says what to do")

// fixing is one run of Fix.
type fixing struct {
	*Fixed
	opts FixOptions
	// tried are the changes of a finding that did not hold: those before this one.
	tried map[string]int
	// next is the change behind the one that was spelled last.
	next map[string]int
}

// Fix fixes findings of a snapshot: it puts their fixes together, analyses the
// result, and keeps what holds: no file that cannot be read any more, the finding
// gone, nothing new at its level or above. Fixes that do not hold are found by
// halving; the next change of their finding is tried, and when none holds, they are
// put aside. Nothing is written.
func (s *Snapshot) Fix(o FixOptions) *Fixed {
	out := s.fixing(o)
	halved := 0
	for round := 0; round-halved < maxRounds; round++ {
		fixes := out.wanted(round == 0)
		if len(fixes) == 0 {
			break
		}
		plan, err := fix.Compose(out.After.Files, fixes)
		if err != nil {
			out.reject(fixes[0], err.Error())
			continue
		}
		// What a half of a round leaves undone is no round of its own.
		if !out.hold(plan.Applied) && halved < 2*len(s.Findings) {
			halved++
		}
	}
	out.settle()
	return out.Fixed
}

func (s *Snapshot) fixing(o FixOptions) *fixing {
	if o.Checks == nil {
		o.Checks = s.checks // what others find is not new
	}
	return &fixing{Fixed: &Fixed{Before: s, After: s}, opts: o, tried: map[string]int{}, next: map[string]int{}}
}

// wanted spells the fixes of the findings that are to be fixed; the first time it
// notes those that have none.
func (out *fixing) wanted(first bool) []fix.Fix {
	s, o := out.After, out.opts
	w := s.writer(o)
	var own, fixes []fix.Fix
	for i := range s.Findings {
		f := &s.Findings[i]
		if o.Want != nil && !o.Want(f) {
			continue
		}
		if x, ok := o.Own[f.ID]; ok {
			if path := out.moved(&x); path != "" {
				out.reject(x, "another fix has changed "+path+" meanwhile; run the command again")
			} else if out.tried[f.ID] == 0 {
				own = append(own, x)
				out.next[f.ID] = 1
			}
			continue
		}
		x, next, err := s.propose(f, out.tried[f.ID], w)
		out.next[f.ID] = next
		switch {
		case err == nil && (x.Safety != fix.Shown || o.Decided != nil && o.Decided(f)):
			fixes = append(fixes, x)
		case first && err == nil:
			out.None = append(out.None, Unfixed{*f, x.Title, true})
		case first:
			out.None = append(out.None, Unfixed{*f, err.Error(), false})
		}
	}
	return append(own, fixes...)
}

// moved is a file of a fix that has changed since the first snapshot, or "".
func (out *fixing) moved(x *fix.Fix) string {
	for _, e := range x.Edits {
		if now := out.After.Files.Named(e.Path); now == nil || now.Text != out.Before.Files.Named(e.Path).Text {
			return e.Path
		}
	}
	return ""
}

func (out *fixing) reject(f fix.Fix, reason string) {
	out.Rejected = append(out.Rejected, fix.Rejected{Fix: f, Reason: reason})
	out.tried[f.Finding] = out.next[f.Finding]
}

// settle drops of what was put aside the fixes of findings that another change
// fixed, and all but the first of a finding.
func (out *fixing) settle() {
	done := map[string]bool{}
	for i := range out.Applied {
		done[out.Applied[i].Finding] = true
	}
	out.Rejected = slices.DeleteFunc(out.Rejected, func(r fix.Rejected) bool {
		gone := done[r.Fix.Finding]
		done[r.Fix.Finding] = true
		return gone
	})
}

// hold applies fixes if they hold together, or else the first half of them that
// does: the others are spelled anew for the changed files. It reports whether all
// hold.
func (out *fixing) hold(fixes []fix.Fix) bool {
	applied := len(out.Applied)
	next, why := out.try(fixes)
	if why == "" {
		keepIDs(out.After, next, fixes)
		out.After = next
		for i := range fixes {
			fixes[i].Proof = fix.Checked
		}
		out.Applied = append(out.Applied, fixes...)
		return true
	}
	if len(fixes) == 1 {
		out.reject(fixes[0], why)
		return false
	}
	half := len(fixes) / 2
	out.hold(slices.Clone(fixes[:half]))
	if len(out.Applied) == applied {
		out.hold(slices.Clone(fixes[half:]))
	}
	return false
}

// try analyses the project with some fixes, and says why they do not hold, or "".
func (out *fixing) try(fixes []fix.Fix) (*Snapshot, string) {
	plan, err := fix.Compose(out.After.Files, fixes)
	if err != nil {
		return nil, err.Error()
	}
	if len(plan.Later) > 0 {
		return nil, "its parts do not fit together"
	}
	next := Analyze(plan.Next(), out.After.Models, out.opts.Options)
	return next, fault(out.After, next, fixes)
}

// keepIDs lets the findings that are left keep their ids. An id counts the findings
// that say the same, so that without this the next of them would take the id of one
// that is fixed, and pass for it.
func keepIDs(old, now *Snapshot, fixes []fix.Fix) {
	fixed := map[string]bool{}
	for i := range fixes {
		fixed[fixes[i].Finding] = true
	}
	left := map[string][]string{}
	for i := range old.Findings {
		if f := &old.Findings[i]; !fixed[f.ID] {
			k := keyOf(old.Files, f)
			left[k] = append(left[k], f.ID)
		}
	}
	for i := range now.Findings {
		f := &now.Findings[i]
		k := keyOf(now.Files, f)
		if ids := left[k]; len(ids) > 0 {
			f.ID, left[k] = ids[0], ids[1:]
		}
	}
}

// fault says why fixes do not hold, or "". Findings are counted by what they say:
// of two that say the same, the second takes the id of the first that is gone.
func fault(old, now *Snapshot, fixes []fix.Fix) string {
	if now.Broken() {
		return "the project cannot be analysed any more"
	}
	ids := map[string]bool{}
	for i := range fixes {
		ids[fixes[i].Finding] = true
	}
	left := map[string]int{}
	fixed := map[string]bool{}
	hid := map[string]int{}
	worst := check.Warning
	for i := range old.Findings {
		f := &old.Findings[i]
		k := keyOf(old.Files, f)
		if ids[f.ID] {
			fixed[k] = true
			hid[family(old.Files, f)]++
			worst = max(worst, f.Level)
		} else {
			left[k]++
		}
	}
	for i := range now.Findings {
		f := &now.Findings[i]
		k := keyOf(now.Files, f)
		left[k]--
		switch {
		case left[k] >= 0:
		case fixed[k]:
			return "the finding is still there: " + f.Message
		case f.Formerly != "" && hid[family(now.Files, f)] > 0:
			hid[family(now.Files, f)]--
		case f.Level <= worst || f.Check == SyntaxError:
			return "it would bring a new finding, " + f.Check + ": " + f.Message
		}
	}
	return ""
}

// family is what a finding is one of. Of what is wrong with one place, checks of a
// family report the worst: when it is gone, the next comes to light, and is not new.
func family(files *source.Set, f *check.Finding) string {
	return f.Formerly + "\x00" + subject(files, f)
}

// Patch is what fixing changes, as a patch that git can apply.
func (out *Fixed) Patch() string { return fix.Diff(out.Before.Files, out.After.Files) }

// Writes is what fixing changes, for source.Commit.
func (out *Fixed) Writes() []source.Write { return fix.Writes(out.Before.Files, out.After.Files) }
