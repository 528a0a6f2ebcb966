package intervention

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// deployment is the order of data, code and migrations, with the checks after it.
func (b *builder) deployment() {
	d := &b.doc.Deployment
	if len(b.doc.Implementation) == 0 {
		d.Notes = append(d.Notes, "Nothing is deployed: there is no change.")
		return
	}
	d.Steps = append(d.Steps, Step{"Apply the change in the root of the project, run the tests, and commit it.", []string{b.apply(), "mix test", "git add -A && git commit"}})
	d.Steps = append(d.Steps, b.clean()...)
	migrate := b.migrateSteps()
	code := Step{Text: "Deploy the code. It works with the database as it is, and as the migrations leave it."}
	switch {
	case len(migrate) == 0:
		d.Steps = append(d.Steps, Step{Text: "Deploy the code."})
	case !b.editsCode():
		d.Steps = append(d.Steps, migrate...)
	case b.addsColumns():
		code.Text = "Deploy the code. It needs the columns that the migrations add."
		d.Steps = append(append(d.Steps, migrate...), code)
	default:
		d.Steps = append(append(d.Steps, code), migrate...)
	}
	b.deployNotes()
	b.checksAfter()
}

// apply is the command that writes the change into the project.
func (b *builder) apply() string {
	if !b.doc.Hides() {
		return "git apply " + shellPath(b.patch())
	}
	return b.assayFix()
}

// patch is the change as a file, seen from the root of the project.
func (b *builder) patch() string { return path.Join(b.Out, "change.patch") }

// assayFix is the command by which Assay makes the same change again.
func (b *builder) assayFix() string {
	ids := make([]string, 0, len(b.Fixed.Applied))
	asked := []string{}
	for i := range b.Fixed.Applied {
		x := &b.Fixed.Applied[i]
		ids = append(ids, x.Finding)
		if x.Safety != 0 && !slices.Contains(asked, x.Check) {
			asked = append(asked, x.Check)
		}
	}
	cmd := "assay fix --yes --finding " + strings.Join(ids, ",")
	if len(asked) > 0 {
		cmd += " --asked " + strings.Join(asked, ",")
	}
	return cmd
}

// shellPath quotes a path where a shell would not take it as one word.
func shellPath(p string) string {
	for _, r := range p {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-", r) {
			return shell(p)
		}
	}
	return p
}

func (b *builder) editsCode() bool {
	return slices.ContainsFunc(b.doc.Implementation, func(f File) bool { return b.kindOf(f.Path) != source.Migration })
}

func (b *builder) addsColumns() bool {
	for i := range b.doc.Migrations {
		if slices.ContainsFunc(b.changesOf(&b.doc.Migrations[i]), func(c *ir.Change) bool { return c.Kind == ir.ColumnAdded }) {
			return true
		}
	}
	return false
}

