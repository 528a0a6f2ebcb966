package intervention

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// The locks of a table, as PostgreSQL names them.
const (
	rowExclusive         = "ROW EXCLUSIVE"
	shareUpdateExclusive = "SHARE UPDATE EXCLUSIVE"
	share                = "SHARE"
	shareRowExclusive    = "SHARE ROW EXCLUSIVE"
	accessExclusive      = "ACCESS EXCLUSIVE"
)

// What a lock stops, and for how long.
const (
	nothing    = "neither reads nor writes"
	writes     = "writes"
	everything = "reads and writes"

	moment  = ", for a moment"
	reading = ", while every row is read"
	writing = ", while every row is written anew"
)

// effect is what a change does, with its lock.
type effect struct{ what, lock, blocks string }

// effectOf says what a change of a migration does to its table.
func effectOf(c *ir.Change) effect {
	switch c.Kind {
	case ir.IndexAdded:
		if c.Concurrent {
			return effect{"create the index " + c.Name + " concurrently", shareUpdateExclusive, nothing}
		}
		return effect{"create the index " + c.Name, share, writes + reading}
	case ir.IndexDropped:
		if c.Concurrent {
			return effect{"drop the index " + c.Name + " concurrently", shareUpdateExclusive, nothing}
		}
		return effect{"drop the index " + c.Name, accessExclusive, everything + moment}
	case ir.IndexRebuilt:
		if c.Concurrent {
			return effect{"rebuild the index " + c.Name + " concurrently", shareUpdateExclusive, nothing}
		}
		return effect{"rebuild the index " + c.Name, share, writes + reading}
	case ir.ForeignKeyAdded:
		if c.Unchecked {
			return effect{"add the reference " + c.Name + " to " + c.To + " for new rows", shareRowExclusive, "writes of both tables" + moment}
		}
		return effect{"add the reference " + c.Name + " to " + c.To, shareRowExclusive, "writes of both tables" + reading}
	case ir.Validated:
		return effect{"validate " + c.Name, shareUpdateExclusive, nothing}
	case ir.RowsWritten:
		return effect{c.Name + " rows", rowExclusive, "writes of the same rows"}
	case ir.OneWay:
		return effect{c.Name, "not known", "not known"}
	case ir.ViewAdded:
		return effect{"create the view", "none", "nothing"}
	}
	return exclusiveEffect(c)
}

// exclusiveEffect is that of a change that keeps everybody from the table.
func exclusiveEffect(c *ir.Change) effect {
	how := everything + moment
	var what string
	switch c.Kind {
	case ir.CheckAdded:
		what = "add the check " + c.Name
		if c.Unchecked {
			what += " for new rows"
		} else {
			how = everything + reading
		}
	case ir.NotNullSet:
		what, how = "set "+c.Name+" not null", everything+reading
	case ir.KeyAdded:
		what, how = "add the primary key "+c.Name, everything+reading
	case ir.UniqueAdded:
		what, how = "add the unique constraint "+c.Name, everything+reading
	case ir.ExclusionAdded:
		what, how = "add the exclusion constraint "+c.Name, everything+reading
	case ir.ColumnAdded:
		what = "add the column " + c.Name
		if c.Rewrites != "" {
			how = everything + writing
		}
	case ir.TypeChanged:
		what, how = "change the type of "+c.Name+" to "+c.Type, everything+writing
	case ir.ColumnDropped:
		what = "drop the column " + c.Name
	case ir.ColumnRenamed:
		what = "rename the column " + c.Name + " to " + c.To
	case ir.TableDropped:
		what = "drop the table"
	case ir.TableRenamed:
		what = "rename the table to " + c.To
	case ir.TableEmptied:
		what = "empty the table"
	case ir.TableRewritten:
		what, how = c.Name, everything+writing
	default:
		what = "change the table"
	}
	return effect{what, accessExclusive, how}
}

