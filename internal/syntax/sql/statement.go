package sql

import "strings"

// dispatch reads the statement in toks by its first word.
func (p *parser) dispatch(r Range) Statement {
	t := p.tok()
	if t.is("(") {
		return &DML{r, p.wholeQuery()}
	}
	if t.kind != wordToken {
		p.unexpected()
		return nil
	}
	switch t.word {
	case "create":
		return p.create(r)
	case "alter":
		return p.alter(r)
	case "drop":
		return p.drop(r)
	case "select", "with", "insert", "update", "delete", "values", "table", "merge":
		if s := p.setConfig(r); s != nil {
			return s
		}
		return &DML{r, p.wholeQuery()}
	case "comment":
		return p.comment(r)
	case "set", "reset":
		return p.set(r)
	case "copy":
		return p.copy(r)
	}
	return p.command(r, t.word)
}

// command reads the statements that are short.
func (p *parser) command(r Range, word string) Statement {
	switch word {
	case "truncate":
		return p.truncate(r)
	case "lock":
		return p.lock(r)
	case "refresh":
		return p.refresh(r)
	case "reindex":
		return p.reindex(r)
	case "vacuum", "analyze", "analyse", "cluster":
		return p.vacuum(r)
	case "do":
		return p.do(r)
	case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "prepare":
		if word != "prepare" || p.ahead(1).is("transaction") {
			return p.transaction(r)
		}
	}
	if !statementWords[word] {
		p.unexpected()
		return nil
	}
	return p.other(r)
}

// statementWords begin the statements that are kept as Other.
var statementWords = wordSet(`grant revoke security reassign import explain execute deallocate prepare call
	listen notify unlisten discard load checkpoint declare fetch move close show`)

func (p *parser) other(r Range) Statement {
	p.skipAll()
	return &Other{Range: r, Words: p.leadingWords()}
}

var dropObjects = []Object{
	Table, Index, View, MaterializedView, Sequence, TypeObject, Domain, Schema, Function, Procedure, Routine,
	Aggregate, Trigger, Policy, Rule, Extension, ForeignTable, Collation, Statistics, Publication, Database, Role,
	EventTrigger,
}

// object reads the words of one of the objects.
func (p *parser) object(objects []Object) Object {
	for _, o := range objects {
		if p.accept(strings.Fields(string(o))...) {
			return o
		}
	}
	return ""
}

func (p *parser) drop(r Range) Statement {
	p.expect("drop")
	d := &Drop{Range: r, Object: p.object(dropObjects)}
	if d.Object == "" {
		return p.other(r)
	}
	d.Concurrently = p.accept("concurrently")
	d.IfExists = p.ifExists()
	p.list(func() {
		d.Names = append(d.Names, p.name())
		if p.at("(") {
			p.skipParens()
		}
	})
	if p.accept("on") {
		n := p.name()
		d.Table = &n
	}
	switch {
	case p.at("with") || p.at("("): // DROP DATABASE a WITH (FORCE)
		p.accept("with")
		p.skipParens()
	default:
		d.Cascade = p.cascade()
	}
	return d
}

var commentObjects = append([]Object{ColumnObject, ConstraintObject, Cast, Operator}, dropObjects...)

// partOfTable reports whether an object is a part of a table.
func partOfTable(o Object) bool {
	return o == ConstraintObject || o == Trigger || o == Policy || o == Rule
}

// comment reads COMMENT ON COLUMN t.a IS 'text'.
func (p *parser) comment(r Range) Statement {
	p.expect("comment", "on")
	c := &Comment{Range: r, Object: p.object(commentObjects)}
	switch {
	case c.Object == ColumnObject:
		start := p.tok().start
		parts := p.dotted()
		if n := len(parts); n > 1 {
			c.Name, c.Part = nameOf(parts[:n-1]), parts[n-1]
			c.Name.Range = p.since(start)
		}
	case partOfTable(c.Object):
		c.Part = p.ident()
		p.expect("on")
		p.accept("domain")
		c.Name = p.name()
	case c.Object == "" || c.Object == Cast || c.Object == Operator:
		p.skipToIs(c)
	default:
		c.Name = p.name()
		if p.at("(") {
			p.skipParens()
		}
	}
	p.expect("is")
	if c.Null = p.accept("null"); !c.Null {
		c.Text = p.stringLit()
	}
	return c
}

// skipToIs moves over an object that has no plain name.
func (p *parser) skipToIs(c *Comment) {
	pos := p.pos
	for p.tok().kind == wordToken && keywords[p.tok().word].class == free && !p.at("is") && c.Object == "" &&
		p.ahead(1).kind == wordToken && !p.ahead(1).is("is") {
		p.advance()
	}
	if c.Object == "" {
		c.Object = Object(p.wordsSince(pos))
	}
	for !p.atEnd() && !p.at("is") {
		p.advance()
	}
}

