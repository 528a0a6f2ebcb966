package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// errorPair is `{:error, _}`.
func errorPair() ir.Alt { return ir.Alt{Kind: ir.AltTuple, Tag: "error", Arity: 2} }

func isErrorPair(a ir.Alt) bool { return a == errorPair() }

// heed asks for a call whose result nothing uses: for its failure to be returned
// where the function gives failures anyway, or to be answered where the write is
// what a request is for, or else to be logged.
func heed(p *check.Pass, id flow.ClauseID, call ir.ExprID, steps []flow.Step) []fix.Change {
	c := p.Flow.Code(id)
	if c.At(call).Op != ir.Call {
		return nil
	}
	var out []fix.Change
	success, plain := succeedsWith(p, c, call)
	write := len(steps) == 1 && slices.Contains(p.Flow.Does(steps[0].Extern), flow.Write)
	m := p.Flow.Model(steps[0].Extern)
	ask := fix.HandleFailure{Code: c, Expr: call, Success: success, Failure: errorPair(), Changeset: write && plain && m.Decides == "changeset"}
	switch {
	case plain && givesErrors(p, id) && onlyJob(p.Flow.Reached(id)):
		out = append(out, &fix.Only{Change: &ask, Question: "The job runs again when it is given the failure, and does once more what it did before: say whether it may."})
	case plain && givesErrors(p, id):
		out = append(out, &fix.Only{Change: &ask, Question: "It may be done by the way: say whether the function fails with it, or whether a line in the log is enough."})
	case plain && write && isAction(p, id) && atTop(c, p.Flow.Body(id), call):
		refuse := ask
		refuse.How, refuse.Status = fix.Refuse, 422
		out = append(out, &fix.Only{Change: &refuse, Question: "Whoever asks has had a success so far: say whether the clients of the action know the status and the words."})
	}
	log := ask
	log.How = fix.Log
	if isEvent(p, id) && slices.Contains(p.Flow.Does(final(steps).Extern), flow.Write) {
		return append(out, &fix.Only{Change: &log, Question: "A person waits for this to be stored: say what they shall see when it is not."})
	}
	if plain && givesErrors(p, id) || len(out) == 0 && p.Flow.Fails(id) {
		return append(out, &fix.Only{Change: &log, Question: "The function gives failures elsewhere: say whether this is one, or whether a line in the log is enough."})
	}
	if k := p.Flow.Reached(id); k.Has(ir.Request) || k.Has(ir.Socket) {
		return append(out, &fix.Only{Change: &log, Question: "Somebody waits for the answer: say what it shall be when this fails, or whether a line in the log is enough."})
	}
	return append(out, &fix.Only{Change: &log, Question: "It may be something that is let go on purpose: say whether a line in the log is enough, or who else has to learn of it."})
}

// leave says why a finding has no fix.
func leave(why string) []fix.Change { return []fix.Change{&fix.Decline{Why: why}} }

// isAction reports whether a clause is one that answers a request.
func isAction(p *check.Pass, id flow.ClauseID) bool {
	fn := p.Flow.Func(id)
	return slices.ContainsFunc(p.Program.Entries, func(e ir.Entry) bool {
		return e.Func == fn && fn != ir.No && takesConn(&e) && p.Program.Func(fn).Arity == 2
	})
}

// takesConn reports whether an entry is given a connection to answer on: a field of GraphQL, a call of
// gRPC and a view are not.
func takesConn(e *ir.Entry) bool {
	return e.Kind == ir.Request && !e.GraphQL() && e.Name != "gRPC handler" && e.Name != "view"
}

// isEvent reports whether a clause answers what somebody did on a page.
func isEvent(p *check.Pass, id flow.ClauseID) bool {
	fn := p.Flow.Func(id)
	return slices.ContainsFunc(p.Program.Entries, func(e ir.Entry) bool {
		return e.Func == fn && fn != ir.No && e.Kind == ir.Socket && p.Program.Func(fn).Name == "handle_event"
	})
}

