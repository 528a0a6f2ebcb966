package elixir

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// lowerer turns the syntax of one text into the operations of one Code. It
// serves one module; code that macros put there from another file has a
// lowerer and a Code of its own.
type lowerer struct {
	p    *project
	m    *module
	t    *syntax.Tree
	code *ir.Code
	env  env

	fn      fnKey               // the function around, for __ENV__.function and recursion
	scope   map[string]ir.VarID // variables that can be seen
	undo    []shadowed
	callees map[ir.Callee]ir.CalleeID
	stack   []ir.ExprID // operands of the expressions that are under way
	capture []ir.VarID  // &1, &2, … of the innermost capture
	foreign int         // > 0 inside the arguments of a macro that knows names of its own
	quoted  int         // > 0 inside a quote
}

// shadowed remembers what a name meant before it was bound again.
type shadowed struct {
	name string
	id   ir.VarID
	was  bool
}

// lowerFile lowers the modules of one file; it returns their Codes in order.
// Of tests only modules and heads are lowered.
func (p *project) lowerFile(o *outline) []*ir.Code {
	var codes []*ir.Code
	for _, m := range o.all() {
		if m.funcs == nil { // inside a macro, never declared
			m.Code = &ir.Code{File: o.file}
			continue
		}
		codes = append(codes, p.lowerModule(m)...)
	}
	return codes
}

func (p *project) lowerModule(m *module) []*ir.Code {
	by := lowerers{p: p, m: m, made: map[*outline]*lowerer{}}
	main := by.of(m.from)
	m.Code = main.code
	light := m.from.file.Kind == source.Test
	for i := range m.attrs {
		m.Attrs = append(m.Attrs, by.attribute(&m.attrs[i], light))
	}
	for _, u := range m.uses {
		m.Uses = append(m.Uses, by.used(u))
	}
	m.Whole = p.whole(m)
	for _, f := range m.order {
		l := by.of(f.clauses[0].env.from)
		f.Code = l.code
		if !light {
			for _, c := range f.clauses {
				if c.env.from == l.env.from {
					l.clause(f, c)
				}
			}
		}
	}
	if !light {
		m.Body = by.body(m.exprs)
	}
	return by.codes
}

// lowerers are the lowerers of one module, one for each text.
type lowerers struct {
	p     *project
	m     *module
	made  map[*outline]*lowerer
	codes []*ir.Code
}

func (b *lowerers) of(o *outline) *lowerer {
	if l := b.made[o]; l != nil {
		return l
	}
	n := len(o.tree.Nodes)
	if o != b.m.from || b.m.node != syntax.None {
		n = 64
		if o == b.m.from {
			n = int(o.tree.Node(b.m.node).Size)
		}
	}
	code := &ir.Code{File: o.file, Module: b.m.ID, Exprs: make([]ir.Expr, 0, n), Lists: make([]ir.ExprID, 0, n/2)}
	l := &lowerer{
		p: b.p, m: b.m, t: o.tree, code: code, env: env{from: o, mod: b.m},
		scope: map[string]ir.VarID{}, callees: map[ir.Callee]ir.CalleeID{},
	}
	b.made[o] = l
	b.codes = append(b.codes, code)
	return l
}

func (b *lowerers) attribute(a *attr, light bool) ir.Attribute {
	l := b.of(a.env.from)
	out := ir.Attribute{Name: a.name, Value: ir.No, Code: l.code, Span: l.t.Span(a.at)}
	if !light {
		l.env = *a.env
		l.foreign++ // `@attr foo(x)` may call macros of the library
		out.Value = l.expr(a.node)
		l.foreign--
	}
	return out
}

func (b *lowerers) used(u used) ir.UsedModule {
	l := b.of(u.env.from)
	l.env = *u.env
	out := ir.UsedModule{Name: u.name, Code: l.code, Args: ir.No, Span: l.t.Span(u.at)}
	if u.opts != syntax.None {
		l.foreign++
		out.Args = l.expr(u.opts)
		l.foreign--
	}
	return out
}

// body lowers the module-level code; the parts that come from other texts stand in the Codes of those.
func (b *lowerers) body(exprs []stmt) ir.ExprID {
	main := b.of(b.m.from)
	mark := len(main.stack)
	clear(main.scope)
	main.undo = main.undo[:0]
	for i := range exprs {
		l := b.of(exprs[i].env.from)
		if l != main {
			clear(l.scope)
			l.undo = l.undo[:0]
		}
		l.env = exprs[i].env
		l.foreign++
		x := l.expr(exprs[i].node)
		l.foreign--
		if l == main {
			main.push(x)
		} else {
			b.m.Parts = append(b.m.Parts, ir.Part{Code: l.code, Expr: x})
		}
	}
	if len(main.stack) == mark {
		return ir.No
	}
	first, last := main.stack[mark], main.stack[len(main.stack)-1]
	return main.add(ir.Expr{Op: ir.Block, Start: main.code.At(first).Start, End: main.code.At(last).End}, mark)
}

