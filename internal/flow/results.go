package flow

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// Where says at what a value is not accepted.
type Where uint8

// The places at which a value may not be accepted.
const (
	AtMatch    Where = iota // `pattern = value`
	AtCase                  // no clause of a case
	AtElse                  // no clause of the else of a with
	AtFunction              // no clause of the function that is called
)

// Unmatched is an alternative that nothing accepts at a place that must accept it.
type Unmatched struct {
	Where Where
	Expr  ir.ExprID // the match, the case, the with or the call
	Value ir.ExprID // what gives the alternative
	Alt   Alt
	// Wrong is the pattern of the same tag that asks for another number of
	// elements and can never match, or No.
	Wrong ir.ExprID
	Apart bool
}

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
	return guard == ir.No && a.Kind == ir.AltTuple && a.Inner == "" && looksInside(c, pat)
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
		if in.Op == ir.Make && in.Sub == ir.MakeMap {
			for i := in.Lo + 1; i < in.Hi; i += 2 {
				if op := c.At(c.Lists[i]).Op; op != ir.Bind && op != ir.Any && op != ir.Make {
					return false
				}
			}
		} else if in.Op != ir.Bind && in.Op != ir.Any {
			return false
		}
	}
	return true
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

// unaccepted notes the alternatives of s that none of the arms accepts; all is
// what can get to the arms.
func (e *eval) unaccepted(u Unmatched, s, all *shape, arms []ir.ExprID) {
	patterns, guards := make([]ir.ExprID, 0, 8), make([]ir.ExprID, 0, 8)
	for _, a := range arms {
		if e.c.At(a).Op != ir.Arm {
			continue
		}
		pat, guard := e.single(a)
		if pat == ir.No {
			return
		}
		patterns, guards = append(patterns, pat), append(guards, guard)
	}
	for i := range s.alts {
		a := &s.alts[i]
		if a.Kind == ir.AltParam || e.taken(patterns, guards, a) {
			continue
		}
		u.Alt, u.Wrong = *a, ir.No
		if all.closed() {
			u.Wrong = e.wrongSize(patterns, all, a)
		}
		e.unmatch(u)
	}
}

func (e *eval) taken(patterns, guards []ir.ExprID, a *Alt) bool {
	for i := range patterns {
		if fitsArm(e.c, patterns[i], guards[i], a) != refused {
			return true
		}
	}
	return false
}

// wrongSize is the pattern that asks for an alternative with another number of
// elements, and accepts nothing of the shape.
func (e *eval) wrongSize(patterns []ir.ExprID, s *shape, a *Alt) ir.ExprID {
	for _, p := range patterns {
		w := patternAlt(e.c, p)
		if a.Kind != ir.AltTuple || w.Kind != ir.AltTuple || a.Tag == "" || w.Tag != a.Tag || w.Arity == a.Arity {
			continue
		}
		dead := true
		for i := range s.alts {
			dead = dead && fits(e.c, p, &s.alts[i]) == refused
		}
		if dead {
			return p
		}
	}
	return ir.No
}

