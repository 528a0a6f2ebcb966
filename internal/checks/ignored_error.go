package checks

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// maxFailureHops is how many calls may lie between the place that throws an
// error away and the call that fails: further away the two are not read together.
const maxFailureHops = 3

// ignoredError reports failures of writes, requests, mails and jobs that
// nothing looks at.
func ignoredError(p *check.Pass) {
	kinds := entryKinds(p.Program)
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if !p.Flow.InLib(id) || !p.Flow.Reached(id).Serves() {
			continue
		}
		fn := p.Flow.Func(id)
		if fn != ir.No && kinds[fn] == ir.Job && succeeds(p, id) {
			continue // what it loses is job-failure-swallowed
		}
		for _, d := range p.Flow.Discards(id) {
			discarded(p, id, d)
		}
		for _, l := range p.Flow.Losses(id) {
			lost(p, id, l)
		}
		if fn != ir.No && (kinds[fn] == ir.Socket || kinds[fn] == ir.Process) {
			carriedOn(p, id, kinds[fn])
		}
	}
}

// saidValid reports whether a clause gets to an expression only where a changeset says that it is
// valid: little is left then that a write can refuse.
func saidValid(p *check.Pass, id flow.ClauseID, x ir.ExprID) bool {
	c := p.Flow.Code(id)
	return slices.ContainsFunc(pathTo(c, p.Flow.Body(id), x), func(y ir.ExprID) bool {
		e := c.At(y)
		return e.Op == ir.Branch && e.Sub == ir.BranchIf && e.B != ir.No && inside(c, ir.ExprID(e.B), x) && c.At(ir.ExprID(e.A)).Op == ir.Get && c.At(ir.ExprID(e.A)).Str == "valid?"
	})
}

// discreet is how an answer says nothing of whether somebody has an account.
var discreet = regexp.MustCompile(`(?i)^if (an?|any|the|that|this|your|you|there)\b.*\b(account|address|email|e-mail|exists?|registered|system|user)\b`)

// hidesWhether reports whether a clause answers in words that hide whether an account is there.
func hidesWhether(p *check.Pass, id flow.ClauseID) bool {
	c := p.Flow.Code(id)
	return anyIn(c, p.Flow.Body(id), func(x ir.ExprID) bool {
		e := c.At(x)
		return e.Op == ir.Const && e.Sub == ir.LitString && discreet.MatchString(e.Str)
	})
}

// entryKinds are the kinds of entry that functions are.
func entryKinds(p *ir.Program) []ir.EntryKind {
	kinds := make([]ir.EntryKind, len(p.Funcs))
	for _, e := range p.Entries {
		if e.Func != ir.No {
			kinds[e.Func] = e.Kind
		}
	}
	return kinds
}

func discarded(p *check.Pass, id flow.ClauseID, d flow.Discard) {
	steps := p.Flow.FailurePath(id, d.From())
	if len(steps) > maxFailureHops || p.Flow.SpelledOut(id, d.From()) || p.Flow.ReadBack(id, d.Expr) {
		return
	}
	what := failure(p, final(steps))
	advice := "Match the result and act on the error, or let it crash."
	if onlyJob(p.Flow.Reached(id)) {
		advice = "Log the error, or return it where the job may safely run again."
	}
	f := failureFinding(p, id, steps)
	matters := !p.Flow.WhileFailing(id, d.Expr) && !enqueues(p, final(steps)) && !littleLost(p, id, d, what) && !notices(steps, what)
	hops := len(p.Flow.EntryPath(id))
	said := success(p, id)
	e := p.Flow.ReachedBy(id)
	if !matters || said.Len() == 0 || e != nil && e.Kind == ir.Socket || hops > 1 || hops > 0 && what == "the delivery" || notes(p, id, d) || administers(p, id) || saidValid(p, id, d.Expr) || hidesWhether(p, id) {
		// The failure that matters is dealt with here, or there hardly is one: a job
		// is refused only for arguments that the program itself made. Where nobody is
		// told that it worked, or far from where somebody is, what failed may have been done
		// by the way. A page goes on and shows what there is, and an answer that is to hide who
		// has an account is the same whatever happens.
		f.Level = check.Info
	} else {
		f.Path = slices.Insert(f.Path, len(steps), check.Step{Span: said, Note: "whoever waits is told that it worked"})
	}
	f.Message = "The result of `" + short(steps[0].Callee) + "` is thrown away: when " + what + " fails, nobody learns of it and the caller carries on. " + advice
	if matters {
		f.Changes = heed(p, id, d.Expr, steps)
	}
	p.Report(f)
}

