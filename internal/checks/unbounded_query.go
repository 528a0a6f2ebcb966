package checks

import (
	"slices"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// unboundedQuery reports queries that fetch a table that grows: to keep or learn
// a little of it in memory, or to answer a client with all of it.
func unboundedQuery(p *check.Pass) {
	seen := map[query.Hop]bool{}
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if !p.Flow.InLib(id) || !p.Flow.Reached(id).Serves() {
			continue
		}
		for _, n := range p.Queries.Narrowed(id) {
			if inMemory(p, &n) {
				seen[n.From] = true
				p.Report(narrowedFinding(p, id, &n))
			}
		}
	}
	list := p.Queries.Accesses()
	for i := range list {
		a := &list[i]
		if endless(p, a) && !seen[query.Hop{Clause: a.Clause, Expr: a.Expr}] {
			p.Report(listFinding(p, a))
		}
	}
}

// inMemory reports whether rows are narrowed in memory that the database could narrow.
// It is information: how many there are decides what it costs.
func inMemory(p *check.Pass, n *query.Narrowed) bool {
	q := n.Query
	if q.Root().Table == nil || q.Limit != query.No || q.Groups != query.No || listed(q) || single(p, q) {
		return false
	}
	return n.How != query.Picks || n.Plain && !q.OpenFilters && len(q.Filters) == 0
}

// single reports whether a query is for one row anyway.
func single(p *check.Pass, q *query.Query) bool { return !q.OpenFilters && p.Queries.Single(q, nil) }

// listed reports whether a query asks for the rows of a list of values.
func listed(q *query.Query) bool {
	return slices.ContainsFunc(q.Filters, func(f query.Filter) bool { return f.Compare == query.In && !f.Columns })
}

func narrowedFinding(p *check.Pass, id flow.ClauseID, n *query.Narrowed) check.Finding {
	t := n.Query.Root().Table
	call := short(p.Flow.Step(id, n.Expr).Callee)
	from := p.Flow.Step(n.From.Clause, n.From.Expr)
	f := check.Finding{
		Level: check.Info, Span: p.Flow.Span(id, n.Expr), Symbol: p.Flow.Symbol(id), Anchor: t.Name + " " + call,
		Message: narrowedMessage(n, t.Name, call, short(from.Callee)),
		Path:    []check.Step{{Span: from.Span, Note: "`" + short(from.Callee) + "` fetches every row of `" + t.Name + "` that fits"}},
	}
	f.Path = append(f.Path, check.Step{Span: f.Span, Note: "`" + call + "` is all that becomes of them"})
	if in := insertInto(p, t, nil, &query.Access{Clause: id}); in != nil {
		f.Path = append(f.Path, check.Step{Span: p.Flow.Span(in.Clause, in.Expr), Note: "rows are inserted here"})
	}
	f.Path = append(f.Path, arrival(p.Flow, id)...)
	return f
}

func narrowedMessage(n *query.Narrowed, table, call, from string) string {
	all := "`" + from + "` fetches the rows of `" + table + "`, and `" + call + "` "
	if len(n.Query.Filters) == 0 && !n.Query.OpenFilters {
		all = "`" + from + "` fetches the whole table `" + table + "`, and `" + call + "` "
	}
	switch n.How {
	case query.Counts:
		return all + "makes one value of them: each row crosses the network and takes memory to be counted. Let the database count, or say whether there is one."
	case query.Takes:
		return all + "keeps a few: the others are fetched for nothing, more of them every day. Order and limit in the query."
	}
	return all + "looks for a few in memory: the time and the memory that this takes grow with the table. Put the condition into the query."
}

// endless reports whether a client is answered with all rows of a query though
// the program shows that they grow by themselves: jobs and processes insert
// them, and the list is ordered by time.
func endless(p *check.Pass, a *query.Access) bool {
	q := &a.Query
	t := q.Root().Table
	k := p.Flow.Reached(a.Clause)
	return a.Op == "all" && t != nil && p.Flow.InLib(a.Clause) && (k.Has(ir.Request) || k.Has(ir.Socket)) &&
		q.Limit == query.No && q.Groups == query.No && !q.OpenFilters && len(q.Sources) == 1 && !listed(q) && tenantOnly(p, q) &&
		slices.ContainsFunc(q.Order, func(c query.Column) bool { return c.Binding == 0 && timely(t.Column(c.Name)) }) && filledBySystem(p, t)
}

// timely reports whether a column holds a time.
func timely(c *ir.Column) bool { return c != nil && len(c.Type) > 9 && c.Type[:9] == "timestamp" }

// tenantOnly reports whether nothing narrows a query on every path but whose rows
// they are: a reference to a table that a third of all tables refer to.
func tenantOnly(p *check.Pass, q *query.Query) bool {
	t := q.Root().Table
	return !slices.ContainsFunc(q.Filters, func(f query.Filter) bool {
		return !f.May && (f.Compare != query.Equal || !slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool {
			return slices.Contains(k.Columns, f.Name) && central(p.Program, t, k.Table)
		}))
	})
}

// central reports whether a third of the tables beside t refer to a table.
func central(p *ir.Program, t *ir.Table, name string) bool {
	for _, d := range p.Databases {
		if !slices.Contains(d.Tables, t) {
			continue
		}
		n := 0
		for _, o := range d.Tables {
			if slices.ContainsFunc(o.ForeignKeys, func(k ir.ForeignKey) bool { return k.Table == name }) {
				n++
			}
		}
		return n > 3 && 3*n >= len(d.Tables)
	}
	return false
}

// filledBySystem reports whether jobs or processes insert into a table.
func filledBySystem(p *check.Pass, t *ir.Table) bool {
	return insertedInto(p, t, func(a *query.Access) bool {
		return p.Flow.Reached(a.Clause).Has(ir.Job) || p.Flow.Reached(a.Clause).Has(ir.Process)
	})
}

func listFinding(p *check.Pass, a *query.Access) check.Finding {
	t := a.Query.Root().Table
	call := short(p.Flow.Step(a.Clause, a.Expr).Callee)
	f := check.Finding{
		Level: check.Info, Span: p.Flow.Span(a.Clause, a.Expr), Symbol: p.Flow.Symbol(a.Clause), Anchor: t.Name, Confidence: check.Medium,
		Message: "`" + call + "` fetches all of `" + t.Name + "` for one answer, and jobs or processes insert into it all the time: the list has no limit. Add a limit, and pages if a client needs the rest.",
		Path:    []check.Step{{Span: p.Flow.Span(a.Clause, a.Expr), Note: "no path adds a limit"}},
	}
	if in := insertInto(p, t, nil, a); in != nil {
		f.Path = append(f.Path, check.Step{Span: p.Flow.Span(in.Clause, in.Expr), Note: "rows are inserted here"})
	}
	f.Path = append(f.Path, arrival(p.Flow, a.Clause)...)
	return f
}
