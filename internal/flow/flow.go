// Package flow computes what functions do: the call graph by clause, effects
// bottom-up over its components, loops, and how values depend on parameters.
//
// In goes a linked program and the models of its libraries; out comes a Result,
// which is read-only. The nodes are the clauses of functions and the closures
// that are entries. Each is followed once (in a recursive component twice), after
// what it calls, so that what a callee does is known where it is called: as
// facts in terms of its parameters, which the call replaces by its arguments.
//
// A fact remembers one step towards its cause, so that the path behind a
// finding can be rebuilt for the few that are reported. Facts are few by
// construction: of one kind, those that say more replace those that say less.
package flow

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
)

// Result is what the analyses found. It is read-only.
type Result struct {
	*analysis
	loops  []Loop
	taints []Taint
	reach  []Kinds
	serves []arrival
	bare   []bool
	// exposed are the nodes that are reached with no rescue around them.
	exposed []bool
	client  []uint64 // by node: the parameters that hold what a client sent
	// callers are the edges turned round.
	callers [][]Caller
}

// Site is one call of a library's function that does more than compute.
type Site struct {
	Expr    ir.ExprID
	Extern  ir.ExternID
	Effects model.Effect
	Starts  Start
	InLoop  bool
	Apart   bool // inside a function value that nothing is known to call
	// does is what the functions do that the call is given, by Kind.
	does uint32
}

// Does reports whether a function that the call is given does something of a kind.
func (s *Site) Does(k Kind) bool { return s.does&(1<<k) != 0 }

// Start says how a call starts a process.
type Start uint8

// The ways to start a process.
const (
	NoStart    Start = iota
	Linked           // it dies with its starter, and takes it along
	Unlinked         // nobody notices when it dies
	Supervised       //
	Awaited          // its starter waits for its answer
)

func startOf(word string) Start {
	switch word {
	case "linked":
		return Linked
	case "unlinked":
		return Unlinked
	case "supervised":
		return Supervised
	case "awaited":
		return Awaited
	}
	return NoStart
}

// Discard is a failure that is thrown away: Expr can fail, and nothing uses
// its result.
type Discard struct {
	next
	InLoop, Apart bool
}

// Swallow is an arm that turns a failure into a success: Expr can fail, Arm
// accepts the error and answers as if nothing happened.
type Swallow struct {
	next
	Arm    ir.ExprID
	Reply  bool // the answer is that of a process, not :ok
	Other  bool // the answer is neither: nothing in particular
	Acts   bool // the arm does something that someone outside notices
	Silent bool // the arm calls nothing that has an effect, not even a log
	Apart  bool
}

// Analyze follows a whole program. par runs f for each number below n, maybe
// in parallel; the result does not depend on it.
func Analyze(p *ir.Program, models *model.Set, par func(n int, f func(i int))) *Result {
	a := newAnalysis(p, models)
	a.collectSinks()
	a.collectShapes()
	dynamic := a.dynamicTargets()
	chunked(par, len(a.nodes), 256, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a.link(ClauseID(i), dynamic)
		}
	})
	a.comps = findComponents(a.nodes)
	for _, layer := range a.comps.layers {
		chunked(par, len(layer), 64, func(lo, hi int) {
			var e eval
			for _, c := range layer[lo:hi] {
				a.component(&e, c)
			}
		})
	}
	r := &Result{analysis: a}
	r.cutDead()
	r.spread()
	r.spreadBare()
	r.exposed = r.spreadBeyond(func(n *node, at ir.ExprID) bool { return n.caught[at] })
	r.indexCallers()
	r.spreadClient()
	r.judge()
	r.follow()
	return r
}

// chunked runs f over ranges of n things.
func chunked(par func(int, func(int)), n, size int, f func(lo, hi int)) {
	if n <= size {
		if n > 0 {
			f(0, n)
		}
		return
	}
	par((n+size-1)/size, func(i int) { f(i*size, min(n, (i+1)*size)) })
}

// component evaluates the clauses of one component; a recursive one twice, so
// that each member knows what the others do.
func (a *analysis) component(e *eval, c int32) {
	rounds := 1
	if a.comps.cyclic[c] {
		rounds = 2
	}
	for range rounds {
		for _, id := range a.comps.of(c) {
			a.evaluate(e, id)
		}
	}
}

// collectSinks sorts the dangerous arguments of each model that has any.
func (a *analysis) collectSinks() {
	a.sinks = map[*model.Call][]sink{}
	for i := range a.p.Externs {
		if m := a.model(ir.ExternID(i)); m != nil && len(m.Sink) > 0 && a.sinks[m] == nil {
			a.sinks[m] = sinksOf(m)
		}
	}
}

