package checks

import (
	"slices"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// wrongUniquenessScope reports columns that are unique over all owners, where
// the program only ever looks at the rows of one, and another table of the same
// owners has the same column unique for each.
func wrongUniquenessScope(p *check.Pass) {
	for _, s := range p.Program.Schemas {
		if s.Rows == nil || s.Database < 0 || p.Program.Files.File(s.Span.File).Kind != source.Lib {
			continue
		}
		for i := range s.Rows.Indexes {
			x := &s.Rows.Indexes[i]
			if of := indexColumns(s.Rows, x); x.Unique && x.Full() && !x.Maybe && len(of) == 1 && len(x.Columns()) == 1 {
				scoped(p, s, x, of[0])
			}
		}
	}
}

// scoped judges one index over one column.
func scoped(p *check.Pass, s *ir.Schema, x *ir.TableIndex, column string) {
	d := p.Program.Databases[s.Database]
	for i := range s.Rows.ForeignKeys {
		k := &s.Rows.ForeignKeys[i]
		if len(k.Columns) != 1 || k.Columns[0] == column {
			continue
		}
		owner := k.Columns[0]
		like := sibling(d, s.Rows, k, column)
		if like == nil || isKey(s.Rows, column) {
			continue
		}
		read := ownReads(p, s.Rows, owner, column)
		written := castAt(p, s.Rows, owner, column)
		if read == nil || written == nil {
			continue
		}
		t := tableWord(s.Rows)
		p.Report(check.Finding{
			Changes: rescoped(p, d, s.Rows, x, owner, column),
			Level:   check.Warning, Confidence: check.Medium, Span: x.Made.Span, Symbol: t + "." + column, Anchor: x.Name,
			Message: "`" + x.Name + "` keeps `" + column + "` unique over all rows of `" + t + "`, and the rows belong to one `" + owner +
				"` each: a value that one has taken is refused to all others, who cannot see it. Make the index on `" + owner + "` and `" + column + "`.",
			Path: []check.Step{
				{Span: x.Made.Span, Note: "unique on `" + column + "` alone"},
				{Span: *written, Note: "`" + column + "` is what a user chooses"},
				{Span: *read, Note: "rows are read by `" + owner + "`; no query asks by `" + column + "` alone"},
				{Span: like.made.Span, Note: "elsewhere `" + column + "` is unique for each `" + owner + "`"},
			},
		})
		return
	}
}

// sibling is the index of another table that has the same column unique for each
// owner, or nil.
func sibling(d *ir.Database, t *ir.Table, k *ir.ForeignKey, column string) *guard {
	for _, o := range d.Tables {
		same := slices.ContainsFunc(o.ForeignKeys, func(f ir.ForeignKey) bool { return f.Table == k.Table && slices.Equal(f.Columns, k.Columns) })
		if o == t || !same {
			continue
		}
		for _, g := range guards(o) {
			if g.kind == query.Unique && !g.key && sameColumns(g.columns, []string{k.Columns[0], column}) {
				return &g
			}
		}
	}
	return nil
}

// rescoped asks for an index for each owner in place of one over all, and for the
// changesets to count on it. A write that names its conflict target needs more.
func rescoped(p *check.Pass, d *ir.Database, t *ir.Table, x *ir.TableIndex, owner, column string) []fix.Change {
	columns := []string{owner, column}
	name := uniqueName(d, t, columns)
	settled := slices.ContainsFunc(p.Queries.On(t), func(a *query.Access) bool { return a.Writes() && a.Settles })
	if name == "" || settled || x.Backing {
		return nil
	}
	changes := []fix.Change{
		&fix.CreateIndex{Database: d, Table: t, Columns: columns, Unique: true, Name: name, Unlike: true},
		&fix.DropIndex{Database: d, Table: t, Index: x},
	}
	seen := map[source.Span]bool{}
	for _, c := range p.Queries.Declarations() {
		if c.Schema.Rows == t && c.Kind == query.Declared && c.Constraint == query.Unique && c.Fits(x.Name) && !seen[c.Span] {
			seen[c.Span] = true
			changes = append(changes, renaming(p, c.Span, name))
		}
	}
	out := together(append(changes, overtaken(d, t, columns)...)...)
	if c := t.Column(owner); c != nil && c.Null {
		return asking(out, "Rows without `"+owner+"` are not kept apart then: say whether there are to be any.")
	}
	return out
}

// isKey reports whether a column refers to another table.
func isKey(t *ir.Table, column string) bool {
	return slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Contains(k.Columns, column) })
}

// ownReads is a read of a table by its owner, if there is one and no read finds
// rows by the column alone.
func ownReads(p *check.Pass, t *ir.Table, owner, column string) *source.Span {
	var read *source.Span
	for _, a := range p.Queries.On(t) {
		if a.Writes() {
			continue
		}
		by := func(c string) bool {
			return slices.ContainsFunc(a.Query.Filters, func(f query.Filter) bool { return f.Binding == 0 && f.Name == c })
		}
		switch {
		case by(column) && !by(owner):
			return nil
		case by(owner) && read == nil:
			at := p.Flow.Span(a.Clause, a.Expr)
			read = &at
		}
	}
	return read
}

// castAt is where a column of a table is cast from parameters, together with
// its owner's; nil if it never is, or is made by the program.
func castAt(p *check.Pass, t *ir.Table, owner, column string) *source.Span {
	var at *source.Span
	for _, a := range p.Queries.On(t) {
		if a.Op != "insert" {
			continue
		}
		owned, _ := givenTo(a, owner)
		for j := range a.Given {
			if g := &a.Given[j]; g.Column == column {
				if !g.Cast || g.Origin.Made || !owned {
					return nil
				}
				at = &g.Span
			}
		}
	}
	return at
}
