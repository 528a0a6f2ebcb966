package elixir

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// ident is a name in SQL.
func ident(name string) string {
	if simple(name) && strings.ToLower(name) == name && !slices.Contains(reserved(), name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// reserved are the words that PostgreSQL takes for no column without quotes.
func reserved() []string {
	return strings.Fields(`all analyse analyze and any array as asc asymmetric authorization binary both case cast check
		collate collation column concurrently constraint create cross current_catalog current_date current_role
		current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except
		false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull
		join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order
		outer overlaps placing primary references returning right select session_user similar some symmetric
		system_user table tablesample then to trailing true union unique user using variadic verbose when where window
		with`)
}

func idents(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = ident(n)
	}
	return strings.Join(out, ", ")
}

// tableSQL is a table's name in SQL.
func tableSQL(d *ir.Database, schema, name string) string {
	if schema == "" || schema == d.Schema {
		return ident(name)
	}
	return ident(schema) + "." + ident(name)
}

// tableOptions are the options that find a table outside the usual schema, which is
// named as the migration does that makes the table.
func (w *Writer) tableOptions(d *ir.Database, t *ir.Table) []string {
	if t.Schema == d.Schema || t.Schema == "" {
		return nil
	}
	if name := w.prefixNamed(t); name != "" {
		return []string{"prefix: " + name}
	}
	if w.prefixless(d, t) {
		return nil
	}
	return []string{"prefix: " + quoted(t.Schema)}
}

// prefixless reports whether no migration names a schema, that of a table among them:
// it is the one of the connection.
func (w *Writer) prefixless(d *ir.Database, t *ir.Table) bool {
	if t.Made.Span.File < 0 || slices.ContainsFunc(d.Migrations, func(m ir.Migration) bool {
		return strings.Contains(w.Files.File(m.Span.File).Text, "prefix: ")
	}) {
		return false
	}
	return regexp.MustCompile(`\btable\(:?"?` + regexp.QuoteMeta(t.Name) + `\b`).MatchString(w.Files.File(t.Made.Span.File).Text)
}

// prefixNamed is the attribute or the function by which the migration that makes a table
// names its schema, or "". Migrations that use an attribute get its line as well.
func (w *Writer) prefixNamed(t *ir.Table) string {
	if t.Made.Span.File < 0 {
		return ""
	}
	text := w.Files.File(t.Made.Span.File).Text
	m := regexp.MustCompile(`table\(:?"?` + regexp.QuoteMeta(t.Name) + `"?,[^)]*\bprefix: (@\w+|[A-Z][\w.]*\.[a-z]\w*(?:\(\))?)`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	if m[1][0] != '@' {
		return m[1]
	}
	line := regexp.MustCompile(`(?m)^  ` + m[1] + ` [^\n]*[^\s,(\[]$`).FindString(text)
	if line == "" {
		return ""
	}
	if w.prefixes == nil {
		w.prefixes = map[string]string{}
	}
	w.prefixes[m[1]] = line
	return m[1]
}

// literal is a text as SQL.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// onlyLinks reports whether all that the rows of a table say is which rows they link, so
// that one that is there twice may go: nothing refers to it, and it holds nothing else.
func onlyLinks(d *ir.Database, t *ir.Table, columns []string) bool {
	if slices.ContainsFunc(t.Columns, func(c ir.Column) bool {
		return !slices.Contains(columns, c.Name) && !slices.Contains([]string{"id", "inserted_at", "updated_at", "created_at"}, c.Name)
	}) {
		return false
	}
	linked := 0
	for i := range t.ForeignKeys {
		if slices.Contains(columns, t.ForeignKeys[i].Columns[0]) {
			linked++
		}
	}
	return linked == len(columns) && !d.Refers(t, func(*ir.ForeignKey) bool { return true })
}

// repeated deletes the links that are there twice, but for one of each.
func (h habits) repeated(c *fix.CreateIndex) string {
	table := tableSQL(c.Database, c.Table.Schema, c.Table.Name)
	same := []string{"a.ctid < b.ctid"}
	for _, n := range c.Columns {
		same = append(same, "a."+ident(n)+" = b."+ident(n))
	}
	return h.execute("DELETE FROM "+table+" a USING "+table+" b", "WHERE "+strings.Join(same, " AND "))
}

// duplicates stops a migration when rows have the same values.
func (h habits) duplicates(c *fix.CreateIndex) string {
	var where []string
	for _, n := range c.Columns {
		if col := c.Table.Column(n); col == nil || col.Null {
			where = append(where, ident(n)+" IS NOT NULL")
		}
	}
	if c.Where != "" {
		where = append(where, "("+c.Where+")")
	}
	query := []string{"    SELECT 1 FROM " + tableSQL(c.Database, c.Table.Schema, c.Table.Name)}
	if len(where) > 0 {
		query = append(query, "    WHERE "+strings.Join(where, " AND "))
	}
	lines := append([]string{"DO $$", "BEGIN", "  IF EXISTS ("}, query...)
	const why = "# A concurrent build that meets duplicates leaves an invalid index behind.\n"
	return why + h.execute(append(lines,
		"    GROUP BY "+idents(c.Columns)+" HAVING count(*) > 1",
		"  ) THEN",
		"    RAISE EXCEPTION "+literal(strings.ReplaceAll(c.Table.Name+" holds rows with the same "+strings.Join(c.Columns, ", "), "%", "%%"))+";",
		"  END IF;",
		"END $$",
	)...)
}
