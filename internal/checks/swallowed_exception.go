package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// swallowedException reports clauses that take every exception of a write, a
// request, a mail or a job and tell nobody.
func swallowedException(p *check.Pass) {
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if !p.Flow.InLib(id) || !p.Flow.Reached(id).Serves() {
			continue
		}
		for _, m := range p.Flow.Masks(id) {
			unfound(p, id, m)
		}
		c := p.Flow.Code(id)
		c.Walk(p.Flow.Body(id), func(x ir.ExprID) bool {
			if c.At(x).Op == ir.Try {
				rescued(p, id, x)
			}
			return true
		})
	}
}

// rescued reports the clause of a try that hides what went wrong.
func rescued(p *check.Pass, id flow.ClauseID, try ir.ExprID) {
	c := p.Flow.Code(id)
	done, ok := effectIn(p, id, ir.ExprID(c.At(try).A))
	if !ok {
		return
	}
	for _, arm := range c.List(c.At(try)) {
		if !flow.TakesRaise(c, arm) || telling(c, arm) || !neutral(c, arm) {
			continue
		}
		f := check.Finding{
			// Most of what is rescued so is done by the way, and meant to fail in silence.
			Level: check.Info, Confidence: check.Medium, Span: c.Span(arm), Symbol: p.Flow.Symbol(id), Anchor: done.Callee, CWE: "CWE-391",
			Message: "Every exception of `" + short(done.Callee) + "` ends here without a word: the caller takes the answer for a success, and no log says what failed. Log it, or rescue what you expect.",
		}
		f.Path = append(f.Path, check.Step{Span: done.Span, Note: "`" + short(done.Callee) + "` may raise"})
		f.Path = append(f.Path, arrival(p.Flow, id)...)
		f.Changes = asking([]fix.Change{&fix.LogException{Code: c, Arm: arm}}, "The exception may be one that comes every day: say whether a line in the log each time is wanted.")
		p.Report(f)
		return
	}
}

// unfound reports a clause that answers every failure with "not found", so that a
// service that is down looks like a thing that never was.
func unfound(p *check.Pass, id flow.ClauseID, m flow.Mask) {
	if !strings.Contains(m.Answer, "not_found") {
		return
	}
	o := p.Flow.Origin(id, m.Alt)
	if len(o.Steps) == 0 || !p.Flow.Unsure(o) {
		return
	}
	f := check.Finding{
		Level: check.Warning, Confidence: check.Medium, Span: p.Flow.Code(id).Span(m.Arm), Symbol: p.Flow.Symbol(id), Anchor: o.Steps[0].Callee, CWE: "CWE-391",
		Message: "Every failure of `" + short(o.Steps[0].Callee) + "` becomes `:" + m.Answer + "` here without a log: what is down looks as if it had never been there. Match what is not found, and log or return the rest.",
	}
	if !remote(p, final(o.Steps).Extern) && len(p.Flow.CallersOf(id)) < manyCallers {
		f.Level = check.Info // where the database is down, all else fails as well
	}
	f.Path = append(alternative(p, o, m.Alt), arrival(p.Flow, id)...)
	f.Changes = asking([]fix.Change{&fix.LogFailure{Code: p.Flow.Code(id), Arm: m.Arm, Call: withoutArity(short(o.Steps[0].Callee))}},
		"The function goes on to say that there is nothing: say whether who calls it shall learn of the failure.")
	p.Report(f)
}

// manyCallers is how many calls make a function one of those that the program looks for things with.
const manyCallers = 3

// withoutArity is the name of a function that its arity follows.
func withoutArity(name string) string {
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		return name[:i]
	}
	return name
}

// effectIn finds a call inside an expression that changes something or asks
// another service.
func effectIn(p *check.Pass, id flow.ClauseID, x ir.ExprID) (flow.Step, bool) {
	if x < 0 {
		return flow.Step{}, false
	}
	body := p.Flow.Code(id).Span(x)
	for _, f := range p.Flow.Facts(id) {
		switch f.Kind {
		case flow.Write, flow.HTTP, flow.Mail, flow.Enqueue:
			if f.Flags&(flow.Async|flow.RescuedBelow) != 0 {
				continue // it raises elsewhere, or what is called sees to it
			}
			if f.Expr != ir.No && body.Contains(p.Flow.Code(id).Span(f.Expr)) {
				return p.Flow.Path(id, f.To())[0], true
			}
		}
	}
	return flow.Step{}, false
}

// neutral reports whether an arm answers with a constant that does not say no, or
// with what there was before.
func neutral(c *ir.Code, arm ir.ExprID) bool {
	_, _, body := c.Parts(c.At(arm))
	e := c.At(body)
	switch {
	case e.Op == ir.Block && e.Lo == e.Hi, e.Op == ir.Use:
		return true
	case e.Op == ir.Const:
		return e.Str != "false" && !saysNo(e.Str) && !strings.HasPrefix(e.Str, "not_")
	case e.Op != ir.Make:
		return false
	}
	for _, x := range c.List(e) {
		if e.Sub == ir.MakeTuple && c.At(x).Op == ir.Const && saysNo(c.At(x).Str) {
			return false
		}
	}
	return true
}

// saysNo reports whether a word tells of a failure.
func saysNo(word string) bool {
	return slices.ContainsFunc([]string{"err", "fail", "invalid"}, func(w string) bool { return strings.Contains(word, w) })
}
