package elixir

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// maxName is how many bytes PostgreSQL keeps of a name.
const maxName = 63

// habits is how a project writes its migrations.
type habits struct {
	dir      string // where they are
	prefix   string // of their modules: "MyApp.Repo.Migrations."
	parens   bool   // create(index(…)) instead of create index(…)
	postgres bool
	// advisory: they take an advisory lock, so that the lock of the migrations
	// need not be given up.
	advisory bool
}

// habitsOf reads how the migrations of a database are written.
func (w *Writer) habitsOf(d *ir.Database) (habits, error) {
	h := habits{postgres: d.Adapter == "" || strings.HasSuffix(d.Adapter, ".Postgres")}
	var newest *ir.Migration
	bare, called, ddl, lock := 0, 0, 0, 0
	for i := range d.Migrations {
		m := &d.Migrations[i]
		f := w.Files.File(m.Span.File)
		if f.Kind != source.Migration || !strings.HasSuffix(f.Path, ".exs") {
			continue
		}
		newest = m
		bare += strings.Count(f.Text, "create index(") + strings.Count(f.Text, "create table(") + strings.Count(f.Text, "add :")
		called += strings.Count(f.Text, "create(") + strings.Count(f.Text, "add(:")
		ddl += strings.Count(f.Text, "@disable_ddl_transaction true")
		lock += strings.Count(f.Text, "@disable_migration_lock true")
	}
	if newest == nil {
		return h, fmt.Errorf("the migrations of %s are no files of their own, so none is added", d.Name)
	}
	h.dir = path.Dir(w.Files.File(newest.Span.File).Path)
	h.parens = called > bare
	h.advisory = ddl > 1 && lock == 0
	name := w.Program.Module(newest.Module).Name
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		h.prefix = name[:dot+1]
	}
	return h, nil
}

// step is one command of a migration, on the way up and on the way down. One
// without a way down is reversed by itself, or leaves nothing to reverse.
type step struct {
	up, down string
	leaves   bool
}

// migration adds a migration to a fix. Concurrent steps run outside a transaction.
func (w *Writer) migration(f *fix.Fix, d *ir.Database, name string, concurrent bool, steps []step) error {
	h, err := w.habitsOf(d)
	if err != nil {
		return err
	}
	name = strings.Trim(name, "_")
	if len(name) > maxName {
		name = strings.TrimRight(name[:maxName], "_")
	}
	module := h.prefix + camel(name)
	for n := 2; w.Program.ModuleNamed(module) != nil; n++ {
		module = h.prefix + camel(name) + strconv.Itoa(n)
	}
	var b strings.Builder
	b.WriteString("defmodule " + module + " do\n  use Ecto.Migration\n")
	if concurrent && h.postgres {
		b.WriteString("\n  @disable_ddl_transaction true\n")
		if !h.advisory {
			b.WriteString("  @disable_migration_lock true\n")
		}
	}
	body(&b, steps, h.parens)
	b.WriteString("end\n")
	p := h.dir + "/" + strconv.FormatInt(w.version(d), 10) + "_" + name + ".exs"
	f.Files = append(f.Files, fix.File{Path: p, Text: b.String()})
	return nil
}

// body writes change/0, or up/0 and down/0 where a step does not reverse itself.
func body(b *strings.Builder, steps []step, parens bool) {
	block := func(name string, lines []string) {
		b.WriteString("\n  def " + name + " do\n")
		for i, l := range lines {
			if i > 0 && strings.Contains(l+lines[i-1], "\n") {
				b.WriteByte('\n')
			}
			for line := range strings.Lines(l) {
				if strings.TrimSpace(line) != "" {
					b.WriteString("    ")
				}
				b.WriteString(line)
			}
			b.WriteByte('\n')
		}
		b.WriteString("  end\n")
	}
	var up, down []string
	oneWay := false
	for _, s := range steps {
		up = append(up, called(s.up, parens))
		if s.down != "" {
			down = append(down, called(s.down, parens))
		}
		oneWay = oneWay || s.leaves
	}
	switch {
	case len(down) == 0 && !oneWay:
		block("change", up)
		return
	case len(down) == 0:
		down = []string{":ok"}
	}
	slices.Reverse(down)
	block("up", up)
	block("down", down)
}

// called puts the arguments of a command into parentheses where the project does.
func called(command string, parens bool) string {
	word, rest, ok := strings.Cut(command, " ")
	if !parens || !ok || strings.Contains(command, "\n") || strings.ContainsAny(word, "(\"") {
		return command
	}
	return word + "(" + rest + ")"
}

