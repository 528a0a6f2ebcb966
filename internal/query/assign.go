package query

import (
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// assignSteps bounds the work for one value that is assigned.
const assignSteps = 600

// assignment is a row, or are rows, that a module puts into a connection or
// socket under a key.
type assignment struct {
	module ir.ModuleID
	key    string
	v      val
}

// assignments finds the rows that clauses assign.
func (fo *follower) assignments(par func(int, func(int))) {
	found := make([][]assignment, fo.flow.Len())
	inChunks(len(found), par, func(i int) { found[i] = fo.assignmentsOf(flow.ClauseID(i)) })
	fo.assigns = map[string][]assignment{}
	for _, list := range found {
		for _, a := range list {
			fo.assigns[a.key] = append(fo.assigns[a.key], a)
		}
	}
}

func (fo *follower) assignmentsOf(id flow.ClauseID) []assignment {
	c := fo.flow.Code(id)
	if fo.flow.Skipped(id) || c.File == nil || c.File.Kind != source.Lib || !fo.assigning[c] {
		return nil
	}
	var out []assignment
	add := func(key string, x ir.ExprID) {
		ev := fo.evaluator()
		ev.steps = maxSteps - assignSteps
		v := ev.value(fo.root(id), x)
		if v.kind == made {
			v = ev.result(v)
		}
		for _, a := range v.each() {
			if (a.kind == row || a.kind == rows) && a.q.Root().Schema != nil {
				out = append(out, assignment{c.Module, key, a})
			}
		}
	}
	for x := range fo.exprs(id) {
		if e := c.At(x); e.Op == ir.Call && fo.assignsBy(c, e.A) {
			eachAssigned(c, c.List(e), add)
		}
	}
	return out
}

// assignsBy reports whether a callee puts values under keys into what it is
// given.
func (fo *follower) assignsBy(c *ir.Code, k int32) bool {
	fn, ext := fo.flow.Resolve(&c.Callees[k])
	if fn != ir.No {
		return false
	}
	m := fo.flow.Model(ext)
	return m != nil && m.Expand == "assign"
}

// eachAssigned calls f with each key and value of `assign(to, key, value)` and
// `assign(to, pairs)`.
func eachAssigned(c *ir.Code, args []ir.ExprID, f func(string, ir.ExprID)) {
	switch len(args) {
	case 3:
		if k := c.At(args[1]); k.Op == ir.Const {
			f(k.Str, args[2])
		}
	case 2:
		c.EachPair(args[1], f)
		if e := c.At(args[1]); e.Op == ir.Make && e.Sub == ir.MakeMap {
			list := c.List(e)
			for i := 0; i+1 < len(list); i += 2 {
				if k := c.At(list[i]); k.Op == ir.Const {
					f(k.Str, list[i+1])
				}
			}
		}
	}
}

// assigned is what is under a key for code of a module: what the module itself
// puts there, or else the whole program, if it is always of one schema.
func (ev *evaluator) assigned(m ir.ModuleID, key string, of val) val {
	open := of
	open.kind = unknown
	var own, all []val
	for _, a := range ev.assigns[key] {
		all = append(all, a.v)
		if a.module == m {
			own = append(own, a.v)
		}
	}
	if len(own) == 0 {
		own = all
	}
	if len(own) == 0 {
		return open
	}
	for _, v := range own[1:] {
		if v.kind != own[0].kind || v.q.Root().Schema != own[0].q.Root().Schema {
			return open
		}
	}
	q := rowOf(own[0].q.Root().Schema)
	q.OpenFilters, q.OpenLoads = true, true
	return val{kind: own[0].kind, q: q, params: of.params}
}

// applying is a call of some function of a module, by a name that only runs tell:
// what it passes.
type applying struct {
	clause flow.ClauseID
	vals   []val
}

// applies finds the calls `apply(__MODULE__, name, arguments)`.
func (fo *follower) applies() {
	fo.byName = map[ir.ModuleID][]applying{}
	for id := range flow.ClauseID(fo.flow.Len()) {
		c := fo.flow.Code(id)
		if fo.flow.Skipped(id) || !fo.applying[c] {
			continue
		}
		for x := range fo.exprs(id) {
			if e := c.At(x); e.Op == ir.Call && fo.appliesBy(c, e.A) {
				fo.apply(id, c, c.List(e))
			}
		}
	}
}

// apply notes one such call, if it passes anything that is known.
func (fo *follower) apply(id flow.ClauseID, c *ir.Code, args []ir.ExprID) {
	on := c.At(args[0])
	if on.Op != ir.Const || c.At(args[1]).Op == ir.Const || on.Str != fo.p.Module(c.Module).Name {
		return
	}
	ev := fo.evaluator()
	v := ev.value(fo.root(id), args[2])
	if v.kind != made {
		return
	}
	e := v.f.code.At(v.x)
	if e.Op != ir.Make || e.Sub != ir.MakeList {
		return
	}
	vals := make([]val, e.Hi-e.Lo)
	some := false
	for i, x := range v.f.code.List(e) {
		vals[i] = ev.value(v.f, x)
		some = some || vals[i].kind != unknown
	}
	if some {
		fo.byName[c.Module] = append(fo.byName[c.Module], applying{id, vals})
	}
}

// appliesBy reports whether a callee is the language's own apply(module, name, arguments).
func (fo *follower) appliesBy(c *ir.Code, k int32) bool {
	_, ext := fo.flow.Resolve(&c.Callees[k])
	m := fo.flow.Model(ext)
	return m != nil && m.Expand == "apply"
}

// appliedTo is what is passed as parameter i of a public function of a module
// that calls its functions by names known only at run time.
func (ev *evaluator) appliedTo(f *frame, i int) val {
	fn := ev.flow.Func(f.clause)
	if fn != ir.No && ev.p.Funcs[fn].Kind == ir.Def {
		for _, a := range ev.byName[f.code.Module] {
			if a.clause != f.clause && len(a.vals) == ev.p.Funcs[fn].Arity && a.vals[i].kind != unknown {
				return a.vals[i]
			}
		}
	}
	return val{kind: unknown, params: 1 << min(i, 31)}
}
