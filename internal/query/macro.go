package query

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// scope is where the names of a query's bindings are known: to an index of its
// sources, or to one of the values below.
type scope struct {
	q     *Query
	frame *frame
	names map[string]int
}

const (
	unnamed = -1 // some binding: nothing known has the alias
	outer   = -2 // one of a query around this one
)

// queryMacro is what a macro or function of the query language gives. Its
// forms are those of the Ecto.Query documentation: `from`, then a macro for each
// clause, with the query first, bindings where they are needed, the expression
// last.
func (ev *evaluator) queryMacro(f *frame, id ir.ExprID, name string, args []ir.ExprID) val {
	if len(args) == 0 {
		return val{kind: unknown}
	}
	switch name {
	case "from":
		return ev.from(f, args)
	case "dynamic":
		return val{kind: condition, f: f, x: id}
	case "subquery", "reverse_order", "put_query_prefix", "recursive_ctes":
		return ev.asQuery(ev.value(f, args[0]))
	}
	v := ev.asQuery(ev.value(f, args[0]))
	return v.mapQueries(func(q *Query) *Query {
		q = q.copied()
		ev.clauseOf(&scope{q: q, frame: f}, name, args[1:])
		return q
	})
}

// from reads `from u in User, where: …`.
func (ev *evaluator) from(f *frame, args []ir.ExprID) val {
	src, names := ev.inOperand(f, args[0])
	v := ev.asQuery(ev.value(f, src))
	if len(args) < 2 {
		return v
	}
	return v.mapQueries(func(q *Query) *Query {
		sc := &scope{q: q.copied(), frame: f, names: map[string]int{}}
		if names != ir.No {
			ev.bindings(sc, names)
		}
		ev.keywords(sc, args[1])
		return sc.q
	})
}

// inOperand takes `names in source` apart; names is No when there are none.
func (ev *evaluator) inOperand(f *frame, id ir.ExprID) (src, names ir.ExprID) {
	e := f.code.At(id)
	if e.Op == ir.Call && f.code.Callees[e.A].Name == "in" && e.Hi-e.Lo == 2 {
		return f.code.Lists[e.Lo+1], f.code.Lists[e.Lo]
	}
	return id, ir.No
}

// keywords reads the clauses of a `from`.
func (ev *evaluator) keywords(sc *scope, list ir.ExprID) {
	sc.frame.code.EachPair(list, func(key string, x ir.ExprID) {
		switch {
		case key == "join" || strings.HasSuffix(key, "_join"):
			kind := strings.TrimSuffix(strings.TrimSuffix(key, "join"), "_")
			ev.join(sc, kind, x)
		case key == "on":
			ev.conditions(sc, x, how{join: true})
		case key == "as":
			sc.alias(sc.frame.code.At(x))
		default:
			ev.clause(sc, key, x)
		}
	})
}

// maxFew is how many rows are a few.
const maxFew = 10

// fewRows reports whether a limit is a small number that is written out.
func fewRows(c *ir.Code, x ir.ExprID) bool {
	if x == ir.No {
		return false
	}
	n, err := strconv.Atoi(c.At(x).Str)
	return c.At(x).Op == ir.Const && c.At(x).Sub == ir.LitInt && err == nil && n <= maxFew
}

// alias names the last binding.
func (sc *scope) alias(e *ir.Expr) {
	if n := len(sc.q.Sources); e.Op == ir.Const && n > 0 {
		sources := append([]Source(nil), sc.q.Sources...)
		sources[n-1].Alias = e.Str
		sc.q.Sources = sources
	}
}

// clauseOf reads the arguments of a clause's macro behind the query.
func (ev *evaluator) clauseOf(sc *scope, name string, args []ir.ExprID) {
	if name == "join" {
		ev.joinMacro(sc, args)
		return
	}
	if name == "with_named_binding" {
		sc.q.OpenFilters, sc.q.OpenLoads = true, true
		return
	}
	if len(args) == 0 {
		ev.clause(sc, name, ir.No)
		return
	}
	if len(args) > 1 {
		ev.bindings(sc, args[0])
	}
	ev.clause(sc, name, args[len(args)-1])
}

