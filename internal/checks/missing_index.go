package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// missingIndex reports queries that find rows by columns of which no index leads
// with any. Foreign keys have a check of their own.
func missingIndex(p *check.Pass) {
	found := lookups(p)
	settled(p.Program, func(d *ir.Database, t *ir.Table) {
		var keys []string
		if t.PrimaryKey != nil {
			keys = append(keys, t.PrimaryKey.Columns...) // part of a key is looked up with the rest
		}
		for _, k := range references(p.Program, t) {
			keys = append(keys, k.columns...)
		}
		groups := map[string][]*lookup{}
		var order []string
		for i := range found[t] {
			l := &found[t][i]
			cols := selective(d, t, l)
			if len(cols) == 0 || l.served(t) || slices.ContainsFunc(l.tied, func(f *query.Filter) bool { return leads(t, f.Name) }) || slices.ContainsFunc(l.columns, func(c string) bool { return slices.Contains(keys, c) }) {
				continue
			}
			k := strings.Join(cols, ",")
			if groups[k] == nil {
				order = append(order, k)
			}
			groups[k] = append(groups[k], l)
		}
		for _, k := range order {
			unindexed(p, d, t, strings.Split(k, ","), groups[k], p.Queries.Growth(t) >= query.GrowsPerhaps)
		}
	})
}

// selective are the columns of a lookup by which an index would find few rows,
// equalities first.
func selective(d *ir.Database, t *ir.Table, l *lookup) []string {
	if l.access == nil || l.access.Query.OpenFilters {
		return nil
	}
	var equal, ranged []string
	for _, f := range l.by {
		c := t.Column(f.Name)
		if c == nil || f.Constant || coarse(d, c, l.access.Query.Sources[f.Binding].Schema, f) {
			continue
		}
		if f.Compare == query.Range {
			ranged = append(ranged, f.Name)
		} else {
			equal = append(equal, f.Name)
		}
	}
	slices.Sort(equal)
	return slices.Compact(append(slices.Compact(equal), ranged...))
}

// coarse reports whether a column has few values: a boolean, one of a list, or what is
// named as that, `payment_status`.
func coarse(d *ir.Database, c *ir.Column, s *ir.Schema, f *query.Filter) bool {
	if c.Type == "boolean" || coarseName(c.Name) || slices.ContainsFunc(d.Enums, func(e ir.Enum) bool { return c.Type == e.Name || c.Type == e.Schema+"."+e.Name }) {
		return true
	}
	if s == nil {
		return false
	}
	field := s.Field(f.Field)
	return field != nil && (field.Type == "boolean" || field.Listed)
}

// coarseName reports whether a name, or its last word, is one of coarseNames.
func coarseName(name string) bool {
	for _, catalogue := range []string{"product_id", "plan_id", "price_id", "package_id"} {
		if name == catalogue || strings.HasSuffix(name, "_"+catalogue) {
			return true
		}
	}
	return slices.Contains(coarseNames(), name) || slices.Contains(coarseNames(), name[strings.LastIndexByte(name, '_')+1:])
}

// calledBy reports whether a column holds what people call a thing: rows that are looked for so
// are few, or are looked for by people.
func calledBy(column string) bool {
	return slices.Contains([]string{"name", "slug", "label", "title", "key"}, column[strings.LastIndexByte(column, '_')+1:])
}

// seldom reports whether a table's column is asked for in a step that a person takes once, or once
// in years: the link in a mail that confirms an address, or invites.
func seldom(table, column string) bool {
	return slices.ContainsFunc(strings.Split(table+"_"+column, "_"), func(w string) bool {
		return slices.Contains([]string{
			"activation", "candidate", "confirm", "confirmation", "invitation", "invitations", "invite", "invites", "password",
			"redeem", "redeems", "reset", "unconfirmed", "verification",
		}, w)
	})
}

// coarseNames are columns that hold one of a few words in every application.
func coarseNames() []string {
	return []string{"status", "state", "type", "kind", "category", "role", "level", "locale", "language", "visibility", "interval", "currency", "country", "gender", "deleted_at", "archived_at", "discarded_at"}
}

