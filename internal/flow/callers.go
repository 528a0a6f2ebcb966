package flow

import "github.com/assay-dev/assay/internal/ir"

// maxCallers bounds how many calls of a function are looked at, and how far up.
const (
	maxCallers    = 64
	maxCallerHops = 3
)

// collected is how many elements the collection of a loop can have, with what
// every caller passes for it.
func (r *Result) collected(id ClauseID, l *Loop) Bound {
	if l.Kind == "recursion" && l.Bound == Unbounded {
		return r.consumed(id)
	}
	if l.Bound != Unbounded || l.Coll == ir.No {
		return l.Bound
	}
	return r.static(id, l.Coll, maxCallerHops*4)
}

// consumed bounds the list that a recursive clause takes apart.
func (r *Result) consumed(id ClauseID) Bound {
	n := &r.nodes[id]
	if n.clause == nil {
		return Unbounded
	}
	for i, p := range n.clause.Params {
		e := n.code.At(p)
		if e.Op == ir.Match {
			e = n.code.At(ir.ExprID(e.A))
		}
		if e.Op == ir.Make && e.Sub == ir.MakeCons {
			return r.passed(id, i, maxCallerHops*4)
		}
	}
	return Unbounded
}

// static bounds the value of an expression from the text alone.
func (r *Result) static(id ClauseID, x ir.ExprID, depth int) Bound {
	if depth <= 0 || x < 0 {
		return Unbounded
	}
	c := r.nodes[id].code
	e := c.At(x)
	switch e.Op {
	case ir.Const:
		return Literal
	case ir.Attr:
		return Bounded
	case ir.Use:
		return r.staticVar(id, ir.VarID(e.A), depth)
	case ir.Make:
		return r.staticMake(id, e, depth)
	case ir.Match:
		return r.static(id, ir.ExprID(e.B), depth-1)
	case ir.Block, ir.Branch, ir.Case, ir.Arm:
		b, any := Literal, false
		eachResult(c, x, func(o ir.ExprID) { b, any = min(b, r.static(id, o, depth-1)), true })
		if any {
			return b
		}
	case ir.Get:
		if r.enumerated[e.Str] {
			return Bounded
		}
	case ir.Call:
		return r.staticCall(id, e, depth)
	}
	return Unbounded
}

func (r *Result) staticMake(id ClauseID, e *ir.Expr, depth int) Bound {
	switch e.Sub {
	case ir.MakeList, ir.MakeMap, ir.MakeTuple, ir.MakeStruct, ir.MakeSigil:
		return Literal
	case ir.MakeRange:
		b := Bounded
		for _, p := range r.nodes[id].code.List(e) {
			b = min(b, r.static(id, p, depth-1))
		}
		return b
	}
	return Unbounded
}

func (r *Result) staticVar(id ClauseID, v ir.VarID, depth int) Bound {
	n := &r.nodes[id]
	value, pattern := n.code.Given(v)
	if n.clause != nil {
		for i, p := range n.clause.Params {
			if bindsWhole(n.code, p, v) {
				return r.passed(id, i, depth-4)
			}
		}
	}
	if value != ir.No && !pattern {
		return r.static(id, value, depth-1)
	}
	return Unbounded
}

// bindsWhole reports whether a parameter's pattern binds a variable to all of it.
func bindsWhole(c *ir.Code, p ir.ExprID, v ir.VarID) bool {
	e := c.At(p)
	switch e.Op {
	case ir.Bind:
		return ir.VarID(e.A) == v
	case ir.Match:
		return bindsWhole(c, ir.ExprID(e.A), v) || bindsWhole(c, ir.ExprID(e.B), v)
	}
	return false
}

// passed bounds what the callers of a clause pass as a parameter; a function
// that something outside calls, or whose name is passed on, can get anything.
func (r *Result) passed(id ClauseID, param, depth int) Bound {
	calls := r.callers[id]
	if len(calls) == 0 || len(calls) > maxCallers || r.serves[id].from == ir.No {
		return Unbounded
	}
	b := Literal
	for _, from := range calls {
		if r.nodes[from.Clause].fn == r.nodes[id].fn {
			continue // it passes on what it was given
		}
		b = min(b, r.argument(id, param, from, depth))
	}
	return min(b, Bounded)
}

// argument bounds what one call passes as a parameter: an argument, or the
// parameter's default.
func (r *Result) argument(id ClauseID, param int, from Caller, depth int) Bound {
	c := r.nodes[from.Clause].code
	e := c.At(from.Expr)
	if e.Op != ir.Call {
		return Unbounded
	}
	fn := r.p.Funcs[r.nodes[id].fn]
	var buf [16]int
	for arg, p := range r.positions(fn, int(e.Hi-e.Lo), buf[:0]) {
		if p == param {
			return r.static(from.Clause, c.Lists[int(e.Lo)+arg], depth)
		}
	}
	lo, _ := r.clauses(fn.ID)
	if head := fn.Clauses[0].Params; fn.Defaults > 0 && param < len(head) && fn.Code.At(head[param]).Op == ir.Match {
		return r.static(lo, ir.ExprID(fn.Code.At(head[param]).B), depth)
	}
	return Unbounded
}

// indexCallers turns the edges round.
func (r *Result) indexCallers() {
	r.callers = make([][]Caller, len(r.nodes))
	for i := range r.nodes {
		if r.nodes[i].skipped {
			continue
		}
		for _, e := range r.nodes[i].edges {
			r.callers[e.to] = append(r.callers[e.to], Caller{ClauseID(i), e.at})
		}
	}
}

// staticCall bounds what a call gives: a configured value, or no more elements
// than its collection has.
func (r *Result) staticCall(id ClauseID, e *ir.Expr, depth int) Bound {
	c := r.nodes[id].code
	fn, ext := r.resolve(&c.Callees[e.A])
	if fn != ir.No {
		lo, hi := r.clauses(fn)
		b := Literal
		for t := lo; t < hi; t++ {
			b = min(b, r.nodes[t].retBound)
		}
		return min(b, Bounded)
	}
	m := r.model(ext)
	switch {
	case ext == ir.No || e.Lo == e.Hi && m == nil:
		return Unbounded
	case m == nil:
		return r.staticArgs(id, e, depth)
	case m.Expand == "configuration" || m.Expand == "environment":
		return Bounded
	case m.Effects != 0 || m.Source != "" || e.Lo == e.Hi:
		return Unbounded
	case m.Gives == "chunks":
		return Batches
	case m.Keeps != nil && m.Bounds == nil && *m.Keeps < int(e.Hi-e.Lo):
		return r.static(id, c.Lists[int(e.Lo)+*m.Keeps], depth-1)
	case m.Iterates != nil && *m.Iterates < int(e.Hi-e.Lo):
		return r.static(id, c.Lists[int(e.Lo)+*m.Iterates], depth-1)
	case m.Bounds != nil && *m.Bounds < int(e.Hi-e.Lo):
		// At most as many as the argument says, and some of the first.
		return min(Bounded, max(r.static(id, c.Lists[int(e.Lo)+*m.Bounds], depth-1), r.static(id, c.Lists[e.Lo], depth-1)))
	}
	return r.staticArgs(id, e, depth)
}

// staticArgs is about a call that makes no more elements than its arguments have.
func (r *Result) staticArgs(id ClauseID, e *ir.Expr, depth int) Bound {
	c := r.nodes[id].code
	b := Bounded
	for _, a := range c.List(e) {
		if op := c.At(a).Op; op != ir.Closure && op != ir.FuncRef {
			b = min(b, r.static(id, a, depth-1))
		}
	}
	return b
}
