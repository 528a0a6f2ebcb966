package query

import (
	"slices"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// Lists are the queries whose rows an expression of a clause may hold, in any of
// the ways on which callers reach the clause: none if it holds something else, or
// nothing is known of it.
func (r *Result) Lists(id flow.ClauseID, x ir.ExprID) []*Query {
	s := &useSearch{follower: r.follower}
	var out []*Query
	s.lists(&context{f: s.root(id)}, x, &out)
	return out
}

// lists asks in one context, and then in those of the callers who decide.
func (s *useSearch) lists(k *context, x ir.ExprID, out *[]*Query) {
	if s.tries++; s.tries > maxUseFrames {
		return
	}
	ev := s.evaluator()
	v := ev.value(k.f, x)
	if q := ev.whole(k.f, x); q != nil && v.kind == unknown {
		*out = append(*out, q)
		return
	}
	for _, a := range v.each() {
		if a.kind == rows && a.q != nil && !slices.Contains(*out, a.q) {
			*out = append(*out, a.q)
		}
	}
	if v.deciders() == 0 || len(k.chain) >= maxUseClimb {
		return
	}
	for _, up := range s.above(k) {
		s.lists(up, x, out)
	}
}

// whole is the query for all rows of a module that nothing else is known of, if
// an expression is what a call reads with it.
func (ev *evaluator) whole(f *frame, x ir.ExprID) *Query {
	f, x = ev.locate(f, x)
	e := f.code.At(x)
	if e.Op != ir.Call {
		return nil
	}
	m := ev.modelOf(f.code, e)
	if m == nil || m.Asks != "all" || m.Query == nil || *m.Query >= int(e.Hi-e.Lo) {
		return nil
	}
	if v := ev.value(f, f.code.Lists[int(e.Lo)+*m.Query]); v.kind != module || ev.p.SchemaNamed(v.str) != nil {
		return nil
	}
	return &Query{From: &Hop{f.clause, x}}
}
