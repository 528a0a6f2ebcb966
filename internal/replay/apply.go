package replay

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/sql"
)

// script is SQL text whose parts have places.
type script struct {
	text string
	// at gives the place of a part of the text.
	at func(sql.Range) source.Span
}

// applier changes the state as the statements of one script do.
type applier struct {
	*state
	script
}

// apply changes the state as a script does.
func (s *state) apply(sc script) {
	list, errs := sql.Parse(sc.text)
	for _, e := range errs {
		s.gap(sc.at(e.Range), "", "the SQL cannot be read: "+e.Message)
	}
	s.run(list, sc)
	s.geometry(sc)
}

// geometryColumn is PostGIS's function that adds a column: the schema may come first, or an empty one
// as shp2pgsql writes it.
// https://postgis.net/docs/AddGeometryColumn.html
var geometryColumn = regexp.MustCompile(`(?i)\baddgeometrycolumn\s*\(\s*(?:'(\w*)'\s*,\s*)?'(\w+)'\s*,\s*'(\w+)'\s*,\s*'?-?\d`)

// geometry adds the columns that a script has PostGIS add.
func (s *state) geometry(sc script) {
	if !strings.Contains(strings.ToLower(sc.text), "addgeometrycolumn") {
		return // a dump is long, and the pattern slow
	}
	for _, m := range geometryColumn.FindAllStringSubmatch(sc.text, -1) {
		if t := s.tables[s.resolve(m[1], m[2])]; t != nil {
			s.addColumn(t, ir.Column{Name: m[3], Type: "geometry", Null: true}, true, sc.at(sql.Range{Start: 0, End: len(sc.text)}))
		}
	}
}

// run changes the state as the statements of a script do.
func (s *state) run(list []sql.Statement, sc script) {
	a := applier{s, sc}
	for _, st := range list {
		a.statement(st)
	}
}

func (a applier) statement(st sql.Statement) {
	at := a.at(st.Span())
	a.noteStatement(st, at)
	switch st := st.(type) {
	case *sql.CreateTable:
		a.createTable(st, at)
	case *sql.Alter:
		a.alter(st)
	case *sql.Drop:
		a.drop(st, at)
	case *sql.CreateIndex:
		a.createIndex(st, at)
	case *sql.CreateType:
		a.createType(st, at)
	case *sql.CreateView:
		a.createView(st, at)
	case *sql.CreateTrigger:
		if t := a.tables[a.named(st.Table)]; t != nil && st.BeforeInsert {
			t.Triggered = true
		}
	case *sql.CreatePolicy:
		if t := a.tables[a.named(st.Table)]; t != nil && st.Column != "" {
			if t.Policies == nil {
				t.Policies = map[string]string{}
			}
			t.Policies[st.Name] = st.Column
		}
	case *sql.Set:
		a.set(st)
	case *sql.Do:
		a.do(st, at)
	}
}

// set follows the search path, by which names without a schema are found.
func (a applier) set(st *sql.Set) {
	if st.Name != "search_path" {
		return
	}
	a.search = schemas(strings.Join(st.Values, ","), a.db.Schema)
}

// schemas reads a search path; an empty one is the usual schema.
func schemas(list, usual string) []string {
	var out []string
	for _, v := range strings.Split(list, ",") {
		if v = strings.Trim(v, "\"' "); v != "" && v != "$user" {
			out = append(out, v)
		}
	}
	if out == nil {
		return []string{usual}
	}
	return out
}

func (a applier) named(n sql.Name) qname { return a.resolve(n.Schema, n.Name) }

