package cli

import (
	"fmt"
	"maps"
	"slices"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/source"
)

// unresolvedShown is how many of the names that were not found are printed.
const unresolvedShown = 10

// printGauges says on standard error how much of the project was understood:
// what was not cannot be reported.
func (k *checkCommand) printGauges(s *engine.Snapshot) {
	g := s.Flow.Gauges()
	fmt.Fprintf(k.Err, "calls resolved   %6.2f %%  (%d of %d)\n", share(g.Resolved, g.Calls), g.Resolved, g.Calls)
	fmt.Fprintf(k.Err, "database calls   %6d\n", g.RepoCalls)
	q := s.Queries.Gauges()
	fmt.Fprintf(k.Err, "tables known     %6.2f %%  (%d of %d calls that go to a table)\n", share(q.Known, q.Calls), q.Known, q.Calls)
	fmt.Fprintf(k.Err, "schemas mapped   %6.2f %%  (%d of %d schemas; %d understood in part)\n", share(g.Mapped, g.Schemas), g.Mapped, g.Schemas, g.Partial)
	fmt.Fprintf(k.Err, "associations     %6.2f %%  (%d of %d lead to a known schema)\n", share(g.Joined, g.Associations), g.Joined, g.Associations)
	fmt.Fprintf(k.Err, "loops            %6d\n", len(s.Flow.Loops()))
	for _, verdict := range slices.Sorted(maps.Keys(g.Loops)) {
		fmt.Fprintf(k.Err, "  %6d  %s\n", g.Loops[verdict], verdict)
	}
	if len(g.Unresolved) > 0 {
		fmt.Fprintln(k.Err, "not resolved, most frequent first:")
	}
	for _, u := range g.Unresolved[:min(len(g.Unresolved), unresolvedShown)] {
		fmt.Fprintf(k.Err, "  %6d  %s\n", u.Count, source.Printable(u.Name))
	}
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return 100 * float64(part) / float64(whole)
}
