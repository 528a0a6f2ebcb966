package flow

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
)

// bind gives the variables of a pattern what is known of the value matched.
func (e *eval) bind(pat ir.ExprID, v value) {
	if pat < 0 {
		return
	}
	x := e.c.At(pat)
	switch x.Op {
	case ir.Bind:
		e.set(x.A, v)
	case ir.Match:
		if succeeds(e.c, ir.ExprID(x.A)) || succeeds(e.c, ir.ExprID(x.B)) {
			v.fail, v.thru = 0, 0
		}
		if literalPattern(e.c, ir.ExprID(x.A)) || literalPattern(e.c, ir.ExprID(x.B)) {
			v.taint = 0
		}
		v.shape = e.through(e.shapeOf(v), pat, ir.No)
		e.bind(ir.ExprID(x.A), v)
		e.bind(ir.ExprID(x.B), v)
	case ir.Make:
		e.bindParts(x, v)
	case ir.Pin:
		e.at(x.A)
	case ir.Const, ir.Any, ir.Attr:
	default:
		inner := v.computed(ir.No)
		e.c.Operands(pat, func(o ir.ExprID) { e.bind(o, inner) })
	}
}

// succeeds reports whether a pattern accepts no error.
func succeeds(c *ir.Code, pat ir.ExprID) bool {
	x := c.At(pat)
	return (x.Op == ir.Make || x.Op == ir.Const) && literalOf(c, x) != errLit &&
		!(x.Op == ir.Make && x.Sub == ir.MakeTuple && x.Hi > x.Lo && c.At(c.Lists[x.Lo]).Op != ir.Const)
}

func (e *eval) set(id int32, v value) {
	if id >= 0 && int(id) < len(e.vars) {
		e.vars[id] = v
	}
}

// bindParts binds the parts of a compound pattern.
func (e *eval) bindParts(x *ir.Expr, whole value) {
	v := whole.computed(ir.No)
	v.rows = whole.rows
	parts := e.c.List(x)
	if x.Sub != ir.MakeMap && x.Sub != ir.MakeStruct {
		for i, p := range parts {
			pair := x.Sub == ir.MakeTuple && len(parts) == 2
			w := v
			w.key = pair && i == 0
			if w.key && whole.named || pair && i == 1 && whole.numbered {
				w.taint = 0
			}
			e.bind(p, w)
		}
		return
	}
	for i := 0; i+1 < len(parts); i += 2 {
		w := v
		if k := e.c.At(parts[i]); k.Op == ir.Const && k.Sub == ir.LitAtom {
			w.taint = fieldTaint(k.Str, w.taint)
		} else {
			e.bind(parts[i], unknown())
		}
		if len(parts) == 2 && e.renders() {
			w.shown = whole.thru
		}
		e.bind(parts[i+1], w)
	}
}

// renders reports whether the clause is one of a view: render(template, assigns).
func (e *eval) renders() bool {
	return e.n.fn != ir.No && e.p.Funcs[e.n.fn].Name == "render" && e.p.Funcs[e.n.fn].Arity == 2
}

// literalPattern reports whether a pattern accepts only what the program itself spells out.
func literalPattern(c *ir.Code, pat ir.ExprID) bool {
	return c.At(pat).Op == ir.Const
}

// saved is a variable's taint before a condition made it harmless; without a variable
// it stands for the last of the reads that are.
type saved struct {
	id    int32
	taint uint64
	shape *shape
}

// clean makes a variable harmless for now.
func (e *eval) clean(undo []saved, id int32) []saved {
	if id < 0 || int(id) >= len(e.vars) {
		return undo
	}
	undo = append(undo, saved{id, e.vars[id].taint, e.vars[id].shape})
	e.vars[id].taint = 0
	return undo
}

func (e *eval) restore(undo []saved) {
	for i := len(undo) - 1; i >= 0; i-- {
		if undo[i].id < 0 {
			e.harmless = e.harmless[:len(e.harmless)-1]
			continue
		}
		v := &e.vars[undo[i].id]
		v.taint, v.shape = undo[i].taint, undo[i].shape
	}
}

