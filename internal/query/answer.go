package query

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// asked is the query that a database call is given.
func (ev *evaluator) asked(f *frame, m *model.Call, args []ir.ExprID) val {
	if m.Query == nil || *m.Query >= len(args) {
		return val{kind: unknown}
	}
	v := ev.value(f, args[*m.Query])
	if v.kind == made && m.Gives == "multi" && len(m.Runs) == 1 && m.Runs[0] == *m.Query {
		if op := v.f.code.At(v.x).Op; op == ir.Closure || op == ir.FuncRef {
			v = ev.ran(f, m, args)
		}
	}
	switch m.Asks {
	case "insert", "update", "delete":
		return ev.asRow(v)
	case "reload":
		return ev.asRow(v).mapQueries(func(q *Query) *Query {
			q = q.copied()
			q.Filters, q.OpenFilters = nil, false
			return byPrimaryKey(f, q, args[0])
		})
	case "preload":
		return v.without(query)
	}
	v = ev.asQuery(v)
	if m.Paged {
		v = v.mapQueries(func(q *Query) *Query {
			q = q.copied()
			q.Limit, q.Page = Yes, true
			return q
		})
	}
	if m.PrimaryKey != nil {
		v = v.mapQueries(func(q *Query) *Query { return byPrimaryKey(f, q, args[0]) })
	}
	if m.By != nil && *m.By < len(args) {
		v = v.mapQueries(func(q *Query) *Query {
			q = q.copied()
			ev.pairs(f, &scope{q: q, frame: f}, args[*m.By])
			return q
		})
	}
	return v
}

// without is a value without the alternatives of a kind.
func (v val) without(k kind) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		if a.kind != k {
			out = out.join(a)
		}
	}
	return out
}

// byPrimaryKey is a query for the row with a primary key.
func byPrimaryKey(f *frame, q *Query, at ir.ExprID) *Query {
	q = q.copied()
	s := q.Root().Schema
	if s == nil {
		return q
	}
	for _, k := range s.PrimaryKey {
		q.Filters = append(q.Filters, Filter{Column: Column{0, k, s.ColumnOf(k)}, Compare: Equal, Span: f.code.Span(at)})
	}
	if len(s.PrimaryKey) == 0 && s.Rows != nil && s.Rows.PrimaryKey != nil {
		for _, c := range s.Rows.PrimaryKey.Columns {
			q.Filters = append(q.Filters, Filter{Column: Column{0, c, c}, Compare: Equal, Span: f.code.Span(at)})
		}
	}
	return q
}

// asQuery is the query that a value is when a query is asked for.
func (ev *evaluator) asQuery(v val) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		out = out.join(ev.asQueryOne(a))
	}
	if out.kind == bottom {
		return val{kind: unknown}
	}
	return out
}

func (ev *evaluator) asQueryOne(v val) val {
	switch v.kind {
	case query, unknown:
		return v
	case module:
		if s := ev.p.SchemaNamed(v.str); s != nil {
			return known(query, rowOf(s))
		}
	case text:
		return known(query, &Query{Sources: []Source{ev.tableNamed(v.str)}})
	case made:
		e := v.f.code.At(v.x)
		list := v.f.code.List(e)
		if e.Op != ir.Make || e.Sub != ir.MakeTuple || len(list) != 2 {
			break
		}
		name := ev.value(v.f, list[0])
		w := ev.asQueryOne(ev.value(v.f, list[1]))
		if name.kind == text && w.kind == query {
			s := ev.tableNamed(name.str)
			s.Schema = w.q.Root().Schema
			return known(query, &Query{Sources: []Source{s}})
		}
		return w
	}
	return val{kind: unknown}
}

// tableNamed is a table that is named by text.
func (ev *evaluator) tableNamed(name string) Source {
	s := Source{Name: name}
	if list := ev.p.TablesNamed(name); len(list) == 1 {
		s.Table = list[0]
	}
	return s
}

// asRow is the row that a value is, or is a changeset of.
func (ev *evaluator) asRow(v val) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		switch a.kind {
		case row, changeset:
			out = out.join(known(row, a.q))
		case unknown:
			out = out.join(a)
		case made:
			if op := a.f.code.At(a.x).Op; op == ir.Closure || op == ir.FuncRef {
				out = out.join(ev.asRow(ev.result(a)))
				continue
			}
			out = out.join(val{kind: unknown})
		case atom:
		default:
			out = out.join(val{kind: unknown})
		}
	}
	if out.kind == bottom {
		return val{kind: unknown}
	}
	return out
}

// answer is what a database call gives.
func (ev *evaluator) answer(f *frame, id ir.ExprID, m *model.Call, args []ir.ExprID) val {
	v := ev.asked(f, m, args)
	switch m.Asks {
	case "all", "one", "first", "insert":
		v = v.mapQueries(func(q *Query) *Query {
			q = q.copied()
			q.From = &Hop{f.clause, id}
			return q
		})
	}
	to := func(k kind) val {
		out := val{kind: bottom}
		for _, a := range v.each() {
			if a.q == nil || a.q.Selects == Yes {
				out = out.join(val{kind: unknown, params: a.undecided()})
				continue
			}
			out = out.join(val{kind: k, q: a.q, params: a.params})
		}
		return out
	}
	switch m.Asks {
	case "all":
		return to(rows)
	case "one", "first":
		return to(row)
	case "reload":
		return v
	case "insert", "update", "delete":
		inserted := m.Asks == "insert"
		v = v.mapQueries(func(q *Query) *Query {
			q = q.copied()
			q.Steps, q.Inserted = nil, q.Inserted || inserted
			return q
		})
		if m.Gives == "row" {
			return to(row)
		}
		return to(outcome)
	case "preload":
		if m.Loads == nil || *m.Loads >= len(args) {
			return v
		}
		return v.mapQueries(func(q *Query) *Query {
			q = q.copied()
			ev.loads(f, &scope{q: q, frame: f}, nil, args[*m.Loads])
			return q
		})
	}
	return val{kind: unknown}
}
