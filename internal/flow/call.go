package flow

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// call runs a call of a named function.
func (e *eval) call(id ir.ExprID, x *ir.Expr) value {
	args := e.c.List(x)
	base := len(e.stack)
	gone := false
	for _, a := range args {
		v := e.argument(a)
		gone = gone || v.lit == leaves && !v.lazy
		e.stack = append(e.stack, v)
	}
	vals := e.stack[base:len(e.stack):len(e.stack)]
	var v value
	if callee := &e.c.Callees[x.A]; gone {
		e.n.gone = append(e.n.gone, id)
		v = e.dead(func() value { return e.apply(id, callee, args, vals) })
	} else {
		v = e.apply(id, callee, args, vals)
	}
	e.stack = e.stack[:base]
	return v
}

// argument runs an argument. A function value waits until the callee calls it.
func (e *eval) argument(id ir.ExprID) value {
	switch x := e.c.At(id); x.Op {
	case ir.Closure, ir.FuncRef:
		return value{def: int32(id), lazy: true}
	case ir.Use:
		if x.A >= 0 && int(x.A) < len(e.vars) {
			return e.vars[x.A]
		}
	}
	e.handed++
	v := e.eval(id)
	e.handed--
	return v
}

// arguments runs arguments of a callee that is not known: function values among
// them are called once.
func (e *eval) arguments(at ir.ExprID, args []ir.ExprID) value {
	out := unknown()
	base := len(e.stack)
	for _, a := range args {
		v := e.argument(a)
		e.stack = append(e.stack, v)
		if !v.lazy {
			out = out.with(v)
		}
	}
	for i := range args {
		if v := e.stack[base+i]; v.lazy {
			out = out.with(e.once(at, v, out, 0))
		}
	}
	e.stack = e.stack[:base]
	return out
}

// apply runs a callee on argument values; args are the expressions they come
// from, or nil.
func (e *eval) apply(at ir.ExprID, callee *ir.Callee, args []ir.ExprID, vals []value) value {
	if e.Absent(callee, e.n.module) {
		v := plain(vals).computed(at)
		v.lit = leaves
		return v
	}
	fn, ext := e.resolve(callee)
	if fn == ir.No {
		v := e.extern(at, ext, args, vals)
		if ext == ir.No && e.p.ModuleNamed(callee.Module) != nil {
			v.taint = 0 // a library made the function, and what it does with the text is not known
		}
		if alts := e.shapes.made[callee.Module+"."+callee.Name]; alts != nil {
			v.shape = made(next{Expr: at, Callee: ir.No}, v.taint, alts...)
		}
		return v
	}
	if e.p.Funcs[fn].Macro() {
		return e.unmodelled(at, vals)
	}
	return e.project(at, fn, args, vals)
}

// plain is everything that arguments which are no functions bring along.
func plain(vals []value) value {
	v := unknown()
	for i := range vals {
		if !vals[i].lazy {
			v = v.with(vals[i])
		}
	}
	return v
}

// unmodelled runs a callee of which nothing is known: it may call functions
// that it is given once, and its result may hold anything it was given.
func (e *eval) unmodelled(at ir.ExprID, vals []value) value {
	all := plain(vals)
	out := all
	for i := range vals {
		if vals[i].lazy {
			out = out.with(e.once(at, vals[i], all, 0))
		} else {
			e.callsParam(vals[i].thru, 0, 0, next{Expr: at, Callee: ir.No})
		}
	}
	out = out.computed(at)
	if len(vals) > 0 {
		out.rows = vals[0].rows
	}
	return out
}

