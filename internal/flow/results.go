package flow

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// shapeOf is what a value can be.
func (e *eval) shapeOf(v value) *shape {
	switch {
	case v.lit == leaves:
		return e.shapes.none
	case v.shape != nil:
		return v.shape
	case v.def < 0:
		return e.shapes.any
	}
	x := e.c.At(ir.ExprID(v.def))
	if x.Op != ir.Const && x.Op != ir.Make {
		return e.shapes.any
	}
	a := literalAlt(e.c, ir.ExprID(v.def))
	if a.Kind == ir.AltAny {
		return e.shapes.any
	}
	a.Taint = e.decides()
	return &shape{alts: []Alt{a}}
}

// decides is the taint of the choice that runs what runs now: that of the value
// of the innermost condition. Outside of any, the clause itself was chosen, by
// any of its parameters.
func (e *eval) decides() uint64 {
	switch {
	case e.chosenBy != nil:
		return *e.chosenBy
	case e.n.fn == ir.No:
		return wholeBits
	}
	return 1<<min(e.p.Funcs[e.n.fn].Arity, fieldShift) - 1
}

// choosing makes a condition the one that decides, until it is undone.
func (e *eval) choosing(by uint64) (undo func()) {
	old := e.chosenBy
	e.chosenBy = &by
	return func() { e.chosenBy = old }
}

// chooses is the taint of a value as a condition.
func (v value) chooses() uint64 { return v.taint | v.dep&wholeBits }

// choosesArm is the taint of what gets to a clause.
func choosesArm(v value) uint64 {
	if v.shape == nil || v.shape.open || len(v.shape.alts) == 0 {
		return v.chooses()
	}
	var t uint64
	for i := range v.shape.alts {
		if v.shape.alts[i].Kind == ir.AltParam {
			return v.chooses()
		}
		t |= v.shape.alts[i].Taint
	}
	return t
}

// either is a value that is v or w.
func (e *eval) either(v, w value) value {
	s := together(e.shapeOf(v), e.shapeOf(w))
	out := v.join(w)
	out.shape = s
	return out
}

// orNil is a value that may also be what a missing branch gives.
func (e *eval) orNil(v value, at ir.ExprID) value {
	s := together(e.shapeOf(v), made(next{Expr: at, Callee: ir.No}, e.decides(), atomAlt("nil")))
	if v.lit == leaves {
		v = value{def: ir.No}
	} else if v.lit != anyConst {
		v.lit = mixedLit
	}
	v.shape, v.def = s, ir.No
	return v
}

// through is the part of a shape that a pattern accepts. What is open becomes
// what the pattern asks for.
func (e *eval) through(s *shape, pat, guard ir.ExprID) *shape {
	if op := e.c.At(pat).Op; guard == ir.No && (op == ir.Bind || op == ir.Any) {
		return s
	}
	known := false
	out := &shape{}
	for i := range s.alts {
		a := &s.alts[i]
		switch f := fitsArm(e.c, pat, guard, a); {
		case f == refused:
		case a.Kind == ir.AltParam && f != accepts:
			out.open = true
		default:
			known = true
			out.add(*a)
		}
	}
	if !s.open && !out.open {
		return out
	}
	out.open = false
	if p := patternAlt(e.c, pat); p.Kind != ir.AltAny && known && p.Tag != "" {
		return out // the known alternatives say more
	} else if p.Kind != ir.AltAny {
		p.Taint = e.decides()
		out.add(p)
	} else {
		out.open = true
	}
	return out
}

// rest is what is left of a shape when a clause has taken its part.
func (e *eval) rest(s *shape, pat, guard ir.ExprID) *shape {
	if op := e.c.At(pat).Op; guard == ir.No && (op == ir.Bind || op == ir.Any) {
		return e.shapes.none
	}
	return s.only(func(a *Alt) bool { return !takesAll(e.c, pat, guard, a) })
}

