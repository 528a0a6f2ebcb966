package checks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// oneOrMany reports queries for one row whose conditions more rows can meet,
// once for a table and the columns that they ask by.
func oneOrMany(p *check.Pass) {
	if indexesElsewhere(p.Program) {
		return
	}
	list := p.Queries.Accesses()
	by := map[string][]*query.Access{}
	var keys []string
	for i := range list {
		a := &list[i]
		if a.Op != "one" || !p.Flow.InLib(a.Clause) || !p.Flow.Reached(a.Clause).Serves() || p.Queries.Single(&a.Query, a.Implicit) || madeUp(&a.Query) || raisesNoFurther(p, a) {
			continue
		}
		key := a.Query.Root().Table.Name + " " + strings.Join(ownColumns(a.Query.Root().Table, askedBy(&a.Query)), " ")
		if by[key] == nil {
			keys = append(keys, key)
		}
		by[key] = append(by[key], a)
	}
	u := uniqueness{Pass: p}
	for _, key := range keys {
		if q := &by[key][0].Query; !told(p.Others, q.Root().Table, askedBy(q)) {
			p.Report(manyFinding(&u, key, by[key]))
		}
	}
}

// raisesNoFurther reports whether a clause around a query in its function rescues what it raises where
// there are several rows.
func raisesNoFurther(p *check.Pass, a *query.Access) bool {
	c := p.Flow.Code(a.Clause)
	found := false
	for _, root := range p.Flow.Roots(a.Clause) {
		c.Walk(root, func(x ir.ExprID) bool {
			e := c.At(x)
			if e.Op != ir.Try || e.A < 0 || !inside(c, ir.ExprID(e.A), a.Expr) {
				return !found
			}
			found = found || slices.ContainsFunc(c.List(e), func(arm ir.ExprID) bool {
				names, _, _ := c.Parts(c.At(arm))
				return flow.TakesRaise(c, arm) || c.At(arm).Sub == ir.ArmRescue && slices.ContainsFunc(names, func(n ir.ExprID) bool {
					return strings.HasSuffix(c.At(n).Str, "MultipleResultsError")
				})
			})
			return !found
		})
	}
	return found
}

// told reports whether another check asks for the same unique index.
func told(others []check.Finding, t *ir.Table, cols []string) bool {
	return slices.ContainsFunc(others, func(f check.Finding) bool {
		rest, ok := strings.CutPrefix(f.Anchor, tableWord(t)+" `")
		if f.Check != "missing-unique-index" || !ok {
			return false
		}
		of := strings.FieldsFunc(strings.ReplaceAll(rest, " and ", ","), func(r rune) bool { return strings.ContainsRune("`, ", r) })
		return sameColumns(of, cols) || sameColumns(of, ownColumns(t, cols))
	})
}

// askedBy are the columns of a query's own table that are compared with one
// value, sorted.
func askedBy(q *query.Query) []string {
	var out []string
	for i := range q.Filters {
		if f := &q.Filters[i]; f.Binding == 0 && f.Compare == query.Equal && !f.May && !f.Columns {
			out = append(out, f.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ownColumns are the columns that tell rows apart: those that refer to no other
// table, if there are any.
func ownColumns(t *ir.Table, cols []string) []string {
	own := slices.DeleteFunc(slices.Clone(cols), func(n string) bool {
		return slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Equal(k.Columns, []string{n}) })
	})
	if len(own) == 0 {
		return cols
	}
	return own
}

// madeUp reports whether a query asks by a value that is made so that nothing has
// it twice: a token, a UUID, or the id that another service gave.
func madeUp(q *query.Query) bool {
	t := q.Root().Table
	kept := oneOff(t.Name)
	return slices.ContainsFunc(askedBy(q), func(name string) bool {
		return oneOff(name) ||
			strings.HasSuffix(name, "_sid") || handedOut(q, name) || kept && (name == "value" || name == "code" || name == "key")
	})
}

// oneOff reports whether a name is of something that is made so that nothing has it
// twice.
func oneOff(name string) bool {
	return slices.ContainsFunc([]string{"token", "secret", "hash", "digest", "uuid", "guid", "nonce", "signature", "password", "api_key", "apikey"}, func(w string) bool { return strings.Contains(name, w) })
}

// madeAtRandom reports whether a column of a table holds what is made at random.
func madeAtRandom(table, column string) bool {
	return oneOff(column) || (column == "key" || column == "value") && oneOff(table)
}

// handedOut reports whether a column holds an id that is no reference to another table
// of the database: one that is made up, or that another service gave.
func handedOut(q *query.Query, name string) bool {
	t, s := q.Root().Table, q.Root().Schema
	c := t.Column(name)
	if c == nil || slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Contains(k.Columns, name) }) {
		return false
	}
	if s == nil || slices.ContainsFunc(s.Associations, func(a ir.Association) bool { return a.Kind == ir.BelongsTo && s.ColumnOf(a.OwnerKey) == name }) {
		return false
	}
	base, _, _ := sizedType(c.Type)
	return base == "uuid" || strings.HasSuffix(name, "_id") && (base == "character varying" || base == "text")
}

