package elixir

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// declare puts one more step behind a step of a changeset.
func (w *Writer) declare(f *fix.Fix, c *fix.Declare) error {
	e := c.Code.At(c.After)
	if e.Op != ir.Call || len(c.Code.List(e)) == 0 {
		return errPlace
	}
	p := stepAt{code: c.Code, at: c.After, e: e, width: w.width(parent(c.Code.File.Path))}
	step := constraintStep(c, w.singleFields(parent(c.Code.File.Path)))
	if q := p.qualifier(); q != "" {
		step.name = q + step.name
	} else if err := w.imported(f, c.Code, step); err != nil {
		return err
	}
	edits := p.chained(step)
	if edits == nil {
		return errPlace
	}
	for i := range edits {
		edits[i].Path = c.Code.File.Path
	}
	edits[len(edits)-1].Reason = "What the database refuses comes back as an error of the field, instead of an exception."
	if !behind(f.Edits, edits) {
		f.Edits = append(f.Edits, edits...)
	}
	return nil
}

// behind puts a step of a pipe behind one that the same fix puts at the same place, if there is one.
func behind(edits, step []fix.Edit) bool {
	if len(step) != 1 || step[0].Start != step[0].End || !strings.HasPrefix(strings.TrimLeft(step[0].Text, " \n"), "|> ") {
		return false
	}
	for i := range edits {
		e := &edits[i]
		if e.Path == step[0].Path && e.Start == step[0].Start && e.End == e.Start && strings.HasPrefix(strings.TrimLeft(e.Text, " \n"), "|> ") && strings.HasSuffix(e.Text, ")") {
			e.Text += step[0].Text
			return true
		}
	}
	return false
}

func parent(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return "."
}

// singleFields reports whether the locked Ecto declares a constraint on one field only, which has
// the name then (ecto 3.4.2 takes a list).
func (w *Writer) singleFields(dir string) bool {
	major, minor, patch := w.ecto(dir)
	return major > 0 && major < 3 || major == 3 && (minor < 4 || minor == 4 && patch < 2)
}

// constraintStep is the call that declares a constraint, without the changeset.
func constraintStep(c *fix.Declare, single bool) thing {
	t := thing{name: [...]string{
		ir.CheckConstraint: "check_constraint", ir.UniqueConstraint: "unique_constraint", ir.ExclusionConstraint: "exclusion_constraint",
	}[c.Kind]}
	t.args = []string{atom(c.Fields[0])}
	name := c.Name
	switch {
	case len(c.Fields) > 1 && single && c.Usual != "":
		name = c.Usual
	case len(c.Fields) > 1:
		t.args = []string{atoms(c.Fields)}
	}
	if name != "" {
		t.opts = []string{"name: " + atom(name)}
	}
	return t
}

// stepAt is a call that a step is put behind.
type stepAt struct {
	code  *ir.Code
	at    ir.ExprID
	e     *ir.Expr
	width int
}

func (p *stepAt) text() string { return p.code.File.Text }

// qualifier is what stands before the name of a remote call: `Ecto.Changeset.`.
func (p *stepAt) qualifier() string {
	k := &p.code.Callees[p.e.A]
	if k.How != ir.Remote {
		return ""
	}
	text := p.text()[p.nameFrom():p.e.End]
	i := strings.Index(text, "."+k.Name)
	if i < 0 {
		return ""
	}
	return text[:i+1]
}

// nameFrom is where the called name begins, behind what is piped in.
func (p *stepAt) nameFrom() int {
	if p.e.Flags&ir.FlagPiped == 0 {
		return int(p.e.Start)
	}
	text, at := p.text(), int(p.code.At(p.code.List(p.e)[0]).End)
	if i := strings.Index(text[at:p.e.End], "|>"); i >= 0 {
		at += i + 2
	}
	for at < int(p.e.End) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t') {
		at++
	}
	return at
}

// chained are the edits that put a step behind the call, in the manner in which
// the call itself is written.
func (p *stepAt) chained(step thing) []fix.Edit {
	first := p.code.At(p.code.List(p.e)[0])
	switch {
	case p.e.Flags&ir.FlagPiped != 0:
		return p.piped(step)
	case first.Op == ir.Call && first.Flags&ir.FlagPiped == 0 && !strings.Contains(p.whole(), "\n"):
		return p.around(step)
	}
	return p.asPipe(step, first)
}

