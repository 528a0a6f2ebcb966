package checks

import (
	"slices"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// atomExhaustion reports atoms made of what a client sent.
func atomExhaustion(p *check.Pass) {
	taints := p.Flow.Taints()
	for i := range taints {
		if taints[i].Kind == flow.SinkAtom {
			p.Report(atomFinding(p, &taints[i]))
		}
	}
}

func atomFinding(p *check.Pass, t *flow.Taint) check.Finding {
	f := check.Finding{
		Level:  check.Error,
		Span:   t.Sink,
		Symbol: t.Symbol,
		Anchor: final(t.Steps).Callee,
		Message: "A client chooses the text that becomes an atom here. Atoms are never freed: about a million distinct values " +
			"stop the whole node. Accept known values only, or use atoms that exist already.",
		CWE: "CWE-770",
	}
	if t.Direct {
		if p.Flow.Module(t.Clause) != p.Flow.Module(t.In) {
			f.Level, f.Confidence = check.Info, check.Medium // on the way something may have looked at the text
		}
		if !p.Flow.Reached(t.Clause).Common() {
			f.Level = check.Info // only the people who run the application send it
		}
		f.Path = append(f.Path, check.Step{Span: p.Flow.EntrySpan(t.Clause), Note: "the client's input comes in: " + kindWord(t.Entry)})
	} else {
		f.Level, f.Confidence = check.Info, check.Medium // which part of a value gets there is not certain
		f.Path = append(f.Path, arrival(p.Flow, t.Clause)...)
	}
	f.Path = append(f.Path, calls(t.Steps, "makes an atom of it")...)
	if f.Changes = safer(p, t); f.Changes == nil {
		f.NoFix = "which names it may become the code does not say: list them"
	}
	if f.Level > check.Error {
		f.Changes = asking(f.Changes, "Who else passes text here may count on a new atom: look at the callers first.")
	}
	return f
}

// safer asks for the function that does the same without the danger, if the
// library has one.
func safer(p *check.Pass, t *flow.Taint) []fix.Change {
	in, at := t.In, t.At
	c := p.Flow.Code(in)
	e := c.At(at)
	if e.Op != ir.Call && e.Op != ir.FuncRef {
		return nil
	}
	fn, ext := p.Flow.Resolve(&c.Callees[e.A])
	m := p.Flow.Model(ext)
	if fn != ir.No || m == nil || m.Safer == "" {
		return nil
	}
	all := []fix.Change{&fix.CallInstead{Code: c, Call: at, Name: m.Safer}}
	for _, x := range besides(p, t) {
		all = append(all, &fix.CallInstead{Code: c, Call: x, Name: m.Safer})
	}
	if t.Clause != in { // of calls that are reached over a caller only one is reported
		for _, x := range alike(p, in, at) {
			if slices.ContainsFunc(all, func(c fix.Change) bool { return c.(*fix.CallInstead).Call == x }) {
				continue
			}
			all = append(all, &fix.CallInstead{Code: c, Call: x, Name: m.Safer})
		}
	}
	return append(allowed(p.Flow, c, at), together(all...)...)
}

// besides are the other calls of the same function of a library in the same code that
// make atoms of what a client sent.
func besides(p *check.Pass, t *flow.Taint) []ir.ExprID {
	c := p.Flow.Code(t.In)
	same := c.Callees[c.At(t.At).A]
	var out []ir.ExprID
	for _, o := range p.Flow.Taints() {
		if o.Kind != flow.SinkAtom || !o.Direct || p.Flow.Code(o.In) != c || o.At == t.At || slices.Contains(out, o.At) {
			continue
		}
		if e := c.At(o.At); e.Op == ir.Call || e.Op == ir.FuncRef {
			if k := c.Callees[e.A]; k.Module == same.Module && k.Name == same.Name {
				out = append(out, o.At)
			}
		}
	}
	return out
}

// alike are the other calls of the same function of a library, by the same function,
// with what is a parameter there.
func alike(p *check.Pass, in flow.ClauseID, at ir.ExprID) []ir.ExprID {
	c := p.Flow.Code(in)
	fn := p.Flow.Func(in)
	if fn == ir.No || c.At(at).Op != ir.Call {
		return nil
	}
	same := c.Callees[c.At(at).A]
	var out []ir.ExprID
	lo, hi := p.Flow.Clauses(fn)
	for id := lo; id < hi; id++ {
		c.Walk(p.Flow.Body(id), func(x ir.ExprID) bool {
			e := c.At(x)
			if e.Op != ir.Call || x == at || c.Callees[e.A].Module != same.Module || c.Callees[e.A].Name != same.Name || e.Hi-e.Lo != 1 {
				return true
			}
			if a := c.At(c.List(e)[0]); a.Op == ir.Use && takesIn(c, p.Flow.Clause(id), ir.VarID(a.A)) {
				out = append(out, x)
			}
			return true
		})
	}
	return out
}

// takesIn reports whether the parameters of a clause bind a variable.
func takesIn(c *ir.Code, cl *ir.Clause, v ir.VarID) bool {
	return cl != nil && v >= 0 && slices.ContainsFunc(cl.Params, func(x ir.ExprID) bool { return holds(c, x, c.Vars[v].At) })
}