// setConfig reads SELECT pg_catalog.set_config('search_path', ”, false), and
// is nil when that is not the statement.
func (p *parser) setConfig(r Range) Statement {
	n := 1
	if p.ahead(n).is("pg_catalog") && p.ahead(n+1).is(".") {
		n += 2
	}
	if !p.at("select") || !p.ahead(n).is("set_config") || !p.ahead(n+1).is("(") || !p.ahead(n+3).is(",") ||
		!p.ahead(n+5).is(",") || !p.ahead(n+7).is(")") || p.ahead(n+8).kind != endToken {
		return nil
	}
	name, value := p.ahead(n+2), p.ahead(n+4)
	if name.kind != stringToken || value.kind != stringToken {
		return nil
	}
	s := &Set{Range: r, Name: stringValue(p.text[name.start:name.end]), Local: p.ahead(n + 6).is("true")}
	for v := range strings.SplitSeq(stringValue(p.text[value.start:value.end]), ",") {
		if v = strings.Trim(strings.TrimSpace(v), `"`); v != "" {
			s.Values = append(s.Values, v)
		}
	}
	p.skipAll()
	return s
}

func (p *parser) set(r Range) Statement {
	s := &Set{Range: r}
	if p.advance().word == "reset" {
		if !p.accept("session", "authorization") {
			s.Name = p.settingName()
		}
		return s
	}
	if !p.ahead(1).is("to") && !p.ahead(1).is("=") {
		s.Local = p.accept("local")
		p.accept("session")
	}
	switch {
	case p.atAny("transaction", "characteristics", "constraints", "authorization", "xml"):
		s.Name = p.advance().word
		p.skipAll()
		return s
	case p.accept("time", "zone"):
		s.Name = "timezone"
	case p.at("role") || p.at("schema") || p.at("names"):
		if s.Name = p.advance().word; s.Name == "schema" {
			s.Name = "search_path"
		}
		if !p.accept("to") {
			p.accept("=")
		}
	default:
		s.Name = p.settingName()
		if !p.accept("=") {
			p.expect("to")
		}
	}
	p.list(func() { s.Values = append(s.Values, p.settingValue()) })
	return s
}

func (p *parser) settingName() string {
	if p.accept("time", "zone") {
		return "timezone"
	}
	name := p.label()
	for p.accept(".") {
		name += "." + p.label()
	}
	return name
}

// settingValue reads public, 'a', 1, -1, on, INTERVAL '1' HOUR.
func (p *parser) settingValue() string {
	switch t := p.tok(); t.kind {
	case stringToken:
		return p.stringLit()
	case numberToken, opToken:
		start := t.start
		p.acceptAny("-", "+")
		if p.tok().kind != numberToken {
			p.unexpected()
		}
		p.advance()
		return p.since(start).Text(p.text)
	}
	value := p.label()
	if p.tok().kind == stringToken {
		value = p.stringLit()
		p.skipAll()
	}
	return value
}

func (p *parser) copy(r Range) Statement {
	p.expect("copy")
	c := &Copy{Range: r}
	if p.at("(") {
		p.skipParens()
	} else {
		p.accept("binary")
		c.Table = p.name()
		if p.at("(") {
			c.Columns = p.columnNames()
		}
	}
	switch p.acceptAny("from", "to") {
	case "from":
		c.From = true
	case "":
		p.unexpected()
	}
	c.Stdin = p.accept("stdin")
	p.skipAll()
	return c
}

// copyData skips the rows behind COPY … FROM stdin; in linear time, for a row
// is read once. The line \. ends them.
func (p *parser) copyData(c *Copy) {
	p.lex.skipLine()
	c.Data.Start = min(p.lex.pos+1, len(p.text))
	rest := p.text[c.Data.Start:]
	if strings.HasPrefix(rest, "\\.") {
		c.Data.End = c.Data.Start
	} else if i := strings.Index(rest, "\n\\."); i >= 0 {
		c.Data.End = c.Data.Start + i + 1
	} else {
		c.Data.End = len(p.text)
	}
	p.lex.pos = c.Data.End
	p.lex.skipLine()
}

// tableNames reads a, ONLY b, c *.
func (p *parser) tableNames() []Name {
	var out []Name
	p.list(func() {
		p.accept("only")
		out = append(out, p.name())
		p.accept("*")
	})
	return out
}

func (p *parser) truncate(r Range) Statement {
	p.expect("truncate")
	p.accept("table")
	t := &Truncate{Range: r, Tables: p.tableNames()}
	if w := p.acceptAny("restart", "continue"); w != "" {
		t.Restart = w == "restart"
		p.expect("identity")
	}
	t.Cascade = p.cascade()
	return t
}

func (p *parser) lock(r Range) Statement {
	p.expect("lock")
	p.accept("table")
	l := &Lock{Range: r, Tables: p.tableNames(), Mode: "access exclusive"}
	if p.accept("in") {
		pos := p.pos
		for p.tok().kind == wordToken && !p.at("mode") {
			p.advance()
		}
		l.Mode = p.wordsSince(pos)
		p.expect("mode")
	}
	l.NoWait = p.accept("nowait")
	return l
}

