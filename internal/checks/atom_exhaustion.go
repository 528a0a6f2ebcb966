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

// atomExhaustion reports atoms made of what a client sent.
func atomExhaustion(p *check.Pass) {
	taints := p.Flow.Taints()
	var found []check.Finding
	in := map[source.FileID][]fix.Change{}
	for i := range taints {
		if taints[i].Kind != flow.SinkAtom || ofProvider(p, taints[i].Clause) {
			continue
		}
		f := atomFinding(p, &taints[i])
		found = append(found, f)
		if len(f.Changes) > 0 && !asks(f.Changes[0]) {
			in[f.Span.File] = append(in[f.Span.File], f.Changes[0])
		}
	}
	for _, f := range found {
		if all := in[f.Span.File]; len(all) > 1 && len(f.Changes) > 0 && slices.Contains(all, f.Changes[0]) { // whoever closes one place closes those beside it
			f.Changes = append(together(all...), f.Changes...)
		}
		p.Report(f)
	}
}

// skip is how somebody tells Sobelow that the atoms of a function are meant: in a comment or an
// attribute above it, or above the line.
var skip = regexp.MustCompile(`(?i)sobelow_skip.*\bDOS\b|sobelow_skip.*dos_`)

// skipped reports whether somebody has told another tool that the atoms of a function are meant.
func skipped(p *check.Pass, t *flow.Taint) bool {
	text := p.Program.Files.File(t.Sink.File).Text
	head := p.Flow.Head(t.In)
	if head.File != t.Sink.File || head.Start > t.Sink.Start {
		return false
	}
	lead := text[max(0, head.Start-skipReach):head.Start]
	if i := strings.LastIndex(lead, "\n\n"); i >= 0 {
		lead = lead[i:]
	}
	return skip.MatchString(lead) || skip.MatchString(text[max(head.Start, t.Sink.Start-skipReach):t.Sink.Start])
}

// skipReach is how many bytes above a function, and above a line of it, are read for such a comment.
const skipReach = 500

// allows reports whether a change takes nothing but names that the code lists.
func allows(c fix.Change) bool { _, ok := c.(*fix.AllowOnly); return ok }

// byPage reports whether the text comes with an event of a page, which sends what it holds: others
// take what stands in an address.
func byPage(p *check.Pass, t *flow.Taint) bool {
	return t.Entry != nil && t.Entry.Func != ir.No && p.Program.Func(t.Entry.Func).Name == "handle_event"
}

// asks reports whether a change is left to a decision.
func asks(c fix.Change) bool { _, ok := c.(*fix.Only); return ok }

func atomFinding(p *check.Pass, t *flow.Taint) check.Finding {
	f := check.Finding{
		Level:  check.Error,
		Span:   t.Sink,
		Symbol: t.Symbol,
		Anchor: final(t.Steps).Callee,
		Message: "A client chooses the text that becomes an atom here. Atoms are never freed: about a million distinct values " +
			"stop the whole node. Accept known values only, or use atoms that exist already.",
		CWE: "CWE-770",
	}
	if t.Direct {
		if p.Flow.Module(t.Clause) != p.Flow.Module(t.In) {
			f.Level, f.Confidence = check.Info, check.Medium // on the way something may have looked at the text
		}
		if !p.Flow.Reached(t.Clause).Common() || examined(p, t) || admitted(p, t) || skipped(p, t) || ofListedKeys(p, t) || len(t.Steps) > maxTextSteps {
			f.Level = check.Info // only the people who run the application send it, or something or somebody has looked at it
		}
		f.Path = append(f.Path, check.Step{Span: p.Flow.EntrySpan(t.Clause), Note: "the client's input comes in: " + kindWord(t.Entry)})
	} else {
		f.Level, f.Confidence = check.Info, check.Medium // which part of a value gets there is not certain
		f.Path = append(f.Path, arrival(p.Flow, t.Clause)...)
	}
	f.Path = append(f.Path, calls(t.Steps, "makes an atom of it")...)
	if f.Changes = safer(p, t); f.Changes == nil {
		f.NoFix = "which names it may become the code does not say: list them"
	}
	if ofEach(p, t) {
		f.Changes = asking(f.Changes, "Every text of a list becomes an atom: say whether all that may come are names that the program has.")
	}
	if len(f.Changes) > 0 && !allows(f.Changes[0]) && !byPage(p, t) {
		f.Changes = asking(f.Changes, "A text that the program has no name for raises an exception then: say what the client gets for it.")
	}
	if f.Level > check.Error {
		f.Changes = asking(f.Changes, "Who else passes text here may count on a new atom: look at the callers first.")
	}
	return f
}

