package query

import (
	"slices"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// prepared is a condition that a Repo adds to each query by itself.
type prepared struct {
	Filter
	without []string // the options of a call that keep it from that
}

// prepares reads the functions prepare_query(operation, query, options) of Repos.
func (fo *follower) prepares() {
	fo.prepared = map[string][]prepared{}
	for _, m := range fo.p.Modules {
		if !fo.isRepo(m.Name) {
			continue
		}
		fn := fo.p.FuncNamed(m.ID, "prepare_query", 3)
		if fn == nil {
			continue
		}
		lo, hi := fo.flow.Clauses(fn.ID)
		for id := lo; id < hi; id++ {
			fo.prepared[m.Name] = append(fo.prepared[m.Name], fo.prepare(id)...)
		}
	}
}

// prepare reads one clause, as if it were given a query of nothing.
func (fo *follower) prepare(id flow.ClauseID) []prepared {
	ev := fo.evaluator()
	f := fo.root(id)
	f.vals = []val{{kind: unknown}, known(query, &Query{Sources: []Source{{}}}), {kind: unknown}}
	body := fo.flow.Body(id)
	var out []prepared
	for _, q := range ev.preparedQueries(f, body) {
		for _, c := range q.Filters {
			same := func(p prepared) bool { return p.Column == c.Column }
			if c.Binding == 0 && (c.Compare <= In || c.Compare == IsNull) && !c.Either && !slices.ContainsFunc(out, same) {
				out = append(out, prepared{c, ev.without(f, body, &c)})
			}
		}
	}
	return out
}

// without are the options that choose a branch which does not add a condition.
func (ev *evaluator) without(f *frame, body ir.ExprID, c *Filter) []string {
	var out []string
	f.code.Walk(body, func(x ir.ExprID) bool {
		if e := f.code.At(x); e.Op == ir.Branch && e.Sub == ir.BranchIf && ev.leavesOut(f, ir.ExprID(e.B), c) {
			out = append(out, options(f.code, ir.ExprID(e.A))...)
		}
		return true
	})
	return out
}

// preparedQueries are the queries in {query, options}.
func (ev *evaluator) preparedQueries(f *frame, x ir.ExprID) []*Query {
	var out []*Query
	for _, a := range ev.value(f, x).each() {
		if a.kind != made {
			continue
		}
		e := a.f.code.At(a.x)
		list := a.f.code.List(e)
		if e.Op != ir.Make || e.Sub != ir.MakeTuple || len(list) != 2 {
			continue
		}
		for _, b := range ev.value(a.f, list[0]).each() {
			if b.kind == query {
				out = append(out, b.q)
			}
		}
	}
	return out
}

// leavesOut reports whether an expression gives queries without a condition.
func (ev *evaluator) leavesOut(f *frame, x ir.ExprID, c *Filter) bool {
	list := ev.preparedQueries(f, x)
	has := func(q *Query) bool {
		return slices.ContainsFunc(q.Filters, func(g Filter) bool { return g.Column == c.Column })
	}
	return len(list) > 0 && !slices.ContainsFunc(list, has)
}

// options are the options of which one has to be set for a condition to hold.
func options(c *ir.Code, x ir.ExprID) []string {
	e := c.At(x)
	var key *ir.Expr
	switch {
	case e.Op == ir.Branch && e.Sub == ir.BranchOr:
		return append(options(c, ir.ExprID(e.A)), options(c, ir.ExprID(e.C))...)
	case e.Op == ir.Index:
		key = c.At(ir.ExprID(e.B))
	case e.Op == ir.Call && e.Hi-e.Lo >= 2:
		key = c.At(c.Lists[e.Lo+1])
	}
	if key == nil || key.Op != ir.Const || key.Sub != ir.LitAtom {
		return nil
	}
	return []string{key.Str}
}

// implicit notes what the Repo of a call adds to its query.
func (w *climb) implicit(ev *evaluator, f *frame, a *Access) {
	s := a.Query.Root().Schema
	if len(w.prepared) == 0 || s == nil || a.Writes() && a.Op != "update_all" && a.Op != "delete_all" {
		return
	}
	for _, p := range w.prepared[w.repoOf(ev, f)] {
		if s.Field(p.Field) == nil {
			continue
		}
		off := No
		for _, x := range w.options(f) {
			off = max(off, ev.sets(f, x, p.without))
		}
		if off == Yes {
			a.Unprepared = true
			continue
		}
		p.Column, p.May = a.Query.column(0, p.Field), p.May || off == Maybe
		a.Implicit = append(a.Implicit, p.Filter)
	}
}

// repoOf is the Repo that a call is made on, or "".
func (w *climb) repoOf(ev *evaluator, f *frame) string {
	e := f.code.At(w.x)
	if e.Op == ir.Send {
		return ev.value(f, ir.ExprID(e.A)).str
	}
	if _, ext := w.flow.Resolve(&f.code.Callees[e.A]); ext != ir.No {
		return w.p.Externs[ext].Via
	}
	return ""
}

// options are the arguments of the call behind those that say what is asked.
func (w *climb) options(f *frame) []ir.ExprID {
	args := f.code.List(f.code.At(w.x))
	from := 0
	for _, at := range []*int{w.m.Query, w.m.By, w.m.PrimaryKey, w.m.Loads} {
		if at != nil {
			from = max(from, *at+1)
		}
	}
	if w.m.Asks == "update_all" {
		from++ // what is set
	}
	return args[min(from, len(args)):]
}

// sets says whether an argument holds one of some options.
func (ev *evaluator) sets(f *frame, x ir.ExprID, names []string) Certainty {
	v := ev.value(f, x)
	if v.kind == unknown {
		return Maybe
	}
	out := No
	if v.kind == made {
		v.f.code.EachPair(v.x, func(key string, value ir.ExprID) {
			e := v.f.code.At(value)
			if slices.Contains(names, key) && !(e.Op == ir.Const && (e.Str == "false" || e.Sub == ir.LitNil)) {
				out = Yes
			}
		})
	}
	return out
}