// extern runs a library's function.
func (e *eval) extern(at ir.ExprID, ext ir.ExternID, args []ir.ExprID, vals []value) value {
	m := e.model(ext)
	if m == nil || m.Option != nil && !e.optionHolds(m.Option, args) {
		v := e.unmodelled(at, vals)
		if m == nil && ext != ir.No && asks(e.p.Externs[ext].Name) {
			v.taint = 0 // what it finds was there before
		}
		return v
	}
	all := plain(vals)
	here := next{Expr: at, Callee: ir.No}
	if m.Effects != 0 || m.Starts != "" {
		e.addSite(Site{Expr: at, Extern: ext, Effects: m.Effects, Starts: startOf(m.Starts)})
		if m.Effects&model.Write != 0 {
			e.noteWithin(at)
		}
		if idle, only := e.needless(m, args, vals); !idle {
			saved := e.only
			if only.how != unconditional {
				e.only = only
			}
			e.effects(m.Effects, all.dep, here)
			e.only = saved
		}
	}
	for _, s := range e.sinksOf(m) {
		if s.arg < len(vals) && !(s.kind == SinkAtom && e.onlyExisting(args)) {
			e.sink(at, s.kind, vals[s.arg].taint)
		}
	}
	if rendersView(m) {
		e.render(at, m, args, vals, all)
	}
	e.cast(at, ext, args, all)
	rolled := e.rolls
	ran, hasFunc := e.functions(at, ext, m, args, vals, all)
	out := all.with(ran).computed(at)
	out.each = ran.each
	if m.Content != nil && *m.Content < len(vals) {
		out.taint = vals[*m.Content].taint
	}
	if m.Clean || m.Effects&opaqueEffects != 0 {
		out.taint = 0
	}
	out.taint |= sourceBit(m.Source)
	out.rows = rowsOf(m, vals)
	if m.Iterates == nil {
		out.rows |= ran.rows
	}
	out.loaded = e.loads(m, ext, args, vals)
	if m.Loads != nil && len(vals) > 0 {
		out.shown = vals[0].thru | vals[0].shown
	}
	if m.Fallible && m.Effects&failing != 0 && !hasFunc && e.canFail(m, args) {
		out.fail = e.fault(here)
	}
	out.shape = e.externShape(at, m, args, vals, ran.shape, e.rolls > rolled)
	return out
}

// asks reports whether a function of a library that nothing is known of is named after asking something
// else: its result is not made of the arguments.
func asks(name string) bool {
	word, _, _ := strings.Cut(strings.TrimRight(name, "!?"), "_")
	return slices.Contains([]string{"fetch", "find", "list", "query", "request", "search"}, word)
}

// opaqueEffects are those whose results are not made of the arguments.
const opaqueEffects = model.Query | model.Write | model.HTTP | model.Mail | model.File | model.ProcCall |
	model.Enqueue | model.Cache | model.Exec | model.Spawn

// failing are the effects whose failure must not be thrown away.
const failing = model.Write | model.Enqueue | model.HTTP | model.Mail

// noticed are the effects that someone outside notices.
const noticed = failing | model.ProcCall | model.ProcSend | model.Broadcast | model.Spawn | model.File | model.Exec

// fault notes a place at which something can fail.
func (e *eval) fault(at next) int32 {
	e.fails = append(e.fails, at)
	return int32(len(e.fails))
}

// optionHolds reports whether a keyword argument has the value that a model asks for.
func (e *eval) optionHolds(o *model.Option, args []ir.ExprID) bool {
	if o.Arg >= len(args) {
		return false
	}
	list := e.c.At(known(e.c, args[o.Arg], e.vars))
	if list.Op != ir.Make {
		return false
	}
	for _, p := range e.c.List(list) {
		pair := e.c.At(p)
		if pair.Op != ir.Make || pair.Sub != ir.MakeTuple || pair.Hi-pair.Lo != 2 {
			continue
		}
		k, v := e.c.At(e.c.Lists[pair.Lo]), e.c.At(e.c.Lists[pair.Lo+1])
		if k.Op == ir.Const && k.Str == o.Key {
			return v.Op == ir.Const && written(v) == o.Value
		}
	}
	return false
}

// onlyExisting reports whether an option restricts a call to atoms that exist.
func (e *eval) onlyExisting(args []ir.ExprID) bool {
	if len(args) == 0 {
		return false
	}
	list := e.c.At(known(e.c, args[len(args)-1], e.vars))
	if list.Op != ir.Make || list.Sub != ir.MakeList {
		return false
	}
	for _, p := range e.c.List(list) {
		pair := e.c.At(p)
		if pair.Op == ir.Make && pair.Hi-pair.Lo == 2 && e.c.At(e.c.Lists[pair.Lo]).Str == "existing_atoms_only" {
			return true
		}
	}
	return false
}

// written spells a literal as source text does.
func written(x *ir.Expr) string {
	if x.Sub == ir.LitAtom {
		return ":" + x.Str
	}
	return x.Str
}

func (e *eval) effects(eff model.Effect, dep uint64, at next) {
	if eff&noticed != 0 {
		e.acts++
	}
	if eff&model.Log != 0 {
		e.logs++
	}
	if eff&model.Rollback != 0 {
		e.rolls++
	}
	for _, k := range effectKinds() {
		if eff&k.effect != 0 {
			e.emit(Fact{Kind: k.kind, next: at}, dep)
		}
	}
}

