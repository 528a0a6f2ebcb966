package checks

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// redundantIndex reports indexes that another index of the table makes useless.
func redundantIndex(p *check.Pass) {
	var list []check.Finding
	var names []string // of the index that each finding is about
	settled(p.Program, func(d *ir.Database, t *ir.Table) {
		if !d.Postgres {
			return
		}
		all := sorters(t)
		for i := range all {
			if other := coveredBy(all, i); other != nil {
				list = append(list, redundant(p, d, t, &all[i], other, p.Queries.Growth(t)))
				names = append(names, all[i].Name)
			}
		}
	})
	named := namedIn(p.Program, names)
	for i, f := range list {
		if at := named[names[i]]; at != "" && len(f.Changes) > 0 {
			f.Changes = asking(f.Changes, at+" names the index: say whether what it expects shall change with it.")
		}
		p.Report(f)
	}
}

// ofPatterns is how the names of the indexes end that Django makes for LIKE, of another operator class
// (https://docs.djangoproject.com/en/stable/ref/databases/#indexes-for-varchar-and-text-columns).
const ofPatterns = "_like"

// sorter is an index or a primary key: what keeps rows in an order.
type sorter struct {
	ir.TableIndex
	key bool
}

// sorters are the orders in which a table is kept, those that enforce something
// first, then the oldest first, so that of two equal ones the later is the
// needless one, or the one that is named after a table of before.
func sorters(t *ir.Table) []sorter {
	var out []sorter
	if k := t.PrimaryKey; k != nil {
		x := ir.TableIndex{Name: k.Name, Unique: true, Using: "btree", Backing: true, Made: k.Made}
		for _, c := range k.Columns {
			x.Keys = append(x.Keys, ir.IndexKey{Column: c})
		}
		out = append(out, sorter{x, true})
	}
	for _, x := range t.Indexes {
		if x.Using == "btree" && !x.Maybe && len(x.Keys) > 0 && !strings.HasSuffix(x.Name, ofPatterns) {
			out = append(out, sorter{x, false})
		}
	}
	slices.SortStableFunc(out, func(a, b sorter) int {
		if d := rankOf(&a) - rankOf(&b); d != 0 {
			return d
		}
		return ageOf(t, &a) - ageOf(t, &b)
	})
	return out
}

// ageOf puts an index that has the usual name of another table behind the others: its
// table was renamed.
func ageOf(t *ir.Table, s *sorter) int {
	if strings.HasSuffix(s.Name, fix.IndexName("", s.Columns())) && !strings.HasPrefix(s.Name, t.Name+"_") {
		return 1
	}
	return 0
}

func rankOf(s *sorter) int {
	switch {
	case s.key:
		return 0
	case s.Backing:
		return 1
	case s.Unique:
		return 2
	}
	return 3
}

// coveredBy finds the index that makes index i useless: an earlier one that is
// the same, or any that begins as it does. An index that enforces something is
// useless only for one that enforces the same.
func coveredBy(all []sorter, i int) *sorter {
	x := &all[i]
	for j := range all {
		y := &all[j]
		if same(x, y) && j < i && (!x.Unique || y.Unique && x.NullsEqual == y.NullsEqual) {
			return y
		}
	}
	if x.Unique || x.Backing {
		return nil
	}
	for j := range all {
		if y := &all[j]; len(y.Keys) > len(x.Keys) && begins(y, x) {
			return y
		}
	}
	return nil
}

func same(x, y *sorter) bool { return len(x.Keys) == len(y.Keys) && begins(y, x) }

// begins reports whether y has the rows of x and orders them by the keys of x
// first.
func begins(y, x *sorter) bool {
	if len(y.Keys) < len(x.Keys) || !slices.Equal(y.Keys[:len(x.Keys)], x.Keys) || y.Where != x.Where {
		return false
	}
	return !slices.ContainsFunc(x.Include, func(c string) bool {
		return !slices.Contains(y.Include, c) && !slices.Contains(y.Columns(), c)
	})
}

