package checks

import (
	"slices"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// mapped is a schema of the application whose table is known as a whole.
type mapped struct {
	*ir.Schema
	db   *ir.Database
	name string // of the module
}

// mappedSchemas are the schemas of the application whose table is known as a
// whole: something known makes it, and nothing is unknown of it.
func mappedSchemas(p *check.Pass) []mapped {
	var out []mapped
	for _, s := range p.Program.Schemas {
		if s.Rows == nil || p.Program.Files.File(s.Span.File).Kind != source.Lib {
			continue
		}
		if d := p.Program.Databases[s.Database]; whole(d, s.Rows) {
			out = append(out, mapped{s, d, p.Program.SchemaName(s)})
		}
	}
	return out
}

// whole reports whether everything of a table is known but for what a Gap
// elsewhere may do.
func whole(d *ir.Database, t *ir.Table) bool {
	return !t.Partial && !t.Maybe && !slices.ContainsFunc(d.Gaps, func(g ir.Gap) bool { return g.Table == t.Name || g.Table == t.Schema+"."+t.Name })
}

// hidden reports whether a migration that is not understood may have made
// something of a table: one that executes what no text tells, or one whose text
// names the table and one of the names.
func hidden(p *check.Pass, d *ir.Database, t *ir.Table, names ...string) bool {
	return slices.ContainsFunc(d.Gaps, func(g ir.Gap) bool {
		if g.Wide || g.Table != "" {
			return g.Wide
		}
		text := p.Program.Files.File(g.Span.File).Text
		return mentions(text, t.Name) && slices.ContainsFunc(names, func(n string) bool { return mentions(text, n) })
	})
}

// partitioned reports whether a table is made of others, or a part of one.
func partitioned(d *ir.Database, t *ir.Table) bool {
	name := t.Schema + "." + t.Name
	return t.Parent != "" || slices.ContainsFunc(d.Tables, func(o *ir.Table) bool { return o.Parent == name })
}

// manyBy is the schema that has many of the rows of some other by one of their columns, and the
// association that says so; nil when there is none.
func manyBy(p *ir.Program, column string, of func(*ir.Schema) bool) (*ir.Schema, *ir.Association) {
	for _, s := range p.Schemas {
		for i := range s.Associations {
			a := &s.Associations[i]
			if a.Kind != ir.HasMany || len(a.Through) > 0 || a.Schema == ir.No {
				continue
			}
			if to := p.Schemas[a.Schema]; of(to) && to.ColumnOf(a.RelatedKey) == column {
				return s, a
			}
		}
	}
	return nil, nil
}

// tableName is how people name a table.
func tableName(d *ir.Database, t *ir.Table) string {
	if t.Schema == d.Schema {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// fromStep says where something of a database comes from.
func fromStep(o ir.Origin, note string) check.Step { return check.Step{Span: o.Span, Note: note} }
