package checks

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// constraintNameMismatch reports changesets that name a constraint which the
// table does not have.
func constraintNameMismatch(p *check.Pass) {
	seen := map[string]bool{}
	n := mismatches{Pass: p, refs: associationKeys(p), written: stepsWritten(p), raising: raising(p.Program)}
	for _, m := range mappedSchemas(p) {
		if !m.db.Postgres {
			continue
		}
		for i := range m.Changesets {
			set := &m.Changesets[i]
			var found []check.Finding
			var renamed []fix.Change
			for j := range set.Claims {
				c := &set.Claims[j]
				key := p.Program.Symbol(set.Func) + " " + c.Name
				if c.Rows == nil || seen[key] || !whole(m.db, c.Rows) || partitioned(m.db, c.Rows) {
					continue
				}
				seen[key] = true
				if f, ok := n.claim(m, set, c); ok {
					found = append(found, f)
					if renames(f.Changes) {
						renamed = append(renamed, f.Changes[0])
					}
				}
			}
			for _, f := range found {
				if renames(f.Changes) && len(renamed) > 1 { // whoever corrects one name of a changeset corrects all
					f.Changes = append(together(unlike(renamed)...), f.Changes...)
				}
				p.Report(f)
			}
		}
	}
}

// mismatches is the work of the check.
type mismatches struct {
	*check.Pass
	refs    []associationKey
	written map[source.Span][]*query.Access // by the steps of changesets
	raising []*source.File                  // the migrations that may raise a violation themselves
}

// enforcer is something of a table that refuses rows: an index or a constraint.
type enforcer struct {
	name    string
	columns []string
	text    string // of expressions and conditions
	made    ir.Origin
}

// enforcers are what a table has of the kind that a claim is about.
func enforcers(t *ir.Table, kind ir.ClaimKind) []enforcer {
	var out []enforcer
	switch kind {
	case ir.ClaimUnique:
		if k := t.PrimaryKey; k != nil {
			out = append(out, enforcer{k.Name, k.Columns, "", k.Made})
		}
		for i := range t.Indexes {
			if x := &t.Indexes[i]; x.Unique {
				out = append(out, indexEnforcer(x))
			}
		}
	case ir.ClaimForeignKey:
		for i := range t.ForeignKeys {
			k := &t.ForeignKeys[i]
			out = append(out, enforcer{k.Name, k.Columns, "", k.Made})
		}
	}
	for i := range t.Constraints {
		c := &t.Constraints[i]
		if c.Kind == ir.CheckConstraint && kind == ir.ClaimCheck || c.Kind == ir.ExclusionConstraint && kind == ir.ClaimExclusion ||
			c.Kind == ir.UniqueConstraint && kind == ir.ClaimUnique {
			out = append(out, enforcer{c.Name, c.Columns, c.Expr, c.Made})
		}
	}
	return out
}

func indexEnforcer(x *ir.TableIndex) enforcer {
	e := enforcer{name: x.Name, made: x.Made}
	for _, k := range x.Keys {
		if k.Column != "" {
			e.columns = append(e.columns, k.Column)
		}
		e.text += " " + k.Expr
	}
	return e
}

// covers reports whether an enforcer is about all columns of a claim, and
// exactly whether about no other.
func (e *enforcer) covers(c *ir.Claim) (covers, exactly bool) {
	for _, column := range c.Columns {
		if !slices.Contains(e.columns, column) && !mentions(e.text, column) {
			return false, false
		}
	}
	return true, !slices.ContainsFunc(e.columns, func(column string) bool { return !slices.Contains(c.Columns, column) })
}

// standsFor is the enforcer that refuses what a claim waits for: one over its
// columns, or else one over more.
func standsFor(there []enforcer, c *ir.Claim) *enforcer {
	var wider *enforcer
	for i := range there {
		covers, exactly := there[i].covers(c)
		switch {
		case exactly:
			return &there[i]
		case covers && wider == nil:
			wider = &there[i]
		}
	}
	return wider
}

