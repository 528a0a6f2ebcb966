package sql

// create reads a statement that begins with CREATE.
func (p *parser) create(r Range) Statement {
	p.expect("create")
	replace := p.accept("or", "replace")
	temporary, unlogged := p.persistence()
	switch word := p.tok().word; word {
	case "table":
		return p.createTable(&CreateTable{Range: r, Temporary: temporary, Unlogged: unlogged})
	case "unique", "index":
		return p.createIndex(r)
	case "schema":
		return p.createSchema(r)
	case "sequence":
		return p.createSequence(r, temporary)
	case "type":
		return p.createType(r)
	case "domain":
		return p.createDomain(r)
	case "view", "recursive", "materialized":
		return p.createView(&CreateView{Range: r, Replace: replace, Temporary: temporary})
	case "function", "procedure", "aggregate":
		return p.createFunction(r, replace)
	case "trigger", "constraint":
		return p.createTrigger(r, replace)
	case "policy":
		p.advance()
		c := &CreatePolicy{Range: r, Name: p.ident()}
		p.expect("on")
		c.Table = p.name()
		for !p.atEnd() && !p.at("using") {
			p.advance()
		}
		p.accept("using")
		for p.accept("(") {
		}
		if p.atName(colName) && p.ahead(1).is("=") {
			c.Column = p.ident()
		}
		p.skipAll()
		return c
	case "rule":
		return p.createRule(r, replace)
	case "extension":
		return p.createExtension(r)
	case "foreign":
		if p.ahead(1).is("table") {
			p.advance()
			return p.createTable(&CreateTable{Range: r, Foreign: true})
		}
	}
	return p.other(r)
}

// persistence reads TEMPORARY and UNLOGGED.
func (p *parser) persistence() (temporary, unlogged bool) {
	if p.atAny("local", "global") && (p.ahead(1).is("temp") || p.ahead(1).is("temporary")) {
		p.advance()
	}
	if p.acceptAny("temporary", "temp") != "" {
		return true, false
	}
	return false, p.accept("unlogged")
}

func (p *parser) ifNotExists() bool { return p.accept("if", "not", "exists") }

func (p *parser) ifExists() bool { return p.accept("if", "exists") }

func (p *parser) createTable(c *CreateTable) Statement {
	p.expect("table")
	c.IfNotExists = p.ifNotExists()
	c.Name = p.name()
	switch {
	case p.accept("of"):
		n := p.name()
		c.OfType = &n
	case p.accept("partition", "of"):
		c.PartitionOf = &PartitionOf{Parent: p.name()}
	}
	if p.at("(") {
		p.tableElements(c)
	}
	if c.PartitionOf != nil {
		c.PartitionOf.Bound = p.partitionBound()
	}
	p.tableOptions(c)
	if p.accept("as") {
		c.As = p.tableAs()
	} else if c.OfType == nil && c.PartitionOf == nil {
		for _, column := range c.Columns {
			if column.Type == "" {
				p.fail("the column " + column.Name + " has no type")
			}
		}
	}
	return c
}

// tableAs reads the query of CREATE TABLE … AS.
func (p *parser) tableAs() *QueryInfo {
	if p.at("execute") {
		p.skipAll()
		return nil
	}
	info := p.wholeQuery()
	if p.accept("with") {
		p.accept("no")
		p.expect("data")
	}
	return info
}

func (p *parser) tableElements(c *CreateTable) {
	p.expect("(")
	if p.accept(")") {
		return
	}
	p.list(func() { p.tableElement(c) })
	p.expect(")")
}

func (p *parser) tableElement(c *CreateTable) {
	switch {
	case p.at("like"):
		c.Like = append(c.Like, p.likeClause())
	case p.atTableConstraint():
		c.Constraints = append(c.Constraints, p.constraint("", false))
	default:
		c.Columns = append(c.Columns, p.column(c.OfType == nil && c.PartitionOf == nil))
	}
}