// sink notes that tainted content reaches a danger.
func (e *eval) sink(at ir.ExprID, kind Kind, taint uint64) {
	if taint != 0 {
		e.emit(Fact{Kind: kind, Taint: taint, next: next{Expr: at, Callee: ir.No}}, 0)
	}
}

// functions runs the function values that a modelled callee is given, and
// reports whether there were any.
func (e *eval) functions(at ir.ExprID, ext ir.ExternID, m *model.Call, args []ir.ExprID, vals []value, all value) (out value, any bool) {
	out = unknown()
	var flags FactFlags
	if m.Async {
		flags |= Async
	}
	if m.Effects&model.Cache != 0 {
		flags |= Cached
	}
	if m.Transaction {
		flags |= Within
	}
	if m.Rescues {
		flags |= Rescued
	}
	for i := range vals {
		isFunc := vals[i].lazy || vals[i].thru != 0 && runs(m, i)
		if !isFunc {
			continue
		}
		any = true
		if m.Iterates == nil || !runs(m, i) || *m.Iterates >= len(vals) {
			ran := len(e.ctxs)
			v := e.once(at, vals[i], all, flags)
			if m.Starts != "" {
				e.starts(at, e.ctxs[ran].does)
			}
			v.rows |= out.rows
			out = out.with(v)
			out.rows = v.rows
			if vals[i].lazy {
				out.shape = e.shapeOf(v)
			}
			continue
		}
		coll := ir.ExprID(ir.No)
		if args != nil {
			coll = args[*m.Iterates]
		}
		v := e.each(vals[i], vals[*m.Iterates], all, flags, Loop{Expr: at, Coll: coll, Kind: e.p.Externs[ext].Module})
		out = out.with(v)
		out.each = v.fail
	}
	return out, any
}

// starts notes what a process does that a call starts.
func (e *eval) starts(at ir.ExprID, does uint32) {
	for i := range e.sites {
		if e.sites[i].Expr == at {
			e.sites[i].does |= does
		}
	}
}

func runs(m *model.Call, arg int) bool {
	for _, r := range m.Runs {
		if r == arg {
			return true
		}
	}
	return false
}

// once runs a function value one time with an argument that may be anything
// the caller was given; at is the call that runs it.
func (e *eval) once(at ir.ExprID, f, arg value, flags FactFlags) value {
	return e.inside(context{loop: ir.No, flags: flags, at: at, caught: flags&Rescued != 0}, func() value { return e.run1(f, arg) })
}

// each runs a function value for each element of a collection.
func (e *eval) each(f, coll, all value, flags FactFlags, l Loop) value {
	l.Bound, l.rows, l.taint = e.bound(l.Coll, 8), coll.rows, coll.taint
	i, bit := e.newLoop(l)
	arg := coll.with(all)
	arg.dep |= bit
	arg.shape = e.shapes.any
	arg.numbered, arg.named = e.numbered(l.Coll), e.named(l.Coll, maxDepth)
	v := e.inside(context{loop: i, bit: bit, coll: e.from(l.Coll, 8), flags: flags, at: l.Expr, caught: flags&Rescued != 0}, func() value { return e.run1(f, arg) })
	v.dep &^= bit
	return v
}

// from says of which parameters a collection consists: itself, a field of it,
// or what computing makes of it.
func (e *eval) from(id ir.ExprID, depth int) uint32 {
	if id < 0 || depth == 0 {
		return 0
	}
	x := e.c.At(id)
	switch x.Op {
	case ir.Use:
		if x.A < 0 || int(x.A) >= len(e.vars) {
			return 0
		}
		v := &e.vars[x.A]
		if v.thru != 0 || v.def < 0 {
			return uint32(v.dep & paramBits)
		}
		return e.from(ir.ExprID(v.def), depth-1)
	case ir.Get, ir.Index:
		return e.from(ir.ExprID(x.A), depth-1)
	case ir.Match:
		return e.from(ir.ExprID(x.B), depth-1)
	case ir.Call:
		fn, ext := e.resolve(&e.c.Callees[x.A])
		m := e.model(ext)
		if fn != ir.No || x.Lo == x.Hi || m != nil && (m.Effects != 0 || m.Source != "") {
			return 0
		}
		over := x.Lo
		if m != nil && m.Iterates != nil {
			over = min(x.Lo+int32(*m.Iterates), x.Hi-1)
		}
		return e.from(e.c.Lists[over], depth-1)
	}
	return 0
}

// numbered reports whether a collection pairs its elements with their numbers.
func (e *eval) numbered(coll ir.ExprID) bool {
	if coll == ir.No {
		return false
	}
	x := e.c.At(known(e.c, coll, e.vars))
	return x.Op == ir.Call && e.c.Callees[x.A].Name == "with_index"
}

