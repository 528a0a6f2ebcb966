package flow

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// Held is something slow or irrevocable that happens while a transaction is open.
type Held struct {
	next
	Kind        Kind
	Transaction ir.ExprID // the call that opens it, or adds a step to it
	depth       uint8
}

// To is the way to what happens.
func (h Held) To() Via { return Via{h.next, h.Kind, h.depth} }

// Held is what a node does in transactions that it opens itself.
func (r *Result) Held(id ClauseID) []Held { return r.nodes[id].held }

// hold notes what waits for others, or cannot be taken back, in a transaction.
func (e *eval) hold(f *Fact, at ir.ExprID) {
	switch f.Kind {
	case HTTP, Mail, Enqueue, Sleep, ProcCall:
	default:
		return
	}
	if f.Flags&(Async|Cached) != 0 {
		return
	}
	same := func(h Held) bool { return h.Kind == f.Kind && h.Transaction == at && h.Expr == f.Expr }
	if !slices.ContainsFunc(e.held, same) {
		e.held = append(e.held, Held{next: f.next, Kind: f.Kind, Transaction: at, depth: f.Depth})
	}
}

// Literal is the first argument of the call at the end of a path, if it is
// written out.
func (r *Result) Literal(id ClauseID, at Via) string {
	id, x := r.lastCall(id, at)
	c := r.nodes[id].code
	e := c.At(x)
	if e.Op != ir.Call || e.Lo == e.Hi {
		return ""
	}
	if a := c.At(origin(c, c.Lists[e.Lo])); a.Op == ir.Const {
		return a.Str
	}
	return ""
}

// Answers lists the calls with which a process of the project, called by name at
// the end of a path, gets to another service or sends mail before it answers; or
// is nil.
func (r *Result) Answers(id ClauseID, at Via) []Step {
	id, x := r.lastCall(id, at)
	c := r.nodes[id].code
	e := c.At(x)
	if e.Op != ir.Call || e.Hi-e.Lo < 2 {
		return nil
	}
	name := c.At(origin(c, c.Lists[e.Lo]))
	if name.Op != ir.Const || name.Sub != ir.LitModule {
		return nil
	}
	handler := r.function(name.Str, "handle_call", 3)
	if handler == ir.No {
		return nil
	}
	message := c.Lists[e.Lo+1]
	lo, hi := r.clauses(handler)
	for t := lo; t < hi; t++ {
		n := &r.nodes[t]
		if n.clause.Body == ir.No || refuses(n.code, n.clause.Params[0], c, message) {
			continue
		}
		for _, f := range n.facts {
			if (f.Kind == HTTP || f.Kind == Mail) && f.Flags&(Async|Cached) == 0 {
				return r.Path(t, f.To())
			}
		}
	}
	return nil
}

// maxLockSteps bounds how much is looked through for a lock.
const maxLockSteps = 4000

// Locks reports whether a transaction takes a lock in so many words: then what it
// does meanwhile is meant to happen under it.
func (r *Result) Locks(id ClauseID, transaction ir.ExprID) bool {
	steps := maxLockSteps
	return r.locks(r.nodes[id].code, transaction, maxHops, &steps)
}

func (r *Result) locks(c *ir.Code, x ir.ExprID, depth int, steps *int) bool {
	found := false
	c.Walk(x, func(id ir.ExprID) bool {
		if *steps--; found || *steps < 0 {
			return false
		}
		e := c.At(id)
		switch {
		case e.Op == ir.Const && e.Sub == ir.LitString:
			text := strings.ToLower(e.Str)
			found = strings.Contains(text, "_lock(") || strings.Contains(text, "for update") || strings.Contains(text, "lock table")
		case (e.Op == ir.Call || e.Op == ir.FuncRef) && strings.Contains(c.Callees[e.A].Name, "advisory"):
			found = strings.Contains(c.Callees[e.A].Name, "lock")
		case (e.Op == ir.Call || e.Op == ir.FuncRef) && depth > 0:
			if fn, _ := r.resolve(&c.Callees[e.A]); fn != ir.No {
				f := r.p.Funcs[fn]
				for i := range f.Clauses {
					found = found || f.Clauses[i].Body != ir.No && r.locks(f.Code, f.Clauses[i].Body, depth-1, steps)
				}
			}
		}
		return !found
	})
	return found
}
