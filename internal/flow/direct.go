package flow

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
)

// maxPure is how many pure calls a client's value may go through and still be
// what was sent.
const maxPure = 1

// Direct reports whether a call is given what a client sent as it came: out of
// a parameter's pattern, or read from it by name. What comes out of a row, of a
// collection's element or of a function of the project is not.
func (r *Result) Direct(id ClauseID, x ir.ExprID) bool {
	c := r.nodes[id].code
	e := c.At(x)
	if e.Op != ir.Call && e.Op != ir.Send {
		return false
	}
	s := sight{Result: r}
	return slices.ContainsFunc(c.List(e), func(a ir.ExprID) bool { return s.sent(id, a, maxPure, maxDepth) })
}

// Carries is Direct that also looks through what functions of the project make of
// the value, such as a changeset.
func (r *Result) Carries(id ClauseID, x ir.ExprID) bool {
	c := r.nodes[id].code
	e := c.At(x)
	s := sight{Result: r, calls: true}
	return e.Op == ir.Call && slices.ContainsFunc(c.List(e), func(a ir.ExprID) bool { return s.sent(id, a, maxDepth, maxDepth) })
}

// sight follows values back to what a client sent; calls says whether through
// functions of the project too.
type sight struct {
	*Result
	calls bool
}

// sent reports whether an expression of a node is what a client sent, or is built
// of it.
func (r sight) sent(id ClauseID, x ir.ExprID, pure, depth int) bool {
	if depth == 0 || x < 0 {
		return false
	}
	c := r.nodes[id].code
	x = origin(c, x)
	e := c.At(x)
	in := func(a ir.ExprID) bool { return r.sent(id, a, pure, depth-1) }
	switch e.Op {
	case ir.Use:
		return r.sentAs(id, ir.VarID(e.A), pure, depth-1, wholeBits)
	case ir.Get:
		if base := c.At(origin(c, ir.ExprID(e.A))); base.Op == ir.Use {
			return e.Str != "assigns" && r.sentAs(id, ir.VarID(base.A), pure, depth-1, wholeBits|fieldBits)
		}
		return in(ir.ExprID(e.A))
	case ir.Index:
		return in(ir.ExprID(e.A))
	case ir.Make:
		return e.Sub != ir.MakeStruct && slices.ContainsFunc(c.List(e), in)
	case ir.Update:
		return slices.ContainsFunc(c.List(e), in)
	case ir.Call:
		_, ext := r.resolve(&c.Callees[e.A])
		m := r.model(ext)
		if m != nil && m.Source == "request" {
			return true
		}
		if r.calls {
			return slices.ContainsFunc(c.List(e), in)
		}
		if ext == ir.No || e.Lo == e.Hi || pure == 0 || m != nil && m.Effects != 0 {
			return false
		}
		return r.sent(id, c.Lists[e.Lo], pure-1, depth-1)
	}
	return false
}

// sentAs reports whether a variable is bound by a parameter that holds what a
// client sent: that of an entry, or of a function whose caller hands it on.
func (r sight) sentAs(id ClauseID, v ir.VarID, pure, depth int, bits uint64) bool {
	n := &r.nodes[id]
	at := n.code.Vars[v].At
	if at == ir.No || n.clause == nil {
		return n.clause == nil
	}
	for i, p := range n.clause.Params {
		if i >= fieldShift || !n.code.Span(p).Contains(n.code.Span(at)) {
			continue
		}
		if r.client[id]&(1<<i|1<<(i+fieldShift))&bits == 0 || ofRow(n.code, p, at) {
			return false
		}
		from := r.serves[id]
		if from.from == ir.No {
			return true
		}
		c := r.nodes[from.from].code
		call := c.At(from.at)
		if call.Op != ir.Call || int(call.Hi-call.Lo) != len(n.clause.Params) || depth <= 0 {
			return false
		}
		arg := origin(c, c.List(call)[i])
		if use := c.At(arg); use.Op == ir.Use {
			return r.sentAs(from.from, ir.VarID(use.A), pure, depth-1, bits)
		}
		return r.sent(from.from, arg, pure, depth-1)
	}
	return false
}

// ofRow reports whether a pattern takes a variable out of a struct.
func ofRow(c *ir.Code, p, at ir.ExprID) bool {
	found := false
	c.Walk(p, func(x ir.ExprID) bool {
		e := c.At(x)
		found = found || e.Op == ir.Make && e.Sub == ir.MakeStruct && x != at && c.Span(x).Contains(c.Span(at))
		return !found
	})
	return found
}