// maxAskedCalls is how many calls lie between where the running system starts and a query for one row
// whose conditions nobody but the program is likely to have looked at.
const maxAskedCalls = 2

func manyFinding(u *uniqueness, key string, list []*query.Access) check.Finding {
	p := u.Pass
	a := list[0]
	t := a.Query.Root().Table
	cols := askedBy(&a.Query)
	insert := insertInto(p, t, cols, a)
	f := check.Finding{
		Level: check.Warning, Span: p.Flow.Span(a.Clause, a.Expr), Symbol: p.Flow.Symbol(a.Clause), Anchor: key,
		Message: manyMessage(p, list, cols),
		Path:    []check.Step{{Span: t.Made.Span, Note: "no unique index of `" + t.Name + "` is within what is asked by"}},
	}
	owned := byOwner(&a.Query, t, cols)
	stored := owned && u.storesBeside(t, list)
	if owned && len(a.Query.Order) == 0 && (!stored || len(cols) == 1) {
		f.Level = check.Info // rows may be made once, with the one that they belong to
	}
	if insert == nil || len(cols) == 0 || oneInPractice(&a.Query, t, cols) || byOthers(&a.Query) || eachUnique(&a.Query, t, cols) || ownKey(t, cols) || perhaps(&a.Query) && len(a.Query.Order) == 0 || !slices.ContainsFunc(list, func(a *query.Access) bool { return !flagged(&a.Query) }) {
		f.Level = check.Info
	}
	if eitherOf(&a.Query) || len(wider(t, cols)) > 0 || !slices.ContainsFunc(list, func(a *query.Access) bool { return p.Flow.Exposed(a.Clause) && !shownPart(p, a.Clause) }) {
		f.Level = check.Info // that two of them are there takes a state of its own, or a page is drawn anew
	}
	if slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool {
		if of := x.Columns(); x.Unique && len(of) > 0 {
			return !x.Full() && within(of, cols) || settledThrough(p, t, of, cols)
		}
		return false
	}) {
		f.Level = check.Info // unique among the rows that count, or with what another of the columns settles
	}
	if len(p.Flow.EntryPath(a.Clause)) > maxAskedCalls {
		f.Level = check.Info // so far away the program has often seen to it that there is one
	}
	if slices.ContainsFunc(t.Constraints, func(c ir.Constraint) bool {
		return c.Kind == ir.ExclusionConstraint && slices.ContainsFunc(cols, func(name string) bool { return mentions(c.Expr, name) })
	}) {
		f.Level = check.Info // which rows exclude each other may leave one
	}
	if d := databaseOf(p.Program, t); d != nil && dropsIndex(d, t, func(c *ir.Change) bool { return c.Unique && sameColumns(c.Columns, cols) }) {
		f.Level = check.Info // somebody wanted two of them
	}
	if len(list) == 1 && len(a.Query.Order) == 0 && slices.ContainsFunc(cols, calledBy) {
		f.Level = check.Info // who gives a thing its name has mostly looked whether there is one
	}
	if len(a.Query.Order) == 0 && amongOwn(t, cols) {
		f.Level = check.Info // two alike among those of one owner are rare
	}
	if insert != nil && !fromPeople(p, insert) && !stored || p.Queries.Growth(t) == query.GrowsNot {
		f.Level = check.Info // who copies the rows of another system, or keeps a few by hand, sees a second one
	}
	if f.Level == check.Warning && !eitherOf(&a.Query) && len(a.Query.Order) == 0 && len(wider(t, cols)) == 0 && manyOf(p, &a.Query, cols) == "" {
		f.Changes = u.madeUnique(t, cols, insert)
	}
	if !stored && !twice(&a.Query, t, cols) {
		f.Level = check.Info
	}
	if insert != nil {
		f.Path = append(f.Path, check.Step{Span: p.Flow.Span(insert.Clause, insert.Expr), Note: "rows are inserted here, and the table takes a second one"})
	}
	for _, o := range list[:min(len(list), 4)] {
		for i, h := range o.Chain {
			note := "asks for one row"
			if i < len(o.Chain)-1 {
				note = "calls `" + short(p.Flow.Symbol(o.Chain[i+1].Clause)) + "`"
			}
			f.Path = append(f.Path, check.Step{Span: p.Flow.Span(h.Clause, h.Expr), Note: note})
		}
	}
	f.Path = append(f.Path, arrival(p.Flow, a.Clause)...)
	return f
}