// takesAll reports whether nothing of an alternative is left for the clauses
// that follow: the pattern accepts it, or only looks into a record that it holds.
func takesAll(c *ir.Code, pat, guard ir.ExprID, a *Alt) bool {
	switch fitsArm(c, pat, guard, a) {
	case refused:
		return false
	case accepts:
		return true
	}
	return guard == ir.No && (a.Kind == ir.AltTuple && a.Inner == "" && looksInside(c, pat) || a.Kind == ir.AltStruct && a.Tag == "" && anyRow(c, pat))
}

// anyRow reports whether a pattern takes each record of its type: rows of which the type is not known
// are of the one that a clause asks for.
func anyRow(c *ir.Code, pat ir.ExprID) bool {
	p := c.At(pat)
	if p.Op == ir.Match {
		return anyRow(c, ir.ExprID(p.A)) && bindsAll(c, ir.ExprID(p.B)) || anyRow(c, ir.ExprID(p.B)) && bindsAll(c, ir.ExprID(p.A))
	}
	return p.Op == ir.Make && p.Sub == ir.MakeStruct && p.Str != "" && p.Lo == p.Hi
}

// bindsAll reports whether a pattern takes any value.
func bindsAll(c *ir.Code, pat ir.ExprID) bool {
	op := c.At(pat).Op
	return op == ir.Bind || op == ir.Any
}

// looksInside reports whether a pattern is a tagged tuple of records.
func looksInside(c *ir.Code, pat ir.ExprID) bool {
	p := c.At(pat)
	if p.Op == ir.Match {
		return looksInside(c, ir.ExprID(p.A)) || looksInside(c, ir.ExprID(p.B))
	}
	if p.Op != ir.Make || p.Sub != ir.MakeTuple || p.Lo == p.Hi {
		return false
	}
	for _, x := range c.List(p)[1:] {
		in := c.At(x)
		if p.Hi-p.Lo == multiFailure && refusedRow(c, x) {
			continue
		}
		if in.Op == ir.Make && in.Sub == ir.MakeMap {
			for i := in.Lo + 1; i < in.Hi; i += 2 {
				v := c.At(c.Lists[i])
				if text := v.Sub == ir.MakeString || v.Sub == ir.MakeBinary || v.Sub == ir.MakeAtom; v.Op != ir.Bind && v.Op != ir.Any && (v.Op != ir.Make || text) {
					return false
				}
			}
		} else if in.Op != ir.Bind && in.Op != ir.Any {
			return false
		}
	}
	return true
}

// multiFailure is how many elements the failure of an Ecto.Multi has.
const multiFailure = 4

// ofMulti reports whether an alternative is what a transaction gives that is given a multi.
func ofMulti(a ir.Alt) bool { return a.Tag == "error" && a.Arity == multiFailure }

// givesFunction reports whether a call is given a function that is written there.
func (e *eval) givesFunction(x *ir.Expr) bool {
	return slices.ContainsFunc(e.c.List(x), func(a ir.ExprID) bool { return e.c.At(a).Op == ir.Closure })
}

// refusedRow reports whether a pattern takes a changeset: what the step of a multi gives
// that fails, unless a function of its own decides.
func refusedRow(c *ir.Code, x ir.ExprID) bool {
	e := c.At(x)
	if e.Op == ir.Match {
		return refusedRow(c, ir.ExprID(e.A)) || refusedRow(c, ir.ExprID(e.B))
	}
	return e.Op == ir.Make && e.Sub == ir.MakeStruct && e.Str == "Ecto.Changeset" && e.Lo == e.Hi
}

// single is the one pattern of an arm, or No.
func (e *eval) single(arm ir.ExprID) (pat, guard ir.ExprID) {
	patterns, guard, _ := e.c.Parts(e.c.At(arm))
	if len(patterns) != 1 {
		return ir.No, guard
	}
	return patterns[0], guard
}

// narrowed runs an arm with the part of a shape that its pattern accepts, and
// joins its result with those of the arms before. What never gets there gives
// nothing.
func (e *eval) narrowed(out value, arm ir.ExprID, v value, left *shape, on ir.ExprID) (value, *shape) {
	pat, guard := e.single(arm)
	if pat == ir.No {
		defer e.choosing(v.chooses())()
		return e.either(out, e.arm(arm, v, on)), left
	}
	v.shape = e.through(left, pat, guard)
	if on != ir.No {
		defer e.reshape(e.c.At(on).A, v.shape)()
	}
	undo := e.choosing(choosesArm(v))
	r := e.arm(arm, v, on)
	undo()
	s := e.shapeOf(out)
	switch {
	case v.shape.never():
		out = out.join(r)
		out.shape = s
	case left.unknownParam() && conditional(e.c, pat, guard):
		out = out.join(r)
		out.shape = together(s, e.shapes.any)
	default:
		out = e.either(out, r)
	}
	return out, e.rest(left, pat, guard)
}

