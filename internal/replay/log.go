package replay

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/sql"
)

// note adds a change of a table to those of the migration that runs. It is
// called before the change is made.
func (s *state) note(q qname, at source.Span, c ir.Change) {
	if s.current == nil {
		return
	}
	c.Span, c.Maybe = at, s.maybe
	c.Schema, c.Table = q.schema, q.name
	if t := s.tables[q]; t != nil && !t.Partial {
		c.TableMade = t.Made.Version
	}
	s.current.Changes = append(s.current.Changes, c)
}

// noteStatement notes what a statement does by itself; the actions of ALTER
// TABLE are noted one by one.
func (a applier) noteStatement(st sql.Statement, at source.Span) {
	switch st := st.(type) {
	case *sql.CreateIndex:
		a.noteIndex(st, at)
	case *sql.Drop:
		a.noteDrop(st, at)
	case *sql.CreateView:
		a.note(a.fresh(st.Name.Schema, st.Name.Name), at, ir.Change{Kind: ir.ViewAdded})
	case *sql.DML:
		a.noteRows(st, at)
	case *sql.Truncate:
		for _, n := range st.Tables {
			a.note(a.named(n), at, ir.Change{Kind: ir.TableEmptied})
		}
	case *sql.Vacuum:
		a.noteVacuum(st, at)
	case *sql.Reindex:
		a.noteReindex(st, at)
	}
}

func (a applier) noteIndex(st *sql.CreateIndex, at source.Span) {
	q := a.named(st.Table)
	if a.views[q] != nil || st.IfNotExists && a.relationTaken(q.schema)(ir.CutName(st.Name)) {
		return
	}
	c := ir.Change{Kind: ir.IndexAdded, Name: ir.CutName(st.Name), Concurrent: st.Concurrently}
	for _, k := range st.Keys {
		c.Columns = append(c.Columns, k.Column)
	}
	a.note(q, at, c)
}

func (a applier) noteDrop(st *sql.Drop, at source.Span) {
	for _, n := range st.Names {
		q := a.named(n)
		switch st.Object {
		case sql.Table:
			if a.tables[q] != nil {
				a.note(q, at, ir.Change{Kind: ir.TableDropped})
			}
		case sql.Index:
			if t, i := a.index(q); t != nil {
				a.note(qname{t.Schema, t.Name}, at, ir.Change{Kind: ir.IndexDropped, Name: t.Indexes[i].Name, Columns: t.Indexes[i].Columns(), Unique: t.Indexes[i].Unique, Concurrent: st.Concurrently})
			}
		}
	}
}

// noteRows notes an UPDATE or a DELETE of rows.
func (a applier) noteRows(st *sql.DML, at source.Span) {
	q := st.Query
	if q == nil || q.Target == sql.None || len(q.Blocks) == 0 || q.Verb != "update" && q.Verb != "delete" {
		return
	}
	every := !q.Blocks[0].Where && len(q.Tables) == 1
	kind := ir.RowsWritten
	if every && q.Verb == "delete" {
		kind = ir.TableEmptied
	}
	a.note(a.named(q.Tables[q.Target].Name), at, ir.Change{Kind: kind, Name: q.Verb, Every: every})
}

func (a applier) noteVacuum(st *sql.Vacuum, at source.Span) {
	name := "CLUSTER"
	switch {
	case st.Verb == "vacuum" && st.Full:
		name = "VACUUM FULL"
	case st.Verb != "cluster":
		return
	}
	for _, n := range st.Tables {
		a.note(a.named(n), at, ir.Change{Kind: ir.TableRewritten, Name: name})
	}
}

func (a applier) noteReindex(st *sql.Reindex, at source.Span) {
	q := a.named(st.Name)
	switch st.Object {
	case sql.Table:
		a.note(q, at, ir.Change{Kind: ir.IndexRebuilt, Concurrent: st.Concurrently})
	case sql.Index:
		if t, i := a.index(q); t != nil {
			a.note(qname{t.Schema, t.Name}, at, ir.Change{Kind: ir.IndexRebuilt, Name: t.Indexes[i].Name, Concurrent: st.Concurrently})
		}
	}
}

