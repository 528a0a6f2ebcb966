package checks

import (
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
		f.Path = append(f.Path, check.Step{Span: p.Flow.EntrySpan(t.Clause), Note: "the client's input comes in: " + kindWord(t.Entry)})
	} else {
		f.Level, f.Confidence = check.Warning, check.Medium // which part of a value gets there is not certain
		f.Path = append(f.Path, arrival(p.Flow, t.Clause)...)
	}
	f.Path = append(f.Path, calls(t.Steps, "makes an atom of it")...)
	if f.Changes = safer(p, t.In, t.At); f.Changes == nil {
		f.NoFix = "which names it may become the code does not say: list them"
	}
	return f
}

// safer asks for the function that does the same without the danger, if the
// library has one.
func safer(p *check.Pass, in flow.ClauseID, at ir.ExprID) []fix.Change {
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
	return append(allowed(p.Flow, c, at), &fix.CallInstead{Code: c, Call: at, Name: m.Safer})
}
