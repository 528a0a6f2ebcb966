package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/proof"
	"github.com/assay-dev/assay/internal/report"
)

// Limits of the project's own commands.
const (
	proofTime   = 15 * time.Minute
	proofMemory = 12 << 30
)

// prove runs the project's own commands in a copy, up to the rung of --proof, and
// returns the fixes that they accept. Those that they refuse are put aside, with
// what the commands said.
func (k *fixCommand) prove(done *engine.Fixed, o engine.FixOptions) (proven *engine.Fixed, err error) {
	if k.proof == "" || len(done.Applied) == 0 {
		return done, nil
	}
	goal := fix.Compiled
	if k.proof == fix.Tested.String() {
		goal = fix.Tested
	}
	// A person who interrupts it gets the copy removed and the database left as it was.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	bench, err := proof.NewBench(done.Before.Files.Root, goal, proof.Usual(), proof.Limits{Time: proofTime, Memory: proofMemory})
	if err != nil {
		return nil, unproven(err)
	}
	defer func() { err = errors.Join(err, bench.Close()) }()
	bench.Report = func(command string) { fmt.Fprintf(k.Err, "proof: %s\n", report.Clean(command)) }
	for rung := fix.Compiled; rung <= goal; rung++ {
		if done, err = k.sift(ctx, bench, done, o, rung); err != nil {
			return nil, k.unfit(err)
		}
	}
	return done, nil
}

// sift keeps the fixes that reach a rung.
func (k *fixCommand) sift(ctx context.Context, bench *proof.Bench, done *engine.Fixed, o engine.FixOptions, rung fix.Proof) (*engine.Fixed, error) {
	if len(done.Applied) == 0 {
		return done, nil
	}
	out, err := bench.Try(ctx, done.Writes(), rung)
	if err != nil {
		return nil, err
	}
	if out.Failed != "" {
		if done, err = k.halve(ctx, bench, done, o, rung, &out); err != nil {
			return nil, err
		}
	}
	for i := range done.Applied {
		done.Applied[i].Proof = rung
	}
	if out.Known > 0 {
		fmt.Fprintf(k.Err, "proof: %s with the fixes as without them\n", failingTests(out.Known))
	}
	return done, nil
}

// halve finds which of the fixes do not reach a rung, and puts them aside. out is
// what all of them together came to, and becomes what the others come to.
func (k *fixCommand) halve(ctx context.Context, bench *proof.Bench, done *engine.Fixed, o engine.FixOptions, rung fix.Proof, out *proof.Outcome) (*engine.Fixed, error) {
	fixes := done.Applied
	only := func(numbers []int) *engine.Fixed {
		ids := map[string]bool{}
		for _, n := range numbers {
			ids[fixes[n].Finding] = true
		}
		p := o
		p.Want = func(f *check.Finding) bool { return ids[f.ID] }
		return done.Before.Fix(p)
	}
	try := func(numbers []int) (proof.Outcome, error) { return bench.Try(ctx, only(numbers).Writes(), rung) }
	kept, guilty, err := proof.Sift(len(fixes), *out, try)
	if err != nil {
		return nil, err
	}
	if rung >= fix.Tested && len(guilty) > 0 {
		if kept, err = k.doubt(ctx, bench, kept, guilty, try); err != nil {
			return nil, err
		}
	}
	rest := only(kept)
	rest.Rejected, rest.None = done.Rejected, done.None
	for n := range fixes {
		if why, ok := guilty[n]; ok {
			rest.Rejected = append(rest.Rejected, fix.Rejected{Fix: fixes[n], Reason: "`" + why.Failed + "` does not succeed with it:\n" + why.Words()})
		}
	}
	*out = proof.Outcome{}
	if len(rest.Applied) > 0 {
		*out, err = try(kept)
	}
	return rest, err
}

// doubt takes back the blame for tests that fail now and then.
func (k *fixCommand) doubt(ctx context.Context, bench *proof.Bench, kept []int, guilty map[int]proof.Outcome, try func([]int) (proof.Outcome, error)) ([]int, error) {
	numbers := slices.Sorted(maps.Keys(guilty))
	var blamed []proof.Outcome
	for _, n := range numbers {
		blamed = append(blamed, guilty[n])
	}
	known, err := bench.Doubt(ctx, blamed)
	if err != nil || !slices.Contains(known, true) {
		return kept, err
	}
	more := slices.Clone(kept)
	for i, n := range numbers {
		if known[i] {
			more = append(more, n)
		}
	}
	out, err := try(more)
	if err != nil || out.Failed != "" {
		return kept, err
	}
	for i, n := range numbers {
		if known[i] {
			delete(guilty, n)
		}
	}
	return more, nil
}

func failingTests(n int) string {
	if n == 1 {
		return "1 test fails"
	}
	return fmt.Sprintf("%d tests fail", n)
}

// unfit shows what a command said that the project does not pass by itself.
func (k *fixCommand) unfit(err error) error {
	var u *proof.UnfitError
	if errors.As(err, &u) {
		k.quote((&proof.Outcome{Failed: u.Command, Output: u.Output}).Words())
	}
	return unproven(err)
}

func unproven(err error) error {
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted, so nothing was written")
	}
	return fmt.Errorf("the fixes could not be proven, so nothing was written: %w", err)
}

// quote prints what a command said.
func (k *fixCommand) quote(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(k.Err, "  %s\n", report.Clean(strings.TrimRight(line, "\r")))
	}
}
