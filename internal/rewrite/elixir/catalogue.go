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

// confirms is a test that has the database answer a question with true. The lines of the
// query are indented as they shall be.
func confirms(d *ir.Database, title string, query ...string) testText {
	repo := d.Repo[strings.LastIndexByte(d.Repo, '.')+1:]
	if len(query) == 1 {
		return testText{title, "assert %{rows: [[true]]} = " + repo + ".query!(" + quoted(query[0]) + ")\n"}
	}
	text := strings.NewReplacer(`\`, `\\`, "#{", `\#{`, `"""`, `\"""`).Replace(strings.Join(query, "\n") + "\n")
	return testText{title, "assert %{rows: [[true]]} =\n         " + repo + ".query!(\"\"\"\n" + indented(text, "         ") + "         \"\"\")\n"}
}

// keys is the condition that an index is on columns. One that leads with them may
// have more; a unique one has no others, in any order.
func keys(columns []string, unique bool) []string {
	place, order := "k.place <= "+strconv.Itoa(len(columns)), "k.place"
	if unique {
		place, order = "i.indnkeyatts = "+strconv.Itoa(len(columns))+" AND k.place <= i.indnkeyatts", "a.attname"
		columns = slices.Clone(columns)
		slices.Sort(columns)
	}
	return []string{
		"    AND ARRAY(",
		"      SELECT a.attname::text",
		"      FROM unnest(i.indkey) WITH ORDINALITY AS k (number, place)",
		"      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number",
		"      WHERE " + place,
		"      ORDER BY " + order,
		"    ) = ARRAY[" + literals(columns) + "]",
		")",
	}
}

func literals(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = literal(n)
	}
	return strings.Join(out, ", ")
}

// begins is the question whether a valid index of all rows leads with columns.
func begins(d *ir.Database, t *ir.Table, columns []string) testText {
	return confirms(d, "an index of "+t.Name+" begins with "+strings.Join(columns, ", "), append([]string{
		"SELECT EXISTS (",
		"  SELECT FROM pg_index i",
		"  WHERE i.indrelid = " + relation(d, t.Schema, t.Name) + " AND i.indisvalid AND i.indpred IS NULL",
	}, keys(columns, false)...)...)
}

func (w *Writer) testIndex(c *fix.CreateIndex) (suite, error) {
	what := "index_"
	if c.Unique {
		what = "unique_index_"
	}
	what += snake(c.Table.Name) + "_on_" + snake(c.Columns...)
	if !c.Unique && c.Where == "" && !taken(c.Table, c.Columns) {
		return w.databaseSuite(c.Database, what, begins(c.Database, c.Table, c.Columns))
	}
	title, where := "rows of "+c.Table.Name+" are unique by ", " AND i.indisvalid"
	if c.Unique {
		where += " AND i.indisunique"
	} else {
		title = "an index of " + c.Table.Name + " begins with "
	}
	lines := []string{"SELECT EXISTS (", "  SELECT FROM pg_index i", "  WHERE i.indrelid = " + relation(c.Database, c.Table.Schema, c.Table.Name) + where}
	if c.Where == "" {
		lines[2] += " AND i.indpred IS NULL"
	}
	if c.Where != "" || !c.Unique {
		// The condition is not printed as it was written, so that it is known by the name.
		lines = append(lines, "    AND i.indexrelid = to_regclass("+literal(tableSQL(c.Database, c.Table.Schema, cut(indexName(c))))+")")
	}
	return w.databaseSuite(c.Database, what, confirms(c.Database, title+strings.Join(c.Columns, ", "), append(lines, keys(c.Columns, c.Unique)...)...))
}

// taken reports whether a table has an index of another kind that leads with columns.
func taken(t *ir.Table, columns []string) bool {
	return slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return leads(&x, columns) })
}

func leads(x *ir.TableIndex, columns []string) bool {
	has := x.Columns()
	return len(has) >= len(columns) && slices.Equal(has[:len(columns)], columns)
}