// maxToldHops is how many calls above what fails the success is looked for that a
// client is told of.
const maxToldHops = 3

// success is where a clause, or one that calls it for a client, says that what was
// asked for is done, or goes on to another page as after success.
func success(p *check.Pass, id flow.ClauseID) source.Span {
	for range maxToldHops + 1 {
		c := p.Flow.Code(id)
		var at source.Span
		c.Walk(p.Flow.Body(id), func(x ir.ExprID) bool {
			if e := c.At(x); e.Op == ir.Call && at.Len() == 0 && saysDone(c, e) {
				at = c.Span(x)
			}
			return at.Len() == 0
		})
		if at.Len() > 0 {
			return at
		}
		if id, _ = p.Flow.From(id); id == ir.No {
			break
		}
	}
	return source.Span{}
}

// saysDone reports whether a call tells a client that something worked.
func saysDone(c *ir.Code, e *ir.Expr) bool {
	switch c.Callees[e.A].Name {
	case "push_navigate", "push_redirect", "redirect":
		return true
	case "json":
		args := c.List(e)
		return len(args) == 2 && (writtenAnswer(c, args[1]) || saysOK(c, args[1]))
	case "send_resp":
		args := c.List(e)
		return len(args) == 3 && slices.Contains([]string{"no_content", "204"}, c.At(args[1]).Str)
	case "put_flash":
		return slices.ContainsFunc(c.List(e), func(a ir.ExprID) bool {
			k := c.At(a)
			return k.Op == ir.Const && k.Sub == ir.LitAtom && (k.Str == "info" || k.Str == "success")
		})
	}
	return false
}

// saysOK reports whether an answer is an object that says so in a field of its own: `ok: true`.
func saysOK(c *ir.Code, x ir.ExprID) bool {
	e := c.At(x)
	if e.Op != ir.Make || e.Sub != ir.MakeMap {
		return false
	}
	list := c.List(e)
	for i := 0; i+1 < len(list); i += 2 {
		if k := c.At(list[i]).Str; (k == "ok" || k == "success") && c.At(list[i+1]).Op == ir.Const && c.At(list[i+1]).Str == "true" {
			return true
		}
	}
	return false
}

// writtenAnswer reports whether an answer is an object that is the same each time, and tells of no
// failure.
func writtenAnswer(c *ir.Code, x ir.ExprID) bool {
	same := c.At(x).Op == ir.Make
	c.Walk(x, func(at ir.ExprID) bool {
		e := c.At(at)
		same = same && (e.Op == ir.Make || e.Op == ir.Const && e.Str != "error" && e.Str != "errors")
		return same
	})
	return same
}

// littleLost reports whether little is lost with a failure: only a value of the wrong
// type makes it, the callee logs it, a request only asks, the write is by the way where
// somebody only reads or holds nothing of what a client sent, a process that nobody
// waits for sends a mail, or one is sent where the answer must not tell.
func littleLost(p *check.Pass, id flow.ClauseID, d flow.Discard, what string) bool {
	if p.Flow.OnlyCasts(id, d.From()) || p.Flow.Logged(d.From()) {
		return true
	}
	k := p.Flow.Reached(id)
	waited := k.Has(ir.Request) || k.Has(ir.Socket)
	switch what {
	case "the delivery":
		return !waited || sameAnswer(p, id, d.Expr)
	case "the request":
		return asksOnly(p, id, d) || takesAway(p, id, d) || afterWrite(p, id, d.Expr)
	case "the write":
		return alwaysIgnored(p, d) || onlyShows(p, id) || waited && !p.Flow.Carries(id, d.Expr) || writtenOut(p, id, d) || linksAgain(p, id, d)
	}
	return false
}