// named reports whether a collection is a map of which only keys are left that the program lists.
func (e *eval) named(coll ir.ExprID, depth int) bool {
	if coll < 0 || depth == 0 {
		return false
	}
	x := e.c.At(known(e.c, coll, e.vars))
	if x.Op != ir.Call {
		return false
	}
	_, ext := e.resolve(&e.c.Callees[x.A])
	m, args := e.model(ext), e.c.List(x)
	switch {
	case m == nil:
		return false
	case m.Content != nil && m.Bounds != nil && *m.Bounds < len(args):
		return e.bound(args[*m.Bounds], depth) >= Bounded
	case m.Keeps != nil && *m.Keeps < len(args):
		return e.named(args[*m.Keeps], depth-1)
	}
	return false
}

// inside runs f in a context.
func (e *eval) inside(c context, f func() value) value {
	c.parent = e.cur
	e.ctxs = append(e.ctxs, c)
	cur, handed := e.cur, e.handed
	e.cur, e.handed = int32(len(e.ctxs)-1), 0
	v := f()
	e.cur, e.handed = cur, handed
	return v
}

// run1 runs the body of a function value in the present context. A function
// that the node itself was given is noted as called.
func (e *eval) run1(f, arg value) value {
	if f.def < 0 || !f.lazy {
		e.callsParam(f.thru, 0, 0, next{Expr: ir.No, Callee: ir.No})
		return unknown()
	}
	if e.depth > 6 {
		return unknown()
	}
	e.depth++
	defer func() { e.depth-- }()
	x := e.c.At(ir.ExprID(f.def))
	if x.Op == ir.Closure {
		return e.closure(x, arg)
	}
	callee := &e.c.Callees[x.A]
	base := len(e.stack)
	for range callee.Arity {
		e.stack = append(e.stack, arg)
	}
	v := e.apply(ir.ExprID(f.def), callee, nil, e.stack[base:len(e.stack):len(e.stack)])
	e.stack = e.stack[:base]
	return v
}

// callsParam notes that functions which the node was given are called.
func (e *eval) callsParam(params uint32, flags FactFlags, coll uint32, at next) {
	for ; params != 0; params &= params - 1 {
		e.emit(Fact{Kind: CallsParam, Param: uint8(bits.TrailingZeros32(params)), Flags: flags, next: at}, uint64(coll))
	}
}

// invoke calls a function value.
func (e *eval) invoke(id ir.ExprID, x *ir.Expr) value {
	f := e.argument(ir.ExprID(x.A))
	args := e.arguments(id, e.c.List(x))
	if f.lazy {
		e.again++
		v := e.once(id, f, args, 0)
		e.again--
		return v.with(args)
	}
	e.callsParam(f.thru, 0, 0, next{Expr: id, Callee: ir.No})
	return f.with(args).computed(id)
}

// escape is a function value that goes where nothing is known of its calls.
func (e *eval) escape(id ir.ExprID) value {
	c := context{loop: ir.No, apart: e.handed == 0}
	v := e.inside(c, func() value { return e.run1(value{def: int32(id), lazy: true}, unknown()) })
	return v.computed(id)
}

// project runs a function of the project.
func (e *eval) project(at ir.ExprID, fn ir.FuncID, args []ir.ExprID, vals []value) value {
	how := passing{fn: e.p.Funcs[fn], written: args != nil}
	vals, how.absent = e.byParam(how.fn, vals)
	out := plain(vals)
	out.taint, out.rows = 0, 0
	out.lit = leaves
	var targets [16]ClauseID
	list := targets[:0]
	e.eachTarget(fn, e.c, args, e.vars, func(t ClauseID) { list = append(list, t) })
	for i := range vals {
		if vals[i].lazy {
			v := e.given(at, list, i, vals, args)
			v.rows |= out.rows
			out = out.with(v)
			out.rows = v.rows
		}
	}
	e.self = fn == e.n.fn
	types := e.byType(list)
	e.hand(list, vals)
	e.noteWithin(at)
	e.noteRescued(at)
	for i, t := range list {
		e.keyed = len(list) > 1 && e.byKey(t, vals)
		e.unsure = types || e.keyed
		e.callee(at, t, vals, &how)
		e.carry(t, vals)
		if out = e.result(at, t, vals, out); i == 0 {
			out.loaded = e.nodes[t].ret.loaded
		} else {
			out.loaded = common(out.loaded, e.nodes[t].ret.loaded)
		}
	}
	e.self, e.unsure, e.keyed = false, false, false
	if len(list) == 0 {
		out.lit = noLit
	}
	out.def = int32(at)
	out.shape = e.projectShape(at, fn, list, vals)
	e.mustAccept(at, fn, args, vals)
	return out
}

