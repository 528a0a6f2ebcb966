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
	all := t.Children(call, make([]syntax.NodeID, 0, 4))
	if len(all) == 0 {
		return nil
	}
	all = all[1:]
	if k := len(all) - 1; k >= 0 && t.Node(all[k]).Kind == syn.DoBlock {
		all = all[:k]
	}
	return all
}

// firstArg is the first argument of a call, or None.
func firstArg(t *syntax.Tree, call syntax.NodeID) syntax.NodeID {
	callee := t.First(call)
	if callee == syntax.None {
		return syntax.None
	}
	a := t.Next(callee)
	if a == syntax.None || t.Node(a).Kind == syn.DoBlock {
		return syntax.None
	}
	return a
}

// doBlock is the do block of a call, or None.
func doBlock(t *syntax.Tree, call syntax.NodeID) syntax.NodeID {
	last := syntax.None
	for c := t.First(call); c != syntax.None; c = t.Next(c) {
		last = c
	}
	if last != syntax.None && t.Node(last).Kind == syn.DoBlock {
		return last
	}
	return syntax.None
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
	for p := t.First(n); p != syntax.None; p = t.Next(p) {
		if t.Node(p).Kind != syn.Pair {
			continue
		}
		k := t.First(p)
		if k != syntax.None && t.Node(k).Kind == syn.Key && keyText(t, k) == key {
			return t.Next(k)
		}
	}
	return syntax.None
}

// keyText is the name of a Key without its colon.
func keyText(t *syntax.Tree, k syntax.NodeID) string {
	return strings.TrimSuffix(t.Text(k), ":")
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

// aliasText is the text of an Alias without blanks and comments in it; for one
// with a left side, what follows that.
func aliasText(t *syntax.Tree, n syntax.NodeID) string {
	s := t.Text(n)
	if c := t.First(n); c != syntax.None {
		s = t.File.Text[t.Node(c).End:t.Node(n).End]
	}
	if strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == '#' || r == '(' || r == ')' }) < 0 {
		return strings.TrimPrefix(s, ".")
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		line, _, _ = strings.Cut(line, "#")
		b.WriteString(strings.Map(func(r rune) rune {
			if r <= ' ' || r == '(' || r == ')' {
				return -1
			}
			return r
		}, line))
	}
	return strings.TrimPrefix(b.String(), ".")
}
