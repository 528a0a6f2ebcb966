package replay

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// takes reports whether a function of Ecto.Migration reads an option. `after`
// is read for MySQL only, and documented as ignored elsewhere.
func takes(function, option string) bool {
	switch function {
	case "add", "add_if_not_exists":
		return columnOption(option)
	case "modify":
		return columnOption(option) || option == "from"
	case "timestamps":
		return columnOption(option) || option == "inserted_at" || option == "updated_at" || option == "type"
	case "references":
		switch option {
		case "name", "prefix", "column", "type", "on_delete", "on_update", "validate", "with", "match", "options":
			return true
		}
	case "index", "unique_index":
		switch option {
		case "name", "prefix", "columns", "unique", "concurrently", "using", "include", "only", "nulls_distinct", "where", "comment", "options":
			return true
		}
	case "constraint":
		switch option {
		case "check", "exclude", "prefix", "comment", "validate":
			return true
		}
	case "table":
		switch option {
		case "prefix", "comment", "primary_key", "engine", "options", "modifiers":
			return true
		}
	}
	return false
}

func columnOption(option string) bool {
	switch option {
	case "primary_key", "default", "null", "size", "precision", "scale", "comment", "collation",
		"after", "generated", "start_value", "increment", "fields":
		return true
	}
	return false
}

// refuses reports whether the version of Ecto SQL that is locked raises an
// error for an option that the structs of a migration do not have. Columns take
// any option in every version.
func (pl *place) refuses(function string) bool {
	switch function {
	case "references", "index", "unique_index", "constraint", "table":
		return pl.strict
	}
	return false
}

// strict reports whether the Ecto SQL of an application is 3.12 or later.
func strict(app *source.App) bool {
	if app == nil {
		return false
	}
	for _, d := range app.Deps {
		if d.Name != "ecto_sql" {
			continue
		}
		parts := strings.SplitN(d.Version, ".", 3)
		if len(parts) < 2 {
			return false
		}
		major, err1 := strconv.Atoi(parts[0])
		minor, err2 := strconv.Atoi(parts[1])
		return err1 == nil && err2 == nil && (major > 3 || major == 3 && minor >= 12)
	}
	return false
}

// misplaced notes the options among some that a function does not have; name and
// thing are the table that it is about.
func (r *run) misplaced(m ir.Misplaced, name, thing value, options [][2]value) {
	for _, p := range options {
		if p[0].kind != atom || takes(m.Call, p[0].text) {
			continue
		}
		q, ok := r.tableName(name, thing)
		if !ok {
			return
		}
		m.Version, m.Schema, m.Table = r.version, q.schema, q.name
		m.Option, m.Value = p[0].text, ""
		m.Value, _ = p[1].inspected()
		m.Refused = r.of.refuses(m.Call)
		r.db.Misplaced = append(r.db.Misplaced, m)
	}
}

// misplacedIn notes the misplaced options of a column and of what it refers to.
func (r *run) misplacedIn(table value, p *part) {
	if p.verb == "remove" || p.verb == "remove_if_exists" {
		return
	}
	m := ir.Misplaced{Span: p.span, Call: p.verb, Column: ir.CutName(p.name), Reference: p.typ.kind == object}
	if p.call != "" {
		m.Call = p.call
	}
	r.misplaced(m, table.field("name"), table, p.opts.pairs())
	if p.typ.kind == object && p.typ.text == "references" {
		m.Call = "references"
		r.misplaced(m, table.field("name"), table, p.typ.without("table"))
	}
}

// misplacedOf notes the misplaced options of an index, a constraint or a table.
func (r *run) misplacedOf(call string, thing value, at source.Span) {
	name := thing.field("table")
	if call == "table" {
		name = thing.field("name")
	}
	r.misplaced(ir.Misplaced{Span: at, Call: call}, name, thing, thing.without("table", "name"))
}

// tableName is the name of a table with its schema.
func (r *run) tableName(name, thing value) (qname, bool) {
	s, ok := name.name()
	if !ok {
		return qname{}, false
	}
	schema, _ := thing.field("prefix").name()
	if schema == "" {
		schema = r.defaultPrefix()
	}
	return r.resolve(schema, s), true
}

// unused notes an index or a constraint that stands alone.
func (r *run) unused(call string, thing value, at source.Span) {
	q, ok := r.tableName(thing.field("table"), thing)
	if !ok {
		return
	}
	u := ir.Unused{Version: r.version, Span: at, Call: call, Schema: q.schema, Table: q.name, Constraint: call == "constraint"}
	if u.Constraint {
		u.Name, _ = thing.field("name").name()
	} else {
		u.Name = indexOf(thing)
	}
	columns, _ := thing.field("columns").elements()
	for _, c := range columns {
		if c.kind == tuple && len(c.items) == 2 {
			c = c.items[1]
		}
		name := ""
		if c.kind == atom || c.kind == str && plainName(c.text) {
			name = ir.CutName(c.text)
		}
		u.Columns = append(u.Columns, name)
	}
	u.Unique, _ = thing.field("unique").truth()
	u.Name = ir.CutName(u.Name)
	r.db.Unused = append(r.db.Unused, u)
}

// ends collects the last statements of a body and of the blocks in it: their
// values are no one's.
func ends(c *ir.Code, id ir.ExprID, out map[ir.ExprID]bool) {
	if id < 0 {
		return
	}
	x := c.At(id)
	switch {
	case x.Op == ir.Block && x.Hi > x.Lo:
		ends(c, c.List(x)[x.Hi-x.Lo-1], out)
	case x.Op == ir.Branch && x.Sub == ir.BranchIf:
		ends(c, ir.ExprID(x.B), out)
		ends(c, ir.ExprID(x.C), out)
	default:
		out[id] = true
	}
}

// oneWay notes a command that Ecto cannot turn round, in a function that serves
// both directions.
func (r *run) oneWay(command string, at source.Span) {
	if r.current == nil || !r.both {
		return
	}
	r.current.Changes = append(r.current.Changes, ir.Change{Kind: ir.OneWay, Name: command, Span: at, Maybe: r.e.maybe > 0})
}

// irreversible is the word for a command that cannot be turned round, or
// nothing.
func irreversible(c *call) string {
	switch c.name {
	case "execute", "execute_file":
		if len(c.args) == 1 {
			return c.name + "/1"
		}
	case "drop", "drop_if_exists":
		if what := c.arg(0).text; what == "table" || what == "constraint" {
			return c.name + " " + what
		}
	case "remove":
		if len(c.args) == 1 {
			return "remove/1"
		}
	case "modify":
		if !c.options(2).has("from") {
			return "modify without from"
		}
	case "add_if_not_exists", "remove_if_exists":
		return c.name
	}
	return ""
}
