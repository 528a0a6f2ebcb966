package flow

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
)

// ClauseID numbers the nodes of the call graph: the clauses of all functions
// in order, then the closures and scripts that are entries.
type ClauseID int32

// node is one clause of a function, or an entry without a function.
type node struct {
	fn      ir.FuncID  // No for an entry closure
	entry   int32      // index in Program.Entries, for an entry closure
	clause  *ir.Clause // nil for an entry closure
	expr    ir.ExprID  // what an entry closure runs
	code    *ir.Code
	codeIdx int32
	module  ir.ModuleID
	skipped bool // tests are not followed
	macro   bool // runs when the project is compiled

	edges []edge

	// What evaluation found.
	facts     []Fact
	sites     []Site
	loops     []Loop
	discards  []Discard
	swallows  []Swallow
	held      []Held
	passes    []pass
	within    map[ir.ExprID]bool // calls inside a transaction
	caught    map[ir.ExprID]bool // calls whose exceptions go no further
	ret       value
	retBound  Bound
	retPath   next   // how the failure that ret may be is reached
	shape     *shape // what it gives
	unmatched []Unmatched
	carries   []carry
	losses    []Loss
	masks     []Mask
	dead      []source.Span // what is never run, because something before it always raises: apart, in order
	gone      []ir.ExprID   // calls that never run, because one of their arguments always raises, in order
}

// edge is one way that a node can start another: a call, or a function taken
// as a value.
type edge struct {
	to ClauseID
	at ir.ExprID
}

// analysis is the state that the phases share. After graph it only grows by
// nodes' own results.
type analysis struct {
	p      *ir.Program
	models *model.Set
	needs  *source.Dependence
	nodes  []node
	first  []ClauseID // by FuncID, and one more
	tables [][]value  // of each Code's variables
	impls  [][]ir.FuncID
	sinks  map[*model.Call][]sink
	// enumerated are the names of fields that hold some of a few values.
	enumerated map[string]bool
	// refers are the names of associations to one row.
	refers map[string]bool
	// fixed are the fields that a module only sets to constants.
	fixed  map[field]bool
	comps  components
	shapes *shapes
	// records holds one record of each schema, without fields, as code that makes it.
	records  *ir.Code
	recordOf map[string]ir.ExprID // by module
}

func newAnalysis(p *ir.Program, models *model.Set) *analysis {
	a := &analysis{p: p, models: models, needs: p.Files.Dependence(), first: make([]ClauseID, len(p.Funcs)+1)}
	codes := make(map[*ir.Code]int32, len(p.Codes))
	a.addFuncs(codes)
	a.addEntries(codes)
	a.joinImplementations()
	a.readEnumerated()
	a.readFixed()
	a.readRefers()
	a.makeRecords()
	return a
}

func (a *analysis) readRefers() {
	a.refers = map[string]bool{}
	for _, s := range a.p.Schemas {
		for i := range s.Associations {
			if k := s.Associations[i].Kind; k == ir.BelongsTo || k == ir.HasOne {
				a.refers[s.Associations[i].Name] = true
			}
		}
	}
}

func (a *analysis) makeRecords() {
	a.records, a.recordOf = &ir.Code{}, make(map[string]ir.ExprID, len(a.p.Schemas))
	for _, s := range a.p.Schemas {
		name := a.p.Modules[s.Module].Name
		a.recordOf[name] = ir.ExprID(len(a.records.Exprs))
		a.records.Exprs = append(a.records.Exprs, ir.Expr{Op: ir.Make, Sub: ir.MakeStruct, Str: name})
	}
}

