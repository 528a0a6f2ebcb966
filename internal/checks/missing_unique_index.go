package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// missingUniqueIndex reports what the program takes to be unique and the
// database does not keep unique.
func missingUniqueIndex(p *check.Pass) {
	if indexesElsewhere(p.Program) {
		return
	}
	u := uniqueness{Pass: p, done: map[string]bool{}, written: stepsWritten(p), raising: raising(p.Program)}
	for _, d := range p.Queries.Declarations() {
		u.declared(&d)
	}
	u.joins()
	list := p.Queries.Accesses()
	for i := range list {
		if a := &list[i]; a.Op == "insert" {
			u.insert(a)
		}
	}
}

// uniqueness is the work of the check.
type uniqueness struct {
	*check.Pass
	done    map[string]bool                 // what is reported, by table and columns
	written map[source.Span][]*query.Access // by the steps of changesets
	raising []*source.File                  // the migrations that may raise a violation themselves
}

// orders reports whether a column says where a row stands among others.
func orders(column string) bool {
	word := column[strings.LastIndexByte(column, '_')+1:]
	return slices.Contains([]string{"order", "position", "index", "rank", "sequence", "priority", "weight"}, word)
}

// table is the table of a schema, if all of it is known.
func (u *uniqueness) table(s *ir.Schema) *ir.Table {
	if s == nil || s.Rows == nil || s.Database < 0 {
		return nil
	}
	d, t := u.Program.Databases[s.Database], s.Rows
	unknown := t.Partial || t.Maybe || t.Parent != "" || slices.ContainsFunc(d.Gaps, func(g ir.Gap) bool { return g.Table == t.Name })
	if unknown {
		return nil
	}
	return t
}

// keeps reports whether something of a table keeps columns unique, maybe with
// others, or only for some rows, or what is made of a name, its slug.
func keeps(p *ir.Program, t *ir.Table, columns []string) bool {
	if k := t.PrimaryKey; k != nil && (within(columns, k.Columns) || within(k.Columns, columns)) {
		return true
	}
	slugged := slices.Clone(columns)
	for i, c := range slugged {
		if calledBy(c) && t.Column("slug") != nil {
			slugged[i] = "slug" // which is made of what the row is called
		}
	}
	return slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool {
		of := indexColumns(t, &x)
		return x.Unique && (within(columns, of) || within(of, columns) || sameColumns(of, slugged))
	}) || referredBy(p, t, columns)
}

// referredBy reports whether a foreign key refers to columns of a table, as it does only to what is
// unique.
func referredBy(p *ir.Program, t *ir.Table, columns []string) bool {
	d := databaseOf(p, t)
	return d != nil && d.Refers(t, func(k *ir.ForeignKey) bool { return sameColumns(k.References, columns) })
}

// columnsOf are the columns of fields; nil if one of them is none.
func columnsOf(t *ir.Table, s *ir.Schema, fields []string) []string {
	var out []string
	for _, f := range fields {
		c := s.ColumnOf(f)
		if c == "" || t.Column(c) == nil {
			return nil
		}
		out = append(out, c)
	}
	return out
}

// once reports whether a table's columns have not been reported yet, and notes
// that they are.
func (u *uniqueness) once(t *ir.Table, columns []string) bool {
	sorted := slices.Sorted(slices.Values(columns))
	key := tableWord(t) + " " + quoted(sorted)
	again := u.done[key]
	u.done[key] = true
	return !again
}

