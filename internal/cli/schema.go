package cli

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

func (a *app) schema() *cobra.Command {
	var format string
	formats := []string{"text", "json", "mermaid", "dot"}
	c := &cobra.Command{
		Use:   "schema [PATH]",
		Short: "Show the databases, and the modules that map to them",
		Long: `Show the databases as the migrations leave them: the columns, keys and indexes
of each table, the schema modules that map to it, what points at it, and how the
program asks for its rows.`,
		Example: "  assay schema\n  assay schema --format mermaid > schema.mmd\n  assay schema --format dot | dot -Tsvg > schema.svg",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(formats, format) {
				return usage(c, "there is no format `%s`: --format is text, json, mermaid or dot", format)
			}
			s, _, err := a.snapshot(args)
			if err != nil {
				return err
			}
			width, _ := terminal(a.Out)
			return printSchema(a.Out, s, format, width)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "how to print: text, json, mermaid or dot")
	completeWith(c, "format", formats)
	return c
}

// printSchema prints in one of the formats; text is folded at width columns,
// unless that is 0.
func printSchema(out io.Writer, s *engine.Snapshot, format string, width int) error {
	w := bufio.NewWriter(out)
	m := newMapping(s)
	switch format {
	case "json":
		return printMappingJSON(out, m)
	case "mermaid":
		mermaid{w, m}.print()
	case "dot":
		dot{w, m}.print()
	default:
		schemaPage{w, m, width}.print()
	}
	return w.Flush()
}

// mapping is the databases of a program with what maps to their tables.
type mapping struct {
	files   *source.Set
	p       *ir.Program
	modules map[*ir.Table][]*ir.Schema
	joins   map[*ir.Table][]string // the associations that a table joins
	at      map[*ir.Table][]pointer
	uses    map[*ir.Table][]use
}

// pointer is a foreign key of another table.
type pointer struct {
	from *ir.Table
	key  *ir.ForeignKey
}

func newMapping(s *engine.Snapshot) *mapping {
	m := &mapping{
		files: s.Files, p: s.Program,
		modules: map[*ir.Table][]*ir.Schema{}, joins: map[*ir.Table][]string{}, at: map[*ir.Table][]pointer{},
	}
	m.uses = usesOf(s, func(a *query.Access) string { return m.place(s.Flow.Span(a.Clause, a.Expr)) })
	for _, d := range m.p.Databases {
		for _, t := range d.Tables {
			for i := range t.ForeignKeys {
				k := &t.ForeignKeys[i]
				if to := d.Table(k.Schema, k.Table); to != nil {
					m.at[to] = append(m.at[to], pointer{t, k})
				}
			}
		}
	}
	for _, s := range m.p.Schemas {
		if m.inMigration(s) {
			continue
		}
		if s.Rows != nil {
			m.modules[s.Rows] = append(m.modules[s.Rows], s)
		}
		m.joined(s)
	}
	return m
}

// inMigration reports whether a schema is a migration's own, as the table was
// then.
func (m *mapping) inMigration(s *ir.Schema) bool {
	return m.files.File(s.Span.File).Kind == source.Migration
}

// joined notes the tables that associations of a schema go through.
func (m *mapping) joined(s *ir.Schema) {
	if s.Database < 0 {
		return
	}
	for i := range s.Associations {
		a := &s.Associations[i]
		if t := m.p.Databases[s.Database].Table("", a.JoinTable); a.JoinTable != "" && t != nil {
			m.joins[t] = append(m.joins[t], m.p.SchemaName(s)+"."+a.Name)
		}
	}
}

func (m *mapping) place(s source.Span) string {
	f := m.files.File(s.File)
	return fmt.Sprintf("%s:%d", f.Path, f.Line(s.Start))
}

// schemaPage is the text form.
type schemaPage struct {
	io.Writer
	*mapping
	width int
}

func (p schemaPage) print() {
	if len(p.p.Databases) == 0 {
		p.line(0, "There is no database: no migrations and no dump were found.")
	}
	for i, d := range p.p.Databases {
		if i > 0 {
			p.gap()
		}
		p.database(d)
	}
	p.strays()
}

func (p schemaPage) gap() { fmt.Fprintln(p) }

