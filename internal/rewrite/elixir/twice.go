package elixir

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// testTwice has a factory make two rows that a unique index refuses, where nothing else
// of the table can refuse the second one. It is false where that is not certain.
func (w *Writer) testTwice(c *fix.CreateIndex) (suite, bool) {
	t := c.Table
	if c.Where != "" || len(t.Constraints) > 0 {
		return suite{}, false
	}
	for i := range t.Indexes {
		if t.Indexes[i].Unique {
			return suite{}, false
		}
	}
	m := w.factoryFor(t)
	template := w.caseFor(c.Database.Repo)
	if m == nil || template == nil || m.alike(c.Columns) {
		return suite{}, false
	}
	var values []string
	first := ""
	for _, column := range c.Columns {
		name, value := sameValue(m, column)
		if name == "" {
			return suite{}, false
		}
		if value == "" {
			first, value = "first = ", "first."+name
		}
		values = append(values, name+": "+value)
	}
	again := strings.TrimSuffix(m.call, ")") + ", " + strings.Join(values, ", ") + ")"
	before := again
	if first != "" {
		before = first + m.call
		for i, v := range values {
			if !strings.Contains(v, "first.") {
				before = strings.TrimSuffix(before, ")") + ", " + values[i] + ")"
			}
		}
	}
	test := testText{"rows of " + t.Name + " are unique by " + strings.Join(c.Columns, ", "),
		before + "\n\n" + strings.TrimSuffix(raises("Ecto.ConstraintError, ~r/"+regexp.QuoteMeta(ir.CutName(indexName(c)))+"/", again, w.width(w.testFolder(c.Database.Repo))), "\n") + "\n"}
	s, err := w.databaseSuite(c.Database, "unique_index_"+snake(t.Name)+"_on_"+snake(c.Columns...), test)
	if err != nil {
		return suite{}, false
	}
	s.aliases = nil // the factory knows the store
	if !template.imports(m.module) {
		s.imports = []string{m.module}
	}
	return s, true
}

// alike reports whether two rows of a factory that have the same values in some columns
// are the same in others too which a changeset takes for unique: an index may be made
// for them in the same run.
func (m *maker) alike(columns []string) bool {
	same := func(n string) bool {
		return slices.Contains(columns, n) || slices.ContainsFunc(m.fixed, func(f string) bool { return m.schema.ColumnOf(f) == n })
	}
	for i := range m.schema.Changesets {
		for _, c := range m.schema.Changesets[i].Claims {
			other := slices.ContainsFunc(c.Columns, func(n string) bool { return !slices.Contains(columns, n) })
			if c.Kind == ir.ClaimUnique && other && !slices.ContainsFunc(c.Columns, func(n string) bool { return !same(n) }) {
				return true
			}
		}
	}
	return false
}

// factoryFor is the factory of the rows of a table, or nil.
func (w *Writer) factoryFor(t *ir.Table) *maker {
	for _, s := range w.Program.SchemasOf(t) {
		if m := w.makerOf(s); m != nil && strings.HasPrefix(m.call, "insert(") {
			return m
		}
	}
	return nil
}

// sameValue is the field or the association that fills a column, and a value for it;
// no value for an association, whose row is that of the first one.
func sameValue(m *maker, column string) (name, value string) {
	for i := range m.schema.Fields {
		f := &m.schema.Fields[i]
		if f.Column != column {
			continue
		}
		for j := range m.schema.Associations {
			if a := &m.schema.Associations[j]; a.Kind == ir.BelongsTo && a.OwnerKey == f.Name && slices.Contains(m.sets, a.Name) && simple(a.Name) {
				return a.Name, ""
			}
		}
		switch {
		case f.Key || f.Listed || !simple(f.Name):
		case f.Type == "string":
			return f.Name, `"same"`
		case f.Type == "integer":
			return f.Name, "1"
		}
	}
	return "", ""
}
