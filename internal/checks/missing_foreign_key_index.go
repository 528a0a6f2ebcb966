package checks

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// missingForeignKeyIndex reports columns that refer to another table and that no
// index leads with.
func missingForeignKeyIndex(p *check.Pass) {
	found := lookups(p)
	gone := deleted(p)
	settled(p.Program, func(d *ir.Database, t *ir.Table) {
		bare := slices.DeleteFunc(references(p.Program, t), func(k refers) bool {
			return covered(t, k.columns) || k.key != nil && d.IndexesKeys
		})
		for i := range bare {
			reference(p, d, t, bare, i, found[t], gone)
		}
	})
}

// refers is one reference from a table to another.
type refers struct {
	columns []string
	key     *ir.ForeignKey  // or nil when only the program knows of it
	assoc   *ir.Association // or nil
	owner   *ir.Schema      // that has assoc
}

// references are those of the database, then those that only the program
// declares and that are part of no other, each set of columns once.
func references(p *ir.Program, t *ir.Table) []refers {
	var out []refers
	add := func(r refers) {
		for i := range out {
			if slices.Contains(out[i].columns, r.columns[0]) && (len(r.columns) == 1 || slices.Equal(out[i].columns, r.columns)) {
				if out[i].assoc == nil {
					out[i].assoc, out[i].owner = r.assoc, r.owner
				}
				return
			}
		}
		out = append(out, r)
	}
	for i := range t.ForeignKeys {
		if k := &t.ForeignKeys[i]; !k.Maybe && len(k.Columns) > 0 {
			add(refers{columns: k.Columns, key: k})
		}
	}
	for _, s := range p.SchemasOf(t) {
		for i := range s.Associations {
			a := &s.Associations[i]
			if c := s.ColumnOf(a.OwnerKey); a.Kind == ir.BelongsTo && c != "" && t.Column(c) != nil {
				add(refers{columns: []string{c}, assoc: a, owner: s})
			}
		}
	}
	return out
}

// covered reports whether an index leads with columns, in any order.
func covered(t *ir.Table, columns []string) bool {
	if len(columns) == 1 {
		return leads(t, columns[0])
	}
	all := func(list []string) bool {
		return len(list) >= len(columns) && !slices.ContainsFunc(list[:len(columns)], func(c string) bool { return !slices.Contains(columns, c) })
	}
	if k := t.PrimaryKey; k != nil && all(k.Columns) {
		return true
	}
	if slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return x.Full() && ordered(&x) && all(x.Columns()) }) {
		return true
	}
	// One column of the key alone finds few rows already.
	return slices.ContainsFunc(columns, func(c string) bool { return leads(t, c) })
}

// deletion is where the running system deletes rows of a table.
type deletion struct {
	at      source.Span
	many    bool // any number of rows at once
	awaited bool // a client waits for it
}

// deleted are the deletions of tables, each by one that takes many rows if there
// is any.
func deleted(p *check.Pass) map[*ir.Table]deletion {
	out := map[*ir.Table]deletion{}
	all := p.Queries.Accesses()
	for i := range all {
		a := &all[i]
		t := a.Query.Root().Table
		if t == nil || a.Op != "delete" && a.Op != "delete_all" || !p.Flow.Reached(a.Clause).Serves() {
			continue
		}
		if old, has := out[t]; !has || !old.many && a.Op == "delete_all" {
			k := p.Flow.Reached(a.Clause)
			out[t] = deletion{p.Flow.Span(a.Clause, a.Expr), a.Op == "delete_all", k.Has(ir.Request) || k.Has(ir.Socket)}
		}
	}
	return out
}

