package query

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// Single reports whether at most one row can come back from a query, by what is
// unique in its tables. Where it is not certain that more can, it is single.
// implicit are conditions that are added where the query is run.
func (r *Result) Single(q *Query, implicit []Filter) bool {
	if len(implicit) > 0 {
		q = q.copied()
		q.Filters = append(q.Filters, implicit...)
	}
	n := len(q.Sources)
	if q.OpenFilters || q.Limit != No || q.Groups != No || n == 0 {
		return true
	}
	for i := range q.Sources {
		if s := &q.Sources[i]; s.Table == nil || s.Sub != nil || strings.Contains(s.Join, "lateral") || !r.Whole(s.Table) {
			return true
		}
	}
	d := determined{q: q, columns: map[Column]bool{}, single: make([]bool, n)}
	for i := range q.Filters {
		f := &q.Filters[i]
		if f.Binding >= 0 && f.Binding < n && q.Sources[f.Binding].Table.Column(f.Name) == nil {
			return true
		}
		if f.Compare == Equal && !f.Either && !f.Columns {
			d.columns[Column{Binding: f.Binding, Name: f.Name}] = true
		}
	}
	for d.grow() {
	}
	return d.single[0]
}

// determined is what is known to have one value only.
type determined struct {
	q       *Query
	columns map[Column]bool // by binding and name
	single  []bool          // the sources of which there is one row
}

// Whole reports whether everything is known of a table: how it was made and what
// happened to it since.
func (r *Result) Whole(t *ir.Table) bool {
	if t.Partial || t.Maybe {
		return false
	}
	for _, d := range r.p.Databases {
		if slices.Contains(d.Tables, t) {
			return !slices.ContainsFunc(d.Gaps, func(g ir.Gap) bool { return g.Table == t.Name || g.Table == t.Schema+"."+t.Name })
		}
	}
	return false
}

// has reports whether a column has one value.
func (d *determined) has(c Column) bool {
	return c.Binding < 0 || c.Binding < len(d.single) && d.single[c.Binding] || d.columns[Column{Binding: c.Binding, Name: c.Name}]
}

// grow goes one step further, and reports whether it found anything.
func (d *determined) grow() bool {
	found := false
	for i := range d.single {
		if !d.single[i] && d.unique(i) {
			d.single[i], found = true, true
		}
	}
	for i := range d.q.Filters {
		if f := &d.q.Filters[i]; f.Compare == Equal && !f.Either && f.Columns && d.has(f.With) && !d.has(f.Column) {
			d.columns[Column{Binding: f.Binding, Name: f.Name}], found = true, true
		}
	}
	return found
}

// unique reports whether something unique in the table of a source has only
// columns with one value.
func (d *determined) unique(i int) bool {
	s := &d.q.Sources[i]
	all := func(names []string) bool {
		return len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return !d.has(Column{Binding: i, Name: n}) })
	}
	if k := s.Table.PrimaryKey; k != nil && (all(k.Columns) || slices.ContainsFunc(k.Columns, func(n string) bool {
		return d.has(Column{Binding: i, Name: n}) && generated(s.Table, n)
	})) {
		return true
	}
	for j := range s.Table.Indexes {
		if d.index(i, &s.Table.Indexes[j]) {
			return true
		}
	}
	for j := range s.Table.Constraints {
		if k := &s.Table.Constraints[j]; k.Kind == ir.UniqueConstraint && all(k.Columns) {
			return true
		}
	}
	if slices.ContainsFunc(s.Table.Columns, func(c ir.Column) bool {
		return c.Type == "uuid" && !strings.HasSuffix(c.Name, "_id") && !refers(s.Table, c.Name) && d.has(Column{Binding: i, Name: c.Name})
	}) {
		return true // made at random
	}
	return s.Schema != nil && (all(columnsOf(s.Schema, s.Schema.PrimaryKey)) || slices.ContainsFunc(s.Schema.Identities, func(k ir.Identity) bool {
		return all(columnsOf(s.Schema, k.Fields))
	}))
}

// refers reports whether a column alone refers to another table.
func refers(t *ir.Table, name string) bool {
	return slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return len(k.Columns) == 1 && k.Columns[0] == name })
}

// generated reports whether the values of a column are made so that none comes
// twice.
func generated(t *ir.Table, name string) bool {
	c := t.Column(name)
	return c != nil && !refers(t, name) && (c.Type == "uuid" || strings.Contains(c.Default, "nextval") || strings.HasSuffix(c.Type, "serial"))
}

func columnsOf(s *ir.Schema, fields []string) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = s.ColumnOf(f)
	}
	return out
}

// index reports whether a unique index leaves one row of a source: its columns
// have one value, its expressions and its condition are about columns that the
// query asks for too.
func (d *determined) index(i int, x *ir.TableIndex) bool {
	if !x.Unique || len(x.Keys) == 0 {
		return false
	}
	for _, k := range x.Keys {
		if x.NullsEqual && d.null(i, k.Column) {
			continue
		}
		if k.Column != "" && !d.has(Column{Binding: i, Name: k.Column}) || k.Column == "" && !d.about(i, k.Expr) {
			return false
		}
	}
	return x.Where == "" || d.about(i, x.Where)
}

// null reports whether a query asks for the rows in which a column has no value.
func (d *determined) null(i int, column string) bool {
	return slices.ContainsFunc(d.q.Filters, func(f Filter) bool {
		return f.Binding == i && f.Name == column && column != "" && f.Compare == IsNull && !f.Either && !f.May
	})
}

// about reports whether a query asks for all columns of a source that a piece of
// SQL names.
func (d *determined) about(i int, sql string) bool {
	t := d.q.Sources[i].Table
	for _, word := range strings.FieldsFunc(sql, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		if t.Column(word) == nil {
			continue
		}
		if !slices.ContainsFunc(d.q.Filters, func(f Filter) bool { return f.Binding == i && f.Name == word }) {
			return false
		}
	}
	return true
}
