package elixir

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// use carries out `use M, args`: the project's own `__using__` is expanded, a
// library's is known from its model.
func (w *walker) use(n syntax.NodeID, e *env) {
	t := e.from.tree
	arg := firstArg(t, n)
	if arg == syntax.None {
		return
	}
	rest := t.Next(arg)
	if rest != syntax.None && t.Node(rest).Kind == syn.DoBlock {
		rest = syntax.None
	}
	for _, name := range e.modules(arg) {
		w.useModule(name, rest, n, e)
	}
}

func (w *walker) useModule(name string, opts, at syntax.NodeID, e *env) {
	if w.deep > maxExpansion {
		return
	}
	kept := *e
	w.m.uses = append(w.m.uses, used{name: name, opts: opts, at: at, env: &kept})
	if m := w.p.modules[name]; m != nil {
		w.deep++
		w.expandMacro(m, "__using__", []operand{{opts, &kept}}, e)
		w.deep--
		return
	}
	w.useLibrary(name, e)
}

// useLibrary does to the module what the model says of `use`.
func (w *walker) useLibrary(name string, e *env) {
	u := w.p.models.UseOf(name)
	if u == nil {
		w.behave(name)
		if w.p.models.ExportsOf(name) != nil {
			w.addImports([]importLink{{module: name}}, e)
		}
		return
	}
	if len(u.Behaves) == 0 {
		w.behave(name)
	}
	for _, b := range u.Behaves {
		w.behave(b)
	}
	for _, i := range u.Import {
		w.addImports([]importLink{{module: i}}, e)
	}
	for _, i := range u.Inside {
		w.addImports([]importLink{{module: i, inside: true}}, e)
	}
	for _, a := range u.Alias {
		short := ir.LastName(a)
		e.aliases = &aliasLink{short, a, e.aliases}
		if e != w.own {
			w.own.aliases = &aliasLink{short, a, w.own.aliases}
		}
	}
	for _, d := range u.Define {
		name, arity, _ := strings.Cut(d, "/")
		if n, err := strconv.Atoi(arity); err == nil {
			w.m.Made = append(w.m.Made, ir.Signature{Name: name, Arity: n})
		}
	}
	for _, more := range u.Use {
		if w.deep < maxExpansion {
			w.deep++
			w.useLibrary(more, e)
			w.deep--
		}
	}
}

// beforeCompile expands `@before_compile` of the project's own modules.
func (w *walker) beforeCompile() {
	for _, name := range w.m.before {
		if m := w.p.modules[name]; m != nil {
			w.expandMacro(m, "__before_compile__", []operand{{syntax.None, nil}}, w.own)
		}
	}
}

// operand is an argument of a macro: a node and where it is read.
type operand struct {
	node syntax.NodeID
	env  *env
}

// expandCall expands a call of one of the project's macros at module level; one with a block
// only if its quoted code holds definitions: what the block declares is read where it stands.
func (w *walker) expandCall(n syntax.NodeID, name string, e *env) bool {
	t := e.from.tree
	if w.deep > maxExpansion {
		return false
	}
	ops := make([]operand, 0, 4)
	for _, a := range args(t, n) {
		ops = append(ops, operand{a, e})
	}
	do := doBlock(t, n)
	if do != syntax.None {
		ops = append(ops, operand{do, e})
	}
	m, name := w.macroModule(n, name, len(ops), e)
	if m == nil || do != syntax.None && !m.definesIn(name) {
		return false
	}
	kept := *e
	for i := range ops {
		ops[i].env = &kept
	}
	w.deep++
	w.expandMacro(m, name, ops, e)
	w.deep--
	return true
}

// macroModule finds the project's module whose macro a call names, or nil, and
// the macro's name; local is the call's name if it is a local one.
func (w *walker) macroModule(n syntax.NodeID, local string, arity int, e *env) (*module, string) {
	t := e.from.tree
	if local != "" {
		for l := e.imports; l != nil; l = l.next {
			if m := w.p.modules[l.module]; m != nil && m.rawMacro(local, arity) && (l.only == nil || has(l.only, fnKey{local, arity})) {
				return m, local
			}
		}
		if e.macro != nil && e.macro.rawMacro(local, arity) {
			return e.macro, local
		}
		return nil, ""
	}
	callee := t.First(n)
	if callee == syntax.None || t.Node(callee).Kind != syn.Dot {
		return nil, ""
	}
	left := t.First(callee)
	full, ok := e.moduleName(left)
	m, name := w.p.modules[full], t.Text(t.Next(left))
	if !ok || m == nil || !m.rawMacro(name, arity) {
		return nil, ""
	}
	return m, name
}

func (m *module) rawMacro(name string, arity int) bool {
	for _, d := range m.raw[name] {
		if _, params, ok := headName(m.from.tree, firstArg(m.from.tree, d.node)); ok && d.kind == ir.Defmacro && len(params) == arity {
			return true
		}
	}
	return false
}