// uniqueLike is a column of a table that is unique by itself and ends as the one column does
// that rows are looked for by, `google_id` beside `github_id`; or "".
func uniqueLike(t *ir.Table, columns []string) string {
	if len(columns) != 1 {
		return ""
	}
	last := func(name string) string {
		words := ir.Underscore(name)
		return words[strings.LastIndexByte(words, '_')+1:]
	}
	for i := range t.Indexes {
		x := &t.Indexes[i]
		if cols := x.Columns(); x.Unique && len(cols) == 1 && len(x.Keys) == 1 && cols[0] != columns[0] && last(cols[0]) == last(columns[0]) {
			return cols[0]
		}
	}
	return ""
}

// selects reports whether an index is certain to be worth its writes: rows are looked for by one
// column, and are those of people, come to be all the time, or are told apart by what it holds.
func selects(p *check.Pass, t *ir.Table, columns []string) bool {
	if len(columns) != 1 {
		return false
	}
	words := ir.Underscore(columns[0])
	return query.People(t.Name) || p.Queries.ManyRows(t) ||
		slices.Contains([]string{"code", "guid", "hash", "id", "number", "sid", "token", "uid", "uuid"}, words[strings.LastIndexByte(words, '_')+1:])
}

// unindexed reports the lookups of a table by the same columns.
func unindexed(p *check.Pass, d *ir.Database, t *ir.Table, columns []string, list []*lookup, often bool) {
	first := list[0]
	for _, l := range list {
		if direct(p, l, columns) && !direct(p, first, columns) {
			first = l
		}
	}
	f := check.Finding{
		Level: check.Info, Span: first.place(p, columns[0]), Symbol: t.Name + "." + strings.Join(columns, ","),
		Anchor: "index",
	}
	if often && !d.InProcess && selects(p, t, columns) && (query.People(t.Name) || p.Queries.ManyRows(t) || slices.ContainsFunc(list, func(l *lookup) bool { return l.awaited(p) })) && !slices.ContainsFunc(columns, func(c string) bool { return seldom(t.Name, c) }) && !slices.ContainsFunc(columns, calledBy) && direct(p, first, columns) && (referredTo(d, t) || plainIndexes(t) >= indexedTwice || t.Rows >= manyRows) {
		f.Level = check.Warning
	}
	if !query.People(t.Name) && !slices.ContainsFunc(list, func(l *lookup) bool { return l.awaited(p) }) && running(p, slices.Values(list)) < askedMuch {
		f.Level = check.Info // nobody waits, and few places ask
	}
	if slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return x.Using != "btree" && slices.Contains(x.Columns(), columns[0]) }) {
		f.Level = check.Info // one that finds parts of a text finds all of it as well
	}
	if !slices.ContainsFunc(list, func(l *lookup) bool { return len(p.Flow.EntryPath(l.access.Clause)) <= maxAskedCalls }) {
		f.Level = check.Info // what is asked so far from where a request starts is asked for one kind of them
	}
	f.Path = first.asks(p, columns[0])
	f.Path = append(f.Path, check.Step{Span: t.Made.Span, Note: "the table is made here; no index leads with " + columnList(columns)})
	by, grown := additions(p, t)
	f.Path = append(f.Path, grown...)
	create := &fix.CreateIndex{Database: d, Table: t, Columns: columns}
	f.Changes = []fix.Change{create}
	if f.Level == check.Info {
		f.Changes[0] = &fix.Only{Change: create, Question: "How many rows the table has, and how often it is asked so, decides whether the index is worth its writes."}
	}
	if !slices.ContainsFunc(list, func(l *lookup) bool { return !startsBeside(l) && !alternatives(l) }) {
		f.Changes[0] = &fix.Only{Change: create, Question: "Another index may find the rows first: look at the plan of the query whether it would use the index."}
	}
	if !slices.ContainsFunc(list, asksEqual) {
		f.Changes[0] = &fix.Only{Change: create, Question: "How many rows the range leaves, and how often it is asked for, decides whether the index is worth its writes."}
	}
	if ranges(list[0]) > 1 {
		f.Changes[0] = &fix.Only{Change: create, Question: "An index narrows by the first column of a range alone: say which of them leaves few rows."}
	}
	if u := uniqueLike(t, columns); u != "" {
		f.Changes[0] = &fix.Only{Change: create, Question: "`" + u + "`, which is of the same kind, is unique: say whether this is as well."}
	}
	if claimsOf(p.Program, t, func(c ir.Claim) bool { return c.Kind == ir.ClaimUnique && sameColumns(c.Columns, columns) }) {
		f.Changes = leave("a changeset counts on a unique index of the same columns, which finds the rows as well: that is missing-unique-index")
	}
	f.Message = "Rows of `" + t.Name + "` are found by " + columnList(columns) + ", and no index leads with " + pronoun(columns) +
		": each call reads the whole table." + adds(by) + counted(t) + " Create an index on (" + strings.Join(columns, ", ") + "), concurrently."
	p.Report(f)
}