// declared judges one place that counts on the database.
func (u *uniqueness) declared(d *query.Declaration) {
	t := u.table(d.Schema)
	if t == nil || d.Open || d.May && d.Kind == query.Asked || d.Kind == query.Declared && d.Constraint != query.Unique {
		return
	}
	columns := columnsOf(t, d.Schema, d.Fields)
	if columns == nil || keeps(u.Program, t, columns) || d.Kind == query.Declared && (d.Name == "" || holdsName(t, d) || raised(u.raising, d.Name)) || !u.once(t, columns) {
		return
	}
	f := u.finding(t, columns, d.Span, u.Flow.Symbol(d.Clause))
	f.Changes = unlessRefused(u.Pass, t, columns, u.keptFor(t, d, columns))
	if !u.counts(d, columns) {
		f.Level = check.Info // no row gets there, or none with a value that another has
	}
	if u.ofParent(d.Schema, t, columns) {
		f.Level = check.Info
	}
	if slices.ContainsFunc(columns, orders) {
		f.Level = check.Info // where rows change places two of them have one for a while
	}
	if d.Kind == query.Declared && (droppedIndex(u.Program.Databases[d.Schema.Database], t, d.Name, columns) || commentedOut(u.Program, t, columns) != "") {
		f.Level = check.Info // what is twice is wanted, and what the changeset declares is left over
	}
	if d.Kind == query.Declared {
		f.Message = "`" + tableWord(t) + "` has no unique index on " + quoted(columns) + ", though the changeset counts on one named `" + d.Name +
			"`: nothing is ever refused, and duplicates are stored. Add the unique index, or drop the constraint from the changeset."
	} else {
		f.Message = "`" + tableWord(t) + "` has no unique index on " + quoted(columns) +
			", and the changeset only asks whether the value is taken: two requests at a time are both told that it is free, and both are stored. Add the unique index."
	}
	f.Path = []check.Step{
		{Span: d.Span, Note: "takes " + quoted(columns) + " to be unique"},
		{Span: columnMade(t, columns), Note: "the columns are made here, and no migration adds a unique index on " + quoted(columns)},
	}
	u.Report(f)
}

// ofParent reports whether a column alone says which row of another table one belongs to: most
// are made with that row, or by the one who owns it.
func (u *uniqueness) ofParent(s *ir.Schema, t *ir.Table, columns []string) bool {
	if len(columns) != 1 {
		return false
	}
	return slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Equal(k.Columns, columns) }) ||
		s != nil && slices.ContainsFunc(s.Associations, func(a ir.Association) bool { return a.Kind == ir.BelongsTo && s.ColumnOf(a.OwnerKey) == columns[0] })
}

// counts reports whether something known writes rows through what a declaration is in,
// with values that can come twice.
func (u *uniqueness) counts(d *query.Declaration, columns []string) bool {
	return !slices.ContainsFunc(columns, func(c string) bool { return madeAtRandom(d.Schema.Table, c) }) && u.sought(d.Schema.Rows, columns) &&
		(d.Kind != query.Declared || slices.ContainsFunc(u.written[d.Span], func(a *query.Access) bool { return u.Flow.Reached(a.Clause) != 0 }))
}

// sought reports whether anything asks for rows of a table by columns: where nothing does,
// two of them do little harm.
func (u *uniqueness) sought(t *ir.Table, columns []string) bool {
	for _, a := range u.Queries.On(t) {
		if u.Flow.InLib(a.Clause) && !slices.ContainsFunc(columns, func(c string) bool {
			return !slices.ContainsFunc(a.Query.Filters, func(f query.Filter) bool { return f.Binding == 0 && f.Name == c })
		}) {
			return true
		}
	}
	return false
}

// columnMade is where the last of the columns was added to its table.
func columnMade(t *ir.Table, columns []string) source.Span {
	at := t.Made
	for _, name := range columns {
		if c := t.Column(name); c != nil && (c.Made.Version > at.Version || c.Made.Version == at.Version && c.Made.Span.Start > at.Span.Start) {
			at = c.Made
		}
	}
	return at.Span
}

// holdsName reports whether a table has an index that a declaration fits.
func holdsName(t *ir.Table, d *query.Declaration) bool {
	return slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return x.Unique && d.Fits(x.Name) }) ||
		slices.ContainsFunc(t.Constraints, func(c ir.Constraint) bool { return d.Fits(c.Name) }) ||
		t.PrimaryKey != nil && d.Fits(t.PrimaryKey.Name)
}

