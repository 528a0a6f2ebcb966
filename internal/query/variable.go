package query

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// step is one way into a value that a pattern takes apart.
type step struct {
	sub   uint8 // ir.MakeTuple, MakeList, MakeCons, MakeMap, MakeStruct
	index int   // of a tuple or list; of a cons -1 is its rest
	size  int
	tag   string // of a tuple: its literal first element, if it is an atom
	key   string // of a map
	typ   string // of a struct
}

// typeOnly is the sub of a step that stays at the value and says its type.
const typeOnly = 255

// variable is the value of a variable in a frame.
func (ev *evaluator) variable(f *frame, v ir.VarID) val {
	if v < 0 || int(v) >= len(f.code.Vars) || f.code.Vars[v].At == ir.No {
		return val{kind: unknown}
	}
	at := f.code.Vars[v].At
	if m, ok := f.memo[at]; ok {
		return m
	}
	if f.memo == nil {
		f.memo = map[ir.ExprID]val{}
	}
	f.memo[at] = val{kind: bottom} // a value that is made of itself
	out := ev.bound(f, at)
	f.memo[at] = out
	return out
}

// bound follows a binding place to the value that its pattern takes apart.
func (ev *evaluator) bound(f *frame, at ir.ExprID) val {
	var path []step
	child := at
	parents := ev.parents[f.code]
	for {
		p := parents[child]
		if p == ir.No {
			return ev.along(f, ev.parameter(f, child), path)
		}
		switch e := f.code.At(p); e.Op {
		case ir.Make:
			path = append(path, stepInto(f.code, e, child))
		case ir.Match:
			if ir.ExprID(e.A) == child && !ev.pattern(f.code, p) {
				return ev.along(f, ev.value(f, ir.ExprID(e.B)), path)
			}
			if other := f.code.At(ir.ExprID(e.A + e.B - int32(child))); other.Op == ir.Make && other.Str != "" && other.Sub == ir.MakeStruct {
				path = append(path, step{sub: typeOnly, typ: other.Str})
			}
		case ir.Generator:
			return ev.along(f, ev.elements(ev.value(f, ir.ExprID(e.B))), path)
		case ir.Arm:
			return ev.along(f, ev.armValue(f, p, child), path)
		default:
			return val{kind: unknown}
		}
		child = p
	}
}

// pattern reports whether a match stands inside another pattern.
func (ev *evaluator) pattern(c *ir.Code, id ir.ExprID) bool {
	parents := ev.parents[c]
	for {
		p := parents[id]
		if p == ir.No {
			return ev.isParameter(c, id)
		}
		switch e := c.At(p); e.Op {
		case ir.Match:
			if ir.ExprID(e.A) == id {
				return true
			}
		case ir.Generator:
			return ir.ExprID(e.A) == id
		case ir.Arm:
			patterns, _, _ := c.Parts(e)
			return slices.Contains(patterns, id)
		case ir.Make:
		default:
			return false
		}
		id = p
	}
}

// isParameter reports whether an expression is a parameter's whole pattern.
func (ev *evaluator) isParameter(c *ir.Code, id ir.ExprID) bool {
	return ev.params[paramKey{c, id}]
}

// parameter is the value of the parameter whose pattern an expression is.
func (ev *evaluator) parameter(f *frame, pattern ir.ExprID) val {
	if f.clause < 0 {
		return val{kind: unknown}
	}
	if i := slices.Index(ev.flow.Params(f.clause), pattern); i >= 0 {
		return ev.param(f, i)
	}
	return val{kind: unknown}
}

// stepInto says where in a pattern that is built a part of it stands.
func stepInto(c *ir.Code, e *ir.Expr, child ir.ExprID) step {
	list := c.List(e)
	i := slices.Index(list, child)
	s := step{sub: e.Sub, index: i, size: len(list)}
	switch e.Sub {
	case ir.MakeTuple:
		if k := c.At(list[0]); k.Op == ir.Const && k.Sub == ir.LitAtom {
			s.tag = k.Str
		}
	case ir.MakeCons:
		if i == len(list)-1 {
			s.index = -1
		}
	case ir.MakeMap, ir.MakeStruct:
		s.typ = e.Str
		if i%2 == 1 {
			if k := c.At(list[i-1]); k.Op == ir.Const {
				s.key = k.Str
			}
		}
	}
	return s
}

