package elixir

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// indexCommand is `create index(…)`, or drop, in the text of a migration.
type indexCommand struct {
	id    syntax.NodeID
	word  string
	index thing
}

// command reads a command about an index or a constraint.
func (w *Writer) command(t *syntax.Tree, id syntax.NodeID) (indexCommand, bool) {
	call, ok := elixir.AsCall(t, id)
	if !ok || call.ArgCount() != 1 || call.DoBlock() != syntax.None {
		return indexCommand{}, false
	}
	c := indexCommand{id: id, word: call.Name()}
	if !slices.Contains([]string{"create", "create_if_not_exists", "drop", "drop_if_exists"}, c.word) {
		return c, false
	}
	c.index, ok = thingOf(t, call.Arg(0))
	return c, ok
}

// valueBelow is a key whose value stands on the next line.
var valueBelow = regexp.MustCompile(`^(\w+:)\s*\n\s*`)

// thingOf reads the description of an index or a constraint.
func thingOf(t *syntax.Tree, id syntax.NodeID) (thing, bool) {
	call, ok := elixir.AsCall(t, id)
	if !ok {
		return thing{}, false
	}
	out := thing{name: call.Name()}
	for a := range call.Args() {
		if t.Node(a).Kind != elixir.Keywords {
			out.args = append(out.args, t.Text(a))
			continue
		}
		for pair := range elixir.Children(t, a) {
			out.opts = append(out.opts, valueBelow.ReplaceAllString(t.Text(pair), "$1 "))
		}
	}
	return out, out.name == "index" || out.name == "unique_index" || out.name == "constraint"
}

func (c *indexCommand) isIndex() bool { return c.index.name != "constraint" }

// literalCommand reports whether a command means the same in another module, on one
// line of its own.
func literalCommand(t *syntax.Tree, root syntax.NodeID) bool {
	end := root + syntax.NodeID(t.Node(root).Size)
	for id := root; id < end; id++ {
		n := t.Node(id)
		if n.Kind == elixir.Ident || n.Kind == elixir.Unary || n.Kind == elixir.Interp || n.Kind == elixir.Alias || n.Flags&elixir.FlagHeredoc != 0 && n.Kind == elixir.String {
			return false
		}
	}
	return !commented(t, root)
}

// commented reports whether a comment stands inside a node.
func commented(t *syntax.Tree, id syntax.NodeID) bool {
	n := t.Node(id)
	return slices.ContainsFunc(t.Comments, func(r syntax.Range) bool { return r.Start >= n.Start && r.Start < n.End })
}

// relaid is the edit that gives a command one more option: one of several lines
// gets another line, one of a single line is written anew.
func (c *indexCommand) relaid(t *syntax.Tree, width int, opt string) fix.Edit {
	n := t.Node(c.id)
	if strings.Contains(t.Text(c.id), "\n") {
		inner := elixir.CallView{Tree: t, ID: elixir.CallView{Tree: t, ID: c.id}.Arg(0)}
		add := appended(t, inner, opt)
		if at := t.Node(inner.ID); !strings.Contains(t.Text(inner.ID), "\n") && lineLength(t.File.Text, int(at.Start))+len(add.Text) > width {
			indent := int(at.Start) - lineStart(t.File.Text, int(at.Start))
			first, rest, _ := strings.Cut(c.index.with(opt).laid(indent, 0, width), "\n")
			return fix.Edit{Path: t.File.Path, Start: int(at.Start), End: int(at.End), Text: first + "\n" + indented(rest, strings.Repeat(" ", indent))}
		}
		return add
	}
	indent := int(n.Start) - lineStart(t.File.Text, int(n.Start))
	text := command(c.word, c.index.with(opt), n.Flags&elixir.FlagParens != 0, indent, width)
	pad := strings.Repeat(" ", indent)
	first, rest, more := strings.Cut(text, "\n")
	if more {
		first += "\n" + indented(rest, pad)
	}
	return fix.Edit{Path: t.File.Path, Start: int(n.Start), End: int(n.End), Text: first}
}

// function is a function of a migration that runs by itself: change, up or down.
type function struct {
	name  string
	steps []syntax.NodeID
}

func (w *Writer) functions(t *syntax.Tree, m *ir.Migration) []function {
	var out []function
	at := w.Program.Module(m.Module).Span
	for id := range t.Nodes {
		call, ok := elixir.AsCall(t, syntax.NodeID(id))
		n := t.Node(syntax.NodeID(id))
		if !ok || call.Name() != "def" || n.Start < at.Start || n.End > at.End || call.Arg(0) == syntax.None {
			continue
		}
		name := strings.TrimSuffix(t.Text(call.Arg(0)), "()")
		if call.DoBlock() == syntax.None || !slices.Contains([]string{"change", "up", "down"}, name) {
			continue
		}
		for s := range call.Sections() {
			out = append(out, function{name, slices.Collect(elixir.Children(t, s))})
			break
		}
	}
	return out
}

// without are the edits that take statements out, those that follow each other as
// one: with their lines, and one of the empty ones around them.
func without(t *syntax.Tree, gone []syntax.NodeID) []fix.Edit {
	text := t.File.Text
	gone = slices.Clone(gone)
	slices.Sort(gone)
	var out []fix.Edit
	for _, id := range slices.Compact(gone) {
		n := t.Node(id)
		start, end := lineStart(text, int(n.Start)), int(n.End)
		if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
			end += i + 1
		}
		if k := len(out); k > 0 && strings.TrimSpace(text[out[k-1].End:start]) == "" {
			out[k-1].End = end
			continue
		}
		out = append(out, fix.Edit{Path: t.File.Path, Start: start, End: end})
	}
	for i := range out {
		e := &out[i]
		above := strings.HasSuffix(text[:e.Start], "\n\n")
		switch {
		case (above || strings.HasSuffix(text[:e.Start], " do\n")) && strings.HasPrefix(text[e.End:], "\n"):
			e.End++
		case above && strings.HasPrefix(strings.TrimLeft(text[e.End:], " "), "end"):
			e.Start--
		}
	}
	return out
}
