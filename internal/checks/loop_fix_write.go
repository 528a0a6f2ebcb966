package checks

import (
	"slices"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// written asks for what is written for each element to be written at once.
func (f *loopFix) written() (fix.Change, string) {
	last := f.way[len(f.way)-1]
	c := f.Flow.Code(last.Clause)
	m := f.Flow.ModelAt(c, last.Expr)
	if m == nil {
		return nil, "what writes is only known at run time"
	}
	if len(f.way) > 1 {
		return nil, "each row is written by a function with rules of its own"
	}
	if m.Asks == "delete" {
		return f.deleted(last.Expr)
	}
	name := f.Flow.BulkOf(f.loop.Clause, f.loop.Database.To())
	switch {
	case name == "":
		return nil, "there is no function that does it for many rows"
	case !f.alike(last.Expr, name) && m.Asks != "insert":
		return nil, "the rows go through rules, or each is changed in its own way"
	case f.streamed(f.loop.Coll):
		return nil, "the elements come one by one; write them in batches"
	case !f.ends(last.Expr):
		return nil, "more is done for each element behind the write"
	case slices.ContainsFunc([]flow.Kind{flow.HTTP, flow.Mail, flow.File, flow.Exec}, f.loop.Does):
		return nil, "something outside is told of each element, and what is written behind all of them would be missing where one fails"
	case m.Asks == "insert":
		return f.inserted(last.Expr, name)
	}
	return &fix.WriteTogether{Code: f.code, Loop: f.loop.Expr, Coll: f.loop.Coll, Write: last.Expr, Name: name}, ""
}

// alike reports whether the function for many takes a list of just what the
// function for one takes.
func (f *loopFix) alike(x ir.ExprID, bulk string) bool {
	e := f.code.At(x)
	if e.Op != ir.Call || e.Hi-e.Lo != 1 {
		return false
	}
	k := f.code.Callees[e.A]
	_, ext := f.Flow.Resolve(&k)
	if ext == ir.No {
		return false
	}
	m := f.Flow.ModelOf(f.Program.Externs[ext].Module, bulk, 1)
	return m != nil && m.Bulk && m.Asks == ""
}

// ends reports whether a write is the last that the body does, and its outcome is
// not looked at.
func (f *loopFix) ends(x ir.ExprID) bool {
	if f.body == ir.No {
		return false
	}
	e := f.code.At(f.body)
	last := f.body
	if e.Op == ir.Block && e.Hi > e.Lo {
		last = f.code.Lists[e.Hi-1]
	}
	if l := f.code.At(last); l.Op == ir.Match {
		last = ir.ExprID(l.B)
	}
	return last == x && !f.used()
}

// used reports whether somebody may look at what a loop gives: one that gives a
// list of outcomes, and is more than a statement.
func (f *loopFix) used() bool {
	e := f.code.At(f.loop.Expr)
	if e.Flags&ir.FlagDiscard != 0 {
		return false
	}
	m := f.Flow.ModelAt(f.code, f.loop.Expr)
	return m == nil || m.Gives != "" || !m.Clean
}

// deleted asks for rows that are read and deleted one by one to be deleted by the
// query that finds them.
func (f *loopFix) deleted(x ir.ExprID) (fix.Change, string) {
	only := f.ref == x
	if f.body != ir.No {
		e := f.code.At(f.body)
		if e.Op == ir.Block && e.Hi-e.Lo == 1 {
			f.body = f.code.Lists[e.Lo]
			e = f.code.At(f.body)
		}
		only = f.body == x && e.Hi-e.Lo == 1 && f.is(f.code, f.code.Lists[e.Lo], f.element)
	}
	coll := f.loop.Coll
	m := f.Flow.ModelAt(f.code, coll)
	q := f.access(coll)
	switch {
	case !only:
		return nil, "more is done for each row than deleting it"
	case m == nil || m.Gives != "rows" || q == nil || f.code.At(coll).Hi-f.code.At(coll).Lo != 1:
		return nil, "the rows are not read where they are deleted"
	case q.Root().Schema == nil || q.Limit != query.No || q.Groups != query.No || q.Selects != query.No || len(q.Order) > 0 || len(q.Loads) > 0 || q.OpenLoads:
		return nil, "the query that finds the rows cannot delete them as it is"
	}
	if t := q.Root().Table; t != nil && heldOn(databaseOf(f.Program, t), t) {
		return nil, "rows of other tables may refer to one of them, and then none goes"
	}
	for _, a := range q.Root().Schema.Associations {
		if a.OnDelete != ir.NoAction {
			return nil, "the program itself deletes what belongs to each row"
		}
	}
	return &fix.DeleteTogether{Code: f.code, Loop: f.loop.Expr, Read: coll, Name: "delete_all"}, ""
}

// heldOn reports whether a row of a table stays as long as another refers to it.
func heldOn(d *ir.Database, t *ir.Table) bool {
	return d != nil && d.Refers(t, func(k *ir.ForeignKey) bool { return k.OnDelete == ir.NoAction || k.OnDelete == ir.Restrict })
}
