// Package checks holds the checks: one pair NAME.go and NAME.md for each. The
// page says what the check is about and holds the examples that test it.
package checks

import (
	"embed"
	"strings"

	"github.com/assay-dev/assay/internal/check"
)

//go:embed *.md
var pages embed.FS

// Page is the Markdown page of a check.
func Page(name string) (string, bool) {
	text, err := pages.ReadFile(strings.ReplaceAll(name, "-", "_") + ".md")
	return string(text), err == nil
}

// All lists the checks, in the order of their names.
func All() []*check.Check {
	return []*check.Check{
		{Name: "atom-exhaustion", Run: atomExhaustion},
		{Name: "constraint-name-mismatch", Run: constraintNameMismatch},
		{Name: "constraint-without-handler", Run: constraintWithoutHandler},
		{Name: "excuse", Run: excuse, After: true},
		{Name: "external-call-in-transaction", Run: externalCallInTransaction},
		{Name: "hardcoded-secret", Run: hardcodedSecret},
		{Name: "ignored-error", Run: ignoredError},
		{Name: "index-not-created", Run: indexNotCreated},
		{Name: "job-failure-swallowed", Run: jobFailureSwallowed},
		{Name: "live-model-in-migration", Run: liveModelInMigration},
		{Name: "misplaced-option", Run: misplacedOption},
		{Name: "missing-foreign-key", Run: missingForeignKey},
		{Name: "missing-foreign-key-index", Run: missingForeignKeyIndex},
		{Name: "missing-index", Run: missingIndex},
		{Name: "missing-not-null", Run: missingNotNull},
		{Name: "missing-transaction", Run: missingTransaction, Optional: true},
		{Name: "missing-unique-index", Run: missingUniqueIndex},
		{Name: "n-plus-one", Run: nPlusOne},
		{Name: "one-or-many", Run: oneOrMany, After: true},
		{Name: "query-in-loop", Run: queryInLoop},
		{Name: "redundant-index", Run: redundantIndex},
		{Name: "schema-drift", Run: schemaDrift},
		{Name: "swallowed-exception", Run: swallowedException},
		{Name: "unbounded-query", Run: unboundedQuery},
		{Name: "unknown-field", Run: unknownField},
		{Name: "unmatched-error", Run: unmatchedError},
		{Name: "unpreloaded-association", Run: unpreloadedAssociation, Optional: true},
		{Name: "unsafe-migration", Run: unsafeMigration},
		{Name: "unsupervised-process", Run: unsupervisedProcess},
		{Name: "write-in-loop", Run: writeInLoop},
		{Name: "wrong-result-arity", Run: wrongResultArity},
		{Name: "wrong-uniqueness-scope", Run: wrongUniquenessScope},
	}
}
