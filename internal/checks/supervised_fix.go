package checks

import (
	"slices"
	"strconv"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// underSupervisor asks for a process to be started by the function that does the
// same under a supervisor, or says why that cannot be asked.
func underSupervisor(p *check.Pass, id flow.ClauseID, s flow.Site) ([]fix.Change, string) {
	c := p.Flow.Code(id)
	e := c.At(s.Expr)
	if e.Op != ir.Call {
		return nil, ""
	}
	fn, ext := p.Flow.Resolve(&c.Callees[e.A])
	m := p.Flow.Model(ext)
	if fn != ir.No || m == nil {
		return nil, ""
	}
	if m.Child != "" {
		if change := childStarted(p, id, m.Child); change != nil {
			return []fix.Change{change}, ""
		}
	}
	if m.Supervised == "" {
		return nil, "a supervisor starts it by a child specification, and which one that is the code does not say"
	}
	change := &fix.StartUnder{Code: c, Call: s.Expr, Function: m.Supervised, Used: valueUsed(p, id, s.Expr)}
	change.Beside, change.After = beside(p, id, s)
	out := []fix.Change{change}
	if leavesBare(p, id, s, change.Beside) {
		out = asking(out, "The module starts other processes outside every supervisor in another way: say whether they move with it.")
	}
	if s.Does(flow.Spawn) {
		out = asking(out, "What is started there starts another process itself, which stays outside: say which of them does the work.")
	}
	if afterFailure(c, s.Expr) {
		out = asking(out, "It stands where something has just failed, which may have been the supervisor: say what it falls back on.")
	}
	if sleeps(p, id, s.Expr) {
		out = asking(out, "It sleeps for long, and a shutdown ends it all the same: say whether a job that is kept in the database shall do it when the time has come.")
	}
	return out, ""
}

// afterFailure reports whether an expression stands in a clause that takes an exception.
func afterFailure(c *ir.Code, x ir.ExprID) bool {
	for i := range c.Exprs {
		e := c.At(ir.ExprID(i))
		if e.Op == ir.Arm && (e.Sub == ir.ArmRescue || e.Sub == ir.ArmCatch) && inside(c, ir.ExprID(i), x) {
			return true
		}
	}
	return false
}

// leavesBare reports whether the module of a start has others without a supervisor that do
// not move with it.
func leavesBare(p *check.Pass, id flow.ClauseID, s flow.Site, beside []ir.ExprID) bool {
	c := p.Flow.Code(id)
	for i := range p.Flow.Len() {
		t := flow.ClauseID(i)
		if p.Flow.Code(t) != c {
			continue
		}
		for _, o := range p.Flow.Sites(t) {
			if o.Starts == flow.Unlinked && (t != id || o.Expr != s.Expr) && !slices.Contains(beside, o.Expr) {
				return true
			}
		}
	}
	return false
}

// longestNap is how many milliseconds a process may sleep for that a shutdown may end.
const longestNap = 60_000

// sleeps reports whether a process sleeps for longer than longestNap, or nobody knows how
// long.
func sleeps(p *check.Pass, id flow.ClauseID, start ir.ExprID) bool {
	whole := p.Flow.Code(id).Span(start)
	for _, f := range p.Flow.Facts(id) {
		if f.Kind != flow.Sleep || f.Expr == ir.No || !whole.Contains(p.Flow.Code(id).Span(f.Expr)) {
			continue
		}
		if ms, err := strconv.Atoi(p.Flow.Literal(id, f.To())); err != nil || ms > longestNap {
			return true
		}
	}
	return false
}

// kernel reports whether a call is one of the language itself, which gives a pid where a
// supervisor gives `{:ok, pid}`.
func kernel(c *ir.Code, call ir.ExprID) bool { return c.Callees[c.At(call).A].How == ir.Kernel }

// beside are the other calls of a module that start a process with the same function, and
// give what the supervisor gives or whose value nothing uses, and the modules that have to be
// started before all.
func beside(p *check.Pass, id flow.ClauseID, s flow.Site) ([]ir.ExprID, []ir.ModuleID) {
	c := p.Flow.Code(id)
	var out []ir.ExprID
	after := starters(p, id)
	for i := range p.Flow.Len() {
		t := flow.ClauseID(i)
		if p.Flow.Code(t) != c || !p.Flow.Reached(t).Serves() {
			continue
		}
		for _, o := range p.Flow.Sites(t) {
			if (t != id || o.Expr != s.Expr) && o.Starts == s.Starts && o.Extern == s.Extern && c.At(o.Expr).Op == ir.Call && (!kernel(c, o.Expr) || !valueUsed(p, t, o.Expr)) {
				out = append(out, o.Expr)
				for _, m := range starters(p, t) {
					if !slices.Contains(after, m) {
						after = append(after, m)
					}
				}
			}
		}
	}
	return out, after
}

// childStarted asks for a module's processes to be started as children, where a
// function of one parameter starts them and the module has the specification that
// calls it.
func childStarted(p *check.Pass, id flow.ClauseID, function string) fix.Change {
	fn := p.Flow.Func(id)
	if fn == ir.No {
		return nil
	}
	f := p.Program.Func(fn)
	m := p.Program.Module(f.Module)
	if f.Name != "start_link" || f.Arity != 1 || !slices.Contains(m.Made, ir.Signature{Name: "child_spec", Arity: 1}) {
		return nil
	}
	change := &fix.StartChild{Module: m, Function: function, After: starters(p, id)}
	for _, c := range p.Flow.CallersOf(id) {
		code := p.Flow.Code(c.Clause)
		e := code.At(c.Expr)
		if e.Op != ir.Call || code.Callees[e.A].Name != f.Name {
			continue // named in data
		}
		if !p.Flow.Reached(c.Clause).Has(ir.Request) {
			continue
		}
		change.Calls = append(change.Calls, fix.CallAt{Code: code, Call: c.Expr})
	}
	if len(change.Calls) == 0 {
		return nil
	}
	return change
}

// valueUsed reports whether the value of an expression may be used: it is not
// thrown away, nor given to callers that all throw it away.
func valueUsed(p *check.Pass, id flow.ClauseID, x ir.ExprID) bool {
	c := p.Flow.Code(id)
	switch {
	case thrownAway(c, p.Flow.Body(id), x):
		return false
	case !ends(c, p.Flow.Body(id), x):
		return true
	}
	if entered(p, p.Flow.Func(id)) {
		return true
	}
	for _, call := range p.Flow.CallersOf(id) {
		if k := p.Flow.Code(call.Clause).At(call.Expr); k.Op != ir.Call || k.Flags&ir.FlagDiscard == 0 {
			return true
		}
	}
	return false
}

// thrownAway reports whether nothing uses the value of an expression inside a body, nor
// that of the branches that it ends.
func thrownAway(c *ir.Code, body, x ir.ExprID) bool {
	found := false
	c.Walk(body, func(y ir.ExprID) bool {
		found = found || c.At(y).Flags&ir.FlagDiscard != 0 && ends(c, y, x)
		return !found
	})
	return found
}

// ends reports whether the value of a body may be that of an expression: it is its last, or
// the last of one of its branches.
func ends(c *ir.Code, body, x ir.ExprID) bool {
	found := false
	eachAnswer(c, body, func(y ir.ExprID) { found = found || x == y })
	return found
}

// entered reports whether something outside the program calls a function.
func entered(p *check.Pass, fn ir.FuncID) bool {
	for i := range p.Program.Entries {
		if p.Program.Entries[i].Func == fn {
			return true
		}
	}
	return false
}

// starters are the modules of the callbacks that start something or run in a
// process of their own and from which a clause is reached.
func starters(p *check.Pass, id flow.ClauseID) []ir.ModuleID {
	if k := p.Flow.Reached(id); !k.Has(ir.Boot) && !k.Has(ir.Process) {
		return nil
	}
	begins := map[ir.FuncID]bool{}
	for i := range p.Program.Entries {
		if e := &p.Program.Entries[i]; e.Func != ir.No && (e.Kind == ir.Boot || e.Kind == ir.Process) {
			begins[e.Func] = true
		}
	}
	var out []ir.ModuleID
	seen := map[flow.ClauseID]bool{id: true}
	for work := []flow.ClauseID{id}; len(work) > 0; work = work[1:] {
		if fn := p.Flow.Func(work[0]); begins[fn] {
			out = append(out, p.Flow.Module(work[0]))
		}
		for _, c := range p.Flow.CallersOf(work[0]) {
			if !seen[c.Clause] {
				seen[c.Clause] = true
				work = append(work, c.Clause)
			}
		}
	}
	return out
}
