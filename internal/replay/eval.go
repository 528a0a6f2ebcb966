package replay

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// evaluator runs the code of migrations as far as its values are known. What
// is not known is an unknown value. Where it decides whether something runs, both
// ways are taken, and the effects are marked (state.maybe).
type evaluator struct {
	p     *ir.Program
	steps int // that are left
	depth int
	gone  bool // something was raised; nothing runs until it is rescued
	// outer answers the calls that the evaluator itself does not know.
	outer outer
	attrs map[*ir.Attribute]value
	maybe int // > 0 where it is not known whether the code runs
	calls int // functions of the project under way
}

// outer is what a run of code may do beyond computing.
type outer interface {
	// call answers the call of a library's function; ok is false when it has
	// nothing to say.
	call(e *evaluator, f *frame, c *call) (v value, ok bool)
	// gap notes that something is not known.
	gap(at source.Span, table, reason string)
	// aside notes it where it concerns no table, or only a detail of one.
	aside(at source.Span, reason string)
}

// call is one call with its arguments.
type call struct {
	module, name string
	args         []value
	ids          []ir.ExprID // of the arguments; a do-block has one and no value
	span         source.Span
	at           ir.ExprID
	discarded    bool // a statement whose value is not used
}

// arg is an argument, or nil where it is left out.
func (c *call) arg(i int) value {
	if i < len(c.args) {
		return c.args[i]
	}
	return null()
}

// options is the argument i when it is a keyword list.
func (c *call) options(i int) value {
	if i < len(c.args) {
		return c.args[i]
	}
	return value{kind: list}
}

// frame holds the variables of one call of a function.
type frame struct {
	code *ir.Code
	vars map[ir.VarID]value
	def  *ir.Func // the function, or nil
}

// Bounds of one run. Real migrations need a few thousand steps; closures and
// functions nest less than ten deep.
const (
	maxSteps = 400_000
	maxDepth = 400
	maxCalls = 60
)

func newFrame(c *ir.Code, f *ir.Func) *frame {
	return &frame{code: c, vars: map[ir.VarID]value{}, def: f}
}

// eval gives the value of an expression.
func (e *evaluator) eval(f *frame, id ir.ExprID) value {
	if id < 0 || e.gone {
		return null()
	}
	if e.steps <= 0 || e.depth >= maxDepth {
		e.exhausted(f, id)
		return value{}
	}
	e.steps--
	e.depth++
	defer func() { e.depth-- }()
	x := f.code.At(id)
	switch x.Op {
	case ir.Const:
		return constant(x)
	case ir.Use:
		return f.vars[ir.VarID(x.A)]
	case ir.Attr:
		return e.attribute(f, x)
	case ir.Block:
		return e.block(f, x)
	case ir.Call:
		return e.call(f, id, x)
	case ir.Make:
		return e.make(f, x)
	case ir.Match:
		v := e.eval(f, ir.ExprID(x.B))
		e.match(f, ir.ExprID(x.A), v)
		return v
	case ir.Branch:
		return e.branch(f, x)
	case ir.Closure:
		return value{kind: function, fn: &closure{frame: f, at: id}}
	case ir.FuncRef:
		return value{kind: function, fn: &closure{frame: f, at: id, named: &f.code.Callees[x.A]}}
	}
	return e.rare(f, id, x)
}

func (e *evaluator) rare(f *frame, id ir.ExprID, x *ir.Expr) value {
	switch x.Op {
	case ir.Get:
		return e.eval(f, ir.ExprID(x.A)).field(x.Str)
	case ir.Index:
		v, key := e.eval(f, ir.ExprID(x.A)), e.eval(f, ir.ExprID(x.B))
		return v.get(key)
	case ir.Case:
		return e.arms(f, f.code.List(x), []value{e.eval(f, ir.ExprID(x.A))})
	case ir.Loop:
		return e.loop(f, x)
	case ir.With:
		return e.with(f, x)
	case ir.Update:
		return e.update(f, x)
	case ir.Invoke:
		fn := e.eval(f, ir.ExprID(x.A))
		return e.invoke(fn, e.list(f, x), f.code.Span(id))
	case ir.Send:
		return e.send(f, id, x)
	case ir.Try:
		return e.try(f, x)
	case ir.Raise:
		e.raise()
	case ir.Quote:
		return e.block(f, x)
	case ir.Opaque:
		return e.opaque(f, x)
	}
	return value{}
}