// ofEach reports whether the text comes with an element that a function value is called for, or
// with the key of a pair: one that the program does not know would refuse all the others.
func ofEach(p *check.Pass, t *flow.Taint) bool {
	c := p.Flow.Code(t.In)
	bound, ok := madeOf(c, t.At)
	if !ok {
		return false
	}
	found := false
	c.Walk(p.Flow.Body(t.In), func(x ir.ExprID) bool {
		if e := c.At(x); e.Op == ir.Closure && inside(c, x, t.At) {
			for _, arm := range c.List(e) {
				patterns, _, _ := c.Parts(c.At(arm))
				found = found || slices.ContainsFunc(patterns, func(y ir.ExprID) bool {
					return holds(c, y, bound)
				})
			}
		}
		return !found
	})
	return found
}

// madeOf is where the variable is bound that a call makes an atom of, if it is given one.
func madeOf(c *ir.Code, call ir.ExprID) (ir.ExprID, bool) {
	args := c.List(c.At(call))
	if c.At(call).Op != ir.Call || len(args) == 0 || c.At(args[0]).Op != ir.Use || c.At(args[0]).A < 0 {
		return ir.No, false
	}
	return c.Vars[c.At(args[0]).A].At, true
}

// ofProvider reports whether a clause is one that Ueberauth comes to, which knows the names
// of the providers that are configured and lets no other through.
func ofProvider(p *check.Pass, id flow.ClauseID) bool {
	cl := p.Flow.Clause(id)
	if cl == nil {
		return false
	}
	c := p.Flow.Code(id)
	return slices.ContainsFunc(cl.Params, func(x ir.ExprID) bool {
		found := false
		c.Walk(x, func(y ir.ExprID) bool {
			k := c.At(y)
			found = found || k.Op == ir.Const && k.Sub == ir.LitAtom && k.Str == "ueberauth_auth"
			return !found
		})
		return found
	})
}

// admitted reports whether the text is part of what a library's function gave that was handed
// more than what came in: what of it is let through, such as a schema of the parameters says.
func admitted(p *check.Pass, t *flow.Taint) bool {
	c := p.Flow.Code(t.In)
	text := map[ir.VarID]bool{}
	uses := func(x ir.ExprID) {
		c.Walk(x, func(y ir.ExprID) bool {
			if e := c.At(y); e.Op == ir.Use && e.A >= 0 {
				text[ir.VarID(e.A)] = true
			}
			return true
		})
	}
	binds := func(patterns ...ir.ExprID) bool {
		return slices.ContainsFunc(patterns, func(x ir.ExprID) bool {
			found := false
			c.Walk(x, func(y ir.ExprID) bool {
				found = found || c.At(y).Op == ir.Bind && text[ir.VarID(c.At(y).A)]
				return !found
			})
			return found
		})
	}
	gives := func(x ir.ExprID) bool {
		e := c.At(x)
		if e.Op != ir.Call || c.Callees[e.A].Extern == ir.No || len(c.List(e)) < 2 {
			return false
		}
		return p.Flow.Model(c.Callees[e.A].Extern) == nil
	}
	uses(t.At)
	found := false
	for n, hops := 0, 0; !found && len(text) > n && hops < maxTextHops; hops++ {
		n = len(text)
		for _, root := range p.Flow.Roots(t.In) {
			c.Walk(root, func(x ir.ExprID) bool {
				e := c.At(x)
				value, bound := ir.ExprID(ir.No), false
				switch e.Op {
				case ir.Match:
					value, bound = ir.ExprID(e.B), binds(ir.ExprID(e.A))
				case ir.Case:
					value, bound = ir.ExprID(e.A), slices.ContainsFunc(c.List(e), func(arm ir.ExprID) bool {
						patterns, _, _ := c.Parts(c.At(arm))
						return binds(patterns...)
					})
				}
				if bound && value >= 0 {
					found = found || gives(value)
					uses(value)
				}
				return !found
			})
		}
	}
	return found
}

// examined reports whether the atom is made only where a function of the project that was
// given the text, or gave it, answered so.
func examined(p *check.Pass, t *flow.Taint) bool {
	c := p.Flow.Code(t.In)
	text := map[ir.VarID]bool{}
	var collect func(x ir.ExprID, depth int)
	collect = func(x ir.ExprID, depth int) {
		c.Walk(x, func(y ir.ExprID) bool {
			if e := c.At(y); e.Op == ir.Use && e.A >= 0 && !text[ir.VarID(e.A)] {
				text[ir.VarID(e.A)] = true
				if v, pattern := c.Given(ir.VarID(e.A)); v != ir.No && !pattern && depth > 0 {
					collect(v, depth-1)
				}
			}
			return true
		})
	}
	collect(t.At, maxTextHops)
	found := existing(p, t)
	for _, root := range p.Flow.Roots(t.In) {
		c.Walk(root, func(y ir.ExprID) bool {
			e := c.At(y)
			if e.Op != ir.Case || !inArm(c, e, t.At) {
				return !found
			}
			asked := c.At(ir.ExprID(e.A))
			if asked.Op != ir.Call || c.Callees[asked.A].Func == ir.No {
				return !found
			}
			for _, arm := range c.List(e) {
				if c.At(arm).Op == ir.Arm && inside(c, arm, t.At) {
					patterns, _, _ := c.Parts(c.At(arm))
					found = found || slices.ContainsFunc(append(slices.Clone(c.List(asked)), patterns...), func(x ir.ExprID) bool { return mentionsVar(c, x, text) })
				}
			}
			return !found
		})
	}
	return found
}