// atTableConstraint reports whether no column follows. Every word but EXCLUDE
// is reserved; a column of that name has a type behind it.
func (p *parser) atTableConstraint() bool {
	if p.at("exclude") {
		return p.ahead(1).is("using") || p.ahead(1).is("(")
	}
	return p.atAny("constraint", "primary", "unique", "check", "foreign") || p.atAll("not", "null")
}

func (p *parser) likeClause() Like {
	start := p.advance().start
	l := Like{Table: p.name()}
	for p.atAny("including", "excluding") {
		word := p.advance().word
		l.Options = append(l.Options, word+" "+p.label())
	}
	l.Range = p.since(start)
	return l
}

// column reads a column definition. In a table of a type or in a partition it
// has no type.
func (p *parser) column(typed bool) Column {
	start := p.tok().start
	c := Column{Name: p.ident()}
	switch {
	case typed && p.atAny(",", ")"): // CREATE TABLE t (a, b) AS …
	case typed:
		c.Type = p.typeName()
		c.NotNull = c.Type == "serial" || c.Type == "bigserial" || c.Type == "smallserial"
	default:
		p.accept("with", "options")
	}
	for p.failed == nil && p.columnOption(&c) {
	}
	c.Range = p.since(start)
	return c
}

// columnOption reads one of what follows the type of a column.
func (p *parser) columnOption(c *Column) bool {
	switch {
	case p.accept("collate"):
		c.Collation = p.name().String()
	case p.atAny("storage", "compression"):
		p.advance()
		p.label()
	case p.accept("options"):
		p.skipParens()
	case p.atConstraint():
		p.columnConstraint(c)
	default:
		return false
	}
	return true
}

func (p *parser) atConstraint() bool {
	return p.atAny("constraint", "not", "null", "default", "generated", "primary", "unique", "check", "references")
}

func (p *parser) columnConstraint(c *Column) {
	word := p.tok().word
	if p.at("constraint") {
		word = p.ahead(2).word
	}
	switch word {
	case "null", "default", "generated":
		if p.accept("constraint") {
			p.ident()
		}
		p.columnValue(c)
	default:
		k := p.constraint(c.Name, true)
		c.NotNull = c.NotNull || k.Kind == NotNull || k.Kind == PrimaryKey
		c.Constraints = append(c.Constraints, k)
	}
}

// columnValue reads NULL, DEFAULT x, GENERATED ….
func (p *parser) columnValue(c *Column) {
	switch {
	case p.accept("null"):
	case p.accept("default"):
		c.Default = p.ddlExpr(true)
	case p.at("generated"):
		kind := p.generated()
		if p.accept("identity") {
			c.Identity, c.NotNull = kind, true
			if p.at("(") {
				p.skipParens()
			}
			return
		}
		p.expect("(")
		c.Generated = p.ddlExpr(false)
		p.expect(")")
		c.Stored = p.acceptAny("stored", "virtual") == "stored"
	}
}

// generated reads GENERATED ALWAYS AS and returns "always".
func (p *parser) generated() string {
	p.expect("generated")
	kind := "always"
	if p.accept("by", "default") {
		kind = "by default"
	} else {
		p.expect("always")
	}
	p.expect("as")
	return kind
}

// constraint reads a constraint with its name, if it has one. Of a column, it
// takes the column's name.
func (p *parser) constraint(column string, inColumn bool) Constraint {
	start := p.tok().start
	c := Constraint{}
	if p.accept("constraint") {
		c.Name = p.ident()
	}
	if inColumn {
		c.Columns = []string{column}
	}
	p.constraintBody(&c, inColumn)
	for p.failed == nil && p.constraintAttribute(&c, inColumn) {
	}
	c.Range = p.since(start)
	return c
}

