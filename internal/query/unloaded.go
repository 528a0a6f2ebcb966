package query

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// Bounds of the search for one use.
const (
	maxUseFrames = 64 // ways through the callers
	maxUseClimb  = 4  // callers above each other
)

// Unloaded is a use of an association on a way on which nothing loads it.
type Unloaded struct {
	// Chain are the calls from the outermost clause that matters down to the use,
	// which is the last.
	Chain []Hop
	Owner *ir.Schema
	Assoc *ir.Association
	From  Hop // the call that gives the rows
	How   Use
	Field string // for ReadField: which
}

// Use says what is done with an association.
type Use uint8

// The uses, each of which fails for an association that is not loaded.
const (
	GoThrough Use = iota // its rows are gone through
	ReadField            // a field of its row is read
)

// Unloaded are the uses of associations that are not loaded on at least one
// chain of calls from what serves, by clause and place, each once. A part of the
// program that keep refuses is left out.
func (r *Result) Unloaded(keep func(flow.ClauseID) bool) []Unloaded {
	s := &useSearch{follower: r.follower}
	s.handOn()
	for i := range s.flow.Len() {
		id := flow.ClauseID(i)
		if s.flow.Skipped(id) || !keep(id) {
			continue
		}
		c := s.flow.Code(id)
		s.top = &context{f: s.root(id)}
		for x := range s.exprs(id) {
			s.at(c, x)
		}
	}
	return s.out
}

// useSearch looks for unloaded uses.
type useSearch struct {
	*follower
	handed map[paramKey]bool // the parameters that may be given an association
	top    *context
	tries  int
	out    []Unloaded
}

// handOn finds the parameters that callers may give an association.
func (s *useSearch) handOn() {
	s.handed = map[paramKey]bool{}
	for range maxUseClimb {
		before := len(s.handed)
		for i := range s.flow.Len() {
			id := flow.ClauseID(i)
			params := s.flow.Params(id)
			for _, k := range s.flow.CallersOf(id) {
				s.handTo(id, params, k)
			}
		}
		if len(s.handed) == before {
			return
		}
	}
}

// handTo notes which parameters of a clause one call may give an association.
func (s *useSearch) handTo(id flow.ClauseID, params []ir.ExprID, k flow.Caller) {
	c := s.flow.Code(k.Clause)
	e := c.At(k.Expr)
	fn := s.flow.Func(id)
	if e.Op != ir.Call || fn == ir.No || len(params) == 0 || e.Lo == e.Hi {
		return
	}
	args := c.List(e)
	if !slices.ContainsFunc(args, func(a ir.ExprID) bool { return s.mayBe(c, a) }) {
		return
	}
	for arg, p := range s.flow.Positions(s.p.Funcs[fn], len(args)) {
		if arg < len(args) && p < len(params) && s.mayBe(c, args[arg]) {
			s.handed[paramKey{s.flow.Code(id), params[p]}] = true
		}
	}
}

// context is a clause on one chain of calls to it.
type context struct {
	f        *frame
	chain    []Hop // without the use
	up       []*context
	expanded bool
}

// at looks at one expression that may use an association.
func (s *useSearch) at(c *ir.Code, x ir.ExprID) {
	e := c.At(x)
	switch e.Op {
	case ir.Get:
		if !strings.HasPrefix(e.Str, "__") {
			s.use(c, x, ir.ExprID(e.A), Unloaded{How: ReadField, Field: e.Str})
		}
	case ir.Index:
		s.use(c, x, ir.ExprID(e.A), Unloaded{How: ReadField, Field: "[]"})
	case ir.Generator:
		s.use(c, x, ir.ExprID(e.B), Unloaded{How: GoThrough})
	case ir.Call:
		s.call(c, x, e)
	}
}

// call looks at a call that goes through one of its arguments.
func (s *useSearch) call(c *ir.Code, x ir.ExprID, e *ir.Expr) {
	_, ext := s.flow.Resolve(&c.Callees[e.A])
	m := s.flow.Model(ext)
	if m == nil {
		return
	}
	arg := m.Collection
	if m.Iterates != nil {
		arg = m.Iterates
	}
	if list := c.List(e); arg != nil && *arg < len(list) {
		s.use(c, x, list[*arg], Unloaded{How: GoThrough})
	}
}

