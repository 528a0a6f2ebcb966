package query

import (
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// rowOf is a row of a schema of which nothing else is known.
func rowOf(s *ir.Schema) *Query {
	return &Query{Sources: []Source{{Schema: s, Table: s.Rows, Name: s.Table}}}
}

// value follows an expression to what is known of its value.
func (ev *evaluator) value(f *frame, id ir.ExprID) val {
	if ev.steps++; ev.steps > maxSteps || id < 0 {
		return val{kind: unknown}
	}
	e := f.code.At(id)
	switch e.Op {
	case ir.Const:
		return constant(e)
	case ir.Use:
		return ev.variable(f, ir.VarID(e.A))
	case ir.Pin:
		return ev.value(f, ir.ExprID(e.A))
	case ir.Attr:
		return ev.attribute(f, e)
	case ir.Call:
		return ev.callValue(f, id, e)
	case ir.Invoke:
		return ev.invoke(f, e)
	case ir.Send:
		return ev.send(f, id, e)
	case ir.Get:
		return ev.fieldOf(f, ev.value(f, ir.ExprID(e.A)), e.Str)
	case ir.Index:
		return ev.index(f, e)
	case ir.Make:
		return ev.make(f, id, e)
	case ir.Update:
		return ev.update(f, id, e)
	case ir.Match:
		return ev.value(f, ir.ExprID(e.B))
	case ir.Closure, ir.FuncRef:
		return val{kind: made, f: f, x: id}
	case ir.Block, ir.Branch, ir.Case, ir.With, ir.Try, ir.Loop, ir.Arm:
		return ev.branches(f, e)
	case ir.Raise:
		return val{kind: bottom}
	}
	return val{kind: unknown}
}

func constant(e *ir.Expr) val {
	switch e.Sub {
	case ir.LitModule:
		return val{kind: module, str: e.Str}
	case ir.LitString:
		return val{kind: text, str: e.Str}
	case ir.LitAtom, ir.LitNil, ir.LitBool:
		return val{kind: atom, str: e.Str}
	}
	return val{kind: text, str: e.Str}
}

// branches is the value of an expression that chooses one of several.
func (ev *evaluator) branches(f *frame, e *ir.Expr) val {
	c := f.code
	list := c.List(e)
	switch e.Op {
	case ir.Block:
		if len(list) == 0 {
			return val{kind: atom, str: "nil"}
		}
		return ev.value(f, list[len(list)-1])
	case ir.Branch:
		return ev.branch(f, e)
	case ir.Arm:
		_, _, body := c.Parts(e)
		return ev.value(f, body)
	case ir.Loop:
		return ev.comprehension(f, e)
	}
	out := val{kind: bottom}
	if e.Op == ir.With || e.Op == ir.Try {
		out = ev.value(f, ir.ExprID(e.A))
	}
	for _, o := range list {
		if c.At(o).Op == ir.Arm {
			out = out.join(ev.value(f, o))
		}
	}
	return out
}

func (ev *evaluator) branch(f *frame, e *ir.Expr) val {
	switch e.Sub {
	case ir.BranchAnd:
		return ev.value(f, ir.ExprID(e.B))
	case ir.BranchOr:
		return ev.value(f, ir.ExprID(e.A)).join(ev.value(f, ir.ExprID(e.C)))
	}
	out := ev.value(f, ir.ExprID(e.B))
	if e.C < 0 {
		return out.join(val{kind: atom, str: "nil"})
	}
	return out.join(ev.value(f, ir.ExprID(e.C)))
}

// comprehension is what a comprehension gives: a list of what its body gives, or
// what its accumulator was last.
func (ev *evaluator) comprehension(f *frame, e *ir.Expr) val {
	if e.Flags&ir.FlagReduce != 0 {
		out := ev.startOf(f, e)
		for _, o := range f.code.List(e) {
			if f.code.At(o).Op == ir.Arm {
				out = out.join(ev.value(f, o))
			}
		}
		return out
	}
	return many(ev.value(f, ir.ExprID(e.A)))
}

// many is a list whose elements are v.
func many(v val) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		switch {
		case a.kind == row:
			a.kind, a.of = rows, nil
			out = out.join(a)
		case a.kind == atom && a.str == "nil":
		default:
			out = out.join(val{kind: unknown, params: a.undecided()})
		}
	}
	if out.kind == bottom {
		return val{kind: unknown}
	}
	return out
}

// attribute is the value of a module attribute.
func (ev *evaluator) attribute(f *frame, e *ir.Expr) val {
	return ev.value(ev.attributeAt(f, e))
}