// clean are the queries that count the rows which a migration would stop at.
func (b *builder) clean() []Step {
	var ask []string
	add := func(sql string) {
		if c := psql(sql); !slices.Contains(ask, c) {
			ask = append(ask, c)
		}
	}
	for i := range b.doc.Migrations {
		for _, c := range b.changesOf(&b.doc.Migrations[i]) {
			b.counter(c, add)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	return []Step{{"Count the rows that the migrations would stop at, and put them right first. Each answer has to be 0.", ask}}
}

// counter asks for the rows that a change refuses.
func (b *builder) counter(c *ir.Change, add func(string)) {
	from := relation(c.Schema, c.Table)
	cols := make([]string, len(c.Columns))
	for i, n := range c.Columns {
		cols[i] = ident(n)
	}
	list := strings.Join(cols, ", ")
	switch {
	case c.Kind == ir.IndexAdded && b.unique(c):
		present := strings.Join(cols, " IS NOT NULL AND ") + " IS NOT NULL"
		add("SELECT count(*) FROM (SELECT 1 FROM " + from + " WHERE " + present + " GROUP BY " + list + " HAVING count(*) > 1) AS doubled")
	case c.Kind == ir.ForeignKeyAdded && len(c.Columns) == 1:
		if to, col := b.refers(c); to != "" {
			add(fmt.Sprintf("SELECT count(*) FROM %s AS r WHERE r.%s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s AS o WHERE o.%s = r.%s)", from, list, to, ident(col), list))
		}
	case c.Kind == ir.NotNullSet:
		add("SELECT count(*) FROM " + from + " WHERE " + ident(c.Name) + " IS NULL")
	case c.Kind == ir.CheckAdded && c.Unchecked:
		if rule := b.rule(c); rule != "" {
			if column, ok := strings.CutSuffix(rule, " IS NOT NULL"); ok && !strings.Contains(column, " ") {
				add("SELECT count(*) FROM " + from + " WHERE " + column + " IS NULL")
				return
			}
			add("SELECT count(*) FROM " + from + " WHERE NOT (" + rule + ")")
		}
	}
}

// unique reports whether an index that a change adds is a unique one.
func (b *builder) unique(c *ir.Change) bool {
	x := b.index(c)
	return x != nil && len(x.Columns()) == len(x.Keys) && x.Unique && x.Full()
}

// index is the index that a change adds; nil if a later one drops it.
func (b *builder) index(c *ir.Change) *ir.TableIndex {
	for _, d := range b.after.Program.Databases {
		if t := d.Table(c.Schema, c.Table); t != nil {
			return t.Index(c.Name)
		}
	}
	return nil
}

// refers is the table and the column that a reference leads to.
func (b *builder) refers(c *ir.Change) (to, column string) {
	for _, d := range b.after.Program.Databases {
		if t := d.Table(c.Schema, c.Table); t != nil {
			for i := range t.ForeignKeys {
				if k := &t.ForeignKeys[i]; k.Name == c.Name && len(k.References) == 1 {
					return relation(k.Schema, k.Table), k.References[0]
				}
			}
		}
	}
	return "", ""
}

// rule is the condition of a check, also of one that a later migration of the
// change turns into a column that is never null.
func (b *builder) rule(c *ir.Change) string {
	for _, d := range b.after.Program.Databases {
		t := d.Table(c.Schema, c.Table)
		if t == nil {
			continue
		}
		for i := range t.Constraints {
			if k := &t.Constraints[i]; k.Name == c.Name && k.Kind == ir.CheckConstraint {
				return k.Expr
			}
		}
		if col, ok := strings.CutSuffix(strings.TrimPrefix(c.Name, c.Table+"_"), "_present"); ok && t.Column(col) != nil {
			return ident(col) + " IS NOT NULL"
		}
	}
	return ""
}

// migrateSteps run the migrations one after the other, each with its locks.
func (b *builder) migrateSteps() []Step {
	var out []Step
	for i := range b.doc.Migrations {
		m := &b.doc.Migrations[i]
		if m.Edited {
			out = append(out, Step{"`" + m.Path + "` is edited. Where it has run already it does not run again, and nothing changes there; elsewhere it runs in its new form.", nil})
			continue
		}
		s := Step{Text: "Run `" + path.Base(m.Path) + "`"}
		for i, o := range m.Operations {
			between := "; "
			if i == 0 {
				between = ": "
			}
			s.Text += between + o.What + " on `" + o.Table + "` (" + o.Lock + ", stops " + o.Blocks + ")"
		}
		s.Text += "."
		s.Commands = []string{"mix ecto.migrate --to " + strconv.FormatInt(m.Number, 10) + b.repoFlags(m)}
		out = append(out, s)
	}
	return out
}

// repoFlags name the repository and the folder where they are not the usual ones.
func (b *builder) repoFlags(m *Migration) string {
	out := ""
	if m.repo != "" && len(b.after.Program.Databases) > 1 {
		out += " --repo " + m.repo
	}
	if app := b.after.Files.App(m.Path); app != nil {
		usual := strings.TrimPrefix(m.dir, app.Dir+"/")
		if usual != "priv/repo/migrations" && len(b.after.Program.Databases) == 1 {
			out += " --migrations-path " + shellPath(usual)
		}
	}
	return out
}

func (b *builder) deployNotes() {
	d := &b.doc.Deployment
	concurrent, exclusive, staged := false, false, false
	for i := range b.doc.Migrations {
		m := &b.doc.Migrations[i]
		concurrent = concurrent || !m.Transaction
		staged = staged || strings.Contains(m.Text, "VALIDATE CONSTRAINT")
		for _, o := range m.Operations {
			exclusive = exclusive || o.Lock == accessExclusive || o.Lock == shareRowExclusive
		}
	}
	if exclusive {
		d.Notes = append(d.Notes, "A short lock still waits for every transaction that uses the table, and whoever comes later waits behind it. Set `lock_timeout` for the migration, such as `SET lock_timeout TO '5s'`, and run it again when it gives up.")
	}
	if concurrent {
		d.Notes = append(d.Notes, "An index that is built concurrently and fails stays behind as invalid. Drop it with `DROP INDEX CONCURRENTLY` and run the migration again.")
	}
	if staged {
		d.Notes = append(d.Notes, "A migration that validates may run long after the one that adds the rule: new rows are held to it from the first one on.")
	}
	for i := range b.Fixed.Applied {
		for _, n := range b.Fixed.Applied[i].Notes {
			if !slices.Contains(d.Notes, n) {
				d.Notes = append(d.Notes, n)
			}
		}
	}
	if b.doc.Hides() {
		note := "The change takes a secret out of the source, so it is no patch: `assay fix` makes it again."
		if len(b.doc.Migrations) > 0 {
			note += " The migrations then get versions of that moment."
		}
		d.Notes = append(d.Notes, note)
	}
	if len(b.doc.Migrations) == 0 {
		d.Notes = append(d.Notes, "There is no migration: the database stays as it is.")
	}
}

// checksAfter ask whether everything is there.
func (b *builder) checksAfter() {
	d := &b.doc.Deployment
	var ask []string
	for i := range b.doc.Migrations {
		for _, c := range b.changesOf(&b.doc.Migrations[i]) {
			switch c.Kind {
			case ir.IndexAdded:
				if b.index(c) == nil {
					continue
				}
				ask = append(ask, psql("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass("+literal(relation(c.Schema, c.Name))+")"))
			case ir.ForeignKeyAdded, ir.CheckAdded:
				if !b.dropped(c) {
					ask = append(ask, psql("SELECT convalidated FROM pg_constraint WHERE conname = "+literal(c.Name)))
				}
			default:
			}
		}
		for _, c := range b.doc.Migrations[i].required {
			ask = append(ask, psql("SELECT attnotnull FROM pg_attribute WHERE attrelid = to_regclass("+literal(relation(c.schema, c.table))+") AND attname = "+literal(c.name)))
		}
	}
	if len(b.doc.Migrations) > 0 {
		d.Checks = append(d.Checks, Step{"Every migration is `up`.", []string{"mix ecto.migrations"}})
	}
	if len(ask) > 0 {
		d.Checks = append(d.Checks, Step{"The database has what the migrations make, and it is valid: each answer is `t`.", ask})
	}
	d.Checks = append(d.Checks, Step{"The findings are gone.", []string{"assay check"}})
}

// dropped reports whether a later migration of the change takes a constraint away.
func (b *builder) dropped(c *ir.Change) bool {
	for _, d := range b.after.Program.Databases {
		t := d.Table(c.Schema, c.Table)
		if t == nil {
			continue
		}
		if slices.ContainsFunc(t.Constraints, func(k ir.Constraint) bool { return k.Name == c.Name }) ||
			slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return k.Name == c.Name }) {
			return false
		}
	}
	return true
}

