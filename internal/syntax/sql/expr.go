package sql

import "strings"

// How tightly operators bind, as in PostgreSQL's gram.y.
const (
	precOr = iota + 1
	precAnd
	precNot
	precIs
	precCompare
	precIn // BETWEEN, IN, LIKE, ILIKE, SIMILAR
	precOp // every operator without a place of its own
	precAdd
	precMul
	precPow
	precAt
	precCollate
	precSign
	precIndex
	precCast
)

// A ref is a column as a query names it, before its table is known.
type ref struct {
	Range
	schema, qual, name string
}

// An operand is what is known of an expression that has been read.
type operand struct {
	Range
	kind  OperandKind
	col   ref   // the column, or the first one inside an expression
	inner bool  // an expression with a column inside: col
	row   []ref // of (a, b): its columns
}

// around is the operand for an expression that holds x.
func around(x operand, r Range) operand {
	return operand{Range: r, col: x.col, inner: x.inner || x.kind == ColumnOperand}
}

// A collector gathers what an Expr says.
type collector struct {
	expr *Expr
	seen map[string]bool
}

func (c *collector) first(key string) bool {
	if c.seen[key] {
		return false
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[key] = true
	return true
}

func (p *parser) sawColumn(r ref) {
	if c := p.collect; c != nil && c.first(r.name) {
		c.expr.Columns = append(c.expr.Columns, r.name)
	}
}

func (p *parser) sawCall(n Name) {
	if c := p.collect; c != nil && c.first(n.String()+"(") {
		c.expr.Calls = append(c.expr.Calls, n)
	}
	if p.q != nil {
		p.q.call(n)
	}
}

// ddlExpr reads an expression of DDL. A narrow one, the DEFAULT of a column,
// holds no NOT, IN, COLLATE or AND outside parentheses.
func (p *parser) ddlExpr(narrow bool) *Expr {
	outer, wasNarrow := p.collect, p.narrow
	e := &Expr{}
	p.collect, p.narrow = &collector{expr: e}, narrow
	o := p.expr(precOr)
	p.collect, p.narrow = outer, wasNarrow
	e.Range = o.Range
	e.Text = p.text[o.Start:o.End]
	e.Constant = o.kind == Literal && len(e.Columns) == 0 && len(e.Calls) == 0
	return e
}

// expr reads an expression whose operators bind at least as tightly as least.
func (p *parser) expr(least int) operand {
	if !p.enter() {
		return operand{}
	}
	defer p.leave()
	l := level{least: least, from: p.q.mark()}
	left := p.prefix()
	for p.failed == nil && p.infix(&l, &left) {
	}
	if l.or {
		p.q.weaken(l.from)
	}
	return left
}

// A level is one run of infix operators.
type level struct {
	least int
	from  int  // the predicates from here on are of this run
	or    bool // an OR was in it
}

// wide reads an expression in brackets, where everything may stand again.
func (p *parser) wide() operand {
	was := p.narrow
	p.narrow = false
	o := p.expr(precOr)
	p.narrow = was
	return o
}

// weakly reads what is not a condition of every row.
func (p *parser) weakly(read func()) {
	from := p.q.mark()
	read()
	p.q.weaken(from)
}

func (p *parser) prefix() operand {
	t := p.tok()
	start := t.start
	switch {
	case t.is("not") && !p.narrow:
		p.advance()
		var x operand
		p.weakly(func() { x = p.expr(precNot) })
		return around(x, p.since(start))
	case t.is("+"), t.is("-"):
		p.advance()
		x := p.expr(precSign)
		if x.kind == Literal || x.kind == Param {
			x.Start = start
			return x
		}
		return around(x, p.since(start))
	case t.kind == opToken && isOperator(t.word) && t.word != "*" && t.word != "?":
		p.advance()
		return around(p.expr(precOp), p.since(start))
	}
	return p.primary()
}

// isOperator reports whether an operator token is none of the punctuation.
func isOperator(word string) bool {
	switch word {
	case "(", ")", "[", "]", ",", ";", ".", "..", ":", ":=", "::", "=>":
		return false
	}
	return true
}

// infix reads one operator and what follows it. It is false when there is none
// for this level.
func (p *parser) infix(l *level, left *operand) bool {
	t := p.tok()
	switch t.kind {
	case opToken:
		return p.infixOp(l, left, t.word)
	case wordToken:
		return p.infixWord(l, left, t.word)
	}
	return false
}

func opPrec(word string) int {
	switch word {
	case "=", "<", ">", "<=", ">=", "<>", "!=":
		return precCompare
	case "+", "-":
		return precAdd
	case "*", "/", "%":
		return precMul
	case "^":
		return precPow
	}
	return precOp
}

func (p *parser) infixOp(l *level, left *operand, word string) bool {
	switch word {
	case "::":
		p.advance()
		p.typeName()
		p.cast(left)
		return true
	case "[":
		p.subscript()
		*left = around(*left, p.since(left.Start))
		return true
	case ".": // (row).field, f(x).field
		p.advance()
		if !p.accept("*") {
			p.label()
		}
		*left = around(*left, p.since(left.Start))
		return true
	}
	prec := opPrec(word)
	if prec < l.least || !isOperator(word) {
		return false
	}
	p.advance()
	p.operation(l, left, word, prec)
	return true
}

// cast ends a cast: of a literal it is a literal.
func (p *parser) cast(x *operand) {
	if x.kind == Literal || x.kind == Param {
		x.End = p.lastEnd()
		return
	}
	*x = around(*x, p.since(x.Start))
}

// operation reads the right side of an operator, behind it.
func (p *parser) operation(l *level, left *operand, word string, prec int) {
	p.q.weaken(l.from)
	l.from = p.q.mark()
	many := ""
	if p.atAny("any", "some", "all") && p.ahead(1).is("(") {
		many = p.advance().word
	}
	var right operand
	p.weakly(func() { right = p.expr(prec + 1) })
	r := p.since(left.Start)
	how, ok := comparisonOf(word, prec)
	switch {
	case many == "all" && how == Different:
		p.compare(*left, right, how, word+" all", r)
	case many != "" && how == Equal && (left.kind == ColumnOperand || left.inner) && many != "all":
		p.compare(*left, right, In, "= any", r)
	case many != "":
		p.compare(*left, right, Contains, word+" "+many, r)
	case ok:
		p.compare(*left, right, how, word, r)
	}
	*left = combine(*left, right, r)
}

func combine(a, b operand, r Range) operand {
	out := around(a, r)
	if !out.inner {
		out = around(b, r)
	}
	return out
}

// comparisonOf is what an operator compares by. Those that calculate do not.
func comparisonOf(word string, prec int) (Comparison, bool) {
	switch word {
	case "=":
		return Equal, true
	case "<>", "!=":
		return Different, true
	case "<", ">", "<=", ">=":
		return Ordered, true
	case "~", "~*", "~~", "~~*":
		return Pattern, true
	case "!~", "!~*", "!~~", "!~~*":
		return Different, true
	case "overlaps", "->", "->>", "#>", "#>>", "||", "#-", "&", "|", "#", "<<", ">>":
		return 0, false
	}
	return Contains, prec == precOp
}

// subscript reads [1], [1:2], [:].
func (p *parser) subscript() {
	p.expect("[")
	for !p.at("]") && p.failed == nil {
		if !p.accept(":") {
			p.weakly(func() { p.wide() })
		}
	}
	p.expect("]")
}

// castCall reads CAST(a AS type).
func (p *parser) castCall() operand {
	start := p.advance().start
	p.expect("(")
	var x operand
	p.weakly(func() { x = p.wide() })
	p.expect("as")
	p.typeName()
	p.expect(")")
	x.Start = start
	p.cast(&x)
	return x
}

func (p *parser) infixWord(l *level, left *operand, word string) bool {
	switch word {
	case "and":
		return p.logical(l, left, precAnd)
	case "or":
		l.or = l.or || l.least <= precOr && !p.narrow
		return p.logical(l, left, precOr)
	case "is", "isnull", "notnull":
		return p.isTest(l, left)
	case "not":
		next := p.ahead(1)
		if next.kind != wordToken || next.word != "in" && next.word != "like" && next.word != "ilike" &&
			next.word != "similar" && next.word != "between" {
			return false
		}
		return p.matchTest(l, left, next.word, 1)
	case "in", "like", "ilike", "similar", "between":
		if word == "similar" && !p.ahead(1).is("to") {
			return false // substring(a SIMILAR b ESCAPE c)
		}
		return p.matchTest(l, left, word, 0)
	case "at":
		return p.atZone(l, left)
	case "collate":
		if l.least > precCollate || p.narrow {
			return false
		}
		p.advance()
		p.name()
		p.cast(left)
		return true
	case "overlaps", "operator":
		return p.namedOperator(l, left, word)
	}
	return false
}

func (p *parser) logical(l *level, left *operand, prec int) bool {
	if prec < l.least || p.narrow {
		return false
	}
	p.advance()
	right := p.expr(prec + 1)
	*left = combine(*left, right, p.since(left.Start))
	return true
}

// namedOperator reads a OVERLAPS b and a OPERATOR(schema.+) b.
func (p *parser) namedOperator(l *level, left *operand, word string) bool {
	if l.least > precOp || p.narrow {
		return false
	}
	p.advance()
	if word == "operator" {
		p.expect("(")
		for p.atName(typeFunc) {
			p.advance()
			p.expect(".")
		}
		word = p.advance().word
		p.expect(")")
	}
	p.operation(l, left, word, precOp)
	return true
}

// atZone reads AT TIME ZONE x and AT LOCAL.
func (p *parser) atZone(l *level, left *operand) bool {
	if l.least > precAt || p.narrow {
		return false
	}
	if !p.accept("at", "local") {
		if !p.accept("at", "time", "zone") {
			return false
		}
		p.expr(precAt + 1)
	}
	*left = around(*left, p.since(left.Start))
	return true
}

// isTest reads IS [NOT] NULL, TRUE, DISTINCT FROM x and the like.
func (p *parser) isTest(l *level, left *operand) bool {
	if l.least > precIs || p.narrow && !p.atAll("is", "distinct") && !p.atAll("is", "not", "distinct") {
		return false
	}
	p.q.weaken(l.from)
	l.from = p.q.mark()
	word := p.advance().word
	not := word == "notnull" || word == "is" && p.accept("not")
	how := IsNull
	if not {
		how = IsNotNull
	}
	right := operand{kind: NoOperand}
	switch {
	case word != "is" || p.accept("null"):
	case p.accept("distinct", "from"):
		p.weakly(func() { right = p.expr(precIs + 1) })
		how = Different
		if not {
			how = Equal
		}
	case p.atAny("true", "false", "unknown"):
		t := p.advance()
		right = operand{kind: Literal, Range: Range{t.start, t.end}}
		how = Equal
		if not {
			how = Different
		}
	default:
		p.otherTest()
		*left = around(*left, p.since(left.Start))
		return true
	}
	r := p.since(left.Start)
	p.compare(*left, right, how, isOperatorName(not, how), r)
	*left = combine(*left, right, r)
	return true
}

func isOperatorName(not bool, how Comparison) string {
	switch {
	case how == IsNull || how == IsNotNull:
		return how.String()
	case not:
		return "is not"
	}
	return "is"
}

// otherTest reads what may follow IS besides.
func (p *parser) otherTest() {
	switch {
	case p.accept("document"), p.accept("normalized"):
	case p.accept("json"):
		p.acceptAny("value", "scalar", "array", "object")
		if p.acceptAny("with", "without") != "" {
			p.expect("unique")
			p.accept("keys")
		}
	case p.accept("of"):
		p.parens(func() { p.typeName() })
	case p.ahead(1).is("normalized"):
		p.pos += 2
	default:
		p.unexpected()
	}
}

// matchTest reads [NOT] IN, LIKE, ILIKE, SIMILAR TO and BETWEEN; skip is the
// number of words before the operator.
func (p *parser) matchTest(l *level, left *operand, word string, skip int) bool {
	if l.least > precIn || p.narrow {
		return false
	}
	p.q.weaken(l.from)
	l.from = p.q.mark()
	p.pos += skip + 1
	how, right := Pattern, operand{}
	p.weakly(func() {
		switch word {
		case "in":
			how, right = In, p.inList()
		case "between":
			how, right = Ordered, p.between()
		default:
			right = p.pattern(word)
		}
	})
	if skip == 1 {
		how, word = Different, "not "+word
	}
	r := p.since(left.Start)
	p.compare(*left, right, how, word, r)
	*left = combine(*left, operand{}, r)
	return true
}

func (p *parser) inList() operand {
	o := p.expr(precIn + 1)
	if o.kind != Subquery && o.kind != Param {
		return operand{Range: o.Range, kind: List}
	}
	return o
}

func (p *parser) between() operand {
	p.acceptAny("symmetric", "asymmetric")
	low := p.expr(precIn + 1)
	p.expect("and")
	high := p.expr(precIn + 1)
	out := operand{Range: Range{low.Start, high.End}, kind: low.kind}
	if low.kind != high.kind || low.kind == ColumnOperand {
		out.kind = Expression
	}
	return out
}

func (p *parser) pattern(word string) operand {
	if word == "similar" {
		p.expect("to")
	}
	if p.atAny("any", "some", "all") && p.ahead(1).is("(") {
		p.advance()
	}
	o := p.expr(precIn + 1)
	if p.accept("escape") {
		p.expr(precIn + 1)
	}
	return o
}

// operandOf is the operand of the current token.
func (p *parser) operandOf(kind OperandKind) operand {
	t := p.advance()
	return operand{Range: Range{t.start, t.end}, kind: kind}
}

func (p *parser) primary() operand {
	t := p.tok()
	switch t.kind {
	case stringToken:
		o := p.operandOf(Literal)
		if p.at("uescape") {
			p.advance()
			p.stringLit()
		}
		return o
	case numberToken:
		return p.operandOf(Literal)
	case paramToken:
		p.q.param(p.text[t.start:t.end])
		return p.operandOf(Param)
	case quotedToken:
		return p.nameOrCall()
	case wordToken:
		return p.primaryWord(t)
	}
	switch {
	case t.is("?"):
		p.q.param("?")
		return p.operandOf(Param)
	case t.is("("):
		return p.bracketed()
	case t.is("*"):
		return p.operandOf(Expression)
	}
	p.unexpected()
	return operand{}
}

func (p *parser) primaryWord(t *token) operand {
	start := t.start
	switch t.word {
	case "null", "true", "false":
		return p.operandOf(Literal)
	case "default":
		return p.operandOf(Expression)
	case "case":
		p.weakly(p.caseWhen)
		return operand{Range: p.since(start)}
	case "array":
		return p.array()
	case "exists":
		if p.ahead(1).is("(") {
			p.advance()
			p.subquery(Nested)
			return operand{Range: p.since(start)}
		}
	case "row":
		if p.ahead(1).is("(") {
			p.advance()
			o := p.bracketed()
			o.Start = start
			return o
		}
	case "cast":
		return p.castCall()
	case "collation":
		if p.ahead(1).is("for") && p.ahead(2).is("(") {
			p.pos += 2
			p.weakly(func() { p.bracketed() })
			return operand{Range: p.since(start)}
		}
	case "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp":
		p.advance()
		p.typeMods()
		p.sawCall(Name{Range: Range{t.start, t.end}, Name: "now"})
		return operand{Range: p.since(start)}
	case "current_user", "current_role", "session_user", "system_user", "user", "current_catalog":
		p.advance()
		p.sawCall(Name{Range: Range{t.start, t.end}, Name: t.word})
		return operand{Range: p.since(start)}
	case "current_schema":
		if !p.ahead(1).is("(") {
			p.sawCall(Name{Range: Range{t.start, t.end}, Name: t.word})
			return p.operandOf(Expression)
		}
	}
	if p.typedLiteral() {
		return operand{Range: p.since(start), kind: Literal}
	}
	return p.nameOrCall()
}

// typedLiteral reads interval '1 day', timestamp (3) with time zone '…',
// double precision '1'. A type without a string behind it is a name.
func (p *parser) typedLiteral() bool {
	n := 1
	switch p.tok().word {
	case "interval", "timestamp", "time", "bit", "character", "char", "varchar", "national", "numeric", "decimal":
		if p.ahead(n).is("varying") {
			n++
		}
		if p.ahead(n).is("(") && p.ahead(n+2).is(")") {
			n += 3
		}
		if (p.ahead(n).is("with") || p.ahead(n).is("without")) && p.ahead(n+1).is("time") {
			n += 3
		}
	case "double":
		if p.ahead(1).is("precision") {
			n = 2
		}
	}
	if p.ahead(n).kind != stringToken || p.tok().class == reserved {
		return false
	}
	p.pos += n + 1
	for p.atAny("year", "month", "day", "hour", "minute", "second") {
		p.advance()
		p.typeMods()
		p.accept("to")
	}
	return true
}

func (p *parser) caseWhen() {
	p.expect("case")
	if !p.at("when") {
		p.wide()
	}
	for p.accept("when") {
		p.wide()
		p.expect("then")
		p.wide()
	}
	if p.accept("else") {
		p.wide()
	}
	p.expect("end")
}

// array reads ARRAY[…] and ARRAY(SELECT …).
func (p *parser) array() operand {
	start := p.advance().start
	if p.at("(") {
		p.subquery(Nested)
		return operand{Range: p.since(start), kind: Subquery}
	}
	kind := p.arrayItems()
	return operand{Range: p.since(start), kind: kind}
}

// arrayItems reads [a, [b]]: Literal when everything in it is.
func (p *parser) arrayItems() OperandKind {
	if !p.enter() {
		return Expression
	}
	defer p.leave()
	kind := Literal
	p.expect("[")
	for !p.at("]") && p.failed == nil {
		if p.at("[") {
			kind = min(kind, p.arrayItems())
		} else {
			p.weakly(func() {
				if p.wide().kind != Literal {
					kind = Expression
				}
			})
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect("]")
	return kind
}

// bracketed reads (a), (a, b), () and (SELECT …).
func (p *parser) bracketed() operand {
	start := p.tok().start
	if p.selectAt(1) {
		p.subquery(Nested)
		return operand{Range: p.since(start), kind: Subquery}
	}
	p.advance()
	if p.accept(")") {
		return operand{Range: p.since(start), kind: List}
	}
	o := p.wide()
	if o.kind == Subquery && p.atAny("union", "intersect", "except", "order", "limit", "offset", "fetch") {
		p.subqueryTail()
	}
	if p.at(",") {
		o = p.row(o)
	}
	p.expect(")")
	o.Range = p.since(start)
	return o
}

// row reads the rest of (a, b, …).
func (p *parser) row(first operand) operand {
	out := operand{kind: List, col: first.col, inner: first.inner || first.kind == ColumnOperand}
	add := func(o operand) {
		if o.kind == ColumnOperand {
			out.row = append(out.row, o.col)
		} else {
			out.row = append(out.row, ref{})
		}
	}
	add(first)
	for p.accept(",") {
		add(p.wide())
	}
	return out
}

// nameOrCall reads a, t.a, s.t.a, t.* and f(…).
func (p *parser) nameOrCall() operand {
	t := p.tok()
	if t.kind == wordToken && t.class == reserved || t.kind == wordToken && t.class == typeFunc && !p.ahead(1).is("(") {
		p.unexpected()
		return operand{}
	}
	start := t.start
	r := ref{name: p.advance().word}
	for p.at(".") && p.failed == nil {
		p.advance()
		r.schema, r.qual = r.qual, r.name
		if p.accept("*") {
			return operand{Range: p.since(start)}
		}
		r.name = p.label()
	}
	r.Range = p.since(start)
	switch {
	case p.at("("):
		return p.call(Name{Range: r.Range, Schema: r.qual, Name: r.name})
	case p.tok().kind == stringToken: // citext 'a'
		p.advance()
		return operand{Range: p.since(start), kind: Literal}
	}
	p.sawColumn(r)
	return operand{Range: r.Range, kind: ColumnOperand, col: r}
}

// call reads the arguments of a function and what may follow them.
func (p *parser) call(n Name) operand {
	p.sawCall(n)
	was := p.narrow
	p.narrow = false
	var first operand
	p.weakly(func() {
		first = p.arguments(n)
		p.afterCall()
	})
	p.narrow = was
	return around(first, p.since(n.Start))
}

// afterCall reads WITHIN GROUP (…), FILTER (…), OVER (…).
func (p *parser) afterCall() {
	if p.atAll("within", "group", "(") {
		p.pos += 2
		p.skipParens()
	}
	if p.accept("filter", "(") {
		p.expect("where")
		p.expr(precOr)
		p.expect(")")
	}
	if (p.at("respect") || p.at("ignore")) && p.ahead(1).is("nulls") {
		p.pos += 2
	}
	if p.at("over") {
		p.advance()
		if p.at("(") {
			p.skipParens()
		} else {
			p.ident()
		}
	}
}

// arguments reads (…) of a function and returns the first argument that holds
// a column. Some functions have a syntax of their own.
func (p *parser) arguments(n Name) operand {
	if n.Schema == "" && keywords[n.Name].class == colName {
		switch {
		case strings.HasPrefix(n.Name, "xml"), strings.HasPrefix(n.Name, "json_"):
			p.skipParens()
			return operand{}
		case n.Name == "position":
			return p.position()
		case n.Name == "trim":
			return p.trim()
		}
	}
	p.expect("(")
	if p.accept(")") {
		return operand{}
	}
	if p.acceptAny("all", "distinct") == "" && n.Name == "extract" && (p.ahead(1).is("from")) {
		p.advance() // extract(epoch FROM x)
		p.advance()
	}
	first := p.argument()
	for p.acceptAny(",", "from", "for", "placing", "similar", "escape", "as", "using") != "" {
		next := p.lastWordArgument()
		if first.kind != ColumnOperand && !first.inner {
			first = next
		}
	}
	if p.accept("order", "by") {
		p.sortList(nil)
	}
	p.expect(")")
	return first
}

// lastWordArgument reads an argument; behind AS, a type.
func (p *parser) lastWordArgument() operand {
	if p.toks[p.pos-1].is("as") {
		p.typeName()
		return operand{}
	}
	return p.argument()
}

// argument reads a, name => a, VARIADIC a.
func (p *parser) argument() operand {
	p.accept("variadic")
	if next := p.ahead(1); p.atName(reserved) && (next.is("=>") || next.is(":=")) {
		p.pos += 2
	}
	return p.expr(precOr)
}

// position reads (a IN b).
func (p *parser) position() operand {
	p.expect("(")
	a := p.expr(precIn + 1)
	b := a
	if p.accept("in") || p.accept(",") {
		b = p.expr(precIn + 1)
	}
	p.expect(")")
	return combine(a, b, a.Range)
}

// trim reads (BOTH a FROM b), (FROM b), (b, a).
func (p *parser) trim() operand {
	p.expect("(")
	p.acceptAny("both", "leading", "trailing")
	p.accept("from")
	a := p.expr(precOr)
	for p.acceptAny("from", ",") != "" {
		a = combine(a, p.expr(precOr), a.Range)
	}
	p.expect(")")
	return a
}
