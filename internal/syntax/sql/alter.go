package sql

// alter reads a statement that begins with ALTER.
func (p *parser) alter(r Range) Statement {
	p.expect("alter")
	a := &Alter{Range: r}
	switch {
	case p.accept("table"):
		a.Object = Table
	case p.accept("foreign", "table"):
		a.Object = ForeignTable
	case p.accept("index"):
		a.Object = Index
	case p.accept("view"):
		a.Object = View
	case p.accept("materialized", "view"):
		a.Object = MaterializedView
	case p.accept("sequence"):
		a.Object = Sequence
	case p.accept("type"):
		a.Object = TypeObject
	case p.accept("domain"):
		a.Object = Domain
	case p.accept("schema"):
		a.Object = Schema
	default:
		return p.alterKept(a)
	}
	if p.accept("all", "in", "tablespace") {
		return p.other(r)
	}
	a.IfExists = p.ifExists()
	a.Only = p.accept("only")
	a.Name = p.name()
	p.accept("*")
	if a.Object == Sequence {
		p.alterSequence(a)
	} else {
		p.list(func() { p.addAction(a) })
	}
	return a
}

// alterKept reads the ALTER of an object whose inside does not matter: its
// name and its last action, when that renames or moves it.
func (p *parser) alterKept(a *Alter) Statement {
	switch {
	case p.accept("function"):
		a.Object = Function
	case p.accept("procedure"):
		a.Object = Procedure
	case p.accept("routine"):
		a.Object = Routine
	case p.accept("aggregate"):
		a.Object = Aggregate
	case p.accept("extension"):
		a.Object = Extension
	default:
		return p.other(a.Range)
	}
	a.IfExists = p.ifExists()
	a.Name = p.name()
	if p.at("(") {
		p.skipParens()
	}
	p.addAction(a)
	return a
}

func (p *parser) addAction(a *Alter) {
	start, pos := p.tok().start, p.pos
	var act Action
	switch p.tok().word {
	case "add":
		act = p.addSomething(a, start)
	case "drop":
		act = p.dropSomething(a, start)
	case "alter":
		act = p.alterSomething(start)
	case "rename":
		act = p.rename(a, start)
	case "validate":
		p.advance()
		p.expect("constraint")
		name := p.ident()
		act = &ValidateConstraint{p.since(start), name}
	case "attach", "detach":
		act = p.partition(start)
	case "inherit":
		p.advance()
		act = &Inherit{Parent: p.name(), Range: p.since(start)}
	case "owner":
		p.expect("owner", "to")
		role := p.label()
		act = &OwnerTo{p.since(start), role}
	default:
		act = p.setting(a, start, pos)
	}
	if p.failed == nil {
		a.Actions = append(a.Actions, act)
	}
}

// setting reads SET SCHEMA s, NO INHERIT t, and every other action whole.
func (p *parser) setting(a *Alter, start, pos int) Action {
	switch {
	case p.accept("set", "schema"):
		name := p.ident()
		return &SetSchema{p.since(start), name}
	case p.accept("no", "inherit"):
		parent := p.name()
		return &Inherit{p.since(start), parent, true}
	case a.Object == Domain && p.accept("set", "not", "null"):
		return &SetNotNull{Range: p.since(start)}
	case a.Object == Domain && p.accept("set", "default"):
		e := p.ddlExpr(false)
		return &SetDefault{Range: p.since(start), Default: e}
	}
	if !p.atSetting(a) {
		p.unexpected()
		return nil
	}
	p.skipItem()
	return &Setting{p.since(start), p.wordsSince(pos)}
}

// atSetting reports whether an action of no interest is next.
func (p *parser) atSetting(a *Alter) bool {
	if p.atAny("set", "reset", "enable", "disable", "force", "no", "replica", "cluster", "depends", "of", "not", "options") {
		return true
	}
	switch a.Object {
	case Sequence, Table, ForeignTable, Index, View, MaterializedView, TypeObject, Domain, Schema:
		return false
	}
	return !p.atEnd() // the options of a function
}

// skipItem moves to the comma or the end behind one action.
func (p *parser) skipItem() {
	for !p.atEnd() && !p.at(",") && p.failed == nil {
		if p.at("(") {
			p.skipParens()
		} else {
			p.advance()
		}
	}
}

// alterSequence reads the options of ALTER SEQUENCE, which have no commas.
func (p *parser) alterSequence(a *Alter) {
	for !p.atEnd() {
		start, pos := p.tok().start, p.pos
		var typ string
		var owner *OwnedBy
		switch {
		case !p.sequenceOption(&typ, &owner):
			p.addAction(a)
		case owner != nil:
			a.Actions = append(a.Actions, owner)
		default:
			a.Actions = append(a.Actions, &Setting{p.since(start), p.wordsSince(pos)})
		}
	}
}

func (p *parser) addSomething(a *Alter, start int) Action {
	p.expect("add")
	switch {
	case p.accept("value"):
		return p.addValue(start)
	case p.atTableConstraint():
		k := p.constraint("", false)
		return &AddConstraint{p.since(start), k}
	}
	if a.Object == TypeObject {
		p.expect("attribute")
	} else {
		p.accept("column")
	}
	add := &AddColumn{IfNotExists: p.ifNotExists()}
	if a.Object == TypeObject {
		add.Column = p.attribute()
		p.acceptAny("cascade", "restrict")
	} else {
		add.Column = p.column(true)
	}
	add.Range = p.since(start)
	return add
}