// keptFor asks for the index that a declaration counts on, under the name that it
// counts on where that is free.
func (u *uniqueness) keptFor(t *ir.Table, d *query.Declaration, columns []string) []fix.Change {
	columns = namedColumns(t, d.Name, columns)
	index := &fix.CreateIndex{Database: u.Program.Databases[d.Schema.Database], Table: t, Columns: columns, Unique: true, Name: d.Name}
	index.Where = liveRows(index.Database, t)
	changes := []fix.Change{index}
	if d.Kind != query.Declared || d.Match != "exact" || index.Database.Taken(t, d.Name) || len(d.Name) > ir.LongestName {
		if index.Name = uniqueName(index.Database, t, columns); index.Name == "" {
			return nil
		}
		if d.Kind == query.Asked {
			changes = append(changes, declaring(u.Pass, d.Span, d.Schema, ir.UniqueConstraint, columns, index.Name, ""))
		} else {
			changes = append(changes, renaming(u.Pass, d.Span, index.Name))
		}
	}
	elsewhere, bare := declaredElsewhere(u.Pass, t, &guard{kind: query.Unique, name: index.Name, columns: columns, where: index.Where}, d.Span, ir.No)
	changes = append(changes, elsewhere...)
	if index.Where == "" {
		changes = append(changes, overtaken(index.Database, t, columns)...)
	}
	out := together(changes...)
	if bare != "" {
		out = asking(out, refusedThere(bare))
	}
	if state := u.inState(t, columns); state != "" {
		out = asking(out, "Rows are looked for by "+quoted(columns)+" and a certain `"+state+"`: say whether those with another may be there many times, and leave them out with a condition.")
	}
	if d.Kind == query.Declared && droppedIndex(index.Database, t, d.Name, columns) {
		return asking(out, "A migration dropped `"+d.Name+"`: either the values shall be unique again, or what the changeset declares is left over.")
	}
	if d.Kind == query.Declared && d.Explicit && d.Name != fix.IndexName(t.Name, columns) && strings.HasSuffix(d.Name, "_key") {
		return asking(out, "`"+d.Name+"` is named as PostgreSQL names what is declared in SQL: say whether another program's migrations make it.")
	}
	if d.Kind == query.Declared && !explained(t, d.Name, columns) {
		return asking(out, "Which columns `"+d.Name+"` shall keep unique: its name tells of others than "+quoted(columns)+".")
	}
	return out
}

// refusedThere asks what a write shall do that a new unique index refuses.
func refusedThere(symbol string) string {
	return symbol + " inserts rows through no changeset: say what it shall do where the index refuses one."
}

// inState is a column with few values that a query for rows of a table by columns compares with a
// constant as well, or "": rows with another value of it may not count.
func (u *uniqueness) inState(t *ir.Table, columns []string) string {
	for _, a := range u.Queries.On(t) {
		if !u.Flow.InLib(a.Clause) {
			continue
		}
		state, by := "", 0
		for j := range a.Query.Filters {
			f := &a.Query.Filters[j]
			switch {
			case f.Binding != 0 || f.Columns || f.Either:
			case slices.Contains(columns, f.Name):
				by++
			case (f.Constant || f.Fixed) && f.Compare <= query.In && coarseName(f.Name):
				state = f.Name
			}
		}
		if by >= len(columns) && state != "" {
			return state
		}
	}
	return ""
}

// liveRows is the condition by which the unique indexes of a database leave out rows that
// count as deleted, `deleted_at IS NULL`, if a table has the column and most of them have
// the condition.
func liveRows(d *ir.Database, t *ir.Table) string {
	with, where := map[string]int{}, map[string]string{} // by column
	for _, o := range d.Tables {
		for k := range o.Indexes {
			if x := &o.Indexes[k]; x.Unique && x.Where != "" {
				bare := strings.Trim(x.Where, "()")
				for i := range o.Columns {
					if c := o.Columns[i].Name; strings.EqualFold(bare, c+" is null") {
						with[c]++
						where[c] = bare
					}
				}
			}
		}
	}
	for i := range t.Columns {
		column := t.Columns[i].Name
		if with[column] == 0 {
			continue
		}
		all := 0
		for _, o := range d.Tables {
			if o.Column(column) != nil {
				for k := range o.Indexes {
					if o.Indexes[k].Unique {
						all++
					}
				}
			}
		}
		if 2*with[column] > all {
			return where[column]
		}
	}
	return ""
}