// definesIn reports whether a definition or directive stands in the macro.
func (m *module) definesIn(macro string) bool {
	for _, d := range m.raw[macro] {
		body := doBody(m.from.tree, d.node)
		if body != syntax.None && holdsDefinition(m.from.tree, body) {
			return true
		}
	}
	return false
}

// expandMacro declares the quoted statements of m's macro, called with ops, in
// the module of w.
func (w *walker) expandMacro(m *module, name string, ops []operand, e *env) {
	for _, d := range m.raw[name] {
		if w.expandClause(m, d, ops, e) {
			return
		}
	}
}

// expandClause expands one clause of a macro or function that gives quoted
// code; false means that its literal parameters do not match.
func (w *walker) expandClause(m *module, d rawDef, ops []operand, e *env) bool {
	if w.spent++; w.spent > maxExpansions {
		return true
	}
	t := m.from.tree
	_, params, ok := headName(t, firstArg(t, d.node))
	if !ok || len(ops) > len(params) || len(params)-len(ops) > countDefaults(t, params) {
		return false
	}
	in := env{from: m.from, mod: w.m, macro: m, aliases: d.aliases, imports: e.imports}
	given := in
	missing := len(params) - len(ops)
	for _, p := range params {
		o := operand{env: &given}
		if n := t.Node(p); missing > 0 && n.Kind == syn.Binary && n.Op == syn.OpDefault {
			o.node = t.Next(t.First(p))
			missing--
		} else {
			o, ops = ops[0], ops[1:]
		}
		if !in.bindParam(p, o) {
			return false
		}
	}
	body := doBody(t, d.node)
	if body == syntax.None {
		return true
	}
	w.emitBody(statements(t, body), &in, m)
	if in.imports != e.imports && e != w.own {
		e.imports = in.imports
	}
	return true
}

// bindParam binds a macro's parameter; a literal one must match the operand.
func (e *env) bindParam(p syntax.NodeID, o operand) bool {
	t := e.from.tree
	switch n := t.Node(p); {
	case n.Kind == syn.Ident:
		e.binds = &bindLink{t.Text(p), o.node, o.env, e.binds}
	case n.Kind == syn.Binary && n.Op == syn.OpDefault:
		return e.bindParam(t.First(p), o)
	case n.Kind == syn.Binary && n.Op == syn.OpMatch:
		return e.bindParam(t.First(p), o) && e.bindParam(t.Next(t.First(p)), o)
	case n.Kind == syn.Atom && o.node != syntax.None && o.env != nil:
		v := o.env.eval(o.node, 0)
		return v.kind != constAtom || v.text == syn.AtomName(t, p)
	case n.Kind == syn.Atom:
		return false
	case n.Kind == syn.List || n.Kind == syn.Keywords:
		e.bindBlocks(p, o)
	case n.Kind == syn.Tuple:
		return e.bindTuple(p, o)
	}
	return true
}

// bindTuple binds the names of a tuple to the elements of a literal one.
func (e *env) bindTuple(p syntax.NodeID, o operand) bool {
	if o.env == nil || o.node == syntax.None {
		return false
	}
	t, from := e.from.tree, o.env.from.tree
	if from.Node(o.node).Kind != syn.Tuple {
		return from.Node(o.node).Kind != syn.Atom && from.Node(o.node).Kind != syn.List
	}
	params, values := t.Children(p, nil), from.Children(o.node, nil)
	if len(params) != len(values) {
		return false
	}
	for i, q := range params {
		if !e.bindParam(q, operand{values[i], o.env}) {
			return false
		}
	}
	return true
}

// bindBlocks binds the names of a parameter `[do: block, else: other]` to the
// sections of the do block that the macro was given.
func (e *env) bindBlocks(p syntax.NodeID, o operand) {
	t := e.from.tree
	if o.env == nil || o.node == syntax.None {
		return
	}
	from := o.env.from.tree
	for key, name := range syn.Pairs(t, p) {
		if t.Node(name).Kind != syn.Ident {
			continue
		}
		value := keywordValue(from, o.node, syn.AtomName(t, key))
		if from.Node(o.node).Kind == syn.DoBlock && syn.AtomName(t, key) == "do" {
			value = section(from, o.node, syn.SectionDo)
		}
		e.binds = &bindLink{t.Text(name), value, o.env, e.binds}
	}
}

// emitBody emits what the last expression of a body gives; earlier matches
// bind names.
func (w *walker) emitBody(body []syntax.NodeID, e *env, m *module) {
	t := e.from.tree
	for i, n := range body {
		if node := t.Node(n); node.Kind == syn.Binary && node.Op == syn.OpMatch {
			if left := t.First(n); t.Node(left).Kind == syn.Ident {
				kept := *e
				e.binds = &bindLink{t.Text(left), t.Next(left), &kept, e.binds}
				continue
			}
		}
		if i == len(body)-1 || localName(t, n) == "quote" {
			w.emit(n, e, m)
		}
	}
}