// along goes into a value, by the steps of a pattern from its inside out.
func (ev *evaluator) along(f *frame, v val, path []step) val {
	for i := len(path) - 1; i >= 0; i-- {
		v = ev.into(f, v, path[i])
	}
	return v
}

func (ev *evaluator) into(f *frame, v val, s step) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		out = out.join(ev.intoOne(f, a, s))
	}
	if out.kind == bottom {
		return val{kind: unknown}
	}
	return out
}

func (ev *evaluator) intoOne(f *frame, v val, s step) val {
	if v.kind == unknown && s.key != "assigns" {
		if s.typ != "" {
			// The pattern says of what type the whole is; its parts stay unknown.
			v = ev.typed(v, s.typ)
		} else {
			return v
		}
	}
	if s.typ != "" && v.of != nil {
		return val{kind: unknown} // a placeholder does not match a type
	}
	switch s.sub {
	case typeOnly:
		return v
	case ir.MakeTuple:
		return ev.intoTuple(v, s)
	case ir.MakeCons:
		if s.index < 0 {
			return v
		}
		return ev.elements(v)
	case ir.MakeList:
		return ev.elements(v)
	case ir.MakeMap, ir.MakeStruct:
		if s.key != "" {
			return ev.fieldOf(f, v, s.key)
		}
	}
	return val{kind: unknown}
}

// intoTuple is a part of a tuple; bottom where the tuple cannot match.
func (ev *evaluator) intoTuple(v val, s step) val {
	switch v.kind {
	case outcome:
		switch {
		case v.f != nil:
			return intoSteps(v, s)
		case s.tag == "error" && !v.list:
			return known(changeset, v.q)
		case s.tag != "" && s.tag != "ok" || s.size != 2:
			return val{kind: bottom}
		case v.list:
			return known(rows, v.q)
		}
		return known(row, v.q)
	case made:
		e := v.f.code.At(v.x)
		list := v.f.code.List(e)
		if e.Op != ir.Make || e.Sub != ir.MakeTuple || len(list) != s.size {
			return val{kind: bottom}
		}
		if k := v.f.code.At(list[0]); s.tag != "" && k.Op == ir.Const && k.Str != s.tag {
			return val{kind: bottom}
		}
		return ev.value(v.f, list[s.index])
	}
	return val{kind: unknown}
}

// intoSteps is a part of what a transaction gives for its steps: {:ok, changes} or
// {:error, step, value, changes}.
func intoSteps(v val, s step) val {
	switch {
	case s.tag != "error" && s.size == 2, s.tag == "error" && s.size == 4 && s.index == 3:
		return val{kind: changes, f: v.f, x: v.x}
	case s.size == 4:
		return val{kind: unknown}
	}
	return val{kind: bottom}
}

// typed is a value of which only its type is known.
func (ev *evaluator) typed(v val, typ string) val {
	if s := ev.p.SchemaNamed(typ); s != nil {
		q := rowOf(s)
		q.OpenFilters, q.OpenLoads = true, true
		out := known(row, q)
		out.params = v.params
		return out
	}
	return v
}

// armValue is the value that a pattern of an arm takes apart.
func (ev *evaluator) armValue(f *frame, arm, pattern ir.ExprID) val {
	patterns, _, _ := f.code.Parts(f.code.At(arm))
	i := slices.Index(patterns, pattern)
	owner := ev.parents[f.code][arm]
	if i < 0 || owner == ir.No {
		return val{kind: unknown}
	}
	switch e := f.code.At(owner); e.Op {
	case ir.Case:
		return ev.value(f, ir.ExprID(e.A))
	case ir.Closure:
		return ev.given(f, owner, i, len(patterns))
	case ir.Loop:
		if e.Flags&ir.FlagReduce != 0 {
			return ev.startOf(f, e)
		}
	}
	return val{kind: unknown}
}

// startOf is the value that a comprehension's accumulator starts with.
func (ev *evaluator) startOf(f *frame, loop *ir.Expr) val {
	for _, o := range f.code.List(loop) {
		if op := f.code.At(o).Op; op != ir.Generator && op != ir.Arm {
			return ev.value(f, o)
		}
	}
	return val{kind: unknown}
}

// modelOf is the entry of the library's function that a call runs, or nil.
func (ev *evaluator) modelOf(c *ir.Code, e *ir.Expr) *model.Call {
	fn, ext := ev.flow.Resolve(&c.Callees[e.A])
	if fn != ir.No {
		return nil
	}
	return ev.flow.Model(ext)
}