// reference reports one of the references of a table that have no index.
func reference(p *check.Pass, d *ir.Database, t *ir.Table, bare []refers, at int, uses []lookup, gone map[*ir.Table]deletion) {
	k := bare[at]
	column := k.columns[0]
	name := t.Name + "." + strings.Join(k.columns, ", ")
	f := check.Finding{Level: check.Info, Symbol: t.Name + "." + strings.Join(k.columns, ","), Anchor: "index", Span: k.place(p, t, column)}
	made := t.Made.Span
	if c := t.Column(column); c != nil {
		made = c.Made.Span
	}
	f.Path = []check.Step{{Span: made, Note: "`" + name + "` is made here, and no index leads with it"}}
	if m := k.mapping(p.Program, t); m != nil {
		f.Path = append(f.Path, check.Step{Span: m.Span, Note: "`" + p.Program.SchemaName(m) + "` maps to the table"})
	}
	ends := len(f.Path)
	maker := "PostgreSQL"
	if !d.Postgres {
		maker = "the database"
	}
	what := "`" + name + "` refers to `" + k.target(p.Program) + "` and has no index: " + maker + " makes none for a foreign key."
	by, grown := additions(p, t)
	cost := " Whatever looks for rows by it reads the whole table." + adds(by)
	many, parent := k.cascades(d, gone)
	if p.Queries.Growth(t) != query.GrowsNot && !coarseName(strings.TrimSuffix(column, "_id")) && k.varies(p, d, t) && (k.noted(p, d, t, uses) || k.weighty(p, d, t, uses, many.many) && scanned(p, t, column, uses, parent != "", many.many && many.awaited && k.belongs(d, t))) && !unwanted(d, t, column) {
		f.Level = check.Warning
	}
	if f.Level == check.Warning && (k.key == nil && len(t.ForeignKeys) == 0 || parent == "" && unasked(p, t, column, uses)) {
		f.Level = check.Info
	}
	if m := k.mapping(p.Program, t); m != nil && storesNothing(m, t) {
		f.Level = check.Info // what is said of the schema comes first
	}
	if u := lookedUpBy(p, t, column, uses); u != nil {
		f.Path = append(f.Path, u.asks(p, column)...)
		cost = " Rows are looked for by it" + inPlaces(p, t, column, uses) + ", and each time the whole table is read." + adds(by)
	}
	if parent != "" {
		f.Path = append(f.Path, check.Step{Span: many.at, Note: "rows of `" + parent + "` are deleted here, which looks for the rows that refer to them"})
		if len(f.Path) == ends+1 {
			cost = " Deleting one row of `" + parent + "` reads the whole of `" + t.Name + "` to find what refers to it." + adds(by)
		}
	}
	changes := []fix.Change{&fix.CreateIndex{Database: d, Table: t, Columns: k.columns}}
	question := ""
	switch {
	case k.mapping(p.Program, t) == nil && len(uses) == 0:
		question = "Nothing of the program reads the table or maps to it: say whether it is still used."
	case unmapped(p.Program, t, column):
		question = "The table has a schema, and it does not know `" + column + "`: say whether the column is still used."
	case len(f.Path) == ends:
		question = "Nothing of the program looks for rows by it or deletes what it refers to: say whether anything else does."
	case unwanted(d, t, column):
		question = "A migration dropped the index over it: say whether it is wanted again."
	case f.Level == check.Info:
		question = "How many rows the table has, and how often it is read by the column, decides whether the index is worth its writes."
	case lookedUpBy(p, t, column, uses) == nil:
		// Deleting a row looks for it in all of them.
		for i := range bare {
			if o := &bare[i]; i != at && o.key != nil && o.key.Table == k.key.Table && o.key.Schema == k.key.Schema && lookedUpBy(p, t, o.columns[0], uses) == nil {
				changes = append(changes, &fix.CreateIndex{Database: d, Table: t, Columns: o.columns})
			}
		}
	}
	f.Path = append(f.Path, grown...)
	f.Changes = together(changes...)
	if question != "" {
		f.Changes[0] = &fix.Only{Change: f.Changes[0], Question: question}
	}
	f.Message = what + cost + counted(t) + " Create an index on it, concurrently."
	p.Report(f)
}

// noted reports whether processes of the program, and no clients, make the rows of a table as well as
// those that a reference leads to, and the running system looks for rows by it: what is taken down of what
// is taken down as time goes by soon is much, and each has few of it.
func (k *refers) noted(p *check.Pass, d *ir.Database, t *ir.Table, uses []lookup) bool {
	if k.key == nil || !d.Postgres {
		return false
	}
	by := func(t *ir.Table) bool {
		return t != nil && insertedInto(p, t, func(a *query.Access) bool { return p.Flow.Reached(a.Clause).Has(ir.Process) }) &&
			!insertedInto(p, t, func(a *query.Access) bool {
				k := p.Flow.Reached(a.Clause)
				return k.Has(ir.Request) || k.Has(ir.Socket) || k.Has(ir.Job)
			})
	}
	u := lookedUpBy(p, t, k.columns[0], uses)
	return u != nil && u.runs(p) && by(t) && by(d.Table(k.key.Schema, k.key.Table))
}

