package checks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// unsafeMigration reports recent migrations that stop the running system while
// they run, break the release that is still running, or cannot run at all.
func unsafeMigration(p *check.Pass) {
	for _, d := range p.Program.Databases {
		if !d.Postgres {
			continue
		}
		for i := range d.Migrations {
			if m := &d.Migrations[i]; recent(d, m.Version) {
				h := hazards{Pass: p, db: d, m: m, found: map[string]int{}, more: map[int]int{}, changes: map[string][]*ir.Change{}, locked: map[string]bool{}, emptied: map[string]bool{}, fresh: map[string]bool{}}
				h.run()
			}
		}
	}
}

// hazards are those of one migration.
type hazards struct {
	*check.Pass
	db   *ir.Database
	m    *ir.Migration
	list []check.Finding
	// found is where in the list a hazard of one kind is, more how often there is
	// another of it.
	found map[string]int
	more  map[int]int
	// changes are those that are unsafe in one way, kinds the way of each hazard.
	changes map[string][]*ir.Change
	kinds   []string
	// locked are the tables that the transaction keeps others from until its end,
	// emptied those whose rows are gone.
	locked, emptied map[string]bool
	// fresh are columns and constraints that the migration itself adds: a column
	// by "table.column", a constraint that is not checked by "table name".
	fresh map[string]bool
}

// hazard is one thing that is unsafe.
type hazard struct {
	kind    string
	level   check.Level
	message string
	steps   []check.Step // where the rest of the evidence is
}

func (h *hazards) run() {
	for i := range h.m.Changes {
		c := &h.m.Changes[i]
		if c.Maybe {
			continue
		}
		if z := h.judge(c); z.kind != "" {
			if z.level == check.Warning && z.steps == nil && young(h.m, c.TableMade) {
				z.level = check.Info // a table that is days old has few rows
			}
			h.add(c, z)
		}
		h.remember(c)
	}
	for i := range h.list {
		f := &h.list[i]
		if n := h.more[i]; n > 0 {
			f.Message += " " + map[bool]string{true: "One more place", false: strconv.Itoa(n) + " more places"}[n == 1] + " in this migration " +
				map[bool]string{true: "does", false: "do"}[n == 1] + " the same."
		}
		if k := h.kinds[i]; f.Level <= check.Warning || k == "migration-lock" || k == "drop-index" {
			f.Changes = h.safely(h.changes[k])
		}
		h.Report(*f)
	}
}

// remember notes what the changes that follow need to know.
func (h *hazards) remember(c *ir.Change) {
	switch c.Kind {
	case ir.ColumnAdded:
		h.fresh[c.Table+"."+c.Name] = true
	case ir.ForeignKeyAdded, ir.CheckAdded:
		h.fresh[c.Table+" "+c.Name] = c.Unchecked
	case ir.TableEmptied:
		h.emptied[c.Table] = true
	}
	if h.m.Transaction && exclusive(c.Kind) {
		h.locked[c.Table] = true
	}
}

// exclusive reports whether a change takes an ACCESS EXCLUSIVE lock on its
// table, which nobody can even read past.
func exclusive(k ir.ChangeKind) bool {
	switch k {
	case ir.ColumnAdded, ir.ColumnDropped, ir.ColumnRenamed, ir.TableRenamed, ir.TypeChanged, ir.NotNullSet,
		ir.KeyAdded, ir.UniqueAdded, ir.ExclusionAdded, ir.CheckAdded:
		return true
	}
	return false
}