// exhausted notes once that a run was cut off.
func (e *evaluator) exhausted(f *frame, id ir.ExprID) {
	if e.steps >= 0 && e.depth < maxDepth {
		e.outer.gap(f.code.Span(id), "", "the migration does too much to be followed")
		e.steps = -1
	}
}

// raise leaves what runs, unless it is not known whether it runs at all.
func (e *evaluator) raise() {
	if e.maybe == 0 {
		e.gone = true
	}
}

// perhaps runs code of which it is not known whether it runs.
func (e *evaluator) perhaps(run func() value) value {
	e.maybe++
	defer func() { e.maybe-- }()
	return run()
}

func constant(x *ir.Expr) value {
	switch x.Sub {
	case ir.LitNil:
		return null()
	case ir.LitBool, ir.LitAtom:
		return atomOf(x.Str)
	case ir.LitInt, ir.LitFloat:
		return value{kind: number, text: strings.ReplaceAll(x.Str, "_", "")}
	case ir.LitModule:
		return value{kind: module, text: x.Str}
	}
	return textOf(x.Str)
}

func (e *evaluator) block(f *frame, x *ir.Expr) value {
	last := null()
	for _, id := range f.code.List(x) {
		last = e.eval(f, id)
	}
	return last
}

// list evaluates the operand list of an expression.
func (e *evaluator) list(f *frame, x *ir.Expr) []value {
	ids := f.code.List(x)
	out := make([]value, len(ids))
	for i, id := range ids {
		out[i] = e.eval(f, id)
	}
	return out
}

// attribute reads `@name`, which was evaluated when its module was compiled.
func (e *evaluator) attribute(f *frame, x *ir.Expr) value {
	if x.A < 0 || f.code.Module < 0 {
		return value{}
	}
	attrs := e.p.Module(f.code.Module).Attrs
	if int(x.A) >= len(attrs) {
		return value{}
	}
	a := &attrs[x.A]
	v, done := e.attrs[a]
	if !done {
		e.attrs[a] = value{} // an attribute that reads itself is not known
		if a.Value != ir.No {
			v = e.eval(newFrame(a.Code, nil), a.Value)
		}
		e.attrs[a] = v
	}
	return v
}

func (e *evaluator) branch(f *frame, x *ir.Expr) value {
	cond := e.eval(f, ir.ExprID(x.A))
	truth, known := cond.truth()
	switch x.Sub {
	case ir.BranchAnd:
		return e.either(f, cond, known, !truth, ir.ExprID(x.B))
	case ir.BranchOr:
		return e.either(f, cond, known, truth, ir.ExprID(x.C))
	}
	if known {
		if truth {
			return e.eval(f, ir.ExprID(x.B))
		}
		return e.eval(f, ir.ExprID(x.C))
	}
	a := e.perhaps(func() value { return e.eval(f, ir.ExprID(x.B)) })
	b := e.perhaps(func() value { return e.eval(f, ir.ExprID(x.C)) })
	if same, known := equal(a, b); same && known {
		return a
	}
	return value{}
}

// either is the value of `a && b` and `a || b`: a's own when that decides.
func (e *evaluator) either(f *frame, a value, known, decides bool, b ir.ExprID) value {
	switch {
	case !known:
		e.perhaps(func() value { return e.eval(f, b) })
		return value{}
	case decides:
		return a
	}
	return e.eval(f, b)
}

// arms evaluates the first arm that matches; while it is not known whether one
// does, each of them perhaps.
func (e *evaluator) arms(f *frame, arms []ir.ExprID, args []value) value {
	open := false
	for _, id := range arms {
		arm := f.code.At(id)
		if arm.Op != ir.Arm {
			continue
		}
		patterns, guard, body := f.code.Parts(arm)
		yes := e.matchAll(f, patterns, args)
		if yes != never && guard != ir.No {
			truth, known := e.eval(f, guard).truth()
			yes = yes.and(known, truth)
		}
		switch {
		case yes == never:
		case yes == always && !open:
			return e.eval(f, body)
		default:
			open = true
			e.perhaps(func() value { return e.eval(f, body) })
			if yes == always {
				return value{}
			}
		}
	}
	return value{}
}

