package elixir

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// postgresHabits are the habits of a database whose SQL is known.
func (w *Writer) postgresHabits(d *ir.Database) (habits, error) {
	h, err := w.habitsOf(d)
	if err == nil && !h.postgres {
		err = fmt.Errorf("only for PostgreSQL")
	}
	return h, err
}

// requireColumn checks the rows first, without locking the table for long, and
// then lets PostgreSQL rely on the check.
func (w *Writer) requireColumn(f *fix.Fix, c *fix.RequireColumn) error {
	h, err := w.postgresHabits(c.Database)
	if err != nil {
		return err
	}
	// All rows are read before the first lock that stops the table.
	var first, filled, second, last []step
	for _, col := range c.Columns {
		p := presenceOf(c.Database, c.Table.Schema, c.Table.Name, col)
		p.found.opts = w.tableOptions(c.Database, c.Table)
		first = append(first, p.checked(h))
		steps := p.required(h)
		if k := c.Table.Column(col); k != nil && k.Default != "" && !strings.Contains(k.Default, "(") {
			filled = append(filled, step{up: h.execute("UPDATE "+p.table, "SET "+ident(col)+" = "+k.Default+" WHERE "+ident(col)+" IS NULL")})
		}
		second, last = append(second, steps[0]), append(last, steps[1:]...)
		settles(f, c.Table, "null", col)
	}
	f.Safety = max(f.Safety, fix.Asked)
	if len(filled) < len(c.Columns) {
		f.Notes = append(f.Notes, "Fill the rows that have no value before the second migration; it stops at them.")
	}
	what := snake(append([]string{c.Table.Name}, c.Columns...)...)
	if err := w.migration(f, c.Database, c.Table, "check_presence_"+what, false,
		"New rows are held to it at once; the rows that are there are not read yet, so the lock is short.", first...); err != nil {
		return err
	}
	return w.migration(f, c.Database, c.Table, "require_"+what, false,
		"The rows are checked while the table stays open; then PostgreSQL takes the check for the proof that none is null.", slices.Concat(filled, second, last)...)
}

// addColumn adds a column that may be null.
func (w *Writer) addColumn(f *fix.Fix, c *fix.AddColumn) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	if !simple(c.Type) {
		return fmt.Errorf("the type of %s is not known", c.Column)
	}
	table := thing{name: "table", args: []string{atom(c.Table.Name)}, opts: w.tableOptions(c.Database, c.Table)}
	add := "add " + atom(c.Column) + ", " + atom(c.Type)
	if h.parens {
		add = "add(" + atom(c.Column) + ", " + atom(c.Type) + ")"
	}
	settles(f, c.Table, "column", c.Column)
	return w.migration(f, c.Database, c.Table, "add_"+snake(c.Column, "to", c.Table.Name), false, "It may be null, so that the lock is short.",
		step{up: "alter " + table.String() + " do\n  " + add + "\nend"})
}

// presence is the check that a column is never null.
type presence struct {
	table, name, column string // in SQL, but for the name
	found               thing
}

func presenceOf(d *ir.Database, schema, table, column string) presence {
	p := presence{table: tableSQL(d, schema, table), name: ir.CutName(table + "_" + column + "_present"), column: column}
	p.found = thing{name: "constraint", args: []string{atom(table), atom(p.name)}}
	if schema != d.Schema && schema != "" {
		p.found.opts = []string{"prefix: " + quoted(schema)}
	}
	return p
}

// made is the check for new rows.
func (p *presence) made() thing {
	return p.found.with("check: "+quoted(ident(p.column)+" IS NOT NULL"), "validate: false")
}

// checked makes the check for new rows. An Ecto that does not know the option needs SQL.
func (p *presence) checked(h habits) step {
	if h.validates {
		return step{up: h.create(p.made())}
	}
	return step{up: h.execute("ALTER TABLE "+p.table, "ADD CONSTRAINT "+ident(p.name), "CHECK ("+ident(p.column)+" IS NOT NULL) NOT VALID"), down: h.drop(p.found)}
}

