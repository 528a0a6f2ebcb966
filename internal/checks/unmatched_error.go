package checks

import (
	"math"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// unmatchedError reports results that the code which receives them does not
// accept, so that a failure that was to be expected becomes a crash.
func unmatchedError(p *check.Pass) {
	habit := asserted(p)
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if !p.Flow.InLib(id) || !p.Flow.Reached(id).Serves() || starts(p, id) {
			continue
		}
		best, known := map[ir.ExprID]check.Finding{}, map[ir.ExprID]bool{}
		var order []ir.ExprID
		for _, u := range p.Flow.Unmatched(id) {
			f, ok := unmatched(p, id, u)
			if !ok || u.Wrong != ir.No || u.Rescued || !p.Flow.Exposed(id) || p.Flow.Weighed(id, u) {
				continue
			}
			if f.Level != check.Info && (habit[giver(p, id, u)] >= customary(p, id, u) || spawned(p, id, u.Expr) || takesExits(p, id, u.Expr)) {
				f.Level = check.Info // it is let crash here as elsewhere, in a process that nobody waits for, or in one whose exit a page takes
			}
			old, there := best[u.Expr]
			if !there {
				order = append(order, u.Expr)
			}
			foreign := fromOutside(p, id, u)
			if !there || foreign && !known[u.Expr] || foreign == known[u.Expr] && f.Level < old.Level {
				best[u.Expr], known[u.Expr] = f, foreign
			}
		}
		for _, x := range order {
			p.Report(best[x])
		}
	}
}

// spawned reports whether an expression of a clause runs in a process of its own that is linked to
// no other.
func spawned(p *check.Pass, id flow.ClauseID, x ir.ExprID) bool {
	c, found := p.Flow.Code(id), false
	c.Walk(p.Flow.Body(id), func(y ir.ExprID) bool {
		m := p.Flow.ModelAt(c, y)
		found = found || m != nil && m.Async && m.Starts == "unlinked" && inside(c, y, x)
		return !found
	})
	return found
}

// takesExits reports whether an expression of a clause runs in what a page has `start_async` start, and
// a clause of its `handle_async` takes the exit.
func takesExits(p *check.Pass, id flow.ClauseID, x ir.ExprID) bool {
	for hops := 0; id != ir.No && hops <= maxEntryHops; hops++ {
		c, m := p.Flow.Code(id), p.Flow.Module(id)
		started := anyIn(c, p.Flow.Body(id), func(y ir.ExprID) bool {
			e := c.At(y)
			return e.Op == ir.Call && c.Callees[e.A].Name == "start_async" && e.Lo < e.Hi && inside(c, y, x)
		})
		if started && m != ir.No {
			h := p.Program.FuncNamed(m, "handle_async", 3)
			return h != nil && slices.ContainsFunc(h.Clauses, func(k ir.Clause) bool { return takesExit(h.Code, k.Params[1]) })
		}
		id, x = p.Flow.From(id)
	}
	return false
}

func takesExit(c *ir.Code, pattern ir.ExprID) bool {
	e := c.At(pattern)
	return e.Op == ir.Bind || e.Op == ir.Any || e.Op == ir.Make && e.Sub == ir.MakeTuple && e.Lo < e.Hi && c.At(c.Lists[e.Lo]).Str == "exit"
}

// customary is at how many places a program lets the failures of a module's functions crash when
// it does so on purpose: that what most of a program does is what it means is the idea of Engler
// et al., "Bugs as Deviant Behavior" (SOSP 2001). When those of its own functions come its makers
// know better than when those of another service do, and best what a changeset refuses.
func customary(p *check.Pass, id flow.ClauseID, u flow.Unmatched) int {
	o := p.Flow.Origin(id, u.Alt)
	switch {
	case !u.Told && slices.Equal(p.Flow.Does(p.Flow.Extern(o)), []flow.Kind{flow.Write}):
		return 2
	case !ofService(p, o):
		return 4
	case !u.Told:
		return 8
	}
	return math.MaxInt
}