func (ev *evaluator) index(f *frame, e *ir.Expr) val {
	v := ev.value(f, ir.ExprID(e.A))
	if k := f.code.At(ir.ExprID(e.B)); k.Op == ir.Const {
		return ev.fieldOf(f, v, k.Str)
	}
	return val{kind: unknown, params: v.undecided()}
}

// make is a value that is built. A record of a schema is a row.
func (ev *evaluator) make(f *frame, id ir.ExprID, e *ir.Expr) val {
	if e.Sub == ir.MakeStruct {
		if s := ev.p.SchemaNamed(e.Str); s != nil {
			q := rowOf(s)
			q.Built = true
			list := f.code.List(e)
			ev.fill(f, q, list)
			ev.filled(f, id, q, list)
			return known(row, q)
		}
	}
	return val{kind: made, f: f, x: id}
}

// fill notes which associations of a row are given a value.
func (ev *evaluator) fill(f *frame, q *Query, pairs []ir.ExprID) {
	s := q.Root().Schema
	for i := 0; i+1 < len(pairs); i += 2 {
		k := f.code.At(pairs[i])
		if k.Op == ir.Const && s != nil && s.Association(k.Str) != nil {
			q.Loads = append(q.Loads, Load{Path: []string{k.Str}, Joined: true, Span: f.code.Span(pairs[i+1])})
		} else if k.Op != ir.Const {
			q.OpenLoads = true
		}
	}
}

// update is a record with some fields changed.
func (ev *evaluator) update(f *frame, id ir.ExprID, e *ir.Expr) val {
	v := ev.value(f, ir.ExprID(e.A))
	pairs := f.code.List(e)
	if v.kind == rows {
		// Rows with fields are a page, and one of these holds the rows.
		out := v
		eachEntry(f.code, pairs, func(k string, x ir.ExprID) {
			if k == "entries" {
				out = ev.value(f, x)
			}
		})
		return out
	}
	return v.mapQueries(func(q *Query) *Query {
		q = q.copied()
		ev.fill(f, q, pairs)
		ev.filled(f, id, q, pairs)
		return q
	})
}

// filled notes the fields that a row is built with.
func (ev *evaluator) filled(f *frame, id ir.ExprID, q *Query, pairs []ir.ExprID) {
	st := Step{Kind: Built, Span: f.code.Span(id), frame: f}
	st.Open = eachEntry(f.code, pairs, func(k string, v ir.ExprID) {
		st.Fields = append(st.Fields, k)
		st.values = append(st.values, v)
	})
	if len(pairs) > 0 {
		q.Steps = append(q.Steps, st)
	}
}

// sentAlong reports whether a field of a request holds what the client sent.
func sentAlong(field string) bool {
	switch field {
	case "params", "body_params", "query_params", "path_params":
		return true
	}
	return false
}

// fieldOf is a field of a value that code of a frame reads.
func (ev *evaluator) fieldOf(f *frame, v val, name string) val {
	out := val{kind: bottom}
	for _, a := range v.each() {
		out = out.join(ev.fieldOfOne(f, a, name))
	}
	if out.kind == bottom {
		return val{kind: unknown}
	}
	return out
}

func (ev *evaluator) fieldOfOne(f *frame, v val, name string) val {
	switch v.kind {
	case unknown:
		v.client = v.client || sentAlong(name)
		if name == "assigns" {
			v.kind = assigns
		}
		return v
	case assigns:
		return ev.assigned(f.code.Module, name, v)
	case showing:
		if v.str == name {
			return v.alts[0]
		}
	case changeset:
		if name == "data" {
			return known(row, v.q)
		}
	case changes:
		return ev.stepOf(ev.value(v.f, v.x), name)
	case row:
		out := ev.related(v.q, name)
		out.params |= v.params
		return out
	case made:
		if x := partOf(v.f.code, v.x, name); x != ir.No {
			return ev.value(v.f, x)
		}
	}
	return val{kind: unknown}
}

// partOf is the value under a key of a map, struct or keyword list that is
// written out, or No.
func partOf(c *ir.Code, at ir.ExprID, name string) ir.ExprID {
	found := ir.ExprID(ir.No)
	first := func(key string, x ir.ExprID) {
		if key == name && found == ir.No {
			found = x
		}
	}
	switch e := c.At(at); {
	case e.Op != ir.Make:
	case e.Sub == ir.MakeMap || e.Sub == ir.MakeStruct:
		eachEntry(c, c.List(e), first)
	case e.Sub == ir.MakeList:
		c.EachPair(at, first)
	}
	return found
}

