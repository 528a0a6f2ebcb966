package flow

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// Unsure reports whether what makes a failure asks a database or a service, or
// was made by a macro: it can fail in ways that have nothing to do with the question.
func (r *Result) Unsure(o Origin) bool {
	if m := r.model(r.Extern(o)); m != nil {
		return m.Effects&(model.Query|model.Write|model.HTTP) != 0
	}
	return r.Made(o)
}

// Made reports whether a function makes an alternative that a macro made.
func (r *Result) Made(o Origin) bool {
	c := r.nodes[o.In].code
	e := c.At(o.Expr)
	return e.Op == ir.Call && r.shapes.made[c.Callees[e.A].Module+"."+c.Callees[e.A].Name] != nil
}

// Effects reports whether an alternative tells that changing something, or asking
// another service, has failed, and the clause that makes it did nothing about it.
func (r *Result) Effects(o Origin) bool {
	if ext := r.Extern(o); ext != ir.No {
		m := r.model(ext)
		return m != nil && m.Effects&failing != 0 && r.Refusable(o)
	}
	return r.asks(o, Write, HTTP, Mail, Enqueue) && !r.asks(o, Log) && !(r.reshapes(o.In) && len(r.nodes[o.In].facts) > 0)
}

// Origin is where an alternative comes from.
type Origin struct {
	Steps []Step    // the calls down to it
	In    ClauseID  // the clause that makes it
	Expr  ir.ExprID // what makes it there: a library call, or a value that is written out
	// Undeclared: a function on the way has a specification, and nothing of the form is in it.
	Undeclared bool
	hops       []hop
}

// Origin follows an alternative to what makes it.
func (r *Result) Origin(id ClauseID, a Alt) Origin {
	var o Origin
	var seen []ClauseID
	for len(o.Steps) < maxDepth {
		op := r.nodes[id].code.At(a.Expr).Op
		if op == ir.Call || op == ir.Send || op == ir.FuncRef {
			o.Steps = append(o.Steps, r.Step(id, a.Expr))
		}
		o.In, o.Expr = id, a.Expr
		if a.Callee == ir.No {
			break
		}
		o.hops = append(o.hops, hop{id, a.Expr})
		if len(o.Steps) > 0 {
			s := &o.Steps[len(o.Steps)-1]
			s.Callee, s.Extern = r.Symbol(a.Callee), ir.No
		}
		o.Undeclared = o.Undeclared || !r.declares(a.Callee, &a)
		seen = append(seen, a.Callee)
		found, in := r.altOf(a, seen)
		if found == nil {
			o.In, o.Expr = a.Callee, r.Body(a.Callee)
			break
		}
		id, a = in, *found
	}
	return o
}

// declares reports whether what the function of a clause is declared to give has room for an
// alternative: it has if nothing is declared.
func (r *Result) declares(id ClauseID, a *Alt) bool {
	fn := r.Func(id)
	if fn == ir.No || len(r.shapes.specs[fn]) == 0 {
		return true
	}
	return slices.ContainsFunc(r.shapes.specs[fn], func(d ir.Alt) bool {
		switch d.Kind {
		case ir.AltAny, ir.AltNamed, ir.AltParam:
			return true
		}
		return d.Kind == a.Kind && d.Arity == a.Arity && (d.Tag == "" || a.Tag == "" || d.Tag == a.Tag)
	})
}

// Extern is the library's function that makes it, or No.
func (r *Result) Extern(o Origin) ir.ExternID {
	c := r.nodes[o.In].code
	if e := c.At(o.Expr); e.Op == ir.Call || e.Op == ir.FuncRef {
		_, ext := r.resolve(&c.Callees[e.A])
		return ext
	}
	return ir.No
}

// Picks reports whether a library call only takes something out of a container,
// which says more of the program than of what it was given.
func (r *Result) Picks(e ir.ExternID) bool {
	m := r.model(e)
	return m != nil && m.Content != nil
}

// Refusable reports whether the write that makes an alternative can refuse the
// columns that a call on the way to it writes out.
func (r *Result) Refusable(o Origin) bool { return !r.spelledOut(o.hops, hop{o.In, o.Expr}) }

// Outside reports whether the clause that makes an alternative asks something
// outside the program: a database, a service, a process, a function it was given.
func (r *Result) Outside(o Origin) bool {
	return r.nodes[o.In].code.At(o.Expr).Op == ir.Send ||
		r.asks(o, Query, Write, HTTP, Mail, Enqueue, File, ProcCall, Exec, CallsParam)
}

// Asks reports whether the clause that makes an alternative calls another service.
func (r *Result) Asks(o Origin) bool { return r.asks(o, HTTP, Mail) }

// asks looks at the clause that makes an alternative, or at its caller if the
// clause only reshapes an error that it is given.
func (r *Result) asks(o Origin, kinds ...Kind) bool {
	id := o.In
	for i := len(o.hops) - 1; i >= 0 && r.reshapes(id); i-- {
		id = o.hops[i].in
	}
	for i := range r.nodes[id].facts {
		if slices.Contains(kinds, r.nodes[id].facts[i].Kind) {
			return true
		}
	}
	return false
}

// Echoes reports whether the clause that makes an alternative is one for an error.
func (r *Result) Echoes(o Origin) bool { return r.reshapes(o.In) }

// reshapes reports whether a clause is one for an error.
func (r *Result) reshapes(id ClauseID) bool {
	n := &r.nodes[id]
	if n.clause == nil {
		return false
	}
	for _, p := range n.clause.Params {
		if patternAlt(n.code, p).Tag == "error" {
			return true
		}
	}
	return false
}

// altOf finds an alternative in what a callee gives, and the clause that gives
// it. Of a recursion it is the clause that makes it.
func (r *Result) altOf(a Alt, seen []ClauseID) (*Alt, ClauseID) {
	if found := r.nodes[a.Callee].shape.find(&a); found != nil && (found.Callee == ir.No || !slices.Contains(seen, found.Callee)) {
		return found, a.Callee
	}
	lo, hi := r.clauses(r.nodes[a.Callee].fn)
	for id := lo; id < hi; id++ {
		if s := r.nodes[id].shape; s != nil {
			if found := s.find(&a); found != nil && (found.Callee == ir.No || !slices.Contains(seen, found.Callee)) {
				return found, id
			}
		}
	}
	return nil, ir.No
}