// clause adds one clause to the query of a scope.
func (ev *evaluator) clause(sc *scope, name string, x ir.ExprID) {
	q := sc.q
	switch name {
	case "where":
		ev.conditions(sc, x, how{})
	case "or_where":
		for i := range q.Filters {
			q.Filters[i].Either = q.Filters[i].Either || !q.Filters[i].Join
		}
		ev.conditions(sc, x, how{either: true})
	case "having", "or_having", "group_by", "distinct", "windows":
		q.Groups = Yes
	case "order_by", "prepend_order_by":
		ev.order(sc, x)
	case "limit", "with_ties":
		q.Limit, q.Page = Yes, name == "limit" && !fewRows(sc.frame.code, x)
	case "first", "last":
		q.Limit = Yes
		if x != ir.No {
			ev.order(sc, x)
		} else if s := q.Root().Schema; s != nil && len(q.Order) == 0 && !q.OpenOrder {
			for _, k := range s.PrimaryKey {
				q.Order = append(q.Order, q.column(0, k))
			}
		}
	case "select", "select_merge":
		ev.selects(sc, name, x)
	case "preload":
		ev.loads(sc.frame, sc, nil, x)
	case "exclude":
		ev.exclude(sc, x)
	case "union", "union_all", "except", "except_all", "intersect", "intersect_all", "with_cte":
		q.OpenFilters = true
		ev.beside(sc, x)
	}
}

// selects reads what comes back: whole rows, or something else.
func (ev *evaluator) selects(sc *scope, name string, x ir.ExprID) {
	if sc.summarises(x) {
		sc.q.Groups = Yes
	}
	e := sc.frame.code.At(x)
	if name == "select_merge" || e.Op == ir.Update {
		sc.q.OpenLoads = true
		if sc.q.Fields {
			sc.q.Selects = Yes // a map, into which anything may be merged
		}
		if e.Op == ir.Update {
			if i, ok := sc.binding(sc.frame.code, sc.frame.code.At(ir.ExprID(e.A))); ok && i != 0 {
				sc.q.Selects = Yes // rows of another table
			}
		}
		return
	}
	if i, ok := sc.binding(sc.frame.code, e); ok && i == 0 {
		return
	}
	if e.Op == ir.Pin { // what is interpolated is a list of fields
		sc.q.Fields = true
		return
	}
	w := word(sc.frame.code, e)
	if of := sc.frame.code.List(e); (w == "map" || w == "struct") && len(of) > 0 {
		if i, ok := sc.binding(sc.frame.code, sc.frame.code.At(of[0])); ok && i != 0 {
			sc.q.Selects = Yes // fields of another table's row
			return
		}
	}
	if w == "struct" || w == "map" || e.Op == ir.Make && e.Sub == ir.MakeList && onlyAtoms(sc.frame.code, e) {
		sc.q.Fields = true
		return
	}
	sc.q.Selects = Yes
}

// summarises reports whether an expression makes one value of many rows, or may.
func (sc *scope) summarises(x ir.ExprID) bool {
	found := false
	c := sc.frame.code
	c.Walk(x, func(id ir.ExprID) bool {
		name := ""
		switch e := c.At(id); {
		case e.Op == ir.Opaque:
			name = e.Str
		case e.Op == ir.Call && e.Flags&ir.FlagForeign != 0:
			name = c.Callees[e.A].Name // a function of the module has the name too
		}
		switch name {
		case "count", "sum", "avg", "min", "max", "fragment":
			found = true
		}
		return !found
	})
	return found
}

func onlyAtoms(c *ir.Code, list *ir.Expr) bool {
	for _, x := range c.List(list) {
		if e := c.At(x); e.Op != ir.Const || e.Sub != ir.LitAtom {
			return false
		}
	}
	return list.Hi > list.Lo
}

// exclude takes clauses away again.
func (ev *evaluator) exclude(sc *scope, x ir.ExprID) {
	q := sc.q
	what := ""
	if e := sc.frame.code.At(x); x != ir.No && e.Op == ir.Const {
		what = e.Str
	}
	switch what {
	case "where":
		q.Filters = nil
	case "order_by":
		q.Order, q.OpenOrder = nil, false
	case "preload":
		q.Loads = nil
	case "limit":
		q.Limit, q.Page = No, false
	case "select":
		q.Selects, q.Fields = No, false
	case "group_by", "distinct", "having", "offset", "lock", "update":
	default:
		q.OpenFilters, q.OpenLoads = true, true
	}
}

