package query

import (
	"slices"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// maxAsked bounds how many calls are looked at to find who sends a value, and
// maxWay how many lie above each other.
const (
	maxAsked = 400
	maxWay   = 7
)

// Way is how a value gets from a client to a place.
type Way struct {
	Entry *ir.Entry
	// Start is the clause that the request starts, and Calls are the calls from
	// there on; there are none if it is the place itself.
	Start flow.ClauseID
	Calls []Hop
}

// FromClient finds a way on which what a client sent reaches a field that a write of a
// clause gives a value, without a rescue around a call on it; nil if there is none.
func (r *Result) FromClient(id flow.ClauseID, g *Given) *Way {
	return r.fromClient(asking{clause: id, origin: g.Origin, field: g.Field, whole: g.Map})
}

func (r *Result) fromClient(from asking) *Way {
	fo := r.follower
	queue := []asking{from}
	seen := map[asked]bool{}
	for n := 0; n < len(queue) && n < maxAsked; n++ {
		at := queue[n]
		if e := fo.sends(at); e != nil {
			return &Way{Entry: e, Start: at.clause, Calls: at.calls}
		}
		if at.origin.Params == 0 || len(at.calls) >= maxWay {
			continue
		}
		for _, k := range fo.flow.CallersOf(at.clause) {
			key := asked{k.Clause, k.Expr, at.origin.Params}
			if seen[key] || fo.flow.Skipped(k.Clause) || fo.rescued(Hop{k.Clause, k.Expr}) {
				continue
			}
			seen[key] = true
			if up, ok := fo.passedOn(at, k); ok {
				up.calls = append([]Hop{{k.Clause, k.Expr}}, at.calls...)
				queue = append(queue, up)
			}
		}
	}
	return nil
}

// FromClientBy is FromClient for an access at the end of calls that lead from one clause to
// the next: the values come through these calls, whoever else makes the last one.
func (r *Result) FromClientBy(calls []flow.Caller, id flow.ClauseID, g *Given) *Way {
	at := asking{clause: id, origin: g.Origin, field: g.Field, whole: g.Map}
	for _, k := range slices.Backward(calls) {
		up, ok := r.follower.passedOn(at, k)
		if !ok {
			return nil
		}
		if at.origin.Client {
			up.origin.Client = true
		}
		at = up
	}
	return r.fromClient(at)
}

// asking is a value that a client may have sent.
type asking struct {
	clause flow.ClauseID
	origin Origin
	calls  []Hop
	field  string
	whole  int // the parameter that is the map which holds the field, or -1
}

// asked is a call that was looked at.
type asked struct {
	clause flow.ClauseID
	call   ir.ExprID
	params uint32
}

// sends is the entry that a clause is, if a client gives it the value, or nil.
func (fo *follower) sends(at asking) *ir.Entry {
	id, o := at.clause, at.origin
	for _, e := range fo.entriesOf(id) {
		if (e.Kind == ir.Request || e.Kind == ir.Socket) && e.Sendable(at.field) {
			if o.Client || o.Params&fo.flow.Untrusted(id, e) != 0 {
				return e
			}
		}
	}
	if !o.Client {
		return nil
	}
	if e := fo.flow.ReachedBy(id); e != nil && e.Kind == ir.Request {
		return e
	}
	return nil
}

// entriesOf are the entries that a clause is.
func (fo *follower) entriesOf(id flow.ClauseID) []*ir.Entry {
	fn := fo.flow.Func(id)
	if fn == ir.No {
		return []*ir.Entry{fo.flow.Entry(id)}
	}
	return fo.entries[fn]
}

// passedOn is where the parameters that are asked for come from in a caller. A map that does
// not hold the field brings nothing.
func (fo *follower) passedOn(at asking, k flow.Caller) (asking, bool) {
	ev, top, args, ok := fo.passes(k, at.clause)
	if !ok {
		return asking{}, false
	}
	up := asking{clause: k.Clause, field: at.field, whole: -1}
	for i, x := range args {
		if i >= 32 || at.origin.Params&(1<<i) == 0 || x == ir.No {
			continue
		}
		v := ev.value(top, x)
		if i == at.whole {
			if v = ev.held(top, x, at.field, maxHeld); v.kind == bottom {
				continue
			}
			up.whole = ev.parameterOf(top, x)
		}
		up.origin = up.origin.or(ev.origin(v, 4))
	}
	return up, up.origin.Params != 0 || up.origin.Client
}

// passes are the arguments that a call of another function passes to a clause, with what reads
// them; false where the call is none of the clause's function.
func (fo *follower) passes(k flow.Caller, to flow.ClauseID) (*evaluator, *frame, []ir.ExprID, bool) {
	c := fo.flow.Code(k.Clause)
	e := c.At(k.Expr)
	fn := fo.flow.Func(to)
	if e.Op != ir.Call || fn == ir.No || fo.flow.Func(k.Clause) == fn {
		return nil, nil, nil, false
	}
	if got, _ := fo.flow.Resolve(&c.Callees[e.A]); got != fn {
		return nil, nil, nil, false
	}
	ev, top := fo.evaluator(), fo.root(k.Clause)
	return ev, top, ev.call(top, to, fo.p.Funcs[fn], c.List(e)).args, true
}

// MayGive reports whether some call gives a write of a clause a map that may hold a field which
// it takes from there. What nothing known calls may be given any.
func (r *Result) MayGive(id flow.ClauseID, g *Given) bool {
	return r.follower.mayGive(asking{clause: id, field: g.Field, whole: g.Map}, maxClimb)
}

func (fo *follower) mayGive(at asking, depth int) bool {
	callers := fo.flow.CallersOf(at.clause)
	if at.whole < 0 || len(callers) == 0 || fo.flow.Func(at.clause) == ir.No || depth == 0 {
		return true
	}
	return slices.ContainsFunc(callers, func(k flow.Caller) bool {
		ev, top, args, ok := fo.passes(k, at.clause)
		if !ok || at.whole >= len(args) || args[at.whole] == ir.No {
			return true
		}
		x := args[at.whole]
		if ev.held(top, x, at.field, maxHeld).kind == bottom {
			return false
		}
		return fo.mayGive(asking{clause: k.Clause, field: at.field, whole: ev.parameterOf(top, x)}, depth-1)
	})
}

// parameterOf is which parameter of a clause an expression is, as a whole, or -1.
func (ev *evaluator) parameterOf(f *frame, x ir.ExprID) int {
	f, x = ev.locate(f, x)
	e := f.code.At(x)
	if e.Op != ir.Use || e.A < 0 || f.up != nil || f.clause < 0 || int(e.A) >= len(f.code.Vars) {
		return -1
	}
	at := f.code.Vars[e.A].At
	for parents := ev.parents[f.code]; at != ir.No; at = parents[at] {
		if i := slices.Index(ev.flow.Params(f.clause), at); i >= 0 {
			return i
		}
		if p := parents[at]; p == ir.No || f.code.At(p).Op != ir.Match {
			break
		}
	}
	return -1
}

// Rescued reports whether an exception that a call raises is rescued around it.
func (r *Result) Rescued(h Hop) bool { return r.follower.rescued(h) }

func (fo *follower) rescued(h Hop) bool {
	c := fo.flow.Code(h.Clause)
	parents := fo.parents[c]
	for x := h.Expr; x != ir.No; x = parents[x] {
		p := parents[x]
		if p == ir.No {
			return false
		}
		e := c.At(p)
		if e.Op == ir.Try && ir.ExprID(e.A) == x && slices.ContainsFunc(c.List(e), func(a ir.ExprID) bool { return c.At(a).Op == ir.Arm && c.At(a).Sub == ir.ArmRescue }) {
			return true
		}
	}
	return false
}
