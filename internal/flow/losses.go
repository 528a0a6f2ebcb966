package flow

import "github.com/assay-dev/assay/internal/ir"

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
func (e *eval) mask(x *ir.Expr, s *shape) {
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
