// Package checks holds the checks: one pair NAME.go and NAME.md for each.
package checks

import "github.com/assay-dev/assay/internal/check"

// All lists the checks.
func All() []*check.Check { return nil }