func (a *analysis) sinksOf(m *model.Call) []sink {
	if len(m.Sink) == 0 {
		return nil
	}
	return a.sinks[m]
}

func (e *eval) addSite(s Site) {
	if e.again > 0 {
		for i := range e.sites {
			if e.sites[i].Expr == s.Expr {
				return
			}
		}
	}
	s.InLoop, s.Apart = e.inLoop(), e.apart()
	e.sites = append(e.sites, s)
}

// Clauses are the nodes of a function, from lo to before hi.
func (r *Result) Clauses(f ir.FuncID) (lo, hi ClauseID) { return r.clauses(f) }

// Len is the number of nodes.
func (r *Result) Len() int { return len(r.nodes) }

// Func is the function that a node is a clause of, or No for an entry's closure.
func (r *Result) Func(id ClauseID) ir.FuncID { return r.nodes[id].fn }

// Module is the module that a node belongs to.
func (r *Result) Module(id ClauseID) ir.ModuleID { return r.nodes[id].module }

// Code is the Code that holds a node's expressions.
func (r *Result) Code(id ClauseID) *ir.Code { return r.nodes[id].code }

// Body is what a node runs.
func (r *Result) Body(id ClauseID) ir.ExprID {
	if n := &r.nodes[id]; n.clause != nil {
		return n.clause.Body
	}
	return r.nodes[id].expr
}

// Macro reports whether a node runs when the project is compiled.
func (r *Result) Macro(id ClauseID) bool { return r.nodes[id].macro }

// InLib reports whether a node is application code that runs, not what runs when the
// project is compiled.
func (r *Result) InLib(id ClauseID) bool {
	f := r.nodes[id].code.File
	return f != nil && f.Kind == source.Lib && !r.nodes[id].macro
}

// Head is the place of a clause's head, or of what an entry's closure runs.
func (r *Result) Head(id ClauseID) source.Span {
	if n := &r.nodes[id]; n.clause != nil {
		return n.clause.Head
	}
	return r.nodes[id].code.Span(r.nodes[id].expr)
}

// EndsWell reports whether a node always gives :ok, or {:ok, _}.
func (r *Result) EndsWell(id ClauseID) bool { return r.nodes[id].ret.lit == okLit }

// Own are the clauses of the same module that a node calls, directly or through
// others of that module.
func (r *Result) Own(id ClauseID) []ClauseID {
	out := []ClauseID{id}
	for i := 0; i < len(out) && len(out) < 32; i++ {
		for _, e := range r.nodes[out[i]].edges {
			if n := &r.nodes[e.to]; n.module == r.nodes[id].module && !slices.Contains(out, e.to) {
				out = append(out, e.to)
			}
		}
	}
	return out[1:]
}

// Entry is the entry that a node without a function is, or nil.
func (r *Result) Entry(id ClauseID) *ir.Entry {
	if n := &r.nodes[id]; n.fn == ir.No {
		return &r.p.Entries[n.entry]
	}
	return nil
}

// Facts are what a node does.
func (r *Result) Facts(id ClauseID) []Fact { return r.nodes[id].facts }

// Sites are the calls of libraries that do something.
func (r *Result) Sites(id ClauseID) []Site { return r.nodes[id].sites }

// Discards are the failures that a node throws away.
func (r *Result) Discards(id ClauseID) []Discard { return r.nodes[id].discards }

// Swallows are the failures that a node answers with success.
func (r *Result) Swallows(id ClauseID) []Swallow { return r.nodes[id].swallows }

// Loops are the loops that reach a database or another service, in the order
// of their clauses.
func (r *Result) Loops() []Loop { return r.loops }

// LoopsOf are the loops of one node, also those that reach nothing.
func (r *Result) LoopsOf(id ClauseID) []Loop { return r.nodes[id].loops }

// Taints are the ways on which what a client sent reaches a danger.
func (r *Result) Taints() []Taint { return r.taints }

// Does lists what a library's function does, as kinds of fact.
func (r *Result) Does(e ir.ExternID) []Kind {
	var out []Kind
	if m := r.model(e); m != nil {
		for _, k := range effectKinds() {
			if m.Effects&k.effect != 0 {
				out = append(out, k.kind)
			}
		}
	}
	return out
}

// Symbol names a node: Module.function/arity, or its module.
func (r *Result) Symbol(id ClauseID) string {
	n := &r.nodes[id]
	switch {
	case n.fn != ir.No:
		return r.p.Symbol(n.fn)
	case n.module != ir.No:
		return r.p.Modules[n.module].Name
	}
	return ""
}

// Span is the place of an expression of a node. Of a piped call it starts at
// the callee's name.
func (r *Result) Span(id ClauseID, x ir.ExprID) source.Span { return CallSpan(r.nodes[id].code, x) }
