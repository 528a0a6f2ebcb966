package checks

import (
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// loaded asks for associations that are loaded for each row to be loaded for all
// rows before.
func (f *loopFix) loaded() (fix.Change, string) {
	elem, why := f.handed()
	if elem == nil {
		return nil, why
	}
	if f.lazy(f.loop.Coll) {
		return nil, "the rows come one by one, so there is no list to load for; load in batches"
	}
	if f.mixed() {
		return nil, "the list holds rows of several schemas, and associations are loaded for rows of one"
	}
	if m := f.Flow.ModelAt(f.code, f.loop.Expr); m != nil && m.Async {
		return nil, "each row is worked on by a process of its own, which may ask another database"
	}
	last := f.way[len(f.way)-1]
	c := f.Flow.Code(last.Clause)
	root := f.body
	if len(f.way) > 1 {
		root = f.Flow.Body(last.Clause)
	}
	loads := f.loads(c, root, elem)
	store := c.Callees[c.At(last.Expr).A].Module
	if len(loads) == 0 || store == "" {
		return nil, "what is loaded for does not come as the loop gives it"
	}
	change := &fix.LoadBefore{Code: f.code, Loop: f.loop.Expr, Coll: f.loop.Coll, Store: store}
	for _, x := range loads {
		names := argument(c, x, f.Flow.ModelAt(c, x).Loads)
		if c.At(x).Hi-c.At(x).Lo > 2 || !plain(c, names) && (len(f.way) > 1 || !f.outside(names)) {
			return nil, "what is loaded depends on more than the row"
		}
		change.Names = append(change.Names, fix.Names{Code: c, Expr: names})
	}
	change.Kept = f.listed(f.loop.Clause, f.loop.Coll, 4) && !f.writes()
	switch {
	case len(f.way) == 1:
		change.Loads = loads
	case len(f.way) == 2 && f.takesList(last, elem):
		change.Loads, change.Whole = []ir.ExprID{f.way[0].Expr}, true
	}
	return change, ""
}

// mixed reports whether the loop goes over rows of several schemas at once, or over lists that are
// put together.
func (f *loopFix) mixed() bool {
	if e := f.code.At(flow.Follow(f.code, f.loop.Coll)); e.Op == ir.Call && f.code.Callees[e.A].Name == "++" {
		return true
	}
	lists := rowsOf(f.Pass, f.loop)
	for i := range lists {
		if lists[i].Root().Schema != lists[0].Root().Schema {
			return true
		}
	}
	return false
}

// loads are the calls that load associations of the element.
func (f *loopFix) loads(c *ir.Code, root ir.ExprID, elem isRow) []ir.ExprID {
	var out []ir.ExprID
	c.Walk(root, func(x ir.ExprID) bool {
		m := f.Flow.ModelAt(c, x)
		if e := c.At(x); m != nil && e.Op == ir.Call && argument(c, x, m.Loads) != ir.No && f.is(c, c.Lists[e.Lo], elem) {
			out = append([]ir.ExprID{x}, out...) // the inner one of a pipe is done first
		}
		return true
	})
	return out
}

// takesList reports whether a function does nothing but load associations of its
// parameter, so that it takes a list of rows as well.
func (f *loopFix) takesList(last flow.Hop, elem isRow) bool {
	cl := f.Flow.Clause(last.Clause)
	fn := f.Program.Funcs[f.Flow.Func(last.Clause)]
	c := f.Flow.Code(last.Clause)
	return cl != nil && cl.Guard == ir.No && len(cl.Params) == 1 && len(fn.Clauses) == 1 && !fn.Injected && c.At(cl.Params[0]).Op == ir.Bind &&
		f.loadsOnly(c, cl.Body, elem) && !specified(c, fn)
}

// specified reports whether a type is declared for a function, which may name one
// row and no list.
func specified(c *ir.Code, fn *ir.Func) bool {
	before := c.File.Text[max(0, fn.Span.Start-600):fn.Span.Start]
	return strings.Contains(before, "@spec "+fn.Name+"(")
}

func (f *loopFix) loadsOnly(c *ir.Code, x ir.ExprID, elem isRow) bool {
	x = onlyOf(c, x)
	return c.At(x).Op == ir.Call && f.is(c, x, elem)
}

// associated asks for rows that are read by a key of each row to be loaded as the
// association that they are.
func (f *loopFix) associated() (fix.Change, string) {
	if len(f.way) != 1 {
		return f.fetched()
	}
	x := f.way[0].Expr
	a := f.access(x)
	rows := f.rowsOf(f.loop.Coll)
	if f.lazy(f.loop.Coll) {
		return nil, "the rows come one by one, so there is no list to load for; load in batches"
	}
	var assoc *ir.Association
	if a != nil && rows != nil {
		assoc = f.association(rows, a, x)
	}
	store := f.code.Callees[f.code.At(x).A].Module
	row := f.row(x)
	if assoc == nil || store == "" || row == ir.No {
		return f.lookedUp(x)
	}
	return &fix.LoadBefore{
		Code: f.code, Loop: f.loop.Expr, Coll: f.loop.Coll, Loads: []ir.ExprID{x}, Store: store,
		Names: []fix.Names{{Expr: ir.No, Name: assoc.Name}}, Field: assoc.Name, Row: row,
	}, ""
}

// access is what the database is asked by a call of the loop's clause.
func (f *loopFix) access(x ir.ExprID) *query.Query {
	var found *query.Query
	for _, a := range f.Queries.Of(f.loop.Clause) {
		if a.Expr == x && len(a.Chain) == 1 {
			if found != nil {
				return nil
			}
			found = &a.Query
		}
	}
	return found
}

// rowsOf is the mapping of the rows that an expression of the clause reads.
func (f *loopFix) rowsOf(x ir.ExprID) *ir.Schema {
	for range 8 {
		x = flow.Follow(f.code, x)
		if q := f.access(x); q != nil && f.code.At(x).Op == ir.Call {
			if q.Selects != query.No || q.Groups != query.No {
				return nil
			}
			return q.Root().Schema
		}
		m := f.Flow.ModelAt(f.code, x)
		if m == nil || m.Keeps == nil || argument(f.code, x, m.Keeps) == ir.No {
			break
		}
		x = argument(f.code, x, m.Keeps)
	}
	if f.pattern != ir.No {
		return f.structOf(f.code, f.pattern)
	}
	return nil
}

// association is the one of the rows whose rows a query asks for, and no others.
func (f *loopFix) association(rows *ir.Schema, q *query.Query, x ir.ExprID) *ir.Association {
	m := f.Flow.ModelAt(f.code, x)
	if len(q.Sources) != 1 || q.Root().Schema == nil || q.OpenFilters || q.Limit != query.No && m.Gives != "row" || q.Selects != query.No ||
		q.Groups != query.No || len(q.Order) > 0 || len(q.Loads) > 0 || q.OpenLoads || len(q.Filters) != 1 || options(f.Flow, f.code, x) {
		return nil
	}
	by := &q.Filters[0]
	var found *ir.Association
	for i := range rows.Associations {
		a := &rows.Associations[i]
		fits := a.Related == f.Program.SchemaName(q.Root().Schema) && len(a.Through) == 0 && !a.Filtered && a.Kind != ir.ManyToMany &&
			(a.Kind == ir.BelongsTo) == (m.Gives == "row") && by.Exact() && by.Compare == query.Equal && !by.Columns &&
			a.RelatedKey == by.Field && f.reads(x, a.OwnerKey)
		if fits && found != nil {
			return nil
		}
		if fits {
			found = a
		}
	}
	return found
}

// options reports whether a call has more arguments than what it asks by.
func options(r *flow.Result, c *ir.Code, x ir.ExprID) bool {
	m := r.ModelAt(c, x)
	n := 1
	if m.PrimaryKey != nil || m.By != nil {
		n = 2
	}
	e := c.At(x)
	return e.Op != ir.Call || int(e.Hi-e.Lo) > n
}

// reads reports whether all that an expression takes from the element is one field.
func (f *loopFix) reads(x ir.ExprID, field string) bool {
	n, ok := 0, true
	f.code.Walk(x, func(y ir.ExprID) bool {
		e := f.code.At(y)
		if e.Op == ir.Get && f.code.At(ir.ExprID(e.A)).Op == ir.Use {
			if u := f.code.At(ir.ExprID(e.A)); f.element(ir.VarID(u.A)) {
				n++
				ok = ok && e.Str == field
				return false
			}
		}
		if e.Op == ir.Use && !f.outside(y) {
			ok = false
		}
		return true
	})
	return ok && n == 1
}

// row is the element as an expression names it.
func (f *loopFix) row(x ir.ExprID) ir.ExprID {
	found := ir.ExprID(ir.No)
	f.code.Walk(x, func(y ir.ExprID) bool {
		if e := f.code.At(y); e.Op == ir.Use && f.element(ir.VarID(e.A)) {
			found = y
		}
		return true
	})
	return found
}
