package sql

import "strings"

// A queryBuilder gathers a QueryInfo while its text is read. Columns get their
// tables at the end, for a query names columns before the tables they are of.
type queryBuilder struct {
	info   *QueryInfo
	block  int
	clause string         // where a comparison counts; "" where it does not
	quals  []qualPair     // of info.Predicates, side by side
	order  []ref          // of info.Order
	ctes   map[string]int // the visible CTEs and their blocks
	calls  map[string]bool
	marks  int // how many ? there were
}

// A qualPair is what qualifies the columns of a predicate.
type qualPair struct{ column, other ref }

// Query reads one query. The info is what could be read, also when there is an
// error, which is an *Error.
func Query(text string) (*QueryInfo, error) {
	p := newParser(text)
	if !p.split() || len(p.toks) < 2 {
		return nil, &Error{Message: "an empty query"}
	}
	var info *QueryInfo
	if t := p.firstBad(); t != nil {
		p.failAt(*t, badMessage(t))
	} else {
		info = p.wholeQuery()
		if !p.atEnd() {
			p.unexpected()
		}
	}
	return info, p.only()
}

// only is the error of the statement, or of there being another.
func (p *parser) only() error {
	if p.failed == nil && p.split() && len(p.toks) > 1 {
		p.fail("more than one statement")
	}
	if p.failed != nil {
		return p.failed
	}
	return nil
}

// Fragment reads one expression: a fragment of a query, a default, a check.
func Fragment(text string) (*Expr, error) {
	p := newParser(text)
	if !p.split() || len(p.toks) < 2 {
		return nil, &Error{Message: "an empty expression"}
	}
	if t := p.firstBad(); t != nil {
		p.failAt(*t, badMessage(t))
		return nil, p.failed
	}
	e := p.ddlExpr(false)
	if !p.atEnd() {
		p.unexpected()
	}
	if err := p.only(); err != nil {
		return nil, err
	}
	return e, nil
}

// wholeQuery reads a query that is a statement, or the body of one.
func (p *parser) wholeQuery() *QueryInfo {
	start := p.tok().start
	info := &QueryInfo{Target: None}
	outer, collect, narrow := p.q, p.collect, p.narrow
	p.q, p.collect, p.narrow = &queryBuilder{info: info, block: None}, nil, false
	p.openBlock(Main)
	p.queryBody()
	p.q.resolve()
	p.q, p.collect, p.narrow = outer, collect, narrow
	info.Range = p.since(start)
	if info.Verb = info.Blocks[0].Verb; info.Verb == "" {
		info.Verb = "select"
	}
	return info
}

// mark, weaken, call and param take a nil builder, for the expressions of DDL
// stand in no query.

func (q *queryBuilder) mark() int {
	if q == nil {
		return 0
	}
	return len(q.info.Predicates)
}

// weaken notes that the predicates from a mark on do not hold for every row.
// Those of the blocks inside are theirs.
func (q *queryBuilder) weaken(from int) {
	if q == nil {
		return
	}
	list := q.info.Predicates
	for i := from; i < len(list); i++ {
		if list[i].Block == q.block {
			list[i].Must = false
		}
	}
}

func (q *queryBuilder) call(n Name) {
	key := n.String()
	if q.calls[key] {
		return
	}
	if q.calls == nil {
		q.calls = map[string]bool{}
	}
	q.calls[key] = true
	q.info.Calls = append(q.info.Calls, n)
}

func (q *queryBuilder) param(text string) {
	if q == nil {
		return
	}
	if text == "?" {
		q.marks++
		q.info.Params = max(q.info.Params, q.marks)
		return
	}
	n := 0
	for _, c := range []byte(text[1:]) {
		n = min(n*10+int(c-'0'), 1<<16)
	}
	q.info.Params = max(q.info.Params, n)
}

func (q *queryBuilder) here() *Block { return &q.info.Blocks[q.block] }

// openBlock begins a block inside the current one and returns that.
func (p *parser) openBlock(kind BlockKind) (outer int) {
	q := p.q
	outer = q.block
	q.info.Blocks = append(q.info.Blocks, Block{Kind: kind, Parent: outer})
	q.block = len(q.info.Blocks) - 1
	return outer
}

