package checks

import "github.com/assay-dev/assay/internal/check"

// nPlusOne reports reads for each row of a list, whoever goes over it.
func nPlusOne(p *check.Pass) { loops(p, rowLoop) }