// existing reports whether the text is a part of what must be an atom already, or else
// raises, in the same clause: `String.to_existing_atom(type <> "_factory")`.
func existing(p *check.Pass, t *flow.Taint) bool {
	c := p.Flow.Code(t.In)
	if c.At(t.At).Op != ir.Call || len(c.List(c.At(t.At))) == 0 {
		return false
	}
	text := sliceOf(p.Program, c.Span(c.List(c.At(t.At))[0]))
	found := false
	for _, root := range p.Flow.Roots(t.In) {
		c.Walk(root, func(x ir.ExprID) bool {
			if e := c.At(x); e.Op == ir.Call && x != t.At && c.Callees[e.A].Name == "to_existing_atom" {
				for _, a := range c.List(e) {
					c.Walk(a, func(y ir.ExprID) bool {
						found = found || c.Span(y).Start < c.Span(t.At).Start && sliceOf(p.Program, c.Span(y)) == text
						return !found
					})
				}
			}
			return !found
		})
	}
	return found
}

// maxTextSteps is how many calls a text goes through that is still what the client sent.
const maxTextSteps = 4

// maxTextHops is how many variables a text is followed through.
const maxTextHops = 4

// mentionsVar reports whether an expression or a pattern reads or binds one of some variables.
func mentionsVar(c *ir.Code, x ir.ExprID, vars map[ir.VarID]bool) bool {
	found := false
	c.Walk(x, func(y ir.ExprID) bool {
		e := c.At(y)
		found = found || (e.Op == ir.Use || e.Op == ir.Bind) && vars[ir.VarID(e.A)]
		return !found
	})
	return found
}

// safer asks for the function that does the same without the danger, if the
// library has one.
func safer(p *check.Pass, t *flow.Taint) []fix.Change {
	in, at := t.In, t.At
	c := p.Flow.Code(in)
	e := c.At(at)
	if e.Op != ir.Call && e.Op != ir.FuncRef {
		return nil
	}
	fn, ext := p.Flow.Resolve(&c.Callees[e.A])
	m := p.Flow.Model(ext)
	if fn != ir.No || m == nil || m.Safer == "" {
		return nil
	}
	all := []fix.Change{&fix.CallInstead{Code: c, Call: at, Name: m.Safer}}
	for _, x := range besides(p, t) {
		all = append(all, &fix.CallInstead{Code: c, Call: x, Name: m.Safer})
	}
	if t.Clause != in { // of calls that are reached over a caller only one is reported
		for _, x := range alike(p, in, at) {
			if slices.ContainsFunc(all, func(c fix.Change) bool { return c.(*fix.CallInstead).Call == x }) {
				continue
			}
			all = append(all, &fix.CallInstead{Code: c, Call: x, Name: m.Safer})
		}
	}
	return append(allowed(p.Flow, c, at), together(all...)...)
}

// maxBesides is how many calls of a code are changed with one; where there are more, each is by itself.
const maxBesides = 100

// besides are the other calls of the same function of a library in the same code that
// make atoms of what a client sent, or nil where they are more than maxBesides.
func besides(p *check.Pass, t *flow.Taint) []ir.ExprID {
	c := p.Flow.Code(t.In)
	same := c.Callees[c.At(t.At).A]
	var out []ir.ExprID
	for _, o := range p.Flow.Taints() {
		if o.Kind != flow.SinkAtom || !o.Direct || p.Flow.Code(o.In) != c || o.At == t.At || slices.Contains(out, o.At) {
			continue
		}
		if e := c.At(o.At); e.Op == ir.Call || e.Op == ir.FuncRef {
			if k := c.Callees[e.A]; k.Module == same.Module && k.Name == same.Name {
				out = append(out, o.At)
			}
			if len(out) > maxBesides {
				return nil
			}
		}
	}
	return out
}