// addValue reads 'x' BEFORE 'y' behind ADD VALUE.
func (p *parser) addValue(start int) Action {
	v := &AddValue{IfNotExists: p.ifNotExists()}
	v.Value = p.stringLit()
	if p.accept("before") {
		v.Before = p.stringLit()
	} else if p.accept("after") {
		v.After = p.stringLit()
	}
	v.Range = p.since(start)
	return v
}

func (p *parser) dropSomething(a *Alter, start int) Action {
	p.expect("drop")
	switch {
	case a.Object == Domain && p.accept("default"):
		return &DropDefault{Range: p.since(start)}
	case a.Object == Domain && p.accept("not", "null"):
		return &DropNotNull{Range: p.since(start)}
	case p.at("constraint"):
		p.advance()
		d := &DropConstraint{IfExists: p.ifExists()}
		d.Name = p.ident()
		d.Cascade = p.cascade()
		d.Range = p.since(start)
		return d
	}
	p.acceptAny("column", "attribute")
	d := &DropColumn{IfExists: p.ifExists()}
	d.Name = p.ident()
	d.Cascade = p.cascade()
	d.Range = p.since(start)
	return d
}

func (p *parser) cascade() bool { return p.acceptAny("cascade", "restrict") == "cascade" }

// alterSomething reads ALTER COLUMN …, ALTER CONSTRAINT … and ALTER ATTRIBUTE ….
func (p *parser) alterSomething(start int) Action {
	p.expect("alter")
	if p.accept("constraint") {
		c := Constraint{}
		name := p.ident()
		for p.failed == nil && p.constraintAttribute(&c, true) {
		}
		return &AlterConstraint{p.since(start), name, c.Deferrable, c.InitiallyDeferred}
	}
	p.acceptAny("column", "attribute")
	column := ""
	if p.tok().kind == numberToken { // ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 100
		p.advance()
	} else {
		column = p.ident()
	}
	return p.columnAction(start, column)
}

func (p *parser) columnAction(start int, column string) Action {
	pos := p.pos
	switch {
	case p.accept("type"), p.accept("set", "data", "type"):
		return p.setType(start, column)
	case p.accept("set", "default"):
		e := p.ddlExpr(false)
		return &SetDefault{p.since(start), column, e}
	case p.accept("drop", "default"):
		return &DropDefault{p.since(start), column}
	case p.accept("set", "not", "null"):
		return &SetNotNull{p.since(start), column}
	case p.accept("drop", "not", "null"):
		return &DropNotNull{p.since(start), column}
	case p.accept("drop", "identity"):
		p.ifExists()
		return &DropIdentity{p.since(start), column}
	case p.accept("drop", "expression"):
		p.ifExists()
		return &DropExpression{p.since(start), column}
	case p.accept("add"):
		kind := p.generated()
		p.expect("identity")
		if p.at("(") {
			p.skipParens()
		}
		return &AddIdentity{p.since(start), column, kind}
	case p.atAny("set", "reset", "restart", "options"):
		p.skipItem()
		return &Setting{p.since(start), "alter column " + Quote(column) + " " + p.wordsSince(pos)}
	}
	p.unexpected()
	return nil
}

// setType reads text COLLATE "C" USING a::text behind TYPE.
func (p *parser) setType(start int, column string) Action {
	s := &SetType{Column: column, Type: p.typeName()}
	if p.accept("collate") {
		s.Collation = p.name().String()
	}
	if p.accept("using") {
		s.Using = p.ddlExpr(false)
	}
	p.acceptAny("cascade", "restrict")
	s.Range = p.since(start)
	return s
}

func (p *parser) rename(a *Alter, start int) Action {
	p.expect("rename")
	switch {
	case p.accept("to"):
		name := p.ident()
		return &RenameTo{p.since(start), name}
	case p.at("value") && a.Object == TypeObject:
		p.advance()
		from := p.stringLit()
		p.expect("to")
		to := p.stringLit()
		return &RenameValue{p.since(start), from, to}
	case p.accept("constraint"):
		from, to := p.fromTo()
		return &RenameConstraint{p.since(start), from, to}
	}
	p.acceptAny("column", "attribute")
	from, to := p.fromTo()
	p.acceptAny("cascade", "restrict")
	return &RenameColumn{p.since(start), from, to}
}

func (p *parser) fromTo() (from, to string) {
	from = p.ident()
	p.expect("to")
	return from, p.ident()
}

// partition reads ATTACH PARTITION p FOR VALUES … and DETACH PARTITION p.
func (p *parser) partition(start int) Action {
	attach := p.advance().word == "attach"
	p.expect("partition")
	name := p.name()
	if !attach {
		d := &DetachPartition{Partition: name, Concurrently: p.accept("concurrently"), Finalize: p.accept("finalize")}
		d.Range = p.since(start)
		return d
	}
	at := &AttachPartition{Partition: name}
	if p.atAny("for", "default") {
		at.Bound = p.partitionBound()
	}
	at.Range = p.since(start)
	return at
}
