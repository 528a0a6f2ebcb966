package flow

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// condition is what must hold of a parameter for a fact to be true. A call
// decides it by its argument, hands it on to its own parameter, or forgets it.
type condition struct {
	how   how
	param uint8
	deflt bool   // whether a missing option holds
	text  string // the option's name, or the associations, as in value.loaded
}

// how says what a condition asks.
type how uint8

const (
	unconditional how = iota
	holds             // the parameter, or its option, is neither nil nor false
	fails             // it is nil or false
	unloaded          // not all associations of the row, or of the rows, are there
)

// answer is what an argument makes of a condition.
type answer uint8

const (
	maybe answer = iota
	yes
	no
)

// asks reads a condition on a parameter of the node out of an expression.
func (e *eval) asks(id ir.ExprID, depth int) condition {
	if id < 0 || depth == 0 {
		return condition{}
	}
	x := e.c.At(id)
	switch x.Op {
	case ir.Use:
		if p, ok := e.parameter(id); ok {
			return condition{how: holds, param: p}
		}
		if v := known(e.c, id, e.vars); v != id {
			return e.asks(v, depth-1)
		}
	case ir.Index:
		return e.ofOption(ir.ExprID(x.A), ir.ExprID(x.B), false)
	case ir.Get:
		if p, ok := e.parameter(ir.ExprID(x.A)); ok {
			return condition{how: holds, param: p, text: x.Str}
		}
	case ir.Branch:
		if x.Sub == ir.BranchAnd {
			if c := e.asks(ir.ExprID(x.A), depth-1); c.how != unconditional {
				return c
			}
			return e.asks(ir.ExprID(x.B), depth-1)
		}
	case ir.Call:
		return e.asksCall(x, depth)
	}
	return condition{}
}

func (e *eval) asksCall(x *ir.Expr, depth int) condition {
	args := e.c.List(x)
	switch name := e.c.Callees[x.A].Name; {
	case (name == "not" || name == "!") && len(args) == 1:
		return e.asks(args[0], depth-1).not()
	case (name == "get" || name == "fetch!" || name == "has_key?") && (len(args) == 2 || len(args) == 3):
		deflt := no
		if len(args) == 3 {
			deflt = truth(e.c, args[2])
		}
		if deflt != maybe {
			return e.ofOption(args[0], args[1], deflt == yes)
		}
	}
	return condition{}
}

// ofOption is the condition that an option of a parameter holds.
func (e *eval) ofOption(of, key ir.ExprID, deflt bool) condition {
	p, ok := e.parameter(of)
	k := e.c.At(key)
	if !ok || k.Op != ir.Const || k.Sub != ir.LitAtom || k.Str == "" {
		return condition{}
	}
	return condition{how: holds, param: p, deflt: deflt, text: k.Str}
}

// not is the condition that fails where c holds.
func (c condition) not() condition {
	switch c.how {
	case holds:
		c.how = fails
	case fails:
		c.how = holds
	default:
		return condition{}
	}
	return c
}

// parameter is the parameter that a variable holds unchanged.
func (e *eval) parameter(id ir.ExprID) (uint8, bool) {
	x := e.c.At(id)
	if x.Op != ir.Use || x.A < 0 || int(x.A) >= len(e.vars) {
		return 0, false
	}
	return alone(e.vars[x.A].thru)
}

// alone is the one parameter of a set.
func alone(set uint32) (uint8, bool) {
	if set == 0 || set&(set-1) != 0 {
		return 0, false
	}
	p := uint8(0)
	for ; set > 1; set >>= 1 {
		p++
	}
	return p, true
}

// truth says whether an expression is neither nil nor false, as far as it is
// written out.
func truth(c *ir.Code, id ir.ExprID) answer {
	x := c.At(id)
	switch {
	case x.Op == ir.Const && (x.Sub == ir.LitNil || x.Sub == ir.LitBool && x.Str == "false"):
		return no
	case x.Op == ir.Const, x.Op == ir.Make, x.Op == ir.Closure, x.Op == ir.FuncRef:
		return yes
	}
	return maybe
}

