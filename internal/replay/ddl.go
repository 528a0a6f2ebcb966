package replay

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/sql"
)

// migrations is the module whose functions migrations call.
const migrations = "Ecto.Migration"

// run is one migration under way. Its commands are written as the SQL that
// Ecto sends, and applied to the state.
type run struct {
	*state
	e      *evaluator
	of     *place
	app    string // the directory of the application, for files that it reads
	prefix string // the schema that the whole migration runs in, or ""
	block  *block // the `create` or `alter` under way, or nil
	// queue holds the commands that were given: Ecto carries them out when the
	// migration is through, or flushes. SQL that is sent to the Repo runs at once.
	queue []func()
	// both is set when the function that runs serves both directions, and
	// directed when it asks for the direction itself.
	both, directed bool
	// last are the expressions that end a block of the migration's own function.
	last map[ir.ExprID]bool
}

// flush carries out the commands that were given so far. Those that they give
// themselves wait for the next time.
func (r *run) flush() {
	list := r.queue
	r.queue = nil
	for _, f := range list {
		f()
	}
}

// migrate runs the migration.
func (r *run) migrate(fn *ir.Func, at source.Span) {
	r.both, r.last = fn.Name == "change", map[ir.ExprID]bool{}
	for i := range fn.Clauses {
		ends(fn.Code, fn.Clauses[i].Body, r.last)
	}
	r.e.own(fn, nil, at)
	defer r.settle()
	if r.e.gone {
		r.gap(at, "", "the migration raises an error")
		return
	}
	r.flush()
	if len(r.queue) > 0 {
		r.gap(at, "", "commands in a function that is executed are never carried out")
	}
}

// settle takes back what was noted of one-way commands, when the migration
// looks after the direction itself.
func (r *run) settle() {
	if m := r.current; m != nil && r.directed {
		m.Changes = slices.DeleteFunc(m.Changes, func(c ir.Change) bool { return c.Kind == ir.OneWay })
	}
}

// block collects what stands between `do` and `end` of one command.
type block struct {
	table value
	parts []part
}

// part is one add, modify or remove of a block.
type part struct {
	verb  string
	name  string
	typ   value
	opts  value
	maybe bool
	span  source.Span
	call  string // what was written, when it is not the verb
}

func (r *run) gap(at source.Span, table, reason string) { r.state.gap(at, table, reason) }

func (r *run) aside(at source.Span, reason string) { r.state.aside(at, reason) }

// call carries out what a migration asks of Ecto or of its Repo.
func (r *run) call(_ *evaluator, f *frame, c *call) (value, bool) {
	switch {
	case c.module == migrations:
		return r.command(f, c), true
	case c.module == "Ecto.Adapters.SQL" || c.module == "Postgrex":
		return r.query(c, 1)
	case strings.HasPrefix(c.name, "query"):
		return r.query(c, 0)
	case c.module == "Ecto.Repo" || r.isRepo(c.module):
		return r.repo(c)
	case c.module == "Application":
		return r.application(c)
	case len(c.args) == 0 && strings.Contains(c.name, "type"):
		return r.enum(c)
	case foreignMigration(c):
		r.aside(c.span, "a library's migration "+c.module+"."+c.name+" changes the database")
		return atomOf("ok"), true
	}
	return value{}, false
}

// foreignMigration reports whether a call runs migrations of a library.
func foreignMigration(c *call) bool {
	last := ir.LastName(c.module)
	return strings.HasPrefix(last, "Migration") && (c.name == "up" || c.name == "change" || c.name == "migrate" || c.name == "run") && c.module != "Ecto.Migrator"
}

func (r *run) isRepo(name string) bool { return name != "" && name == r.of.db.Repo }

// repo answers functions of the Repo: transactions run their function; data is
// not known.
func (r *run) repo(c *call) (value, bool) {
	switch c.name {
	case "config":
		return r.of.config, true
	case "transaction", "checkout", "transact":
		for _, a := range c.args {
			if a.kind == function {
				return r.e.invoke(a, nil, c.span), true
			}
		}
	case "update_all", "delete_all":
		r.everyRow(c)
	case "__adapter__":
		if r.db.Adapter != "" {
			return value{kind: module, text: r.db.Adapter}, true
		}
	}
	return value{}, true
}

// everyRow notes what is done to all rows of a table: `update_all("orders", …)`.
func (r *run) everyRow(c *call) {
	table := c.arg(0)
	if table.kind != str {
		return
	}
	change := ir.Change{Kind: ir.RowsWritten, Name: "update", Every: true}
	if c.name == "delete_all" {
		change = ir.Change{Kind: ir.TableEmptied, Name: "delete"}
	}
	r.maybe = r.e.maybe > 0
	r.note(r.resolve("", table.text), c.span, change)
	r.maybe = false
}

