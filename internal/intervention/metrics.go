package intervention

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// metrics are the figures before and after: first what was counted, then what only
// a running system tells.
func (b *builder) metrics() {
	b.countFindings()
	for _, t := range b.touched.tables {
		b.countTable(t)
	}
	b.unmeasured()
}

func (b *builder) count(name string, before, after int, how string) {
	b.doc.Metrics = append(b.doc.Metrics, Metric{name, strconv.Itoa(before), strconv.Itoa(after), how, true})
}

// countFindings counts errors and warnings of the whole project, and those of each
// check that a problem comes from.
func (b *builder) countFindings() {
	how := "counted by `assay check`"
	for _, l := range []check.Level{check.Error, check.Warning} {
		name := map[check.Level]string{check.Error: "errors of the project", check.Warning: "warnings of the project"}[l]
		of := func(f *check.Finding) bool { return f.Level == l }
		b.count(name, findings(b.before, of), findings(b.after, of), how)
	}
	var seen []string
	for i := range b.Chosen {
		name := b.Chosen[i].Check
		if slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		of := func(f *check.Finding) bool { return f.Check == name }
		b.count("findings of `"+name+"`", findings(b.before, of), findings(b.after, of), "counted by `assay check --only "+name+"`")
	}
}

func findings(s *engine.Snapshot, of func(*check.Finding) bool) int {
	n := 0
	for i := range s.Findings {
		if of(&s.Findings[i]) {
			n++
		}
	}
	return n
}

// countTable counts what a table has and how it is asked, where the change makes a
// difference.
func (b *builder) countTable(t table) {
	old, now := tableOf(b.before.Program, t), tableOf(b.after.Program, t)
	if old == nil || now == nil {
		return
	}
	how := "counted in the migrations, as `assay schema` shows them"
	for _, f := range []struct {
		name string
		of   func(*ir.Table) int
	}{
		{"indexes", func(t *ir.Table) int { return len(t.Indexes) }},
		{"unique indexes", uniques},
		{"foreign keys", func(t *ir.Table) int { return len(t.ForeignKeys) }},
		{"columns that are never null", required},
		{"checks and other constraints", func(t *ir.Table) int { return len(t.Constraints) }},
	} {
		if before, after := f.of(old), f.of(now); before != after {
			b.count(f.name+" of `"+t.name+"`", before, after, how)
		}
	}
	before, all := unserved(b.before, old)
	after, _ := unserved(b.after, now)
	if before != after {
		b.count("queries that find rows of `"+t.name+"` and have no index to begin with, of "+strconv.Itoa(all), before, after,
			"counted in the code, as `assay dump queries` shows it")
	}
}

func tableOf(p *ir.Program, t table) *ir.Table {
	for _, d := range p.Databases {
		if d.Name == t.db.Name {
			return d.Table(t.schema, t.name)
		}
	}
	return nil
}

func uniques(t *ir.Table) int {
	n := 0
	for i := range t.Indexes {
		if t.Indexes[i].Unique {
			n++
		}
	}
	return n
}

func required(t *ir.Table) int {
	n := 0
	for i := range t.Columns {
		if !t.Columns[i].Null {
			n++
		}
	}
	return n
}

// unserved counts the queries that find rows of a table by plain columns, and those
// among them for which no index leads with any of these.
func unserved(s *engine.Snapshot, t *ir.Table) (without, all int) {
	seen := map[query.Hop]bool{}
	for _, a := range s.Queries.On(t) {
		at := query.Hop{Clause: a.Clause, Expr: a.Expr}
		if seen[at] {
			continue
		}
		cols := exactColumns(&a.Query)
		if len(cols) == 0 {
			continue
		}
		seen[at] = true
		all++
		if !slices.ContainsFunc(cols, func(c string) bool { return leads(t, c) }) {
			without++
		}
	}
	return without, all
}

func exactColumns(q *query.Query) []string {
	var out []string
	for i := range q.Filters {
		if f := &q.Filters[i]; f.Binding == 0 && f.Name != "" && f.Exact() {
			out = append(out, f.Name)
		}
	}
	return out
}

func leads(t *ir.Table, column string) bool {
	if t.PrimaryKey != nil && len(t.PrimaryKey.Columns) > 0 && t.PrimaryKey.Columns[0] == column {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return len(x.Keys) > 0 && x.Keys[0].Column == column })
}

// notMeasured stands for what only a running system tells.
const notMeasured = "not measured"

// unmeasured names what would be worth to measure, with the command.
func (b *builder) unmeasured() {
	add := func(name, how string) {
		b.doc.Metrics = append(b.doc.Metrics, Metric{name, notMeasured, notMeasured, how, false})
	}
	for i := range b.doc.Migrations {
		for _, c := range b.changesOf(&b.doc.Migrations[i]) {
			if c.Kind == ir.IndexAdded && b.index(c) != nil && len(c.Columns) > 0 && !slices.Contains(c.Columns, "") {
				add("time of a look-up in `"+c.Table+"` by `"+strings.Join(c.Columns, ", ")+"`", psql(explain(c)))
				add("size of the index `"+c.Name+"`", psql("SELECT pg_size_pretty(pg_relation_size("+literal(c.Name)+"))"))
			}
		}
	}
	for _, w := range b.watches {
		if w.unit == "s" {
			add(w.title, `curl -s "$PROMETHEUS_URL/api/v1/query" --data-urlencode `+shell("query="+w.query))
		}
	}
	if len(b.touched.funcs) > 0 {
		add("lines covered by tests", "mix test --cover")
	}
}

// changesOf are what the replay says of a migration of the document.
func (b *builder) changesOf(m *Migration) []*ir.Change {
	var out []*ir.Change
	for _, d := range b.after.Program.Databases {
		for i := range d.Migrations {
			x := &d.Migrations[i]
			if x.Version != m.Number || b.after.Files.File(x.Span.File).Path != m.Path {
				continue
			}
			for k := range x.Changes {
				out = append(out, &x.Changes[k])
			}
		}
	}
	return out
}

func explain(c *ir.Change) string {
	conds := make([]string, len(c.Columns))
	for i, col := range c.Columns {
		conds[i] = fmt.Sprintf("%s = (SELECT %s FROM %s LIMIT 1)", ident(col), ident(col), relation(c.Schema, c.Table))
	}
	return "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM " + relation(c.Schema, c.Table) + " WHERE " + strings.Join(conds, " AND ")
}

// reserved are words of SQL that are names of tables and columns all the same.
var reserved = strings.Fields("all analyse analyze and any array as asc both case cast check collate column constraint create default desc distinct " +
	"do else end except false fetch for foreign from grant group having in initially intersect into lateral leading limit not null offset on only or " +
	"order placing primary references returning select some table then to trailing true union unique user using variadic when where window with")

// ident is a name in SQL, quoted where it has to be.
func ident(name string) string {
	plain := name != "" && (name[0] < '0' || name[0] > '9') && !slices.Contains(reserved, name)
	for i := range len(name) {
		c := name[i]
		plain = plain && (c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9')
	}
	if plain {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// literal is a text in SQL.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func relation(schema, name string) string {
	if schema == "" || schema == "public" {
		return ident(name)
	}
	return ident(schema) + "." + ident(name)
}

// psql is a command that asks the database, quoted for a shell.
func psql(sql string) string {
	if !strings.ContainsAny(sql, "\"$`\\!") {
		return `psql "$DATABASE_URL" -c "` + sql + `"`
	}
	return `psql "$DATABASE_URL" -c ` + shell(sql)
}

// shell is a word of a shell command.
func shell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