// line prints one line that no terminal obeys, folded at the width of the
// terminal.
func (p schemaPage) line(indent int, text string) {
	rest := source.Printable(strings.ReplaceAll(text, "\n", " "))
	for by := indent; rest != ""; by = indent + 4 {
		now := rest
		if p.width > 0 {
			now = fold(rest, max(p.width-by, narrowest))
		}
		rest = strings.TrimLeft(rest[len(now):], " ")
		fmt.Fprintln(p, strings.Repeat(" ", by)+strings.TrimRight(now, " "))
	}
}

// narrowest is the least width that a line is folded to.
const narrowest = 24

// fold is the beginning of text, up to a space, that fits in a width; a word
// that is longer stays whole.
func fold(text string, width int) string {
	if displaywidth.String(text) <= width {
		return text
	}
	cut := len(text)
	for i := range len(text) {
		if text[i] != ' ' || strings.TrimSpace(text[:i]) == "" {
			continue
		}
		if cut < len(text) && displaywidth.String(text[:i]) > width {
			break
		}
		cut = i
	}
	return text[:cut]
}

func (p schemaPage) database(d *ir.Database) {
	text := "database " + d.Name
	if d.Repo != "" {
		text += " of " + d.Repo
	}
	text += fmt.Sprintf(": %s, %s", counted(len(d.Tables), "table"), counted(len(d.Migrations), "migration"))
	if d.Dump != source.NoFile {
		text += ", from " + p.files.File(d.Dump).Path
	}
	p.line(0, text)
	for _, t := range d.Tables {
		p.gap()
		p.table(t)
	}
	for i := range d.Views {
		v := &d.Views[i]
		p.gap()
		p.line(0, map[bool]string{true: "materialized view ", false: "view "}[v.Materialized]+qualifiedName(v.Schema, v.Name))
	}
	if n := len(d.Gaps) + len(d.Drift); n > 0 {
		p.gap()
		p.line(0, fmt.Sprintf("%s not known, %s between dump and migrations: `assay dump schema` lists them.",
			counted(len(d.Gaps), "thing"), counted(len(d.Drift), "difference")))
	}
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// table prints what is known of a table.
func (p schemaPage) table(t *ir.Table) {
	p.line(0, p.tableHead(t))
	p.columns(t)
	p.keys(t)
	p.mapped(t)
	p.pointers(t)
	for i := range p.uses[t] {
		p.line(2, p.uses[t][i].text())
	}
}

func (p schemaPage) tableHead(t *ir.Table) string {
	text := qualifiedName(t.Schema, t.Name)
	switch {
	case t.Partial:
		text += ", made by nothing known"
	case t.Maybe:
		text += ", maybe"
	}
	if t.Parent != "" {
		text += ", a partition of " + t.Parent
	}
	if len(p.modules[t]) == 0 && len(p.joins[t]) == 0 && t.Parent == "" && t.Name != "schema_migrations" {
		text += " (no module)"
	}
	return text
}

// widestName bounds the columns of the text, so that one long name does not
// push all others away.
const widestName = 32

func (p schemaPage) columns(t *ir.Table) {
	names, types := 0, 0
	for i := range t.Columns {
		names = max(names, displaywidth.String(t.Columns[i].Name))
		types = max(types, displaywidth.String(shortType(t.Columns[i].Type)))
	}
	names, types = min(names, widestName), min(types, widestName)
	for i := range t.Columns {
		c := &t.Columns[i]
		text := pad(c.Name, names) + "  " + pad(shortType(c.Type), types)
		null := "  not null"
		if c.Null {
			null = "  null    "
		}
		text += null
		if c.Default != "" {
			text += "  default " + c.Default
		}
		if c.Generated != "" {
			text += "  generated as " + c.Generated
		}
		if c.Maybe {
			text += "  (maybe)"
		}
		p.line(2, text)
	}
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-displaywidth.String(s)))
}

// shortType is a type as people write it.
func shortType(t string) string {
	if t == "" {
		return "?"
	}
	return strings.NewReplacer(
		"character varying", "varchar", " without time zone", "", "timestamp with time zone", "timestamptz",
		"double precision", "float8",
	).Replace(zoned(t))
}

// zoned moves the precision of `timestamp(0) with time zone` behind the name.
func zoned(t string) string {
	for _, n := range "0123456" {
		t = strings.Replace(t, "timestamp("+string(n)+") with time zone", "timestamptz("+string(n)+")", 1)
	}
	return t
}