// order reads what rows are ordered by: a field, a list of fields, or pairs of a
// direction and a field.
func (ev *evaluator) order(sc *scope, x ir.ExprID) {
	c := sc.frame.code
	e := c.At(x)
	switch {
	case e.Op == ir.Const && e.Sub == ir.LitAtom:
		sc.q.Order = append(sc.q.Order, sc.q.column(0, e.Str))
	case e.Op == ir.Make && (e.Sub == ir.MakeList || e.Sub == ir.MakeTuple):
		list := c.List(e)
		if e.Sub == ir.MakeTuple {
			list = list[min(1, len(list)):]
		}
		for _, o := range list {
			ev.order(sc, o)
		}
	case e.Op == ir.Const && e.Sub == ir.LitNil:
	case e.Op == ir.Pin:
		ev.orderValue(sc, ev.value(sc.frame, x))
	default:
		col, ok := ev.columnAt(sc, x)
		if !ok || col.Binding < 0 {
			sc.q.OpenOrder = true
			return
		}
		sc.q.Order = append(sc.q.Order, col)
	}
}

// orderValue reads an order that was followed.
func (ev *evaluator) orderValue(sc *scope, v val) {
	switch v.kind {
	case atom:
		sc.q.Order = append(sc.q.Order, sc.q.column(0, v.str))
	case made:
		if v.f.code.At(v.x).Op == ir.Make && v.f.depth < maxFrames {
			ev.order(&scope{q: sc.q, frame: v.f}, v.x)
			return
		}
		sc.q.OpenOrder = true
	default:
		sc.q.OpenOrder = true
	}
}

// column is a field of a binding.
func (q *Query) column(binding int, field string) Column {
	c := Column{Binding: binding, Field: field, Name: field}
	if binding >= 0 && binding < len(q.Sources) {
		if s := q.Sources[binding].Schema; s != nil && s.Field(field) != nil {
			c.Name = s.ColumnOf(field)
		}
	}
	return c
}

// bindings reads the names of bindings: one name, or a list of them by place,
// with `...` for those between, or by alias.
func (ev *evaluator) bindings(sc *scope, id ir.ExprID) {
	if sc.names == nil {
		sc.names = map[string]int{}
	}
	c := sc.frame.code
	e := c.At(id)
	if n := nameOf(c, e); n != "" {
		sc.names[n] = 0
		return
	}
	if e.Op != ir.Make || e.Sub != ir.MakeList {
		return
	}
	list := c.List(e)
	at := 0
	for i, x := range list {
		b := c.At(x)
		switch {
		case b.Op == ir.Opaque && b.Str == "" && b.Lo == b.Hi, b.Op == ir.Opaque && b.Str == "...":
			at = sc.q.next() - (len(list) - i - 1)
			continue
		case b.Op == ir.Make && b.Sub == ir.MakeTuple && b.Hi-b.Lo == 2:
			pair := c.List(b)
			if k, n := c.At(pair[0]), nameOf(c, c.At(pair[1])); n != "" {
				sc.names[n] = unnamed
				if k.Op == ir.Const {
					sc.names[n] = sc.q.aliased(k.Str)
				}
			}
		default:
			if n := nameOf(c, b); n != "" {
				sc.names[n] = sc.q.placed(at)
			}
		}
		at++
	}
}

// nameOf is the name that an expression is, or "".
func nameOf(c *ir.Code, e *ir.Expr) string {
	switch {
	case e.Op == ir.Use:
		return e.Str
	case e.Lo == e.Hi && e.Flags&ir.FlagParens == 0:
		return word(c, e)
	}
	return ""
}

// word is the name of a binding or a form of the query language, or "". In a
// module that a library gives unknown names, it looks like one of those.
func word(c *ir.Code, e *ir.Expr) string {
	switch {
	case e.Op == ir.Opaque:
		return e.Str
	case e.Op == ir.Call && e.Flags&ir.FlagForeign != 0:
		if k := &c.Callees[e.A]; k.Func == ir.No && k.How != ir.Kernel {
			return k.Name
		}
	}
	return ""
}

// placed is the binding at a place: where alternatives have another source there, the one that
// was joined last.
func (q *Query) placed(at int) int {
	if q.beyond == 0 {
		return at
	}
	for i := len(q.Sources) - 1; i >= 0; i-- {
		if q.Sources[i].place == at {
			return i
		}
	}
	return at
}

// aliased is the binding with an alias, or unnamed.
func (q *Query) aliased(name string) int {
	for i := range q.Sources {
		if q.Sources[i].Alias == name {
			return i
		}
	}
	return unnamed
}

