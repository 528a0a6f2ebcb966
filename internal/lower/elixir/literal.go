package elixir

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

func (l *lowerer) literal(n syntax.NodeID) ir.ExprID {
	t := l.t
	e := l.at(ir.Const, n)
	text := t.Text(n)
	switch t.Node(n).Kind {
	case syn.Int, syn.Char:
		e.Sub = ir.LitInt
		if v, ok := syn.IntValue(t, n); ok {
			e.Str = strconv.FormatInt(v, 10)
		} else {
			e.Str = text
		}
	case syn.Float:
		e.Sub, e.Str = ir.LitFloat, text
	default:
		e.Sub, e.Str = ir.LitAtom, syn.AtomName(t, n)
		switch text { // `:true` is the same as `true`
		case "nil", ":nil":
			e.Sub = ir.LitNil
		case "true", "false", ":true", ":false":
			e.Sub = ir.LitBool
		}
	}
	return l.add(e, -1)
}

// text lowers strings and what is written like them.
func (l *lowerer) text(n syntax.NodeID, part func(syntax.NodeID) ir.ExprID) ir.ExprID {
	t := l.t
	kind := t.Node(n).Kind
	if value, ok := l.constText(n); ok {
		e := l.at(ir.Const, n)
		e.Sub, e.Str = ir.LitString, value
		switch kind {
		case syn.QAtom, syn.QKey, syn.QName:
			e.Sub = ir.LitAtom
		case syn.Sigil:
			return l.sigil(n, value)
		}
		return l.add(e, -1)
	}
	mark := len(l.stack)
	for c := t.First(n); c != syntax.None; c = t.Next(c) {
		if t.Node(c).Kind == syn.Text {
			l.push(l.string(c, t.Text(c)))
		} else {
			l.push(part(c))
		}
	}
	e := l.at(ir.Make, n)
	e.Sub = ir.MakeString
	switch kind {
	case syn.QAtom, syn.QKey:
		e.Sub = ir.MakeAtom
	case syn.Sigil:
		e.Sub, e.Str = ir.MakeSigil, syn.SigilName(t, n)
	}
	return l.add(e, mark)
}

// constText is the value of a string without interpolation; for a sigil the
// text inside as written.
func (l *lowerer) constText(n syntax.NodeID) (string, bool) {
	t := l.t
	if t.Node(n).Kind != syn.Sigil {
		return syn.StringValue(t, n)
	}
	c := t.First(n)
	if c == syntax.None {
		return "", true
	}
	if t.Next(c) == syntax.None && t.Node(c).Kind == syn.Text {
		return t.Text(c), true
	}
	return "", false
}

func (l *lowerer) string(n syntax.NodeID, value string) ir.ExprID {
	e := l.at(ir.Const, n)
	e.Sub, e.Str = ir.LitString, value
	return l.add(e, -1)
}

// sigil lowers a sigil without interpolation: `~w(a b)` is a list of strings or
// atoms, `~s` and `~S` are strings, others keep their name.
func (l *lowerer) sigil(n syntax.NodeID, value string) ir.ExprID {
	e := l.at(ir.Make, n)
	mark := len(l.stack)
	switch name := syn.SigilName(l.t, n); name {
	case "w", "W":
		lit := ir.LitString
		if strings.HasPrefix(syn.SigilModifiers(l.t, n), "a") {
			lit = ir.LitAtom
		}
		for _, word := range strings.Fields(value) {
			c := l.at(ir.Const, n)
			c.Sub, c.Str = lit, word
			l.push(l.add(c, -1))
		}
		e.Sub = ir.MakeList
	case "s", "S":
		return l.string(n, value)
	default:
		e.Sub, e.Str = ir.MakeSigil, name
		l.push(l.string(n, value))
	}
	return l.add(e, mark)
}
