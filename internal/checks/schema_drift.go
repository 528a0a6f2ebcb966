package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// schemaDrift reports where schemas, tables and the dump of a database say
// different things.
func schemaDrift(p *check.Pass) {
	inserts := accessesBySchema(p, func(a *query.Access) bool { return a.Op == "insert" })
	used := accessesBySchema(p, func(*query.Access) bool { return true })
	for _, m := range mappedSchemas(p) {
		if a := used[m.Schema]; a != nil && !ofAnother(p, m.db, a) {
			fieldsWithoutColumn(p, m, a)
			keysOfAnotherType(p, m, a)
		}
		if a := inserts[m.Schema]; a != nil && !m.Partial && !ofAnother(p, m.db, a) {
			columnsWithoutField(p, m, a)
		}
	}
	for _, d := range p.Program.Databases {
		loaded := len(d.Drift) > 0 && loadsDump(p.Program)
		for i := range d.Drift {
			p.Report(driftFinding(d, &d.Drift[i], loaded))
		}
	}
}

// ofAnother reports whether an access goes to another database, which may have a table
// of the same name.
func ofAnother(p *check.Pass, d *ir.Database, a *query.Access) bool {
	last := a.Chain[len(a.Chain)-1]
	ext := p.Flow.Step(last.Clause, last.Expr).Extern
	return ext != ir.No && d.Repo != "" && p.Program.Externs[ext].Via != "" && p.Program.Externs[ext].Via != d.Repo
}

// accessesBySchema is, of each schema, the first place that reads or writes its
// rows in some way while the system runs: a task may have been for the tables of then. An insert of one row names every field of the schema and no
// other column.
func accessesBySchema(p *check.Pass, some func(*query.Access) bool) map[*ir.Schema]*query.Access {
	out := map[*ir.Schema]*query.Access{}
	if p.Queries == nil {
		return out
	}
	all := p.Queries.Accesses()
	for i := range all {
		a := &all[i]
		if s := a.Query.Root().Schema; s != nil && (out[s] == nil || p.Flow.Reached(out[s].Clause) == 0) && some(a) && p.Flow.InLib(a.Clause) && live(p, a.Clause) && (out[s] == nil || p.Flow.Reached(a.Clause) != 0) {
			out[s] = a
		}
	}
	return out
}

// weightOf is how much it matters that an access fails: little where nothing known gets there.
func weightOf(p *check.Pass, a *query.Access) check.Level {
	if p.Flow.Reached(a.Clause) == 0 {
		return check.Info
	}
	return check.Error
}

func fieldsWithoutColumn(p *check.Pass, m mapped, use *query.Access) {
	for i := 0; i < len(m.Fields); i++ {
		f := &m.Fields[i]
		if f.Column == "" || m.Rows.Column(f.Column) != nil || hidden(p, m.db, m.Rows, f.Column) {
			continue
		}
		fields, columns := []string{f.Name}, []fix.NewColumn{{Name: f.Column, Type: f.Type}}
		simple := f.Type != "" && !f.Key && !f.Embed
		// What one statement declares, such as `timestamps()`, is one mistake.
		for i+1 < len(m.Fields) && m.Fields[i+1].Span == f.Span && m.Fields[i+1].Column != "" && m.Rows.Column(m.Fields[i+1].Column) == nil {
			i++
			fields = append(fields, m.Fields[i].Name)
			columns = append(columns, fix.NewColumn{Name: m.Fields[i].Column, Type: m.Fields[i].Type})
		}
		table := tableName(m.db, m.Rows)
		what, advice := "the field `"+f.Name+"`, and the table `"+table+"` has no column `"+f.Column+"`", "Add the column in a migration, or take the field out."
		var add fix.Change = &fix.AddColumn{Database: m.db, Table: m.Rows, Column: f.Column, Type: f.Type}
		if len(fields) > 1 {
			what, advice = "the fields "+quoted(fields)+", and the table `"+table+"` has no such columns", "Add the columns in a migration, or take the fields out."
			add = &fix.AddColumns{Database: m.db, Table: m.Rows, What: strings.Join(fields, " and "), Columns: columns}
		}
		var changes []fix.Change
		if simple {
			changes = []fix.Change{&fix.Only{Change: add, Question: "Either the table lacks the column, or the field is one too many."}}
		}
		p.Report(check.Finding{
			Level: weightOf(p, use), Span: f.Span, Symbol: m.name + "." + f.Name, Anchor: "no column " + f.Column, Changes: changes,
			Message: "`" + m.name + "` has " + what + ": whatever reads or writes its rows fails. " + advice,
			Path: []check.Step{
				{Span: f.Span, Note: "every query of the schema names this field"},
				fromStep(m.Rows.Made, "the table is made here, and no migration adds the column"),
				{Span: p.Flow.Span(use.Clause, use.Expr), Note: "the program goes to the table here"},
			},
		})
	}
}

