package checks

import (
	"slices"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// unknownField reports fields and associations that the code names and that the schema of
// the rows does not have.
func unknownField(p *check.Pass) {
	u := misnamings{p: p, at: map[source.Span]*misnaming{}, fits: map[source.Span]bool{}}
	all := p.Queries.Accesses()
	for i := range all {
		if p.Flow.InLib(all[i].Clause) {
			u.access(&all[i])
		}
	}
	for _, m := range u.merged() {
		p.Report(m.finding(p))
	}
	for _, m := range misreads(p) {
		p.Report(m.finding(p))
	}
}

// misreads are the clauses that read fields of rows whose schemas do not have them.
func misreads(p *check.Pass) []*misnaming {
	type place struct {
		clause flow.ClauseID
		schema *ir.Schema
	}
	in := map[place]*misnaming{}
	var out []*misnaming
	for _, r := range p.Queries.Misreads(p.Flow.InLib) {
		k := place{r.At.Clause, r.Schema}
		m := in[k]
		if m == nil {
			m = &misnaming{schema: r.Schema, does: readsName, at: p.Flow.Span(r.At.Clause, r.At.Expr), clause: r.At.Clause, chain: []query.Hop{r.From}}
			in[k] = m
			out = append(out, m)
		}
		m.name(r.Field)
	}
	return slices.DeleteFunc(out, func(m *misnaming) bool { return givenByUse(p.Program, m) })
}

// merged are the places to be reported: those of one list together, and of the steps of a
// changeset that name one field, which is cast and required, the first.
func (u *misnamings) merged() []*misnaming {
	type said struct {
		schema *ir.Schema
		file   source.FileID
		name   string
	}
	first := map[said]*misnaming{}
	var out []*misnaming
	var last *misnaming
	for _, at := range u.order {
		m := u.at[at]
		switch {
		case u.fits[at] || givenByUse(u.p.Program, m):
		case m.does == loadsName && last != nil && last.does == m.does && last.schema == m.schema && last.clause == m.clause && slices.Equal(last.chain, m.chain):
			last.name(m.names...)
		default:
			if m.does != loadsName {
				m.names = slices.DeleteFunc(m.names, func(n string) bool {
					k := said{m.schema, at.File, n}
					if first[k] != nil {
						first[k].also = append(first[k].also, at)
						return true
					}
					first[k] = m
					return false
				})
			}
			if len(m.names) > 0 {
				out, last = append(out, m), m
			}
		}
	}
	return out
}

// naming is what is done with a name that a schema does not have.
type naming uint8

const (
	castsName naming = iota + 1
	setsName
	requiresName
	loadsName
	readsName
)

// String begins a sentence about it.
func (d naming) String() string {
	return [...]string{"", "Casting", "Setting", "Requiring", "Loading", "Reading"}[d]
}

// misnaming is a place that names what a schema does not have.
type misnaming struct {
	schema *ir.Schema
	does   naming
	names  []string
	at     source.Span
	also   []source.Span // other places that name one of them
	clause flow.ClauseID // where it is known which schema is meant
	chain  []query.Hop   // the calls from there that go to the database
}

// name adds names that are not there yet.
func (m *misnaming) name(names ...string) {
	for _, n := range names {
		if !slices.Contains(m.names, n) {
			m.names = append(m.names, n)
		}
	}
}

// misnamings are found by place. Where another schema's rows come by that have the
// name, or what comes is not known, nothing is wrong with the place itself.
type misnamings struct {
	p     *check.Pass
	at    map[source.Span]*misnaming
	order []source.Span
	fits  map[source.Span]bool
}

func (u *misnamings) access(a *query.Access) {
	q := &a.Query
	s := q.Root().Schema
	known := s != nil && !s.Partial && !s.Resource && s.Table != "" && q.Root().Sub == nil && q.Selects == query.No && !q.Guessed
	for i := range q.Loads {
		set := func(st query.Step) bool { return st.Kind == query.Put && st.Span.Contains(q.Loads[i].Span) }
		if l := &q.Loads[i]; l.Span.Len() > 0 && !slices.ContainsFunc(q.Steps, set) {
			u.load(a, s, l, known)
		}
	}
	for i := range q.Steps {
		st := &q.Steps[i]
		does := inStep(st.Kind)
		if does == 0 {
			continue
		}
		var names []string
		for _, n := range st.Fields {
			if known && n != "" && (!s.Has(n) || st.Kind == query.Cast && s.Field(n) == nil) {
				names = append(names, n)
			}
		}
		if len(names) == 0 || st.May {
			u.fits[st.Span] = true
			continue
		}
		u.add(a, s, does, st.Span, names)
	}
}

// inStep is what a step does that fails for a name which the schema does not have; 0 for others.
func inStep(k query.StepKind) naming {
	switch k {
	case query.Cast:
		return castsName
	case query.Put:
		return setsName
	case query.Required:
		return requiresName
	}
	return 0
}

// load follows the path of an association that is loaded.
func (u *misnamings) load(a *query.Access, s *ir.Schema, l *query.Load, known bool) {
	for i, n := range l.Path {
		if !known || s == nil || s.Partial || s.Resource {
			u.fits[l.Span] = true
			return
		}
		as := s.Association(n)
		if as == nil {
			if s.Field(n) != nil || l.May {
				u.fits[l.Span] = true
			} else {
				u.add(a, s, loadsName, l.Span, []string{n})
			}
			return
		}
		if as.Schema == ir.No || len(as.Through) > 0 {
			return
		}
		if s = joinedRows(a, l.Path[:i+1]); s == nil {
			s = u.p.Program.Schemas[as.Schema]
		}
	}
}

// joinedRows is the schema of the join that fills an association, `posts: {p, author: a}`, if it is
// known: what is below is of that schema's, whichever the association leads to.
func joinedRows(a *query.Access, path []string) *ir.Schema {
	for i := range a.Query.Loads {
		if l := &a.Query.Loads[i]; l.Rows != nil && slices.Equal(l.Path, path) {
			return l.Rows
		}
	}
	return nil
}

func (u *misnamings) add(a *query.Access, s *ir.Schema, does naming, at source.Span, names []string) {
	m := u.at[at]
	switch {
	case m == nil:
		m = &misnaming{schema: s, does: does, at: at, clause: a.Clause, chain: a.Chain}
		u.at[at] = m
		u.order = append(u.order, at)
	case m.schema != s:
		u.fits[at] = true // which of them is meant is not known
	case !u.p.Flow.Reached(m.clause).Serves() && u.p.Flow.Reached(a.Clause).Serves():
		m.clause, m.chain = a.Clause, a.Chain
	}
	m.name(names...)
}

// givenByUse reports whether a module that the schema's module uses says one of the names: it may
// give the field where a condition holds.
func givenByUse(p *ir.Program, m *misnaming) bool {
	return slices.ContainsFunc(p.Module(m.schema.Module).Uses, func(u ir.UsedModule) bool {
		used := p.ModuleNamed(u.Name)
		if used == nil {
			return false
		}
		text := p.Files.File(used.Span.File).Text
		return slices.ContainsFunc(m.names, func(n string) bool { return mentions(text, n) })
	})
}

func (m *misnaming) finding(p *check.Pass) check.Finding {
	name := ir.LastName(p.Program.SchemaName(m.schema))
	f := check.Finding{Level: check.Info, Span: m.at, Anchor: m.does.String() + " " + m.names[0], Symbol: p.Flow.Symbol(m.clause)}
	if fn := p.Program.FuncAt(m.at); fn != nil {
		f.Symbol = p.Program.Symbol(fn.ID)
	}
	if p.Flow.Reached(m.clause).Serves() && !doubted(p, m.schema) {
		f.Level = check.Error
	}
	when, what := "each time", "field"
	switch m.does {
	case loadsName:
		when, what = "as soon as there is a row", "association"
	case readsName:
		when = "wherever it runs"
	}
	if len(m.names) > 1 {
		what += "s"
	}
	fails := "raises " + when
	if m.does == setsName && p.Program.Files.Older(p.Program.Files.File(m.at.File).Path, "ecto", 3, 1) {
		fails = "stores nothing" // before 3.1 a changeset takes any name, and the value is left out
	}
	f.Message = m.does.String() + " " + quoted(m.names) + " " + fails + ": `" + name + "` has no such " + what + "." + m.advice()
	f.Changes = m.changes(p)
	f.Path = []check.Step{{Span: m.schema.Span, Note: "`" + name + "` is declared here, without " + quoted(m.names)}}
	switch from := m.chain[0]; {
	case m.does == readsName:
		f.Path = append(f.Path, check.Step{Span: p.Flow.Span(from.Clause, from.Expr), Note: "`" + short(p.Flow.Step(from.Clause, from.Expr).Callee) + "` gives the row"},
			check.Step{Span: m.at, Note: "it is read here"})
	case p.Flow.Span(from.Clause, from.Expr) != m.at:
		f.Path = append(f.Path, check.Step{Span: m.at, Note: "the name stands here"})
		f.Path = append(f.Path, toDatabase(p, m.chain, m.at)...)
	}
	f.Path = append(f.Path, arrival(p.Flow, m.clause)...)
	return f
}

// doubted reports whether a schema's rows lie in a database whose tables fit so few schemas that the
// query in front of a name would fail first.
func doubted(p *check.Pass, s *ir.Schema) bool {
	return slices.ContainsFunc(p.Program.Databases, func(d *ir.Database) bool {
		return d.Doubted && (s.Rows == nil || slices.Contains(d.Tables, s.Rows))
	})
}

// advice says what may be meant.
func (m *misnaming) advice() string {
	switch a, n := m.schema.Association(m.names[0]), m.meant(); {
	case a != nil && n != "":
		return " It is an association: name its key, `" + n + "`."
	case a != nil:
		return " It is an association, which has a function of its own."
	case n != "":
		return " Is `" + n + "` meant?"
	}
	return " Take the name out, or give the schema what it means."
}

// slips is how many letters of a name may be wrong for it to be a slip.
const slips = 2

// meant is the name that one may stand for, or "".
func (m *misnaming) meant() string {
	if a := m.schema.Association(m.names[0]); a != nil {
		if a.Kind == ir.BelongsTo {
			return a.OwnerKey
		}
		return ""
	}
	var known []string
	if m.does == loadsName {
		for i := range m.schema.Associations {
			known = append(known, m.schema.Associations[i].Name)
		}
	} else {
		for i := range m.schema.Fields {
			known = append(known, m.schema.Fields[i].Name)
		}
	}
	n := source.Nearest(m.names[0], known)
	if len(m.names) > 1 || source.Distance(m.names[0], n) > slips {
		return ""
	}
	return n
}

// changes names the field that is meant, if there is one that may be.
func (m *misnaming) changes(p *check.Pass) []fix.Change {
	name := m.meant()
	if name == "" || m.does == loadsName || m.does == readsName || len(m.names) > 1 {
		return nil
	}
	var out []fix.Change
	for _, at := range append([]source.Span{m.at}, m.also...) {
		id, x := callAt(p, at)
		if x == ir.No {
			return nil
		}
		out = append(out, &fix.NameField{Code: p.Flow.Code(id), Call: x, Was: m.names[0], Field: name, Why: "The schema has no field of the other name."})
	}
	return []fix.Change{&fix.Only{Change: together(out...)[0], Question: "Is `" + name + "` the field that is meant?"}}
}
