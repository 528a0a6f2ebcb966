package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/proof"
	"github.com/assay-dev/assay/internal/report"
	"github.com/assay-dev/assay/internal/source"
)

// Limits of the project's own commands.
const (
	proofTime   = 15 * time.Minute
	proofMemory = 12 << 30
)

// finish writes what was decided, or shows it.
func (k *fixCommand) finish(done *engine.Fixed) error {
	var err error
	switch {
	case k.patch != "":
		err = writeFile(k.patch, func(w io.Writer) error {
			_, err := io.WriteString(w, done.Patch())
			return err
		})
	case k.dryRun:
		k.diff(done.Before.Hide(done.Patch()))
	case len(done.Applied) == 0:
	case k.commit:
		err = k.commitEach(done)
	default:
		err = k.write(done)
	}
	if err != nil {
		return err
	}
	k.summary(done)
	return nil
}

// write proves what is to be written as far as is asked, and writes it.
func (k *fixCommand) write(done *engine.Fixed) error {
	root := done.Before.Files.Root
	var paths []string
	for _, w := range done.Writes() {
		paths = append(paths, w.Path)
	}
	dirty, err := source.Dirty(root, paths)
	if err != nil {
		return err
	}
	if len(dirty) > 0 && !k.allowDirty {
		return fmt.Errorf("%s has changes that are not committed; nothing was written. Commit them, or say --allow-dirty",
			source.Printable(strings.Join(dirty, ", ")))
	}
	if err := k.prove(root, done); err != nil {
		return err
	}
	_, err = source.Commit(root, done.Writes())
	return err
}

// prove runs the project's own commands in a copy, up to the rung of --proof.
func (k *fixCommand) prove(root string, done *engine.Fixed) error {
	want := fix.Checked
	switch k.proof {
	case "":
		return nil
	case fix.Compiled.String():
		want = fix.Compiled
	case fix.Tested.String():
		want = fix.Tested
	}
	out, err := proof.Run(root, done.Writes(), want, proof.Usual(), proof.Limits{Time: proofTime, Memory: proofMemory})
	if err != nil {
		return fmt.Errorf("the fixes could not be proven, so nothing was written: %w", err)
	}
	if out.Failed != "" {
		for line := range strings.Lines(out.Output) {
			fmt.Fprintln(k.Err, report.Clean(strings.TrimRight(line, "\r\n")))
		}
		return errors.New("`" + out.Failed + "` does not succeed with the fixes, so nothing was written")
	}
	for i := range done.Applied {
		done.Applied[i].Proof = out.Rung
	}
	return nil
}

// commitEach writes the fixes one after the other, each as a git commit of its
// own.
func (k *fixCommand) commitEach(done *engine.Fixed) error {
	s := done.Before
	var kept []fix.Fix
	for _, f := range done.Applied {
		one := s.Fix(k.options(func(g *check.Finding) bool { return g.ID == f.Finding }))
		if len(one.Applied) == 0 {
			continue
		}
		message := k.message(s, &one.Applied[0])
		if err := k.write(one); err != nil {
			return err
		}
		var paths []string
		for _, w := range one.Writes() {
			paths = append(paths, w.Path)
		}
		if err := source.Record(s.Files.Root, paths, message+"\nProof: "+one.Applied[0].Proof.String()+".\n"); err != nil {
			return fmt.Errorf("the files are written, but git does not commit them: %w", err)
		}
		kept = append(kept, one.Applied...)
		s = one.After
	}
	done.Applied = kept
	return nil
}

// message is a commit's message: what is done, and the finding that it ends.
func (k *fixCommand) message(s *engine.Snapshot, x *fix.Fix) string {
	var b strings.Builder
	b.WriteString(x.Title + "\n\n")
	for i := range s.Findings {
		if f := &s.Findings[i]; f.ID == x.Finding {
			b.WriteString(f.Check + ": " + f.Message + "\n")
		}
	}
	for _, n := range x.Notes {
		b.WriteString("\n" + n + "\n")
	}
	return b.String()
}