func (a applier) createTable(st *sql.CreateTable, at source.Span) {
	if st.Temporary {
		return
	}
	q := a.fresh(st.Name.Schema, st.Name.Name)
	t := a.state.createTable(q, st.IfNotExists, at)
	if t == nil {
		return
	}
	whole := copied{defaults: true, generated: true}
	for _, parent := range st.Inherits {
		a.inherit(t, a.named(parent), whole, at)
		a.leave(a.named(parent), t)
	}
	if st.PartitionOf != nil {
		parent := a.named(st.PartitionOf.Parent)
		t.Parent = parent.schema + "." + parent.name
		a.inherit(t, parent, whole, at)
		a.leave(parent, t)
	}
	for _, l := range st.Like {
		a.inherit(t, a.named(l.Table), copied{says(l, "defaults"), says(l, "generated"), says(l, "identity")}, at)
		a.copyMore(t, l, at)
	}
	for i := range st.Columns {
		a.addColumn(t, &st.Columns[i], true)
	}
	for i := range st.Constraints {
		a.addConstraint(t, &st.Constraints[i])
	}
	// A table without rows has none that breaks a constraint, whatever is said.
	for i := range t.ForeignKeys {
		t.ForeignKeys[i].Unchecked = false
	}
	for i := range t.Constraints {
		t.Constraints[i].Unchecked = false
	}
	if st.As != nil || st.OfType != nil {
		t.Partial = true
		a.gap(at, t.Name, "the columns of the table are those of a query or type")
	}
}

// copied is what columns take over from those of another table.
type copied struct{ defaults, generated, identity bool }

// says reports whether LIKE includes a thing. Later words outweigh earlier ones.
func says(l sql.Like, what string) bool {
	on := false
	for _, o := range l.Options {
		if word, thing, _ := strings.Cut(o, " "); thing == what || thing == "all" {
			on = word == "including"
		}
	}
	return on
}

// inherit copies the columns of another table.
func (a applier) inherit(t *ir.Table, from qname, take copied, at source.Span) {
	other := a.tables[from]
	if other == nil {
		t.Partial = true
		a.gap(at, t.Name, "the columns are those of "+from.name+", which nothing known creates")
		return
	}
	for _, c := range other.Columns {
		identity := c.Identity
		if identity || !take.defaults {
			c.Default, c.Identity = "", false
		}
		if !take.generated {
			c.Generated = ""
		}
		if identity && take.identity {
			a.identify(t, &c)
		}
		a.state.addColumn(t, c, true, at)
	}
}

// leave notes that a table inherits from another one.
func (a applier) leave(from qname, heir *ir.Table) {
	if t := a.tables[from]; t != nil && t != heir {
		a.heirs[t] = append(a.heirs[t], heir)
	}
}

// identify makes the sequence of an identity column.
func (a applier) identify(t *ir.Table, c *ir.Column) {
	c.Default, c.Identity, c.Null = a.sequence(t, c.Name), true, false
}

// copyMore gives a table what else LIKE says of another.
func (a applier) copyMore(t *ir.Table, l sql.Like, at source.Span) {
	q := a.named(l.Table)
	if says(l, "indexes") {
		a.copyKeys(t, q, at)
	}
	if other := a.tables[q]; other != nil && says(l, "constraints") {
		for _, c := range other.Constraints {
			if c.Kind == ir.CheckConstraint {
				c.Columns, c.Made = slices.Clone(c.Columns), a.origin(at)
				t.Constraints = append(t.Constraints, c)
			}
		}
	}
}

// copyKeys gives a table the keys and indexes of another, with names of its own.
func (a applier) copyKeys(t *ir.Table, from qname, at source.Span) {
	other := a.tables[from]
	if other == nil {
		return
	}
	if k := other.PrimaryKey; k != nil {
		t.PrimaryKey = &ir.PrimaryKey{Name: made(t.Name, "", "pkey"), Columns: slices.Clone(k.Columns), Made: a.origin(at)}
	}
	for _, x := range other.Indexes {
		label := "idx"
		if x.Backing {
			label = "key"
		}
		x.Keys, x.Include = slices.Clone(x.Keys), slices.Clone(x.Include)
		x.Name = freeName(t.Name, keyNames(x.Keys, x.Include), label, a.relationTaken(t.Schema))
		a.addIndex(t, x, true, at)
		if x.Backing && x.Unique {
			t.Constraints = append(t.Constraints, ir.Constraint{Name: x.Name, Kind: ir.UniqueConstraint, Columns: x.Columns(), Made: a.origin(at)})
		}
	}
}

