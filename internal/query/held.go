package query

import (
	"slices"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// maxHeld bounds how many maps and lists are followed that are made of each other.
const maxHeld = 12

// locate follows an expression to the one that makes its value, as far as that
// is a single one.
func (ev *evaluator) locate(f *frame, x ir.ExprID) (*frame, ir.ExprID) {
	for range maxSteps {
		g, y := ev.oneStep(f, x)
		if y == ir.No {
			return f, x
		}
		ev.steps++
		f, x = g, y
	}
	return f, x
}

// oneStep is where the value of an expression comes from, or No if it makes it
// itself.
func (ev *evaluator) oneStep(f *frame, x ir.ExprID) (*frame, ir.ExprID) {
	e := f.code.At(x)
	switch e.Op {
	case ir.Pin:
		return f, ir.ExprID(e.A)
	case ir.Match:
		return f, ir.ExprID(e.B)
	case ir.Block:
		if l := f.code.List(e); len(l) > 0 {
			return f, l[len(l)-1]
		}
	case ir.Attr:
		return ev.attributeAt(f, e)
	case ir.Use:
		return ev.binding(f, ir.VarID(e.A))
	case ir.Call:
		return ev.only(f, e)
	}
	return f, ir.No
}

// binding is what a variable is bound to as a whole, or No.
func (ev *evaluator) binding(f *frame, v ir.VarID) (*frame, ir.ExprID) {
	if v < 0 || int(v) >= len(f.code.Vars) || f.code.Vars[v].At == ir.No {
		return f, ir.No
	}
	at := f.code.Vars[v].At
	parents := ev.parents[f.code]
	for p := parents[at]; p != ir.No; p = parents[at] {
		e := f.code.At(p)
		if e.Op != ir.Match {
			return f, ir.No
		}
		if ir.ExprID(e.A) == at && !ev.pattern(f.code, p) {
			return f, ir.ExprID(e.B)
		}
		at = p
	}
	if f.clause < 0 || f.up == nil || f.vals != nil {
		return f, ir.No
	}
	if i := slices.Index(ev.flow.Params(f.clause), at); i >= 0 && i < len(f.args) && f.args[i] != ir.No {
		return f.up, f.args[i]
	}
	return f, ir.No
}

// only is the body of the one clause that a call runs, or No.
func (ev *evaluator) only(f *frame, e *ir.Expr) (*frame, ir.ExprID) {
	fn, _ := ev.flow.Resolve(&f.code.Callees[e.A])
	if fn == ir.No || ev.p.Funcs[fn].Macro() || f.depth >= maxFrames {
		return f, ir.No
	}
	args := f.code.List(e)
	target, n := flow.ClauseID(ir.No), 0
	ev.flow.Targets(fn, f.code, args, func(t flow.ClauseID) { target, n = t, n+1 })
	if n != 1 || f.running(target) {
		return f, ir.No
	}
	return ev.call(f, target, ev.p.Funcs[fn], args), ev.flow.Body(target)
}

// attributeAt is where the value of a module attribute stands.
func (ev *evaluator) attributeAt(f *frame, e *ir.Expr) (*frame, ir.ExprID) {
	m := ev.p.Module(f.code.Module)
	if e.A < 0 || int(e.A) >= len(m.Attrs) {
		return f, ir.No
	}
	a := &m.Attrs[e.A]
	c := a.Code
	if c == nil {
		c = m.Code
	}
	if a.Value == ir.No || c == nil || f.depth >= maxFrames {
		return f, ir.No
	}
	return &frame{clause: ir.No, code: c, depth: f.depth + 1}, a.Value
}

// names are the names that an expression gives: one, or a list of them. Open
// reports that there may be more.
func (ev *evaluator) names(f *frame, x ir.ExprID, depth int) (list []string, open bool) {
	f, x = ev.locate(f, x)
	if ev.steps++; ev.steps > maxSteps || depth == 0 {
		return nil, true
	}
	switch e := f.code.At(x); {
	case e.Op == ir.Make && (e.Sub == ir.MakeList || e.Sub == ir.MakeCons):
		for i, o := range f.code.List(e) {
			if e.Sub == ir.MakeList || i < int(e.Hi-e.Lo)-1 {
				o = ev.first(f, o)
			}
			more, unsure := ev.names(f, o, depth-1)
			list, open = append(list, more...), open || unsure
		}
		return list, open
	case e.Op == ir.Call && e.Hi-e.Lo == 2:
		m := ev.modelOf(f.code, e)
		if m == nil || m.Expand != "list" {
			break
		}
		args := f.code.List(e)
		list, open = ev.names(f, args[0], depth-1)
		more, unsure := ev.names(f, args[1], depth-1)
		if f.code.Callees[e.A].Name == "--" {
			return slices.DeleteFunc(list, func(n string) bool { return slices.Contains(more, n) }), open || unsure
		}
		return append(list, more...), open || unsure
	}
	return namesIn(ev.value(f, x))
}

// first is the key of an element that is a pair, as in `[:name, size: 3]`.
func (ev *evaluator) first(f *frame, x ir.ExprID) ir.ExprID {
	if e := f.code.At(x); e.Op == ir.Make && e.Sub == ir.MakeTuple && e.Hi > e.Lo {
		return f.code.Lists[e.Lo]
	}
	return x
}

// namesIn are the names that a value is.
func namesIn(v val) (list []string, open bool) {
	for _, a := range v.each() {
		switch {
		case a.kind == atom && a.str == "nil":
		case a.kind == atom || a.kind == text:
			list = append(list, a.str)
		default:
			open = true
		}
	}
	return list, open || v.kind == bottom
}

// held is what a map holds under a key; bottom where it has no such key.
func (ev *evaluator) held(f *frame, x ir.ExprID, key string, depth int) val {
	f, x = ev.locate(f, x)
	if ev.steps++; ev.steps > maxSteps || depth == 0 {
		return val{kind: unknown}
	}
	c := f.code
	e := c.At(x)
	switch e.Op {
	case ir.Make:
		switch e.Sub {
		case ir.MakeMap, ir.MakeStruct:
			return ev.among(f, c.List(e), key, val{kind: bottom})
		case ir.MakeList:
			out := val{kind: bottom}
			c.EachPair(x, func(k string, v ir.ExprID) {
				if k == key {
					out = ev.value(f, v)
				}
			})
			return out
		}
	case ir.Update:
		return ev.among(f, c.List(e), key, ev.held(f, ir.ExprID(e.A), key, depth-1))
	case ir.Branch, ir.Case, ir.With:
		return ev.heldByOne(f, e, key, depth)
	case ir.Call:
		if m := ev.modelOf(c, e); m != nil && m.Expand == "map" {
			return ev.heldByMade(f, c.Callees[e.A].Name, c.List(e), key, depth)
		}
	}
	return ev.fieldOf(f, ev.value(f, x), key)
}

// among is what the pairs of a map hold under a key; rest is what it holds if
// none of them does.
func (ev *evaluator) among(f *frame, pairs []ir.ExprID, key string, rest val) val {
	out := rest
	open := eachEntry(f.code, pairs, func(k string, v ir.ExprID) {
		if k == key {
			out = ev.value(f, v)
		}
	})
	if open {
		out = out.join(val{kind: unknown})
	}
	return out
}

// heldByOne is what a map that a branch chooses holds under a key.
func (ev *evaluator) heldByOne(f *frame, e *ir.Expr, key string, depth int) val {
	out := val{kind: bottom}
	add := func(x ir.ExprID) { out = out.join(ev.held(f, x, key, depth-1)) }
	switch e.Op {
	case ir.Branch:
		for _, x := range []int32{e.B, e.C} {
			if x >= 0 {
				add(ir.ExprID(x))
			}
		}
		return out
	case ir.With:
		add(ir.ExprID(e.A))
	}
	for _, o := range f.code.List(e) {
		if a := f.code.At(o); a.Op == ir.Arm {
			_, _, body := f.code.Parts(a)
			add(body)
		}
	}
	return out
}

// heldByMade is what a map that a function makes of another holds under a key.
func (ev *evaluator) heldByMade(f *frame, function string, args []ir.ExprID, key string, depth int) val {
	base := func() val { return ev.held(f, args[0], key, depth-1) }
	if len(args) < 2 {
		return base()
	}
	switch function {
	case "put", "put_new":
		name, open := ev.names(f, args[1], depth-1)
		switch {
		case len(args) < 3:
		case open:
			return base().join(val{kind: unknown})
		case !slices.Contains(name, key):
		case function == "put" && len(name) == 1:
			return ev.value(f, args[2])
		default:
			return base().join(ev.value(f, args[2]))
		}
	case "merge":
		switch v := ev.held(f, args[1], key, depth-1); v.kind {
		case bottom:
		case unknown:
			return base().join(v)
		default:
			return v
		}
	case "delete", "drop":
		if gone, _ := ev.names(f, args[1], depth-1); slices.Contains(gone, key) {
			return val{kind: bottom}
		}
	case "take":
		if kept, open := ev.names(f, args[1], depth-1); !open && !slices.Contains(kept, key) {
			return val{kind: bottom}
		}
	}
	return base()
}
