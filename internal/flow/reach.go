package flow

import (
	"math/bits"
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// Kinds is a set of entry kinds.
type Kinds uint16

// Has reports whether k is in the set.
func (k Kinds) Has(e ir.EntryKind) bool { return k&(1<<e) != 0 }

// general is the bit of a set that says that not only administrators get there.
const general Kinds = 1 << 15

// Common reports whether the running system gets there for more than its
// administrators: for its users, or by itself.
func (k Kinds) Common() bool { return k&general != 0 }

// Serves reports whether users or the running system get there.
func (k Kinds) Serves() bool {
	for k &^= general; k != 0; k &= k - 1 {
		if ir.EntryKind(bits.TrailingZeros16(uint16(k))).Serves() {
			return true
		}
	}
	return false
}

// arrival is how a node is first reached from an entry that serves.
type arrival struct {
	from  ClauseID  // the caller, or No at an entry
	at    ir.ExprID // the call in from
	entry int32     // index in Program.Entries, or No if not reached
}

// spread finds what each kind of entry reaches, and the shortest way from one
// that serves.
func (r *Result) spread() {
	r.reach = make([]Kinds, len(r.nodes))
	r.serves = make([]arrival, len(r.nodes))
	for i := range r.serves {
		r.serves[i].entry = ir.No
	}
	var served, work []ClauseID
	r.eachEntry(func(i int32, e *ir.Entry, id ClauseID) {
		k := Kinds(1) << e.Kind
		if e.Kind.Serves() && !e.Staff {
			k |= general
		}
		if r.reach[id]|k != r.reach[id] {
			r.reach[id] |= k
			work = append(work, id)
		}
		if e.Kind.Serves() && r.serves[id].entry == ir.No {
			r.serves[id] = arrival{ir.No, ir.No, i}
			served = append(served, id)
		}
	})
	r.spreadKinds(work)
	served = r.registered(served)
	for len(served) > 0 {
		id := served[0]
		served = served[1:]
		for _, e := range r.nodes[id].edges {
			if r.serves[e.to].entry == ir.No {
				r.serves[e.to] = arrival{id, e.at, r.serves[id].entry}
				served = append(served, e.to)
			}
		}
	}
}

// registered adds the functions that the start of the application hands on as
// values: the processes that it starts call them while they run.
func (r *Result) registered(served []ClauseID) []ClauseID {
	var work []ClauseID
	r.eachEntry(func(i int32, e *ir.Entry, id ClauseID) {
		if e.Kind != ir.Boot {
			return
		}
		n := &r.nodes[id]
		for _, edge := range n.edges {
			if n.code.At(edge.at).Op != ir.FuncRef || r.reach[edge.to].Has(ir.Process) {
				continue
			}
			r.reach[edge.to] |= 1<<ir.Process | general
			work = append(work, edge.to)
			if r.serves[edge.to].entry == ir.No {
				r.serves[edge.to] = arrival{ir.No, ir.No, i}
				served = append(served, edge.to)
			}
		}
	})
	r.spreadKinds(work)
	return served
}

func (r *Result) spreadKinds(work []ClauseID) {
	for len(work) > 0 {
		id := work[len(work)-1]
		work = work[:len(work)-1]
		for _, e := range r.nodes[id].edges {
			if r.reach[e.to]|r.reach[id] != r.reach[e.to] {
				r.reach[e.to] |= r.reach[id]
				work = append(work, e.to)
			}
		}
	}
}

// eachEntry calls f with each entry and each node that it starts.
func (r *Result) eachEntry(f func(i int32, e *ir.Entry, id ClauseID)) {
	closures := int(r.first[len(r.p.Funcs)])
	for i := range r.p.Entries {
		e := &r.p.Entries[i]
		if e.Func == ir.No {
			for closures < len(r.nodes) && r.nodes[closures].entry < int32(i) {
				closures++
			}
			if closures < len(r.nodes) && r.nodes[closures].entry == int32(i) {
				f(int32(i), e, ClauseID(closures))
			}
			continue
		}
		fn := e.Func
		if d := r.p.Funcs[fn]; d.Kind == ir.Delegate && d.Target != ir.No {
			if fn, _ = r.resolve(&d.Code.Callees[d.Target]); fn == ir.No {
				continue
			}
		}
		lo, hi := r.clauses(fn)
		for id := lo; id < hi; id++ {
			f(int32(i), e, id)
		}
	}
}

// Reached says which kinds of entry reach a node.
func (r *Result) Reached(id ClauseID) Kinds { return r.reach[id] }

// ReachedBy is the nearest entry of the running system that reaches a node, or nil.
func (r *Result) ReachedBy(id ClauseID) *ir.Entry {
	if i := r.serves[id].entry; i != ir.No {
		return &r.p.Entries[i]
	}
	return nil
}

// EntrySpan is the place of that entry: the head of the clause that starts.
func (r *Result) EntrySpan(id ClauseID) source.Span {
	a := r.serves[id]
	for a.from != ir.No {
		id = a.from
		a = r.serves[id]
	}
	if n := &r.nodes[id]; n.clause != nil {
		return n.clause.Head
	}
	return r.p.Entries[a.entry].Span
}

// EntryPath lists the calls from that entry to a node.
func (r *Result) EntryPath(id ClauseID) []Step {
	var steps []Step
	for a := r.serves[id]; a.entry != ir.No && a.from != ir.No; a = r.serves[a.from] {
		s := r.Step(a.from, a.at)
		s.Callee, s.Extern = r.Symbol(id), ir.No
		steps = append(steps, s)
		id = a.from
	}
	slices.Reverse(steps)
	return steps
}

// Detached reports whether a node is only known to run in a process of its own that
// the entry starts and does not wait for.
func (r *Result) Detached(id ClauseID) bool {
	for a := r.serves[id]; a.entry != ir.No && a.from != ir.No; a = r.serves[a.from] {
		if r.starts(a.from, a.at) || r.inStarted(a.from, a.at) {
			return true
		}
	}
	return false
}

// starts reports whether a call starts a process that nobody waits for.
func (r *Result) starts(id ClauseID, x ir.ExprID) bool {
	c := r.nodes[id].code
	e := c.At(x)
	if e.Op != ir.Call {
		return false
	}
	_, ext := r.resolve(&c.Callees[e.A])
	m := r.model(ext)
	return m != nil && startOf(m.Starts) == Unlinked
}

// inStarted reports whether an expression stands in the function that such a process
// runs.
func (r *Result) inStarted(id ClauseID, x ir.ExprID) bool {
	c := r.nodes[id].code
	at := c.Span(x)
	found := false
	for _, root := range r.Roots(id) {
		c.Walk(root, func(y ir.ExprID) bool {
			if !found && r.starts(id, y) {
				found = slices.ContainsFunc(c.List(c.At(y)), func(a ir.ExprID) bool { return c.At(a).Op == ir.Closure && c.Span(a).Contains(at) })
			}
			return !found
		})
	}
	return found
}

// RunsOnce reports whether a call that starts a process names, by module, name and
// arguments, the function that the process runs until it ends, and whether that does
// something of one of the kinds.
func (r *Result) RunsOnce(id ClauseID, s Site, kinds ...Kind) (named, does bool) {
	for _, e := range r.nodes[id].edges {
		if e.at != s.Expr {
			continue
		}
		named = true
		for i := range r.nodes[e.to].facts {
			does = does || slices.Contains(kinds, r.nodes[e.to].facts[i].Kind)
		}
	}
	return named, does
}