// subquery reads (SELECT …) as a block of its own, or as nothing when there is
// no query around it, and returns the block.
func (p *parser) subquery(kind BlockKind) int {
	if p.q == nil {
		p.wholeQuery()
		return None
	}
	if !p.enter() {
		return None
	}
	defer p.leave()
	narrow, clause := p.narrow, p.q.clause
	p.narrow, p.q.clause = false, ""
	outer := p.openBlock(kind)
	block := p.q.block
	p.expect("(")
	p.queryBody()
	p.expect(")")
	p.q.block, p.q.clause, p.narrow = outer, clause, narrow
	return block
}

// subqueryTail reads what follows a query in parentheses inside others:
// ((SELECT …) UNION …).
func (p *parser) subqueryTail() {
	if p.q == nil {
		p.skipToClose()
		return
	}
	clause := p.q.clause
	p.q.clause = ""
	outer := p.openBlock(Nested)
	p.setOperations()
	p.queryTail()
	p.q.block, p.q.clause = outer, clause
}

// skipToClose moves to the parenthesis that closes the one before.
func (p *parser) skipToClose() {
	for !p.atEnd() && !p.at(")") {
		if p.at("(") {
			p.skipParens()
		} else {
			p.advance()
		}
	}
}

// selectAt reports whether a query begins n tokens ahead.
func (p *parser) selectAt(n int) bool {
	t := p.ahead(n)
	switch t.word {
	case "select", "with":
		return t.kind == wordToken
	case "table", "values":
		return t.kind == wordToken && (t.class == reserved || p.ahead(n+1).is("("))
	case "insert", "update", "delete", "merge":
		next := p.ahead(n + 1)
		return t.kind == wordToken && (next.kind == wordToken || next.kind == quotedToken) &&
			!next.is("from") == (t.word == "update")
	}
	return false
}

// queryBody reads WITH … and the query behind it into the current block.
func (p *parser) queryBody() {
	if !p.enter() {
		return
	}
	defer p.leave()
	undo := p.with()
	switch {
	case p.at("insert"):
		p.insert()
	case p.at("update"):
		p.update()
	case p.at("delete"):
		p.delete()
	case p.at("merge"):
		p.merge()
	default:
		p.selectCore()
		p.setOperations()
		p.queryTail()
	}
	undo()
}

// with reads the CTEs. The function it returns makes them invisible again.
func (p *parser) with() (undo func()) {
	if !p.accept("with") {
		return func() {}
	}
	q := p.q
	if q.ctes == nil {
		q.ctes = map[string]int{}
	}
	type shadow struct {
		name string
		was  int
		had  bool
	}
	var shadows []shadow
	recursive := p.accept("recursive")
	p.list(func() {
		name := p.ident()
		was, had := q.ctes[name]
		shadows = append(shadows, shadow{name, was, had})
		if recursive {
			q.ctes[name] = len(q.info.Blocks)
		}
		q.ctes[name] = p.cte(name)
	})
	return func() {
		for i := len(shadows) - 1; i >= 0; i-- {
			if s := shadows[i]; s.had {
				q.ctes[s.name] = s.was
			} else {
				delete(q.ctes, s.name)
			}
		}
	}
}

// cte reads (a, b) AS MATERIALIZED (SELECT …) behind its name.
func (p *parser) cte(name string) int {
	if p.at("(") {
		p.columnNames()
	}
	p.expect("as")
	p.accept("not")
	p.accept("materialized")
	if !p.at("(") {
		p.unexpected()
		return None
	}
	block := p.subquery(CTE)
	if block >= 0 {
		p.q.info.Blocks[block].Name = name
	}
	p.searchAndCycle()
	return block
}

// searchAndCycle reads SEARCH DEPTH FIRST BY a SET b and CYCLE a SET b TO c
// DEFAULT d USING e.
func (p *parser) searchAndCycle() {
	if p.accept("search") {
		p.acceptAny("depth", "breadth")
		p.expect("first", "by")
		p.list(func() { p.ident() })
		p.expect("set")
		p.ident()
	}
	if !p.accept("cycle") {
		return
	}
	p.list(func() { p.ident() })
	p.expect("set")
	p.ident()
	if p.accept("to") {
		p.expr(precOr)
		p.expect("default")
		p.expr(precOr)
	}
	p.expect("using")
	p.ident()
}

