package flow

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// Doubt says whether a row can be refused by a write. Only checks that the
// program asks for refuse a row as {:error, _}; everything else that goes wrong
// in a database raises.
type Doubt uint8

// The doubts, in rising order.
const (
	NoDoubt   Doubt = iota // a plain row, or one changed without any check
	CastDoubt              // values are only cast to their types and required
	Checked                // validated, constrained, or unknown
)

// maxDoubtSteps bounds the calls and values that are looked through.
const maxDoubtSteps = 600

// doubter follows the row of one write to where it comes from.
type doubter struct {
	a     *analysis
	steps int
	// inner is set inside a called function, whose parameters are judged where
	// it is called.
	inner bool
	// built is set when a row or a step of a changeset was seen on the way.
	built bool
	// literal stays true while every map that is cast is written out.
	literal bool
	// cols are the columns that are written, when the text tells: true for a
	// constant value. Rules about other columns passed when the row was made.
	cols map[string]bool
	// names are the parameters, inside a called function, that are constants.
	names map[ir.VarID]string
}

// doubtOf judges the argument that decides whether a write fails. Literal
// reports that what is cast is written out in the same function.
func (a *analysis) doubtOf(c *ir.Code, arg ir.ExprID, m *model.Call) (d Doubt, literal bool) {
	w := doubter{a: a, literal: true}
	if op := c.At(arg).Op; op == ir.Closure || op == ir.FuncRef {
		return Checked, false // a function may roll back
	}
	d = w.expr(c, arg)
	if m.Decides == "row" && d == Checked && !w.changeset(c, arg) {
		d = NoDoubt
	}
	return d, w.literal
}

// canFail reports whether a fallible call can answer {:error, _} to these
// arguments.
func (e *eval) canFail(m *model.Call, args []ir.ExprID) bool {
	if m.Decides == "" || m.Query == nil || *m.Query >= len(args) {
		return true
	}
	d, literal := e.doubtOf(e.c, args[*m.Query], m)
	return d == Checked || d == CastDoubt && !literal
}

// hop is one call on a path.
type hop struct {
	in   ClauseID
	call ir.ExprID
}

// SpelledOut reports whether no rule of the write at the end of a path can
// refuse it, given the columns that a call on the path writes out.
func (r *Result) SpelledOut(id ClauseID, at Failing) bool {
	var hops []hop
	for len(hops) < maxDepth && at.Callee != ir.No {
		hops = append(hops, hop{id, at.Expr})
		id, at = at.Callee, Failing{r.nodes[at.Callee].retPath}
	}
	return at.Expr != ir.No && r.spelledOut(hops, hop{id, at.Expr})
}

func (r *Result) spelledOut(hops []hop, last hop) bool {
	c := r.nodes[last.in].code
	write := c.At(last.call)
	if write.Op != ir.Call {
		return false
	}
	_, ext := r.resolve(&c.Callees[write.A])
	m := r.model(ext)
	args := c.List(write)
	if m == nil || m.Decides == "" || m.Query == nil || *m.Query >= len(args) {
		return false
	}
	// The nearest call that writes the columns out says which they are; the calls
	// behind it pass them on.
	for i := len(hops) - 1; i >= 0; i-- {
		given := r.nodes[hops[i].in].code
		if cols := columns(given, given.List(given.At(hops[i].call))); cols != nil {
			w := doubter{a: r.analysis, literal: true, inner: true, cols: cols}
			return w.expr(c, args[*m.Query]) < Checked
		}
	}
	return false
}

// columns are the keys of the map that a call is given last, or nil if it is
// not written out.
func columns(c *ir.Code, args []ir.ExprID) map[string]bool {
	var cols map[string]bool
	for _, a := range args[max(0, len(args)-1):] {
		id := origin(c, a)
		e := c.At(id)
		if e.Op != ir.Make || e.Sub != ir.MakeMap {
			return nil // a keyword list holds options
		}
		if cols == nil {
			cols = map[string]bool{}
		}
		eachColumn(c, e, func(key string, value ir.ExprID) {
			cols[key] = settled(c, value)
		})
	}
	return cols
}