// asserted counts, by the module of what is called, the calls whose failure nothing accepts.
func asserted(p *check.Pass) map[string]int {
	count := map[string]int{}
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if !p.Flow.InLib(id) {
			continue
		}
		last := ir.ExprID(ir.No)
		for _, u := range p.Flow.Unmatched(id) {
			if failed(u.Alt) && u.Wrong == ir.No && u.Alt.Expr != last {
				last = u.Alt.Expr
				count[giver(p, id, u)]++
			}
		}
	}
	delete(count, "")
	return count
}

// giver is the name of the module whose function gives what is not accepted, or "".
func giver(p *check.Pass, id flow.ClauseID, u flow.Unmatched) string {
	c := p.Flow.Code(id)
	if c.At(u.Alt.Expr).Op != ir.Call {
		return ""
	}
	fn, ext := p.Flow.Resolve(&c.Callees[c.At(u.Alt.Expr).A])
	switch {
	case fn != ir.No:
		return p.Program.Module(p.Program.Func(fn).Module).Name
	case ext != ir.No:
		return p.Program.Externs[ext].Module
	}
	return ""
}

// fromOutside reports whether another service gives the failure: of several at one place it
// is the one that comes whatever the program did before.
func fromOutside(p *check.Pass, id flow.ClauseID, u flow.Unmatched) bool {
	return remote(p, p.Flow.Extern(p.Flow.Origin(id, u.Alt)))
}

// starts reports whether a clause only runs when a process starts: there an
// error that nothing accepts is reported by the supervisor.
func starts(p *check.Pass, id flow.ClauseID) bool {
	e := p.Flow.ReachedBy(id)
	k := p.Flow.Reached(id)
	return e != nil && e.Kind == ir.Process && e.Func != ir.No && p.Program.Func(e.Func).Name == "init" &&
		!k.Has(ir.Request) && !k.Has(ir.Socket) && !k.Has(ir.Job)
}

func unmatched(p *check.Pass, id flow.ClauseID, u flow.Unmatched) (check.Finding, bool) {
	o := p.Flow.Origin(id, u.Alt)
	level, ok := weigh(p, id, u, o)
	if !ok {
		return check.Finding{}, false
	}
	f := check.Finding{
		Level: level, Span: p.Flow.Span(id, u.Expr), Symbol: p.Flow.Symbol(id), Anchor: u.Alt.String(), CWE: "CWE-755",
		Message: unmatchedMessage(p, id, u, o),
	}
	if len(o.Steps) > 1 {
		f.Confidence = check.Medium
	}
	f.Path = alternative(p, o, u.Alt)
	if len(f.Path) > maxOriginSteps && !fromOutside(p, id, u) && !p.Flow.Asks(o) {
		f.Level = check.Info // so far away the program has often seen to it that it does not come
	}
	if o.Undeclared {
		f.Level = check.Info // who calls is told that it does not come
	}
	f.Path = append(f.Path, arrival(p.Flow, id)...)
	f.Changes = accept(p, id, u, o)
	return f, true
}

// maxOriginSteps is how many steps lead to where a failure is made that is surely meant for
// who calls.
const maxOriginSteps = 2

// maxEntryHops is how far a value that a client sent is followed until it is
// parsed: further away it is no longer what was sent.
const maxEntryHops = 3

// failed reports whether an alternative tells of a failure.
func failed(a flow.Alt) bool { return a.Tag == "error" }

