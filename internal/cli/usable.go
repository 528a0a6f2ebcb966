package cli

import (
	"fmt"
	"slices"

	"github.com/assay-dev/assay/internal/engine"
)

// usable refuses a project with nothing in it, and tells a failure of Assay.
func (a *app) usable(s *engine.Snapshot) error {
	if a.debug {
		for _, stack := range s.Stacks {
			fmt.Fprintln(a.Err, stack)
		}
	}
	if !slices.ContainsFunc(s.Files.Files, engine.Elixir) {
		return fmt.Errorf("there is no Elixir code in %s; name the directory of a Mix project", s.Files.Root)
	}
	if s.Broken() {
		return fmt.Errorf("internal error: %s", s.Notes[len(s.Notes)-1].Reason)
	}
	return nil
}
