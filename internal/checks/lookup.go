package checks

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// lookup is one way in which the running system finds rows of a table: by the
// values of columns.
type lookup struct {
	access  *query.Access // or nil, when a resource's action makes it
	action  *ir.ResourceAction
	by      []*query.Filter // what certainly narrows the rows
	joined  []*query.Filter // columns that rows of a narrowed table are joined by
	may     []*query.Filter // what narrows the rows on some paths
	tied    []*query.Filter // columns that are joined to rows of any number, or besides by
	beside  []*query.Filter // those of tied that rows of a narrowed table are joined by, over others if need be
	columns []string        // of by and joined, without a place, each once
	fixed   []string        // columns of which a resource's action says what they are
	outer   bool            // the rows are joined to others that are there without them
	added   []string        // the columns that a library or the database adds to each
}

// lookups lists the lookups that the running system makes, by table, in the
// order of the program.
func lookups(p *check.Pass) map[*ir.Table][]lookup {
	out := map[*ir.Table][]lookup{}
	all := p.Queries.Accesses()
	for i := range all {
		a := &all[i]
		if !live(p, a.Clause) || a.Inserts() || a.Op == "update" || a.Op == "delete" {
			continue
		}
		for b := range a.Query.Sources {
			s := &a.Query.Sources[b]
			if s.Sub != nil && (s.Sub.Groups != query.No || s.Sub.Limit != query.No) {
				continue // its rows are there before any is looked for
			}
			if t := s.Table; t != nil {
				if l := lookupOf(a, b); len(l.columns) > 0 {
					l.added = addedTo(t, s.Schema)
					out[t] = append(out[t], l)
				}
			}
		}
		if t, l := throughTable(p.Program, a); t != nil {
			out[t] = append(out[t], l)
		}
	}
	var names map[string]said
	for _, sch := range p.Program.Schemas {
		for i := range sch.Actions {
			if a := &sch.Actions[i]; sch.Rows != nil && a.Kind == "read" && len(a.Filters) > 0 {
				if names == nil {
					names = namesSaid(p.Program)
				}
				if !namedElsewhere(p.Program, names, sch, a.Name) {
					continue // nothing calls it
				}
				l := lookup{action: a, added: addedTo(sch.Rows, sch)}
				for _, f := range a.Filters {
					l.columns = append(l.columns, sch.ColumnOf(f))
				}
				for _, f := range a.Fixed {
					l.fixed = append(l.fixed, sch.ColumnOf(f))
				}
				out[sch.Rows] = append(out[sch.Rows], l)
			}
		}
	}
	return out
}

// said are the modules whose code says a name, as an atom or as the function of a call.
type said struct {
	module ir.ModuleID // one of them
	others bool
}

// namesSaid are the names that code besides the tests says.
func namesSaid(p *ir.Program) map[string]said {
	out := map[string]said{}
	add := func(name string, m ir.ModuleID) {
		was, there := out[name]
		switch {
		case !there:
			out[name] = said{module: m}
		case was.module != m && !was.others:
			out[name] = said{was.module, true}
		}
	}
	for _, c := range p.Codes {
		if c.File == nil || c.File.Kind == source.Test {
			continue
		}
		for i := range c.Exprs {
			switch e := &c.Exprs[i]; {
			case e.Op == ir.Const && e.Sub == ir.LitAtom:
				add(e.Str, c.Module)
			case e.Op == ir.Call:
				add(strings.TrimRight(c.Callees[e.A].Name, "!?"), c.Module)
			}
		}
	}
	return out
}

// namedElsewhere reports whether code outside of a resource says the name of one of its actions, to
// call it or to let clients do so.
func namedElsewhere(p *ir.Program, names map[string]said, s *ir.Schema, name string) bool {
	if file := p.Files.File(s.Span.File); strings.Count(file.Text, ":"+name) > 1 {
		return true // the resource itself lets others call it
	}
	by, there := names[name]
	return there && (by.others || by.module != s.Module)
}

// addedTo are the columns that every query for rows of a table compares without saying so: those of
// the policies of row-level security, and that of a resource's tenant.
func addedTo(t *ir.Table, s *ir.Schema) []string {
	out := slices.Collect(maps.Values(t.Policies))
	if s != nil && s.Tenant != "" && s.ColumnOf(s.Tenant) != "" {
		out = append(out, s.ColumnOf(s.Tenant))
	}
	return out
}

