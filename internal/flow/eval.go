package flow

import (
	"cmp"
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// eval follows one node: it runs every path of it once, in order, with what is
// known of each value.
type eval struct {
	*analysis
	id   ClauseID
	n    *node
	c    *ir.Code
	vars []value
	// harmless are the reads of which a condition says that they are one of known values.
	harmless []ir.ExprID

	ctxs   []context
	cur    int32       // the context that runs
	loops  int         // how many dependency bits of loops are taken
	depth  int         // of function values followed inside each other
	handed int         // > 0 inside the arguments of a call
	again  int         // > 0 inside a function value that may be followed more than once
	only   condition   // of the branch that runs
	failed []ir.ExprID // the conditions around what runs that do not hold
	self   bool        // what is emitted comes from a call of the node's own function
	unsure bool        // … from the clause for one of many types
	keyed  bool        // … from the clause for one key

	facts     []Fact
	sites     []Site
	found     []Loop
	discards  []Discard
	swallows  []Swallow
	fails     []next
	held      []Held
	passes    []pass
	acts      int // things done so far that someone outside notices
	logs      int // … that are logged
	queries   int // database calls met so far
	stack     []value
	unmatched []Unmatched
	losses    []Loss
	masks     []Mask
	carries   []carry
	chosenBy  *uint64 // the taint of the innermost condition around what runs, or nil
	falls     bool    // the arm that runs next is of the else of a with
	rolls     int     // calls so far that give a transaction up
	buried    int     // > 0 inside what never runs
}

// context is what surrounds a piece of a body: a loop or a function value.
type context struct {
	parent int32
	loop   int32  // index in eval.found, or No
	bit    uint64 // of value.dep, for the element of a loop
	coll   uint32 // the parameters that the collection depends on
	flags  FactFlags
	at     ir.ExprID // the call that makes the context, of one with Within
	does   uint32    // what happens in it, by Kind
	// apart is set for a function value that nothing is known to call.
	apart bool
	// caught is set where whatever is raised goes no further, misfits where what does not fit a
	// pattern does not.
	caught, misfits bool
}

// evaluate follows a node and keeps what it found.
func (a *analysis) evaluate(e *eval, id ClauseID) {
	n := &a.nodes[id]
	if n.skipped {
		return
	}
	n.dead, n.gone = n.dead[:0], n.gone[:0]
	e.start(a, id)
	v := e.run()
	slices.SortFunc(n.dead, func(a, b source.Span) int { return cmp.Compare(a.Start, b.Start) })
	slices.Sort(n.gone)
	n.ret = v
	e.keepShape(v)
	n.unmatched = append([]Unmatched(nil), e.unmatched...)
	n.masks = append([]Mask(nil), e.masks...)
	n.losses = append([]Loss(nil), e.losses...)
	n.carries = append([]carry(nil), e.carries...)
	n.retPath = next{Expr: ir.No, Callee: ir.No}
	if v.fail > 0 {
		n.retPath = e.fails[v.fail-1]
	}
	if n.clause != nil {
		n.retBound = e.bound(n.clause.Body, 6)
	}
	n.facts = append([]Fact(nil), e.facts...)
	n.sites = append([]Site(nil), e.sites...)
	n.loops = append([]Loop(nil), e.found...)
	n.discards = append([]Discard(nil), e.discards...)
	n.swallows = append([]Swallow(nil), e.swallows...)
	n.held = append([]Held(nil), e.held...)
	n.passes = append([]pass(nil), e.passes...)
}

func (e *eval) start(a *analysis, id ClauseID) {
	n := &a.nodes[id]
	*e = eval{
		analysis: a, id: id, n: n, c: n.code, vars: a.tables[n.codeIdx],
		ctxs: append(e.ctxs[:0], context{parent: ir.No, loop: ir.No}), facts: e.facts[:0], sites: e.sites[:0],
		found: e.found[:0], discards: e.discards[:0], swallows: e.swallows[:0], fails: e.fails[:0], stack: e.stack[:0], held: e.held[:0], passes: e.passes[:0],
		unmatched: e.unmatched[:0], carries: e.carries[:0], losses: e.losses[:0], masks: e.masks[:0],
	}
}

func (e *eval) run() value {
	if e.n.clause == nil {
		return e.entry()
	}
	cl := e.n.clause
	for i, p := range cl.Params {
		e.param(i, p)
	}
	if e.missing(cl.Params) {
		e.ctxs[0].flags |= Cached
	}
	e.recursion()
	if cl.Guard != ir.No {
		e.eval(cl.Guard)
		e.refine(cl.Guard)
	}
	return e.eval(cl.Body)
}

// entry runs a closure that is an entry, or a script.
func (e *eval) entry() value {
	x := e.c.At(e.n.expr)
	if x.Op != ir.Closure {
		return e.eval(e.n.expr)
	}
	v := unknown()
	for _, arm := range e.c.List(x) {
		patterns, guard, body := e.c.Parts(e.c.At(arm))
		for i, p := range patterns {
			e.param(i, p)
		}
		if guard != ir.No {
			e.eval(guard)
			e.refine(guard)
		}
		v = e.either(v, e.eval(body))
	}
	return v
}

// param binds a parameter to its own bits.
func (e *eval) param(i int, pat ir.ExprID) {
	v := unknown()
	if i < 32 {
		v.dep = 1 << i
		v.thru = 1 << i
	}
	if i < fieldShift {
		v.taint = 1 << i
		v.shape = e.shapes.params[i]
	}
	if i < rowParams {
		v.rows = 1 << i
	}
	x := e.c.At(pat)
	if x.Op == ir.Match && e.n.fn != ir.No && e.p.Funcs[e.n.fn].Defaults > 0 && !binds(e.c, ir.ExprID(x.B)) {
		e.eval(ir.ExprID(x.B)) // a default value
		pat = ir.ExprID(x.A)
	}
	e.bind(pat, v)
}

// binds reports whether an expression holds patterns that bind.
func binds(c *ir.Code, id ir.ExprID) bool {
	found := false
	c.Walk(id, func(x ir.ExprID) bool {
		op := c.At(x).Op
		found = found || op == ir.Bind || op == ir.Any
		return !found && op != ir.Closure
	})
	return found
}

// at evaluates an operand that may be missing.
func (e *eval) at(id int32) value {
	if id < 0 {
		return unknown()
	}
	return e.eval(ir.ExprID(id))
}

// eval runs an expression.
func (e *eval) eval(id ir.ExprID) value {
	if id < 0 {
		return unknown()
	}
	x := e.c.At(id)
	switch x.Op {
	case ir.Const, ir.Attr:
		return value{def: int32(id), lit: literalOf(e.c, x)}
	case ir.Use:
		return e.use(x)
	case ir.Call:
		return e.call(id, x)
	case ir.Invoke:
		return e.invoke(id, x)
	case ir.Send:
		v := e.at(x.A).with(e.arguments(id, e.c.List(x))).computed(id)
		if alts := e.shapes.callbacks[called{x.Str, int(x.Hi - x.Lo)}]; len(alts) > 0 && !(e.givesFunction(x) && slices.ContainsFunc(alts, ofMulti)) {
			v.shape = declaredShape(id, v.taint, alts)
		}
		return v
	case ir.Get, ir.Index:
		v := e.read(id, x)
		if e.isHarmless(id) {
			v.taint = 0
		}
		return v
	case ir.Make:
		return e.make(id, x)
	case ir.Update:
		base := e.at(x.A)
		v := base.with(e.all(x)).computed(id)
		v.loaded, v.rows = base.loaded, base.rows
		return v
	case ir.Match:
		return e.match(id, x)
	case ir.Block:
		return e.block(x)
	case ir.Branch:
		return e.branch(id, x)
	case ir.Case:
		return e.choose(id, x)
	case ir.With:
		return e.with(id, x)
	case ir.Loop:
		return e.loop(id, x)
	case ir.Closure, ir.FuncRef:
		return e.escape(id)
	case ir.Try:
		return e.try(x)
	case ir.Receive:
		return e.arms(x, unknown(), ir.No)
	case ir.Pin:
		return e.at(x.A)
	case ir.Raise:
		e.acts++
		v := e.all(x)
		v.lit = leaves
		return v
	case ir.Opaque:
		if x.Str == "do" {
			return e.section(id, x)
		}
	}
	return e.all(x).computed(id)
}

// read runs the read of a field or of an element.
func (e *eval) read(id ir.ExprID, x *ir.Expr) value {
	if x.Op == ir.Get {
		return e.field(id, x)
	}
	// The key chooses what the container holds already.
	key := e.at(x.B)
	key.taint = 0
	of := e.at(x.A)
	v := of.with(key).computed(id)
	v.rows = of.rows
	return v
}

// all runs the operand list.
func (e *eval) all(x *ir.Expr) value {
	v := unknown()
	for _, o := range e.c.List(x) {
		v = v.with(e.eval(o))
	}
	return v
}

func (e *eval) use(x *ir.Expr) value {
	if x.A < 0 || int(x.A) >= len(e.vars) {
		return unknown()
	}
	v := e.vars[x.A]
	if v.lazy {
		// The function leaves as a value: who calls it is not known.
		e.vars[x.A].lazy = false
		w := e.escape(ir.ExprID(v.def))
		v = value{dep: w.dep, taint: w.taint, def: v.def}
		e.vars[x.A] = v
	}
	return v
}

// field reads a field. Of a request only some fields are the client's.
func (e *eval) field(id ir.ExprID, x *ir.Expr) value {
	of := e.at(x.A)
	v := of.computed(id)
	if e.c.At(ir.ExprID(x.A)).Op == ir.Use || trustedField(x.Str) {
		v.taint = fieldTaint(x.Str, v.taint)
	}
	if e.fixed[field{e.n.module, x.Str}] && !requestField(x.Str) {
		v.taint = 0
	}
	v.loaded, v.rows = inside(of.loaded, x.Str), of.rows
	return v
}

// fieldTaint is the taint of a field of a record with taint t.
func fieldTaint(name string, t uint64) uint64 {
	switch {
	case requestField(name):
		return ofField(t)
	case trustedField(name):
		return 0
	}
	return t
}

// trustedField reports whether a field holds what the program itself put there,
// whatever else its record carries: of a connection, a socket, a changeset, a row.
func trustedField(name string) bool {
	switch name {
	case "assigns", "private", "host", "method", "port", "scheme", "remote_ip", "errors", "__meta__", "__struct__":
		return true
	}
	return false
}

// requestField reports whether a field of a request holds what the client sent.
func requestField(name string) bool {
	switch name {
	case "params", "body_params", "query_params", "path_params", "req_headers", "req_cookies", "cookies", "query_string", "request_path", "path_info":
		return true
	}
	return false
}

func (e *eval) make(id ir.ExprID, x *ir.Expr) value {
	v := unknown()
	for _, o := range e.c.List(x) {
		w := e.eval(o)
		rows := v.rows | w.rows
		v = v.with(w)
		v.rows = rows
	}
	rows := v.rows
	v = v.computed(id)
	v.lit, v.rows = literalOf(e.c, x), rows
	if x.Sub == ir.MakeAtom {
		e.sink(id, SinkAtom, v.taint)
		v.taint = 0
	}
	return v
}

func (e *eval) match(id ir.ExprID, x *ir.Expr) value {
	v := e.operand(ir.ExprID(x.B))
	if e.c.At(ir.ExprID(x.A)).Op != ir.Bind && !v.lazy {
		e.mustMatch(id, x, v)
		v.shape = e.through(e.shapeOf(v), ir.ExprID(x.A), ir.No)
	}
	e.bind(ir.ExprID(x.A), v)
	if e.c.At(ir.ExprID(x.A)).Op != ir.Bind {
		v.fail = 0 // it was accepted, or it raised
		e.accepted(ir.ExprID(x.B))
	}
	if x.Sub == ir.FailRaise && e.c.At(ir.ExprID(x.A)).Op != ir.Bind {
		e.acts++
	}
	return v
}

// accepted clears the failure of the variable in `{:ok, _} = name = value`.
func (e *eval) accepted(id ir.ExprID) {
	m := e.c.At(id)
	if m.Op != ir.Match {
		return
	}
	if b := e.c.At(ir.ExprID(m.A)); b.Op == ir.Bind && int(b.A) < len(e.vars) {
		e.vars[b.A].fail = 0
	}
}

// operand runs an expression whose value is bound at once: a function value
// waits until it is called.
func (e *eval) operand(id ir.ExprID) value {
	if op := e.c.At(id).Op; op == ir.Closure || op == ir.FuncRef {
		return value{def: int32(id), lazy: true}
	}
	return e.eval(id)
}

func (e *eval) block(x *ir.Expr) value {
	v := value{def: ir.No, lit: anyConst}
	list := e.c.List(x)
	var undo []saved
	for i, o := range list {
		v = e.eval(o)
		undo = e.passed(undo, o)
		if lost := max(v.fail, v.each); lost > 0 && i+1 < len(list) && e.c.At(o).Op != ir.Match {
			if !e.looksAgain(o, list[i+1:]) {
				e.discard(lost)
			}
		} else if i+1 < len(list) && e.c.At(o).Op == ir.Call {
			e.lose(o, v, false)
		}
		if v.lit == leaves {
			e.bury(list[i+1:])
			for _, rest := range list[i+1:] {
				e.dead(func() value { return e.eval(rest) })
			}
			break
		}
	}
	e.restore(undo)
	return v
}

// looksAgain reports whether an expression chooses by what a variable holds, and a
// later one reads the variable: the failure is still at hand.
func (e *eval) looksAgain(x ir.ExprID, later []ir.ExprID) bool {
	if e.c.At(x).Op != ir.Case || e.c.At(ir.ExprID(e.c.At(x).A)).Op != ir.Use {
		return false
	}
	v := e.c.At(ir.ExprID(e.c.At(x).A)).A
	return slices.ContainsFunc(later, func(o ir.ExprID) bool { return reads(e.c, o, v) })
}

// discard notes that a failure was thrown away.
func (e *eval) discard(fail int32) {
	at := e.fails[fail-1]
	for i := range e.discards {
		if e.discards[i].Expr == at.Expr {
			return
		}
	}
	e.discards = append(e.discards, Discard{next: at, InLoop: e.inLoop(), Apart: e.apart()})
}

func (e *eval) branch(id ir.ExprID, x *ir.Expr) value {
	cond := e.at(x.A)
	switch x.Sub {
	case ir.BranchAnd:
		undo := e.refine(ir.ExprID(x.A))
		v := e.when(ir.ExprID(x.A), x.B, true)
		e.restore(undo)
		first := cond.computed(ir.No)
		first.untrue = v.lit == leaves || v.untrue || cond.untrue
		first.shape = e.shapeOf(cond).only((*Alt).mayBeFalsy)
		return e.either(first, v)
	case ir.BranchOr:
		undo := e.refineNot(ir.ExprID(x.A))
		v := e.unlessLoaded(ir.ExprID(x.A), func() value { return e.when(ir.ExprID(x.A), x.C, false) })
		e.restore(undo)
		left := e.shapeOf(cond)
		if !left.never() && left.only((*Alt).mayBeFalsy).never() {
			return cond // what is right of it is never asked for
		}
		cond.shape = left.only(func(a *Alt) bool { return !a.falsy() })
		return e.either(cond, v)
	}
	switch e.inTests(ir.ExprID(x.A)) {
	case yes:
		if x.C < 0 {
			return e.orNil(value{def: ir.No}, id)
		}
		return e.at(x.C)
	case no:
		return e.at(x.B)
	}
	defer e.choosing(cond.chooses())()
	// `unless` has its arms swapped, so B always runs when the condition holds.
	undo := e.refine(ir.ExprID(x.A))
	var v value
	if cond.untrue || cond.lit == leaves {
		if x.B >= 0 {
			e.bury([]ir.ExprID{ir.ExprID(x.B)})
		}
		v = e.dead(func() value { return e.when(ir.ExprID(x.A), x.B, true) })
	} else {
		v = e.when(ir.ExprID(x.A), x.B, true)
	}
	e.restore(undo)
	if s := e.c.At(ir.ExprID(x.A)); s.Op == ir.Const && s.Sub != ir.LitNil && s.Str != "false" || e.certain(ir.ExprID(x.A)) {
		return v // the last condition of many
	}
	undo = e.refineNot(ir.ExprID(x.A))
	e.failed = append(e.failed, ir.ExprID(x.A))
	switch {
	case e.shapeOf(cond).unknownParam():
		s := together(e.shapeOf(v), e.shapes.any)
		v = v.join(e.when(ir.ExprID(x.A), x.C, false))
		v.shape = s
	case x.C >= 0:
		v = e.either(v, e.when(ir.ExprID(x.A), x.C, false))
	case x.B < 0:
		v = value{def: ir.No}
	default:
		v = e.orNil(v, id)
	}
	e.failed = e.failed[:len(e.failed)-1]
	e.restore(undo)
	return v
}

// certain reports whether a condition holds because one around it, which is its opposite, has failed.
func (e *eval) certain(cond ir.ExprID) bool {
	x := e.c.At(cond)
	if x.Op != ir.Call || x.Hi-x.Lo != 2 {
		return false
	}
	args := e.c.List(x)
	return slices.ContainsFunc(e.failed, func(f ir.ExprID) bool {
		y := e.c.At(f)
		if y.Op != ir.Call || y.Hi-y.Lo != 2 || opposite(e.c.Callees[x.A].Name) != e.c.Callees[y.A].Name {
			return false
		}
		others := e.c.List(y)
		return e.sameOperand(args[0], others[0]) && e.sameOperand(args[1], others[1])
	})
}

// opposite is the operator that holds where another one fails, or "no operator".
func opposite(operator string) string {
	switch operator {
	case "==":
		return "!="
	case "!=":
		return "=="
	case "===":
		return "!=="
	case "!==":
		return "==="
	}
	return "no operator"
}

// sameOperand reports whether two expressions read the same, or are the same constant.
func (e *eval) sameOperand(a, b ir.ExprID) bool {
	x, y := e.c.At(a), e.c.At(b)
	return x.Op == ir.Const && y.Op == ir.Const && x.Sub == y.Sub && x.Str == y.Str || e.sameRead(a, b)
}

// unlessLoaded runs what stands right of an `||`. Left of it may stand an association of a row, which
// is never false while it is not loaded: then what is right of it is for the rows that have none.
func (e *eval) unlessLoaded(left ir.ExprID, f func() value) value {
	if g := e.c.At(left); g.Op == ir.Get && e.refers[g.Str] {
		return e.inside(context{loop: ir.No, flags: Cached}, f)
	}
	return f()
}

// inTests is yes for a condition that holds only while the tests run, `Mix.env() == :test`,
// and no for one that holds except then: what is reported is what runs elsewhere.
func (e *eval) inTests(cond ir.ExprID) answer {
	x := e.c.At(cond)
	if x.Op != ir.Call || x.Hi-x.Lo != 2 {
		return maybe
	}
	asks, test := false, false
	for _, a := range e.c.List(x) {
		k := e.c.At(a)
		if k.Op == ir.Call {
			_, ext := e.resolve(&e.c.Callees[k.A])
			asks = ext != ir.No && e.p.Externs[ext].Module == "Mix" && e.p.Externs[ext].Name == "env"
		}
		test = test || k.Op == ir.Const && k.Sub == ir.LitAtom && k.Str == "test"
	}
	if !asks || !test {
		return maybe
	}
	switch e.c.Callees[x.A].Name {
	case "==", "===":
		return yes
	case "!=", "!==":
		return no
	}
	return maybe
}

// when runs an expression where a condition holds, or does not.
func (e *eval) when(cond ir.ExprID, body int32, holds bool) value {
	saved := e.only
	defer func() { e.only = saved }()
	if c := e.asks(cond, 4); c.how != unconditional {
		if e.only = c; !holds {
			e.only = c.not()
		}
	}
	if e.loadedCheck(cond, holds) == no {
		return e.inside(context{loop: ir.No, flags: Cached}, func() value { return e.at(body) })
	}
	return e.at(body)
}

// choose runs a case.
func (e *eval) choose(id ir.ExprID, x *ir.Expr) value {
	v := e.at(x.A)
	on := ir.ExprID(ir.No)
	if e.c.At(ir.ExprID(x.A)).Op == ir.Use {
		on = ir.ExprID(x.A)
	}
	e.mask(x, e.shapeOf(v))
	e.unaccepted(Unmatched{Where: AtCase, Expr: id, Value: ir.ExprID(x.A)}, e.shapeOf(v), e.shapeOf(v), e.c.List(x))
	asked := e.asks(ir.ExprID(x.A), 4)
	out := value{def: ir.No, lit: leaves}
	left := e.shapeOf(v)
	for _, arm := range e.c.List(x) {
		only := e.only
		if asked.how != unconditional {
			e.only = e.chosen(asked, arm)
		}
		var undo []saved
		if t, ok := e.truthArm(arm); ok {
			undo = e.assume(nil, ir.ExprID(x.A), t)
		}
		out, left = e.narrowed(out, arm, v, left, on)
		e.restore(undo)
		e.only = only
	}
	return out
}

// chosen is the condition under which an arm for a truth value runs.
func (e *eval) chosen(asked condition, arm ir.ExprID) condition {
	patterns, _, _ := e.c.Parts(e.c.At(arm))
	if len(patterns) != 1 {
		return e.only
	}
	switch p := e.c.At(patterns[0]); {
	case p.Op == ir.Const && (p.Sub == ir.LitNil || p.Sub == ir.LitBool && p.Str == "false"):
		return asked.not()
	case p.Op == ir.Const && p.Sub == ir.LitBool:
		return asked
	}
	return e.only
}

// truthArm is the truth value that an arm runs for, if it is one.
func (e *eval) truthArm(arm ir.ExprID) (is, ok bool) {
	patterns, _, _ := e.c.Parts(e.c.At(arm))
	if len(patterns) != 1 {
		return false, false
	}
	p := e.c.At(patterns[0])
	return p.Str == "true", p.Op == ir.Const && p.Sub == ir.LitBool
}

// mustMatch notes the alternatives of a value that a plain match does not accept.
func (e *eval) mustMatch(id ir.ExprID, x *ir.Expr, v value) {
	if x.Sub != ir.FailRaise {
		return
	}
	s := e.shapeOf(v)
	for i := range s.alts {
		if a := &s.alts[i]; fits(e.c, ir.ExprID(x.A), a) == refused {
			u := Unmatched{Where: AtMatch, Expr: id, Value: ir.ExprID(x.B), Alt: *a, Wrong: ir.No}
			if s.closed() {
				u.Wrong = e.wrongSize([]ir.ExprID{ir.ExprID(x.A)}, s, a)
			}
			e.unmatch(u)
		}
	}
}

// arms runs clauses over a value; on is the variable that it was read from, or No.
func (e *eval) arms(x *ir.Expr, v value, on ir.ExprID) value {
	out := value{def: ir.No, lit: leaves}
	left := e.shapeOf(v)
	for _, arm := range e.c.List(x) {
		out, left = e.narrowed(out, arm, v, left, on)
	}
	return out
}

func (e *eval) arm(id ir.ExprID, v value, on ir.ExprID) value {
	a := e.c.At(id)
	patterns, guard, body := e.c.Parts(a)
	falls := e.falls
	e.falls = false
	var undo []saved
	for _, p := range patterns {
		e.bind(p, v)
		if on != ir.No && literalPattern(e.c, p) {
			undo = e.clean(undo, e.c.At(on).A)
		}
	}
	if guard != ir.No {
		e.eval(guard)
		undo = append(undo, e.refine(guard)...)
		e.pages(guard, patterns)
	}
	acts, logs, sites := e.acts, e.logs, len(e.sites)
	out := e.armBody(patterns, body)
	if len(patterns) == 1 && e.acts == acts && !e.tells(out) {
		switch op := e.c.At(patterns[0]).Op; {
		case meansError(e.c, patterns[0]):
			e.lose(id, v, true)
		case falls && v.fail > 0 && (op == ir.Bind || op == ir.Any):
			e.swallows = append(e.swallows, Swallow{next: e.fails[v.fail-1], Arm: id, Other: true, Silent: len(e.sites) == sites, Apart: e.apart()})
		}
	}
	if v.fail > 0 && len(patterns) == 1 && meansError(e.c, patterns[0]) {
		if e.logs > logs {
			out.fail = 0 // whoever throws it away now loses nothing
		} else if out.fail == 0 && out.lit == errLit {
			out.fail = v.fail
		}
		if told := e.tells(out); out.fail == 0 && !told {
			e.swallows = append(e.swallows, Swallow{
				next: e.fails[v.fail-1], Arm: id, Reply: out.lit == replyLit, Other: out.lit != replyLit && out.lit != okLit,
				Acts: e.acts > acts, Silent: len(e.sites) == sites, Apart: e.apart(),
			})
		}
	}
	e.restore(undo)
	return out
}

// tells reports whether a result says that something failed, or is to be done
// later.
func (e *eval) tells(out value) bool {
	if out.lit == errLit || out.lit == leaves {
		return true
	}
	s := e.shapeOf(out)
	for i := range s.alts {
		switch s.alts[i].Tag {
		case "error", "cancel", "discard", "snooze", "false":
			return true
		}
	}
	return false
}

// armBody runs the body of an arm.
func (e *eval) armBody(patterns []ir.ExprID, body ir.ExprID) value {
	if e.missing(patterns) {
		return e.inside(context{loop: ir.No, flags: Cached}, func() value { return e.eval(body) })
	}
	return e.eval(body)
}

// pages notes that the elements of the loop that runs are lists, as a guard of
// the clause that takes them says.
func (e *eval) pages(guard ir.ExprID, patterns []ir.ExprID) {
	l := e.ctxs[e.cur].loop
	if l < 0 {
		return
	}
	e.c.Walk(guard, func(x ir.ExprID) bool {
		g := e.c.At(x)
		if g.Op != ir.Call || e.c.Callees[g.A].Name != "is_list" || g.Lo == g.Hi {
			return true
		}
		u := e.c.At(e.c.Lists[g.Lo])
		for _, p := range patterns {
			if b := e.c.At(p); u.Op == ir.Use && b.Op == ir.Bind && b.A == u.A {
				e.found[l].Pages = true
			}
		}
		return true
	})
}

// WhileFailing reports whether an expression of a node stands in an arm that deals
// with another failure.
func (r *Result) WhileFailing(id ClauseID, x ir.ExprID) bool {
	c := r.nodes[id].code
	at := c.Span(x)
	found := false
	c.Walk(r.Body(id), func(i ir.ExprID) bool {
		e := c.At(i)
		if found || !c.Span(i).Contains(at) {
			return false
		}
		if e.Op == ir.Arm {
			patterns, _, _ := c.Parts(e)
			found = e.Sub == ir.ArmRescue || e.Sub == ir.ArmCatch || len(patterns) == 1 && meansError(c, patterns[0])
		}
		return !found
	})
	return found
}

// meansError reports whether a pattern accepts an error and no success.
func meansError(c *ir.Code, pat ir.ExprID) bool {
	p := c.At(pat)
	switch p.Op {
	case ir.Match:
		return meansError(c, ir.ExprID(p.A)) || meansError(c, ir.ExprID(p.B))
	case ir.Const, ir.Make:
		return literalOf(c, p) == errLit
	}
	return false
}

func (e *eval) with(id ir.ExprID, x *ir.Expr) value {
	failing := unknown() // what a step that does not match gives
	failing.shape = e.shapes.none
	steps := steps{all: e.shapes.none}
	var undo []saved
	var widen []func()
	for i, o := range e.c.List(x) {
		s := e.c.At(o)
		switch {
		case s.Op == ir.Arm:
		case s.Op == ir.Match && s.Sub == ir.FailNext:
			v := e.operand(ir.ExprID(s.B))
			failing.shape = together(failing.shape, steps.add(e, s, v))
			v.shape = e.through(e.shapeOf(v), ir.ExprID(s.A), ir.No)
			e.bind(ir.ExprID(s.A), v)
			if b := e.c.At(ir.ExprID(s.B)); b.Op == ir.Use {
				widen = append(widen, e.reshape(b.A, v.shape)) // in the body it has gone through
			}
			if e.c.At(ir.ExprID(s.A)).Op != ir.Bind && !meansError(e.c, ir.ExprID(s.A)) {
				failing.dep |= v.dep
				failing.taint |= v.taint
				failing.thru |= v.thru
				if failing.fail == 0 && e.c.At(ir.ExprID(s.B)).Op != ir.Use {
					failing.fail = v.fail // a name may be read again
				}
			}
		default:
			if i > 0 && e.guards(e.c.List(x)[i-1], o) {
				undo = append(undo, e.refine(o)...)
			}
			if v := e.eval(o); max(v.fail, v.each) > 0 && s.Op != ir.Match {
				e.discard(max(v.fail, v.each))
			}
		}
	}
	out := e.at(x.A)
	e.restore(undo)
	for _, f := range slices.Backward(widen) {
		f()
	}
	steps.unaccepted(e, id, e.c.List(x))
	handled := false
	left := failing.shape
	for _, o := range e.c.List(x) {
		if e.c.At(o).Op == ir.Arm {
			handled = true
			e.falls = true
			likely := steps.likely(e.c, o, left)
			var rest *shape
			if out, rest = e.narrowed(out, o, failing, likely, ir.No); likely == left {
				left = rest
			}
			e.falls = false
		}
	}
	if !handled {
		s := together(e.shapeOf(out), failing.shape)
		if failing.fail+int32(failing.thru) != 0 {
			out = out.join(failing)
		}
		if !failing.shape.never() && out.lit == leaves {
			out.lit = noLit
		}
		out.shape = s
	}
	return out
}

func (e *eval) try(x *ir.Expr) value {
	v := e.guarded(x)
	for _, o := range e.c.List(x) {
		if e.c.At(o).Sub == ir.ArmElse {
			v = e.either(v, e.arm(o, v, ir.No))
		} else {
			v = e.either(v, e.arm(o, unknown(), ir.No))
		}
	}
	e.at(x.B)
	return v
}

// guarded runs what a try is about.
func (e *eval) guarded(x *ir.Expr) value {
	rescues, all, misfits := false, false, false
	for _, o := range e.c.List(x) {
		k := e.c.At(o).Sub
		rescues = rescues || k == ir.ArmRescue || k == ir.ArmCatch
		all = all || TakesRaise(e.c, o)
		misfits = misfits || takesMisfits(e.c, o)
	}
	if !rescues {
		return e.at(x.A)
	}
	return e.inside(context{loop: ir.No, flags: Rescued, caught: all, misfits: misfits}, func() value { return e.at(x.A) })
}
