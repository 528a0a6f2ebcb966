package cli

import (
	"io"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/report"
	"github.com/assay-dev/assay/internal/source"
)

// checkCommand is one run of `assay check`.
type checkCommand struct {
	*app
	format, output, level, failOn string
	only, skip                    []string
	stdinName, baseline, since    string
	color                         string
	jobs                          int
	noColor, writeBaseline, all   bool
	gauges, timings               bool

	selected      []*check.Check // what runs
	began         time.Time
	least, counts check.Level
}

func (a *app) check() *cobra.Command {
	k := &checkCommand{app: a}
	c := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Report the defects of a project",
		Long: `Report the defects of the project around PATH (the current directory if none
is given). A PATH inside a project limits what is reported, not what is read.

The exit code is 0 when nothing counts, 1 when a finding is at or above
--fail-on, and 2 when Assay was used wrongly or failed.`,
		Example: `  assay check
  assay check --only query-in-loop,ignored-error lib
  assay check --format sarif --output assay.sarif
  assay check --since main...          only what is new on this branch
  assay check --write-baseline         accept what is there, report what comes
  cat shop.ex | assay check --stdin-filename lib/shop.ex`,
		RunE: func(c *cobra.Command, args []string) error {
			k.began = time.Now()
			if err := k.valid(c, args); err != nil {
				return err
			}
			return k.run(args)
		},
	}
	k.flags(c)
	return c
}

func (k *checkCommand) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&k.format, "format", "text", "print as this `FORMAT`: "+strings.Join(report.Formats(), ", "))
	f.StringVarP(&k.output, "output", "o", "", "write to `FILE` instead of standard output")
	f.StringSliceVar(&k.only, "only", nil, "run these `CHECKS` only")
	f.BoolVar(&k.all, "all", false, "run the checks outside the default set too")
	f.StringSliceVar(&k.skip, "skip", nil, "leave these `CHECKS` out")
	f.StringVar(&k.level, "level", "info", "report findings at this `LEVEL` or above: "+strings.Join(levelNames(), ", "))
	f.StringVar(&k.failOn, "fail-on", "warning", "end with 1 if there is a finding at this `LEVEL` or above, or never")
	f.StringVar(&k.since, "since", "", "report only what is new since the git revision `REV`")
	f.StringVar(&k.baseline, "baseline", "", "do not report what this `FILE` holds (default "+baselineName+" of the project, if it is there)")
	f.BoolVar(&k.writeBaseline, "write-baseline", false, "write what is found to the baseline file, and report nothing")
	f.StringVar(&k.stdinName, "stdin-filename", "", "standard input stands for the text of `FILE`")
	f.IntVarP(&k.jobs, "jobs", "j", 0, "work on `N` files at once (default: one a core)")
	f.BoolVar(&k.gauges, "gauges", false, "print how much of the project was understood")
	f.BoolVar(&k.timings, "timings", false, "print how long each phase took")
	f.StringVar(&k.color, "color", "auto", "colour `WHEN`: auto, always or never")
	f.BoolVar(&k.noColor, "no-color", false, "the same as --color never")
	completeWith(c, "format", report.Formats())
	completeWith(c, "level", levelNames())
	completeWith(c, "fail-on", append(levelNames(), never))
	completeWith(c, "color", colors())
	completeList(c, "only", checkNames())
	completeList(c, "skip", checkNames())
}

// The values of --color; --fail-on has a never too.
const (
	auto   = "auto"
	always = "always"
	never  = "never"
)

func colors() []string { return []string{auto, always, never} }

