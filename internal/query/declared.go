package query

import (
	"slices"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// Declaration is a place where a changeset of a schema's rows counts on the
// database to tell values apart: it declares a constraint, or asks whether a
// value is taken.
type Declaration struct {
	Step
	Schema *ir.Schema
	Clause flow.ClauseID
}

// Declarations are the declarations of the application, in the order of its
// functions. Those of a helper that takes any changeset are left out.
func (r *Result) Declarations() []Declaration {
	var out []Declaration
	for id := range flow.ClauseID(r.flow.Len()) {
		c := r.flow.Code(id)
		if r.flow.Skipped(id) || r.flow.Macro(id) || c.File == nil || c.File.Kind != source.Lib {
			continue
		}
		for x := range r.follower.exprs(id) {
			out = append(out, r.follower.declared(id, x)...)
		}
	}
	return out
}

// declared are the declarations that one call makes.
func (fo *follower) declared(id flow.ClauseID, x ir.ExprID) []Declaration {
	c := fo.flow.Code(id)
	e := c.At(x)
	if e.Op != ir.Call {
		return nil
	}
	ev := fo.evaluator()
	if m := ev.modelOf(c, e); m == nil || m.Gives != "changeset" || m.Rejects != "constraint" && m.Rejects != "reference" {
		return nil
	}
	var out []Declaration
	for _, a := range ev.value(fo.root(id), x).each() {
		if a.kind != changeset || len(a.q.Steps) == 0 || a.q.Root().Schema == nil {
			continue
		}
		if st := a.q.Steps[len(a.q.Steps)-1]; st.Kind == Declared || st.Kind == Asked {
			st.frame, st.values = nil, nil
			d := Declaration{st, a.q.Root().Schema, id}
			if !slices.ContainsFunc(out, func(o Declaration) bool { return o.Schema == d.Schema }) {
				out = append(out, d)
			}
		}
	}
	return out
}

// Changes reports whether an expression of a clause is a changeset for certain.
func (r *Result) Changes(id flow.ClauseID, x ir.ExprID) bool {
	ev := r.follower.evaluator()
	v := ev.value(r.follower.root(id), x)
	parts := v.each()
	return len(parts) > 0 && !slices.ContainsFunc(parts, func(a val) bool { return a.kind != changeset })
}
