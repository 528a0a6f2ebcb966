package query

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/sql"
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
	case ir.Call, ir.Opaque:
		ev.form(sc, x, e, h)
	case ir.Get:
		ev.flag(sc, x, h)
	case ir.Const:
	case ir.Make:
		if e.Sub == ir.MakeList {
			ev.pairs(sc.frame, sc, x)
		}
	case ir.Pin, ir.Use:
		ev.added(sc, ev.value(sc.frame, x), h)
	default:
		ev.touched(sc, x, h)
	}
}

// form reads a form of the query language, or a call.
func (ev *evaluator) form(sc *scope, x ir.ExprID, e *ir.Expr, h how) {
	c := sc.frame.code
	w := word(c, e)
	switch {
	case (w == "like" || w == "ilike") && e.Lo < e.Hi:
		ev.filter(sc, c.Lists[e.Lo], Like, h, c.List(e)[1:])
	case w == "field":
		ev.flag(sc, x, h)
	case w == "fragment" && !h.not && ev.equality(sc, e, h):
	case w == "fragment" && e.Lo < e.Hi:
		ev.touched(sc, x, h)
		ev.spelled(sc, c.At(c.Lists[e.Lo]), h)
	case e.Op == ir.Call && w != "fragment" && w != "exists":
		ev.comparison(sc, x, e, h)
	default:
		ev.touched(sc, x, h)
	}
}

// spelled adds the columns that the text of a fragment names. Of several tables
// it is not known which has them.
func (ev *evaluator) spelled(sc *scope, e *ir.Expr, h how) {
	x, err := sql.Fragment(e.Str)
	if err != nil {
		sc.q.OpenFilters = true
		return
	}
	s := sc.q.Root().Schema
	for _, name := range x.Columns {
		at := -1
		if s != nil && len(sc.q.Sources) == 1 {
			at = slices.IndexFunc(s.Fields, func(f ir.Field) bool { return f.Column == name })
		}
		if at < 0 {
			sc.q.OpenFilters = true
			continue
		}
		sc.add(Filter{
			Column: sc.q.column(0, s.Fields[at].Name), Compare: Other, Join: h.join, Either: h.either,
			Span: source.Span{File: sc.frame.code.File.ID, Start: e.Start, End: e.End},
		})
	}
}

