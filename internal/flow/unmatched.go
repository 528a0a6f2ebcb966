package flow

import "github.com/assay-dev/assay/internal/ir"

// Where says at what a value is not accepted.
type Where uint8

// The places at which a value may not be accepted.
const (
	AtMatch    Where = iota // `pattern = value`
	AtCase                  // no clause of a case
	AtElse                  // no clause of the else of a with
	AtFunction              // no clause of the function that is called
)

// Unmatched is an alternative that nothing accepts at a place that must accept it.
type Unmatched struct {
	Where Where
	Expr  ir.ExprID // the match, the case, the with or the call
	Value ir.ExprID // what gives the alternative
	Alt   Alt
	// Wrong is the pattern of the same tag that asks for another number of
	// elements and can never match, or No.
	Wrong ir.ExprID
	Apart bool
	// Rescued: the crash goes no further than this node, or than what it is given to.
	Rescued bool
	// Told: a clause there accepts another failure.
	Told bool
}

// unaccepted notes the alternatives of s that none of the arms accepts; all is
// what can get to the arms.
func (e *eval) unaccepted(u Unmatched, s, all *shape, arms []ir.ExprID) {
	patterns, guards := make([]ir.ExprID, 0, 8), make([]ir.ExprID, 0, 8)
	for _, a := range arms {
		if e.c.At(a).Op != ir.Arm {
			continue
		}
		pat, guard := e.single(a)
		if pat == ir.No {
			return
		}
		patterns, guards = append(patterns, pat), append(guards, guard)
	}
	for _, p := range patterns {
		u.Told = u.Told || patternAlt(e.c, p).Tag == "error"
	}
	for i := range s.alts {
		a := &s.alts[i]
		if a.Kind == ir.AltParam || e.taken(patterns, guards, a) {
			continue
		}
		u.Alt, u.Wrong = *a, ir.No
		if all.closed() {
			u.Wrong = e.wrongSize(patterns, all, a)
		}
		e.unmatch(u)
	}
}

func (e *eval) taken(patterns, guards []ir.ExprID, a *Alt) bool {
	for i := range patterns {
		if fitsArm(e.c, patterns[i], guards[i], a) != refused {
			return true
		}
	}
	return false
}

// wrongSize is the pattern that asks for an alternative with another number of
// elements, and accepts nothing of the shape.
func (e *eval) wrongSize(patterns []ir.ExprID, s *shape, a *Alt) ir.ExprID {
	for _, p := range patterns {
		w := patternAlt(e.c, p)
		if a.Kind != ir.AltTuple || w.Kind != ir.AltTuple || a.Tag == "" || w.Tag != a.Tag || w.Arity == a.Arity {
			continue
		}
		dead := true
		for i := range s.alts {
			dead = dead && fits(e.c, p, &s.alts[i]) == refused
		}
		if dead {
			return p
		}
	}
	return ir.No
}

func (e *eval) unmatch(u Unmatched) {
	for i := range e.unmatched {
		if old := &e.unmatched[i]; old.Expr == u.Expr && old.Value == u.Value && old.Alt.same(&u.Alt) {
			old.Alt.Taint |= u.Alt.Taint
			return
		}
	}
	u.Apart, u.Rescued = e.apart(), e.rescued() || e.misfitRescued()
	e.unmatched = append(e.unmatched, u)
}

// Unmatched are the alternatives that a node does not accept where it must.
func (r *Result) Unmatched(id ClauseID) []Unmatched { return r.nodes[id].unmatched }

// steps are the steps of a with: what each can give that its pattern does not
// accept, and what they can give at all.
type steps struct {
	fallen []fallen
	all    *shape
	// other: a step asks for something else than a tuple that says :ok.
	other bool
}

// fallen is what a step gives when its pattern does not accept it.
type fallen struct {
	value ir.ExprID
	shape *shape
}

// add notes a step, and is what it gives when it does not match.
func (s *steps) add(e *eval, m *ir.Expr, v value) *shape {
	pat := ir.ExprID(m.A)
	if op := e.c.At(pat).Op; op == ir.Bind || op == ir.Any {
		return e.shapes.none
	}
	of := e.shapeOf(v)
	out := of.only(func(a *Alt) bool { return a.Kind == ir.AltParam || fits(e.c, pat, a) == refused })
	s.fallen = append(s.fallen, fallen{ir.ExprID(m.B), out})
	want := patternAlt(e.c, pat)
	s.other = s.other || want.Kind != ir.AltTuple || want.Tag != "ok"
	s.all = together(s.all, of)
	return out
}

// unaccepted notes what no clause of the else accepts, if there is one.
func (s *steps) unaccepted(e *eval, id ir.ExprID, list []ir.ExprID) {
	if len(list) == 0 || e.c.At(list[len(list)-1]).Op != ir.Arm {
		return
	}
	for _, f := range s.fallen {
		e.unaccepted(Unmatched{Where: AtElse, Expr: id, Value: f.value}, f.shape, s.all, list)
	}
}

// likely is what may get to an arm of the else: what answers with tuples of :ok and of which the
// rest is not known fails with others of them, and hardly with nil.
func (s *steps) likely(c *ir.Code, arm ir.ExprID, left *shape) *shape {
	patterns, _, _ := c.Parts(c.At(arm))
	if s.other || !left.open || len(patterns) != 1 || c.At(patterns[0]).Op != ir.Const || c.At(patterns[0]).Sub != ir.LitNil {
		return left
	}
	return &shape{alts: left.alts}
}

// guards reports whether a step of a with is the guard of the pattern before it.
func (e *eval) guards(before, step ir.ExprID) bool {
	m := e.c.At(before)
	return m.Op == ir.Match && m.Sub == ir.FailNext && e.c.Span(before).Contains(e.c.Span(step))
}

// mustAccept notes the alternatives of arguments that no clause of a function accepts.
func (e *eval) mustAccept(at ir.ExprID, fn ir.FuncID, args []ir.ExprID, vals []value) {
	f := e.p.Funcs[fn]
	if f.Defaults > 0 || len(args) != len(vals) || len(e.impls[fn]) > 0 {
		return
	}
	for i := range vals {
		if s := vals[i].shape; s != nil && !vals[i].lazy {
			for k := range s.alts {
				if a := &s.alts[k]; a.Tag == "error" && !takes(f, i, a) {
					e.unmatch(Unmatched{Where: AtFunction, Expr: at, Value: args[i], Alt: *a, Wrong: ir.No})
				}
			}
		}
	}
}

// takes reports whether a clause of a function may accept an alternative as
// parameter i.
func takes(f *ir.Func, i int, a *Alt) bool {
	for k := range f.Clauses {
		cl := &f.Clauses[k]
		if i >= len(cl.Params) || fitsArm(f.Code, cl.Params[i], cl.Guard, a) != refused {
			return true
		}
	}
	return len(f.Clauses) == 0
}
