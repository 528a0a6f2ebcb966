package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// The calls that may lie between a loop and what it does in the database, for
// the loop to be changed easily.
const (
	rowHops  = 3
	listHops = 1 // where it asks for a list of each row, which one query has to be sorted into again
	wayHops  = 2 // from the entry, through the loop, to a read that loads no association
	ownHops  = 1 // where a library goes over the rows
	readHops = 1
	sentHops = 3 // from the entry to a loop over what a client sent
	fewHops  = 1 // from the entry, through the loop, to a read for the rows of one
)

// weight says whether a loop is worth a change, which makes it a warning, or is
// information only; ok is false when it asks nothing.
func weight(p *check.Pass, l *flow.Loop, kind loopKind) (level check.Level, ok bool) {
	if kind != rowLoop {
		// A client sends a few values, and rows that are written together are few: that
		// each costs a round trip is put up with.
		return check.Info, true
	}
	lists := rowsOf(p, l)
	if forOthers(p, l, lists) {
		return check.Info, false
	}
	if p.Flow.Preloads(l.Clause, l.Database.To()) {
		switch loadedBefore(p, l, lists) {
		case query.Yes:
			return check.Info, false
		case query.Maybe:
			return check.Info, true // an option of what reads the rows may say that they come with them
		}
	}
	if inProcess(p) {
		return check.Info, true // a query is no round trip there
	}
	worth := rowsWorth(p, l, lists) && (framework(l) || reading(p, l.Clause)) || !framework(l) && readsWorth(p, l)
	if worth && !searches(p, l) && !byTenant(p, l) && !kept(p, lists) && !reloads(p, l) && shown(p, l.Clause, maxShownCalls) && often(p, l, lists) {
		return check.Warning, true
	}
	return check.Info, true
}

// inProcess reports whether all databases of a program answer in the process that asks.
func inProcess(p *check.Pass) bool {
	all := p.Program.Databases
	return len(all) > 0 && !slices.ContainsFunc(all, func(d *ir.Database) bool { return !d.InProcess })
}

// forOthers reports whether what asks is a clause for what is no row, an id: an earlier one of its
// function takes the rows that the loop goes over.
func forOthers(p *check.Pass, l *flow.Loop, lists []*query.Query) bool {
	way := p.Flow.Way(l.Clause, l.Database.To())
	return len(lists) > 0 && slices.ContainsFunc(way[min(1, len(way)):], func(h flow.Hop) bool { return behindRows(p, h.Clause, lists) })
}

// behindRows reports whether a clause of the function of another before it takes the rows of all lists.
func behindRows(p *check.Pass, clause flow.ClauseID, lists []*query.Query) bool {
	fn := p.Flow.Func(clause)
	if fn == ir.No {
		return false
	}
	lo, _ := p.Flow.Clauses(fn)
	for id := lo; id < clause; id++ {
		takes := func(q *query.Query) bool {
			s := q.Root().Schema
			return s != nil && slices.ContainsFunc(p.Flow.Params(id), func(x ir.ExprID) bool {
				c := p.Flow.Code(id)
				return flow.RecordType(c, x) == p.Program.Module(s.Module).Name && takesAny(c, x)
			}) && !slices.ContainsFunc(p.Flow.Params(id), func(x ir.ExprID) bool { return !takesAny(p.Flow.Code(id), x) })
		}
		if cl := p.Flow.Clause(id); cl != nil && cl.Guard == ir.No && !slices.ContainsFunc(lists, func(q *query.Query) bool { return !takes(q) }) {
			return true
		}
	}
	return false
}

// takesAny reports whether a pattern takes anything, or any record of its type.
func takesAny(c *ir.Code, pattern ir.ExprID) bool {
	switch e := c.At(pattern); {
	case e.Op == ir.Bind, e.Op == ir.Any:
		return true
	case e.Op == ir.Match:
		return takesAny(c, ir.ExprID(e.A)) && takesAny(c, ir.ExprID(e.B))
	case e.Op == ir.Make && e.Sub == ir.MakeStruct:
		list := c.List(e)
		for i := 1; i < len(list); i += 2 {
			if !takesAny(c, list[i]) {
				return false
			}
		}
		return true
	}
	return false
}

