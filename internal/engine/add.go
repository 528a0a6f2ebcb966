package engine

import (
	"errors"

	"github.com/assay-dev/assay/internal/fix"
)

// Add makes changes that no finding asks for. Like fixes they have to hold: no file
// that cannot be read any more, and nothing new at the level of a warning or above.
// Nothing is written.
func (s *Snapshot) Add(changes []fix.Change, o FixOptions) (*Fixed, error) {
	out := s.fixing(o)
	w := s.writer(o)
	var fixes []fix.Fix
	for _, c := range changes {
		x, err := w.Spell(c)
		if err != nil {
			return nil, err
		}
		fixes = append(fixes, x)
	}
	out.hold(fixes)
	if len(out.Rejected) > 0 {
		r := out.Rejected[0]
		return nil, errors.New(r.Fix.Title + " does not hold: " + r.Reason)
	}
	return out.Fixed, nil
}
