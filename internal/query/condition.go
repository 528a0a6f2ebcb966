package query

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
)

// how says in what way conditions are added.
type how struct {
	join   bool
	either bool // under an or
	not    bool
}

// conditions adds what an expression says of columns to the query of a scope.
func (ev *evaluator) conditions(sc *scope, x ir.ExprID, h how) {
	if ev.steps++; ev.steps > maxSteps || x < 0 {
		sc.q.OpenFilters = true
		return
	}
	c := sc.frame.code
	e := c.At(x)
	switch e.Op {
	case ir.Branch:
		ev.junction(sc, e, h)
	case ir.Call:
		ev.comparison(sc, x, e, h)
	case ir.Const:
	case ir.Make:
		if e.Sub == ir.MakeList {
			ev.pairs(sc.frame, sc, x)
		}
	case ir.Pin, ir.Use:
		ev.added(sc, ev.value(sc.frame, x), h)
	case ir.Opaque:
		switch {
		case (e.Str == "like" || e.Str == "ilike") && e.Lo < e.Hi:
			ev.filter(sc, c.Lists[e.Lo], Like, h, c.List(e)[1:])
		default:
			ev.touched(sc, x, h)
		}
	default:
		ev.touched(sc, x, h)
	}
}

func (ev *evaluator) junction(sc *scope, e *ir.Expr, h how) {
	switch {
	case e.Sub == ir.BranchAnd && !h.not:
		ev.conditions(sc, ir.ExprID(e.A), h)
		ev.conditions(sc, ir.ExprID(e.B), h)
	case e.Sub == ir.BranchAnd:
		h.either = true
		ev.conditions(sc, ir.ExprID(e.A), h)
		ev.conditions(sc, ir.ExprID(e.B), h)
	default:
		h.either = true
		ev.conditions(sc, ir.ExprID(e.A), h)
		ev.conditions(sc, ir.ExprID(e.C), h)
	}
}

// comparison reads an operator, a function of the query language, or a call of
// the program's own that gives conditions.
func (ev *evaluator) comparison(sc *scope, x ir.ExprID, e *ir.Expr, h how) {
	c := sc.frame.code
	args := c.List(e)
	k := &c.Callees[e.A]
	switch {
	case len(args) == 2 && k.How == ir.Kernel:
		if cmp, ok := operator(k.Name); ok {
			ev.filter(sc, args[0], cmp, h, args[1:])
			ev.filter(sc, args[1], cmp, h, args[:1])
			return
		}
	case k.Name == "is_nil" && len(args) == 1:
		ev.filter(sc, args[0], IsNull, h, nil)
		return
	case (k.Name == "not" || k.Name == "!") && len(args) == 1:
		h.not = !h.not
		ev.conditions(sc, args[0], h)
		return
	case k.Name == "dynamic":
		ev.added(sc, ev.value(sc.frame, x), h)
		return
	}
	ev.touched(sc, x, h)
	if _, ext := ev.flow.Resolve(k); k.Func != ir.No || ext != ir.No && k.How != ir.Kernel {
		sc.q.OpenFilters = true // a macro of the program's own
	}
}

// operator is the comparison that an operator makes.
func operator(name string) (Compare, bool) {
	switch name {
	case "==":
		return Equal, true
	case "in":
		return In, true
	case "<", ">", "<=", ">=":
		return Range, true
	case "!=":
		return Differs, true
	}
	return Other, false
}

// filter adds a comparison if one side of it is a column.
func (ev *evaluator) filter(sc *scope, side ir.ExprID, cmp Compare, h how, others []ir.ExprID) {
	c := sc.frame.code
	col, ok := sc.columnAt(c, side)
	if !ok {
		if e := c.At(side); e.Op == ir.Opaque || e.Op == ir.Call {
			ev.touched(sc, side, h)
		}
		return
	}
	f := Filter{Column: col, Compare: cmp, Join: h.join, Either: h.either, Span: c.Span(side)}
	if h.not {
		f.Compare = Differs
		if cmp == IsNull {
			f.Compare = NotNull
		}
	}
	for _, o := range others {
		if other, column := sc.columnAt(c, o); column {
			f.Columns, f.With = true, other.Binding
		}
		f.Constant = f.Constant || c.At(o).Op == ir.Const
	}
	if cmp == In && len(others) == 1 && slices.Index(c.List(c.At(ev.parents[c][side])), side) == 1 {
		return // `x in column`: the column is an array
	}
	sc.q.Filters = append(sc.q.Filters, f)
}