// alike are the other calls of the same function of a library, by the same function,
// with what is a parameter there.
func alike(p *check.Pass, in flow.ClauseID, at ir.ExprID) []ir.ExprID {
	c := p.Flow.Code(in)
	fn := p.Flow.Func(in)
	if fn == ir.No || c.At(at).Op != ir.Call {
		return nil
	}
	same := c.Callees[c.At(at).A]
	var out []ir.ExprID
	lo, hi := p.Flow.Clauses(fn)
	for id := lo; id < hi; id++ {
		c.Walk(p.Flow.Body(id), func(x ir.ExprID) bool {
			e := c.At(x)
			if e.Op != ir.Call || x == at || c.Callees[e.A].Module != same.Module || c.Callees[e.A].Name != same.Name || e.Hi-e.Lo != 1 {
				return true
			}
			if a := c.At(c.List(e)[0]); a.Op == ir.Use && takesIn(c, p.Flow.Clause(id), ir.VarID(a.A)) {
				out = append(out, x)
			}
			return true
		})
	}
	return out
}

// takesIn reports whether the parameters of a clause bind a variable.
func takesIn(c *ir.Code, cl *ir.Clause, v ir.VarID) bool {
	return cl != nil && v >= 0 && slices.ContainsFunc(cl.Params, func(x ir.ExprID) bool { return holds(c, x, c.Vars[v].At) })
}

// maxKeyHops is how many variables and calls a map is followed back through.
const maxKeyHops = 6

// ofListedKeys reports whether the text is the key of a pair of a map that was narrowed to keys
// which the code lists, `Map.take(params, ["page", "size"])`, there or by all that hand it over.
func ofListedKeys(p *check.Pass, t *flow.Taint) bool {
	c := p.Flow.Code(t.In)
	key, ok := madeOf(c, t.At)
	if !ok {
		return false
	}
	found := false
	for _, root := range p.Flow.Roots(t.In) {
		c.Walk(root, func(x ir.ExprID) bool {
			e := c.At(x)
			if e.Op == ir.Loop && inside(c, ir.ExprID(e.A), t.At) {
				for _, g := range c.List(e) {
					if of := c.At(g); of.Op == ir.Generator && pairOf(c, ir.ExprID(of.A), key) {
						found = found || narrowedKeys(p, t.In, ir.ExprID(of.B), maxKeyHops)
					}
				}
			}
			if e.Op != ir.Call || e.Lo == e.Hi || !inside(c, x, t.At) {
				return !found
			}
			for _, a := range c.List(e)[1:] {
				if f := c.At(a); f.Op == ir.Closure && inside(c, a, t.At) && bindsKey(c, f, key) {
					found = found || narrowedKeys(p, t.In, c.List(e)[0], maxKeyHops)
				}
			}
			return !found
		})
	}
	return found
}

// bindsKey reports whether a function value takes pairs apart whose first part is what a place binds.
func bindsKey(c *ir.Code, f *ir.Expr, key ir.ExprID) bool {
	return slices.ContainsFunc(c.List(f), func(arm ir.ExprID) bool {
		patterns, _, _ := c.Parts(c.At(arm))
		return len(patterns) > 0 && pairOf(c, patterns[0], key)
	})
}

// pairOf reports whether a pattern is a pair with a certain first part.
func pairOf(c *ir.Code, pattern, key ir.ExprID) bool {
	e := c.At(pattern)
	return e.Op == ir.Make && e.Sub == ir.MakeTuple && e.Hi-e.Lo == 2 && c.Lists[e.Lo] == key
}

// narrowedKeys reports whether a map has no other keys than such as the code lists.
func narrowedKeys(p *check.Pass, id flow.ClauseID, x ir.ExprID, depth int) bool {
	c := p.Flow.Code(id)
	if depth == 0 {
		return false
	}
	switch e := c.At(x); e.Op {
	case ir.Use:
		if e.A < 0 {
			return false
		}
		if v, pattern := c.Given(ir.VarID(e.A)); v != ir.No {
			return !pattern && narrowedKeys(p, id, v, depth-1)
		}
		n := p.Flow.Param(id, ir.VarID(e.A))
		callers := p.Flow.CallersOf(id)
		return n >= 0 && len(callers) > 0 && !slices.ContainsFunc(callers, func(k flow.Caller) bool {
			call := p.Flow.Code(k.Clause).At(k.Expr)
			return call.Op != ir.Call || n >= int(call.Hi-call.Lo) || !narrowedKeys(p, k.Clause, p.Flow.Code(k.Clause).List(call)[n], depth-1)
		})
	case ir.Call:
		args := c.List(e)
		m := p.Flow.ModelAt(c, x)
		switch {
		case m == nil || len(args) < 2:
			return false
		case m.Bounds != nil && *m.Bounds == 1:
			list := c.At(args[1])
			return list.Op == ir.Attr || list.Op == ir.Make && !slices.ContainsFunc(c.List(list), func(y ir.ExprID) bool { return c.At(y).Op != ir.Const })
		case m.Keeps != nil && *m.Keeps == 0:
			return c.At(args[1]).Op == ir.Const && narrowedKeys(p, id, args[0], depth-1)
		}
	}
	return false
}
