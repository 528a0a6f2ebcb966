package flow

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// spreadBeyond finds the nodes that an entry of the running system reaches
// without one of the calls that skip names.
func (r *Result) spreadBeyond(skip func(n *node, at ir.ExprID) bool) []bool {
	found := make([]bool, len(r.nodes))
	var work []ClauseID
	for id := range r.nodes {
		if a := r.serves[id]; a.entry != ir.No && a.from == ir.No {
			found[id] = true
			work = append(work, ClauseID(id))
		}
	}
	for len(work) > 0 {
		n := &r.nodes[work[len(work)-1]]
		work = work[:len(work)-1]
		for _, e := range n.edges {
			if !found[e.to] && !skip(n, e.at) {
				found[e.to] = true
				work = append(work, e.to)
			}
		}
	}
	return found
}

// Exposed reports whether an entry of the running system reaches a node without
// a clause around it that rescues whatever is raised.
func (r *Result) Exposed(id ClauseID) bool { return r.exposed[id] }

// rescued reports whether what is raised here is rescued further out in the node,
// or by the function that is given the function value that runs.
func (e *eval) rescued() bool {
	for c := e.cur; c >= 0; c = e.ctxs[c].parent {
		if e.ctxs[c].caught {
			return true
		}
	}
	return false
}

// misfitRescued reports whether what does not fit a pattern here is rescued as such further out in the
// node.
func (e *eval) misfitRescued() bool {
	for c := e.cur; c >= 0; c = e.ctxs[c].parent {
		if e.ctxs[c].misfits {
			return true
		}
	}
	return false
}

// noteRescued remembers that what a call raises goes no further.
func (e *eval) noteRescued(at ir.ExprID) {
	if e.rescued() {
		if e.n.caught == nil {
			e.n.caught = map[ir.ExprID]bool{}
		}
		e.n.caught[at] = true
	}
}

// TakesRaise reports whether an arm of a try takes whatever is raised, and raises
// nothing but an exception of its own choice in its place.
func TakesRaise(c *ir.Code, arm ir.ExprID) bool {
	a := c.At(arm)
	if a.Op != ir.Arm || a.Sub != ir.ArmRescue && a.Sub != ir.ArmCatch {
		return false
	}
	patterns, guard, body := c.Parts(a)
	takes := guard == ir.No
	if a.Sub == ir.ArmRescue {
		takes = takes && len(patterns) < 2
	} else {
		takes = takes && len(patterns) == 2 // what is caught by one pattern is thrown, not raised
	}
	for _, p := range patterns {
		x := c.At(p)
		takes = takes && (x.Op == ir.Any || x.Op == ir.Bind || x.Op == ir.Const && x.Str == "error")
	}
	c.Walk(body, func(x ir.ExprID) bool {
		e := c.At(x)
		takes = takes && (e.Op != ir.Raise || translates(c, e))
		return takes
	})
	return takes
}

// takesMisfits reports whether an arm of a try rescues a value that fits no pattern: MatchError,
// CaseClauseError and the like.
func takesMisfits(c *ir.Code, arm ir.ExprID) bool {
	a := c.At(arm)
	if a.Op != ir.Arm || a.Sub != ir.ArmRescue {
		return false
	}
	patterns, _, _ := c.Parts(a)
	found := false
	for _, p := range patterns {
		c.Walk(p, func(x ir.ExprID) bool {
			e := c.At(x)
			found = found || e.Op == ir.Const && e.Sub == ir.LitModule && (e.Str == "MatchError" || strings.HasSuffix(e.Str, "ClauseError"))
			return true
		})
	}
	return found
}

// translates reports whether a raise names the exception, which says what the caller is
// told: `reraise NotFound, __STACKTRACE__`.
func translates(c *ir.Code, raise *ir.Expr) bool {
	list := c.List(raise)
	if len(list) == 0 || raise.Sub != ir.RaiseError && raise.Sub != ir.RaiseAgain {
		return false
	}
	x := c.At(list[0])
	return x.Op == ir.Const && x.Sub == ir.LitModule || x.Op == ir.Make && x.Sub == ir.MakeStruct
}
