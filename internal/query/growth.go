package query

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// Growth says how a table gets its rows while the system runs.
type Growth uint8

// The ways, those that bring more rows last.
const (
	GrowsUnknown Growth = iota // nothing known inserts into it
	GrowsNot                   // only administrators, tasks and seeds do, or old rows are deleted by the clock
	GrowsPerhaps               // something does that nothing known gets to
	Grows                      // users or the system itself do
)

// Addition is a call that adds rows to a table, or that takes them with the row that they belong to.
type Addition struct {
	Clause flow.ClauseID
	Expr   ir.ExprID
	// Taken: rows come with the row that they belong to, where they are sent.
	Taken bool
}

// scanned is how many rows PostgreSQL reads as fast without an index.
const scanned = 1000

// Growth is how a table gets its rows.
func (r *Result) Growth(t *ir.Table) Growth {
	r.growOnce.Do(func() { r.growth, r.additions = r.growing() })
	return r.growth[t]
}

// Added is the call by which a table grows: one that adds rows rather than one that takes them, and
// of these the first that is the fewest calls from where the running system starts; ok is false
// where none is known.
func (r *Result) Added(t *ir.Table) (nearest Addition, ok bool) {
	r.Growth(t)
	least := 0
	for _, a := range r.additions[t] {
		n := len(r.flow.EntryPath(a.Clause))
		if !ok || a.Taken != nearest.Taken && !a.Taken || a.Taken == nearest.Taken && n < least {
			nearest, least, ok = a, n, true
		}
	}
	return nearest, ok
}

// growing finds how each table gets its rows, and by which calls. What nothing known inserts
// comes with the rows that it refers to.
func (r *Result) growing() (map[*ir.Table]Growth, map[*ir.Table][]Addition) {
	out := map[*ir.Table]Growth{}
	by := map[*ir.Table][]Addition{}
	all := r.accesses
	for i := range all {
		a := &all[i]
		t := a.Query.Root().Table
		if t == nil || a.Op != "insert" && a.Op != "insert_all" && (a.Op != "sql" || a.Verb != "insert") {
			continue
		}
		switch k := r.flow.Reached(a.Clause); {
		case k.Common():
			out[t] = Grows
			by[t] = append(by[t], Addition{Clause: a.Clause, Expr: a.Expr})
		case k == 0 && r.flow.InLib(a.Clause):
			out[t] = max(out[t], GrowsPerhaps)
		case k != 0:
			out[t] = max(out[t], GrowsNot)
		}
	}
	r.eachAssociated(func(t *ir.Table, a Addition) {
		out[t] = Grows
		by[t] = append(by[t], a)
	})
	for _, s := range r.p.Schemas {
		if s.Rows != nil && (slices.ContainsFunc(s.Actions, func(a ir.ResourceAction) bool { return a.Kind == "create" }) || audits(s)) {
			out[s.Rows] = Grows
		}
	}
	var with []*ir.Table
	for _, d := range r.p.Databases {
		for _, t := range d.Tables {
			if out[t] == GrowsUnknown && slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return out[d.Table(k.Schema, k.Table)] == GrowsNot }) {
				with = append(with, t)
			}
		}
	}
	for _, t := range with {
		out[t] = GrowsNot
	}
	for i := range all {
		if t := r.pruned(&all[i]); t != nil {
			out[t] = GrowsNot
		}
	}
	for _, d := range r.p.Databases {
		for _, t := range d.Tables {
			switch {
			case t.Counted && t.Rows >= scanned:
				out[t] = Grows
			case t.Counted, catalogue(t):
				out[t] = GrowsNot
			}
		}
	}
	return out, by
}

// Kept reports whether a table has the rows that administrators, tasks and seeds store, and no others:
// what else would store them are actions that no route leads to.
func (r *Result) Kept(t *ir.Table) bool {
	switch r.Growth(t) {
	case GrowsNot:
		return true
	case GrowsPerhaps:
		return !slices.ContainsFunc(r.on[t], func(a *Access) bool {
			return a.Inserts() && r.flow.Reached(a.Clause) == 0 && r.flow.InLib(a.Clause) && !r.unrouted(a.Clause, map[flow.ClauseID]bool{})
		})
	}
	return false
}