// leansOn reports whether foreign keys may have been made while a unique index was there and
// the primary key was not: they hold on to it, and it cannot go before they do.
func leansOn(d *ir.Database, t *ir.Table, x, y *sorter) bool {
	return x.Unique && (x.Made.Version < y.Made.Version || x.Made.Version == y.Made.Version && x.Made.Span.Start < y.Made.Span.Start) && d.Refers(t, func(*ir.ForeignKey) bool { return true })
}

// declaredUnique reports whether an identity of a table's resource is over some columns.
func declaredUnique(p *ir.Program, t *ir.Table, columns []string) bool {
	return slices.ContainsFunc(p.SchemasOf(t), func(s *ir.Schema) bool {
		return slices.ContainsFunc(s.Identities, func(id ir.Identity) bool {
			return sameColumns(columnsOf(t, s, id.Fields), columns)
		})
	})
}

// testsName reports whether a test says the name of an index.
func testsName(p *check.Pass, name string) bool {
	return slices.ContainsFunc(p.Program.Files.Files, func(f *source.File) bool { return f.Kind == source.Test && mentions(f.Text, name) })
}

// byHand reports whether people have the rows of a table stored, one with each thing that they do.
func byHand(p *check.Pass, t *ir.Table) bool {
	a, ok := p.Queries.Added(t)
	if !ok {
		return false
	}
	e := p.Flow.ReachedBy(a.Clause)
	return e != nil && (e.Kind == ir.Request && !e.GraphQL() || strings.HasSuffix(e.Name, "event handler"))
}

func redundant(p *check.Pass, d *ir.Database, t *ir.Table, x, y *sorter, g query.Growth) check.Finding {
	f := check.Finding{Level: check.Info, Span: x.Made.Span, Symbol: t.Name + "." + x.Name, Anchor: y.Name}
	what := "index `" + y.Name + "`"
	if y.key {
		what = "primary key"
	}
	columns := keyList(x.Keys)
	by, grown := additions(p, t)
	if same(x, y) {
		if g != query.GrowsUnknown && !leansOn(d, t, x, y) {
			f.Level = check.Warning
		}
		f.Message = "Index `" + x.Name + "` is the " + what + " once more: both hold " + columns + " of `" + t.Name + "`."
	} else {
		// Rows that only link others, each pair once, are few unless something says otherwise.
		few := !p.Queries.ManyRows(t) && (y.Unique && links(p.Program, t) || byHand(p, t) && slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Equal(k.Columns, x.Columns()) }))
		if g == query.Grows && !few && slight(t, y.Keys[len(x.Keys):]) {
			f.Level = check.Warning
		}
		f.Message = "Index `" + x.Name + "` on " + columns + " is the beginning of the " + what + " on " + keyList(y.Keys) + ", which answers the same queries."
	}
	if same(x, y) || slight(t, y.Keys[len(x.Keys):]) {
		pays := " Every write to the table pays for it"
		if by != "" {
			pays += ", as when " + by + " adds rows"
		}
		f.Message += pays + ", and no query needs it. Drop it."
	} else {
		f.Message += " Every write to the table pays for both; all that the shorter one saves is size."
	}
	if y.key && same(x, y) && declaredUnique(p.Program, t, x.Columns()) {
		f.Level = check.Info // it comes with an identity, which an upsert may name
	}
	if testsName(p, x.Name) {
		f.Level = check.Info // somebody sees to it that it is there
	}
	if i := t.Index(x.Name); i != nil && !x.key && !x.Backing {
		f.Changes = []fix.Change{&fix.DropIndex{Database: d, Table: t, Index: i}}
		if x.Unique {
			f.Changes = together(append(f.Changes, redeclared(p, t, x, y)...)...)
		}
		if !same(x, y) && !slight(t, y.Keys[len(x.Keys):]) {
			f.Changes = []fix.Change{&fix.Only{Change: f.Changes[0], Question: "Whether the shorter index is worth its writes depends on how often it is read."}}
		}
		if same(x, y) && leansOn(d, t, x, y) {
			f.Changes = asking(f.Changes, "Foreign keys that refer to the table may hold on to the index, and then it cannot go before they are made anew.")
		}
		if g == query.GrowsUnknown {
			f.Changes = asking(f.Changes, unwrittenTable)
		}
	}
	f.Path = []check.Step{
		{Span: x.Made.Span, Note: "`" + x.Name + "` is made here" + byVersion(x.Made)},
		{Span: y.Made.Span, Note: "the " + what + " is made here" + byVersion(y.Made)},
	}
	f.Path = append(f.Path, grown...)
	return f
}

