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
	calls    int
	unknown  []ir.ExprID
}

// clause finds the calls of a clause that go to a table, and what they ask.
func (fo *follower) clause(id flow.ClauseID) found {
	var out found
	c := fo.flow.Code(id)
	if fo.flow.Skipped(id) || c.File == nil || c.File.Kind == source.Test {
		return out
	}
	for _, root := range fo.flow.Roots(id) {
		c.Walk(root, func(x ir.ExprID) bool {
			e := c.At(x)
			if e.Op != ir.Call {
				return true
			}
			fn, ext := fo.flow.Resolve(&c.Callees[e.A])
			if m := fo.flow.Model(ext); fn == ir.No && goesToTable(m) {
				fo.site(id, x, m, &out)
			}
			return true
		})
	}
	return out
}

// goesToTable reports whether a library's function works on one table.
func goesToTable(m *model.Call) bool { return m != nil && m.Asks != "" }

// site follows one call of the library, and where its own function does not know
// the table, the callers of that function.
func (fo *follower) site(id flow.ClauseID, x ir.ExprID, m *model.Call, out *found) {
	out.calls++
	w := &climb{follower: fo, x: x, m: m, out: out, top: id}
	w.try(fo.root(id), []Hop{{id, x}})
	if w.failed || w.resolved == 0 {
		out.unknown = append(out.unknown, x)
	}
}

// climb looks for the callers that know which table one call is about.
type climb struct {
	*follower
	x        ir.ExprID // the library's call
	m        *model.Call
	top      flow.ClauseID
	out      *found
	contexts int
	resolved int
	failed   bool // a way was followed to its end without an answer
}

// try asks in one frame; chain leads from its outermost clause to the call.
func (w *climb) try(f *frame, chain []Hop) {
	if w.contexts++; w.contexts > maxContexts {
		return
	}
	ev := w.evaluator()
	args := f.code.List(f.code.At(w.x))
	v := ev.asked(f, w.m, f.code.At(w.x), args)
	answered := false
	for _, a := range v.each() {
		if a.q != nil && (a.q.Root().Known() || a.q.Root().Sub != nil) {
			w.keep(ev, f, a.q, chain, args)
			answered = true
		}
	}
	if answered {
		w.resolved++
		return
	}
	if p := v.undecided(); p == 0 || len(chain) > maxClimb || !w.up(f, chain) {
		w.failed = true
	}
}

// up asks the callers of the outermost clause, and reports whether there are any.
func (w *climb) up(f *frame, chain []Hop) bool {
	outer := f.outermost()
	any := false
	for _, k := range w.callers[outer.clause] {
		if w.flow.Func(k.Clause) == w.flow.Func(outer.clause) {
			continue
		}
		c := w.flow.Code(k.Clause)
		if e := c.At(k.Expr); e.Op != ir.Call || slices.ContainsFunc(chain, func(h Hop) bool { return h.Clause == k.Clause }) {
			continue
		}
		fn := w.flow.Func(outer.clause)
		if got, _ := w.flow.Resolve(&c.Callees[c.At(k.Expr).A]); got != fn {
			continue
		}
		any = true
		g := w.under(f, k)
		w.try(g, append([]Hop{{k.Clause, k.Expr}}, chain...))
	}
	return any
}

// under is frame f again, with its outermost clause called from k.
func (w *climb) under(f *frame, k flow.Caller) *frame {
	g := *f
	g.memo = nil
	if f.up == nil {
		top := w.root(k.Clause)
		c := top.code
		called := w.evaluator().call(top, f.clause, w.p.Funcs[w.flow.Func(f.clause)], c.List(c.At(k.Expr)))
		return called
	}
	g.up = w.under(f.up, k)
	return &g
}

// keep notes an access, and those for the associations that it loads.
func (w *climb) keep(ev *evaluator, f *frame, q *Query, chain []Hop, args []ir.ExprID) {
	a := Access{Clause: chain[0].Clause, Expr: chain[0].Expr, Chain: chain, Op: w.m.Asks, Query: *q}
	if w.m.Asks == "preload" {
		if w.m.Loads == nil || *w.m.Loads >= len(args) {
			return
		}
		loaded := q.copied()
		loaded.Loads = nil
		ev.loads(f, &scope{q: loaded, frame: f}, nil, args[*w.m.Loads])
		a.Query.Loads = nil
		w.associations(a, loaded)
		return
	}
	w.out.accesses = append(w.out.accesses, a)
	if !a.Writes() {
		w.associations(a, q)
	}
}

// associations notes the accesses for what a query loads.
func (w *climb) associations(a Access, q *Query) {
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
				w.out.accesses = append(w.out.accesses, loading(a, owner, as, to, l))
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
	if as.Kind != ir.ManyToMany && len(as.Through) == 0 {
		q.Filters = append(q.Filters, Filter{
			Column: q.column(0, as.RelatedKey), Compare: In, May: l.May, Span: l.Span,
		})
	}
	a.Op, a.Query, a.Load, a.Via, a.Owner = "load", *q, l.Path, as, owner
	return a
}