// stepsWritten are, of each step of a changeset, the writes of one row that it reaches.
func stepsWritten(p *check.Pass) map[source.Span][]*query.Access {
	out := map[source.Span][]*query.Access{}
	if p.Queries == nil {
		return out
	}
	all := p.Queries.Accesses()
	for i := range all {
		a := &all[i]
		if (a.Op != "insert" && a.Op != "update" && a.Op != "delete") || !live(p, a.Clause) {
			continue
		}
		for k := range a.Query.Steps {
			out[a.Query.Steps[k].Span] = append(out[a.Query.Steps[k].Span], a)
		}
	}
	return out
}

// assertedWrite reports whether the clause that a write stands in accepts nothing but its success.
func assertedWrite(p *check.Pass, a *query.Access) bool {
	c := p.Flow.Code(a.Clause)
	around := pathTo(c, p.Flow.Body(a.Clause), a.Expr)
	if len(around) < 2 || len(around) > 2 && c.At(around[2]).Op == ir.With {
		return false
	}
	e := c.At(around[1])
	return e.Op == ir.Match && ir.ExprID(e.B) == a.Expr && c.At(ir.ExprID(e.A)).Op == ir.Make
}

// fills reports whether a write may give one of the columns of a claim a value.
func fills(p *check.Pass, a *query.Access, c *ir.Claim) bool {
	return a.Op == "delete" || a.Query.OpenSteps || slices.ContainsFunc(a.Given, func(g query.Given) bool {
		return slices.Contains(c.Columns, g.Column) && p.Queries.MayGive(a.Clause, &g)
	}) || !slices.ContainsFunc(c.Columns, func(column string) bool { return c.Rows.Column(column) != nil })
}

// resolvesConflict reports whether a write itself says what a violation comes to that a claim
// waits for: it does so for the unique index over the columns that it names, and for
// no foreign key and no other constraint.
func resolvesConflict(a *query.Access, c *ir.Claim) bool {
	if !a.Settles {
		return false
	}
	s := a.Query.Root().Schema
	return len(a.Target) == 0 || s == nil || c.Kind == ir.ClaimUnique && slices.ContainsFunc(a.Target, func(f string) bool { return slices.Contains(c.Columns, s.ColumnOf(f)) })
}

// renames reports whether changes begin with one that gives steps of changesets the right names.
func renames(changes []fix.Change) bool {
	if len(changes) == 0 {
		return false
	}
	all, ok := changes[0].(*fix.Together)
	if !ok {
		all = &fix.Together{Changes: changes[:1]}
	}
	return !slices.ContainsFunc(all.Changes, func(c fix.Change) bool { _, ok := c.(*fix.AddOption); return !ok })
}

// awaiting reports whether some write waits for the violation that a claim is about, and whether all that
// do accept nothing but success.
func (n *mismatches) awaiting(c *ir.Claim) (written, asserted bool) {
	asserted = true
	for _, a := range n.written[c.Span] {
		if !a.Raises && !resolvesConflict(a, c) && n.Flow.Reached(a.Clause) != 0 && fills(n.Pass, a, c) && !n.Queries.Rescued(query.Hop{Clause: a.Clause, Expr: a.Expr}) {
			written, asserted = true, asserted && assertedWrite(n.Pass, a)
		}
	}
	return written, asserted
}

// claim is what is wrong with the name that a step of a changeset waits for, if anything is.
func (n *mismatches) claim(m mapped, set *ir.Changeset, c *ir.Claim) (check.Finding, bool) {
	p := n.Pass
	written, asserted := n.awaiting(c)
	there := enforcers(c.Rows, c.Kind)
	if c.Kind == ir.ClaimForeignKey && hasForeignKey(m.db, c.Fits) {
		return check.Finding{}, false // a row that others refer to is deleted
	}
	if slices.ContainsFunc(there, func(e enforcer) bool { return c.Fits(e.name) }) {
		return check.Finding{}, false
	}
	if e := standsFor(there, c); e != nil {
		f := misnamed(p, m, set, c, e)
		if c.Kind == ir.ClaimUnique && apart(p.Program, c.Rows, e) {
			f.Level = check.Info // nothing is ever refused
		}
		if asserted {
			f.Level = check.Info // what is refused crashes, by whatever name
		}
		return unlessIdle(f, written), !claimed(m.Schema, c.Kind, e.name)
	}
	if leftToOthers(n.refs, c) || c.Kind == ir.ClaimCheck && (hasCheck(m.db, c.Fits) || raised(n.raising, c.Name)) || hidden(p, m.db, c.Rows, c.Columns...) {
		return check.Finding{}, false
	}
	return unlessIdle(unfounded(p, m, set, c), written), true
}

