package checks

import (
	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// unsupervisedProcess reports processes that nobody restarts, stops or hears of
// when they die.
func unsupervisedProcess(p *check.Pass) {
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if !p.Flow.InLib(id) {
			continue
		}
		for _, s := range p.Flow.Sites(id) {
			switch s.Starts {
			case flow.Unlinked:
				if p.Flow.Reached(id).Serves() || p.Flow.Reached(id).Has(ir.Boot) {
					p.Report(processFinding(p, id, s))
				}
			case flow.Linked:
				linkedToRequest(p, id, s)
			}
		}
	}
}

// linkedToRequest reports a process that is linked to one which lives for a
// single request.
func linkedToRequest(p *check.Pass, id flow.ClauseID, s flow.Site) {
	e := p.Flow.ReachedBy(id)
	if e == nil || e.Kind != ir.Request {
		return
	}
	path := p.Flow.EntryPath(id)
	if len(path) > 0 && path[len(path)-1].Data {
		return // named in a child specification
	}
	f := processFinding(p, id, s)
	f.Message = "`" + short(f.Anchor) + "` links a process to the one that serves this request: its crash kills the request, and a request that breaks " +
		"off kills it. Start it under a supervisor."
	f.Confidence = check.Medium
	p.Report(f)
}

func processFinding(p *check.Pass, id flow.ClauseID, s flow.Site) check.Finding {
	callee := calleeOf(p, id, s.Expr)
	f := check.Finding{
		Level:  check.Info, // what is started so is mostly done by the way, and its loss is put up with
		Span:   p.Flow.Span(id, s.Expr),
		Symbol: p.Flow.Symbol(id),
		Anchor: callee,
		Message: "`" + short(callee) + "` starts a process outside every supervisor: nothing bounds how many of them run, a crash is at best " +
			"a line in the log, and a shutdown cuts off their work. Start it under a supervisor.",
	}
	f.Path = append(f.Path, check.Step{Span: f.Span, Note: "the process starts here, without a supervisor"})
	f.Path = append(f.Path, arrival(p.Flow, id)...)
	f.Changes, f.NoFix = underSupervisor(p, id, s)
	return f
}

// calleeOf names what a call calls.
func calleeOf(p *check.Pass, id flow.ClauseID, x ir.ExprID) string {
	return p.Flow.Step(id, x).Callee
}