// reshape gives a variable a shape until it is undone.
func (e *eval) reshape(id int32, s *shape) (undo func()) {
	if id < 0 || int(id) >= len(e.vars) {
		return func() {}
	}
	old := e.vars[id].shape
	e.vars[id].shape = s
	return func() { e.vars[id].shape = old }
}

// externShape is what a library's function gives.
func (e *eval) externShape(at ir.ExprID, m *model.Call, args []ir.ExprID, vals []value, ran *shape, rolls bool) *shape {
	taint := plain(vals).taint
	here := next{Expr: at, Callee: ir.No}
	if m.Transaction && m.Gives != "multi" {
		return e.transacted(here, taint, m, args, vals, ran, rolls)
	}
	if alts, ok := e.shapes.models[m]; ok {
		if s := e.handedOn(alts, vals, ran); s != nil {
			return s
		}
		if m.Fallible && !e.canFail(m, args) {
			alts = alts[:1]
		}
		return made(here, taint, alts...)
	}
	switch m.Gives {
	case "result":
		if m.Effects&model.Cache != 0 || m.Fallible && !e.canFail(m, args) {
			return made(here, taint, tupleAlt("ok", 2))
		}
		return made(here, taint, tupleAlt("ok", 2), tupleAlt("error", 2))
	case "row":
		if m.Effects&model.RaiseErr != 0 {
			return made(here, taint, ir.Alt{Kind: ir.AltStruct})
		}
	case "chunks":
		return made(here, taint, ir.Alt{Kind: ir.AltList})
	case "count":
		return made(here, taint, tupleAlt("", 2))
	case "changeset":
		return made(here, taint, ir.Alt{Kind: ir.AltStruct})
	case "multi":
		return made(here, taint, ir.Alt{Kind: ir.AltStruct, Tag: multiTag})
	}
	return e.shapes.any
}

// handedOn is what a call gives that gives what its function or its block gives,
// or nil for any other.
func (e *eval) handedOn(alts []ir.Alt, vals []value, ran *shape) *shape {
	switch {
	case len(alts) != 1:
		return nil
	case alts[0].Tag == "run" && ran != nil:
		return ran
	case alts[0].Tag == "block" && len(vals) > 0:
		return e.shapeOf(vals[len(vals)-1])
	case alts[0].Tag == "run", alts[0].Tag == "block":
		return e.shapes.any
	}
	return nil
}

// multiTag stands for the steps of a transaction.
const multiTag = "multi"

// section is what a block that a macro is given gives: the value of its first
// part, or what the clauses of the others make of it. The clauses of an `after` take no
// failure, which the block is run again for (https://hexdocs.pm/retry).
func (e *eval) section(id ir.ExprID, x *ir.Expr) value {
	parts := e.c.List(x)
	if len(parts) == 0 {
		return unknown()
	}
	first := e.eval(parts[0])
	out, clauses := value{def: ir.No, lit: leaves}, false
	for _, p := range parts[1:] {
		taken := e.shapeOf(first)
		if e.c.At(p).Str == "after" {
			taken = taken.only(func(a *Alt) bool { return a.Tag != "error" })
		}
		for _, arm := range e.c.List(e.c.At(p)) {
			if e.c.At(arm).Op == ir.Arm {
				clauses = true
				out, _ = e.narrowed(out, arm, first, taken, ir.No)
			} else {
				e.eval(arm)
			}
		}
	}
	v := first.computed(id)
	v.shape = e.shapeOf(first)
	if clauses {
		v = v.with(out)
		v.shape = e.shapeOf(out)
	}
	return v
}

