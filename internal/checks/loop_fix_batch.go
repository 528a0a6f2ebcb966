package checks

import (
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// batched asks for what a resolver counts for each object to be counted for all
// objects at once.
func (f *loopFix) batched() (fix.Change, string) {
	const why = "a library goes over the objects; a batch for them has to be set up where the schema is"
	if len(f.way) == 0 || len(f.way) > 2 {
		return nil, why
	}
	last := f.way[len(f.way)-1]
	of := f.Flow.Code(last.Clause)
	m := f.Flow.ModelAt(of, last.Expr)
	if m == nil || of.At(last.Expr).Op != ir.Call || argument(of, last.Expr, m.Query) == ir.No {
		return nil, why
	}
	q := f.queryOf(last)
	if q == nil || q.OpenFilters || q.Limit != query.No || len(q.Order) > 0 {
		return nil, why
	}
	by, value := f.narrowed(of, q)
	if by == nil || q.Sources[by.Binding].Schema == nil {
		return nil, why
	}
	object, field := f.keyOf(last.Clause, value)
	body := f.Flow.Body(f.loop.Clause)
	if e := f.code.At(body); e.Op == ir.Closure && e.Hi-e.Lo == 1 {
		_, _, body = f.code.Parts(f.code.At(f.code.Lists[e.Lo]))
	}
	c := &fix.CountTogether{
		Code: f.code, Of: of, Func: f.Flow.Func(last.Clause), Clause: f.Flow.Clause(last.Clause), Count: last.Expr,
		Query: flow.Follow(of, argument(of, last.Expr, m.Query)), Value: value, Column: by.Field, Body: body, Call: last.Expr, Key: value,
	}
	if len(f.way) == 2 {
		c.Call = f.way[0].Expr
		e := f.code.At(c.Call)
		if e.Op != ir.Call || e.Hi-e.Lo != 1 || f.Program.Funcs[c.Func].Arity != 1 {
			return nil, "the function that counts takes more than the object"
		}
		c.Key = f.code.Lists[e.Lo]
		given, own := f.keyOf(f.loop.Clause, c.Key)
		switch {
		case own == "" && field != "":
			c.Field = field
			if object == nil {
				object = given
			}
		case own != "" && field == "":
			object, field = given, own
		default:
			return nil, "what is counted for is more than a field of the object"
		}
	}
	if c.Clause == nil || c.Func == ir.No || object == nil || field == "" {
		return nil, "what kind of object it is counted for is not known"
	}
	from, to := object.Field(field), q.Sources[by.Binding].Schema.Field(by.Field)
	if from == nil || to == nil || from.Virtual || from.Type == "" || from.Type != to.Type {
		return nil, "the key of the object may be of another type than the column"
	}
	return c, ""
}

// queryOf is what a call asks the database where the table is known there.
func (f *loopFix) queryOf(h flow.Hop) *query.Query {
	for _, a := range f.Queries.Of(h.Clause) {
		if a.Expr == h.Expr && len(a.Chain) == 1 && len(a.Query.Sources) > 0 {
			return &a.Query
		}
	}
	return nil
}

// narrowed is the one condition of a query that compares a column with a value of
// the program, and that value.
func (f *loopFix) narrowed(c *ir.Code, q *query.Query) (*query.Filter, ir.ExprID) {
	var by *query.Filter
	for i := range q.Filters {
		x := &q.Filters[i]
		if x.Columns || x.Constant {
			continue
		}
		if by != nil || x.Join || x.Compare != query.Equal || !x.Exact() || x.Binding >= len(q.Sources) {
			return nil, ir.No
		}
		by = x
	}
	if by == nil {
		return nil, ir.No
	}
	at, value := comparison(c, by)
	if at == ir.No {
		return nil, ir.No
	}
	return by, value
}

// comparison is where a code compares the column of a condition with a value of the program, as
// in `column == ^value`, and that value, or No for both.
func comparison(c *ir.Code, by *query.Filter) (at, value ir.ExprID) {
	if by.Span.File != c.File.ID {
		return ir.No, ir.No
	}
	for i := range c.Exprs {
		e := &c.Exprs[i]
		if e.Op != ir.Call || e.Hi-e.Lo != 2 {
			continue
		}
		left, right := c.At(c.Lists[e.Lo]), c.At(c.Lists[e.Lo+1])
		if left.Start == by.Span.Start && left.End == by.Span.End && right.Op == ir.Pin {
			return ir.ExprID(i), ir.ExprID(right.A)
		}
	}
	return ir.No, ir.No
}

// keyOf is what a value is of a parameter of a clause: the kind of object that the
// parameter is, where its pattern says so, and the field, or "" for the whole of it.
func (f *loopFix) keyOf(id flow.ClauseID, x ir.ExprID) (*ir.Schema, string) {
	c := f.Flow.Code(id)
	field := ""
	e := c.At(x)
	if e.Op == ir.Get {
		field = e.Str
		e = c.At(ir.ExprID(e.A))
	}
	if e.Op != ir.Use {
		return nil, ""
	}
	for _, p := range f.params(id) {
		if flow.BindsWhole(c, p, ir.VarID(e.A)) {
			return f.structOf(c, p), field
		}
		if s := c.At(p); s.Op == ir.Make && s.Sub == ir.MakeStruct && field == "" {
			found := ""
			for pairs := c.List(s); len(pairs) > 1; pairs = pairs[2:] {
				if b := c.At(pairs[1]); b.Op == ir.Bind && b.A == e.A {
					found = c.At(pairs[0]).Str
				}
			}
			if found != "" {
				return f.structOf(c, p), found
			}
		}
	}
	return nil, ""
}

// params are the patterns of a clause or of a function in place.
func (f *loopFix) params(id flow.ClauseID) []ir.ExprID {
	if cl := f.Flow.Clause(id); cl != nil {
		return cl.Params
	}
	c := f.Flow.Code(id)
	e := c.At(f.Flow.Body(id))
	if e.Op != ir.Closure || e.Hi-e.Lo != 1 {
		return nil
	}
	patterns, _, _ := c.Parts(c.At(c.Lists[e.Lo]))
	return patterns
}

// structOf is the mapping that a pattern names.
func (f *loopFix) structOf(c *ir.Code, p ir.ExprID) *ir.Schema {
	e := c.At(p)
	switch {
	case e.Op == ir.Match:
		if s := f.structOf(c, ir.ExprID(e.A)); s != nil {
			return s
		}
		return f.structOf(c, ir.ExprID(e.B))
	case e.Op == ir.Make && e.Sub == ir.MakeStruct:
		return f.Program.SchemaNamed(e.Str)
	}
	return nil
}