// selectCore reads SELECT …, VALUES …, TABLE t and ( … ).
func (p *parser) selectCore() {
	switch {
	case p.at("select"):
		p.here("select")
		p.selectClauses()
	case p.at("values"):
		p.here("values")
		p.values(nil)
	case p.accept("table"):
		p.here("select")
		p.tableItem("")
	case p.accept("("):
		if !p.selectAt(0) && !p.at("(") {
			p.unexpected()
			return
		}
		p.queryBody()
		p.expect(")")
	default:
		p.unexpected()
	}
}

// here notes the verb of the current block.
func (p *parser) here(verb string) {
	if b := p.q.here(); b.Verb == "" {
		b.Verb = verb
	}
}

func (p *parser) setOperations() {
	for p.failed == nil && p.acceptAny("union", "intersect", "except") != "" {
		p.acceptAny("all", "distinct")
		outer := p.openBlock(Branch)
		if p.enter() {
			p.selectCore()
			p.leave()
		}
		p.q.block = outer
	}
}

func (p *parser) selectClauses() {
	p.expect("select")
	if p.accept("distinct") {
		p.q.here().Distinct = true
		if p.accept("on") {
			p.parens(func() { p.wide() })
		}
	} else {
		p.accept("all")
	}
	if !p.atAny("from", "where", "into", "union", "intersect", "except", ")") && !p.atEnd() {
		p.targets()
	}
	if p.accept("into") {
		p.persistence()
		p.accept("table")
		p.name()
	}
	if p.accept("from") {
		p.list(func() { p.fromItem("") })
	}
	p.condition("where")
	p.groupBy()
	p.condition("having")
	if p.accept("window") {
		p.list(func() {
			p.ident()
			p.expect("as")
			p.skipParens()
		})
	}
}

// targets reads a, b AS c, t.*.
func (p *parser) targets() {
	p.list(func() {
		p.expr(precOr)
		if p.accept("as") {
			p.label()
		} else if t := p.tok(); t.kind == quotedToken || t.kind == wordToken && !noLabel[t.word] {
			p.advance()
		}
	})
}

// condition reads WHERE a and HAVING a.
func (p *parser) condition(clause string) {
	if p.accept(clause) {
		p.q.here().Where = p.q.here().Where || clause == "where"
		p.clause(clause)
	}
}

func (p *parser) clause(name string) {
	was := p.q.clause
	p.q.clause = name
	p.expr(precOr)
	p.q.clause = was
}

func (p *parser) groupBy() {
	if p.at("having") {
		p.q.here().Grouped = true
	}
	if !p.accept("group", "by") {
		return
	}
	p.q.here().Grouped = true
	if p.acceptAny("all", "distinct") != "" && p.atEnd() {
		return
	}
	p.list(func() {
		if p.accept("grouping", "sets") {
			p.skipParens()
			return
		}
		p.expr(precOr)
	})
}

// queryTail reads ORDER BY, LIMIT, OFFSET, FETCH and FOR UPDATE.
func (p *parser) queryTail() {
	for p.failed == nil {
		switch {
		case p.accept("order", "by"):
			p.sortList(p.q)
		case p.accept("limit"):
			p.q.here().Limit = p.limit()
		case p.accept("offset"):
			p.q.here().Offset = true
			p.expr(precOr)
			p.acceptAny("row", "rows")
		case p.accept("fetch"):
			p.fetch()
		case p.at("for"):
			p.locking()
		default:
			return
		}
	}
}

// limit is false of LIMIT ALL and LIMIT NULL.
func (p *parser) limit() bool {
	if p.accept("all") || p.accept("null") {
		return false
	}
	p.expr(precOr)
	if p.accept(",") {
		p.fail("LIMIT a, b is not of PostgreSQL")
	}
	return true
}

