package flow

import (
	"slices"
	"sort"

	"github.com/assay-dev/assay/internal/ir"
)

// Absent reports whether a call in a module names a function that another module of the project surely
// does not have, or keeps to itself: it raises wherever it runs.
func (a *analysis) Absent(c *ir.Callee, from ir.ModuleID) bool {
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

// bury notes that some expressions, one behind the other, never run.
func (e *eval) bury(list []ir.ExprID) {
	if len(list) > 0 && e.buried == 0 {
		at := e.c.Span(list[0])
		at.End = max(at.End, e.c.Span(list[len(list)-1]).End)
		e.n.dead = append(e.n.dead, at)
	}
}

// dead runs what the program never gets to, for the variables that it binds: nothing of what it does
// is kept.
func (e *eval) dead(f func() value) value {
	facts, sites, found, discards, swallows := len(e.facts), len(e.sites), len(e.found), len(e.discards), len(e.swallows)
	held, passes, unmatched, losses, masks, carries := len(e.held), len(e.passes), len(e.unmatched), len(e.losses), len(e.masks), len(e.carries)
	acts, logs, queries, rolls := e.acts, e.logs, e.queries, e.rolls
	e.buried++
	v := f()
	e.buried--
	e.facts, e.sites, e.found, e.discards, e.swallows = e.facts[:facts], e.sites[:sites], e.found[:found], e.discards[:discards], e.swallows[:swallows]
	e.held, e.passes, e.unmatched, e.losses, e.masks, e.carries = e.held[:held], e.passes[:passes], e.unmatched[:unmatched], e.losses[:losses], e.masks[:masks], e.carries[:carries]
	e.acts, e.logs, e.queries, e.rolls = acts, logs, queries, rolls
	v.lit = leaves
	return v
}

// cutDead takes out of the call graph the calls that the program never gets to.
func (r *Result) cutDead() {
	for i := range r.nodes {
		n := &r.nodes[i]
		if len(n.dead)+len(n.gone) == 0 {
			continue
		}
		n.edges = slices.DeleteFunc(n.edges, func(k edge) bool {
			_, gone := slices.BinarySearch(n.gone, k.at)
			return gone || r.Dead(ClauseID(i), k.at)
		})
	}
}

// Dead reports whether the program never gets to an expression of a node: something that runs
// before it always raises.
func (r *Result) Dead(id ClauseID, x ir.ExprID) bool {
	n := &r.nodes[id]
	at := n.code.Span(x)
	i := sort.Search(len(n.dead), func(i int) bool { return n.dead[i].End >= at.End })
	return i < len(n.dead) && n.dead[i].Contains(at)
}
