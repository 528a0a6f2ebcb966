package elixir

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// requireLater puts a check of new rows in the place of a column that is never
// null, and adds the migration that makes one of the other.
func (w *Writer) requireLater(f *fix.Fix, c *fix.RequireLater) error {
	h, err := w.postgresHabits(c.Database)
	if err != nil {
		return err
	}
	t := w.Trees[c.Migration.Span.File]
	functions := w.functions(t, c.Migration)
	blocks := map[syntax.NodeID][]int{}
	var order []syntax.NodeID
	for i, at := range c.At {
		_, id := w.callAt(at)
		block := alterAround(t, id)
		if block == syntax.None || !direct(functions, block) || !notNullOnly(t, id) {
			return errShape
		}
		if blocks[block] == nil {
			order = append(order, block)
		}
		blocks[block] = append(blocks[block], i)
	}
	// All rows are read before the first lock that stops a table.
	var steps, last []step
	for _, block := range order {
		var made, dropped []string
		var gone []syntax.NodeID
		for _, i := range blocks[block] {
			p := presenceOf(c.Database, c.Columns[i].Schema, c.Columns[i].Table, c.Columns[i].Column)
			made = append(made, p.checked(h).up)
			dropped = append(dropped, h.drop(p.found))
			then := p.required(h)
			steps, last = append(steps, then[0]), append(last, then[1:]...)
			_, id := w.callAt(c.At[i])
			gone = append(gone, id)
		}
		f.Edits = append(f.Edits, instead(t, block, gone, made)...)
		back, ok := w.undoneAlter(t, functions, block, gone)
		if !ok {
			return errShape
		}
		if back != syntax.None {
			f.Edits = append(f.Edits, instead(t, back, slices.Collect(elixir.Children(t, sectionOf(t, back))), dropped)...)
		}
	}
	f.Safety = max(f.Safety, fix.Asked)
	f.Edits[0].Reason = "The rows that are there are not read while the lock is held."
	f.Notes = append(f.Notes, "Fill the rows that have no value before the second migration; it stops at them.")
	return w.migrationAfter(f, c.Database, c.Migration, "require_"+stem(t.File), false,
		"The rows are checked while the table stays open; then PostgreSQL takes the check for the proof that none is null.", append(steps, last...)...)
}

// alterAround is the statement `alter table(…) do` that a command stands in.
func alterAround(t *syntax.Tree, id syntax.NodeID) syntax.NodeID {
	if id == syntax.None {
		return syntax.None
	}
	section := t.Node(id).Parent
	if section == syntax.None || t.Node(section).Kind != elixir.Section {
		return syntax.None
	}
	call := t.Node(t.Node(section).Parent).Parent
	if c, ok := elixir.AsCall(t, call); !ok || c.Name() != "alter" || sectionOf(t, call) != section {
		return syntax.None
	}
	return call
}

// sectionOf is what stands in the block of a call.
func sectionOf(t *syntax.Tree, id syntax.NodeID) syntax.NodeID {
	call := elixir.CallView{Tree: t, ID: id}
	if call.DoBlock() == syntax.None {
		return syntax.None
	}
	for s := range call.Sections() {
		return s
	}
	return syntax.None
}

// notNullOnly reports whether a command is a `modify` without anything but
// `null: false` and where it comes from.
func notNullOnly(t *syntax.Tree, id syntax.NodeID) bool {
	call, ok := elixir.AsCall(t, id)
	if !ok || call.Name() != "modify" || call.ArgCount() != 3 || call.Keywords() == syntax.None || commented(t, id) {
		return false
	}
	for k := range elixir.Pairs(t, call.Keywords()) {
		if name := elixir.AtomName(t, k); name != "null" && name != "from" {
			return false
		}
	}
	return t.Node(call.Arg(1)).Kind == elixir.Atom || t.Node(call.Arg(1)).Kind == elixir.Tuple
}

// undoneAlter is the statement of down that makes the same columns nullable again;
// None where there is no down, and not ok where it cannot be told.
func (w *Writer) undoneAlter(t *syntax.Tree, functions []function, block syntax.NodeID, gone []syntax.NodeID) (syntax.NodeID, bool) {
	for _, fn := range functions {
		if fn.name == "change" {
			return syntax.None, true
		}
		if fn.name != "down" {
			continue
		}
		for _, id := range fn.steps {
			call, ok := elixir.AsCall(t, id)
			if !ok || call.Name() != "alter" || sectionOf(t, id) == syntax.None || t.Text(call.Arg(0)) != t.Text(elixir.CallView{Tree: t, ID: block}.Arg(0)) {
				continue
			}
			if slices.Equal(modified(t, slices.Collect(elixir.Children(t, sectionOf(t, id)))), modified(t, gone)) {
				return id, true
			}
		}
	}
	return syntax.None, false
}

// modified are the columns of `modify` commands, sorted; nil if one is none.
func modified(t *syntax.Tree, ids []syntax.NodeID) []string {
	var out []string
	for _, id := range ids {
		call, ok := elixir.AsCall(t, id)
		if !ok || call.Name() != "modify" || call.Arg(0) == syntax.None {
			return nil
		}
		out = append(out, t.Text(call.Arg(0)))
	}
	slices.Sort(out)
	return out
}

// instead puts commands in the place of some of those in a block, or of the whole
// block where it holds no others.
func instead(t *syntax.Tree, block syntax.NodeID, gone []syntax.NodeID, commands []string) []fix.Edit {
	n := t.Node(block)
	pad := strings.Repeat(" ", int(n.Start)-lineStart(t.File.Text, int(n.Start)))
	text := ""
	for i, c := range commands {
		if i > 0 {
			text += "\n"
			if strings.Contains(c+commands[i-1], "\n") {
				text += "\n"
			}
		}
		text += c
	}
	text = strings.TrimPrefix(indented(text, pad), pad)
	if len(gone) == len(slices.Collect(elixir.Children(t, sectionOf(t, block)))) {
		return []fix.Edit{{Path: t.File.Path, Start: int(n.Start), End: int(n.End), Text: text}}
	}
	return append(without(t, gone), fix.Edit{Path: t.File.Path, Start: int(n.End), End: int(n.End), Text: "\n\n" + pad + text})
}