// related are the rows that an association of a row holds.
func (ev *evaluator) related(q *Query, name string) val {
	s := q.Root().Schema
	if s == nil {
		return val{kind: unknown}
	}
	a := s.Association(name)
	if a == nil || a.Schema == ir.No {
		return val{kind: unknown, stored: !q.Built && !q.Inserted}
	}
	out := rowOf(ev.p.Schemas[a.Schema])
	out.From = q.From
	out.OpenFilters = true
	out.OpenLoads = q.OpenLoads
	for i := range q.Loads {
		l := &q.Loads[i]
		path := l.Path
		if path[0] != name {
			path = q.through(path)
		}
		switch {
		case path[0] != name:
		case l.Joined && l.Query == nil && len(path) == 1:
			out.OpenLoads = true // put there by the program: its rows may have anything
		case l.Query != nil && len(path) == 1:
			out.Loads = append(out.Loads, l.Query.Loads...)
			out.OpenLoads = out.OpenLoads || l.Query.OpenLoads
		case len(path) > 1:
			out.Loads = append(out.Loads, Load{Path: path[1:], May: l.May, Joined: l.Joined, Query: l.Query, Span: l.Span})
		}
	}
	v := known(row, out)
	if a.Kind.Many() {
		v.kind = rows
	}
	v.of = &related{q, a}
	return v
}

// callValue is what a call of a named function gives.
func (ev *evaluator) callValue(f *frame, id ir.ExprID, e *ir.Expr) val {
	fn, ext := ev.flow.Resolve(&f.code.Callees[e.A])
	args := f.code.List(e)
	if fn != ir.No {
		if ev.p.Funcs[fn].Macro() {
			return ev.opened(f, args)
		}
		return ev.project(f, fn, args, nil)
	}
	m := ev.flow.Model(ext)
	if k := &f.code.Callees[e.A]; k.How == ir.Kernel && k.Name == "<>" {
		return val{kind: made, f: f, x: id}
	}
	if m == nil {
		return ev.opened(f, args)
	}
	return ev.library(f, id, e, m, args)
}

// project is what a function of the project gives, for args or for vals.
func (ev *evaluator) project(f *frame, fn ir.FuncID, args []ir.ExprID, vals []val) val {
	if f.depth >= maxFrames {
		return val{kind: unknown, params: ev.decidedBy(f, args)}
	}
	for i := range vals {
		if vals[i].kind == bottom {
			vals[i].kind = unknown
		}
	}
	out := val{kind: bottom}
	recursive, taken := false, false
	var passed []val
	ev.flow.Targets(fn, f.code, args, func(t flow.ClauseID) {
		if taken || f.running(t) {
			recursive = recursive || !taken
			return
		}
		g := ev.call(f, t, ev.p.Funcs[fn], args)
		if passed == nil {
			passed = g.passed
		}
		g.passed, g.vals = passed, vals
		fits := ev.fits(g)
		if taken = fits == Yes; fits != No {
			out = out.join(ev.value(g, ev.flow.Body(t)))
		}
	})
	if out.kind == bottom && !recursive {
		return val{kind: unknown, params: ev.decidedBy(f, args)}
	}
	return out
}

// decidedBy are the outermost parameters that arguments depend on.
func (ev *evaluator) decidedBy(f *frame, args []ir.ExprID) uint32 {
	var p uint32
	for _, a := range args {
		p |= ev.value(f, a).undecided()
	}
	return p
}

// opened is what a function gives of which nothing is known: of a query that it
// is given first it may make another one of the same source.
func (ev *evaluator) opened(f *frame, args []ir.ExprID) val {
	if len(args) == 0 {
		return val{kind: unknown}
	}
	v := ev.value(f, args[0])
	switch v.kind {
	case query:
		q := v.q.copied()
		q.OpenFilters, q.OpenLoads = true, true
		q.Limit, q.Selects = q.Limit.or(Maybe), q.Selects.or(Maybe)
		return known(query, q)
	case unknown:
		return v
	}
	return val{kind: unknown}
}