// under is the condition under which a fact of a callee happens at a call, and
// whether it can.
func (e *eval) under(at *passing, c condition, vals []value) (condition, bool) {
	if c.how == unconditional || int(c.param) >= len(vals) {
		return condition{}, true
	}
	v := &vals[c.param]
	if c.how == unloaded {
		if within(c.text, v.loaded) {
			return c, false
		}
	} else if a := e.answer(at, c, v); a != maybe {
		return condition{}, (a == yes) == (c.how == holds)
	}
	if p, ok := alone(v.thru); ok {
		c.param = p
		return c, true
	}
	return condition{}, true
}

// answer decides a condition by an argument, or by the default of one that was
// left out.
func (e *eval) answer(at *passing, c condition, v *value) answer {
	code, x := e.c, ir.ExprID(v.def)
	if !at.written {
		return maybe
	}
	if at.absent&(1<<c.param) != 0 {
		code, x = at.fn.Code, defaultOf(at.fn, int(c.param))
	} else if x >= 0 {
		x = known(code, x, e.vars)
	}
	if x < 0 {
		return maybe
	}
	if c.text == "" {
		return truth(code, x)
	}
	return optionIn(code, x, c)
}

// optionIn looks an option up in a list or map that is written out.
func optionIn(code *ir.Code, x ir.ExprID, c condition) answer {
	l := code.At(x)
	if l.Op != ir.Make || l.Sub != ir.MakeList && l.Sub != ir.MakeMap {
		return maybe
	}
	out := no
	if c.deflt {
		out = yes
	}
	parts := code.List(l)
	for i := 0; i < len(parts); i++ {
		k := parts[i]
		var v ir.ExprID
		if l.Sub == ir.MakeMap {
			if i++; i == len(parts) {
				return maybe
			}
			v = parts[i]
		} else if pair := code.At(k); pair.Op == ir.Make && pair.Sub == ir.MakeTuple && pair.Hi-pair.Lo == 2 {
			k, v = code.Lists[pair.Lo], code.Lists[pair.Lo+1]
		} else {
			return maybe
		}
		switch e := code.At(k); {
		case e.Op != ir.Const:
			return maybe
		case e.Str == c.text && e.Sub == ir.LitAtom:
			return truth(code, v)
		}
	}
	return out
}

// defaultOf is the default value of a parameter, or No.
func defaultOf(fn *ir.Func, param int) ir.ExprID {
	if fn.Defaults == 0 || len(fn.Clauses) == 0 || param >= len(fn.Clauses[0].Params) {
		return ir.No
	}
	if m := fn.Code.At(fn.Clauses[0].Params[param]); m.Op == ir.Match {
		return ir.ExprID(m.B)
	}
	return ir.No
}

// passing is how a call passes its arguments: which parameters it leaves out.
type passing struct {
	fn      *ir.Func
	absent  uint32
	written bool // the arguments stand at the call
}

// common is what two sets of associations share.
func common(a, b string) string {
	if a == b || a == "" || b == "" {
		if a == b {
			return a
		}
		return ""
	}
	var out strings.Builder
	for p := range strings.SplitSeq(a[1:], ",") {
		if within(","+p, b) {
			out.WriteString("," + p)
		}
	}
	return out.String()
}

// within reports whether all associations of a are in b.
func within(a, b string) bool {
	if a == "" || b == "" {
		return a == ""
	}
	for p := range strings.SplitSeq(a[1:], ",") {
		if !strings.Contains(b+",", ","+p+",") {
			return false
		}
	}
	return true
}

// inside are the associations of what an association gives.
func inside(loaded, name string) string {
	if loaded == "" {
		return ""
	}
	var out strings.Builder
	for p := range strings.SplitSeq(loaded[1:], ",") {
		if rest, ok := strings.CutPrefix(p, name+"."); ok {
			out.WriteString("," + rest)
		}
	}
	return out.String()
}