// columnAt is the column that an expression names.
func (sc *scope) columnAt(c *ir.Code, x ir.ExprID) (Column, bool) {
	e := c.At(x)
	switch {
	case e.Op == ir.Get:
		if b, ok := sc.binding(c, c.At(ir.ExprID(e.A))); ok {
			return sc.q.column(b, e.Str), true
		}
	case e.Op == ir.Opaque && e.Str == "field" && e.Hi-e.Lo == 2:
		b, ok := sc.binding(c, c.At(c.Lists[e.Lo]))
		if !ok {
			return Column{}, false
		}
		if k := c.At(c.Lists[e.Lo+1]); k.Op == ir.Const {
			return sc.q.column(b, k.Str), true
		}
		sc.q.OpenFilters = true
	}
	return Column{}, false
}

// touched adds the columns inside an expression that is not understood.
func (ev *evaluator) touched(sc *scope, x ir.ExprID, h how) {
	c := sc.frame.code
	c.Walk(x, func(id ir.ExprID) bool {
		ev.steps++
		if c.At(id).Op == ir.Pin {
			return false
		}
		col, ok := sc.columnAt(c, id)
		if ok {
			sc.q.Filters = append(sc.q.Filters, Filter{
				Column: col, Compare: Other, Join: h.join, Either: h.either, Span: c.Span(id),
			})
		}
		return !ok && ev.steps < maxSteps
	})
}

// pairs adds the columns of a keyword list or map with their values.
func (ev *evaluator) pairs(f *frame, sc *scope, x ir.ExprID) {
	ev.pairsOf(sc, ev.value(f, x))
}

func (ev *evaluator) pairsOf(sc *scope, v val) {
	if v.kind == either {
		before := len(sc.q.Filters)
		for _, a := range v.alts {
			ev.pairsOf(sc, a)
		}
		for i := before; i < len(sc.q.Filters); i++ {
			sc.q.Filters[i].May = true
		}
		return
	}
	if v.kind != made {
		sc.q.OpenFilters = true
		return
	}
	e := v.f.code.At(v.x)
	list := v.f.code.List(e)
	switch {
	case e.Op == ir.Make && e.Sub == ir.MakeMap:
		for i := 0; i+1 < len(list); i += 2 {
			ev.pair(sc, v.f, list[i], list[i+1])
		}
	case e.Op == ir.Make && e.Sub == ir.MakeList:
		for _, p := range list {
			if t := v.f.code.At(p); t.Op == ir.Make && t.Sub == ir.MakeTuple && t.Hi-t.Lo == 2 {
				ev.pair(sc, v.f, v.f.code.Lists[t.Lo], v.f.code.Lists[t.Lo+1])
			} else {
				sc.q.OpenFilters = true
			}
		}
	default:
		sc.q.OpenFilters = true
	}
}

func (ev *evaluator) pair(sc *scope, f *frame, key, x ir.ExprID) {
	k := f.code.At(key)
	if k.Op != ir.Const {
		sc.q.OpenFilters = true
		return
	}
	e := f.code.At(x)
	sc.q.Filters = append(sc.q.Filters, Filter{
		Column: sc.q.column(0, k.Str), Compare: Equal, Constant: e.Op == ir.Const, Span: f.code.Span(key),
	})
}

// added adds conditions that stand elsewhere: a dynamic, or pairs.
func (ev *evaluator) added(sc *scope, v val, h how) {
	switch v.kind {
	case condition:
		for _, f := range v.cond {
			f.Join = f.Join || h.join
			f.Either = f.Either || h.either || h.not
			if f.Binding >= 0 && f.Binding < len(sc.q.Sources) {
				f.Column = sc.q.column(f.Binding, f.Field)
			}
			sc.q.Filters = append(sc.q.Filters, f)
		}
	case made:
		ev.pairsOf(sc, v)
	case atom:
	case either:
		before := len(sc.q.Filters)
		for _, a := range v.alts {
			ev.added(sc, a, h)
		}
		for i := before; i < len(sc.q.Filters); i++ {
			sc.q.Filters[i].May = true
		}
	default:
		sc.q.OpenFilters = true
	}
}

// dynamic reads `dynamic([u], u.age > ^age)`.
func (ev *evaluator) dynamic(f *frame, args []ir.ExprID) val {
	sc := &scope{q: &Query{}, frame: f}
	if len(args) > 1 {
		ev.bindings(sc, args[0])
	}
	ev.conditions(sc, args[len(args)-1], how{})
	if sc.q.OpenFilters {
		return val{kind: unknown}
	}
	return val{kind: condition, cond: sc.q.Filters}
}