// library is what a modelled function gives.
func (ev *evaluator) library(f *frame, id ir.ExprID, e *ir.Expr, m *model.Call, args []ir.ExprID) val {
	switch {
	case m.Expand == "ecto_query":
		return ev.queryMacro(f, id, f.code.Callees[e.A].Name, args)
	case m.Gives == "multi":
		return val{kind: multi, f: f, x: id}
	case m.Asks != "":
		return ev.answer(f, id, m, args)
	case m.Gives == "changeset" && len(args) > 0:
		return ev.brought(f, m, args, ev.changed(f, id, f.code.Callees[e.A].Name, args))
	case m.Follows != nil && *m.Follows < len(args):
		return ev.followed(f, id, m, args)
	case m.Accumulates != nil && *m.Accumulates < len(args):
		return ev.reduced(f, m, args)
	case m.Keeps != nil && *m.Keeps < len(args):
		v := ev.kept(f, id, ev.value(f, args[*m.Keeps]), args)
		v.of, v.some = nil, v.some || m.Narrows
		return v
	case m.Picks != nil && *m.Picks < len(args):
		return ev.elements(ev.value(f, args[*m.Picks]))
	case m.Passes != nil && len(m.Runs) == 1 && m.Runs[0] < len(args):
		return ev.ran(f, m, args)
	case m.Iterates != nil && len(m.Runs) == 1 && m.Runs[0] < len(args) && m.Effects == 0 && !m.Clean && !m.Stops:
		return many(ev.ran(f, m, args))
	case m.Transaction && len(m.Runs) > 0 && m.Runs[0] < len(args):
		return ev.transacted(f, args[m.Runs[0]])
	case m.Effects == 0 && m.Gives == "row" && len(args) > 0:
		v := ev.ofModule(ev.value(f, args[0]))
		if len(args) > 1 {
			return ev.broughtBy(v, ev.value(f, args[1]))
		}
		return v
	}
	return ev.opaque(f, args[:min(1, len(args))])
}

// opaque is a value that is made of others in a way that is not known.
func (ev *evaluator) opaque(f *frame, args []ir.ExprID) val {
	out := val{kind: unknown}
	for _, x := range args {
		v := ev.value(f, x)
		out.params |= v.undecided()
		for _, a := range v.each() {
			out.client, out.stored = out.client || a.client, out.stored || a.stored
		}
	}
	return out
}

// brought is a changeset after a step that may have given the row associations.
func (ev *evaluator) brought(f *frame, m *model.Call, args []ir.ExprID, v val) val {
	if m.Fills == nil || *m.Fills >= len(args) {
		return v
	}
	if k := f.code.At(args[*m.Fills]); k.Op == ir.Const {
		return v.mapQueries(func(q *Query) *Query {
			q = q.copied()
			q.Loads = append(q.Loads, Load{Path: []string{k.Str}, Joined: true, Span: f.code.Span(args[*m.Fills])})
			return q
		})
	}
	return ev.broughtBy(v, ev.value(f, args[*m.Fills]))
}

// broughtBy is a row or changeset with the fields that with holds.
func (ev *evaluator) broughtBy(v, with val) val {
	var pairs []ir.ExprID
	open := with.kind != made
	if !open {
		e := with.f.code.At(with.x)
		switch {
		case e.Op == ir.Make && e.Sub == ir.MakeMap:
			pairs = with.f.code.List(e)
		case e.Op == ir.Make && e.Sub == ir.MakeList:
			for _, p := range with.f.code.List(e) {
				pairs = append(pairs, with.f.code.List(with.f.code.At(p))...)
			}
		default:
			open = true
		}
	}
	return v.mapQueries(func(q *Query) *Query {
		q = q.copied()
		if ev.fill(with.f, q, pairs); open || len(pairs)%2 != 0 {
			q.OpenLoads = true
		}
		return q
	})
}

// kept is a value that a library's function gives back, with a field set if it is
// given a name and a value.
func (ev *evaluator) kept(f *frame, id ir.ExprID, v val, args []ir.ExprID) val {
	if v.kind == made && v.f.code.At(v.x).Op == ir.Make && v.f.code.At(v.x).Sub == ir.MakeMap {
		return ev.opaque(f, args[:1])
	}
	if len(args) != 3 {
		return v
	}
	return v.mapQueries(func(q *Query) *Query {
		q = q.copied()
		ev.fill(f, q, args[1:])
		ev.filled(f, id, q, args[1:])
		return q
	})
}

// transacted is what a transaction gives for the function, or steps, that it runs.
func (ev *evaluator) transacted(f *frame, x ir.ExprID) val {
	v := ev.value(f, x)
	if v.kind == made {
		v = ev.result(v)
	}
	out := val{kind: bottom}
	for _, a := range v.each() {
		switch a.kind {
		case row:
			a.kind = outcome
		case rows:
			a.kind, a.list = outcome, true
		case multi:
			return val{kind: outcome, f: f, x: x}
		case outcome:
		default:
			a = val{kind: unknown, params: a.undecided()}
		}
		out = out.join(a)
	}
	return out
}

// ofModule is a row of the schema that a value names or is.
func (ev *evaluator) ofModule(v val) val {
	switch v.kind {
	case module:
		if s := ev.p.SchemaNamed(v.str); s != nil {
			q := rowOf(s)
			q.Built = true
			return known(row, q)
		}
	case row:
		return v
	}
	return val{kind: unknown, params: v.undecided()}
}

