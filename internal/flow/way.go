package flow

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// Hop is a call in a clause.
type Hop struct {
	Clause ClauseID
	Expr   ir.ExprID
}

// Way lists the calls from a place of a clause down to the library call that
// makes a fact true, as Path does, in the code.
func (r *Result) Way(id ClauseID, at Via) []Hop {
	var hops []Hop
	for len(hops) <= maxDepth+1 {
		hops = append(hops, Hop{id, at.Expr})
		if at.Callee == ir.No {
			break
		}
		f := r.cause(at)
		if f == nil {
			return nil
		}
		id, at = at.Callee, f.To()
	}
	return hops
}

// ModelAt is the entry that says what the library's function does that an
// expression calls, or nil.
func (r *Result) ModelAt(c *ir.Code, x ir.ExprID) *model.Call {
	if e := c.At(x); e.Op == ir.Call || e.Op == ir.FuncRef {
		fn, ext := r.resolve(&c.Callees[e.A])
		if fn == ir.No {
			return r.model(ext)
		}
	}
	return nil
}

// Follow follows a variable to the value that a plain match gave it.
func Follow(c *ir.Code, x ir.ExprID) ir.ExprID { return origin(c, x) }

// BindsWhole reports whether a pattern binds a variable to all of what it matches.
func BindsWhole(c *ir.Code, pattern ir.ExprID, v ir.VarID) bool { return bindsWhole(c, pattern, v) }

// Param is the parameter of a clause that a variable is the whole of, or No.
func (r *Result) Param(id ClauseID, v ir.VarID) int {
	if n := &r.nodes[id]; n.clause != nil {
		for i, p := range n.clause.Params {
			if bindsWhole(n.code, p, v) {
				return i
			}
		}
	}
	return ir.No
}

// Clause is the clause of a function that a node is, or nil.
func (r *Result) Clause(id ClauseID) *ir.Clause { return r.nodes[id].clause }

// CallersOf are the calls of a node, in the order of the callers.
func (r *Result) CallersOf(id ClauseID) []Caller { return r.callers[id] }

// Feasible reports whether a way can be gone: no clause on it asks a parameter for another
// constant than the call before it passes, or than the calls before pass on.
func (r *Result) Feasible(way []Hop) bool {
	known := map[ir.VarID]*ir.Expr{}
	for i := 0; i+1 < len(way); i++ {
		c := r.nodes[way[i].Clause].code
		to := &r.nodes[way[i+1].Clause]
		call := c.At(way[i].Expr)
		if call.Op != ir.Call || to.clause == nil || int(call.Hi-call.Lo) != len(to.clause.Params) {
			known = map[ir.VarID]*ir.Expr{}
			continue
		}
		next := map[ir.VarID]*ir.Expr{}
		for j, x := range c.List(call) {
			given := c.At(origin(c, x))
			if given.Op == ir.Use {
				given = known[ir.VarID(given.A)]
			}
			if given == nil || given.Op != ir.Const {
				continue
			}
			switch p := to.code.At(to.clause.Params[j]); {
			case p.Op == ir.Bind:
				next[ir.VarID(p.A)] = given
			case p.Op == ir.Const && p.Sub == given.Sub && p.Str != given.Str:
				return false
			}
		}
		known = next
	}
	return true
}