// required holds all rows to the check, lets the database rely on it, and drops it.
func (p *presence) required(h habits) []step {
	table, column := "ALTER TABLE "+p.table, "ALTER COLUMN "+ident(p.column)
	return []step{
		{up: h.execute(table, "VALIDATE CONSTRAINT "+ident(p.name)), down: h.execute(table, column+" DROP NOT NULL")},
		{up: h.execute(table, column+" SET NOT NULL")},
		{up: h.drop(p.found), down: p.checked(h).up},
	}
}

// setDefault changes nothing about the rows that are there.
func (w *Writer) setDefault(f *fix.Fix, c *fix.SetDefault) error {
	h, err := w.postgresHabits(c.Database)
	if err != nil {
		return err
	}
	table, column := "ALTER TABLE "+tableSQL(c.Database, c.Table.Schema, c.Table.Name), "ALTER COLUMN "+ident(c.Column)
	f.Safety = max(f.Safety, fix.Asked)
	f.Notes = append(f.Notes, "Rows that are there stay as they are.")
	settles(f, c.Table, "default", c.Column)
	return w.migration(f, c.Database, c.Table, "default_"+snake(c.Table.Name, c.Column), false, "It holds for new rows, and needs the lock for a moment.",
		step{up: h.execute(table, column+" SET DEFAULT "+c.Value), down: h.execute(table, column+" DROP DEFAULT")})
}

// refer adds a reference in two steps: for new rows, then for those that are there.
func (w *Writer) refer(f *fix.Fix, c *fix.Refer) error {
	h, err := w.postgresHabits(c.Database)
	if err != nil {
		return err
	}
	name := c.Name
	if name == "" {
		name = ir.CutName(c.Table.Name + "_" + c.Column + "_fkey")
	}
	table := "ALTER TABLE " + tableSQL(c.Database, c.Table.Schema, c.Table.Name)
	k := &ir.ForeignKey{Name: name, Columns: []string{c.Column}, Schema: c.To.Schema, Table: c.To.Name, References: []string{c.References}, OnDelete: c.OnDelete, OnUpdate: c.OnUpdate}
	up, down := []string{table}, []string{table, "DROP CONSTRAINT " + ident(name)}
	if old := c.Replaces; old != nil {
		up = append(up, "DROP CONSTRAINT "+ident(old.Name)+",")
		down[1] += ","
		down = append(down, reference(c.Database, old)...)
	}
	up = append(up, reference(c.Database, k)...)
	up[len(up)-1] += " NOT VALID"
	if c.Replaces != nil {
		down[len(down)-1] += " NOT VALID"
	}
	what := snake(c.Table.Name, c.Column)
	settles(f, c.Table, "reference", c.Column)
	f.Safety = max(f.Safety, fix.Asked)
	verb := "refer_from_"
	if c.Replaces != nil {
		verb = "replace_reference_from_"
	} else {
		f.Notes = append(f.Notes, "Rows that refer to nothing stop the second migration: delete them or give them a row first.")
	}
	if err := w.migration(f, c.Database, c.Table, verb+what, false, "New rows are held to the reference; the rows that are there are not read yet, so the locks on both tables are short.",
		step{up: h.execute(up...), down: h.execute(down...)}); err != nil {
		return err
	}
	return w.migration(f, c.Database, c.Table, "validate_reference_from_"+what, false, "The rows are checked while both tables stay open.",
		h.executeOnly(table+" VALIDATE CONSTRAINT "+ident(name)))
}

// reference adds a foreign key, in parts.
func reference(d *ir.Database, k *ir.ForeignKey) []string {
	out := []string{
		"ADD CONSTRAINT " + ident(k.Name),
		"FOREIGN KEY (" + idents(k.Columns) + ") REFERENCES " + tableSQL(d, k.Schema, k.Table) + " (" + idents(k.References) + ")",
	}
	var on []string
	if k.OnDelete != ir.NoAction {
		on = append(on, "ON DELETE "+k.OnDelete.String())
	}
	if k.OnUpdate != ir.NoAction {
		on = append(on, "ON UPDATE "+k.OnUpdate.String())
	}
	if len(on) > 0 {
		out = append(out, strings.Join(on, " "))
	}
	return out
}
