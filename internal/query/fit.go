package query

import "github.com/assay-dev/assay/internal/ir"

// fits says whether the clause of a frame takes what it is called with, as far as
// the types of records tell.
func (ev *evaluator) fits(g *frame) Certainty {
	fn := ev.flow.Func(g.clause)
	if fn == ir.No {
		return Maybe
	}
	out := Yes
	if g.code != ev.p.Funcs[fn].Code || ev.guarded(g, fn) {
		out = Maybe
	}
	for i, p := range ev.flow.Params(g.clause) {
		typ, more := recordIn(g.code, p, ev.p.Funcs[fn].Defaults > 0)
		if more {
			out = min(out, Maybe)
		}
		if typ != "" {
			out = min(out, ev.isRecord(ev.param(g, i), typ))
		}
	}
	return out
}

// guarded reports whether the clause of a frame has a guard.
func (ev *evaluator) guarded(g *frame, fn ir.FuncID) bool {
	lo, _ := ev.flow.Clauses(fn)
	list := ev.p.Funcs[fn].Clauses
	n := int(g.clause - lo)
	return n < 0 || n >= len(list) || list[n].Guard != ir.No
}

// recordIn is the type of record that a parameter's pattern asks for, or "", and
// whether it asks for more than that. A default value looks like a pattern.
func recordIn(c *ir.Code, p ir.ExprID, defaults bool) (typ string, more bool) {
	switch e := c.At(p); e.Op {
	case ir.Bind, ir.Any:
		return "", false
	case ir.Make:
		if e.Sub == ir.MakeStruct {
			return e.Str, e.Lo < e.Hi
		}
	case ir.Match:
		if defaults {
			return "", true
		}
		a, more := recordIn(c, ir.ExprID(e.A), false)
		b, still := recordIn(c, ir.ExprID(e.B), false)
		if a == "" {
			a = b
		}
		return a, more || still
	}
	return "", true
}

// isRecord says whether a value is a record of a type.
func (ev *evaluator) isRecord(v val, typ string) Certainty {
	some, all := false, true
	for _, a := range v.each() {
		is := ev.isOneRecord(a, typ)
		some = some || is != No
		all = all && is == Yes
	}
	switch {
	case all:
		return Yes
	case some:
		return Maybe
	}
	return No
}

func (ev *evaluator) isOneRecord(v val, typ string) Certainty {
	switch v.kind {
	case row:
		s := v.q.Root().Schema
		if s == nil || v.of != nil && v.of.owner.Loaded(v.of.assoc.Name) != Yes {
			return Maybe
		}
		return certain(ev.p.SchemaName(s) == typ)
	case query:
		return certain(typ == "Ecto.Query")
	case changeset:
		return certain(typ == "Ecto.Changeset")
	case module, text, atom, rows, outcome:
		return No
	case made:
		e := v.f.code.At(v.x)
		switch {
		case e.Op != ir.Make:
			return Maybe
		case e.Sub == ir.MakeStruct && e.Str != "":
			return certain(e.Str == typ)
		}
		return No
	}
	return Maybe
}

// reached reports whether the calls of a frame, and of those above it, get to
// their clauses.
func (ev *evaluator) reached(g *frame) bool {
	for ; g.up != nil; g = g.up {
		if !ev.takes(g) {
			return false
		}
	}
	return true
}

// takes reports whether the clause of a frame is run for what it is called with: it
// fits, and no clause before it surely takes the call.
func (ev *evaluator) takes(g *frame) bool {
	if ev.fits(g) == No {
		return false
	}
	fn := ev.flow.Func(g.clause)
	if fn == ir.No {
		return true
	}
	lo, _ := ev.flow.Clauses(fn)
	for t := lo; t < g.clause; t++ {
		h := *g
		h.clause, h.memo = t, nil
		if ev.flow.Code(t) == g.code && ev.fits(&h) == Yes {
			return false
		}
	}
	return true
}