// weigh decides whether a value that is not accepted is a defect: it is where a
// client or something outside the program decides that it comes, and where
// somebody waits for an answer.
func weigh(p *check.Pass, id flow.ClauseID, u flow.Unmatched, o flow.Origin) (check.Level, bool) {
	k := p.Flow.Reached(id)
	answers := k.Has(ir.Request) || k.Has(ir.Socket)
	client := answers && p.Flow.Client(id, u.Alt)
	ext := p.Flow.Extern(o)
	if !failed(u.Alt) {
		level := check.Warning
		if !answers && ext != ir.No || administers(p, id) || ext == ir.No && len(p.Flow.EntryPath(id)) > 1 || p.Flow.InTable(id, u.Alt.Expr) || p.Flow.Code(o.In).At(o.Expr).Op == ir.Branch {
			level = check.Info // what is looked for may always be there, the more so further in, and an if without an else may always hold
		}
		return level, wrongForm(p, u, o, client)
	}
	does := p.Flow.Does(ext)
	service := ofService(p, o)
	for _, d := range does {
		if d == flow.Write && !p.Flow.Refusable(o) || d == flow.Query && u.Where == flow.AtMatch {
			return 0, false
		}
	}
	level := check.Warning
	switch {
	case !answers && !k.Has(ir.Process) || byKind(p, id, ir.Job):
		level = check.Info // the job is tried again
	case !answers && (u.Where == flow.AtMatch || ext == ir.No && byKind(p, id, ir.Process) && !ofEntry(p, id)):
		level = check.Info // a match that fails is how a process says that it cannot go on, and so is what its parts refuse
	case u.Told && (transacts(p, ext) || eitherForm(p.Flow.Code(id), u)):
		level = check.Info // the form is that of what is not passed: a multi, or a function
	case transacts(p, ext) && u.Alt.String() == "{:error, _, _, _}":
		level = check.Info // most steps of a multi hold whatever was sent, and which of them may not the code does not say
	case !service && !k.Has(ir.Request) && u.Where == flow.AtMatch && opens(p, id):
		level = check.Info // an address of what is not there gets an error page either way
	case !service && byEvent(p, id) && u.Alt.String() == "{:error, _}":
		level = check.Info // what a page or a socket sends has mostly been looked at, and the page that crashes comes back
	case !service && p.Flow.Echoes(o):
		level = check.Info // it gives back the failure that it is given, and may be given none
	case filters(p, ext):
		level = check.Info // what is read may be less than all, and nothing is refused
	case slices.Equal(does, []flow.Kind{flow.Write}) && writesConstants(p.Flow.Code(id), u.Alt.Expr):
		level = check.Info // what the program sets a row to is seldom refused
	case decidedByCall(p, id, u, o):
		level = check.Info // what is passed says whether it comes: constants, or a row that was just made
	case p.Program.Module(p.Flow.Module(o.In)).Kind == ir.ImplModule:
		level = check.Info // which type the value has says which implementation it is
	case ext == ir.No && !p.Flow.Outside(o):
		level = check.Info // the program has often seen to it that what it works out itself does not fail
	case p.Flow.CastsOnly(o) || u.Where == flow.AtFunction && strings.Contains(p.Flow.Step(id, u.Expr).Callee, "!/"):
		level = check.Info // only a value of the wrong type is refused, or the function says that it raises
	case !service && !client && !u.Told && len(does) == 0 && len(p.Flow.EntryPath(id)) > 0:
		level = check.Info // no client and no service brings it about there, and nobody waits for failures
	case slices.Contains(does, flow.Enqueue) || slices.Equal(does, []flow.Kind{flow.File}):
		level = check.Info // a job is refused only for what the program made itself, and a disk that is full stops more than this
	case !answers && asked(p, id):
		level = check.Info // the process that asked is told by the exit, and another one is started
	case u.Where == flow.AtFunction && promises(p, id):
		level = check.Info // the function says that it raises
	case aboutCaller(p, id, u):
		level = check.Info // who is logged in is there
	case !service && foundBefore(p, id, u):
		level = check.Info // only what is deleted in between is not there any more
	case p.Flow.Detached(id) || administers(p, id):
		level = check.Info // nobody waits, or only somebody who may ask
	case !service && !p.Flow.Asks(o) && len(p.Flow.EntryPath(id)) > 0 && !ofEntry(p, id):
		level = check.Info // what calls it from elsewhere has often seen to it that it does not fail
	case !service && !k.Has(ir.Request) && ofPage(p, id) && (len(does) == 0 || u.Where == flow.AtMatch):
		level = check.Info // what a page sends is what the page holds
	case number(p, ext), u.Where == flow.AtMatch && (slices.Equal(does, []flow.Kind{flow.Mail}) || ext != ir.No && len(does) == 0 && u.Alt.String() == ":error"):
		level = check.Info // mail that is down, or text that is no number: forms send none, and a crash is an answer
	case u.Where == flow.AtMatch && !service && !p.Flow.Fails(id) && !k.Has(ir.Socket):
		level = check.Info // who writes a match and nothing for failures lets the request crash, and loses nothing else
	case k.Has(ir.Request) && probed(p, id):
		level = check.Info // that it fails is what whoever asks wants to know
	case u.Where == flow.AtMatch && transacted(p, id, u.Expr):
		level = check.Info // a crash is how the function of a transaction has it rolled back
	case u.Where == flow.AtMatch && service && !u.Told && isAction(p, id) && assertsAll(p.Flow.Code(id), p.Flow.Body(id)):
		level = check.Info // an action that asserts whatever it asks for and answers no failure is meant to crash
	case !worthwhile(p, id, u, o, client, service):
		level = check.Info
	case client && ext != ir.No && len(does) == 0 && len(o.Steps) == 1 && u.Where == flow.AtMatch:
		level = check.Error
	}
	near := len(p.Flow.EntryPath(id)) <= maxEntryHops
	switch {
	case p.Flow.Picks(ext):
		return level, false
	case u.Where == flow.AtMatch:
		return level, (client && near || service) && !promises(p, id)
	}
	return level, client || ext != ir.No || p.Flow.Outside(o)
}

