package flow

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// Loop is one iteration of the project's code that reaches a database or
// another service. Within are loops of the same clause around it.
type Loop struct {
	Clause ClauseID
	Expr   ir.ExprID // the call that iterates, the comprehension, or the recursive call
	Coll   ir.ExprID // the collection, or No
	Kind   string    // the library module that iterates, or "for", "function", "recursion"
	Bound  Bound
	Pages  bool  // each element is a list itself
	Tagged bool  // some of its clauses are for one named option each
	Outer  int32 // the loop of the same clause around it, as an index in the clause's loops, or No

	Database, Service Reach

	// Place is where a template renders a component for each element.
	Place source.Span
	// Rows is set when the elements come from the database.
	Rows bool

	Verdict Verdict
	// Within is set when the loop stands inside a transaction of its clause.
	Within bool

	rows  uint32 // of the collection, as in value.rows
	taint uint64 // … as in value.taint
	does  uint32 // what happens for each element, by Kind
}

// Does reports whether something of a kind happens for each element.
func (l *Loop) Does(k Kind) bool { return l.does&(1<<k) != 0 }

// Sent reports whether a loop goes over what a client sent.
func (r *Result) Sent(l *Loop) bool { return l.taint&(r.client[l.Clause]|fromRequest) != 0 }

// Reach is the shortest way from a loop to an effect.
type Reach struct {
	Found   bool
	Depends bool // the effect's arguments depend on the element
	Cached  bool
	Rescued bool  // what it raises is caught for each element by itself
	Batch   bool  // the innermost loop around the effect goes over batches
	Inner   int32 // the loop of the same clause, inside this one, through which it goes; or No
	Kind    Kind
	Hops    uint8
	Via     next
}

// maxHops is how many calls may lie between a loop and a query.
const maxHops = 5

// rank orders the ways to an effect: lower is worth more to tell.
func (r *Reach) rank() int {
	n := 0
	if r.Hops > maxHops {
		n += 8
	}
	if r.Cached {
		n += 4
	}
	if !r.Depends {
		n += 2
	}
	if r.Inner != ir.No {
		n++
	}
	return n
}

func (r *Reach) better(s *Reach) bool {
	if !s.Found {
		return true
	}
	if a, b := r.rank(), s.rank(); a != b {
		return a < b
	}
	return r.Hops < s.Hops
}

// newLoop opens a loop and takes a dependency bit for its element; loops that
// are too deep or too many share the last one.
func (e *eval) newLoop(l Loop) (int32, uint64) {
	bit := uint64(1) << (32 + min(e.loops, 31))
	e.loops++
	l.Clause, l.Outer = e.id, ir.No
	for c := e.cur; c >= 0; c = e.ctxs[c].parent {
		l.Within = l.Within || e.ctxs[c].flags&Within != 0
		if e.ctxs[c].loop >= 0 && l.Outer == ir.No {
			l.Outer = e.ctxs[c].loop
		}
	}
	if e.again > 0 {
		for i := range e.found {
			if e.found[i].Expr == l.Expr {
				return int32(i), bit
			}
		}
	}
	e.found = append(e.found, l)
	return int32(len(e.found) - 1), bit
}

// emit keeps a fact that holds in the present context: of the loops around it,
// and of the clause unless the context runs apart from it.
func (e *eval) emit(f Fact, dep uint64) {
	apart, inner := false, int32(ir.No)
	if f.Kind.Database() {
		e.queries++
	}
	if f.only.how == unconditional {
		f.only = e.only
	}
	for c := e.cur; c >= 0; c = e.ctxs[c].parent {
		x := &e.ctxs[c]
		if x.flags&Within != 0 && f.Flags&Within == 0 {
			e.hold(&f, x.at)
		}
		f.Flags |= x.flags
		apart = apart || x.apart
		x.does |= 1 << f.Kind
		if x.loop >= 0 {
			e.found[x.loop].does |= 1 << f.Kind
		}
		if x.loop >= 0 && e.keyed && f.Kind.Database() {
			e.found[x.loop].Tagged = true
		}
		if x.loop >= 0 && f.Kind == CallsParam {
			dep |= e.repeats(&f, x)
		}
		if x.loop >= 0 && (f.Kind <= HTTP || f.Kind == Mail && f.Depth <= 1 || f.Kind == Sleep) && !e.unsure && !(e.self && e.found[x.loop].Kind == "recursion") {
			e.reach(x.loop, &f, dep&x.bit != 0, inner)
			inner = x.loop
		}
	}
	if apart {
		return
	}
	if f.Kind.tracks() {
		f.Dep = uint32(dep & paramBits)
	}
	e.facts = addFact(e.facts, f)
}

