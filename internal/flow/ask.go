package flow

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// Caller is one call of a clause.
type Caller struct {
	Clause ClauseID  // the clause that calls
	Expr   ir.ExprID // the call in it, or the function's name as a value
}

// Untrusted are the parameters of a clause of an entry, by bit, that hold what a client sent;
// those of any clause where it is No.
func (r *Result) Untrusted(id ClauseID, e *ir.Entry) uint32 {
	return uint32(r.untrusted(id, e) & wholeBits)
}

// Skipped reports whether a node is not followed: tests, heads without a body.
func (r *Result) Skipped(id ClauseID) bool { return r.nodes[id].skipped }

// Params are the patterns of a clause's parameters; nil of an entry's closure.
func (r *Result) Params(id ClauseID) []ir.ExprID {
	if n := &r.nodes[id]; n.clause != nil {
		return n.clause.Params
	}
	return nil
}

// Roots are the expressions that a node runs.
func (r *Result) Roots(id ClauseID) []ir.ExprID { return r.nodes[id].roots() }

// Resolve follows a callee through delegates to a function of the project or of
// a library; the other is No.
func (r *Result) Resolve(k *ir.Callee) (ir.FuncID, ir.ExternID) { return r.resolve(k) }

// Model is the entry that says what a library's function does, or nil.
func (r *Result) Model(e ir.ExternID) *model.Call { return r.model(e) }

// Targets calls f with the clauses that a call of a function with these
// arguments, expressions of code, can run; nil arguments can be anything.
func (r *Result) Targets(fn ir.FuncID, code *ir.Code, args []ir.ExprID, f func(ClauseID)) {
	r.eachTarget(fn, code, args, nil, f)
}

// Positions says which parameter each of n arguments of a call is, with
// default arguments left out.
func (r *Result) Positions(fn *ir.Func, n int) []int { return r.positions(fn, n, nil) }

// View finds the function that a call which renders runs, and its template's
// argument if the function takes it; m is the model of the call.
func (r *Result) View(c *ir.Code, m *model.Call, args []ir.ExprID) (ir.FuncID, ir.ExprID) {
	return r.view(c, m, args)
}

// ModelOf is the entry of a library's function by its name, or nil.
func (r *Result) ModelOf(module, name string, arity int) *model.Call {
	if i := r.models.CallOf(module, name, arity); i >= 0 {
		return r.models.At(i)
	}
	return nil
}