// testDropped looks that an index is gone, and that another one does its work.
func (w *Writer) testDropped(c *fix.DropIndex) (suite, error) {
	t, x := c.Table, c.Index
	tests := []testText{confirms(c.Database, t.Name+" has no index "+x.Name, "SELECT to_regclass("+literal(tableSQL(c.Database, t.Schema, x.Name))+") IS NULL")}
	does := func(o ir.TableIndex) bool { return o.Name != x.Name && o.Full() && !o.Maybe && leads(&o, x.Columns()) }
	key := t.PrimaryKey != nil && leads(&ir.TableIndex{Keys: columnKeys(t.PrimaryKey.Columns)}, x.Columns())
	if key || slices.ContainsFunc(t.Indexes, does) {
		tests = append(tests, begins(c.Database, t, x.Columns()))
	}
	return w.databaseSuite(c.Database, "drop_"+snake(x.Name), tests...)
}

func columnKeys(columns []string) []ir.IndexKey {
	out := make([]ir.IndexKey, len(columns))
	for i, n := range columns {
		out[i].Column = n
	}
	return out
}

func (w *Writer) testDescribed(c *fix.CreateDescribed) (suite, error) {
	d, t := c.Database, c.Table
	if !c.Constraint {
		return w.databaseSuite(d, snake(c.Name), confirms(d, t.Name+" has the index "+c.Name, "SELECT EXISTS (",
			"  SELECT FROM pg_index i",
			"  WHERE i.indrelid = "+relation(d, t.Schema, t.Name)+" AND i.indisvalid",
			"    AND i.indexrelid = to_regclass("+literal(tableSQL(d, t.Schema, cut(c.Name)))+")",
			")"))
	}
	return w.databaseSuite(d, snake(c.Name), confirms(d, t.Name+" has the constraint "+c.Name, "SELECT EXISTS (",
		"  SELECT FROM pg_constraint k",
		"  WHERE k.conrelid = "+relation(d, t.Schema, t.Name)+" AND k.conname = "+literal(cut(c.Name))+" AND k.convalidated",
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
		confirms(c.Database, title, column(c.Database, c.Table, "bool_and(a.attnotnull)", c.Columns...)...))
}

func (w *Writer) testColumn(c *fix.AddColumn) (suite, error) {
	return w.databaseSuite(c.Database, snake(c.Column, "of", c.Table.Name),
		confirms(c.Database, c.Table.Name+" has the column "+c.Column, column(c.Database, c.Table, "count(*) = 1", c.Column)...))
}

func (w *Writer) testDefault(c *fix.SetDefault) (suite, error) {
	return w.databaseSuite(c.Database, "default_"+snake(c.Table.Name, c.Column),
		confirms(c.Database, c.Table.Name+"."+c.Column+" has a default", column(c.Database, c.Table, "a.atthasdef", c.Column)...))
}

// actionCode is an action in the catalogue.
func actionCode(a ir.Action) string {
	return literal([...]string{ir.NoAction: "a", ir.Restrict: "r", ir.Cascade: "c", ir.SetNull: "n", ir.SetDefault: "d"}[a])
}

func (w *Writer) testReference(c *fix.Refer) (suite, error) {
	d, t := c.Database, c.Table
	title := t.Name + "." + c.Column + " refers to " + c.To.Name
	return w.databaseSuite(d, "reference_from_"+snake(t.Name, c.Column), confirms(d, title, "SELECT EXISTS (",
		"  SELECT FROM pg_constraint k",
		"  JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]",
		"  JOIN pg_attribute b ON b.attrelid = k.confrelid AND k.confkey = ARRAY[b.attnum]",
		"  WHERE k.contype = 'f' AND k.convalidated",
		"    AND k.conrelid = "+relation(d, t.Schema, t.Name)+" AND a.attname = "+literal(c.Column),
		"    AND k.confrelid = "+relation(d, c.To.Schema, c.To.Name)+" AND b.attname = "+literal(c.References),
		"    AND k.confdeltype = "+actionCode(c.OnDelete)+" AND k.confupdtype = "+actionCode(c.OnUpdate),
		")"))
}
