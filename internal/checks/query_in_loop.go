package checks

import (
	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// queryInLoop reports loops of the running system that go to the database for
// each element.
func queryInLoop(p *check.Pass) {
	loops := p.Flow.Loops()
	for i := range loops {
		l := &loops[i]
		switch l.Verdict {
		case flow.Reported:
			p.Report(loopFinding(p, l, loopMessage(p, l), check.Warning))
		case flow.MinorService, flow.MinorStops, flow.MinorFew, flow.MinorUnit:
			p.Report(loopFinding(p, l, minorMessage(p, l), check.Info))
		case flow.Hoisted:
			p.Report(loopFinding(p, l, hoistMessage(p, l), check.Info))
		}
	}
}

func loopFinding(p *check.Pass, l *flow.Loop, message string, level check.Level) check.Finding {
	r := p.Flow
	steps := r.Path(l.Clause, l.Database.To())
	f := check.Finding{
		Level:   level,
		Span:    r.Span(l.Clause, l.Expr),
		Symbol:  r.Symbol(l.Clause),
		Anchor:  l.Kind + " " + steps[0].Callee + " " + final(steps).Callee,
		Message: message,
	}
	if len(steps) > 1 || l.Kind == "recursion" || l.Kind == "function" {
		f.Confidence = check.Medium
	}
	f.Path = append(f.Path, check.Step{Span: f.Span, Note: loopNote(p, l)})
	f.Path = append(f.Path, calls(steps, effectNote(l.Database.Kind))...)
	f.Path = append(f.Path, arrival(r, l.Clause)...)
	return f
}

func effectNote(k flow.Kind) string {
	if k == flow.Write {
		return "writes to the database"
	}
	return "queries the database"
}

func loopNote(p *check.Pass, l *flow.Loop) string {
	switch l.Kind {
	case "recursion":
		return "the function calls itself for each element"
	case "resolver":
		return "the resolver runs for each object of a list"
	}
	return "runs for each element of " + collection(p, l)
}

// collection names what a loop goes over.
func collection(p *check.Pass, l *flow.Loop) string {
	if l.Coll == ir.No {
		return "the collection"
	}
	c := p.Flow.Code(l.Clause)
	if s := piped(c, l.Coll); s != "" {
		return s
	}
	return or(sourceText(p.Program, c.Span(l.Coll)), "the collection")
}

func loopMessage(p *check.Pass, l *flow.Loop) string {
	query := final(p.Flow.Path(l.Clause, l.Database.To()))
	does, advice := "runs", "Fetch everything that the loop needs with one query before it"
	if l.Database.Kind == flow.Write {
		does, advice = "writes", "Collect the rows and write them with one statement behind it"
	}
	if p.Flow.RawSQL(l.Clause, l.Database.To()) {
		advice = "One statement can serve all elements"
	}
	each := "once for each element of " + collection(p, l)
	if l.Kind == "resolver" {
		each = "once for each object that the client asks for"
		advice = "Batch the look-up over all objects"
	}
	return "`" + short(query.Callee) + "` " + does + " " + each + ": n elements cost n round trips to the database. " + advice + "."
}

// minorMessage is about loops that run as often, but where little is to be gained.
func minorMessage(p *check.Pass, l *flow.Loop) string {
	query := final(p.Flow.Path(l.Clause, l.Database.To()))
	of := collection(p, l)
	m := "`" + short(query.Callee) + "` goes to the database for each element of " + of
	switch l.Verdict {
	case flow.MinorStops:
		return m + ", up to the first that ends the loop. One query for all of them costs one round trip."
	case flow.MinorUnit:
		return m + ", each in a transaction of its own. What the transaction reads can be fetched for all of them before."
	case flow.MinorFew:
		return m + ". They are few; one statement for all of them still costs one round trip instead of n."
	}
	return m + ", which waits for another service as well. What the query reads can be fetched for all of them before."
}

func hoistMessage(p *check.Pass, l *flow.Loop) string {
	query := final(p.Flow.Path(l.Clause, l.Database.To()))
	return "`" + short(query.Callee) + "` asks the same question for each element of " + collection(p, l) +
		": nothing in it depends on the element. Ask once, before the loop."
}