// settled reports whether the program alone says what a value is: a constant, an
// attribute, or what a function makes of nothing, such as the time.
func settled(c *ir.Code, value ir.ExprID) bool {
	e := c.At(origin(c, value))
	return e.Op == ir.Const || e.Op == ir.Attr || e.Op == ir.Call && e.Lo == e.Hi
}

// eachColumn calls f with the constant keys of a map.
func eachColumn(c *ir.Code, e *ir.Expr, f func(key string, value ir.ExprID)) {
	l := c.List(e)
	for i := 0; i+1 < len(l); i += 2 {
		if k := c.At(l[i]); k.Op == ir.Const {
			f(k.Str, l[i+1])
		}
	}
}

// ruled reports whether a rule of a changeset is about a column that is
// written, and for a rule about its value alone, written with a value that is
// not a constant.
func (w *doubter) ruled(c *ir.Code, kind string, args []ir.ExprID) bool {
	if w.cols == nil {
		return true
	}
	if kind == "reference" {
		return false // the code names the row that it has at hand
	}
	if len(args) < 2 {
		return true
	}
	fields := []ir.ExprID{args[1]}
	if e := c.At(origin(c, args[1])); e.Op == ir.Make && e.Sub == ir.MakeList {
		fields = c.List(e)
	}
	for _, f := range fields {
		e := c.At(origin(c, f))
		name, known := e.Str, e.Op == ir.Const
		if e.Op == ir.Use {
			name, known = w.names[ir.VarID(e.A)]
		}
		if !known {
			return true
		}
		if constant, written := w.cols[name]; written && !(constant && kind == "check") {
			return true
		}
	}
	return false
}

// changeset reports whether an expression is visibly a changeset, or comes from a function of
// the project that may make one.
func (w *doubter) changeset(c *ir.Code, id ir.ExprID) bool {
	e := c.At(origin(c, id))
	return e.Op == ir.Call && w.a.makesChangeset(c, e, maxMakers, map[ir.FuncID]bool{})
}

// maxMakers is how many calls deep a function is looked through for what makes a changeset.
const maxMakers = 3

func (a *analysis) makesChangeset(c *ir.Code, call *ir.Expr, depth int, seen map[ir.FuncID]bool) bool {
	fn := c.Callees[call.A].Func
	if fn < 0 {
		return a.gives(c, call) == "changeset" || strings.HasSuffix(c.Callees[call.A].Name, "changeset")
	}
	if depth == 0 || seen[fn] {
		return false
	}
	seen[fn] = true
	found := false
	lo, hi := a.clauses(fn)
	for t := lo; t < hi && !found; t++ {
		n := &a.nodes[t]
		if n.clause.Body == ir.No {
			continue
		}
		n.code.Walk(n.clause.Body, func(x ir.ExprID) bool {
			if e := n.code.At(x); e.Op == ir.Call {
				found = found || a.makesChangeset(n.code, e, depth-1, seen)
			}
			return !found
		})
	}
	return found
}

func (a *analysis) gives(c *ir.Code, e *ir.Expr) string {
	if x := c.Callees[e.A].Extern; x != ir.No {
		if m := a.model(x); m != nil {
			return m.Gives
		}
	}
	return ""
}

// origin follows a variable to the value that a plain match gave it.
func origin(c *ir.Code, id ir.ExprID) ir.ExprID {
	for range maxDoubtSteps {
		e := c.At(id)
		if e.Op != ir.Use {
			return id
		}
		v, pattern := c.Given(ir.VarID(e.A))
		if v == ir.No || pattern {
			return id
		}
		id = v
	}
	return id
}

