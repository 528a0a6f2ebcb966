package elixir

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// maker is what a project's tests make rows of a schema with, without a word on their
// values.
type maker struct {
	schema *ir.Schema
	module string // that defines it
	call   string // "insert(:order)", "order_fixture()"
	// sets are the fields and associations that it gives a value; empty where it is not
	// known.
	sets []string
	// fixed are those that get the same value in every row.
	fixed []string
}

// makerOf is what makes rows of a schema, or nil. A factory comes before a fixture.
func (w *Writer) makerOf(s *ir.Schema) *maker {
	var best *maker
	for _, fn := range w.Program.Funcs {
		m := w.maker(fn)
		if m != nil && m.schema == s && w.Files.App(fn.Code.File.Path) == w.Files.App(w.Files.File(s.Span.File).Path) && (best == nil || len(best.sets) == 0 && len(m.sets) > 0) {
			best = m
		}
	}
	return best
}

// maker reads a function that makes a row: `def order_factory`, which returns a struct
// that ExMachina inserts, or `def order_fixture(attrs \\ %{})`, which returns a row. What
// is in tests has no bodies in the program, so that the text is read.
func (w *Writer) maker(fn *ir.Func) *maker {
	factory, isFactory := strings.CutSuffix(fn.Name, "_factory")
	fixture, isFixture := strings.CutSuffix(fn.Name, "_fixture")
	if fn.Kind != ir.Def || fn.Injected || len(fn.Clauses) > 1 || !isFactory && !isFixture {
		return nil
	}
	module := w.Program.Module(fn.Module)
	if isFactory {
		if fn.Arity == 0 && slices.Contains(module.Behaves, "ExMachina.Ecto") {
			return w.factory(fn, module.Name, factory)
		}
		return nil
	}
	if s := w.schemaCalled(camel(fixture)); s != nil && fn.Arity == fn.Defaults && rowAtLast(fn.Code.File.Slice(fn.Span)) {
		return &maker{schema: s, module: module.Name, call: fn.Name + "()"}
	}
	return nil
}

// schemaCalled is the one schema with a table whose name ends so, or nil.
func (w *Writer) schemaCalled(name string) *ir.Schema {
	var found *ir.Schema
	for _, s := range w.Program.Schemas {
		full := w.Program.SchemaName(s)
		if s.Table == "" || full != name && !strings.HasSuffix(full, "."+name) {
			continue
		}
		if found != nil {
			return nil
		}
		found = s
	}
	return found
}

// factory reads the struct that a factory ends with.
func (w *Writer) factory(fn *ir.Func, module, name string) *maker {
	t := w.Trees[fn.Code.File.ID]
	for id := range t.Nodes {
		n := &t.Nodes[id]
		if n.Kind != elixir.Struct || n.Start < fn.Span.Start || n.End > fn.Span.End {
			continue
		}
		rest := strings.TrimSpace(t.File.Text[n.End:fn.Span.End])
		s := w.schemaCalled(t.Text(syntax.NodeID(id) + 1))
		if rest != "" && rest != "end" || s == nil {
			return nil // the first one is the outermost
		}
		m := &maker{schema: s, module: module, call: "insert(" + atom(name) + ")"}
		for k, v := range elixir.Pairs(t, t.Next(syntax.NodeID(id)+1)) {
			if !elixir.IsWord(t, v, "nil") {
				m.sets = append(m.sets, elixir.AtomName(t, k))
				if t.Node(v).Kind != elixir.Call && !strings.Contains(t.Text(v), "#{") {
					m.fixed = append(m.fixed, elixir.AtomName(t, k))
				}
			}
		}
		return m
	}
	return nil
}

// rowAtLast reports whether a fixture gives a row: the variable that it took out of
// `{:ok, row}`, or what `insert!` gives.
func rowAtLast(text string) bool {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "end"))
	last := strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
	return strings.Contains(last, "insert!(") || simple(last) && strings.Contains(text, "{:ok, "+last+"}")
}

// imports reports whether tests that use a case template have the functions of a
// module.
func (c *caseTemplate) imports(module string) bool {
	dot := strings.LastIndexByte(module, '.')
	one := regexp.MustCompile(`\bimport ` + regexp.QuoteMeta(module) + `\s*\n`)
	if one.MatchString(c.using()) || dot < 0 {
		return one.MatchString(c.using())
	}
	many := regexp.MustCompile(`\bimport ` + regexp.QuoteMeta(module[:dot]) + `\.\{[^}]*\b` + regexp.QuoteMeta(module[dot+1:]) + `\b\s*[,}]`)
	return many.MatchString(c.using())
}

// fills reports whether every row that a maker makes has a value in a field.
func (m *maker) fills(field string) bool {
	if slices.Contains(m.sets, field) {
		return true
	}
	if m.schema.Rows != nil {
		if c := m.schema.Rows.Column(m.schema.ColumnOf(field)); c != nil && !c.Null {
			return true
		}
	}
	for i := range m.schema.Associations {
		if a := &m.schema.Associations[i]; a.Kind == ir.BelongsTo && a.OwnerKey == field {
			return slices.Contains(m.sets, a.Name)
		}
	}
	return false
}
