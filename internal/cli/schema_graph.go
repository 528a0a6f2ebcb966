package cli

import (
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// link is an edge between two tables: a foreign key, or an association that
// has none.
type link struct {
	from, to *ir.Table
	columns  []string
	enforced bool
}

// links are the edges of a database, in the order of its tables: foreign keys
// first, then what modules say.
func (m *mapping) links(d *ir.Database) []link {
	var out []link
	for _, t := range d.Tables {
		for i := range t.ForeignKeys {
			k := &t.ForeignKeys[i]
			if to := d.Table(k.Schema, k.Table); to != nil {
				out = append(out, link{t, to, k.Columns, true})
			}
		}
		out = append(out, m.unenforced(t, out)...)
	}
	return out
}

// unenforced are the associations of a table's modules that no foreign key
// stands for.
func (m *mapping) unenforced(t *ir.Table, known []link) []link {
	var out []link
	for _, s := range m.modules[t] {
		for i := range s.Associations {
			a := &s.Associations[i]
			column := s.ColumnOf(a.OwnerKey)
			if a.Kind != ir.BelongsTo || a.Schema < 0 || column == "" {
				continue
			}
			other := m.p.Schemas[a.Schema]
			same := func(l link) bool { return l.from == t && slices.Contains(l.columns, column) }
			if other.Rows == nil || other.Database != s.Database || slices.ContainsFunc(known, same) || slices.ContainsFunc(out, same) {
				continue
			}
			out = append(out, link{t, other.Rows, []string{column}, false})
		}
	}
	return out
}

// names gives each table of a program a name of its own.
func (m *mapping) names() map[*ir.Table]string {
	out := map[*ir.Table]string{}
	for _, d := range m.p.Databases {
		for _, t := range d.Tables {
			name := qualifiedName(t.Schema, t.Name)
			if len(m.p.Databases) > 1 {
				name = d.Name + ": " + name
			}
			out[t] = name
		}
	}
	return out
}

// mermaid prints an entity relationship diagram.
type mermaid struct {
	io.Writer
	*mapping
}

func (p mermaid) print() {
	names := p.names()
	fmt.Fprintln(p, "erDiagram")
	for _, d := range p.p.Databases {
		for _, t := range d.Tables {
			p.table(names[t], t)
		}
		for _, l := range p.links(d) {
			p.link(names, l)
		}
	}
}

func (p mermaid) table(name string, t *ir.Table) {
	fmt.Fprintf(p, "  %s {\n", quotedWord(name))
	for i := range t.Columns {
		c := &t.Columns[i]
		var marks []string
		if t.PrimaryKey != nil && slices.Contains(t.PrimaryKey.Columns, c.Name) {
			marks = append(marks, "PK")
		}
		if slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Contains(k.Columns, c.Name) }) {
			marks = append(marks, "FK")
		}
		line := bareWord(shortType(c.Type)) + " " + bareWord(c.Name)
		if len(marks) > 0 {
			line += " " + strings.Join(marks, ",")
		}
		if c.Null {
			line += ` "null"`
		}
		fmt.Fprintf(p, "    %s\n", line)
	}
	fmt.Fprintln(p, "  }")
}

// link prints `"users" ||--o{ "orders" : "user_id"`: a row has one other row, or
// none where the column may be null; the other row has many, or one where the
// column is unique. Without a foreign key the line is dotted.
func (p mermaid) link(names map[*ir.Table]string, l link) {
	one, line, many := "||", "--", "o{"
	for _, c := range l.columns {
		if col := l.from.Column(c); col == nil || col.Null {
			one = "|o"
		}
	}
	if !l.enforced {
		line = ".."
	}
	if unique(l.from, l.columns) {
		many = "o|"
	}
	fmt.Fprintf(p, "  %s %s%s%s %s : %s\n", quotedWord(names[l.to]), one, line, many, quotedWord(names[l.from]), quotedWord(strings.Join(l.columns, ", ")))
}

// unique reports whether no two rows of a table have the same columns.
func unique(t *ir.Table, columns []string) bool {
	if t.PrimaryKey != nil && slices.Equal(t.PrimaryKey.Columns, columns) {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool {
		return x.Unique && x.Full() && len(x.Keys) == len(columns) && slices.Equal(x.Columns(), columns)
	})
}

// quotedWord is a name in quotes, without what would end or change them.
func quotedWord(s string) string {
	return `"` + source.Printable(strings.NewReplacer(`"`, "'", "\\", "/", "\n", " ").Replace(s)) + `"`
}

// bareWord is a name of letters, digits and what else mermaid takes.
func bareWord(s string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-[]()", r) {
			return r
		}
		return '_'
	}, s)
	if out == "" || out[0] < 'A' {
		out = "_" + out
	}
	return out
}

// dot prints a graph for Graphviz.
type dot struct {
	io.Writer
	*mapping
}

func (p dot) print() {
	names := p.names()
	fmt.Fprintln(p, "digraph schema {\n  rankdir=LR;\n  node [shape=plain, fontname=\"Helvetica\"];\n  edge [fontname=\"Helvetica\"];")
	for _, d := range p.p.Databases {
		for _, t := range d.Tables {
			p.table(names[t], t)
		}
		for _, l := range p.links(d) {
			style := ""
			if !l.enforced {
				style = ", style=dashed"
			}
			fmt.Fprintf(p, "  %s -> %s [label=%s%s];\n", quotedWord(names[l.from]), quotedWord(names[l.to]), quotedWord(strings.Join(l.columns, ", ")), style)
		}
	}
	fmt.Fprintln(p, "}")
}

func (p dot) table(name string, t *ir.Table) {
	fmt.Fprintf(p, "  %s [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">\n", quotedWord(name))
	fmt.Fprintf(p, "    <tr><td colspan=\"2\"><b>%s</b></td></tr>\n", markup(name))
	for i := range t.Columns {
		c := &t.Columns[i]
		null := ""
		if c.Null {
			null = " null"
		}
		fmt.Fprintf(p, "    <tr><td align=\"left\">%s</td><td align=\"left\">%s</td></tr>\n", markup(c.Name), markup(shortType(c.Type)+null))
	}
	fmt.Fprintln(p, "  </table>>];")
}

// markup is text inside a label that looks like HTML.
func markup(s string) string { return html.EscapeString(source.Printable(s)) }
