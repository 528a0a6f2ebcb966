package elixir

import (
	"fmt"

	"github.com/assay-dev/assay/internal/fix"
)

// addColumns adds columns without writing the rows that are there: a column may be
// null, or has a default that PostgreSQL works out once.
func (w *Writer) addColumns(f *fix.Fix, c *fix.AddColumns) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	open, end := " ", ""
	if h.parens {
		open, end = "(", ")"
	}
	table := thing{name: "table", args: []string{atom(c.Table.Name)}, opts: w.tableOptions(c.Database, c.Table)}
	up := "alter " + table.String() + " do\n"
	for _, col := range c.Columns {
		if !simple(col.Type) {
			return fmt.Errorf("the type of %s is not known", col.Name)
		}
		add := atom(col.Name) + ", " + atom(col.Type)
		if col.Default != "" {
			add += ", null: false, default: fragment(" + quoted(col.Default) + ")"
			f.Safety = max(f.Safety, fix.Asked)
			f.Notes = append(f.Notes, "The rows that are there get the "+col.Name+" of the migration itself.")
		}
		up += "  add" + open + add + end + "\n"
		settles(f, c.Table, "column", col.Name)
	}
	f.Notes = append(f.Notes, c.Notes...)
	return w.migration(f, c.Database, c.Table, "add_"+snake(c.What, "to", c.Table.Name), false,
		"No row is written anew, so the lock is short.", step{up: up + "end"})
}