// apart reports whether a column of a unique index holds no value in any row that the program stores, so
// that no two are the same: https://www.postgresql.org/docs/current/indexes-unique.html
func apart(p *ir.Program, t *ir.Table, e *enforcer) bool {
	if x := t.Index(e.name); x != nil && x.NullsEqual {
		return false
	}
	return slices.ContainsFunc(e.columns, func(name string) bool {
		c := t.Column(name)
		return c != nil && c.Null && c.Default == "" && c.Generated == "" && !slices.ContainsFunc(p.SchemasOf(t), func(s *ir.Schema) bool { return s.Partial || fieldOf(s, name) != "" })
	})
}

// raising are the migrations and SQL files that raise something, as a function for a trigger does.
func raising(p *ir.Program) []*source.File {
	var out []*source.File
	for _, f := range p.Files.Files {
		if (f.Kind == source.Migration || f.Kind == source.SQL) && strings.Contains(strings.ToLower(f.Text), "raise") {
			out = append(out, f)
		}
	}
	return out
}

// raised reports whether one of the files that raise something may raise a violation of a constraint by
// its name.
func raised(raising []*source.File, name string) bool {
	return slices.ContainsFunc(raising, func(f *source.File) bool { return mentions(f.Text, name) })
}

// unlessIdle is a finding about a step of a changeset; one that reaches no write
// is information, and mending it changes nothing that is known to run.
func unlessIdle(f check.Finding, written bool) check.Finding {
	if written {
		return f
	}
	f.Level = check.Info
	if !slices.ContainsFunc(f.Changes, asks) {
		f.Changes = asking(f.Changes, "No write is known that goes through this step: say whether the changeset is used.")
	}
	return f
}

// hasCheck reports whether some check constraint of a database has a name that fits: what is
// deleted may empty a column of another table, which refuses that.
func hasCheck(d *ir.Database, fits func(name string) bool) bool {
	return slices.ContainsFunc(d.Tables, func(t *ir.Table) bool {
		return slices.ContainsFunc(t.Constraints, func(k ir.Constraint) bool { return k.Kind == ir.CheckConstraint && fits(k.Name) })
	})
}

// hasForeignKey reports whether some foreign key of a database has a name that fits: what
// is deleted takes rows with it that others refer to in turn.
func hasForeignKey(d *ir.Database, fits func(name string) bool) bool {
	return slices.ContainsFunc(d.Tables, func(from *ir.Table) bool {
		return slices.ContainsFunc(from.ForeignKeys, func(k ir.ForeignKey) bool { return fits(k.Name) })
	})
}

// claimed reports whether some changeset of the schema claims a constraint by
// its right name.
func claimed(s *ir.Schema, kind ir.ClaimKind, name string) bool {
	return claims(s, func(c ir.Claim) bool { return c.Kind == kind && c.Fits(name) })
}

// claims reports whether some changeset of a schema makes a fitting claim.
func claims(s *ir.Schema, fits func(c ir.Claim) bool) bool {
	return slices.ContainsFunc(s.Changesets, func(set ir.Changeset) bool { return slices.ContainsFunc(set.Claims, fits) })
}

// claimsOf reports whether some changeset of a table's schemas makes a fitting claim.
func claimsOf(p *ir.Program, t *ir.Table, fits func(c ir.Claim) bool) bool {
	return slices.ContainsFunc(p.SchemasOf(t), func(s *ir.Schema) bool { return claims(s, fits) })
}