// fetch reads FIRST 5 ROWS ONLY behind FETCH.
func (p *parser) fetch() {
	if p.acceptAny("first", "next") == "" {
		p.unexpected()
		return
	}
	p.q.here().Limit = !p.at("null")
	if !p.atAny("row", "rows") {
		p.expr(precAdd)
	}
	p.acceptAny("row", "rows")
	if !p.accept("only") {
		p.expect("with", "ties")
	}
}

// locking reads FOR NO KEY UPDATE OF t SKIP LOCKED.
func (p *parser) locking() {
	p.expect("for")
	pos := p.pos
	switch {
	case p.accept("update"), p.accept("share"), p.accept("no", "key", "update"), p.accept("key", "share"):
	case p.accept("read", "only"):
		return
	default:
		p.unexpected()
	}
	if p.q.block == 0 && p.q.info.Locking == "" {
		p.q.info.Locking = p.wordsSince(pos)
	}
	if p.accept("of") {
		p.names()
	}
	if !p.accept("nowait") {
		p.accept("skip", "locked")
	}
}

// sortList reads a DESC NULLS LAST, b USING <. Into a builder it goes when
// there is one.
func (p *parser) sortList(q *queryBuilder) {
	p.list(func() {
		o := p.expr(precOr)
		s := Order{Range: o.Range}
		s.Desc = p.acceptAny("asc", "desc") == "desc"
		if p.accept("using") {
			s.Desc = p.operatorName() == ">"
		}
		s.Nulls = p.nulls()
		if q == nil {
			return
		}
		s.Block = q.block
		if o.kind == ColumnOperand {
			s.Column = &ColumnRef{o.col.Range, None, o.col.name}
		}
		q.info.Order = append(q.info.Order, s)
		q.order = append(q.order, o.col)
	})
}

// values reads VALUES (1, 'a'), (…).
func (p *parser) values(rows *[][]Value) {
	p.expect("values")
	p.list(func() {
		var row []Value
		p.parens(func() {
			at := p.pos
			o := p.wide()
			if rows != nil {
				row = append(row, p.value(o, at))
			}
		})
		if rows != nil {
			*rows = append(*rows, row)
		}
	})
}

// value is the value of an expression that began at a token.
func (p *parser) value(o operand, at int) Value {
	v := Value{Range: o.Range, Literal: o.kind == Literal}
	t := &p.toks[at]
	if !v.Literal || p.failed != nil {
		return v
	}
	switch {
	case t.kind == stringToken:
		v.Text = stringValue(p.text[t.start:t.end])
	case t.is("null"):
		v.Null, v.Text = true, "null"
	case t.kind == wordToken:
		v.Text = t.word
	default:
		v.Text = o.Text(p.text)
	}
	return v
}

// FROM.

// fromItem reads a table with the joins behind it.
func (p *parser) fromItem(join string) {
	if !p.enter() {
		return
	}
	defer p.leave()
	p.tableItem(join)
	p.joins()
}

func (p *parser) joins() {
	for p.failed == nil {
		natural, join := p.joinWords()
		if join == "" {
			return
		}
		first := len(p.q.info.Tables)
		p.tableItem(join)
		if natural && first < len(p.q.info.Tables) {
			p.q.info.Tables[first].Natural = true
		}
		if natural || join == "cross" {
			continue
		}
		if !p.atAny("on", "using") {
			if !p.enter() { // a JOIN b JOIN c ON … ON …
				return
			}
			p.joins()
			p.leave()
		}
		p.joinCondition(first)
		if p.atAny("on", "using") {
			return
		}
	}
}

// joinWords reads NATURAL LEFT OUTER JOIN and returns "left".
func (p *parser) joinWords() (natural bool, join string) {
	natural = p.accept("natural")
	switch {
	case p.accept("cross", "join"):
		return natural, "cross"
	case p.accept("join"), p.accept("inner", "join"):
		return natural, "inner"
	case p.atAny("left", "right", "full") && (p.ahead(1).is("join") || p.ahead(1).is("outer")):
		join = p.advance().word
		p.accept("outer")
		p.expect("join")
		return natural, join
	}
	if natural {
		p.unexpected()
	}
	return false, ""
}