func (p schemaPage) keys(t *ir.Table) {
	if k := t.PrimaryKey; k != nil {
		p.line(2, "key "+strings.Join(k.Columns, ", "))
	}
	for i := range t.Indexes {
		if x := &t.Indexes[i]; !x.Backing {
			p.line(2, "index "+x.Name+" "+x.String()+maybe(x.Maybe))
		}
	}
	for i := range t.ForeignKeys {
		k := &t.ForeignKeys[i]
		p.line(2, "refers "+k.String()+maybe(k.Maybe))
	}
	for i := range t.Constraints {
		c := &t.Constraints[i]
		p.line(2, "constraint "+c.Name+" "+c.String()+maybe(c.Maybe))
	}
}

func maybe(is bool) string {
	if is {
		return " (maybe)"
	}
	return ""
}

// mapped prints the modules of a table, and the associations that it joins.
func (p schemaPage) mapped(t *ir.Table) {
	for _, s := range p.modules[t] {
		text := "module " + p.p.SchemaName(s) + "  " + p.place(s.Span)
		if s.Partial {
			text += "  (understood in part)"
		}
		p.line(2, text)
		for i := range s.Associations {
			p.line(4, p.associationLine(&s.Associations[i]))
		}
	}
	if list := p.joins[t]; len(list) > 0 {
		slices.Sort(list)
		p.line(2, "joins "+strings.Join(slices.Compact(list), ", "))
	}
}

func (p schemaPage) associationLine(a *ir.Association) string {
	text := a.Kind.String() + " " + a.Name
	switch {
	case len(a.Through) > 0:
		return text + " through " + strings.Join(a.Through, ", ")
	case a.Kind == ir.ManyToMany:
		text += ": " + a.Related + " through " + a.JoinTable + " (" + a.JoinOwner + ", " + a.JoinRelated + ")"
	case a.Kind == ir.BelongsTo:
		text += ": " + a.Related + " by " + a.OwnerKey
	default:
		text += ": " + a.Related + " by its " + a.RelatedKey
	}
	if a.OnDelete != ir.NoAction {
		text += ", on delete " + strings.ToLower(a.OnDelete.String())
	}
	if a.Filtered {
		text += ", filtered"
	}
	return text
}

// pointers prints what refers to a table, in a line for each thing that a
// deletion does.
func (p schemaPage) pointers(t *ir.Table) {
	by := map[ir.Action][]string{}
	for _, at := range p.at[t] {
		by[at.key.OnDelete] = append(by[at.key.OnDelete], qualifiedName(at.from.Schema, at.from.Name)+"."+strings.Join(at.key.Columns, "+"))
	}
	for _, action := range slices.Sorted(maps.Keys(by)) {
		text := "pointed at by "
		if action != ir.NoAction {
			text = "pointed at, on delete " + strings.ToLower(action.String()) + ", by "
		}
		p.line(2, text+strings.Join(by[action], ", "))
	}
}

// strays names the tables without a module and the modules without a table.
func (p schemaPage) strays() {
	var tables []string
	for _, d := range p.p.Databases {
		for _, t := range d.Tables {
			if strings.HasSuffix(p.tableHead(t), "(no module)") {
				tables = append(tables, qualifiedName(t.Schema, t.Name))
			}
		}
	}
	p.strayList("tables without a module: ", tables)
	var modules []string
	for _, s := range p.p.Schemas {
		if !s.Embedded && s.Rows == nil && s.Table != "" && !p.inMigration(s) && !p.view(s) {
			modules = append(modules, p.p.SchemaName(s)+" ("+path.Join(s.Prefix, s.Table)+")")
		}
	}
	p.strayList("modules without a table: ", modules)
}

// view reports whether a schema maps to a view.
func (m *mapping) view(s *ir.Schema) bool {
	for _, d := range m.p.Databases {
		for i := range d.Views {
			if v := &d.Views[i]; v.Name == s.Table && (s.Prefix == "" || s.Prefix == v.Schema) {
				return true
			}
		}
	}
	return false
}

func (p schemaPage) strayList(what string, list []string) {
	if len(list) > 0 {
		p.gap()
		p.line(0, what+strings.Join(list, ", "))
	}
}
