package flow

import (
	"github.com/assay-dev/assay/internal/ir"
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
)

// String is the reason in words.
func (v Verdict) String() string {
	return [...]string{
		"reported", "reported at the loop inside", "hoisted: argument does not depend on the element",
		"literal collection", "bounded collection", "batches", "cached",
		"argument does not depend on the element",
		"not reached from a request, socket, job or process", "more than five calls", "paging or retry", "test",
		"reaches no query",
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
	case l.Bound == Literal:
		return LiteralCollection
	case l.Bound == Bounded:
		return BoundedCollection
	case q.Cached:
		return OnlyCached
	case l.Bound == Batches || q.Batch || l.Pages || r.takesRows(id, q):
		return InBatches
	case q.Hops > maxHops:
		return TooDeep
	case q.Depends:
		return Reported
	case l.Kind == "recursion":
		return Paging
	case q.Kind == Query:
		return Hoisted
	}
	return NotDependent
}

// takesRows reports whether the statement that a loop reaches takes many rows at
// once: then the elements are batches already.
func (r *Result) takesRows(id ClauseID, q *Reach) bool {
	if q.Kind != Write {
		return false
	}
	steps := r.Path(id, q.To())
	last := steps[len(steps)-1]
	return last.Extern != ir.No && r.p.Externs[last.Extern].Name == "insert_all"
}
