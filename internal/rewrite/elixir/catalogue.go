package elixir

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// A test of a migration asks PostgreSQL's catalogue for exactly what was missing.

// relation is a table or an index as the catalogue finds it by its name in SQL.
func relation(d *ir.Database, schema, name string) string {
	return literal(tableSQL(d, schema, name)) + "::regclass"
}

// confirms is a test that has the database answer a question with true. A query of
// one line stays beside the assertion where there is room.
func (w *Writer) confirms(d *ir.Database, title string, query ...string) testText {
	const indent, below = 4, 13 // of a test's body, and behind `assert … =`
	repo := ir.LastName(d.Repo)
	assert := "assert %{rows: [[true]]} ="
	if len(query) == 1 {
		width := usualWidth
		if m := w.Program.ModuleNamed(d.Repo); m != nil && m.Code != nil {
			width = w.width(w.testRoot(m.Code.File.Path))
		}
		call := repo + ".query!(" + quoted(query[0]) + ")"
		switch {
		case indent+len(assert)+1+len(call) <= width:
			return testText{title, assert + " " + call + "\n"}
		case below+len(call) <= width:
			return testText{title, assert + "\n         " + call + "\n"}
		}
	}
	text := strings.NewReplacer(`\`, `\\`, "#{", `\#{`, `"""`, `\"""`).Replace(strings.Join(query, "\n") + "\n")
	return testText{title, assert + "\n         " + repo + ".query!(\"\"\"\n" + indented(text, "         ") + "         \"\"\")\n"}
}

func literals(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = literal(n)
	}
	return strings.Join(out, ", ")
}

// testIndex asks for an index by what it is over, not by its name: one that does more
// may take its place one day. A concurrent build that was broken off leaves an index
// that is not valid.
func (w *Writer) testIndex(c *fix.CreateIndex) (suite, error) {
	if c.Unique {
		if s, ok := w.testTwice(c); ok {
			return s, nil
		}
	}
	d, t := c.Database, c.Table
	what, title := "index_", "an index of "+t.Name+" begins with "+strings.Join(c.Columns, ", ")
	where := "WHERE indrelid = " + relation(d, t.Schema, t.Name) + " AND indisvalid AND indpred IS NULL"
	if c.Where != "" {
		where = strings.Replace(where, "IS NULL", "IS NOT NULL", 1)
	}
	query := []string{"SELECT count(*) > 0 FROM pg_index"}
	for i, n := range c.Columns {
		key := string(rune('a' + i))
		query = append(query, "JOIN pg_attribute "+key+" ON "+key+".attrelid = indrelid AND "+key+".attnum = indkey["+strconv.Itoa(i)+"] AND "+key+".attname = "+literal(n))
	}
	query = append(query, where)
	if c.Unique {
		what, title = "unique_index_", "rows of "+t.Name+" are unique by "+strings.Join(c.Columns, ", ")
		query = append(query, "  AND indisunique AND indnatts = "+strconv.Itoa(len(c.Columns)))
	} else if slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return x.Full() && leads(&x, c.Columns) }) {
		// One of another kind is there, which does not do the same.
		query = append(query, "  AND indexrelid = to_regclass("+literal(tableSQL(d, t.Schema, ir.CutName(indexName(c))))+")")
	}
	return w.databaseSuite(d, what+snake(t.Name)+"_on_"+snake(c.Columns...), w.confirms(d, title, query...))
}

func leads(x *ir.TableIndex, columns []string) bool {
	has := x.Columns()
	return len(has) >= len(columns) && slices.Equal(has[:len(columns)], columns)
}

// testDropped looks that an index is gone.
func (w *Writer) testDropped(c *fix.DropIndex) (suite, error) {
	gone := "SELECT to_regclass(" + literal(tableSQL(c.Database, c.Table.Schema, c.Index.Name)) + ") IS NULL"
	return w.databaseSuite(c.Database, "drop_"+snake(c.Index.Name), w.confirms(c.Database, c.Table.Name+" has no index "+c.Index.Name, gone))
}

func (w *Writer) testDescribed(c *fix.CreateDescribed) (suite, error) {
	d, t := c.Database, c.Table
	if !c.Constraint {
		return w.databaseSuite(d, snake(c.Name), w.confirms(d, t.Name+" has the index "+c.Name,
			"SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass("+literal(tableSQL(d, t.Schema, ir.CutName(c.Name)))+")"))
	}
	return w.databaseSuite(d, snake(c.Name), w.confirms(d, t.Name+" has the constraint "+c.Name, "SELECT EXISTS (",
		"  SELECT FROM pg_constraint k",
		"  WHERE k.conrelid = "+relation(d, t.Schema, t.Name)+" AND k.conname = "+literal(ir.CutName(c.Name))+" AND k.convalidated",
		")"))
}

// column is the question what the catalogue says of columns.
func column(d *ir.Database, t *ir.Table, says string, names ...string) []string {
	return []string{
		"SELECT " + says, "FROM pg_attribute a",
		"WHERE a.attrelid = " + relation(d, t.Schema, t.Name) + " AND a.attname IN (" + literals(names) + ")",
	}
}

func (w *Writer) testRequired(c *fix.RequireColumn) (suite, error) {
	title := c.Table.Name + " has no row without " + strings.Join(c.Columns, ", ")
	return w.databaseSuite(c.Database, "require_"+snake(append([]string{c.Table.Name}, c.Columns...)...),
		w.confirms(c.Database, title, column(c.Database, c.Table, "bool_and(a.attnotnull)", c.Columns...)...))
}

func (w *Writer) testColumn(c *fix.AddColumn) (suite, error) {
	return w.databaseSuite(c.Database, snake(c.Column, "of", c.Table.Name),
		w.confirms(c.Database, c.Table.Name+" has the column "+c.Column, column(c.Database, c.Table, "count(*) = 1", c.Column)...))
}

func (w *Writer) testDefault(c *fix.SetDefault) (suite, error) {
	return w.databaseSuite(c.Database, "default_"+snake(c.Table.Name, c.Column),
		w.confirms(c.Database, c.Table.Name+"."+c.Column+" has a default", column(c.Database, c.Table, "a.atthasdef", c.Column)...))
}

// actionCode is an action in the catalogue.
func actionCode(a ir.Action) string {
	return literal([...]string{ir.NoAction: "a", ir.Restrict: "r", ir.Cascade: "c", ir.SetNull: "n", ir.SetDefault: "d"}[a])
}

func (w *Writer) testReference(c *fix.Refer) (suite, error) {
	d, t := c.Database, c.Table
	title := t.Name + "." + c.Column + " refers to " + c.To.Name
	return w.databaseSuite(d, "reference_from_"+snake(t.Name, c.Column), w.confirms(d, title, "SELECT EXISTS (",
		"  SELECT FROM pg_constraint k",
		"  JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]",
		"  JOIN pg_attribute b ON b.attrelid = k.confrelid AND k.confkey = ARRAY[b.attnum]",
		"  WHERE k.contype = 'f' AND k.convalidated",
		"    AND k.conrelid = "+relation(d, t.Schema, t.Name)+" AND a.attname = "+literal(c.Column),
		"    AND k.confrelid = "+relation(d, c.To.Schema, c.To.Name)+" AND b.attname = "+literal(c.References),
		"    AND k.confdeltype = "+actionCode(c.OnDelete)+" AND k.confupdtype = "+actionCode(c.OnUpdate),
		")"))
}
