package checks

import (
	"slices"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// missingForeignKey reports associations that no foreign key stands for. They
// are warnings where most associations of the database have one, a changeset counts
// on this one, and the running system deletes rows that are referred to.
func missingForeignKey(p *check.Pass) {
	var missing []associationKey
	enforced, all := map[*ir.Database]int{}, map[*ir.Database]int{}
	reported := map[*ir.Column]bool{}
	for _, r := range associationKeys(p) {
		all[r.db]++
		switch {
		case r.enforced():
			enforced[r.db]++
		case r.dropped():
			// somebody decided against it
		case !reported[r.column] && !hidden(p, r.db, r.Rows, r.column.Name):
			reported[r.column] = true
			missing = append(missing, r)
		}
	}
	gone := deleted(p)
	for _, r := range missing {
		level := check.Info
		if _, orphans := gone[r.other.Rows]; orphans && 2*enforced[r.db] > all[r.db] {
			level = check.Warning
		}
		p.Report(r.finding(p, level))
	}
}

// associationKey is an association whose column could have a foreign key.
type associationKey struct {
	mapped
	a      *ir.Association
	other  *ir.Schema
	column *ir.Column
}

// associationKeys are the associations of a project that a foreign key can stand
// for: both tables are known, in one database and one schema of it, the column
// refers to one table only, and what it refers to is unique.
func associationKeys(p *check.Pass) []associationKey {
	var out []associationKey
	for _, m := range mappedSchemas(p) {
		if m.Rows.Schema != m.db.Schema || partitioned(m.db, m.Rows) {
			continue
		}
		for i := range m.Associations {
			a := &m.Associations[i]
			if a.Kind != ir.BelongsTo || a.Schema < 0 || a.Filtered || m.polymorphic(a) {
				continue
			}
			other := p.Program.Schemas[a.Schema]
			column := m.Rows.Column(m.ColumnOf(a.OwnerKey))
			if column == nil || column.Maybe || other.Rows == nil || other.Database != m.Database || !referable(m, other, column, a.RelatedKey) {
				continue
			}
			out = append(out, associationKey{m, a, other, column})
		}
	}
	return out
}

// referable reports whether a column can refer to the key of another table.
func referable(m mapped, other *ir.Schema, column *ir.Column, key string) bool {
	t, name := other.Rows, other.ColumnOf(key)
	to := t.Column(name)
	return to != nil && t.Schema == m.Rows.Schema && !partitioned(m.db, t) && to.Type == column.Type && identifies(t, []string{name})
}

// identifies reports whether no two rows of a table have the same columns.
func identifies(t *ir.Table, columns []string) bool {
	if t.PrimaryKey != nil && sameColumns(t.PrimaryKey.Columns, columns) {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool {
		return x.Unique && x.Full() && len(x.Keys) == len(columns) && sameColumns(x.Columns(), columns)
	})
}

// polymorphic reports whether the column of an association refers to rows of
// several tables: another association has it too, or a column beside it names
// the table.
func (m *mapped) polymorphic(a *ir.Association) bool {
	for i := range m.Associations {
		if o := &m.Associations[i]; o != a && o.Kind == ir.BelongsTo && o.OwnerKey == a.OwnerKey && o.Related != a.Related {
			return true
		}
	}
	return m.Rows.Column(a.Name+"_type") != nil
}

// enforced reports whether a foreign key has the column.
func (r *associationKey) enforced() bool {
	return slices.ContainsFunc(r.Rows.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Contains(k.Columns, r.column.Name) })
}

// dropped reports whether a migration took a foreign key of the column away.
func (r *associationKey) dropped() bool {
	return slices.ContainsFunc(r.Rows.Dropped, func(k ir.ForeignKey) bool { return slices.Contains(k.Columns, r.column.Name) })
}

// onDelete is what the other side of the association does to the rows when the one
// that they belong to goes.
func (r *associationKey) onDelete() ir.Action {
	for i := range r.other.Associations {
		o := &r.other.Associations[i]
		if o.Kind != ir.BelongsTo && len(o.Through) == 0 && o.Related == r.name && r.ColumnOf(o.RelatedKey) == r.column.Name && o.OnDelete != ir.NoAction {
			return o.OnDelete
		}
	}
	return ir.NoAction
}

func (r *associationKey) finding(p *check.Pass, level check.Level) check.Finding {
	table, to := tableName(r.db, r.Rows), tableName(r.db, r.other.Rows)
	message := "`" + table + "." + r.column.Name + "` refers to `" + to + "`, and no foreign key says so: the database takes the id of a row that is not there, " +
		"and deleting a row of `" + to + "` leaves rows behind that point to nothing. Add the foreign key in a migration."
	if _, gone := deleted(p)[r.other.Rows]; !gone {
		level = max(level, check.Info) // nothing leaves rows behind
	}
	if p.Queries.Growth(r.Rows) < query.Grows {
		level = max(level, check.Info) // nothing known stores rows for those who use the program
	}
	f := check.Finding{
		Level: check.Info, Span: r.a.Span, Symbol: table + "." + r.column.Name, Anchor: "foreign key to " + to, Message: message,
		Path: []check.Step{
			{Span: r.a.Span, Note: "`" + r.name + "` belongs to `" + r.a.Related + "` by it"},
			fromStep(r.column.Made, "the column is made without a reference"),
			fromStep(r.other.Rows.Made, "the table that it refers to"),
		},
	}
	key := &fix.Refer{Database: r.db, Table: r.Rows, Column: r.column.Name, To: r.other.Rows, References: r.other.ColumnOf(r.a.RelatedKey), OnDelete: r.onDelete()}
	f.Changes = []fix.Change{&fix.Only{Change: key, Question: "Whether a row of " + table + " may refer to one that is not there yet or no more, and what becomes of it when that one goes, is for a person to decide."}}
	for i := range r.Changesets {
		for _, c := range r.Changesets[i].Claims {
			if c.Kind == ir.ClaimForeignKey && c.Rows == r.Rows && slices.Contains(c.Columns, r.column.Name) {
				f.Path = append(f.Path, check.Step{Span: c.Span, Note: "the changeset counts on a foreign key"})
				if c.Fits(c.Name) {
					key.Name = c.Name
				}
				f.Changes[0] = key // the decision is taken
				f.Changes = asking(f.Changes, "Deleting a row of "+to+" comes to the rows of "+table+" then, also where a row is deleted to be written anew: say what shall become of them.")
				f.Level = level
				return f
			}
		}
	}
	return f
}