// plain are statements that are no change of their own where they do no harm. They
// take a lock all the same.
var plain = []struct {
	form *regexp.Regexp
	effect
}{
	{regexp.MustCompile(`ALTER COLUMN \\?"?([\w?!]+)\\?"? SET NOT NULL`), effect{"set $1 not null, which a checked constraint has proven", accessExclusive, everything + moment}},
	{regexp.MustCompile(`drop[ (]\s*constraint\(:"?[\w?!]+"?,\s*:"?([\w?!]+)`), effect{"drop the constraint $1", accessExclusive, everything + moment}},
	{regexp.MustCompile(`ALTER COLUMN \\?"?([\w?!]+)\\?"? SET DEFAULT`), effect{"set the default of $1", accessExclusive, everything + moment}},
}

// migrations are those that the change makes or edits, in the order in which they
// run.
func (b *builder) migrations() {
	for _, d := range b.after.Program.Databases {
		for i := range d.Migrations {
			m := &d.Migrations[i]
			file := b.after.Files.File(m.Span.File)
			if b.changes(file.Path) && file.Kind == source.Migration {
				b.doc.Migrations = append(b.doc.Migrations, b.migration(d, m, file))
			}
		}
	}
	slices.SortStableFunc(b.doc.Migrations, func(x, y Migration) int {
		return cmp.Or(strings.Compare(x.repo, y.repo), cmp.Compare(x.Number, y.Number))
	})
}

func (b *builder) migration(d *ir.Database, m *ir.Migration, file *source.File) Migration {
	out := Migration{
		Path: file.Path, Number: m.Version, Module: b.after.Program.Module(m.Module).Name,
		Edited: b.before.Files.Named(file.Path) != nil, Transaction: m.Transaction, Reversible: true,
		Text: b.hide(file.Text), dir: path.Dir(file.Path), repo: d.Repo,
	}
	set := map[string]bool{} // what is said by a change
	var ops []placed
	for i := range m.Changes {
		c := &m.Changes[i]
		e := effectOf(c)
		set[c.Name] = set[c.Name] || c.Kind == ir.NotNullSet
		out.Reversible = out.Reversible && c.Kind != ir.OneWay
		ops = append(ops, placed{int(c.Span.Start), Operation{e.what, c.Table, e.lock, e.blocks}})
		if c.Kind == ir.NotNullSet {
			out.required = append(out.required, column{c.Schema, c.Table, c.Name})
		}
	}
	up, down, split := strings.Cut(file.Text, "def down")
	out.Reversible = out.Reversible && (!split || !strings.Contains(down, "raise"))
	if len(m.Changes) > 0 {
		ops = append(ops, out.plain(up, &m.Changes[0], set)...)
	}
	slices.SortStableFunc(ops, func(x, y placed) int { return cmp.Compare(x.at, y.at) })
	for _, o := range ops {
		out.Operations = append(out.Operations, o.Operation)
	}
	out.keep()
	return out
}

// placed is an operation and where it stands in the file.
type placed struct {
	at int
	Operation
}

// plain finds the statements of a migration that are no change of their own.
func (m *Migration) plain(up string, c *ir.Change, set map[string]bool) []placed {
	var ops []placed
	for i, p := range plain {
		for _, hit := range p.form.FindAllStringSubmatchIndex(up, -1) {
			name := up[hit[2]:hit[3]]
			if set[name] {
				continue
			}
			ops = append(ops, placed{hit[0], Operation{strings.ReplaceAll(p.what, "$1", name), c.Table, p.lock, p.blocks}})
			if i == 0 {
				m.required = append(m.required, column{c.Schema, c.Table, name})
			}
		}
	}
	return ops
}

// keep says where the rest of a transaction makes a lock last: it is given up at the
// end only, so that whatever reads rows behind it does so under the lock.
func (m *Migration) keep() {
	if !m.Transaction {
		return
	}
	held := map[string]bool{}
	for i := range m.Operations {
		o := &m.Operations[i]
		if held[o.Table] && o.Lock == shareUpdateExclusive {
			o.Blocks = everything + reading + ", by the lock that the transaction holds already"
		}
		held[o.Table] = held[o.Table] || o.Lock == accessExclusive
	}
}
