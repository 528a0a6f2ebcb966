package checks

import (
	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// loopFix looks for the change that ends the round trips of one loop.
type loopFix struct {
	*check.Pass
	loop *flow.Loop
	kind loopKind
	code *ir.Code
	way  []flow.Hop // from the loop's body down to the library's call
	// pattern is what the element is matched with, and body what runs for it; of a
	// function that is named instead, ref is the name and the others are No.
	pattern, body, ref ir.ExprID
}

// loopChanges asks for what ends the round trips of a loop, or says why nothing does.
func loopChanges(p *check.Pass, l *flow.Loop, kind loopKind) []fix.Change {
	f := &loopFix{Pass: p, loop: l, kind: kind, code: p.Flow.Code(l.Clause), way: p.Flow.Way(l.Clause, l.Database.To())}
	c, why := f.change()
	if c == nil {
		return []fix.Change{&fix.Decline{Why: why}}
	}
	return []fix.Change{c}
}

func (f *loopFix) change() (fix.Change, string) {
	l := f.loop
	if l.Kind == "resolver" {
		return f.batched()
	}
	if why := elsewhere(l); why != "" {
		return nil, why
	}
	switch {
	case l.Coll == ir.No || len(f.way) == 0 || !f.takeApart():
		return nil, "what runs for each element is not written where the loop is"
	case l.Outer != ir.No && f.Flow.LoopsOf(l.Clause)[l.Outer].Bound == flow.Unbounded:
		return nil, "the loop stands in another one, around which all of it has to be read"
	case l.Verdict == flow.Hoisted:
		return f.hoisted()
	case f.locks():
		return nil, "each row is locked while it is worked on; read for all of them, all are locked at once"
	case l.Database.Inner != ir.No:
		return nil, "a loop inside this one asks, and what it goes over is only known there"
	case f.kind == writeLoop:
		return f.written()
	}
	last := f.way[len(f.way)-1]
	m := f.Flow.ModelAt(f.Flow.Code(last.Clause), last.Expr)
	switch {
	case m == nil:
		return nil, "what asks is only known at run time"
	case m.Loads != nil:
		return f.loaded()
	}
	return f.associated()
}

// locks reports whether what runs for an element locks the rows that it reads.
func (f *loopFix) locks() bool {
	last := f.way[len(f.way)-1]
	for _, x := range []struct {
		c  *ir.Code
		at ir.ExprID
	}{{f.code, f.body}, {f.Flow.Code(last.Clause), last.Expr}} {
		found := false
		if x.at != ir.No {
			x.c.Walk(x.at, func(y ir.ExprID) bool {
				if e := x.c.At(y); e.Op == ir.Call {
					name := x.c.Callees[e.A].Name
					found = found || name == "lock"
					for _, a := range x.c.List(e) {
						x.c.EachPair(a, func(key string, _ ir.ExprID) { found = found || name == "from" && key == "lock" })
					}
				}
				return !found
			})
		}
		if found {
			return true
		}
	}
	return false
}

// elsewhere is why a loop that nobody wrote as one has no fix in its own place.
func elsewhere(l *flow.Loop) string {
	switch l.Kind {
	case "cast":
		return "a library goes over the children; what they need has to be handed to their changesets"
	case "component":
		return "a library goes over the components; each has to be given what it needs"
	case "recursion":
		return "the function calls itself for each element; that has to become a loop first"
	}
	return ""
}

// takeApart finds the pattern and the body of the loop. Where a library renders a
// view for each row, the call itself is what names the function.
func (f *loopFix) takeApart() bool {
	f.pattern, f.body, f.ref = ir.No, ir.No, ir.No
	e := f.code.At(f.loop.Expr)
	switch {
	case f.loop.Kind == "view":
		f.ref = f.loop.Expr
		return true
	case e.Op == ir.Loop && e.Flags&ir.FlagReduce == 0:
		for _, o := range f.code.List(e) {
			if g := f.code.At(o); g.Op == ir.Generator && ir.ExprID(g.B) == f.loop.Coll {
				f.pattern, f.body = ir.ExprID(g.A), ir.ExprID(e.A)
				return true
			}
		}
	case e.Op == ir.Call:
		return f.function(f.code.List(e))
	}
	return false
}

// function finds the one function value among the arguments of a call.
func (f *loopFix) function(args []ir.ExprID) bool {
	n := 0
	for _, a := range args {
		switch x := f.code.At(a); x.Op {
		case ir.FuncRef:
			n++
			f.ref = a
		case ir.Closure:
			arms := f.code.List(x)
			if n++; len(arms) != 1 {
				return false
			}
			patterns, _, body := f.code.Parts(f.code.At(arms[0]))
			at := 0
			if m := f.Flow.ModelAt(f.code, f.loop.Expr); m != nil {
				at = m.Element
			}
			if at >= len(patterns) {
				return false
			}
			f.pattern, f.body = patterns[at], body
		}
	}
	return n == 1
}

// isRow says of a variable whether it is the element.
type isRow func(ir.VarID) bool

func (f *loopFix) element(v ir.VarID) bool {
	return f.pattern != ir.No && flow.BindsWhole(f.code, f.pattern, v)
}

// is reports whether an expression is the element, also with associations loaded.
func (f *loopFix) is(c *ir.Code, x ir.ExprID, elem isRow) bool {
	for range 8 {
		e := c.At(x)
		switch {
		case e.Op == ir.Use && elem(ir.VarID(e.A)):
			return true
		case e.Op == ir.Use:
			y := flow.Follow(c, x)
			if y == x {
				return false
			}
			x = y
		default:
			m := f.Flow.ModelAt(c, x)
			if e.Op != ir.Call || m == nil || m.Loads == nil || e.Hi == e.Lo {
				return false
			}
			x = c.Lists[e.Lo]
		}
	}
	return false
}

// handed follows the element down the way, and says of the variables of its last
// clause whether they are it.
func (f *loopFix) handed() (isRow, string) {
	elem := isRow(f.element)
	for i := range len(f.way) - 1 {
		h, to := f.way[i], f.way[i+1].Clause
		c := f.Flow.Code(h.Clause)
		e := c.At(h.Expr)
		arg := ir.No
		switch {
		case h.Expr == f.ref && f.loop.Kind == "view":
			if elem = f.assigned(to); elem == nil {
				return nil, "what the view gets besides the row is not known"
			}
			continue
		case e.Op == ir.FuncRef && i == 0 && h.Expr == f.ref:
			arg = 0
		case e.Op == ir.Call:
			for j, a := range c.List(e) {
				if f.is(c, a, elem) {
					arg = j
				}
			}
		}
		if arg == ir.No {
			return nil, "what is asked for belongs to something else than the row of the loop"
		}
		var why string
		if elem, why = f.into(to, arg, c.Callees[e.A].Arity); elem == nil {
			return nil, why
		}
	}
	return elem, ""
}

// assigned is the row in a clause that renders it: the one thing that the clause
// takes out of what it is given.
func (f *loopFix) assigned(to flow.ClauseID) isRow {
	cl, c := f.Flow.Clause(to), f.Flow.Code(to)
	e := f.code.At(f.loop.Expr)
	if cl == nil || len(cl.Params) == 0 || e.Hi-e.Lo != 3 {
		return nil
	}
	p := c.At(cl.Params[len(cl.Params)-1])
	if p.Op != ir.Make || p.Sub != ir.MakeMap || p.Hi-p.Lo != 2 {
		return nil
	}
	row := c.List(p)[1]
	return func(v ir.VarID) bool { return flow.BindsWhole(c, row, v) }
}

// into is what a call's argument is called in a clause of the function.
func (f *loopFix) into(to flow.ClauseID, arg, arity int) (isRow, string) {
	fn := f.Flow.Func(to)
	if fn == ir.No {
		return nil, "what is called is only known at run time"
	}
	d := f.Program.Funcs[fn]
	if len(d.Clauses) > 1 && d.Defaults == 0 {
		return nil, "what is asked for depends on the kind of the row"
	}
	at := f.Flow.Positions(d, arity)
	cl := f.Flow.Clause(to)
	if cl == nil || arg >= len(at) || at[arg] >= len(cl.Params) {
		return nil, "what is called is only known at run time"
	}
	c, p := f.Flow.Code(to), cl.Params[at[arg]]
	return func(v ir.VarID) bool { return flow.BindsWhole(c, p, v) }, ""
}

// listed reports whether an expression is certainly a list.
func (f *loopFix) listed(id flow.ClauseID, x ir.ExprID, depth int) bool {
	if depth == 0 {
		return false
	}
	c := f.Flow.Code(id)
	x = flow.Follow(c, x)
	e := c.At(x)
	switch e.Op {
	case ir.Make:
		return e.Sub == ir.MakeList || e.Sub == ir.MakeCons
	case ir.Get:
		return f.holdsMany(e.Str)
	case ir.Block:
		return e.Hi > e.Lo && f.listed(id, c.Lists[e.Hi-1], depth-1)
	case ir.Use:
		if f.listParam(id, ir.VarID(e.A)) {
			return true
		}
		list := true
		return f.given(id, x, func(k flow.ClauseID, a ir.ExprID) { list = list && f.listed(k, a, depth-1) }) && list
	case ir.Call:
		fn, ext := f.Flow.Resolve(&c.Callees[e.A])
		if fn == ir.No {
			m := f.Flow.Model(ext)
			return m != nil && (m.Gives == "rows" || m.Loads != nil && e.Hi > e.Lo && f.listed(id, c.Lists[e.Lo], depth-1))
		}
		lo, hi := f.Flow.Clauses(fn)
		for k := lo; k < hi; k++ {
			if cl := f.Flow.Clause(k); cl != nil && cl.Body != ir.No && !f.listed(k, cl.Body, depth-1) {
				return false
			}
		}
		return hi > lo
	}
	return false
}

// given calls do with what each caller passes for the whole of a parameter, and
// reports whether there are callers and all are known.
func (f *loopFix) given(id flow.ClauseID, x ir.ExprID, do func(flow.ClauseID, ir.ExprID)) bool {
	e := f.Flow.Code(id).At(x)
	if e.Op != ir.Use || f.Flow.Func(id) == ir.No {
		return false
	}
	i := f.Flow.Param(id, ir.VarID(e.A))
	calls := f.Flow.CallersOf(id)
	if i == ir.No || len(calls) == 0 || len(calls) > 32 {
		return false
	}
	all := true
	fn := f.Program.Funcs[f.Flow.Func(id)]
	for _, k := range calls {
		c := f.Flow.Code(k.Clause)
		call := c.At(k.Expr)
		found := false
		if call.Op == ir.Call {
			for arg, p := range f.Flow.Positions(fn, int(call.Hi-call.Lo)) {
				if p == i && arg < int(call.Hi-call.Lo) {
					do(k.Clause, c.List(call)[arg])
					found = true
				}
			}
		}
		all = all && found
	}
	return all
}

// listParam reports whether a parameter's pattern accepts only lists.
func (f *loopFix) listParam(id flow.ClauseID, v ir.VarID) bool {
	i := f.Flow.Param(id, v)
	if i == ir.No {
		return false
	}
	found := false
	c := f.Flow.Code(id)
	p := f.Flow.Clause(id).Params[i]
	if m := c.At(p); m.Op == ir.Match {
		for _, side := range []int32{m.A, m.B} {
			s := c.At(ir.ExprID(side))
			found = found || s.Op == ir.Make && (s.Sub == ir.MakeList || s.Sub == ir.MakeCons)
		}
	}
	return found
}

// holdsMany reports whether every association of a name is a list, and no field
// has the name.
func (f *loopFix) holdsMany(name string) bool {
	some := false
	for _, s := range f.Program.Schemas {
		if a := s.Association(name); a != nil {
			if !a.Kind.Many() {
				return false
			}
			some = true
		} else if s.Field(name) != nil {
			return false
		}
	}
	return some
}

// lazy reports whether a collection is visibly no list, here or at a caller that
// passes it.
func (f *loopFix) lazy(x ir.ExprID) bool {
	if m := f.Flow.ModelAt(f.code, f.loop.Expr); m != nil && m.Gives == "stream" && !f.listed(f.loop.Clause, x, 4) {
		return true
	}
	return f.unlisted(f.loop.Clause, x, 3)
}

func (f *loopFix) unlisted(id flow.ClauseID, x ir.ExprID, depth int) bool {
	c := f.Flow.Code(id)
	for range 8 {
		x = flow.Follow(c, x)
		e := c.At(x)
		if e.Op == ir.Use && depth > 0 {
			lazy := false
			f.given(id, x, func(k flow.ClauseID, a ir.ExprID) { lazy = lazy || f.unlisted(k, a, depth-1) })
			return lazy
		}
		if e.Op != ir.Call {
			return e.Op == ir.Make && e.Sub != ir.MakeList && e.Sub != ir.MakeCons
		}
		m := f.Flow.ModelAt(c, x)
		if m != nil && m.Gives == "stream" {
			return true
		}
		if m == nil || m.Iterates == nil || *m.Iterates >= int(e.Hi-e.Lo) {
			return false
		}
		x = c.List(e)[*m.Iterates]
	}
	return false
}

// streamed reports whether the elements of a collection are read one by one, so
// that there may be more of them than memory holds.
func (f *loopFix) streamed(x ir.ExprID) bool {
	for range 16 {
		x = flow.Follow(f.code, x)
		m := f.Flow.ModelAt(f.code, x)
		if m == nil {
			return false
		}
		if m.Iterates == nil || argument(f.code, x, m.Iterates) == ir.No {
			return m.Gives == "stream"
		}
		x = argument(f.code, x, m.Iterates)
	}
	return true
}

// writes reports whether the clause of the loop changes rows.
func (f *loopFix) writes() bool {
	for _, fact := range f.Flow.Facts(f.loop.Clause) {
		if fact.Kind == flow.Write {
			return true
		}
	}
	return false
}

// argument is an argument of a call that a model names by its place, or No.
func argument(c *ir.Code, x ir.ExprID, at *int) ir.ExprID {
	e := c.At(x)
	if e.Op != ir.Call || at == nil || *at >= int(e.Hi-e.Lo) {
		return ir.No
	}
	return c.List(e)[*at]
}

// plain reports whether an expression is made of literals only.
func plain(c *ir.Code, x ir.ExprID) bool {
	ok := true
	c.Walk(x, func(y ir.ExprID) bool {
		e := c.At(y)
		ok = ok && (e.Op == ir.Const || e.Op == ir.Make && (e.Sub == ir.MakeList || e.Sub == ir.MakeTuple))
		return ok
	})
	return ok
}

// outside reports whether an expression of the loop's body means the same before
// the loop: it uses nothing that the loop binds.
func (f *loopFix) outside(x ir.ExprID) bool {
	loop, own := f.code.At(f.loop.Expr), f.code.At(x)
	ok := true
	f.code.Walk(x, func(y ir.ExprID) bool {
		e := f.code.At(y)
		if e.Op != ir.Use || e.A < 0 {
			return ok
		}
		at := f.code.Vars[e.A].At
		if at == ir.No {
			ok = false
			return ok
		}
		b := f.code.At(at)
		within := func(o *ir.Expr) bool { return b.Start >= o.Start && b.End <= o.End }
		ok = ok && (!within(loop) || within(own))
		return ok
	})
	return ok
}
