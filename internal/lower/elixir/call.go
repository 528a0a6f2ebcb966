package elixir

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// call lowers a call; piped is the argument from the left of a pipe, or No.
func (l *lowerer) call(n syntax.NodeID, piped ir.ExprID) ir.ExprID {
	t := l.t
	callee := t.First(n)
	a, do := args(t, n), doBlock(t, n)
	switch t.Node(callee).Kind {
	case syn.Name:
		return l.localCall(n, t.Text(callee), piped, a, do)
	case syn.Dot:
		return l.dotCall(n, callee, piped, a, do)
	case syn.AnonDot:
		mark := len(l.stack)
		l.operands(piped, a, do)
		e := l.at(ir.Invoke, n)
		e.A = int32(l.expr(t.First(callee)))
		return l.add(e, mark)
	}
	mark := len(l.stack)
	l.push(l.expr(callee))
	l.operands(piped, a, do)
	return l.add(l.at(ir.Opaque, n), mark)
}

// operands pushes the arguments of a call in order.
func (l *lowerer) operands(piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) {
	if piped != ir.No {
		l.push(piped)
	}
	for _, x := range a {
		l.push(l.expr(x))
	}
	if do != syntax.None {
		l.push(l.doArgument(do))
	}
}

// doArgument lowers the do block that a macro is given: it runs in place.
func (l *lowerer) doArgument(do syntax.NodeID) ir.ExprID {
	mark := len(l.stack)
	for s := l.t.First(do); s != syntax.None; s = l.t.Next(s) {
		id := l.sectionBody(s)
		if b := l.code.At(id); b.Op == ir.Block && l.t.Node(s).Op == syn.SectionAfter {
			b.Str = "after"
		}
		l.push(id)
	}
	e := l.at(ir.Opaque, do)
	e.Str = "do"
	return l.add(e, mark)
}

// localCall lowers a call of a plain name: a special form of the language, a
// function of the module, an import, or the prelude's.
func (l *lowerer) localCall(n syntax.NodeID, name string, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	arity := len(a)
	if piped != ir.No {
		arity++
	}
	if do != syntax.None {
		arity++
	}
	if form := specialForm(name); form != nil && !l.m.defines(fnKey{name, arity}) {
		if id := form(l, n, piped, a, do); id != ir.No {
			return id
		}
	}
	module, how := l.resolve(name, arity)
	if how == ir.Unresolved && (l.foreign > 0 || l.quoted > 0) {
		mark := len(l.stack)
		l.operands(piped, a, do)
		e := l.at(ir.Opaque, n)
		e.Str = name
		return l.add(e, mark)
	}
	return l.finishCall(n, module, name, arity, how, piped, a, do)
}

func (l *lowerer) finishCall(n syntax.NodeID, module, name string, arity int, how ir.How, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	e := l.at(ir.Call, n)
	if l.foreign > 0 || l.quoted > 0 {
		e.Flags |= ir.FlagForeign
	}
	foreign := l.foreignMacro(module, name, arity, how)
	if foreign {
		l.foreign++
		e.Flags |= ir.FlagMacro
	}
	mark := len(l.stack)
	l.operands(piped, a, do)
	if foreign {
		l.foreign--
	}
	e.A = int32(l.callee(module, name, arity, how))
	if piped != ir.No {
		e.Flags |= ir.FlagPiped
	}
	if l.t.Node(n).Flags&syn.FlagParens != 0 {
		e.Flags |= ir.FlagParens
	}
	return l.add(e, mark)
}

// dotCall lowers `M.f(a)`, `m.f(a)` and `record.field`.
func (l *lowerer) dotCall(n, dot syntax.NodeID, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	t := l.t
	left := t.First(dot)
	right := t.Next(left)
	name := ""
	if right != syntax.None {
		name = syn.AtomName(t, right)
	}
	module, ok := l.receiver(left)
	arity := len(a)
	if piped != ir.No {
		arity++
	}
	if do != syntax.None {
		arity++
	}
	switch {
	case name == "unquote" || name == "unquote_splicing":
		return l.opaque(n, name)
	case ok && name != "":
		return l.remoteCall(n, module, name, arity, piped, a, do)
	case len(a) == 0 && do == syntax.None && piped == ir.No && t.Node(n).Flags&syn.FlagParens == 0 && name != "":
		e := l.at(ir.Get, n)
		e.A, e.Str = int32(l.expr(left)), name
		return l.add(e, -1)
	}
	e := l.at(ir.Send, n)
	e.A, e.Str = int32(l.expr(left)), name
	if l.foreign > 0 || l.quoted > 0 {
		e.Flags |= ir.FlagForeign
	}
	mark := len(l.stack)
	l.operands(piped, a, do)
	return l.add(e, mark)
}