// binding is the binding that an expression names.
func (sc *scope) binding(c *ir.Code, e *ir.Expr) (int, bool) {
	switch {
	case word(c, e) == "as" && e.Hi-e.Lo == 1:
		if k := c.At(c.Lists[e.Lo]); k.Op == ir.Const {
			return sc.q.aliased(k.Str), true
		}
		return unnamed, true
	case word(c, e) == "parent_as":
		return outer, true
	}
	if n := nameOf(c, e); n != "" {
		i, ok := sc.names[n]
		return i, ok
	}
	return 0, false
}

// rows is the schema of a binding's rows, or nil.
func (sc *scope) rows(binding int) *ir.Schema {
	if binding < 0 || binding >= len(sc.q.Sources) {
		return nil
	}
	return sc.q.Sources[binding].Schema
}

// join reads `p in Post`, `p in assoc(u, :posts)` and the like.
func (ev *evaluator) join(sc *scope, kind string, id ir.ExprID) {
	src, name := ev.inOperand(sc.frame, id)
	s := ev.joined(sc, src)
	s.Join = kind
	if s.Join == "" {
		s.Join = "inner"
	}
	s.place = sc.q.next()
	sc.q.Sources = append(sc.q.Sources, s)
	if name == ir.No {
		return
	}
	if sc.names == nil {
		sc.names = map[string]int{}
	}
	n := sc.frame.code.At(name)
	if n.Op == ir.Make && n.Hi > n.Lo { // `[p] in …`
		n = sc.frame.code.At(sc.frame.code.Lists[n.Hi-1])
	}
	if s := nameOf(sc.frame.code, n); s != "" {
		sc.names[s] = len(sc.q.Sources) - 1
	}
}

// joined is the source that a join names, with the filters that it brings.
func (ev *evaluator) joined(sc *scope, src ir.ExprID) Source {
	c := sc.frame.code
	e := c.At(src)
	if word(c, e) == "assoc" && e.Hi-e.Lo == 2 {
		return ev.joinedAssoc(sc, c.Lists[e.Lo], c.At(c.Lists[e.Lo+1]), src)
	}
	v := ev.asQuery(ev.value(sc.frame, src))
	if v.kind != query {
		return Source{}
	}
	if len(v.q.Sources) == 1 && len(v.q.Filters) == 0 && !v.q.OpenFilters {
		s := v.q.Sources[0]
		s.Alias = ""
		return s
	}
	s := *v.q.Root()
	return Source{Schema: s.Schema, Table: s.Table, Name: s.Name, Sub: v.q}
}

// joinedAssoc is the source of an association, which the keys join.
func (ev *evaluator) joinedAssoc(sc *scope, of ir.ExprID, name *ir.Expr, at ir.ExprID) Source {
	from, ok := sc.binding(sc.frame.code, sc.frame.code.At(of))
	if !ok || from < 0 || from >= len(sc.q.Sources) || name.Op != ir.Const {
		return Source{}
	}
	s := sc.q.Sources[from].Schema
	if s == nil {
		return Source{}
	}
	a := s.Association(name.Str)
	if a == nil || a.Schema == ir.No {
		return Source{Assoc: name.Str, From: from}
	}
	to := ev.p.Schemas[a.Schema]
	out := Source{Schema: to, Table: to.Rows, Name: to.Table, Assoc: name.Str, From: from}
	if a.Kind != ir.ManyToMany && len(a.Through) == 0 {
		owner := sc.q.column(from, a.OwnerKey)
		other := Column{len(sc.q.Sources), a.RelatedKey, to.ColumnOf(a.RelatedKey)}
		span := sc.frame.code.Span(at)
		sc.q.Filters = append(sc.q.Filters,
			Filter{Column: owner, With: other, Join: true, Columns: true, Span: span},
			Filter{Column: other, With: owner, Join: true, Columns: true, Span: span})
	}
	return out
}

// joinMacro reads the arguments of `join(query, qualifier, bindings, source, options)`.
func (ev *evaluator) joinMacro(sc *scope, args []ir.ExprID) {
	c := sc.frame.code
	if len(args) < 2 {
		return
	}
	kind := "inner"
	if e := c.At(args[0]); e.Op == ir.Const {
		kind = e.Str
	}
	src, opts := args[1], ir.ExprID(ir.No)
	if len(args) > 2 {
		ev.bindings(sc, args[1])
		src = args[2]
	}
	if len(args) > 3 {
		opts = args[3]
	}
	if len(args) == 3 && c.At(args[1]).Op != ir.Make {
		src, opts = args[1], args[2]
	}
	ev.join(sc, kind, src)
	if opts == ir.No {
		return
	}
	if e := c.At(opts); e.Op != ir.Make || e.Sub != ir.MakeList {
		ev.conditions(sc, opts, how{join: true})
		return
	}
	c.EachPair(opts, func(key string, x ir.ExprID) {
		switch key {
		case "on":
			ev.conditions(sc, x, how{join: true})
		case "as":
			sc.alias(c.At(x))
		}
	})
}