func (e *evaluator) with(f *frame, x *ir.Expr) value {
	open := false
	for _, id := range f.code.List(x) {
		step := f.code.At(id)
		if step.Op == ir.Arm {
			break
		}
		if step.Op != ir.Match {
			e.eval(f, id)
			continue
		}
		v := e.eval(f, ir.ExprID(step.B))
		switch e.match(f, ir.ExprID(step.A), v) {
		case never:
			return e.arms(f, f.code.List(x), []value{v})
		case perhaps:
			open = true
		}
	}
	if open {
		e.perhaps(func() value { return e.eval(f, ir.ExprID(x.A)) })
		return value{}
	}
	return e.eval(f, ir.ExprID(x.A))
}

// try runs a body; what it raises is not followed into its arms.
func (e *evaluator) try(f *frame, x *ir.Expr) value {
	v := e.eval(f, ir.ExprID(x.A))
	e.gone = false
	if x.B >= 0 {
		e.eval(f, ir.ExprID(x.B))
	}
	return v
}

func (e *evaluator) update(f *frame, x *ir.Expr) value {
	v := e.eval(f, ir.ExprID(x.A))
	parts := e.list(f, x)
	if v.kind != mapping && v.kind != object {
		return value{}
	}
	for i := 0; i+1 < len(parts); i += 2 {
		v = v.with(parts[i], parts[i+1])
	}
	return v
}

// opaque evaluates what stands inside something that is not understood.
func (e *evaluator) opaque(f *frame, x *ir.Expr) value {
	if x.Str == "__DIR__" {
		dir := f.code.File.Path
		return textOf(dir[:max(0, strings.LastIndexByte(dir, '/'))])
	}
	last := value{}
	for _, id := range f.code.List(x) {
		last = e.eval(f, id)
	}
	switch x.Str {
	case "do":
		return last
	case "__ENV__":
		return value{kind: mapping}.with(atomOf("file"), textOf(f.code.File.Path))
	}
	return value{}
}

func (e *evaluator) make(f *frame, x *ir.Expr) value {
	parts := e.list(f, x)
	switch x.Sub {
	case ir.MakeList:
		return listOf(parts)
	case ir.MakeCons:
		if last := parts[len(parts)-1]; last.kind == list {
			return listOf(append(parts[:len(parts)-1:len(parts)-1], last.items...))
		}
	case ir.MakeTuple:
		return value{kind: tuple, items: parts}
	case ir.MakeMap:
		return value{kind: mapping, items: parts}
	case ir.MakeString:
		return joined(str, parts)
	case ir.MakeAtom:
		return joined(atom, parts)
	case ir.MakeSigil:
		return sigil(x.Str, parts)
	case ir.MakeRange:
		return span(parts)
	}
	return value{}
}

// joined is an interpolated string or atom. One with a part that is not known
// is not known, and keeps the text before it.
func joined(k kind, parts []value) value {
	var b strings.Builder
	for _, p := range parts {
		s, ok := p.spelled()
		if !ok && p.kind == unknown {
			b.WriteString(p.text)
		}
		if !ok || b.Len()+len(s) > maxText {
			return value{text: b.String()}
		}
		b.WriteString(s)
	}
	return value{kind: k, text: b.String()}
}

func sigil(name string, parts []value) value {
	switch name {
	case "s", "S":
		return joined(str, parts)
	case "w", "W":
		words := joined(str, parts)
		if words.kind != str {
			return value{}
		}
		var out []value
		for _, w := range strings.Fields(words.text) {
			out = append(out, textOf(w))
		}
		return listOf(out)
	}
	return value{}
}

// span is the list of the numbers of a range.
func span(parts []value) value {
	first, ok1 := parts[0].integer()
	last, ok2 := parts[1].integer()
	if !ok1 || !ok2 || last-first >= maxItems {
		return value{}
	}
	if len(parts) == 3 {
		if step, ok := parts[2].integer(); !ok || step != 1 {
			return value{}
		}
	}
	var out []value
	for n := first; n <= last; n++ {
		out = append(out, intOf(n))
	}
	return listOf(out)
}
