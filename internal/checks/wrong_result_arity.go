package checks

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// wrongResultArity reports patterns that ask for a result with another number of
// elements than the callee gives, so that they never match.
func wrongResultArity(p *check.Pass) {
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if !p.Flow.InLib(id) || p.Flow.Reached(id) == 0 {
			continue
		}
		for _, u := range p.Flow.Unmatched(id) {
			if u.Wrong != ir.No {
				p.Report(wrongArity(p, id, u))
			}
		}
	}
}

func wrongArity(p *check.Pass, id flow.ClauseID, u flow.Unmatched) check.Finding {
	o := p.Flow.Origin(id, u.Alt)
	c := p.Flow.Code(id)
	pattern := c.At(u.Wrong)
	for pattern.Op == ir.Match {
		pattern = c.At(ir.ExprID(pattern.A))
	}
	giver := "the value"
	if len(o.Steps) > 0 {
		giver = "`" + short(o.Steps[0].Callee) + "`"
	}
	f := check.Finding{
		Level: check.Error, Span: c.Span(u.Wrong), Symbol: p.Flow.Symbol(id), Anchor: u.Alt.String(), CWE: "CWE-755",
		Message: "The pattern asks for " + elements(int(pattern.Hi-pattern.Lo)) + ", but " + giver + " gives `" + u.Alt.String() +
			"`: it never matches, and that failure crashes here. Match the form that comes.",
	}
	if u.Rescued {
		f.Level = check.Info // what it raises becomes another failure
		f.Message = strings.Replace(f.Message, "crashes here", "is rescued as if something else had failed", 1)
	}
	f.Path = alternative(p, o, u.Alt)
	f.Path = append(f.Path, arrival(p.Flow, id)...)
	m := p.Flow.Model(p.Flow.Extern(o))
	f.Changes = []fix.Change{&fix.WidenPattern{Code: c, Pattern: u.Wrong, Size: u.Alt.Arity, Steps: m != nil && m.Transaction}}
	if readsRest(c, pattern) {
		f.Changes = asking(f.Changes, "What the clause does with the value has never run: see that it holds for what each failure brings.")
	}
	return f
}

// readsRest reports whether a pattern of a tuple binds what stands behind its first element.
func readsRest(c *ir.Code, pattern *ir.Expr) bool {
	for _, x := range c.List(pattern)[min(1, int(pattern.Hi-pattern.Lo)):] {
		if e := c.At(x); e.Op != ir.Any && (e.Op != ir.Bind || !strings.HasPrefix(e.Str, "_")) {
			return true
		}
	}
	return false
}

func elements(n int) string {
	if n == 1 {
		return "one element"
	}
	return strconv.Itoa(n) + " elements"
}

// alternative is the evidence that an alternative comes: the calls down to what
// makes it.
func alternative(p *check.Pass, o flow.Origin, a flow.Alt) []check.Step {
	path := calls(o.Steps, "can give "+a.String())
	if at := p.Flow.Span(o.In, o.Expr); len(o.Steps) == 0 || final(o.Steps).Span != at {
		path = append(path, check.Step{Span: at, Note: "it gives " + a.String() + " here"})
	}
	return path
}