// column is a column as a statement defines it.
func (a applier) column(t *ir.Table, c *sql.Column) ir.Column {
	out := ir.Column{Name: ir.CutName(c.Name), Type: a.typeName(c.Type), Null: !c.NotNull}
	if c.Default != nil {
		out.Default = a.expr(c.Default)
	}
	if c.Generated != nil {
		out.Generated = c.Generated.Text
	}
	if c.Identity != "" {
		a.identify(t, &out)
	}
	if base, serial := strings.CutSuffix(out.Type, "serial"); serial {
		switch base {
		case "", "big", "small":
			out.Type = map[string]string{"": "integer", "big": "bigint", "small": "smallint"}[base]
			out.Default, out.Null = a.sequence(t, out.Name), false
		}
	}
	return out
}

// sequence makes the sequence of a serial column; its next value is the
// column's default.
func (a applier) sequence(t *ir.Table, column string) string {
	name := freeName(t.Name, column, "seq", a.relationTaken(t.Schema))
	a.sequences[qname{t.Schema, name}] = t
	return a.next(qname{t.Schema, name})
}

// unknownType is the type of a column that is not known: a pseudo-type that no
// column can have.
const unknownType = "unknown"

// typeName is a type without the schema that names are looked up in. An enum that
// is found in another one has that before it.
func (a applier) typeName(t string) string {
	if t == unknownType {
		return ""
	}
	bare := ir.CutName(strings.TrimRight(t, "[]"))
	for _, schema := range a.search {
		if a.enums[qname{schema, bare}] != nil {
			return a.qualifier(schema) + t
		}
	}
	return strings.TrimPrefix(t, a.db.Schema+".")
}

func (s *state) qualifier(schema string) string {
	if schema == s.db.Schema {
		return ""
	}
	return schema + "."
}

// expr is an expression as it is kept: sequences without the schema that names
// are looked up in.
func (a applier) expr(e *sql.Expr) string {
	return strings.ReplaceAll(e.Text, "nextval('"+a.db.Schema+".", "nextval('")
}

func (a applier) addColumn(t *ir.Table, c *sql.Column, quietly bool) {
	at := a.at(c.Range)
	had := t.Column(ir.CutName(c.Name)) != nil
	a.state.addColumn(t, a.column(t, c), quietly, at)
	if had && quietly && len(c.Constraints) > 0 && c.Type != "" {
		return
	}
	for i := range c.Constraints {
		a.addConstraint(t, &c.Constraints[i])
	}
}

func (a applier) addConstraint(t *ir.Table, c *sql.Constraint) {
	at := a.at(c.Range)
	switch c.Kind {
	case sql.PrimaryKey:
		a.addPrimaryKey(t, c, at)
	case sql.Unique:
		a.addUnique(t, c, at)
	case sql.ForeignKey:
		a.addForeignKey(t, c, at)
	case sql.Check:
		a.addCheck(t, c, at)
	case sql.Exclude:
		a.addExclusion(t, c, at)
	}
}

// adopt takes the index that a constraint is to use: its columns, and the
// index itself out of the list.
func (a applier) adopt(t *ir.Table, c *sql.Constraint) []string {
	i := slices.IndexFunc(t.Indexes, func(x ir.TableIndex) bool { return x.Name == ir.CutName(c.Index) })
	if c.Index == "" || i < 0 {
		return cutAll(c.Columns)
	}
	columns := t.Indexes[i].Columns()
	if c.Name == "" {
		c.Name = t.Indexes[i].Name
	}
	t.Indexes = slices.Delete(t.Indexes, i, i+1)
	return columns
}

func cutAll(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = ir.CutName(n)
	}
	return out
}

func (a applier) addPrimaryKey(t *ir.Table, c *sql.Constraint, at source.Span) {
	if t.PrimaryKey != nil {
		if !a.maybe {
			a.gap(at, t.Name, "the primary key is added, and there is one")
		}
		return
	}
	columns := a.adopt(t, c)
	name := ir.CutName(c.Name)
	if name == "" {
		name = freeName(t.Name, "", "pkey", a.relationTaken(t.Schema))
	}
	t.PrimaryKey = &ir.PrimaryKey{Name: name, Columns: columns, Made: a.origin(at)}
	for _, n := range columns {
		if col := t.Column(n); col != nil {
			col.Null = false
		}
	}
}