func (p *parser) constraintBody(c *Constraint, inColumn bool) {
	switch {
	case p.accept("not", "null"):
		c.Kind = NotNull
		if !inColumn {
			c.Columns = []string{p.ident()}
		}
	case p.accept("primary", "key"):
		c.Kind = PrimaryKey
		p.keyConstraint(c, inColumn)
	case p.accept("unique"):
		c.Kind = Unique
		if p.accept("nulls") {
			c.NullsNotDistinct = p.accept("not")
			p.expect("distinct")
		}
		p.keyConstraint(c, inColumn)
	case p.accept("check"):
		c.Kind = Check
		p.expect("(")
		c.Expr = p.ddlExpr(false)
		p.expect(")")
	case p.at("references") && inColumn:
		p.references(c)
	case p.accept("foreign", "key"):
		p.expect("(")
		c.Columns = p.keyColumns(&c.Period)
		p.references(c)
	case p.accept("exclude"):
		p.exclusion(c)
	default:
		p.unexpected()
	}
}

// keyConstraint reads (a, b) INCLUDE (c) WITH (…) USING INDEX TABLESPACE t, or
// USING INDEX i.
func (p *parser) keyConstraint(c *Constraint, inColumn bool) {
	if p.atAll("using", "index") && !p.ahead(2).is("tablespace") {
		p.pos += 2
		c.Index = p.ident()
		return
	}
	if !inColumn {
		p.expect("(")
		c.Columns = p.keyColumns(&c.WithoutOverlaps)
	}
	p.indexParameters(&c.Include)
}

// keyColumns reads a, b) behind the opening parenthesis; the last column of a
// temporal key has PERIOD before or WITHOUT OVERLAPS behind it.
func (p *parser) keyColumns(temporal *bool) []string {
	var out []string
	p.list(func() {
		if p.at("period") && p.ahead(1).kind != opToken {
			p.advance()
			*temporal = true
		}
		out = append(out, p.ident())
		if p.accept("without", "overlaps") {
			*temporal = true
		}
	})
	p.expect(")")
	return out
}

func (p *parser) indexParameters(include *[]string) {
	if p.accept("include") {
		*include = p.columnNames()
	}
	if p.at("with") {
		p.options()
	}
	if p.accept("using", "index", "tablespace") {
		p.ident()
	}
}

// references reads REFERENCES t (a) MATCH FULL ON DELETE CASCADE.
func (p *parser) references(c *Constraint) {
	p.expect("references")
	c.Kind = ForeignKey
	n := p.name()
	c.References = &n
	c.OnDelete, c.OnUpdate, c.Match = "no action", "no action", "simple"
	if p.accept("(") {
		c.Referenced = p.keyColumns(&c.Period)
	}
	for p.failed == nil {
		switch {
		case p.accept("match"):
			c.Match = p.label()
		case p.accept("on", "delete"):
			c.OnDelete = p.referentialAction()
		case p.accept("on", "update"):
			c.OnUpdate = p.referentialAction()
		default:
			return
		}
	}
}

func (p *parser) referentialAction() string {
	switch {
	case p.accept("no", "action"):
		return "no action"
	case p.atAll("set", "null"), p.atAll("set", "default"):
		action := "set " + p.ahead(1).word
		p.pos += 2
		if p.at("(") {
			p.skipParens()
		}
		return action
	}
	if w := p.acceptAny("cascade", "restrict"); w != "" {
		return w
	}
	p.unexpected()
	return ""
}

// exclusion reads USING gist (a WITH =) WHERE (…) behind EXCLUDE.
func (p *parser) exclusion(c *Constraint) {
	c.Kind, c.Method = Exclude, "btree"
	if p.accept("using") {
		c.Method = p.ident()
	}
	p.parens(func() {
		k := p.key()
		p.expect("with")
		k.Operator = p.operatorName()
		if k.Column != "" {
			c.Columns = append(c.Columns, k.Column)
		}
		c.Keys = append(c.Keys, k)
	})
	p.indexParameters(&c.Include)
	if p.accept("where") {
		p.expect("(")
		c.Where = p.ddlExpr(false)
		p.expect(")")
	}
}