// Named reports whether a call is given a field of the request by the name of an
// atom: then something has looked at the request's text and cast it.
func (r *Result) Named(id ClauseID, x ir.ExprID) bool {
	n := &r.nodes[id]
	if n.clause == nil || n.code.At(x).Op != ir.Call {
		return false
	}
	vars := usedVars(n.code, n.code.List(n.code.At(x)))
	named := false
	for _, p := range n.clause.Params {
		n.code.Walk(p, func(y ir.ExprID) bool {
			m := n.code.At(y)
			if m.Op != ir.Make || m.Sub != ir.MakeMap {
				return true
			}
			l := n.code.List(m)
			for i := 0; i+1 < len(l); i += 2 {
				k, b := n.code.At(l[i]), n.code.At(l[i+1])
				named = named || k.Op == ir.Const && k.Sub == ir.LitAtom && b.Op == ir.Bind && slices.Contains(vars, ir.VarID(b.A))
			}
			return true
		})
	}
	return named
}

// Tried reports whether a call is made with a value that a condition around it
// was already asked about: by a case, a with or a branch that gave the value to a
// function. It then passed, or failed for the same reason.
func (r *Result) Tried(id ClauseID, x ir.ExprID) bool {
	c := r.nodes[id].code
	if c.At(x).Op != ir.Call {
		return false
	}
	vars, at := usedVars(c, c.List(c.At(x))), c.Span(x)
	asked := func(y ir.ExprID) bool {
		return y >= 0 && !c.Span(y).Contains(at) && c.Span(y).Start < at.Start && r.given(c, y, vars)
	}
	found := false
	for _, root := range r.nodes[id].roots() {
		c.Walk(root, func(y ir.ExprID) bool {
			e := c.At(y)
			if found || !c.Span(y).Contains(at) {
				return false
			}
			switch e.Op {
			case ir.Case, ir.Branch:
				found = asked(ir.ExprID(e.A))
			case ir.With:
				found = slices.ContainsFunc(c.List(e), func(s ir.ExprID) bool { return c.At(s).Op != ir.Arm && asked(s) })
			}
			return !found
		})
	}
	return found
}

// repeats reports whether an expression makes the very call x once more.
func repeats(c *ir.Code, in, x ir.ExprID) bool {
	call, found := c.At(x), false
	c.Walk(in, func(y ir.ExprID) bool {
		e := c.At(y)
		if e.Op == ir.Call && e.Hi-e.Lo == call.Hi-call.Lo && c.Callees[e.A].Extern == c.Callees[call.A].Extern && c.Callees[e.A].Name == c.Callees[call.A].Name {
			a, b := c.List(e), c.List(call)
			same := true
			for i := range a {
				p, q := c.At(a[i]), c.At(b[i])
				same = same && p.Op == q.Op && p.A == q.A && p.Str == q.Str && p.Sub == q.Sub && (p.Op == ir.Use || p.Op == ir.Const)
			}
			found = found || same
		}
		return !found
	})
	return found
}

// Weighed reports whether what u does not accept has been looked at before: u stands in a branch
// whose condition, or that of a branch before it, asks about the value, or behind a step of a `with`
// that does and goes on for some answers only. To ask is to read the variable, or a flag that was made
// of it, or to make the same call.
func (r *Result) Weighed(id ClauseID, u Unmatched) bool {
	c := r.nodes[id].code
	x := c.At(u.Value)
	asks := func(cond ir.ExprID) bool {
		switch x.Op {
		case ir.Use:
			return reads(c, cond, x.A) || reads(c, r.flag(id, cond), x.A)
		case ir.Call:
			return u.Where == AtMatch && repeats(c, cond, u.Value)
		}
		return false
	}
	found := false
	for _, root := range r.nodes[id].roots() {
		c.Walk(root, func(y ir.ExprID) bool {
			switch e := c.At(y); {
			case e.Op == ir.Branch && u.Where == AtMatch && asks(ir.ExprID(e.A)):
				// The branches of a cond stand in each other, though not in the text.
				found = found || under(c, ir.ExprID(e.B), u.Expr) || under(c, ir.ExprID(e.C), u.Expr)
			case e.Op == ir.With && y != u.Expr:
				found = found || askedStep(c, e, u.Expr, asks)
			}
			return !found
		})
	}
	return found
}

