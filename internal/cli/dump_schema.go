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
	"github.com/assay-dev/assay/internal/replay"
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
			list := replay.Replay(s.Program)
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

// schemaPrinter prints one database as text.
type schemaPrinter struct {
	io.Writer
	files *source.Set
	db    *ir.Database
}

func (p schemaPrinter) database() {
	fmt.Fprintf(p, "database %s", source.Printable(p.db.Name))
	if p.db.Repo != "" {
		fmt.Fprintf(p, " of %s", source.Printable(p.db.Repo))
	}
	fmt.Fprintf(p, ", %d migrations\n", len(p.db.Migrations))
	if p.db.Dump != source.NoFile {
		fmt.Fprintf(p, "  from the dump %s\n", source.Printable(p.files.File(p.db.Dump).Path))
	}
	for _, e := range p.db.Enums {
		p.line(0, e.Made, "\nenum %s (%s)", qualifiedName(e.Schema, e.Name), strings.Join(e.Values, ", "))
	}
	for _, t := range p.db.Tables {
		p.table(t)
	}
	for i := range p.db.Views {
		p.view(&p.db.Views[i])
	}
	for _, d := range p.db.Drift {
		p.line(0, d.Made, "\ndrift %s: %s: %s in the dump, %s by the migrations", d.Table, d.What, orNone(d.Dump), orNone(d.Migrations))
	}
	for _, g := range p.db.Gaps {
		f := p.files.File(g.Span.File)
		fmt.Fprintf(p, "\nnot known: %s:%d: %s", source.Printable(f.Path), f.Line(g.Span.Start), source.Printable(gapText(g)))
	}
	fmt.Fprintln(p)
	if len(p.db.Gaps)+len(p.db.Drift) > 0 {
		fmt.Fprintln(p)
	}
}

func gapText(g ir.Gap) string {
	if g.Table == "" {
		return g.Reason
	}
	return g.Table + ": " + g.Reason
}

func orNone(s string) string {
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

// line prints one thing, and behind it the migration that made it, unless that
// is the version already told.
func (p schemaPrinter) line(told int64, made ir.Origin, format string, args ...any) {
	fmt.Fprint(p, printableLines(fmt.Sprintf(format, args...)))
	if made.Version != told {
		fmt.Fprintf(p, "  -- %s", p.origin(made))
	}
}

// printableLines is a text as one line that no terminal obeys, after the line
// breaks that it begins with.
func printableLines(s string) string {
	rest := strings.TrimLeft(s, "\n")
	return s[:len(s)-len(rest)] + source.Printable(strings.Join(strings.Fields(rest), " "))
}

func (p schemaPrinter) origin(made ir.Origin) string {
	if made.Version == 0 {
		return "the dump"
	}
	return strconv.FormatInt(made.Version, 10)
}

func (p schemaPrinter) table(t *ir.Table) {
	f := p.files.File(t.Made.Span.File)
	fmt.Fprintf(p, "\n\ntable %s  -- %s:%d", source.Printable(qualifiedName(t.Schema, t.Name)), source.Printable(f.Path), f.Line(t.Made.Span.Start))
	switch {
	case t.Partial:
		fmt.Fprint(p, ", made by nothing known")
	case t.Maybe:
		fmt.Fprint(p, ", maybe")
	}
	if t.Parent != "" {
		fmt.Fprintf(p, ", a partition of %s", source.Printable(t.Parent))
	}
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
		p.entry(told, t.ForeignKeys[i].Made, t.ForeignKeys[i].Maybe, "foreign key "+t.ForeignKeys[i].Name+" "+t.ForeignKeys[i].String())
	}
	for i := range t.Constraints {
		p.entry(told, t.Constraints[i].Made, t.Constraints[i].Maybe, "constraint "+t.Constraints[i].Name+" "+t.Constraints[i].String())
	}
}

func (p schemaPrinter) entry(told int64, made ir.Origin, maybe bool, text string) {
	if maybe {
		text += " (maybe)"
	}
	fmt.Fprint(p, "\n  ")
	p.line(told, made, "%s", text)
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
	fmt.Fprintf(p, "\n\n%s %s  -- %s", kind, source.Printable(qualifiedName(v.Schema, v.Name)), p.origin(v.Made))
	for i := range v.Indexes {
		p.entry(v.Made.Version, v.Indexes[i].Made, v.Indexes[i].Maybe, "index "+v.Indexes[i].Name+" "+v.Indexes[i].String())
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
