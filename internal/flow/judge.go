package flow

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
)

// Verdict says whether a loop is reported, and why not.
type Verdict uint8

// The verdicts. Hoisted is reported as information: the call does not depend on
// the element and belongs before the loop. The others are silent.
const (
	Reported Verdict = iota
	ReportedInside
	Hoisted
	LiteralCollection
	BoundedCollection
	InBatches
	OnlyCached
	NotDependent
	NotServed
	TooDeep
	Paging
	InTest
	NoQuery
	OneByOne
	UniqueJobs
	// The minor ones are reported as information: the loop is as described, but
	// little is to be gained.
	MinorService
	MinorStops
	MinorFew
	MinorUnit
)

// String is the reason in words.
func (v Verdict) String() string {
	return [...]string{
		"reported", "reported at the loop inside", "hoisted: argument does not depend on the element",
		"literal collection", "bounded collection", "batches", "cached",
		"argument does not depend on the element",
		"not reached from a request, socket, job or process", "more than five calls", "paging or retry", "test",
		"reaches no query",
		"each element waits for another service", "jobs that may have to be unique",
		"minor: each element waits for another service", "minor: stops at the first that fits",
		"minor: a few elements, chosen by hand", "minor: each element is a transaction of its own",
	}[v]
}

// judge collects the loops and decides which of them are defects.
func (r *Result) judge() {
	for id := range r.nodes {
		n := &r.nodes[id]
		for i := range n.loops {
			n.loops[i].Verdict = r.verdict(ClauseID(id), &n.loops[i])
		}
		for i := range n.loops {
			l := &n.loops[i]
			if in := l.Database.Inner; l.Verdict == Reported && in != ir.No && n.loops[in].Verdict == Reported {
				l.Verdict = ReportedInside
			}
		}
		for i := range n.loops {
			if l := &n.loops[i]; l.Database.Found || l.Service.Found || l.Tagged {
				r.loops = append(r.loops, *l)
			}
		}
	}
	r.resolvers()
}

func (r *Result) verdict(id ClauseID, l *Loop) Verdict {
	q := &l.Database
	switch {
	case !q.Found && l.Tagged:
		return BoundedCollection
	case !q.Found:
		return NoQuery
	case inTest(r.nodes[id].code):
		return InTest
	case !r.reach[id].Serves() || r.nodes[id].code.File.Kind != source.Lib || r.nodes[id].macro:
		return NotServed
	}
	switch r.collected(id, l) {
	case Literal:
		return LiteralCollection
	case Bounded:
		return BoundedCollection
	}
	switch {
	case q.Cached:
		return OnlyCached
	case l.Bound == Batches || q.Batch || l.Pages || r.takesRows(id, q):
		return InBatches
	case q.Hops > maxHops:
		return TooDeep
	case l.Service.Found && !l.Service.Cached && (q.Kind == Write || r.RawSQL(id, q.To())):
		return OneByOne
	case r.single(id, q.To()):
		return UniqueJobs
	case q.Depends:
		return r.weigh(id, l)
	case l.Kind == "recursion":
		return Paging
	case q.Kind == Query:
		return Hoisted
	}
	return NotDependent
}

// Minor reports whether a verdict is one of those that little is to be gained from.
func (v Verdict) Minor() bool { return v >= MinorService }

// weigh tells the loops that are worth a change from those that are not.
func (r *Result) weigh(id ClauseID, l *Loop) Verdict {
	c := r.nodes[id].code
	e := c.At(l.Expr)
	if e.Op == ir.Call {
		_, ext := r.resolve(&c.Callees[e.A])
		if m := r.model(ext); m != nil && m.Stops {
			return MinorStops
		}
	}
	switch {
	case r.transaction(id, l.Database.To()):
		return MinorUnit
	case l.Service.Found && !l.Service.Cached && l.Service.Hops <= l.Database.Hops:
		return MinorService
	case l.Coll != ir.No && r.few(c, l.Coll, maxDoubtSteps):
		return MinorFew
	}
	return Reported
}

// transaction reports whether a path ends in the start of a transaction.
func (r *Result) transaction(id ClauseID, at Via) bool {
	_, _, m := r.lastModel(id, at)
	return m != nil && m.Transaction
}