// assertsAll reports whether a body asserts the success of a call and the form of more than one value, that
// among them, and names no failure anywhere: neither in what it accepts nor in what it answers.
func assertsAll(c *ir.Code, body ir.ExprID) bool {
	asserted, calls, names := 0, false, false
	c.Walk(body, func(x ir.ExprID) bool {
		switch e := c.At(x); {
		case e.Op == ir.Const && e.Sub == ir.LitAtom && e.Str == "error":
			names = true
		case e.Op == ir.Match && c.At(ir.ExprID(e.A)).Op == ir.Make && c.At(ir.ExprID(e.B)).Op != ir.Bind:
			asserted++
			calls = calls || c.At(ir.ExprID(e.B)).Op == ir.Call
		}
		return !names
	})
	return asserted > 1 && calls && !names
}

// ofService reports whether a failure is one of another service.
func ofService(p *check.Pass, o flow.Origin) bool {
	ext := p.Flow.Extern(o)
	return remote(p, ext) || ext == ir.No && !p.Flow.Made(o) && p.Flow.Asks(o)
}

// byKind reports whether the nearest way to a clause starts at an entry of a kind, before all that
// may run it besides.
func byKind(p *check.Pass, id flow.ClauseID, kind ir.EntryKind) bool {
	e := p.Flow.ReachedBy(id)
	return e != nil && e.Kind == kind
}

// byEvent reports whether a clause runs for what a page or a client of a channel sends over a
// socket.
func byEvent(p *check.Pass, id flow.ClauseID) bool {
	return !p.Flow.Reached(id).Has(ir.Request) && startsAs(p, id, ir.Socket, "handle_event", "handle_in", "handle_params", "join")
}

// opens reports whether a clause runs when a page is opened.
func opens(p *check.Pass, id flow.ClauseID) bool {
	return startsAs(p, id, ir.Socket, "mount", "handle_params")
}

// asked reports whether a clause runs for a process that asks another one and waits.
func asked(p *check.Pass, id flow.ClauseID) bool {
	return startsAs(p, id, ir.Process, "handle_call")
}

// number reports whether a library's function reads what holds no text from text: it gives
// that and the rest, or a bare failure.
func number(p *check.Pass, e ir.ExternID) bool {
	m := p.Flow.Model(e)
	return m != nil && m.Clean && slices.Equal(m.Returns, []string{"tuple/2", "error"})
}

