package checks

import (
	"slices"
	"strings"
	"unicode"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// guard is something of a table that refuses rows.
type guard struct {
	kind    query.Constraint
	name    string
	columns []string // those that it looks at
	where   string   // the rows that it looks at, or ""
	expr    string   // what a check constraint demands
	made    ir.Origin
	// nulls reports that it compares nulls too.
	nulls bool
	key   bool // it is the primary key
}

// guards are what refuses rows of a table for certain, by name.
func guards(t *ir.Table) []guard {
	var out []guard
	for i := range t.Indexes {
		if x := &t.Indexes[i]; x.Unique && !x.Maybe {
			out = append(out, guard{kind: query.Unique, name: x.Name, columns: indexColumns(t, x), where: x.Where, made: x.Made, nulls: x.NullsEqual})
		}
	}
	for i := range t.Constraints {
		c := &t.Constraints[i]
		if c.Maybe || c.Kind == ir.UniqueConstraint {
			continue // its index is among the indexes
		}
		g := guard{kind: query.Check, name: c.Name, columns: columnsIn(t, c.Expr), expr: c.Expr, made: c.Made}
		if c.Kind == ir.ExclusionConstraint {
			g.kind = query.Exclusion
		}
		out = append(out, g)
	}
	if k := t.PrimaryKey; k != nil {
		out = append(out, guard{kind: query.Unique, name: k.Name, columns: k.Columns, made: k.Made, key: true})
	}
	return out
}

// word is what a guard is called.
func (g *guard) word() string {
	switch {
	case g.key:
		return "primary key"
	case g.kind == query.Check:
		return "check constraint"
	case g.kind == query.Exclusion:
		return "exclusion constraint"
	}
	return "unique index"
}

// onlyEmpty reports whether a check constraint refuses nothing but the empty text,
// which casting makes nil of.
func (g *guard) onlyEmpty() bool {
	if g.kind != query.Check || g.expr == "" {
		return false
	}
	plain := strings.NewReplacer("::text", "", "::character varying", "", "(", "", ")", "", " ", "", `"`, "").Replace(g.expr)
	column, ok := strings.CutSuffix(strings.ReplaceAll(plain, "!=", "<>"), "<>''")
	return ok && slices.Contains(g.columns, column)
}

// indexColumns are the columns that an index looks at, those in expressions too.
func indexColumns(t *ir.Table, x *ir.TableIndex) []string {
	var out []string
	for _, k := range x.Keys {
		if k.Column != "" {
			out = append(out, k.Column)
			continue
		}
		out = append(out, columnsIn(t, k.Expr)...)
	}
	return out
}

// columnsIn are the columns of a table that an SQL expression names.
func columnsIn(t *ir.Table, expr string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(expr, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if t.Column(w) != nil && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// sameColumns reports whether two lists hold the same columns.
func sameColumns(a, b []string) bool { return within(a, b) && within(b, a) }

// within reports whether all of a are among b.
func within(a, b []string) bool {
	return !slices.ContainsFunc(a, func(x string) bool { return !slices.Contains(b, x) })
}

// quoted is a list of names in backticks, as a sentence has it.
func quoted(names []string) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = "`" + n + "`"
	}
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
	return strings.Join(list, "")
}

// tableWord is the name of a table as a reader knows it.
func tableWord(t *ir.Table) string {
	if t.Schema != "" && t.Schema != "public" {
		return t.Schema + "." + t.Name
	}
	return t.Name
}