// followed is about the rows that an association of a row leads to.
func (ev *evaluator) followed(f *frame, id ir.ExprID, m *model.Call, args []ir.ExprID) val {
	name := f.code.At(args[*m.Follows])
	of := ev.value(f, args[0])
	if list := f.code.List(name); name.Op == ir.Make && name.Sub == ir.MakeList && onlyAtoms(f.code, name) {
		return ev.chained(f, of, list)
	}
	if name.Op != ir.Const {
		return val{kind: unknown}
	}
	var s *ir.Schema
	switch {
	case (of.kind == row || of.kind == rows) && of.q != nil:
		s = of.q.Root().Schema
	case of.kind == unknown:
		s = ev.schemaWith(f.code.Module, []string{name.Str})
	}
	if s == nil {
		return val{kind: unknown, params: of.undecided()}
	}
	a := s.Association(name.Str)
	if a == nil || a.Schema == ir.No {
		return val{kind: unknown}
	}
	q := rowOf(ev.p.Schemas[a.Schema])
	if m.Gives == "row" {
		q.Built = true
		q.Steps = ev.linked(f, id, a, args)
		if len(args) > *m.Follows+1 {
			return ev.broughtBy(known(row, q), ev.value(f, args[*m.Follows+1]))
		}
		return known(row, q)
	}
	if a.Kind == ir.ManyToMany || len(a.Through) > 0 {
		q.OpenFilters = true // other tables say which
	} else {
		c := Equal
		if of.kind == rows {
			c = In
		}
		q.Filters = []Filter{{Column: q.column(0, a.RelatedKey), Compare: c, Span: f.code.Span(args[*m.Follows])}}
	}
	return known(query, q)
}

// linked are the steps of a row that is built for an association: its key, and
// what it is given besides.
func (ev *evaluator) linked(f *frame, id ir.ExprID, a *ir.Association, args []ir.ExprID) []Step {
	st := Step{Span: f.code.Span(id), frame: f}
	var out []Step
	if len(args) > 2 {
		out = ev.pairSteps(f, st, Built, args[2])
	}
	st.Kind, st.Fields, st.values = Built, []string{a.RelatedKey}, args[:1]
	return append(out, st)
}

// chained is a query for the rows that associations lead to, one after the other.
func (ev *evaluator) chained(f *frame, of val, names []ir.ExprID) val {
	if of.kind != row && of.kind != rows {
		return val{kind: unknown, params: of.undecided()}
	}
	s := of.q.Root().Schema
	for _, x := range names {
		if s == nil {
			break
		}
		a := s.Association(f.code.At(x).Str)
		if s = nil; a != nil && a.Schema != ir.No {
			s = ev.p.Schemas[a.Schema]
		}
	}
	if s == nil {
		return val{kind: unknown}
	}
	q := rowOf(s)
	q.OpenFilters = true
	return known(query, q)
}

// send is what a call on a module known only at run time gives, if it is one of
// a Repo.
func (ev *evaluator) send(f *frame, id ir.ExprID, e *ir.Expr) val {
	m := ev.repoCall(e.Str, int(e.Hi-e.Lo))
	if m == nil {
		return val{kind: unknown}
	}
	on := ev.value(f, ir.ExprID(e.A))
	if !ev.mayBeRepo(on) {
		return val{kind: unknown, params: on.undecided()}
	}
	return ev.answer(f, id, m, f.code.List(e))
}

// asChangeset is a changeset of a row. In a schema's own module a row of unknown
// origin is one of the schema.
func (ev *evaluator) asChangeset(f *frame, v val) val {
	if v.kind == unknown {
		if s := ev.p.SchemaOf(f.code.Module); s != nil {
			q := rowOf(s)
			q.OpenFilters, q.OpenLoads, q.OpenSteps, q.Guessed = true, true, true, true
			return val{kind: changeset, q: q, params: v.params}
		}
	}
	out := val{kind: bottom}
	for _, a := range v.each() {
		switch a.kind {
		case row, changeset:
			out = out.join(val{kind: changeset, q: a.q, params: a.params})
		case made:
			e := a.f.code.At(a.x)
			list := a.f.code.List(e)
			if e.Op == ir.Make && e.Sub == ir.MakeTuple && len(list) > 0 {
				out = out.join(ev.asChangeset(a.f, ev.value(a.f, list[0]))) // {data, types}
				continue
			}
			out = out.join(val{kind: unknown})
		default:
			out = out.join(val{kind: unknown, params: a.undecided()})
		}
	}
	return out
}
