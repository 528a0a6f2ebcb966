package orm

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
)

// section reads one section of a resource: `attributes do … end`.
func (r *reader) section(at place, word string) {
	args := at.args()
	if len(args) == 0 || !isDo(args[len(args)-1]) {
		return
	}
	if r.s == nil {
		r.declare(at)
		r.s.Resource = true
		r.s.Span = r.m.NameSpan
		r.primary = "id"
		r.layer()
	}
	if !r.s.Resource {
		return
	}
	switch word {
	case "resource_extension":
		r.s.Partial = true
		return
	case "resource_policies":
		r.s.Policies = true
		return
	}
	block := args[len(args)-1]
	r.each(block.scope, block.id, func(in place) {
		d := statement{r: r, place: in, args: in.args()}
		r.entity(&d, word)
	})
}

// layer reads where the resource's rows are kept and what extends it, from the
// arguments of its `use`.
func (r *reader) layer() {
	for _, u := range r.m.Uses {
		if u.Args < 0 {
			continue
		}
		o := optionsOf(r.eval(&scope{code: u.Code}, u.Args))
		if v, _ := o.get("data_layer"); v.kind == atom && v.text == "embedded" {
			r.s.Embedded = true
		}
		if v, ok := o.get("extensions"); ok && (v.kind != list || len(v.items) > 0) {
			r.s.Partial = true
		}
	}
}

// entity reads one statement of a section.
func (r *reader) entity(d *statement, word string) {
	head := d.head()
	switch word {
	case "resource_attributes":
		d.resourceAttribute(head)
	case "resource_relationships":
		d.relationship(head)
	case "resource_storage":
		d.storage(head)
	case "resource_identities":
		d.identity(head)
	case "resource_tenancy":
		if head == "attribute" && len(d.args) == 1 {
			r.s.Tenant = d.r.value(d.args[0]).text
		}
	case "resource_actions":
		d.action(head)
	}
}

// head is the word that a statement begins with.
func (d *statement) head() string {
	x := d.code.At(d.id)
	switch x.Op {
	case ir.Opaque:
		return x.Str
	case ir.Call:
		return d.code.Callees[x.A].Name
	}
	return ""
}

// settings are the options of an entity: its keyword list, and what its block
// sets.
func (d *statement) settings(from int) options {
	o := d.options(from)
	items := slices.Clone(o.list.items)
	if n := len(d.args); n > 0 && isDo(d.args[n-1]) {
		block := d.args[n-1]
		d.r.each(block.scope, block.id, func(in place) {
			s := statement{r: d.r, place: in, args: in.args()}
			if head := s.head(); head != "" && len(s.args) == 1 {
				items = append(items, value{kind: tuple, items: []value{{kind: atom, text: head}, d.r.value(s.args[0])}})
			}
		})
	}
	o.list.items = items
	return o
}

// resourceAttribute reads `attribute :name, :string do … end` and its kin.
func (d *statement) resourceAttribute(head string) {
	f := ir.Field{Span: d.span()}
	primary := false
	o := d.settings(1)
	switch head {
	case "uuid_primary_key", "uuid_v7_primary_key", "integer_primary_key":
		primary = true
		f.Type, f.Required, f.Default = "uuid", true, true
		if head == "integer_primary_key" {
			f.Type = "integer"
		}
	case "create_timestamp", "update_timestamp":
		f.Type, f.Required, f.Default = "utc_datetime_usec", true, true
	case "attribute":
		f.Type = typeName(d.second())
		primary = o.yes("primary_key?")
		f.Required, f.Default = o.no("allow_nil?") || primary, o.has("default")
	default:
		d.r.s.Partial = true
		return
	}
	if f.Name = d.name(); f.Name == "" {
		return
	}
	f.Column = o.text("source", f.Name)
	d.r.addField(f, primary)
}

// relationship reads `belongs_to :user, MyApp.User do … end` and its kin.
func (d *statement) relationship(head string) {
	kinds := map[string]ir.AssociationKind{"belongs_to": ir.BelongsTo, "has_one": ir.HasOne, "has_many": ir.HasMany, "many_to_many": ir.ManyToMany}
	k, ok := kinds[head]
	name := d.name()
	if !ok || name == "" {
		d.r.s.Partial = true
		return
	}
	o := d.settings(2)
	a := ir.Association{Name: name, Kind: k, Related: d.second().text, Schema: ir.No, Span: d.span(), Filtered: o.has("filter") || o.has("filters")}
	own := keyOf(d.r.m.Name, "id")
	switch k {
	case ir.BelongsTo:
		d.r.owned(&a, o)
	case ir.ManyToMany:
		a.OwnerKey, a.RelatedKey = o.text("source_attribute", "id"), o.text("destination_attribute", "id")
		a.JoinSchema = o.text("through", "")
		a.JoinOwner = o.text("source_attribute_on_join_resource", own)
		a.JoinRelated = o.text("destination_attribute_on_join_resource", keyOf(a.Related, "id"))
		if join := o.text("join_relationship", ""); join != "" && a.JoinSchema == "" {
			a.Through = []string{join}
		}
	default:
		if o.yes("no_attributes?") || o.has("manual") {
			break
		}
		a.OwnerKey, a.RelatedKey = o.text("source_attribute", "id"), o.text("destination_attribute", own)
	}
	d.add(a)
}

