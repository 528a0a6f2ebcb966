package flow

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
)

// Verdict says whether a loop is reported, and why not.
type Verdict uint8

// The verdicts. Hoisted is reported as information: the call does not depend on
// the element and belongs before the loop. The others are silent.
const (
	Reported Verdict = iota
	ReportedInside
	Hoisted
	LiteralCollection
	BoundedCollection
	InBatches
	OnlyCached
	NotDependent
	NotServed
	TooDeep
	Paging
	InTest
	NoQuery
	OneByOne
	UniqueJobs
	SchemaChange
	// The minor ones are reported as information: the loop is as described, but
	// little is to be gained.
	MinorService
	MinorStops
	MinorFew
	MinorUnit
	MinorAlone
)

// String is the reason in words.
func (v Verdict) String() string {
	return [...]string{
		"reported", "reported at the loop inside", "hoisted: argument does not depend on the element",
		"literal collection", "bounded collection", "batches", "cached",
		"argument does not depend on the element",
		"not reached from a request, socket, job or process", "more than five calls", "paging or retry", "test",
		"reaches no query",
		"each element waits for another service", "jobs that may have to be unique", "each statement changes the schema",
		"minor: each element waits for another service", "minor: stops at the first that fits",
		"minor: a few elements, chosen by hand", "minor: each element is a transaction of its own",
		"minor: what fails for one element is caught by itself",
	}[v]
}

// judge collects the loops and decides which of them are defects.
func (r *Result) judge() {
	given := r.givenRows()
	for id := range r.nodes {
		n := &r.nodes[id]
		for i := range n.loops {
			n.loops[i].Verdict = r.verdict(ClauseID(id), &n.loops[i])
			n.loops[i].Rows = n.loops[i].rows&(given[id]|storedRows) != 0
		}
		for i := range n.loops {
			l := &n.loops[i]
			if in := l.Database.Inner; l.Verdict == Reported && in != ir.No && n.loops[in].Verdict == Reported {
				l.Verdict = ReportedInside
			}
		}
		for i := range n.loops {
			if l := &n.loops[i]; l.Database.Found || l.Service.Found || l.Tagged {
				r.loops = append(r.loops, *l)
			}
		}
	}
	r.resolvers()
	r.components()
}

func (r *Result) verdict(id ClauseID, l *Loop) Verdict {
	q := &l.Database
	switch {
	case !q.Found && l.Tagged:
		return BoundedCollection
	case !q.Found:
		return NoQuery
	case inTest(r.nodes[id].code):
		return InTest
	case !r.reach[id].Serves() || r.nodes[id].code.File.Kind != source.Lib || r.nodes[id].macro:
		return NotServed
	}
	switch r.collected(id, l) {
	case Literal:
		return LiteralCollection
	case Bounded:
		return BoundedCollection
	case Batches:
		return InBatches
	}
	switch {
	case q.Cached:
		return OnlyCached
	case q.Batch || l.Pages || r.takesRows(id, q) || r.groups(id, l):
		return InBatches
	case q.Hops > maxHops:
		return TooDeep
	case l.Service.Found && !l.Service.Cached && (q.Kind == Write || r.RawSQL(id, q.To())):
		return OneByOne
	case r.single(id, q.To()):
		return UniqueJobs
	case r.RawSQL(id, q.To()) && r.changesSchema(id, q.To()):
		return SchemaChange
	case q.Depends:
		return r.weigh(id, l)
	case l.Kind == "recursion":
		return Paging
	case q.Kind == Query:
		return Hoisted
	}
	return NotDependent
}

// Minor reports whether a verdict is one of those that little is to be gained from.
func (v Verdict) Minor() bool { return v >= MinorService }

// weigh tells the loops that are worth a change from those that are not.
func (r *Result) weigh(id ClauseID, l *Loop) Verdict {
	c := r.nodes[id].code
	e := c.At(l.Expr)
	if e.Op == ir.Call {
		_, ext := r.resolve(&c.Callees[e.A])
		if m := r.model(ext); m != nil && m.Stops {
			return MinorStops
		}
	}
	switch {
	case r.transaction(id, l.Database.To()):
		return MinorUnit
	case l.Database.Rescued:
		return MinorAlone
	case l.Service.Found && !l.Service.Cached && l.Service.Hops <= l.Database.Hops:
		return MinorService
	case l.Coll != ir.No && r.few(c, l.Coll, maxDoubtSteps):
		return MinorFew
	}
	return Reported
}

