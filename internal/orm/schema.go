package orm

import "github.com/assay-dev/assay/internal/ir"

// schema reads `schema "orders" do … end` and `embedded_schema do … end`.
func (r *reader) schema(at place, embedded bool) {
	args := at.args()
	if len(args) == 0 || !r.declare(at) {
		return
	}
	r.s.Embedded = embedded
	if !embedded {
		v := r.value(args[0])
		r.s.Table = v.text
		r.s.Partial = v.kind != str
	}
	if v, ok := r.attribute("schema_prefix", at.span()); ok {
		r.s.Prefix = v.text
		r.s.Partial = r.s.Partial || v.kind == unknown
	}
	_, r.mapped = r.attribute("field_source_mapper", at.span())
	r.primaryKey(at, embedded)
	block := args[len(args)-1]
	if !isDo(block) {
		r.keywordBlock(block)
		return
	}
	r.each(block.scope, block.id, r.declaration)
}

// keywordBlock reads `schema("orders", do: …)`.
func (r *reader) keywordBlock(at place) {
	found := false
	at.code.EachPair(at.id, func(key string, v ir.ExprID) {
		if key == "do" {
			found = true
			r.each(at.scope, v, r.declaration)
		}
	})
	if !found {
		if x := at.code.At(at.id); x.Op == ir.Use {
			r.each(at.scope, at.id, r.declaration)
			return
		}
		r.partial()
	}
}

// primaryKey reads @primary_key: {name, type, options} or false.
func (r *reader) primaryKey(at place, embedded bool) {
	v, ok := r.attribute("primary_key", at.span())
	switch {
	case !ok && !r.m.Span.Contains(at.span()):
		r.s.Partial = true // the macro that declares the schema may set the key as well
	case !ok:
		f := ir.Field{Name: "id", Column: "id", Type: "id", Default: true, Span: at.span()}
		if embedded {
			f.Type = "binary_id"
		}
		r.primary = "id"
		r.addField(f, true)
	case v.kind == boolean && v.text == "false":
	case v.kind == tuple && len(v.items) >= 2 && v.items[0].kind == atom:
		name := v.items[0].text
		o := options{known: true}
		if len(v.items) > 2 {
			o = optionsOf(v.items[2])
		}
		r.primary = name
		r.addField(ir.Field{Name: name, Column: o.text("source", name), Type: typeName(v.items[1]), Default: o.set("autogenerate"), Span: at.span()}, true)
	default:
		r.s.Partial = true
	}
}

// typeName is a field's type as Field.Type has it.
func typeName(v value) string {
	switch v.kind {
	case atom, module:
		return v.text
	case tuple:
		if len(v.items) > 0 && v.items[0].kind == atom {
			return v.items[0].text
		}
	}
	return ""
}

// declaration reads one statement of a schema's block.
func (r *reader) declaration(at place) {
	d := statement{r: r, place: at, args: at.args()}
	switch r.word(at) {
	case "schema_field":
		d.field()
	case "schema_embeds":
		d.embed()
	case "schema_belongs_to":
		d.belongsTo()
	case "schema_has_one":
		d.has(ir.HasOne)
	case "schema_has_many":
		d.has(ir.HasMany)
	case "schema_many_to_many":
		d.manyToMany()
	case "schema_timestamps":
		d.timestamps()
	default:
		if !harmless(at) {
			r.s.Partial = true
		}
	}
}

// harmless reports whether a statement of a schema's block declares nothing:
// `@doc "…"`, `import X`.
func harmless(at place) bool {
	x := at.code.At(at.id)
	switch x.Op {
	case ir.Opaque:
		return x.Str == "@" || x.Str == "import" || x.Str == "alias" || x.Str == "require"
	case ir.Call:
		return at.code.Callees[x.A].How == ir.Kernel
	}
	return false
}

// statement is one declaration: `field :name, :string, virtual: true`.
type statement struct {
	place
	r    *reader
	args []place
}

// name is the declared name; "" makes the schema Partial.
func (d *statement) name() string {
	if len(d.args) == 0 {
		d.r.s.Partial = true
		return ""
	}
	v := d.r.value(d.args[0])
	if v.kind != atom {
		d.r.s.Partial = true
		return ""
	}
	return v.text
}

// second is argument 1 unless that is the list of options.
func (d *statement) second() value {
	if len(d.args) < 2 || isDo(d.args[1]) {
		return value{}
	}
	if v := d.r.value(d.args[1]); v.kind != list {
		return v
	}
	return value{}
}

// options are the last argument, if it is a keyword list. A block, `do … end`,
// is no part of them.
func (d *statement) options(from int) options {
	args := d.args
	if len(args) > 0 && isDo(args[len(args)-1]) {
		args = args[:len(args)-1]
	}
	if len(args) <= from {
		return options{known: true}
	}
	o := optionsOf(d.r.value(args[len(args)-1]))
	if !o.known && len(args) > from+1 {
		d.r.s.Partial = true
	}
	return o
}

// field reads `field :name, :string, source: :full_name`.
func (d *statement) field() {
	name := d.name()
	if name == "" {
		return
	}
	typ := "string"
	if len(d.args) > 1 {
		typ = typeName(d.r.value(d.args[1]))
	}
	o := d.options(1)
	d.r.addField(ir.Field{
		Name: name, Column: o.text("source", name), Type: typ, Virtual: o.yes("virtual"), Listed: o.has("values"),
		Required: o.no("null"), Default: o.has("default") || o.set("autogenerate"), Span: d.span(),
	}, o.yes("primary_key"))
}