// clause lowers one clause of a function.
func (l *lowerer) clause(f *function, c stmt) {
	t := l.t
	l.env = c.env
	l.fn = fnKey{f.Name, f.Arity}
	clear(l.scope)
	l.undo = l.undo[:0]
	if f.Macro() {
		l.quoted++
		defer func() { l.quoted-- }()
	}
	head := firstArg(t, c.node)
	_, params, _ := c.env.definedName(head)
	cl := ir.Clause{Guard: ir.No, Body: ir.No, Span: t.Span(c.node), Head: t.Span(head)}
	mark := len(l.stack)
	for _, p := range params {
		l.push(l.pattern(p))
	}
	cl.Params = append(cl.Params, l.stack[mark:]...)
	l.stack = l.stack[:mark]
	if t.Node(head).Kind == syn.Binary && t.Node(head).Op == syn.OpWhen {
		cl.Guard = l.expr(t.Next(t.First(head)))
	}
	switch {
	case f.Kind == ir.Delegate:
		cl.Body = l.delegate(f, c.node, cl.Params)
	default:
		cl.Body = l.functionBody(c.node)
	}
	f.Clauses = append(f.Clauses, cl)
}

// functionBody lowers `do … rescue … end` or `, do: expr`.
func (l *lowerer) functionBody(n syntax.NodeID) ir.ExprID {
	t := l.t
	do := doBlock(t, n)
	if do == syntax.None {
		if v := keywordArg(t, n, "do"); v != syntax.None {
			return l.expr(v)
		}
		return ir.No
	}
	first := t.First(do)
	if first == syntax.None {
		return l.empty(do)
	}
	if t.Next(first) == syntax.None {
		return l.sectionBody(first)
	}
	return l.try(n, do)
}

// delegate lowers `defdelegate f(a), to: M, as: g` to a call of M.g(a).
func (l *lowerer) delegate(f *function, n syntax.NodeID, params []ir.ExprID) ir.ExprID {
	to := keywordArg(l.t, n, "to")
	if to == syntax.None {
		return ir.No
	}
	name := f.Name
	if as := keywordArg(l.t, n, "as"); as != syntax.None {
		if v := l.env.eval(as, 0); v.kind == constAtom {
			name = v.text
		}
	}
	mod, ok := l.env.moduleName(to)
	if !ok {
		return ir.No
	}
	mark := len(l.stack)
	for _, p := range params {
		e := l.code.At(p)
		if e.Op == ir.Match {
			e = l.code.At(ir.ExprID(e.A))
		}
		if e.Op == ir.Bind {
			l.push(l.add(ir.Expr{Op: ir.Use, A: e.A, Str: e.Str, Start: e.Start, End: e.End}, -1))
		} else {
			l.push(l.add(ir.Expr{Op: ir.Opaque, Start: e.Start, End: e.End}, -1))
		}
	}
	f.Target = l.callee(mod, name, len(params), ir.Remote)
	return l.add(ir.Expr{Op: ir.Call, A: int32(f.Target), Start: l.t.Node(n).Start, End: l.t.Node(n).End}, mark)
}

// push puts an operand on the stack.
func (l *lowerer) push(e ir.ExprID) { l.stack = append(l.stack, e) }

// add appends an expression whose operands are on the stack from mark; -1: none.
func (l *lowerer) add(e ir.Expr, mark int) ir.ExprID {
	if mark >= 0 {
		e.Lo = int32(len(l.code.Lists))
		l.code.Lists = append(l.code.Lists, l.stack[mark:]...)
		e.Hi = int32(len(l.code.Lists))
		l.stack = l.stack[:mark]
	}
	l.code.Exprs = append(l.code.Exprs, e)
	return ir.ExprID(len(l.code.Exprs) - 1)
}

// at makes an expression with the place of a node.
func (l *lowerer) at(op ir.Op, n syntax.NodeID) ir.Expr {
	node := l.t.Node(n)
	return ir.Expr{Op: op, Start: node.Start, End: node.End}
}

func (l *lowerer) empty(n syntax.NodeID) ir.ExprID {
	e := l.at(ir.Block, n)
	return l.add(e, len(l.stack))
}

// enter opens a scope; leave takes back what was bound since.
func (l *lowerer) enter() int { return len(l.undo) }

func (l *lowerer) leave(mark int) {
	for i := len(l.undo) - 1; i >= mark; i-- {
		if u := l.undo[i]; u.was {
			l.scope[u.name] = u.id
		} else {
			delete(l.scope, u.name)
		}
	}
	l.undo = l.undo[:mark]
}

// bind makes a variable that is seen from here on.
func (l *lowerer) bind(name string, at ir.ExprID) ir.VarID {
	id := ir.VarID(len(l.code.Vars))
	l.code.Vars = append(l.code.Vars, ir.Var{Name: name, At: at})
	old, was := l.scope[name]
	l.undo = append(l.undo, shadowed{name, old, was})
	l.scope[name] = id
	return id
}

// callee gives the id of a callee in the Code.
func (l *lowerer) callee(module, name string, arity int, how ir.How) ir.CalleeID {
	c := ir.Callee{Module: module, Name: name, Arity: arity, How: how, Func: ir.No, Extern: ir.No}
	if id, ok := l.callees[c]; ok {
		return id
	}
	id := ir.CalleeID(len(l.code.Callees))
	l.code.Callees = append(l.code.Callees, c)
	l.callees[c] = id
	return id
}
