package elixir

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// maxAlts bounds the alternatives of one type; more of them say nothing.
const maxAlts = 16

// spec reads `f(a) :: b` of a specification, a callback or a type.
func (e *env) spec(n syntax.NodeID, callback bool) []ir.Spec {
	t := e.from.tree
	if t.File.Kind == source.Test {
		return nil
	}
	for t.Node(n).Kind == syn.Binary && t.Node(n).Op == syn.OpWhen {
		n = t.First(n)
	}
	if t.Node(n).Kind != syn.Binary || t.Node(n).Op != syn.OpType {
		return nil
	}
	head := t.First(n)
	name, params, ok := headName(t, head)
	if !ok {
		return nil
	}
	r := typeReader{env: e}
	r.read(t.Next(head), 0)
	return []ir.Spec{{Name: name, Arity: len(params), Callback: callback, Gives: r.alts}}
}

// typeReader collects the alternatives of a type.
type typeReader struct {
	*env
	alts []ir.Alt
}

func (r *typeReader) add(a ir.Alt) {
	if len(r.alts) > maxAlts {
		return
	}
	if len(r.alts) == maxAlts {
		a = ir.Alt{Kind: ir.AltAny}
	}
	r.alts = append(r.alts, a)
}

func (r *typeReader) kind(k ir.AltKind) { r.add(ir.Alt{Kind: k}) }

func (r *typeReader) atom(name string) { r.add(ir.Alt{Kind: ir.AltAtom, Tag: name}) }

// read adds the alternatives of a type: `:ok | {:error, term}`.
func (r *typeReader) read(n syntax.NodeID, depth int) {
	t := r.from.tree
	if n == syntax.None || depth > 4*maxAlts {
		r.kind(ir.AltAny)
		return
	}
	switch node := t.Node(n); node.Kind {
	case syn.Binary:
		r.binary(n, depth)
	case syn.Block:
		r.read(soleChild(t, n), depth+1)
	case syn.Atom, syn.QAtom:
		r.atom(syn.AtomName(t, n))
	case syn.Alias:
		name, _ := r.moduleName(n)
		r.atom(name)
	case syn.Tuple:
		r.tuple(n)
	case syn.List, syn.Charlist:
		r.kind(ir.AltList)
	case syn.Map:
		r.kind(ir.AltMap)
	case syn.Struct:
		name, _ := r.moduleName(t.First(n))
		r.add(ir.Alt{Kind: ir.AltStruct, Tag: name})
	case syn.Bitstring:
		r.kind(ir.AltString)
	case syn.Int, syn.Step:
		r.kind(ir.AltNumber)
	case syn.Ident:
		r.local(t.Text(n))
	case syn.Call:
		r.call(n)
	default:
		r.kind(ir.AltAny)
	}
}

// binary reads `a | b`, `name :: type` and `1..9`.
func (r *typeReader) binary(n syntax.NodeID, depth int) {
	t := r.from.tree
	left := t.First(n)
	switch t.Node(n).Op {
	case syn.OpPipe:
		r.read(left, depth+1)
		r.read(t.Next(left), depth+1)
	case syn.OpType:
		r.read(t.Next(left), depth+1)
	case syn.OpRange:
		r.kind(ir.AltNumber)
	default:
		r.kind(ir.AltAny)
	}
}

// tuple reads `{:ok, t}`.
func (r *typeReader) tuple(n syntax.NodeID) {
	t := r.from.tree
	a := ir.Alt{Kind: ir.AltTuple}
	for c := t.First(n); c != syntax.None; c = t.Next(c) {
		switch k := t.Node(c).Kind; {
		case k == syn.Keywords:
			r.kind(ir.AltAny)
			return
		case a.Arity == 0 && k == syn.Atom:
			a.Tag = syn.AtomName(t, c)
		}
		a.Arity++
	}
	r.add(a)
}

// call reads `Module.type()` and `type()`.
func (r *typeReader) call(n syntax.NodeID) {
	c := syn.CallView{Tree: r.from.tree, ID: n}
	name, left := c.Name(), c.Receiver()
	switch {
	case name == "":
		r.kind(ir.AltAny)
	case left == syntax.None:
		r.local(name)
	default:
		module, ok := r.moduleName(left)
		if !ok {
			r.kind(ir.AltAny)
			return
		}
		if module == "String" && name == "t" {
			r.kind(ir.AltString)
			return
		}
		r.add(ir.Alt{Kind: ir.AltNamed, Tag: module + "." + name})
	}
}

// local reads a type of the language, or of the module itself.
func (r *typeReader) local(name string) {
	switch name {
	case "any", "term", "atom", "module", "node", "tuple", "iodata", "iolist", "timeout", "identifier", "dynamic":
		r.kind(ir.AltAny)
	case "no_return", "none":
	case "boolean":
		r.atom("true")
		r.atom("false")
	case "map":
		r.kind(ir.AltMap)
	case "struct":
		r.kind(ir.AltStruct)
	case "list", "nonempty_list", "keyword", "charlist", "nonempty_charlist", "maybe_improper_list":
		r.kind(ir.AltList)
	case "binary", "bitstring", "nonempty_binary":
		r.kind(ir.AltString)
	case "integer", "float", "number", "non_neg_integer", "pos_integer", "neg_integer", "byte", "char", "arity":
		r.kind(ir.AltNumber)
	case "pid", "port", "reference", "fun", "function":
		r.kind(ir.AltOther)
	default:
		r.add(ir.Alt{Kind: ir.AltNamed, Tag: r.mod.Name + "." + name})
	}
}
