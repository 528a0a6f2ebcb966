package query

import (
	"slices"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// application is what a function value was called with, in the frame in which
// its body is read.
type application struct {
	closure ir.ExprID
	vals    []val
	next    *application // of the function value around it
}

// invoke calls a function value.
func (ev *evaluator) invoke(f *frame, e *ir.Expr) val {
	list := f.code.List(e)
	return ev.applied(ev.value(f, ir.ExprID(e.A)), func(i, _ int) val {
		if i < len(list) {
			return ev.value(f, list[i])
		}
		return val{kind: unknown}
	})
}

// applied is what a function value gives, called with pass(i, n) as parameter i
// of n.
func (ev *evaluator) applied(v val, pass func(i, n int) val) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		if a.kind == made {
			out = out.join(ev.appliedOne(a, pass))
		} else {
			out = out.join(val{kind: unknown, params: a.undecided()})
		}
	}
	if out.kind == bottom {
		return val{kind: unknown}
	}
	return out
}

func (ev *evaluator) appliedOne(v val, pass func(i, n int) val) val {
	c := v.f.code
	e := c.At(v.x)
	switch {
	case e.Op == ir.FuncRef:
		return ev.referred(v.f, &c.Callees[e.A], pass)
	case e.Op != ir.Closure || v.f.depth >= maxFrames:
		return val{kind: unknown}
	}
	n := 0
	for _, arm := range c.List(e) {
		patterns, _, _ := c.Parts(c.At(arm))
		n = max(n, len(patterns))
	}
	g := *v.f
	g.memo, g.depth = nil, g.depth+1
	g.applied = &application{v.x, each(n, pass), v.f.applied}
	return ev.result(val{kind: made, f: &g, x: v.x})
}

// each are the values of n parameters.
func each(n int, pass func(i, n int) val) []val {
	out := make([]val, n)
	for i := range out {
		out[i] = pass(i, n)
	}
	return out
}

// referred is what a named function gives that is a value.
func (ev *evaluator) referred(f *frame, k *ir.Callee, pass func(i, n int) val) val {
	fn, ext := ev.flow.Resolve(k)
	vals := each(k.Arity, pass)
	if fn != ir.No {
		return ev.project(f, fn, nil, vals)
	}
	if m := ev.flow.Model(ext); m != nil && m.Keeps != nil && *m.Keeps < len(vals) {
		return vals[*m.Keeps]
	}
	return val{kind: unknown}
}

// result is what a function value gives that stands where it is called.
func (ev *evaluator) result(v val) val {
	if v.f.code.At(v.x).Op != ir.Closure {
		return ev.applied(v, func(int, int) val { return val{kind: unknown} })
	}
	out := val{kind: bottom}
	for _, arm := range v.f.code.List(v.f.code.At(v.x)) {
		out = out.join(ev.value(v.f, arm))
	}
	return out
}

// ran is what the function gives that a library's function runs.
func (ev *evaluator) ran(f *frame, m *model.Call, args []ir.ExprID) val {
	x := args[m.Runs[0]]
	if f.code.At(x).Op == ir.Closure {
		return ev.result(val{kind: made, f: f, x: x})
	}
	return ev.applied(ev.value(f, x), func(i, n int) val { return ev.passed(f, m, args, i, n) })
}

// reduced is what a reduction gives: what it starts with, or what its function
// made of that.
func (ev *evaluator) reduced(f *frame, m *model.Call, args []ir.ExprID) val {
	start := ev.value(f, args[*m.Accumulates])
	if len(m.Runs) != 1 || m.Runs[0] >= len(args) {
		return val{kind: unknown, params: start.undecided()}
	}
	out := start.join(ev.carried(ev.ran(f, m, args)))
	if out.kind == either && slices.ContainsFunc(out.alts, func(v val) bool { return v.kind == unknown }) && start.kind == query {
		q := start.q.copied()
		q.OpenFilters, q.OpenLoads = true, true
		return known(query, q)
	}
	return out
}