// filters reports whether a library's function leaves out what a policy forbids.
func filters(p *check.Pass, e ir.ExternID) bool {
	m := p.Flow.Model(e)
	return m != nil && m.Filters
}

// writesConstants reports whether a call is given a row and a map of nothing but constants: what is set to
// them, `update_issue(issue, %{status: :open})`.
func writesConstants(c *ir.Code, x ir.ExprID) bool {
	e := c.At(x)
	if e.Op != ir.Call || e.Hi-e.Lo != 2 {
		return false
	}
	args := c.List(e)
	row, set := c.At(args[0]), c.At(args[1])
	if row.Op != ir.Use && row.Op != ir.Get || set.Op != ir.Make || set.Sub != ir.MakeMap || set.Lo == set.Hi {
		return false
	}
	list := c.List(set)
	for i := 1; i < len(list); i += 2 {
		if c.At(list[i]).Op != ir.Const {
			return false
		}
	}
	return true
}

// decidedByCall reports whether a failure is made in a branch of the function that is called,
// which nothing but parameters choose that the call gives as constants, as rows that it just made or as
// the keys of rows.
func decidedByCall(p *check.Pass, id flow.ClauseID, u flow.Unmatched, o flow.Origin) bool {
	call := p.Flow.Code(id).At(u.Alt.Expr)
	if call.Op != ir.Call || u.Alt.Callee == ir.No || u.Alt.Callee != o.In {
		return false
	}
	args, params := p.Flow.Code(id).List(call), p.Flow.Params(o.In)
	if len(args) != len(params) {
		return false
	}
	c := p.Flow.Code(o.In)
	given := map[ir.VarID]bool{} // whether what a parameter holds is known
	for i, x := range params {
		e := c.At(x)
		if e.Op == ir.Match && c.At(ir.ExprID(e.B)).Op == ir.Bind {
			e = c.At(ir.ExprID(e.B))
		}
		if e.Op == ir.Bind {
			given[ir.VarID(e.A)] = p.Flow.Code(id).At(args[i]).Op == ir.Const || justMade(p, id, args[i]) || keyOfRow(p, id, args[i])
		}
	}
	around := pathTo(c, p.Flow.Body(o.In), o.Expr)
	for i := 1; i < len(around); i++ {
		e, asked := c.At(around[i]), ir.ExprID(c.At(around[i]).A)
		chooses := e.Op == ir.Branch && e.Sub == ir.BranchIf || e.Op == ir.Case
		if chooses && around[i-1] != asked && readsOnly(c, asked, given) {
			return true
		}
	}
	return false
}

// keyOfRow reports whether an expression reads the `id` of what a clause has at hand, and did not get
// from a client: of a row.
func keyOfRow(p *check.Pass, id flow.ClauseID, x ir.ExprID) bool {
	c := p.Flow.Code(id)
	e := c.At(x)
	if e.Op != ir.Get || e.Str != "id" || e.A < 0 || c.At(ir.ExprID(e.A)).Op != ir.Use || len(p.Flow.EntryPath(id)) == 0 {
		return false
	}
	return !slices.Contains([]string{"args", "arguments", "attrs", "data", "input", "options", "opts", "params"}, c.Vars[c.At(ir.ExprID(e.A)).A].Name)
}

// justMade reports whether an expression of a clause is the row out of what a function of the project
// gave that is named after making one.
func justMade(p *check.Pass, id flow.ClauseID, x ir.ExprID) bool {
	c := p.Flow.Code(id)
	if c.At(x).Op != ir.Use {
		return false
	}
	bind, found := c.Vars[c.At(x).A].At, false
	makes := func(y ir.ExprID) bool {
		e := c.At(y)
		return e.Op == ir.Call && c.Callees[e.A].Func != ir.No && slices.Contains(making(), firstWord(c.Callees[e.A].Name))
	}
	c.Walk(p.Flow.Body(id), func(y ir.ExprID) bool {
		switch e := c.At(y); e.Op {
		case ir.Match:
			found = found || bind != ir.No && inside(c, ir.ExprID(e.A), bind) && makes(ir.ExprID(e.B))
		case ir.Case:
			for _, arm := range c.List(e) {
				patterns, _, _ := c.Parts(c.At(arm))
				found = found || bind != ir.No && len(patterns) == 1 && inside(c, patterns[0], bind) && makes(ir.ExprID(e.A))
			}
		}
		return !found
	})
	return found
}