func (p *parser) refresh(r Range) Statement {
	p.expect("refresh", "materialized", "view")
	f := &Refresh{Range: r, Concurrently: p.accept("concurrently")}
	f.Name = p.name()
	if p.accept("with") {
		f.NoData = p.accept("no")
		p.expect("data")
	}
	return f
}

func (p *parser) reindex(r Range) Statement {
	p.expect("reindex")
	x := &Reindex{Range: r}
	if p.at("(") {
		from := p.pos
		p.skipParens()
		x.Concurrently = strings.Contains(p.wordsSince(from), "concurrently")
	}
	x.Object = p.object([]Object{Index, Table, Schema, Database, System})
	if x.Object == "" {
		p.unexpected()
	}
	x.Concurrently = p.accept("concurrently") || x.Concurrently
	if !p.atEnd() {
		x.Name = p.name()
	}
	return x
}

// vacuum reads VACUUM FULL t (a), ANALYZE t, CLUSTER t USING i.
func (p *parser) vacuum(r Range) Statement {
	v := &Vacuum{Range: r, Verb: p.advance().word}
	if v.Verb == "analyse" {
		v.Verb = "analyze"
	}
	if p.at("(") {
		from := p.pos
		p.skipParens()
		v.Full = strings.Contains(p.wordsSince(from), "full")
	}
	for w := "-"; w != ""; v.Full = v.Full || w == "full" {
		w = p.acceptAny("full", "freeze", "verbose", "analyze", "analyse")
	}
	if p.atEnd() {
		return v
	}
	p.list(func() {
		v.Tables = append(v.Tables, p.name())
		if p.at("(") {
			p.skipParens()
		}
	})
	if v.Verb == "cluster" && p.acceptAny("using", "on") != "" {
		p.name()
	}
	return v
}

func (p *parser) transaction(r Range) Statement {
	t := &Transaction{Range: r, Verb: p.advance().word}
	switch t.Verb {
	case "start":
		t.Verb = "begin"
	case "end":
		t.Verb = "commit"
	case "abort":
		t.Verb = "rollback"
	}
	p.skipAll()
	return t
}

// do reads DO LANGUAGE plpgsql $$ … $$.
func (p *parser) do(r Range) Statement {
	p.expect("do")
	d := &Do{Range: r, Language: "plpgsql"}
	for !p.atEnd() {
		if p.accept("language") {
			d.Language = p.languageName()
		} else {
			d.Body = p.stringLit()
		}
	}
	return d
}

func (p *parser) languageName() string {
	if p.tok().kind == stringToken {
		return strings.ToLower(p.stringLit())
	}
	return p.label()
}

// createFunction keeps a function whole and picks out what its options say.
func (p *parser) createFunction(r Range, replace bool) Statement {
	f := &CreateFunction{Range: r, Object: Object(p.advance().word), Replace: replace, Volatility: "volatile"}
	f.Name = p.name()
	if p.at("(") {
		p.skipParens()
	}
	for depth := 0; !p.atEnd() && depth == 0; {
		switch {
		case p.at("("):
			p.skipParens()
		case p.accept("language"):
			f.Language = p.languageName()
		case p.accept("returns"):
			f.Trigger = p.at("trigger")
		case p.atAny("immutable", "stable", "volatile"):
			f.Volatility = p.advance().word
		case p.atAll("begin", "atomic"):
			depth++
		default:
			p.advance()
		}
	}
	p.skipAll()
	return f
}

// createTrigger reads the names of a trigger, its table and its function.
func (p *parser) createTrigger(r Range, replace bool) Statement {
	t := &CreateTrigger{Range: r, Replace: replace, Constraint: p.accept("constraint")}
	p.expect("trigger")
	t.Name = p.ident()
	before := p.accept("before")
	for !p.atEnd() && !p.at("on") {
		t.BeforeInsert = t.BeforeInsert || before && p.at("insert")
		p.advance()
	}
	p.expect("on")
	t.Table = p.name()
	for !p.atEnd() && !p.at("execute") {
		p.advance()
	}
	p.expect("execute")
	if p.acceptAny("function", "procedure") == "" {
		p.unexpected()
	}
	t.Function = p.name()
	p.skipParens()
	return t
}

// createRule reads the name of a rule and its table: ON event TO table.
func (p *parser) createRule(r Range, replace bool) Statement {
	p.expect("rule")
	c := &CreateRule{Range: r, Name: p.ident(), Replace: replace}
	p.expect("as", "on")
	p.label()
	p.expect("to")
	c.Table = p.name()
	p.skipAll()
	return c
}

func (p *parser) createExtension(r Range) Statement {
	p.expect("extension")
	c := &CreateExtension{Range: r, IfNotExists: p.ifNotExists()}
	c.Name = p.ident()
	p.accept("with")
	for p.failed == nil && !p.atEnd() {
		switch {
		case p.accept("schema"):
			c.Schema = p.ident()
		case p.accept("version"):
			p.settingValue()
		case p.accept("cascade"):
		default:
			p.unexpected()
		}
	}
	return c
}