// droppedIndex reports whether a migration drops an index of a table by its name, or one
// that kept some columns unique, maybe with others.
func droppedIndex(d *ir.Database, t *ir.Table, name string, columns []string) bool {
	return dropsIndex(d, t, func(c *ir.Change) bool { return c.Name == name || c.Unique && within(columns, c.Columns) })
}

// dropsIndex reports whether a migration drops such an index of a table.
func dropsIndex(d *ir.Database, t *ir.Table, such func(*ir.Change) bool) bool {
	return slices.ContainsFunc(d.Migrations, func(m ir.Migration) bool {
		return slices.ContainsFunc(m.Changes, func(c ir.Change) bool {
			return c.Kind == ir.IndexDropped && !c.Maybe && c.Table == t.Name && such(&c)
		})
	})
}

// explained reports whether a name tells of nothing but a table, columns and an
// index: a word besides is one of another column.
func explained(t *ir.Table, name string, columns []string) bool {
	known := strings.Split(t.Name+"_"+strings.Join(columns, "_")+"_unique_uniq_index_idx_key_constraint_uq_uk_on_by_and_per_must_be", "_")
	return !slices.ContainsFunc(strings.Split(name, "_"), func(w string) bool {
		return w != "" && !slices.ContainsFunc(known, func(k string) bool { return w == k || w+"s" == k || w == k+"s" })
	})
}

// namedColumns are the columns that the usual name of an index tells of, in its
// order, if those that are known are among them.
func namedColumns(t *ir.Table, name string, known []string) []string {
	rest, ok := strings.CutPrefix(name, t.Name+"_")
	rest, index := strings.CutSuffix(rest, "_index")
	if !ok || !index {
		return known
	}
	var out []string
	for rest != "" {
		best, column := "", ""
		for i := range t.Columns {
			n := t.Columns[i].Name
			for _, word := range []string{n, strings.TrimSuffix(n, "_id")} {
				if len(word) > len(best) && (rest == word || strings.HasPrefix(rest, word+"_")) {
					best, column = word, n
				}
			}
		}
		if best == "" {
			return known
		}
		out = append(out, column)
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, best), "_")
	}
	if !within(known, out) {
		return known
	}
	return out
}

// insertInto is an insert into a table whose row a changeset takes, or nil.
func (u *uniqueness) insertInto(t *ir.Table) *query.Access {
	for _, a := range u.Queries.On(t) {
		if a.Op == "insert" && u.Flow.InLib(a.Clause) {
			if _, ok := castingStep(a.Query.Steps); ok {
				return a
			}
		}
	}
	return nil
}

// keptIn asks for a unique index and, where a changeset takes the row of an
// insert, for the step that answers for it.
func keptIn(p *check.Pass, t *ir.Table, columns []string, a *query.Access) []fix.Change {
	d := databaseOf(p.Program, t)
	columns = inOrder(t, columns)
	name := uniqueName(d, t, columns)
	if d == nil || name == "" {
		return nil
	}
	where := liveRows(d, t)
	changes := []fix.Change{&fix.CreateIndex{Database: d, Table: t, Columns: columns, Unique: true, Where: where, Name: name}}
	if a != nil && !declares(a.Query.Steps, name) {
		if at, ok := castingStep(a.Query.Steps); ok {
			changes = append(changes, declaring(p, at, a.Query.Root().Schema, ir.UniqueConstraint, columns, name, ""))
		}
	}
	if where == "" {
		changes = append(changes, overtaken(d, t, columns)...)
	}
	return together(changes...)
}

func (u *uniqueness) finding(t *ir.Table, columns []string, at source.Span, symbol string) check.Finding {
	return check.Finding{
		Level: check.Warning, Span: at, Symbol: symbol, Anchor: tableWord(t) + " " + quoted(columns),
	}
}

// joins judges the tables that hold pairs.
func (u *uniqueness) joins() {
	for _, s := range u.Program.Schemas {
		if u.Program.Files.File(s.Span.File).Kind != source.Lib || s.Database < 0 {
			continue
		}
		for i := range s.Associations {
			a := &s.Associations[i]
			if t, pair := u.joined(s, a); t != nil {
				u.join(s, a, t, pair)
			}
		}
	}
}