// lookupOf is how an access finds the rows of one of its sources.
func lookupOf(a *query.Access, binding int) lookup {
	var along []*query.Filter
	l := lookup{access: a, outer: strings.HasPrefix(a.Query.Sources[binding].Join, "left")}
	for i := range a.Query.Filters {
		f := &a.Query.Filters[i]
		switch {
		case f.Binding == binding && !f.Either && !f.Columns && (f.May && f.Compare <= query.Range || f.Compare == query.IsNull):
			l.may = append(l.may, f)
		case f.Binding != binding || !narrows(f):
		case !f.Columns:
			l.by = append(l.by, f)
		case f.With.Binding != binding && narrowed(&a.Query, f.With.Binding):
			l.joined = append(l.joined, f)
		default:
			l.tied = append(l.tied, f)
			if narrowedAlong(&a.Query, f.With.Binding, binding) {
				along = append(along, f)
			}
		}
	}
	if len(l.by) > 0 {
		l.tied = append(l.tied, l.joined...)
		l.beside, l.joined = l.joined, nil
	}
	l.beside = append(l.beside, along...)
	for _, f := range slices.Concat(l.by, l.joined) {
		if !slices.Contains(l.columns, f.Name) {
			l.columns = append(l.columns, f.Name)
		}
	}
	return l
}

// narrows reports whether a condition leaves only some rows, on every path.
func narrows(f *query.Filter) bool {
	return !f.Either && !f.May && f.Compare <= query.Range && f.Name != ""
}

// narrowed reports whether rows of a source are chosen by values that differ from call
// to call, so that a join may start there.
func narrowed(q *query.Query, binding int) bool {
	return slices.ContainsFunc(q.Filters, func(f query.Filter) bool {
		if f.Join && strings.HasPrefix(q.Sources[f.Binding].Join, "left") {
			return false // it leaves out none of the rows that these are joined to
		}
		return f.Binding == binding && !f.Columns && narrows(&f) && f.Compare <= query.In && !f.Constant
	})
}

// narrowedAlong reports whether rows of a source are chosen by rows of a narrowed one that they
// are joined to, over any number of others, but not over the one that is left out.
func narrowedAlong(q *query.Query, binding, but int) bool {
	seen := map[int]bool{but: true, binding: true}
	for next := []int{binding}; len(next) > 0; next = next[1:] {
		for i := range q.Filters {
			f := &q.Filters[i]
			if f.Binding != next[0] || !f.Columns || !narrows(f) || f.Compare != query.Equal || seen[f.With.Binding] {
				continue
			}
			if narrowed(q, f.With.Binding) {
				return true
			}
			seen[f.With.Binding] = true
			next = append(next, f.With.Binding)
		}
	}
	return false
}

// live reports whether a clause may run in the running system: something that
// serves gets there, or nothing that is known does.
func live(p *check.Pass, id flow.ClauseID) bool {
	k := p.Flow.Reached(id)
	return k.Serves() || k == 0
}

// runs reports whether something makes a lookup, as far as is known.
func (l *lookup) runs(p *check.Pass) bool {
	return l.access == nil || p.Flow.Reached(l.access.Clause) != 0 || len(p.Flow.CallersOf(l.access.Clause)) > 0
}

// throughTable is how loading a many-to-many association finds the rows of the
// join table.
func throughTable(p *ir.Program, a *query.Access) (*ir.Table, lookup) {
	if a.Op != "load" || a.Via == nil || a.Via.Kind != ir.ManyToMany {
		return nil, lookup{}
	}
	list := p.TablesNamed(a.Via.JoinTable)
	if len(list) != 1 {
		return nil, lookup{}
	}
	return list[0], lookup{access: a, columns: []string{a.Via.JoinOwner}, added: addedTo(list[0], nil)}
}

// has reports whether a lookup is by a column.
func (l *lookup) has(column string) bool { return slices.Contains(l.columns, column) }

// served reports whether an index finds the rows by one of the columns, or may find them: one
// of all rows by a column that is not in without.
func (l *lookup) served(t *ir.Table, without ...string) bool {
	if l.access != nil && l.access.Op == "delete_all" && l.access.Query.OpenFilters {
		return true // by what the caller adds
	}
	indexed := func(f *query.Filter) bool { return leads(t, f.Name) }
	if l.outer && slices.ContainsFunc(l.tied, indexed) {
		return true // the rows that they are joined to are all gone through
	}
	led := func(c string) bool { return !slices.Contains(without, c) && leads(t, c) }
	if slices.ContainsFunc(l.may, indexed) || slices.ContainsFunc(l.beside, indexed) || slices.ContainsFunc(l.added, led) || l.besideFixed(t) {
		return true
	}
	return slices.ContainsFunc(l.columns, func(c string) bool { return led(c) || l.partly(t, c) })
}

