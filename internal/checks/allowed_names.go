package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// allowed asks for the names only that what follows a call knows: the literal ones
// that a case or the heads of a function compare its value with.
func allowed(r *flow.Result, c *ir.Code, at ir.ExprID) []fix.Change {
	e := c.At(at)
	if e.Op != ir.Call || e.Hi-e.Lo != 1 {
		return nil
	}
	names, other := compared(r, c, at, 2)
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return []fix.Change{&fix.AllowOnly{Code: c, Call: at, Names: slices.Compact(names), Text: c.Lists[e.Lo], Else: other}}
}

// compared finds the names that the only use of a value compares it with, and
// whether that takes others too.
func compared(r *flow.Result, c *ir.Code, value ir.ExprID, depth int) (names []string, other bool) {
	user := value + 1 // an expression stands behind its operands, and is the operand of one
	for ; int(user) < len(c.Exprs); user++ {
		uses := false
		c.Operands(user, func(o ir.ExprID) { uses = uses || o == value })
		if uses {
			break
		}
	}
	if int(user) == len(c.Exprs) {
		return nil, false
	}
	switch e := c.At(user); {
	case e.Op == ir.Case && ir.ExprID(e.A) == value:
		var patterns []ir.ExprID
		for _, a := range c.List(e) {
			p, guard, _ := c.Parts(c.At(a))
			if guard != ir.No || len(p) != 1 {
				return nil, false
			}
			patterns = append(patterns, p[0])
		}
		return literals(c, patterns)
	case e.Op == ir.Call:
		return dispatched(r, c, e, value)
	case e.Op == ir.Match && ir.ExprID(e.B) == value && depth > 0:
		if b := c.At(ir.ExprID(e.A)); b.Op == ir.Bind {
			if use := onlyUse(c, ir.VarID(b.A)); use != ir.No {
				return compared(r, c, use, depth-1)
			}
		}
	}
	return nil, false
}

// onlyUse is the one place where a variable is used, or No.
func onlyUse(c *ir.Code, v ir.VarID) ir.ExprID {
	found := ir.ExprID(ir.No)
	for i := range c.Exprs {
		if e := &c.Exprs[i]; e.Op == ir.Use && ir.VarID(e.A) == v {
			if found != ir.No {
				return ir.No
			}
			found = ir.ExprID(i)
		}
	}
	return found
}

// dispatched are the names in the heads of the function that a call calls with a
// value.
func dispatched(r *flow.Result, c *ir.Code, call *ir.Expr, value ir.ExprID) ([]string, bool) {
	fn, _ := r.Resolve(&c.Callees[call.A])
	i := slices.Index(c.List(call), value)
	if fn == ir.No || i < 0 {
		return nil, false
	}
	lo, hi := r.Clauses(fn)
	var patterns []ir.ExprID
	var in *ir.Code
	for id := lo; id < hi; id++ {
		params := r.Params(id)
		if len(params) != len(c.List(call)) || in != nil && r.Code(id) != in {
			return nil, false
		}
		in = r.Code(id)
		patterns = append(patterns, params[i])
	}
	if in == nil {
		return nil, false
	}
	return literals(in, patterns)
}

// literals are the names that patterns consist of; the last one may take all others.
func literals(c *ir.Code, patterns []ir.ExprID) (names []string, other bool) {
	for i, p := range patterns {
		switch e := c.At(p); {
		case e.Op == ir.Const && e.Sub == ir.LitAtom:
			names = append(names, e.Str)
		case i == len(patterns)-1 && (e.Op == ir.Any || e.Op == ir.Bind && strings.HasPrefix(e.Str, "_")):
			other = true
		default:
			return nil, false
		}
	}
	return names, other
}
