package intervention

import (
	"cmp"
	"slices"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// touched is what the change has to do with.
type touched struct {
	tables  []table
	funcs   []ir.FuncID // of the program before, whose text changes
	entries []*ir.Entry // by which problems are reached, in order
}

// table is a table that the change touches.
type table struct {
	db           *ir.Database // after the change
	schema, name string
}

// touch finds the tables of the migrations, the functions that are edited with the
// tables they go to, and the entries of the problems.
func (b *builder) touch() {
	for _, d := range b.after.Program.Databases {
		for i := range d.Migrations {
			m := &d.Migrations[i]
			if !b.changes(b.after.Files.File(m.Span.File).Path) {
				continue
			}
			for _, c := range m.Changes {
				b.touchTable(d, c.Schema, c.Table)
			}
		}
	}
	b.touchFuncs()
	for i := range b.Chosen {
		if e := b.entryOf(&b.Chosen[i]); e != nil && !slices.Contains(b.touched.entries, e) {
			b.touched.entries = append(b.touched.entries, e)
		}
	}
	slices.SortStableFunc(b.touched.entries, func(x, y *ir.Entry) int {
		return cmp.Or(cmp.Compare(x.Span.File, y.Span.File), cmp.Compare(x.Span.Start, y.Span.Start))
	})
}

// changes reports whether the change makes or edits a file.
func (b *builder) changes(path string) bool {
	return slices.ContainsFunc(b.doc.Implementation, func(f File) bool { return f.Path == path })
}

func (b *builder) touchTable(d *ir.Database, schema, name string) {
	t := table{d, schema, name}
	if name != "" && !slices.Contains(b.touched.tables, t) {
		b.touched.tables = append(b.touched.tables, t)
	}
}

// touchFuncs finds the functions whose text the change alters, and their tables.
func (b *builder) touchFuncs() {
	now := map[string]string{}
	for _, f := range b.after.Program.Funcs {
		if !f.Injected {
			now[b.after.Program.Symbol(f.ID)] = b.after.Files.File(f.Span.File).Slice(f.Span)
		}
	}
	p := b.before.Program
	for _, f := range p.Funcs {
		file := b.before.Files.File(f.Span.File)
		if f.Injected || !b.changes(file.Path) || now[p.Symbol(f.ID)] == file.Slice(f.Span) {
			continue
		}
		b.touched.funcs = append(b.touched.funcs, f.ID)
		lo, hi := b.before.Flow.Clauses(f.ID)
		for id := lo; id < hi; id++ {
			b.touchAccesses(id)
		}
	}
}

// touchAccesses notes the tables that a clause goes to.
func (b *builder) touchAccesses(id flow.ClauseID) {
	for _, a := range b.before.Queries.Of(id) {
		rows := a.Query.Root().Table
		if rows == nil {
			continue
		}
		for _, d := range b.after.Program.Databases {
			if d.Table(rows.Schema, rows.Name) != nil {
				b.touchTable(d, rows.Schema, rows.Name)
				break
			}
		}
	}
}
