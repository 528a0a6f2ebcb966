package query

import (
	"slices"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
)

// found is what one clause does.
type found struct {
	accesses []Access
	unknown  []Unknown
}

// clause finds the calls of a clause that go to a table, and what they ask.
func (fo *follower) clause(id flow.ClauseID) found {
	if c := fo.flow.Code(id); c.File == nil || c.File.Kind != source.Lib {
		return found{}
	}
	return fo.any(id)
}

// any is clause for code of every kind.
func (fo *follower) any(id flow.ClauseID) found {
	var out found
	c := fo.flow.Code(id)
	if fo.flow.Skipped(id) || c.File == nil {
		return out
	}
	if fn := fo.flow.Func(id); fn != ir.No && fo.p.Funcs[fn].Kind == ir.Delegate {
		return out
	}
	for x := range fo.exprs(id) {
		if m := fo.goesToTable(c, c.At(x)); m != nil {
			fo.site(id, x, m, &out)
		}
	}
	return out
}

// site follows one call of the library. Where no caller knows the table either,
// the call itself is what is not known.
func (fo *follower) site(id flow.ClauseID, x ir.ExprID, m *model.Call, out *found) {
	accesses, unknown := len(out.accesses), len(out.unknown)
	w := &climb{follower: fo, x: x, m: m, out: out}
	w.try(fo.root(id), []Hop{{id, x}})
	if len(out.accesses) == accesses && len(out.unknown) > unknown {
		out.unknown = append(out.unknown[:unknown], Unknown{id, x})
	}
}

// goesToTable is the model of a call that works on one table, or nil. A call on
// a module known only at run time is one when it looks like one of a Repo.
func (fo *follower) goesToTable(c *ir.Code, e *ir.Expr) *model.Call {
	var m *model.Call
	switch e.Op {
	case ir.Call:
		fn, ext := fo.flow.Resolve(&c.Callees[e.A])
		if fn != ir.No {
			return nil
		}
		m = fo.flow.Model(ext)
	case ir.Send:
		m = fo.repoCall(e.Str, int(e.Hi-e.Lo))
	}
	if m == nil || m.Asks == "" && takesSQL(m) < 0 {
		return nil
	}
	return m
}

// repoCall is the model of a function that the project's modules have by what
// they behave like.
func (fo *follower) repoCall(name string, arity int) *model.Call {
	for _, b := range fo.behaviours {
		if m := fo.flow.ModelOf(b, name, arity); m != nil && (m.Asks != "" || takesSQL(m) >= 0) {
			return m
		}
	}
	return nil
}

// climb looks for the callers that know which table one call is about.
type climb struct {
	*follower
	x        ir.ExprID // the library's call
	m        *model.Call
	out      *found
	contexts int
}

// try asks in one frame; chain leads from its outermost clause to the call.
func (w *climb) try(f *frame, chain []Hop) {
	if w.contexts++; w.contexts > maxContexts {
		return
	}
	ev := w.evaluator()
	e := f.code.At(w.x)
	if at := takesSQL(w.m); at >= 0 {
		if args := f.code.List(e); at < len(args) {
			w.text(ev, f, chain, args[at])
		}
		return
	}
	v, decides := w.about(ev, f, e)
	if v.kind == bottom || w.answer(ev, f, v, chain) || decides != 0 && len(chain) <= maxClimb && w.up(f, chain) {
		return
	}
	if q := w.guess(f, v); q != nil {
		w.keep(ev, f, q, chain)
		return
	}
	if e.Op != ir.Send {
		w.out.unknown = append(w.out.unknown, Unknown{chain[0].Clause, chain[0].Expr})
	}
}

// about is what the call is given, and the parameters that decide it; bottom if
// it goes to no table, as far as anything says.
func (w *climb) about(ev *evaluator, f *frame, e *ir.Expr) (v val, decides uint32) {
	v = ev.asked(f, w.m, f.code.List(e))
	decides = v.undecided()
	if e.Op != ir.Send {
		return v, decides
	}
	on := ev.value(f, ir.ExprID(e.A))
	decides |= on.undecided()
	switch {
	case w.mayBeRepo(on):
		return v, decides
	case decides == 0:
		return val{kind: bottom}, 0
	}
	return val{kind: unknown, params: decides}, decides
}

