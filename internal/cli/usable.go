package cli

import (
	"fmt"
	"slices"

	"github.com/assay-dev/assay/internal/engine"
)

// usable refuses a project with nothing in it.
func (a *app) usable(s *engine.Snapshot) error {
	if a.debug {
		for _, stack := range s.Stacks {
			fmt.Fprintln(a.Err, stack)
		}
	}
	if !slices.ContainsFunc(s.Files.Files, engine.Elixir) {
		return fmt.Errorf("there is no Elixir code in %s; name the directory of a Mix project", s.Files.Root)
	}
	return nil
}

// broken is the error of an analysis that failed as a whole.
func broken(s *engine.Snapshot) error {
	if !s.Broken() {
		return nil
	}
	return fmt.Errorf("internal error: %s", s.Notes[len(s.Notes)-1].Reason)
}
