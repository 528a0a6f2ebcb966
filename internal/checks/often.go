package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// often reports whether a loop goes over many rows, or runs so often that their number matters
// less: for whoever opens a page or asks an interface.
func often(p *check.Pass, l *flow.Loop, lists []*query.Query) bool {
	if slices.ContainsFunc(lists, func(q *query.Query) bool { return q.Limit != query.No && q.Page }) {
		return !clicked(p, l.Clause)
	}
	loads := p.Flow.Preloads(l.Clause, l.Database.To())
	k, e := p.Flow.Reached(l.Clause), p.Flow.ReachedBy(l.Clause)
	of := narrowing(lists)
	switch {
	case loads && of == allRows:
		return true
	case !k.Common():
		return false // only who runs the application waits
	case e != nil && e.Kind != ir.Request && e.Kind != ir.Socket:
		return loads && of != rowsOfOne
	case clicked(p, l.Clause):
		return false // once for a click, and not each time that the page is opened
	case of == someRows:
		return loads // the active, the published: a choice that is kept small
	case of == rowsOfOne:
		return !eachList(p, l) && !fewAway(p, l) // a few of a few
	}
	return true
}

// narrowedTo is which rows of their table a list holds.
type narrowedTo uint8

const (
	unknownRows narrowedTo = iota
	allRows                // all that there are
	someRows               // those with a certain state
	rowsOfOne              // those that belong to one row of another table
)

// narrowing says which rows the lists of a loop hold, if all of them hold such.
func narrowing(lists []*query.Query) narrowedTo {
	out := unknownRows
	for i, q := range lists {
		of := narrowedBy(q)
		if i > 0 && of != out {
			return unknownRows
		}
		out = of
	}
	return out
}

func narrowedBy(q *query.Query) narrowedTo {
	if q.Root().Table == nil || q.OpenFilters {
		return unknownRows
	}
	state, own, other := false, false, false
	for i := range q.Filters {
		f := &q.Filters[i]
		switch c := q.Root().Table.Column(f.Name); {
		case f.Columns || f.Compare == query.IsNull || f.Compare == query.NotNull:
		case f.Binding == 0 && f.Compare == query.Equal && strings.HasSuffix(f.Name, "_id"):
			own = true
		case f.Binding == 0 && f.Compare <= query.In && (f.Constant || coarseName(f.Name) || c != nil && c.Type == "boolean"):
			state = true
		default:
			other = true
		}
	}
	switch {
	case own && !state && !other:
		return rowsOfOne
	case state && !own && !other:
		return someRows
	case !state && !own && !other:
		return allRows
	}
	return unknownRows
}

// eachList reports whether the read of a loop asks for a list of each row.
func eachList(p *check.Pass, l *flow.Loop) bool {
	all := p.Queries.At(p.Flow.Call(l.Clause, l.Database.To()))
	return len(all) > 0 && !slices.ContainsFunc(all, func(a *query.Access) bool { return a.Op != "all" })
}

// fewAway reports whether a read that loads no association stands in another function than a loop, and
// not next to where the running system starts: that it runs for a few rows is what they are for.
func fewAway(p *check.Pass, l *flow.Loop) bool {
	hops := int(l.Database.Hops)
	return hops > 0 && hops+len(p.Flow.EntryPath(l.Clause)) > fewHops && !p.Flow.Preloads(l.Clause, l.Database.To())
}

// maxClickCallers is how many callers are looked at for one that is no event of a page.
const maxClickCallers = 64

// clicked reports whether nothing but events of a page, or what a client of a channel sends, gets
// to a clause.
func clicked(p *check.Pass, id flow.ClauseID) bool {
	event := func(id flow.ClauseID) bool { return startsAs(p, id, ir.Socket, "handle_event", "handle_in") }
	if !event(id) {
		return false
	}
	work := []flow.ClauseID{id}
	for i := 0; i < len(work); i++ {
		if from, _ := p.Flow.From(work[i]); from == ir.No && p.Flow.ReachedBy(work[i]) != nil && !event(work[i]) {
			return false
		}
		for _, k := range p.Flow.CallersOf(work[i]) {
			if len(work) < maxClickCallers && !slices.Contains(work, k.Clause) {
				work = append(work, k.Clause)
			}
		}
	}
	return true
}

// startsAs reports whether the nearest way to a clause starts at a callback of such a kind with
// one of some names.
func startsAs(p *check.Pass, id flow.ClauseID, kind ir.EntryKind, names ...string) bool {
	e := p.Flow.ReachedBy(id)
	return e != nil && e.Kind == kind && e.Func != ir.No && slices.Contains(names, p.Program.Func(e.Func).Name)
}