// making are the first words of the names of functions that make a row.
func making() []string { return []string{"create", "insert", "register"} }

// foundBefore reports whether the call that fails is given no variable but what a call before it was
// given, which is known to have gone well where this one runs: a step of a `with` around it, the
// value of a `case` in one of whose arms it stands, the condition of an `if` around it, a match in the
// same block.
func foundBefore(p *check.Pass, id flow.ClauseID, u flow.Unmatched) bool {
	c := p.Flow.Code(id)
	want := passedTo(c, u.Alt.Expr)
	if len(want) == 0 {
		return false
	}
	asks := func(x ir.ExprID) bool {
		given := passedTo(c, x)
		return !slices.ContainsFunc(want, func(v int32) bool { return !slices.Contains(given, v) })
	}
	at := u.Expr
	if u.Where == flow.AtElse {
		at = u.Alt.Expr
	}
	around := pathTo(c, p.Flow.Body(id), at)
	for i := 1; i < len(around); i++ {
		e, part := c.At(around[i]), around[i-1]
		switch e.Op {
		case ir.With:
			if ir.ExprID(e.A) != part && c.At(part).Op == ir.Arm {
				continue // nothing is known where a step has failed
			}
			fallthrough
		case ir.Block:
			for _, o := range c.List(e) {
				if o == part {
					break
				}
				m := c.At(o)
				if m.Op != ir.Match || c.At(ir.ExprID(m.A)).Op == ir.Bind {
					continue
				}
				if b := c.At(ir.ExprID(m.B)); asks(ir.ExprID(m.B)) || b.Op == ir.Make && b.Sub == ir.MakeTuple && slices.ContainsFunc(c.List(b), asks) {
					return true
				}
			}
		case ir.Case:
			if ir.ExprID(e.A) != part && asks(ir.ExprID(e.A)) {
				return true
			}
		case ir.Branch:
			if e.Sub == ir.BranchIf && ir.ExprID(e.A) != part && anyIn(c, ir.ExprID(e.A), asks) {
				return true
			}
		}
	}
	return false
}

// aboutCaller reports whether a failure says that somebody is not there where whoever asks is logged in,
// and the function takes who that is.
func aboutCaller(p *check.Pass, id flow.ClauseID, u flow.Unmatched) bool {
	if !slices.Contains([]string{"account_not_found", "no_account", "no_user", "user_not_found"}, u.Alt.Inner) {
		return false
	}
	c := p.Flow.Code(id)
	return slices.ContainsFunc(p.Flow.Roots(id), func(root ir.ExprID) bool {
		return anyIn(c, root, func(x ir.ExprID) bool {
			e := c.At(x)
			return (e.Op == ir.Get || e.Op == ir.Const && e.Sub == ir.LitAtom) && strings.HasPrefix(e.Str, "current_")
		})
	})
}

// anyIn reports whether an expression or a part of it is such a one.
func anyIn(c *ir.Code, x ir.ExprID, such func(ir.ExprID) bool) bool {
	found := false
	c.Walk(x, func(y ir.ExprID) bool {
		found = found || such(y)
		return !found
	})
	return found
}

// transacted reports whether an expression of a clause runs in a transaction that stands around it: what
// crashes there is rolled back.
func transacted(p *check.Pass, id flow.ClauseID, x ir.ExprID) bool {
	c := p.Flow.Code(id)
	return slices.ContainsFunc(pathTo(c, p.Flow.Body(id), x), func(y ir.ExprID) bool {
		e := c.At(y)
		if e.Op != ir.Call || y == x {
			return false
		}
		_, ext := p.Flow.Resolve(&c.Callees[e.A])
		return transacts(p, ext)
	})
}

