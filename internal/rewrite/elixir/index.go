package elixir

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// create and drop are commands in the body of a function.
func (h habits) create(t thing) string { return command("create", t, h.parens, 4, h.width) }
func (h habits) drop(t thing) string   { return command("drop", t, h.parens, 4, h.width) }

// concurrently is what makes an index without a lock that stops the table.
func (h habits) concurrently() []string {
	if h.postgres && !h.waits {
		return []string{"concurrently: true"}
	}
	return nil
}

func (w *Writer) createIndex(f *fix.Fix, c *fix.CreateIndex) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	index := thing{name: "index", args: []string{atom(c.Table.Name), atoms(c.Columns)}, opts: w.tableOptions(c.Database, c.Table)}
	what := "index_"
	if c.Unique {
		index.name, what = "unique_index", "unique_index_"
	}
	if name := indexName(c); name != fix.IndexName(c.Table.Name, c.Columns) {
		index = index.with("name: " + atom(name))
	}
	if c.Where != "" {
		index = index.with("where: " + quoted(c.Where))
	}
	plain := w.locked(f, c.Database, c.Table)
	if !plain {
		index = index.with(h.concurrently()...)
	}
	steps := []step{{up: h.create(index)}}
	reason := "The index is built while the table stays open for reading and writing."
	if c.Unique && !c.Unlike && h.postgres {
		links := c.Where == "" && onlyLinks(c.Database, c.Table, c.Columns)
		first := h.duplicates(c)
		if links {
			first = h.repeated(c)
		}
		steps = []step{{up: first}, {up: h.create(index), down: h.drop(index)}}
		f.Safety = max(f.Safety, fix.Asked)
		if links {
			reason += " Links that are there twice are deleted first, but for one of each; they hold nothing else."
			f.Notes = append(f.Notes, "The way back does not bring the links back that were there twice.")
		} else {
			reason += " Rows that are there twice stop the migration before the index is begun."
			f.Notes = append(f.Notes, "Remove rows that are there twice first; the migration names none.")
		}
	} else if c.Unique && !c.Unlike {
		f.Safety = max(f.Safety, fix.Asked)
		f.Notes = append(f.Notes, "Remove rows that are there twice first; the migration names none.")
	}
	settles(f, c.Table, "index", c.Columns...)
	what += snake(c.Table.Name)
	if long := what + "_on_" + snake(c.Columns...); len(long) <= longestFile {
		what = long
	}
	return w.migration(f, c.Database, c.Table, what, !plain, reason, steps...)
}

// locked reports whether indexes of a table cannot be made or dropped concurrently, and says
// so: one that PostgreSQL keeps in partitions, or TimescaleDB in chunks.
func (w *Writer) locked(f *fix.Fix, d *ir.Database, t *ir.Table) bool {
	name := t.Schema + "." + t.Name
	what := ""
	if slices.ContainsFunc(d.Tables, func(o *ir.Table) bool { return o.Parent == name }) {
		what = "kept in partitions"
	}
	for _, text := range w.parts() {
		if regexp.MustCompile(`(?is)\btable\(\s*[:"]` + regexp.QuoteMeta(t.Name) + `\b[^)]{0,300}"\s*PARTITION BY\b`).MatchString(text) {
			what = "kept in partitions"
		}
		if strings.Contains(text, "create_hypertable(") && strings.Contains(text, "'"+t.Name+"'") {
			what = "a hypertable of TimescaleDB"
		}
	}
	if what == "" {
		return false
	}
	f.Safety = fix.Shown
	f.Notes = append(f.Notes, "`"+t.Name+"` is "+what+", and its indexes are not made or dropped concurrently: say when writes may wait for it.")
	return true
}

// parts are the texts of the migrations that keep tables in partitions or in chunks.
func (w *Writer) parts() []string {
	if w.partedIn == nil {
		w.partedIn = []string{}
		for _, file := range w.Files.Files {
			if file.Kind == source.Migration && (strings.Contains(file.Text, "create_hypertable(") || strings.Contains(strings.ToUpper(file.Text), "PARTITION BY")) {
				w.partedIn = append(w.partedIn, file.Text)
			}
		}
	}
	return w.partedIn
}

