package checks

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// jobFailureSwallowed reports jobs that succeed although a step of theirs failed,
// so that the queue never tries them again.
func jobFailureSwallowed(p *check.Pass) {
	kinds := entryKinds(p.Program)
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		fn := p.Flow.Func(id)
		if fn == ir.No || kinds[fn] != ir.Job || !p.Flow.InLib(id) || !succeeds(p, id) {
			continue
		}
		j := job{Pass: p, id: id, seen: map[source.Span]bool{}}
		for _, d := range p.Flow.Discards(id) {
			j.changes = retry(p, id, d.Expr)
			j.lost(id, p.Flow.Span(id, d.Expr), d.From(), "its result is thrown away here")
		}
		j.ends(id, true)
		for _, to := range p.Flow.Own(id) {
			j.ends(to, false)
		}
	}
}

// succeeds reports whether all that a job can answer counts as success.
func succeeds(p *check.Pass, id flow.ClauseID) bool {
	alts, all := p.Flow.Results(id)
	for i := range alts {
		switch alts[i].Tag {
		case "error", "cancel", "discard", "snooze":
			return false
		}
	}
	return all || p.Flow.EndsWell(id)
}

// job is a job whose failures are looked for; seen are the places that were
// reported, changes what to ask for at the next.
type job struct {
	*check.Pass
	id      flow.ClauseID
	seen    map[source.Span]bool
	changes []fix.Change
}

// ends reports the clauses of a function that take an error and answer nothing of
// it, and of the job itself what it throws away.
func (j *job) ends(in flow.ClauseID, thrown bool) {
	for _, s := range j.Flow.Swallows(in) {
		if !s.Acts && !s.Reply {
			j.changes = j.give(in, s.Arm)
			j.lost(in, j.Flow.Code(in).Span(s.Arm), s.From(), "the error ends here")
		}
	}
	for _, l := range j.Flow.Losses(in) {
		if l.Arm || thrown {
			j.changes = retry(j.Pass, in, l.Expr)
			if l.Arm {
				j.changes = j.give(in, l.Expr)
			}
			j.reshaped(in, l)
		}
	}
}

// give asks for a clause to answer the failure that it takes, if what its function
// answers is what the job answers.
func (j *job) give(in flow.ClauseID, arm ir.ExprID) []fix.Change {
	if in != j.id && !answersFor(j.Pass, j.id, j.Flow.Func(in)) {
		return leave("the job does not answer what this function gives")
	}
	return []fix.Change{&fix.AnswerFailure{Code: j.Flow.Code(in), Arm: arm}}
}

// reshaped reports a failure that a function has seen and answered, and that ends
// all the same.
func (j *job) reshaped(in flow.ClauseID, l flow.Loss) {
	o := j.Flow.Origin(in, l.Alt)
	if len(o.Steps) == 0 || len(o.Steps) > maxFailureHops || !j.Flow.Effects(o) || j.Flow.WhileFailing(in, l.Expr) {
		return
	}
	f := failureFinding(j.Pass, in, o.Steps)
	if !remote(j.Pass, final(o.Steps).Extern) {
		f.Level = check.Info
	}
	f.Span = j.Flow.Span(in, l.Expr)
	f.Path = append([]check.Step{{Span: f.Span, Note: "the failure ends here"}}, alternative(j.Pass, o, l.Alt)...)
	j.report(f, o.Steps[0].Callee)
}

// lost reports a failure that is lost at a place of the job, or of a function of
// its module.
func (j *job) lost(in flow.ClauseID, at source.Span, from flow.Failing, note string) {
	steps := j.Flow.FailurePath(in, from)
	if len(steps) > maxFailureHops || j.Flow.SpelledOut(in, from) || j.Flow.WhileFailing(in, from.Expr) {
		return
	}
	f := failureFinding(j.Pass, in, steps)
	f.Span = at
	f.Path = append([]check.Step{{Span: at, Note: note}}, calls(steps, "can give {:error, _}")...)
	if !remote(j.Pass, final(steps).Extern) {
		f.Level = check.Info // a row or a job that is refused once is refused again
	}
	j.report(f, steps[0].Callee)
}

func (j *job) report(f check.Finding, callee string) {
	if j.seen[f.Span] {
		return
	}
	j.seen[f.Span] = true
	once := j.once()
	if j.sweeps() || !j.alone() || j.scheduled() || once {
		// The next run finds again what this one left; what else it did would be done
		// twice; and what is tried once alone is not tried again for an error.
		f.Level = check.Info
	}
	f.Message = "The job answers :ok when `" + short(callee) + "` fails: it counts as done and is never tried again. Return the error."
	f.Path = append(f.Path, check.Step{Span: j.Flow.Head(j.id), Note: "the job answers :ok all the same"})
	f.Changes = j.changes
	switch file := j.Flow.Code(j.id).File; {
	case once:
		f.Changes = asking(f.Changes, "The job is tried once: say how often it shall be, or who else shall learn of the failure.")
	case f.Level == check.Info:
		f.Changes = asking(f.Changes, "What the program itself refuses it refuses again: say which failures shall be tried again.")
	case commented(file.Slice(f.Span)):
		f.Changes = asking(f.Changes, "A comment there says what the failure comes to: say whether that still holds.")
	}
	j.Report(f)
}

// onlyOnce is what tells Oban to run a job once, whatever it answers.
var onlyOnce = regexp.MustCompile(`max_attempts: 1\b`)

// once reports whether the queue tries a job once alone, as its module says or a module of the
// project that its own uses.
func (j *job) once() bool {
	says := func(m *ir.Module) bool {
		return onlyOnce.MatchString(j.Program.Files.File(m.Span.File).Text[m.Span.Start:m.Span.End])
	}
	own := j.Program.Module(j.Flow.Module(j.id))
	return says(own) || slices.ContainsFunc(own.Uses, func(u ir.UsedModule) bool {
		m := j.Program.ModuleNamed(u.Name)
		return m != nil && says(m)
	})
}

// commented reports whether a piece of code holds a line that is a comment.
func commented(text string) bool {
	return slices.ContainsFunc(strings.Split(text, "\n"), func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "#") })
}

// alone reports whether a job does one thing that changes something.
func (j *job) alone() bool {
	n := 0
	for _, f := range j.Flow.Facts(j.id) {
		switch f.Kind {
		case flow.Write, flow.HTTP, flow.Mail, flow.Enqueue:
			n++
		}
	}
	return n < 2
}

// remote reports whether a library's function asks another service, which may answer the
// next time.
func remote(p *check.Pass, e ir.ExternID) bool {
	return slices.ContainsFunc(p.Flow.Does(e), func(k flow.Kind) bool { return k == flow.HTTP || k == flow.Mail })
}

// scheduled reports whether a job is one of a clock's, which does not look at the answer.
func (j *job) scheduled() bool {
	return !slices.ContainsFunc(j.Program.Module(j.Flow.Module(j.id)).Behaves, func(b string) bool { return strings.Contains(b, "Worker") })
}

// sweeps reports whether a job takes nothing: it runs by the clock, and goes over
// whatever there is.
func (j *job) sweeps() bool {
	fn := j.Program.Func(j.Flow.Func(j.id))
	lo, _ := j.Flow.Clauses(fn.ID)
	takes := false
	for _, param := range fn.Clauses[j.id-lo].Params {
		fn.Code.Walk(param, func(x ir.ExprID) bool {
			e := fn.Code.At(x)
			takes = takes || e.Op == ir.Bind && !strings.HasPrefix(e.Str, "_")
			return !takes
		})
	}
	return !takes
}