func (e *eval) unmatch(u Unmatched) {
	for i := range e.unmatched {
		if old := &e.unmatched[i]; old.Expr == u.Expr && old.Value == u.Value && old.Alt.same(&u.Alt) {
			old.Alt.Taint |= u.Alt.Taint
			return
		}
	}
	u.Apart = e.apart()
	e.unmatched = append(e.unmatched, u)
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
// part, or what the clauses of the others make of it.
func (e *eval) section(id ir.ExprID, x *ir.Expr) value {
	parts := e.c.List(x)
	if len(parts) == 0 {
		return unknown()
	}
	first := e.eval(parts[0])
	out, clauses := value{def: ir.No, lit: leaves}, false
	for _, p := range parts[1:] {
		for _, arm := range e.c.List(e.c.At(p)) {
			if e.c.At(arm).Op == ir.Arm {
				clauses = true
				out, _ = e.narrowed(out, arm, first, e.shapeOf(first), ir.No)
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
		case s.open && patternAlt(n.code, pat).Tag == "error":
			// what comes from elsewhere may well fail
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

// ReadBack reports whether the answer of a node is read from the database after
// an expression of it: then the answer says what became of a write.
func (r *Result) ReadBack(id ClauseID, x ir.ExprID) bool {
	c := r.nodes[id].code
	at := c.Span(x)
	last := r.Body(id)
	for {
		e := c.At(last)
		if e.Op != ir.Block || e.Lo == e.Hi {
			break
		}
		last = c.Lists[e.Hi-1]
	}
	answer := c.Span(last)
	if answer.Start < at.End {
		return false
	}
	for i := range r.nodes[id].facts {
		f := &r.nodes[id].facts[i]
		if f.Kind == Query && f.Depth <= 1 && f.Expr != ir.No && answer.Contains(c.Span(f.Expr)) {
			return true
		}
	}
	return false
}

// Mask is a last clause of a case that gives one error by name for whatever went
// wrong, the known failures of a library's call among it.
type Mask struct {
	Arm    ir.ExprID
	Alt    Alt    // a failure that ends there
	Answer string // the name of the error that is given instead
}

// mask notes such a clause. A case that looks at an error in another clause has
// told them apart.
func (e *eval) mask(id ir.ExprID, x *ir.Expr, s *shape) {
	arms := e.c.List(x)
	if len(arms) < 2 {
		return
	}
	last := arms[len(arms)-1]
	pat, guard := e.single(last)
	if pat == ir.No || guard != ir.No || e.c.At(pat).Op != ir.Any {
		return
	}
	_, _, body := e.c.Parts(e.c.At(last))
	answer := literalAlt(e.c, body)
	if answer.Kind != ir.AltTuple || answer.Tag != "error" || answer.Inner == "" {
		return
	}
	for _, a := range arms[:len(arms)-1] {
		if p, _ := e.single(a); p == ir.No || patternAlt(e.c, p).Tag != "ok" {
			return
		}
	}
	for i := range s.alts {
		if a := &s.alts[i]; a.Kind == ir.AltTuple && a.Tag == "error" && a.Inner == "" && a.Callee == ir.No {
			e.masks = append(e.masks, Mask{Arm: last, Alt: *a, Answer: answer.Inner})
			return
		}
	}
}

// Unsure reports whether what makes a failure asks a database or a service, or
// was made by a macro: it can fail in ways that have nothing to do with the question.
func (r *Result) Unsure(o Origin) bool {
	if m := r.model(r.Extern(o)); m != nil {
		return m.Effects&(model.Query|model.Write|model.HTTP) != 0
	}
	return r.Made(o)
}

// Made reports whether a function makes an alternative that a macro made.
func (r *Result) Made(o Origin) bool {
	c := r.nodes[o.In].code
	e := c.At(o.Expr)
	return e.Op == ir.Call && r.shapes.made[c.Callees[e.A].Module+"."+c.Callees[e.A].Name] != nil
}

// Masks are the clauses of a node that hide what went wrong behind one name.
func (r *Result) Masks(id ClauseID) []Mask { return r.nodes[id].masks }

// Loss is a call of the project whose result nothing uses, and a failure that it
// gives though it dealt with the one below it in its own way.
type Loss struct {
	Expr ir.ExprID
	Alt  Alt
	// Arm: Expr is a clause that takes the failure and answers nothing of it.
	Arm   bool
	Apart bool
}

// lose notes a call whose result is thrown away, or a clause in which it ends.
func (e *eval) lose(at ir.ExprID, v value, arm bool) {
	if v.shape == nil {
		return
	}
	for i := range v.shape.alts {
		a := &v.shape.alts[i]
		if a.Kind != ir.AltTuple || a.Tag != "error" || a.Inner != "" || a.Callee == ir.No {
			continue
		}
		for k := range e.losses {
			if e.losses[k].Expr == at {
				return
			}
		}
		e.losses = append(e.losses, Loss{Expr: at, Alt: *a, Arm: arm, Apart: e.apart()})
		return
	}
}

// Losses are the failures that a node throws away and that functions of the
// project made of failures below them.
func (r *Result) Losses(id ClauseID) []Loss { return r.nodes[id].losses }

// Effects reports whether an alternative tells that changing something, or asking
// another service, has failed, and the clause that makes it did nothing about it.
func (r *Result) Effects(o Origin) bool {
	if ext := r.Extern(o); ext != ir.No {
		m := r.model(ext)
		return m != nil && m.Effects&failing != 0 && r.Refusable(o)
	}
	return r.asks(o, Write, HTTP, Mail, Enqueue) && !r.asks(o, Log) && !(r.reshapes(o.In) && len(r.nodes[o.In].facts) > 0)
}

// Unmatched are the alternatives that a node does not accept where it must.
func (r *Result) Unmatched(id ClauseID) []Unmatched { return r.nodes[id].unmatched }

// Results are the alternatives that a node gives, and whether they are all.
func (r *Result) Results(id ClauseID) (alts []Alt, all bool) {
	s := r.nodes[id].shape
	if s == nil {
		return nil, false
	}
	return s.alts, s.closed()
}

// Origin is where an alternative comes from.
type Origin struct {
	Steps []Step    // the calls down to it
	In    ClauseID  // the clause that makes it
	Expr  ir.ExprID // what makes it there: a library call, or a value that is written out
	hops  []hop
}

// Origin follows an alternative to what makes it.
func (r *Result) Origin(id ClauseID, a Alt) Origin {
	var o Origin
	var seen []ClauseID
	for len(o.Steps) < maxDepth {
		op := r.nodes[id].code.At(a.Expr).Op
		if op == ir.Call || op == ir.Send || op == ir.FuncRef {
			o.Steps = append(o.Steps, r.Step(id, a.Expr))
		}
		o.In, o.Expr = id, a.Expr
		if a.Callee == ir.No {
			break
		}
		o.hops = append(o.hops, hop{id, a.Expr})
		if len(o.Steps) > 0 {
			s := &o.Steps[len(o.Steps)-1]
			s.Callee, s.Extern = r.Symbol(a.Callee), ir.No
		}
		seen = append(seen, a.Callee)
		found, in := r.altOf(a, seen)
		if found == nil {
			o.In, o.Expr = a.Callee, r.Body(a.Callee)
			break
		}
		id, a = in, *found
	}
	return o
}

// Extern is the library's function that makes it, or No.
func (r *Result) Extern(o Origin) ir.ExternID {
	c := r.nodes[o.In].code
	if e := c.At(o.Expr); e.Op == ir.Call || e.Op == ir.FuncRef {
		_, ext := r.resolve(&c.Callees[e.A])
		return ext
	}
	return ir.No
}

// Picks reports whether a library call only takes something out of a container,
// which says more of the program than of what it was given.
func (r *Result) Picks(e ir.ExternID) bool {
	m := r.model(e)
	return m != nil && m.Content != nil
}

// Refusable reports whether the write that makes an alternative can refuse the
// columns that a call on the way to it writes out.
func (r *Result) Refusable(o Origin) bool { return !r.spelledOut(o.hops, hop{o.In, o.Expr}) }

// Outside reports whether the clause that makes an alternative asks something
// outside the program: a database, a service, a process, a function it was given.
func (r *Result) Outside(o Origin) bool {
	return r.nodes[o.In].code.At(o.Expr).Op == ir.Send ||
		r.asks(o, Query, Write, HTTP, Mail, Enqueue, File, ProcCall, Exec, CallsParam)
}

// Asks reports whether the clause that makes an alternative calls another service.
func (r *Result) Asks(o Origin) bool { return r.asks(o, HTTP, Mail) }

// asks looks at the clause that makes an alternative, or at its caller if the
// clause only reshapes an error that it is given.
func (r *Result) asks(o Origin, kinds ...Kind) bool {
	id := o.In
	for i := len(o.hops) - 1; i >= 0 && r.reshapes(id); i-- {
		id = o.hops[i].in
	}
	for i := range r.nodes[id].facts {
		if slices.Contains(kinds, r.nodes[id].facts[i].Kind) {
			return true
		}
	}
	return false
}

// reshapes reports whether a clause is one for an error.
func (r *Result) reshapes(id ClauseID) bool {
	n := &r.nodes[id]
	if n.clause == nil {
		return false
	}
	for _, p := range n.clause.Params {
		if patternAlt(n.code, p).Tag == "error" {
			return true
		}
	}
	return false
}

// altOf finds an alternative in what a callee gives, and the clause that gives
// it. Of a recursion it is the clause that makes it.
func (r *Result) altOf(a Alt, seen []ClauseID) (*Alt, ClauseID) {
	if found := r.nodes[a.Callee].shape.find(&a); found != nil && (found.Callee == ir.No || !slices.Contains(seen, found.Callee)) {
		return found, a.Callee
	}
	lo, hi := r.clauses(r.nodes[a.Callee].fn)
	for id := lo; id < hi; id++ {
		if s := r.nodes[id].shape; s != nil {
			if found := s.find(&a); found != nil && (found.Callee == ir.No || !slices.Contains(seen, found.Callee)) {
				return found, id
			}
		}
	}
	return nil, ir.No
}

// steps are the steps of a with: what each can give that its pattern does not
// accept, and what they can give at all.
type steps struct {
	fallen []fallen
	all    *shape
}

// fallen is what a step gives when its pattern does not accept it.
type fallen struct {
	value ir.ExprID
	shape *shape
}

// add notes a step, and is what it gives when it does not match.
func (s *steps) add(e *eval, m *ir.Expr, v value) *shape {
	pat := ir.ExprID(m.A)
	if op := e.c.At(pat).Op; op == ir.Bind || op == ir.Any {
		return e.shapes.none
	}
	of := e.shapeOf(v)
	out := of.only(func(a *Alt) bool { return a.Kind == ir.AltParam || fits(e.c, pat, a) == refused })
	s.fallen = append(s.fallen, fallen{ir.ExprID(m.B), out})
	s.all = together(s.all, of)
	return out
}

// unaccepted notes what no clause of the else accepts, if there is one.
func (s *steps) unaccepted(e *eval, id ir.ExprID, list []ir.ExprID) {
	if len(list) == 0 || e.c.At(list[len(list)-1]).Op != ir.Arm {
		return
	}
	for _, f := range s.fallen {
		e.unaccepted(Unmatched{Where: AtElse, Expr: id, Value: f.value}, f.shape, s.all, list)
	}
}

// guards reports whether a step of a with is the guard of the pattern before it.
func (e *eval) guards(before, step ir.ExprID) bool {
	m := e.c.At(before)
	return m.Op == ir.Match && m.Sub == ir.FailNext && e.c.Span(before).Contains(e.c.Span(step))
}

// mustAccept notes the alternatives of arguments that no clause of a function accepts.
func (e *eval) mustAccept(at ir.ExprID, fn ir.FuncID, args []ir.ExprID, vals []value) {
	f := e.p.Funcs[fn]
	if f.Defaults > 0 || len(args) != len(vals) || len(e.impls[fn]) > 0 {
		return
	}
	for i := range vals {
		if s := vals[i].shape; s != nil && !vals[i].lazy {
			for k := range s.alts {
				if a := &s.alts[k]; a.Tag == "error" && !takes(f, i, a) {
					e.unmatch(Unmatched{Where: AtFunction, Expr: at, Value: args[i], Alt: *a, Wrong: ir.No})
				}
			}
		}
	}
}

// takes reports whether a clause of a function may accept an alternative as
// parameter i.
func takes(f *ir.Func, i int, a *Alt) bool {
	for k := range f.Clauses {
		cl := &f.Clauses[k]
		if i >= len(cl.Params) || fitsArm(f.Code, cl.Params[i], cl.Guard, a) != refused {
			return true
		}
	}
	return len(f.Clauses) == 0
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
