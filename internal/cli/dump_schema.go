package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

func (a *app) dumpSchema() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "schema [PATH]",
		Short: "Print the databases as the migrations leave them",
		Long: `Print the databases as the migrations leave them: tables with their columns, keys,
indexes and constraints, each with the migration that made it, and what is not
known about them.`,
		Example: "  assay dump schema\n  assay dump schema --format json apps/shop",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usage(c, "there is no format `%s`: --format is text or json", format)
			}
			s, _, err := a.snapshot(args)
			if err != nil {
				return err
			}
			list := s.Program.Databases
			if format == "json" {
				return printSchemaJSON(a.Out, s.Files, list)
			}
			w := bufio.NewWriter(a.Out)
			for _, db := range list {
				schemaPrinter{w, s.Files, db}.database()
			}
			return w.Flush()
		},
	}
	c.Flags().StringVar(&format, "format", "text", "how to print: text or json")
	completeWith(c, "format", []string{"text", "json"})
	return c
}

func (a *app) dumpMapping() *cobra.Command {
	return &cobra.Command{
		Use:     "mapping [PATH]",
		Short:   "Print what modules map to tables, with fields and associations",
		Example: "  assay dump mapping",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, _, err := a.snapshot(args)
			if err != nil {
				return err
			}
			var b strings.Builder
			if err := s.Program.DumpSchemas(&b); err != nil {
				return err
			}
			for line := range strings.Lines(b.String()) {
				schemaPrinter{Writer: a.Out}.line("%s", strings.TrimSuffix(line, "\n"))
			}
			return nil
		},
	}
}

// schemaPrinter prints one database as text.
type schemaPrinter struct {
	io.Writer
	files *source.Set
	db    *ir.Database
}

func (p schemaPrinter) database() {
	head := "database " + p.db.Name
	if p.db.Repo != "" {
		head += " of " + p.db.Repo
	}
	p.line("%s, %d migrations", head, len(p.db.Migrations))
	if p.db.Dump != source.NoFile {
		p.line("  from the dump %s", p.files.File(p.db.Dump).Path)
	}
	p.blank(len(p.db.Enums))
	for _, e := range p.db.Enums {
		p.line("enum %s (%s)%s", qualifiedName(e.Schema, e.Name), strings.Join(e.Values, ", "), p.origin(-1, e.Made))
	}
	for _, t := range p.db.Tables {
		p.table(t)
	}
	for i := range p.db.Views {
		p.view(&p.db.Views[i])
	}
	p.blank(len(p.db.Drift))
	for _, d := range p.db.Drift {
		p.line("drift of %s, %s: the dump has %s, the migrations make %s%s", d.Table, d.What, orNothing(d.Dump), orNothing(d.Migrations), p.origin(-1, d.Made))
	}
	p.blank(len(p.db.Gaps))
	for _, g := range p.db.Gaps {
		f := p.files.File(g.Span.File)
		p.line("not known: %s:%d: %s", f.Path, f.Line(g.Span.Start), gapText(g))
	}
	p.blank(1)
}

// line prints one line that no terminal obeys.
func (p schemaPrinter) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	fmt.Fprintln(p, indent+source.Printable(strings.ReplaceAll(strings.TrimLeft(text, " "), "\n", " ")))
}

// blank divides parts that are not empty.
func (p schemaPrinter) blank(size int) {
	if size > 0 {
		fmt.Fprintln(p)
	}
}

func gapText(g ir.Gap) string {
	if g.Table == "" {
		return g.Reason
	}
	return g.Table + ": " + g.Reason
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// qualifiedName is a name with its schema, unless that is the usual one.
func qualifiedName(schema, name string) string {
	if schema == "public" {
		return name
	}
	return schema + "." + name
}

// origin says which migration made a thing, unless that is the version already
// told.
func (p schemaPrinter) origin(told int64, made ir.Origin) string {
	switch made.Version {
	case told:
		return ""
	case 0:
		return "  -- the dump"
	}
	return "  -- " + strconv.FormatInt(made.Version, 10)
}

func (p schemaPrinter) table(t *ir.Table) {
	f := p.files.File(t.Made.Span.File)
	text := ""
	switch {
	case t.Partial:
		text = ", made by nothing known"
	case t.Maybe:
		text = ", maybe"
	}
	if t.Parent != "" {
		text += ", a partition of " + t.Parent
	}
	p.blank(1)
	p.line("table %s  -- %s:%d%s", qualifiedName(t.Schema, t.Name), f.Path, f.Line(t.Made.Span.Start), text)
	told := t.Made.Version
	for i := range t.Columns {
		p.entry(told, t.Columns[i].Changed, t.Columns[i].Maybe, columnLine(&t.Columns[i]))
	}
	if k := t.PrimaryKey; k != nil {
		p.entry(told, k.Made, false, fmt.Sprintf("primary key %s (%s)", k.Name, strings.Join(k.Columns, ", ")))
	}
	for i := range t.Indexes {
		if x := &t.Indexes[i]; !x.Backing {
			p.entry(told, x.Made, x.Maybe, "index "+x.Name+" "+x.String())
		}
	}
	for i := range t.ForeignKeys {
		k := &t.ForeignKeys[i]
		p.entry(told, k.Made, k.Maybe, "foreign key "+k.Name+" "+k.String())
	}
	for i := range t.Constraints {
		c := &t.Constraints[i]
		p.entry(told, c.Made, c.Maybe, "constraint "+c.Name+" "+c.String())
	}
}

// entry prints one thing that belongs to a table or view.
func (p schemaPrinter) entry(told int64, made ir.Origin, maybe bool, text string) {
	if maybe {
		text += " (maybe)"
	}
	p.line("  %s%s", text, p.origin(told, made))
}

func columnLine(c *ir.Column) string {
	out := c.Name + " " + c.Type
	if c.Type == "" {
		out = c.Name + " of a type that is not known"
	}
	if !c.Null {
		out += " not null"
	}
	if c.Default != "" {
		out += " default " + c.Default
	}
	if c.Generated != "" {
		out += " generated as " + c.Generated
	}
	return out
}

func (p schemaPrinter) view(v *ir.View) {
	kind := "view"
	if v.Materialized {
		kind = "materialized view"
	}
	p.blank(1)
	p.line("%s %s%s", kind, qualifiedName(v.Schema, v.Name), p.origin(-1, v.Made))
	for i := range v.Indexes {
		x := &v.Indexes[i]
		p.entry(v.Made.Version, x.Made, x.Maybe, "index "+x.Name+" "+x.String())
	}
}

// printSchemaJSON prints databases as JSON, with places as file and line.
func printSchemaJSON(w io.Writer, files *source.Set, list []*ir.Database) error {
	out := make([]schemaJSON, 0, len(list))
	for _, db := range list {
		out = append(out, schemaOf(files, db))
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}