// leftToOthers reports whether a claim that nothing stands for is what another
// check is about: columns that should be unique, a reference without its key.
func leftToOthers(refs []associationKey, c *ir.Claim) bool {
	if c.Kind == ir.ClaimUnique {
		return !slices.ContainsFunc(c.Columns, func(n string) bool { return c.Rows.Column(n) == nil })
	}
	return c.Kind == ir.ClaimForeignKey && slices.ContainsFunc(refs, func(r associationKey) bool { return r.Rows == c.Rows && slices.Contains(c.Columns, r.column.Name) })
}

func claimFinding(p *check.Pass, m mapped, set *ir.Changeset, c *ir.Claim) check.Finding {
	return check.Finding{
		Span: c.Span, Symbol: tableName(m.db, c.Rows) + "." + c.Columns[0], Anchor: c.Step + " " + c.Name + " in " + p.Program.Symbol(set.Func),
		Path: []check.Step{{Span: c.Span, Note: "the changeset counts on a " + c.Kind.String() + " named `" + c.Name + "`"}},
	}
}

// sameClaims are the claims of a schema that wait for what a claim of it waits for, that one among them.
func sameClaims(m mapped, c *ir.Claim) []*ir.Claim {
	var out []*ir.Claim
	for i := range m.Changesets {
		for j := range m.Changesets[i].Claims {
			if o := &m.Changesets[i].Claims[j]; o.Rows == c.Rows && o.Kind == c.Kind && o.Name == c.Name {
				out = append(out, o)
			}
		}
	}
	return out
}

func misnamed(p *check.Pass, m mapped, set *ir.Changeset, c *ir.Claim, e *enforcer) check.Finding {
	f := claimFinding(p, m, set, c)
	f.Level = check.Error
	if c.Kind == ir.ClaimForeignKey || slices.ContainsFunc(c.Columns, oneOff) || slices.ContainsFunc(e.columns, oneOff) {
		f.Level = check.Info // rows that are referred to seldom go meanwhile, and what is made at random is never there twice
	}
	f.Message = "`" + c.Step + "` waits for a violation of `" + c.Name + "`, and the " + c.Kind.String() + " of `" + tableName(m.db, c.Rows) + "` over " +
		overColumns(e, c) + " is named `" + e.name + "`: a violation raises an exception instead of an error in the changeset. Pass `name: :" + e.name + "`."
	f.Path = append(f.Path, fromStep(e.made, "the table has `"+e.name+"`"))
	changes := []fix.Change{renaming(p, c.Span, e.name)}
	for _, o := range sameClaims(m, c) {
		if o.Span != c.Span {
			changes = append(changes, renaming(p, o.Span, e.name))
		}
	}
	f.Changes = together(changes...)
	if k := c.Rows.PrimaryKey; k != nil && e.name == k.Name && len(c.Columns) == 1 && (c.Columns[0] == "id" || isUUID(c.Rows, c.Columns[0])) {
		f.Level = check.Info // who makes the key sees to it that none has it
	}
	given := func(column string) bool { return oneOff(column) || numbered(c.Rows, column) }
	if slices.ContainsFunc(e.columns, given) && !slices.ContainsFunc(c.Columns, given) {
		f.Level = check.Info // it is never broken
		f.Changes = asking(f.Changes, "The index is over "+columnList(e.columns)+", which is never there twice: say whether "+columnList(c.Columns)+" alone shall be unique.")
	}
	return f
}

// isUUID reports whether a column of a table holds UUIDs.
func isUUID(t *ir.Table, column string) bool {
	c := t.Column(column)
	return c != nil && c.Type == "uuid"
}

// numbered reports whether the database numbers the rows of a table by a column.
func numbered(t *ir.Table, column string) bool {
	c := t.Column(column)
	return c != nil && (strings.Contains(c.Type, "serial") || strings.HasPrefix(c.Default, "nextval("))
}

func overColumns(e *enforcer, c *ir.Claim) string {
	if len(e.columns) > 0 && strings.TrimSpace(e.text) == "" {
		return columnList(e.columns)
	}
	return columnList(c.Columns)
}