func (a applier) addUnique(t *ir.Table, c *sql.Constraint, at source.Span) {
	columns := a.adopt(t, c)
	name := ir.CutName(c.Name)
	if name == "" {
		name = freeName(t.Name, strings.Join(slices.Concat(columns, cutAll(c.Include)), "_"), "key", a.relationTaken(t.Schema))
	}
	if constraintTaken(t)(name) {
		return
	}
	x := ir.TableIndex{Name: name, Unique: true, Using: "btree", Include: cutAll(c.Include), NullsEqual: c.NullsNotDistinct, Backing: true}
	for _, n := range columns {
		x.Keys = append(x.Keys, ir.IndexKey{Column: n})
	}
	t.Constraints = append(t.Constraints, ir.Constraint{Name: name, Kind: ir.UniqueConstraint, Columns: columns, Made: a.origin(at), Maybe: a.maybe})
	a.addIndex(t, x, false, at)
}

func (a applier) addCheck(t *ir.Table, c *sql.Constraint, at source.Span) {
	name := ir.CutName(c.Name)
	if name == "" {
		column := ""
		if len(c.Expr.Columns) == 1 {
			column = c.Expr.Columns[0]
		}
		name = freeName(t.Name, column, "check", constraintTaken(t))
	}
	if constraintTaken(t)(name) {
		return
	}
	t.Constraints = append(t.Constraints, ir.Constraint{Name: name, Expr: c.Expr.Text, Columns: cutAll(c.Expr.Columns), Unchecked: c.NotValid, Made: a.origin(at), Maybe: a.maybe})
}

func (a applier) addExclusion(t *ir.Table, c *sql.Constraint, at source.Span) {
	var columns []string
	for _, k := range c.Keys {
		columns = append(columns, ir.CutName(k.Column))
	}
	name := ir.CutName(c.Name)
	if name == "" {
		name = freeName(t.Name, strings.Join(columns, "_"), "excl", a.relationTaken(t.Schema))
	}
	expr := strings.TrimSpace(c.Range.Text(a.text))
	if i := strings.Index(strings.ToLower(expr), "exclude"); i >= 0 {
		expr = strings.TrimSpace(expr[i+len("exclude"):])
	}
	t.Constraints = append(t.Constraints, ir.Constraint{Name: name, Kind: ir.ExclusionConstraint, Expr: expr, Columns: columns, Made: a.origin(at), Maybe: a.maybe})
	x := ir.TableIndex{Name: name, Using: c.Method, Keys: a.keys(c.Keys), Backing: true}
	if c.Where != nil {
		x.Where = c.Where.Text
	}
	a.addIndex(t, x, false, at)
}

func (a applier) addForeignKey(t *ir.Table, c *sql.Constraint, at source.Span) {
	columns := cutAll(c.Columns)
	name := ir.CutName(c.Name)
	if name == "" {
		name = freeName(t.Name, strings.Join(columns, "_"), "fkey", constraintTaken(t))
	}
	if constraintTaken(t)(name) {
		if !a.maybe {
			a.gap(at, t.Name, "constraint "+name+" is added, and there is one by that name")
		}
		return
	}
	to := a.named(*c.References)
	k := ir.ForeignKey{
		Name: name, Columns: columns, Schema: to.schema, Table: to.name, References: cutAll(c.Referenced),
		OnDelete: action(c.OnDelete), OnUpdate: action(c.OnUpdate), Unchecked: c.NotValid, Made: a.origin(at), Maybe: a.maybe,
	}
	if len(k.References) == 0 {
		k.References = a.primaryKeyOf(to)
	}
	t.ForeignKeys = append(t.ForeignKeys, k)
}

func (a applier) primaryKeyOf(q qname) []string {
	if t := a.tables[q]; t != nil && t.PrimaryKey != nil {
		return slices.Clone(t.PrimaryKey.Columns)
	}
	return nil
}