// use asks what the expression obj is, for which u would be a failure.
func (s *useSearch) use(c *ir.Code, x, obj ir.ExprID, u Unloaded) {
	if !s.mayBe(c, obj) || s.rescued(c, x) {
		return
	}
	s.tries = 0
	s.try(s.top, obj, Hop{s.top.f.clause, x}, u)
}

// mayBe reports whether an expression may be an association at all: one that is
// read from something, or a variable that may hold one.
func (s *useSearch) mayBe(c *ir.Code, x ir.ExprID) bool {
	e := c.At(x)
	switch e.Op {
	case ir.Get:
		return s.associations[e.Str]
	case ir.Match:
		return s.mayBe(c, ir.ExprID(e.B))
	case ir.Use:
		return e.A >= 0 && int(e.A) < len(c.Vars) && c.Vars[e.A].At != ir.No && s.mayHold(c, c.Vars[e.A].At)
	}
	return false
}

// mayHold reports whether a variable may hold an association: bound as a
// parameter that is given one, to one that is read, or out of a map under its name.
func (s *useSearch) mayHold(c *ir.Code, at ir.ExprID) bool {
	p := s.parents[c][at]
	if p == ir.No {
		return s.handed[paramKey{c, at}]
	}
	e := c.At(p)
	switch e.Op {
	case ir.Match:
		if ir.ExprID(e.A) != at {
			return false
		}
		v := c.At(ir.ExprID(e.B))
		return v.Op == ir.Get && s.associations[v.Str] || s.handed[paramKey{c, p}]
	case ir.Make:
		list := c.List(e)
		i := slices.Index(list, at)
		if (e.Sub != ir.MakeMap && e.Sub != ir.MakeStruct) || i%2 != 1 {
			return false
		}
		k := c.At(list[i-1])
		return k.Op == ir.Const && s.associations[k.Str]
	}
	return false
}

// rescued reports whether a failure at x is caught in the same function.
func (s *useSearch) rescued(c *ir.Code, x ir.ExprID) bool {
	for ; x != ir.No; x = s.parents[c][x] {
		if c.At(x).Op == ir.Try {
			return true
		}
	}
	return false
}

// try asks in one context, and then in those of the callers who decide. It
// reports whether the use at is found to be one.
func (s *useSearch) try(k *context, obj ir.ExprID, at Hop, u Unloaded) bool {
	if s.tries++; s.tries > maxUseFrames {
		return false
	}
	v := s.evaluator().value(k.f, obj)
	outer := k.f.outermost().clause
	served := s.flow.Reached(outer).Serves() && u.judge(v) && !s.doubted(append(slices.Clone(k.chain), at), u.Assoc.Name)
	decides := v.deciders() != 0
	if served {
		can, asks := s.accepts(k.f)
		if !can {
			return false
		}
		decides = asks
	}
	if decides && len(k.chain) < maxUseClimb {
		callers := s.above(k)
		if slices.ContainsFunc(callers, func(c *context) bool { return s.try(c, obj, at, u) }) {
			return true
		}
		served = served && len(callers) == 0
	}
	if served {
		u.Chain = append(slices.Clone(k.chain), at)
		s.out = append(s.out, u)
	}
	return served
}

// above are the contexts of the callers.
func (s *useSearch) above(k *context) []*context {
	if k.expanded {
		return k.up
	}
	k.expanded = true
	add := func(g *frame, chain []Hop) {
		if len(k.up) < maxUseFrames {
			k.up = append(k.up, &context{f: g, chain: chain})
		}
	}
	s.follower.above(k.f, k.chain, add)
	pages := s.pages[k.f.outermost().clause]
	for i := range pages {
		p := &pages[i]
		if !slices.ContainsFunc(k.chain, func(h Hop) bool { return h.Clause == p.caller.Clause }) {
			if g := s.shownBy(k.f, p); s.evaluator().reached(g) {
				add(g, append([]Hop{{p.caller.Clause, p.caller.Expr}}, k.chain...))
			}
		}
	}
	return k.up
}

