package cli

import (
	"bufio"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/report"
	"github.com/assay-dev/assay/internal/source"
)

// fixCommand is one run of `assay fix`.
type fixCommand struct {
	*app
	only, asked, ids []string
	yes, dryRun      bool
	commit           bool
	allowDirty       bool
	noTests          bool
	patch, proof     string
	since            string
	fresh            func(path string) bool // whether a file is new since that revision
	stamp            int64                  // of the first new migration
	in               *bufio.Reader
}

func (a *app) fix() *cobra.Command {
	k := &fixCommand{app: a}
	c := &cobra.Command{
		Use:   "fix [PATH...]",
		Short: "Fix the defects of a project",
		Long: `Fix the defects that have a fix, each as a whole: every file that the answer needs, with
the test that fails before and passes after it, where the project's tests allow one.
Each fix is shown with its reason, and nothing is written before you say yes. What is
written was analysed again first: the finding is gone and nothing new is there.

A safe fix keeps the behaviour, or only the defect goes. Others are asked for by the
name of their check, even with --yes. One that leaves a question comes last, and is
applied only as you edit it, in the editor of $VISUAL or $EDITOR. --proof runs the project's own commands, in a
copy. ` + "`assay undo`" + ` takes the last run back.`,
		Example: `  assay fix                                show each fix and ask
  assay fix --dry-run                      show what would be done
  assay fix --yes lib/shop                 apply the safe ones
  assay fix --yes --asked atom-exhaustion  and those of one check
  assay fix --patch fixes.patch            write them as a patch, touch nothing
  assay fix --yes --proof tested --commit  a git commit each, if the tests still pass`,
		RunE: func(c *cobra.Command, args []string) error {
			if k.proof != "" && k.proof != fix.Compiled.String() && k.proof != fix.Tested.String() {
				return usage(c, "there is no proof `%s`: --proof is compiled or tested", k.proof)
			}
			return k.run(args)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringSliceVar(&k.only, "check", nil, "fix what these `CHECKS` find, nothing else")
	f.StringSliceVar(&k.ids, "finding", nil, "fix the findings with these `IDS`, nothing else")
	f.StringVar(&k.since, "since", "", "fix only what is new since the git revision `REV`")
	f.BoolVarP(&k.yes, "yes", "y", false, "apply the safe fixes without asking")
	f.StringSliceVar(&k.asked, "asked", nil, "with --yes, apply the fixes of these `CHECKS` too that are not safe")
	f.BoolVar(&k.noTests, "no-tests", false, "leave out the tests that the fixes bring")
	f.BoolVar(&k.dryRun, "dry-run", false, "show the fixes, write nothing")
	f.StringVar(&k.patch, "patch", "", "write the fixes to `FILE` as a patch that git can apply, and touch nothing else")
	f.StringVar(&k.proof, "proof", "", "write only what the project's own commands accept in a copy: compiled or tested")
	f.BoolVar(&k.commit, "commit", false, "make a git commit of each fix")
	f.BoolVar(&k.allowDirty, "allow-dirty", false, "write files too that have changes which are not committed")
	completeList(c, "check", checkNames())
	completeList(c, "asked", checkNames())
	completeWith(c, "proof", []string{fix.Compiled.String(), fix.Tested.String()})
	return c
}

func (k *fixCommand) run(args []string) error {
	for _, name := range slices.Concat(k.only, k.asked) {
		if !slices.Contains(checkNames(), name) {
			return fmt.Errorf("there is no check `%s`%s", name, engine.DidYouMean(name, checkNames()))
		}
	}
	s, t, err := k.snapshot(args)
	if err != nil {
		return err
	}
	reported, err := k.reported(s, t)
	if err != nil {
		return err
	}
	if k.stamp, err = stampFor(k.ids); err != nil {
		return err
	}
	o := k.options(func(f *check.Finding) bool { return reported[f.ID] && k.chosen(f) })
	if !k.yes && !k.dryRun && k.patch == "" {
		if err := k.ask(s, &o); err != nil {
			return err
		}
	} else if k.yes || k.patch != "" {
		allowed := k.allowed(s, o.Want)
		o.Want = func(f *check.Finding) bool { return allowed[f.ID] }
	}
	return k.finish(s.Fix(o), o)
}

// options are those of the engine for the fixes of the findings that are wanted.
func (k *fixCommand) options(want func(*check.Finding) bool) engine.FixOptions {
	return engine.FixOptions{Want: want, Stamp: k.stamp, Fresh: k.fresh, NoTests: k.noTests}
}

// reported are the findings that `assay check` reports.
func (k *fixCommand) reported(s *engine.Snapshot, t target) (map[string]bool, error) {
	conf, err := readConfig(t.dir())
	if err != nil {
		return nil, err
	}
	p := engine.Policy{Level: levels(conf), Paths: t.paths, Least: check.Info}
	c := checkCommand{app: k.app, since: k.since}
	if k.since != "" {
		if p.Since, err = c.earlier(s); err != nil {
			return nil, err
		}
		k.fresh = p.Since.Fresh
	}
	if p.Accepted, err = c.accepted(c.baselineFile(s)); err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, f := range s.Judge(p).Findings {
		ids[f.ID] = true
	}
	return ids, nil
}

// chosen reports whether the flags name a finding.
func (k *fixCommand) chosen(f *check.Finding) bool {
	return (len(k.only) == 0 || slices.Contains(k.only, f.Check)) && (len(k.ids) == 0 || slices.Contains(k.ids, f.ID))
}

// allowed are the findings of a snapshot whose fixes may be applied without asking.
func (k *fixCommand) allowed(s *engine.Snapshot, chosen func(*check.Finding) bool) map[string]bool {
	out := map[string]bool{}
	for i := range s.Findings {
		f := &s.Findings[i]
		if !chosen(f) {
			continue
		}
		x, err := s.ProposeFix(f, k.options(nil))
		out[f.ID] = err != nil || x.Safety == fix.Safe || slices.Contains(k.asked, f.Check)
	}
	return out
}

// The answers to the question.
const (
	question  = "Shall I proceed? yes, no, all, skip this check, edit, explain, quit: "
	undecided = "It is not applied as it is: the question above is yours. edit, no, skip this check, explain, quit: "
)

var errNoAnswer = errors.New("no answer, so nothing was written; --yes applies the safe fixes without asking")

// ask shows each fix and asks, and notes in the options which were wanted, and which a
// person has edited.
func (k *fixCommand) ask(s *engine.Snapshot, o *engine.FixOptions) error {
	k.in = bufio.NewReader(k.In)
	want := o.Want
	wanted := map[string]bool{}
	skipped := map[string]bool{}
	o.Want = func(f *check.Finding) bool { return wanted[f.ID] }
	o.Own = map[string]fix.Fix{}
	all := false
	var shown []offer
	for i := range s.Findings {
		f := &s.Findings[i]
		if !want(f) || skipped[f.Check] {
			continue
		}
		x, err := s.ProposeFix(f, *o)
		switch {
		case err != nil:
			continue
		case x.Safety == fix.Shown:
			shown = append(shown, offer{f, x})
			continue
		case all:
			wanted[f.ID] = true
			continue
		}
		word, err := k.askOne(s, o, offer{f, x})
		if err != nil {
			return err
		}
		switch word {
		case "yes":
			wanted[f.ID] = true
		case "all":
			wanted[f.ID], all = true, true
		case "skip":
			skipped[f.Check] = true
		case "quit":
			return nil
		}
	}
	for _, x := range shown {
		if all || skipped[x.finding.Check] {
			continue
		}
		word, err := k.askOne(s, o, x)
		if errors.Is(err, errNoAnswer) {
			return nil // none of these is applied without one
		}
		if err != nil {
			return err
		}
		switch word {
		case "yes":
			wanted[x.finding.ID] = true
		case "skip":
			skipped[x.finding.Check] = true
		case "all", "quit":
			return nil
		}
	}
	return nil
}

// offer is a finding and the fix of it that is offered.
type offer struct {
	finding *check.Finding
	fix     fix.Fix
}

// askOne shows a fix and asks, until the answer is yes, no, all, skip or quit. An edited fix
// is noted in the options, and counts as a yes.
func (k *fixCommand) askOne(s *engine.Snapshot, o *engine.FixOptions, x offer) (string, error) {
	k.show(s, x.finding, &x.fix)
	ask := question
	if x.fix.Safety == fix.Shown {
		ask = undecided
	}
	for {
		answer, err := k.answer(ask)
		if err != nil {
			return "", err
		}
		switch answer {
		case "y", "yes":
			if x.fix.Safety != fix.Shown {
				return "yes", nil
			}
		case "n", "no":
			return "no", nil
		case "a", "all":
			return "all", nil
		case "s", "skip":
			return "skip", nil
		case "q", "quit":
			return "quit", nil
		case "edit":
			own, err := k.edited(s, x.fix)
			if err != nil {
				fmt.Fprintln(k.Out, source.Printable(err.Error()))
				continue
			}
			o.Own[x.finding.ID] = own
			return "yes", nil
		case "e", "explain":
			fmt.Fprintf(k.Out, "%s\nMore: assay explain %s\n", report.Clean(x.finding.Message), x.finding.Check)
		}
	}
}

func (k *fixCommand) answer(question string) (string, error) {
	fmt.Fprint(k.Out, question)
	line, err := k.in.ReadString('\n')
	if err != nil && line == "" {
		fmt.Fprintln(k.Out)
		return "", errNoAnswer
	}
	return strings.ToLower(strings.TrimSpace(line)), nil
}

// show prints a finding, its fix and the reasons of its parts.
func (k *fixCommand) show(s *engine.Snapshot, f *check.Finding, x *fix.Fix) {
	file := s.Files.File(f.Span.File)
	fmt.Fprintf(k.Out, "\n%s:%d %s: %s\n\n%s (%s)\n", source.Printable(file.Path), file.Line(f.Span.Start), f.Check,
		report.Clean(f.Message), report.Clean(x.Title), x.Safety)
	for _, e := range x.Edits {
		if e.Reason != "" {
			fmt.Fprintf(k.Out, "  %s: %s\n", source.Printable(e.Path), report.Clean(e.Reason))
		}
	}
	for _, r := range x.Reused {
		fmt.Fprintf(k.Out, "  It uses %s, which is there already.\n", report.Clean(r))
	}
	for _, n := range x.Files {
		if n.Reason != "" {
			fmt.Fprintf(k.Out, "  %s: %s\n", source.Printable(n.Path), report.Clean(n.Reason))
		}
	}
	for _, n := range x.Notes {
		fmt.Fprintf(k.Out, "  %s\n", report.Clean(n))
	}
	if x.Untested != "" {
		fmt.Fprintf(k.Out, "  No test: %s.\n", report.Clean(x.Untested))
	}
	if plan, err := fix.Compose(s.Files, []fix.Fix{*x}); err == nil {
		k.diff(s.Hide(fix.Diff(s.Files, plan.Next())))
	}
}

// diff prints a patch as text that no terminal obeys.
func (k *fixCommand) diff(patch string) {
	for line := range strings.Lines(patch) {
		fmt.Fprintln(k.Out, report.Clean(strings.TrimRight(line, "\r\n")))
	}
}

// maxReasons is of how many findings without a fix the reason is told.
const maxReasons = 10

func (k *fixCommand) summary(done *engine.Fixed) {
	verb := "Fixed"
	if k.dryRun || k.patch != "" {
		verb = "Would fix"
	}
	for _, r := range done.Rejected {
		reason, words, quoted := strings.Cut(r.Reason, "\n")
		fmt.Fprintf(k.Err, "put aside: %s: %s\n", report.Clean(r.Fix.Title), report.Clean(reason))
		if quoted {
			k.quote(words)
		}
	}
	fmt.Fprintf(k.Err, "%s %s in %s; %s.\n", verb, counted(len(done.Applied), "finding"), counted(len(done.Writes()), "file"), rungs(done.Applied))
	shown := 0
	for i := range done.None {
		n := &done.None[i]
		word := "no fix"
		if n.Shown {
			word = "not decided"
			shown++
		}
		if i < maxReasons && n.Finding.Span.File >= 0 {
			file := done.Before.Files.File(n.Finding.Span.File)
			fmt.Fprintf(k.Err, "%s: %s:%d %s: %s\n", word, source.Printable(file.Path), file.Line(n.Finding.Span.Start), n.Finding.Check, report.Clean(n.Reason))
		}
	}
	if shown > 0 {
		fmt.Fprintf(k.Err, "%s with a fix that leaves a question: `assay fix` shows it, and edit finishes it.\n", counted(shown, "finding"))
	}
	if n := len(done.None) - shown; n > 0 {
		fmt.Fprintf(k.Err, "%s without a fix: `assay check` says what to do.\n", counted(n, "finding"))
	}
	if len(done.Applied) > 0 && verb == "Fixed" {
		fmt.Fprintln(k.Err, "`assay undo` takes them back.")
	}
}

// rungs says how far the fixes were proven.
func rungs(fixes []fix.Fix) string {
	if len(fixes) == 0 {
		return "nothing to prove"
	}
	least := fix.Measured
	for i := range fixes {
		least = min(least, fixes[i].Proof)
	}
	return "proof: " + least.String()
}

func (a *app) undo() *cobra.Command {
	return &cobra.Command{
		Use:   "undo [PATH]",
		Short: "Take the last run of fix back",
		Long: `Take back what the last run of ` + "`assay fix`" + ` wrote in the project around PATH: every
file has the bytes again that it had before. A file that has changed since is not
touched, and then none is.`,
		Example: "  assay undo\n  assay undo apps/shop",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			root, _, err := source.FindRoot(dir)
			if err != nil {
				return err
			}
			paths, err := source.Undo(root)
			if err != nil {
				return err
			}
			if len(paths) == 0 {
				fmt.Fprintln(a.Err, "There is nothing to take back.")
				return nil
			}
			for _, p := range paths {
				fmt.Fprintln(a.Out, source.Printable(p))
			}
			return nil
		},
	}
}