// transaction reports whether a path ends in the start of a transaction.
func (r *Result) transaction(id ClauseID, at Via) bool {
	_, _, m := r.lastModel(id, at)
	return m != nil && m.Transaction
}

// few reports whether a collection was made by hand: it is kept in a page's
// state, or was cut out of one text.
func (r *Result) few(c *ir.Code, x ir.ExprID, steps int) bool {
	if steps == 0 {
		return false
	}
	x = origin(c, x)
	switch e := c.At(x); e.Op {
	case ir.Get:
		return e.Str == "assigns" || r.few(c, ir.ExprID(e.A), steps-1)
	case ir.Index:
		return r.few(c, ir.ExprID(e.A), steps-1)
	case ir.Block, ir.Branch, ir.Case, ir.Arm:
		few := false
		eachResult(c, x, func(y ir.ExprID) { few = few || r.few(c, y, steps-1) })
		return few
	case ir.Call:
		_, ext := r.resolve(&c.Callees[e.A])
		m := r.model(ext)
		switch {
		case m == nil || e.Lo == e.Hi:
			return false
		case m.Few:
			return true
		case m.Effects == 0:
			return r.few(c, c.Lists[e.Lo], steps-1)
		}
	}
	return false
}

// Page reports whether a loop goes over a field of what one call of a library
// reads, as over the rows of a page.
func (r *Result) Page(l *Loop) bool {
	if l.Coll == ir.No {
		return false
	}
	c := r.nodes[l.Clause].code
	e := c.At(origin(c, l.Coll))
	if e.Op != ir.Get {
		return false
	}
	if e = c.At(origin(c, ir.ExprID(e.A))); e.Op != ir.Call {
		return false
	}
	fn, ext := r.resolve(&c.Callees[e.A])
	m := r.model(ext)
	return fn == ir.No && m != nil && m.Effects&model.Query != 0 && m.Gives != "row"
}

// RawSQL reports whether a path ends in SQL text, which may write as well as read.
func (r *Result) RawSQL(id ClauseID, at Via) bool {
	_, _, m := r.lastModel(id, at)
	if m == nil {
		return false
	}
	_, text := m.Sink["sql"]
	return text
}

// Preloads reports whether a path ends in a call that loads associations of rows.
func (r *Result) Preloads(id ClauseID, at Via) bool {
	_, _, m := r.lastModel(id, at)
	return m != nil && m.Loads != nil
}

// BulkOf names the function that does for many rows what the call at the end of a
// path does for one, or is "".
func (r *Result) BulkOf(id ClauseID, at Via) string {
	id, x := r.lastCall(id, at)
	c := r.nodes[id].code
	e := c.At(x)
	if e.Op != ir.Call && e.Op != ir.FuncRef {
		return ""
	}
	_, ext := r.resolve(&c.Callees[e.A])
	if ext == ir.No {
		return ""
	}
	name := strings.TrimSuffix(r.p.Externs[ext].Name, "!") + "_all"
	for arity := 1; arity <= 3; arity++ {
		if r.models.CallOf(r.p.Externs[ext].Module, name, arity) >= 0 {
			return name
		}
	}
	return ""
}

// single reports whether a loop ends in a call that cannot be made for many rows
// at once: the maker of the row has an option that forbids it, or the maker is
// not known.
func (r *Result) single(id ClauseID, at Via) bool {
	c, e, m := r.lastModel(id, at)
	if m == nil || m.Single == "" || e.Lo == e.Hi {
		return false
	}
	made := false
	forbids := false
	c.Walk(origin(c, c.Lists[e.Lo]), func(x ir.ExprID) bool {
		k := c.At(x)
		if k.Op != ir.Call {
			return true
		}
		if _, ext := r.resolve(&c.Callees[k.A]); ext != ir.No {
			if via := r.p.ModuleNamed(r.p.Externs[ext].Via); via != nil {
				made = true
				forbids = forbids || r.usedWith(via, m.Single)
			}
		}
		for _, a := range c.List(k) {
			forbids = forbids || hasKey(c, a, m.Single)
		}
		return true
	})
	return forbids || !made
}

// Call is the library's call that a path ends in, and the clause that holds it.
func (r *Result) Call(id ClauseID, at Via) (ClauseID, ir.ExprID) { return r.lastCall(id, at) }

// lastCall follows a path to the library call at its end.
func (r *Result) lastCall(id ClauseID, at Via) (ClauseID, ir.ExprID) {
	for range maxDepth + 1 {
		if at.Callee == ir.No {
			break
		}
		f := r.cause(at)
		if f == nil {
			break
		}
		id = at.Callee
		at = f.To()
	}
	return id, at.Expr
}

