package elixir

import (
	"strings"

	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// aliasLink is one alias of a scope; the newest comes first.
type aliasLink struct {
	short, full string
	next        *aliasLink
}

// importLink is one import of a scope; the newest comes first.
type importLink struct {
	module string
	only   []fnKey // nil: everything
	except []fnKey
	kind   importKind
	inside bool // in the blocks of macros alone: other imports come before it
	next   *importLink
}

type importKind uint8

const (
	importAll importKind = iota
	importFunctions
	importMacros
)

// bindLink is a name that has a known value while a macro is expanded: the
// parameter of `__using__`, or a variable bound in its body.
type bindLink struct {
	name string
	node syntax.NodeID
	env  *env // where node is
	next *bindLink
}

// env is the lexical environment of a place: what names mean there. It is
// copied when it is kept.
type env struct {
	from    *outline // whose tree is read
	mod     *module  // the module that is being defined
	aliases *aliasLink
	imports *importLink
	macro   *module // the module of the macro whose quote is read, or nil
	binds   *bindLink
}

// maxScope bounds how many aliases or imports of one scope are searched, so
// that a text made of them takes no quadratic time. Real scopes have tens.
const maxScope = 2048

// expandAlias turns alias text into a module's full name.
func (e *env) expandAlias(text string) string {
	first, rest, more := strings.Cut(text, ".")
	if first == "Elixir" {
		return rest
	}
	n := 0
	for a := e.aliases; a != nil && n < maxScope; a, n = a.next, n+1 {
		if a.short == first {
			if more {
				return a.full + "." + rest
			}
			return a.full
		}
	}
	return text
}

// moduleName evaluates a node to a module's name, as far as the text tells.
func (e *env) moduleName(n syntax.NodeID) (string, bool) {
	v := e.eval(n, 0)
	return v.text, v.kind == constModule || v.kind == constAtom && v.text != "nil" && v.text != "true" && v.text != "false"
}

// alias carries out `alias A.B`, `alias A.{B, C}`, `alias A.B, as: C`.
func (e *env) alias(n syntax.NodeID) []aliasLink {
	t := e.from.tree
	arg := firstArg(t, n)
	if arg == syntax.None {
		return nil
	}
	var made []aliasLink
	as := ""
	if v := keywordArg(t, n, "as"); v != syntax.None && t.Node(v).Kind == syn.Alias {
		as = aliasText(t, v)
	}
	for _, full := range e.modules(arg) {
		short := as
		if short == "" {
			short = full[strings.LastIndexByte(full, '.')+1:]
		}
		made = append(made, aliasLink{short: short, full: full})
		e.aliases = &aliasLink{short, full, e.aliases}
	}
	return made
}

// modules are the names of `A.B` or `A.{B, C.D}`.
func (e *env) modules(n syntax.NodeID) []string {
	t := e.from.tree
	if t.Node(n).Kind != syn.TupleDot {
		if name, ok := e.moduleName(n); ok {
			return []string{name}
		}
		return nil
	}
	left := t.First(n)
	prefix, ok := e.moduleName(left)
	if !ok {
		return nil
	}
	var out []string
	for c := t.Next(left); c != syntax.None; c = t.Next(c) {
		if t.Node(c).Kind == syn.Alias {
			out = append(out, prefix+"."+aliasText(t, c))
		}
	}
	return out
}

// importLinks reads `import M, only: [f: 1]`.
func (e *env) importLinks(n syntax.NodeID) []importLink {
	t := e.from.tree
	arg := firstArg(t, n)
	if arg == syntax.None {
		return nil
	}
	l := importLink{except: importList(t, keywordArg(t, n, "except"))}
	if only := keywordArg(t, n, "only"); only != syntax.None {
		switch t.Text(only) {
		case ":functions":
			l.kind = importFunctions
		case ":macros":
			l.kind = importMacros
		default:
			l.only = importList(t, only)
		}
	}
	var out []importLink
	for _, m := range e.modules(arg) {
		l.module = m
		out = append(out, l)
	}
	return out
}

func importList(t *syntax.Tree, n syntax.NodeID) []fnKey {
	if n == syntax.None {
		return nil
	}
	out := []fnKey{}
	for p := t.First(n); p != syntax.None; p = t.Next(p) {
		if t.Node(p).Kind != syn.Pair {
			continue
		}
		k := t.First(p)
		arity := 0
		for _, c := range t.Text(t.Next(k)) {
			if c < '0' || c > '9' {
				break
			}
			arity = arity*10 + int(c-'0')
		}
		out = append(out, fnKey{syn.AtomName(t, k), arity})
	}
	return out
}

func has(keys []fnKey, k fnKey) bool {
	for _, x := range keys {
		if x == k {
			return true
		}
	}
	return false
}
