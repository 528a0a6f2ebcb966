package checks

import "github.com/assay-dev/assay/internal/check"

// writeInLoop reports writes for each element of a collection.
func writeInLoop(p *check.Pass) { loops(p, writeLoop) }
