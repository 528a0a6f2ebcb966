package replay

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// drift lists where the database of a dump differs from the one that its
// migrations make by themselves. Only what both sides know is compared: where
// something that a migration does is not known, what the dump alone has may come
// from there.
func drift(migrated, dumped *state) []ir.Drift {
	anywhere := slices.ContainsFunc(migrated.db.Gaps, func(g ir.Gap) bool { return g.Table == "" })
	var out []ir.Drift
	for _, q := range bothNames(migrated, dumped) {
		a, b := migrated.tables[q], dumped.tables[q]
		switch {
		case q.name == "schema_migrations", partOf(a), partOf(b):
		case a == nil && anywhere:
		case a == nil:
			out = append(out, ir.Drift{Table: q.name, What: "table", Dump: q.name, Made: b.Made})
		case b == nil:
			gone := slices.ContainsFunc(migrated.db.Gaps, func(g ir.Gap) bool { return g.Wide }) // maybe by a name that is not known
			if !a.Partial && !a.Maybe && !gone {
				out = append(out, ir.Drift{Table: q.name, What: "table", Migrations: q.name, Made: a.Made})
			}
		case !a.Partial && !a.Maybe:
			open := slices.ContainsFunc(migrated.db.Gaps, func(g ir.Gap) bool { return g.Wide || g.Table == q.name })
			d := comparison{table: q.name, open: open}
			d.compare(a, b)
			out = append(out, d.out...)
		}
	}
	return out
}

// partOf reports whether a table is a partition of another: what is done to that reaches it.
func partOf(t *ir.Table) bool { return t != nil && t.Parent != "" }

func bothNames(a, b *state) []qname {
	var out []qname
	for q := range a.tables {
		out = append(out, q)
	}
	for q := range b.tables {
		if a.tables[q] == nil {
			out = append(out, q)
		}
	}
	slices.SortFunc(out, func(x, y qname) int { return compareNames(x.schema, x.name, y.schema, y.name) })
	return out
}

// fact is one thing that is true of a table, as a text to compare.
type fact struct {
	text  string
	made  ir.Origin
	maybe bool
}

type comparison struct {
	table string
	open  bool // the migrations may do more to it than is known
	out   []ir.Drift
}

// compare compares two tables: the one of the migrations and that of the dump.
func (d *comparison) compare(a, b *ir.Table) {
	x, y := facts(a), facts(b)
	var names []string
	for n := range x {
		names = append(names, n)
	}
	for n := range y {
		if _, both := x[n]; !both {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		fa, fb := x[n], y[n]
		if fa.maybe || fa.text == fb.text || plain(fa.text) == plain(fb.text) {
			continue
		}
		if fa.text == "" && d.open || strings.HasPrefix(n, "column ") && keyOfAge(a, n[len("column "):], fa.text, fb.text) {
			continue
		}
		made := fa.made
		if fa.text == "" {
			made = fb.made
		}
		d.out = append(d.out, ir.Drift{Table: d.table, What: n, Dump: fb.text, Migrations: fa.text, Made: made})
	}
}

// keyOfAge reports whether the two texts of a key's column differ by the width of
// integers alone, as the version of the library makes them that runs the migration:
// the early ones made keys of 32 bits.
func keyOfAge(t *ir.Table, column, migrations, dump string) bool {
	narrow, ok := strings.CutPrefix(dump, "integer")
	if !ok || plain("bigint"+narrow) != plain(migrations) {
		return false
	}
	return t.PrimaryKey != nil && slices.Contains(t.PrimaryKey.Columns, column) ||
		slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Contains(k.Columns, column) })
}

// facts are the columns, keys and indexes of a table, by what they are called.
func facts(t *ir.Table) map[string]fact {
	out := map[string]fact{}
	for _, c := range t.Columns {
		out["column "+c.Name] = fact{columnText(&c), c.Changed, c.Maybe}
	}
	if k := t.PrimaryKey; k != nil {
		out["primary key"] = fact{k.Name + " (" + strings.Join(k.Columns, ", ") + ")", k.Made, false}
	}
	for i := range t.Indexes {
		out["index "+t.Indexes[i].Name] = fact{t.Indexes[i].String(), t.Indexes[i].Made, t.Indexes[i].Maybe}
	}
	for i := range t.ForeignKeys {
		out["foreign key "+t.ForeignKeys[i].Name] = fact{t.ForeignKeys[i].String(), t.ForeignKeys[i].Made, t.ForeignKeys[i].Maybe}
	}
	for i := range t.Constraints {
		c := &t.Constraints[i]
		text := "check"
		if c.Kind != ir.CheckConstraint {
			text = c.String()
		}
		out["constraint "+c.Name] = fact{text, c.Made, c.Maybe}
	}
	return out
}

func columnText(c *ir.Column) string {
	out := c.Type
	if !c.Null {
		out += " not null"
	}
	if c.Default != "" && !nothing(c.Default) {
		out += " default " + c.Default
	}
	return out
}

// nothing reports whether a default is NULL, with a cast or without.
func nothing(text string) bool {
	text, _, _ = strings.Cut(text, "::")
	return strings.EqualFold(text, "null")
}

// madeNumber is the number that PostgreSQL puts behind a name of its own making when
// a table that was renamed still has that name.
var madeNumber = regexp.MustCompile(`(_pkey|_seq)\d+\b`)

// quotedNumber is a negative number as pg_dump prints it as a default: '-1'::integer.
var quotedNumber = regexp.MustCompile(`'(-[0-9.]+)'`)

// plain is a text without what PostgreSQL adds when it prints an expression:
// casts, parentheses, quotes and blanks; and without the precision of times in
// seconds, which migrations of one text make or do not make by the version of the
// library that ran them.
func plain(s string) string {
	s = strings.ReplaceAll(s, "public.", "")
	s = strings.NewReplacer("'true'", "true", "'false'", "false", "timestamp(0)", "timestamp", "time(0)", "time").Replace(s)
	s = madeNumber.ReplaceAllString(s, "$1")
	s = quotedNumber.ReplaceAllString(s, "$1")
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ':' && i+1 < len(s) && s[i+1] == ':':
			i = castEnd(s, i+2) - 1
		case c == '(' || c == ')' || c == ' ' || c == '\n' || c == '\t' || c == '"':
		case c >= 'A' && c <= 'Z':
			b.WriteByte(c | 0x20)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// castEnd is where the type that begins at i ends.
func castEnd(s string, i int) int {
	for i < len(s) && (isNameByte(s[i]) || s[i] == '"' || s[i] == '.' || s[i] == '[' || s[i] == ']') {
		i++
	}
	for _, more := range []string{" varying", " without time zone", " with time zone", " precision"} {
		if strings.HasPrefix(s[i:], more) {
			i += len(more)
		}
	}
	for strings.HasPrefix(s[i:], "[]") {
		i += 2
	}
	return i
}
