package replay

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax/sql"
)

func (a applier) alter(st *sql.Alter) {
	q := a.named(st.Name)
	at := a.at(st.Range)
	switch st.Object {
	case sql.TypeObject:
		a.alterType(q, st)
	case sql.Index:
		for _, act := range st.Actions {
			if r, ok := act.(*sql.RenameTo); ok && !(st.IfExists && !a.relationTaken(q.schema)(q.name)) {
				a.renameIndex(q, r.Name, at)
			}
		}
	case sql.View, sql.MaterializedView:
		a.alterView(q, st)
	case sql.Sequence:
		a.alterSequence(q, st)
	case sql.Table, sql.ForeignTable:
		switch {
		case a.views[q] != nil:
			a.alterView(q, st)
		case a.notTable(q, st):
		default:
			a.alterTable(q, st)
		}
	}
}

// notTable reports whether ALTER TABLE is about something else, or changes
// nothing that is kept.
func (a applier) notTable(q qname, st *sql.Alter) bool {
	if a.tables[q] != nil {
		return false
	}
	if st.IfExists {
		return true
	}
	for _, act := range st.Actions {
		switch act.(type) {
		case *sql.Setting, *sql.OwnerTo, *sql.OwnedBy:
		default:
			return false
		}
	}
	return true
}

func (a applier) alterTable(q qname, st *sql.Alter) {
	t := a.table(q, a.at(st.Range))
	heirs := a.allHeirs(t)
	for _, act := range inPasses(st.Actions) {
		at := a.at(act.Span())
		a.noteAction(t, st, act, at)
		switch act := act.(type) {
		case *sql.AddColumn:
			a.addColumn(t, &act.Column, act.IfNotExists)
		case *sql.DropColumn:
			a.dropColumn(t, act.Name, act.IfExists, at)
		case *sql.RenameColumn:
			a.renameColumn(t, act.From, act.To, at)
		case *sql.AddConstraint:
			a.addConstraint(t, &act.Constraint)
		case *sql.DropConstraint:
			if act.Cascade {
				a.dropKey(t, ir.CutName(act.Name))
			}
			a.dropConstraint(t, act.Name, act.IfExists, at)
		case *sql.RenameConstraint:
			a.renameConstraint(t, act.From, act.To, at)
		case *sql.ValidateConstraint:
			a.validate(t, act.Name)
		case *sql.RenameTo:
			a.moveTable(q, qname{q.schema, ir.CutName(act.Name)}, at)
		case *sql.SetSchema:
			a.moveTable(q, qname{ir.CutName(act.Schema), q.name}, at)
		case *sql.AttachPartition:
			a.partition(act.Partition, t.Schema+"."+t.Name)
		case *sql.DetachPartition:
			a.partition(act.Partition, "")
		default:
			a.alterColumn(t, act)
		}
		for _, heir := range heirs {
			a.alterHeir(heir, t, act)
		}
	}
}

// alterHeir does to a table what happens to its columns when one is altered that it inherits from: they
// come, go and change with those (https://www.postgresql.org/docs/current/ddl-inherit.html).
func (a applier) alterHeir(heir, from *ir.Table, act sql.Action) {
	at := a.at(act.Span())
	switch act := act.(type) {
	case *sql.AddColumn:
		if c := from.Column(ir.CutName(act.Column.Name)); c != nil {
			a.state.addColumn(heir, *c, true, at)
		}
	case *sql.DropColumn:
		a.dropColumn(heir, act.Name, true, at)
	case *sql.RenameColumn:
		if heir.Column(ir.CutName(act.From)) != nil {
			a.renameColumn(heir, act.From, act.To, at)
		}
	case *sql.SetType:
		if heir.Column(ir.CutName(act.Column)) != nil {
			a.alterColumn(heir, act)
		}
	}
}

// allHeirs are the tables that inherit from one, also through others, each once.
func (a applier) allHeirs(t *ir.Table) []*ir.Table {
	var all []*ir.Table
	seen := map[*ir.Table]bool{t: true}
	for work := []*ir.Table{t}; len(work) > 0; work = work[1:] {
		for _, heir := range a.heirs[work[0]] {
			if !seen[heir] {
				seen[heir] = true
				all, work = append(all, heir), append(work, heir)
			}
		}
	}
	return all
}

// inPasses are the actions of one statement in the order in which PostgreSQL does
// them: what goes first, then the rest (AlterTablePass in tablecmds.c).
func inPasses(actions []sql.Action) []sql.Action {
	goes := func(act sql.Action) bool {
		switch act.(type) {
		case *sql.DropColumn, *sql.DropConstraint:
			return true
		}
		return false
	}
	if !slices.ContainsFunc(actions, goes) {
		return actions
	}
	out := make([]sql.Action, 0, len(actions))
	for _, first := range []bool{true, false} {
		for _, act := range actions {
			if goes(act) == first {
				out = append(out, act)
			}
		}
	}
	return out
}

// dropKey drops what depends on a key that goes with CASCADE.
func (a applier) dropKey(t *ir.Table, name string) {
	if k := t.PrimaryKey; k != nil && k.Name == name {
		a.dropDependants(t, k.Columns, k.Made)
	}
	if x := t.Index(name); x != nil && x.Backing {
		a.dropDependants(t, x.Columns(), x.Made)
	}
}