// joined is the table that an association joins through and its two keys, if
// links are all that it holds.
func (u *uniqueness) joined(s *ir.Schema, a *ir.Association) (*ir.Table, []string) {
	if a.Kind == ir.ManyToMany && a.JoinTable != "" && a.JoinOwner != "" && a.JoinRelated != "" {
		t, pair := u.Program.Databases[s.Database].Table("", a.JoinTable), []string{a.JoinOwner, a.JoinRelated}
		if t == nil || slices.ContainsFunc(t.Columns, func(c ir.Column) bool {
			return c.Name != "id" && !strings.HasSuffix(c.Name, "_at") && !slices.Contains(pair, c.Name)
		}) {
			return nil, nil // a link with something of its own may be there twice
		}
		return t, pair
	}
	if len(a.Through) != 2 {
		return nil, nil
	}
	first := s.Association(a.Through[0])
	if first == nil || first.Schema == ir.No || first.Kind != ir.HasMany || first.Filtered {
		return nil, nil
	}
	via := u.Program.Schemas[first.Schema]
	second := via.Association(a.Through[1])
	if second == nil || second.Kind != ir.BelongsTo || via.Rows == nil {
		return nil, nil
	}
	pair := []string{via.ColumnOf(first.RelatedKey), via.ColumnOf(second.OwnerKey)}
	for i := range via.Fields {
		f := &via.Fields[i]
		own := f.Column == "" || slices.Contains(via.PrimaryKey, f.Name) || strings.HasSuffix(f.Name, "_at") || slices.Contains(pair, f.Column)
		if !own {
			return nil, nil // a link with something of its own may be there twice
		}
	}
	return via.Rows, pair
}

// join judges a table that an association joins through.
func (u *uniqueness) join(s *ir.Schema, a *ir.Association, t *ir.Table, pair []string) {
	if u.table(&ir.Schema{Rows: t, Database: s.Database}) == nil || t.Column(pair[0]) == nil || t.Column(pair[1]) == nil || pairKept(t, pair) || !u.once(t, pair) {
		return
	}
	f := u.finding(t, pair, t.Made.Span, tableWord(t)+"."+pair[0])
	f.Changes = unlessRefused(u.Pass, t, pair, keptIn(u.Pass, t, pair, u.insertInto(t)))
	if a.Kind == ir.ManyToMany {
		f.Changes = asking(f.Changes, "A list of `"+a.Name+"` that holds a row twice is refused then: say whether what gives it may repeat one, and whether the association is `unique: true`.")
	}
	f.Message = "`" + tableWord(t) + "` joins " + quoted(pair) + " without a unique index on both: the same link can be stored twice, and joins and counts then see the row twice. Add a unique index on " + quoted(pair) + "."
	f.Level = check.Info // most links are made once, with the rows that they link
	f.Path = []check.Step{
		{Span: t.Made.Span, Note: "the join table is made here, and no migration adds a unique index on both keys"},
		{Span: a.Span, Note: "`" + a.Name + "` goes through it"},
	}
	u.Report(f)
}

// pairKept reports whether a table keeps a pair unique, maybe with a third.
func pairKept(t *ir.Table, pair []string) bool {
	if k := t.PrimaryKey; k != nil && within(pair, k.Columns) {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool {
		of := indexColumns(t, &x)
		return x.Unique && (within(pair, of) || len(of) > 0 && within(of, pair))
	})
}

// insert judges an insert that a look-up of the same row decides, there or in
// what calls it.
func (u *uniqueness) insert(a *query.Access) {
	t := u.table(a.Query.Root().Schema)
	if t == nil || a.Settles || !u.Flow.InLib(a.Clause) {
		return
	}
	for _, g := range guards(t) {
		if g.kind == query.Unique && !g.key && reaches(a, &g) {
			return // it refuses the second of two equal rows
		}
	}
	u.decided(a, t, flow.Caller{Clause: a.Clause, Expr: a.Expr})
	for _, k := range u.Flow.CallersOf(a.Clause) {
		u.decided(a, t, k)
	}
}