// transacted is what a transaction gives: of steps the name of the one that
// failed and what went before, of a function what it rolls back with.
func (e *eval) transacted(here next, taint uint64, m *model.Call, args []ir.ExprID, vals []value, ran *shape, rolls bool) *shape {
	ok, failed := tupleAlt("ok", 2), tupleAlt("error", 2)
	if m.Query == nil || *m.Query >= len(vals) {
		return e.shapes.any
	}
	first := e.shapeOf(vals[*m.Query])
	steps := first.closed() && len(first.alts) == 1 && first.alts[0].Tag == multiTag
	switch {
	case steps && e.canFail(m, args):
		return made(here, taint, ok, tupleAlt("error", 4))
	case steps:
		return made(here, taint, ok)
	case ran == nil:
		return &shape{alts: made(here, taint, ok).alts, open: true}
	}
	s := made(here, taint, ok)
	if words := e.shapes.models[m]; len(words) == 1 && words[0].Tag == "run" {
		s = ran
	}
	if rolls {
		s = together(s, made(here, taint, failed))
	}
	return s
}

// declaredShape is what a function, or each implementation of a callback, is
// declared to give. Declarations are not checked by anything, so that only the
// errors count that they name.
func declaredShape(at ir.ExprID, taint uint64, alts []ir.Alt) *shape {
	s := &shape{open: true}
	for _, a := range alts {
		if a.Tag == "error" && !otherSize(alts, a) {
			s.add(Alt{Alt: a, Taint: taint, next: next{Expr: at, Callee: ir.No}})
		}
	}
	return s
}

// otherSize reports whether there are several tuples of one tag: which of them
// comes depends on what the function is given.
func otherSize(alts []ir.Alt, a ir.Alt) bool {
	for _, b := range alts {
		if b.Kind == ir.AltTuple && a.Kind == ir.AltTuple && b.Tag == a.Tag && b.Arity != a.Arity {
			return true
		}
	}
	return false
}

// calleeShape is what a clause of the project gives at a call.
func (e *eval) calleeShape(at ir.ExprID, t ClauseID, vals []value, left []*shape) *shape {
	from := e.nodes[t].shape
	if from == nil {
		return e.shapes.none
	}
	out := &shape{alts: make([]Alt, 0, len(from.alts)), open: from.open}
	for i := range from.alts {
		a := from.alts[i]
		if a.Kind == ir.AltParam {
			if a.Arity < len(left) {
				out = together(out, left[a.Arity])
			} else {
				out.open = true
			}
			continue
		}
		a.next = next{Expr: at, Callee: t, Fact: int32(i)}
		a.Taint = mapTaint(a.Taint, vals)
		out = together(out, &shape{alts: []Alt{a}})
	}
	return out
}

// projectShape is what a function of the project gives: what its clauses give,
// and where that is not known what it is declared to give.
func (e *eval) projectShape(at ir.ExprID, fn ir.FuncID, targets []ClauseID, vals []value) *shape {
	s := e.shapes.none
	lo, hi := e.clauses(fn)
	all := len(targets) == int(hi-lo)
	left := make([]*shape, len(vals))
	for i := range vals {
		left[i] = e.shapes.any
		if !vals[i].lazy {
			left[i] = e.shapeOf(vals[i])
		}
	}
	for _, t := range targets {
		switch e.selects(t, left) {
		case accepts:
			s = together(s, e.calleeShape(at, t, vals, left))
		case partly:
			s = together(s, e.shapes.any)
		default:
			all = false
		}
		e.leave(t, left)
	}
	if len(targets) == 0 {
		s = e.shapes.any
	}
	if alts := e.shapes.specs[fn]; all && !strings.HasSuffix(e.p.Funcs[fn].Name, "!") && s.open && len(s.alts) == 0 && len(alts) > 0 {
		s = declaredShape(at, plain(vals).taint, alts)
	}
	return s
}