// unrouted reports whether nothing gets to a clause but actions that no route leads to.
func (r *Result) unrouted(id flow.ClauseID, seen map[flow.ClauseID]bool) bool {
	seen[id] = true
	if fn := r.flow.Func(id); fn != ir.No && r.p.Func(fn).Unrouted {
		return true
	}
	callers := r.flow.CallersOf(id)
	return len(callers) > 0 && !slices.ContainsFunc(callers, func(k flow.Caller) bool { return !seen[k.Clause] && !r.unrouted(k.Clause, seen) })
}

// pruned is the table that an access deletes rows of that are older than a time, as a job or
// a process does by the clock, at once or one by one when they have expired; or nil.
func (r *Result) pruned(a *Access) *ir.Table {
	k := r.flow.Reached(a.Clause)
	expired := a.Op == "all" && slices.ContainsFunc(a.Query.Filters, func(f Filter) bool { return f.Binding == 0 && strings.HasPrefix(f.Name, "expir") }) &&
		slices.ContainsFunc(r.Of(a.Clause), func(b *Access) bool { return b.Op == "delete" && b.Query.Root().Table == a.Query.Root().Table })
	if a.Op != "delete_all" && !expired || !k.Has(ir.Job) && !k.Has(ir.Process) || k.Has(ir.Request) || k.Has(ir.Socket) {
		return nil
	}
	t := a.Query.Root().Table
	if t == nil || !slices.ContainsFunc(a.Query.Filters, func(f Filter) bool {
		c := t.Column(f.Name)
		return f.Binding == 0 && f.Compare == Range && c != nil && (strings.HasPrefix(c.Type, "timestamp") || c.Type == "date")
	}) {
		return nil
	}
	return t
}

// catalogue reports whether a table is named after what those who run an application, or one
// customer of it, keep a few of, or holds nothing but what some things are called. A table that
// links such to other rows has as many as there are of those.
func catalogue(t *ir.Table) bool {
	if strings.HasPrefix(t.Name, "pending_") || strings.HasPrefix(t.Name, "queued_") {
		return true // they wait there, and go
	}
	word := t.Name[strings.LastIndexByte(t.Name, '_')+1:]
	called := func(list ...string) bool {
		return slices.ContainsFunc(list, func(one string) bool {
			return word == one || word == one+"s" || word == one+"es" || word == strings.TrimSuffix(one, "y")+"ies"
		})
	}
	if called("setting", "configuration", "config", "permission", "role", "type", "kind", "status", "level",
		"plan", "template", "country", "currency", "language", "locale", "timezone", "tenant") && len(t.ForeignKeys) < 2 {
		return true
	}
	return called("adapter", "approval", "campus", "category", "certificate", "connector", "credential", "department", "dependency", "endpoint", "environment", "feature",
		"integration", "invitation", "invite", "middleware", "plugin", "policy", "port", "preference", "provider", "rule", "service", "step", "webhook", "workflow") && !OfPeople(t) || names(t)
}

// OfPeople reports whether the rows of a table belong to people, so that there are as many.
func OfPeople(t *ir.Table) bool {
	return slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return People(k.Table) })
}

// People reports whether a table is named after people who use an application.
func People(name string) bool {
	word := name[strings.LastIndexByte(name, '_')+1:]
	return word == "people" || slices.Contains([]string{"account", "customer", "member", "person", "player", "profile", "student", "user"}, strings.TrimSuffix(word, "s"))
}

// FewRows reports whether a table is named after what an organization is made of, of which there are as
// few as the organization has.
func FewRows(t *ir.Table) bool {
	return namedAfter(t,
		"class", "classroom", "company", "department", "employee", "organisation", "organization", "partner", "permission", "plan",
		"role", "school", "supplier", "team", "workspace")
}