// atTop reports whether an expression is one of the statements of a body itself.
func atTop(c *ir.Code, body, x ir.ExprID) bool {
	e := c.At(body)
	return e.Op == ir.Block && slices.Contains(c.List(e), x)
}

// answersFor reports whether what a function gives is what a clause gives.
func answersFor(p *check.Pass, id flow.ClauseID, fn ir.FuncID) bool {
	c := p.Flow.Code(id)
	found := false
	eachAnswer(c, p.Flow.Body(id), func(x ir.ExprID) {
		if e := c.At(x); e.Op == ir.Call {
			to, _ := p.Flow.Resolve(&c.Callees[e.A])
			found = found || to == fn
		}
	})
	return found
}

// eachAnswer calls f with what a body gives, one for each of its branches.
func eachAnswer(c *ir.Code, x ir.ExprID, f func(ir.ExprID)) {
	if x < 0 {
		return
	}
	e := c.At(x)
	switch e.Op {
	case ir.Block:
		if e.Lo < e.Hi {
			eachAnswer(c, c.Lists[e.Hi-1], f)
		}
	case ir.Branch:
		eachAnswer(c, ir.ExprID(e.B), f)
		eachAnswer(c, ir.ExprID(e.C), f)
	case ir.Case, ir.Receive, ir.With:
		if e.Op == ir.With {
			eachAnswer(c, ir.ExprID(e.A), f)
		}
		for _, a := range c.List(e) {
			if arm := c.At(a); arm.Op == ir.Arm {
				_, _, body := c.Parts(arm)
				eachAnswer(c, body, f)
			}
		}
	default:
		f(x)
	}
}

// retry asks for the failure of a step of a job to be returned, so that the queue
// tries again, unless the job told somebody outside of the program before.
func retry(p *check.Pass, id flow.ClauseID, call ir.ExprID) []fix.Change {
	c := p.Flow.Code(id)
	success, plain := succeedsWith(p, c, call)
	if tells(p, id, c.At(call).Start) {
		return leave("the job tells somebody outside of the program before this step, and would tell it again")
	}
	if !plain {
		success = ir.Alt{}
	}
	return []fix.Change{&fix.HandleFailure{Code: c, Expr: call, Success: success, Failure: errorPair(), Again: true}}
}

// tells reports whether a function asks or tells another service in front of a
// place: running it again does that again.
func tells(p *check.Pass, id flow.ClauseID, before int32) bool {
	c := p.Flow.Code(id)
	return slices.ContainsFunc(p.Flow.Facts(id), func(f flow.Fact) bool {
		return (f.Kind == flow.HTTP || f.Kind == flow.Mail) && f.Expr != ir.No && c.At(f.Expr).Start < before && c.At(f.Expr).End <= before
	})
}

// succeedsWith is the one form that a call has when it works, if all else that it
// gives is `{:error, _}`.
func succeedsWith(p *check.Pass, c *ir.Code, call ir.ExprID) (ir.Alt, bool) {
	ok := ir.Alt{Kind: ir.AltTuple, Tag: "ok", Arity: 2}
	e := c.At(call)
	if e.Op != ir.Call {
		return ok, false
	}
	fn, ext := p.Flow.Resolve(&c.Callees[e.A])
	if fn == ir.No {
		m := p.Flow.Model(ext)
		return ok, m != nil && m.Gives == "result" && !m.Transaction
	}
	alts, all := given(p, fn)
	if !all {
		alts = declared(p, fn)
	}
	var out []ir.Alt
	for _, a := range alts {
		if a.Tag != "error" && !slices.Contains(out, a) {
			out = append(out, a)
		} else if a.Tag == "error" && !isErrorPair(a) {
			return ok, false
		}
	}
	if len(out) != 1 || out[0] != ok && out[0] != (ir.Alt{Kind: ir.AltAtom, Tag: "ok"}) {
		return ok, false
	}
	return out[0], true
}

