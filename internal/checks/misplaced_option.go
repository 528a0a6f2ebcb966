package checks

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// misplacedOption reports options in migrations that the command they are given
// to does not have, where the database still lacks what they were to bring.
func misplacedOption(p *check.Pass) {
	asked := sync.OnceValue(func() map[*ir.Table][]lookup { return lookups(p) }) // most projects have no such option
	for _, d := range p.Program.Databases {
		type once struct {
			at     source.Span
			option string
		}
		seen := map[once]bool{}
		for i := range d.Misplaced {
			m := &d.Misplaced[i]
			if f, ok := misplaced(d, m); ok && !seen[once{m.Span, m.Option}] {
				seen[once{m.Span, m.Option}] = true
				t, c := madeColumn(d, m)
				switch {
				case f.Level == check.Warning && (strings.HasPrefix(m.Option, "on_") || p.Queries.Growth(t) < query.Grows):
					f.Level = check.Info // deletions have been refused all the time, or nobody stores rows
				case m.Option == "primary_key" && t != nil && t.PrimaryKey != nil:
					f.Level = check.Info // the table has one
				case m.Option == "primary_key" && t != nil && slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return x.Unique && x.Full() && slices.Contains(x.Columns(), m.Column) }):
					f.Level = check.Info // an index keeps the rows apart
				case m.Option == "unique" && c != nil && (c.Type == "uuid" || madeAtRandom(t.Name, c.Name)):
					f.Level = check.Info // what is made at random is not there twice
				case m.Option == "unique" && c != nil && (leads(t, c.Name) || uniqueWithOthers(t, c.Name)):
					f.Level = check.Info // whoever made the index later did not make it unique, or not alone
				case c != nil && c.Default == "" && forbidsNull(m) && leavesOut(p, t, c.Name):
					f.Level = check.Info // rows are stored without a value
				case m.Option == "index" && c != nil && !slices.ContainsFunc(asked()[t], func(l lookup) bool { return l.has(c.Name) }):
					f.Level = check.Info // no known query asks for it
				case m.Refused && inDump(d, m.Version):
					f.Level = check.Info // new databases are loaded, not migrated
				}
				if m.Option == "unique" && len(f.Changes) == 1 {
					f.Changes = answering(p, f.Changes[0].(*fix.CreateIndex))
				}
				p.Report(f)
			}
		}
	}
}

// leavesOut reports whether the running system inserts rows into a table that have no value in a column.
func leavesOut(p *check.Pass, t *ir.Table, column string) bool {
	return slices.ContainsFunc(p.Queries.On(t), func(a *query.Access) bool {
		return a.Op == "insert" && p.Flow.InLib(a.Clause) && p.Flow.Reached(a.Clause).Common() && !a.Query.OpenSteps && len(a.Given) > 0 && !givesOne(a, []string{column})
	})
}

// uniqueWithOthers reports whether a unique index of a table holds a column among others.
func uniqueWithOthers(t *ir.Table, column string) bool {
	return slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return x.Unique && slices.Contains(x.Columns(), column) })
}

// inDump reports whether the dump that a project keeps holds a migration.
func inDump(d *ir.Database, version int64) bool {
	return slices.ContainsFunc(d.Migrations, func(m ir.Migration) bool { return m.Version == version && m.Dumped })
}

func misplaced(d *ir.Database, m *ir.Misplaced) (check.Finding, bool) {
	lost, known := lostOption(d, m)
	if !d.Postgres || known && lost == "" && !m.Refused {
		return check.Finding{}, false
	}
	f := check.Finding{Level: check.Warning, Span: m.Span, Symbol: m.Table, Anchor: m.Call + " " + m.Option}
	if m.Column != "" {
		f.Symbol += "." + m.Column
	}
	f.Message = "`" + m.Call + "` has no option `" + m.Option + "`"
	switch {
	case m.Refused:
		f.Level = check.Error
		f.Message += ": the version that is locked raises an error for it, so that no new database can be migrated."
	case known:
		f.Message += " and ignores it: " + lost + "."
		if slices.Contains([]string{"length", "limit", "max_length"}, m.Option) {
			f.Level = check.Info // a longer text does no harm
		}
		if m.Value == ":restrict" || m.Value == ":nothing" {
			f.Level = check.Info // it comes to what happens without it
		}
	default:
		f.Level = check.Info
		f.Message += " and ignores it."
	}
	if t, c := madeColumn(d, m); known && !m.Refused && c != nil && forbidsNull(m) && empties(t, c) {
		f.Level = check.Info // the key needs what the option forbids
		f.Message += " The foreign key empties the column when the row that it refers to goes: take the option out, or say what shall happen to the rows instead."
	} else {
		f.Message += " " + optionAdvice(m, known)
	}
	if known && !m.Refused {
		f.Changes = meant(d, m)
	}
	f.Path = append(f.Path, check.Step{Span: m.Span, Note: "`" + written(m) + "` is given to `" + m.Call + "`"})
	if t, c := madeColumn(d, m); c != nil && c.Changed != c.Made {
		f.Path = append(f.Path, check.Step{Span: c.Changed.Span, Note: "`" + t.Name + "." + c.Name + "` is changed here for the last time, and it is not mended"})
	}
	return f, true
}