// application reads the configuration.
func (r *run) application(c *call) (value, bool) {
	if c.name == "app_dir" {
		if sub := c.arg(1); sub.kind == str {
			return textOf(path.Join(r.app, sub.text)), true
		}
		return textOf(r.app), len(c.args) == 1
	}
	if len(c.args) < 2 {
		return value{}, false
	}
	app, _ := c.args[0].name()
	v := r.of.settings.at(app, c.args[1])
	if v.isNil() && len(c.args) > 2 {
		v = c.args[2]
	}
	if c.name == "fetch_env" && !v.isNil() {
		v = tupleOf(atomOf("ok"), v)
	}
	return v, true
}

// query applies SQL that is sent at once, not as a command.
func (r *run) query(c *call, i int) (value, bool) {
	if !strings.HasPrefix(c.name, "query") || i >= len(c.args) {
		return value{}, false
	}
	if text := c.args[i]; text.kind != unknown {
		r.now(wholeAt(text.text, c.span), r.e.maybe > 0)
	} else {
		r.unknownSQL(text, c.span)
	}
	return value{}, true
}

// sql gives SQL text that stands at one place as a command.
func (r *run) sql(text string, at source.Span) { r.do(wholeAt(text, at)) }

// wholeAt is SQL text all of which stands at one place.
func wholeAt(text string, at source.Span) script {
	return script{text, func(sql.Range) source.Span { return at }}
}

// do gives a script as a command.
func (r *run) do(sc script) { r.later(sc, r.e.maybe > 0) }

func (r *run) later(sc script, maybe bool) {
	r.queue = append(r.queue, func() { r.now(sc, maybe) })
}

// now applies a script.
func (r *run) now(sc script, maybe bool) {
	r.maybe = maybe
	r.apply(sc)
	r.maybe = false
}

// command carries out one function of Ecto.Migration.
func (r *run) command(f *frame, c *call) value {
	if word := irreversible(c); word != "" {
		r.oneWay(word, c.span)
	}
	switch c.name {
	case "table", "index", "unique_index", "constraint", "references":
		return r.described(f, c)
	case "fragment":
		return tupleOf(atomOf("fragment"), c.arg(0))
	case "create", "create_if_not_exists", "alter":
		return r.change(f, c)
	case "drop", "drop_if_exists":
		r.drop(c)
		return c.arg(0)
	case "rename":
		r.rename(c)
	case "add", "add_if_not_exists", "modify", "remove", "remove_if_exists":
		r.part(c)
	case "timestamps":
		r.timestamps(c)
	case "execute":
		r.execute(c)
	case "execute_file":
		r.executeFile(c)
	case "flush":
		r.flush()
	case "direction":
		r.directed = true
		return atomOf("up")
	case "repo":
		return value{kind: module, text: r.db.Repo}
	case "prefix":
		if r.prefix != "" {
			return textOf(r.prefix)
		}
		return null()
	}
	return atomOf("ok")
}

// described makes a struct, and looks at its options and at what becomes of it.
func (r *run) described(f *frame, c *call) value {
	v := r.thing(c)
	if c.name != "references" && c.options(len(c.args)-1).kind == list {
		r.misplacedOf(c.name, v, c.span)
	}
	switch c.name {
	case "index", "unique_index", "constraint":
		if c.discarded || r.own(f) && r.last[c.at] {
			r.unused(c.name, v, c.span)
		}
	}
	return v
}

// own reports whether a frame is of the migration's own function.
func (r *run) own(f *frame) bool {
	return f.def != nil && r.current != nil && f.def.ID == r.current.Func
}

// thing makes the struct that stands for a table, index, constraint or
// reference.
func (r *run) thing(c *call) value {
	name := c.arg(0)
	if s, ok := name.name(); ok {
		name = textOf(s)
	}
	out := value{kind: object, text: c.name}
	opts := 1
	switch c.name {
	case "index", "unique_index":
		columns := c.arg(1)
		if columns.kind == atom && !columns.isNil() {
			columns = listOf([]value{columns})
		}
		out = value{kind: object, text: "index"}.with(atomOf("table"), name).with(atomOf("columns"), columns)
		if c.name == "unique_index" {
			out = out.with(atomOf("unique"), boolOf(true))
		}
		opts = 2
	case "constraint":
		out = out.with(atomOf("table"), name).with(atomOf("name"), c.arg(1))
		opts = 2
	case "references":
		out = out.with(atomOf("table"), name)
	default:
		out = out.with(atomOf("name"), name)
	}
	given := c.options(opts)
	if given.kind == unknown {
		r.gap(c.span, name.text, "the options of `"+c.name+"` are not known")
	}
	if c.name == "references" {
		given = merged(r.of.foreignKey(), given)
	}
	for _, p := range given.pairs() {
		out = out.with(p[0], p[1])
	}
	return out
}