// cleanRead makes what is read from a variable, `params["kind"]`, harmless for now.
func (e *eval) cleanRead(undo []saved, x ir.ExprID) []saved {
	if !e.sameRead(x, x) {
		return undo
	}
	e.harmless = append(e.harmless, x)
	return append(undo, saved{id: ir.No})
}

// passed makes the variables harmless that a call before took, which raises for all but a few
// known values.
func (e *eval) passed(undo []saved, id ir.ExprID) []saved {
	x := e.c.At(id)
	if x.Op == ir.Match && x.B >= 0 {
		x = e.c.At(ir.ExprID(x.B))
	}
	if x.Op != ir.Call {
		return undo
	}
	for i, arg := range e.c.List(x) {
		u := e.c.At(arg)
		if u.Op != ir.Use || u.A < 0 || int(u.A) >= len(e.vars) || e.vars[u.A].taint == 0 {
			continue
		}
		if fn, _ := e.resolve(&e.c.Callees[x.A]); fn != ir.No && namesOnly(e.p.Funcs[fn], i) {
			undo = e.clean(undo, u.A)
		}
	}
	return undo
}

// namesOnly reports whether every clause of a function has a literal for a parameter, or
// does nothing but choose by it among literals.
func namesOnly(f *ir.Func, param int) bool {
	if f.Code == nil || f.Macro() || f.Defaults > 0 {
		return false
	}
	for i := range f.Clauses {
		cl := &f.Clauses[i]
		if param >= len(cl.Params) || cl.Body < 0 {
			return false
		}
		p := f.Code.At(cl.Params[param])
		if p.Op != ir.Const && (p.Op != ir.Bind || !choosesLiteral(f.Code, cl.Body, p.A)) {
			return false
		}
	}
	return len(f.Clauses) > 0
}

// choosesLiteral reports whether an expression is a case of a variable whose arms are all for literals.
func choosesLiteral(c *ir.Code, id ir.ExprID, name int32) bool {
	x := c.At(id)
	if x.Op == ir.Block && x.Hi-x.Lo == 1 {
		x = c.At(c.List(x)[0])
	}
	if x.Op != ir.Case || x.A < 0 {
		return false
	}
	if on := c.At(ir.ExprID(x.A)); on.Op != ir.Use || on.A != name {
		return false
	}
	for _, arm := range c.List(x) {
		if patterns, _, _ := c.Parts(c.At(arm)); len(patterns) != 1 || !literalPattern(c, patterns[0]) {
			return false
		}
	}
	return true
}

// isHarmless reports whether an expression is one of the reads that a condition made harmless.
func (e *eval) isHarmless(x ir.ExprID) bool {
	for _, h := range e.harmless {
		if e.sameRead(h, x) {
			return true
		}
	}
	return false
}

// sameRead reports whether both expressions read the same of the same variable: a chain of
// fields and literal keys.
func (e *eval) sameRead(a, b ir.ExprID) bool {
	for {
		x, y := e.c.At(a), e.c.At(b)
		if x.Op != y.Op {
			return false
		}
		switch x.Op {
		case ir.Use:
			return x.A == y.A
		case ir.Get:
			if x.Str != y.Str {
				return false
			}
		case ir.Index:
			k, l := e.c.At(ir.ExprID(x.B)), e.c.At(ir.ExprID(y.B))
			if k.Op != ir.Const || l.Op != ir.Const || k.Sub != l.Sub || k.Str != l.Str {
				return false
			}
		default:
			return false
		}
		if x.A < 0 || y.A < 0 {
			return false
		}
		a, b = ir.ExprID(x.A), ir.ExprID(y.A)
	}
}

// refine makes the variables harmless of which a condition, when it holds, says
// that they are one of a few known values.
func (e *eval) refine(cond ir.ExprID) []saved { return e.assume(nil, cond, true) }

// refineNot is refine for a condition that does not hold.
func (e *eval) refineNot(cond ir.ExprID) []saved { return e.assume(nil, cond, false) }

