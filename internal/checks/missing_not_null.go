package checks

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// missingNotNull reports references that may be null although the program
// always requires them, and join tables whose keys may both be null.
func missingNotNull(p *check.Pass) {
	found := map[*ir.Table]bool{}
	list := mappedSchemas(p)
	bulk := accessesBySchema(p, func(a *query.Access) bool { return a.Op == "insert_all" })
	for _, m := range list {
		if found[m.Rows] || bulk[m.Schema] != nil {
			continue
		}
		if columns, at := requiredColumns(p, m); len(columns) > 0 {
			found[m.Rows] = true
			p.Report(requiredFinding(p, m, columns, at))
		}
	}
	for _, m := range list {
		joinKeys(p, m, found)
	}
}

// requiredColumns are the references of a table that may be null and that the
// program always requires, and a changeset that does.
func requiredColumns(p *check.Pass, m mapped) ([]*ir.Column, *ir.Changeset) {
	var columns []*ir.Column
	var at *ir.Changeset
	for i := range m.Fields {
		c := m.Rows.Column(m.Fields[i].Column)
		if c == nil || !c.Null || c.Maybe || !enforcesKey(m.Rows, c.Name) || emptied(p.Program, m.Rows, c.Name) || hidden(p, m.db, m.Rows, c.Name) {
			continue
		}
		if set := alwaysRequired(p.Program, m.Rows, c.Name); set != nil && !slices.Contains(columns, c) {
			columns = append(columns, c)
			at = set
		}
	}
	return columns, at
}

// enforcesKey reports whether a foreign key to another table has the column and
// does not itself make it null. A key of the table itself is null in the first
// row.
func enforcesKey(t *ir.Table, column string) bool {
	found := false
	for i := range t.ForeignKeys {
		k := &t.ForeignKeys[i]
		if !slices.Contains(k.Columns, column) {
			continue
		}
		if k.OnDelete == ir.SetNull || k.OnUpdate == ir.SetNull || k.To(t) {
			return false
		}
		found = true
	}
	return found
}

// emptied reports whether the program itself empties a column when the row goes that it
// refers to.
func emptied(p *ir.Program, t *ir.Table, column string) bool {
	return slices.ContainsFunc(p.Schemas, func(s *ir.Schema) bool {
		return slices.ContainsFunc(s.Associations, func(a ir.Association) bool {
			if a.OnDelete != ir.SetNull || a.Schema == ir.No {
				return false
			}
			of := p.Schemas[a.Schema]
			return of.Rows == t && of.ColumnOf(a.RelatedKey) == column
		})
	})
}

// alwaysRequired is a changeset that takes a column from outside, if every one
// of all modules that map to the table requires it; else nil.
func alwaysRequired(p *ir.Program, t *ir.Table, column string) *ir.Changeset {
	var found *ir.Changeset
	for _, s := range p.SchemasOf(t) {
		for i := range s.Changesets {
			c := &s.Changesets[i]
			switch {
			case c.Open:
				return nil
			case !names(s, c.Casts, column):
			case !names(s, c.Requires, column):
				return nil
			case found == nil:
				found = c
			}
		}
	}
	if builtWithout(p, t, column) {
		return nil
	}
	return found
}

// builtWithout reports whether the program makes rows of a table that may lack a column.
func builtWithout(p *ir.Program, t *ir.Table, column string) bool {
	return slices.ContainsFunc(p.SchemasOf(t), func(s *ir.Schema) bool {
		return slices.ContainsFunc(s.Built, func(b ir.Construction) bool { return !builtWith(s, &b, column) })
	})
}

// builtWith reports whether a row that is made somewhere gets the column: it is
// given, or the changeset requires it that the row goes into at once. One that is
// given its key alone stands for a row that is there.
func builtWith(s *ir.Schema, b *ir.Construction, column string) bool {
	if names(s, b.Fields, column) || sameColumns(b.Fields, s.PrimaryKey) && len(b.Fields) > 0 {
		return true
	}
	into := b.Into
	if b.Cast {
		into = b.Func
	}
	some := false
	for i := range s.Changesets {
		if c := &s.Changesets[i]; c.Func == into {
			some = true
			if !names(s, c.Requires, column) {
				return false
			}
		}
	}
	return some
}

