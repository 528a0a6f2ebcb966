// Package orm reads how modules map to tables: schemas with their fields and
// associations, resources with their attributes and relationships.
//
// In goes the linked program, whose databases are known. Out come its schemas,
// each joined to its table and to the schemas that it is associated with. What
// is declared in a way that is not understood makes a schema Partial; nothing is
// guessed.
package orm

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// Schemas reads the schemas of a program, by module.
func Schemas(p *ir.Program, models *model.Set) []*ir.Schema {
	return nil
}
