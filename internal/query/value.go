package query

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
)

// kind says what a value is.
type kind uint8

const (
	bottom    kind = iota // no value: a path that does not return
	unknown               //
	module                // a module, by its name
	text                  // literal text
	atom                  // a literal atom, nil or a boolean
	query                 // a query, not yet run
	row                   // a row
	rows                  // many rows
	changeset             // a row with changes
	made                  // a map, list, tuple or struct written out, or a function
	outcome               // {:ok, value} or {:error, changeset}; with f and x of steps
	condition             // conditions on their own, to be added to a query
	multi                 // steps of a transaction, up to the one that f and x are
	changes               // what the steps gave of the transaction that f and x are
	assigns               // what a connection or socket carries
	showing               // a map of which one key is known
	either                // one of several
)

// maxEither is how many alternatives of a value are kept.
const maxEither = 12

// val is what is known of a value.
type val struct {
	kind kind
	str  string // module, text, atom
	q    *Query // query, row, rows, changeset; of an outcome the row
	// list marks an outcome whose value are rows.
	list bool
	// f and x are the expression of a value that is made, and of conditions, and the
	// frame to read it in.
	f    *frame
	x    ir.ExprID
	alts []val // either; of showing the one value
	// params are the outermost function's parameters that decide what an unknown
	// value is.
	params uint32
	// Of an unknown value: a client sent it, or it is a field of a stored row.
	client, stored bool
	// some marks rows of which the program has left out others.
	some bool
	// of is, for what a field of a row holds, the association that it is.
	of *related
}

// related is an association of a row.
type related struct {
	owner *Query
	assoc *ir.Association
}

func known(k kind, q *Query) val { return val{kind: k, q: q} }

// join is a value that is v or w.
func (v val) join(w val) val {
	switch {
	case v.kind == bottom:
		return w
	case w.kind == bottom:
		return v
	case v.kind == either || w.kind == either:
		return eitherOf(append(slices.Clone(v.each()), w.each()...))
	}
	if j, ok := v.merge(w); ok {
		return j
	}
	return eitherOf([]val{v, w})
}

// each are the alternatives of a value.
func (v val) each() []val {
	switch v.kind {
	case either:
		return v.alts
	case bottom:
		return nil
	}
	return []val{v}
}

// eitherOf merges what can be merged of alternatives.
func eitherOf(list []val) val {
	var out []val
next:
	for _, v := range list {
		for i := range out {
			if m, ok := out[i].merge(v); ok {
				out[i] = m
				continue next
			}
		}
		out = append(out, v)
	}
	switch {
	case len(out) == 1:
		return out[0]
	case len(out) > maxEither:
		return val{kind: unknown}
	}
	return val{kind: either, alts: out}
}

// merge makes one value of two of a kind, if nothing is lost.
func (v val) merge(w val) (val, bool) {
	if v.kind != w.kind {
		return v, false
	}
	if v.of != w.of {
		v.of = nil
	}
	v.some = v.some || w.some
	switch v.kind {
	case unknown:
		v.params |= w.params
		v.client, v.stored = v.client || w.client, v.stored || w.stored
		return v, true
	case module, text, atom:
		return v, v.str == w.str
	case query, row, rows, changeset, outcome:
		if v.list != w.list || v.f != w.f || v.x != w.x || !sameSource(v.q, w.q) {
			return v, false
		}
		if v.q == nil {
			return v, true
		}
		v.q = v.q.or(w.q)
		return v, true
	case made, condition, multi, changes, assigns:
		return v, v.f == w.f && v.x == w.x
	}
	return v, false
}

// sameSource reports whether two queries are about the same table.
func sameSource(a, b *Query) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := a.Root(), b.Root()
	return x.Schema == y.Schema && x.Table == y.Table && x.Name == y.Name && x.Known() == y.Known()
}

// or is a query that is q or o, of the same source.
func (q *Query) or(o *Query) *Query {
	if q == o || o == nil {
		return q
	}
	out := *q
	o = out.besides(o)
	out.Filters = orFilters(q.Filters, o.Filters)
	out.Loads = orLoads(q.Loads, o.Loads)
	if len(o.Order) > len(q.Order) {
		out.Order = o.Order
	}
	out.OpenOrder = q.OpenOrder || o.OpenOrder
	if len(o.Within) > len(q.Within) {
		out.Within = o.Within
	}
	out.Limit, out.Page = q.Limit.or(o.Limit), q.Page && o.Page
	out.Selects, out.Fields = q.Selects.or(o.Selects), q.Fields || o.Fields
	out.Groups = q.Groups.or(o.Groups)
	out.OpenFilters = q.OpenFilters || o.OpenFilters
	out.OpenLoads = q.OpenLoads || o.OpenLoads
	out.Built = q.Built && o.Built
	out.Inserted = q.Inserted || o.Inserted
	out.Guessed = q.Guessed || o.Guessed
	out.Steps = orSteps(q.Steps, o.Steps)
	out.OpenSteps = q.OpenSteps || o.OpenSteps
	if q.From == nil || o.From == nil || *q.From != *o.From {
		out.From = nil
	}
	return &out
}

