package elixir

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// doc is one file that is edited: its text and its tree.
type doc struct {
	*syntax.Tree
	text  string
	width int // the longest line that the project's formatter leaves
}

func (w *Writer) doc(f *source.File) *doc {
	t := w.Trees[f.ID]
	if t == nil { // no Elixir: nothing is found in it
		t = &syntax.Tree{File: f}
	}
	return &doc{Tree: t, text: f.Text, width: w.width(path.Dir(f.Path))}
}

// lineStart is where the line of an offset begins, lineEnd where it ends, before
// its line end.
func (d *doc) lineStart(at int32) int32 { return int32(strings.LastIndexByte(d.text[:at], '\n') + 1) }

func (d *doc) lineEnd(at int32) int32 {
	if i := strings.IndexByte(d.text[at:], '\n'); i >= 0 {
		at += int32(i)
		if at > 0 && d.text[at-1] == '\r' && d.lineStart(at) < at {
			at--
		}
		return at
	}
	return int32(len(d.text))
}

// nextLine is where the line behind an offset's begins.
func (d *doc) nextLine(at int32) int32 {
	if i := strings.IndexByte(d.text[at:], '\n'); i >= 0 {
		return at + int32(i) + 1
	}
	return int32(len(d.text))
}

// indent is the white space that the line of an offset begins with.
func (d *doc) indent(at int32) string {
	line := d.text[d.lineStart(at):]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// first reports whether an offset is the first of its line behind white space.
func (d *doc) first(at int32) bool {
	return strings.TrimSpace(d.text[d.lineStart(at):at]) == ""
}

func (d *doc) slice(from, to int32) string { return d.text[from:to] }

func (d *doc) oneLine(id syntax.NodeID) bool { return !strings.Contains(d.Text(id), "\n") }

func (d *doc) edit(from, to int32, text, reason string) fix.Edit {
	return fix.Edit{Path: d.File.Path, Start: int(from), End: int(to), Text: text, Reason: reason}
}

// fits reports whether a line stays within the width.
func (d *doc) fits(line string) bool { return utf8.RuneCountInString(line) <= d.width }

// call finds the call of a name that ends at an offset, inside a range.
func (d *doc) call(start, end int32, name string) (syn.CallView, bool) {
	for id := range d.Nodes {
		n := d.Node(syntax.NodeID(id))
		if n.Kind != syn.Call || n.End != end || n.Start < start {
			continue
		}
		if v, ok := syn.AsCall(d.Tree, syntax.NodeID(id)); ok && v.Name() == name {
			return v, true
		}
	}
	return syn.CallView{}, false
}

// node finds a node of a kind with exactly this range.
func (d *doc) node(start, end int32, kind syntax.Kind) syntax.NodeID {
	for id := range d.Nodes {
		if n := d.Node(syntax.NodeID(id)); n.Kind == kind && n.Start == start && n.End == end {
			return syntax.NodeID(id)
		}
	}
	return syntax.None
}

func (d *doc) parent(id syntax.NodeID) syntax.NodeID { return d.Node(id).Parent }

// sequence reports whether the children of a node run one after the other, each
// on lines of its own.
func (d *doc) sequence(id syntax.NodeID) bool {
	n := d.Node(id)
	switch n.Kind {
	case syn.Body, syn.Program:
		return true
	case syn.Section:
		return n.Flags&syn.FlagClauses == 0
	}
	return false
}

// alone reports whether a node is a statement with lines of its own.
func (d *doc) alone(id syntax.NodeID) bool {
	n := d.Node(id)
	rest := strings.TrimSpace(d.slice(n.End, d.lineEnd(n.End)))
	return d.parent(id) != syntax.None && d.sequence(d.parent(id)) && d.first(n.Start) && (rest == "" || rest[0] == '#')
}

// loose reports whether a node is a call whose arguments have no parentheses, or
// an operation on one, which may not stand among other arguments.
func (d *doc) loose(id syntax.NodeID) bool {
	n := d.Node(id)
	switch n.Kind {
	case syn.Call:
		v, _ := syn.AsCall(d.Tree, id)
		return !v.HasParens() && (v.ArgCount() > 0 || v.DoBlock() != syntax.None)
	case syn.Unary, syn.Binary, syn.Step, syn.When:
		for c := range syn.Children(d.Tree, id) {
			if d.loose(c) {
				return true
			}
		}
	}
	return false
}

// previous is the sibling before a node, or None.
func (d *doc) previous(id syntax.NodeID) syntax.NodeID {
	before := syntax.None
	for c := range syn.Children(d.Tree, d.parent(id)) {
		if c == id {
			return before
		}
		before = c
	}
	return syntax.None
}

// apart are the edits that put blank lines around a statement which takes more
// than a line, as the formatter does.
func (d *doc) apart(id syntax.NodeID) []fix.Edit {
	var out []fix.Edit
	if d.parent(id) == syntax.None {
		return nil
	}
	if before := d.previous(id); before != syntax.None {
		out = append(out, d.blank(d.Node(before).End, d.Node(id).Start)...)
	}
	if after := d.Next(id); after != syntax.None {
		out = append(out, d.blank(d.Node(id).End, d.Node(after).Start)...)
	}
	return out
}

// below puts the `do:` of the function that a node stands in on a line of its own.
func (d *doc) below(id syntax.NodeID) []fix.Edit {
	for ; id != syntax.None; id = d.parent(id) {
		v, ok := syn.AsCall(d.Tree, id)
		if !ok || v.Name() != "def" && v.Name() != "defp" {
			continue
		}
		words := v.Keywords()
		if words == syntax.None || v.HasParens() || !d.oneLine(id) || v.Arg(0) == words {
			return nil
		}
		n := d.Node(words)
		out := []fix.Edit{d.edit(d.Node(d.previous(words)).End, n.Start, ",\n"+d.indent(n.Start)+"  ", "")}
		return append(out, d.apart(id)...)
	}
	return nil
}

// blank puts a blank line between what ends at from and what begins at to, if
// they stand on lines of their own and there is none.
func (d *doc) blank(from, to int32) []fix.Edit {
	next := d.nextLine(from)
	if next > to {
		return nil
	}
	for at := next; at < to; at = d.nextLine(at) {
		if strings.TrimSpace(d.slice(at, d.lineEnd(at))) == "" {
			return nil
		}
	}
	return []fix.Edit{d.edit(next, next, "\n", "")}
}

// tidy gives edits the line ends of their files, and makes each once.
func (w *Writer) tidy(f *fix.Fix) {
	once := f.Edits[:0]
	for _, e := range f.Edits {
		same := func(o fix.Edit) bool {
			return o.Path == e.Path && o.Start == e.Start && o.End == e.End && o.Text == e.Text
		}
		if !slices.ContainsFunc(once, same) {
			once = append(once, e)
		}
	}
	f.Edits = once
	var notes []string
	for _, n := range f.Notes {
		if !slices.Contains(notes, n) {
			notes = append(notes, n)
		}
	}
	f.Notes = notes
	for i := range f.Edits {
		e := &f.Edits[i]
		file := w.Files.Named(e.Path)
		if file != nil && strings.Contains(file.Text, "\r\n") {
			e.Text = strings.ReplaceAll(strings.ReplaceAll(e.Text, "\r\n", "\n"), "\n", "\r\n")
		}
	}
}