// version is the version of the next migration of a database.
func (w *Writer) version(d *ir.Database) int64 {
	if w.last == nil {
		w.last = map[*ir.Database]int64{}
	}
	v := w.Stamp
	for i := range d.Migrations {
		if m := d.Migrations[i].Version; m >= v && m < 1e14 {
			v = later(m)
		}
	}
	if last := w.last[d]; last >= v {
		v = later(last)
	}
	w.last[d] = v
	return v
}

// later is the version one second after v.
func later(v int64) int64 {
	sec, min, hour, day := v%100+1, v/100%100, v/1e4%100, v/1e6
	if sec > 59 {
		sec, min = 0, min+1
	}
	if min > 59 {
		min, hour = 0, hour+1
	}
	if hour > 23 {
		return v + 1 // the last second of a day: any number above will do
	}
	return day*1e6 + hour*1e4 + min*100 + sec
}

// tableOptions are the options that find a table outside the usual schema.
func tableOptions(d *ir.Database, t *ir.Table) string {
	if t.Schema == d.Schema || t.Schema == "" {
		return ""
	}
	return ", prefix: " + quoted(t.Schema)
}

func (w *Writer) createIndex(f *fix.Fix, c *fix.CreateIndex) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	name := strings.Join(slices.Concat([]string{c.Table.Name}, c.Columns, []string{"index"}), "_")
	opts := tableOptions(c.Database, c.Table)
	if len(name) > maxName || c.Table.Index(name) != nil {
		name = shortName(c.Table, c.Columns)
		opts += ", name: " + atom(name)
	}
	if c.Where != "" {
		opts += ", where: " + quoted(c.Where)
	}
	if h.postgres {
		opts += ", concurrently: true"
	}
	command := "index"
	var steps []step
	if c.Unique {
		command = "unique_index"
		if h.postgres {
			steps = append(steps, step{up: duplicates(c), leaves: true})
		}
	}
	index := command + "(" + atom(c.Table.Name) + ", " + atoms(c.Columns) + opts + ")"
	s := step{up: "create " + index}
	if len(steps) > 0 {
		s.down = "drop " + index
	}
	steps = append(steps, s)
	what := "index_" + snake(c.Table.Name, "on")
	if c.Unique {
		what = "unique_index_" + snake(c.Table.Name, "on")
	}
	if err := w.migration(f, c.Database, what+"_"+snake(c.Columns...), true, steps); err != nil {
		return err
	}
	f.Files[len(f.Files)-1].Reason = "The index is built while the table stays open for reading and writing."
	if c.Unique {
		f.Safety = fix.Asked
		f.Files[len(f.Files)-1].Reason += " Rows that are there twice stop the migration before the index is begun."
		f.Notes = append(f.Notes, "Remove rows that are there twice first; the migration names none.")
	}
	return nil
}

// shortName is a name for an index that fits, and that the table does not have.
func shortName(t *ir.Table, columns []string) string {
	base := t.Name + "_" + columns[0]
	if len(base) > maxName-9 {
		base = base[:maxName-9]
	}
	for n := 1; ; n++ {
		name := base + "_index"
		if n > 1 {
			name = base + "_index" + strconv.Itoa(n)
		}
		if t.Index(name) == nil {
			return name
		}
	}
}

// duplicates stops a migration when rows have the same values.
func duplicates(c *fix.CreateIndex) string {
	table := ident(c.Table.Name)
	if c.Table.Schema != "" && c.Table.Schema != c.Database.Schema {
		table = ident(c.Table.Schema) + "." + table
	}
	cols := make([]string, len(c.Columns))
	present := make([]string, len(c.Columns))
	for i, n := range c.Columns {
		cols[i] = ident(n)
		present[i] = ident(n) + " IS NOT NULL"
	}
	where := strings.Join(present, " AND ")
	if c.Where != "" {
		where += " AND (" + c.Where + ")"
	}
	return `execute """
DO $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM ` + table + ` WHERE ` + where + `
    GROUP BY ` + strings.Join(cols, ", ") + ` HAVING count(*) > 1
  ) THEN
    RAISE EXCEPTION '` + strings.ReplaceAll(c.Table.Name, "'", "''") + ` holds rows with the same ` + strings.ReplaceAll(strings.Join(c.Columns, ", "), "'", "''") + `';
  END IF;
END $$
"""`
}