// keysOfAnotherType reports keys that a schema takes for numbers and its table keeps as
// UUIDs, or the other way round: no value is both. What is wrong with one is mostly wrong
// with all, so that they are one finding. SQLite keeps what it is given, whatever the type of a
// column that is no integer primary key (https://sqlite.org/datatype3.html).
func keysOfAnotherType(p *check.Pass, m mapped, use *query.Access) {
	var names []string
	var first *ir.Field
	for i := range m.Fields {
		f := &m.Fields[i]
		if f.Column == "" || m.db.InProcess && !keyed(m.Rows, f.Column) || !otherKey(f, m.Rows.Column(f.Column)) || hidden(p, m.db, m.Rows, f.Column) {
			continue
		}
		if first == nil {
			first = f
		}
		names = append(names, f.Name)
	}
	if first == nil {
		return
	}
	c := m.Rows.Column(first.Column)
	p.Report(check.Finding{
		Level: weightOf(p, use), Span: first.Span, Symbol: m.name + "." + first.Name, Anchor: "type of " + first.Column,
		Message: "`" + m.name + "` takes " + quoted(names) + " for `" + first.Holds + "`, and the column `" + tableName(m.db, m.Rows) + "." + first.Column + "` is `" + c.Type +
			"`: a row with a value there can neither be written nor read. Give the schema the types that the table has.",
		Path: []check.Step{
			{Span: first.Span, Note: "the field is `" + first.Type + "`"},
			fromStep(c.Changed, "the column is `"+c.Type+"`"),
			{Span: p.Flow.Span(use.Clause, use.Expr), Note: "the program goes to the table here"},
		},
	})
}

// keyed reports whether a column is the primary key of its table.
func keyed(t *ir.Table, column string) bool {
	return t.PrimaryKey != nil && slices.Equal(t.PrimaryKey.Columns, []string{column})
}

// otherKey reports whether a field's type and its column have no value in common, as keys.
func otherKey(f *ir.Field, c *ir.Column) bool {
	if c == nil || c.Maybe {
		return false
	}
	whole := c.Type == "bigint" || c.Type == "integer"
	return f.Holds == "integer" && c.Type == "uuid" || f.Holds == "uuid" && whole
}

func columnsWithoutField(p *check.Pass, m mapped, insert *query.Access) {
	if m.Rows.Triggered {
		return
	}
	for i := range m.Rows.Columns {
		c := &m.Rows.Columns[i]
		if !demanded(m.Schema, c) || hidden(p, m.db, m.Rows, c.Name) {
			continue
		}
		table := tableName(m.db, m.Rows)
		p.Report(check.Finding{
			Level: weightOf(p, insert), Span: m.Span, Symbol: table + "." + c.Name, Anchor: "no field for " + c.Name,
			Message: "The column `" + c.Name + "` of `" + table + "` is never null and has no default, and `" + m.name +
				"` has no field for it: every insert of its rows fails. Add the field, or give the column a default.",
			Path: []check.Step{
				{Span: m.Span, Note: "the schema has no such field"},
				fromStep(c.Changed, "the column may not be null"),
				{Span: p.Flow.Span(insert.Clause, insert.Expr), Note: "a row is inserted here"},
			},
		})
	}
}