// namedIn are the first files of the program or of its tests that name indexes and are no
// migrations, by the name: those where a changeset waits for the index are left out.
func namedIn(p *ir.Program, names []string) map[string]string {
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	found := map[string]string{}
	for _, f := range p.Files.Files {
		if len(names) == 0 || f.Kind != source.Lib && f.Kind != source.Test {
			continue
		}
		for word := range words(f.Text) {
			if wanted[word] && found[word] == "" && !declaredIn(p, f.ID, word) {
				found[word] = f.Path
			}
		}
	}
	return found
}

// words are the words of a text that are made of several, as names of indexes are: with an
// underscore in them.
func words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, joined := -1, false
		for i := 0; i <= len(text); i++ {
			if i < len(text) && wordByte(text[i]) {
				if start < 0 {
					start, joined = i, false
				}
				joined = joined || text[i] == '_'
				continue
			}
			if start >= 0 && joined && !yield(text[start:i]) {
				return
			}
			start = -1
		}
	}
}

// declaredIn reports whether a changeset of a file waits for a violation of an index.
func declaredIn(p *ir.Program, file source.FileID, index string) bool {
	for _, s := range p.Schemas {
		for i := range s.Changesets {
			if slices.ContainsFunc(s.Changesets[i].Claims, func(c ir.Claim) bool { return c.Span.File == file && c.Fits(index) }) {
				return true
			}
		}
	}
	return false
}

// redeclared asks for the steps of changesets that wait for a violation of one index
// to wait for one of another that refuses the same rows.
func redeclared(p *check.Pass, t *ir.Table, x, y *sorter) []fix.Change {
	var out []fix.Change
	seen := map[source.Span]bool{}
	for _, s := range p.Program.Schemas {
		for i := range s.Changesets {
			claims := s.Changesets[i].Claims
			other := slices.ContainsFunc(claims, func(c ir.Claim) bool { return c.Rows == t && c.Kind == ir.ClaimUnique && c.Fits(y.Name) })
			for j := range claims {
				c := &claims[j]
				if c.Rows != t || c.Kind != ir.ClaimUnique || !c.Fits(x.Name) || c.Fits(y.Name) || seen[c.Span] {
					continue
				}
				seen[c.Span] = true
				change := renaming(p, c.Span, y.Name)
				if id, call := callAt(p, c.Span); other && call != ir.No {
					change = &fix.DropStep{Code: p.Flow.Code(id), Call: call}
				}
				out = append(out, change)
			}
		}
	}
	return out
}

// slight reports whether keys make an index hardly larger: one column of a few
// bytes.
func slight(t *ir.Table, keys []ir.IndexKey) bool {
	c := t.Column(keys[0].Column)
	if len(keys) != 1 || c == nil {
		return false
	}
	switch base, _, timestamp := sizedType(c.Type); base {
	case "bigint", "integer", "smallint", "boolean", "uuid", "date":
		return true
	default:
		return timestamp
	}
}

// keyList is what an index orders by, for a sentence.
func keyList(keys []ir.IndexKey) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = k.Column
		if k.Column == "" {
			parts[i] = k.Expr
		}
		if k.Order != "" {
			parts[i] += " " + k.Order
		}
	}
	return "`" + strings.Join(parts, ", ") + "`"
}

// byVersion names the migration that made a thing.
func byVersion(o ir.Origin) string {
	if o.Version == 0 {
		return ", in the dump"
	}
	return ", by migration " + strconv.FormatInt(o.Version, 10)
}