// add adds a hazard, or a place to the one of its kind.
func (h *hazards) add(c *ir.Change, z hazard) {
	key := z.kind + " " + strconv.Itoa(int(z.level))
	note := changeNote(c)
	h.changes[z.kind] = append(h.changes[z.kind], c)
	if i, dup := h.found[key]; dup {
		h.list[i].Path = append(h.list[i].Path, check.Step{Span: c.Span, Note: note})
		h.more[i]++
		return
	}
	h.found[key] = len(h.list)
	f := check.Finding{Level: z.level, Passing: z.level != check.Error, Span: c.Span, Symbol: c.Table, Anchor: z.kind, Message: z.message}
	if c.Name != "" && c.Table != "" {
		f.Anchor += " " + c.Name
	}
	if c.Table == "" {
		f.Symbol = h.Program.Symbol(h.m.Func)
	}
	f.Path = []check.Step{{Span: c.Span, Note: note}}
	f.Path = append(f.Path, z.steps...)
	if t := h.db.Table(c.Schema, c.Table); t != nil && !t.Partial && t.Made.Version == c.TableMade {
		f.Path = append(f.Path, madeStep(t))
	}
	h.list = append(h.list, f)
	h.kinds = append(h.kinds, z.kind)
}

// required are the columns that changes make never null, if that is all they do.
func (h *hazards) required(list []*ir.Change) []fix.TableColumn {
	var out []fix.TableColumn
	for _, c := range list {
		if c.Kind != ir.NotNullSet || slices.ContainsFunc(h.m.Changes, func(o ir.Change) bool { return o.Kind == ir.TypeChanged && o.Span == c.Span }) {
			return nil
		}
		out = append(out, fix.TableColumn{Schema: c.Schema, Table: c.Table, Column: c.Name})
	}
	return out
}

// safely asks for the changes of a hazard to be made without stopping anybody.
func (h *hazards) safely(list []*ir.Change) []fix.Change {
	var at []source.Span
	var added []fix.TableConstraint
	indexes := true
	for _, c := range list {
		at = append(at, c.Span)
		indexes = indexes && (c.Kind == ir.IndexAdded || c.Kind == ir.IndexDropped)
		if (c.Kind == ir.ForeignKeyAdded || c.Kind == ir.CheckAdded) && c.Name != "" {
			added = append(added, fix.TableConstraint{Schema: c.Schema, Table: c.Table, Name: c.Name})
		}
	}
	if columns := h.required(list); columns != nil {
		return []fix.Change{&fix.RequireLater{Database: h.db, Migration: h.m, At: at, Columns: columns}}
	}
	switch {
	case indexes:
		return []fix.Change{&fix.Concurrently{Database: h.db, Migration: h.m, At: at}}
	case len(added) == len(list):
		return []fix.Change{&fix.ValidateLater{Database: h.db, Migration: h.m, At: at, Constraints: added}}
	}
	return nil
}

// changeNote says what a migration does.
func changeNote(c *ir.Change) string {
	name := " `" + c.Name + "`"
	if c.Name == "" {
		name = ""
	}
	of := name + " of `" + c.Table + "`"
	switch c.Kind {
	case ir.TableDropped:
		return "drops the table `" + c.Table + "`"
	case ir.TableRenamed:
		return "renames the table `" + c.Table + "` to `" + c.To + "`"
	case ir.ColumnAdded:
		return "adds column" + of
	case ir.ColumnDropped:
		return "drops column" + of
	case ir.ColumnRenamed:
		return "renames column" + of + " to `" + c.To + "`"
	case ir.TypeChanged:
		return "changes the type of column" + of + " from " + c.From + " to " + c.Type
	case ir.NotNullSet:
		return "sets NOT NULL on column" + of
	case ir.IndexAdded:
		return "creates index" + of
	case ir.IndexDropped:
		return "drops index" + of
	case ir.ForeignKeyAdded, ir.CheckAdded, ir.UniqueAdded, ir.KeyAdded, ir.ExclusionAdded:
		return "adds constraint" + of
	case ir.Validated:
		return "validates constraint" + of
	case ir.RowsWritten, ir.TableEmptied:
		return "writes rows of `" + c.Table + "`"
	case ir.OneWay:
		return "`" + c.Name + "` cannot be turned round"
	}
	return "changes `" + c.Table + "`"
}

