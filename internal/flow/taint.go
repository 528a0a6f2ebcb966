package flow

import (
	"sort"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// Taint is one way on which what a client sent reaches a danger.
type Taint struct {
	Kind   Kind
	Clause ClauseID  // where it comes in
	Entry  *ir.Entry // what starts that clause, or the nearest entry to it
	Direct bool      // it comes in as a parameter of the entry
	Steps  []Step    // the calls down to the danger
	Sink   source.Span
	Symbol string // the function that holds the danger
	// In is the clause that holds the danger, and At the call there.
	In ClauseID
	At ir.ExprID
}

// follow finds the dangers that content sent by a client reaches. Of several
// ways to one danger the shortest is kept.
func (r *Result) follow() {
	best := map[sinkAt]Taint{}
	r.eachEntry(func(_ int32, e *ir.Entry, id ClauseID) {
		if mask := r.untrusted(id, e); mask != 0 && e.Kind.Serves() {
			r.taintsOf(best, id, e, mask, true)
		}
	})
	for i := range r.nodes {
		if e := r.ReachedBy(ClauseID(i)); e != nil {
			r.taintsOf(best, ClauseID(i), e, fromRequest, false)
		}
	}
	for _, t := range best {
		r.taints = append(r.taints, t)
	}
	sort.Slice(r.taints, func(i, j int) bool {
		a, b := &r.taints[i], &r.taints[j]
		switch {
		case a.Sink.File != b.Sink.File:
			return a.Sink.File < b.Sink.File
		case a.Sink.Start != b.Sink.Start:
			return a.Sink.Start < b.Sink.Start
		}
		return a.Kind < b.Kind
	})
}

type sinkAt struct {
	kind Kind
	span source.Span
}

func (r *Result) taintsOf(best map[sinkAt]Taint, id ClauseID, e *ir.Entry, mask uint64, direct bool) {
	for i := range r.nodes[id].facts {
		f := &r.nodes[id].facts[i]
		if !f.Kind.Sink() || f.Taint&mask == 0 {
			continue
		}
		steps := r.Path(id, f.To())
		last := steps[len(steps)-1]
		k := sinkAt{f.Kind, last.Span}
		if old, ok := best[k]; ok && len(old.Steps) <= len(steps) {
			continue
		}
		in, at := r.lastCall(id, f.To())
		best[k] = Taint{Kind: f.Kind, Clause: id, Entry: e, Direct: direct, Steps: steps, Sink: last.Span, Symbol: last.Caller, In: in, At: at}
	}
}

// untrusted are the parameters of a clause of an entry that hold what a client sent; below
// zero they count from the end. Of a request's other parameters the fields count
// that carry what was sent.
func (r *Result) untrusted(id ClauseID, e *ir.Entry) uint64 {
	arity := entryArity(r.p, e)
	var params []ir.ExprID
	if id != ir.No && !e.GraphQL() {
		params = r.Params(id)
	}
	var mask uint64
	for _, i := range e.Untrusted {
		if i < 0 {
			i += arity
		}
		if i >= 0 && i < fieldShift && (i >= len(params) || !atomKeyed(r.nodes[id].code, params[i])) {
			mask |= 1<<i | 1<<(i+fieldShift)
		}
	}
	if e.Kind == ir.Request {
		for i := range min(arity, fieldShift) {
			mask |= 1 << (i + fieldShift)
		}
	}
	return mask
}

// atomKeyed reports whether a pattern asks for a key that is an atom: what comes from a
// browser has text for keys, so that the program itself sends what fits.
func atomKeyed(c *ir.Code, pattern ir.ExprID) bool {
	e := c.At(pattern)
	if e.Op == ir.Match {
		return atomKeyed(c, ir.ExprID(e.A)) || atomKeyed(c, ir.ExprID(e.B))
	}
	if e.Op != ir.Make || e.Sub != ir.MakeMap || e.Lo == e.Hi {
		return false
	}
	key := c.At(c.Lists[e.Lo])
	return key.Op == ir.Const && key.Sub == ir.LitAtom
}

// entryArity is how many parameters an entry has.
func entryArity(p *ir.Program, e *ir.Entry) int {
	if e.Func != ir.No {
		return p.Funcs[e.Func].Arity
	}
	x := e.Code.At(e.Expr)
	if x.Op != ir.Closure || x.Lo == x.Hi {
		return 0
	}
	patterns, _, _ := e.Code.Parts(e.Code.At(e.Code.Lists[x.Lo]))
	return len(patterns)
}
