package ir

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// DumpSchemas prints what modules map to tables, one declaration a line.
func (p *Program) DumpSchemas(w io.Writer) error {
	d := dumper{w: bufio.NewWriter(w), p: p}
	for _, s := range p.Schemas {
		d.schema(s)
	}
	return d.w.Flush()
}

func (d *dumper) schema(s *Schema) {
	d.printf("%s", d.p.SchemaName(s))
	switch {
	case s.Embedded:
		d.printf(" embedded")
	case s.Table != "":
		d.printf(" %s", dotted(s.Prefix, s.Table))
	}
	if s.Rows != nil {
		d.printf(" -> %s %s", d.p.Databases[s.Database].Name, dotted(s.Rows.Schema, s.Rows.Name))
	}
	d.marks(mark{s.Resource, "resource"}, mark{s.Policies, "policies"}, mark{s.Partial, "partial"})
	d.printf("\n")
	if len(s.PrimaryKey) > 0 {
		d.printf("  key %s\n", strings.Join(s.PrimaryKey, ", "))
	}
	for i := range s.Fields {
		d.field(&s.Fields[i])
	}
	for i := range s.Associations {
		d.association(&s.Associations[i])
	}
	for _, id := range s.Identities {
		d.printf("  identity %s (%s)\n", id.Name, strings.Join(id.Fields, ", "))
	}
	for i := range s.Changesets {
		d.changeset(&s.Changesets[i])
	}
	for i := range s.Built {
		b := &s.Built[i]
		d.printf("  made in %s with (%s)", d.p.Symbol(b.Func), strings.Join(b.Fields, ", "))
		if b.Into >= 0 {
			d.printf(" for %s", d.p.Symbol(b.Into))
		}
		d.marks(mark{b.Cast, "and changed"})
		d.printf("\n")
	}
	for _, a := range s.Actions {
		d.printf("  action %s %s", a.Kind, a.Name)
		if len(a.Filters) > 0 {
			d.printf(" by %s", strings.Join(a.Filters, ", "))
		}
		d.printf("\n")
	}
}

func dotted(schema, name string) string {
	if schema == "" {
		return name
	}
	return schema + "." + name
}

type mark struct {
	set  bool
	word string
}

func (d *dumper) marks(list ...mark) {
	for _, m := range list {
		if m.set {
			d.printf(" %s", m.word)
		}
	}
}

func (d *dumper) field(f *Field) {
	d.printf("  field %s %s", f.Name, f.Type)
	if f.Column != f.Name && !f.Virtual {
		d.printf(" in %q", f.Column)
	}
	d.marks(mark{f.Virtual, "virtual"}, mark{f.Embed, "embed"}, mark{f.Key, "refers"}, mark{f.Required, "required"}, mark{f.Default, "default"})
	d.printf("\n")
}

func (d *dumper) association(a *Association) {
	d.printf("  %s %s", a.Kind, a.Name)
	if a.Related != "" {
		d.printf(" %s", a.Related)
	}
	if len(a.Through) > 0 {
		d.printf(" through %s", strings.Join(a.Through, ", "))
	} else {
		d.printf(": %s = %s", a.OwnerKey, a.RelatedKey)
	}
	if a.Kind == ManyToMany {
		d.printf(" in %s (%s, %s)", a.JoinTable, a.JoinOwner, a.JoinRelated)
		if a.JoinSchema != "" {
			d.printf(" of %s", a.JoinSchema)
		}
	}
	if a.OnDelete != NoAction {
		d.printf(" on delete %s", strings.ToLower(a.OnDelete.String()))
	}
	d.marks(mark{a.Filtered, "filtered"})
	if a.Schema >= 0 {
		fmt.Fprintf(d.w, " -> %s", d.p.SchemaName(d.p.Schemas[a.Schema]))
	}
	d.printf("\n")
}

func (d *dumper) changeset(c *Changeset) {
	d.printf("  changeset %s", d.p.Symbol(c.Func))
	if len(c.Casts) > 0 || c.Open {
		d.printf(" casts %s", strings.Join(c.Casts, ", "))
	}
	d.marks(mark{c.Open, "and more"})
	if len(c.Requires) > 0 {
		d.printf(" requires %s", strings.Join(c.Requires, ", "))
	}
	d.printf("\n")
	for i := range c.Claims {
		claim := &c.Claims[i]
		d.printf("    claims %s %s (%s)", claim.Kind, claim.Name, strings.Join(claim.Columns, ", "))
		d.marks(mark{claim.Explicit, "told"}, mark{claim.Match != "exact", claim.Match}, mark{claim.Rows != nil, "of a known table"})
		d.printf("\n")
	}
}
