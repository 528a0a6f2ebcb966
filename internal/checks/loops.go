package checks

import (
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// loopKind says which check a loop belongs to.
type loopKind uint8

const (
	queryLoop loopKind = iota // a read for each element
	rowLoop                   // a read for each row
	writeLoop                 // a write for each element
)

// loops reports the loops of the running system that belong to one check.
func loops(p *check.Pass, kind loopKind) {
	all := p.Flow.Loops()
	inner := nearest(p, all)
	for i := range all {
		l := &all[i]
		if kindOf(p, l) != kind {
			continue
		}
		switch {
		case l.Verdict == flow.Reported:
			if level, ok := weight(p, l, kind); ok {
				f := loopFinding(p, l, loopMessage(p, l, kind), level)
				if inner[callOf(p, l)] < l.Database.Hops || level != check.Info && anew(p, l, f.Changes[0]) {
					f.Level = check.Info // a loop further in is reported for the same call, or the change is more than it saves
				}
				p.Report(f)
			}
		case l.Verdict.Minor():
			p.Report(loopFinding(p, l, minorMessage(p, l), check.Info))
		case l.Verdict == flow.Hoisted:
			p.Report(loopFinding(p, l, hoistMessage(p, l), check.Info))
		}
	}
}

// call is a call of a clause.
type call struct {
	clause flow.ClauseID
	expr   ir.ExprID
}

// callOf is the call that goes to the database for the elements of a loop.
func callOf(p *check.Pass, l *flow.Loop) call {
	id, x := p.Flow.Call(l.Clause, l.Database.To())
	return call{id, x}
}

// nearest is, of each call that goes to the database in loops that are reported, how
// many calls the nearest of them is away.
func nearest(p *check.Pass, all []flow.Loop) map[call]uint8 {
	out := map[call]uint8{}
	for i := range all {
		l := &all[i]
		if l.Verdict != flow.Reported {
			continue
		}
		c := callOf(p, l)
		if hops, has := out[c]; !has || l.Database.Hops < hops {
			out[c] = l.Database.Hops
		}
	}
	return out
}

// kindOf sorts a loop: each belongs to one check. Loading an association is
// always about a row.
func kindOf(p *check.Pass, l *flow.Loop) loopKind {
	switch {
	case l.Database.Kind == flow.Write:
		return writeLoop
	case l.Verdict == flow.Hoisted:
		return queryLoop
	case l.Rows, framework(l), p.Flow.Preloads(l.Clause, l.Database.To()):
		return rowLoop
	}
	return queryLoop
}

// framework reports whether a library iterates without the code saying so.
func framework(l *flow.Loop) bool {
	switch l.Kind {
	case "resolver", "view", "cast", "component":
		return true
	}
	return false
}

func loopFinding(p *check.Pass, l *flow.Loop, message string, level check.Level) check.Finding {
	r := p.Flow
	steps := r.Path(l.Clause, l.Database.To())
	f := check.Finding{
		Level:    level,
		Span:     r.Span(l.Clause, l.Expr),
		Symbol:   r.Symbol(l.Clause),
		Anchor:   l.Kind + " " + steps[0].Callee + " " + final(steps).Callee,
		Message:  message,
		Formerly: "query-in-loop",
	}
	if len(steps) > 1 || l.Kind == "recursion" || l.Kind == "function" {
		f.Confidence = check.Medium
	}
	around := f.Span
	if l.Kind == "component" {
		around = l.Place
	}
	f.Path = append(f.Path, check.Step{Span: around, Note: loopNote(p, l)})
	f.Path = append(f.Path, calls(steps, effectNote(l.Database.Kind))...)
	f.Path = append(f.Path, arrival(r, l.Clause)...)
	f.Changes = loopChanges(p, l, kindOf(p, l))
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
		return "the type stands in a list of the schema, so the resolver runs for each of its objects"
	case "cast":
		return "the function of the changeset runs for each child"
	case "component":
		return "the component is rendered for each element, and updates itself each time"
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

// times says how often something happens, and what that costs.
func times(p *check.Pass, l *flow.Loop, kind loopKind) string {
	cost := " round trips to the database. "
	if inProcess(p) {
		cost = " queries. "
	}
	switch {
	case l.Kind == "resolver":
		return "once for each object of a list that the client asks for: n objects cost n" + cost
	case l.Kind == "cast":
		return "once for each child that is cast: n children cost n" + cost
	case l.Kind == "component":
		return "once for each component of the list: n rows on the page cost n" + cost
	case kind == rowLoop:
		return "once for each row of " + collection(p, l) + ": n rows cost n" + cost
	}
	return "once for each element of " + collection(p, l) + ": n elements cost n" + cost
}

func loopMessage(p *check.Pass, l *flow.Loop, kind loopKind) string {
	call := final(p.Flow.Path(l.Clause, l.Database.To()))
	does := " runs "
	if kind == writeLoop {
		does = " writes "
	}
	return "`" + short(call.Callee) + "`" + does + times(p, l, kind) + loopAdvice(p, l, kind, call.Callee)
}

// loopAdvice says what to do, by what happens in the loop.
func loopAdvice(p *check.Pass, l *flow.Loop, kind loopKind, callee string) string {
	switch {
	case p.Flow.RawSQL(l.Clause, l.Database.To()):
		return "One statement can serve all elements."
	case kind == writeLoop:
		return writeAdvice(p, l, callee)
	case l.Kind == "resolver":
		return "Batch the look-up over all objects, with a dataloader or `batch`."
	case l.Kind == "cast":
		return "Read what all children need with one query before, and hand it to the children's changesets."
	case l.Kind == "component":
		return "Define `update_many/1`, which gets all of them at once, or load the rows in the page."
	case p.Flow.Preloads(l.Clause, l.Database.To()):
		return "Preload once, on the whole list, before it is gone over."
	case kind == rowLoop:
		return "Preload the association on the whole list, or read all of it with one `where x in ^ids` before the loop."
	}
	return "Ask once before the loop, with `where x in ^values`, and look the answers up in a map."
}

// writeAdvice names the statement that writes many rows at once.
func writeAdvice(p *check.Pass, l *flow.Loop, callee string) string {
	if bulk := p.Flow.BulkOf(l.Clause, l.Database.To()); bulk != "" {
		return "Write all rows with one `" + receiver(callee) + bulk + "`" + rules(bulk) + "."
	}
	return "Collect the rows and write them with one statement."
}

// rules says what a statement about many rows leaves out.
func rules(bulk string) string {
	if strings.HasPrefix(bulk, "insert") || strings.HasPrefix(bulk, "update") {
		return "; where each row has rules of its own, with one multi in one transaction"
	}
	return ""
}

// receiver is the last module of a callee, with its dot.
func receiver(callee string) string {
	callee = short(callee)
	return callee[:strings.LastIndexByte(callee, '.')+1]
}

// minorMessage is about loops that run as often, but where little is to be gained.
func minorMessage(p *check.Pass, l *flow.Loop) string {
	query := final(p.Flow.Path(l.Clause, l.Database.To()))
	m := "`" + short(query.Callee) + "` goes to the database for each element of " + collection(p, l)
	switch l.Verdict {
	case flow.MinorStops:
		return m + ", up to the first that ends the loop. One query for all of them costs one round trip."
	case flow.MinorUnit:
		return m + ", each in a transaction of its own. What the transaction reads can be fetched for all of them before."
	case flow.MinorFew:
		return m + ". They are few; one statement for all of them still costs one round trip instead of n."
	case flow.MinorAlone:
		return m + ", each caught by itself, so that one failure leaves the others. What it reads can be fetched for all of them before."
	}
	return m + ", which waits for another service as well. What the query reads can be fetched for all of them before."
}

func hoistMessage(p *check.Pass, l *flow.Loop) string {
	query := final(p.Flow.Path(l.Clause, l.Database.To()))
	return "`" + short(query.Callee) + "` asks the same question for each element of " + collection(p, l) +
		": nothing in it depends on the element. Ask once, before the loop."
}
