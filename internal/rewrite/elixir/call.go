package elixir

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// callInstead replaces the name of the function that a call names. The name stands
// before the arguments, behind what is piped in: `x |> String.to_atom()`.
func (w *Writer) callInstead(f *fix.Fix, c *fix.CallInstead) error {
	e := c.Code.At(c.Call)
	if e.Op != ir.Call && e.Op != ir.FuncRef {
		return errPlace
	}
	k := &c.Code.Callees[e.A]
	text := c.Code.File.Text[e.Start:e.End]
	// Of a piped call the left side stands before the name.
	from := 0
	if list := c.Code.List(e); e.Op == ir.Call && e.Flags&ir.FlagPiped != 0 && len(list) > 0 {
		from = int(c.Code.At(list[0]).End - e.Start)
	}
	i := strings.Index(text[max(from, 0):], k.Name)
	if i < 0 {
		return errPlace
	}
	start := int(e.Start) + max(from, 0) + i
	if d := w.doc(c.Code.File); lineLength(d.text, start)+len(c.Name)-len(k.Name) > d.width && lineLength(d.text, start) <= d.width {
		return errWide
	}
	f.Safety = fix.Asked
	f.Edits = append(f.Edits, fix.Edit{
		Path: c.Code.File.Path, Start: start, End: start + len(k.Name), Text: c.Name,
		Reason: "What it does not know it refuses, with an exception, instead of keeping it for ever.",
	})
	return nil
}

// nameField puts another field in the place of what a step names, by itself or in a list.
func nameField(f *fix.Fix, c *fix.NameField) error {
	names := c.Code.List(c.Code.At(c.Call))
	for _, a := range names {
		if e := c.Code.At(a); e.Op == ir.Make && e.Sub == ir.MakeList {
			names = append(slices.Clip(names), c.Code.List(e)...)
		}
	}
	for _, a := range names {
		e := c.Code.At(a)
		if e.Op != ir.Const || e.Str != c.Was || c.Code.File.Text[e.Start:e.End] != atom(c.Was) {
			continue
		}
		f.Edits = append(f.Edits, fix.Edit{Path: c.Code.File.Path, Start: int(e.Start), End: int(e.End), Text: atom(c.Field), Reason: c.Why})
		return nil
	}
	return errPlace
}

// addOption puts an option behind the last argument of a call, or another value
// into the one that is there.
func (w *Writer) addOption(f *fix.Fix, c *fix.AddOption) error {
	e := c.Code.At(c.Call)
	list := c.Code.List(e)
	if e.Op != ir.Call || len(list) == 0 {
		return errPlace
	}
	last := c.Code.At(list[len(list)-1])
	there := ir.ExprID(ir.No)
	c.Code.EachPair(list[len(list)-1], func(key string, x ir.ExprID) {
		if key == c.Key {
			there = x
		}
	})
	edit := fix.Edit{Path: c.Code.File.Path, Start: int(last.End), End: int(last.End), Text: ", " + c.Key + ": " + c.Value}
	options := last.Op == ir.Make && last.Sub == ir.MakeList && isOptions(c.Code, last)
	bracket := options && c.Code.File.Text[last.End-1] == ']'
	switch {
	case there != ir.No:
		v := c.Code.At(there)
		edit.Start, edit.End, edit.Text = int(v.Start), int(v.End), c.Value
		if from, to, ok := attributeOf(c.Code.File.Text, c.Code.File.Text[v.Start:v.End]); ok {
			f.Edits = append(f.Edits, fix.Edit{Path: edit.Path, Start: from, End: to, Text: c.Value})
			return nil
		}
	case bracket:
		edit.Start--
		edit.End--
	}
	edits := []fix.Edit{edit}
	if e.Flags&ir.FlagPiped != 0 && !bracket {
		var pairs []ir.ExprID
		if options {
			pairs = c.Code.List(last)
		}
		edits = w.brokenStep(c.Code, e, edit, pairs)
	}
	f.Edits = append(f.Edits, edits...)
	return nil
}

var errReplace = errors.New("the locked Ecto cannot replace single columns on a conflict")

// settleConflict gives an insert the options by which the database answers with the row that
// is there: to replace a column by itself is what makes it return that row.
func (w *Writer) settleConflict(f *fix.Fix, c *fix.SettleConflict) error {
	e := c.Code.At(c.Call)
	list := c.Code.List(e)
	text := c.Code.File.Text
	if e.Op != ir.Call || len(list) != 1 || text[e.End-1] != ')' {
		return errPlace
	}
	if major, _, _ := w.ecto(path.Dir(c.Code.File.Path)); major > 0 && major < 3 {
		return errReplace
	}
	options := []string{
		"on_conflict: {:replace, " + atoms(c.Columns[:1]) + "}",
		"conflict_target: " + atoms(c.Columns),
		"returning: true",
	}
	piped := e.Flags&ir.FlagPiped != 0
	start := int(c.Code.CallSpan(c.Call).Start)
	line := lineStart(text, start)
	indent := text[line : line+len(text[line:])-len(strings.TrimLeft(text[line:], " "))]
	before := strings.TrimSpace(text[line:start])
	one := strings.Join(options, ", ")
	first := int(c.Code.At(list[0]).End)
	end := int(e.End) - 1
	sep := ", "
	if piped {
		first, sep = end, ""
	}
	f.Safety = max(f.Safety, fix.Asked)
	f.Notes = append(f.Notes, "Migrate before the new code runs: without the index the insert fails.")
	edit := fix.Edit{Path: c.Code.File.Path, Start: first, End: first, Text: sep + one, Reason: "Of two at once the second one gets the row of the first."}
	if end-line+len(edit.Text)+1 > w.width(parent(edit.Path)) {
		switch {
		case strings.Contains(text[start:end], "\n"):
			return errWidth // the lines around it would be laid out anew
		case strings.HasSuffix(before, "->"):
			arms, ok := brokenArms(edit.Path, text, line, indent)
			if !ok {
				return errWidth
			}
			f.Edits = append(f.Edits, arms...)
			indent += "  "
		case before != "" && before != "|>" && before != "||":
			return errWidth
		}
		edit.Text = strings.TrimSuffix(sep, " ") + "\n" + indent + "  " + strings.Join(options, ",\n"+indent+"  ") + "\n" + indent
	}
	f.Edits = append(f.Edits, edit)
	return nil
}