func (w *doubter) expr(c *ir.Code, id ir.ExprID) Doubt {
	if w.steps++; w.steps > maxDoubtSteps || id < 0 {
		return Checked
	}
	e := c.At(id)
	switch e.Op {
	case ir.Use:
		return w.variable(c, e)
	case ir.Make:
		w.built = true
		return NoDoubt
	case ir.Update:
		return w.expr(c, ir.ExprID(e.A))
	case ir.Match:
		return w.expr(c, ir.ExprID(e.B))
	case ir.Call:
		return w.call(c, e)
	case ir.Get, ir.Index:
		if w.inner {
			return NoDoubt
		}
		return Checked
	case ir.Block, ir.Branch, ir.Case, ir.With, ir.Try, ir.Arm, ir.Closure:
		worst := NoDoubt
		eachResult(c, id, func(r ir.ExprID) { worst = max(worst, w.expr(c, r)) })
		return worst
	case ir.Const, ir.Raise:
		return NoDoubt
	}
	return Checked
}

// eachResult calls f with the expressions whose value is the value of id.
func eachResult(c *ir.Code, id ir.ExprID, f func(ir.ExprID)) {
	e := c.At(id)
	part := func(x int32) {
		if x >= 0 {
			f(ir.ExprID(x))
		}
	}
	switch e.Op {
	case ir.Block:
		if l := c.List(e); len(l) > 0 {
			f(l[len(l)-1])
		}
	case ir.Branch:
		part(e.B)
		part(e.C)
	case ir.With, ir.Try:
		part(e.A)
		for _, x := range c.List(e) {
			if c.At(x).Op == ir.Arm {
				f(x)
			}
		}
	case ir.Case, ir.Closure:
		for _, x := range c.List(e) {
			f(x)
		}
	case ir.Arm:
		_, _, body := c.Parts(e)
		f(body)
	}
}

func (w *doubter) variable(c *ir.Code, e *ir.Expr) Doubt {
	v, pattern := c.Given(ir.VarID(e.A))
	switch {
	case v != ir.No && !pattern:
		return w.expr(c, v)
	case v != ir.No && c.At(v).Op == ir.Make && c.At(v).Sub == ir.MakeStruct:
		return NoDoubt // `%Row{} = row`
	case w.inner || w.inside(c, ir.VarID(e.A)):
		return NoDoubt // a row out of a result, judged by what is done to it
	}
	return Checked
}

// inside reports whether a variable is bound inside a tuple, as in `{:ok, row}`.
func (w *doubter) inside(c *ir.Code, v ir.VarID) bool {
	at := c.Vars[v].At
	if at == ir.No {
		return false
	}
	for id := at + 1; int(id) < len(c.Exprs) && id < at+3; id++ {
		if m := c.At(id); m.Op == ir.Make && m.Sub == ir.MakeTuple {
			for _, x := range c.List(m) {
				if x == at {
					return true
				}
			}
		}
	}
	return false
}

func (w *doubter) call(c *ir.Code, e *ir.Expr) Doubt {
	k := &c.Callees[e.A]
	args := c.List(e)
	if k.Func >= 0 {
		return w.function(c, k.Func, args)
	}
	if k.Extern == ir.No {
		return Checked
	}
	m := w.a.model(k.Extern)
	if m == nil {
		return Checked
	}
	w.built = w.built || m.Gives == "changeset" || m.Gives == "multi" || m.Gives == "row"
	own := NoDoubt
	switch m.Rejects {
	case "check", "constraint", "reference":
		if m.Gives == "multi" && w.succeeds(c, m, args) {
			break
		}
		if w.ruled(c, m.Rejects, args) {
			return Checked
		}
	case "cast":
		own = CastDoubt
		if len(args) > 1 && !spelled(c, args[1]) {
			w.literal = false
		}
	case "":
		switch {
		case m.Effects == 0 && len(m.Runs) > 0 && m.Gives == "" && m.Runs[0] < len(args) && c.At(args[m.Runs[0]]).Op == ir.Closure:
			return w.base(c, args[m.Runs[0]]) // such as a fold
		case m.Gives == "row" || w.inner && m.Gives != "changeset" && m.Gives != "multi":
			return NoDoubt
		case m.Gives != "changeset" && m.Gives != "multi":
			return Checked
		case m.Gives == "multi" && m.Query != nil && *m.Query < len(args) && !statement(m.Asks):
			own = w.base(c, args[*m.Query])
		}
	}
	if len(args) == 0 {
		return own
	}
	return max(own, w.base(c, args[0]))
}