// dropping asks for the step of a claim to go.
func dropping(p *check.Pass, c *ir.Claim) []fix.Change {
	id, x := callAt(p, c.Span)
	if x == ir.No {
		return nil
	}
	return []fix.Change{&fix.DropStep{Code: p.Flow.Code(id), Call: x}}
}

// droppingDead asks for a step that waits for the foreign key of a column that is not there to
// go, with all such steps of the schema.
func droppingDead(p *check.Pass, m mapped, c *ir.Claim) []fix.Change {
	out := dropping(p, c)
	for i := range m.Changesets {
		for j := range m.Changesets[i].Claims {
			o := &m.Changesets[i].Claims[j]
			if o.Span == c.Span || o.Kind != c.Kind || o.Rows != c.Rows || o.Rows.Column(o.Columns[0]) != nil || constraintFor(o) != "" ||
				idKey(o) != nil || hasForeignKey(m.db, o.Fits) || nearly(o.Rows, o.Columns[0]) != "" {
				continue
			}
			out = append(out, dropping(p, o)...)
		}
	}
	return together(out...)
}

// keyOver is the foreign key of a table over a single column that is like what is asked for, or nil.
func keyOver(t *ir.Table, like func(column string) bool) *ir.ForeignKey {
	for i := range t.ForeignKeys {
		if k := &t.ForeignKeys[i]; len(k.Columns) == 1 && like(k.Columns[0]) {
			return k
		}
	}
	return nil
}

// idKey is the foreign key over the column of a claim with `_id` behind it, or nil.
func idKey(c *ir.Claim) *ir.ForeignKey {
	return keyOver(c.Rows, func(column string) bool { return column == c.Columns[0]+"_id" })
}

// nearly is a column of a table whose name has one letter more or less, or "".
func nearly(t *ir.Table, name string) string {
	for i := range t.Columns {
		long, short := t.Columns[i].Name, name
		if len(long) < len(short) {
			long, short = short, long
		}
		at := 0
		for at < len(short) && long[at] == short[at] {
			at++
		}
		if len(long) == len(short)+1 && long[at+1:] == short[at:] {
			return t.Columns[i].Name
		}
	}
	return ""
}

// constraintFor is the field whose foreign key, or whose association, has the name that a
// claim takes for a field, or "".
func constraintFor(c *ir.Claim) string {
	for i := range c.Rows.ForeignKeys {
		k := &c.Rows.ForeignKeys[i]
		usual := len(k.Columns) == 1 && k.Name == c.Rows.Name+"_"+k.Columns[0]+"_fkey"
		if usual && c.Rows.Column(c.Columns[0]) == nil && (k.Name == c.Columns[0] || k.Columns[0] == c.Columns[0]+"_id") {
			return k.Columns[0]
		}
	}
	return ""
}

// akin is a column with a foreign key whose name begins with that of another, `node_vsn` with
// `node`, or "".
func akin(t *ir.Table, column string) string {
	if k := keyOver(t, func(c string) bool { return strings.HasPrefix(c, column+"_") }); k != nil {
		return k.Columns[0]
	}
	return ""
}

// misread says what a claim takes for a field.
func misread(c *ir.Claim, field string) string {
	if field == c.Columns[0]+"_id" {
		return "association"
	}
	return "constraint"
}

// namedFields asks for the field in every claim of the schema that names it so.
func namedFields(p *check.Pass, m mapped, c *ir.Claim, field string) []fix.Change {
	var out []fix.Change
	for _, o := range sameClaims(m, c) {
		id, x := callAt(p, o.Span)
		if x == ir.No {
			return nil
		}
		out = append(out, &fix.NameField{
			Code: p.Flow.Code(id), Call: x, Was: c.Columns[0], Field: field,
			Why: "The name of the constraint follows from the table and the field.",
		})
	}
	return out
}

// namedBeside asks for the field in a claim, and in those beside it that name another so.
func namedBeside(p *check.Pass, m mapped, set *ir.Changeset, c *ir.Claim, field string) []fix.Change {
	out := namedFields(p, m, c, field)
	for i := range set.Claims {
		o := &set.Claims[i]
		if len(out) == 0 || o.Kind != ir.ClaimForeignKey || o.Rows != c.Rows || o.Name == c.Name {
			continue
		}
		if other := constraintFor(o); other != "" {
			out = append(out, namedFields(p, m, o, other)...)
		}
	}
	return out
}