// action reads "set null" and "set null (column)".
func action(words string) ir.Action {
	switch {
	case strings.HasPrefix(words, "set null"):
		return ir.SetNull
	case strings.HasPrefix(words, "set default"):
		return ir.SetDefault
	case words == "cascade":
		return ir.Cascade
	case words == "restrict":
		return ir.Restrict
	}
	return ir.NoAction
}

// keys are the columns and expressions of an index.
func (a applier) keys(list []sql.Key) []ir.IndexKey {
	out := make([]ir.IndexKey, 0, len(list))
	for _, k := range list {
		key := ir.IndexKey{Column: ir.CutName(k.Column), Order: order(&k)}
		if k.Expr != nil {
			key.Expr = unwrapped(k.Expr.Text)
		}
		out = append(out, key)
	}
	return out
}

// unwrapped is an expression without parentheses around the whole of it.
func unwrapped(s string) string {
	s = strings.TrimSpace(s)
	for len(s) > 2 && s[0] == '(' && closes(s) == len(s)-1 {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return s
}

// closes is where the parenthesis that begins s is closed.
func closes(s string) int {
	depth, quoted := 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func order(k *sql.Key) string {
	var words []string
	if k.Collation != "" {
		words = append(words, "COLLATE "+k.Collation)
	}
	if k.OpClass != "" {
		words = append(words, k.OpClass)
	}
	if k.Desc {
		words = append(words, "DESC")
	}
	if k.Nulls == "first" && !k.Desc || k.Nulls == "last" && k.Desc {
		words = append(words, "NULLS "+strings.ToUpper(k.Nulls))
	}
	return strings.Join(words, " ")
}

func (a applier) createIndex(st *sql.CreateIndex, at source.Span) {
	q := a.named(st.Table)
	x := ir.TableIndex{
		Name: ir.CutName(st.Name), Keys: a.keys(st.Keys), Include: cutAll(st.Include), Unique: st.Unique, Using: st.Method,
		Concurrent: st.Concurrently, NullsEqual: st.NullsNotDistinct,
	}
	if st.Where != nil {
		x.Where = unwrapped(st.Where.Text)
	}
	if x.Name == "" {
		x.Name = freeName(q.name, keyNames(x.Keys, x.Include), "idx", a.relationTaken(q.schema))
	}
	if v := a.views[q]; v != nil {
		x.Made = a.origin(at)
		v.Indexes = append(v.Indexes, x)
		return
	}
	a.addIndex(a.table(q, at), x, st.IfNotExists, at)
}

// keyNames are the names that PostgreSQL gives the keys of an index without a
// name, and the columns that it includes.
func keyNames(keys []ir.IndexKey, include []string) string {
	var names []string
	add := func(name string) {
		base := name
		for n := 1; slices.Contains(names, name); n++ {
			name = base + string(rune('0'+n%10))
		}
		names = append(names, name)
	}
	for _, k := range keys {
		if k.Column != "" {
			add(k.Column)
		} else {
			add(exprName(k.Expr))
		}
	}
	for _, c := range include {
		add(c)
	}
	return strings.Join(names, "_")
}

// exprName is the name of a key that is an expression: the column, the function
// called, the type that it is cast to, or "expr".
func exprName(expr string) string {
	expr = unwrapped(expr)
	if arg, typ, ok := castOf(expr); ok {
		if name := exprName(arg); name != "expr" && name != "case" {
			return name
		}
		return typ
	}
	switch i := strings.IndexByte(expr, '('); {
	case len(expr) > 5 && strings.EqualFold(expr[:5], "case "):
		return "case"
	case plainName(expr):
		return lastPart(expr)
	case i > 0 && plainName(expr[:i]) && closes(expr[i:]) == len(expr)-i-1:
		return lastPart(expr[:i])
	}
	return "expr"
}

func lastPart(name string) string {
	return strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
}

// castOf takes `a::text` and `(a || b)::text` apart. The type has the name that it
// has in the catalogue.
func castOf(expr string) (arg, typ string, ok bool) {
	i := strings.LastIndex(expr, "::")
	if i < 0 {
		return "", "", false
	}
	arg, typ = strings.TrimSpace(expr[:i]), strings.ToLower(strings.TrimSpace(expr[i+2:]))
	typ, _, _ = strings.Cut(typ, "(")
	open := strings.IndexByte(arg, '(')
	whole := plainName(arg) || open >= 0 && plainName(arg[:open]) && closes(arg[open:]) == len(arg)-open-1
	if !whole || !plainName(strings.ReplaceAll(typ, " ", "")) {
		return "", "", false
	}
	if name := catalogueNames[typ]; name != "" {
		typ = name
	}
	return arg, lastPart(typ), true
}

// catalogueNames are the types whose names in SQL are not those of the catalogue.
var catalogueNames = map[string]string{
	"int": "int4", "integer": "int4", "bigint": "int8", "smallint": "int2", "boolean": "bool", "real": "float4",
	"float": "float8", "double precision": "float8", "decimal": "numeric", "character varying": "varchar",
	"char": "bpchar", "character": "bpchar", "timestamp with time zone": "timestamptz", "timestamp without time zone": "timestamp",
}

func plainName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i]) && s[i] != '.' {
			return false
		}
	}
	return true
}