// few reports whether a collection was made by hand: it is kept in a page's
// state, or was cut out of one text.
func (r *Result) few(c *ir.Code, x ir.ExprID, steps int) bool {
	if steps == 0 {
		return false
	}
	x = origin(c, x)
	switch e := c.At(x); e.Op {
	case ir.Get:
		return e.Str == "assigns" || r.few(c, ir.ExprID(e.A), steps-1)
	case ir.Index:
		return r.few(c, ir.ExprID(e.A), steps-1)
	case ir.Call:
		_, ext := r.resolve(&c.Callees[e.A])
		m := r.model(ext)
		switch {
		case m == nil || e.Lo == e.Hi:
			return false
		case m.Few:
			return true
		case m.Effects == 0:
			return r.few(c, c.Lists[e.Lo], steps-1)
		}
	}
	return false
}

// RawSQL reports whether a path ends in SQL text, which may write as well as read.
func (r *Result) RawSQL(id ClauseID, at Via) bool {
	_, _, m := r.lastModel(id, at)
	if m == nil {
		return false
	}
	_, text := m.Sink["sql"]
	return text
}

// single reports whether a loop ends in a call that cannot be made for many rows
// at once: the maker of the row has an option that forbids it, or the maker is
// not known.
func (r *Result) single(id ClauseID, at Via) bool {
	c, e, m := r.lastModel(id, at)
	if m == nil || m.Single == "" || e.Lo == e.Hi {
		return false
	}
	made := false
	forbids := false
	c.Walk(origin(c, c.Lists[e.Lo]), func(x ir.ExprID) bool {
		k := c.At(x)
		if k.Op != ir.Call {
			return true
		}
		if _, ext := r.resolve(&c.Callees[k.A]); ext != ir.No {
			if via := r.p.ModuleNamed(r.p.Externs[ext].Via); via != nil {
				made = true
				forbids = forbids || usedWith(via, m.Single)
			}
		}
		for _, a := range c.List(k) {
			forbids = forbids || hasKey(c, a, m.Single)
		}
		return true
	})
	return forbids || !made
}

// lastCall follows a path to the library call at its end.
func (r *Result) lastCall(id ClauseID, at Via) (ClauseID, ir.ExprID) {
	for range maxDepth + 1 {
		if at.Callee == ir.No {
			break
		}
		f := r.cause(at)
		if f == nil {
			break
		}
		id = at.Callee
		at = f.To()
	}
	return id, at.Expr
}

// lastModel is that call, and what is known of it; without a model it is nil.
func (r *Result) lastModel(id ClauseID, at Via) (*ir.Code, *ir.Expr, *model.Call) {
	id, x := r.lastCall(id, at)
	c := r.nodes[id].code
	e := c.At(x)
	if e.Op != ir.Call && e.Op != ir.FuncRef {
		return c, e, nil
	}
	_, ext := r.resolve(&c.Callees[e.A])
	return c, e, r.model(ext)
}

// usedWith reports whether one of the modules that m uses was given an option.
func usedWith(m *ir.Module, key string) bool {
	for _, u := range m.Uses {
		if u.Args != ir.No && hasKey(u.Code, u.Args, key) {
			return true
		}
	}
	return false
}

// hasKey reports whether a literal keyword list has a key.
func hasKey(c *ir.Code, list ir.ExprID, key string) bool {
	found := false
	c.EachPair(list, func(k string, _ ir.ExprID) { found = found || k == key })
	return found
}

// resolvers adds the entries that run once for each object of a list and go to
// the database for it.
func (r *Result) resolvers() {
	r.eachEntry(func(_ int32, e *ir.Entry, id ClauseID) {
		if e.Each == ir.No || !e.Kind.Serves() {
			return
		}
		for _, f := range r.nodes[id].facts {
			if f.Kind.Database() && f.Flags&(Cached|Async) == 0 && f.Depth <= maxHops && f.Dep&(1<<e.Each) != 0 {
				r.loops = append(r.loops, Loop{
					Clause: id, Expr: r.Body(id), Coll: ir.No, Kind: "resolver", Outer: ir.No, Verdict: Reported,
					Database: Reach{Found: true, Depends: true, Inner: ir.No, Kind: f.Kind, Hops: f.Depth, Via: f.next},
				})
				return
			}
		}
	})
}

// takesRows reports whether the statement that a loop reaches takes many rows at
// once: then the elements are batches already.
func (r *Result) takesRows(id ClauseID, q *Reach) bool {
	if q.Kind != Write {
		return false
	}
	_, _, m := r.lastModel(id, q.To())
	return m != nil && m.Bulk
}
