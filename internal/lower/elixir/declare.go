package elixir

import (
	"sort"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// stmt is a node kept for lowering, with the names at its place.
type stmt struct {
	node syntax.NodeID
	env  env
}

// function is a function on its way to an ir.Func.
type function struct {
	*ir.Func
	clauses []stmt // the def, defp, … calls
}

// attr is one `@name value` of a module.
type attr struct {
	name string
	node syntax.NodeID // the value
	at   syntax.NodeID // the whole
	env  *env
}

// walker declares one module: it walks the module's statements in order, with
// what `use` and other macros of the project put among them.
type walker struct {
	p    *project
	m    *module
	own  *env // the names in the module's own text
	deep int  // macros inside macros
	// spent counts the clauses expanded, so that macros which use each other cost
	// a bounded time.
	spent int
	impl  bool // `@impl` stands before the next definition
}

// maxExpansion bounds how deep macros expand inside macros, maxExpansions how
// many clauses are expanded for one module. Real modules stay below 5 and 100.
const (
	maxExpansion  = 12
	maxExpansions = 4000
)

// declareFile declares the modules of a file, in lexical order.
func (p *project) declareFile(o *outline) {
	byNode := make(map[syntax.NodeID]*module, len(o.modules))
	for _, m := range o.modules {
		byNode[m.node] = m
	}
	d := fileDeclarer{p: p, byNode: byNode}
	top := &env{from: o, mod: o.script}
	d.module(o.script, top)
}

type fileDeclarer struct {
	p      *project
	byNode map[syntax.NodeID]*module
}

// module declares m, whose text begins with the names of around.
func (d *fileDeclarer) module(m *module, around *env) {
	e := *around
	e.mod, e.macro, e.binds = m, nil, nil
	if m.parent == nil || m.from != around.from {
		e.imports = around.imports
	}
	m.funcs = map[fnKey]*function{}
	w := &walker{p: d.p, m: m, own: &e}
	if m.body != syntax.None {
		for _, c := range statements(m.from.tree, m.body) {
			if nested := d.byNode[c]; nested != nil && nested != m {
				d.nested(nested, &e)
				continue
			}
			d.statement(w, c, &e)
		}
	}
	w.beforeCompile()
	m.imports = e.imports
}

// nested declares a module inside another and makes its alias.
func (d *fileDeclarer) nested(m *module, e *env) {
	t := m.from.tree
	if arg := firstArg(t, m.node); m.parent != nil && m.Kind != ir.ImplModule && t.Node(arg).Kind == syn.Alias {
		first, _, _ := strings.Cut(aliasText(t, arg), ".")
		e.aliases = &aliasLink{first, m.parent.Name + "." + first, e.aliases}
	}
	d.module(m, e)
}

// statement looks for modules in the blocks of other statements too.
func (d *fileDeclarer) statement(w *walker, n syntax.NodeID, e *env) {
	t := w.m.from.tree
	if len(d.byNode) > 0 && t.Node(n).Kind == syn.Call {
		end := n + syntax.NodeID(t.Node(n).Size)
		if w.holdsModule(n, end) {
			do := doBlock(t, n)
			if do != syntax.None {
				for s := t.First(do); s != syntax.None; s = t.Next(s) {
					for c := t.First(s); c != syntax.None; c = t.Next(c) {
						if nested := d.byNode[c]; nested != nil {
							d.nested(nested, e)
						} else {
							d.statement(w, c, e)
						}
					}
				}
				return
			}
		}
	}
	w.statement(n, e)
}

// holdsModule reports whether a module declared here stands inside n.
func (w *walker) holdsModule(n, end syntax.NodeID) bool {
	switch localName(w.m.from.tree, n) {
	case "if", "unless", "for", "case", "with", "try":
	default:
		return false
	}
	all := w.m.from.modules // by node, since they are in source order
	i := sort.Search(len(all), func(i int) bool { return all[i].node > n })
	return i < len(all) && all[i].node < end
}

// statement declares one statement, read in e.
func (w *walker) statement(n syntax.NodeID, e *env) {
	t := e.from.tree
	switch node := t.Node(n); node.Kind {
	case syn.Block:
		for c := t.First(n); c != syntax.None; c = t.Next(c) {
			w.statement(c, e)
		}
		return
	case syn.Unary:
		if node.Op == syn.OpAt && w.attribute(n, e) {
			return
		}
	case syn.Call:
		if w.call(n, e) {
			return
		}
	}
	w.m.exprs = append(w.m.exprs, stmt{n, *e})
}

// call declares what a call at module level means; it reports whether that was
// a definition or a directive.
func (w *walker) call(n syntax.NodeID, e *env) bool {
	name := localName(e.from.tree, n)
	switch name {
	case "alias":
		for _, a := range e.alias(n) {
			if e != w.own {
				w.own.aliases = &aliasLink{a.short, a.full, w.own.aliases}
			}
		}
	case "import":
		w.addImports(e.importLinks(n), e)
	case "require":
		if keywordArg(e.from.tree, n, "as") != syntax.None {
			e.alias(n)
		}
	case "use":
		w.use(n, e)
	case "def", "defp", "defmacro", "defmacrop", "defguard", "defguardp", "defdelegate":
		w.define(n, defKinds[name], e)
	case "defexception", "defstruct":
		w.generated(name, n, e)
	case "defoverridable", "defmodule", "defimpl", "defprotocol":
	case "unquote":
		if e.macro == nil {
			return false
		}
		w.emit(firstArg(e.from.tree, n), e, e.macro)
	case "if", "unless", "for", "case", "with":
		return w.conditional(n, e)
	default:
		return w.expandCall(n, name, e)
	}
	return true
}

func (w *walker) addImports(links []importLink, e *env) {
	for i := range links {
		l := links[i]
		l.next = e.imports
		e.imports = &l
		if e != w.own {
			own := links[i]
			own.next = w.own.imports
			w.own.imports = &own
		}
	}
}

// conditional declares the definitions in the branches of an `if` or the body
// of a `for`, whichever of them is compiled.
func (w *walker) conditional(n syntax.NodeID, e *env) bool {
	t := e.from.tree
	if !holdsDefinition(t, n) {
		return false
	}
	aliases := e.aliases
	if do := doBlock(t, n); do != syntax.None {
		if c := firstArg(t, n); localName(t, n) == "if" && c != syntax.None && t.First(do) != syntax.None {
			w.m.Guarded = append(w.m.Guarded, ir.Guarded{Condition: t.Span(c), Body: t.Span(t.First(do))})
		}
		for s := t.First(do); s != syntax.None; s = t.Next(s) {
			for c := t.First(s); c != syntax.None; c = t.Next(c) {
				w.branch(c, e)
			}
		}
	}
	for _, key := range []string{"do", "else"} {
		if v := keywordArg(t, n, key); v != syntax.None {
			w.statement(v, e)
		}
	}
	e.aliases = aliases
	return true
}

// branch declares a statement or the body of a clause.
func (w *walker) branch(n syntax.NodeID, e *env) {
	t := e.from.tree
	if t.Node(n).Kind != syn.Clause {
		w.statement(n, e)
		return
	}
	body := t.Next(t.First(n))
	for c := t.First(body); c != syntax.None; c = t.Next(c) {
		w.statement(c, e)
	}
}

// holdsDefinition reports whether a def, use, import or attribute stands in n.
func holdsDefinition(t *syntax.Tree, n syntax.NodeID) bool {
	end := n + syntax.NodeID(t.Node(n).Size)
	for i := n + 1; i < end; i++ {
		if t.Node(i).Kind != syn.Call {
			continue
		}
		switch name := localName(t, i); name {
		case "use", "import":
			return true
		default:
			if _, ok := defKinds[name]; ok {
				return true
			}
		}
	}
	return false
}

// attribute declares `@name value`.
func (w *walker) attribute(n syntax.NodeID, e *env) bool {
	t := e.from.tree
	c := t.First(n)
	if c == syntax.None || t.Node(c).Kind != syn.Call {
		return false
	}
	name, value := localName(t, c), firstArg(t, c)
	if name == "" || value == syntax.None {
		return false
	}
	switch name {
	case "doc", "moduledoc", "typedoc", "macrocallback", "dialyzer":
		return true
	case "spec", "callback":
		w.m.Specs = append(w.m.Specs, e.spec(value, name == "callback")...)
		return true
	case "type", "typep", "opaque":
		w.m.Types = append(w.m.Types, e.spec(value, false)...)
		return true
	case "impl":
		w.impl = t.Text(value) != "false"
		return true
	case "behaviour":
		if m, ok := e.moduleName(value); ok {
			w.behave(m)
		}
		return true
	case "before_compile":
		if m, ok := e.moduleName(value); ok {
			w.m.before = append(w.m.before, m)
		}
		return true
	}
	kept := *e
	w.m.attrs = append(w.m.attrs, attr{name: name, node: value, at: n, env: &kept})
	return true
}

func (w *walker) behave(name string) {
	for _, b := range w.m.Behaves {
		if b == name {
			return
		}
	}
	w.m.Behaves = append(w.m.Behaves, name)
}

// define declares one clause of a function.
func (w *walker) define(n syntax.NodeID, kind ir.FuncKind, e *env) {
	t := e.from.tree
	impl := w.impl
	w.impl = false
	head := firstArg(t, n)
	if head == syntax.None {
		return
	}
	name, params, ok := e.definedName(head)
	if !ok {
		w.m.dynamic = true
		return
	}
	if kind == ir.Delegate && t.Node(head).Kind == syn.List {
		return
	}
	key := fnKey{name, len(params)}
	f := w.m.funcs[key]
	if f != nil && f.Injected && e.macro == nil {
		f = nil // the module's own definition overrides
	} else if f != nil && !f.Injected && e.macro != nil {
		return
	}
	if f == nil {
		f = w.newFunction(key, kind, e, n, head)
	}
	f.Impl = f.Impl || impl
	f.Defaults = max(f.Defaults, countDefaults(t, params))
	f.clauses = append(f.clauses, stmt{n, *e})
	if e.macro == nil || !f.Injected || f.Span.File == t.File.ID {
		f.Span.End = max(f.Span.End, t.Node(n).End)
	}
}

func (w *walker) newFunction(key fnKey, kind ir.FuncKind, e *env, n, head syntax.NodeID) *function {
	t := e.from.tree
	f := &function{Func: &ir.Func{
		Name: key.name, Arity: key.arity, Kind: kind, Target: ir.No,
		Span: t.Span(n), NameSpan: t.Span(nameNode(t, head)), Injected: e.macro != nil,
	}}
	if old := w.m.funcs[key]; old != nil {
		for i, o := range w.m.order {
			if o == old {
				w.m.order[i] = f
			}
		}
	} else {
		w.m.order = append(w.m.order, f)
	}
	w.m.funcs[key] = f
	return f
}

// nameNode is the node whose text is the name in a definition's head.
func nameNode(t *syntax.Tree, head syntax.NodeID) syntax.NodeID {
	for t.Node(head).Kind == syn.Binary && t.Node(head).Op == syn.OpWhen {
		head = t.First(head)
	}
	if t.Node(head).Kind == syn.Call {
		return t.First(head)
	}
	return head
}

// definedName is headName with names that macros compute.
func (e *env) definedName(head syntax.NodeID) (string, []syntax.NodeID, bool) {
	t := e.from.tree
	if name, params, ok := headName(t, head); ok {
		return name, params, true
	}
	for t.Node(head).Kind == syn.Binary && t.Node(head).Op == syn.OpWhen {
		head = t.First(head)
	}
	if t.Node(head).Kind != syn.Call {
		return "", nil, false
	}
	// `unquote(name)` or `unquote(name)(a, b)`
	inner, params := head, []syntax.NodeID(nil)
	if c := t.First(head); t.Node(c).Kind == syn.Call {
		inner, params = c, args(t, head)
	}
	if v := e.eval(inner, 0); v.kind == constAtom {
		return v.text, params, true
	}
	return "", nil, false
}

func countDefaults(t *syntax.Tree, params []syntax.NodeID) int {
	n := 0
	for _, p := range params {
		if t.Node(p).Kind == syn.Binary && t.Node(p).Op == syn.OpDefault {
			n++
		}
	}
	return n
}

// generated declares what `defexception` and `defstruct` make.
func (w *walker) generated(word string, n syntax.NodeID, e *env) {
	kept := stmt{n, *e}
	w.m.exprs = append(w.m.exprs, kept)
	if word == "defexception" {
		w.m.Made = append(w.m.Made, ir.Signature{Name: "exception", Arity: 1}, ir.Signature{Name: "message", Arity: 1})
	}
}
