package checks

import (
	"strconv"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// longSleep is how many milliseconds are worth a word.
const longSleep = 1000

// externalCallInTransaction reports what waits for someone else, or cannot be
// taken back, while a transaction is open: the worst for each transaction.
func externalCallInTransaction(p *check.Pass) {
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if !p.Flow.InLib(id) || !p.Flow.Reached(id).Serves() {
			continue
		}
		worst := map[ir.ExprID]outside{}
		var order []ir.ExprID
		for _, h := range p.Flow.Held(id) {
			o, ok := outsideOf(p, id, h)
			if !ok {
				continue
			}
			old, seen := worst[h.Transaction]
			if !seen {
				order = append(order, h.Transaction)
			}
			if !seen || o.rank < old.rank || o.rank == old.rank && len(o.steps) < len(old.steps) {
				worst[h.Transaction] = o
			}
		}
		for _, t := range order {
			p.Report(heldFinding(p, id, t, worst[t]))
		}
	}
}

// outside is one thing that leaves the database.
type outside struct {
	held  flow.Held
	steps []flow.Step
	rank  int
	does  string // "sends mail", behind the name of what is called
	last  string // the note of the last step
}

// outsideOf says what a call in a transaction does outside the database; a queue
// that is kept in the database is none.
func outsideOf(p *check.Pass, id flow.ClauseID, h flow.Held) (outside, bool) {
	o := outside{held: h, steps: p.Flow.Path(id, h.To())}
	if !p.Flow.Feasible(p.Flow.Way(id, h.To())) {
		return o, false
	}
	switch h.Kind {
	case flow.Mail:
		o.rank, o.does, o.last = 0, "sends mail", "sends mail"
	case flow.HTTP:
		o.rank, o.does, o.last = 1, "calls another service", "calls another service"
	case flow.Enqueue:
		for _, k := range p.Flow.Does(final(o.steps).Extern) {
			if k.Database() {
				return o, false
			}
		}
		o.rank, o.does, o.last = 2, "puts work on a queue outside the database", "puts it on a queue"
	case flow.ProcCall:
		behind := p.Flow.Answers(id, h.To())
		if behind == nil {
			return o, false
		}
		o.rank, o.does, o.last = 3, "waits for a process that calls another service", ""
		o.steps = append(o.steps, behind...)
	default:
		ms, err := strconv.Atoi(p.Flow.Literal(id, h.To()))
		if err != nil || ms < longSleep {
			return o, false
		}
		o.rank, o.does, o.last = 4, "sleeps", "sleeps"
	}
	return o, true
}

func heldFinding(p *check.Pass, id flow.ClauseID, transaction ir.ExprID, o outside) check.Finding {
	r := p.Flow
	opens := r.Step(id, transaction)
	f := check.Finding{
		Level:   check.Info, // how long the other service takes, and what the transaction holds by then, decides what it costs
		Span:    r.Span(id, o.held.Expr),
		Symbol:  r.Symbol(id),
		Anchor:  opens.Callee + " " + final(o.steps).Callee,
		Message: heldMessage(o),
	}
	if f.Span.Len() == 0 {
		f.Span = r.Span(id, transaction)
	}
	if r.Locks(id, transaction) {
		f.Message += " If it is done under the lock on purpose, give it a short time limit."
	}
	if len(o.steps) > 1 {
		f.Confidence = check.Medium
	}
	f.Path = append(f.Path, check.Step{Span: opens.Span, Note: "`" + short(opens.Callee) + "` runs this inside a transaction"})
	f.Path = append(f.Path, calls(o.steps, o.last)...)
	f.Path = append(f.Path, arrival(r, id)...)
	return f
}

func heldMessage(o outside) string {
	m := "`" + short(final(o.steps).Callee) + "` " + o.does + " inside a transaction"
	switch o.held.Kind {
	case flow.Mail:
		return m + ": a rollback cannot take the mail back, and until it is sent the connection and its locks are held. Send it when the transaction has committed, or insert a job in it that does."
	case flow.Enqueue:
		return m + ": a rollback cannot take the work back, and it may start before the rows are there. Enqueue it when the transaction has committed."
	case flow.Sleep:
		return m + ": the connection and its locks are held for as long. Wait outside of it."
	}
	return m + ": the connection and its locks are held until it answers, and a rollback cannot undo what it did. Call it before or after the transaction, or insert a job in it that does."
}
