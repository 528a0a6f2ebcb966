package elixir

import (
	"strings"

	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// localName is the name of a local call, or "".
func localName(t *syntax.Tree, n syntax.NodeID) string {
	if t.Node(n).Kind != syn.Call {
		return ""
	}
	if c := t.First(n); c != syntax.None && t.Node(c).Kind == syn.Name {
		return t.Text(c)
	}
	return ""
}

// args are the argument nodes of a call, without its do block.
func args(t *syntax.Tree, call syntax.NodeID) []syntax.NodeID {
	if t.First(call) == syntax.None {
		return nil
	}
	all := make([]syntax.NodeID, 0, 4)
	for a := range (syn.CallView{Tree: t, ID: call}).Args() {
		all = append(all, a)
	}
	return all
}

// firstArg is the first argument of a call, or None.
func firstArg(t *syntax.Tree, call syntax.NodeID) syntax.NodeID {
	if t.First(call) == syntax.None {
		return syntax.None
	}
	return syn.CallView{Tree: t, ID: call}.Arg(0)
}

// doBlock is the do block of a call, or None.
func doBlock(t *syntax.Tree, call syntax.NodeID) syntax.NodeID {
	if t.First(call) == syntax.None {
		return syntax.None
	}
	return syn.CallView{Tree: t, ID: call}.DoBlock()
}

// doBody is what a call has behind `do`: a Section, or the expression after
// `do:`; None without either.
func doBody(t *syntax.Tree, call syntax.NodeID) syntax.NodeID {
	if b := doBlock(t, call); b != syntax.None {
		return section(t, b, syn.SectionDo)
	}
	return keywordArg(t, call, "do")
}

// section is the section of a do block with a word, or None.
func section(t *syntax.Tree, block syntax.NodeID, word syn.Op) syntax.NodeID {
	for s := t.First(block); s != syntax.None; s = t.Next(s) {
		if t.Node(s).Op == word {
			return s
		}
	}
	return syntax.None
}

// keywordArg is the value of a key in a call's keyword tail, or None.
func keywordArg(t *syntax.Tree, call syntax.NodeID, key string) syntax.NodeID {
	for c := t.First(call); c != syntax.None; c = t.Next(c) {
		if v := keywordValue(t, c, key); v != syntax.None {
			return v
		}
	}
	return syntax.None
}

// keywordValue is the value of a key in a Keywords or List node, or None.
func keywordValue(t *syntax.Tree, n syntax.NodeID, key string) syntax.NodeID {
	if k := t.Node(n).Kind; k != syn.Keywords && k != syn.List {
		return syntax.None
	}
	for k, value := range syn.Pairs(t, n) {
		if t.Node(k).Kind == syn.Key && syn.AtomName(t, k) == key {
			return value
		}
	}
	return syntax.None
}

// statements are the expressions of a Section, Body, Block or Program, or the
// node itself.
func statements(t *syntax.Tree, n syntax.NodeID) []syntax.NodeID {
	switch t.Node(n).Kind {
	case syn.Section, syn.Body, syn.Block, syn.Program, syn.Interp:
		return t.Children(n, nil)
	}
	return []syntax.NodeID{n}
}

// soleChild is the only child of n, or None.
func soleChild(t *syntax.Tree, n syntax.NodeID) syntax.NodeID {
	c := t.First(n)
	if c == syntax.None || t.Next(c) != syntax.None {
		return syntax.None
	}
	return c
}

// aliasText are the segments of an Alias, joined by dots; for one with a left
// side, those that follow it.
func aliasText(t *syntax.Tree, n syntax.NodeID) string {
	var buf [8]string
	return strings.Join(syn.AliasSegments(t, n, buf[:0]), ".")
}
