package replay

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// call evaluates a call: of the project's own function by its body, of a
// library's by what is known of it.
func (e *evaluator) call(f *frame, id ir.ExprID, x *ir.Expr) value {
	k := &f.code.Callees[x.A]
	ids := f.code.List(x)
	c := &call{module: k.Module, name: k.Name, ids: ids, span: f.code.Span(id), at: id, discarded: x.Flags&ir.FlagDiscard != 0}
	if k.Func >= 0 {
		// A macro runs what it quotes, with the arguments in place of its parameters.
		return e.own(e.p.Func(k.Func), e.list(f, x), c.span)
	}
	if k.Extern >= 0 {
		c.module = e.p.Externs[k.Extern].Module
	}
	if v, done := e.lazy(f, c); done {
		return v
	}
	c.args = e.list(f, x)
	return e.library(f, c)
}

// lazy evaluates the operators that do not always evaluate what stands on
// their right, and blocks that belong to a command.
func (e *evaluator) lazy(f *frame, c *call) (value, bool) {
	if last := len(c.ids) - 1; last == 1 && c.module == migrations && isBlock(f, c.ids[last]) {
		c.args = []value{e.eval(f, c.ids[0])}
		return e.outer.call(e, f, c)
	}
	return value{}, false
}

// isBlock reports whether an argument is `do … end` or `do: …`.
func isBlock(f *frame, id ir.ExprID) bool {
	x := f.code.At(id)
	if x.Op == ir.Opaque {
		return x.Str == "do"
	}
	if x.Op != ir.Make || x.Sub != ir.MakeList || x.Hi-x.Lo != 1 {
		return false
	}
	pair := f.code.At(f.code.List(x)[0])
	if pair.Op != ir.Make || pair.Sub != ir.MakeTuple || pair.Hi-pair.Lo != 2 {
		return false
	}
	key := f.code.At(f.code.List(pair)[0])
	return key.Op == ir.Const && key.Str == "do"
}

// library answers a call of something that the project does not define.
func (e *evaluator) library(f *frame, c *call) value {
	if v, ok := e.outer.call(e, f, c); ok {
		return v
	}
	if v, ok := e.prelude(c); ok {
		return v
	}
	e.runHanded(c)
	return value{}
}

// runHanded runs the functions that an unknown call was given: it may call
// them.
func (e *evaluator) runHanded(c *call) {
	for _, a := range c.args {
		if a.kind == function {
			e.perhaps(func() value { return e.invoke(a, nil, c.span) })
		}
	}
}

// own calls a function of the project.
func (e *evaluator) own(fn *ir.Func, args []value, at source.Span) value {
	if e.calls >= maxCalls {
		e.outer.gap(at, "", "functions call each other too deeply to be followed")
		return value{}
	}
	e.calls++
	defer func() { e.calls-- }()
	open := false
	for i := range fn.Clauses {
		cl := &fn.Clauses[i]
		if cl.Body == ir.No {
			continue
		}
		f := newFrame(fn.Code, fn)
		yes := e.params(f, fn, cl, args)
		if yes != never && cl.Guard != ir.No {
			truth, known := e.eval(f, cl.Guard).truth()
			yes = yes.and(known, truth)
		}
		switch {
		case yes == never:
		case yes == always && !open:
			return e.eval(f, cl.Body)
		default:
			open = true
			e.perhaps(func() value { return e.eval(f, cl.Body) })
			if yes == always {
				return value{}
			}
		}
	}
	return value{}
}

// params binds the parameters of a clause. Defaults stand in for the arguments
// that are left out, from the left.
func (e *evaluator) params(f *frame, fn *ir.Func, cl *ir.Clause, args []value) fits {
	given := len(args) - (fn.Arity - fn.Defaults) // defaults that have an argument
	all, next := always, 0
	for i, p := range cl.Params {
		x := f.code.At(p)
		def := defaulted(fn, i)
		switch {
		case def && x.Op == ir.Match && given <= 0:
			e.match(f, ir.ExprID(x.A), e.eval(f, ir.ExprID(x.B)))
			continue
		case def && given <= 0:
			e.match(f, p, e.defaultOf(fn, i))
			continue
		case def:
			given--
		}
		if next >= len(args) {
			return never
		}
		if def && x.Op == ir.Match {
			p = ir.ExprID(x.A)
		}
		all = min(all, e.match(f, p, args[next]))
		next++
	}
	return all
}

// defaulted reports whether a parameter has a default value, in whichever
// clause it stands.
func defaulted(fn *ir.Func, i int) bool {
	if fn.Defaults == 0 {
		return false
	}
	x := fn.Code.At(fn.Clauses[0].Params[i])
	return x.Op == ir.Match
}

func (e *evaluator) defaultOf(fn *ir.Func, i int) value {
	x := fn.Code.At(fn.Clauses[0].Params[i])
	return e.eval(newFrame(fn.Code, fn), ir.ExprID(x.B))
}

