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
		b := bases{follower: r.follower, frame: r.follower.root(id), code: r.flow.Code(id), vars: map[int32]val{}}
		for x := range r.follower.exprs(id) {
			if s, from := b.lacks(x); s != nil && !r.flow.Dead(id, x) {
				out = append(out, Misread{Hop{id, x}, s, b.code.At(x).Str, *from})
			}
		}
	}
	return out
}

// bases are what the fields of a clause are read of.
type bases struct {
	*follower
	frame *frame
	code  *ir.Code
	vars  map[int32]val // what variables hold
}

// lacks is the schema that an expression reads a field of which it does not have, and the
// call that the row comes from; nil for others.
func (b *bases) lacks(x ir.ExprID) (*ir.Schema, *Hop) {
	e := b.code.At(x)
	base := ir.ExprID(e.A)
	if e.Op != ir.Get || strings.HasPrefix(e.Str, "__") || e.Str == "assigns" || b.code.At(base).Str == "assigns" {
		return nil, nil // what a page carries may be another map by then
	}
	s, from := lacking(b.value(base), e.Str)
	if s == nil || b.matched(base, b.p.SchemaName(s)) || b.spare(x) {
		return nil, nil
	}
	return s, from
}

// value is what a field is read of.
func (b *bases) value(x ir.ExprID) val {
	e := b.code.At(x)
	if e.Op != ir.Use {
		return b.evaluator().value(b.frame, x)
	}
	if at := b.bound(e); at == ir.No || b.params[paramKey{b.code, at}] {
		return val{kind: unknown} // only callers know
	}
	v, has := b.vars[e.A]
	if !has {
		v = b.evaluator().value(b.frame, x)
		b.vars[e.A] = v
	}
	return v
}

// bound is where the variable of a use is bound, or No.
func (b *bases) bound(e *ir.Expr) ir.ExprID {
	if e.Op != ir.Use || e.A < 0 || int(e.A) >= len(b.code.Vars) {
		return ir.No
	}
	return b.code.Vars[e.A].At
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
		if s == nil || s.Partial || s.Resource || s.Has(field) || slices.ContainsFunc(a.q.Steps, func(st Step) bool {
			return st.Open || slices.ContainsFunc(st.Fields, func(n string) bool { return !s.Has(n) })
		}) {
			return nil, nil
		}
	}
	return s, from
}

// matched reports whether a variable is bound by a pattern that takes no record of a type.
func (b *bases) matched(x ir.ExprID, typ string) bool {
	at := b.bound(b.code.At(x))
	if at == ir.No {
		return false
	}
	p := b.parents[b.code][at]
	if p == ir.No || b.code.At(p).Op != ir.Match {
		return false
	}
	t := flow.RecordType(b.code, p)
	return t != "" && t != typ
}

// spare reports whether an expression stands on the right of an or, where what is left of it may
// always be there.
func (b *bases) spare(x ir.ExprID) bool {
	parents := b.parents[b.code]
	for p := parents[x]; p != ir.No; x, p = p, parents[p] {
		switch e := b.code.At(p); {
		case e.Op == ir.Branch && e.Sub == ir.BranchOr && ir.ExprID(e.C) == x:
			return true
		case e.Op == ir.Block, e.Op == ir.Arm, e.Op == ir.Closure:
			return false
		}
	}
	return false
}