// reading reports whether what gets to a clause, by the nearest way, is somebody who waits for
// something to be shown. Who has something stored or sent waits for that, and seldom; what a
// process does when a message comes nobody waits for.
func reading(p *check.Pass, id flow.ClauseID) bool {
	e := p.Flow.ReachedBy(id)
	if e != nil && e.GraphQL() {
		return false // how many come with a field, and whether anybody asks for it, only the clients know
	}
	if e == nil || e.Func == ir.No {
		return true
	}
	name := p.Program.Func(e.Func).Name
	if (e.Kind == ir.Process || strings.HasPrefix(e.Name, "channel")) && name == "handle_info" || e.Kind == ir.Socket && name == "update" || does(name) {
		return false
	}
	for ; id != ir.No; id, _ = p.Flow.From(id) {
		if fn := p.Flow.Func(id); fn != ir.No {
			if word := firstWord(p.Program.Func(fn).Name); slices.Contains(undoing(), word) || slices.Contains(storingWords(), word) {
				return false
			}
		}
	}
	return true
}

// undoing are the first words of the names of functions that bring something back, which a
// person does once in a while.
func undoing() []string { return []string{"recover", "restore", "revert", "rollback", "undo"} }

// storingWords are the first words of the names of functions, on the way from an action, that can hardly
// be meant otherwise than that something is stored or sent.
func storingWords() []string {
	return []string{
		"accept", "approve", "cancel", "create", "delete", "import", "insert", "invite", "notify", "register", "reject", "remove", "save",
		"send", "submit", "sync", "update", "upsert",
	}
}

func firstWord(name string) string {
	word, _, _ := strings.Cut(strings.TrimRight(name, "!?"), "_")
	return word
}

// does reports whether a function is named after something that it stores or sends.
func does(name string) bool { return slices.Contains(doing(), firstWord(name)) }

// doing are the first words of the names of actions that store or send something.
func doing() []string {
	return []string{
		"accept", "add", "approve", "assign", "cancel", "confirm", "create", "delete", "disband", "import", "insert",
		"invite", "join", "leave", "mark", "move", "notify", "patch", "post", "publish", "put", "register", "reject", "remove", "reset", "save",
		"send", "set", "setup", "start", "stop", "submit", "sync", "toggle", "update", "upload", "upsert",
	}
}

// searches reports whether a function calls itself for what a loop in it finds: which rows
// come next only the ones before say.
func searches(p *check.Pass, l *flow.Loop) bool {
	c, own := p.Flow.Code(l.Clause), p.Flow.Func(l.Clause)
	if own == ir.No {
		return false
	}
	if lo, hi := p.Flow.Clauses(own); hi != lo+1 {
		return false // the clause for a list goes through it by the one for an element
	}
	found := false
	c.Walk(l.Expr, func(x ir.ExprID) bool {
		if e := c.At(x); e.Op == ir.Call {
			fn, _ := p.Flow.Resolve(&c.Callees[e.A])
			found = found || fn == own
		}
		return !found
	})
	return found
}

// byTenant reports whether the query of a loop goes to another schema of the database for each
// element, as to that of a tenant: one query does not reach them all.
func byTenant(p *check.Pass, l *flow.Loop) bool {
	id, x := p.Flow.Call(l.Clause, l.Database.To())
	c := p.Flow.Code(id)
	found := false
	c.Walk(x, func(y ir.ExprID) bool {
		if e := c.At(y); e.Op == ir.Call {
			found = found || c.Callees[e.A].Name == "put_query_prefix"
			if args := c.List(e); len(args) > 0 {
				c.EachPair(args[len(args)-1], func(key string, v ir.ExprID) { found = found || key == "prefix" && c.At(v).Op != ir.Const })
			}
		}
		return !found
	})
	return found
}

// reloads reports whether associations are read again on purpose, after each row was changed.
func reloads(p *check.Pass, l *flow.Loop) bool {
	id, x := p.Flow.Call(l.Clause, l.Database.To())
	c := p.Flow.Code(id)
	args := c.List(c.At(x))
	if c.At(x).Op != ir.Call || len(args) < 3 || !p.Flow.Preloads(l.Clause, l.Database.To()) {
		return false
	}
	forced := false
	for _, a := range args[2:] {
		c.EachPair(a, func(key string, v ir.ExprID) { forced = forced || key == "force" && c.At(v).Str == "true" })
	}
	return forced
}

