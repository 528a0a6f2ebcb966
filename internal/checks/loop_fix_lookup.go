package checks

import (
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// lookedUp asks for rows that are read one by one by a unique key to be read
// before the loop.
func (f *loopFix) lookedUp(x ir.ExprID) (fix.Change, string) {
	q, value := f.access(x), key(f.Flow, f.code, x)
	if !oneByKey(f.Flow, f.code, x, q) || value == ir.No {
		if c := f.readHere(); c != nil {
			return c, ""
		}
		return nil, "the query is more than a look-up of one row by one key"
	}
	return f.readBefore(q, value, &fix.LookUpBefore{
		Call: x, Query: argument(f.code, x, f.Flow.ModelAt(f.code, x).Query), Raises: strings.HasSuffix(f.code.Callees[f.code.At(x).A].Name, "!"),
	})
}

// fetched asks for the same of rows that a function of the project reads one by one: one
// for many stands beside it then.
func (f *loopFix) fetched() (fix.Change, string) {
	if c := f.readForAll(); c != nil {
		return c, ""
	}
	const why = "the function that asks takes one element; it would have to take all of them at once"
	call, last := f.way[0].Expr, f.way[1]
	c, of, cl, id := f.code.At(call), f.Flow.Code(last.Clause), f.Flow.Clause(last.Clause), f.Flow.Func(last.Clause)
	if len(f.way) != 2 || c.Op != ir.Call || c.Hi-c.Lo != 1 || cl == nil || id == ir.No {
		return nil, why
	}
	fn := f.Program.Func(id)
	if fn.Arity != 1 || len(fn.Clauses) != 1 || fn.Injected || fn.Defaults > 0 || cl.Guard != ir.No || of.At(cl.Params[0]).Op != ir.Bind || onlyOf(of, cl.Body) != last.Expr {
		return nil, why
	}
	q, value := f.queryOf(last), key(f.Flow, of, last.Expr)
	if !oneByKey(f.Flow, of, last.Expr, q) || value == ir.No || of.At(value).Op != ir.Use || of.At(value).A != of.At(cl.Params[0]).A {
		return nil, why
	}
	return f.readBefore(q, f.code.Lists[c.Lo], &fix.LookUpBefore{
		Call: call, Of: of, Func: id, Read: last.Expr, Query: argument(of, last.Expr, f.Flow.ModelAt(of, last.Expr).Query),
		Raises: strings.HasSuffix(of.Callees[of.At(last.Expr).A].Name, "!"),
	})
}

// onlyOf is the one expression of a body, or the body.
func onlyOf(c *ir.Code, x ir.ExprID) ir.ExprID {
	if e := c.At(x); e.Op == ir.Block && e.Hi-e.Lo == 1 {
		return c.Lists[e.Lo]
	}
	return x
}

// readBefore fills in how the rows of a query that reads one by a value of the element are
// read before the loop.
func (f *loopFix) readBefore(q *query.Query, value ir.ExprID, c *fix.LookUpBefore) (fix.Change, string) {
	if !again(f.code, f.loop.Coll) || f.lazy(f.loop.Coll) {
		return nil, "the collection would have to be made twice"
	}
	s, by := q.Root().Schema, &q.Filters[0]
	if !unique(s, by) {
		return nil, "the key is not unique, so that there may be more than one row for an element"
	}
	field, ok := f.sameKind(s.Field(by.Field), s, by, value)
	if !ok {
		return nil, "the key of the element may be of another type than the column, and is only cast by the query"
	}
	c.Code, c.Loop, c.Coll, c.Value, c.Field, c.Key, c.Table = f.code, f.loop.Expr, f.loop.Coll, value, field, by.Field, s.Table
	return c, ""
}

// oneByKey reports whether a call reads one row by one value and nothing else.
func oneByKey(r *flow.Result, c *ir.Code, x ir.ExprID, q *query.Query) bool {
	m := r.ModelAt(c, x)
	return q != nil && m != nil && c.At(x).Op == ir.Call && q.Root().Schema != nil && m.Gives == "row" && !options(r, c, x) && len(q.Sources) == 1 && !q.OpenFilters &&
		len(q.Filters) == 1 && q.Filters[0].Compare == query.Equal && q.Filters[0].Exact() && len(q.Loads) == 0 && !q.OpenLoads
}

// key is the value that a call reads one row by, or No.
func key(r *flow.Result, c *ir.Code, x ir.ExprID) ir.ExprID {
	m := r.ModelAt(c, x)
	if m == nil {
		return ir.No
	}
	if v := argument(c, x, m.PrimaryKey); v != ir.No {
		return v
	}
	found, n := ir.ExprID(ir.No), 0
	if by := argument(c, x, m.By); by != ir.No {
		c.EachPair(by, func(_ string, v ir.ExprID) { found, n = v, n+1 })
	}
	if n != 1 {
		return ir.No
	}
	return found
}

// again reports whether an expression can be evaluated twice without harm.
func again(c *ir.Code, x ir.ExprID) bool {
	for range 4 {
		e := c.At(x)
		if e.Op != ir.Get {
			return e.Op == ir.Use
		}
		x = ir.ExprID(e.A)
	}
	return false
}

// unique reports whether no two rows of a schema have the same value of a column.
func unique(s *ir.Schema, by *query.Filter) bool {
	if len(s.PrimaryKey) == 1 && s.PrimaryKey[0] == by.Field {
		return true
	}
	if s.Rows == nil {
		return false
	}
	for i := range s.Rows.Indexes {
		x := &s.Rows.Indexes[i]
		if cols := x.Columns(); x.Unique && x.Full() && len(cols) == 1 && len(x.Keys) == 1 && cols[0] == by.Name {
			return true
		}
	}
	return false
}

// sameKind reports whether a key's value is of the type of the rows' field, and
// names the element's field that it is.
func (f *loopFix) sameKind(to *ir.Field, s *ir.Schema, by *query.Filter, value ir.ExprID) (string, bool) {
	e := f.code.At(value)
	if to == nil || to.Type == "" {
		return "", false
	}
	if e.Op == ir.Use && f.element(ir.VarID(e.A)) {
		if s.Rows == nil || to.Type != "string" {
			return "", false
		}
		c := s.Rows.Column(by.Name)
		return "", c != nil && c.Type != "citext"
	}
	if e.Op != ir.Get {
		return "", false
	}
	u := f.code.At(ir.ExprID(e.A))
	rows := f.elementSchema()
	if u.Op != ir.Use || !f.element(ir.VarID(u.A)) || rows == nil {
		return "", false
	}
	from := rows.Field(e.Str)
	return e.Str, from != nil && from.Type == to.Type && !from.Virtual
}