// centralTables is how many tables refer to one that much of an application is about.
const centralTables = 4

// indexedTwice is how many indexes that keep nothing unique a table has whose queries somebody has
// looked at: they are there for nothing else, and were worth their writes.
const indexedTwice = 2

// plainIndexes is how many indexes of a table keep nothing unique.
func plainIndexes(t *ir.Table) int {
	n := 0
	for i := range t.Indexes {
		if !t.Indexes[i].Unique {
			n++
		}
	}
	return n
}

// referredTo reports whether an application is about the rows of a table, as it is about
// its users: other tables refer to them, so that there are many.
func referredTo(d *ir.Database, t *ir.Table) bool {
	n := 0
	for _, from := range d.Tables {
		if from != t && slices.ContainsFunc(from.ForeignKeys, func(k ir.ForeignKey) bool { return k.To(t) }) {
			n++
		}
	}
	return n >= centralTables
}

// direct reports whether a lookup is made for one value at a time, for a request
// or a job. What goes over a range of time, or runs in the background on its own,
// may take its time.
func direct(p *check.Pass, l *lookup, columns []string) bool {
	k := p.Flow.Reached(l.access.Clause)
	if !k.Has(ir.Request) && !k.Has(ir.Socket) && !k.Has(ir.Job) {
		return false
	}
	return !startsBeside(l) && !stopsEarly(l) && slices.ContainsFunc(l.by, func(f *query.Filter) bool { return f.Compare == query.Equal && slices.Contains(columns, f.Name) })
}

// awaited reports whether a lookup is for one row or one value, and a client waits for it or the
// row is known by the id that another service gave: lists are of a few things more often, and
// jobs have the time.
func (l *lookup) awaited(p *check.Pass) bool {
	k, q := p.Flow.Reached(l.access.Clause), &l.access.Query
	if l.access.Op == "one" && q.Root().Table != nil && slices.ContainsFunc(askedBy(q), func(c string) bool { return handedOut(q, c) }) {
		return true
	}
	return (l.access.Op == "one" || l.access.Op == "value") && (k.Has(ir.Request) || k.Has(ir.Socket))
}

// stopsEarly reports whether a query takes some rows in the order of an index, which
// may find them before it has read much.
func stopsEarly(l *lookup) bool {
	q := &l.access.Query
	if q.Limit == query.No || len(q.Order) == 0 {
		return false
	}
	t := q.Root().Table
	return t != nil && leads(t, q.Order[0].Name)
}

// alternatives reports whether a lookup asks for one of several values besides, each
// of which an index finds.
func alternatives(l *lookup) bool {
	q := &l.access.Query
	return slices.ContainsFunc(q.Filters, func(f query.Filter) bool {
		if !f.Either || f.Name == "" || f.Binding < 0 || f.Binding >= len(q.Sources) {
			return false
		}
		t := q.Sources[f.Binding].Table
		return t != nil && leads(t, f.Name)
	})
}

// asksEqual reports whether a lookup asks a column for a value.
func asksEqual(l *lookup) bool {
	return slices.ContainsFunc(l.by, func(f *query.Filter) bool { return !f.Constant && f.Compare != query.Range })
}

// ranges is how many columns a lookup asks to lie in a range.
func ranges(l *lookup) int {
	seen := map[string]bool{}
	for _, f := range l.by {
		if f.Compare == query.Range {
			seen[f.Name] = true
		}
	}
	return len(seen)
}

// startsBeside reports whether the rows of another source of the query may be found by
// an index first, so that only the rows joined to them are read.
func startsBeside(l *lookup) bool {
	q := &l.access.Query
	return slices.ContainsFunc(q.Filters, func(f query.Filter) bool {
		if f.Binding == l.by[0].Binding || f.Columns || f.Either || f.Compare > query.In || f.Name == "" || f.Binding >= len(q.Sources) {
			return false
		}
		t := q.Sources[f.Binding].Table
		return t != nil && leads(t, f.Name)
	})
}

func columnList(columns []string) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = "`" + c + "`"
	}
	return strings.Join(out, " and ")
}

func pronoun(columns []string) string {
	if len(columns) == 1 {
		return "it"
	}
	return "any of them"
}