// ident is a name in SQL.
func ident(name string) string {
	if simple(name) && strings.ToLower(name) == name {
		return `"` + name + `"`
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func (w *Writer) dropIndex(f *fix.Fix, c *fix.DropIndex) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	cols := c.Index.Columns()
	if len(cols) != len(c.Index.Keys) || c.Index.Using != "btree" || len(c.Index.Include) > 0 {
		return fmt.Errorf("the index %s has expressions, which a migration cannot make again", c.Index.Name)
	}
	opts := tableOptions(c.Database, c.Table) + ", name: " + atom(c.Index.Name)
	if c.Index.Where != "" {
		opts += ", where: " + quoted(c.Index.Where)
	}
	if h.postgres {
		opts += ", concurrently: true"
	}
	command := "index"
	if c.Index.Unique {
		command = "unique_index"
	}
	s := step{up: "drop " + command + "(" + atom(c.Table.Name) + ", " + atoms(cols) + opts + ")"}
	return w.migration(f, c.Database, "drop_"+snake(c.Index.Name), true, []step{s})
}

// requireColumn checks the rows first, without locking the table for long, and
// then lets PostgreSQL rely on the check.
func (w *Writer) requireColumn(f *fix.Fix, c *fix.RequireColumn) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	if !h.postgres {
		return fmt.Errorf("only for PostgreSQL")
	}
	table, opts := atom(c.Table.Name), tableOptions(c.Database, c.Table)
	sqlTable := ident(c.Table.Name)
	if opts != "" {
		sqlTable = ident(c.Table.Schema) + "." + sqlTable
	}
	var first, second []step
	for _, col := range c.Columns {
		name := c.Table.Name + "_" + col + "_present"
		if len(name) > maxName {
			name = name[:maxName]
		}
		first = append(first, step{
			up:   "create constraint(" + table + ", " + atom(name) + opts + ", check: " + quoted(ident(col)+" IS NOT NULL") + ", validate: false)",
			down: "drop constraint(" + table + ", " + atom(name) + opts + ")",
		})
		alter := func(null string) string {
			return "execute " + quoted("ALTER TABLE "+sqlTable+" ALTER COLUMN "+ident(col)+" "+null+" NOT NULL")
		}
		second = append(second,
			step{up: "execute " + quoted("ALTER TABLE "+sqlTable+" VALIDATE CONSTRAINT "+ident(name)), down: alter("DROP")},
			step{up: alter("SET")},
			step{up: "drop constraint(" + table + ", " + atom(name) + opts + ")", down: first[len(first)-1].up},
		)
	}
	f.Safety = fix.Asked
	what := snake(append([]string{c.Table.Name}, c.Columns...)...)
	if err := w.migration(f, c.Database, "check_presence_"+what, false, first); err != nil {
		return err
	}
	f.Files[0].Reason = "New rows are held to it at once; the rows that are there are not read yet, so the lock is short."
	if err := w.migration(f, c.Database, "require_"+what, false, second); err != nil {
		return err
	}
	f.Files[1].Reason = "The rows are checked while the table stays open; then PostgreSQL takes the check for the proof that none is null."
	f.Notes = append(f.Notes, "Fill the rows that have no value before the second migration; it stops at them.")
	return nil
}

// refer adds a reference in two steps: for new rows, then for those that are there.
func (w *Writer) refer(f *fix.Fix, c *fix.Refer) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	if !h.postgres {
		return fmt.Errorf("only for PostgreSQL")
	}
	sqlTable := ident(c.Table.Name)
	opts := tableOptions(c.Database, c.Table)
	if opts != "" {
		sqlTable = ident(c.Table.Schema) + "." + sqlTable
	}
	to := ident(c.To.Name)
	if c.To.Schema != "" && c.To.Schema != c.Database.Schema {
		to = ident(c.To.Schema) + "." + to
	}
	name := c.Table.Name + "_" + c.Column + "_fkey"
	if len(name) > maxName {
		name = name[:maxName]
	}
	on := ""
	if c.OnDelete != ir.NoAction {
		on = " ON DELETE " + c.OnDelete.String()
	}
	add := "ALTER TABLE " + sqlTable + " ADD CONSTRAINT " + ident(name) + " FOREIGN KEY (" + ident(c.Column) + ") REFERENCES " + to +
		" (" + ident(c.References) + ")" + on + " NOT VALID"
	what := snake(c.Table.Name, c.Column)
	f.Safety = fix.Asked
	if err := w.migration(f, c.Database, "refer_from_"+what, false, []step{{
		up: "execute " + quoted(add), down: "execute " + quoted("ALTER TABLE "+sqlTable+" DROP CONSTRAINT "+ident(name)),
	}}); err != nil {
		return err
	}
	f.Files[0].Reason = "New rows are held to the reference; the rows that are there are not read yet, so the locks on both tables are short."
	if err := w.migration(f, c.Database, "validate_reference_from_"+what, false, []step{{
		up: "execute " + quoted("ALTER TABLE "+sqlTable+" VALIDATE CONSTRAINT "+ident(name)), leaves: true,
	}}); err != nil {
		return err
	}
	f.Files[1].Reason = "The rows are checked while both tables stay open."
	f.Notes = append(f.Notes, "Rows that refer to nothing stop the second migration: delete them or give them a row first.")
	return nil
}