// given is what the clauses of a function give, and whether that is all.
func given(p *check.Pass, fn ir.FuncID) (alts []ir.Alt, all bool) {
	all = true
	lo, hi := p.Flow.Clauses(fn)
	for t := lo; t < hi; t++ {
		list, closed := p.Flow.Results(t)
		all = all && closed
		for i := range list {
			alts = append(alts, list[i].Alt)
		}
	}
	return alts, all
}

// declared is what a function is declared to give.
func declared(p *check.Pass, fn ir.FuncID) []ir.Alt {
	f := p.Program.Func(fn)
	var out []ir.Alt
	for _, s := range p.Program.Module(f.Module).Specs {
		if s.Name == f.Name && s.Arity == f.Arity {
			out = append(out, s.Gives...)
		}
	}
	return out
}

// givesErrors reports whether a function gives `{:error, _}` to its callers already,
// or is declared to.
func givesErrors(p *check.Pass, id flow.ClauseID) bool { return gives(p, id, errorPair()) }

// gives reports whether a function gives an alternative to its callers, or is
// declared to.
func gives(p *check.Pass, id flow.ClauseID, a ir.Alt) bool {
	fn := p.Flow.Func(id)
	if fn == ir.No {
		return false
	}
	alts, _ := given(p, fn)
	return slices.Contains(append(alts, declared(p, fn)...), a)
}

// answers are what has to be decided about each way to handle a failure that no code has
// handled yet.
var answers = map[fix.Handling]string{
	fix.PassOn: "What calls the function gets a failure that it has not had: say whether all that answers for it, an encoder or a fallback, can say this one.",
	fix.Refuse: "The clients of the action have had no such answer: say whether they know the status and the words.",
	fix.Tell:   "Say whether the words tell the person in front of the page what to do.",
	fix.Log:    "The work goes on after the failure: say whether a line in the log is enough, or who else has to learn of it.",
}

// accept asks for a failure to be handled that a match, a case or an else does not
// accept.
func accept(p *check.Pass, id flow.ClauseID, u flow.Unmatched, o flow.Origin) []fix.Change {
	if x, n := literalBranch(p, id, u, o); n > 0 {
		return []fix.Change{&fix.RepeatLiteral{Code: p.Flow.Code(id), Value: x, Size: n}}
	}
	if u.Told && eitherForm(p.Flow.Code(id), u) {
		return leave("a transaction fails in one of two forms, and the case accepts the other one: say which comes")
	}
	how, status, ok := handling(p, id, u, o)
	if !ok {
		return leave("the function answers no such failure, and whoever calls it would have to accept one: that is for a person to decide")
	}
	c := p.Flow.Code(id)
	if how == fix.PassOn && keptBack(p, id) {
		return leave("who calls the function accepts no failure of it yet: mend that first")
	}
	text, tuple := otherFailures(c, p.Flow.Body(id))
	if how == fix.PassOn && u.Alt.Inner == "" && (tuple || text && statusOf(p, u, o) != 502) {
		return leave("the other failures of the function are texts or tuples, and what this one shall say is for a person to decide")
	}
	var change fix.Change
	switch u.Where {
	case flow.AtMatch:
		change = &fix.HandleFailure{Code: c, Expr: u.Expr, Failure: u.Alt.Alt, Reason: reasonOf(p, id, u), Wrap: wraps(u, how), How: how, Others: others(p, id, u), Status: status}
	case flow.AtCase, flow.AtElse:
		change = &fix.AcceptFailure{Code: c, Expr: u.Expr, Failure: u.Alt.Alt, Reason: reasonOf(p, id, u), Wrap: wraps(u, how), How: how, Others: others(p, id, u), Status: status}
	default:
		return leave("whether the function takes the failure or its caller keeps it back is for a person to decide")
	}
	if page, failure := shows(c, p.Flow.Body(id)); (how == fix.Tell || how == fix.Refuse && page) && !failure {
		change = &fix.Only{Change: change, Question: "Say what the person in front of the page shall see when it fails."}
	} else if how == fix.PassOn && u.Where == flow.AtMatch && !entered(p, p.Flow.Func(id)) {
		change = &fix.Only{Change: change, Question: "Look at who calls the function: say whether all of them accept what it gives then."}
	} else {
		change = &fix.Only{Change: change, Question: answers[how]}
	}
	return []fix.Change{change}
}