func (h *hazards) judge(c *ir.Change) hazard {
	if c.Concurrent && h.m.Transaction {
		return hazard{kind: "concurrently-in-transaction", level: check.Error, message: changing(c) + " CONCURRENTLY fails inside a transaction, and this migration runs in one. " +
			"Set `@disable_ddl_transaction true`" + h.unlocked() + " in a migration that does nothing else."}
	}
	if c.Kind == ir.OneWay {
		return hazard{kind: "one-way", level: check.Info, message: "`" + c.Name + "` in `change` cannot be turned round: rolling this migration back raises an error. " +
			"Give the way back as well, or write `up` and `down`."}
	}
	if empty(h.db, h.m, c.TableMade) {
		return hazard{}
	}
	switch c.Kind {
	case ir.IndexAdded, ir.IndexDropped, ir.IndexRebuilt:
		return h.index(c)
	case ir.TableDropped, ir.TableRenamed, ir.ColumnDropped, ir.ColumnRenamed:
		return h.removal(c)
	case ir.RowsWritten:
		return h.rows(c)
	case ir.TableRewritten:
		return h.vacuum(c)
	}
	if h.emptied[c.Table] {
		return hazard{}
	}
	return h.scan(c)
}

// changing begins a sentence about a change.
func changing(c *ir.Change) string {
	switch c.Kind {
	case ir.IndexDropped:
		return "Dropping index `" + c.Name + "`"
	case ir.IndexRebuilt:
		return "Rebuilding indexes of `" + c.Table + "`"
	}
	return "Creating index `" + c.Name + "`"
}

// unlocked names the second attribute where it is needed.
func (h *hazards) unlocked() string {
	if h.m.Locked {
		return " and `@disable_migration_lock true`"
	}
	return ""
}

func (h *hazards) index(c *ir.Change) hazard {
	table := "`" + c.Table + "`"
	how := " in a migration of its own with `@disable_ddl_transaction true`" + h.unlocked() + "."
	switch {
	case c.Concurrent && h.m.Locked:
		return hazard{kind: "migration-lock", level: check.Info, message: changing(c) + " CONCURRENTLY takes as long as the table is large, and the migration lock keeps a second transaction open all the while: " +
			"every other node that starts waits for it. Set `@disable_migration_lock true`, or use an advisory lock."}
	case c.Concurrent:
		return hazard{}
	case c.Kind == ir.IndexAdded:
		return hazard{kind: "index", level: check.Warning, message: changing(c) + " takes a SHARE lock on " + table + ": every insert, update and delete waits until the whole table is indexed. " +
			"Create it with `concurrently: true`" + how}
	case c.Kind == ir.IndexRebuilt:
		return hazard{kind: "reindex", level: check.Warning, message: changing(c) + " locks the table against writes, and its indexes against reads, until they are built. Use REINDEX … CONCURRENTLY" + how}
	}
	return hazard{kind: "drop-index", level: check.Info, message: changing(c) + " takes an ACCESS EXCLUSIVE lock on " + table + ": it waits for the queries that run, and all later ones wait for it. " +
		"Drop it with `concurrently: true`" + how}
}

const later = " In a later migration, validate it: ALTER TABLE … VALIDATE CONSTRAINT lets reads and writes go on."