// accepts reports whether the clauses of a chain accept the constants that they are
// called with, and whether its outermost parameters decide that.
func (s *useSearch) accepts(f *frame) (can, decides bool) {
	ev := s.evaluator()
	for ; f != nil; f = f.up {
		for i, p := range s.flow.Params(f.clause) {
			e := f.code.At(p)
			if e.Op == ir.Match {
				e = f.code.At(ir.ExprID(e.A))
				if e.Op != ir.Make {
					e = f.code.At(ir.ExprID(f.code.At(p).B))
				}
			}
			if e.Op == ir.Make && s.wantsLoaded(f, e, ev.param(f, i)) {
				return false, false
			}
			if e.Op != ir.Const {
				continue
			}
			v, want := ev.param(f, i), constant(e)
			if (v.kind == text || v.kind == atom || v.kind == module) && (v.kind != want.kind || v.str != want.str) {
				return false, false
			}
			decides = decides || v.deciders() != 0
		}
	}
	return true, decides
}

// wantsLoaded reports whether the pattern of a row asks for the row of an association
// that is certainly not loaded in it.
func (s *useSearch) wantsLoaded(f *frame, e *ir.Expr, v val) bool {
	if e.Sub != ir.MakeStruct && e.Sub != ir.MakeMap || v.kind != row || v.q == nil || v.q.OpenLoads || v.q.Root().Schema == nil {
		return false
	}
	list := f.code.List(e)
	for i := 0; i+1 < len(list); i += 2 {
		k, want := f.code.At(list[i]), f.code.At(list[i+1])
		if want.Op == ir.Match {
			want = f.code.At(ir.ExprID(want.A))
		}
		if k.Op != ir.Const || v.q.Root().Schema.Association(k.Str) == nil || v.q.Loaded(k.Str) != No {
			continue
		}
		if want.Op == ir.Make && (want.Sub == ir.MakeStruct || want.Sub == ir.MakeList) || want.Op == ir.Const {
			return true
		}
	}
	return false
}

// judge reports whether a value is an association that is certainly not loaded
// in rows that certainly come from one call.
func (u *Unloaded) judge(v val) bool {
	found := false
	for _, a := range v.each() {
		switch {
		case a.kind == atom && a.str == "nil":
			continue
		case a.of == nil || found:
			return false
		case u.How == ReadField && a.kind != row, u.How == GoThrough && a.kind != rows:
			return false
		}
		q := a.of.owner
		if q.From == nil || q.OpenLoads || q.Loaded(a.of.assoc.Name) != No || q.Selects != No || q.Fields || q.Root().Schema.Partial {
			return false
		}
		u.Owner, u.Assoc, u.From = q.Root().Schema, a.of.assoc, *q.From
		found = true
	}
	return found
}

// deciders are the parameters that decide what is open in a value.
func (v val) deciders() uint32 {
	p := v.params
	for i := range v.alts {
		p |= v.alts[i].deciders()
	}
	return p
}

// doubted reports whether any function on the way tells loaded associations from
// others, or goes on only if another parameter says so.
func (s *useSearch) doubted(chain []Hop, assoc string) bool {
	for i, h := range chain {
		if i > 0 && s.optional(h) {
			return true
		}
		fn := s.flow.Func(h.Clause)
		if fn == ir.No {
			continue
		}
		names := append(handedBy(s.flow.Code(h.Clause), h.Expr), assoc)
		lo, hi := s.flow.Clauses(fn)
		for id := lo; id < hi; id++ {
			if s.tells(id, names) {
				return true
			}
		}
	}
	return false
}

// handedBy are the names of the variables that a call or a use takes: one of them
// may be the association by another name.
func handedBy(c *ir.Code, x ir.ExprID) []string {
	var out []string
	c.Operands(x, func(o ir.ExprID) {
		if e := c.At(o); e.Op == ir.Use {
			out = append(out, e.Str)
		}
	})
	return out
}