// embed reads `embeds_one :address, Address`, also with a block in place of the
// module.
func (d *statement) embed() {
	name := d.name()
	if name == "" {
		return
	}
	typ := d.second().text
	if isDo(d.args[len(d.args)-1]) {
		typ = d.r.m.Name + "." + typ
	}
	o := d.options(2)
	d.r.addField(ir.Field{Name: name, Column: o.text("source", name), Type: typ, Embed: true, Required: o.no("null"), Span: d.span()}, false)
}

// timestamps reads `timestamps(type: :utc_datetime, updated_at: false)`, after
// what @timestamps_opts says.
func (d *statement) timestamps() {
	o := d.options(0)
	if v, ok := d.r.attribute("timestamps_opts", d.span()); ok {
		if before := optionsOf(v); before.known {
			o.list.items = append(o.list.items[:len(o.list.items):len(o.list.items)], before.list.items...)
		} else {
			d.r.s.Partial = true
		}
	}
	if !o.known && len(d.args) > 0 {
		d.r.s.Partial = true
	}
	for _, usual := range [...]string{"inserted_at", "updated_at"} {
		if v, given := o.get(usual); given && v.kind == nothing || o.no(usual) {
			continue
		}
		name := o.text(usual, usual)
		if name == "" {
			d.r.s.Partial = true
			continue
		}
		d.r.addField(ir.Field{
			Name: name, Column: o.text(usual+"_source", name), Type: o.text("type", "naive_datetime"), Default: true, Span: d.span(),
		}, false)
	}
}

// association begins an association: its name, and the module that it leads to.
func (d *statement) association(k ir.AssociationKind, o options) (ir.Association, bool) {
	name := d.name()
	a := ir.Association{Name: name, Kind: k, Schema: ir.No, Span: d.span()}
	switch v := d.second(); v.kind {
	case module, atom:
		a.Related = v.text
	case tuple:
		// `{"table", Module}`: another table than the module's own.
		if len(v.items) == 2 {
			a.Related = v.items[1].text
		}
	}
	a.Filtered = o.has("where") || o.has("join_where")
	v, _ := o.get("on_delete")
	a.OnDelete = map[string]ir.Action{"nilify_all": ir.SetNull, "delete_all": ir.Cascade}[v.text]
	return a, name != ""
}

func (d *statement) add(a ir.Association) {
	if d.r.s.Association(a.Name) == nil {
		d.r.s.Associations = append(d.r.s.Associations, a)
	}
}

func (d *statement) belongsTo() {
	o := d.options(2)
	a, ok := d.association(ir.BelongsTo, o)
	if !ok {
		return
	}
	a.OwnerKey, a.RelatedKey = o.text("foreign_key", a.Name+"_id"), o.text("references", "id")
	d.add(a)
	if o.no("define_field") || a.OwnerKey == "" {
		return
	}
	kept, _ := d.r.attribute("foreign_key_type", d.span())
	typ := typeName(kept)
	if typ == "" && kept.kind == unknown {
		typ = "id"
	}
	d.r.addField(ir.Field{
		Name: a.OwnerKey, Column: o.text("source", a.OwnerKey), Type: o.text("type", typ), Key: true,
		Required: o.no("null"), Default: o.has("default"), Span: d.span(),
	}, o.yes("primary_key"))
}

func (d *statement) has(k ir.AssociationKind) {
	o := d.options(1)
	a, ok := d.association(k, o)
	if !ok {
		return
	}
	if v, through := o.get("through"); through {
		a.Related = ""
		for _, step := range v.items {
			a.Through = append(a.Through, step.text)
		}
		if len(a.Through) == 0 {
			d.r.s.Partial = true
		}
		d.add(a)
		return
	}
	a.OwnerKey = o.text("references", d.r.primary)
	a.RelatedKey = o.text("foreign_key", keyOf(d.r.m.Name, a.OwnerKey))
	d.add(a)
}

// keyOf is the key that refers to a module by default: "order_id".
func keyOf(module, key string) string {
	return ir.Underscore(ir.LastName(module)) + "_" + key
}

func (d *statement) manyToMany() {
	o := d.options(2)
	a, ok := d.association(ir.ManyToMany, o)
	if !ok {
		return
	}
	a.OwnerKey, a.RelatedKey = "id", "id"
	a.JoinOwner, a.JoinRelated = keyOf(d.r.m.Name, "id"), keyOf(a.Related, "id")
	through, _ := o.get("join_through")
	switch through.kind {
	case str:
		a.JoinTable = through.text
	case module, atom:
		a.JoinSchema = through.text
	default:
		d.r.s.Partial = true
	}
	if keys, ok := o.get("join_keys"); ok {
		a.JoinOwner, a.OwnerKey, a.JoinRelated, a.RelatedKey = "", "", "", ""
		if pairs := keys.items; len(pairs) == 2 && len(pairs[0].items) == 2 && len(pairs[1].items) == 2 {
			a.JoinOwner, a.OwnerKey = pairs[0].items[0].text, pairs[0].items[1].text
			a.JoinRelated, a.RelatedKey = pairs[1].items[0].text, pairs[1].items[1].text
		} else {
			d.r.s.Partial = true
		}
	}
	d.add(a)
}
