// Package checks holds the checks: one pair NAME.go and NAME.md for each. The
// page says what the check is about and holds the examples that test it.
package checks

import "github.com/assay-dev/assay/internal/check"

// All lists the checks, in the order of their names.
func All() []*check.Check {
	return []*check.Check{
		{Name: "atom-exhaustion", Run: atomExhaustion},
		{Name: "excuse", Run: excuse, After: true},
		{Name: "hardcoded-secret", Run: hardcodedSecret},
		{Name: "ignored-error", Run: ignoredError},
		{Name: "query-in-loop", Run: queryInLoop},
		{Name: "unsupervised-process", Run: unsupervisedProcess},
	}
}