// emit declares the statements of the quoted code that n evaluates to, in the
// macros of m: a quote, a call of one of m's functions that gives one, a list
// of them, or a choice between them.
func (w *walker) emit(n syntax.NodeID, e *env, m *module) {
	if n == syntax.None || w.deep > maxExpansion {
		return
	}
	t := e.from.tree
	switch t.Node(n).Kind {
	case syn.Block, syn.List:
		for c := t.First(n); c != syntax.None; c = t.Next(c) {
			w.emit(c, e, m)
		}
	case syn.Ident:
		w.emitName(n, e, m)
	case syn.Call:
		w.emitCall(n, e, m)
	}
}

func (w *walker) emitName(n syntax.NodeID, e *env, m *module) {
	name := e.from.tree.Text(n)
	for b := e.binds; b != nil; b = b.next {
		if b.name != name {
			continue
		}
		if b.env != nil && b.node != syntax.None {
			w.deep++
			w.emitOperand(b, m)
			w.deep--
		}
		return
	}
	w.emitFunction(m, name, nil, e)
}

// emitOperand emits a bound value: quoted code, or the block a macro was given.
func (w *walker) emitOperand(b *bindLink, m *module) {
	t := b.env.from.tree
	in := *b.env
	switch t.Node(b.node).Kind {
	case syn.DoBlock:
	case syn.Section:
		for _, c := range statements(t, b.node) {
			w.statement(c, &in)
		}
		return
	default:
		w.emit(b.node, &in, m)
		return
	}
	for s := t.First(b.node); s != syntax.None; s = t.Next(s) {
		for c := t.First(s); c != syntax.None; c = t.Next(c) {
			w.statement(c, &in)
		}
	}
}

func (w *walker) emitCall(n syntax.NodeID, e *env, m *module) {
	t := e.from.tree
	name := localName(t, n)
	switch name {
	case "quote":
		if body := doBody(t, n); body != syntax.None {
			for _, c := range statements(t, body) {
				w.statement(c, e)
			}
		}
	case "if", "unless", "case", "cond", "with", "for":
		w.emitBranches(n, e, m)
	case "apply":
		a := args(t, n)
		if len(a) == 3 && t.Text(a[0]) == "__MODULE__" {
			if v := e.eval(a[1], 0); v.kind == constAtom {
				w.emitFunction(m, v.text, elements(a[2], e), e)
			}
		}
	case "unquote":
		w.emit(firstArg(t, n), e, m)
	case "":
		w.emitPiped(n, e, m)
	default:
		w.emitFunction(m, name, w.operands(n, e), e)
	}
}

// emitPiped emits the functions run by Enum.map and the like.
func (w *walker) emitPiped(n syntax.NodeID, e *env, m *module) {
	t := e.from.tree
	for _, a := range args(t, n) {
		if t.Node(a).Kind != syn.Fn {
			continue
		}
		for c := t.First(a); c != syntax.None; c = t.Next(c) {
			body := t.Next(t.First(c))
			w.emitBody(t.Children(body, nil), e, m)
		}
	}
}

// elements are the elements of a literal list as operands.
func elements(list syntax.NodeID, e *env) []operand {
	kept := *e
	var ops []operand
	if e.from.tree.Node(list).Kind == syn.List {
		for _, c := range e.from.tree.Children(list, nil) {
			ops = append(ops, operand{c, &kept})
		}
	}
	return ops
}

func (w *walker) operands(n syntax.NodeID, e *env) []operand {
	kept := *e
	var ops []operand
	for _, a := range args(e.from.tree, n) {
		ops = append(ops, operand{a, &kept})
	}
	return ops
}

// emitBranches emits every branch of a choice: which one is compiled is not
// known, and a name that is imported too often does no harm.
func (w *walker) emitBranches(n syntax.NodeID, e *env, m *module) {
	t := e.from.tree
	if do := doBlock(t, n); do != syntax.None {
		for s := t.First(do); s != syntax.None; s = t.Next(s) {
			body := t.Children(s, nil)
			if len(body) > 0 && t.Node(body[0]).Kind == syn.Clause {
				for _, c := range body {
					w.emitBody(t.Children(t.Next(t.First(c)), nil), e, m)
				}
				continue
			}
			w.emitBody(body, e, m)
		}
	}
	for _, key := range []string{"do", "else"} {
		if v := keywordArg(t, n, key); v != syntax.None {
			w.emit(v, e, m)
		}
	}
}

// emitFunction emits what a function of the macro's module gives.
func (w *walker) emitFunction(m *module, name string, ops []operand, e *env) {
	if w.deep > maxExpansion {
		return
	}
	w.deep++
	defer func() { w.deep-- }()
	for _, d := range m.raw[name] {
		if w.expandClause(m, d, ops, e) {
			return
		}
	}
}