// answering asks for a unique index and for its constraint in every changeset whose rows it
// may refuse.
func answering(p *check.Pass, index *fix.CreateIndex) []fix.Change {
	t := index.Table
	if index.Name == "" {
		index.Name = uniqueName(index.Database, t, index.Columns)
	}
	g := guard{kind: query.Unique, name: index.Name, columns: index.Columns}
	elsewhere, bare := declaredElsewhere(p, t, &g, source.Span{}, ir.No)
	out := together(append([]fix.Change{index}, elsewhere...)...)
	if bare != "" {
		out = asking(out, refusedThere(bare))
	}
	return unlessRefused(p, t, index.Columns, out)
}

// meant asks for what an option was to bring.
func meant(d *ir.Database, m *ir.Misplaced) []fix.Change {
	t, c := madeColumn(d, m)
	if c == nil {
		return nil
	}
	columns := []string{c.Name}
	switch {
	case forbidsNull(m):
		require := requiring(d, t, columns)
		if empties(t, c) {
			return []fix.Change{&fix.Only{Change: require, Question: "The foreign key empties the column when the row that it refers to goes: say what shall happen instead."}}
		}
		return []fix.Change{require}
	case m.Option == "default":
		if value := sqlValue(m.Value); value != "" {
			return []fix.Change{&fix.SetDefault{Database: d, Table: t, Column: c.Name, Value: value}}
		}
	case m.Option == "unique":
		return []fix.Change{&fix.CreateIndex{Database: d, Table: t, Columns: columns, Unique: true}}
	case m.Option == "index":
		return []fix.Change{&fix.CreateIndex{Database: d, Table: t, Columns: columns}}
	case m.Option == "on_delete" || m.Option == "on_update":
		return acting(d, m, t, c)
	}
	return nil
}

// forbidsNull reports whether an option is `null`, under whatever name.
func forbidsNull(m *ir.Misplaced) bool {
	return slices.Contains([]string{"null", "nullable", "nul", "allow_null", "allow_nil"}, m.Option)
}

// empties reports whether the foreign key of a column sets it to null.
func empties(t *ir.Table, c *ir.Column) bool {
	k := keyOn(t, c.Name)
	return k != nil && (k.OnDelete == ir.SetNull || k.OnUpdate == ir.SetNull)
}

// acting asks for a foreign key in place of the one that lacks an action.
func acting(d *ir.Database, m *ir.Misplaced, t *ir.Table, c *ir.Column) []fix.Change {
	k := keyOn(t, c.Name)
	if k == nil || len(k.Columns) != 1 || len(k.References) != 1 || d.Table(k.Schema, k.Table) == nil {
		return nil
	}
	r := &fix.Refer{
		Database: d, Table: t, Column: c.Name, To: d.Table(k.Schema, k.Table), References: k.References[0],
		OnDelete: k.OnDelete, OnUpdate: k.OnUpdate, Name: k.Name, Replaces: k,
	}
	// Both actions may have been written at the same wrong place.
	for i := range d.Misplaced {
		o := &d.Misplaced[i]
		if o.Version != m.Version || o.Table != m.Table || o.Column != m.Column {
			continue
		}
		switch action := acts(strings.Trim(o.Value, `:"`)); {
		case o.Option != "on_delete" && o.Option != "on_update":
		case action == ir.SetNull && !c.Null:
			return nil // it may not be null, so that the action would fail
		case o.Option == "on_delete":
			r.OnDelete = action
		default:
			r.OnUpdate = action
		}
	}
	return []fix.Change{r}
}

// sqlValue is a literal of a migration in SQL, or "".
func sqlValue(value string) string {
	if value == "true" || value == "false" {
		return value
	}
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		return value
	}
	if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' && !strings.ContainsAny(value, `\#`) {
		return "'" + strings.ReplaceAll(value[1:n-1], "'", "''") + "'"
	}
	return ""
}

// written is the option as it stands in the text.
func written(m *ir.Misplaced) string {
	if m.Value == "" {
		return m.Option
	}
	return m.Option + ": " + m.Value
}

// optionAdvice says where an option belongs.
func optionAdvice(m *ir.Misplaced, known bool) string {
	home := ""
	switch m.Option {
	case "nullable", "nul", "allow_null", "allow_nil":
		home = "It is called `null`"
	case "length", "limit", "max_length":
		home = when(known, "It is called `size`")
	case "null", "default", "primary_key", "size", "precision", "scale", "generated", "collation":
		home = "It belongs to `add`" + when(m.Call == "references", ", behind what `references` is given")
	case "on_delete", "on_update", "column", "with", "match", "validate", "prefix", "name":
		home = "It belongs inside `references(…)`"
	case "unique":
		home = "Create a `unique_index`"
	case "index":
		home = "Create an `index`"
	case "references":
		home = "The type of the column has to be `references(…)`"
	case "where", "using", "include", "concurrently":
		home = "It belongs to `index`"
	}
	switch {
	case m.Refused && home != "":
		return home + "."
	case m.Refused || home == "":
		return "Take it out, or correct its name."
	case known:
		return home + ". Where this migration has run, only a new one brings it."
	}
	return home + "."
}