func (p *stepAt) whole() string { return p.text()[p.e.Start:p.e.End] }

// lineStart is where the line of a byte begins.
func lineStart(text string, at int) int { return strings.LastIndexByte(text[:at], '\n') + 1 }

// lineLength is how long the line is that a byte is on.
func lineLength(text string, at int) int {
	end := strings.IndexByte(text[at:], '\n')
	if end < 0 {
		end = len(text) - at
	}
	return at + end - lineStart(text, at)
}

// piped puts a step behind the last one: on its line, where the whole pipe is on
// one and it fits, else on one of its own.
func (p *stepAt) piped(step thing) []fix.Edit {
	text, end := p.text(), int(p.e.End)
	op := strings.LastIndex(text[:p.nameFrom()], "|>")
	start := lineStart(text, op)
	if strings.TrimSpace(text[start:op]) == "" {
		indent := op - start
		return []fix.Edit{{Start: end, End: end, Text: "\n" + strings.Repeat(" ", indent) + "|> " + p.fitted(step, indent)}}
	}
	if one := " |> " + step.String(); lineLength(text, end)+len(one) <= p.width || strings.Contains(p.whole(), "\n") {
		return []fix.Edit{{Start: end, End: end, Text: one}}
	}
	return p.broken(step)
}

// fitted is a step that begins behind a pipe at an indentation.
func (p *stepAt) fitted(step thing, indent int) string {
	if one := step.String(); indent+3+len(one) <= p.width || len(step.opts) == 0 {
		return one
	}
	pad := strings.Repeat(" ", indent)
	return step.name + "(" + strings.Join(step.args, ", ") + ",\n" + pad + "  " + strings.Join(step.opts, ",\n"+pad+"  ") + "\n" + pad + ")"
}

// broken puts each step of a pipe that has become too long on a line of its own.
func (p *stepAt) broken(step thing) []fix.Edit {
	text := p.text()
	var breaks []fix.Edit
	at := p.at
	for e := p.e; e.Op == ir.Call && e.Flags&ir.FlagPiped != 0; e = p.code.At(at) {
		at = p.code.List(e)[0]
		left := int(p.code.At(at).End)
		op := strings.Index(text[left:e.End], "|>")
		if op < 0 {
			return nil
		}
		breaks = append(breaks, fix.Edit{Start: left, End: left + op})
	}
	start, end := int(p.code.At(at).Start), int(p.e.End)
	out, margin, closing, ok := p.opened(start, end)
	if !ok {
		return []fix.Edit{{Start: end, End: end, Text: " |> " + step.String()}}
	}
	pad := "\n" + strings.Repeat(" ", margin)
	slices.Reverse(breaks)
	for _, b := range breaks {
		b.Text = pad
		out = append(out, b)
	}
	return append(out, fix.Edit{Start: end, End: end, Text: pad + "|> " + p.fitted(step, margin) + closing})
}

// opened makes room for a pipe of several lines where an expression on one line
// stands: by itself, as the body of a short function, or behind `=`.
func (p *stepAt) opened(start, end int) (out []fix.Edit, margin int, closing string, ok bool) {
	text := p.text()
	line := lineStart(text, start)
	before, after := text[line:start], text[end:lineStart(text, end)+lineLength(text, end)]
	margin = len(before) - len(strings.TrimLeft(before, " "))
	pad := strings.Repeat(" ", margin+2)
	switch {
	case strings.TrimSpace(before) == "":
		return nil, margin, "", true
	case strings.TrimSpace(after) != "":
	case strings.HasSuffix(before, ", do: "):
		open := fix.Edit{Start: start - len(", do: "), End: start, Text: " do\n" + pad}
		return []fix.Edit{open}, margin + 2, "\n" + pad[2:] + "end", true
	case strings.HasSuffix(before, " = "):
		next := strings.TrimLeft(text[min(end+len(after)+1, len(text)):], " ")
		if !strings.HasPrefix(next, "\n") && !strings.HasPrefix(next, "end") {
			closing = "\n"
		}
		return []fix.Edit{{Start: start - 1, End: start, Text: "\n" + pad}}, margin + 2, closing, true
	}
	return nil, 0, "", false
}