// amongOwn reports whether a query asks by what a row belongs to and by what it is called there.
func amongOwn(t *ir.Table, cols []string) bool {
	own := ownColumns(t, cols)
	return len(own) < len(cols) && len(own) > 0
}

// settledThrough reports whether two of the columns of an index or more are asked by, and the row that one of
// them refers to refers itself to what each of the others does: as an identity is of the account that
// its provider belongs to.
func settledThrough(p *check.Pass, t *ir.Table, index, asked []string) bool {
	d, by := databaseOf(p.Program, t), 0
	for _, column := range index {
		refers := func(k ir.ForeignKey) bool { return slices.Equal(k.Columns, []string{column}) }
		through := func(k ir.ForeignKey) bool {
			to := d.Table(k.Schema, k.Table)
			return to != nil && to != t && len(k.Columns) == 1 && slices.Contains(asked, k.Columns[0]) && slices.ContainsFunc(to.ForeignKeys, refers)
		}
		switch {
		case slices.Contains(asked, column):
			by++
		case d == nil || !slices.ContainsFunc(t.ForeignKeys, refers) || !slices.ContainsFunc(t.ForeignKeys, through):
			return false
		}
	}
	return by > 1 && by < len(index)
}

// shownPart reports whether a clause is first reached by a page that is drawn, or by an event of a
// part of it: what such a part asks for it has mostly been given.
func shownPart(p *check.Pass, id flow.ClauseID) bool {
	e := p.Flow.ReachedBy(id)
	return e != nil && (e.Name == "LiveView mount" || e.Name == "LiveComponent event handler")
}

// fromPeople reports whether those who use a system have a row inserted.
func fromPeople(p *check.Pass, insert *query.Access) bool {
	k := p.Flow.Reached(insert.Clause)
	return k.Has(ir.Request) || k.Has(ir.Socket)
}

// twice reports whether two rows with the same values come about in the normal course:
// people type the name of something twice, other columns make rows unique together with
// these, or the query itself expects several and orders them.
func twice(q *query.Query, t *ir.Table, cols []string) bool {
	return len(q.Order) > 0 || len(wider(t, cols)) > 0 || eitherOf(q) ||
		slices.ContainsFunc(cols, func(c string) bool { return slices.Contains(typed(), c) })
}

// typed are columns that hold what people type.
func typed() []string {
	return []string{"name", "title", "email", "username", "handle", "label", "phone"}
}

// oneInPractice reports whether the columns are unique together with others that
// are no references: such a column often has one value in all rows.
func oneInPractice(q *query.Query, t *ir.Table, cols []string) bool {
	if eitherOf(q) || len(q.Order) > 0 {
		return false
	}
	others := wider(t, cols)
	return len(others) > 0 && !slices.ContainsFunc(others, func(n string) bool {
		return slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Contains(k.Columns, n) })
	})
}

// storesBeside reports whether a function that asks for the row, or one that calls it,
// stores rows of the table as well, itself or in what it calls: it looks for the row
// before it stores one.
func (u *uniqueness) storesBeside(t *ir.Table, asks []*query.Access) bool {
	near := map[ir.FuncID]bool{}
	for _, a := range asks {
		u.around(a.Clause, 1, func(id ir.FuncID) { near[id] = true })
	}
	found := false
	for _, a := range u.Queries.On(t) {
		if u.Flow.InLib(a.Clause) && u.stores(a) {
			u.around(a.Clause, 2, func(id ir.FuncID) { found = found || near[id] })
		}
	}
	return found
}

