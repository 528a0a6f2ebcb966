package elixir

import (
	"strings"

	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// constKind says what a constant is.
type constKind uint8

const (
	constUnknown constKind = iota
	constModule            // text: full name
	constAtom              // text: name
	constNode              // a node to look into, such as a keyword list
)

// constant is a value known from the text.
type constant struct {
	kind constKind
	text string
	node syntax.NodeID
	env  *env
}

// maxEval bounds the steps from name to name in eval.
const maxEval = 12

// eval evaluates the few forms that name modules, functions and options while
// macros are expanded: literals, aliases, `__MODULE__`, `unquote(x)`, bound
// names, attributes, `opts[:key]` and `Keyword.get(opts, :key)`.
func (e *env) eval(n syntax.NodeID, depth int) constant {
	if depth > maxEval || n == syntax.None {
		return constant{}
	}
	t := e.from.tree
	switch node := t.Node(n); node.Kind {
	case syn.Alias:
		return e.evalAlias(n, depth)
	case syn.Atom, syn.QAtom:
		name := syn.AtomName(t, n)
		if module, ok := strings.CutPrefix(name, "Elixir."); ok {
			return constant{kind: constModule, text: module}
		}
		return constant{kind: constAtom, text: name}
	case syn.Key:
		return constant{kind: constAtom, text: syn.AtomName(t, n)}
	case syn.Ident:
		return e.evalName(t.Text(n), depth)
	case syn.Unary:
		if c := t.First(n); node.Op == syn.OpAt && t.Node(c).Kind == syn.Ident {
			return e.evalAttr(t.Text(c), depth)
		}
	case syn.Access:
		c := t.First(n)
		return e.evalOption(c, t.Next(c), depth)
	case syn.Call:
		return e.evalCall(n, depth)
	case syn.Block:
		if c := soleChild(t, n); c != syntax.None {
			return e.eval(c, depth+1)
		}
	case syn.List, syn.Keywords, syn.Tuple, syn.Map:
		return constant{kind: constNode, node: n, env: e}
	}
	return constant{}
}

func (e *env) evalAlias(n syntax.NodeID, depth int) constant {
	t := e.from.tree
	left := t.First(n)
	if left == syntax.None {
		return constant{kind: constModule, text: e.expandAlias(aliasText(t, n))}
	}
	base := e.eval(left, depth+1)
	if base.kind != constModule {
		return constant{}
	}
	return constant{kind: constModule, text: base.text + "." + aliasText(t, n)}
}

func (e *env) evalName(name string, depth int) constant {
	if name == "__MODULE__" {
		if e.mod == nil || e.mod.node == syntax.None {
			return constant{}
		}
		return constant{kind: constModule, text: e.mod.Name}
	}
	for b := e.binds; b != nil; b = b.next {
		if b.name == name && b.env != nil {
			return b.env.eval(b.node, depth+1)
		}
	}
	return constant{}
}

// evalAttr finds the newest `@name value` of the module.
func (e *env) evalAttr(name string, depth int) constant {
	if e.mod == nil {
		return constant{}
	}
	for i := len(e.mod.attrs) - 1; i >= 0; i-- {
		if a := &e.mod.attrs[i]; a.name == name {
			return a.env.eval(a.node, depth+1)
		}
	}
	return constant{}
}

// evalOption reads a key of a keyword list.
func (e *env) evalOption(list, key syntax.NodeID, depth int) constant {
	k := e.eval(key, depth+1)
	l := e.eval(list, depth+1)
	if k.kind != constAtom || l.kind != constNode {
		return constant{}
	}
	v := keywordValue(l.env.from.tree, l.node, k.text)
	if v == syntax.None {
		return constant{kind: constAtom, text: "nil"}
	}
	return l.env.eval(v, depth+1)
}

func (e *env) evalCall(n syntax.NodeID, depth int) constant {
	t := e.from.tree
	a := args(t, n)
	switch callee := t.Text(t.First(n)); callee {
	case "unquote":
		if len(a) == 1 {
			return e.unquoted().eval(a[0], depth+1)
		}
	case "Keyword.get", "Keyword.fetch!", "Keyword.get_lazy", "Keyword.pop", "Keyword.pop!":
		if len(a) < 2 {
			return constant{}
		}
		v := e.evalOption(a[0], a[1], depth)
		if len(a) == 3 && v.kind == constAtom && v.text == "nil" {
			return e.eval(a[2], depth+1)
		}
		return v
	case "Macro.expand":
		if len(a) == 2 {
			return e.eval(a[0], depth+1)
		}
	}
	return constant{}
}

// unquoted is the environment of the code inside `unquote(...)`: the macro's
// own, where `__MODULE__` is the macro's module.
func (e *env) unquoted() *env {
	if e.macro == nil {
		return e
	}
	in := *e
	in.mod = e.macro
	return &in
}