// keptBack reports whether a call of a clause accepts no failure that it gives already.
func keptBack(p *check.Pass, id flow.ClauseID) bool {
	return slices.ContainsFunc(p.Flow.CallersOf(id), func(k flow.Caller) bool {
		return slices.ContainsFunc(p.Flow.Unmatched(k.Clause), func(u flow.Unmatched) bool { return u.Alt.Callee == id && failed(u.Alt) })
	})
}

// shows reports whether a body shows a page, and whether it shows an error, which says
// how the project does it.
func shows(c *ir.Code, body ir.ExprID) (page, failure bool) {
	c.Walk(body, func(x ir.ExprID) bool {
		e := c.At(x)
		if e.Op != ir.Call {
			return true
		}
		switch c.Callees[e.A].Name {
		case "put_flash":
			page = true
			failure = failure || slices.ContainsFunc(c.List(e), func(a ir.ExprID) bool { return c.At(a).Op == ir.Const && c.At(a).Str == "error" })
		case "redirect", "render":
			page = true
		}
		return true
	})
	return page, failure
}

// otherFailures says whether all failures that a body writes out are texts, or all are tuples.
func otherFailures(c *ir.Code, body ir.ExprID) (text, tuple bool) {
	texts, tuples, others := 0, 0, 0
	c.Walk(body, func(x ir.ExprID) bool {
		e := c.At(x)
		if e.Op != ir.Make || e.Sub != ir.MakeTuple || e.Hi-e.Lo != 2 || c.At(c.Lists[e.Lo]).Str != "error" {
			return true
		}
		switch v := c.At(c.Lists[e.Lo+1]); {
		case v.Op == ir.Const && v.Sub == ir.LitString, v.Op == ir.Make && v.Sub == ir.MakeString, v.Op == ir.Call && strings.HasSuffix(c.Callees[v.A].Name, "gettext"):
			texts++
		case v.Op == ir.Make && v.Sub == ir.MakeTuple:
			tuples++
			return false
		case v.Op == ir.Const, v.Op == ir.Use:
			others++
		}
		return true
	})
	return texts > 0 && tuples+others == 0, tuples > 0 && texts+others == 0
}

// literalBranch is the literal that one branch of a value gives, where the match
// takes a tuple of n variables apart as the others give it.
func literalBranch(p *check.Pass, id flow.ClauseID, u flow.Unmatched, o flow.Origin) (x ir.ExprID, n int) {
	c := p.Flow.Code(id)
	if u.Where != flow.AtMatch || u.Alt.Kind != ir.AltAtom || u.Alt.Tag != "false" && u.Alt.Tag != "nil" ||
		o.In != id || len(o.Steps) > 0 || o.Expr < 0 || c.At(o.Expr).Op != ir.Const {
		return ir.No, 0
	}
	pattern := c.At(ir.ExprID(c.At(u.Expr).A))
	if pattern.Op != ir.Make || pattern.Sub != ir.MakeTuple {
		return ir.No, 0
	}
	for _, e := range c.List(pattern) {
		if c.At(e).Op != ir.Bind {
			return ir.No, 0
		}
	}
	return o.Expr, int(pattern.Hi - pattern.Lo)
}

// others reports whether failures of other forms are not accepted at the same place.
func others(p *check.Pass, id flow.ClauseID, u flow.Unmatched) bool {
	return slices.ContainsFunc(p.Flow.Unmatched(id), func(o flow.Unmatched) bool {
		return o.Expr == u.Expr && failed(o.Alt) && o.Alt.Alt != u.Alt.Alt
	})
}