// joinCondition reads ON a and USING (a); first is the table that is joined.
func (p *parser) joinCondition(first int) {
	switch {
	case p.accept("on"):
		p.clause("on")
	case p.accept("using"):
		p.parens(func() {
			t := p.tok()
			r := Range{t.start, t.end}
			p.q.using(r, p.ident(), first)
		})
		if p.accept("as") {
			p.ident()
		}
	default:
		p.unexpected()
	}
}

// using adds the predicate of a column of USING: the column of the joined
// table equals that of one before it.
func (q *queryBuilder) using(r Range, name string, table int) {
	if table >= len(q.info.Tables) {
		table = None
	}
	q.info.Predicates = append(q.info.Predicates, Predicate{
		Range: r, Block: q.block, Clause: "using", Column: ColumnRef{r, table, name}, Compare: Equal, Operator: "=",
		With: ColumnOperand, Other: &ColumnRef{r, None, name}, Value: r, Left: r, Must: true,
	})
	q.quals = append(q.quals, qualPair{})
}

// tableItem reads a table, a function, a subquery or a join in parentheses,
// with its alias.
func (p *parser) tableItem(join string) {
	lateral := p.accept("lateral")
	start := p.tok().start
	t := TableUse{Block: p.q.block, Source: None, Join: join}
	switch {
	case p.at("("):
		if !p.enter() {
			return
		}
		defer p.leave()
		if p.parenItem(&t) {
			p.alias(&t)
			return
		}
	case p.atAll("rows", "from"):
		p.pos += 2
		p.skipParens()
		p.accept("with", "ordinality")
		t.Function = true
	case p.tok().kind == wordToken && p.tok().class == reserved && !p.at("only"), p.atAll("collation", "for"):
		p.primary() // FROM current_date
		t.Function = true
	default:
		p.relation(&t, lateral)
	}
	p.alias(&t)
	t.Range = p.since(start)
	if p.accept("tablesample") {
		p.name()
		p.skipParens()
		if p.accept("repeatable") {
			p.skipParens()
		}
	}
	p.q.info.Tables = append(p.q.info.Tables, t)
}

// parenItem reads (SELECT …) into t, or (a JOIN b …), whose tables are added;
// then it is true.
func (p *parser) parenItem(t *TableUse) (joined bool) {
	n := 1
	for n < maxDepth && p.ahead(n).is("(") {
		n++
	}
	if p.selectAt(n) && (n == 1 || p.wholeInParens(n)) {
		t.Source = p.subquery(Derived)
		return false
	}
	p.expect("(")
	p.fromItem(t.Join)
	p.expect(")")
	return true
}

// wholeInParens reports whether ((SELECT …) …) is a query and no join: whether
// behind the query of the innermost parentheses a set operation follows, or
// nothing.
func (p *parser) wholeInParens(n int) bool {
	depth := 0
	for i := p.pos + n - 1; i < len(p.toks); i++ {
		switch t := &p.toks[i]; {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		}
		if depth == 0 {
			next := &p.toks[min(i+1, len(p.toks)-1)]
			return next.is(")") || next.is("union") || next.is("intersect") || next.is("except") ||
				next.is("order") || next.is("limit") || next.is("offset")
		}
	}
	return false
}

func (p *parser) relation(t *TableUse, lateral bool) {
	only := p.accept("only")
	if only && p.at("(") {
		p.expect("(")
		t.Name = p.name()
		p.expect(")")
		return
	}
	t.Name = p.name()
	if p.at("(") && !only {
		t.Function = true
		p.sawCall(t.Name)
		p.weakly(func() { p.arguments(t.Name) })
		p.accept("with", "ordinality")
		return
	}
	if lateral {
		p.unexpected()
	}
	p.accept("*")
	if block, ok := p.q.ctes[t.Name.Name]; ok && t.Name.Schema == "" {
		t.Source = block
	}
}