// namedAfter reports whether a word of a table's name is one of some nouns, or its plural.
func namedAfter(t *ir.Table, nouns ...string) bool {
	return slices.ContainsFunc(strings.Split(t.Name, "_"), func(w string) bool {
		return slices.ContainsFunc(nouns, func(one string) bool {
			return w == one || w == one+"s" || w == one+"es" || w == strings.TrimSuffix(one, "y")+"ies"
		})
	})
}

// ManyRows reports whether a table is known to have many rows, or is named after what comes to be
// with all that people and machines do.
func (r *Result) ManyRows(t *ir.Table) bool {
	if t.Counted {
		return t.Rows >= scanned
	}
	return namedAfter(t,
		"activity", "answer", "attachment", "attempt", "click", "comment", "delivery", "email", "entry", "error", "event", "fact",
		"file", "follow", "history", "image", "impression", "item", "job", "like", "line", "log", "mail", "measurement", "message",
		"metric", "notification", "order", "payment", "photo", "point", "post", "reaction", "record", "reply", "request", "response",
		"result", "review", "revision", "run", "sample", "score", "session", "submission", "token", "trace", "transaction", "transfer",
		"version", "view", "visit", "vote")
}

// names reports whether the rows of a table hold nothing but what some things are called, which
// are not the words that people tag with.
func names(t *ir.Table) bool {
	if People(t.Name) {
		return false
	}
	for _, w := range []string{"tag", "label", "word", "term"} {
		if strings.Contains(t.Name, w) {
			return false
		}
	}
	called := 0
	for i := range t.Columns {
		switch n := t.Columns[i].Name; n {
		case "id", "inserted_at", "updated_at", "created_at", "description", "position", "color", "icon", "order":
		case "name", "code", "number", "title", "slug", "key":
			called++
		default:
			return false
		}
	}
	return called > 0 && len(t.ForeignKeys) == 0
}

// audits reports whether a library keeps what is changed in the rows of a schema.
func audits(s *ir.Schema) bool {
	return slices.ContainsFunc(s.Fields, func(f ir.Field) bool { return strings.HasPrefix(f.Type, "ExAudit.Type.") })
}

// eachAssociated calls f with the tables that rows are stored in with the row that they belong
// to, those of associations that changesets of the running system take, and with where they do.
func (r *Result) eachAssociated(f func(*ir.Table, Addition)) {
	for i := range r.flow.Len() {
		id := flow.ClauseID(i)
		if !r.flow.Reached(id).Common() || !r.flow.InLib(id) {
			continue
		}
		c := r.flow.Code(id)
		c.Walk(r.flow.Body(id), func(x ir.ExprID) bool {
			e := c.At(x)
			if e.Op != ir.Call || e.Hi-e.Lo < 2 {
				return true
			}
			if name := c.Callees[e.A].Name; name == "cast_assoc" || name == "put_assoc" {
				if k := c.At(c.Lists[e.Lo+1]); k.Op == ir.Const && k.Sub == ir.LitAtom {
					for _, t := range tablesOf(r.p, r.flow.Module(id), k.Str, name == "cast_assoc") {
						f(t, Addition{Clause: id, Expr: x, Taken: true})
					}
				}
			}
			return true
		})
	}
}

// tablesOf are the tables that the rows of an association go to: of the schema that a
// module is, or else of every one that has an association of that name. Where rows are put
// and not made, those at the other side of a join table are there already.
func tablesOf(p *ir.Program, m ir.ModuleID, name string, made bool) []*ir.Table {
	var own, all []*ir.Table
	for _, s := range p.Schemas {
		for i := range s.Associations {
			a := &s.Associations[i]
			if a.Name != name {
				continue
			}
			var rows []*ir.Table
			if a.Kind == ir.ManyToMany {
				rows = p.TablesNamed(a.JoinTable)
			}
			if (made || a.Kind != ir.ManyToMany) && a.Schema != ir.No && p.Schemas[a.Schema].Rows != nil {
				rows = append(rows, p.Schemas[a.Schema].Rows)
			}
			all = append(all, rows...)
			if s.Module == m {
				own = append(own, rows...)
			}
		}
	}
	if len(own) > 0 {
		return own
	}
	return all
}