// besides adds the sources of o that q lacks to q, and gives o with its bindings as they are
// in q then.
func (q *Query) besides(o *Query) *Query {
	next := min(q.next(), o.next())
	at := make([]int, len(o.Sources))
	moved := false
	sources := slices.Clip(q.Sources)
	for i := range o.Sources {
		s := o.Sources[i]
		if s.From > 0 && s.From < i {
			s.From = at[s.From]
		}
		at[i] = i
		if i >= len(q.Sources) || !s.same(&q.Sources[i]) {
			if at[i] = slices.IndexFunc(sources, func(t Source) bool { return t.place == s.place && s.same(&t) }); at[i] < 0 {
				at[i] = len(sources)
				sources = append(sources, s)
			}
		}
		moved = moved || at[i] != i
	}
	q.Sources = sources
	q.beyond = len(sources) - next
	if !moved {
		return o
	}
	out := *o
	out.Filters = slices.Clone(o.Filters)
	for i := range out.Filters {
		f := &out.Filters[i]
		f.Binding = rebound(f.Binding, at)
		f.With.Binding = rebound(f.With.Binding, at)
	}
	out.Order = slices.Clone(o.Order)
	for i := range out.Order {
		out.Order[i].Binding = rebound(out.Order[i].Binding, at)
	}
	return &out
}

// rebound is a binding where at has the new ones.
func rebound(binding int, at []int) int {
	if binding < 0 || binding >= len(at) {
		return binding
	}
	return at[binding]
}

// same reports whether two sources are the same table, joined in the same way.
func (s *Source) same(t *Source) bool {
	return s.Schema == t.Schema && s.Table == t.Table && s.Name == t.Name && s.Sub == t.Sub && s.Alias == t.Alias && s.Assoc == t.Assoc && s.From == t.From
}

// next is the place of the source that is joined next; where one of some alternatives
// has been taken, in the shortest of them.
func (q *Query) next() int { return len(q.Sources) - q.beyond }

func (c Certainty) or(d Certainty) Certainty {
	if c == d {
		return c
	}
	return Maybe
}

// orFilters keeps as certain what both have.
func orFilters(a, b []Filter) []Filter {
	out := make([]Filter, 0, len(a)+len(b))
	for _, f := range a {
		f.May = f.May || !hasFilter(b, &f)
		out = append(out, f)
	}
	for _, f := range b {
		if !hasFilter(a, &f) {
			f.May = true
			out = append(out, f)
		}
	}
	return out
}

func hasFilter(list []Filter, f *Filter) bool {
	return slices.ContainsFunc(list, func(g Filter) bool {
		return g.Column == f.Column && g.Compare == f.Compare && g.Either == f.Either && g.May == f.May
	})
}

func orLoads(a, b []Load) []Load {
	out := make([]Load, 0, len(a)+len(b))
	has := func(list []Load, l *Load) bool {
		return slices.ContainsFunc(list, func(m Load) bool { return slices.Equal(m.Path, l.Path) && m.May == l.May })
	}
	for _, l := range a {
		l.May = l.May || !has(b, &l)
		out = append(out, l)
	}
	for _, l := range b {
		if !has(a, &l) {
			l.May = true
			out = append(out, l)
		}
	}
	return out
}

// copied is a query that may be added to.
func (q *Query) copied() *Query {
	out := *q
	out.Sources = slices.Clip(q.Sources)
	out.Filters = slices.Clip(q.Filters)
	out.Order = slices.Clip(q.Order)
	out.Loads = slices.Clip(q.Loads)
	out.Steps = slices.Clip(q.Steps)
	out.Within = slices.Clip(q.Within)
	return &out
}

// doubted is a query that something else may stand for: nothing about it is
// certain.
func (q *Query) doubted() *Query {
	out := *q
	out.Filters = slices.Clone(q.Filters)
	for i := range out.Filters {
		out.Filters[i].May = true
	}
	out.Loads = slices.Clone(q.Loads)
	for i := range out.Loads {
		out.Loads[i].May = true
	}
	out.OpenFilters, out.OpenLoads, out.OpenSteps = true, true, true
	out.Limit = q.Limit.or(Maybe)
	return &out
}

// mapQueries applies f to the queries in a value.
func (v val) mapQueries(f func(*Query) *Query) val {
	switch v.kind {
	case either:
		alts := make([]val, len(v.alts))
		for i := range v.alts {
			alts[i] = v.alts[i].mapQueries(f)
		}
		return eitherOf(alts)
	case query, row, rows, changeset, outcome:
		if v.q != nil {
			v.q, v.of = f(v.q), nil
		}
	}
	return v
}

// params are the parameters that decide what is unknown in a value.
func (v val) undecided() uint32 {
	if v.kind == unknown {
		return v.params
	}
	var p uint32
	for i := range v.alts {
		p |= v.alts[i].undecided()
	}
	return p
}

// elements is one element of a collection.
func (ev *evaluator) elements(v val) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		switch a.kind {
		case rows:
			out = out.join(known(row, a.q))
		case made:
			e := a.f.code.At(a.x)
			if e.Op != ir.Make || e.Sub != ir.MakeList && e.Sub != ir.MakeCons {
				out = out.join(val{kind: unknown})
				continue
			}
			list := a.f.code.List(e)
			for i, x := range list {
				w := ev.value(a.f, x)
				if e.Sub == ir.MakeCons && i == len(list)-1 {
					w = ev.elements(w)
				}
				out = out.join(w)
			}
		case unknown:
			out = out.join(a)
		case atom, text:
		default:
			out = out.join(val{kind: unknown, params: a.undecided()})
		}
	}
	if out.kind == bottom {
		return val{kind: unknown}
	}
	return out
}