// unasked reports whether nothing that the running system gets to looks for rows by a column, though
// it stores them.
func unasked(p *check.Pass, t *ir.Table, column string, uses []lookup) bool {
	serves := func(a *query.Access) bool { return p.Flow.Reached(a.Clause).Serves() }
	for u := range unserved(t, column, uses) {
		if u.access == nil || serves(u.access) {
			return false
		}
	}
	return insertedInto(p, t, serves)
}

// insertedInto reports whether a call that is such a one makes rows of a table.
func insertedInto(p *check.Pass, t *ir.Table, such func(*query.Access) bool) bool {
	return slices.ContainsFunc(p.Queries.On(t), func(a *query.Access) bool { return a.Inserts() && such(a) })
}

// unmapped reports whether a table has schemas, and none of them has a field for a column.
func unmapped(p *ir.Program, t *ir.Table, column string) bool {
	mapping := p.SchemasOf(t)
	return len(mapping) > 0 && !slices.ContainsFunc(mapping, func(s *ir.Schema) bool { return s.Partial || fieldOf(s, column) != "" })
}

// unwanted reports whether a migration dropped the index over a column alone, as somebody
// does who has seen that nothing reads it.
func unwanted(d *ir.Database, t *ir.Table, column string) bool {
	return dropsIndex(d, t, func(c *ir.Change) bool { return !c.Unique && len(c.Columns) == 1 && c.Columns[0] == column })
}

// scanned reports whether a table is read for a reference so often that an index is
// worth its writes: several places look for rows by it, or one does and deletions as
// well. That deletions alone read it is seldom: most of what is deleted is a row at a
// time, by hand. A table that only links rows has as many as there are pairs of them, so
// that one place is enough.
func scanned(p *check.Pass, t *ir.Table, column string, uses []lookup, deleted, many bool) bool {
	places, run := 0, false
	for u := range unserved(t, column, uses) {
		if u.removes(p) {
			continue
		}
		places++
		run = run || u.runs(p)
	}
	if places > 1 && run || places > 0 && (many || t.Rows >= manyRows) || many && p.Queries.Growth(t) == query.Grows {
		return true
	}
	if p.Queries.Growth(t) == query.GrowsUnknown {
		return false // one place asks for rows that nothing known stores
	}
	return run && (deleted || links(p.Program, t))
}

// varies reports whether there are more and more rows that a reference may lead to: where they
// are few, each is referred to by much of the table, and an index over it is of little use.
func (k *refers) varies(p *check.Pass, d *ir.Database, t *ir.Table) bool {
	of := k.grows(p, d)
	return of >= query.GrowsPerhaps || of == query.GrowsUnknown && p.Queries.Growth(t) != query.GrowsUnknown
}

// grows says how the rows grow that a reference leads to; without bounds where only the program
// knows of it, or not their table.
func (k *refers) grows(p *check.Pass, d *ir.Database) query.Growth {
	if k.key == nil {
		return query.Grows
	}
	parent := d.Table(k.key.Schema, k.key.Table)
	if parent == nil {
		return query.Grows
	}
	return p.Queries.Growth(parent)
}

// indexedMuch is how many indexes a table has whose rows are looked for in every way.
const indexedMuch = 5

// indexedDatabase is how many indexes that keep nothing unique a database has whose makers look at
// what its queries read.
const indexedDatabase = 3

// plainOf is how many indexes of a database keep nothing unique.
func plainOf(d *ir.Database) int {
	n := 0
	for _, t := range d.Tables {
		n += plainIndexes(t)
	}
	return n
}

// asksEnough is how many places that read a table make certain that it is read much.
const asksEnough = 4

// askedOften is how many places do where a client's requests get to one of them.
const askedOften = 2

// askedMuch is how many places ask for rows that belong to no people, or that nobody waits for, where there
// are many of them.
const askedMuch = 3

// askedLinks is how many places ask for what links things to things where there are many of them.
const askedLinks = 5