// unclaimed is the one unique index of a claim's table that no changeset of the schema
// waits for, by its name or over its columns; or "" where there is none or another.
func unclaimed(s *ir.Schema, c *ir.Claim) string {
	only := ""
	for i := range c.Rows.Indexes {
		x := &c.Rows.Indexes[i]
		e := indexEnforcer(x)
		awaited := func(o ir.Claim) bool {
			covers, _ := e.covers(&o)
			return o.Kind == ir.ClaimUnique && o.Rows == c.Rows && (covers || o.Fits(x.Name))
		}
		if !x.Unique || claims(s, awaited) {
			continue
		}
		if only != "" {
			return ""
		}
		only = x.Name
	}
	return only
}

func unfounded(p *check.Pass, m mapped, set *ir.Changeset, c *ir.Claim) check.Finding {
	f := claimFinding(p, m, set, c)
	table := tableName(m.db, c.Rows)
	f.Level = check.Warning
	f.Message = "`" + c.Step + "` waits for a violation of `" + c.Name + "`, and `" + table + "` has no such " + c.Kind.String() + ": "
	switch c.Kind {
	case ir.ClaimUnique:
		f.Changes = dropping(p, c)
		if !slices.ContainsFunc(c.Columns, func(n string) bool { return c.Rows.Column(n) != nil }) {
			f.Level = check.Info // a word too much, which does no harm
		}
		if name := unclaimed(m.Schema, c); name != "" {
			f.Message += "the step does nothing. The unique index that is there is named `" + name + "`, and no changeset waits for it: wait for that one instead."
			f.Changes = asking(f.Changes, "`"+name+"` may be meant: say on which field its violation is an error.")
			break
		}
		f.Message += "the step does nothing. Add the unique index, or drop it."
		f.Changes = asking(f.Changes, "Duplicates may be meant to be refused: say whether the index is missing, or the step is left over.")
		if droppedIndex(m.db, c.Rows, c.Name, c.Columns) {
			f.Level = check.Info // the step is left over
		}
	case ir.ClaimForeignKey:
		if field := constraintFor(c); field != "" {
			f.Message += "the name of the " + misread(c, field) + " stands where the field belongs, and the step does nothing. Pass `:" + field + "`."
			f.Changes = together(namedBeside(p, m, set, c, field)...)
			if k := keyOver(c.Rows, func(n string) bool { return n == field }); k != nil && slices.ContainsFunc(set.Claims, func(o ir.Claim) bool { return o.Kind == ir.ClaimForeignKey && o.Name == k.Name }) {
				f.Level = check.Info // another step of the changeset waits for it
			}
			if !set.Open && !slices.Contains(set.Casts, field) {
				f.Level = check.Info // the program sets it, and to a row that it has at hand
			}
			break
		}
		if c.Rows.Column(c.Columns[0]) == nil {
			f.Level = check.Info // a word too much, which does no harm
			f.Message += "it has no column `" + c.Columns[0] + "` either, and the step does nothing. Drop it."
			f.Changes = droppingDead(p, m, c)
			if key := idKey(c); key != nil {
				f.Changes = asking(f.Changes, "The foreign key over `"+key.Columns[0]+"` is named `"+key.Name+"`: say whether the step shall wait for it.")
			}
			if meant := cmp.Or(nearly(c.Rows, c.Columns[0]), akin(c.Rows, c.Columns[0])); meant != "" {
				f.Changes = asking(f.Changes, "`"+meant+"` may be meant.")
			}
			break
		}
		f.Message += "the id of a row that is not there is stored without complaint. Add the foreign key, or drop the step."
		f.Level = check.Info // most ids are looked up before, and some tables are to know of no other
	default:
		f.Message += "nothing refuses what it should refuse. Add the constraint, or drop the step."
	}
	f.Path = append(f.Path, fromStep(c.Rows.Made, "the table is made here, and no migration adds it"))
	return f
}