// handling is what becomes of a failure that is not accepted: the function gives it
// if it gives failures anyway, and what is called from outside answers it.
func handling(p *check.Pass, id flow.ClauseID, u flow.Unmatched, o flow.Origin) (how fix.Handling, status int, ok bool) {
	fn := p.Flow.Func(id)
	if fn == ir.No {
		return 0, 0, false
	}
	pair := isErrorPair(u.Alt.Alt)
	f := p.Program.Func(fn)
	for _, e := range p.Program.Entries {
		if e.Func != fn {
			continue
		}
		switch {
		case takesConn(&e) && f.Arity == 2 && u.Alt.Tag == "error" && u.Alt.Arity == 2 && fallsBack(p, id, u, o):
			return fix.PassOn, 0, true
		case takesConn(&e) && f.Arity == 2:
			return fix.Refuse, statusOf(p, u, o), true
		case e.Kind == ir.Socket && f.Name == "handle_event" && f.Arity == 3:
			return fix.Tell, 0, true
		case (e.Kind == ir.Process || e.Kind == ir.Socket) && (f.Name == "handle_info" || f.Name == "handle_cast") && f.Arity == 2:
			return fix.Keep, 0, true
		case e.Kind == ir.Job:
			return fix.PassOn, 0, pair
		}
	}
	bare := u.Alt.Alt == ir.Alt{Kind: ir.AltAtom, Tag: "error"} && !gives(p, id, u.Alt.Alt)
	return fix.PassOn, 0, (pair || bare) && givesErrors(p, id) && !givesLonger(p, fn)
}

// givesLonger reports whether a function gives failures of more than two elements,
// which are what its callers accept.
func givesLonger(p *check.Pass, fn ir.FuncID) bool {
	alts, _ := given(p, fn)
	return slices.ContainsFunc(alts, func(a ir.Alt) bool { return a.Kind == ir.AltTuple && a.Tag == "error" && a.Arity > 2 })
}

// wraps reports whether a failure that is given to a caller has to become a pair.
func wraps(u flow.Unmatched, how fix.Handling) bool {
	return how == fix.PassOn && u.Alt.Kind == ir.AltAtom
}

// reasonOf is the reason that a failure gives, if what fails gives no other.
func reasonOf(p *check.Pass, id flow.ClauseID, u flow.Unmatched) string {
	c := p.Flow.Code(id)
	if u.Alt.Inner == "" || u.Where != flow.AtMatch && u.Where != flow.AtCase || u.Value < 0 || c.At(u.Value).Op != ir.Call {
		return ""
	}
	fn, _ := p.Flow.Resolve(&c.Callees[c.At(u.Value).A])
	if fn == ir.No {
		return ""
	}
	lo, hi := p.Flow.Clauses(fn)
	for t := lo; t < hi; t++ {
		list, closed := p.Flow.Results(t)
		if !closed || slices.ContainsFunc(list, func(a flow.Alt) bool { return a.Tag == u.Alt.Tag && a.Inner != u.Alt.Inner }) {
			return ""
		}
	}
	return u.Alt.Inner
}

// namedStatus is the status that says the same as a reason, or 0.
func namedStatus(reason string) int {
	switch reason {
	case "unauthorized", "unauthenticated", "invalid_credentials":
		return 401
	case "forbidden", "not_allowed", "permission_denied":
		return 403
	case "not_found":
		return 404
	case "already_exists", "conflict":
		return 409
	case "timeout":
		return 504
	}
	return 0
}

// statusOf is the status that says what kind of failure it is.
func statusOf(p *check.Pass, u flow.Unmatched, o flow.Origin) int {
	if s := namedStatus(u.Alt.Inner); s != 0 {
		return s
	}
	status := 400
	if p.Flow.Made(o) && looksUp(p, o.In) {
		status = 404
	}
	for _, k := range p.Flow.Does(p.Flow.Extern(o)) {
		switch k {
		case flow.HTTP, flow.Mail:
			return 502
		case flow.Write:
			status = 422
		case flow.Query:
			status = 404
		}
	}
	if status == 400 && u.Alt.Taint == 0 && p.Flow.Asks(o) {
		return 502 // nothing that was sent has to do with it
	}
	return status
}

