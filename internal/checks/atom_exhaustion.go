package checks

import (
	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
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
		f.Confidence = check.Medium
		f.Path = append(f.Path, arrival(p.Flow, t.Clause)...)
	}
	f.Path = append(f.Path, calls(t.Steps, "makes an atom of it")...)
	return f
}