// selects says whether a clause runs: never if what is known of an argument
// shows that, partly if it is one for a value that nobody may have passed.
func (e *eval) selects(t ClauseID, args []*shape) fit {
	n := &e.nodes[t]
	out := accepts
	for i, pat := range n.clause.Params {
		if i >= len(args) {
			break
		}
		if x := n.code.At(pat); x.Op == ir.Bind || x.Op == ir.Any || x.Op == ir.Match && e.p.Funcs[n.fn].Defaults > 0 {
			continue
		}
		s := args[i]
		fitting := refused
		for k := range s.alts {
			if a := &s.alts[k]; a.Kind != ir.AltParam {
				fitting = max(fitting, fitsArm(n.code, pat, n.clause.Guard, a))
			}
		}
		switch {
		case fitting != refused:
		case s.closed():
			return refused
		case s.open && patternAlt(n.code, pat).Tag == "error" && patternAlt(n.code, pat).Kind != ir.AltAtom:
			// what comes from elsewhere may well fail, and then mostly says why
		case patternAlt(n.code, pat).Kind == ir.AltList && e.takesLists(n.fn, i):
		case conditional(n.code, pat, n.clause.Guard):
			out = partly
		}
	}
	return out
}

// takesLists reports whether all clauses of a function ask for a list as
// parameter i.
func (e *eval) takesLists(fn ir.FuncID, i int) bool {
	f := e.p.Funcs[fn]
	if len(f.Clauses) > 4*maxAlts {
		return false // so many are asked for each of them
	}
	for k := range f.Clauses {
		if c := &f.Clauses[k]; i < len(c.Params) && patternAlt(f.Code, c.Params[i]).Kind != ir.AltList {
			return false
		}
	}
	return true
}

// leave takes from the arguments what a clause takes, if it asks of one only.
func (e *eval) leave(t ClauseID, args []*shape) {
	n := &e.nodes[t]
	at := -1
	for i, pat := range n.clause.Params {
		if op := n.code.At(pat).Op; op != ir.Bind && op != ir.Any {
			if at >= 0 || i >= len(args) {
				return
			}
			at = i
		}
	}
	if at >= 0 && e.p.Funcs[n.fn].Defaults == 0 {
		args[at] = args[at].only(func(a *Alt) bool { return !takesAll(n.code, n.clause.Params[at], n.clause.Guard, a) })
	}
}

// conditional reports whether a clause is for a value that its caller may well
// never pass: one by name, an error, or one of another type than the other clauses
// take.
func conditional(c *ir.Code, pat, guard ir.ExprID) bool {
	switch a := patternAlt(c, pat); a.Kind {
	case ir.AltAtom, ir.AltNumber:
		return true
	case ir.AltTuple:
		return a.Tag == "error"
	case ir.AltList:
		return true
	}
	if guard == ir.No {
		return false
	}
	null := Alt{Alt: atomAlt("nil")}
	list, number := Alt{Alt: ir.Alt{Kind: ir.AltList}}, Alt{Alt: ir.Alt{Kind: ir.AltNumber}}
	g := fitsGuard(c, pat, guard, &number)
	return g == refused && (fitsGuard(c, pat, guard, &null) != refused || fitsGuard(c, pat, guard, &list) != refused)
}

// keepShape keeps what a clause gives. Where a recursion still learns in its
// second round, the rest is left open.
func (e *eval) keepShape(v value) {
	s := e.shapeOf(v)
	if old := e.n.shape; old != nil && len(old.alts) != len(s.alts) {
		s = &shape{alts: s.alts, open: true}
	}
	e.n.shape = s
}

// Results are the alternatives that a node gives, and whether they are all.
func (r *Result) Results(id ClauseID) (alts []Alt, all bool) {
	s := r.nodes[id].shape
	if s == nil {
		return nil, false
	}
	return s.alts, s.closed()
}

// keepOnly leaves a variable the alternatives that a condition lets through.
func (e *eval) keepOnly(undo []saved, x ir.ExprID, keep func(*Alt) bool) []saved {
	u := e.c.At(x)
	if u.Op != ir.Use && u.Op != ir.Bind || u.A < 0 || int(u.A) >= len(e.vars) {
		return undo
	}
	v := &e.vars[u.A]
	undo = append(undo, saved{u.A, v.taint, v.shape})
	v.shape = e.shapeOf(*v).only(func(a *Alt) bool { return a.Kind == ir.AltParam || keep(a) })
	return undo
}