// receiver is the module left of a dot, when the text tells it.
func (l *lowerer) receiver(left syntax.NodeID) (string, bool) {
	t := l.t
	switch node := t.Node(left); node.Kind {
	case syn.Alias, syn.Atom, syn.QAtom:
		return l.env.moduleName(left)
	case syn.Ident:
		if t.Text(left) == "__MODULE__" {
			return l.env.moduleName(left)
		}
		return "", false
	case syn.Unary:
		if node.Op == syn.OpAt {
			return l.env.moduleName(left)
		}
	case syn.Call:
		if localName(t, left) == "unquote" {
			return l.env.moduleName(left)
		}
		return l.constFunction(left)
	}
	return "", false
}

// constFunction is the module that `impl()` gives, when the function is the
// module's own and its whole body is that name.
func (l *lowerer) constFunction(call syntax.NodeID) (string, bool) {
	f := l.m.funcs[fnKey{localName(l.t, call), len(args(l.t, call))}]
	if f == nil || len(f.clauses) != 1 || f.Macro() {
		return "", false
	}
	c := f.clauses[0]
	body := doBody(c.env.from.tree, c.node)
	if body == syntax.None {
		return "", false
	}
	if s := statements(c.env.from.tree, body); len(s) == 1 && c.env.from.tree.Node(s[0]).Kind == syn.Alias {
		return c.env.moduleName(s[0])
	}
	return "", false
}

func (l *lowerer) remoteCall(n syntax.NodeID, module, name string, arity int, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	if module == "Kernel" || module == "Kernel.SpecialForms" {
		if form := specialForm(name); form != nil {
			if id := form(l, n, piped, a, do); id != ir.No {
				return id
			}
		}
	}
	return l.finishCall(n, module, name, arity, ir.Remote, piped, a, do)
}

