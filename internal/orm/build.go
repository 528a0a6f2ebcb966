package orm

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// builds reports whether code makes a row of any schema.
func (a *steps) builds(c *ir.Code) bool {
	yes, ok := a.built[c]
	if !ok {
		r := reader{p: a.p, models: a.models}
		for i := range c.Callees {
			m := r.model(&c.Callees[i])
			yes = yes || m != nil && strings.HasPrefix(m.Expand, "row_")
		}
		for i := range c.Exprs {
			if x := &c.Exprs[i]; x.Op == ir.Make && x.Sub == ir.MakeStruct && a.byName[x.Str] != nil {
				yes = true
				break
			}
		}
		a.built[c] = yes
	}
	return yes
}

func (a *steps) constructions(f *ir.Func) {
	b := builder{a, f, f.Code}
	for i := range f.Clauses {
		if f.Clauses[i].Body >= 0 {
			b.value(f.Clauses[i].Body, ir.No, 0)
		}
	}
}

// builder looks for rows that a function makes, in what is a value and no
// pattern.
type builder struct {
	*steps
	f    *ir.Func
	code *ir.Code
}

// value looks into an expression that is argument 0 of the call of a function,
// or not when that is No.
func (b builder) value(id, of ir.ExprID, depth int) {
	if id < 0 || depth > 10*maxDepth {
		return
	}
	x := b.code.At(id)
	if x.Op == ir.Make && x.Sub == ir.MakeStruct {
		if s := b.byName[x.Str]; s != nil {
			s.Built = append(s.Built, b.construction(x, id, of))
		}
	}
	switch x.Op {
	case ir.Call:
		if x.Flags&ir.FlagMacro != 0 {
			return // `select: %Order{id: o.id}`
		}
		b.associated(x, id, of)
	case ir.Match, ir.Generator:
		b.value(ir.ExprID(x.B), ir.No, depth+1)
		return
	case ir.Arm:
		_, guard, body := b.code.Parts(x)
		b.value(guard, ir.No, depth+1)
		b.value(body, ir.No, depth+1)
		return
	}
	first := true
	b.code.Operands(id, func(o ir.ExprID) {
		if x.Op == ir.Call && first {
			b.value(o, id, depth+1)
		} else {
			b.value(o, ir.No, depth+1)
		}
		first = false
	})
}

// associated reads `build_assoc(user, :orders, %{state: "new"})` and
// `put_assoc(changeset, :orders, [%{state: "new"}])`: a row of every association
// of that name, since whose it is may not be known.
func (b builder) associated(x *ir.Expr, id, of ir.ExprID) {
	r := reader{p: b.p, models: b.models}
	m := r.model(&b.code.Callees[x.A])
	l := b.code.List(x)
	if m == nil || len(l) < 2 || b.code.At(l[1]).Op != ir.Const {
		return
	}
	var rows []ir.ExprID
	switch m.Expand {
	case "row_build":
		rows = append(rows, l[2:]...)
		if len(rows) == 0 {
			rows = append(rows, ir.No)
		}
	case "row_put":
		for _, given := range l[2:] {
			b.maps(given, &rows)
		}
		of = ir.No
	}
	for _, row := range rows {
		b.associatedRow(b.code.At(l[1]).Str, row, id, of)
	}
}

// maps are the maps in a value, or in the list that it is.
func (b builder) maps(id ir.ExprID, out *[]ir.ExprID) {
	switch x := b.code.At(id); {
	case x.Op == ir.Make && x.Sub == ir.MakeMap:
		*out = append(*out, id)
	case x.Op == ir.Make && x.Sub == ir.MakeList:
		for _, o := range b.code.List(x) {
			if e := b.code.At(o); e.Op == ir.Make && e.Sub == ir.MakeMap {
				*out = append(*out, o)
			}
		}
	}
}

func (b builder) associatedRow(name string, row, id, of ir.ExprID) {
	for _, s := range b.schemas {
		a := s.Association(name)
		if a == nil || a.Schema < 0 || a.Kind == ir.BelongsTo {
			continue
		}
		c := b.construction(&ir.Expr{}, id, of)
		if row >= 0 {
			c = b.construction(b.code.At(row), id, of)
		}
		c.Fields = append(c.Fields, a.RelatedKey)
		other := b.schemas[a.Schema]
		other.Built = append(other.Built, c)
	}
}

func (b builder) construction(x *ir.Expr, id, of ir.ExprID) ir.Construction {
	out := ir.Construction{Into: ir.No, Func: b.f.ID, Span: b.code.Span(id), Fields: b.keys(x)}
	if of >= 0 {
		k := &b.code.Callees[b.code.At(of).A]
		out.Into = k.Func
		r := reader{p: b.p, models: b.models}
		if m := r.model(k); m != nil {
			out.Cast = m.Gives == "changeset"
		}
	}
	return out
}

// keys are the names that a struct, a map or a keyword list is given.
func (b builder) keys(x *ir.Expr) []string {
	var out []string
	if x.Op != ir.Make || x.Sub != ir.MakeStruct && x.Sub != ir.MakeMap {
		return nil
	}
	l := b.code.List(x)
	for i := 0; i+1 < len(l); i += 2 {
		if k := b.code.At(l[i]); k.Op == ir.Const {
			out = append(out, k.Str)
		}
	}
	return out
}