// repeats notes that a parameter is called in a loop, and what the loop's
// collection depends on.
func (e *eval) repeats(f *Fact, c *context) uint64 {
	switch e.found[c.loop].Bound {
	case Unbounded:
		f.Flags |= Looped
	case Batches:
		f.Flags |= Batched
	default:
		return 0
	}
	return uint64(c.coll)
}

// reach offers a fact to a loop around it.
func (e *eval) reach(loop int32, f *Fact, depends bool, inner int32) {
	l := &e.found[loop]
	r := Reach{
		Found: true, Depends: depends, Cached: f.Flags&Cached != 0, Rescued: f.Flags&(Rescued|RescuedBelow) != 0, Inner: inner, Kind: f.Kind, Hops: f.Depth, Via: f.next,
		Batch: inner != ir.No && e.found[inner].Bound == Batches,
	}
	if !f.Kind.Database() {
		if s := &l.Service; !s.Found || s.Cached && !r.Cached || s.Cached == r.Cached && r.Hops < s.Hops {
			*s = r
		}
	} else if r.better(&l.Database) {
		l.Database = r
	}
}

// closure runs the clauses of a function value. In a loop over options, a clause
// for one of them by name runs once.
func (e *eval) closure(x *ir.Expr, arg value) value {
	l := e.ctxs[e.cur].loop
	options := l >= 0 && e.options(e.c.List(x))
	out := value{def: ir.No, lit: leaves}
	for _, arm := range e.c.List(x) {
		option, queries := options && e.option(arm), e.queries
		if option {
			e.ctxs[e.cur].loop = ir.No
		}
		out = e.either(out, e.arm(arm, arg, ir.No))
		e.ctxs[e.cur].loop = l
		if option && e.queries > queries {
			e.found[l].Tagged = true
		}
	}
	return out
}

// options reports whether clauses tell options apart by their names.
func (e *eval) options(arms []ir.ExprID) bool {
	n := 0
	for _, a := range arms {
		if e.option(a) {
			n++
		}
	}
	return n > 0 && len(arms) > 1
}

// option reports whether a clause takes one named option: an atom, or a pair
// with a literal first part, other than the outcome of an operation.
func (e *eval) option(arm ir.ExprID) bool {
	patterns, _, _ := e.c.Parts(e.c.At(arm))
	if len(patterns) == 0 {
		return false
	}
	p := e.c.At(patterns[0])
	if p.Op == ir.Const {
		return p.Sub == ir.LitAtom && p.Str != "ok" && p.Str != "error" && p.Str != "cont" && p.Str != "halt"
	}
	if p.Op != ir.Make || p.Sub != ir.MakeTuple || p.Hi-p.Lo != 2 {
		return false
	}
	k := e.c.At(e.c.Lists[p.Lo])
	return k.Op == ir.Const && (k.Sub == ir.LitAtom || k.Sub == ir.LitString) && literalOf(e.c, k) == anyConst &&
		k.Str != "exit" && k.Str != "reply"
}

func (e *eval) inLoop() bool {
	for c := e.cur; c >= 0; c = e.ctxs[c].parent {
		if l := e.ctxs[c].loop; l >= 0 && e.found[l].Bound != Literal {
			return true
		}
	}
	return false
}

func (e *eval) apart() bool {
	for c := e.cur; c >= 0; c = e.ctxs[c].parent {
		if e.ctxs[c].apart {
			return true
		}
	}
	return false
}