// madeColumn is the column that a command made, whatever it is called now, or
// the one of its name.
func madeColumn(d *ir.Database, m *ir.Misplaced) (*ir.Table, *ir.Column) {
	origin := ir.Origin{Version: m.Version, Span: m.Span}
	for _, t := range d.Tables {
		for i := range t.Columns {
			if c := &t.Columns[i]; c.Made == origin && m.Call != "timestamps" {
				return t, c
			}
		}
	}
	t := d.Table(m.Schema, m.Table)
	if t == nil {
		return nil, nil
	}
	c := t.Column(m.Column)
	if c != nil && c.Made.Version > m.Version {
		return t, nil // the one that was meant is gone, and another is called so
	}
	return t, c
}

// lostOption says what the database lacks for an option. It is known for the
// options below, and empty where nothing is lost or the column is gone.
func lostOption(d *ir.Database, m *ir.Misplaced) (lost string, known bool) {
	t, c := madeColumn(d, m)
	column := "`" + m.Table + "." + m.Column + "`"
	gone := c == nil || t.Partial || c.Maybe
	if !gone {
		column = "`" + t.Name + "." + c.Name + "`"
	}
	if forbidsNull(m) {
		return when(!gone && m.Value == "false" && c.Null, column+" may be null"), true
	}
	switch m.Option {
	case "length", "limit", "max_length":
		if gone || !strings.HasPrefix(c.Type, "character") {
			return "", gone
		}
		return when(!strings.Contains(c.Type, "("+m.Value+")"), column+" is "+c.Type), true
	case "default":
		return when(!gone && m.Value != "nil" && c.Default == "", column+" has no default"), true
	case "primary_key":
		return when(!gone && m.Value == "true" && !keyHas(t, c.Name), column+" is not in the primary key"), true
	case "unique":
		return when(!gone && m.Value == "true" && !identifies(t, []string{c.Name}), "two rows may have the same "+column), true
	case "index":
		return when(!gone && m.Value == "true" && !ledBy(t, []string{c.Name}), "no index leads with "+column), true
	case "references":
		return when(!gone && keyOn(t, c.Name) == nil, column+" has no foreign key"), true
	case "on_delete", "on_update", "column", "name", "prefix":
		if gone {
			return "", true
		}
		return lostReference(t, c, m), true
	case "type", "validate", "from", "match", "with", "concurrently":
		return "", true
	}
	return "", m.Column != "" && gone
}

func when(yes bool, words string) string {
	if yes {
		return words
	}
	return ""
}

// lostReference says what the foreign key of a column lacks.
func lostReference(t *ir.Table, c *ir.Column, m *ir.Misplaced) string {
	column := "`" + t.Name + "." + c.Name + "`"
	k := keyOn(t, c.Name)
	value := strings.Trim(m.Value, `:"`)
	switch {
	case k == nil:
		return when(!m.Reference, column+" has no foreign key that could have it")
	case m.Value == "":
		return ""
	case m.Option == "on_delete":
		return when(acts(value) != k.OnDelete, "the foreign key of "+column+" says ON DELETE "+k.OnDelete.String())
	case m.Option == "on_update":
		return when(acts(value) != k.OnUpdate, "the foreign key of "+column+" says ON UPDATE "+k.OnUpdate.String())
	case m.Option == "column":
		return when(!slices.Contains(k.References, value), column+" refers to `"+k.Table+"."+strings.Join(k.References, ", ")+"`")
	case m.Option == "name":
		return when(k.Name != value, "the foreign key is called `"+k.Name+"`")
	}
	return when(k.Schema != value, column+" refers to the table in `"+k.Schema+"`")
}

// acts is the action that a word of a migration stands for.
func acts(word string) ir.Action {
	switch word {
	case "delete_all", "update_all":
		return ir.Cascade
	case "nilify_all":
		return ir.SetNull
	case "default_all":
		return ir.SetDefault
	case "restrict":
		return ir.Restrict
	}
	return ir.NoAction
}

// keyOn is the foreign key that begins with a column, or nil.
func keyOn(t *ir.Table, column string) *ir.ForeignKey {
	for i := range t.ForeignKeys {
		if k := &t.ForeignKeys[i]; len(k.Columns) > 0 && k.Columns[0] == column {
			return k
		}
	}
	return nil
}

func keyHas(t *ir.Table, column string) bool {
	return t.PrimaryKey != nil && slices.Contains(t.PrimaryKey.Columns, column)
}

// ledBy reports whether an index of a table begins with some columns.
func ledBy(t *ir.Table, columns []string) bool {
	leads := func(of []string) bool { return len(of) >= len(columns) && slices.Equal(of[:len(columns)], columns) }
	if k := t.PrimaryKey; k != nil && leads(k.Columns) {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return leads(x.Columns()) })
}