func (a applier) createType(st *sql.CreateType, at source.Span) {
	q := a.fresh(st.Name.Schema, st.Name.Name)
	if st.Form == sql.Enum && a.enums[q] == nil {
		a.enums[q] = &ir.Enum{Schema: q.schema, Name: q.name, Values: slices.Clone(st.Values), Made: a.origin(at)}
	}
}

func (a applier) createView(st *sql.CreateView, at source.Span) {
	q := a.fresh(st.Name.Schema, st.Name.Name)
	if st.Temporary {
		return
	}
	old := a.views[q]
	if old != nil && (st.IfNotExists || a.maybe) {
		return
	}
	a.views[q] = &ir.View{
		Schema: q.schema, Name: q.name, Materialized: st.Materialized,
		Query: strings.TrimSpace(st.Body.Text(a.text)), Made: a.origin(at),
	}
}

// policed is the table of which a statement drops policies, or nil.
func (a applier) policed(st *sql.Drop) *ir.Table {
	if st.Object != sql.Policy || st.Table == nil {
		return nil
	}
	return a.tables[a.named(*st.Table)]
}

func (a applier) drop(st *sql.Drop, at source.Span) {
	if t := a.policed(st); t != nil {
		for _, n := range st.Names {
			delete(t.Policies, n.Name)
		}
		return
	}
	for _, n := range st.Names {
		q := a.named(n)
		switch st.Object {
		case sql.Table, sql.ForeignTable:
			a.dropTable(q, st.IfExists, at)
		case sql.Index:
			if t, i := a.index(q); t != nil && st.Cascade {
				a.dropDependants(t, t.Indexes[i].Columns(), t.Indexes[i].Made)
			}
			a.dropIndex(q, st.IfExists, at)
		case sql.View, sql.MaterializedView:
			if !a.maybe {
				delete(a.views, q)
			}
		case sql.TypeObject:
			a.dropType(q, st.Cascade, at)
		case sql.Schema:
			a.dropSchema(n.Name, at)
		}
		if st.Cascade && st.Object != sql.Index {
			a.dropViewsOf(q)
		}
	}
}

// dropDependants drops the references that need a unique index or primary key
// which goes with CASCADE: those to its columns, unless an older one serves
// them.
func (s *state) dropDependants(t *ir.Table, columns []string, made ir.Origin) {
	if s.maybe {
		return
	}
	for i := range t.Indexes {
		if x := &t.Indexes[i]; x.Unique && sameNames(x.Columns(), columns) && x.Made.Version < made.Version {
			return
		}
	}
	if k := t.PrimaryKey; k != nil && sameNames(k.Columns, columns) && k.Made.Version < made.Version {
		return
	}
	s.eachReference(qname{t.Schema, t.Name}, func(from *ir.Table, i int) {
		if sameNames(from.ForeignKeys[i].References, columns) {
			from.ForeignKeys = slices.Delete(from.ForeignKeys, i, i+1)
		}
	})
}

