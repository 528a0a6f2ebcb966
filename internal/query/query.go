// Package query finds out what the program asks its databases: for each call
// that reaches one, the table, the columns by which rows are found, joined and
// ordered, and what is loaded with them.
//
// In goes the linked program with its schemas and databases, and the call graph.
// Out comes a Result, which is read-only: a list of Accesses.
//
// A query is a value that is put together over many functions, so it is followed
// backwards, from the call that runs it to where each part was added: through
// variables, helper functions, reductions and the queries that it started from.
// A function is followed anew for each call of it, with what that call passes, so
// that a helper which filters by what it is given never mixes its callers. Where
// a function's own parameter decides which table is meant, its callers are asked,
// and the Access belongs to the caller that knows.
//
// What cannot be followed is said to be open, never left out: a query that an
// unknown function may have changed has OpenFilters and OpenLoads. Work is
// bounded by steps, depth and the number of callers.
package query

import (
	"cmp"
	"slices"
	"sync"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// Certainty says whether something holds.
type Certainty uint8

// The certainties.
const (
	No    Certainty = iota
	Maybe           // on some path
	Yes             // on every path
)

// Query is what a database is asked, or where rows come from.
type Query struct {
	// Sources are the tables by binding: first the one whose rows are meant, then
	// those that are joined to it.
	Sources []Source
	Filters []Filter
	Order   []Column
	// OpenOrder is set when rows are also ordered by what is no plain column, or
	// is not known.
	OpenOrder bool
	Loads     []Load
	// Within are the queries inside its conditions, and those that it is combined
	// with.
	Within  []*Query
	Limit   Certainty
	Page    bool      // where Limit is Yes: as many rows as a page has, not a few that are written out
	Selects Certainty // something else than whole rows comes back
	Fields  bool      // of the rows only some fields are read
	Groups  Certainty // grouped, distinct or counted
	// OpenFilters and OpenLoads are set when conditions, or associations to load,
	// may have been added that are not known.
	OpenFilters, OpenLoads bool
	// Built is set for a row that the program made itself.
	Built bool
	// Guessed is set for a row of which nothing is known but the module that changes it, so
	// that it is taken for one of that module's.
	Guessed bool
	// Inserted is set for a row that has just been made in the database.
	Inserted bool
	// Steps are, of a row that is written, what is done to it before, in order;
	// with OpenSteps more may be done.
	Steps     []Step
	OpenSteps bool
	// From is the call that the rows come from; nil when there is none, or more
	// than one.
	From *Hop
	// beyond is how many of the sources are not in the shortest of the alternatives that
	// the query is one of.
	beyond int
}

// Source is one table of a query.
type Source struct {
	Schema *ir.Schema // the mapping, or nil
	Table  *ir.Table  // the table, or nil if it is not known
	Name   string     // the table's name as the text has it, or ""
	Sub    *Query     // a query in place of a table, or nil
	Alias  string     // the name given to the binding, or ""
	Join   string     // "", "inner", "left", …; of a joined one
	Assoc  string     // the association that it is joined by, or ""
	From   int        // the binding that has the association
	place  int        // by which bindings name it: its index, but for alternatives with other sources
}

// Known reports whether the table, the mapping or at least the name is known.
func (s *Source) Known() bool { return s.Schema != nil || s.Table != nil || s.Name != "" }

// Compare says how a column is compared.
type Compare uint8

// The comparisons.
const (
	Equal   Compare = iota // with one value
	In                     // with a list of values
	Range                  // <, <=, >, >=
	Like                   // with a pattern
	IsNull                 //
	NotNull                //
	Differs                // every other negation
	Other                  // a function or an operator is around it
)

// String is the comparison as SQL says it.
func (c Compare) String() string {
	return [...]string{"=", "in", "<", "like", "is null", "is not null", "<>", "in an expression"}[c]
}

// Filter is one condition on a column.
type Filter struct {
	Column
	Compare Compare
	Join    bool // it says which rows are joined
	Either  bool // it stands under an or
	May     bool // it is not added on every path
	// Columns reports that the other side is a column too: With, whose binding is
	// below 0 for one of another query.
	Columns bool
	With    Column
	// Constant: the column is compared with a literal.
	Constant bool
	// Fixed: what it is compared with depends on no variable.
	Fixed bool
	// Expr is, of a column in an expression that is compared for equality, the
	// expression as SQL: "lower(email)"; else "".
	Expr string
	Span source.Span
}

// Exact reports whether a filter narrows the rows by the column's own value on
// every path.
func (f *Filter) Exact() bool { return !f.Either && !f.May && f.Compare <= In }

// Column is a column of one of the sources, and of no other query.
type Column struct {
	Binding int    // index in Sources
	Field   string // as the program names it
	Name    string // as the table does
}

// Load is an association that is loaded with the rows, as a path of names.
type Load struct {
	Path []string
	May  bool
	// Joined: the rows come from a join of the query itself, and are of the schema Rows if that is known.
	Joined bool
	Rows   *ir.Schema
	Query  *Query // the query that the rows are read with, or nil
	Span   source.Span
}

// Root is the source whose rows are meant; an empty one if there is none.
func (q *Query) Root() *Source {
	if q == nil || len(q.Sources) == 0 {
		return &Source{}
	}
	return &q.Sources[0]
}

// Loaded says whether an association of the rows is loaded.
func (q *Query) Loaded(assoc string) Certainty {
	c := No
	if q.OpenLoads {
		c = Maybe
	}
	for i := range q.Loads {
		switch l := &q.Loads[i]; {
		case !q.goesTo(l.Path, assoc):
		case !l.May:
			return Yes
		default:
			c = Maybe
		}
	}
	return c
}

// MayLoad reports whether an association of the rows is loaded on some paths, or on all.
func (q *Query) MayLoad(assoc string) bool {
	return slices.ContainsFunc(q.Loads, func(l Load) bool { return q.goesTo(l.Path, assoc) })
}

// LoadsBelow reports whether an association of that name is loaded of the rows of
// an association, whichever.
func (q *Query) LoadsBelow(assoc string) bool {
	return slices.ContainsFunc(q.Loads, func(l Load) bool { return !l.May && slices.Contains(l.Path[1:], assoc) })
}

// goesTo reports whether loading a path loads an association of the rows: its
// first, or the first of those that it goes through.
func (q *Query) goesTo(path []string, assoc string) bool {
	return path[0] == assoc || q.through(path)[0] == assoc
}

// through is a path with what its first association goes through instead of it.
func (q *Query) through(path []string) []string {
	for range maxThrough {
		s := q.Root().Schema
		if s == nil {
			break
		}
		a := s.Association(path[0])
		if a == nil || len(a.Through) == 0 {
			break
		}
		path = append(slices.Clone(a.Through), path[1:]...)
	}
	return path
}

// Access is one way on which the program reaches a table.
type Access struct {
	// Clause is where it is known which table is meant, and Expr the call there.
	Clause flow.ClauseID
	Expr   ir.ExprID
	// Chain are the calls from there down to the library's; the last is the
	// library's call. A direct access has one.
	Chain []Hop
	Op    string // what is asked: a word of the models, or "sql", "load"
	Query Query
	// Load is, of an access for an association, the path of names.
	Load []string
	// Via is the association that a "load" or a join follows, of the schema Owner.
	Via   *ir.Association
	Owner *ir.Schema
	// Given are, of an "insert" or "update", the fields that are given values.
	// Settles reports that the call may say what to do about a conflict; Target are
	// the fields of the conflict it means, or nil for any.
	Given   []Given
	Settles bool
	Target  []string
	// Raises: the call answers with an exception instead of an error.
	Raises bool
	// Implicit are conditions that the Repo adds to the query by itself; Unprepared is
	// set when the call tells it not to.
	Implicit   []Filter
	Unprepared bool
	// Verb is, of "sql", what is done to the table: "select", "insert", "update",
	// "delete" or "merge"; and Written are the columns that are set.
	Verb    string
	Written []string
}

// Hop is a call in a clause.
type Hop struct {
	Clause flow.ClauseID
	Expr   ir.ExprID
}

// Inserts reports whether the access makes rows of its table.
func (a *Access) Inserts() bool { return a.Op == "insert" || a.Op == "insert_all" }

// Writes reports whether the access changes rows.
func (a *Access) Writes() bool {
	switch a.Op {
	case "insert", "update", "delete", "insert_all", "update_all", "delete_all":
		return true
	}
	return a.Op == "sql" && a.Verb != "select"
}

// Result holds all accesses.
type Result struct {
	p         *ir.Program
	flow      *flow.Result
	follower  *follower
	accesses  []Access
	of        [][]int32 // by ClauseID
	gauges    Gauges
	on        map[*ir.Table][]*Access // by the table of the first source
	at        map[Hop][]*Access       // by the call of the library
	growOnce  sync.Once
	growth    map[*ir.Table]Growth
	additions map[*ir.Table][]Addition
}

// Gauges says how much was understood.
type Gauges struct {
	Calls int // calls that go to a table; those of a wrapper count, it does not
	Known int // those whose table is known
	Sites []Unknown
}

// Unknown is a call whose table is not known.
type Unknown struct {
	Clause flow.ClauseID
	Expr   ir.ExprID
}

// Accesses are all accesses, by clause and place.
func (r *Result) Accesses() []Access { return r.accesses }

// On are the accesses whose first source is a table, by clause and place.
func (r *Result) On(t *ir.Table) []*Access { return r.on[t] }

// Of are the accesses that belong to a clause.
func (r *Result) Of(id flow.ClauseID) []*Access {
	out := make([]*Access, len(r.of[id]))
	for i, k := range r.of[id] {
		out[i] = &r.accesses[k]
	}
	return out
}

// At are the accesses that one call of the library makes, whoever decides on them.
func (r *Result) At(id flow.ClauseID, x ir.ExprID) []*Access { return r.at[Hop{id, x}] }

// Apart finds the accesses of a clause that is no part of the application and so
// not among the others: of a migration, a task or a script.
func (r *Result) Apart(id flow.ClauseID) []Access { return r.follower.any(id).accesses }

// Gauges are the counts.
func (r *Result) Gauges() Gauges { return r.gauges }

// Analyze follows the queries of a program. par runs f for each number below n,
// maybe in parallel; the result does not depend on it.
func Analyze(p *ir.Program, fl *flow.Result, par func(n int, f func(i int))) *Result {
	fo := newFollower(p, fl, par)
	found := make([]found, fl.Len())
	inChunks(len(found), par, func(i int) { found[i] = fo.clause(flow.ClauseID(i)) })
	r := &Result{p: p, flow: fl, follower: fo, of: make([][]int32, fl.Len()), on: map[*ir.Table][]*Access{}, at: map[Hop][]*Access{}}
	for i := range found {
		r.accesses = append(r.accesses, found[i].accesses...)
		r.gauges.Sites = append(r.gauges.Sites, found[i].unknown...)
	}
	slices.SortStableFunc(r.accesses, func(a, b Access) int {
		return cmp.Or(cmp.Compare(a.Clause, b.Clause), cmp.Compare(a.Expr, b.Expr))
	})
	for i := range r.accesses {
		a := &r.accesses[i]
		r.of[a.Clause] = append(r.of[a.Clause], int32(i))
		by := a.Chain[len(a.Chain)-1]
		r.at[by] = append(r.at[by], a)
		if t := a.Query.Root().Table; t != nil {
			r.on[t] = append(r.on[t], a)
		}
	}
	r.count()
	return r
}

// count counts the calls whose tables are known, each place in the text once: a
// definition that many modules have from one quote is one.
func (r *Result) count() {
	place := func(id flow.ClauseID, x ir.ExprID) source.Span { return r.flow.Code(id).Span(x) }
	seen := map[source.Span]bool{}
	for i := range r.accesses {
		if r.accesses[i].Op != "sql" {
			seen[place(r.accesses[i].Clause, r.accesses[i].Expr)] = true
		}
	}
	r.gauges.Known = len(seen)
	slices.SortFunc(r.gauges.Sites, func(a, b Unknown) int {
		return cmp.Or(cmp.Compare(a.Clause, b.Clause), cmp.Compare(a.Expr, b.Expr))
	})
	r.gauges.Sites = slices.DeleteFunc(r.gauges.Sites, func(u Unknown) bool {
		at := place(u.Clause, u.Expr)
		known := seen[at]
		seen[at] = true
		return known
	})
	r.gauges.Calls = r.gauges.Known + len(r.gauges.Sites)
}