// alias reads AS a (b, c), AS (b int, c text).
func (p *parser) alias(t *TableUse) {
	t.Alias = t.Name.Name
	switch {
	case p.atAll("as", "("):
		p.advance()
	case p.accept("as"), p.atName(colName):
		t.Alias = p.ident()
	default:
		return
	}
	if p.at("(") {
		p.skipParens()
	}
}

// Writes.

// target reads the table that is written.
func (p *parser) target(aliased bool) {
	start := p.tok().start
	t := TableUse{Block: p.q.block, Source: None, Write: true}
	p.accept("only")
	t.Name = p.name()
	p.accept("*")
	t.Alias = t.Name.Name
	if p.accept("as") || aliased && p.atName(colName) && !p.at("set") {
		t.Alias = p.ident()
	}
	t.Range = p.since(start)
	if p.q.info.Target == None && p.q.block == 0 {
		p.q.info.Target = len(p.q.info.Tables)
	}
	p.q.info.Tables = append(p.q.info.Tables, t)
}

// written notes columns that block 0 writes.
func (p *parser) written(columns ...string) {
	if p.q.block == 0 {
		p.q.info.Written = append(p.q.info.Written, columns...)
	}
}

func (p *parser) insert() {
	p.expect("insert", "into")
	p.here("insert")
	p.target(false)
	if p.at("(") && !p.selectAt(1) && !p.ahead(1).is("(") {
		p.parens(func() { p.written(p.assigned()) })
	}
	if p.accept("overriding") {
		p.acceptAny("user", "system")
		p.expect("value")
	}
	switch {
	case p.accept("default", "values"):
	case p.at("values"):
		rows := &p.q.info.Rows
		if p.q.block != 0 {
			rows = nil
		}
		p.values(rows)
		p.setOperations()
		p.queryTail()
	default:
		outer := p.openBlock(Nested)
		p.queryBody()
		p.q.block = outer
	}
	if p.at("on") {
		p.conflict()
	}
	p.returning()
}

// assigned reads a, a.b, a[1] on the left of an assignment.
func (p *parser) assigned() string {
	name := p.ident()
	for p.failed == nil {
		switch {
		case p.accept("."):
			p.label()
		case p.at("["):
			p.subscript()
		default:
			return name
		}
	}
	return name
}

// conflict reads ON CONFLICT (a) WHERE b DO UPDATE SET c = d WHERE e.
func (p *parser) conflict() {
	start := p.tok().start
	p.expect("on", "conflict")
	c := &Conflict{}
	if p.at("(") {
		p.parens(func() {
			if k := p.key(); k.Column != "" {
				c.Columns = append(c.Columns, k.Column)
			}
		})
		if p.accept("where") {
			p.expr(precOr)
		}
	} else if p.accept("on", "constraint") {
		c.Constraint = p.ident()
	}
	p.expect("do")
	if c.DoNothing = p.accept("nothing"); !c.DoNothing {
		p.expect("update", "set")
		c.Update = p.assignments()
		if p.accept("where") {
			p.expr(precOr)
		}
	}
	c.Range = p.since(start)
	if p.q.block == 0 {
		p.q.info.Conflict = c
	}
}

// assignments reads a = 1, (b, c) = (2, 3).
func (p *parser) assignments() []string {
	var out []string
	p.list(func() {
		if p.at("(") {
			p.parens(func() { out = append(out, p.assigned()) })
		} else {
			out = append(out, p.assigned())
		}
		p.expect("=")
		p.expr(precOr)
	})
	return out
}

func (p *parser) returning() {
	if !p.accept("returning") {
		return
	}
	if p.q.block == 0 {
		p.q.info.Returning = true
	}
	p.targets()
}

func (p *parser) update() {
	p.expect("update")
	p.here("update")
	p.target(true)
	p.expect("set")
	p.written(p.assignments()...)
	if p.accept("from") {
		p.list(func() { p.fromItem("") })
	}
	p.whereOrCursor()
	p.returning()
}

func (p *parser) delete() {
	p.expect("delete", "from")
	p.here("delete")
	p.target(true)
	if p.accept("using") {
		p.list(func() { p.fromItem("") })
	}
	p.whereOrCursor()
	p.returning()
}