// statement reports whether a step of a transaction is a statement for many rows,
// or a query: it raises where it does not work.
func statement(asks string) bool {
	switch asks {
	case "", "insert", "update", "delete":
		return false
	}
	return true
}

// base judges what a changeset or a transaction is built on: a value of unknown
// origin is a row there.
func (w *doubter) base(c *ir.Code, id ir.ExprID) Doubt {
	if w.foundRow(c, id) {
		return NoDoubt
	}
	saved := w.inner
	w.inner = true
	d := w.expr(c, id)
	w.inner = saved
	return d
}

// foundRow reports whether an expression is what a library's function of which nothing is known
// makes of anything but a changeset, such as the user of a request.
func (w *doubter) foundRow(c *ir.Code, id ir.ExprID) bool {
	e := c.At(origin(c, id))
	if e.Op != ir.Call {
		return false
	}
	k := &c.Callees[e.A]
	if k.Extern == ir.No || w.a.model(k.Extern) != nil || strings.Contains(k.Name, "changeset") {
		return false
	}
	return !slices.ContainsFunc(c.List(e), func(x ir.ExprID) bool {
		op := c.At(x).Op
		return op == ir.Closure || op == ir.FuncRef || w.changeset(c, x)
	})
}

// spelled reports whether a map is written out, so that its keys are known.
func spelled(c *ir.Code, id ir.ExprID) bool {
	e := c.At(origin(c, id))
	return e.Op == ir.Make && (e.Sub == ir.MakeMap || e.Sub == ir.MakeList)
}

// constants are the parameters of a clause that a call gives constants.
func (w *doubter) constants(c *ir.Code, args []ir.ExprID, pc *ir.Code, params []ir.ExprID) map[ir.VarID]string {
	var names map[ir.VarID]string
	for i, a := range args {
		if i >= len(params) || pc.At(params[i]).Op != ir.Bind {
			continue
		}
		e := c.At(a)
		name, known := e.Str, e.Op == ir.Const
		if e.Op == ir.Use {
			name, known = w.names[ir.VarID(e.A)]
		}
		if known {
			if names == nil {
				names = map[ir.VarID]string{}
			}
			names[ir.VarID(pc.At(params[i]).A)] = name
		}
	}
	return names
}

// function judges what a function of the project gives: the row of its first
// argument with what it adds.
func (w *doubter) function(c *ir.Code, f ir.FuncID, args []ir.ExprID) Doubt {
	fn := w.a.p.Func(f)
	worst := NoDoubt
	in := doubter{a: w.a, steps: w.steps + 1, inner: true, literal: true, cols: w.cols}
	if cols := columns(c, args); cols != nil {
		in.cols = cols
	}
	for i := range fn.Clauses {
		if b := fn.Clauses[i].Body; b != ir.No {
			in.names = w.constants(c, args, fn.Code, fn.Clauses[i].Params)
			worst = max(worst, in.expr(fn.Code, b))
		}
	}
	w.steps = in.steps
	if worst == CastDoubt && w.cols == nil {
		// What the function casts came in with the arguments.
		for _, a := range args[min(1, len(args)):] {
			w.literal = w.literal && spelled(c, a)
		}
	}
	w.built = w.built || in.built
	switch {
	case worst == Checked || len(args) == 0:
	case in.built:
		worst = max(worst, w.base(c, args[0]))
	default:
		worst = max(worst, w.expr(c, args[0]))
	}
	return worst
}