// scan judges changes that read or write every row under a lock.
func (h *hazards) scan(c *ir.Change) hazard {
	table, name := "`"+c.Table+"`", "`"+c.Name+"`"
	constraint := "constraint " + name
	if c.Name == "" {
		constraint = "a constraint"
	}
	switch c.Kind {
	case ir.ForeignKeyAdded:
		if !c.Unchecked && !h.added(c) {
			return h.foreignKey(c)
		}
	case ir.CheckAdded:
		if !c.Unchecked {
			return hazard{kind: "check", level: check.Warning, message: "Adding " + constraint + " reads every row of " + table + " under an ACCESS EXCLUSIVE lock: reads and writes wait. " +
				"Add it with `validate: false`." + later}
		}
	case ir.UniqueAdded, ir.KeyAdded:
		return hazard{kind: "constraint-index", level: check.Warning, message: "Adding " + constraint + " builds its index under an ACCESS EXCLUSIVE lock on " + table + ": reads and writes wait. " +
			"Create the unique index CONCURRENTLY first, then add the constraint USING INDEX."}
	case ir.ExclusionAdded:
		return hazard{kind: "exclusion", level: check.Warning, message: "Adding " + constraint + " builds its index under an ACCESS EXCLUSIVE lock on " + table + ", and PostgreSQL cannot do it otherwise: reads and writes wait. " +
			"Move the rows to a new table that has the constraint."}
	case ir.NotNullSet:
		return hazard{kind: "not-null", level: check.Warning, message: "Setting NOT NULL on " + name + " reads every row of " + table + " under an ACCESS EXCLUSIVE lock: reads and writes wait. " +
			"Add a check constraint `" + c.Name + " IS NOT NULL` with `validate: false`, validate it in a later migration, then set NOT NULL, which reads nothing any more."}
	case ir.TypeChanged:
		if rewritesRows(c.From, c.Type) {
			return hazard{kind: "type", level: check.Warning, message: "Changing " + name + " from " + c.From + " to " + c.Type + " writes every row of " + table + " anew under an ACCESS EXCLUSIVE lock: reads and writes wait. " +
				"Add a second column, write both, fill it in batches, read from it, and drop the old one."}
		}
	case ir.ColumnAdded:
		return h.column(c)
	case ir.Validated:
		if h.m.Transaction && h.fresh[c.Table+" "+c.Name] {
			return hazard{kind: "validate", level: check.Warning, message: "Constraint " + name + " is validated in the transaction that adds it, so that the lock of adding it stays on " + table + " while every row is read: writes wait. " +
				"Validate it in a migration of its own."}
		}
	}
	return hazard{}
}

// added reports whether the columns of a foreign key come with it: then every row
// has null there, and PostgreSQL reads none.
func (h *hazards) added(c *ir.Change) bool {
	return len(c.Columns) > 0 && !slices.ContainsFunc(c.Columns, func(n string) bool { return !h.fresh[c.Table+"."+n] })
}

func (h *hazards) foreignKey(c *ir.Change) hazard {
	table := "`" + c.Table + "`"
	z := hazard{kind: "foreign-key", level: check.Warning}
	what := "a foreign key"
	if c.Name != "" {
		what = "foreign key `" + c.Name + "`"
	}
	if c.Exclusive || h.locked[c.Table] {
		z.message = "Adding " + what + " reads every row of " + table + " under the ACCESS EXCLUSIVE lock of the statement that it is part of: reads and writes wait, and writes to `" + c.To + "` as well. "
	} else {
		z.message = "Adding " + what + " reads every row of " + table + " under SHARE ROW EXCLUSIVE locks on it and on `" + c.To + "`: writes to both wait. "
	}
	z.message += "Use `references(…, validate: false)`." + later
	return z
}

func (h *hazards) column(c *ir.Change) hazard {
	table, name := "`"+c.Table+"`", "`"+c.Name+"`"
	switch {
	case c.Rewrites != "":
		return hazard{kind: "volatile-default", level: check.Warning, message: "Adding column " + name + " writes every row of " + table + " anew under an ACCESS EXCLUSIVE lock, since " + c.Rewrites + ": reads and writes wait. " +
			"Add a plain column, set it for new rows, and fill the old ones in batches."}
	case c.NotNull && (c.Default == "" || strings.EqualFold(c.Default, "null")):
		return hazard{kind: "required-column", level: check.Warning, message: "Adding column " + name + " with NOT NULL and without a default fails as soon as " + table + " has one row. " +
			"Give it a default, or add it without NOT NULL, fill it, and set NOT NULL afterwards."}
	}
	return hazard{}
}