func (a *analysis) addFuncs(codes map[*ir.Code]int32) {
	total := 0
	for _, f := range a.p.Funcs {
		total += len(f.Clauses)
	}
	a.nodes = make([]node, 0, total+len(a.p.Entries))
	for i, f := range a.p.Funcs {
		a.first[i] = ClauseID(len(a.nodes))
		var takers []*ir.Clause // clauses before that run for all that they match
		for c := range f.Clauses {
			cl := &f.Clauses[c]
			shadowed := f.Code != nil && slices.ContainsFunc(takers, func(t *ir.Clause) bool {
				return t.Span.File == cl.Span.File && covers(f.Code, t.Params, cl.Params) && !covers(f.Code, cl.Params, t.Params)
			})
			if f.Code != nil && cl.Body != ir.No && cl.Guard == ir.No && len(takers) < maxTakers && !shadowed && distinct(f.Code, cl.Params) {
				takers = append(takers, cl)
			}
			a.nodes = append(a.nodes, node{
				fn: f.ID, entry: ir.No, clause: cl, expr: ir.No, code: f.Code,
				codeIdx: a.codeIndex(codes, f.Code), module: f.Module,
				skipped: inTest(f.Code) || cl.Body == ir.No || shadowed, macro: f.Macro(),
			})
		}
	}
	a.first[len(a.p.Funcs)] = ClauseID(len(a.nodes))
}

// maxTakers is how many clauses of a function are asked whether they leave something to those behind.
const maxTakers = 64

// covers reports whether patterns match all that others do: a clause with the others behind one with
// them never runs. Two of one head may stand in branches that exclude each other.
func covers(c *ir.Code, patterns, others []ir.ExprID) bool {
	if len(patterns) != len(others) || len(patterns) == 0 {
		return false
	}
	for i := range patterns {
		if !coversOne(c, patterns[i], others[i]) {
			return false
		}
	}
	return true
}

func coversOne(c *ir.Code, pattern, other ir.ExprID) bool {
	p, o := c.At(pattern), c.At(other)
	switch {
	case p.Op == ir.Any, p.Op == ir.Bind:
		return true
	case p.Op == ir.Match:
		return coversOne(c, ir.ExprID(p.A), other) && coversOne(c, ir.ExprID(p.B), other)
	case o.Op == ir.Match:
		return coversOne(c, pattern, ir.ExprID(o.A)) || coversOne(c, pattern, ir.ExprID(o.B))
	case p.Op == ir.Const:
		return o.Op == ir.Const && p.Sub == o.Sub && p.Str == o.Str
	case p.Op != ir.Make || o.Op != ir.Make || p.Sub != o.Sub:
		return false
	case p.Sub == ir.MakeMap, p.Sub == ir.MakeStruct && p.Str == o.Str:
		return coversKeys(c, c.List(p), c.List(o))
	case p.Sub == ir.MakeTuple, p.Sub == ir.MakeList:
		return p.Lo == p.Hi && o.Lo == o.Hi || covers(c, c.List(p), c.List(o))
	}
	return false
}

// coversKeys is covers for the keys and values of maps.
func coversKeys(c *ir.Code, pairs, others []ir.ExprID) bool {
	for i := 0; i+1 < len(pairs); i += 2 {
		k, found := c.At(pairs[i]), false
		for j := 0; j+1 < len(others) && !found; j += 2 {
			o := c.At(others[j])
			found = k.Op == ir.Const && o.Op == ir.Const && k.Sub == o.Sub && k.Str == o.Str && coversOne(c, pairs[i+1], others[j+1])
		}
		if !found {
			return false
		}
	}
	return true
}

// distinct reports whether patterns bind each variable once: where one stands twice, both places hold
// the same.
func distinct(c *ir.Code, patterns []ir.ExprID) bool {
	seen, once := map[int32]bool{}, true
	for _, x := range patterns {
		c.Walk(x, func(y ir.ExprID) bool {
			if e := c.At(y); e.Op == ir.Bind {
				once = once && !seen[e.A]
				seen[e.A] = true
			}
			return once
		})
	}
	return once
}

func (a *analysis) addEntries(codes map[*ir.Code]int32) {
	for i, e := range a.p.Entries {
		if e.Func == ir.No && e.Code != nil && e.Expr != ir.No {
			a.nodes = append(a.nodes, node{
				fn: ir.No, entry: int32(i), expr: e.Expr, code: e.Code,
				codeIdx: a.codeIndex(codes, e.Code), module: e.Module, skipped: inTest(e.Code),
			})
		}
	}
}

func (a *analysis) codeIndex(codes map[*ir.Code]int32, c *ir.Code) int32 {
	if i, ok := codes[c]; ok {
		return i
	}
	i := int32(len(a.tables))
	codes[c] = i
	if inTest(c) {
		a.tables = append(a.tables, nil)
	} else {
		a.tables = append(a.tables, make([]value, len(c.Vars)))
	}
	return i
}