// afterWrite reports whether an expression stands where a case or a `with` has taken what a write gave:
// what was asked for is done, and what follows lets another service know.
func afterWrite(p *check.Pass, id flow.ClauseID, x ir.ExprID) bool {
	c := p.Flow.Code(id)
	writes := func(y ir.ExprID) bool {
		return anyIn(c, y, func(z ir.ExprID) bool {
			if c.At(z).Op != ir.Call {
				return false
			}
			_, ok := p.Flow.Writes(id, z)
			return ok
		})
	}
	around := pathTo(c, p.Flow.Body(id), x)
	for i := 1; i < len(around); i++ {
		e, part := c.At(around[i]), around[i-1]
		switch {
		case e.Op == ir.Case && part != ir.ExprID(e.A) && writes(ir.ExprID(e.A)):
			return true
		case e.Op == ir.With && part == ir.ExprID(e.A) && slices.ContainsFunc(c.List(e), func(s ir.ExprID) bool { return c.At(s).Op == ir.Match && writes(ir.ExprID(c.At(s).B)) }):
			return true
		}
	}
	return false
}

// notes reports whether what is thrown away is that something was noted: who does so goes on
// without the note.
func notes(p *check.Pass, id flow.ClauseID, d flow.Discard) bool {
	noted := func(name string) bool {
		words := strings.Split(name, "_")
		return slices.ContainsFunc([]string{words[0], words[len(words)-1]}, func(w string) bool {
			return slices.Contains([]string{"audit", "audits", "log", "logs"}, w)
		})
	}
	to := d.From().Callee
	if to != ir.No {
		if fn := p.Flow.Func(to); fn != ir.No && noted(firstWord(p.Program.Func(fn).Name)) {
			return true
		}
	}
	return slices.ContainsFunc(discardedAccesses(p, id, d), func(a *query.Access) bool {
		t := a.Query.Root().Table
		return a.Op == "insert" && t != nil && noted(t.Name)
	})
}

// notices reports whether functions on the way to what fails say that it only counts what somebody does
// or, where it is a mail or a request, that it lets others know of something that is done.
func notices(steps []flow.Step, what string) bool {
	words := []string{"analytics", "metrics", "telemetry", "track", "tracker", "tracking"}
	if what != "the write" {
		words = append(words, "alert", "notice", "notification", "notifier", "notify")
	}
	if what == "the request" {
		words = append(words, "webhook")
	}
	return slices.ContainsFunc(steps, func(s flow.Step) bool {
		return slices.ContainsFunc(strings.FieldsFunc(ir.Underscore(s.Callee), func(r rune) bool { return r == '_' || r == '.' || r == '/' }), func(w string) bool {
			return slices.Contains(words, w)
		}) || what == "the delivery" && ofNotices(s.Callee)
	})
}

// ofNotices reports whether a function of a module of notices sends one that nobody waits for: no code,
// link or invitation, without which they cannot go on.
func ofNotices(callee string) bool {
	module, name, _ := strings.Cut(short(callee), ".")
	return slices.Contains([]string{"Alerts", "Notices", "Notifications"}, module) &&
		!slices.ContainsFunc(strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '/' }), func(w string) bool {
			return slices.Contains([]string{"code", "confirm", "confirmation", "instructions", "invitation", "invite", "link", "login", "magic", "otp", "password", "pin", "recovery", "reset", "token", "verification", "verify"}, w)
		})
}

// enoughCalls is how many calls of a function show what a program does with its result.
const enoughCalls = 4

// alwaysIgnored reports whether most calls of a function of the program throw its result
// away, as those do that write a log into the database.
func alwaysIgnored(p *check.Pass, d flow.Discard) bool {
	to := d.From().Callee
	if to == ir.No {
		return false
	}
	all, ignored := 0, 0
	for _, k := range p.Flow.CallersOf(to) {
		if e := p.Flow.Code(k.Clause).At(k.Expr); e.Op == ir.Call && p.Flow.InLib(k.Clause) {
			all++
			if e.Flags&ir.FlagDiscard != 0 {
				ignored++
			}
		}
	}
	return all >= enoughCalls && ignored*3 >= all*2
}