// noteAction notes one action of ALTER TABLE.
func (a applier) noteAction(t *ir.Table, st *sql.Alter, act sql.Action, at source.Span) {
	q := qname{t.Schema, t.Name}
	switch act := act.(type) {
	case *sql.AddColumn:
		a.noteColumn(t, &act.Column, act.IfNotExists, at)
	case *sql.DropColumn:
		if t.Column(ir.CutName(act.Name)) != nil {
			a.note(q, at, ir.Change{Kind: ir.ColumnDropped, Name: ir.CutName(act.Name)})
		}
	case *sql.RenameColumn:
		a.note(q, at, ir.Change{Kind: ir.ColumnRenamed, Name: ir.CutName(act.From), To: ir.CutName(act.To)})
	case *sql.SetType:
		a.noteType(t, act, at)
	case *sql.SetNotNull:
		if c := t.Column(ir.CutName(act.Column)); c != nil && c.Null && !neverNull(t, c.Name) {
			a.note(q, at, ir.Change{Kind: ir.NotNullSet, Name: c.Name})
		}
	case *sql.AddConstraint:
		a.noteConstraint(t, &act.Constraint, exclusive(st), at)
	case *sql.ValidateConstraint:
		a.note(q, at, ir.Change{Kind: ir.Validated, Name: ir.CutName(act.Name)})
	case *sql.RenameTo:
		a.note(q, at, ir.Change{Kind: ir.TableRenamed, To: ir.CutName(act.Name)})
	}
}

func (a applier) noteType(t *ir.Table, act *sql.SetType, at source.Span) {
	c := t.Column(ir.CutName(act.Column))
	if c == nil {
		return
	}
	to := a.typeName(act.Type)
	if c.Type != to || act.Using != nil {
		a.note(qname{t.Schema, t.Name}, at, ir.Change{Kind: ir.TypeChanged, Name: c.Name, From: c.Type, Type: to})
	}
}

func (a applier) noteColumn(t *ir.Table, c *sql.Column, quietly bool, at source.Span) {
	if quietly && t.Column(ir.CutName(c.Name)) != nil {
		return
	}
	out := ir.Change{Kind: ir.ColumnAdded, Name: ir.CutName(c.Name), Type: a.typeName(c.Type), NotNull: c.NotNull, Rewrites: rewritten(c)}
	if c.Default != nil {
		out.Default = c.Default.Text
	}
	a.note(qname{t.Schema, t.Name}, at, out)
	for i := range c.Constraints {
		a.noteConstraint(t, &c.Constraints[i], true, at)
	}
}

// exclusive reports whether a statement locks its table against reads as well:
// one that only adds or validates foreign keys does not.
func exclusive(st *sql.Alter) bool {
	return slices.ContainsFunc(st.Actions, func(act sql.Action) bool {
		switch act := act.(type) {
		case *sql.AddConstraint:
			return act.Constraint.Kind != sql.ForeignKey
		case *sql.ValidateConstraint:
			return false
		}
		return true
	})
}

// rewritten says why adding a column writes every row anew, or nothing.
func rewritten(c *sql.Column) string {
	switch {
	case strings.HasSuffix(c.Type, "serial"):
		return "every row gets a number of its own"
	case c.Identity != "":
		return "every row gets a number of its own"
	case c.Generated != nil && c.Stored:
		return "the generated value is stored in every row"
	case c.Default == nil:
		return ""
	}
	for _, f := range c.Default.Calls {
		if volatile(f.Name) {
			return "`" + f.Name + "` is computed for every row"
		}
	}
	return ""
}

// volatile reports whether PostgreSQL computes a function anew for each row.
func volatile(function string) bool {
	switch function {
	case "gen_random_uuid", "gen_random_bytes", "random", "clock_timestamp", "timeofday", "nextval",
		"uuidv4", "uuidv7", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "gen_salt":
		return true
	}
	return false
}

func (a applier) noteConstraint(t *ir.Table, c *sql.Constraint, exclusive bool, at source.Span) {
	out := ir.Change{Name: ir.CutName(c.Name), Columns: cutAll(c.Columns), Unchecked: c.NotValid, Exclusive: exclusive}
	switch c.Kind {
	case sql.PrimaryKey:
		out.Kind = ir.KeyAdded
	case sql.Unique:
		out.Kind = ir.UniqueAdded
	case sql.ForeignKey:
		out.Kind, out.To = ir.ForeignKeyAdded, c.References.Name
	case sql.Check:
		out.Kind = ir.CheckAdded
	case sql.Exclude:
		out.Kind = ir.ExclusionAdded
	default:
		return
	}
	if c.Index == "" {
		a.note(qname{t.Schema, t.Name}, at, out)
	}
}

// neverNull reports whether a checked constraint says that a column is not
// null, so that PostgreSQL need not look at the rows.
func neverNull(t *ir.Table, column string) bool {
	want := column + " is not null"
	return slices.ContainsFunc(t.Constraints, func(c ir.Constraint) bool {
		said := strings.ToLower(unwrapped(c.Expr))
		return c.Kind == ir.CheckConstraint && !c.Unchecked && !c.Maybe && strings.ReplaceAll(said, `"`, "") == want
	})
}
