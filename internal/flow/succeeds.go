package flow

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// succeeds reports whether the function that is a step of a transaction never gives
// a failure: it raises, or gives {:ok, _}.
func (w *doubter) succeeds(c *ir.Code, m *model.Call, args []ir.ExprID) bool {
	if len(m.Runs) == 0 || m.Runs[0] >= len(args) || c.At(origin(c, args[m.Runs[0]])).Op != ir.Closure {
		return false
	}
	return w.well(c, origin(c, args[m.Runs[0]]), maxDepth)
}

func (w *doubter) well(c *ir.Code, id ir.ExprID, depth int) bool {
	e := c.At(id)
	switch {
	case depth == 0:
		return false
	case e.Op == ir.Raise:
		return true
	case e.Op == ir.Make:
		return literalAlt(c, id).Tag == "ok"
	case e.Op == ir.Call && c.Callees[e.A].Func >= 0:
		return w.a.givesWell(c.Callees[e.A].Func)
	}
	all, some := true, false
	eachResult(c, id, func(r ir.ExprID) {
		some = true
		all = all && w.well(c, r, depth-1)
	})
	return all && some
}

// givesWell reports whether a function is known never to give a failure.
func (a *analysis) givesWell(f ir.FuncID) bool {
	lo, hi := a.clauses(f)
	for id := lo; id < hi; id++ {
		s := a.nodes[id].shape
		if s == nil || !s.closed() || slices.ContainsFunc(s.alts, func(x Alt) bool { return x.Tag != "ok" }) {
			return false
		}
	}
	return lo < hi
}

// OnlyCasts reports whether all that can refuse the write at the end of a path is
// a value of the wrong type.
func (r *Result) OnlyCasts(id ClauseID, at Failing) bool {
	id, at = r.failing(id, at)
	return r.castsOnly(id, at.Expr)
}

// CastsOnly is OnlyCasts of the call that makes an alternative.
func (r *Result) CastsOnly(o Origin) bool { return r.castsOnly(o.In, o.Expr) }

func (r *Result) castsOnly(id ClauseID, x ir.ExprID) bool {
	if x == ir.No || r.nodes[id].code.At(x).Op != ir.Call {
		return false
	}
	c := r.nodes[id].code
	write := c.At(x)
	_, ext := r.resolve(&c.Callees[write.A])
	m := r.model(ext)
	if m == nil || m.Decides == "" || m.Query == nil || *m.Query >= int(write.Hi-write.Lo) {
		return false
	}
	d, _ := r.doubtOf(c, c.List(write)[*m.Query], m)
	return d == CastDoubt
}

// failing follows a failure down to the clause that has the call which fails.
func (r *Result) failing(id ClauseID, at Failing) (ClauseID, Failing) {
	for n := 0; n < maxDepth && at.Callee != ir.No; n++ {
		id, at = at.Callee, Failing{r.nodes[at.Callee].retPath}
	}
	return id, at
}

// FailingCall is the call that a failure comes from, which may be No.
func (r *Result) FailingCall(id ClauseID, at Failing) (ClauseID, ir.ExprID) {
	id, at = r.failing(id, at)
	return id, at.Expr
}

// FailingCalls are the calls that lead from a clause to the one with the call that a failure
// comes from.
func (r *Result) FailingCalls(id ClauseID, at Failing) []Caller {
	var out []Caller
	for len(out) < maxDepth && at.Callee != ir.No {
		out = append(out, Caller{Clause: id, Expr: at.Expr})
		id, at = at.Callee, Failing{r.nodes[at.Callee].retPath}
	}
	return out
}

// Logged reports whether a function on the way to a failure writes it to the log.
func (r *Result) Logged(at Failing) bool {
	for n := 0; n < maxDepth && at.Callee != ir.No; n++ {
		if r.logsFailure(at.Callee) {
			return true
		}
		at = Failing{r.nodes[at.Callee].retPath}
	}
	return false
}

// takesFailure reports whether a pattern is one for a failure, or for whatever the
// clauses before it left.
func takesFailure(c *ir.Code, pat ir.ExprID) bool {
	op := c.At(pat).Op
	return op == ir.Bind || op == ir.Any || patternAlt(c, pat).Tag == "error"
}

// logsFailure reports whether a clause that takes a failure, or an arm of one that
// does, writes to the log.
func (r *Result) logsFailure(id ClauseID) bool {
	n := &r.nodes[id]
	var arms []ir.ExprID
	n.code.Walk(r.Body(id), func(x ir.ExprID) bool {
		e := n.code.At(x)
		if e.Op == ir.Arm {
			if patterns, _, _ := n.code.Parts(e); len(patterns) == 1 && takesFailure(n.code, patterns[0]) {
				arms = append(arms, x)
			}
		}
		return e.Op != ir.Closure
	})
	return slices.ContainsFunc(n.facts, func(f Fact) bool {
		return f.Kind == Log && f.Expr != ir.No && (r.reshapes(id) || slices.ContainsFunc(arms, func(a ir.ExprID) bool {
			return n.code.Span(a).Contains(n.code.Span(f.Expr))
		}))
	})
}