// looksUp reports whether a clause is of a function that finds rows, as its name says.
func looksUp(p *check.Pass, id flow.ClauseID) bool {
	fn := p.Flow.Func(id)
	if fn == ir.No {
		return false
	}
	word, _, _ := strings.Cut(p.Program.Func(fn).Name, "_")
	return slices.Contains([]string{"get", "fetch", "find", "lookup"}, word) &&
		slices.ContainsFunc(p.Flow.Facts(id), func(f flow.Fact) bool { return f.Kind == flow.Query })
}

// fallsBack reports whether a controller names another one that answers a failure
// in its place.
func fallsBack(p *check.Pass, id flow.ClauseID, u flow.Unmatched, o flow.Origin) bool {
	m := p.Program.Module(p.Program.Func(p.Flow.Func(id)).Module)
	found := false
	if m.Body == ir.No {
		return false
	}
	m.Code.Walk(m.Body, func(x ir.ExprID) bool {
		e := m.Code.At(x)
		if e.Op != ir.Call || e.Lo == e.Hi {
			return true
		}
		_, ext := p.Flow.Resolve(&m.Code.Callees[e.A])
		if model := p.Flow.Model(ext); model == nil || model.Expand != "phoenix_fallback" {
			return true
		}
		other := p.Program.ModuleNamed(m.Code.At(m.Code.Lists[e.Lo]).Str)
		found = found || other != nil && answersTo(p, other, u, statusOf(p, u, o) == 422)
		return true
	})
	return found
}

// answersTo reports whether a controller has a clause for a failure as an answer of
// another one.
func answersTo(p *check.Pass, m *ir.Module, u flow.Unmatched, write bool) bool {
	for _, id := range m.Funcs {
		f := p.Program.Func(id)
		if f.Name != "call" || f.Arity != 2 {
			continue
		}
		for _, cl := range f.Clauses {
			if takesFailure(f.Code, cl.Params[1], u.Alt, write) {
				return u.Alt.Inner != "" || !encodes(f.Code, cl.Params[1], cl.Body)
			}
		}
	}
	return false
}

// encodes reports whether a clause makes JSON of a variable of its pattern, which holds a struct
// that has no form in JSON: a changeset, or the exception of a service.
func encodes(c *ir.Code, pattern, body ir.ExprID) bool {
	bound := map[int32]bool{}
	c.Walk(pattern, func(x ir.ExprID) bool {
		if e := c.At(x); e.Op == ir.Bind {
			bound[e.A] = true
		}
		return true
	})
	found := false
	c.Walk(body, func(x ir.ExprID) bool {
		e := c.At(x)
		if e.Op != ir.Call || !slices.Contains([]string{"json", "encode", "encode!", "encode_to_iodata!"}, c.Callees[e.A].Name) {
			return !found
		}
		for _, a := range c.List(e) {
			c.Walk(a, func(y ir.ExprID) bool {
				k := c.At(y)
				if k.Op == ir.Call {
					return false // what a function makes of it may be text
				}
				found = found || k.Op == ir.Use && bound[k.A]
				return !found
			})
		}
		return !found
	})
	return found
}

func takesFailure(c *ir.Code, pattern ir.ExprID, a flow.Alt, write bool) bool {
	e := c.At(pattern)
	if e.Op == ir.Match {
		return takesFailure(c, ir.ExprID(e.A), a, write) || takesFailure(c, ir.ExprID(e.B), a, write)
	}
	if e.Op != ir.Make || e.Sub != ir.MakeTuple || e.Hi-e.Lo != 2 || c.At(c.Lists[e.Lo]).Str != a.Tag {
		return false
	}
	switch in := c.At(c.Lists[e.Lo+1]); {
	case in.Op == ir.Bind, in.Op == ir.Any:
		return true
	case in.Op == ir.Const:
		return in.Str == a.Inner
	case in.Op == ir.Make && in.Sub == ir.MakeStruct:
		return write && a.Inner == ""
	case in.Op == ir.Match:
		return write && a.Inner == ""
	}
	return false
}
