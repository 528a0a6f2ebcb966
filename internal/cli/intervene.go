package cli

import (
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/intervention"
	"github.com/assay-dev/assay/internal/report"
)

// interveneCommand is one run of `assay intervene`.
type interveneCommand struct {
	*app
	out, voice    string
	formats, only []string
	noTests       bool
	stamp         int64
}

func (a *app) intervene() *cobra.Command {
	k := &interveneCommand{app: a}
	c := &cobra.Command{
		Use:   "intervene [PATH|ID...]",
		Short: "Write down a whole intervention: problems, solutions, deployment, rollback",
		Long: `Write down everything that an intervention needs: the issue report with its evidence,
figures before and after, the security analysis, the whole implementation with its
migrations and tests, the documentation, what to monitor, the deployment guide and the
rollback plan.

It is about the errors and warnings that have a fix, in the project around PATH or in
the files named. With IDS of findings it is about those, whatever can be done about
them. The project itself is not touched: everything is written into the folder of
--out, which keeps a list of the files that Assay wrote there. A file that it did not
write, or that somebody has changed since, is never written over.`,
		Example: `  assay intervene --out intervention
  assay intervene --out intervention --format html,json lib/shop
  assay intervene --out intervention --check missing-index
  assay intervene --out intervention --voice calm 6247b2ace7e93d15`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := k.valid(c); err != nil {
				return err
			}
			return k.run(args)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVarP(&k.out, "out", "o", "", "write into this `DIR`")
	f.StringSliceVar(&k.formats, "format", intervention.Formats(), "write these `FORMATS`: "+strings.Join(intervention.Formats(), ", "))
	f.StringVar(&k.voice, "voice", intervention.Blunt, "speak in this `VOICE`, "+intervention.Blunt+" or "+intervention.Calm+"; the facts are the same")
	f.StringSliceVar(&k.only, "check", nil, "what these `CHECKS` find, nothing else")
	f.BoolVar(&k.noTests, "no-tests", false, "leave out the tests that the fixes bring")
	completeList(c, "format", intervention.Formats())
	completeWith(c, "voice", []string{intervention.Blunt, intervention.Calm})
	completeList(c, "check", checkNames())
	return c
}

// valid holds the flags against what they may be.
func (k *interveneCommand) valid(c *cobra.Command) error {
	if k.out == "" {
		return usage(c, "say with --out into which folder to write")
	}
	for _, f := range k.formats {
		if !slices.Contains(intervention.Formats(), f) {
			return usage(c, "there is no format `%s`%s", f, engine.DidYouMean(f, intervention.Formats()))
		}
	}
	if k.voice != intervention.Blunt && k.voice != intervention.Calm {
		return usage(c, "there is no voice `%s`: it is %s or %s", k.voice, intervention.Blunt, intervention.Calm)
	}
	for _, name := range k.only {
		if !slices.Contains(checkNames(), name) {
			return unknownCheck(c, name)
		}
	}
	return nil
}

func (k *interveneCommand) run(args []string) error {
	paths, ids := pathsAndIDs(args)
	s, t, err := k.snapshot(paths)
	if err != nil {
		return err
	}
	reported, err := k.reportedFindings(s, t, k.only)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(reported, func(f check.Finding) bool { return f.ID == id }) {
			return fmt.Errorf("%s is neither a path nor the id of a finding; `assay check --format json` has the ids", id)
		}
	}
	if k.stamp, err = stampNow(); err != nil {
		return err
	}
	chosen := k.choose(s, reported, ids)
	want := map[string]bool{}
	for i := range chosen {
		want[chosen[i].ID] = true
	}
	done := s.Fix(engine.FixOptions{Stamp: k.stamp, NoTests: k.noTests, Want: func(f *check.Finding) bool { return want[f.ID] }})
	out, err := outFrom(s.Files.Root, k.out)
	if err != nil {
		return err
	}
	doc := intervention.Build(intervention.Input{
		Assay: versionOf(debug.ReadBuildInfo()), Project: projectName(s.Files.Root), Out: out, Voice: k.voice,
		Fixed: done, Chosen: chosen, Reported: reported, Stamp: k.stamp, NoTests: k.noTests,
	})
	texts, err := k.texts(doc, done)
	if err != nil {
		return err
	}
	if err := writeInto(k.out, texts); err != nil {
		return err
	}
	return k.tell(doc, texts)
}

