package query

import (
	"iter"
	"slices"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// Bounds of the work for one access, or one question.
const (
	maxSteps    = 6000 // expressions looked at
	maxFrames   = 14   // functions inside each other
	maxClimb    = 5    // callers above each other
	maxContexts = 2000 // ways through the callers
	maxHands    = 3    // functions that hand a function value on
	maxAccesses = 5000 // of one clause
	maxThrough  = 4    // associations that go through each other
)

// follower is what all questions share.
type follower struct {
	p       *ir.Program
	flow    *flow.Result
	parents map[*ir.Code][]ir.ExprID
	params  map[paramKey]bool
	// behaviours are what modules of the project behave like, and repo the first of
	// its Repos.
	behaviours []string
	// entries are the entries that functions are.
	entries map[ir.FuncID][]*ir.Entry
	repo    val
	// assigns are the rows that connections and sockets carry, by key; byName the
	// calls of functions by names known only at run time.
	assigns  map[string][]assignment
	byName   map[ir.ModuleID][]applying
	prepared map[string][]prepared // by the Repo's name
	// pages are the calls that render a view, and associations the names of all
	// associations.
	pages        map[flow.ClauseID][]page
	associations map[string]bool
	// assigning and applying say in which code such calls stand.
	assigning, applying map[*ir.Code]bool
}

// paramKey is the pattern of a parameter.
type paramKey struct {
	code *ir.Code
	at   ir.ExprID
}

func newFollower(p *ir.Program, fl *flow.Result, par func(int, func(int))) *follower {
	fo := &follower{p: p, flow: fl, parents: make(map[*ir.Code][]ir.ExprID, len(p.Codes)), params: map[paramKey]bool{}}
	list := make([][]ir.ExprID, len(p.Codes))
	par(len(p.Codes), func(i int) { list[i] = parentsOf(p.Codes[i]) })
	for i, c := range p.Codes {
		fo.parents[c] = list[i]
	}
	for _, m := range p.Modules {
		for _, b := range m.Behaves {
			if !slices.Contains(fo.behaviours, b) {
				fo.behaviours = append(fo.behaviours, b)
			}
		}
	}
	fo.entries = map[ir.FuncID][]*ir.Entry{}
	for i := range p.Entries {
		if e := &p.Entries[i]; e.Func != ir.No {
			fo.entries[e.Func] = append(fo.entries[e.Func], e)
		}
	}
	fo.repo = fo.firstRepo()
	fo.assigning, fo.applying = fo.codesCalling(fo.assignsBy), fo.codesCalling(fo.appliesBy)
	for id := range flow.ClauseID(fl.Len()) {
		for _, at := range fl.Params(id) {
			fo.params[paramKey{fl.Code(id), at}] = true
		}
	}
	fo.prepares()
	fo.assignments(par)
	fo.applies()
	fo.associations = map[string]bool{}
	for _, s := range p.Schemas {
		for i := range s.Associations {
			fo.associations[s.Associations[i].Name] = true
		}
	}
	fo.pages = fo.allPages()
	return fo
}

// codesCalling is the code in which a callee stands that calls says is one.
func (fo *follower) codesCalling(calls func(*ir.Code, int32) bool) map[*ir.Code]bool {
	out := map[*ir.Code]bool{}
	for _, c := range fo.p.Codes {
		for k := range c.Callees {
			if calls(c, int32(k)) {
				out[c] = true
				break
			}
		}
	}
	return out
}

// inChunks calls f for each number below n, many of them in one part.
func inChunks(n int, par func(int, func(int)), f func(int)) {
	const chunk = 64
	par((n+chunk-1)/chunk, func(i int) {
		for k := i * chunk; k < min(n, (i+1)*chunk); k++ {
			f(k)
		}
	})
}

// firstRepo is the module that a transaction passes to the functions that it
// runs. Which of several it is does not matter: rows say what their table is.
func (fo *follower) firstRepo() val {
	for _, m := range fo.p.Modules {
		for _, b := range m.Behaves {
			if k := fo.flow.ModelOf(b, "transaction", 1); k != nil && k.Transaction {
				return val{kind: module, str: m.Name}
			}
		}
	}
	return val{kind: unknown}
}

// parentsOf lists, for each expression, the one that it is an operand of.
func parentsOf(c *ir.Code) []ir.ExprID {
	out := make([]ir.ExprID, len(c.Exprs))
	for i := range out {
		out[i] = ir.No
	}
	for i := range c.Exprs {
		c.Operands(ir.ExprID(i), func(o ir.ExprID) { out[o] = ir.ExprID(i) })
	}
	return out
}

// frame is one run of a clause, as far as it matters: what it was called with.
type frame struct {
	clause flow.ClauseID // or No for code outside functions
	code   *ir.Code
	up     *frame      // who calls, or nil when the parameters are not known
	args   []ir.ExprID // by parameter, expressions of up; No for a default
	vals   []val       // by parameter, instead of args
	shown  *shown      // what a view shows, instead of its last parameter
	depth  int
	memo   map[ir.ExprID]val
	// passed are the values of args, where they are known already: the frames of all
	// clauses that one call can run share them.
	passed []val
	// ref is the function's name, in up, where that is passed on instead of called.
	ref ir.ExprID
	// applied are the function values whose bodies are read in this frame.
	applied *application
}

// evaluator answers one question.
type evaluator struct {
	*follower
	steps int
}

func (fo *follower) evaluator() *evaluator { return &evaluator{follower: fo} }

func (fo *follower) root(id flow.ClauseID) *frame {
	return &frame{clause: id, code: fo.flow.Code(id)}
}

// exprs are all expressions of a clause, each before those inside it.
func (fo *follower) exprs(id flow.ClauseID) iter.Seq[ir.ExprID] {
	return func(yield func(ir.ExprID) bool) {
		c, more := fo.flow.Code(id), true
		for _, root := range fo.flow.Roots(id) {
			c.Walk(root, func(x ir.ExprID) bool {
				more = more && yield(x)
				return more
			})
		}
	}
}

// outermost is the frame whose parameters nobody gave.
func (f *frame) outermost() *frame {
	for f.up != nil {
		f = f.up
	}
	return f
}

// running reports whether a clause runs in a frame or above it.
func (f *frame) running(id flow.ClauseID) bool {
	for ; f != nil; f = f.up {
		if f.clause == id {
			return true
		}
	}
	return false
}

// call is the frame of a clause of fn, called from f with the argument
// expressions args.
func (ev *evaluator) call(f *frame, id flow.ClauseID, fn *ir.Func, args []ir.ExprID) *frame {
	g := &frame{clause: id, code: ev.flow.Code(id), up: f, depth: f.depth + 1, args: make([]ir.ExprID, fn.Arity)}
	g.passed = make([]val, fn.Arity)
	for i := range g.args {
		g.args[i] = ir.No
	}
	for arg, p := range ev.flow.Positions(fn, len(args)) {
		if p < len(g.args) && arg < len(args) {
			g.args[p] = args[arg]
		}
	}
	return g
}

// param is the value of a parameter.
func (ev *evaluator) param(f *frame, i int) val {
	switch {
	case f.shown != nil && i == len(f.args)-1:
		return ev.showing(f)
	case f.vals != nil:
		if i < len(f.vals) {
			return f.vals[i]
		}
		return val{kind: unknown}
	case f.up == nil:
		return ev.appliedTo(f, i)
	case i >= len(f.args):
		return val{kind: unknown}
	case f.args[i] == ir.No:
		return ev.defaultOf(f, i)
	}
	if f.passed[i].kind == bottom {
		f.passed[i] = ev.value(f.up, f.args[i])
	}
	return f.passed[i]
}

// defaultOf is the value of a parameter that a call leaves out.
func (ev *evaluator) defaultOf(f *frame, i int) val {
	fn := ev.flow.Func(f.clause)
	if fn == ir.No {
		return val{kind: unknown}
	}
	head := ev.p.Funcs[fn].Clauses[0].Params
	if i >= len(head) || ev.p.Funcs[fn].Code != f.code {
		return val{kind: unknown}
	}
	if e := f.code.At(head[i]); e.Op == ir.Match {
		return ev.value(f, ir.ExprID(e.B))
	}
	return val{kind: unknown}
}
