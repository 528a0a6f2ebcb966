package query

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// stepOf is what a step of a transaction gave. v is the value that its steps
// make up.
func (ev *evaluator) stepOf(v val, name string) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		if a.kind == multi {
			out = out.join(ev.stepIn(a, name))
		} else {
			out = out.join(val{kind: unknown, params: a.undecided()})
		}
	}
	if out.kind == bottom {
		return val{kind: unknown}
	}
	return out
}

// stepIn looks for a step in the call that added the last one, then before it.
func (ev *evaluator) stepIn(v val, name string) val {
	c := v.f.code
	e := c.At(v.x)
	args := c.List(e)
	m := ev.modelOf(c, e)
	if ev.steps++; len(args) == 0 || m == nil || ev.steps > maxSteps {
		return val{kind: unknown}
	}
	if k := c.At(args[min(1, len(args)-1)]); len(args) > 2 && k.Op == ir.Const {
		if k.Str == name {
			return ev.stepGives(v.f, v.x, m, args)
		}
	} else if m.Query != nil && *m.Query == 1 && len(args) == 2 {
		if in := ev.stepOf(ev.appended(v.f, args[1]), name); in.kind != unknown {
			return in
		}
	}
	return ev.stepOf(ev.value(v.f, args[0]), name)
}

// appended are the steps that an argument adds: steps, or a function's.
func (ev *evaluator) appended(f *frame, x ir.ExprID) val {
	v := ev.value(f, x)
	if v.kind == made {
		return ev.result(v)
	}
	return v
}

// stepGives is what the step that a call adds gives.
func (ev *evaluator) stepGives(f *frame, id ir.ExprID, m *model.Call, args []ir.ExprID) val {
	switch {
	case m.Asks != "":
		return ev.answer(f, id, m, args).mapKind(outcome, row)
	case len(m.Runs) == 1 && m.Runs[0] < len(args):
		r := ev.ran(f, m, args)
		return ev.into(f, r, step{sub: ir.MakeTuple, index: 1, size: 2, tag: "ok"})
	case len(args) == 3:
		return ev.value(f, args[2])
	}
	return val{kind: unknown}
}

// mapKind takes what is of one kind to be of another.
func (v val) mapKind(from, to kind) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		if a.kind == from {
			a.kind = to
		}
		out = out.join(a)
	}
	return out
}
