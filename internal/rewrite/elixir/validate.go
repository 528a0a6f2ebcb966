package elixir

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// validateLater adds constraints that look at new rows only, and a migration that
// looks at the others.
func (w *Writer) validateLater(f *fix.Fix, c *fix.ValidateLater) error {
	h, err := w.postgresHabits(c.Database)
	if err != nil {
		return err
	}
	width := w.width(parent(w.Files.File(c.Migration.Span.File).Path))
	for _, at := range c.At {
		t, id := w.callAt(at)
		if id == syntax.None {
			return errPlace
		}
		edits := w.unchecked(t, id, width)
		if edits == nil {
			return errShape
		}
		for _, e := range edits {
			if !slices.Contains(f.Edits, e) {
				f.Edits = append(f.Edits, e)
			}
		}
	}
	var steps []step
	for i, k := range c.Constraints {
		if slices.Contains(c.Constraints[:i], k) {
			continue
		}
		steps = append(steps, h.executeOnly("ALTER TABLE "+tableSQL(c.Database, k.Schema, k.Table)+" VALIDATE CONSTRAINT "+ident(k.Name)))
	}
	f.Safety = max(f.Safety, fix.Asked)
	f.Edits[0].Reason = "The rows that are there are not read while the lock is held."
	name := "validate_" + stem(w.Files.File(c.Migration.Span.File))
	if len(c.Constraints) == 1 {
		name = "validate_" + snake(c.Constraints[0].Name)
	}
	return w.migrationAfter(f, c.Database, c.Migration, name, false, "The rows are checked while the tables stay open.", steps...)
}

// unchecked are the edits that give a constraint or a reference `validate: false`.
func (w *Writer) unchecked(t *syntax.Tree, id syntax.NodeID, width int) []fix.Edit {
	call := elixir.CallView{Tree: t, ID: id}
	if x, ok := w.command(t, id); ok && !x.isIndex() && len(x.index.opts) > 0 && !x.index.has("validate") {
		return []fix.Edit{x.relaid(t, width, "validate: false")}
	}
	if call.Name() == "execute" {
		return notValid(t, call)
	}
	inner, ok := elixir.CallView{}, false
	for a := range call.Args() {
		if inner, ok = elixir.AsCall(t, a); ok && inner.Name() == "references" {
			break
		}
	}
	if !ok || inner.Name() != "references" || !inner.HasParens() || option(t, inner, "validate") != syntax.None {
		return nil
	}
	return w.roomFor(t, call, inner, appended(t, inner, "validate: false"), width)
}

// notValid is the edit that ends a statement which adds one constraint in NOT VALID.
func notValid(t *syntax.Tree, call elixir.CallView) []fix.Edit {
	arg := call.Arg(0)
	if arg == syntax.None || t.Node(arg).Kind != elixir.String || t.Node(arg).Size != 2 {
		return nil
	}
	text := t.Node(arg + 1)
	sql := t.File.Text[text.Start:text.End]
	body := strings.TrimRight(sql, " \n;")
	upper := strings.ToUpper(body)
	if strings.Count(upper, "ADD ") != 1 || !strings.Contains(upper, "ADD CONSTRAINT ") || strings.ContainsAny(body, ";\\") || actions(body) > 1 {
		return nil
	}
	at := int(text.Start) + len(body)
	return []fix.Edit{{Path: t.File.Path, Start: at, End: at, Text: " NOT VALID"}}
}

// actions is how many actions a statement of ALTER TABLE has.
func actions(sql string) int {
	n, depth := 1, 0
	for _, r := range sql {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				n++
			}
		}
	}
	return n
}

// appended puts an option behind those of a call: on a line of its own where the
// last one has one.
func appended(t *syntax.Tree, call elixir.CallView, opt string) fix.Edit {
	last, pair := syntax.None, syntax.None
	for a := range call.Args() {
		last = a
	}
	if kw := call.Keywords(); kw != syntax.None {
		for p := range elixir.Children(t, kw) {
			pair = p
		}
	}
	end := int(t.Node(last).End)
	text := ", " + opt
	if pair != syntax.None {
		at := int(t.Node(pair).Start)
		line := lineStart(t.File.Text, at)
		if strings.TrimSpace(t.File.Text[line:at]) == "" {
			text = ",\n" + strings.Repeat(" ", at-line) + opt
		}
	}
	return fix.Edit{Path: t.File.Path, Start: end, End: end, Text: text}
}

// roomFor breaks the line of a column's command when an option makes it too long.
func (w *Writer) roomFor(t *syntax.Tree, call, inner elixir.CallView, add fix.Edit, width int) []fix.Edit {
	text, n := t.File.Text, t.Node(call.ID)
	if lineLength(text, add.Start)+len(add.Text) <= width || strings.Contains(t.Text(call.ID), "\n") || strings.Contains(add.Text, "\n") {
		return []fix.Edit{add}
	}
	indent := int(n.Start) - lineStart(text, int(n.Start))
	var rows []string
	for a := range call.Args() {
		node := t.Node(a)
		row := text[node.Start:node.End]
		if a == inner.ID {
			row = text[node.Start:add.Start] + add.Text + text[add.Start:node.End]
		}
		rows = append(rows, row)
	}
	pad := strings.Repeat(" ", indent)
	out := call.Name() + "(\n" + pad + "  " + strings.Join(rows, ",\n"+pad+"  ") + "\n" + pad + ")"
	if !call.HasParens() {
		out = call.Name() + " " + strings.Join(rows, ",\n"+pad+strings.Repeat(" ", len(call.Name())+1))
	}
	return []fix.Edit{{Path: t.File.Path, Start: int(n.Start), End: int(n.End), Text: out}}
}