// sameNames reports whether two lists hold the same names in any order.
func sameNames(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(n string) bool { return !slices.Contains(b, n) })
}

// dropViewsOf drops the views over what was dropped.
func (a applier) dropViewsOf(q qname) {
	for name, v := range a.views {
		if !a.maybe && mentions(v.Query, q.name) {
			delete(a.views, name)
		}
	}
}

func (a applier) dropType(q qname, cascade bool, at source.Span) {
	if a.maybe {
		return
	}
	delete(a.enums, q)
	if !cascade {
		return
	}
	for _, t := range a.tables {
		for i := len(t.Columns) - 1; i >= 0; i-- {
			if t.Columns[i].Type == a.qualifier(q.schema)+sql.Quote(q.name) {
				a.dropColumn(t, t.Columns[i].Name, true, at)
			}
		}
	}
}

func (a applier) dropSchema(name string, at source.Span) {
	for q := range a.tables {
		if q.schema == name {
			a.dropTable(q, true, at)
		}
	}
	for q := range a.views {
		if q.schema == name && !a.maybe {
			delete(a.views, q)
		}
	}
	for q := range a.enums {
		if q.schema == name && !a.maybe {
			delete(a.enums, q)
		}
	}
}

// do reads the statements inside `DO $$ … $$`. With conditions among them it is
// not known whether they run; a type is there afterwards in any case.
func (a applier) do(st *sql.Do, at source.Span) {
	was, low := a.maybe, strings.ToLower(st.Body)
	open := slices.ContainsFunc(strings.Fields("if case loop exception"), func(w string) bool { return mentions(low, w) })
	for _, text := range inner(st.Body) {
		list, _ := sql.Parse(text)
		if len(list) != 1 || !changes(list[0]) {
			continue
		}
		if _, typ := list[0].(*sql.CreateType); open && !typ {
			a.maybe = true
			a.aside(at, "a DO block changes the database; whether its statements run is not known")
		}
		a.apply(wholeAt(text, at))
		a.maybe = was
	}
	if mentions(low, "execute") && (strings.Contains(low, "table") || strings.Contains(low, "index")) {
		a.aside(at, "a DO block executes SQL that it builds")
		if strings.Contains(low, "'drop index") {
			a.indexesMayGo(low)
		}
	}
}

// indexesMayGo leaves open whether the indexes are still there of the tables that a text names.
func (a applier) indexesMayGo(text string) {
	for q, t := range a.tables {
		if !mentions(text, q.name) && !strings.Contains(text, "'"+q.name+"'") {
			continue
		}
		for i := range t.Indexes {
			t.Indexes[i].Maybe = true
		}
	}
}

// changes reports whether a statement changes what is kept.
func changes(st sql.Statement) bool {
	switch st := st.(type) {
	case *sql.CreateTable, *sql.CreateIndex, *sql.CreateType, *sql.CreateView:
		return true
	case *sql.Alter:
		return !slices.ContainsFunc(st.Actions, func(act sql.Action) bool {
			switch act.(type) {
			case *sql.OwnerTo, *sql.Setting, *sql.OwnedBy:
				return true
			}
			return false
		})
	case *sql.Drop:
		switch st.Object {
		case sql.Table, sql.Index, sql.View, sql.MaterializedView, sql.TypeObject, sql.Schema:
			return true
		}
	}
	return false
}

// inner cuts the statements that change tables out of the body of a DO block:
//
//	BEGIN IF NOT EXISTS (…) THEN CREATE TYPE …; END IF; END
func inner(body string) []string {
	var out []string
	for _, part := range strings.Split(body, ";") {
		low := strings.ToLower(part)
		for _, word := range []string{"create ", "alter ", "drop "} {
			i := strings.LastIndex(low, word)
			if i < 0 || !startsStatement(low[:i]) {
				continue
			}
			out = append(out, part[i:])
			break
		}
	}
	return out
}

// startsStatement reports whether a statement may begin behind a text.
func startsStatement(before string) bool {
	before = strings.TrimSpace(before)
	for _, w := range []string{"", "then", "begin", "else", "loop"} {
		if w == "" && before == "" || w != "" && strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}
