package checks

import (
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// nearWrite is how many calls may lead to the second write: further down it is
// mostly a record of what happened.
const nearWrite = 3

// missingTransaction reports a write that builds on the result of another one,
// where nothing makes them happen together.
func missingTransaction(p *check.Pass) {
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if !p.Flow.InLib(id) || p.Flow.Body(id) == ir.No || !p.Flow.Bare(id) {
			continue
		}
		s := sequence{p: p, id: id, c: p.Flow.Code(id)}
		s.c.Walk(p.Flow.Body(id), func(x ir.ExprID) bool {
			if s.found {
				return false
			}
			switch e := s.c.At(x); e.Op {
			case ir.Block, ir.With:
				s.pair(e)
			}
			return !s.found
		})
	}
}

// sequence looks through the steps of one clause.
type sequence struct {
	p     *check.Pass
	id    flow.ClauseID
	c     *ir.Code
	found bool
}

// writeStep is a step that writes, and the variables that hold its result.
type writeStep struct {
	call ir.ExprID
	via  flow.Via
	vars map[int32]bool
}

// pair finds among the steps of a block or a with two writes of which the second
// builds on the first.
func (s *sequence) pair(e *ir.Expr) {
	var before []writeStep
	for _, step := range s.steps(e) {
		w, writes := s.write(step)
		if writes && len(s.p.Flow.Path(s.id, w.via)) <= nearWrite {
			for _, first := range before {
				if s.builds(step, first, w) {
					s.report(first, w)
					return
				}
			}
		}
		if m := s.c.At(step); writes && m.Op == ir.Match && s.makes(w) {
			w.vars = s.bound(ir.ExprID(m.A))
			before = append(before, w)
		}
	}
}

// steps are the expressions that run one after the other.
func (s *sequence) steps(e *ir.Expr) []ir.ExprID {
	var out []ir.ExprID
	for _, o := range s.c.List(e) {
		if s.c.At(o).Op != ir.Arm {
			out = append(out, o)
		}
	}
	if e.Op == ir.With && e.A >= 0 {
		if body := s.c.At(ir.ExprID(e.A)); body.Op == ir.Block {
			return append(out, s.c.List(body)...)
		}
		out = append(out, ir.ExprID(e.A))
	}
	return out
}

// write finds the call in a step that writes; what runs only for some outcome, or
// in a function value, is no part of the sequence.
func (s *sequence) write(step ir.ExprID) (w writeStep, ok bool) {
	s.c.Walk(step, func(x ir.ExprID) bool {
		switch s.c.At(x).Op {
		case ir.Closure, ir.Case, ir.Branch, ir.With, ir.Try, ir.Loop:
			return false
		case ir.Call:
			if via, writes := s.p.Flow.Writes(s.id, x); writes && !ok && !s.enqueues(via) {
				w, ok = writeStep{call: x, via: via}, true
			}
		}
		return !ok
	})
	return w, ok
}

// makes reports whether a call gives back the row that it has inserted: the insert
// stands in the function that is called, not further down.
func (s *sequence) makes(w writeStep) bool {
	last := s.p.Flow.Last(s.id, w.via)
	return len(s.p.Flow.Path(s.id, w.via)) <= 2 && last != ir.No && inserted(s.p.Program.Externs[last].Name)
}

func inserted(name string) bool {
	return strings.HasPrefix(name, "insert") && !strings.HasSuffix(name, "_all")
}

func (s *sequence) enqueues(via flow.Via) bool {
	for _, k := range s.p.Flow.Does(s.p.Flow.Last(s.id, via)) {
		if k == flow.Enqueue {
			return true
		}
	}
	return false
}

// builds reports whether a step makes another row out of the result of the first
// write: it inserts with the result, or changes by a field of it.
func (s *sequence) builds(step ir.ExprID, first, w writeStep) bool {
	last := s.p.Flow.Last(s.id, w.via)
	inserts := last != ir.No && strings.HasPrefix(s.p.Program.Externs[last].Name, "insert")
	found := false
	s.c.Walk(step, func(x ir.ExprID) bool {
		e := s.c.At(x)
		switch {
		case found:
		case e.Op == ir.Get:
			u := s.c.At(ir.ExprID(e.A))
			found = u.Op == ir.Use && first.vars[u.A]
		case e.Op == ir.Use:
			found = inserts && first.vars[e.A]
		}
		return !found
	})
	return found
}

// bound are the variables of a pattern.
func (s *sequence) bound(pattern ir.ExprID) map[int32]bool {
	vars := map[int32]bool{}
	s.c.Walk(pattern, func(x ir.ExprID) bool {
		if e := s.c.At(x); e.Op == ir.Bind {
			vars[e.A] = true
		}
		return true
	})
	return vars
}

func (s *sequence) report(first, second writeStep) {
	s.found = true
	r := s.p.Flow
	a, b := r.Path(s.id, first.via), r.Path(s.id, second.via)
	f := check.Finding{
		Level:  check.Warning,
		Span:   r.Span(s.id, second.call),
		Symbol: r.Symbol(s.id),
		Anchor: a[0].Callee + " " + b[0].Callee,
		Message: "`" + short(b[0].Callee) + "` builds on what `" + short(a[0].Callee) + "` has written, and each is committed by itself: when the second fails, " +
			"or the node stops in between, the first stays behind alone. Put both into one transaction.",
		Confidence: check.Medium,
	}
	f.Path = append(f.Path, calls(a, "writes first")...)
	f.Path = append(f.Path, calls(b, "writes what builds on it")...)
	f.Path = append(f.Path, arrival(r, s.id)...)
	s.p.Report(f)
}
