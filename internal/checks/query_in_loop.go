package checks

import "github.com/assay-dev/assay/internal/check"

// queryInLoop reports reads for each element of a collection that is no list of
// rows.
func queryInLoop(p *check.Pass) { loops(p, queryLoop) }