// passedTo are the variables that a call of the project's own function is given as they are.
func passedTo(c *ir.Code, x ir.ExprID) []int32 {
	e := c.At(x)
	if e.Op != ir.Call || c.Callees[e.A].Func == ir.No {
		return nil
	}
	var out []int32
	for _, a := range c.List(e) {
		if u := c.At(a); u.Op == ir.Use {
			out = append(out, u.A)
		}
	}
	return out
}

// pathTo are the expressions that one is part of inside a body, from itself outwards; nil if
// it is not there.
func pathTo(c *ir.Code, body, x ir.ExprID) []ir.ExprID {
	if body == x {
		return []ir.ExprID{x}
	}
	var path []ir.ExprID
	c.Operands(body, func(o ir.ExprID) {
		if path == nil {
			path = pathTo(c, o, x)
		}
	})
	if path == nil {
		return nil
	}
	return append(path, body)
}

// readsOnly reports whether an expression reads variables, and none but those that are set.
func readsOnly(c *ir.Code, x ir.ExprID, set map[ir.VarID]bool) bool {
	some, all := false, true
	c.Walk(x, func(y ir.ExprID) bool {
		if e := c.At(y); e.Op == ir.Use {
			some, all = true, all && set[ir.VarID(e.A)]
		}
		return all
	})
	return some && all
}

// transacts reports whether a library's function runs a transaction, which fails in
// another form for a multi than for a function.
func transacts(p *check.Pass, e ir.ExternID) bool {
	m := p.Flow.Model(e)
	return m != nil && m.Transaction
}

// functionFailure and multiFailure are how many elements the failure of a function and that of a multi have.
const functionFailure, multiFailure = 2, 4

// eitherForm reports whether a case accepts the failure of a multi and lacks that of a
// function, or the other way round: a transaction gives one of the two.
func eitherForm(c *ir.Code, u flow.Unmatched) bool {
	size := map[int]int{functionFailure: multiFailure, multiFailure: functionFailure}[u.Alt.Arity]
	if u.Where != flow.AtCase || u.Alt.Inner != "" || size == 0 {
		return false
	}
	return slices.ContainsFunc(c.List(c.At(u.Expr)), func(a ir.ExprID) bool {
		if c.At(a).Op != ir.Arm {
			return false
		}
		patterns, _, _ := c.Parts(c.At(a))
		return len(patterns) == 1 && errorOf(c, patterns[0], size)
	})
}

// errorOf reports whether a pattern is an error of so many elements.
func errorOf(c *ir.Code, pattern ir.ExprID, size int) bool {
	e := c.At(pattern)
	if e.Op == ir.Match {
		return errorOf(c, ir.ExprID(e.A), size) || errorOf(c, ir.ExprID(e.B), size)
	}
	return e.Op == ir.Make && e.Sub == ir.MakeTuple && int(e.Hi-e.Lo) == size && c.At(c.Lists[e.Lo]).Str == "error"
}

// worthwhile reports whether a failure is worth a change: a client brings it about
// with what it sent, or somebody waits for failures at that place.
func worthwhile(p *check.Pass, id flow.ClauseID, u flow.Unmatched, o flow.Origin, client, service bool) bool {
	ext := p.Flow.Extern(o)
	direct := client && p.Flow.Direct(id, u.Alt.Expr)
	hops := len(p.Flow.EntryPath(id))
	switch {
	case p.Flow.Starts(o) || u.Apart:
		return false // the one who wants a process tries again
	case ext != ir.No && len(p.Flow.Does(ext)) == 0 || !service && !p.Flow.Outside(o) && !p.Flow.Made(o):
		// Only the value decides: it must be the one that was sent, not looked at before.
		return u.Told && client || direct && hops < 2 && !looked(p, id, u)
	case u.Told || u.Where == flow.AtFunction:
		return true
	case u.Where == flow.AtMatch && !p.Flow.Fails(id) && (hops > 0 || service && !client):
		return false // nobody there waits for failures, and no client brings it about alone
	case service:
		return hops == 0 || p.Flow.Fails(id)
	case u.Where == flow.AtCase && p.Flow.Fails(id):
		return true
	case u.Where != flow.AtMatch && (hops == 0 || ofEntry(p, id)):
		return true
	}
	return direct && hops < 2
}