// names reports whether a list of fields has one that the column holds.
func names(s *ir.Schema, fields []string, column string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return s.ColumnOf(f) == column })
}

func requiredFinding(p *check.Pass, m mapped, columns []*ir.Column, at *ir.Changeset) check.Finding {
	table := tableName(m.db, m.Rows)
	var all []string
	for _, c := range columns {
		all = append(all, c.Name)
	}
	it, they := "it", "it"
	if len(all) > 1 {
		it, they = "them", "they"
	}
	f := check.Finding{
		// What goes through the changesets is complete; the rest is for a person to weigh.
		Level: check.Info, Span: at.Span, Symbol: table, Anchor: "may be null",
		Message: "Every changeset that takes " + columnList(all) + " of `" + table + "` requires " + it + ", and in the table " + they +
			" may be null: what writes around the changesets (SQL, bulk inserts, another program) leaves rows that belong to nothing, and code that relies on " + it + " fails. " +
			"Make " + it + " NOT NULL in a migration.",
		Path: []check.Step{{Span: at.Span, Note: "the changeset requires " + it}},
	}
	f.Changes = []fix.Change{requiring(m.db, m.Rows, all)}
	if p.Queries.Growth(m.Rows) == query.GrowsUnknown {
		f.Changes = asking(f.Changes, unwrittenTable)
	}
	for _, c := range columns {
		if c.Changed != c.Made {
			f.Changes = asking(f.Changes, "A migration changed `"+c.Name+"` later and left it nullable: say whether rows without it are meant.")
		}
	}
	if c := besideRequired(m.Rows, columns); c != "" {
		f.Changes = asking(f.Changes, "The same command makes `"+c+"` NOT NULL and leaves "+columnList(all)+" nullable: say whether rows without "+it+" are meant.")
	}
	if at := madeWithout(p, m.Schema, all); at != "" {
		f.Changes = asking(f.Changes, at+" may make rows without "+columnList(all)+": say what it shall give them.")
	}
	for _, c := range columns {
		f.Path = append(f.Path, fromStep(c.Made, "`"+c.Name+"` is added, and may be null"))
	}
	for _, c := range columns {
		if c.Changed != c.Made {
			f.Path = append(f.Path, fromStep(c.Changed, "`"+c.Name+"` is changed, and still may be null"))
		}
	}
	return f
}

// besideRequired is another key of a table that the command which made it says is never null,
// or "".
func besideRequired(t *ir.Table, columns []*ir.Column) string {
	for _, k := range t.ForeignKeys {
		c := t.Column(k.Columns[0])
		if c != nil && !c.Null && c.Changed == c.Made && slices.ContainsFunc(columns, func(o *ir.Column) bool { return o.Made.Version == c.Made.Version }) {
			return c.Name
		}
	}
	return ""
}

// madeWithout is a factory of the tests, or a test that inserts rows itself, which makes rows
// of a schema without a value for one of some columns; or what fills the table in bulk; or "".
func madeWithout(p *check.Pass, s *ir.Schema, columns []string) string {
	last := ir.LastName(p.Program.SchemaName(s))
	literal := `%(?:\w+\.)*` + regexp.QuoteMeta(last) + `\{((?:[^{}]|\{[^{}]*\})*)\}`
	made := regexp.MustCompile(literal)
	inserted := regexp.MustCompile(`insert!?(?:\(\s*|\s+)` + literal)
	piped := regexp.MustCompile(literal + `\s*\|>\s*(?:\w+\.)*insert!?\b`)
	var nothing []*regexp.Regexp
	for _, c := range columns {
		nothing = append(nothing, regexp.MustCompile(`\b`+regexp.QuoteMeta(fieldOf(s, c))+`: nil\b`))
	}
	for _, f := range p.Program.Files.Files {
		rows := []*regexp.Regexp{inserted, piped}
		if strings.Contains(f.Path, "factor") || strings.Contains(f.Path, "fixture") {
			rows = []*regexp.Regexp{made}
		}
		if (f.Kind == source.Seed || f.Kind == source.Script) && strings.Contains(f.Text, "insert_all") &&
			(mentions(f.Text, last) || mentions(f.Text, s.Table)) {
			return f.Path // what it writes goes through no changeset
		}
		if (f.Kind == source.Lib || f.Kind == source.Test) && mentions(f.Text, last) && strings.Contains(f.Text, ": nil") &&
			slices.ContainsFunc(nothing, func(r *regexp.Regexp) bool { return r.MatchString(f.Text) }) {
			return f.Path
		}
		if f.Kind != source.Test || !strings.Contains(f.Text, last+"{") {
			continue
		}
		for _, row := range rows {
			for _, m := range row.FindAllStringSubmatch(f.Text, -1) {
				given := func(key string) bool { return strings.Contains(m[1], key+":") }
				if slices.ContainsFunc(columns, func(c string) bool { return !given(fieldOf(s, c)) && !given(strings.TrimSuffix(c, "_id")) }) {
					return f.Path
				}
			}
		}
	}
	return ""
}