// lastModel is that call, and what is known of it; without a model it is nil.
func (r *Result) lastModel(id ClauseID, at Via) (*ir.Code, *ir.Expr, *model.Call) {
	id, x := r.lastCall(id, at)
	c := r.nodes[id].code
	e := c.At(x)
	if e.Op != ir.Call && e.Op != ir.FuncRef {
		return c, e, nil
	}
	_, ext := r.resolve(&c.Callees[e.A])
	return c, e, r.model(ext)
}

// usedWith reports whether one of the modules that m uses was given an option, or is one of the
// project that names it, as one that gives it to others.
func (r *Result) usedWith(m *ir.Module, key string) bool {
	for _, u := range m.Uses {
		if u.Args != ir.No && hasKey(u.Code, u.Args, key) {
			return true
		}
		if own := r.p.ModuleNamed(u.Name); own != nil && own.Code != nil &&
			slices.ContainsFunc(own.Code.Exprs, func(e ir.Expr) bool { return e.Op == ir.Const && e.Sub == ir.LitAtom && e.Str == key }) {
			return true
		}
	}
	return false
}

// hasKey reports whether a literal keyword list has a key.
func hasKey(c *ir.Code, list ir.ExprID, key string) bool {
	found := false
	c.EachPair(list, func(k string, _ ir.ExprID) { found = found || k == key })
	return found
}

// resolvers adds the entries that run once for each object of a list and go to
// the database for it.
func (r *Result) resolvers() {
	r.eachEntry(func(_ int32, e *ir.Entry, id ClauseID) {
		if e.Each == ir.No || !e.Kind.Serves() {
			return
		}
		for _, f := range r.nodes[id].facts {
			if f.Kind.Database() && f.Flags&(Cached|Async) == 0 && f.Depth <= maxHops && f.Dep&(1<<e.Each) != 0 {
				r.loops = append(r.loops, Loop{
					Clause: id, Expr: r.Body(id), Coll: ir.No, Kind: "resolver", Outer: ir.No, Verdict: Reported,
					Database: Reach{Found: true, Depends: true, Inner: ir.No, Kind: f.Kind, Hops: f.Depth, Via: f.next},
				})
				return
			}
		}
	})
}

// takesRows reports whether the statement that a loop reaches takes many rows at
// once: then the elements are batches already.
func (r *Result) takesRows(id ClauseID, q *Reach) bool {
	if q.Kind != Write {
		return false
	}
	_, _, m := r.lastModel(id, q.To())
	return m != nil && m.Bulk
}

// groups reports whether a loop goes over groups of elements and writes each
// group with one statement.
func (r *Result) groups(id ClauseID, l *Loop) bool {
	if l.Database.Kind != Write || l.Coll == ir.No {
		return false
	}
	c := r.nodes[id].code
	e := c.At(origin(c, l.Coll))
	if e.Op != ir.Call || r.gives(c, e) != "groups" {
		return false
	}
	_, _, m := r.lastModel(id, l.Database.To())
	return m != nil && m.Gives == "count"
}

// changesSchema reports whether a path ends in SQL text, written out somewhere on
// it, that makes or drops what rows are kept in. Such statements take one thing
// each.
func (r *Result) changesSchema(id ClauseID, at Via) bool {
	for range maxDepth + 1 {
		c := r.nodes[id].code
		for _, a := range c.List(c.At(at.Expr)) {
			if definesData(c, origin(c, a)) {
				return true
			}
		}
		f := (*Fact)(nil)
		if at.Callee != ir.No {
			f = r.cause(at)
		}
		if f == nil {
			return false
		}
		id, at = at.Callee, f.To()
	}
	return false
}

// definesData reports whether a text that is written out begins as a statement of
// the data definition language does.
func definesData(c *ir.Code, x ir.ExprID) bool {
	e := c.At(x)
	if e.Op == ir.Make && e.Sub == ir.MakeString && e.Hi > e.Lo {
		e = c.At(c.Lists[e.Lo])
	}
	if e.Op != ir.Const || e.Sub != ir.LitString {
		return false
	}
	word, _, _ := strings.Cut(strings.TrimSpace(e.Str), " ")
	switch strings.ToUpper(word) {
	case "CREATE", "DROP", "ALTER", "TRUNCATE", "REINDEX", "REFRESH", "VACUUM", "ANALYZE", "GRANT", "REVOKE":
		return true
	}
	return false
}