// loop runs a comprehension: what follows the first generator runs for each of
// its elements.
func (e *eval) loop(id ir.ExprID, x *ir.Expr) value {
	list := e.c.List(x)
	first := 0
	for first < len(list) && e.c.At(list[first]).Op != ir.Generator {
		e.eval(list[first])
		first++
	}
	if first == len(list) {
		return e.at(x.A).computed(id)
	}
	g := e.c.At(list[first])
	coll := e.at(g.B)
	l := Loop{Expr: id, Coll: ir.ExprID(g.B), Kind: "for", Bound: e.bound(ir.ExprID(g.B), 8)}
	for _, o := range list[first+1:] {
		if h := e.c.At(o); h.Op == ir.Generator {
			l.Bound = min(l.Bound, e.bound(ir.ExprID(h.B), 8))
		}
	}
	l.rows, l.taint = coll.rows, coll.taint
	i, bit := e.newLoop(l)
	coll = coll.part()
	coll.dep |= bit
	coll.numbered, coll.named = e.numbered(ir.ExprID(g.B)), e.named(ir.ExprID(g.B), maxDepth)
	e.bind(ir.ExprID(g.A), coll)
	v := e.inside(context{loop: i, bit: bit, coll: e.from(l.Coll, 8)}, func() value { return e.iteration(x, list[first+1:], bit) })
	v.each, v.fail, v.thru, v.lit = max(v.fail, v.each), 0, 0, noLit
	v.dep &^= bit
	v.def, v.shape = int32(id), nil
	return v
}

// iteration runs what is inside a comprehension.
func (e *eval) iteration(x *ir.Expr, rest []ir.ExprID, bit uint64) value {
	acc := value{dep: bit, def: ir.No}
	out := unknown()
	for _, o := range rest {
		switch g := e.c.At(o); g.Op {
		case ir.Generator:
			v := e.at(g.B).part()
			v.dep |= bit
			e.bind(ir.ExprID(g.A), v)
		case ir.Arm:
			out = out.with(e.arm(o, acc, ir.No))
		default:
			if v := e.eval(o); x.Flags&ir.FlagReduce != 0 {
				acc = acc.with(v)
			} else {
				e.refine(o)
			}
		}
	}
	if x.A >= 0 {
		v := e.eval(ir.ExprID(x.A))
		out = v.join(out)
	}
	return out
}

// recursion makes a loop of a clause that takes a list apart and calls itself
// with the rest.
func (e *eval) recursion() {
	cl := e.n.clause
	for i, p := range cl.Params {
		tail, heads := e.listPattern(p)
		if tail == ir.No {
			continue
		}
		at := e.selfCall(i, tail)
		if at == ir.No {
			continue
		}
		l, bit := e.newLoop(Loop{Expr: at, Coll: ir.No, Kind: "recursion", rows: 1 << min(i, rowParams-1)})
		e.ctxs[0].loop, e.ctxs[0].bit = l, bit
		for _, h := range heads {
			e.c.Walk(h, func(x ir.ExprID) bool {
				if b := e.c.At(x); b.Op == ir.Bind && b.A >= 0 && int(b.A) < len(e.vars) {
					e.vars[b.A].dep |= bit
				}
				return true
			})
		}
		return
	}
}

// listPattern finds in a parameter the variable of a list's rest, and the
// patterns of its elements.
func (e *eval) listPattern(pat ir.ExprID) (tail ir.VarID, heads []ir.ExprID) {
	x := e.c.At(pat)
	if x.Op == ir.Match {
		if tail, heads = e.listPattern(ir.ExprID(x.A)); tail != ir.No {
			return tail, heads
		}
		return e.listPattern(ir.ExprID(x.B))
	}
	if x.Op != ir.Make || x.Sub != ir.MakeCons {
		return ir.No, nil
	}
	parts := e.c.List(x)
	last := e.c.At(parts[len(parts)-1])
	if last.Op != ir.Bind {
		return ir.No, nil
	}
	return ir.VarID(last.A), parts[:len(parts)-1]
}

// selfCall finds a call of the node's own function with a variable as argument i.
func (e *eval) selfCall(i int, tail ir.VarID) ir.ExprID {
	found := ir.ExprID(ir.No)
	e.c.Walk(e.n.clause.Body, func(id ir.ExprID) bool {
		x := e.c.At(id)
		if x.Op == ir.Call && found == ir.No && e.c.Callees[x.A].Func == e.n.fn && int(x.Hi-x.Lo) > i {
			if u := e.c.At(e.c.Lists[int(x.Lo)+i]); u.Op == ir.Use && ir.VarID(u.A) == tail {
				found = id
			}
		}
		return found == ir.No
	})
	return found
}