// besideFixed reports whether an index leads with a column that is always the same, and finds
// the rows by one of the others behind it.
func (l *lookup) besideFixed(t *ir.Table) bool {
	return len(l.fixed) > 0 && slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool {
		cols := x.Columns()
		return len(cols) > 1 && ordered(&x) && slices.Contains(l.fixed, cols[0]) && l.has(cols[1])
	})
}

// partly reports whether a partial index leads with a column and the query, or what the Repo
// or an association adds to it, says something of the columns of its condition.
func (l *lookup) partly(t *ir.Table, column string) bool {
	return slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool {
		cols := x.Columns()
		if len(cols) == 0 || cols[0] != column || x.Full() {
			return false
		}
		if l.access == nil {
			return slices.ContainsFunc(l.fixed, func(c string) bool { return mentions(x.Where, c) })
		}
		if l.access.Via != nil && l.access.Via.Filtered {
			return true // by a condition of the association
		}
		says := func(f query.Filter) bool { return f.Name != "" && f.Name != column && mentions(x.Where, f.Name) }
		return slices.ContainsFunc(l.access.Query.Filters, says) || slices.ContainsFunc(l.access.Implicit, says)
	})
}

// leads reports whether an index or key that holds every row that has a value
// leads with a column.
func leads(t *ir.Table, column string) bool {
	if k := t.PrimaryKey; k != nil && len(k.Columns) > 0 && k.Columns[0] == column {
		return true
	}
	for i := range t.Indexes {
		x := &t.Indexes[i]
		if cols := x.Columns(); len(cols) > 0 && cols[0] == column && ordered(x) && (x.Full() || present(x.Where, column)) {
			return true
		}
	}
	if halves(t, column) {
		return true
	}
	for i := range t.Constraints {
		c := &t.Constraints[i]
		if len(c.Columns) == 0 || c.Columns[0] != column {
			continue
		}
		if c.Kind == ir.UniqueConstraint || c.Kind == ir.ExclusionConstraint && excludesEqual(c.Expr, column) {
			return true
		}
	}
	return false
}

// halves reports whether two partial indexes that lead with a column hold every row between them: one
// those that have a value in another column, `deleted_at IS NOT NULL`, and one the rest.
func halves(t *ir.Table, column string) bool {
	with := map[string]bool{}
	for i := range t.Indexes {
		if x := &t.Indexes[i]; len(x.Columns()) > 0 && x.Columns()[0] == column && ordered(x) && !x.Full() {
			with[strings.Join(strings.Fields(strings.ToLower(strings.Trim(x.Where, "()"))), " ")] = true
		}
	}
	for where := range with {
		if name, null := strings.CutSuffix(where, " is null"); null && !strings.Contains(name, " ") && with[name+" is not null"] {
			return true
		}
	}
	return false
}

// excludesEqual reports whether an exclusion constraint of all rows begins with what has a column in
// common, `gist (room WITH =, during WITH &&)`: its index finds rows by one value of that.
func excludesEqual(expr, column string) bool {
	expr = strings.ToLower(strings.ReplaceAll(expr, `"`, ""))
	_, keys, ok := strings.Cut(expr, "(")
	first, _, _ := strings.Cut(keys, ",")
	return ok && strings.HasPrefix(strings.Join(strings.Fields(first), " "), strings.ToLower(column)+" with =") && !strings.Contains(expr, " where ")
}

// ordered reports whether an index finds rows by one value.
func ordered(x *ir.TableIndex) bool {
	return x.Using == "btree" || x.Using == "hash" || x.Using == "brin"
}

// present reports whether a condition is that a column has a value, and maybe that it is not
// the empty text.
func present(where, column string) bool {
	where = strings.NewReplacer("(", "", ")", "", `"`, "", "::text", "", "!=", "<>").Replace(strings.ToLower(where))
	for part := range strings.SplitSeq(where, " and ") {
		if part = strings.Join(strings.Fields(part), " "); part != column+" is not null" && part != column+" <> ''" {
			return false
		}
	}
	return true
}

