package replay

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// enumType is an enumerated type that a library defines for a module:
//
//	defenum(Shop.Size, :size, [:small, :large])
//	defenum(Shop.Size, :size, [:small, :large], schema: "stock")
//	use EctoEnum, type: :size, enums: [:small, :large]
type enumType struct {
	schema, name string
	values       value
}

// sql is the name of the type in a statement.
func (t *enumType) sql() string {
	if t.schema == "" {
		return quoted(t.name)
	}
	return quoted(t.schema) + "." + quoted(t.name)
}

// enumType is the enumerated type that a module stands for. Modules are looked
// at once, when a migration first asks.
func (pl *place) enumType(p *ir.Program, module string) (enumType, bool) {
	if pl.enums == nil {
		pl.enums = map[string]enumType{}
		for _, m := range p.Modules {
			pl.enumsIn(p, m)
		}
	}
	t, ok := pl.enums[module]
	return t, ok
}

func (pl *place) enumsIn(p *ir.Program, m *ir.Module) {
	for _, u := range m.Uses {
		if strings.HasPrefix(u.Name, "EctoEnum") && u.Args != ir.No {
			opts := newEvaluator(p, pl.settings).eval(newFrame(u.Code, nil), u.Args)
			pl.define(m.Name, opts.field("type"), opts.field("enums"), opts)
		}
	}
	if m.Body == ir.No {
		return
	}
	for _, id := range m.Code.List(m.Code.At(m.Body)) {
		x := m.Code.At(id)
		if x.Op != ir.Call || m.Code.Callees[x.A].Name != "defenum" || x.Hi-x.Lo < 3 {
			continue
		}
		args := newEvaluator(p, pl.settings).list(newFrame(m.Code, nil), x)
		pl.define(args[0].text, args[1], args[2], append(args, value{})[3])
	}
}

func (pl *place) define(module string, name, values, opts value) {
	if s, ok := name.name(); ok {
		pl.enums[module] = enumType{opts.field("schema").text, s, values}
	}
}

// enum answers a call of a module that stands for an enumerated type.
func (r *run) enum(c *call) (value, bool) {
	if c.name != "create_type" && c.name != "drop_type" && c.name != "type" {
		return value{}, false
	}
	t, ok := r.of.enumType(r.e.p, c.module)
	switch {
	case !ok:
		return value{}, false
	case c.name == "type" && t.schema != "":
		return atomOf(t.schema + "." + t.name), true
	case c.name == "type":
		return atomOf(t.name), true
	case c.name == "drop_type":
		r.sql("DROP TYPE "+t.sql(), c.span)
		return atomOf("ok"), true
	}
	var values []string
	items, known := t.values.elements()
	for _, v := range items {
		s, ok := v.spelled()
		known = known && ok
		values = append(values, "'"+strings.ReplaceAll(s, "'", "''")+"'")
	}
	if !known {
		r.aside(c.span, "the values of the type "+t.name+" are not known")
		values = nil
	}
	r.sql("CREATE TYPE "+t.sql()+" AS ENUM ("+strings.Join(values, ", ")+")", c.span)
	return atomOf("ok"), true
}
