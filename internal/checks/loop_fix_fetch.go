package checks

import (
	"regexp"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// readForAll asks for what a function of the project reads for an element, by a value of it, to
// be read for all elements by a function beside it. Nil is where the function does more than read,
// or what it reads by is more than a field of the element.
func (f *loopFix) readForAll() fix.Change {
	if len(f.way) != 2 || f.loop.Does(flow.Write) {
		return nil // what is written for an element may be what is read for it
	}
	call, last := f.way[0].Expr, f.way[1]
	e, of, cl, id := f.code.At(call), f.Flow.Code(last.Clause), f.Flow.Clause(last.Clause), f.Flow.Func(last.Clause)
	named := e.Op == ir.FuncRef && call == f.ref
	if e.Op != ir.Call && !named || cl == nil || id == ir.No {
		return nil
	}
	args := []ir.ExprID{ir.No} // the element, where the function is only named
	if !named {
		args = f.code.List(e)
	}
	fn := f.Program.Func(id)
	if len(fn.Clauses) != 1 || fn.Injected || cl.Guard != ir.No || len(args) != len(cl.Params) || onlyOf(of, cl.Body) != last.Expr {
		return nil
	}
	a := f.accessOf(last)
	if a == nil || a.Raises {
		return nil
	}
	q := &a.Query
	gives, counted := f.givesForAll(of, last.Expr, a)
	if gives == "" || q.Root().Schema == nil || q.OpenFilters || q.Limit != query.No {
		return nil
	}
	c := f.fetching(q, call)
	c.Of, c.Func, c.Clause, c.Read, c.Gives, c.Counted = of, id, cl, last.Expr, gives, counted
	for _, k := range equalities(of, q) {
		param, inner := f.paramOf(of, cl, k.value)
		if param == ir.No || !named && f.outside(args[param]) {
			continue
		}
		if c.Column != "" {
			return nil // two conditions change with the element
		}
		row, field := named, ""
		if !named {
			row, field = f.keyed(args[param])
		}
		switch {
		case !row, field != "" && inner != "", field == "" && inner == "":
			return nil
		case field == "":
			c.Field, c.Add = inner, true
		default:
			c.Field = field
		}
		c.Compare, c.Key, c.Param, c.Value, c.Column = k.at, k.value, int(param), args[param], k.by.Field
		kind := f.elementSchema()
		if kind == nil {
			kind = f.structOf(of, cl.Params[param])
		}
		if from := typeOf(kind, c.Field); from == "" || from != typeOf(q.Root().Schema, k.by.Field) {
			return nil
		}
	}
	if c.Column == "" || f.lazy(f.loop.Coll) {
		return nil
	}
	for i, arg := range args {
		if i != c.Param && (named || !f.outside(arg)) {
			return nil
		}
	}
	if usesOf(of, cl.Params[c.Param], cl.Body) != 1 {
		return nil // it is more to the function than the key
	}
	return c
}

// fetching asks for what a query reads for each element, by a call in the loop, to be read for all.
func (f *loopFix) fetching(q *query.Query, call ir.ExprID) *fix.FetchTogether {
	c := &fix.FetchTogether{
		Code: f.code, Loop: f.loop.Expr, Coll: f.loop.Coll, Call: call, Func: ir.No, Table: q.Root().Schema.Table, Again: again(f.code, f.loop.Coll), Rows: "elements",
	}
	if s := f.elementSchema(); s != nil && s.Table != "" {
		c.Rows = s.Table
	}
	return c
}

// readHere asks for what a query in the loop itself reads by a field of the element to be read for
// all elements before. Nil is where the query takes more of the loop than that.
func (f *loopFix) readHere() fix.Change {
	x := f.way[0].Expr
	a := f.accessOf(f.way[0])
	if a == nil || a.Raises || f.code.At(x).Op != ir.Call || f.loop.Does(flow.Write) || f.lazy(f.loop.Coll) {
		return nil
	}
	q := &a.Query
	gives, counted := f.givesForAll(f.code, x, a)
	if gives == "" || q.Root().Schema == nil || q.OpenFilters || q.Limit != query.No {
		return nil
	}
	c := f.fetching(q, x)
	c.Of, c.Read, c.Gives, c.Counted = f.code, x, gives, counted
	for _, k := range equalities(f.code, q) {
		row, field := f.keyed(k.value)
		from := typeOf(f.elementSchema(), field)
		if row && from != "" && from == typeOf(q.Root().Schema, k.by.Field) && inside(f.code, x, k.value) {
			c.Compare, c.Key, c.Value, c.Field, c.Column = k.at, k.value, k.value, field, k.by.Field
		}
	}
	if c.Column == "" || f.ofLoop(x) != 1 {
		return nil
	}
	return c
}

// ofLoop is how often an expression uses what the loop binds.
func (f *loopFix) ofLoop(x ir.ExprID) int {
	loop := f.code.At(f.loop.Expr)
	n := 0
	f.code.Walk(x, func(y ir.ExprID) bool {
		if e := f.code.At(y); e.Op == ir.Use && e.A >= 0 {
			if at := f.code.Vars[e.A].At; at == ir.No || f.code.At(at).Start >= loop.Start && f.code.At(at).End <= loop.End {
				n++
			}
		}
		return true
	})
	return n
}

// givesForAll says what a read gives for one value, "rows", a "row" or a "count", where one read for many values
// can be made of it, and else ""; of a count that the query selects, counted is what it selects.
func (f *loopFix) givesForAll(of *ir.Code, x ir.ExprID, a *query.Access) (gives string, counted ir.ExprID) {
	m, q := f.Flow.ModelAt(of, x), &a.Query
	if m == nil || m.PrimaryKey != nil || m.By != nil {
		return "", ir.No
	}
	name := of.Callees[of.At(x).A].Name
	bare := len(q.Order) == 0 && !q.OpenOrder && len(q.Loads) == 0
	switch args := of.List(of.At(x)); {
	case name == "aggregate":
		if bare && q.Selects == query.No && len(args) > 1 && of.At(args[1]).Str == "count" && (len(args) == 2 || len(args) == 3 && of.At(args[2]).Op == ir.Const) {
			return "count", ir.No
		}
	case options(f.Flow, of, x):
	case m.Gives == "row" && bare && (q.Selects != query.No || q.Groups != query.No):
		if counted = selectsCount(of, x); counted != ir.No {
			return "count", counted
		}
	case q.Groups != query.No || q.Selects != query.No:
	case m.Gives == "rows", m.Gives == "row" && f.Queries.Single(q, a.Implicit):
		return m.Gives, ir.No
	}
	return "", ir.No
}

// onlyCount is a count of rows, or of the values of a column.
var onlyCount = regexp.MustCompile(`^count\([^()^]*\)$`)

// selectsCount is the count that is all that the one `from` or `select` of a read selects, or No.
func selectsCount(c *ir.Code, read ir.ExprID) ir.ExprID {
	found, froms := ir.ExprID(ir.No), 0 // of both
	c.Walk(read, func(x ir.ExprID) bool {
		e := c.At(x)
		if e.Op != ir.Call {
			return true
		}
		switch c.Callees[e.A].Name {
		case "from":
			froms++
			for _, a := range c.List(e) {
				c.EachPair(a, func(key string, v ir.ExprID) {
					switch {
					case key == "group_by" || key == "distinct":
						froms = 2
					case key == "select" && onlyCount.MatchString(c.File.Slice(c.Span(v))):
						found = v
					}
				})
			}
		case "select":
			last := c.List(e)[e.Hi-e.Lo-1]
			if froms++; onlyCount.MatchString(c.File.Slice(c.Span(last))) {
				found = last
			}
		case "select_merge", "group_by", "distinct":
			froms = 2
		}
		return true
	})
	if froms != 1 {
		return ir.No
	}
	return found
}

// accessOf is the one access that a call is by itself, whatever it loads with the rows, or nil.
func (f *loopFix) accessOf(h flow.Hop) *query.Access {
	var found *query.Access
	for _, a := range f.Queries.Of(h.Clause) {
		if a.Expr == h.Expr && a.Op != "load" && len(a.Chain) == 1 && len(a.Query.Sources) > 0 {
			if found != nil {
				return nil
			}
			found = a
		}
	}
	return found
}

// equality is a condition of a query, where it stands, and the value that it compares with.
type equality struct {
	by        *query.Filter
	at, value ir.ExprID
}

// equalities are the conditions that compare a column of a query's rows with a value of the program,
// written in a code as `column == ^value`, and that hold on every path.
func equalities(c *ir.Code, q *query.Query) []equality {
	var out []equality
	for i := range q.Filters {
		by := &q.Filters[i]
		if by.Binding != 0 || by.Columns || by.Constant || by.Compare != query.Equal || !by.Exact() {
			continue
		}
		if at, value := comparison(c, by); at != ir.No {
			out = append(out, equality{by, at, value})
		}
	}
	return out
}

// paramOf is the parameter that a value is, or a field of which it is, or No.
func (f *loopFix) paramOf(c *ir.Code, cl *ir.Clause, value ir.ExprID) (param ir.ExprID, field string) {
	e := c.At(value)
	if e.Op == ir.Get {
		field, e = e.Str, c.At(ir.ExprID(e.A))
	}
	if e.Op != ir.Use {
		return ir.No, ""
	}
	for i, p := range cl.Params {
		if flow.BindsWhole(c, p, ir.VarID(e.A)) {
			return ir.ExprID(i), field
		}
		if of := fieldBound(c, p, e.A); of != "" && field == "" {
			return ir.ExprID(i), of
		}
	}
	return ir.No, ""
}

// fieldBound is the field of a record that a pattern binds a variable to, or "".
func fieldBound(c *ir.Code, pattern ir.ExprID, v int32) string {
	e := c.At(pattern)
	switch {
	case e.Op == ir.Match:
		if f := fieldBound(c, ir.ExprID(e.A), v); f != "" {
			return f
		}
		return fieldBound(c, ir.ExprID(e.B), v)
	case e.Op == ir.Make && e.Sub == ir.MakeStruct:
		for pairs := c.List(e); len(pairs) > 1; pairs = pairs[2:] {
			if b := c.At(pairs[1]); b.Op == ir.Bind && b.A == v {
				return c.At(pairs[0]).Str
			}
		}
	}
	return ""
}

// keyed reports whether an argument is the element or a field of it, and which, "" for the whole.
func (f *loopFix) keyed(x ir.ExprID) (row bool, field string) {
	e := f.code.At(x)
	if e.Op == ir.Get {
		field, x = e.Str, ir.ExprID(e.A)
		e = f.code.At(x)
	}
	return e.Op == ir.Use && f.element(ir.VarID(e.A)), field
}

// elementSchema is the mapping of the rows that the loop goes over, or nil.
func (f *loopFix) elementSchema() *ir.Schema {
	if s := f.rowsOf(f.loop.Coll); s != nil {
		return s
	}
	var found *ir.Schema
	for i, q := range rowsOf(f.Pass, f.loop) {
		s := q.Root().Schema
		if s == nil || q.Selects != query.No || q.Groups != query.No || i > 0 && s != found {
			return nil
		}
		found = s
	}
	return found
}

// typeOf is the type of a field that a table has a column for, or "".
func typeOf(s *ir.Schema, field string) string {
	if s == nil {
		return ""
	}
	f := s.Field(field)
	if f == nil || f.Virtual {
		return ""
	}
	return f.Type
}

// usesOf is how often a body uses the variables that a pattern binds.
func usesOf(c *ir.Code, pattern, body ir.ExprID) int {
	bound := map[int32]bool{}
	c.Walk(pattern, func(x ir.ExprID) bool {
		if e := c.At(x); e.Op == ir.Bind {
			bound[e.A] = true
		}
		return true
	})
	n := 0
	c.Walk(body, func(x ir.ExprID) bool {
		if e := c.At(x); e.Op == ir.Use && bound[e.A] {
			n++
		}
		return true
	})
	return n
}