// loads reads associations to load: a name, a list of names, names with those
// of the next level, with a query, or with a binding.
func (ev *evaluator) loads(f *frame, sc *scope, path []string, x ir.ExprID) {
	c := f.code
	e := c.At(x)
	switch {
	case e.Op == ir.Const && e.Sub == ir.LitAtom:
		sc.load(Load{Path: extended(path, e.Str), Span: c.Span(x)})
	case e.Op == ir.Const && e.Sub == ir.LitNil:
	case e.Op == ir.Make && e.Sub == ir.MakeList:
		for _, o := range c.List(e) {
			ev.loads(f, sc, path, o)
		}
	case e.Op == ir.Make && e.Sub == ir.MakeTuple && e.Hi-e.Lo == 2:
		ev.loadPair(f, sc, path, c.Lists[e.Lo], c.Lists[e.Lo+1])
	default:
		ev.loadValue(sc, path, ev.value(f, x))
	}
}

// loadPair reads `posts: …`.
func (ev *evaluator) loadPair(f *frame, sc *scope, path []string, key, x ir.ExprID) {
	c := f.code
	k := c.At(key)
	if k.Op != ir.Const {
		if i, ok := sc.binding(c, k); ok && len(path) > 0 { // {binding, nested}
			sc.load(Load{Path: path, Joined: true, Rows: sc.rows(i), Span: c.Span(key)})
			ev.loads(f, sc, path, x)
			return
		}
		sc.q.OpenLoads = true
		return
	}
	path = extended(path, k.Str)
	if e := c.At(x); e.Op == ir.Pin && c.At(ir.ExprID(e.A)).Op == ir.Make {
		x = ir.ExprID(e.A)
	}
	l := Load{Path: path, Span: c.Span(key)}
	e := c.At(x)
	switch i, bound := sc.binding(c, e); {
	case bound && f == sc.frame:
		l.Joined, l.Rows = true, sc.rows(i)
		sc.load(l)
	case e.Op == ir.Make && e.Sub == ir.MakeTuple && e.Hi-e.Lo == 2 && ev.loadFrom(f, sc, &l, c.Lists[e.Lo]):
		sc.load(l)
		ev.loads(f, sc, path, c.Lists[e.Lo+1])
	case e.Op == ir.Make && e.Sub == ir.MakeList, e.Op == ir.Const && e.Sub == ir.LitAtom:
		sc.load(l)
		ev.loads(f, sc, path, x)
	default:
		ev.loadWith(sc, l, ev.value(f, x))
	}
}

// loadFrom says where the rows come from of `{binding, nested}` and `{query, nested}`.
func (ev *evaluator) loadFrom(f *frame, sc *scope, l *Load, x ir.ExprID) bool {
	if i, ok := sc.binding(f.code, f.code.At(x)); ok {
		l.Joined, l.Rows = true, sc.rows(i)
		return true
	}
	v := ev.value(f, x)
	l.Query = v.q
	return v.kind == query
}

// loadWith loads with a query, or with more associations below.
func (ev *evaluator) loadWith(sc *scope, l Load, v val) {
	if w := ev.asQuery(v); w.kind == query {
		l.Query = w.q
		sc.load(l)
		return
	}
	sc.load(l)
	if v.kind == made || v.kind == either || v.kind == atom {
		ev.loadValue(sc, l.Path, v)
	}
}

// loadValue reads associations to load from a value that was followed.
func (ev *evaluator) loadValue(sc *scope, path []string, v val) {
	switch v.kind {
	case atom:
		if v.str != "nil" {
			sc.load(Load{Path: extended(path, v.str)})
		}
	case made:
		if v.f.code.At(v.x).Op == ir.Make && v.f.depth < maxFrames {
			ev.loads(v.f, sc, path, v.x)
			return
		}
		sc.q.OpenLoads = true
	case either:
		ev.oneOf(sc, v.alts, func(sc *scope, a val) { ev.loadValue(sc, path, a) })
	default:
		sc.q.OpenLoads = true
	}
}

func (sc *scope) load(l Load) { sc.q.Loads = append(sc.q.Loads, l) }

func extended(path []string, name string) []string {
	return append(path[:len(path):len(path)], name)
}