// fewTogether is how many columns a row is looked for by that somebody else may store at the same time.
const fewTogether = 2

// decided judges one place that leads to an insert.
func (u *uniqueness) decided(a *query.Access, t *ir.Table, at flow.Caller) {
	if !u.Flow.InLib(at.Clause) || !atOnce(u.Flow.Reached(at.Clause)) {
		return
	}
	for _, r := range u.lookUps(at.Clause, t) {
		columns := soughtBy(r.access, a)
		if columns == nil || keeps(u.Program, t, columns) || r.at == at.Expr || !decides(u.Flow, r.at, at) || !u.once(t, columns) {
			continue
		}
		f := u.raced(at, r, t, columns)
		f.Changes = unlessRefused(u.Pass, t, columns, u.settled(a, t, at, columns))
		if u.ofNewRow(at.Clause, t, columns) || slices.Equal(columns, []string{"name"}) || len(columns) > fewTogether {
			f.Level = check.Info // nobody else knows of the row yet, what is called so is made once, or two alike in so much are rare
		}
		if len(u.Flow.EntryPath(at.Clause)) > maxAskedCalls {
			f.Level = check.Info // so far from where a request starts two of them seldom come at once
		}
		if u.behindNew(at, t) {
			f.Level = check.Info // the second of two is refused the row that this one belongs to
		}
		if clicked(u.Pass, at.Clause) || inTurn(u.Flow.ReachedBy(at.Clause)) || u.ofParent(a.Query.Root().Schema, t, columns) {
			f.Level = check.Info // what one process or a queue does comes one after the other
		}
		if u.storedFreely(t, columns) {
			f.Level = check.Info // elsewhere a second one is stored on purpose
		}
		if same := sameEachTime(&r.access.Query); same != "" {
			f.Changes = asking(f.Changes, "`"+same+"` is the same each time: other values of it may be there many times, and then the index has to leave them out with a condition.")
		}
		u.Report(f)
	}
}

// storedFreely reports whether the running system stores rows of a table with values in the columns
// somewhere without having looked for one there.
func (u *uniqueness) storedFreely(t *ir.Table, columns []string) bool {
	looks := func(id flow.ClauseID) bool { return len(u.lookUps(id, t)) > 0 }
	for _, a := range u.Queries.On(t) {
		if a.Op != "insert" || a.Settles || a.Query.OpenSteps || !givesOne(a, columns) || !u.Flow.InLib(a.Clause) || looks(a.Clause) {
			continue
		}
		for _, k := range u.Flow.CallersOf(a.Clause) {
			if u.Flow.InLib(k.Clause) && u.Flow.Reached(k.Clause).Common() && !looks(k.Clause) &&
				!slices.ContainsFunc(u.Flow.CallersOf(k.Clause), func(of flow.Caller) bool { return looks(of.Clause) }) {
				return true
			}
		}
	}
	return false
}

// ofNewRow reports whether one of the columns refers to a row that is made on the way to
// a clause.
func (u *uniqueness) ofNewRow(id flow.ClauseID, t *ir.Table, columns []string) bool {
	d := databaseOf(u.Program, t)
	if d == nil {
		return false
	}
	var parents []*ir.Table
	for i := range t.ForeignKeys {
		if k := &t.ForeignKeys[i]; len(k.Columns) == 1 && slices.Contains(columns, k.Columns[0]) {
			parents = append(parents, d.Table(k.Schema, k.Table))
		}
	}
	for ; id != ir.No; id, _ = u.Flow.From(id) {
		if slices.ContainsFunc(u.Queries.Of(id), func(a *query.Access) bool { return a.Op == "insert" && slices.Contains(parents, a.Query.Root().Table) }) {
			return true
		}
	}
	return false
}