// ofEntry reports whether a clause is of the module that the nearest entry is of.
func ofEntry(p *check.Pass, id flow.ClauseID) bool {
	e := p.Flow.ReachedBy(id)
	return e != nil && e.Module == p.Flow.Module(id)
}

// looked reports whether something has looked at a value before it is parsed.
func looked(p *check.Pass, id flow.ClauseID, u flow.Unmatched) bool {
	if p.Flow.Named(id, u.Alt.Expr) || p.Flow.Tried(id, u.Alt.Expr) {
		return true
	}
	from, at := p.Flow.From(id)
	return from != ir.No && p.Flow.Tried(from, at)
}

// ofPage reports whether the nearest entry is an event of a page.
func ofPage(p *check.Pass, id flow.ClauseID) bool {
	e := p.Flow.ReachedBy(id)
	return e != nil && e.Func != ir.No && p.Program.Func(e.Func).Name == "handle_event"
}

// administers reports whether a clause is of a part for the people who run the
// program.
func administers(p *check.Pass, id flow.ClauseID) bool {
	return strings.Contains(p.Flow.Symbol(id), "Admin") || !p.Flow.Reached(id).Common()
}

// probed reports whether a clause is of a module that says whether the program is well.
func probed(p *check.Pass, id flow.ClauseID) bool {
	m := p.Flow.Module(id)
	if m == ir.No {
		return false
	}
	last := strings.TrimSuffix(ir.LastName(p.Program.Module(m).Name), "Controller")
	return last == "Health" || last == "HealthCheck"
}

// promises reports whether a function says by its name that it raises.
func promises(p *check.Pass, id flow.ClauseID) bool {
	fn := p.Flow.Func(id)
	return fn != ir.No && strings.HasSuffix(p.Program.Func(fn).Name, "!")
}

// wrongForm reports whether a value that tells of no failure is of a form that
// the pattern never accepts: made in the same function, or known of a library.
func wrongForm(p *check.Pass, u flow.Unmatched, o flow.Origin, client bool) bool {
	if u.Where != flow.AtMatch || len(o.Steps) > 1 {
		return false
	}
	if len(o.Steps) == 0 {
		return true
	}
	ext := p.Flow.Extern(o)
	return u.Alt.Tag == "nil" && (client || ext != ir.No && len(p.Flow.Does(ext)) == 0)
}

func unmatchedMessage(p *check.Pass, id flow.ClauseID, u flow.Unmatched, o flow.Origin) string {
	giver := "The value"
	if len(o.Steps) > 0 {
		giver = "`" + short(o.Steps[0].Callee) + "`"
	}
	m := giver + " can give `" + u.Alt.String() + "`, and "
	switch u.Where {
	case flow.AtMatch:
		m += "the match accepts only " + or(sourceText(p.Program, p.Flow.Code(id).Span(ir.ExprID(p.Flow.Code(id).At(u.Expr).A))), "another form")
	case flow.AtCase:
		m += "no clause of the case accepts it"
	case flow.AtElse:
		m += "no clause of the else accepts it"
	case flow.AtFunction:
		m += "no clause of `" + short(p.Flow.Step(id, u.Expr).Callee) + "` accepts it"
	}
	return m + ": " + crashed(p, id) + ". Handle it."
}

// crashed says who dies.
func crashed(p *check.Pass, id flow.ClauseID) string {
	switch e := p.Flow.ReachedBy(id); {
	case e == nil:
		return "the caller crashes instead of answering"
	case p.Flow.Detached(id):
		return "the process that was started for it crashes, and its work is lost"
	case e.Kind == ir.Request:
		return "the request crashes instead of answering"
	case e.Kind == ir.Job:
		return "the job crashes"
	}
	return "the process crashes instead of answering"
}
