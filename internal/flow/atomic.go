package flow

import "github.com/assay-dev/assay/internal/ir"

// spreadBare finds the nodes that an entry of the running system reaches without
// a transaction around them.
func (r *Result) spreadBare() {
	r.bare = r.spreadBeyond(func(n *node, at ir.ExprID) bool { return n.within[at] })
}

// Bare reports whether an entry of the running system reaches a node without a
// transaction around it.
func (r *Result) Bare(id ClauseID) bool { return r.bare[id] }

// Writes says how a call of a node writes to the database, itself or through what
// it calls; ok is false when it does not, or does so inside a transaction that is
// open around it.
func (r *Result) Writes(id ClauseID, x ir.ExprID) (at Via, ok bool) {
	n := &r.nodes[id]
	e := n.code.At(x)
	if e.Op != ir.Call || n.within[x] {
		return Via{}, false
	}
	fn, ext := r.resolve(&n.code.Callees[e.A])
	if fn == ir.No {
		for _, k := range r.Does(ext) {
			ok = ok || k == Write
		}
		return Via{next{Expr: x, Callee: ir.No}, Write, 0}, ok
	}
	r.eachTarget(fn, n.code, n.code.List(e), nil, func(t ClauseID) {
		for i, f := range r.nodes[t].facts {
			if f.Kind == Write && f.Flags&(Async|Cached|Within) == 0 && (!ok || f.Depth+1 < at.depth) {
				at, ok = Via{next{Expr: x, Callee: t, Fact: int32(i)}, Write, f.Depth + 1}, true
			}
		}
	})
	return at, ok && at.depth <= maxHops
}

// Last is the library function at the end of a path, or No.
func (r *Result) Last(id ClauseID, at Via) ir.ExternID {
	id, x := r.lastCall(id, at)
	c := r.nodes[id].code
	if e := c.At(x); e.Op == ir.Call || e.Op == ir.FuncRef {
		_, ext := r.resolve(&c.Callees[e.A])
		return ext
	}
	return ir.No
}

// noteWithin remembers that a call happens inside a transaction.
func (e *eval) noteWithin(at ir.ExprID) {
	for c := e.cur; c >= 0; c = e.ctxs[c].parent {
		if e.ctxs[c].flags&Within != 0 {
			if e.n.within == nil {
				e.n.within = map[ir.ExprID]bool{}
			}
			e.n.within[at] = true
			return
		}
	}
}