// indexName is the name of a new index: the usual one, unless another is asked for or
// it does not do.
func indexName(c *fix.CreateIndex) string {
	usual := fix.IndexName(c.Table.Name, c.Columns)
	switch {
	case c.Name != "":
		return c.Name
	case len(usual) > ir.LongestName || c.Database.Taken(c.Table, usual):
		return shortName(c.Database, c.Table, c.Columns)
	}
	return usual
}

// shortName is a name for an index that fits, and that nothing has.
func shortName(d *ir.Database, t *ir.Table, columns []string) string {
	base := t.Name + "_" + columns[0]
	base = ir.Clip(base, ir.LongestName-9)
	for n := 1; ; n++ {
		name := base + "_index"
		if n > 1 {
			name = base + "_index" + strconv.Itoa(n)
		}
		if !d.Taken(t, name) {
			return name
		}
	}
}

func (w *Writer) dropIndex(f *fix.Fix, c *fix.DropIndex) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	x := c.Index
	cols := x.Columns()
	if len(cols) != len(x.Keys) || x.Using != "btree" || len(x.Include) > 0 || x.NullsEqual || ordered(x) {
		return fmt.Errorf("the index %s has expressions, which a migration cannot make again", x.Name)
	}
	index := thing{name: "index", args: []string{atom(c.Table.Name), atoms(cols)}, opts: w.tableOptions(c.Database, c.Table)}
	if x.Unique {
		index.name = "unique_index"
	}
	if x.Name != fix.IndexName(c.Table.Name, cols) {
		index = index.with("name: " + atom(x.Name))
	}
	if x.Where != "" {
		index = index.with("where: " + quoted(x.Where))
	}
	reason := "Reading and writing go on; the way back makes the index again."
	plain := w.locked(f, c.Database, c.Table)
	if plain {
		reason = "The way back makes the index again."
	} else {
		index = index.with(h.concurrently()...)
	}
	drop := h.drop(index)
	if x.Made.Version == 0 && slices.ContainsFunc(c.Database.Migrations, func(m ir.Migration) bool { return !m.Dumped }) {
		drop = command("drop_if_exists", index, h.parens, 4, h.width)
		reason += " Databases that were migrated and not loaded from the dump may not have it."
	}
	settles(f, c.Table, "drop", x.Name)
	return w.migration(f, c.Database, c.Table, "drop_"+snake(strings.TrimSuffix(x.Name, "_index"))+"_index", !plain, reason, step{up: drop})
}

// ordered reports whether an index orders its rows in another way than the usual.
func ordered(x *ir.TableIndex) bool {
	for _, k := range x.Keys {
		if k.Order != "" {
			return true
		}
	}
	return false
}

// settles notes what of a table a fix changes.
func settles(f *fix.Fix, t *ir.Table, what string, names ...string) {
	f.Settles = append(f.Settles, what+" "+t.Schema+"."+t.Name+" "+strings.Join(names, ", "))
}

// createDescribed hands to a command what a migration only describes.
func (w *Writer) createDescribed(f *fix.Fix, c *fix.CreateDescribed) error {
	h, err := w.habitsOf(c.Database)
	if err != nil {
		return err
	}
	t, id := w.callAt(c.At)
	if id == syntax.None || !literalCommand(t, id) {
		return errPlace
	}
	x, ok := thingOf(t, id)
	if !ok || !h.postgres {
		return errPlace
	}
	f.Safety = max(f.Safety, fix.Asked)
	name := "create_" + snake(c.Name)
	if !c.Constraint {
		return w.migration(f, c.Database, c.Table, name, true, "The index is built while the table stays open for reading and writing.",
			step{up: h.create(x.with(h.concurrently()...))})
	}
	f.Notes = append(f.Notes, "Mend the rows that break it before the second migration; it stops at them.")
	if err := w.migration(f, c.Database, c.Table, name, false, "New rows are held to it at once; the rows that are there are not read yet, so the lock is short.",
		step{up: h.create(x.with("validate: false"))}); err != nil {
		return err
	}
	return w.migration(f, c.Database, c.Table, "validate_"+snake(c.Name), false, "The rows are checked while the table stays open.",
		h.executeOnly("ALTER TABLE "+tableSQL(c.Database, c.Table.Schema, c.Table.Name)+" VALIDATE CONSTRAINT "+ident(c.Name)))
}