// askedStep reports whether x stands in a `with` behind a step that asks and may fail.
func askedStep(c *ir.Code, with *ir.Expr, x ir.ExprID, asks func(ir.ExprID) bool) bool {
	asked := false
	for _, s := range c.List(with) {
		m := c.At(s)
		if m.Op == ir.Arm {
			break
		}
		if under(c, s, x) {
			return asked
		}
		if pat := c.At(ir.ExprID(m.A)).Op; m.Op == ir.Match && pat != ir.Bind && pat != ir.Any {
			asked = asked || asks(ir.ExprID(m.B))
		}
	}
	return asked && under(c, ir.ExprID(with.A), x)
}

// flag is what a variable was given where it is bound, `valid = match?({:ok, _}, result)`, or No.
func (r *Result) flag(id ClauseID, x ir.ExprID) ir.ExprID {
	c := r.nodes[id].code
	e := c.At(x)
	out := ir.ExprID(ir.No)
	if e.Op != ir.Use || e.A < 0 {
		return out
	}
	for _, root := range r.nodes[id].roots() {
		c.Walk(root, func(y ir.ExprID) bool {
			if m := c.At(y); m.Op == ir.Match && c.At(ir.ExprID(m.A)).Op == ir.Bind && c.At(ir.ExprID(m.A)).A == e.A {
				out = ir.ExprID(m.B)
			}
			return out == ir.No
		})
	}
	return out
}

// reads reports whether an expression, which may be No, reads a variable.
func reads(c *ir.Code, x ir.ExprID, v int32) bool {
	if x == ir.No {
		return false
	}
	found := false
	c.Walk(x, func(y ir.ExprID) bool {
		found = found || c.At(y).Op == ir.Use && c.At(y).A == v
		return !found
	})
	return found
}

// under reports whether an expression is part of another, which may be No.
func under(c *ir.Code, whole, part ir.ExprID) bool {
	if whole == ir.No {
		return false
	}
	found := false
	c.Walk(whole, func(y ir.ExprID) bool {
		found = found || y == part
		return !found
	})
	return found
}

// given reports whether an expression gives one of some variables to a function
// of the project.
func (r *Result) given(c *ir.Code, x ir.ExprID, vars []ir.VarID) bool {
	found := false
	c.Walk(x, func(y ir.ExprID) bool {
		if e := c.At(y); e.Op == ir.Call && c.Callees[e.A].Func != ir.No {
			for _, v := range usedVars(c, c.List(e)) {
				found = found || slices.Contains(vars, v)
			}
		}
		return !found
	})
	return found
}

// usedVars are the variables that some expressions are, or take out of.
func usedVars(c *ir.Code, list []ir.ExprID) []ir.VarID {
	var out []ir.VarID
	for _, x := range list {
		for e := c.At(x); ; e = c.At(ir.ExprID(e.A)) {
			if e.Op == ir.Use && e.A >= 0 {
				out = append(out, ir.VarID(e.A))
			}
			if e.Op != ir.Get && e.Op != ir.Index {
				break
			}
		}
	}
	return out
}

// From is the call by which the nearest entry gets to a node; at an entry the
// node is No.
func (r *Result) From(id ClauseID) (ClauseID, ir.ExprID) { return r.serves[id].from, r.serves[id].at }

// InTable reports whether a call looks for something in what the module itself writes
// out: its first argument depends on no variable.
func (r *Result) InTable(id ClauseID, x ir.ExprID) bool {
	c := r.nodes[id].code
	e := c.At(x)
	if e.Op != ir.Call || e.Lo == e.Hi {
		return false
	}
	fixed := true
	c.Walk(c.List(e)[0], func(x ir.ExprID) bool {
		fixed = fixed && c.At(x).Op != ir.Use
		return fixed
	})
	return fixed
}

// Starts reports whether what makes an alternative starts a process.
func (r *Result) Starts(o Origin) bool {
	m := r.model(r.Extern(o))
	return m != nil && m.Starts != ""
}

// Fails reports whether a function gives failures of its own: then its callers
// look at what it gives.
func (r *Result) Fails(id ClauseID) bool {
	fn := r.nodes[id].fn
	if fn == ir.No {
		return false
	}
	lo, hi := r.clauses(fn)
	for k := lo; k < hi; k++ {
		if s := r.nodes[k].shape; s != nil && slices.ContainsFunc(s.alts, func(a Alt) bool { return a.Tag == "error" }) {
			return true
		}
	}
	return false
}
