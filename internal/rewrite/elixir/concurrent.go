package elixir

import (
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

var errShape = errors.New("the migration does more than can be moved; the message says how to divide it")

// concurrently makes the indexes of a migration concurrently: in its own file if it
// does nothing else, else in a new one.
func (w *Writer) concurrently(f *fix.Fix, c *fix.Concurrently) error {
	if len(c.At) == 0 {
		return errPlace
	}
	t := w.Trees[c.Migration.Span.File]
	functions := w.functions(t, c.Migration)
	f.Safety = max(f.Safety, fix.Asked)
	if all := w.onlyIndexes(t, functions); len(all) > 0 {
		return w.inPlace(f, c, t, all)
	}
	return w.moved(f, c, t, functions)
}

// onlyIndexes are the commands of a migration that does nothing but with indexes.
func (w *Writer) onlyIndexes(t *syntax.Tree, functions []function) []indexCommand {
	var out []indexCommand
	for _, fn := range functions {
		for _, id := range fn.steps {
			x, ok := w.command(t, id)
			if !ok || !x.isIndex() || commented(t, id) {
				return nil
			}
			out = append(out, x)
		}
	}
	return out
}

func (w *Writer) inPlace(f *fix.Fix, c *fix.Concurrently, t *syntax.Tree, all []indexCommand) error {
	width := w.width(parent(t.File.Path))
	if err := w.leaveTransaction(f, c, t); err != nil {
		return err
	}
	for _, x := range all {
		if !x.index.has("concurrently") {
			f.Edits = append(f.Edits, x.relaid(t, width, "concurrently: true"))
		}
	}
	f.Notes = append(f.Notes, "A migration without a transaction that fails half-way leaves an invalid index: drop it before the next run.")
	return nil
}

// leaveTransaction adds the attributes that keep a migration out of a transaction.
func (w *Writer) leaveTransaction(f *fix.Fix, c *fix.Concurrently, t *syntax.Tree) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	at := w.Program.Module(c.Migration.Module).Span
	use := -1
	for id := range t.Nodes {
		if call, ok := elixir.AsCall(t, syntax.NodeID(id)); ok && call.Name() == "use" {
			if n := t.Node(syntax.NodeID(id)); n.Start > at.Start && n.End < at.End {
				use = int(n.End)
				break
			}
		}
	}
	if use < 0 {
		return errPlace
	}
	text := t.File.Text[at.Start:at.End]
	lines := ""
	for _, a := range h.attributes() {
		if !strings.Contains(text, strings.TrimSpace(a)) {
			lines += "\n" + strings.TrimRight(a, "\n")
		}
	}
	switch there := strings.Index(text, "@disable_ddl_transaction true"); {
	case lines == "":
		return nil
	case there >= 0:
		use = int(at.Start) + there + len("@disable_ddl_transaction true")
	default:
		lines = "\n" + lines
	}
	f.Edits = append(f.Edits, fix.Edit{
		Path: t.File.Path, Start: use, End: use, Text: lines,
		Reason: "An index is made concurrently outside a transaction only.",
	})
	return nil
}

// moved takes commands out of a migration into a new one.
func (w *Writer) moved(f *fix.Fix, c *fix.Concurrently, t *syntax.Tree, functions []function) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	var steps []step
	var gone []syntax.NodeID
	for _, at := range c.At {
		_, id := w.callAt(at)
		x, ok := indexCommand{}, false
		if id != syntax.None {
			x, ok = w.command(t, id)
		}
		if !ok || !x.isIndex() || !strings.HasPrefix(x.word, "create") || !literalCommand(t, id) || !direct(functions, id) {
			return errShape
		}
		gone = append(gone, id)
		gone = append(gone, w.undone(t, functions, &x)...)
		// Where the migration has run already, the index is there.
		steps = append(steps, step{up: command("create_if_not_exists", x.index.with("concurrently: true"), h.parens, 4, h.width)})
	}
	for _, fn := range functions {
		if !slices.ContainsFunc(fn.steps, func(id syntax.NodeID) bool { return !slices.Contains(gone, id) }) {
			return errShape // nothing would be left of it
		}
	}
	f.Notes = append(f.Notes, "Where the migration has run before, the index is there, and the new migration leaves it as it is.")
	f.Edits = append(f.Edits, without(t, gone)...)
	f.Edits[0].Reason = "The index is made by a migration of its own."
	return w.migrationAfter(f, c.Database, c.Migration, stem(t.File)+"_indexes", true, "The indexes are built while the tables stay open for reading and writing.", steps...)
}

// direct reports whether a command stands in change or up by itself.
func direct(functions []function, id syntax.NodeID) bool {
	return slices.ContainsFunc(functions, func(fn function) bool { return fn.name != "down" && slices.Contains(fn.steps, id) })
}

// undone are the commands of down that drop what a command creates.
func (w *Writer) undone(t *syntax.Tree, functions []function, x *indexCommand) []syntax.NodeID {
	var out []syntax.NodeID
	for _, fn := range functions {
		for _, id := range fn.steps {
			if d, ok := w.command(t, id); ok && fn.name == "down" && strings.HasPrefix(d.word, "drop") && slices.Equal(d.index.args, x.index.args) {
				out = append(out, id)
			}
		}
	}
	return out
}

// stem is the name of a migration's file without its version.
func stem(f *source.File) string {
	name := strings.TrimSuffix(path.Base(f.Path), ".exs")
	return strings.TrimLeft(name, "0123456789_")
}