// operatorName reads = and OPERATOR(pg_catalog.=).
func (p *parser) operatorName() string {
	if p.accept("operator") {
		p.expect("(")
		for p.atName(typeFunc) && p.ahead(1).is(".") {
			p.pos += 2
		}
		defer p.expect(")")
	}
	if t := p.tok(); t.kind == opToken && isOperator(t.word) {
		return p.advance().word
	}
	p.unexpected()
	return ""
}

// constraintAttribute reads DEFERRABLE, NOT VALID and their like.
func (p *parser) constraintAttribute(c *Constraint, inColumn bool) bool {
	switch {
	case p.accept("deferrable"):
		c.Deferrable = true
	case p.accept("not", "deferrable"), p.accept("initially", "immediate"), p.accept("enforced"):
	case p.accept("initially", "deferred"):
		c.Deferrable, c.InitiallyDeferred = true, true
	case p.accept("no", "inherit"):
		c.NoInherit = true
	case !inColumn && p.accept("not", "valid"):
		c.NotValid = true
	case p.accept("not", "enforced"):
		c.NotValid = true
	default:
		return false
	}
	return true
}

// partitionBound reads FOR VALUES … and DEFAULT.
func (p *parser) partitionBound() Range {
	start := p.tok().start
	if p.accept("default") {
		return p.since(start)
	}
	p.expect("for", "values")
	switch {
	case p.accept("in"):
		p.skipParens()
	case p.accept("from"):
		p.skipParens()
		p.expect("to")
		p.skipParens()
	case p.accept("with"):
		p.skipParens()
	default:
		p.unexpected()
	}
	return p.since(start)
}

// tableOptions reads what may follow the columns of a table.
func (p *parser) tableOptions(c *CreateTable) {
	for p.failed == nil {
		switch {
		case p.accept("inherits"):
			p.parens(func() { c.Inherits = append(c.Inherits, p.name()) })
		case p.accept("partition", "by"):
			c.PartitionBy = p.partitionBy()
		case p.accept("using"):
			c.Using = p.ident()
		case p.atAll("with", "("):
			c.With = p.options()
		case p.accept("without", "oids"):
		case p.accept("on", "commit"):
			p.acceptAny("preserve", "delete", "drop")
			p.accept("rows")
		case p.accept("tablespace"):
			c.Tablespace = p.ident()
		case p.accept("server"):
			p.ident()
		case p.accept("options"):
			p.skipParens()
		default:
			return
		}
	}
}

func (p *parser) partitionBy() *PartitionBy {
	by := &PartitionBy{Strategy: p.label()}
	p.parens(func() { by.Keys = append(by.Keys, p.key()) })
	return by
}

// options reads WITH (fillfactor = 70, autovacuum_enabled).
func (p *parser) options() []Option {
	var out []Option
	p.expect("with")
	p.parens(func() {
		o := Option{Name: p.label()}
		for p.accept(".") {
			o.Name += "." + p.label()
		}
		if p.accept("=") {
			start := p.tok().start
			p.acceptAny("-", "+")
			p.advance()
			o.Value = p.since(start).Text(p.text)
		}
		out = append(out, o)
	})
	return out
}

func (p *parser) createIndex(r Range) Statement {
	c := &CreateIndex{Range: r, Method: "btree"}
	c.Unique = p.accept("unique")
	p.expect("index")
	c.Concurrently = p.accept("concurrently")
	c.IfNotExists = p.ifNotExists()
	if !p.at("on") {
		n := p.name()
		c.Name = n.Name
	}
	p.expect("on")
	c.Only = p.accept("only")
	c.Table = p.name()
	if p.accept("using") {
		c.Method = p.ident()
	}
	p.parens(func() { c.Keys = append(c.Keys, p.key()) })
	if p.accept("include") {
		c.Include = p.columnNames()
	}
	if p.accept("nulls") {
		c.NullsNotDistinct = p.accept("not")
		p.expect("distinct")
	}
	if p.at("with") {
		c.With = p.options()
	}
	if p.accept("tablespace") {
		c.Tablespace = p.ident()
	}
	if p.accept("where") {
		c.Where = p.ddlExpr(false)
	}
	return c
}