// behindNew reports whether a call runs only after an insert, in a block around it, of a row that the
// rows of a table refer to and of which there can be one only.
func (u *uniqueness) behindNew(at flow.Caller, t *ir.Table) bool {
	d := databaseOf(u.Program, t)
	if d == nil {
		return false
	}
	one := func(a *query.Access) bool {
		of := a.Query.Root().Table
		return a.Op == "insert" && !a.Settles && of != nil && of != t && slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return d.Table(k.Schema, k.Table) == of }) &&
			slices.ContainsFunc(of.Indexes, func(x ir.TableIndex) bool { return x.Unique && x.Full() && !x.Maybe })
	}
	c := u.Flow.Code(at.Clause)
	around := pathTo(c, u.Flow.Body(at.Clause), at.Expr)
	for i := 1; i < len(around); i++ {
		e := c.At(around[i])
		if e.Op != ir.Block {
			continue
		}
		for _, o := range c.List(e) {
			if o == around[i-1] {
				break
			}
			if m := c.At(o); m.Op == ir.Match {
				o = ir.ExprID(m.B)
			}
			if c.At(o).Op == ir.Call && slices.ContainsFunc(u.Queries.Of(at.Clause), func(a *query.Access) bool { return a.Expr == o && one(a) }) {
				return true
			}
		}
	}
	return false
}

// settled asks for the unique index, and for an insert that takes the row which another one
// stored meanwhile. Where the insert has other callers, or its options, what the second of
// two shall get is a question.
func (u *uniqueness) settled(a *query.Access, t *ir.Table, at flow.Caller, columns []string) []fix.Change {
	index := keptIn(u.Pass, t, columns, nil)
	d := databaseOf(u.Program, t)
	c := u.Flow.Code(at.Clause)
	s := a.Query.Root().Schema
	fields := s != nil && !slices.ContainsFunc(columns, func(col string) bool { return s.ColumnOf(col) != col })
	if len(index) == 0 || at.Clause != a.Clause || at.Expr != a.Expr || len(a.Chain) != 1 || c.At(at.Expr).Hi-c.At(at.Expr).Lo != 1 ||
		!fields || liveRows(d, t) != "" || !d.Postgres {
		if step := keptIn(u.Pass, t, columns, a); step != nil {
			index = step
		}
		return asking(index, "The second of two writes at once is refused then: say whether it shall get the row that is there, `on_conflict` with a conflict target, or an error.")
	}
	columns = inOrder(t, columns)
	g := guard{kind: query.Unique, name: uniqueName(d, t, columns), columns: columns}
	elsewhere, bare := declaredElsewhere(u.Pass, t, &g, source.Span{}, at.Clause)
	index = append(index, &fix.SettleConflict{Code: c, Call: at.Expr, Columns: columns})
	index = together(append(index, elsewhere...)...)
	if bare != "" {
		return asking(index, refusedThere(bare))
	}
	if slices.ContainsFunc(u.Queries.Of(at.Clause), func(b *query.Access) bool { return b.Op == "update" && b.Query.Root().Table == t }) {
		return asking(index, "A row that is there is updated: say what of the second of two inserts at once it shall take, `on_conflict: {:replace, …}`.")
	}
	return index
}

// sameEachTime is a column that a query compares with a constant, or "".
func sameEachTime(q *query.Query) string {
	for i := range q.Filters {
		if f := &q.Filters[i]; f.Binding == 0 && (f.Constant || f.Fixed) && f.Compare == query.Equal {
			return f.Name
		}
	}
	return ""
}

// lookUp is a call that finds one row of a table.
type lookUp struct {
	at     ir.ExprID
	access *query.Access
}

// lookUps are the calls of a clause that find one row of a table, themselves or
// in what they call.
func (u *uniqueness) lookUps(id flow.ClauseID, t *ir.Table) []lookUp {
	var out []lookUp
	find := func(in flow.ClauseID, at ir.ExprID) {
		for _, b := range u.Queries.Of(in) {
			if b.Op != "one" || b.Query.Root().Table != t || b.Query.Limit != query.No || b.Query.Groups != query.No {
				continue
			}
			if at == ir.No {
				out = append(out, lookUp{b.Expr, b})
			} else {
				out = append(out, lookUp{at, b})
			}
		}
	}
	find(id, ir.No)
	c := u.Flow.Code(id)
	for _, root := range u.Flow.Roots(id) {
		c.Walk(root, func(x ir.ExprID) bool {
			if e := c.At(x); e.Op == ir.Call {
				if fn, _ := u.Flow.Resolve(&c.Callees[e.A]); fn != ir.No {
					if lo, hi := u.Flow.Clauses(fn); hi == lo+1 && lo != id {
						find(lo, x)
					}
				}
			}
			return true
		})
	}
	return out
}