// askedFew is how many places ask for what an organization has few of, where they are many.
const askedFew = 6

// someTables is how many tables a database has that would have an index for its queries if somebody
// had found one slow.
const someTables = 5

// weighty reports whether a reference counts among those of a table. Where the table has no
// other, and few places ask for its rows, it is a list that somebody keeps beside a few things, and
// so it is in a database in which hardly anything has an index.
// Where nothing but deletions look for them, others of its references have an index, or all the
// others and its rows are looked for besides: whoever made those had a reason to leave this out.
func (k *refers) weighty(p *check.Pass, d *ir.Database, t *ir.Table, uses []lookup, many bool) bool {
	column := k.columns[0]
	others, led := 0, 0
	for _, o := range references(p.Program, t) {
		if o.columns[0] != column {
			others++
			if covered(t, o.columns) {
				led++
			}
		}
	}
	asked, requested := 0, false
	for u := range unserved(t, column, uses) {
		if u.runs(p) && !u.removes(p) {
			asked++
			requested = requested || u.access == nil || requestedAt(p, u.access.Clause)
		}
	}
	linked, people := links(p.Program, t), k.key != nil && query.People(k.key.Table)
	enough := askedMuch
	if linked {
		enough = askedLinks
	}
	switch {
	case asked < enough && !p.Queries.ManyRows(t) && !people:
		return false // a thing of a thing, and few ask which
	case asked < askedFew && !p.Queries.ManyRows(t) && query.FewRows(t):
		return false // who is in what team: a list that is read whole as fast
	case asked > 0 && plainOf(d) == 0 && len(d.Tables) >= someTables, !many && plainOf(d) < indexedDatabase && !linked:
		return false
	case linked && k.mapping(p.Program, t) == nil && p.Queries.Growth(t) == query.GrowsUnknown:
		return false // nothing that runs links them
	case linked && !requested && asked > 0 && !storedAlone(p, t):
		return false // what somebody picks in a form, and no request looks for
	case linked && !p.Queries.ManyRows(t) && !storedAlone(p, t) && !people:
		return false // as many as somebody picks for one of a few things
	}
	switch {
	case asked == 0 && !p.Queries.ManyRows(t):
		return false
	case asked == 0 && led > 0:
		return led == others && plainIndexes(t) >= indexedTwice && people || plainIndexes(t) >= indexedMuch
	case asked == 0, others > 0:
		return true
	}
	return asked >= asksEnough || asked >= askedOften && requested || many
}

// removes reports whether a lookup finds the rows that go, or let go, when another one does.
func (l *lookup) removes(p *check.Pass) bool {
	if l.access == nil || l.access.Op != "delete_all" && l.access.Op != "update_all" {
		return false
	}
	fn := p.Flow.Func(l.access.Clause)
	return fn != ir.No && slices.Contains([]string{"anonymize", "delete", "destroy", "erase", "purge", "remove"}, firstWord(p.Program.Func(fn).Name))
}

// storedAlone reports whether rows of a table are inserted by themselves, and not with the rows
// that they link.
func storedAlone(p *check.Pass, t *ir.Table) bool {
	if slices.ContainsFunc(p.Program.SchemasOf(t), func(s *ir.Schema) bool {
		return slices.ContainsFunc(s.Actions, func(a ir.ResourceAction) bool { return a.Kind == "create" })
	}) {
		return true
	}
	return insertedInto(p, t, func(*query.Access) bool { return true })
}

// requestedAt reports whether the nearest way to a clause starts at a client's request or where
// it connects.
func requestedAt(p *check.Pass, id flow.ClauseID) bool {
	e := p.Flow.ReachedBy(id)
	return e != nil && (e.Kind == ir.Request && !e.GraphQL() || e.Name == "socket connect")
}

// belongs reports whether a reference says what a row belongs to. One to the row itself,
// to one of the rows that belong to it (the picture that an album shows) or one of
// several to the same table (who wrote it, who read it) does not.
func (k *refers) belongs(d *ir.Database, t *ir.Table) bool {
	parent := d.Table(k.key.Schema, k.key.Table)
	if parent == nil || parent == t || slices.ContainsFunc(parent.ForeignKeys, func(up ir.ForeignKey) bool { return d.Table(up.Schema, up.Table) == t }) {
		return false
	}
	return !slices.ContainsFunc(t.ForeignKeys, func(o ir.ForeignKey) bool {
		return !slices.Equal(o.Columns, k.key.Columns) && d.Table(o.Schema, o.Table) == parent
	})
}