// answer notes the accesses for what the call is given, if it is known.
func (w *climb) answer(ev *evaluator, f *frame, v val, chain []Hop) bool {
	answered := false
	doubtful := slices.ContainsFunc(v.alts, func(a val) bool { return a.kind == unknown })
	for _, a := range v.each() {
		if a.q != nil && (a.q.Root().Known() || a.q.Root().Sub != nil) {
			if doubtful {
				a.q = a.q.doubted()
			}
			w.keep(ev, f, a.q, chain)
			answered = true
		}
	}
	return answered
}

// mayBeRepo reports whether a value is a Repo, or one of several that has one.
func (fo *follower) mayBeRepo(v val) bool {
	return slices.ContainsFunc(v.each(), func(a val) bool { return a.kind == module && fo.isRepo(a.str) })
}

// isRepo reports whether a module of the project has a Repo's functions.
func (fo *follower) isRepo(name string) bool {
	m := fo.p.ModuleNamed(name)
	return m != nil && slices.ContainsFunc(m.Behaves, func(b string) bool { return slices.Contains(fo.behaviours, b) })
}

// guess is the row that only one schema can have: the one with all associations
// that are loaded.
func (w *climb) guess(f *frame, v val) *Query {
	args := f.code.List(f.code.At(w.x))
	if v.kind != unknown || w.m.Asks != "preload" || w.m.Loads == nil || *w.m.Loads >= len(args) {
		return nil
	}
	sc := &scope{q: &Query{}, frame: f}
	w.evaluator().loads(f, sc, nil, args[*w.m.Loads])
	var names []string
	for i := range sc.q.Loads {
		names = append(names, sc.q.Loads[i].Path[0])
	}
	s := w.schemaWith(f.code.Module, names)
	if s == nil {
		return nil
	}
	q := rowOf(s)
	q.OpenFilters, q.OpenLoads = true, true
	return q
}

// schemaWith is the schema that has associations: the module's own, or the only
// one in the project.
func (fo *follower) schemaWith(own ir.ModuleID, names []string) *ir.Schema {
	if len(names) == 0 {
		return nil
	}
	has := func(s *ir.Schema) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return s.Association(n) == nil })
	}
	if s := fo.p.SchemaOf(own); s != nil && has(s) {
		return s
	}
	var only *ir.Schema
	for _, s := range fo.p.Schemas {
		if has(s) {
			if only != nil {
				return nil
			}
			only = s
		}
	}
	return only
}

// up asks the callers of the outermost clause, and reports whether there are any.
func (w *climb) up(f *frame, chain []Hop) bool { return w.above(f, chain, w.try) }

// above calls try with frame f as each caller of its outermost clause runs it,
// and the longer chain of calls; it reports whether there are any.
func (fo *follower) above(f *frame, chain []Hop, try func(*frame, []Hop)) bool {
	outer := f.outermost()
	fn := fo.flow.Func(outer.clause)
	any := false
	for _, k := range fo.flow.CallersOf(outer.clause) {
		if fo.flow.Func(k.Clause) == fn {
			continue
		}
		c := fo.flow.Code(k.Clause)
		e := c.At(k.Expr)
		if e.Op != ir.Call && e.Op != ir.FuncRef || slices.ContainsFunc(chain, func(h Hop) bool { return h.Clause == k.Clause }) {
			continue
		}
		if got, _ := fo.flow.Resolve(&c.Callees[e.A]); got != fn {
			continue
		}
		any = true
		g := fo.under(f, k)
		if !fo.evaluator().reached(g) {
			continue
		}
		try(g, append([]Hop{{k.Clause, k.Expr}}, chain...))
	}
	return any
}

// under is frame f again, with its outermost clause called from k.
func (fo *follower) under(f *frame, k flow.Caller) *frame {
	if f.up == nil {
		top := fo.root(k.Clause)
		e := top.code.At(k.Expr)
		if e.Op == ir.FuncRef {
			g := &frame{clause: f.clause, code: f.code, up: top, depth: 1, ref: k.Expr}
			return fo.calledByName(g)
		}
		return fo.evaluator().call(top, f.clause, fo.p.Funcs[fo.flow.Func(f.clause)], top.code.List(e))
	}
	g := *f
	g.memo, g.passed, g.up = nil, make([]val, len(f.args)), fo.under(f.up, k)
	if f.args == nil {
		return fo.calledByName(&g)
	}
	return &g
}

// calledByName gives the frame of a function that is passed on by its name what it is
// called with.
func (fo *follower) calledByName(g *frame) *frame {
	ev := fo.evaluator()
	g.vals = each(g.up.code.Callees[g.up.code.At(g.ref).A].Arity, func(i, n int) val { return ev.given(g.up, g.ref, i, n) })
	return g
}