func inTest(c *ir.Code) bool { return c.File != nil && c.File.Kind == source.Test }

// joinImplementations finds, for each function of a protocol, the functions
// that implement it.
func (a *analysis) joinImplementations() {
	a.impls = make([][]ir.FuncID, len(a.p.Funcs))
	for _, m := range a.p.Modules {
		if m.Kind != ir.ImplModule {
			continue
		}
		protocol := a.p.ModuleNamed(m.Protocol)
		if protocol == nil || protocol.Kind != ir.ProtocolModule {
			continue
		}
		for _, id := range m.Funcs {
			f := a.p.Funcs[id]
			if of := a.p.FuncNamed(protocol.ID, f.Name, f.Arity); of != nil {
				a.impls[of.ID] = append(a.impls[of.ID], id)
			}
		}
	}
}

// clauses are the nodes of a function.
func (a *analysis) clauses(f ir.FuncID) (lo, hi ClauseID) { return a.first[f], a.first[f+1] }

// resolve follows a callee through delegates to a function of the project or
// of a library.
func (a *analysis) resolve(c *ir.Callee) (ir.FuncID, ir.ExternID) {
	for range 8 {
		if c.Func == ir.No {
			return ir.No, c.Extern
		}
		f := a.p.Funcs[c.Func]
		if f.Kind != ir.Delegate || f.Target == ir.No {
			return c.Func, ir.No
		}
		c = &f.Code.Callees[f.Target]
	}
	return ir.No, ir.No
}

// model is the entry that says what an extern does, or nil.
func (a *analysis) model(e ir.ExternID) *model.Call {
	if e == ir.No || a.p.Externs[e].Model == ir.No {
		return nil
	}
	return a.models.At(a.p.Externs[e].Model)
}

// link finds the edges of a node.
func (a *analysis) link(id ClauseID, dynamic map[called][]ClauseID) {
	n := &a.nodes[id]
	if n.skipped {
		return
	}
	add := func(at ir.ExprID, f ir.FuncID, args []ir.ExprID) {
		a.eachTarget(f, n.code, args, nil, func(t ClauseID) {
			n.edges = append(n.edges, edge{t, at})
		})
	}
	var dead map[ir.ExprID]bool
	visit := func(x ir.ExprID) bool {
		e := &n.code.Exprs[x]
		switch e.Op {
		case ir.Case:
			for _, arm := range behindLists(n.code, e) {
				if dead == nil {
					dead = map[ir.ExprID]bool{}
				}
				dead[arm] = true
			}
		case ir.Arm:
			return !dead[x]
		case ir.Call:
			a.linkCall(n, x, e, add)
		case ir.FuncRef:
			if f, _ := a.resolve(&n.code.Callees[e.A]); f != ir.No {
				add(x, f, nil)
			}
		case ir.Make:
			if e.Sub == ir.MakeTuple {
				a.linkNamed(n, x, n.code.List(e), add)
			}
		case ir.Send:
			for _, t := range dynamic[called{e.Str, int(e.Hi - e.Lo)}] {
				if a.mayName(n, t) {
					n.edges = append(n.edges, edge{t, x})
				}
			}
		}
		return true
	}
	for _, root := range n.roots() {
		n.code.Walk(root, visit)
	}
}

// mayName reports whether the module of a target can be one that is known only at run time at a node: its
// application is the node's or one that this depends on, or it implements a callback, and then any
// application may hand it in.
func (a *analysis) mayName(n *node, t ClauseID) bool {
	to := &a.nodes[t]
	if n.code == to.code || a.p.Funcs[to.fn].Impl || len(a.p.Modules[to.module].Behaves) > 0 {
		return true
	}
	return a.needs.Has(n.code.File.Path, to.code.File.Path)
}