// invoke calls a function value.
func (e *evaluator) invoke(fn value, args []value, at source.Span) value {
	if fn.kind != function {
		return value{}
	}
	if e.calls >= maxCalls {
		e.outer.gap(at, "", "functions call each other too deeply to be followed")
		return value{}
	}
	e.calls++
	defer func() { e.calls-- }()
	c := fn.fn
	if c.named != nil {
		return e.invokeNamed(c, args)
	}
	code := c.frame.code
	arms := code.List(code.At(c.at))
	if args == nil && len(arms) > 0 {
		patterns, _, _ := code.Parts(code.At(arms[0]))
		args = make([]value, len(patterns))
	}
	return e.arms(c.frame, arms, args)
}

func (e *evaluator) invokeNamed(c *closure, args []value) value {
	k := c.named
	if k.Func >= 0 && !e.p.Func(k.Func).Macro() {
		return e.own(e.p.Func(k.Func), args, c.frame.code.Span(c.at))
	}
	called := &call{module: k.Module, name: k.Name, args: args, span: c.frame.code.Span(c.at)}
	if k.Extern >= 0 {
		called.module = e.p.Externs[k.Extern].Module
	}
	return e.library(c.frame, called)
}

// send calls a function of a module that is a value.
func (e *evaluator) send(f *frame, id ir.ExprID, x *ir.Expr) value {
	target := e.eval(f, ir.ExprID(x.A))
	args := e.list(f, x)
	if target.kind == module {
		if m := e.p.ModuleNamed(target.text); m != nil {
			if fn := e.p.FuncNamed(m.ID, x.Str, len(args)); fn != nil {
				return e.own(fn, args, f.code.Span(id))
			}
		}
	}
	c := &call{module: target.text, name: x.Str, args: args, span: f.code.Span(id)}
	if target.kind == mapping || target.kind == object {
		return target.field(x.Str)
	}
	return e.library(f, c)
}

// loop evaluates a comprehension.
func (e *evaluator) loop(f *frame, x *ir.Expr) value {
	l := &looping{e: e, f: f, x: x, parts: f.code.List(x), known: true}
	if x.Flags&ir.FlagReduce != 0 {
		l.reduce()
	}
	l.run(0)
	switch {
	case !l.known:
		return value{}
	case l.arms != nil:
		return l.acc
	case l.into():
		out := value{kind: mapping}
		for _, p := range listOf(l.out).pairs() {
			out = out.with(p[0], p[1])
		}
		return out
	}
	return listOf(l.out)
}

// looping is one comprehension under way.
type looping struct {
	e     *evaluator
	f     *frame
	x     *ir.Expr
	parts []ir.ExprID
	arms  []ir.ExprID // of a reduce
	acc   value
	out   []value
	known bool
}

// reduce takes the accumulator and the arms off the operands.
func (l *looping) reduce() {
	n := len(l.parts)
	for n > 0 && l.f.code.At(l.parts[n-1]).Op == ir.Arm {
		n--
	}
	l.arms = l.parts[n:]
	l.parts = l.parts[:n]
	for i, id := range l.parts {
		if l.f.code.At(id).Op != ir.Generator && (i == 0 || l.f.code.At(l.parts[i-1]).Op == ir.Generator) && i == n-1 {
			l.acc = l.e.eval(l.f, id)
			l.parts = l.parts[:i]
			return
		}
	}
}

// into reports whether the comprehension makes a map.
func (l *looping) into() bool {
	if len(l.parts) == 0 {
		return false
	}
	x := l.f.code.At(l.parts[len(l.parts)-1])
	return x.Op == ir.Make && x.Sub == ir.MakeMap
}

// run goes through the generators and filters from part i on, then the body.
func (l *looping) run(i int) {
	if l.e.gone || l.e.steps <= 0 {
		return
	}
	if i == len(l.parts) {
		l.body()
		return
	}
	x := l.f.code.At(l.parts[i])
	if x.Op != ir.Generator {
		truth, known := l.e.eval(l.f, l.parts[i]).truth()
		switch {
		case !known:
			l.known = false
			l.e.perhaps(func() value { l.run(i + 1); return value{} })
		case truth:
			l.run(i + 1)
		}
		return
	}
	items, ok := l.e.eval(l.f, ir.ExprID(x.B)).elements()
	if !ok {
		l.known = false
		l.e.forget(l.f, []ir.ExprID{ir.ExprID(x.A)})
		l.e.perhaps(func() value { l.run(i + 1); return value{} })
		return
	}
	for _, v := range items {
		if l.e.match(l.f, ir.ExprID(x.A), v) != never {
			l.run(i + 1)
		}
	}
}

func (l *looping) body() {
	if l.arms != nil {
		l.acc = l.e.arms(l.f, l.arms, []value{l.acc})
		return
	}
	v := l.e.eval(l.f, ir.ExprID(l.x.A))
	if len(l.out) >= maxItems {
		l.known = false
		return
	}
	l.out = append(l.out, v)
}