// keep notes an access, and those for the associations that it loads.
func (w *climb) keep(ev *evaluator, f *frame, q *Query, chain []Hop) {
	args := f.code.List(f.code.At(w.x))
	a := Access{Clause: chain[0].Clause, Expr: chain[0].Expr, Chain: chain, Op: w.m.Asks, Query: *q, Raises: w.m.Effects.Has(model.RaiseErr)}
	if w.m.Asks == "preload" {
		if w.m.Loads == nil || *w.m.Loads >= len(args) {
			return
		}
		loaded := q.copied()
		loaded.Loads = nil
		ev.loads(f, &scope{q: loaded, frame: f}, nil, args[*w.m.Loads])
		a.Query.Loads = nil
		w.associations(ev, f, a, loaded)
		return
	}
	if a.Op == "insert" || a.Op == "update" {
		a.Given = w.evaluator().givens(q, a.Op)
		a.Settles, a.Target = w.settles(f, args)
		a.Query.Steps = unframed(q.Steps)
	}
	w.implicit(ev, f, &a)
	w.out.accesses = append(w.out.accesses, a)
	if !a.Writes() {
		w.associations(ev, f, a, q)
	}
}

// settles reports whether the options of a write may say what to do about a row
// that is there already, and of which fields such a row has the values; nil is any.
func (w *climb) settles(f *frame, args []ir.ExprID) (bool, []string) {
	ev := w.evaluator()
	for _, x := range args[min(*w.m.Query+1, len(args)):] {
		g, at := ev.locate(f, x)
		e := g.code.At(at)
		if e.Op != ir.Make || e.Sub != ir.MakeList {
			return true, nil
		}
		if names, open := ev.names(g, at, maxHeld); open || slices.Contains(names, "on_conflict") {
			return true, conflictTarget(g.code, at)
		}
	}
	return false, nil
}

// conflictTarget are the fields that the options of a write name as the target of a
// conflict, if they are written out.
func conflictTarget(c *ir.Code, options ir.ExprID) []string {
	var out []string
	c.EachPair(options, func(key string, x ir.ExprID) {
		if key != "conflict_target" {
			return
		}
		list := []ir.ExprID{x}
		if e := c.At(x); e.Op == ir.Make && e.Sub == ir.MakeList {
			list = c.List(e)
		}
		for _, n := range list {
			if e := c.At(n); e.Op == ir.Const && e.Sub == ir.LitAtom {
				out = append(out, e.Str)
			} else {
				out = nil
				return
			}
		}
	})
	return out
}

// unframed are steps without the frames that they were found in.
func unframed(steps []Step) []Step {
	out := slices.Clone(steps)
	for i := range out {
		out[i].frame, out[i].values = nil, nil
	}
	return out
}

// associations notes the accesses for what a query loads.
func (w *climb) associations(ev *evaluator, f *frame, a Access, q *Query) {
	for i := range q.Loads {
		l := &q.Loads[i]
		if l.Joined {
			continue
		}
		owner := q.Root().Schema
		for n, name := range l.Path {
			if owner == nil {
				break
			}
			as := owner.Association(name)
			if as == nil || as.Schema == ir.No {
				break
			}
			to := w.p.Schemas[as.Schema]
			if n == len(l.Path)-1 {
				one := loading(a, owner, as, to, l)
				w.implicit(ev, f, &one)
				w.out.accesses = append(w.out.accesses, one)
				if l.Query != nil && len(w.out.accesses) < maxAccesses {
					w.associations(ev, f, one, &one.Query)
				}
			}
			owner = to
		}
	}
}

// loading is the access that loads an association.
func loading(a Access, owner *ir.Schema, as *ir.Association, to *ir.Schema, l *Load) Access {
	q := rowOf(to)
	if l.Query != nil {
		q = l.Query.copied()
	}
	if as.Kind == ir.ManyToMany || len(as.Through) > 0 {
		q.OpenFilters = true // other tables say which
	} else {
		q.Filters = append(q.Filters, Filter{
			Column: q.column(0, as.RelatedKey), Compare: In, May: l.May, Span: l.Span,
		})
	}
	a.Op, a.Query, a.Load, a.Via, a.Owner = "load", *q, l.Path, as, owner
	a.Implicit, a.Unprepared = nil, false
	return a
}
