package elixir

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// allowOnly looks the text up among the names that are known: in a map that stands
// in the call, or in an attribute if it is too long for that.
func (w *Writer) allowOnly(f *fix.Fix, c *fix.AllowOnly) error {
	d := w.doc(c.Code.File)
	e, text := c.Code.At(c.Call), c.Code.At(c.Text)
	if e.Flags&ir.FlagPiped != 0 || text.End > e.End || text.Start < e.Start {
		return errPiped
	}
	v, ok := d.call(e.Start, e.End, c.Code.Callees[e.A].Name)
	value := d.slice(text.Start, text.End)
	if !ok || d.Node(v.ID).Start != e.Start || v.ArgCount() != 1 || d.Node(v.Arg(0)).Kind == syn.Keywords || d.loose(v.Arg(0)) || strings.Contains(value, "\n") {
		return errPlace
	}
	look := "Map.fetch!("
	if c.Else {
		look = "Map.get("
	}
	pairs := make([]string, len(c.Names))
	for i, n := range c.Names {
		pairs[i] = quoted(n) + " => " + atom(n)
	}
	const reason = "What it does not know it does not make."
	call := look + "%{" + strings.Join(pairs, ", ") + "}, " + value + ")"
	if d.fits(d.slice(d.lineStart(e.Start), e.Start) + call + d.slice(e.End, d.lineEnd(e.End))) {
		f.Edits = append(f.Edits, d.edit(e.Start, e.End, call, reason))
		return nil
	}
	at := d.beforeFunction(w.Program.FuncAt(c.Code.Span(c.Call)))
	if at < 0 {
		return errPlace
	}
	name := d.attribute(value)
	in := d.indent(d.nextWord(at))
	attribute := d.edit(at, at, in+"@"+name+" %{\n"+in+"  "+strings.Join(pairs, ",\n"+in+"  ")+"\n"+in+"}\n\n", "")
	above := slices.ContainsFunc(f.Edits, func(o fix.Edit) bool {
		return o.Path == attribute.Path && o.Text == attribute.Text && o.Start <= attribute.Start
	})
	if !above {
		f.Edits = append(f.Edits, attribute)
	}
	f.Edits = append(f.Edits, d.edit(e.Start, e.End, look+"@"+name+", "+value+")", reason))
	return nil
}

// nextWord is the first offset from at on that holds no white space.
func (d *doc) nextWord(at int32) int32 {
	return at + int32(len(d.text[at:])-len(strings.TrimLeft(d.text[at:], " \t\r\n")))
}

// attribute is a free name for the values of something.
func (d *doc) attribute(value string) string {
	name := "allowed"
	if simple(value) {
		name = value + "s"
	}
	for strings.Contains(d.text, "@"+name) {
		name = "allowed_" + name
	}
	return name
}

// beforeFunction is the start of the line above which something can stand in front
// of a function, its documentation and its specification, or -1.
func (d *doc) beforeFunction(fn *ir.Func) int32 {
	if fn == nil || len(fn.Clauses) == 0 || fn.Span.File != d.File.ID {
		return -1
	}
	id := syntax.None
	for i := range d.Nodes {
		if n := d.Node(syntax.NodeID(i)); n.Kind == syn.Call && n.Start == fn.Clauses[0].Span.Start {
			id = syntax.NodeID(i)
			break
		}
	}
	if id == syntax.None || d.parent(id) == syntax.None || !d.sequence(d.parent(id)) {
		return -1
	}
	for {
		before := d.previous(id)
		if before == syntax.None || d.Node(before).Kind != syn.Unary || d.Node(before).Op != syn.OpAt {
			break
		}
		word := strings.TrimPrefix(d.Text(before), "@")
		if i := strings.IndexAny(word, " ("); i < 0 || !slices.Contains([]string{"doc", "spec", "impl", "deprecated", "since", "dialyzer"}, word[:i]) {
			break
		}
		id = before
	}
	return d.aboveComments(d.Node(id).Start, d.Node(d.parent(id)).Start)
}