// key reads a COLLATE "C" text_pattern_ops DESC NULLS LAST, f(a) and (a || b).
func (p *parser) key() Key {
	start := p.tok().start
	k := Key{}
	if next := p.ahead(1); p.atName(colName) && !next.is("(") && !next.is(".") {
		k.Column = p.ident()
	} else {
		k.Expr = p.keyExpr()
	}
	if p.accept("collate") {
		k.Collation = p.name().String()
	}
	if p.atName(colName) && !p.at("nulls") {
		k.OpClass = p.name().String()
		if p.at("(") {
			p.skipParens()
		}
	}
	k.Desc = p.acceptAny("asc", "desc") == "desc"
	k.Nulls = p.nulls()
	k.Range = p.since(start)
	return k
}

// keyExpr reads f(a), or the expression inside (…).
func (p *parser) keyExpr() *Expr {
	if !p.accept("(") {
		return p.ddlExpr(true)
	}
	e := p.ddlExpr(false)
	p.expect(")")
	return e
}

func (p *parser) nulls() string {
	if p.accept("nulls", "first") {
		return "first"
	}
	if p.accept("nulls", "last") {
		return "last"
	}
	return ""
}

func (p *parser) createSchema(r Range) Statement {
	p.expect("schema")
	c := &CreateSchema{Range: r, IfNotExists: p.ifNotExists()}
	if !p.at("authorization") {
		c.Name = p.ident()
	}
	if p.accept("authorization") {
		role := p.label()
		if c.Name == "" {
			c.Name = role
		}
	}
	for p.failed == nil && p.atAny("create", "grant") {
		p.schemaElement()
	}
	return c
}

// schemaElement reads a statement inside CREATE SCHEMA.
func (p *parser) schemaElement() {
	if p.at("grant") || !p.enter() {
		p.skipAll()
		return
	}
	defer p.leave()
	start := p.tok().start
	s := p.create(Range{start, start})
	switch s := s.(type) {
	case *CreateTable:
		s.End = p.lastEnd()
	case *CreateIndex:
		s.End = p.lastEnd()
	case *CreateSequence:
		s.End = p.lastEnd()
	case *CreateView:
		s.End = p.lastEnd()
	case *CreateTrigger:
		s.End = p.lastEnd()
	default:
		p.unexpected()
	}
	p.pending = append(p.pending, s)
}

func (p *parser) createSequence(r Range, temporary bool) Statement {
	p.expect("sequence")
	c := &CreateSequence{Range: r, Temporary: temporary, IfNotExists: p.ifNotExists()}
	c.Name = p.name()
	for p.failed == nil && p.sequenceOption(&c.Type, &c.Owner) {
	}
	return c
}

// sequenceOption reads one of AS integer, START WITH 1, NO MINVALUE, OWNED BY
// t.c and the like.
func (p *parser) sequenceOption(typ *string, owner **OwnedBy) bool {
	start := p.tok().start
	switch {
	case p.accept("as"):
		*typ = p.typeName()
	case p.accept("owned", "by"):
		*owner = p.ownedBy(start)
	case p.accept("no", "minvalue"), p.accept("no", "maxvalue"), p.accept("no", "cycle"), p.accept("cycle"):
	case p.accept("sequence", "name"):
		p.name()
	case p.atAny("start", "restart", "increment", "minvalue", "maxvalue", "cache"):
		p.advance()
		p.acceptAny("with", "by")
		p.signedNumber()
	default:
		return false
	}
	return true
}