// around puts a step around a call whose own first argument is a call.
func (p *stepAt) around(step thing) []fix.Edit {
	rest := strings.TrimPrefix(step.String(), step.name+"(")
	return []fix.Edit{
		{Start: int(p.e.Start), End: int(p.e.Start), Text: step.name + "("},
		{Start: int(p.e.End), End: int(p.e.End), Text: ", " + rest},
	}
}

// asPipe makes a pipe of a call and a step: the first argument goes before it.
func (p *stepAt) asPipe(step thing, argument *ir.Expr) []fix.Edit {
	text := p.text()
	start, end := int(p.e.Start), int(p.e.End)
	from, to := int(argument.Start), int(argument.End)
	subject := text[from:to]
	if strings.Contains(subject, "\n") || from <= start || p.e.Flags&ir.FlagParens == 0 {
		return nil
	}
	rest := to
	for rest < end && (text[rest] == ' ' || text[rest] == ',' || text[rest] == '\n') {
		rest++
	}
	longer := len(" |>  |> ") + len(step.String())
	if !strings.Contains(text[start:end], "\n") && lineLength(text, end)+longer <= p.width {
		return []fix.Edit{
			{Start: start, End: start, Text: subject + " |> "}, {Start: from, End: rest}, {Start: end, End: end, Text: " |> " + step.String()},
		}
	}
	out, margin, closing, ok := p.opened(start, end)
	if !ok || strings.Contains(text[start:end], "\n") && margin != start-lineStart(text, start) {
		return []fix.Edit{{Start: end, End: end, Text: " |> " + step.String()}}
	}
	pad := "\n" + strings.Repeat(" ", margin)
	first := fix.Edit{Start: start, End: start, Text: subject + pad + "|> "}
	if len(out) > 0 {
		first.Start, first.Text = out[0].Start, out[0].Text+first.Text
	}
	return []fix.Edit{first, {Start: from, End: rest}, {Start: end, End: end, Text: pad + "|> " + p.fitted(step, margin) + closing}}
}

// imported adds a function to the list of those that a module imports, where it
// imports some only.
func (w *Writer) imported(f *fix.Fix, c *ir.Code, step thing) error {
	t := w.Trees[c.File.ID]
	arity := 2
	if len(step.opts) > 0 {
		arity = 3
	}
	for id := range t.Nodes {
		call, ok := elixir.AsCall(t, syntax.NodeID(id))
		if !ok || call.Name() != "import" || call.Arg(0) == syntax.None || !strings.HasSuffix(t.Text(call.Arg(0)), "Changeset") {
			continue
		}
		only := option(t, call, "only")
		if only == syntax.None || t.Node(only).Kind != elixir.List || strings.Contains(t.Text(only), step.name+":") {
			continue
		}
		at := int(t.Node(only).End) - 1
		for at > 0 && strings.ContainsRune(" \n", rune(c.File.Text[at-1])) {
			at--
		}
		f.Edits = append(f.Edits, fix.Edit{Path: c.File.Path, Start: at, End: at, Text: ", " + step.name + ": " + strconv.Itoa(arity)})
	}
	return nil
}

// option is the value of an option of a call, or None.
func option(t *syntax.Tree, call elixir.CallView, key string) syntax.NodeID {
	kw := call.Keywords()
	if kw == syntax.None {
		return syntax.None
	}
	for k, v := range elixir.Pairs(t, kw) {
		if elixir.AtomName(t, k) == key {
			return v
		}
	}
	return syntax.None
}

// callAt is the call that stands at a place, or None.
func (w *Writer) callAt(at source.Span) (*syntax.Tree, syntax.NodeID) {
	t := w.Trees[at.File]
	for id := range t.Nodes {
		if n := &t.Nodes[id]; n.Kind == elixir.Call && n.Start == at.Start && n.End == at.End {
			return t, syntax.NodeID(id)
		}
	}
	return t, syntax.None
}