// atOnce reports whether what gets somewhere runs many times at once, which one
// process does not.
func atOnce(k flow.Kinds) bool { return k.Has(ir.Request) || k.Has(ir.Socket) || k.Has(ir.Job) }

// inTurn reports whether what starts at an entry comes one after the other, but for a few: the process
// of a page, one of the program's own, and the jobs of a queue.
func inTurn(e *ir.Entry) bool {
	return e != nil && (e.Kind == ir.Process || strings.HasPrefix(e.Name, "LiveView") || e.Name == "Oban job")
}

func (u *uniqueness) raced(at flow.Caller, r lookUp, t *ir.Table, columns []string) check.Finding {
	read, write := u.Flow.Step(at.Clause, r.at), u.Flow.Step(at.Clause, at.Expr)
	f := u.finding(t, columns, read.Span, u.Flow.Symbol(at.Clause))
	f.CWE = "CWE-362"
	f.Message = "`" + short(write.Callee) + "` stores a row when no row with the same " + quoted(columns) + " is found, but `" + tableWord(t) +
		"` has no unique index on them: two at a time both find none and both store one, and from then on `" + short(read.Callee) + "` raises. Add the unique index, and write with a conflict target."
	f.Path = append([]check.Step{
		{Span: read.Span, Note: "looks for the row by " + quoted(columns)},
		{Span: write.Span, Note: "stores it if there is none"},
		{Span: columnMade(t, columns), Note: "the columns are made here, and no migration adds a unique index on " + quoted(columns)},
	}, arrival(u.Flow, at.Clause)...)
	return f
}

// soughtBy are the columns by which a look-up finds the row that an insert would
// make; nil if it also asks for something else.
func soughtBy(b, a *query.Access) []string {
	var out []string
	for i := range b.Query.Filters {
		f := &b.Query.Filters[i]
		given, origin := givenTo(a, f.Name)
		if f.Binding != 0 || f.Compare != query.Equal || !f.Exact() || f.Columns || !given || origin.Made {
			return nil
		}
		if !slices.Contains(out, f.Name) {
			out = append(out, f.Name)
		}
	}
	if b.Query.OpenFilters {
		return nil
	}
	return out
}

// decides reports whether the result of one call chooses whether another of the same clause runs.
func decides(fl *flow.Result, first ir.ExprID, then flow.Caller) bool {
	c := fl.Code(then.Clause)
	return slices.ContainsFunc(pathTo(c, fl.Body(then.Clause), then.Expr), func(x ir.ExprID) bool {
		switch e := c.At(x); e.Op {
		case ir.Case, ir.Branch:
			return holds(c, ir.ExprID(e.A), first) && !inside(c, ir.ExprID(e.A), then.Expr)
		case ir.With:
			return inside(c, x, first) && inArm(c, e, then.Expr)
		}
		return false
	})
}

// inArm reports whether an expression stands in an arm of another.
func inArm(c *ir.Code, e *ir.Expr, x ir.ExprID) bool {
	return slices.ContainsFunc(c.List(e), func(o ir.ExprID) bool { return c.At(o).Op == ir.Arm && inside(c, o, x) })
}

// inside reports whether an expression is part of another.
func inside(c *ir.Code, whole, part ir.ExprID) bool {
	return anyIn(c, whole, func(x ir.ExprID) bool { return x == part })
}

// holds reports whether an expression runs a call, or reads the variable that
// holds its result.
func holds(c *ir.Code, x, call ir.ExprID) bool {
	if inside(c, x, call) {
		return true
	}
	found := false
	c.Walk(x, func(y ir.ExprID) bool {
		if e := c.At(y); e.Op == ir.Use && e.A >= 0 {
			v, pattern := c.Given(ir.VarID(e.A))
			found = found || v != ir.No && !pattern && inside(c, v, call)
		}
		return !found
	})
	return found
}
