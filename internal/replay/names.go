package replay

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/ir"
)

// made joins the parts of a name that PostgreSQL makes up. Where it is too
// long, the longer of the table and the columns loses characters.
func made(table, columns, label string) string {
	overhead := len(label) + 1
	if columns != "" {
		overhead++
	}
	n1, n2 := len(table), len(columns)
	for n1+n2+overhead > ir.LongestName {
		if n1 > n2 {
			n1--
		} else {
			n2--
		}
	}
	out := ir.Clip(table, n1)
	if columns != "" {
		out += "_" + ir.Clip(columns, n2)
	}
	return out + "_" + label
}

// freeName makes up a name that nothing else has; a number behind the label
// tells it from others.
func freeName(table, columns, label string, taken func(string) bool) string {
	name := made(table, columns, label)
	for n := 1; taken(name); n++ {
		name = made(table, columns, label+strconv.Itoa(n))
	}
	return name
}

// relationTaken reports whether a table, view or index of a schema has a name.
func (s *state) relationTaken(schema string) func(string) bool {
	return func(name string) bool {
		q := qname{schema, name}
		if s.tables[q] != nil || s.views[q] != nil || s.sequences[q] != nil || s.keyNamed(q) != nil {
			return true
		}
		owner, _ := s.index(q)
		return owner != nil
	}
}

func constraintTaken(t *ir.Table) func(string) bool {
	return func(name string) bool {
		for _, k := range t.ForeignKeys {
			if k.Name == name {
				return true
			}
		}
		for _, c := range t.Constraints {
			if c.Name == name {
				return true
			}
		}
		return t.PrimaryKey != nil && t.PrimaryKey.Name == name
	}
}

var notWord = regexp.MustCompile(`[^\w]`)

// indexName is the name that Ecto gives an index: table_column_index, with what
// is no letter replaced.
func indexName(table string, columns []string) string {
	parts := []string{wordOf(table)}
	for _, c := range columns {
		parts = append(parts, wordOf(c))
	}
	return strings.Join(append(parts, "index"), "_")
}

func wordOf(s string) string {
	return strings.TrimRight(notWord.ReplaceAllString(s, "_"), "_")
}

func isNameByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

// eachWord calls f with the place of every bare or quoted name in an SQL
// expression; what stands in strings is none.
func eachWord(expr string, f func(start, end int)) {
	for i := 0; i < len(expr); {
		switch c := expr[i]; {
		case c == '\'':
			end := strings.IndexByte(expr[i+1:], '\'')
			if end < 0 {
				return
			}
			i += end + 2
		case isNameByte(c):
			start := i
			for i < len(expr) && isNameByte(expr[i]) {
				i++
			}
			f(start, i)
		default:
			i++
		}
	}
}

// mentions reports whether an SQL expression has a name in it.
func mentions(expr, name string) bool {
	found := false
	eachWord(expr, func(start, end int) { found = found || expr[start:end] == name })
	return found
}

// renamed is an SQL expression with another name in place of one.
func renamed(expr, from, to string) string {
	if !mentions(expr, from) {
		return expr
	}
	var b strings.Builder
	last := 0
	eachWord(expr, func(start, end int) {
		if expr[start:end] == from {
			b.WriteString(expr[last:start])
			b.WriteString(to)
			last = end
		}
	})
	return b.String() + expr[last:]
}