func completeWith(c *cobra.Command, flag string, values []string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// completeList completes the last of several values between commas.
func completeList(c *cobra.Command, flag string, values []string) {
	_ = c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		var out []string
		for _, v := range values {
			if !slices.Contains(strings.Split(before, ","), v) {
				out = append(out, before+v)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	})
}

// valid holds the flags against what they may be.
func (k *checkCommand) valid(c *cobra.Command, args []string) error {
	if !slices.Contains(report.Formats(), k.format) {
		return usage(c, "there is no format `%s`%s", k.format, engine.DidYouMean(k.format, report.Formats()))
	}
	for _, name := range slices.Concat(k.only, k.skip) {
		if !slices.Contains(checkNames(), name) {
			return unknownCheck(c, name)
		}
	}
	var ok bool
	if k.least, ok = levelOf(k.level); !ok {
		return usage(c, "there is no level `%s`: the levels are %s", k.level, strings.Join(levelNames(), ", "))
	}
	if k.counts, ok = levelOf(k.failOn); !ok && k.failOn != never {
		return usage(c, "there is no level `%s`: --fail-on is %s or never", k.failOn, strings.Join(levelNames(), ", "))
	}
	if !slices.Contains(colors(), k.color) {
		return usage(c, "--color is auto, always or never, not `%s`", k.color)
	}
	if k.noColor {
		k.color = never
	}
	if k.writeBaseline && (len(args) > 0 || len(k.only) > 0 || len(k.skip) > 0 || k.since != "" || k.stdinName != "") {
		return usage(c, "--write-baseline accepts what the whole project has; leave PATH, --only, --skip, --since and --stdin-filename away")
	}
	if slices.Contains(args, "-") {
		return usage(c, "`-` is no PATH; to check standard input, say which file it stands for with --stdin-filename")
	}
	if k.jobs < 0 {
		return usage(c, "--jobs is a number from 1, or 0 for one a core; it is %d", k.jobs)
	}
	return nil
}

func (k *checkCommand) run(args []string) error {
	t, err := targetOf(args, k.stdinName, k.In)
	if err != nil {
		return err
	}
	conf, err := readConfig(t.dir())
	if err != nil {
		return err
	}
	k.selected = engine.Selected(k.all, append(wanted(conf), k.only...)...)
	s, err := k.analyze(&t)
	if err != nil {
		return err
	}
	if err := k.usable(s); err != nil {
		return err
	}
	p := engine.Policy{Only: k.only, Skip: k.skip, Level: levels(conf), Paths: t.paths, Least: k.least}
	if k.since != "" {
		if p.Since, err = k.earlier(s); err != nil {
			return err
		}
	}
	file := k.baselineFile(s)
	if k.writeBaseline {
		return k.saveBaseline(file, s, p)
	}
	if p.Accepted, err = k.accepted(file); err != nil {
		return err
	}
	return k.tell(s, p, append(unread(t, s), unreported(conf, s)...)...)
}

// analyze reads and analyses the project, with a bar on a terminal.
func (k *checkCommand) analyze(t *target) (*engine.Snapshot, error) {
	tuneCollector()
	b := newBar(k.Err)
	defer b.clear()
	return engine.Open(t.root, t.overlay, engine.Options{Jobs: k.jobs, Checks: k.selected, Progress: b.step, Read: limitMemory})
}

// earlier analyses the project as it was at the revision of --since.
func (k *checkCommand) earlier(now *engine.Snapshot) (*engine.Since, error) {
	files, err := source.LoadRevision(now.Files.Root, k.since, source.Options{})
	if err != nil {
		return nil, err
	}
	b := newBar(k.Err)
	defer b.clear()
	old := engine.Analyze(files, now.Models, engine.Options{Jobs: k.jobs, Checks: k.selected, Progress: b.step})
	return engine.Compare(old, now), nil
}

// tell prints what is left and sets the exit code.
func (k *checkCommand) tell(s *engine.Snapshot, p engine.Policy, notes ...source.Note) error {
	o := s.Judge(p)
	r := k.report(s, p, o)
	r.Notes = append(r.Notes, notes...)
	err := k.write(func(w io.Writer) error {
		opts := report.Options{Color: colored(w, k.color)}
		opts.Width, _ = terminal(w)
		return report.Write(w, k.format, r, opts)
	})
	if err != nil {
		return err
	}
	if err := broken(s); err != nil {
		return err
	}
	if k.gauges {
		k.printGauges(s)
	}
	if k.timings {
		k.printTimings(s)
	}
	if k.failOn != never && slices.ContainsFunc(o.Findings, func(f check.Finding) bool { return f.Level <= k.counts }) {
		k.code = found
	}
	return nil
}

func (k *checkCommand) report(s *engine.Snapshot, p engine.Policy, o engine.Outcome) *report.Report {
	lines := 0
	for _, f := range s.Files.Files {
		lines += strings.Count(f.Text, "\n")
		if f.Text != "" && !strings.HasSuffix(f.Text, "\n") {
			lines++
		}
	}
	top, inside := repository(s.Files.Root)
	findings := report.FromFindings(s.Files, o.Findings)
	if k.format == "json" || k.format == "sarif" {
		var fresh func(path string) bool
		if p.Since != nil {
			fresh = p.Since.Fresh
		}
		addFixes(s, fresh, o.Findings, findings)
	}
	return &report.Report{
		Version:  versionOf(debug.ReadBuildInfo()),
		Root:     s.Files.Root,
		Top:      top,
		Inside:   inside,
		Findings: findings,
		Notes:    slices.DeleteFunc(slices.Clone(s.Notes), func(n source.Note) bool { return !p.Within(n.Path) }),
		Checks:   k.infos(p),
		Stats: report.Stats{
			Files: len(s.Files.Files), Lines: lines,
			Suppressed: o.Suppressed, Baselined: o.Accepted, Older: o.Older, Elapsed: time.Since(k.began),
		},
	}
}

// addFixes gives findings the fixes that they have. The versions of new
// migrations follow those that are there, so that equal projects give equal
// reports.
func addFixes(s *engine.Snapshot, fresh func(path string) bool, from []check.Finding, to []report.Finding) {
	propose := s.Proposing(engine.FixOptions{Fresh: fresh})
	for i := range from {
		if x, err := propose(&from[i]); err == nil && !s.Reveals(&x) {
			to[i].Fixes = []report.Fix{report.FixOf(s.Files, &x)}
		}
	}
}

// repository is the repository around a project, and where the project is in it.
func repository(root string) (top, inside string) {
	top, ok := source.RepositoryAround(root)
	rel, err := filepath.Rel(top, root)
	if !ok || err != nil {
		return "", ""
	}
	return top, filepath.ToSlash(rel)
}

// infos says what the checks that ran are about, for the formats that list them.
func (k *checkCommand) infos(p engine.Policy) []report.CheckInfo {
	if k.format == "text" || k.format == "json" {
		return nil
	}
	ran := func(name string) bool {
		return !engine.Optional(name) || slices.ContainsFunc(k.selected, func(c *check.Check) bool { return c.Name == name })
	}
	return checkInfos(slices.DeleteFunc(checkNames(), func(name string) bool { return !p.Named(name) || !ran(name) }))
}

// write sends output to --output, or to standard output.
func (k *checkCommand) write(print func(io.Writer) error) error {
	if k.output == "" || k.output == "-" {
		return print(k.Out)
	}
	return writeFile(k.output, print)
}