// removal judges what takes a name away that the release that still runs uses.
func (h *hazards) removal(c *ir.Change) hazard {
	z := hazard{kind: map[ir.ChangeKind]string{
		ir.TableDropped: "drop-table", ir.TableRenamed: "rename-table", ir.ColumnDropped: "drop-column", ir.ColumnRenamed: "rename-column",
	}[c.Kind], level: check.Info}
	if c.Kind == ir.TableRenamed && h.viewed(c) || h.fresh[c.Table+"."+c.Name] {
		return hazard{}
	}
	what := "column `" + c.Table + "." + c.Name + "`"
	if c.Kind == ir.TableDropped || c.Kind == ir.TableRenamed {
		what = "table `" + c.Table + "`"
	}
	if step, used := h.used(c); used {
		z.level = check.Warning
		z.steps = []check.Step{step}
		z.message = "The " + what + " goes, and the code still uses it: every query of the schema fails. Take it out of the code first, deploy that, then run this migration."
		return z
	}
	switch c.Kind {
	case ir.ColumnRenamed, ir.TableRenamed:
		z.message = "The " + what + " is renamed under an ACCESS EXCLUSIVE lock, while the release before this one runs and uses the old name: its queries fail. " +
			"Keep the name and map it in the schema, or add the new one, write both, and drop the old one in a later release."
	default:
		z.message = "The " + what + " is dropped under an ACCESS EXCLUSIVE lock, while the release before this one runs: if that names it, its queries fail. " +
			"Deploy the code that does without it first, then run this migration."
	}
	return z
}

// viewed reports whether a view takes the old name of a table.
func (h *hazards) viewed(c *ir.Change) bool {
	for i := range h.m.Changes {
		if v := &h.m.Changes[i]; v.Kind == ir.ViewAdded && v.Table == c.Table {
			return true
		}
	}
	return false
}

// used finds the schema or the field of it that still has what a migration
// takes away for good.
func (h *hazards) used(c *ir.Change) (check.Step, bool) {
	t := h.db.Table(c.Schema, c.Table)
	whole := c.Kind == ir.TableDropped || c.Kind == ir.TableRenamed
	if whole && t != nil || !whole && (t == nil || t.Column(c.Name) != nil) {
		return check.Step{}, false
	}
	for _, s := range storing(h.Program, c.Table) {
		if s.Database != ir.No && h.Program.Databases[s.Database] != h.db {
			continue // a table of that name in another database
		}
		if whole {
			return check.Step{Span: s.Span, Note: "`" + h.Program.SchemaName(s) + "` is stored in the table"}, true
		}
		for i := range s.Fields {
			if f := &s.Fields[i]; f.Column == c.Name {
				return check.Step{Span: f.Span, Note: "`" + h.Program.SchemaName(s) + "` has the field `" + f.Name + "`"}, true
			}
		}
	}
	return check.Step{}, false
}

func (h *hazards) rows(c *ir.Change) hazard {
	table := "`" + c.Table + "`"
	switch {
	case h.emptied[c.Table] || !c.Every:
		return hazard{}
	case h.locked[c.Table]:
		return hazard{kind: "backfill-under-lock", level: check.Warning, message: "Every row of " + table + " is written in the transaction that has changed the table: its ACCESS EXCLUSIVE lock keeps reads and writes waiting until the last row is done. " +
			"Change the table in one migration, and fill the rows in batches in another, with `@disable_ddl_transaction true`."}
	}
	return hazard{kind: "backfill", level: check.Info, message: "One statement writes every row of " + table + ": each stays locked until the migration ends, and writes to it wait. " +
		"Fill the rows in batches, in a migration with `@disable_ddl_transaction true`."}
}

func (h *hazards) vacuum(c *ir.Change) hazard {
	if h.m.Transaction && c.Name == "VACUUM FULL" {
		return hazard{kind: "vacuum", level: check.Error, message: "VACUUM fails inside a transaction, and this migration runs in one. Take it out of the migrations."}
	}
	return hazard{kind: "vacuum", level: check.Warning, message: c.Name + " writes `" + c.Table + "` anew under an ACCESS EXCLUSIVE lock: reads and writes wait. Rewrite the table online instead, with pg_repack."}
}