// kept reports whether all rows that a loop goes over are such that only administrators,
// tasks and seeds store: they stay few.
func kept(p *check.Pass, lists []*query.Query) bool {
	return len(lists) > 0 && !slices.ContainsFunc(lists, func(q *query.Query) bool {
		return q.Root().Table == nil || !p.Queries.Kept(q.Root().Table)
	})
}

// awaited reports whether somebody waits for what a clause does.
func awaited(p *check.Pass, l *flow.Loop) bool {
	k := p.Flow.Reached(l.Clause)
	return (k.Has(ir.Request) || k.Has(ir.Socket)) && !p.Flow.Detached(l.Clause)
}

// rowsOf are the queries whose rows a loop goes over.
func rowsOf(p *check.Pass, l *flow.Loop) []*query.Query {
	if l.Coll == ir.No {
		return nil
	}
	return p.Queries.Lists(l.Clause, l.Coll)
}

// unlimited reports whether rows may be of any number.
func unlimited(lists []*query.Query) bool {
	return slices.ContainsFunc(lists, func(q *query.Query) bool {
		return !spelledOut(q) && (q.Limit == query.No || q.Limit == query.Yes && q.Page) && !q.Built
	})
}

// spelledOut reports whether a query asks for the rows of a list that is the same each time.
func spelledOut(q *query.Query) bool {
	return slices.ContainsFunc(q.Filters, func(f query.Filter) bool {
		return f.Binding == 0 && f.Compare == query.In && f.Fixed && !f.Columns && !f.Either && !f.May
	})
}

// rowsWorth reports whether one query for all rows is as easily written as one
// for each, and saves somebody's time.
func rowsWorth(p *check.Pass, l *flow.Loop, lists []*query.Query) bool {
	to := l.Database.To()
	switch {
	case l.Database.Hops > rowHops || p.Flow.RawSQL(l.Clause, to):
		return false
	case l.Kind == "resolver", l.Kind == "component":
		return false // which lists clients ask for with the field, or how many parts a page shows, only they know
	case framework(l):
		return awaited(p, l) && l.Database.Hops <= ownHops && asksItself(p, l) && !handed(p, l) && !paged(p, l) && byKey(p, l)
	case !unlimited(lists) && !p.Flow.Page(l):
		return false
	case !byKey(p, l), l.Database.Hops > listHops && !p.Flow.Preloads(l.Clause, to) && !findsOne(p, l), far(p, l):
		return false
	case p.Flow.Preloads(l.Clause, to):
		own := slices.ContainsFunc(lists, func(q *query.Query) bool { return readBy(q, l.Clause) })
		// Who waits until each row is written waits for that.
		own = own && !(l.Does(flow.Write) && awaited(p, l))
		own = own && !(awaited(p, l) && (l.Does(flow.Mail) || l.Does(flow.HTTP)))
		return (own || !busy(l)) && (awaited(p, l) || l.Database.Hops <= 1)
	}
	return awaited(p, l) && !busy(l)
}

// far reports whether a read that loads no association is so many calls away from where the running
// system starts that who calls there may well know of few rows.
func far(p *check.Pass, l *flow.Loop) bool {
	return len(p.Flow.EntryPath(l.Clause))+int(l.Database.Hops) > wayHops && !p.Flow.Preloads(l.Clause, l.Database.To())
}

// asksItself reports whether the read of a loop is the program's own, and no question
// that a changeset asks for a better message.
func asksItself(p *check.Pass, l *flow.Loop) bool {
	callee := p.Flow.Step(p.Flow.Call(l.Clause, l.Database.To())).Callee
	return !strings.HasSuffix(callee, ".unsafe_validate_unique/3") && !strings.HasSuffix(callee, ".unsafe_validate_unique/4")
}

// handed reports whether the read of a loop is handed to a library, which adds
// to the query what it wants, such as a page's limit.
func handed(p *check.Pass, l *flow.Loop) bool {
	id, x := p.Flow.Call(l.Clause, l.Database.To())
	return p.Flow.Code(id).At(x).Op == ir.FuncRef
}