// mentions reports whether SQL text names a column.
func mentions(sql, column string) bool {
	for rest := sql; ; {
		i := strings.Index(rest, column)
		if i < 0 {
			return false
		}
		end := i + len(column)
		if (i == 0 || !wordByte(rest[i-1])) && (end == len(rest) || !wordByte(rest[end])) {
			return true
		}
		rest = rest[end:]
	}
}

func wordByte(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// ownIndexes is how many statements about indexes in the application itself show
// that it keeps its indexes so.
const ownIndexes = 3

// indexesElsewhere reports whether the application itself makes and drops indexes,
// so that migrations do not tell which there are.
func indexesElsewhere(p *ir.Program) bool {
	migrations := map[ir.ModuleID]bool{}
	for _, d := range p.Databases {
		for i := range d.Migrations {
			migrations[d.Migrations[i].Module] = true
		}
	}
	n := 0
	for _, c := range p.Codes {
		if c.File == nil || c.File.Kind != source.Lib || migrations[c.Module] {
			continue
		}
		for i := range c.Exprs {
			if e := &c.Exprs[i]; e.Op == ir.Const && e.Sub == ir.LitString && changesIndexes(e.Str) {
				n++
			}
		}
	}
	return n >= ownIndexes
}

func changesIndexes(text string) bool {
	if len(text) < len("drop index") {
		return false
	}
	text = strings.ToUpper(strings.Join(strings.Fields(text[:min(len(text), 64)]), " "))
	return strings.HasPrefix(text, "CREATE INDEX") || strings.HasPrefix(text, "CREATE UNIQUE INDEX") || strings.HasPrefix(text, "DROP INDEX")
}

// settled are the tables of relational databases of which everything is known, with their database.
func settled(p *ir.Program, f func(*ir.Database, *ir.Table)) {
	if indexesElsewhere(p) {
		return
	}
	for _, d := range p.Databases {
		if d.Foreign {
			continue
		}
		unknown := map[string]bool{}
		for i := range d.Gaps {
			unknown[d.Gaps[i].Table] = true
		}
		for _, t := range d.Tables {
			if !t.Partial && !t.Maybe && t.Parent == "" && !unknown[t.Name] && !unknown[t.Schema+"."+t.Name] {
				f(d, t)
			}
		}
	}
}

// manyRows is how many rows make every look-up without an index slow.
const manyRows = 100_000

// counted says how many rows a table has, as a sentence, where the project tells.
func counted(t *ir.Table) string {
	if !t.Counted {
		return ""
	}
	digits := strconv.FormatInt(t.Rows, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return " It has about " + digits + " rows."
}

// place is where the column filters, or the call if that is not written out.
func (l *lookup) place(p *check.Pass, column string) source.Span {
	for _, f := range slices.Concat(l.by, l.joined) {
		if f.Name == column && f.Span.Len() > 0 {
			return f.Span
		}
	}
	return p.Flow.Span(l.access.Clause, l.access.Expr)
}

// asks is the evidence for one lookup: the condition, the calls down to the
// database, and how a request gets there.
func (l *lookup) asks(p *check.Pass, column string) []check.Step {
	a := l.access
	if a == nil {
		return []check.Step{{Span: l.action.Span, Note: "the action `" + l.action.Name + "` finds rows by `" + column + "`"}}
	}
	note := "rows are found by `" + column + "`"
	if a.Op == "load" && a.Via != nil {
		note = "loading `" + strings.Join(a.Load, ".") + "` finds rows by `" + column + "`"
	}
	at := l.place(p, column)
	out := append([]check.Step{{Span: at, Note: note}}, toDatabase(p, a.Chain, at)...)
	return append(out, arrival(p.Flow, a.Clause)...)
}

// toDatabase are the calls of an access down to the database, but for one that is shown already.
func toDatabase(p *check.Pass, chain []query.Hop, shown source.Span) []check.Step {
	var out []check.Step
	for i, h := range chain {
		s := p.Flow.Step(h.Clause, h.Expr)
		if s.Span == shown {
			continue
		}
		n := "calls `" + short(s.Callee) + "`"
		if i == len(chain)-1 {
			n = "`" + short(s.Callee) + "` goes to the database"
		}
		out = append(out, check.Step{Span: s.Span, Note: n})
	}
	return out
}