// pathsAndIDs tells the arguments apart: what is there is a path.
func pathsAndIDs(args []string) (paths, ids []string) {
	for _, a := range args {
		if _, err := os.Lstat(a); err == nil || strings.ContainsAny(a, `/\.`) {
			paths = append(paths, a)
		} else {
			ids = append(ids, a)
		}
	}
	return paths, ids
}

// stampNow is the time as the version of a migration.
func stampNow() (int64, error) { return stampAt(time.Now()) }

func stampAt(t time.Time) (int64, error) {
	return strconv.ParseInt(t.UTC().Format("20060102150405"), 10, 64)
}

// apart is within how many seconds fixes of different findings that are asked for one by one get
// their versions: several may be asked for in the same second, and all be applied.
const apart = 600

// stampFor is the version of the first migration of the fixes of some findings, or of all where
// none is named: a later one than now where only one is.
func stampFor(ids []string) (int64, error) {
	if len(ids) != 1 {
		return stampNow()
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(ids[0]))
	return stampAt(time.Now().Add(time.Duration(h.Sum32()%apart) * time.Second))
}

// outFrom is a folder seen from the root of a project.
func outFrom(root, out string) (string, error) {
	from, err1 := filepath.Abs(root)
	to, err2 := filepath.Abs(out)
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	rel, err := filepath.Rel(from, to)
	return filepath.ToSlash(rel), err
}

func projectName(root string) string {
	if abs, err := filepath.Abs(root); err == nil {
		return filepath.Base(abs)
	}
	return root
}

// reportedFindings are the findings that `assay check` reports, with their levels, and those
// of the checks that are asked for.
func (a *app) reportedFindings(s *engine.Snapshot, t target, asked []string) ([]check.Finding, error) {
	conf, err := readConfig(t.dir())
	if err != nil {
		return nil, err
	}
	p := engine.Policy{Level: levels(conf), Paths: t.paths, Least: check.Info}
	for _, name := range checkNames() {
		if engine.Optional(name) && !slices.Contains(slices.Concat(asked, wanted(conf)), name) {
			p.Skip = append(p.Skip, name)
		}
	}
	c := checkCommand{app: a}
	if p.Accepted, err = c.accepted(c.baselineFile(s)); err != nil {
		return nil, err
	}
	return s.Judge(p).Findings, nil
}

// choose picks the findings that the intervention is about.
func (k *interveneCommand) choose(s *engine.Snapshot, reported []check.Finding, ids []string) []check.Finding {
	var out []check.Finding
	for i := range reported {
		f := &reported[i]
		if len(k.only) > 0 && !slices.Contains(k.only, f.Check) {
			continue
		}
		if len(ids) > 0 {
			if slices.Contains(ids, f.ID) {
				out = append(out, *f)
			}
			continue
		}
		if f.Level > check.Warning {
			continue
		}
		if x, err := s.ProposeFix(f, engine.FixOptions{Stamp: k.stamp, NoTests: true}); err == nil && x.Safety != fix.Shown {
			out = append(out, *f)
		}
	}
	return out
}

// texts are the files to write, by name.
func (k *interveneCommand) texts(doc *intervention.Document, done *engine.Fixed) (map[string]string, error) {
	out := map[string]string{}
	for _, f := range k.formats {
		var b strings.Builder
		if err := doc.Write(&b, f); err != nil {
			return nil, err
		}
		out[intervention.FileOf(f)] = b.String()
		if f == "json" {
			out["intervention.schema.json"] = intervention.Schema()
		}
	}
	if doc.Monitoring.None == "" {
		out["alerts.yml"], out["dashboard.json"] = doc.Monitoring.Alerts, doc.Monitoring.Dashboard
	}
	if patch := done.Patch(); patch != "" && !doc.Hides() {
		out["change.patch"] = patch
	}
	return out, nil
}

func (k *interveneCommand) tell(doc *intervention.Document, texts map[string]string) error {
	var b strings.Builder
	b.WriteString(doc.Headline + "\n\n")
	for _, name := range sortedKeys(texts) {
		b.WriteString("  " + filepath.Join(k.out, name) + "\n")
	}
	if doc.Hides() {
		b.WriteString("\nThe change removes a secret from the source, so it is not written as a patch; `assay fix` applies it.\n")
	}
	b.WriteString("\n" + doc.Question + "\n")
	for line := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(k.Out, report.Clean(strings.TrimRight(line, "\n"))); err != nil {
			return err
		}
	}
	return nil
}