func (p *parser) signedNumber() {
	p.acceptAny("-", "+")
	if p.tok().kind == numberToken {
		p.advance()
	}
}

// ownedBy reads t.c, s.t.c or NONE behind OWNED BY.
func (p *parser) ownedBy(start int) *OwnedBy {
	o := &OwnedBy{}
	if !p.accept("none") {
		parts := p.dotted()
		if n := len(parts); n >= 2 {
			o.Column = parts[n-1]
			o.Table = nameOf(parts[:n-1])
		}
	}
	o.Range = p.since(start)
	return o
}

// dotted reads a.b.c.
func (p *parser) dotted() []string {
	parts := []string{p.identOf(typeFunc)}
	for p.accept(".") {
		parts = append(parts, p.label())
	}
	return parts
}

// nameOf is the name of the last two parts.
func nameOf(parts []string) Name {
	n := Name{Name: parts[len(parts)-1]}
	if len(parts) > 1 {
		n.Schema = parts[len(parts)-2]
	}
	return n
}

func (p *parser) createType(r Range) Statement {
	p.expect("type")
	c := &CreateType{Range: r, Name: p.name(), Form: Shell}
	switch {
	case p.accept("as", "enum"):
		c.Form = Enum
		p.expect("(")
		if !p.at(")") {
			p.list(func() { c.Values = append(c.Values, p.stringLit()) })
		}
		p.expect(")")
	case p.accept("as", "range"):
		c.Form = RangeType
		p.skipParens()
	case p.accept("as"):
		c.Form = Composite
		p.expect("(")
		if !p.at(")") {
			p.list(func() { c.Attributes = append(c.Attributes, p.attribute()) })
		}
		p.expect(")")
	case p.at("("):
		c.Form = BaseType
		p.skipParens()
	}
	return c
}

// attribute reads a column of a composite type.
func (p *parser) attribute() Column {
	start := p.tok().start
	c := Column{Name: p.ident()}
	c.Type = p.typeName()
	if p.accept("collate") {
		c.Collation = p.name().String()
	}
	c.Range = p.since(start)
	return c
}

func (p *parser) createDomain(r Range) Statement {
	p.expect("domain")
	d := &CreateDomain{Range: r, Name: p.name()}
	p.accept("as")
	d.Type = p.typeName()
	c := Column{}
	for p.failed == nil && p.columnOption(&c) {
	}
	d.Collation, d.NotNull, d.Default = c.Collation, c.NotNull, c.Default
	for _, k := range c.Constraints {
		k.Columns = nil
		d.Constraints = append(d.Constraints, k)
	}
	return d
}

func (p *parser) createView(v *CreateView) Statement {
	v.Materialized = p.accept("materialized")
	v.Recursive = p.accept("recursive")
	p.expect("view")
	v.IfNotExists = p.ifNotExists()
	v.Name = p.name()
	if p.at("(") {
		v.Columns = p.columnNames()
	}
	if p.accept("using") {
		p.ident()
	}
	if p.atAll("with", "(") {
		p.options()
	}
	if p.accept("tablespace") {
		p.ident()
	}
	p.expect("as")
	p.viewBody(v)
	return v
}

// viewBody reads the query of a view. A view whose query cannot be read is
// kept without it.
func (p *parser) viewBody(v *CreateView) {
	if p.failed != nil {
		return
	}
	start, at := p.tok().start, p.pos
	info := p.wholeQuery()
	if p.failed != nil {
		p.failed, p.depth, p.pos = nil, 0, at
		for !p.atEnd() && !p.atAll("with", "no", "data") && !p.atAll("with", "data") {
			p.advance()
		}
		info = nil
	}
	v.Query, v.Body = info, p.since(start)
	switch {
	case p.accept("with", "no", "data"):
		v.NoData = true
	case p.accept("with", "data"):
	case p.accept("with"):
		p.acceptAny("cascaded", "local")
		p.expect("check", "option")
	}
}