// change creates or alters, with the block that follows.
func (r *run) change(f *frame, c *call) value {
	thing := c.arg(0)
	switch {
	case thing.kind != object:
		r.gap(c.span, "", "what `"+c.name+"` is about is not known")
		r.inside(f, c, thing)
		return thing
	case thing.text == "index":
		r.createIndex(c, thing)
		return thing
	case thing.text == "constraint":
		r.createConstraint(c, thing)
		return thing
	}
	b := r.inside(f, c, thing)
	name, ok := r.qualified(thing.field("name"), thing)
	if !ok {
		r.gap(c.span, "", "the name of the table is not known")
		return thing
	}
	if c.name == "alter" {
		r.alterTable(c, name, b)
	} else {
		r.createTable(c, name, b)
	}
	return thing
}

// inside evaluates the block of a command.
func (r *run) inside(f *frame, c *call, table value) *block {
	b := &block{table: table}
	if c.name != "alter" {
		r.primaryKey(b, c.span)
	}
	if len(c.ids) > len(c.args) {
		outer := r.block
		r.block = b
		if body := c.ids[len(c.args)]; r.own(f) {
			for _, id := range f.code.List(f.code.At(body)) {
				ends(f.code, id, r.last)
			}
		}
		r.e.eval(f, c.ids[len(c.args)])
		r.block = outer
	}
	return b
}

// primaryKey adds the column that `create table` adds by itself.
func (r *run) primaryKey(b *block, at source.Span) {
	opts := b.table.field("primary_key")
	if opts.isNil() || opts.kind == atom && opts.text == "true" {
		opts = r.of.primaryKey()
	}
	if opts.kind == atom && opts.text == "false" {
		return
	}
	if opts.kind != list {
		r.gap(at, b.table.field("name").text, "the primary key is not known")
		return
	}
	name, typ := "id", atomOf("bigserial")
	rest := keyword([][2]value{{atomOf("primary_key"), boolOf(true)}})
	for _, p := range opts.pairs() {
		switch p[0].text {
		case "name":
			name, _ = p[1].name()
		case "type":
			typ = p[1]
		default:
			rest.items = append(rest.items, tupleOf(p[0], p[1]))
		}
	}
	b.parts = append(b.parts, part{verb: "add", name: name, typ: typ, opts: rest, span: at})
}

// qualified is the SQL name of a table or index with its schema.
func (r *run) qualified(name, thing value) (string, bool) {
	s, ok := name.name()
	if !ok {
		return "", false
	}
	prefix := thing.field("prefix")
	if prefix.kind == unknown {
		return "", false
	}
	schema, _ := prefix.name()
	if schema == "" {
		schema = r.defaultPrefix()
	}
	if schema == "" {
		return quoted(s), true
	}
	return quoted(schema) + "." + quoted(s), true
}

