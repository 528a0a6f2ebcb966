package elixir

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// outline is what one file's text alone says: its modules and the nodes of
// their definitions.
type outline struct {
	file    *source.File
	tree    *syntax.Tree
	modules []*module // in source order, outer before inner
	script  *module   // the code outside modules
}

// module is one module on its way to an ir.Module.
type module struct {
	*ir.Module
	from   *outline
	node   syntax.NodeID // the defmodule call, or None for a script
	body   syntax.NodeID // the Section or the expression after `do:`, or None
	parent *module
	raw    map[string][]rawDef // definitions as written, for expanding macros

	// Filled by declare.
	funcs   map[fnKey]*function
	order   []*function
	exprs   []stmt // module-level code that is no definition
	attrs   []attr
	byAttr  map[string][]int32 // made when the bodies are lowered
	imports *importLink        // at the end of the module
	before  []string           // @before_compile
	uses    []used
	dynamic bool // some definitions have names that were not understood
	twice   bool // another module of the project has the same name
}

// used is one `use`, also one made by another.
type used struct {
	name string
	opts syntax.NodeID // the arguments after the module, or None
	at   syntax.NodeID
	env  *env
}

type fnKey struct {
	name  string
	arity int
}

// rawDef is a definition in the text of a module, with the aliases at its place.
type rawDef struct {
	node    syntax.NodeID
	kind    ir.FuncKind
	aliases *aliasLink
}

// all are the modules and, if there is any, the code outside them.
func (o *outline) all() []*module {
	if len(o.script.exprs) == 0 && len(o.script.order) == 0 {
		return o.modules
	}
	return append(o.modules[:len(o.modules):len(o.modules)], o.script)
}

// outlineFile finds the modules of a file and the definitions in them.
func outlineFile(f *source.File, t *syntax.Tree) *outline {
	o := &outline{file: f, tree: t}
	o.script = &module{
		Module: &ir.Module{Name: f.Path, Kind: ir.ScriptModule, Body: ir.No, Parent: ir.No,
			Span: t.Span(0), NameSpan: source.Span{File: f.ID}},
		from: o, node: syntax.None, body: 0,
	}
	w := outliner{o: o}
	for c := t.First(0); c != syntax.None; c = t.Next(c) {
		w.statement(c, nil)
	}
	return o
}

// outliner walks statements with the aliases that explicit directives made.
type outliner struct {
	o       *outline
	aliases *aliasLink
}

func (w *outliner) statement(n syntax.NodeID, in *module) {
	t := w.o.tree
	switch t.Node(n).Kind {
	case syn.Block:
		for c := t.First(n); c != syntax.None; c = t.Next(c) {
			w.statement(c, in)
		}
		return
	case syn.Call:
	default:
		return
	}
	name := localName(t, n)
	switch name {
	case "defmodule", "defprotocol", "defimpl":
		w.module(n, name, in)
	case "alias":
		e := env{from: w.o, mod: in, aliases: w.aliases}
		e.alias(n)
		w.aliases = e.aliases
	case "def", "defp", "defmacro", "defmacrop":
		w.define(n, defKinds[name], in)
	case "if", "unless", "for", "case", "cond", "else":
		w.sections(n, in)
	default:
		// Definitions may stand in the block of any other macro.
		if in == nil {
			w.sections(n, nil)
		}
	}
}

func (w *outliner) sections(n syntax.NodeID, in *module) {
	t := w.o.tree
	do := doBlock(t, n)
	if do == syntax.None {
		return
	}
	saved := w.aliases
	for s := t.First(do); s != syntax.None; s = t.Next(s) {
		for c := t.First(s); c != syntax.None; c = t.Next(c) {
			w.statement(c, in)
		}
	}
	w.aliases = saved
}

func (w *outliner) define(n syntax.NodeID, kind ir.FuncKind, in *module) {
	if in == nil {
		return
	}
	head := firstArg(w.o.tree, n)
	if head == syntax.None {
		return
	}
	name, _, ok := headName(w.o.tree, head)
	if !ok {
		return
	}
	in.raw[name] = append(in.raw[name], rawDef{node: n, kind: kind, aliases: w.aliases})
}

func (w *outliner) module(n syntax.NodeID, word string, in *module) {
	t := w.o.tree
	arg := firstArg(t, n)
	if arg == syntax.None {
		return
	}
	e := env{from: w.o, mod: in, aliases: w.aliases}
	name, ok := e.moduleName(arg)
	if !ok {
		return
	}
	m := &module{
		Module: &ir.Module{Name: name, Span: t.Span(n), NameSpan: t.Span(arg), Parent: ir.No, Body: ir.No},
		from:   w.o, node: n, body: doBody(t, n), parent: in, raw: map[string][]rawDef{},
	}
	switch {
	case word == "defimpl":
		m.nameImpl(&e, name)
	case word == "defprotocol":
		m.Kind = ir.ProtocolModule
	}
	if word != "defimpl" && in != nil && t.Node(arg).Kind == syn.Alias && t.First(arg) == syntax.None {
		m.Name = in.Name + "." + strings.TrimPrefix(aliasText(t, arg), "Elixir.")
		first, _, _ := strings.Cut(aliasText(t, arg), ".")
		w.aliases = &aliasLink{first, in.Name + "." + first, w.aliases}
	}
	w.o.modules = append(w.o.modules, m)
	if m.body == syntax.None {
		return
	}
	saved := w.aliases
	for _, c := range statements(t, m.body) {
		w.statement(c, m)
	}
	w.aliases = saved
}

// nameImpl names an implementation Protocol.Type, as Elixir does.
func (m *module) nameImpl(e *env, protocol string) {
	m.Kind, m.Protocol = ir.ImplModule, protocol
	t := m.from.tree
	for _, a := range args(t, m.node) {
		if v := keywordValue(t, a, "for"); v != syntax.None {
			m.For, _ = e.moduleName(v)
		}
	}
	if m.For == "" && m.parent != nil {
		m.For = m.parent.Name
	}
	m.Name = protocol + "." + m.For
}

var defKinds = map[string]ir.FuncKind{
	"def": ir.Def, "defp": ir.Defp, "defmacro": ir.Defmacro, "defmacrop": ir.Defmacrop,
	"defguard": ir.Defmacro, "defguardp": ir.Defmacrop, "defdelegate": ir.Delegate,
}

// headName reads the head of a definition: `f(a, b) when g`, `f`, `a + b`.
// args are its parameter nodes. A name that is not written out is not ok.
func headName(t *syntax.Tree, head syntax.NodeID) (name string, params []syntax.NodeID, ok bool) {
	for {
		switch n := t.Node(head); {
		case n.Kind == syn.Binary && n.Op == syn.OpWhen:
			head = t.First(head)
		case n.Kind == syn.Block && soleChild(t, head) != syntax.None:
			head = t.First(head)
		default:
			return plainHead(t, head)
		}
	}
}

func plainHead(t *syntax.Tree, head syntax.NodeID) (string, []syntax.NodeID, bool) {
	n := t.Node(head)
	switch n.Kind {
	case syn.Ident:
		return t.Text(head), nil, true
	case syn.Call:
		callee := t.First(head)
		if t.Node(callee).Kind != syn.Name {
			return "", args(t, head), false
		}
		if name := t.Text(callee); name != "unquote" {
			return name, args(t, head), true
		}
		return "", nil, false
	case syn.Binary, syn.Unary:
		return syn.OpName(n.Op), t.Children(head, nil), true
	}
	return "", nil, false
}