// carried takes the accumulator out of {:cont, acc} and {:halt, acc}.
func (ev *evaluator) carried(v val) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		if a.kind == made {
			e := a.f.code.At(a.x)
			if list := a.f.code.List(e); e.Op == ir.Make && e.Sub == ir.MakeTuple && len(list) == 2 {
				if t := a.f.code.At(list[0]); t.Op == ir.Const && (t.Str == "cont" || t.Str == "halt") {
					a = ev.value(a.f, list[1])
				}
			}
		}
		out = out.join(a)
	}
	return out
}

// given is what the function value at x is called with as parameter i of n.
func (ev *evaluator) given(f *frame, x ir.ExprID, i, n int) val {
	for a := f.applied; a != nil; a = a.next {
		if a.closure == x && i < len(a.vals) {
			return a.vals[i]
		}
	}
	parent := ev.parents[f.code][x]
	if parent == ir.No || f.code.At(parent).Op != ir.Call {
		return val{kind: unknown}
	}
	return ev.calledBy(f, f.code.At(parent), val{kind: made, f: f, x: x}, i, n, 0)
}

// calledBy is what a call passes to the function value that it is given.
func (ev *evaluator) calledBy(f *frame, call *ir.Expr, fun val, i, n, depth int) val {
	args := f.code.List(call)
	fn, ext := ev.flow.Resolve(&f.code.Callees[call.A])
	m := ev.flow.Model(ext)
	switch {
	case fn != ir.No && depth < maxHands:
		return ev.handed(f, fn, args, fun, i, n, depth+1)
	case fn == ir.No && m != nil && slices.ContainsFunc(m.Runs, func(r int) bool { return r < len(args) && ev.is(f, args[r], fun) }):
		return ev.passed(f, m, args, i, n)
	}
	return val{kind: unknown}
}

// handed is what a function of the program passes to the function value that it
// is given: where it calls it, or hands it on.
func (ev *evaluator) handed(f *frame, fn ir.FuncID, args []ir.ExprID, fun val, i, n, depth int) val {
	out := val{kind: bottom}
	ev.flow.Targets(fn, f.code, args, func(t flow.ClauseID) {
		if f.running(t) || f.depth >= maxFrames {
			return
		}
		g := ev.call(f, t, ev.p.Funcs[fn], args)
		g.code.Walk(ev.flow.Body(t), func(x ir.ExprID) bool {
			e := g.code.At(x)
			list := g.code.List(e)
			switch {
			case e.Op == ir.Invoke && i < len(list) && ev.is(g, ir.ExprID(e.A), fun):
				out = out.join(ev.value(g, list[i]))
			case e.Op == ir.Call && slices.ContainsFunc(list, func(a ir.ExprID) bool { return ev.is(g, a, fun) }):
				out = out.join(ev.calledBy(g, e, fun, i, n, depth))
			}
			ev.steps++
			return ev.steps < maxSteps
		})
	})
	if out.kind == bottom {
		return val{kind: unknown}
	}
	return out
}

// is reports whether an expression is a function value: itself, or a variable
// that holds it.
func (ev *evaluator) is(f *frame, x ir.ExprID, fun val) bool {
	if f == fun.f && x == fun.x {
		return true
	}
	if f.code.At(x).Op != ir.Use {
		return false
	}
	v := ev.value(f, x)
	return v.kind == made && v.f == fun.f && v.x == fun.x
}

// passed is what a library's function passes to a function as parameter i of n.
func (ev *evaluator) passed(f *frame, m *model.Call, args []ir.ExprID, i, n int) val {
	switch {
	case m.Gives == "multi" && i == n-1:
		return val{kind: changes, f: f, x: args[0]}
	case (m.Gives == "multi" || m.Transaction) && i == 0:
		return ev.repo
	case m.Accumulates != nil && *m.Accumulates < len(args) && i == n-1:
		return ev.value(f, args[*m.Accumulates])
	case m.Iterates != nil && *m.Iterates < len(args) && i == m.Element:
		return ev.elements(ev.value(f, args[*m.Iterates]))
	case m.Passes != nil && *m.Passes < len(args):
		return ev.value(f, args[*m.Passes])
	}
	return val{kind: unknown}
}
