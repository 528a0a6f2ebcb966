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
	for _, m := range u.sorted() {
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
			m = &misnaming{schema: r.Schema, does: "Reading", at: p.Flow.Span(r.At.Clause, r.At.Expr), clause: r.At.Clause, chain: []query.Hop{r.From}}
			in[k] = m
			out = append(out, m)
		}
		if !slices.Contains(m.names, r.Field) {
			m.names = append(m.names, r.Field)
		}
	}
	return slices.DeleteFunc(out, func(m *misnaming) bool { return givenByUse(p.Program, m) })
}

// sorted are the places to be reported: those of one list together, and of the steps of a
// changeset that name one field, which is cast and required, the first.
func (u *misnamings) sorted() []*misnaming {
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
		case m.does == "Loading" && last != nil && last.does == m.does && last.schema == m.schema && last.access == m.access:
			for _, n := range m.names {
				if !slices.Contains(last.names, n) {
					last.names = append(last.names, n)
				}
			}
		default:
			if m.does != "Loading" {
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

// misnaming is a place that names what a schema does not have.
type misnaming struct {
	schema *ir.Schema
	does   string // "Casting", "Loading" and the like
	names  []string
	at     source.Span
	also   []source.Span // other places that name one of them
	access *query.Access // the row is read or written there; nil for "Reading"
	clause flow.ClauseID // where it is known which schema is meant
	chain  []query.Hop   // the calls from there that go to the database
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
		does := stepWord(st.Kind)
		if does == "" {
			continue
		}
		var names []string
		for _, n := range st.Fields {
			if known && n != "" && s.Field(n) == nil && (s.Association(n) == nil || st.Kind == query.Cast) {
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

// stepWord says what a step does that fails for a name which the schema does not have; "" for
// others.
func stepWord(k query.StepKind) string {
	switch k {
	case query.Cast:
		return "Casting"
	case query.Put:
		return "Setting"
	case query.Required:
		return "Requiring"
	}
	return ""
}

// load follows the path of an association that is loaded.
func (u *misnamings) load(a *query.Access, s *ir.Schema, l *query.Load, known bool) {
	for _, n := range l.Path {
		if !known || s == nil || s.Partial || s.Resource {
			u.fits[l.Span] = true
			return
		}
		as := s.Association(n)
		if as == nil {
			if s.Field(n) != nil || l.May {
				u.fits[l.Span] = true
			} else {
				u.add(a, s, "Loading", l.Span, []string{n})
			}
			return
		}
		if as.Schema == ir.No || len(as.Through) > 0 {
			return
		}
		s = u.p.Program.Schemas[as.Schema]
	}
}

func (u *misnamings) add(a *query.Access, s *ir.Schema, does string, at source.Span, names []string) {
	m := u.at[at]
	switch {
	case m == nil:
		m = &misnaming{schema: s, does: does, at: at, access: a, clause: a.Clause, chain: a.Chain}
		u.at[at] = m
		u.order = append(u.order, at)
	case m.schema != s:
		u.fits[at] = true // which of them is meant is not known
	case !u.p.Flow.Reached(m.clause).Serves() && u.p.Flow.Reached(a.Clause).Serves():
		m.access, m.clause, m.chain = a, a.Clause, a.Chain
	}
	for _, n := range names {
		if !slices.Contains(m.names, n) {
			m.names = append(m.names, n)
		}
	}
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
	f := check.Finding{Level: check.Info, Span: m.at, Anchor: m.does + " " + m.names[0], Symbol: p.Flow.Symbol(m.clause)}
	if fn := p.Program.FuncAt(m.at); fn != nil {
		f.Symbol = p.Program.Symbol(fn.ID)
	}
	if p.Flow.Reached(m.clause).Serves() {
		f.Level = check.Error
	}
	when, what := "each time", "field"
	switch m.does {
	case "Loading":
		when, what = "as soon as there is a row", "association"
	case "Reading":
		when = "wherever it runs"
	}
	if len(m.names) > 1 {
		what += "s"
	}
	f.Message = m.does + " " + quoted(m.names) + " raises " + when + ": `" + name + "` has no such " + what + "." + m.advice()
	f.Changes = m.changes(p)
	f.Path = []check.Step{{Span: m.schema.Span, Note: "`" + name + "` is declared here, without " + quoted(m.names)}}
	switch from := m.chain[0]; {
	case m.does == "Reading":
		f.Path = append(f.Path, check.Step{Span: p.Flow.Span(from.Clause, from.Expr), Note: "`" + short(p.Flow.Step(from.Clause, from.Expr).Callee) + "` gives the row"},
			check.Step{Span: m.at, Note: "it is read here"})
	case p.Flow.Span(from.Clause, from.Expr) != m.at:
		f.Path = append(f.Path, check.Step{Span: m.at, Note: "the name stands here"})
		f.Path = append(f.Path, chained(p, m.chain)...)
	}
	f.Path = append(f.Path, arrival(p.Flow, m.clause)...)
	return f
}

// chained are the calls from where a schema is known down to the database.
func chained(p *check.Pass, chain []query.Hop) []check.Step {
	var out []check.Step
	for i, h := range chain {
		s := p.Flow.Step(h.Clause, h.Expr)
		note := "calls `" + short(s.Callee) + "`"
		if i == len(chain)-1 {
			note = "`" + short(s.Callee) + "` goes to the database"
		}
		out = append(out, check.Step{Span: s.Span, Note: note})
	}
	return out
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
	if m.does == "Loading" {
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
	if name == "" || m.does == "Loading" || m.does == "Reading" || len(m.names) > 1 {
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