// flag reads a boolean column by itself: it is compared with true, or false.
func (ev *evaluator) flag(sc *scope, x ir.ExprID, h how) {
	if col, ok := ev.columnAt(sc, x); ok {
		sc.add(Filter{Column: col, Compare: Equal, Join: h.join, Either: h.either, Constant: true, Fixed: true, Span: sc.frame.code.Span(x)})
	} else {
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
	col, ok := ev.columnAt(sc, side)
	if !ok {
		if e := c.At(side); e.Op != ir.Pin && e.Op != ir.Const {
			if cmp > In || h.not || !ev.fragment(sc, e, h) {
				ev.touched(sc, side, h)
			}
		}
		return
	}
	f := Filter{Column: col, Compare: cmp.under(h), Join: h.join, Either: h.either, Span: c.Span(side)}
	for _, o := range others {
		if other, column := ev.columnAt(sc, o); column {
			f.Columns, f.With = true, other
		}
		f.Constant = f.Constant || c.At(o).Op == ir.Const
		f.Fixed = f.Fixed || fixed(c, o)
	}
	if cmp == In && len(others) == 1 && slices.Index(c.List(c.At(ev.parents[c][side])), side) == 1 {
		f.Compare = Other // `x in column`: the column is an array
	}
	sc.add(f)
}

// fragment adds the column of SQL around one column that is compared for
// equality, `fragment("lower(?)", u.email)`.
func (ev *evaluator) fragment(sc *scope, e *ir.Expr, h how) bool {
	list := sc.frame.code.List(e)
	if word(sc.frame.code, e) != "fragment" || len(list) != 2 {
		return false
	}
	return ev.around(sc, sc.frame.code.At(list[0]).Str, list[1], h)
}

// equality reads `fragment("lower(?) = ?", u.email, ^email)`.
func (ev *evaluator) equality(sc *scope, e *ir.Expr, h how) bool {
	list := sc.frame.code.List(e)
	if len(list) != 3 || strings.Count(sc.frame.code.At(list[0]).Str, "=") != 1 {
		return false
	}
	left, right, _ := strings.Cut(sc.frame.code.At(list[0]).Str, "=")
	if _, column := ev.columnAt(sc, list[2]); column || strings.Count(right, "?") != 1 {
		return false
	}
	return ev.around(sc, left, list[1], h)
}

// around adds the column x, which stands for the ? in text.
func (ev *evaluator) around(sc *scope, text string, x ir.ExprID, h how) bool {
	col, ok := ev.columnAt(sc, x)
	if !ok || strings.Count(text, "?") != 1 {
		return false
	}
	sc.add(Filter{
		Column: col, Compare: Other, Join: h.join, Either: h.either, Span: sc.frame.code.Span(x),
		Expr: strings.TrimSpace(strings.Replace(text, "?", col.Name, 1)),
	})
	return true
}

// under is what a comparison says under a not.
func (c Compare) under(h how) Compare {
	switch {
	case !h.not:
		return c
	case c == IsNull:
		return NotNull
	}
	return Differs
}

// add adds a filter. One on a binding of an outer query says nothing of this
// one; one on a binding that is not known may be on any of its tables.
func (sc *scope) add(f Filter) {
	switch {
	case f.Binding == outer:
	case f.Binding < 0 || f.Binding >= len(sc.q.Sources):
		sc.q.OpenFilters = true
	case sc.q.Sources[f.Binding].lacks(f.Field):
		sc.q.OpenFilters = true
	default:
		sc.q.Filters = append(sc.q.Filters, f)
	}
}

// lacks reports whether a source cannot have a field: code that many schemas
// share names fields that some of them have.
func (s *Source) lacks(field string) bool {
	return s.Schema != nil && s.Sub == nil && !s.Schema.Partial && s.Schema.Field(field) == nil
}

// fixed reports whether an expression reads no variable.
func fixed(c *ir.Code, x ir.ExprID) bool {
	found := false
	c.Walk(x, func(id ir.ExprID) bool {
		found = found || c.At(id).Op == ir.Use
		return !found
	})
	return !found
}

// columnAt is the column that an expression names.
func (ev *evaluator) columnAt(sc *scope, x ir.ExprID) (Column, bool) {
	c := sc.frame.code
	e := c.At(x)
	switch {
	case e.Op == ir.Get:
		if b, ok := sc.binding(c, c.At(ir.ExprID(e.A))); ok {
			return sc.q.column(b, e.Str), true
		}
	case word(c, e) == "field" && e.Hi-e.Lo == 2:
		b, ok := sc.binding(c, c.At(c.Lists[e.Lo]))
		if !ok {
			return Column{}, false
		}
		if k := ev.value(sc.frame, c.Lists[e.Lo+1]); k.kind == atom {
			return sc.q.column(b, k.str), true
		}
		sc.q.OpenFilters = true
	}
	return Column{}, false
}

// touched adds the columns inside an expression that is not understood, and the
// queries there.
func (ev *evaluator) touched(sc *scope, x ir.ExprID, h how) {
	c := sc.frame.code
	c.Walk(x, func(id ir.ExprID) bool {
		ev.steps++
		e := c.At(id)
		if e.Op == ir.Pin || e.Op == ir.Call && ev.within(sc, id, e) {
			return false
		}
		col, ok := ev.columnAt(sc, id)
		if ok {
			sc.add(Filter{Column: col, Compare: Other, Join: h.join, Either: h.either, Span: c.Span(id)})
		}
		return !ok && ev.steps < maxSteps
	})
}

// within notes a query that stands in a condition.
func (ev *evaluator) within(sc *scope, x ir.ExprID, e *ir.Expr) bool {
	m := ev.modelOf(sc.frame.code, e)
	if m == nil || m.Expand != "ecto_query" {
		return false
	}
	ev.beside(sc, x)
	return true
}

// beside notes queries that are run together with the one of a scope.
func (ev *evaluator) beside(sc *scope, x ir.ExprID) {
	for _, a := range ev.asQuery(ev.value(sc.frame, x)).each() {
		if a.kind == query {
			sc.q.Within = append(sc.q.Within, a.q)
		}
	}
}

// pairs adds the columns of a keyword list or map with their values.
func (ev *evaluator) pairs(f *frame, sc *scope, x ir.ExprID) {
	ev.pairsOf(sc, ev.value(f, x))
}

func (ev *evaluator) pairsOf(sc *scope, v val) {
	if v.kind == either {
		ev.oneOf(sc, v.alts, ev.pairsOf)
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
	sc.add(Filter{Column: sc.q.column(0, k.Str), Compare: Equal, Constant: e.Op == ir.Const, Fixed: fixed(f.code, x), Span: f.code.Span(key)})
}

// added adds conditions that stand elsewhere: a dynamic, or pairs.
func (ev *evaluator) added(sc *scope, v val, h how) {
	switch v.kind {
	case condition:
		ev.dynamic(sc, v, h)
	case made:
		ev.pairsOf(sc, v)
	case atom:
	case either:
		ev.oneOf(sc, v.alts, func(sc *scope, a val) { ev.added(sc, a, h) })
	default:
		sc.q.OpenFilters = true
	}
}

// oneOf adds one of several values to the query: what all add is certain.
func (ev *evaluator) oneOf(sc *scope, alts []val, add func(*scope, val)) {
	var out *Query
	for _, a := range alts {
		one := *sc
		one.q = sc.q.copied()
		add(&one, a)
		if out == nil {
			out = one.q
		} else {
			out = out.or(one.q)
		}
	}
	*sc.q = *out
}

// dynamic reads `dynamic([u], u.age > ^age)` where it is added to a query, whose
// bindings its names are.
func (ev *evaluator) dynamic(sc *scope, v val, h how) {
	c := v.f.code
	args := c.List(c.At(v.x))
	in := &scope{q: sc.q, frame: v.f}
	if len(args) > 1 {
		ev.bindings(in, args[0])
	}
	ev.conditions(in, args[len(args)-1], h)
}