// optional reports whether a call happens only if a parameter of its clause says
// so that is not used in the call itself.
func (s *useSearch) optional(h Hop) bool {
	c := s.flow.Code(h.Clause)
	used := s.parametersIn(h.Clause, c, h.Expr)
	for x := h.Expr; x != ir.No; x = s.parents[c][x] {
		on := ir.ExprID(ir.No)
		switch p := s.parents[c][x]; {
		case p == ir.No:
		case c.At(p).Op == ir.Branch && ir.ExprID(c.At(p).A) != x, c.At(p).Op == ir.Case && ir.ExprID(c.At(p).A) != x:
			on = ir.ExprID(c.At(p).A)
		}
		for _, v := range s.parametersIn(h.Clause, c, on) {
			if !slices.Contains(used, v) {
				return true
			}
		}
	}
	return false
}

// parametersIn are the variables in an expression that a parameter's pattern
// binds.
func (s *useSearch) parametersIn(id flow.ClauseID, c *ir.Code, x ir.ExprID) []ir.VarID {
	var out []ir.VarID
	if x == ir.No {
		return nil
	}
	params := s.flow.Params(id)
	c.Walk(x, func(o ir.ExprID) bool {
		e := c.At(o)
		if e.Op == ir.Use && e.A >= 0 && int(e.A) < len(c.Vars) {
			at := c.Vars[e.A].At
			for at != ir.No && s.parents[c][at] != ir.No {
				at = s.parents[c][at]
			}
			if slices.Contains(params, at) {
				out = append(out, ir.VarID(e.A))
			}
		}
		return true
	})
	return out
}

// tells reports whether a clause looks at whether an association is loaded: its
// parameters match on it, or a condition asks a function about it.
func (s *useSearch) tells(id flow.ClauseID, names []string) bool {
	c := s.flow.Code(id)
	found := false
	for _, root := range s.flow.Roots(id) {
		c.Walk(root, func(x ir.ExprID) bool {
			e := c.At(x)
			switch e.Op {
			case ir.Make:
				found = found || s.matches(c, e, names) && s.evaluator().pattern(c, x)
			case ir.Call:
				found = found || s.asks(c, e, names)
			case ir.Case:
				found = found || named(c, ir.ExprID(e.A), names) && s.particular(c, e)
			}
			return !found
		})
	}
	return found
}

// matches reports whether a map has something other than a name for a key: as a
// pattern it says what must be there.
func (s *useSearch) matches(c *ir.Code, e *ir.Expr, names []string) bool {
	if e.Sub != ir.MakeMap && e.Sub != ir.MakeStruct {
		return false
	}
	list := c.List(e)
	for i := 0; i+1 < len(list); i += 2 {
		if k := c.At(list[i]); k.Op == ir.Const && slices.Contains(names, k.Str) {
			op := c.At(list[i+1]).Op
			return op == ir.Make || op == ir.Match || op == ir.Const
		}
	}
	return false
}

// asks reports whether a function is asked about an association and answers with
// no more than yes or no.
func (s *useSearch) asks(c *ir.Code, e *ir.Expr, names []string) bool {
	k := &c.Callees[e.A]
	fn, ext := s.flow.Resolve(k)
	yes := strings.HasPrefix(k.Name, "is_") && k.Name != "is_nil" || strings.HasSuffix(k.Name, "?")
	if fn == ir.No {
		m := s.flow.Model(ext)
		yes = yes && m != nil && m.Clean && m.Iterates == nil && m.Collection == nil
	}
	return yes && slices.ContainsFunc(c.List(e), func(a ir.ExprID) bool {
		return named(c, a, names) || c.At(a).Op == ir.Const && slices.Contains(names, c.At(a).Str)
	})
}

// particular reports whether an arm of a case accepts one type only.
func (s *useSearch) particular(c *ir.Code, e *ir.Expr) bool {
	for _, arm := range c.List(e) {
		patterns, guard, _ := c.Parts(c.At(arm))
		if guard != ir.No || len(patterns) == 1 && (c.At(patterns[0]).Op == ir.Make || c.At(patterns[0]).Op == ir.Match) {
			return true
		}
	}
	return false
}

// named reports whether an expression reads a field or a variable with one of
// some names.
func named(c *ir.Code, x ir.ExprID, names []string) bool {
	e := c.At(x)
	return (e.Op == ir.Get || e.Op == ir.Use || e.Op == ir.Bind) && slices.Contains(names, e.Str)
}