// paged reports whether the read of a loop takes one page of the rows.
func paged(p *check.Pass, l *flow.Loop) bool {
	return strings.Contains(p.Flow.Step(p.Flow.Call(l.Clause, l.Database.To())).Callee, "paginate")
}

// readBy reports whether a clause itself reads the rows.
func readBy(q *query.Query, id flow.ClauseID) bool { return q.From != nil && q.From.Clause == id }

// busy reports whether a loop does more for an element than read the database.
func busy(l *flow.Loop) bool {
	return slices.ContainsFunc([]flow.Kind{flow.Write, flow.HTTP, flow.Mail, flow.Enqueue, flow.File, flow.Exec, flow.Sleep}, l.Does)
}

// byKey reports whether one query can do the read of a loop for many values: it
// does not take some of the rows that each has.
func byKey(p *check.Pass, l *flow.Loop) bool {
	id, x := p.Flow.Call(l.Clause, l.Database.To())
	if slices.ContainsFunc(p.Queries.At(id, x), func(a *query.Access) bool { return a.Op == "all" && a.Query.Limit != query.No }) {
		return false
	}
	return !p.Flow.Preloads(l.Clause, l.Database.To()) || !limits(p.Flow.Code(id), x, maxLimitHops)
}

// maxLimitHops is how many variables a query is followed back through.
const maxLimitHops = 3

// limits reports whether an expression, or what one of its variables is bound to, limits a query.
func limits(c *ir.Code, x ir.ExprID, depth int) bool {
	found := false
	c.Walk(x, func(y ir.ExprID) bool {
		e := c.At(y)
		switch {
		case e.Op == ir.Call && c.Callees[e.A].Name == "limit":
			found = true
		case e.Op == ir.Use && e.A >= 0 && depth > 0:
			v, pattern := c.Given(ir.VarID(e.A))
			found = v != ir.No && !pattern && limits(c, v, depth-1)
		case e.Op == ir.Call:
			for _, a := range c.List(e) {
				c.EachPair(a, func(key string, _ ir.ExprID) { found = found || key == "limit" })
			}
		}
		return !found
	})
	return found
}

// anew reports whether one query for all rows is a function written anew, and saves no more than one
// query for each of a few rows: a function of its own reads something of one row, nothing else asks, and
// the list is so short that hardly anything narrows it. change is what the finding asks for.
func anew(p *check.Pass, l *flow.Loop, change fix.Change) bool {
	lists := rowsOf(p, l)
	if framework(l) || l.Database.Hops == 0 || p.Flow.Preloads(l.Clause, l.Database.To()) || len(lists) == 0 {
		return false
	}
	if slices.ContainsFunc(lists, func(q *query.Query) bool {
		t := q.Root().Table
		return len(q.Filters) > 1 || t != nil && p.Queries.ManyRows(t)
	}) {
		return false
	}
	counts := slices.ContainsFunc(p.Queries.At(p.Flow.Call(l.Clause, l.Database.To())), func(a *query.Access) bool { return a.Op == "value" })
	if _, none := change.(*fix.Decline); !none || counts {
		return false
	}
	return asksIn(p, l.Clause, l.Expr, maxAskHops) == 1
}

// maxAskHops is how many calls away queries are counted.
const maxAskHops = 2

// asksIn is how many queries run for an expression of a clause, in the one of the clauses of each function
// that has the most, as many calls away at most.
func asksIn(p *check.Pass, id flow.ClauseID, x ir.ExprID, hops int) int {
	n := 0
	c := p.Flow.Code(id)
	c.Walk(x, func(y ir.ExprID) bool {
		e := c.At(y)
		if e.Op != ir.Call && e.Op != ir.FuncRef {
			return true
		}
		fn, _ := p.Flow.Resolve(&c.Callees[e.A])
		switch m := p.Flow.ModelAt(c, y); {
		case m != nil && (m.Loads != nil || len(p.Queries.At(id, y)) > 0):
			n++
		case fn != ir.No && hops > 0:
			most := 0
			for lo, hi := p.Flow.Clauses(fn); lo < hi; lo++ {
				most = max(most, asksIn(p, lo, p.Flow.Body(lo), hops-1))
			}
			n += most
		}
		return true
	})
	return n
}

