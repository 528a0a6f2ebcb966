package flow

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
)

// absent reports whether a call names a function that the project's module surely does not have,
// or keeps to itself: it raises wherever it runs.
func (a *analysis) absent(c *ir.Callee, from ir.ModuleID) bool {
	if c.How != ir.Remote {
		return false
	}
	if c.Func != ir.No {
		f := a.p.Funcs[c.Func]
		return !f.Public() && !f.Injected && f.Module != from && a.p.Modules[f.Module].Whole
	}
	m := a.p.ModuleNamed(c.Module)
	return c.Extern == ir.No && m != nil && m.Whole
}

// dead runs an expression that the program never gets to, for the variables that it binds: nothing of
// what it does is kept.
func (e *eval) dead(x ir.ExprID, f func() value) value {
	if x >= 0 {
		e.n.dead = append(e.n.dead, x)
	}
	facts, sites, found, discards, swallows := len(e.facts), len(e.sites), len(e.found), len(e.discards), len(e.swallows)
	held, passes, unmatched, losses, masks, carries := len(e.held), len(e.passes), len(e.unmatched), len(e.losses), len(e.masks), len(e.carries)
	acts, logs, queries, rolls := e.acts, e.logs, e.queries, e.rolls
	v := f()
	e.facts, e.sites, e.found, e.discards, e.swallows = e.facts[:facts], e.sites[:sites], e.found[:found], e.discards[:discards], e.swallows[:swallows]
	e.held, e.passes, e.unmatched, e.losses, e.masks, e.carries = e.held[:held], e.passes[:passes], e.unmatched[:unmatched], e.losses[:losses], e.masks[:masks], e.carries[:carries]
	e.acts, e.logs, e.queries, e.rolls = acts, logs, queries, rolls
	v.lit = leaves
	return v
}

// unless runs an expression, as one that the program never gets to where gone is set.
func (e *eval) unless(gone bool, x ir.ExprID, f func() value) value {
	if gone {
		return e.dead(x, f)
	}
	return f()
}

// cutDead takes out of the call graph the calls that the program never gets to.
func (r *Result) cutDead() {
	for i := range r.nodes {
		if n := &r.nodes[i]; len(n.dead)+len(n.gone) > 0 {
			n.edges = slices.DeleteFunc(n.edges, func(k edge) bool {
				return slices.Contains(n.gone, k.at) || r.Dead(ClauseID(i), k.at)
			})
		}
	}
}

// Dead reports whether the program never gets to an expression of a node: something that runs
// before it always raises.
func (r *Result) Dead(id ClauseID, x ir.ExprID) bool {
	n := &r.nodes[id]
	at := n.code.Span(x)
	return slices.ContainsFunc(n.dead, func(d ir.ExprID) bool { return n.code.Span(d).Contains(at) })
}
