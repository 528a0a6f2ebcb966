package checks

import (
	"slices"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// unsupervisedProcess reports processes that nobody restarts, stops or hears of
// when they die.
func unsupervisedProcess(pass *check.Pass) {
	p := &processes{Pass: pass}
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if !inLib(pass, id) {
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
func linkedToRequest(p *processes, id flow.ClauseID, s flow.Site) {
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

func processFinding(p *processes, id flow.ClauseID, s flow.Site) check.Finding {
	callee := calleeOf(p.Pass, id, s.Expr)
	f := check.Finding{
		Level:  check.Warning,
		Span:   p.Flow.Span(id, s.Expr),
		Symbol: p.Flow.Symbol(id),
		Anchor: callee,
		Message: "`" + short(callee) + "` starts a process outside every supervisor: nothing bounds how many of them run, a crash is at best " +
			"a line in the log, and a shutdown cuts off their work. Start it under a supervisor.",
	}
	if !matters(p.Pass, id, s) {
		f.Level = check.Info
	}
	f.Path = append(f.Path, check.Step{Span: f.Span, Note: "the process starts here, without a supervisor"})
	f.Path = append(f.Path, arrival(p.Flow, id)...)
	f.Changes, f.NoFix = p.underSupervisor(id, s)
	return f
}

// matters reports whether something is lost with a process: it lives on by itself, or
// writes, enqueues or sends mail; one that is linked to a request also when it asks the
// database, whose failure then ends the request. What waits for another service may
// fail anyway, and a process that is stopped again where it starts is meant to end with
// the request; what only waits for a moment does something that is soon past.
func matters(p *check.Pass, id flow.ClauseID, s flow.Site) bool {
	c := p.Flow.Code(id)
	args := c.List(c.At(s.Expr))
	linked := s.Starts == flow.Linked
	if !slices.ContainsFunc(args, func(a ir.ExprID) bool { op := c.At(a).Op; return op == ir.Closure || op == ir.FuncRef }) {
		named, does := p.Flow.RunsOnce(id, s, flow.Write, flow.Enqueue, flow.Mail)
		return does || !named && !linked && !stops(p, id)
	}
	if !linked && (s.Does(flow.Sleep) || s.Does(flow.HTTP)) {
		return false
	}
	return s.Does(flow.Enqueue) || s.Does(flow.Mail) || s.Does(flow.Write) || linked && s.Does(flow.Query)
}

// stops reports whether a clause also stops or unlinks a process.
func stops(p *check.Pass, id flow.ClauseID) bool {
	c := p.Flow.Code(id)
	return slices.ContainsFunc(c.Callees, func(k ir.Callee) bool {
		return k.Name == "unlink" || k.Name == "stop" || k.Name == "close" || k.Name == "shutdown"
	})
}

// calleeOf names what a call calls.
func calleeOf(p *check.Pass, id flow.ClauseID, x ir.ExprID) string {
	return p.Flow.Step(id, x).Callee
}