// linkColumns is how many columns of its own a table may have that links rows.
const linkColumns = 3

// links reports whether the rows of a table link rows of others.
func links(p *ir.Program, t *ir.Table) bool {
	own := map[string]bool{}
	for i := range t.Columns {
		own[t.Columns[i].Name] = true
	}
	for _, c := range []string{"id", "inserted_at", "updated_at", "created_at"} {
		delete(own, c)
	}
	refs := references(p, t)
	for _, k := range refs {
		for _, c := range k.columns {
			delete(own, c)
		}
	}
	return len(refs) > 1 && len(own) <= linkColumns
}

// lookedUpBy is a lookup by a column for which no index serves, one that is known to
// run if there is any.
func lookedUpBy(p *check.Pass, t *ir.Table, column string, uses []lookup) *lookup {
	var found *lookup
	for u := range unserved(t, column, uses) {
		if u.runs(p) {
			return u
		}
		if found == nil {
			found = u
		}
	}
	return found
}

// inPlaces says in how many places the running system looks for rows by a column without an index,
// if in several.
func inPlaces(p *check.Pass, t *ir.Table, column string, uses []lookup) string {
	if n := running(p, unserved(t, column, uses)); n > 1 {
		return " in " + strconv.Itoa(n) + " places"
	}
	return ""
}

// running is how many lookups the running system may come to.
func running(p *check.Pass, list iter.Seq[*lookup]) int {
	n := 0
	for l := range list {
		if l.runs(p) {
			n++
		}
	}
	return n
}

// unserved are the lookups by a column for which no index serves.
func unserved(t *ir.Table, column string, uses []lookup) iter.Seq[*lookup] {
	return func(yield func(*lookup) bool) {
		for i := range uses {
			if u := &uses[i]; u.has(column) && !u.served(t, column) && !yield(u) {
				return
			}
		}
	}
}

// mapping is the schema that maps to the table.
func (k *refers) mapping(p *ir.Program, t *ir.Table) *ir.Schema {
	if k.owner != nil {
		return k.owner
	}
	if mapping := p.SchemasOf(t); len(mapping) > 0 {
		return mapping[0]
	}
	return nil
}

// made is where the column was added to its table.
func (k *refers) made(t *ir.Table, column string) source.Span {
	if k.key != nil && k.key.Made.Span.Len() > 0 {
		return k.key.Made.Span
	}
	if c := t.Column(column); c != nil {
		return c.Made.Span
	}
	return t.Made.Span
}

// place is where a person would look: the migration; if a dump is all that is
// left of it, the association.
func (k *refers) place(p *check.Pass, t *ir.Table, column string) source.Span {
	s := k.made(t, column)
	if s.File >= 0 && p.Program.Files.File(s.File).Kind == source.SQL && k.assoc != nil {
		return k.assoc.Span
	}
	return s
}

// target is the table that is referred to.
func (k *refers) target(p *ir.Program) string {
	switch {
	case k.key != nil:
		return k.key.Table
	case k.assoc.Schema != ir.No:
		return p.Schemas[k.assoc.Schema].Table
	}
	return k.assoc.Name
}

// cascades is the deletion of rows that looks for the rows that refer to them, and
// the table they are deleted from. Rows that go with those of another table go in
// any number.
func (k *refers) cascades(d *ir.Database, gone map[*ir.Table]deletion) (deletion, string) {
	if k.key == nil || k.key.OnDelete == ir.NoAction {
		return deletion{}, ""
	}
	parent := d.Table(k.key.Schema, k.key.Table)
	if parent == nil {
		return deletion{}, ""
	}
	for i := range parent.ForeignKeys {
		up := &parent.ForeignKeys[i]
		if up.OnDelete != ir.Cascade || up.Maybe {
			continue
		}
		if above, ok := gone[d.Table(up.Schema, up.Table)]; ok {
			above.many = true
			return above, parent.Name
		}
	}
	if del, ok := gone[parent]; ok {
		return del, parent.Name
	}
	return deletion{}, ""
}