// around calls f with the function of a clause and those that call it, so many calls
// away.
func (u *uniqueness) around(id flow.ClauseID, hops int, f func(ir.FuncID)) {
	f(u.Flow.Func(id))
	if hops == 0 {
		return
	}
	for _, k := range u.Flow.CallersOf(id) {
		u.around(k.Clause, hops-1, f)
	}
}

// stores reports whether a write may make a row.
func (u *uniqueness) stores(a *query.Access) bool {
	return a.Op == "insert" || a.Op == "update" && strings.Contains(u.Flow.Step(a.Chain[len(a.Chain)-1].Clause, a.Chain[len(a.Chain)-1].Expr).Callee, ".insert_or_update")
}

// byOwner reports whether a query asks by nothing but what a row belongs to and
// columns that hold one of a few values.
func byOwner(q *query.Query, t *ir.Table, cols []string) bool {
	return !slices.ContainsFunc(q.Filters, func(f query.Filter) bool {
		if !slices.Contains(cols, f.Name) || f.Binding != 0 {
			return false
		}
		c := t.Column(f.Name)
		listed := c != nil && (c.Type == "boolean" || slices.Contains(coarseNames(), c.Name))
		return !listed && !slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Equal(k.Columns, []string{f.Name}) })
	})
}

// byOthers reports whether a query asks by columns of tables that it joins: then
// those say which row is meant.
func byOthers(q *query.Query) bool {
	return slices.ContainsFunc(q.Filters, func(f query.Filter) bool { return f.Binding != 0 && !f.Columns })
}

// madeUnique asks for a unique index where the program looks for a row before it
// inserts one, so that it means to have no two; elsewhere that is to be decided.
func (u *uniqueness) madeUnique(t *ir.Table, cols []string, insert *query.Access) []fix.Change {
	changes := unlessRefused(u.Pass, t, cols, keptIn(u.Pass, t, cols, insert))
	if len(changes) == 0 || u.looksFirst(t, cols) {
		return changes
	}
	return []fix.Change{&fix.Only{Change: changes[0], Question: "Either no two rows may have the same " + strings.Join(cols, ", ") + ", or the query has to say which of them it wants."}}
}

// looksFirst reports whether an insert into a table depends on whether a row with
// the same columns is there.
func (u *uniqueness) looksFirst(t *ir.Table, cols []string) bool {
	for _, a := range u.Queries.On(t) {
		if a.Op != "insert" || !u.Flow.InLib(a.Clause) {
			continue
		}
		for _, at := range append(slices.Clone(u.Flow.CallersOf(a.Clause)), flow.Caller{Clause: a.Clause, Expr: a.Expr}) {
			for _, r := range u.lookUps(at.Clause, t) {
				if sameColumns(soughtBy(r.access, a), cols) && r.at != at.Expr && decides(u.Flow, r.at, at) {
					return true
				}
			}
		}
	}
	return false
}

// ownKey reports whether a column is named after its own table: a copy of the
// key, which is unique though nothing says so.
func ownKey(t *ir.Table, cols []string) bool {
	return slices.ContainsFunc(cols, func(c string) bool {
		name, ok := strings.CutSuffix(c, "_id")
		return ok && name != "" && (t.Name == name || strings.HasSuffix("_"+t.Name, "_"+name+"s"))
	})
}

// perhaps reports whether a query asks by more on some paths.
func perhaps(q *query.Query) bool {
	return slices.ContainsFunc(q.Filters, func(f query.Filter) bool { return f.May && f.Binding == 0 && f.Compare == query.Equal && !f.Columns })
}

// flagged reports whether a query asks by a value that is the same each time, or is not that: the
// row that has a flag, which the program may keep to one.
func flagged(q *query.Query) bool {
	return slices.ContainsFunc(q.Filters, func(f query.Filter) bool {
		return f.Binding == 0 && f.Fixed && !f.Columns && (f.Compare == query.Equal || f.Compare == query.Differs) && !f.Either
	})
}

