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

// maxRounds is how often fixes are put together and analysed again: some only fit
// when others are done.
const maxRounds = 10

// FixOptions say which findings to fix.
type FixOptions struct {
	Options
	// Want says whether a finding is to be fixed; nil is every one.
	Want func(*check.Finding) bool
	// Stamp is the version of the first new migration: YYYYMMDDHHMMSS.
	Stamp int64
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
	return s.propose(f, s.writer(o))
}

func (s *Snapshot) writer(o FixOptions) *elixir.Writer {
	return &elixir.Writer{Files: s.Files, Trees: s.Trees, Program: s.Program, Stamp: o.Stamp, NoTests: o.NoTests}
}

func (s *Snapshot) propose(f *check.Finding, w *elixir.Writer) (fix.Fix, error) {
	err := errNoFix
	if f.NoFix != "" {
		err = errors.New(f.NoFix)
	}
	for _, c := range f.Changes {
		var x fix.Fix
		if x, err = w.Spell(c); err == nil {
			x.Finding, x.Check = f.ID, f.Check
			return x, nil
		}
	}
	return fix.Fix{}, err
}

var errNoFix = fmt.Errorf("there is no fix for it yet; the message says what to do")

// Fix fixes findings of a snapshot: it puts their fixes together, analyses the
// result, and keeps what holds: no file that cannot be read any more, the finding
// gone, nothing new at its level or above. Fixes that do not hold are found by
// halving and put aside. Nothing is written.
func (s *Snapshot) Fix(o FixOptions) *Fixed {
	out := &Fixed{Before: s, After: s}
	refused := map[string]bool{}
	for round := range maxRounds {
		fixes := out.After.wanted(o, refused, round == 0, out)
		if len(fixes) == 0 {
			break
		}
		plan, err := fix.Compose(out.After.Files, fixes)
		if err != nil {
			out.reject(fixes[0], err.Error(), refused)
			continue
		}
		kept := out.hold(plan.Applied, o, refused)
		if len(kept) == 0 {
			continue
		}
		for i := range kept {
			kept[i].Proof = fix.Checked
		}
		out.Applied = append(out.Applied, kept...)
	}
	return out
}

// wanted spells the fixes of the findings that are to be fixed.
func (s *Snapshot) wanted(o FixOptions, refused map[string]bool, first bool, out *Fixed) []fix.Fix {
	w := s.writer(o)
	var fixes []fix.Fix
	for i := range s.Findings {
		f := &s.Findings[i]
		if refused[f.ID] || o.Want != nil && !o.Want(f) {
			continue
		}
		x, err := s.propose(f, w)
		switch {
		case err == nil && x.Safety != fix.Shown:
			fixes = append(fixes, x)
		case first && err == nil:
			out.None = append(out.None, Unfixed{*f, "the fix needs a decision: " + x.Title, true})
		case first:
			out.None = append(out.None, Unfixed{*f, err.Error(), false})
		}
	}
	return fixes
}

func (out *Fixed) reject(f fix.Fix, reason string, refused map[string]bool) {
	out.Rejected = append(out.Rejected, fix.Rejected{Fix: f, Reason: reason})
	refused[f.Finding] = true
}

// hold applies fixes if they hold together, or else the halves of them that do,
// and returns those that were applied.
func (out *Fixed) hold(fixes []fix.Fix, o FixOptions, refused map[string]bool) []fix.Fix {
	plan, err := fix.Compose(out.After.Files, fixes)
	if err != nil || len(plan.Later) > 0 {
		return nil
	}
	next := Analyze(plan.Next(), out.After.Models, o.Options)
	why := fault(out.After, next, fixes)
	if why == "" {
		out.After = next
		return fixes
	}
	if len(fixes) == 1 {
		out.reject(fixes[0], why, refused)
		return nil
	}
	half := len(fixes) / 2
	kept := out.hold(slices.Clone(fixes[:half]), o, refused)
	if len(kept) > 0 {
		return kept // the others are spelled anew for the changed files
	}
	return out.hold(slices.Clone(fixes[half:]), o, refused)
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
