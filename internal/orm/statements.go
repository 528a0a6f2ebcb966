package orm

import (
	"github.com/assay-dev/assay/internal/ir"
)

// each calls f with the statements that code at module level runs, macros of
// the project expanded and loops unrolled. Where it is not known what runs, the
// schema under way is Partial.
func (r *reader) each(s *scope, id ir.ExprID, f func(place)) {
	if id < 0 {
		return
	}
	if r.steps--; r.steps <= 0 || r.deep > maxDepth {
		r.partial()
		return
	}
	r.deep++
	defer func() { r.deep-- }()
	x := s.code.At(id)
	switch x.Op {
	case ir.Block:
		for _, c := range s.code.List(x) {
			r.each(s, c, f)
		}
	case ir.Opaque:
		if x.Str == "do" || x.Str == "__block__" {
			for _, c := range s.code.List(x) {
				r.each(s, c, f)
			}
			return
		}
		f(place{s, id})
	case ir.Call:
		r.call(s, id, f)
	case ir.Use:
		if b, ok := s.find(ir.VarID(x.A)); ok && b.given.scope != nil {
			r.each(b.given.scope, b.given.id, f)
		} else {
			r.partial() // code that a macro puts together
		}
	case ir.Attr:
		r.partial() // code that was put together before
	case ir.Loop:
		r.loop(s, x, 0, f)
	case ir.Branch:
		r.branch(s, x, f)
	case ir.Match:
		r.bind(s, ir.ExprID(x.A), bound{v: r.eval(s, ir.ExprID(x.B))})
	case ir.Case, ir.With, ir.Try:
		r.partial()
	}
}

func (r *reader) partial() {
	if r.s != nil {
		r.s.Partial = true
	}
}

func (r *reader) call(s *scope, id ir.ExprID, f func(place)) {
	at := place{s, id}
	x := s.code.At(id)
	if k := &s.code.Callees[x.A]; k.Func >= 0 {
		if fn := r.p.Func(k.Func); fn.Macro() {
			r.expand(fn, at, f)
			return
		}
	}
	if !r.iterated(at, f) {
		f(at)
	}
}

// iterated runs `Enum.each(list, fn x -> … end)` and the like.
func (r *reader) iterated(at place, f func(place)) bool {
	c := r.model(&at.code.Callees[at.code.At(at.id).A])
	if c == nil || c.Iterates == nil || len(c.Runs) == 0 {
		return false
	}
	args := at.args()
	over, fn := r.value(args[*c.Iterates]), args[c.Runs[0]]
	if over.kind != list || fn.code.At(fn.id).Op != ir.Closure {
		r.partial()
		return true
	}
	arms := fn.code.List(fn.code.At(fn.id))
	params, _, body := fn.code.Parts(fn.code.At(arms[0]))
	if len(arms) != 1 || c.Element >= len(params) {
		r.partial()
		return true
	}
	for _, v := range over.items {
		in := &scope{code: fn.code, outer: fn.scope}
		r.bind(in, params[c.Element], bound{v: v})
		r.each(in, body, f)
	}
	return true
}

// loop runs a comprehension from its generator number i on.
func (r *reader) loop(s *scope, x *ir.Expr, i int32, f func(place)) {
	if x.Lo+i == x.Hi {
		r.each(s, ir.ExprID(x.A), f)
		return
	}
	g := s.code.At(s.code.Lists[x.Lo+i])
	var over value
	if g.Op == ir.Generator {
		over = r.eval(s, ir.ExprID(g.B))
	}
	if over.kind != list || x.Flags&ir.FlagReduce != 0 {
		r.partial()
		return
	}
	for _, v := range over.items {
		in := &scope{code: s.code, outer: s}
		r.bind(in, ir.ExprID(g.A), bound{v: v})
		r.loop(in, x, i+1, f)
	}
}

// branch runs the branch that is chosen, or both where that is not known.
func (r *reader) branch(s *scope, x *ir.Expr, f func(place)) {
	truth, known := r.eval(s, ir.ExprID(x.A)).truth()
	if !known {
		r.partial()
	}
	if truth || !known {
		r.each(s, ir.ExprID(x.B), f)
	}
	if !truth || !known {
		r.each(s, ir.ExprID(x.C), f)
	}
}

// bind gives the variables of a pattern their values.
func (r *reader) bind(s *scope, pattern ir.ExprID, b bound) {
	x := s.code.At(pattern)
	switch x.Op {
	case ir.Bind:
		if s.vars == nil {
			s.vars = map[ir.VarID]bound{}
		}
		s.vars[ir.VarID(x.A)] = b
	case ir.Make:
		parts := s.code.List(x)
		if x.Sub != ir.MakeTuple && x.Sub != ir.MakeList {
			return
		}
		v := b.v
		if b.given.scope != nil {
			v = r.value(b.given)
		}
		for i, p := range parts {
			if i < len(v.items) && len(parts) == len(v.items) {
				r.bind(s, p, bound{v: v.items[i]})
			}
		}
	}
}

// expand runs the quoted code of one of the project's macros.
func (r *reader) expand(fn *ir.Func, at place, f func(place)) {
	if len(fn.Clauses) != 1 {
		r.partial()
		return
	}
	c := &fn.Clauses[0]
	in := &scope{code: fn.Code}
	args := at.args()
	missing := len(c.Params) - len(args)
	for _, p := range c.Params {
		x := fn.Code.At(p)
		switch {
		case x.Op == ir.Match && missing > 0:
			missing--
			r.bind(in, ir.ExprID(x.A), bound{given: place{in, ir.ExprID(x.B)}})
			continue
		case len(args) == 0:
			r.partial()
			return
		case x.Op == ir.Match:
			p = ir.ExprID(x.A)
		}
		r.bindArgument(in, p, args[0])
		args = args[1:]
	}
	r.quoted(in, c.Body, f)
}

// bindArgument gives a macro's parameter the code of an argument; `[do: block]`
// takes a block apart.
func (r *reader) bindArgument(in *scope, p ir.ExprID, arg place) {
	if !isDo(arg) {
		r.bind(in, p, bound{given: arg})
		return
	}
	whole := true
	in.code.EachPair(p, func(key string, v ir.ExprID) {
		if key == "do" {
			whole = false
			r.bind(in, v, bound{given: arg})
		}
	})
	if whole {
		r.bind(in, p, bound{given: arg})
	}
}

// quoted runs the code that the body of a macro gives: its last expression,
// which must be a quote.
func (r *reader) quoted(in *scope, body ir.ExprID, f func(place)) {
	if body < 0 {
		return
	}
	switch x := in.code.At(body); x.Op {
	case ir.Block:
		l := in.code.List(x)
		for i, c := range l {
			if m := in.code.At(c); m.Op == ir.Match {
				r.each(in, c, f)
			} else if i == len(l)-1 {
				r.quoted(in, c, f)
			}
		}
	case ir.Quote:
		for _, c := range in.code.List(x) {
			r.each(in, c, f)
		}
	default:
		r.partial()
	}
}