// findsRow reports whether a call of a library asks for one row.
func findsRow(p *check.Pass, id flow.ClauseID, x ir.ExprID) bool {
	m := p.Flow.Model(p.Flow.Step(id, x).Extern)
	return m != nil && m.Asks == "one"
}

// findsOne reports whether the read of a loop asks for one row.
func findsOne(p *check.Pass, l *flow.Loop) bool {
	id, x := p.Flow.Call(l.Clause, l.Database.To())
	return findsRow(p, id, x)
}

// asksOne reports whether the read of a loop finds a row by one value.
func asksOne(p *check.Pass, l *flow.Loop) bool {
	id, x := p.Flow.Call(l.Clause, l.Database.To())
	all := p.Queries.At(id, x)
	if len(all) == 0 {
		return findsRow(p, id, x) && p.Flow.Code(id).At(x).Hi-p.Flow.Code(id).At(x).Lo > 1
	}
	return byKey(p, l) && !slices.ContainsFunc(all, func(a *query.Access) bool {
		in := slices.ContainsFunc(a.Query.Filters, func(f query.Filter) bool { return f.Compare == query.In })
		return in || !slices.ContainsFunc(a.Query.Filters, func(f query.Filter) bool { return f.Exact() && f.Compare == query.Equal })
	})
}

// loadedBefore says whether all rows come with the associations that a loop
// loads.
func loadedBefore(p *check.Pass, l *flow.Loop, lists []*query.Query) query.Certainty {
	var names []string
	for _, a := range p.Queries.At(p.Flow.Call(l.Clause, l.Database.To())) {
		if len(a.Load) > 0 && !slices.Contains(names, a.Load[0]) {
			names = append(names, a.Load[0])
		}
	}
	if len(names) == 0 {
		names = namedLoads(p, l)
	}
	if len(names) == 0 || len(lists) == 0 {
		return query.No
	}
	loaded := query.Yes
	for _, q := range lists {
		for _, n := range names {
			switch {
			case q.Loaded(n) == query.Yes || q.LoadsBelow(n):
			case !q.MayLoad(n):
				return query.No
			default:
				loaded = query.Maybe
			}
		}
	}
	return loaded
}

// namedLoads are the associations that a loop loads, where the call writes out all of them: the
// rows may be of any schema that has them.
func namedLoads(p *check.Pass, l *flow.Loop) []string {
	id, x := p.Flow.Call(l.Clause, l.Database.To())
	c := p.Flow.Code(id)
	e := c.At(x)
	if e.Op != ir.Call || e.Hi-e.Lo < 2 {
		return nil
	}
	what := []ir.ExprID{c.Lists[e.Lo+1]}
	if m := c.At(what[0]); m.Op == ir.Make && m.Sub == ir.MakeList {
		what = c.List(m)
	}
	var names []string
	for _, y := range what {
		k := c.At(y)
		if k.Op != ir.Const || k.Sub != ir.LitAtom {
			return nil
		}
		names = append(names, k.Str)
	}
	return names
}

// readsWorth reports whether a read for each element is worth one for all: a program that
// calls decides how many there are, waits for them, and nothing else happens. What a person
// picks on a page or in a query is few.
func readsWorth(p *check.Pass, l *flow.Loop) bool {
	e := p.Flow.ReachedBy(l.Clause)
	picked := e == nil || e.Kind != ir.Request || e.GraphQL()
	return l.Kind != "recursion" && l.Database.Hops <= readHops && len(p.Flow.EntryPath(l.Clause)) <= sentHops && awaited(p, l) && !picked && p.Flow.Sent(l) && !busy(l) &&
		!l.Does(flow.ProcCall) && asksOne(p, l) && !picksRow(p, l)
}

// picksRow reports whether the read of a loop asks for a row by its key: which keys a client names
// it was shown, and has picked.
func picksRow(p *check.Pass, l *flow.Loop) bool {
	all := p.Queries.At(p.Flow.Call(l.Clause, l.Database.To()))
	return len(all) > 0 && !slices.ContainsFunc(all, func(a *query.Access) bool {
		t := a.Query.Root().Table
		return t == nil || t.PrimaryKey == nil || !slices.Equal(askedBy(&a.Query), t.PrimaryKey.Columns)
	})
}
