package query

import (
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// Narrowed is a call that keeps or learns a little of the rows that a query
// gives, and nothing else uses them.
type Narrowed struct {
	Expr  ir.ExprID // the call
	From  Hop       // the call that gives the rows
	Query *Query
	How   Narrowing
	// Plain: what it keeps is decided by nothing but fields and operators.
	Plain bool
}

// Narrowing says what is left of rows.
type Narrowing uint8

// The ways to narrow.
const (
	Counts Narrowing = iota // one value: how many, or whether there are any
	Takes                   // the first, or a fixed number
	Picks                   // those that fit a condition, or the best
)

// Narrowed are the calls in a clause that narrow what a query gives.
func (r *Result) Narrowed(id flow.ClauseID) []Narrowed {
	fo := r.follower
	if fo.flow.Skipped(id) {
		return nil
	}
	var out []Narrowed
	root := fo.root(id)
	for x := range fo.exprs(id) {
		if n, ok := fo.narrows(root, x); ok {
			out = append(out, n)
		}
	}
	return out
}

// narrows asks of one expression whether it narrows rows.
func (fo *follower) narrows(f *frame, x ir.ExprID) (Narrowed, bool) {
	c := f.code
	e := c.At(x)
	if e.Op != ir.Call {
		return Narrowed{}, false
	}
	_, ext := fo.flow.Resolve(&c.Callees[e.A])
	m := fo.flow.Model(ext)
	if m == nil || !m.Narrows {
		return Narrowed{}, false
	}
	coll := m.Collection
	if m.Iterates != nil {
		coll = m.Iterates
	}
	args := c.List(e)
	if coll == nil || *coll >= len(args) || !fo.only(c, args[*coll]) {
		return Narrowed{}, false
	}
	v := fo.evaluator().value(f, args[*coll])
	if v.kind != rows || v.some || v.of != nil || v.q.From == nil || !fo.lists(*v.q.From) {
		return Narrowed{}, false
	}
	return Narrowed{Expr: x, From: *v.q.From, Query: v.q, How: narrowing(m), Plain: fo.plain(c, m, args)}, true
}

// lists reports whether a call fetches all rows of a query.
func (fo *follower) lists(h Hop) bool {
	if h.Clause < 0 {
		return false
	}
	c := fo.flow.Code(h.Clause)
	m := fo.goesToTable(c, c.At(h.Expr))
	return m != nil && m.Asks == "all"
}

func narrowing(m *model.Call) Narrowing {
	switch {
	case m.Iterates != nil:
		return Picks
	case m.Clean:
		return Counts
	}
	return Takes
}

// only reports whether nothing but the expression x itself has what it gives: it
// is a call, or a variable that is used once.
func (fo *follower) only(c *ir.Code, x ir.ExprID) bool {
	e := c.At(x)
	switch {
	case e.Op == ir.Call || e.Op == ir.Send:
		return true
	case e.Op != ir.Use || e.A < 0 || int(e.A) >= len(c.Vars) || c.Vars[e.A].At == ir.No:
		return false
	}
	p := fo.parents[c][c.Vars[e.A].At]
	if p == ir.No || c.At(p).Op != ir.Match || ir.ExprID(c.At(p).A) != c.Vars[e.A].At {
		return false
	}
	n := 0
	for i := range c.Exprs {
		if u := &c.Exprs[i]; u.Op == ir.Use && u.A == e.A {
			n++
		}
	}
	return n == 1
}

// plain reports whether the functions that a call runs only read fields and
// compare.
func (fo *follower) plain(c *ir.Code, m *model.Call, args []ir.ExprID) bool {
	ok := true
	for _, r := range m.Runs {
		if r >= len(args) {
			continue
		}
		c.Walk(args[r], func(x ir.ExprID) bool {
			switch e := c.At(x); e.Op {
			case ir.Call:
				k := &c.Callees[e.A]
				ok = ok && k.How == ir.Kernel && k.Func == ir.No
			case ir.FuncRef, ir.Invoke, ir.Send, ir.Opaque, ir.Index:
				ok = false
			case ir.Get:
				ok = ok && c.At(ir.ExprID(e.A)).Op != ir.Get // another row
			}
			return ok
		})
	}
	return ok
}