// writtenOut reports whether a write stores nothing that a client sent, where it changes a
// row, or nothing of it that there are rules for, where it makes one: what the program makes
// itself passes them.
func writtenOut(p *check.Pass, id flow.ClauseID, d flow.Discard) bool {
	all := discardedAccesses(p, id, d)
	calls := p.Flow.FailingCalls(id, d.From())
	return len(all) > 0 && !slices.ContainsFunc(all, func(a *query.Access) bool {
		return a.Op != "update" && a.Op != "insert" || a.Query.OpenSteps || slices.ContainsFunc(a.Given, func(g query.Given) bool {
			return (a.Op == "update" || ruled(a, g.Field)) && p.Queries.FromClientBy(calls, a.Clause, &g) != nil
		})
	})
}

// ruled reports whether a changeset may refuse a field's value.
func ruled(a *query.Access, field string) bool {
	return slices.ContainsFunc(a.Query.Steps, func(s query.Step) bool {
		rule := s.Kind == query.Checked || s.Kind == query.Required || s.Kind == query.Asked || s.Kind == query.Declared
		return rule && (s.Open || slices.Contains(s.Fields, field))
	})
}

// discardedAccesses are what the call whose result is thrown away does to the database.
func discardedAccesses(p *check.Pass, id flow.ClauseID, d flow.Discard) []*query.Access {
	in, x := p.Flow.FailingCall(id, d.From())
	if x == ir.No {
		return nil
	}
	return p.Queries.At(in, x)
}

// linksAgain reports whether an insert only links rows to each other and is refused only
// where the link is there already, which is what was asked for; or whether it takes the
// place of the row that is there, and is refused only values of a wrong type.
func linksAgain(p *check.Pass, id flow.ClauseID, d flow.Discard) bool {
	all := discardedAccesses(p, id, d)
	return len(all) > 0 && !slices.ContainsFunc(all, func(a *query.Access) bool {
		t := a.Query.Root().Table
		if a.Op != "insert" || t == nil || a.Query.OpenSteps || len(a.Given) == 0 {
			return true
		}
		if a.Settles && !slices.ContainsFunc(a.Query.Steps, func(s query.Step) bool { return s.Kind == query.Checked || s.Kind == query.Asked }) {
			return false
		}
		// What is written out passes the rules for it.
		var written []string
		for i := range a.Given {
			switch g := &a.Given[i]; {
			case g.Origin == query.Origin{Fixed: true}:
				written = append(written, g.Field)
			case !isKey(t, g.Column):
				return true
			}
		}
		unique := false
		for i := range a.Query.Steps {
			s := &a.Query.Steps[i]
			unique = unique || s.Kind == query.Declared && s.Constraint == query.Unique
			if s.Kind == query.Asked || s.Kind == query.Declared && s.Constraint > query.ForeignKey ||
				s.Kind == query.Checked && (s.Open || slices.ContainsFunc(s.Fields, func(f string) bool { return !slices.Contains(written, f) })) {
				return true
			}
		}
		return !unique
	})
}

// sameAnswer reports whether a call is made where something is found and the answer is
// the same where it is not, so that nobody learns from it which accounts there are.
func sameAnswer(p *check.Pass, id flow.ClauseID, x ir.ExprID) bool {
	c := p.Flow.Code(id)
	found := false
	c.Walk(p.Flow.Body(id), func(at ir.ExprID) bool {
		e := c.At(at)
		if e.Op == ir.Branch && e.Sub == ir.BranchIf && (e.C == ir.No || c.At(ir.ExprID(e.C)).Sub == ir.LitNil && c.At(ir.ExprID(e.C)).Op == ir.Const) && e.B != ir.No {
			found = found || finds(p, id, ir.ExprID(e.A)) && inside(c, ir.ExprID(e.B), x)
		}
		return !found
	})
	return found
}

