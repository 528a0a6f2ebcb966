package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// lookedUp is the place that looks for a row with the same values before a
// write, or nil.
func (r *refusals) lookedUp(a *query.Access, g *guard, way *query.Way) *source.Span {
	s := a.Query.Root().Schema
	for i := range a.Query.Steps {
		st := &a.Query.Steps[i]
		if st.Kind == query.Asked && slices.ContainsFunc(st.Fields, func(f string) bool { return slices.Contains(g.columns, columnOf(s, f)) }) {
			return &st.Span
		}
	}
	near := r.near(a, way)
	for _, b := range r.Queries.On(a.Query.Root().Table) {
		if reads(b) && asksFor(b, a, g) {
			if slices.ContainsFunc(b.Chain, func(h query.Hop) bool { return near[r.Flow.Func(h.Clause)] }) {
				at := r.Flow.Span(b.Clause, b.Expr)
				return &at
			}
		}
	}
	return nil
}

// reads reports whether an access reads rows for what they are.
func reads(a *query.Access) bool { return !a.Writes() && a.Op != "preload" && a.Op != "load" }

// asksFor reports whether a look-up finds rows by the columns of a guard that a
// write sets, or one row by nothing but several of the guard's, or before an insert by one that says what
// it is and not whose: where it finds none, none has the values.
func asksFor(b, a *query.Access, g *guard) bool {
	several := len(b.Query.Filters) > 1 || len(b.Query.Filters) == 1 && a.Op == "insert" && !strings.HasSuffix(b.Query.Filters[0].Name, "_id")
	if b.Op == "one" && !b.Query.OpenFilters && several && !slices.ContainsFunc(b.Query.Filters, func(f query.Filter) bool {
		return f.Binding != 0 || f.May || f.Either || f.Constant || f.Compare != query.Equal || !slices.Contains(g.columns, f.Name)
	}) && len(b.Query.Sources) == 1 {
		return true
	}
	some := false
	for _, c := range g.columns {
		found := slices.ContainsFunc(b.Query.Filters, func(f query.Filter) bool { return f.Name == c && f.Binding == 0 && !f.May })
		given, _ := givenTo(a, c)
		if given && !found {
			return false
		}
		some = some || found
	}
	return some
}

// near are the functions on the way to a write, those of its changeset, and what
// they call.
func (r *refusals) near(a *query.Access, way *query.Way) map[ir.FuncID]bool {
	out := map[ir.FuncID]bool{}
	add := func(id flow.ClauseID) {
		if fn := r.Flow.Func(id); fn != ir.No {
			out[fn] = true
		}
		c := r.Flow.Code(id)
		for _, root := range r.Flow.Roots(id) {
			c.Walk(root, func(x ir.ExprID) bool {
				if e := c.At(x); e.Op == ir.Call || e.Op == ir.FuncRef {
					if fn, _ := r.Flow.Resolve(&c.Callees[e.A]); fn != ir.No {
						out[fn] = true
					}
				}
				return true
			})
		}
	}
	for _, h := range slices.Concat(way.Calls, a.Chain) {
		add(h.Clause)
	}
	add(way.Start)
	for i := range a.Query.Steps {
		if fn := r.Program.FuncAt(a.Query.Steps[i].Span); fn != nil {
			lo, hi := r.Flow.Clauses(fn.ID)
			for id := lo; id < hi; id++ {
				add(id)
			}
		}
	}
	return out
}