// brokenArms puts what the arms of a case do on lines of their own, as the formatter does
// when one of them takes several: all arms around a line take one line each.
func brokenArms(path, text string, line int, indent string) ([]fix.Edit, bool) {
	arm := func(at int) bool {
		l := lineOf(text, at)
		rest := strings.TrimPrefix(l, indent)
		return len(rest) < len(l) && !strings.HasPrefix(rest, " ") && strings.Count(rest, " -> ") == 1 && !strings.Contains(rest, "#") && !strings.HasSuffix(rest, " do")
	}
	first := line
	for first > 0 && arm(lineStart(text, first-1)) {
		first = lineStart(text, first-1)
	}
	if first == 0 || !strings.HasSuffix(lineOf(text, lineStart(text, first-1)), " do") {
		return nil, false
	}
	var out []fix.Edit
	at := first
	for ; at < len(text) && arm(at); at += len(lineOf(text, at)) + 1 {
		if at > first {
			out = append(out, fix.Edit{Path: path, Start: at, End: at, Text: "\n"})
		}
		arrow := at + strings.Index(lineOf(text, at), " -> ") + len(" ->")
		out = append(out, fix.Edit{Path: path, Start: arrow, End: arrow + 1, Text: "\n" + indent + "  "})
	}
	last := lineOf(text, min(at, len(text)))
	return out, strings.TrimSpace(last) == "end" || strings.HasPrefix(strings.TrimSpace(last), "end)")
}

// lineOf is the line that begins at a place, without its break.
func lineOf(text string, at int) string {
	line, _, _ := strings.Cut(text[at:], "\n")
	return line
}

// attributeOf is where the value of an attribute stands that is a name and read at one
// place only: with another value there it would be read nowhere.
func attributeOf(text, read string) (from, to int, ok bool) {
	if !strings.HasPrefix(read, "@") || !simple(read[1:]) {
		return 0, 0, false
	}
	set := regexp.MustCompile(`(?m)^\s*`+read+`\s+(:\w+)[ \t]*$`).FindAllStringSubmatchIndex(text, -1)
	all := regexp.MustCompile(read+`\b`).FindAllStringIndex(text, -1)
	if len(set) != 1 || len(all) != 2 {
		return 0, 0, false
	}
	return set[0][2], set[0][3], true
}

// brokenStep puts the options of a step on lines of their own when an edit makes
// the line of the step too long, as the formatter does.
func (w *Writer) brokenStep(c *ir.Code, e *ir.Expr, edit fix.Edit, pairs []ir.ExprID) []fix.Edit {
	text, end := c.File.Text, int(e.End)-1
	line := lineStart(text, edit.Start)
	indent := len(text[line:]) - len(strings.TrimLeft(text[line:], " "))
	grown := lineLength(text, edit.Start) + len(edit.Text) - (edit.End - edit.Start)
	if grown <= w.width(parent(c.File.Path)) || !strings.HasPrefix(text[line+indent:], "|>") || text[end] != ')' || strings.Contains(text[line:end], "\n") {
		return []fix.Edit{edit}
	}
	pad := strings.Repeat(" ", indent)
	if edit.Start == edit.End {
		edit.Text = ",\n" + pad + "  " + strings.TrimPrefix(edit.Text, ", ")
	}
	var out []fix.Edit
	for _, p := range pairs {
		start := int(c.At(p).Start)
		out = append(out, fix.Edit{Path: edit.Path, Start: start - 1, End: start, Text: "\n" + pad + "  "})
	}
	if edit.End == end {
		edit.Text += "\n" + pad
		return append(out, edit)
	}
	return append(out, edit, fix.Edit{Path: edit.Path, Start: end, End: end, Text: "\n" + pad})
}

// dropStep takes a step out of a pipe.
func (w *Writer) dropStep(f *fix.Fix, c *fix.DropStep) error {
	e := c.Code.At(c.Call)
	if e.Op != ir.Call || e.Flags&ir.FlagPiped == 0 || len(c.Code.List(e)) == 0 {
		return errPlace
	}
	start := int(c.Code.At(c.Code.List(e)[0]).End)
	if strings.Contains(c.Code.File.Text[start:e.End], "#") {
		return errPlace // a comment says something about it
	}
	f.Edits = append(f.Edits, fix.Edit{Path: c.Code.File.Path, Start: start, End: int(e.End), Reason: "It waits for what never comes."})
	return nil
}

// isOptions reports whether a list in brackets holds options.
func isOptions(c *ir.Code, list *ir.Expr) bool {
	for _, x := range c.List(list) {
		if e := c.At(x); e.Op != ir.Make || e.Sub != ir.MakeTuple {
			return false
		}
	}
	return len(c.List(list)) > 0
}