// finds reports whether a condition is what a function of the project finds, bound
// there or before.
func finds(p *check.Pass, id flow.ClauseID, cond ir.ExprID) bool {
	c := p.Flow.Code(id)
	asks := func(root ir.ExprID) bool {
		found := false
		c.Walk(root, func(x ir.ExprID) bool {
			e := c.At(x)
			found = found || e.Op == ir.Call && (c.Callees[e.A].Func != ir.No || findsRow(p, id, x))
			return !found
		})
		return found
	}
	if e := c.At(cond); e.Op == ir.Use && e.A >= 0 {
		v, pattern := c.Given(ir.VarID(e.A))
		return v != ir.No && !pattern && asks(v)
	}
	return asks(cond)
}

// asksOnly reports whether a request changes nothing where it arrives, and nobody
// reads the answer: it tells the other side that this one is alive.
func asksOnly(p *check.Pass, id flow.ClauseID, d flow.Discard) bool {
	ext := final(p.Flow.FailurePath(id, d.From())).Extern
	return ext != ir.No && slices.Contains([]string{"get", "head"}, strings.TrimSuffix(p.Program.Externs[ext].Name, "!"))
}

// takesAway reports whether what is thrown away is that something was removed from another service,
// by the way: it stays there, and is in nobody's way.
func takesAway(p *check.Pass, id flow.ClauseID, d flow.Discard) bool {
	removes := func(name string) bool { return slices.Contains([]string{"delete", "purge", "remove"}, firstWord(name)) }
	if fn := p.Flow.Func(id); fn != ir.No && removes(p.Program.Func(fn).Name) {
		return false // that is what it is for
	}
	c, found := p.Flow.Code(id), false
	c.Walk(d.Expr, func(x ir.ExprID) bool {
		e := c.At(x)
		found = found || e.Op == ir.Call && removes(c.Callees[e.A].Name)
		return !found
	})
	return found
}

// onlyShows reports whether the nearest entry only shows something.
func onlyShows(p *check.Pass, id flow.ClauseID) bool {
	e := p.Flow.ReachedBy(id)
	if e == nil || e.Func == ir.No || e.Kind != ir.Request && e.Kind != ir.Socket {
		return false
	}
	switch p.Program.Func(e.Func).Name {
	case "index", "show", "edit", "new", "mount", "handle_params", "render":
		return true
	}
	return false
}

// lost reports a result that is thrown away though it tells of a failure that
// the callee has seen.
func lost(p *check.Pass, id flow.ClauseID, l flow.Loss) {
	o := p.Flow.Origin(id, l.Alt)
	if l.Arm || len(o.Steps) == 0 || len(o.Steps) > maxFailureHops || !p.Flow.Effects(o) || p.Flow.ReadBack(id, l.Expr) || p.Flow.WhileFailing(id, l.Expr) {
		return
	}
	f := failureFinding(p, id, o.Steps)
	f.Level = check.Info // the callee has seen the failure, and most log it
	f.Path = append(alternative(p, o, l.Alt), arrival(p.Flow, id)...)
	f.Message = "The result of `" + short(o.Steps[0].Callee) + "` is thrown away: it gives `" + l.Alt.String() + "` when it fails, and nobody looks. Match the result and act on the error, or let it crash."
	p.Report(f)
}

func failureFinding(p *check.Pass, id flow.ClauseID, steps []flow.Step) check.Finding {
	f := check.Finding{
		Level:  check.Warning,
		Span:   steps[0].Span,
		Symbol: p.Flow.Symbol(id),
		Anchor: steps[0].Callee + " " + final(steps).Callee,
		CWE:    "CWE-252",
	}
	if len(steps) > 1 {
		f.Confidence = check.Medium
	}
	f.Path = calls(steps, "can give {:error, _}")
	f.Path = append(f.Path, arrival(p.Flow, id)...)
	return f
}

