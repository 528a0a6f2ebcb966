package elixir

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// pattern lowers a pattern; its variables are bound in the scope.
func (l *lowerer) pattern(n syntax.NodeID) ir.ExprID {
	t := l.t
	switch node := t.Node(n); node.Kind {
	case syn.Ident:
		return l.patternName(n)
	case syn.Int, syn.Float, syn.Char, syn.Atom, syn.Key:
		return l.literal(n)
	case syn.String, syn.QAtom, syn.QKey, syn.Charlist, syn.Sigil:
		return l.text(n, l.expr)
	case syn.Alias:
		return l.alias(n)
	case syn.List, syn.Keywords:
		return l.list(n, l.pattern)
	case syn.Tuple, syn.Pair:
		return l.makeOf(n, ir.MakeTuple, l.pattern)
	case syn.Bitstring:
		return l.makeOf(n, ir.MakeBinary, l.patternSegment)
	case syn.Step:
		return l.makeOf(n, ir.MakeRange, l.pattern)
	case syn.Map:
		return l.mapOf(n, l.pattern)
	case syn.Struct:
		return l.structOf(n, l.pattern)
	case syn.Block:
		if c := soleChild(t, n); c != syntax.None {
			return l.pattern(c)
		}
	case syn.Unary:
		return l.patternUnary(n)
	case syn.Binary:
		return l.patternBinary(n)
	case syn.Call:
		return l.patternCall(n)
	}
	return l.opaquePattern(n)
}

func (l *lowerer) patternName(n syntax.NodeID) ir.ExprID {
	name := l.t.Text(n)
	switch name {
	case "_":
		return l.add(l.at(ir.Any, n), -1)
	case "__MODULE__":
		return l.ident(n)
	}
	id := l.add(l.at(ir.Bind, n), -1)
	e := l.code.At(id)
	e.Str = name
	e.A = int32(l.bind(name, id))
	return id
}

func (l *lowerer) patternUnary(n syntax.NodeID) ir.ExprID {
	c := l.t.First(n)
	switch l.t.Node(n).Op {
	case syn.OpPin:
		e := l.at(ir.Pin, n)
		e.A = int32(l.expr(c))
		return l.add(e, -1)
	case syn.OpAt, syn.OpMinus, syn.OpPlus:
		return l.unary(n)
	}
	return l.opaquePattern(n)
}

func (l *lowerer) patternBinary(n syntax.NodeID) ir.ExprID {
	left := l.t.First(n)
	right := l.t.Next(left)
	switch op := l.t.Node(n).Op; op {
	case syn.OpMatch:
		e := l.at(ir.Match, n)
		e.A = int32(l.pattern(left))
		e.B = int32(l.pattern(right))
		return l.add(e, -1)
	case syn.OpDefault:
		e := l.at(ir.Match, n)
		e.B = int32(l.expr(right))
		e.A = int32(l.pattern(left))
		return l.add(e, -1)
	case syn.OpStringConcat:
		return l.makeOf(n, ir.MakeString, l.pattern)
	case syn.OpConcat, syn.OpPipe:
		mark := len(l.stack)
		l.push(l.pattern(left))
		l.push(l.pattern(right))
		e := l.at(ir.Make, n)
		e.Sub = ir.MakeCons
		return l.add(e, mark)
	case syn.OpWhen:
		return l.pattern(left)
	case syn.OpRange:
		return l.makeOf(n, ir.MakeRange, l.pattern)
	case syn.OpIn:
		e := l.at(ir.Match, n) // `e in Error`, only in rescue
		e.A = int32(l.pattern(left))
		e.B = int32(l.expr(right))
		return l.add(e, -1)
	}
	return l.opaquePattern(n)
}

// patternSegment lowers a part of a bitstring pattern: `x::binary` binds x.
func (l *lowerer) patternSegment(n syntax.NodeID) ir.ExprID {
	if node := l.t.Node(n); node.Kind == syn.Binary && node.Op == syn.OpType {
		return l.pattern(l.t.First(n))
	}
	return l.pattern(n)
}

// patternCall lowers a macro in a pattern: its arguments are patterns.
func (l *lowerer) patternCall(n syntax.NodeID) ir.ExprID {
	if localName(l.t, n) == "unquote" {
		return l.opaque(n, "unquote")
	}
	mark := len(l.stack)
	for _, a := range args(l.t, n) {
		l.push(l.pattern(a))
	}
	e := l.at(ir.Opaque, n)
	e.Str = localName(l.t, n)
	return l.add(e, mark)
}

func (l *lowerer) opaquePattern(n syntax.NodeID) ir.ExprID {
	mark := len(l.stack)
	for c := l.t.First(n); c != syntax.None; c = l.t.Next(c) {
		l.push(l.pattern(c))
	}
	return l.add(l.at(ir.Opaque, n), mark)
}
