package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// indexNotCreated reports indexes and constraints that a migration describes and
// hands to no command, where the database has nothing like them.
func indexNotCreated(p *check.Pass) {
	for _, d := range p.Program.Databases {
		seen := map[source.Span]bool{}
		for i := range d.Unused {
			u := &d.Unused[i]
			if t := d.Table(u.Schema, u.Table); t != nil && !seen[u.Span] && lacks(t, u) {
				seen[u.Span] = true
				f := notCreated(p.Program, d, t, u)
				if index, ok := f.Changes[0].(*fix.CreateIndex); ok && u.Unique {
					f.Changes = answering(p, index)
				}
				if p.Queries.Growth(t) == query.GrowsUnknown {
					f.Level = check.Info
					f.Changes = asking(f.Changes, unwrittenTable)
				}
				if m := linksMany(p.Program, t, u); m != nil {
					f.Level = check.Info
					f.Changes = asking(f.Changes, "The program takes it that many rows have the same: say whether the index is meant, and as a unique one.")
					f.Path = append(f.Path, check.Step{Span: m.Span, Note: "many rows are linked by it"})
				}
				p.Report(f)
			}
		}
	}
}

// linksMany is the association by which many rows have the value that a unique index over one
// column would have only one of them have, or nil.
func linksMany(p *ir.Program, t *ir.Table, u *ir.Unused) *ir.Association {
	if !u.Unique || len(u.Columns) != 1 {
		return nil
	}
	_, a := manyBy(p, u.Columns[0], func(to *ir.Schema) bool { return to.Rows == t })
	return a
}

// lacks reports whether a table has nothing like what is described.
func lacks(t *ir.Table, u *ir.Unused) bool {
	if t.Partial || t.Maybe {
		return false
	}
	if u.Constraint {
		return !slices.ContainsFunc(t.Constraints, func(c ir.Constraint) bool { return c.Name == u.Name })
	}
	if t.Index(u.Name) != nil || slices.ContainsFunc(u.Columns, func(c string) bool { return t.Column(c) == nil }) {
		return false
	}
	if u.Unique {
		return !identifies(t, u.Columns) && !slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool {
			of := indexColumns(t, &x)
			return x.Unique && x.Full() && len(of) > 0 && within(of, u.Columns)
		})
	}
	return !slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool {
		of := x.Columns()
		return len(of) >= len(u.Columns) && sameColumns(of[:len(u.Columns)], u.Columns) && x.Full()
	}) && !ledBy(t, u.Columns)
}

func notCreated(p *ir.Program, d *ir.Database, t *ir.Table, u *ir.Unused) check.Finding {
	f := check.Finding{Level: check.Error, Span: u.Span, Symbol: t.Name + "." + u.Name, Anchor: u.Call}
	f.Message = "`" + u.Call + "` only describes " + map[bool]string{false: "an index", true: "a constraint"}[u.Constraint] +
		"; without `create` in front of it nothing happens. "
	switch {
	case u.Constraint:
		f.Message += "The table `" + t.Name + "` has no constraint `" + u.Name + "`, and rows that break it are stored."
	case u.Unique:
		f.Message += "No unique index keeps two rows of `" + t.Name + "` from having the same " + columnList(named(u.Columns)) + "."
	default:
		f.Message += "No index of `" + t.Name + "` begins with " + columnList(named(u.Columns)) + ", and queries by it read the whole table."
	}
	f.Message += " Create it in a new migration."
	text := sliceOf(p, u.Span)
	plain := !slices.ContainsFunc([]string{"where:", "using:", "include:", "nulls_distinct:", "prefix:"}, func(o string) bool { return strings.Contains(text, o) })
	if !u.Constraint && plain && !slices.Contains(u.Columns, "") {
		f.Changes = []fix.Change{&fix.CreateIndex{Database: d, Table: t, Columns: u.Columns, Unique: u.Unique, Name: u.Name}}
	} else {
		f.Changes = []fix.Change{&fix.CreateDescribed{Database: d, At: u.Span, Table: t, Name: u.Name, Constraint: u.Constraint}}
	}
	f.Path = []check.Step{{Span: u.Span, Note: "described, and handed to no command"}, {Span: t.Made.Span, Note: "the table `" + t.Name + "` is made here"}}
	return f
}

// named are columns with a mark in place of expressions.
func named(columns []string) []string {
	out := slices.Clone(columns)
	for i, c := range out {
		if c == "" {
			out[i] = "(…)"
		}
	}
	return out
}