func (e *eval) assume(undo []saved, cond ir.ExprID, holds bool) []saved {
	if cond < 0 {
		return undo
	}
	x := e.c.At(cond)
	switch {
	case x.Op == ir.Branch && x.Sub == ir.BranchAnd && holds:
		return e.assume(e.assume(undo, ir.ExprID(x.A), true), ir.ExprID(x.B), true)
	case x.Op == ir.Branch && x.Sub == ir.BranchOr && !holds:
		return e.assume(e.assume(undo, ir.ExprID(x.A), false), ir.ExprID(x.C), false)
	case x.Op == ir.Match && e.c.At(ir.ExprID(x.A)).Op == ir.Bind:
		return e.keepOnly(undo, ir.ExprID(x.A), func(a *Alt) bool { return a.falsy() != holds })
	case x.Op == ir.Use:
		return e.keepOnly(undo, cond, func(a *Alt) bool { return a.falsy() != holds })
	case x.Op != ir.Call:
		return undo
	}
	args := e.c.List(x)
	name := e.c.Callees[x.A].Name
	if name == "is_nil" && len(args) == 1 {
		undo = e.keepOnly(undo, args[0], func(a *Alt) bool { return a.refusedBy(name) != holds })
	}
	if equal := name == "==" || name == "==="; (equal || name == "!=" || name == "!==") && len(args) == 2 && writtenOut(e.c, args[1]) {
		undo = e.keepOnly(undo, args[0], func(a *Alt) bool {
			f := fits(e.c, args[1], a)
			return equal == holds && f != refused || equal != holds && f != accepts
		})
	}
	switch {
	case (name == "not" || name == "!") && len(args) == 1:
		return e.assume(undo, args[0], !holds)
	case name == "not in" && len(args) == 2 && !holds, name == "in" && len(args) == 2 && holds:
		return e.cleanOne(undo, args[0], args[1])
	case (name == "member?" || name == "has_key?" || name == "is_map_key") && len(args) == 2 && holds:
		return e.cleanOne(undo, args[1], args[0])
	case (name == "==" || name == "===") && len(args) == 2 && holds, (name == "!=" || name == "!==") && len(args) == 2 && !holds:
		return e.cleanOne(e.cleanOne(undo, args[0], args[1]), args[1], args[0])
	case (name == "is_atom" || name == "is_integer" || name == "is_boolean" || name == "is_float") && len(args) == 1 && holds:
		return e.cleanVar(undo, args[0])
	}
	return undo
}

// writtenOut reports whether an expression is an atom, or a tuple of such.
func writtenOut(c *ir.Code, x ir.ExprID) bool {
	e := c.At(x)
	if e.Op == ir.Make && e.Sub == ir.MakeTuple {
		return !slices.ContainsFunc(c.List(e), func(part ir.ExprID) bool { return !writtenOut(c, part) })
	}
	return e.Op == ir.Const && (e.Sub == ir.LitAtom || e.Sub == ir.LitNil || e.Sub == ir.LitBool)
}

// cleanOne makes x harmless if it is one of the elements of a collection that
// does not come from where x comes from.
func (e *eval) cleanOne(undo []saved, x, of ir.ExprID) []saved {
	u, o := e.c.At(x), e.c.At(of)
	if b := e.bound(of, 4); (u.Op == ir.Get || u.Op == ir.Index) && (b == Literal || b == Bounded) {
		return e.cleanRead(undo, x)
	}
	if u.Op != ir.Use || u.A < 0 || int(u.A) >= len(e.vars) {
		return undo
	}
	apart := o.Op == ir.Use && o.A >= 0 && int(o.A) < len(e.vars) && e.vars[o.A].taint&e.vars[u.A].taint == 0
	given := o.Op == ir.Call && e.separate(of, e.vars[u.A].taint)
	if b := e.bound(of, 4); apart || given || b == Literal || b == Bounded {
		return e.clean(undo, u.A)
	}
	return undo
}

// separate reports whether an expression uses nothing but variables that do not come from
// where something comes from.
func (e *eval) separate(x ir.ExprID, taint uint64) bool {
	all := true
	e.c.Walk(x, func(y ir.ExprID) bool {
		switch k := e.c.At(y); k.Op {
		case ir.Use:
			all = all && k.A >= 0 && int(k.A) < len(e.vars) && e.vars[k.A].taint&taint == 0
		case ir.Get, ir.Index, ir.Closure:
			all = false
		}
		return all
	})
	return all
}

func (e *eval) cleanVar(undo []saved, x ir.ExprID) []saved {
	if u := e.c.At(x); u.Op == ir.Use {
		return e.clean(undo, u.A)
	}
	return undo
}