func (p *parser) whereOrCursor() {
	if p.accept("where", "current", "of") {
		p.q.here().Where = true
		p.ident()
		return
	}
	p.condition("where")
}

func (p *parser) merge() {
	p.expect("merge", "into")
	p.here("merge")
	p.target(true)
	p.expect("using")
	p.fromItem("")
	p.expect("on")
	p.clause("on")
	for !p.atEnd() && !p.at(")") && !p.at("returning") {
		if p.at("(") {
			p.skipParens()
		} else {
			p.advance()
		}
	}
	p.returning()
}

// Predicates.

// compare adds the predicates of a comparison, when it is in a clause that
// filters.
func (p *parser) compare(left, right operand, how Comparison, op string, r Range) {
	q := p.q
	if q == nil || q.clause == "" || p.failed != nil {
		return
	}
	if len(left.row) > 0 {
		for i, c := range left.row {
			other := right
			if other.row != nil {
				other = operand{Range: right.Range}
				if i < len(right.row) && right.row[i].name != "" {
					other = operand{Range: right.row[i].Range, kind: ColumnOperand, col: right.row[i]}
				}
			}
			if c.name != "" {
				q.add(operand{Range: c.Range, kind: ColumnOperand, col: c}, other, how, op, r)
			}
		}
		return
	}
	flip := left.kind != ColumnOperand && (right.kind == ColumnOperand || !left.inner && right.inner)
	if flip {
		left, right, op = right, left, flipped(op)
	}
	if left.kind == ColumnOperand || left.inner {
		q.add(left, right, how, op, r)
	}
}

func flipped(op string) string {
	switch op {
	case "<", "<=":
		return strings.Replace(op, "<", ">", 1)
	case ">", ">=":
		return strings.Replace(op, ">", "<", 1)
	case "<@":
		return "@>"
	case "@>":
		return "<@"
	}
	return op
}

func (q *queryBuilder) add(left, right operand, how Comparison, op string, r Range) {
	pr := Predicate{
		Range: r, Block: q.block, Clause: q.clause, Column: ColumnRef{left.col.Range, None, left.col.name},
		Compare: how, Operator: op, With: right.kind, Value: right.Range, Wrapped: left.kind != ColumnOperand,
		Left: left.Range, Must: true,
	}
	pair := qualPair{column: left.col}
	if right.kind == ColumnOperand {
		pr.Other = &ColumnRef{right.col.Range, None, right.col.name}
		pair.other = right.col
	}
	q.info.Predicates = append(q.info.Predicates, pr)
	q.quals = append(q.quals, pair)
}

// A place is a name in a block.
type place struct {
	block int
	name  string
}

// resolve gives columns their tables.
func (q *queryBuilder) resolve() {
	s := scope{q.info, map[place]int{}, map[int]int{}}
	for i, t := range q.info.Tables {
		if _, taken := s.byAlias[place{t.Block, t.Alias}]; !taken {
			s.byAlias[place{t.Block, t.Alias}] = i
		}
		if _, other := s.only[t.Block]; other {
			s.only[t.Block] = None
		} else {
			s.only[t.Block] = i
		}
	}
	for i := range q.info.Predicates {
		pr := &q.info.Predicates[i]
		if pr.Clause == "using" {
			continue
		}
		pr.Column.Table = s.table(pr.Block, q.quals[i].column)
		if pr.Other != nil {
			pr.Other.Table = s.table(pr.Block, q.quals[i].other)
		}
	}
	for i := range q.info.Order {
		if o := &q.info.Order[i]; o.Column != nil {
			o.Column.Table = s.table(o.Block, q.order[i])
		}
	}
}

// A scope finds tables: by alias, and the only one of a block.
type scope struct {
	info    *QueryInfo
	byAlias map[place]int
	only    map[int]int
}

// table is the table that a column is of, as far as its name says.
func (s *scope) table(block int, r ref) int {
	if r.qual == "" {
		if t, ok := s.only[block]; ok {
			return t
		}
		return None
	}
	for b := block; b != None; b = s.info.Blocks[b].Parent {
		if t, ok := s.byAlias[place{b, r.qual}]; ok {
			return t
		}
	}
	return None
}
