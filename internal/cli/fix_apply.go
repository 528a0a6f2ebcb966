package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
)

// finish writes what was decided, or shows it. o is what it was decided with.
func (k *fixCommand) finish(done *engine.Fixed, o engine.FixOptions) error {
	writes := k.patch == "" && !k.dryRun
	if writes {
		if err := k.clean(done); err != nil {
			return err
		}
	}
	done, err := k.prove(done, o)
	if err != nil {
		return err
	}
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

// clean fails where what is to be written has changes that are not committed.
func (k *fixCommand) clean(done *engine.Fixed) error {
	var paths []string
	for _, w := range done.Writes() {
		paths = append(paths, w.Path)
	}
	dirty, err := source.Dirty(done.Before.Files.Root, paths)
	if err != nil {
		return err
	}
	if len(dirty) > 0 && !k.allowDirty {
		return fmt.Errorf("%s has changes that are not committed; nothing was written. Commit them, or say --allow-dirty",
			source.Printable(strings.Join(dirty, ", ")))
	}
	return nil
}

// write writes what was proven as far as is asked.
func (k *fixCommand) write(done *engine.Fixed) error {
	if err := k.clean(done); err != nil {
		return err
	}
	_, err := source.Commit(done.Before.Files.Root, done.Writes())
	return err
}

// commitEach writes the fixes one after the other, each as a git commit of its
// own. They were proven together.
func (k *fixCommand) commitEach(done *engine.Fixed) error {
	s := done.Before
	var kept []fix.Fix
	for _, f := range done.Applied {
		one := s.Fix(k.options(func(g *check.Finding) bool { return g.ID == f.Finding }))
		if len(one.Applied) == 0 {
			continue
		}
		one.Applied[0].Proof = f.Proof
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