// behindLists are the arms of a case that take a variable or a list when those before take the empty
// list and every other: a value that is a list never gets there.
func behindLists(c *ir.Code, e *ir.Expr) []ir.ExprID {
	var out []ir.ExprID
	empty, filled := false, false
	for _, o := range c.List(e) {
		if c.At(o).Op != ir.Arm {
			continue
		}
		patterns, guard, _ := c.Parts(c.At(o))
		if len(patterns) != 1 {
			return nil
		}
		p := c.At(patterns[0])
		isList := p.Op == ir.Make && (p.Sub == ir.MakeList || p.Sub == ir.MakeCons)
		switch {
		case empty && filled && (isList || p.Op == ir.Bind):
			out = append(out, o)
		case guard != ir.No || !isList:
		case p.Sub == ir.MakeList:
			empty = empty || p.Lo == p.Hi
		default:
			filled = filled || len(c.List(p)) == 2 && !slices.ContainsFunc(c.List(p), func(x ir.ExprID) bool { return c.At(x).Op != ir.Bind && c.At(x).Op != ir.Any })
		}
	}
	return out
}

// linkCall finds what a call of a named function runs.
func (a *analysis) linkCall(n *node, x ir.ExprID, e *ir.Expr, add func(ir.ExprID, ir.FuncID, []ir.ExprID)) {
	args := n.code.List(e)
	f, ext := a.resolve(&n.code.Callees[e.A])
	switch {
	case f != ir.No:
		add(x, f, args)
	case rendersView(a.model(ext)):
		switch fn, template := a.view(n.code, a.model(ext), args); {
		case fn == ir.No:
		case template == ir.No:
			add(x, fn, nil)
		default:
			add(x, fn, []ir.ExprID{template})
		}
	default:
		if _, own := a.casts(n.code, ext, args); own != ir.No {
			add(x, own, nil)
		}
		a.linkNamed(n, x, args, add)
	}
}

// linkNamed finds a function given as data: module, name and a list of
// arguments next to each other.
func (a *analysis) linkNamed(n *node, at ir.ExprID, args []ir.ExprID, add func(ir.ExprID, ir.FuncID, []ir.ExprID)) {
	for i := 0; i+2 < len(args); i++ {
		m, name, list := n.code.At(args[i]), n.code.At(args[i+1]), n.code.At(args[i+2])
		if m.Op != ir.Const || m.Sub != ir.LitModule || name.Op != ir.Const || name.Sub != ir.LitAtom ||
			list.Op != ir.Make || list.Sub != ir.MakeList {
			continue
		}
		if mod := a.p.ModuleNamed(m.Str); mod != nil {
			if f := a.p.FuncNamed(mod.ID, name.Str, int(list.Hi-list.Lo)); f != nil {
				add(at, f.ID, n.code.List(list))
			}
		}
	}
}

// roots are the expressions that a node runs.
func (n *node) roots() []ir.ExprID {
	if n.clause == nil {
		return []ir.ExprID{n.expr}
	}
	roots := append(make([]ir.ExprID, 0, len(n.clause.Params)+2), n.clause.Params...)
	if n.clause.Guard != ir.No {
		roots = append(roots, n.clause.Guard)
	}
	return append(roots, n.clause.Body)
}

// called is a function as a dynamic call names it.
type called struct {
	name  string
	arity int
}

// maxDynamic is how many functions a call on a module known only at run time
// may reach; a name that more modules share says too little.
const maxDynamic = 24

// dynamicTargets lists what calls on modules known only at run time may reach:
// the functions of that name that implement a callback, and those that several
// modules define alike.
func (a *analysis) dynamicTargets() map[called][]ClauseID {
	out := map[called][]ClauseID{}
	for _, c := range a.p.Codes {
		if inTest(c) {
			continue
		}
		for i := range c.Exprs {
			if e := &c.Exprs[i]; e.Op == ir.Send {
				out[called{e.Str, int(e.Hi - e.Lo)}] = nil
			}
		}
	}
	alike := map[called]int{} // how many modules define it, or more for a callback
	for _, f := range a.p.Funcs {
		k := called{f.Name, f.Arity}
		if _, wanted := out[k]; !wanted || inTest(f.Code) || !f.Public() || f.Macro() {
			continue
		}
		alike[k]++
		if f.Impl {
			alike[k]++
		}
		lo, hi := a.clauses(f.ID)
		for c := lo; c < hi; c++ {
			out[k] = append(out[k], c)
		}
	}
	for k, l := range out {
		if alike[k] < 2 || alike[k] > 2*maxDynamic || len(l) > 16*maxDynamic {
			delete(out, k)
		}
	}
	return out
}
