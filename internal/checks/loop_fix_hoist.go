package checks

import (
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// hoisted asks for a statement that does the same for each element to be made
// before the loop.
func (f *loopFix) hoisted() (fix.Change, string) {
	if f.body == ir.No || f.code.At(f.body).Op != ir.Block {
		return nil, "the call stands in the middle of what is done for an element"
	}
	call := f.way[0].Expr
	for i, s := range f.code.List(f.code.At(f.body)) {
		m := f.code.At(s)
		if m.Op != ir.Match || !f.holds(ir.ExprID(m.B), call) {
			continue
		}
		name := f.code.At(ir.ExprID(m.A))
		switch {
		case name.Op != ir.Bind || f.bound(name.Str) != 1:
			return nil, "the variable has another meaning outside the loop"
		case !f.outside(ir.ExprID(m.B)) || f.choice(ir.ExprID(m.B)):
			return nil, "the call depends on more than what is there before the loop"
		case !f.onlyReads():
			return nil, "the call does more than to ask"
		case i > 0 && f.writes():
			return nil, "the call may have to stay behind what is done for an element before it"
		}
		return &fix.AskBefore{Code: f.code, Loop: f.loop.Expr, Statement: s}, ""
	}
	return nil, "the call stands in the middle of what is done for an element"
}

// onlyReads reports whether what the loop's body calls does nothing but ask.
func (f *loopFix) onlyReads() bool {
	if len(f.way) == 1 {
		return true
	}
	for _, fact := range f.Flow.Facts(f.way[1].Clause) {
		if fact.Kind != flow.Query && fact.Kind != flow.Log {
			return false
		}
	}
	return true
}

// holds reports whether an expression is inside another one.
func (f *loopFix) holds(x, inner ir.ExprID) bool {
	found := false
	f.code.Walk(x, func(y ir.ExprID) bool {
		found = found || y == inner
		return !found
	})
	return found
}

// bound counts the variables of a name in the function of the loop.
func (f *loopFix) bound(name string) int {
	cl := f.Flow.Clause(f.loop.Clause)
	if cl == nil {
		return 0
	}
	n := 0
	for _, v := range f.code.Vars {
		if v.Name == name && v.At != ir.No {
			if b := f.code.At(v.At); b.Start >= cl.Span.Start && b.End <= cl.Span.End {
				n++
			}
		}
	}
	return n
}

// choice reports whether an expression does one thing or another.
func (f *loopFix) choice(x ir.ExprID) bool {
	found := false
	f.code.Walk(x, func(y ir.ExprID) bool {
		switch f.code.At(y).Op {
		case ir.Branch, ir.Case, ir.With, ir.Try, ir.Closure, ir.Loop, ir.Raise:
			found = true
		}
		return !found
	})
	return found
}