// form lowers a special form; No means that the call is an ordinary one.
type form func(l *lowerer, n syntax.NodeID, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID

// specialForm finds the form of a name of Kernel or Kernel.SpecialForms whose
// meaning is control flow or binding; nil for every other name.
func specialForm(name string) form {
	switch name {
	case "if", "unless":
		return ifForm
	case "case":
		return caseForm
	case "cond":
		return condForm
	case "with":
		return withForm
	case "for":
		return forForm
	case "try":
		return tryForm
	case "receive":
		return receiveForm
	case "raise":
		return raiseForm(ir.RaiseError)
	case "reraise":
		return raiseForm(ir.RaiseAgain)
	case "throw":
		return raiseForm(ir.RaiseThrow)
	case "exit":
		return raiseForm(ir.RaiseExit)
	case "match?":
		return matchForm
	case "quote":
		return quoteForm
	case "unquote", "unquote_splicing":
		return unquoteForm
	case "alias", "import", "require":
		return directive
	case "use":
		return useInside
	case "super":
		return superForm
	}
	return nil
}

// directive carries out alias, import and require inside a body.
func directive(l *lowerer, n syntax.NodeID, _ ir.ExprID, a []syntax.NodeID, _ syntax.NodeID) ir.ExprID {
	if len(a) == 0 {
		return ir.No
	}
	switch localName(l.t, n) {
	case "import":
		links := l.env.importLinks(n)
		for i := range links {
			links[i].next = l.env.imports
			l.env.imports = &links[i]
		}
	case "alias":
		l.env.alias(n)
	case "require":
		if keywordArg(l.t, n, "as") != syntax.None {
			l.env.alias(n)
		}
	}
	return l.named(n, localName(l.t, n))
}

// useInside keeps the operands of a `use` in a body; it defines nothing.
func useInside(l *lowerer, n syntax.NodeID, _ ir.ExprID, a []syntax.NodeID, _ syntax.NodeID) ir.ExprID {
	for _, x := range a[:min(1, len(a))] {
		for _, name := range l.env.modules(x) {
			if u := l.p.models.UseOf(name); u != nil {
				for _, i := range append(u.Import[:len(u.Import):len(u.Import)], u.Inside...) {
					l.env.imports = &importLink{module: i, next: l.env.imports}
				}
			}
		}
	}
	return l.named(n, "use")
}

func quoteForm(l *lowerer, n syntax.NodeID, _ ir.ExprID, _ []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	body := do
	if body == syntax.None {
		body = keywordArg(l.t, n, "do")
	}
	if body == syntax.None {
		return ir.No
	}
	l.quoted++
	mark := len(l.stack)
	if do != syntax.None {
		l.push(l.doArgument(do))
	} else {
		l.push(l.scoped(body))
	}
	l.quoted--
	return l.add(l.at(ir.Quote, n), mark)
}

// unquoteForm lowers `unquote(x)`: in a definition that a macro put here, what
// the macro was given; in a quote, code that runs in the macro.
func unquoteForm(l *lowerer, n syntax.NodeID, _ ir.ExprID, a []syntax.NodeID, _ syntax.NodeID) ir.ExprID {
	if len(a) != 1 {
		return ir.No
	}
	if l.t.Node(a[0]).Kind == syn.Ident {
		for b := l.env.binds; b != nil; b = b.next {
			if b.name == l.t.Text(a[0]) {
				return l.bound(n, b)
			}
		}
	}
	l.quoted++
	id := l.expr(a[0])
	l.quoted--
	return id
}

// bound lowers the operand that a macro's name stands for, if it is in the
// same text.
func (l *lowerer) bound(n syntax.NodeID, b *bindLink) ir.ExprID {
	if b.env == nil || b.node == syntax.None || b.env.from != l.env.from {
		return l.named(n, "unquote")
	}
	saved := l.env
	l.env = *b.env
	defer func() { l.env = saved }()
	switch l.t.Node(b.node).Kind {
	case syn.DoBlock:
		return l.doArgument(b.node)
	case syn.Section:
		return l.sectionBody(b.node)
	}
	return l.expr(b.node)
}

// raiseForm lowers raise, reraise, throw and exit.
func raiseForm(kind ir.RaiseKind) form {
	return func(l *lowerer, n syntax.NodeID, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID {
		mark := len(l.stack)
		l.operands(piped, a, do)
		e := l.at(ir.Raise, n)
		e.Sub = kind
		return l.add(e, mark)
	}
}

// matchForm lowers `match?(pattern, value)` to a case that gives true or false.
func matchForm(l *lowerer, n syntax.NodeID, piped ir.ExprID, a []syntax.NodeID, _ syntax.NodeID) ir.ExprID {
	if len(a) != 2 || piped != ir.No {
		return ir.No
	}
	value := l.expr(a[1])
	mark := l.enter()
	p := a[0]
	guard := ir.ExprID(ir.No)
	if node := l.t.Node(p); node.Kind == syn.Binary && node.Op == syn.OpWhen {
		p = l.t.First(p)
	}
	operands := len(l.stack)
	l.push(l.pattern(p))
	if p != a[0] {
		guard = l.expr(l.t.Next(p))
		l.push(guard)
	}
	yes := l.boolean(n, "true")
	l.push(yes)
	arm := l.at(ir.Arm, n)
	if guard != ir.No {
		arm.Flags = ir.FlagGuard
	}
	id := l.add(arm, operands)
	l.leave(mark)
	l.push(l.add(l.at(ir.Any, n), -1))
	l.push(l.boolean(n, "false"))
	other := l.add(l.at(ir.Arm, n), operands)
	l.push(id)
	l.push(other)
	e := l.at(ir.Case, n)
	e.A = int32(value)
	return l.add(e, operands)
}

func (l *lowerer) boolean(n syntax.NodeID, value string) ir.ExprID {
	e := l.at(ir.Const, n)
	e.Sub, e.Str = ir.LitBool, value
	return l.add(e, -1)
}

// superForm keeps the operands of a call of the overridden function.
func superForm(l *lowerer, n syntax.NodeID, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	mark := len(l.stack)
	l.operands(piped, a, do)
	e := l.at(ir.Opaque, n)
	e.Str = "super"
	return l.add(e, mark)
}
