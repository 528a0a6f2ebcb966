package flow

import (
	"strconv"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// Step is one call on the way to a fact, or one on the way from an entry.
type Step struct {
	Span   source.Span
	Caller string // Module.function/arity
	Callee string // Module.function/arity
	Extern ir.ExternID
	Data   bool // not a call: the function is named in data, such as a child specification
}

// Path lists the calls from a place of a clause down to the library call that
// makes a fact true.
func (r *Result) Path(id ClauseID, at Via) []Step {
	var steps []Step
	for len(steps) <= maxDepth+1 {
		s := r.Step(id, at.Expr)
		if at.Callee == ir.No {
			return append(steps, s)
		}
		s.Callee, s.Extern = r.Symbol(at.Callee), ir.No
		steps = append(steps, s)
		f := r.cause(at)
		if f == nil {
			return steps
		}
		id = at.Callee
		at = Via{next: f.next, kind: f.Kind, depth: f.Depth}
	}
	return steps
}

// Via is where a path starts and what it leads to.
type Via struct {
	next
	kind  Kind
	depth uint8
}

// To is the way to what a loop reaches.
func (r Reach) To() Via { return Via{r.Via, r.Kind, r.Hops} }

// To is the way to what makes a fact true.
func (f Fact) To() Via { return Via{f.next, f.Kind, f.Depth} }

// cause finds the fact one call down. In a recursive component facts may have
// been replaced since the step was noted; then a shallower one of the kind serves.
func (r *Result) cause(at Via) *Fact {
	facts := r.nodes[at.Callee].facts
	fits := func(f *Fact) bool { return f.Kind == at.kind && f.Depth < at.depth }
	if int(at.Fact) < len(facts) && fits(&facts[at.Fact]) {
		return &facts[at.Fact]
	}
	var best *Fact
	for i := range facts {
		if f := &facts[i]; fits(f) && (best == nil || f.Depth < best.Depth) {
			best = f
		}
	}
	return best
}

// FailurePath lists the calls from a place that throws a failure away down to
// the library call that can fail.
func (r *Result) FailurePath(id ClauseID, at Failing) []Step {
	var steps []Step
	for len(steps) < maxDepth {
		s := r.Step(id, at.Expr)
		if at.Callee == ir.No {
			return append(steps, s)
		}
		s.Callee, s.Extern = r.Symbol(at.Callee), ir.No
		steps = append(steps, s)
		if r.nodes[at.Callee].retPath.Expr == ir.No {
			return steps
		}
		id, at = at.Callee, Failing{r.nodes[at.Callee].retPath}
	}
	return steps
}

// Failing is where a failure comes from.
type Failing struct{ next }

// From is where the failure comes from.
func (d Discard) From() Failing { return Failing{d.next} }

// From is where the failure comes from.
func (s Swallow) From() Failing { return Failing{s.next} }

// Step describes one call.
func (r *Result) Step(id ClauseID, x ir.ExprID) Step {
	n := &r.nodes[id]
	s := Step{Span: CallSpan(n.code, x), Caller: r.Symbol(id), Extern: ir.No}
	switch e := n.code.At(x); e.Op {
	case ir.Call, ir.FuncRef:
		c := &n.code.Callees[e.A]
		s.Callee = c.Name + "/" + strconv.Itoa(c.Arity)
		if c.Module != "" {
			s.Callee = c.Module + "." + s.Callee
		}
		_, s.Extern = r.resolve(c)
	case ir.Make:
		s.Callee, s.Data = "an interpolated atom", true
	default:
		s.Callee = "a function value"
	}
	return s
}

// CallSpan is the place of an expression; of a piped call, without what is
// piped in.
func CallSpan(c *ir.Code, x ir.ExprID) source.Span { return c.CallSpan(x) }