// requiring asks for columns to hold a value. Where one came to the table later, and without
// a default, the rows from before may have none, and which one they get is a question.
func requiring(d *ir.Database, t *ir.Table, columns []string) fix.Change {
	ask := &fix.RequireColumn{Database: d, Table: t, Columns: columns}
	for _, name := range columns {
		if c := t.Column(name); c != nil && c.Default == "" && t.Made.Version > 0 && c.Made.Version > t.Made.Version {
			return &fix.Only{Change: ask, Question: "`" + name + "` came to the table later: say what the rows from before get that have none."}
		}
	}
	return ask
}

// joinKeys reports the join tables of a schema's associations whose keys may
// both be null.
func joinKeys(p *check.Pass, m mapped, found map[*ir.Table]bool) {
	for i := range m.Associations {
		a := &m.Associations[i]
		t := m.db.Table("", a.JoinTable)
		if a.Kind != ir.ManyToMany || t == nil || !whole(m.db, t) {
			continue
		}
		owner, related := t.Column(a.JoinOwner), t.Column(a.JoinRelated)
		if owner == nil || related == nil || !owner.Null || !related.Null || found[t] {
			continue
		}
		if !enforcesKey(t, owner.Name) || !enforcesKey(t, related.Name) || hidden(p, m.db, t, owner.Name, related.Name) {
			continue
		}
		if builtWithout(p.Program, t, owner.Name) || builtWithout(p.Program, t, related.Name) {
			continue
		}
		found[t] = true
		f := joinFinding(m, a, t, owner, related)
		if castsWithout(p.Program, t, owner.Name, related.Name) {
			f.Changes = asking(f.Changes, "A changeset of the table takes the keys and does not require them: say whether it shall, so that a row without one is an error of the field.")
		}
		p.Report(f)
	}
}

// castsWithout reports whether a changeset of a table's schemas takes rows without requiring both
// of two columns.
func castsWithout(p *ir.Program, t *ir.Table, columns ...string) bool {
	return slices.ContainsFunc(p.SchemasOf(t), func(s *ir.Schema) bool {
		return slices.ContainsFunc(s.Changesets, func(c ir.Changeset) bool {
			return slices.ContainsFunc(columns, func(column string) bool { return !names(s, c.Requires, column) })
		})
	})
}

func joinFinding(m mapped, a *ir.Association, t *ir.Table, owner, related *ir.Column) check.Finding {
	table := tableName(m.db, t)
	return check.Finding{
		// The association itself always writes both.
		Level: check.Info, Span: a.Span, Symbol: table + "." + owner.Name, Anchor: "join keys may be null",
		Changes: []fix.Change{&fix.RequireColumn{Database: m.db, Table: t, Columns: []string{owner.Name, related.Name}}},
		Message: "`" + table + "` joins rows by `" + owner.Name + "` and `" + related.Name + "`, and both may be null: a row without one of them joins nothing. Make both NOT NULL in a migration.",
		Path: []check.Step{
			{Span: a.Span, Note: "`" + m.name + "." + a.Name + "` goes through the table"},
			fromStep(owner.Made, "`"+owner.Name+"` is added, and may be null"),
			fromStep(related.Made, "`"+related.Name+"` is added, and may be null"),
		},
	}
}