func (r *run) defaultPrefix() string {
	if r.prefix != "" {
		return r.prefix
	}
	schema, _ := r.of.config.field("migration_default_prefix").name()
	return schema
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// part adds one line to the block under way.
func (r *run) part(c *call) {
	if r.block == nil {
		return
	}
	name, ok := c.arg(0).name()
	if !ok {
		r.gap(c.span, r.block.table.field("name").text, "the name of the column is not known")
		return
	}
	typ := c.arg(1)
	if c.name == "add" && len(c.args) == 1 {
		typ = atomOf("string") // the default of early versions
	}
	p := part{verb: c.name, name: name, typ: typ, opts: c.options(2), maybe: r.e.maybe > 0, span: c.span}
	if p.opts.kind == unknown {
		r.gap(c.span, r.block.table.field("name").text, "the options of column "+name+" are not known")
	}
	r.misplacedIn(r.block.table, &p)
	r.block.parts = append(r.block.parts, p)
}

// timestamps adds the columns that tell when a row was made and changed.
func (r *run) timestamps(c *call) {
	if r.block == nil {
		return
	}
	given := c.options(0)
	opts := merged(r.of.config.field("migration_timestamps"), given)
	r.misplacedIn(r.block.table, &part{verb: "add", call: "timestamps", opts: given, span: c.span})
	if given.kind == unknown {
		r.gap(c.span, r.block.table.field("name").text, "the options of timestamps are not known")
		opts = r.of.config.field("migration_timestamps")
	}
	names := [2]value{atomOf("inserted_at"), atomOf("updated_at")}
	typ := atomOf("naive_datetime")
	rest := value{kind: list}
	for _, p := range opts.pairs() {
		switch p[0].text {
		case "type":
			typ = p[1]
		case "inserted_at":
			names[0] = p[1]
		case "updated_at":
			names[1] = p[1]
		default:
			rest.items = append(rest.items, tupleOf(p[0], p[1]))
		}
	}
	if !rest.has("null") {
		rest.items = append(rest.items, tupleOf(atomOf("null"), boolOf(false)))
	}
	for _, n := range names {
		if s, ok := n.name(); ok && s != "false" {
			r.block.parts = append(r.block.parts, part{verb: "add", name: s, typ: typ, opts: rest, maybe: r.e.maybe > 0, span: c.span})
		}
	}
}

// execute runs SQL or a function; of two the first is for the way up.
func (r *run) execute(c *call) {
	switch up := c.arg(0); up.kind {
	case str:
		r.sql(up.text, c.span)
	case function:
		maybe := r.e.maybe
		r.queue = append(r.queue, func() {
			r.e.maybe = maybe
			r.e.invoke(up, nil, c.span)
			r.e.maybe = 0
		})
	case unknown:
		r.unknownSQL(up, c.span)
	}
}

// unknownSQL notes SQL that is not known, unless its beginning shows that it
// changes rows only.
func (r *run) unknownSQL(v value, at source.Span) {
	words := strings.Fields(strings.ToLower(v.text))
	if len(words) > 0 && !strings.Contains(v.text, ";") {
		switch words[0] {
		case "insert", "update", "delete", "select", "with":
			return
		}
	}
	r.gap(at, "", "the SQL that is executed is not known")
}

func (r *run) executeFile(c *call) {
	name := c.arg(0)
	if name.kind != str {
		r.gap(c.span, "", "the file that is executed is not known")
		return
	}
	for _, p := range []string{name.text, path.Join(r.app, name.text)} {
		if f := r.e.p.Files.Named(path.Clean(p)); f != nil {
			r.do(fileScript(f))
			return
		}
	}
	r.gap(c.span, "", "the file "+name.text+" is not there")
}

// fileScript is a whole file of SQL.
func fileScript(f *source.File) script {
	return script{f.Text, func(g sql.Range) source.Span {
		return source.Span{File: f.ID, Start: int32(g.Start), End: int32(g.End)} //nolint:gosec // a file is smaller than 2 GiB
	}}
}

// drop drops a table, index or constraint.
func (r *run) drop(c *call) {
	thing := c.arg(0)
	if thing.kind != object {
		r.gap(c.span, "", "what is dropped is not known")
		return
	}
	exists := ""
	if c.name == "drop_if_exists" {
		exists = "IF EXISTS "
	}
	cascade := ""
	if mode, _ := c.options(1).field("mode").name(); mode == "cascade" {
		cascade = " CASCADE"
	}
	var text string
	var ok bool
	switch thing.text {
	case "table":
		text, ok = r.qualified(thing.field("name"), thing)
		text = "DROP TABLE " + exists + text
	case "index":
		text, ok = r.qualified(textOf(indexOf(thing)), thing)
		text = "DROP INDEX " + when(thing.field("concurrently"), "CONCURRENTLY ") + exists + text
	case "constraint":
		var name string
		name, ok = thing.field("name").name()
		table, known := r.qualified(thing.field("table"), thing)
		ok = ok && known
		text = "ALTER TABLE " + table + " DROP CONSTRAINT " + exists + quoted(name)
	}
	if !ok {
		r.gap(c.span, "", "the name of what is dropped is not known")
		return
	}
	r.sql(text+cascade, c.span)
}

// indexOf is the name of an index: its own, or the one that Ecto makes up. It is
// empty when it is not known.
func indexOf(x value) string {
	if name := x.field("name"); !name.isNil() {
		s, _ := name.name()
		return s
	}
	table, ok := x.field("table").name()
	columns, known := x.field("columns").elements()
	if !ok || !known {
		return ""
	}
	var names []string
	for _, c := range columns {
		if c.kind == tuple && len(c.items) == 2 {
			c = c.items[1]
		}
		s, ok := c.name()
		if !ok {
			return ""
		}
		names = append(names, s)
	}
	return indexName(table, names)
}

// rename renames a table, a column or an index.
func (r *run) rename(c *call) {
	thing := c.arg(0)
	if thing.kind != object {
		r.gap(c.span, "", "what is renamed is not known")
		return
	}
	to := c.options(len(c.args) - 1).field("to")
	if thing.text == "index" {
		name, ok := r.qualified(textOf(indexOf(thing)), thing)
		now, known := to.name()
		r.renameBy(c, ok && known, "ALTER INDEX "+name+" RENAME TO "+quoted(now))
		return
	}
	table, ok := r.qualified(thing.field("name"), thing)
	if len(c.args) == 2 {
		now, known := to.field("name").name()
		r.renameBy(c, ok && known, "ALTER TABLE "+table+" RENAME TO "+quoted(now))
		return
	}
	from, known := c.arg(1).name()
	now, also := to.name()
	r.renameBy(c, ok && known && also, "ALTER TABLE "+table+" RENAME "+quoted(from)+" TO "+quoted(now))
}

func (r *run) renameBy(c *call, known bool, text string) {
	if !known {
		r.gap(c.span, "", "a name in `rename` is not known")
		return
	}
	r.sql(text, c.span)
}

func (r *run) createIndex(c *call, x value) {
	table, ok := r.qualified(x.field("table"), x)
	name := indexOf(x)
	columns, known := x.field("columns").elements()
	if !ok || !known || name == "" {
		r.gap(c.span, "", "the name or the columns of the index are not known")
		return
	}
	var b strings.Builder
	b.WriteString("CREATE ")
	b.WriteString(when(x.field("unique"), "UNIQUE "))
	b.WriteString("INDEX " + when(x.field("concurrently"), "CONCURRENTLY "))
	if c.name == "create_if_not_exists" {
		b.WriteString("IF NOT EXISTS ")
	}
	b.WriteString(quoted(name) + " ON " + when(x.field("only"), "ONLY ") + table)
	if using, ok := x.field("using").name(); ok {
		b.WriteString(" USING " + using)
	}
	keys := make([]string, len(columns))
	for i, k := range columns {
		if keys[i], ok = indexKey(k); !ok {
			r.gap(c.span, x.field("table").text, "a column of the index is not known")
			return
		}
	}
	b.WriteString(" (" + strings.Join(keys, ", ") + ")")
	b.WriteString(r.indexTail(c, x))
	r.sql(b.String(), c.span)
}

// when is a word that stands where an option is true.
func when(v value, word string) string {
	if truth, _ := v.truth(); truth {
		return word
	}
	return ""
}

func indexKey(k value) (string, bool) {
	dir := ""
	if k.kind == tuple && len(k.items) == 2 {
		dir = " " + strings.ToUpper(strings.ReplaceAll(k.items[0].text, "_", " "))
		k = k.items[1]
	}
	s, ok := k.name()
	if k.kind == atom {
		s = quoted(s)
	}
	return s + dir, ok
}

func (r *run) indexTail(c *call, x value) string {
	out := ""
	if items, ok := x.field("include").elements(); ok && len(items) > 0 {
		var names []string
		for _, i := range items {
			s, _ := indexKey(i)
			names = append(names, s)
		}
		out += " INCLUDE (" + strings.Join(names, ", ") + ")"
	}
	if d := x.field("nulls_distinct"); d.kind == atom && d.text == "false" {
		out += " NULLS NOT DISTINCT"
	}
	switch where := x.field("where"); {
	case where.kind == unknown:
		r.gap(c.span, x.field("table").text, "the condition of the index is not known")
	case !where.isNil():
		out += " WHERE " + where.text
	}
	return out
}

func (r *run) createConstraint(c *call, x value) {
	table, ok := r.qualified(x.field("table"), x)
	name, known := x.field("name").name()
	check, exclude := x.field("check"), x.field("exclude")
	if !ok || !known || check.kind == unknown || exclude.kind == unknown {
		r.gap(c.span, x.field("table").text, "the constraint is not known")
		return
	}
	text := "ALTER TABLE " + table + " ADD CONSTRAINT " + quoted(name)
	if check.kind == str {
		text += " CHECK (" + check.text + ")"
	} else {
		text += " EXCLUDE USING " + exclude.text
	}
	r.sql(text+notValid(x), c.span)
}

func notValid(x value) string {
	if v := x.field("validate"); v.kind == atom && v.text == "false" {
		return " NOT VALID"
	}
	return ""
}

// marked is SQL text under construction whose parts have places.
type marked struct {
	strings.Builder
	ends  []int
	spans []source.Span
}

// mark says that what was written since the last mark stands at a place.
func (m *marked) mark(at source.Span) {
	m.ends = append(m.ends, m.Len())
	m.spans = append(m.spans, at)
}

// script is the text with its places; what has none is at the whole.
func (m *marked) script(whole source.Span) script {
	return script{m.String(), func(g sql.Range) source.Span {
		if g.Start == 0 {
			return whole
		}
		for i, end := range m.ends {
			if g.Start < end {
				return m.spans[i]
			}
		}
		return whole
	}}
}

func (r *run) createTable(c *call, name string, b *block) {
	var m marked
	m.WriteString("CREATE TABLE ")
	if c.name == "create_if_not_exists" {
		m.WriteString("IF NOT EXISTS ")
	}
	m.WriteString(name + " (")
	m.mark(c.span)
	sep := ""
	var keys []string
	var later []part
	for _, p := range b.parts {
		if p.maybe && r.e.maybe == 0 {
			later = append(later, p)
			continue
		}
		m.WriteString(sep)
		sep = ", "
		r.define(&m, b.table, &p, "", sep)
		m.mark(p.span)
		if truth, _ := p.opts.field("primary_key").truth(); truth {
			keys = append(keys, quoted(p.name))
		}
	}
	if len(keys) > 0 {
		m.WriteString(sep + "PRIMARY KEY (" + strings.Join(keys, ",") + ")")
		m.mark(c.span)
	}
	m.WriteString(")")
	if o := b.table.field("options"); o.kind == str {
		m.WriteString(" " + o.text)
	}
	r.do(m.script(c.span))
	r.alterParts(c, name, b.table, later, true)
}

func (r *run) alterTable(c *call, name string, b *block) {
	var sure, unsure []part
	for _, p := range b.parts {
		if p.maybe && r.e.maybe == 0 {
			unsure = append(unsure, p)
		} else {
			sure = append(sure, p)
		}
	}
	r.alterParts(c, name, b.table, sure, r.e.maybe > 0)
	r.alterParts(c, name, b.table, unsure, true)
}

func (r *run) alterParts(c *call, name string, table value, parts []part, maybe bool) {
	if len(parts) == 0 {
		return
	}
	var m marked
	m.WriteString("ALTER TABLE " + name + " ")
	var keys []string
	for i := range parts {
		p := &parts[i]
		if i > 0 {
			m.WriteString(", ")
		}
		r.alteration(&m, table, p)
		m.mark(p.span)
		if truth, _ := p.opts.field("primary_key").truth(); truth && p.verb != "remove" {
			keys = append(keys, quoted(p.name))
		}
	}
	if len(keys) > 0 {
		m.WriteString(", ADD PRIMARY KEY (" + strings.Join(keys, ",") + ")")
		m.mark(c.span)
	}
	r.later(m.script(c.span), maybe)
}

func (r *run) alteration(m *marked, table value, p *part) {
	switch p.verb {
	case "add":
		r.define(m, table, p, "ADD COLUMN ", ", ADD ")
	case "add_if_not_exists":
		r.define(m, table, p, "ADD COLUMN IF NOT EXISTS ", ", ADD ")
	case "modify":
		r.modify(m, table, p)
	case "remove":
		if p.typ.kind == object {
			m.WriteString("DROP CONSTRAINT " + referenceName(p.typ, table, p.name) + ", ")
		}
		m.WriteString("DROP COLUMN " + quoted(p.name))
	case "remove_if_exists":
		if p.typ.kind == object {
			m.WriteString("DROP CONSTRAINT IF EXISTS " + referenceName(p.typ, table, p.name) + ", ")
		}
		m.WriteString("DROP COLUMN IF EXISTS " + quoted(p.name))
	}
}

// define writes the definition of a column and, behind it, its reference.
func (r *run) define(m *marked, table value, p *part, before, between string) {
	m.WriteString(before + quoted(p.name) + " ")
	if p.typ.kind == object {
		typ := referenceType(p.typ)
		m.WriteString(r.columnType(typ, p) + r.columnOptions(typ, p) + between)
		m.WriteString(r.reference(table, p))
		return
	}
	m.WriteString(r.columnType(p.typ, p) + r.columnOptions(p.typ, p))
}

func (r *run) modify(m *marked, table value, p *part) {
	from := p.opts.field("from")
	if from.kind == tuple && len(from.items) > 0 {
		from = from.items[0]
	}
	if from.kind == object {
		m.WriteString("DROP CONSTRAINT " + referenceName(from, table, p.name) + ", ")
	}
	column := "ALTER COLUMN " + quoted(p.name)
	typ := p.typ
	if typ.kind == object {
		typ = referenceType(typ)
	}
	m.WriteString(column + " TYPE " + r.columnType(typ, p))
	if p.typ.kind == object {
		m.WriteString(", ADD " + r.reference(table, p))
	}
	switch null := p.opts.field("null"); {
	case null.kind == atom && null.text == "true":
		m.WriteString(", " + column + " DROP NOT NULL")
	case null.kind == atom && null.text == "false":
		m.WriteString(", " + column + " SET NOT NULL")
	}
	if p.opts.has("default") {
		if def, ok := r.defaultOf(typ, p); ok {
			m.WriteString(", " + column + " SET DEFAULT " + def)
		}
	}
}

func referenceType(ref value) value {
	switch t := ref.field("type"); {
	case t.isNil():
		return atomOf("bigint")
	case t.text == "bigserial" || t.text == "identity":
		return atomOf("bigint")
	case t.text == "serial":
		return atomOf("integer")
	default:
		return t
	}
}

func referenceName(ref, table value, column string) string {
	if s, ok := ref.field("name").name(); ok {
		return quoted(s)
	}
	return quoted(table.field("name").text + "_" + column + "_fkey")
}

func (r *run) reference(table value, p *part) string {
	ref := p.typ
	to, ok := ref.field("table").name()
	if !ok {
		r.gap(p.span, table.field("name").text, "the table that "+p.name+" refers to is not known")
		return "CONSTRAINT " + quoted(p.name+"_unknown") + " CHECK (true)"
	}
	own, other := []string{quoted(p.name)}, []string{quoted(columnOf(ref))}
	for _, w := range ref.field("with").pairs() {
		a, _ := w[0].name()
		b, _ := w[1].name()
		own, other = append(own, quoted(a)), append(other, quoted(b))
	}
	schema, _ := ref.field("prefix").name()
	if schema == "" && !ref.has("prefix") {
		schema, _ = table.field("prefix").name()
	}
	if schema == "" {
		schema = r.defaultPrefix()
	}
	name := quoted(to)
	if schema != "" {
		name = quoted(schema) + "." + name
	}
	return "CONSTRAINT " + referenceName(ref, table, p.name) + " FOREIGN KEY (" + strings.Join(own, ",") +
		") REFERENCES " + name + "(" + strings.Join(other, ",") + ")" +
		r.onChange(p, "on_delete", " ON DELETE ") + r.onChange(p, "on_update", " ON UPDATE ") + notValid(ref)
}

func columnOf(ref value) string {
	if s, ok := ref.field("column").name(); ok {
		return s
	}
	return "id"
}

// onChange writes what on_delete or on_update says.
func (r *run) onChange(p *part, key, words string) string {
	v := p.typ.field(key)
	if v.kind == tuple && len(v.items) == 2 {
		v = v.items[0]
	}
	switch v.text {
	case "delete_all", "update_all":
		return words + "CASCADE"
	case "nilify_all", "nilify":
		return words + "SET NULL"
	case "default_all", "default":
		return words + "SET DEFAULT"
	case "restrict":
		return words + "RESTRICT"
	}
	if v.kind == unknown {
		r.aside(p.span, "`"+key+"` of "+p.name+" is not known")
	}
	return ""
}

// columnOptions writes the default and whether the column may be null.
func (r *run) columnOptions(typ value, p *part) string {
	out := ""
	if p.opts.has("default") {
		if def, ok := r.defaultOf(typ, p); ok {
			out += " DEFAULT " + def
		}
	}
	switch null := p.opts.field("null"); {
	case null.kind == atom && null.text == "false":
		out += " NOT NULL"
	case null.kind == unknown && p.opts.kind != unknown:
		r.aside(p.span, "whether "+p.name+" may be null is not known")
	}
	return out
}

// defaultOf is the SQL of a column's default.
func (r *run) defaultOf(typ value, p *part) (string, bool) {
	def, ok := literal(p.opts.field("default"), typ)
	if !ok {
		r.aside(p.span, "the default of "+p.name+" is not known")
	}
	return def, ok
}

func literal(v, typ value) (string, bool) {
	switch v.kind {
	case str:
		return "'" + strings.ReplaceAll(v.text, "'", "''") + "'", true
	case number:
		return v.text, true
	case atom:
		if v.isNil() {
			return "NULL", true
		}
		return v.text, v.text == "true" || v.text == "false"
	case tuple:
		if len(v.items) == 2 && v.items[0].text == "fragment" && v.items[1].kind == str {
			return v.items[1].text, true
		}
	case list:
		return arrayLiteral(v, typ)
	case mapping:
		s, ok := jsonOf(v)
		return "'" + strings.ReplaceAll(s, "'", "''") + "'", ok
	}
	return "", false
}

func arrayLiteral(v, typ value) (string, bool) {
	inner := value{}
	if typ.kind == tuple && len(typ.items) == 2 {
		inner = typ.items[1]
	}
	parts := make([]string, len(v.items))
	for i, item := range v.items {
		s, ok := literal(item, inner)
		if !ok {
			return "", false
		}
		parts[i] = s
	}
	return "ARRAY[" + strings.Join(parts, ",") + "]::" + plainType(typ), true
}

// jsonOf is a value as JSON. Keys keep their order, as in Ecto they do for
// small maps once sorted.
func jsonOf(v value) (string, bool) {
	switch v.kind {
	case str:
		b, err := json.Marshal(v.text)
		return string(b), err == nil
	case number:
		return v.text, true
	case atom:
		if v.isNil() {
			return "null", true
		}
		if v.text == "true" || v.text == "false" {
			return v.text, true
		}
		b, err := json.Marshal(v.text)
		return string(b), err == nil
	case list:
		return jsonList(v)
	case mapping:
		return jsonMap(v)
	}
	return "", false
}

func jsonList(v value) (string, bool) {
	var parts []string
	for _, i := range v.items {
		s, ok := jsonOf(i)
		if !ok {
			return "", false
		}
		parts = append(parts, s)
	}
	return "[" + strings.Join(parts, ",") + "]", true
}

func jsonMap(v value) (string, bool) {
	var parts []string
	for _, p := range v.pairs() {
		key, ok1 := p[0].spelled()
		val, ok2 := jsonOf(p[1])
		name, err := json.Marshal(key)
		if !ok1 || !ok2 || err != nil {
			return "", false
		}
		parts = append(parts, string(name)+":"+val)
	}
	return "{" + strings.Join(parts, ",") + "}", true
}

// columnType is the SQL of a column's type with its size.
func (r *run) columnType(typ value, p *part) string {
	out, ok := sized(typ, p.opts)
	if !ok {
		r.aside(p.span, "the type of "+p.name+" is not known")
		return unknownType
	}
	if g := p.opts.field("generated"); g.kind == str {
		return out + " GENERATED " + g.text
	}
	if typ.kind == atom && typ.text == "identity" {
		return out + " GENERATED BY DEFAULT AS IDENTITY"
	}
	return out
}

func sized(typ, opts value) (string, bool) {
	if typ.kind == tuple && len(typ.items) == 2 && typ.items[0].text == "array" {
		inner, ok := sized(typ.items[1], opts)
		return inner + "[]", ok
	}
	name := plainType(typ)
	size, precision, scale := opts.field("size"), opts.field("precision"), opts.field("scale")
	switch typ.text {
	case "time", "utc_datetime", "naive_datetime":
		return name + "(0)", true
	case "time_usec", "utc_datetime_usec", "naive_datetime_usec":
		if precision.kind == number {
			name += "(" + precision.text + ")"
		}
		return name, true
	}
	switch {
	case size.kind == number:
		name += "(" + size.text + ")"
	case precision.kind == number && scale.kind == number:
		name += "(" + precision.text + "," + scale.text + ")"
	case precision.kind == number:
		name += "(" + precision.text + ",0)"
	case typ.text == "string" && typ.kind == atom:
		name += "(255)"
	}
	return name, name != ""
}

// plainType is the SQL name that Ecto gives a type.
func plainType(typ value) string {
	if typ.kind == tuple && len(typ.items) == 2 {
		if typ.items[0].text == "array" {
			return plainType(typ.items[1]) + "[]"
		}
		typ = typ.items[0]
	}
	if typ.kind != atom && typ.kind != str {
		return ""
	}
	switch typ.text {
	case "nil":
		return ""
	case "id":
		return "integer"
	case "identity":
		return "bigint"
	case "binary_id":
		return "uuid"
	case "string":
		return "varchar"
	case "bitstring":
		return "varbit"
	case "binary":
		return "bytea"
	case "map":
		return "jsonb"
	case "time_usec":
		return "time"
	case "utc_datetime", "utc_datetime_usec", "naive_datetime", "naive_datetime_usec":
		return "timestamp"
	case "duration":
		return "interval"
	}
	return typ.text
}

// ran is what a migration calls: up, or change.
func ran(p *ir.Program, m *ir.Module) *ir.Func {
	for _, name := range []string{"up", "change"} {
		if f := p.FuncNamed(m.ID, name, 0); f != nil {
			return f
		}
	}
	return nil
}