// insertInto is a call of the running system that inserts rows with columns into a table: in the
// same function or module, if there is one.
func insertInto(p *check.Pass, t *ir.Table, columns []string, near *query.Access) *query.Access {
	var best *query.Access
	rank := func(a *query.Access) int {
		switch {
		case p.Flow.Func(a.Clause) == p.Flow.Func(near.Clause):
			return 2
		case p.Flow.Module(a.Clause) == p.Flow.Module(near.Clause):
			return 1
		}
		return 0
	}
	for _, a := range p.Queries.On(t) {
		gives := a.Query.OpenSteps || len(a.Given) == 0 || len(columns) == 0 || givesOne(a, columns)
		if gives && a.Inserts() && p.Flow.InLib(a.Clause) && p.Flow.Reached(a.Clause).Serves() &&
			(best == nil || rank(a) > rank(best)) {
			best = a
		}
	}
	return best
}

func manyMessage(p *check.Pass, list []*query.Access, cols []string) string {
	a := list[0]
	q := &a.Query
	t := q.Root().Table
	m := "`" + short(p.Flow.Step(a.Clause, a.Expr).Callee) + "` asks for one row of `" + t.Name + "` "
	if len(cols) == 0 {
		return m + "without saying which by anything unique: with a second row that fits it raises. Say which, or order the rows and take the first."
	}
	names := quoted(cols)
	why, advice := "by "+names+", which nothing in the database keeps unique", "Add a unique index on "+names+", or order the rows and add `limit: 1`."
	others := wider(t, cols)
	switch {
	case eitherOf(q):
		if len(cols) == 1 {
			names += " and something else"
		}
		why, advice = "by "+strings.ReplaceAll(names, " and ", " or ")+", and each can find a row of its own", "Add `limit: 1`, or ask by one of them after the other."
	case len(q.Order) > 0:
		why, advice = "by "+names+" and orders what it finds, but takes no first one", "Add `limit: 1`."
	case len(others) > 0:
		why, advice = "by "+names+", unique only together with "+quoted(others), "Ask by "+quoted(others)+" too."
	case manyOf(p, q, cols) != "":
		why, advice = "by "+names+", but "+article(manyOf(p, q, cols))+" has many of them", "Ask by what is unique, or order the rows and add `limit: 1`."
	}
	m += why + ": as soon as two rows match, it raises."
	switch n := len(list) - 1; {
	case n == 1:
		m += " Another query does the same."
	case n > 1:
		m += " " + strconv.Itoa(n) + " more queries do the same."
	}
	return m + " " + advice
}

// wider are the columns that a unique index has beside those that are asked by.
func wider(t *ir.Table, cols []string) []string {
	for i := range t.Indexes {
		x := &t.Indexes[i]
		all := x.Columns()
		if !x.Unique || len(all) != len(x.Keys) || !x.Full() || slices.ContainsFunc(cols, func(c string) bool { return !slices.Contains(all, c) }) {
			continue
		}
		return slices.DeleteFunc(all, func(c string) bool { return slices.Contains(cols, c) })
	}
	return nil
}

// eitherOf reports whether the conditions are alternatives.
func eitherOf(q *query.Query) bool {
	n := 0
	for i := range q.Filters {
		if f := &q.Filters[i]; f.Binding == 0 && f.Compare == query.Equal && !f.May && !f.Columns {
			if !f.Either {
				return false
			}
			n++
		}
	}
	return n > 0
}

// eachUnique reports whether the conditions are alternatives and each of them finds
// one row at most: the program may keep their values apart.
func eachUnique(q *query.Query, t *ir.Table, cols []string) bool {
	return eitherOf(q) && !slices.ContainsFunc(cols, func(c string) bool {
		return !slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return x.Unique && slices.Equal(indexColumns(t, &x), []string{c}) })
	})
}

// manyOf is the mapping that has many of a query's rows by the one column that it
// asks by.
func manyOf(p *check.Pass, q *query.Query, cols []string) string {
	s := q.Root().Schema
	if s == nil || len(cols) != 1 {
		return ""
	}
	o, _ := manyBy(p.Program, cols[0], func(to *ir.Schema) bool { return to == s })
	if o == nil {
		return ""
	}
	return ir.LastName(p.Program.Module(o.Module).Name)
}