// failure says what it is that fails.
func failure(p *check.Pass, s flow.Step) string {
	what := "it"
	for _, k := range p.Flow.Does(s.Extern) {
		switch k {
		case flow.Write:
			what = "the write"
		case flow.HTTP:
			what = "the request"
		case flow.Mail:
			what = "the delivery"
		case flow.Enqueue:
			what = "the enqueueing"
		}
	}
	return what
}

// enqueues reports whether a call puts a job on a queue.
func enqueues(p *check.Pass, s flow.Step) bool {
	return slices.Contains(p.Flow.Does(s.Extern), flow.Enqueue)
}

// onlyJob reports whether jobs are all that gets there.
func onlyJob(k flow.Kinds) bool {
	return k.Has(ir.Job) && !k.Has(ir.Request) && !k.Has(ir.Socket) && !k.Has(ir.Process)
}

// carriedOn reports the failures that a callback answers with success. Whoever tells of one tells
// of all that the callback is silent about.
func carriedOn(p *check.Pass, id flow.ClauseID, kind ir.EntryKind) {
	var list []check.Finding
	var changes []fix.Change
	for _, s := range p.Flow.Swallows(id) {
		if f, ok := swallowed(p, id, s, kind); ok {
			list, changes = append(list, f), append(changes, f.Changes...)
		}
	}
	for _, f := range list {
		if len(f.Changes) > 0 && len(changes) > 1 {
			f.Changes = append(together(changes...), f.Changes...)
		}
		p.Report(f)
	}
}

// swallowed is what is wrong with a callback that answers a failure with success, if anything.
func swallowed(p *check.Pass, id flow.ClauseID, s flow.Swallow, kind ir.EntryKind) (check.Finding, bool) {
	if !s.Silent || !s.Reply || telling(p.Flow.Code(id), s.Arm) {
		return check.Finding{}, false
	}
	pattern, _, _ := p.Flow.Code(id).Parts(p.Flow.Code(id).At(s.Arm))
	if slices.ContainsFunc(p.Flow.Unmatched(id), func(u flow.Unmatched) bool { return u.Wrong != ir.No && slices.Contains(pattern, u.Wrong) }) {
		return check.Finding{}, false // the failure never gets there, which is wrong-result-arity
	}
	steps := p.Flow.FailurePath(id, s.From())
	if len(steps) > maxFailureHops {
		return check.Finding{}, false
	}
	f := failureFinding(p, id, steps)
	f.Level = check.Info // whoever asked sees that nothing has changed
	f.Span = p.Flow.Code(id).Span(s.Arm)
	f.Path = append([]check.Step{{Span: f.Span, Note: "the error is answered as if nothing had failed"}}, f.Path...)
	f.Message = "The callback carries on as if `" + short(steps[0].Callee) + "` had worked: nobody learns of the failure. Tell the client, or let it crash."
	if kind == ir.Socket {
		f.Changes = asking([]fix.Change{&fix.AnswerFailure{Code: p.Flow.Code(id), Arm: s.Arm, How: fix.Tell, Call: withoutArity(short(steps[0].Callee))}},
			"Say whether the page shows it, and whether the words tell the person what to do.")
	}
	return f, true
}

// telling reports whether the answer of an arm that accepts an error says so.
func telling(c *ir.Code, arm ir.ExprID) bool {
	_, _, body := c.Parts(c.At(arm))
	tells := calling(c, body)
	c.Walk(body, func(x ir.ExprID) bool {
		e := c.At(x)
		switch {
		case e.Op == ir.Const && e.Str == "error":
			tells = true
		case e.Op == ir.Use && e.A >= 0:
			at := c.Vars[e.A].At
			tells = tells || at != ir.No && c.Span(arm).Contains(c.Span(at))
		}
		return !tells
	})
	return tells
}

// calling reports whether an arm calls anything.
func calling(c *ir.Code, arm ir.ExprID) bool {
	found := false
	c.Walk(arm, func(x ir.ExprID) bool {
		switch c.At(x).Op {
		case ir.Call, ir.Invoke, ir.Send, ir.Update, ir.Raise:
			found = true
		}
		return !found
	})
	return found
}
