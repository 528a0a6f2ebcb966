package checks

import (
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// lookedUp asks for rows that are read one by one by a unique key to be read
// before the loop.
func (f *loopFix) lookedUp(x ir.ExprID) (fix.Change, string) {
	m := f.Flow.ModelAt(f.code, x)
	q := f.access(x)
	value := f.key(x)
	switch {
	case q == nil || q.Root().Schema == nil || value == ir.No || m.Gives != "row" || f.options(x):
		return nil, "the query is more than a look-up of one row by one key"
	case len(q.Sources) != 1 || q.OpenFilters || len(q.Filters) != 1 || q.Filters[0].Compare != query.Equal || !q.Filters[0].Exact() ||
		len(q.Loads) > 0 || q.OpenLoads:
		return nil, "the query is more than a look-up of one row by one key"
	case !again(f.code, f.loop.Coll) || f.lazy(f.loop.Coll):
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
	return &fix.LookUpBefore{
		Code: f.code, Loop: f.loop.Expr, Coll: f.loop.Coll, Call: x, Query: argument(f.code, x, m.Query), Value: value, Field: field,
		Key: by.Field, Table: s.Table, Raises: strings.HasSuffix(f.code.Callees[f.code.At(x).A].Name, "!"),
	}, ""
}

// key is the value that a call reads one row by, or No.
func (f *loopFix) key(x ir.ExprID) ir.ExprID {
	m := f.Flow.ModelAt(f.code, x)
	if v := argument(f.code, x, m.PrimaryKey); v != ir.No {
		return v
	}
	found, n := ir.ExprID(ir.No), 0
	if by := argument(f.code, x, m.By); by != ir.No {
		f.code.EachPair(by, func(_ string, v ir.ExprID) { found, n = v, n+1 })
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
	rows := f.rowsOf(f.loop.Coll)
	if u.Op != ir.Use || !f.element(ir.VarID(u.A)) || rows == nil {
		return "", false
	}
	from := rows.Field(e.Str)
	return e.Str, from != nil && from.Type == to.Type && !from.Virtual
}
