package query

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// Misread is a read of a field of a row whose schema has neither a field nor an association of
// that name.
type Misread struct {
	At     Hop
	Schema *ir.Schema
	Field  string
	From   Hop // the call that the row comes from
}

// Misreads are the reads of clauses of which keep approves, in the order of clauses and places.
// They are certain: whatever way the row comes, one call gives it, and nothing on the way
// makes another map of it.
func (r *Result) Misreads(keep func(flow.ClauseID) bool) []Misread {
	var out []Misread
	for i := range r.flow.Len() {
		id := flow.ClauseID(i)
		if r.flow.Skipped(id) || !keep(id) {
			continue
		}
		c := r.flow.Code(id)
		var f *frame
		vars := map[int32]val{} // what variables hold
		value := func(x ir.ExprID) val {
			e := c.At(x)
			if e.Op != ir.Use {
				return r.follower.evaluator().value(f, x)
			}
			if e.A < 0 || int(e.A) >= len(c.Vars) || r.follower.params[paramKey{c, c.Vars[e.A].At}] {
				return val{kind: unknown} // only callers know
			}
			v, has := vars[e.A]
			if !has {
				v = r.follower.evaluator().value(f, x)
				vars[e.A] = v
			}
			return v
		}
		for _, root := range r.flow.Roots(id) {
			c.Walk(root, func(x ir.ExprID) bool {
				e := c.At(x)
				if e.Op != ir.Get || strings.HasPrefix(e.Str, "__") || e.Str == "assigns" || c.At(ir.ExprID(e.A)).Str == "assigns" {
					return true // what a page carries may be another map by then
				}
				if f == nil {
					f = r.follower.root(id)
				}
				s, from := lacking(value(ir.ExprID(e.A)), e.Str)
				if s != nil && !r.follower.matched(c, ir.ExprID(e.A), r.p.SchemaName(s)) && !r.follower.spare(c, x) {
					out = append(out, Misread{Hop{id, x}, s, e.Str, *from})
				}
				return true
			})
		}
	}
	return out
}

// lacking is the schema of the row that a value is, if no row that it may be can have a field,
// and the call that the row comes from.
func lacking(v val, field string) (*ir.Schema, *Hop) {
	var s *ir.Schema
	var from *Hop
	for _, a := range v.each() {
		if a.kind != row || a.q == nil || a.q.From == nil || a.q.Selects != No || a.q.Guessed || a.q.OpenSteps {
			return nil, nil
		}
		s, from = a.q.Root().Schema, a.q.From
		if s == nil || s.Partial || s.Resource || has(s, field) || slices.ContainsFunc(a.q.Steps, func(st Step) bool {
			return st.Open || slices.ContainsFunc(st.Fields, func(n string) bool { return !has(s, n) })
		}) {
			return nil, nil
		}
	}
	return s, from
}

// matched reports whether a variable is bound by a pattern that takes no record of a type.
func (fo *follower) matched(c *ir.Code, x ir.ExprID, typ string) bool {
	e := c.At(x)
	if e.Op != ir.Use || e.A < 0 || int(e.A) >= len(c.Vars) || c.Vars[e.A].At == ir.No {
		return false
	}
	p := fo.parents[c][c.Vars[e.A].At]
	if p == ir.No || c.At(p).Op != ir.Match {
		return false
	}
	return slices.ContainsFunc([]int32{c.At(p).A, c.At(p).B}, func(side int32) bool {
		t := c.At(ir.ExprID(side))
		return t.Op == ir.Make && t.Sub == ir.MakeStruct && t.Str != typ
	})
}

// spare reports whether an expression stands on the right of an or, where what is left of it may
// always be there.
func (fo *follower) spare(c *ir.Code, x ir.ExprID) bool {
	for p := fo.parents[c][x]; p != ir.No; x, p = p, fo.parents[c][p] {
		switch e := c.At(p); {
		case e.Op == ir.Branch && e.Sub == ir.BranchOr && ir.ExprID(e.C) == x:
			return true
		case e.Op == ir.Block, e.Op == ir.Arm, e.Op == ir.Closure:
			return false
		}
	}
	return false
}

// has reports whether rows of a schema have something by a name.
func has(s *ir.Schema, name string) bool { return s.Field(name) != nil || s.Association(name) != nil }