// rollback takes the change back: the database first, while the migrations that
// know how are still there, then the code.
func (b *builder) rollback() {
	r := &b.doc.Rollback
	if len(b.doc.Implementation) == 0 {
		r.Notes = append(r.Notes, "There is nothing to take back.")
		return
	}
	first := map[string]*Migration{} // by repository and folder
	var order []string
	for i := range b.doc.Migrations {
		m := &b.doc.Migrations[i]
		key := m.repo + " " + m.dir
		if m.Edited {
			r.Notes = append(r.Notes, "`"+m.Path+"` was there before; only the revert of the code concerns it.")
			continue
		}
		if first[key] == nil {
			first[key] = m
			order = append(order, key)
		}
		if !m.Reversible {
			r.Notes = append(r.Notes, "`"+m.Path+"` cannot be reversed: restore what it removed from a backup.")
		}
	}
	for _, key := range order {
		m := first[key]
		to := strconv.FormatInt(m.Number, 10)
		cmds := []string{"mix ecto.rollback --to " + to + b.repoFlags(m)}
		if call := b.releaseRollback(m); call != "" {
			cmds = append(cmds, "bin/"+b.appName()+" eval "+shell(call))
		}
		text := "Roll the database back, down to and including version " + to + "."
		if len(cmds) > 1 {
			text += " The second command is for a release, where there is no Mix."
		}
		r.Steps = append(r.Steps, Step{text, cmds})
	}
	last := b.doc.Implementation[len(b.doc.Implementation)-1].Path
	r.Steps = append(r.Steps,
		Step{"Revert the commit that brought the change, and deploy.", []string{"git revert --no-edit \"$(git log -1 --format=%H -- " + shellPath(last) + ")\""}},
		b.takeBack())
	if len(order) > 0 {
		r.Notes = append(r.Notes, "Roll back before the revert: the migrations that are reverted hold the way down.")
	}
}

// takeBack undoes the change while it is not committed.
func (b *builder) takeBack() Step {
	if b.doc.Hides() {
		return Step{"Before it is committed, this brings back the bytes that were there.", []string{"assay undo"}}
	}
	return Step{"Before it is committed, the first command brings back what was there; where `assay fix` made the change, the second one does.",
		[]string{"git apply -R " + shellPath(b.patch()), "assay undo"}}
}

// releaseRollback is the call by which the project's own release module rolls back.
func (b *builder) releaseRollback(m *Migration) string {
	for _, f := range b.after.Program.Funcs {
		name := b.after.Program.Module(f.Module).Name
		if f.Name == "rollback" && f.Arity == 2 && f.Public() && strings.HasSuffix(name, ".Release") && m.repo != "" {
			return name + ".rollback(" + m.repo + ", " + strconv.FormatInt(m.Number, 10) + ")"
		}
	}
	return ""
}

func (b *builder) appName() string {
	for _, a := range b.after.Files.Apps {
		if a.Name != "" {
			return a.Name
		}
	}
	return "APP"
}