// byParam puts arguments where the parameters are, when some are left out, and
// says which.
func (e *eval) byParam(f *ir.Func, vals []value) (out []value, absent uint32) {
	if len(vals) == f.Arity || f.Defaults == 0 {
		return vals, 0
	}
	out = make([]value, f.Arity)
	for i := range out {
		out[i] = unknown()
		absent |= 1 << i
	}
	var buf [16]int
	for i, j := range e.positions(f, len(vals), buf[:0]) {
		if i < len(vals) && j < len(out) {
			out[j] = vals[i]
			absent &^= 1 << j
		}
	}
	return out, absent
}

// given runs a function value that is given to the project's own function as
// argument i, in the way that the function calls it.
func (e *eval) given(at ir.ExprID, targets []ClauseID, i int, vals []value, args []ir.ExprID) value {
	var best *Fact
	for _, t := range targets {
		facts := e.nodes[t].facts
		for k := range facts {
			if f := &facts[k]; f.Kind == CallsParam && int(f.Param) == i && (best == nil || f.Flags.cover(best.Flags)) {
				best = f
			}
		}
	}
	all := plain(vals)
	switch {
	case best == nil:
		return e.inside(context{loop: ir.No, apart: true}, func() value { return e.run1(vals[i], all) })
	case best.Flags&(Looped|Batched) == 0, best.Dep == 0:
		// What a callee goes over by itself, such as all tenants, is its own loop.
		return e.once(at, vals[i], all, best.Flags)
	}
	coll := ir.ExprID(ir.No)
	if best.Dep != 0 && len(args) == len(vals) {
		if j := bits.TrailingZeros32(best.Dep); j < len(args) {
			coll = args[j]
		}
	}
	from := value{dep: mapDep(best.Dep, vals), rows: mapRows(best.Dep, vals), def: ir.No}
	return e.each(vals[i], from, all, best.Flags&(Cached|Async|Rescued|Within), Loop{Expr: at, Coll: coll, Kind: "function"})
}

// callee brings up what a clause does that is called.
func (e *eval) callee(at ir.ExprID, t ClauseID, vals []value, how *passing) {
	facts := e.nodes[t].facts
	for i := range facts {
		f := &facts[i]
		step := next{Expr: at, Callee: t, Fact: int32(i)}
		switch {
		case f.Kind == CallsParam:
			if int(f.Param) < len(vals) && !vals[f.Param].lazy {
				e.callsParam(vals[f.Param].thru, f.Flags, uint32(mapDep(f.Dep, vals)), step)
			}
		case f.Kind.Sink():
			if taint := mapTaint(f.Taint&^sourceBits, vals); taint != 0 {
				e.emit(Fact{Kind: f.Kind, Flags: f.Flags, Depth: f.Depth + 1, Taint: taint, next: step}, 0)
			}
		default:
			only, can := e.under(how, f.only, vals)
			if !can {
				continue
			}
			if f.Kind >= Write && f.Kind <= Enqueue || f.Kind == ProcCall || f.Kind == Spawn {
				e.acts++
			}
			switch f.Kind {
			case Log:
				e.logs++
			case Rollback:
				e.rolls++
			}
			e.emit(Fact{Kind: f.Kind, Flags: f.Flags.above(), Depth: f.Depth + 1, only: only, next: step}, mapDep(f.Dep, vals))
		}
	}
}

// result joins what a clause returns into out.
func (e *eval) result(at ir.ExprID, t ClauseID, vals []value, out value) value {
	r := &e.nodes[t].ret
	out.taint |= mapTaint(r.taint, vals)
	out.rows |= r.rows&storedRows | mapRows(r.rows&^storedRows, vals)
	if r.lit != leaves {
		out.lit = noLit
	}
	if r.fail > 0 && out.fail == 0 {
		out.fail = e.fault(next{Expr: at, Callee: t})
	}
	for p := r.thru; p != 0; p &= p - 1 {
		if i := bits.TrailingZeros32(p); i < len(vals) {
			out.thru |= vals[i].thru
			if n := &e.nodes[t]; out.fail == 0 && len(n.sites)+len(n.facts) == 0 {
				out.fail = vals[i].fail // nothing was done with it on the way
			}
		}
	}
	return out
}