// demanded reports whether every row needs a value in a column that the schema never writes.
func demanded(s *ir.Schema, c *ir.Column) bool {
	return !c.Null && c.Default == "" && c.Generated == "" && !c.Maybe && !strings.Contains(c.Type, "serial") && !hasColumn(s, c.Name)
}

// storesNothing reports whether the database refuses every row of a schema: one without a
// value that it demands, with a number for a key that is a UUID, or with a key that it has no
// column for.
func storesNothing(s *ir.Schema, t *ir.Table) bool {
	if s.Partial || t.Partial || t.Maybe || t.Triggered {
		return false
	}
	if slices.ContainsFunc(s.PrimaryKey, func(f string) bool { return s.ColumnOf(f) != "" && t.Column(s.ColumnOf(f)) == nil }) {
		return true
	}
	return slices.ContainsFunc(t.Columns, func(c ir.Column) bool {
		if demanded(s, &c) {
			return true
		}
		return slices.ContainsFunc(s.Fields, func(f ir.Field) bool {
			return f.Column == c.Name && slices.Contains(s.PrimaryKey, f.Name) && otherKey(&f, &c)
		})
	})
}

// hasColumn reports whether a schema has a field for a column.
func hasColumn(s *ir.Schema, column string) bool {
	return slices.ContainsFunc(s.Fields, func(f ir.Field) bool { return f.Column == column })
}

// driftFinding is about one disagreement of a dump; loaded says whether the project itself sets databases up
// from its dump.
func driftFinding(d *ir.Database, x *ir.Drift, loaded bool) check.Finding {
	text := "The dump of `" + d.Name + "` and the migrations that it holds disagree about " + x.What + " of `" + x.Table + "`: "
	switch {
	case x.Dump == "":
		text += "the migrations make it, the dump has none. "
	case x.Migrations == "":
		text += "the dump has it, no migration makes it. "
	default:
		text += "the dump has `" + x.Dump + "`, the migrations make `" + x.Migrations + "`. "
	}
	level := check.Info                             // both hold the same rows
	left := x.What == "table" && x.Migrations == "" // what something else has made, or nobody needs
	if strings.HasPrefix(x.What, "foreign key ") || !left && (x.Dump == "" || x.Migrations == "") && (x.What == "table" || strings.HasPrefix(x.What, "column ")) {
		level = check.Warning
	}
	if !loaded || leftBehind(d) {
		level = check.Info // nothing is set up from it, or not any more
	}
	f := check.Finding{
		Level: level, Confidence: check.Medium, Span: x.Made.Span, Symbol: x.Table, Anchor: x.What,
		Message: text + "A database that is set up from the dump differs from one that was migrated. Write the dump anew, or mend the migration.",
		Path:    []check.Step{fromStep(x.Made, "what is there comes from here")},
	}
	if d.Dump != source.NoFile {
		f.Path = append(f.Path, check.Step{Span: source.Span{File: d.Dump}, Note: "the dump"})
	}
	return f
}

// loadsDump reports whether an alias, a task or a release of a project loads dumps.
func loadsDump(p *ir.Program) bool {
	return slices.ContainsFunc(p.Files.Files, func(f *source.File) bool {
		switch f.Kind {
		case source.MixFile, source.Lib, source.Script:
			return strings.Contains(f.Text, "ecto.load") || strings.Contains(f.Text, "structure_load")
		}
		return false
	})
}

// leftBehind reports whether a database's dump holds fewer than half of its migrations.
func leftBehind(d *ir.Database) bool {
	held := 0
	for i := range d.Migrations {
		if d.Migrations[i].Dumped {
			held++
		}
	}
	return 2*held < len(d.Migrations)
}