// owned gives a relationship that refers to another resource its keys, and the
// resource the attribute that holds them.
func (r *reader) owned(a *ir.Association, o options) {
	a.OwnerKey, a.RelatedKey = o.text("source_attribute", a.Name+"_id"), o.text("destination_attribute", "id")
	if o.no("define_attribute?") || a.OwnerKey == "" {
		return
	}
	r.addField(ir.Field{
		Name: a.OwnerKey, Column: a.OwnerKey, Type: o.text("attribute_type", "uuid"), Key: true,
		Required: o.no("allow_nil?") || o.yes("primary_key?"), Span: a.Span,
	}, o.yes("primary_key?"))
}

// storage reads `table "orders"` and `schema "sales"`.
func (d *statement) storage(head string) {
	if len(d.args) != 1 {
		return
	}
	v := d.r.value(d.args[0])
	switch head {
	case "table":
		d.r.s.Table = v.text
		d.r.s.Partial = d.r.s.Partial || v.kind != str
	case "schema":
		d.r.s.Prefix = v.text
	case "repo":
		d.r.s.Repo = v.text
	case "polymorphic?":
		d.r.s.Partial = true
	}
}

// identity reads `identity :unique_email, [:email]`.
func (d *statement) identity(head string) {
	name := d.name()
	if head != "identity" || name == "" || len(d.args) < 2 {
		return
	}
	id := ir.Identity{Name: name, Span: d.span()}
	v := d.r.value(d.args[1])
	for _, f := range v.items {
		id.Fields = append(id.Fields, f.text)
	}
	if v.kind == atom {
		id.Fields = []string{v.text}
	}
	d.r.s.Identities = append(d.r.s.Identities, id)
}

// action reads `create :publish do … end` and `defaults [:read, create: …]`.
func (d *statement) action(head string) {
	switch head {
	case "create", "read", "update", "destroy", "action":
		if name := d.name(); name != "" {
			a := ir.ResourceAction{Name: name, Kind: head, Span: d.span()}
			d.filters(&a)
			d.r.s.Actions = append(d.r.s.Actions, a)
		}
	case "defaults":
		if len(d.args) == 0 {
			return
		}
		for _, v := range d.r.value(d.args[0]).items {
			if v.kind == tuple && len(v.items) > 0 {
				v = v.items[0]
			}
			if v.kind == atom {
				d.r.s.Actions = append(d.r.s.Actions, ir.ResourceAction{Name: v.text, Kind: v.text, Span: d.span()})
			}
		}
	}
}

// filters reads the fields of an action's `filter expr(owner_id == ^arg(:owner))`.
func (d *statement) filters(a *ir.ResourceAction) {
	n := len(d.args)
	if n == 0 || !isDo(d.args[n-1]) {
		return
	}
	block := d.args[n-1]
	d.r.each(block.scope, block.id, func(in place) {
		s := statement{r: d.r, place: in, args: in.args()}
		if s.head() == "filter" && len(s.args) == 1 {
			compared(a, s.args[0].code, s.args[0].id)
		}
	})
}

// compared reads the fields that a filter compares on every path: with pinned values, or
// with what stands there.
func compared(a *ir.ResourceAction, c *ir.Code, id ir.ExprID) {
	e := c.At(id)
	switch {
	case e.Op == ir.Opaque && e.Str == "expr" && e.Hi-e.Lo == 1:
		compared(a, c, c.Lists[e.Lo])
		return
	case e.Op == ir.Branch && e.Sub == ir.BranchAnd:
		compared(a, c, ir.ExprID(e.A))
		compared(a, c, ir.ExprID(e.B))
		return
	case e.Op != ir.Call || e.Lo == e.Hi:
		return
	}
	field := c.At(c.Lists[e.Lo])
	if field.Op != ir.Opaque || field.Lo != field.Hi {
		return
	}
	switch name := c.Callees[e.A].Name; {
	case e.Hi-e.Lo == 1 && name == "is_nil":
		a.Fixed = append(a.Fixed, field.Str)
	case e.Hi-e.Lo != 2 || name != "==" && name != "in":
	case c.At(c.Lists[e.Lo+1]).Op == ir.Pin:
		a.Filters = append(a.Filters, field.Str)
	default:
		a.Fixed = append(a.Fixed, field.Str)
	}
}