func (a applier) partition(name sql.Name, parent string) {
	if t := a.tables[a.named(name)]; t != nil && !a.maybe {
		t.Parent = parent
	}
}

func (a applier) alterColumn(t *ir.Table, act sql.Action) {
	at := a.at(act.Span())
	change := func(name string, f func(c *ir.Column)) {
		if c := a.state.column(t, name, at); c != nil {
			f(c)
		}
	}
	switch act := act.(type) {
	case *sql.SetType:
		change(act.Column, func(c *ir.Column) { retype(c, a.typeName(act.Type)) })
	case *sql.SetDefault:
		change(act.Column, func(c *ir.Column) { c.Default = a.expr(act.Default) })
	case *sql.DropDefault:
		change(act.Column, func(c *ir.Column) { c.Default = "" })
	case *sql.SetNotNull:
		change(act.Column, func(c *ir.Column) { c.Null = false })
	case *sql.DropNotNull:
		change(act.Column, func(c *ir.Column) { c.Null = true })
	case *sql.AddIdentity:
		change(act.Column, func(c *ir.Column) { a.identify(t, c) })
	case *sql.DropIdentity:
		change(act.Column, func(c *ir.Column) { c.Default, c.Identity = "", false })
	case *sql.DropExpression:
		change(act.Column, func(c *ir.Column) { c.Generated = "" })
	}
}

// retype changes the type of a column. A default that is a bare text keeps the
// type that it had.
func retype(c *ir.Column, now string) {
	bare := len(c.Default) > 1 && c.Default[0] == '\'' && strings.HasSuffix(c.Default, "'") && !strings.Contains(c.Default, "::")
	if bare && c.Type != "" && c.Type != now {
		c.Default += "::" + withoutSize(c.Type)
	}
	c.Type = now
}

// withoutSize is "timestamp without time zone" for "timestamp(0) without time zone".
func withoutSize(typ string) string {
	head, rest, sized := strings.Cut(typ, "(")
	if _, tail, ok := strings.Cut(rest, ")"); sized && ok {
		return head + tail
	}
	return typ
}

func (a applier) alterType(q qname, st *sql.Alter) {
	e := a.enums[q]
	if e == nil || a.maybe && !onlyValues(st) {
		return
	}
	for _, act := range st.Actions {
		switch act := act.(type) {
		case *sql.AddValue:
			addValue(e, act)
		case *sql.RenameValue:
			replaceName(e.Values, act.From, act.To)
		case *sql.RenameTo:
			a.moveType(q, qname{q.schema, ir.CutName(act.Name)})
		case *sql.SetSchema:
			a.moveType(q, qname{ir.CutName(act.Schema), q.name})
		}
	}
}

func onlyValues(st *sql.Alter) bool {
	return !slices.ContainsFunc(st.Actions, func(act sql.Action) bool {
		_, ok := act.(*sql.AddValue)
		return !ok
	})
}

// addValue adds a value to an enum, at its place.
func addValue(e *ir.Enum, act *sql.AddValue) {
	if slices.Contains(e.Values, act.Value) {
		return
	}
	i := len(e.Values)
	if j := slices.Index(e.Values, act.Before); act.Before != "" && j >= 0 {
		i = j
	}
	if j := slices.Index(e.Values, act.After); act.After != "" && j >= 0 {
		i = j + 1
	}
	e.Values = slices.Insert(e.Values, i, act.Value)
}

// moveType gives an enum another name, in the columns too.
func (a applier) moveType(from, to qname) {
	e := a.enums[from]
	delete(a.enums, from)
	e.Schema, e.Name = to.schema, to.name
	a.enums[to] = e
	old := a.qualifier(from.schema) + sql.Quote(from.name)
	now := a.qualifier(to.schema) + sql.Quote(to.name)
	for _, t := range a.tables {
		for i := range t.Columns {
			if c := &t.Columns[i]; strings.TrimSuffix(c.Type, "[]") == old {
				c.Type = now + c.Type[len(old):]
			}
		}
	}
}

// alterSequence follows the name of a column's sequence.
func (a applier) alterSequence(q qname, st *sql.Alter) {
	t := a.sequences[q]
	if t == nil || a.maybe {
		return
	}
	for _, act := range st.Actions {
		r, ok := act.(*sql.RenameTo)
		if !ok {
			continue
		}
		to := qname{q.schema, ir.CutName(r.Name)}
		delete(a.sequences, q)
		a.sequences[to] = t
		for i := range t.Columns {
			if c := &t.Columns[i]; c.Default == a.next(q) {
				c.Default = a.next(to)
			}
		}
	}
}

func (a applier) alterView(q qname, st *sql.Alter) {
	v := a.views[q]
	if v == nil || a.maybe {
		return
	}
	for _, act := range st.Actions {
		to := q
		switch act := act.(type) {
		case *sql.RenameTo:
			to.name = ir.CutName(act.Name)
		case *sql.SetSchema:
			to.schema = ir.CutName(act.Schema)
		default:
			continue
		}
		delete(a.views, q)
		v.Schema, v.Name = to.schema, to.name
		a.views[to] = v
	}
}
