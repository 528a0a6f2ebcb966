package flow

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// eachTarget calls f with the clauses that a call can run, which are those
// whose patterns can match the arguments that are literals, up to one that surely
// does. A call of a protocol runs its implementations. vars may be nil.
func (a *analysis) eachTarget(fn ir.FuncID, code *ir.Code, args []ir.ExprID, vars []value, f func(ClauseID)) {
	for _, impl := range a.impls[fn] {
		lo, hi := a.clauses(impl)
		for c := lo; c < hi; c++ {
			f(c)
		}
	}
	lo, hi := a.clauses(fn)
	for c := lo; c < hi; c++ {
		n := &a.nodes[c]
		if n.clause.Body == ir.No || args != nil && !a.accepts(n, code, args, vars) {
			continue
		}
		f(c)
		if args != nil && len(args) == len(n.clause.Params) && a.takes(n, code, args, vars) {
			return
		}
	}
}

// takes reports whether a clause matches the arguments whatever else is true: it asks one of them
// for a type or a value that it visibly has, and nothing of the others.
func (a *analysis) takes(n *node, code *ir.Code, args []ir.ExprID, vars []value) bool {
	if n.clause.Guard != ir.No || n.skipped {
		return false
	}
	asks := false
	for i, pat := range n.clause.Params {
		if p := n.code.At(pat); p.Op == ir.Any || p.Op == ir.Bind && !bound(n.code, n.clause.Params[:i], p.A) {
			continue
		}
		vc, val := a.shape(code, args[i], vars)
		if asks = true; !matches(n.code, pat, vc.At(val)) {
			return false
		}
	}
	return asks
}

// bound reports whether one of some parameters is a variable that is bound again.
func bound(c *ir.Code, params []ir.ExprID, v int32) bool {
	return slices.ContainsFunc(params, func(x ir.ExprID) bool { return c.At(x).Op == ir.Bind && c.At(x).A == v })
}

// matches reports whether a pattern matches a value whatever is in it.
func matches(c *ir.Code, pat ir.ExprID, v *ir.Expr) bool {
	switch p := c.At(pat); p.Op {
	case ir.Any:
		return true
	case ir.Match:
		if b := c.At(ir.ExprID(p.B)); b.Op == ir.Bind {
			return matches(c, ir.ExprID(p.A), v)
		}
		if b := c.At(ir.ExprID(p.A)); b.Op == ir.Bind {
			return matches(c, ir.ExprID(p.B), v)
		}
		return matches(c, ir.ExprID(p.A), v) && matches(c, ir.ExprID(p.B), v)
	case ir.Const:
		return v.Op == ir.Const && p.Sub == v.Sub && p.Str == v.Str
	case ir.Make:
		return p.Sub == ir.MakeStruct && p.Lo == p.Hi && p.Str != "" && v.Op == ir.Make && v.Sub == ir.MakeStruct && v.Str == p.Str
	}
	return false
}

// accepts reports whether a clause can match the arguments.
func (a *analysis) accepts(n *node, code *ir.Code, args []ir.ExprID, vars []value) bool {
	fn := a.p.Funcs[n.fn]
	var buf [16]int
	for i, j := range a.positions(fn, len(args), buf[:0]) {
		if j >= len(n.clause.Params) {
			return true
		}
		pat := n.clause.Params[j]
		if e := n.code.At(pat); e.Op == ir.Match && fn.Defaults > 0 {
			pat = ir.ExprID(e.A)
		}
		vc, val := a.shape(code, args[i], vars)
		if refuses(n.code, pat, vc, val) || n.clause.Guard != ir.No && guardRefuses(n.code, n.clause.Guard, pat, vc.At(val)) {
			return false
		}
	}
	return true
}

// shape follows an argument to where the text says what it is: a literal, the
// pattern that a variable matched, or the record that a function gives.
func (a *analysis) shape(code *ir.Code, id ir.ExprID, vars []value) (*ir.Code, ir.ExprID) {
	id = known(code, id, vars)
	switch e := code.At(id); e.Op {
	case ir.Use:
		if v, pattern := code.Given(ir.VarID(e.A)); pattern && tells(code.At(v)) {
			return code, v
		}
	case ir.Call:
		if fn := code.Callees[e.A].Func; fn != ir.No {
			if c, tail := a.givesRecord(fn); tail != ir.No {
				return c, tail
			}
		}
	default:
		return code, id
	}
	if r, known := a.recordOf[a.row(code, id, maxRowCalls)]; known {
		return a.records, r
	}
	return code, id
}

// maxRowCalls is how many calls deep the type of a row is looked for.
const maxRowCalls = 4

// row is the module of the schema whose row a call gives if it gives anything, or "".
func (a *analysis) row(code *ir.Code, id ir.ExprID, deep int) string {
	e := code.At(id)
	if e.Op == ir.Use {
		if v, pattern := code.Given(ir.VarID(e.A)); !pattern && v != ir.No {
			e = code.At(v)
		}
	}
	if deep == 0 || e.Op != ir.Call {
		return ""
	}
	fn, ext := a.resolve(&code.Callees[e.A])
	args := code.List(e)
	if m := a.model(ext); m != nil {
		switch {
		case m.Keeps != nil && (m.Loads != nil || m.Asks == "reload") && *m.Keeps < len(args):
			return a.row(code, args[*m.Keeps], deep-1)
		case m.Gives == "row" && m.Asks == "one" && m.Effects&model.RaiseErr != 0 && m.Query != nil && *m.Query < len(args):
			if q := code.At(args[*m.Query]); q.Op == ir.Const && q.Sub == ir.LitModule {
				return q.Str
			}
		}
		return ""
	}
	if fn == ir.No {
		return ""
	}
	f, found := a.p.Funcs[fn], ""
	for i := range f.Clauses {
		tail := f.Clauses[i].Body
		if tail == ir.No {
			continue
		}
		name := a.row(f.Code, lastOf(f.Code, tail), deep-1)
		if name == "" || found != "" && found != name {
			return ""
		}
		found = name
	}
	return found
}

// lastOf is the last expression of a block, or the expression itself where it is none.
func lastOf(c *ir.Code, id ir.ExprID) ir.ExprID {
	if b := c.At(id); b.Op == ir.Block && b.Hi > b.Lo {
		return c.Lists[b.Hi-1]
	}
	return id
}

// tells reports whether a pattern says of what type the value is. A map's does
// not: records match it too.
func tells(p *ir.Expr) bool {
	switch p.Sub {
	case ir.MakeStruct:
		return p.Op == ir.Make && p.Str != ""
	case ir.MakeList, ir.MakeCons, ir.MakeTuple:
		return p.Op == ir.Make
	}
	return false
}

// givesRecord is the record that every clause of a function builds as its
// result, if they agree on its type, or No.
func (a *analysis) givesRecord(fn ir.FuncID) (*ir.Code, ir.ExprID) {
	f := a.p.Funcs[fn]
	found := ir.ExprID(ir.No)
	for i := range f.Clauses {
		tail := f.Clauses[i].Body
		if tail == ir.No {
			continue
		}
		tail = lastOf(f.Code, tail)
		e := f.Code.At(tail)
		if e.Op != ir.Make || e.Sub != ir.MakeStruct || e.Str == "" || found != ir.No && f.Code.At(found).Str != e.Str {
			return nil, ir.No
		}
		found = tail
	}
	return f.Code, found
}

// guardRefuses reports whether a guard asks for another type of the value that
// the pattern binds as a whole.
func guardRefuses(c *ir.Code, guard, pat ir.ExprID, v *ir.Expr) bool {
	g := c.At(guard)
	if g.Op == ir.Branch && g.Sub == ir.BranchAnd {
		return guardRefuses(c, ir.ExprID(g.A), pat, v) || guardRefuses(c, ir.ExprID(g.B), pat, v)
	}
	if g.Op != ir.Call || g.Hi-g.Lo != 1 {
		return false
	}
	x := c.At(c.Lists[g.Lo])
	if x.Op != ir.Use || !bindsWhole(c, pat, ir.VarID(x.A)) {
		return false
	}
	return refusesType(c.Callees[g.A].Name, v)
}

// refusesType reports whether a value is visibly not of the type that a guard
// of the language asks for.
func refusesType(guard string, v *ir.Expr) bool {
	made := func(kinds ...uint8) bool { return v.Op == ir.Make && slices.Contains(kinds, v.Sub) }
	lit := func(kinds ...uint8) bool { return v.Op == ir.Const && slices.Contains(kinds, v.Sub) }
	if v.Op != ir.Make && v.Op != ir.Const {
		return false
	}
	switch guard {
	case "is_integer", "is_number", "is_float":
		return !lit(ir.LitInt, ir.LitFloat)
	case "is_binary", "is_bitstring":
		return !lit(ir.LitString) && !made(ir.MakeString, ir.MakeBinary, ir.MakeSigil)
	case "is_atom":
		return !lit(ir.LitAtom, ir.LitNil, ir.LitBool, ir.LitModule) && !made(ir.MakeAtom)
	case "is_list":
		return !made(ir.MakeList, ir.MakeCons, ir.MakeSigil)
	case "is_map":
		return !made(ir.MakeMap, ir.MakeStruct, ir.MakeRange, ir.MakeSigil)
	case "is_tuple":
		return !made(ir.MakeTuple)
	case "is_nil":
		return !lit(ir.LitNil)
	}
	return false
}

// positions maps arguments to parameters: a call that leaves out arguments
// fills the parameters that have defaults from the left.
func (a *analysis) positions(fn *ir.Func, given int, buf []int) []int {
	missing := fn.Arity - given
	if missing <= 0 || fn.Defaults == 0 || len(fn.Clauses) == 0 {
		for i := range given {
			buf = append(buf, i)
		}
		return buf
	}
	// Defaults are written in the first clause; the last Defaults parameters of
	// the form Match are those.
	head := fn.Clauses[0].Params
	left := 0
	for _, p := range head {
		if fn.Code.At(p).Op == ir.Match {
			left++
		}
	}
	skip := left - fn.Defaults // Matches that are patterns
	filled := fn.Defaults - missing
	for i, p := range head {
		if fn.Code.At(p).Op == ir.Match {
			if skip > 0 {
				skip--
			} else if filled--; filled < 0 {
				continue
			}
		}
		if len(buf) < given {
			buf = append(buf, i)
		}
	}
	return buf
}

// known follows a variable to the expression that it was bound to.
func known(code *ir.Code, id ir.ExprID, vars []value) ir.ExprID {
	for range 4 {
		e := code.At(id)
		if e.Op != ir.Use || vars == nil || e.A < 0 || vars[e.A].def == ir.No {
			break
		}
		id = ir.ExprID(vars[e.A].def)
	}
	return id
}

// isID reports whether a value is called an id: a number or a text, and nothing that is made
// of parts.
func isID(c *ir.Code, v *ir.Expr) bool {
	name := ""
	switch {
	case v.Op == ir.Get:
		name = v.Str
	case v.Op == ir.Use && v.A >= 0:
		name = c.Vars[v.A].Name
	}
	return name == "id" || strings.HasSuffix(name, "_id")
}

// refuses reports whether a pattern cannot match a value, by what both say as
// literals, or by the name of an id.
func refuses(pc *ir.Code, pat ir.ExprID, vc *ir.Code, val ir.ExprID) bool {
	p, v := pc.At(pat), vc.At(val)
	if isID(vc, v) {
		return p.Op == ir.Make && slices.Contains([]uint8{ir.MakeStruct, ir.MakeMap, ir.MakeTuple, ir.MakeList, ir.MakeCons}, p.Sub) ||
			p.Op == ir.Match && (refuses(pc, ir.ExprID(p.A), vc, val) || refuses(pc, ir.ExprID(p.B), vc, val))
	}
	if v.Op != ir.Const && v.Op != ir.Make {
		return false
	}
	switch p.Op {
	case ir.Match:
		return refuses(pc, ir.ExprID(p.A), vc, val) || refuses(pc, ir.ExprID(p.B), vc, val)
	case ir.Const:
		return refusesConst(p, v)
	case ir.Make:
		return refusesMake(pc, p, vc, v)
	}
	return false
}

func refusesConst(p, v *ir.Expr) bool {
	if v.Op == ir.Const {
		return p.Str != v.Str || !sameLiteral(p.Sub, v.Sub)
	}
	switch v.Sub {
	case ir.MakeString, ir.MakeSigil, ir.MakeBinary:
		return p.Sub != ir.LitString
	case ir.MakeAtom:
		return p.Sub != ir.LitAtom
	}
	return true
}

// sameLiteral reports whether two kinds of literal may be equal: 1 and 1.0 are
// not, but they are rare enough to be let through.
func sameLiteral(a, b ir.LitKind) bool {
	num := func(k ir.LitKind) bool { return k == ir.LitInt || k == ir.LitFloat }
	return a == b || num(a) && num(b)
}

func refusesMake(pc *ir.Code, p *ir.Expr, vc *ir.Code, v *ir.Expr) bool {
	if v.Op == ir.Const {
		return refusesLiteral(pc, p, v)
	}
	pl, vl := pc.List(p), vc.List(v)
	switch p.Sub {
	case ir.MakeTuple:
		return v.Sub != ir.MakeTuple || len(pl) != len(vl) || anyRefuses(pc, pl, vc, vl)
	case ir.MakeStruct:
		return v.Sub != ir.MakeStruct && v.Sub != ir.MakeRange || v.Sub == ir.MakeStruct && p.Str != "" && p.Str != v.Str ||
			anyFieldRefuses(pc, pl, vc, vl)
	case ir.MakeMap:
		return v.Sub != ir.MakeMap && v.Sub != ir.MakeStruct && v.Sub != ir.MakeRange || anyFieldRefuses(pc, pl, vc, vl)
	case ir.MakeList:
		switch v.Sub {
		case ir.MakeList:
			return len(pl) != len(vl) || anyRefuses(pc, pl, vc, vl)
		case ir.MakeCons:
			return len(pl) == 0
		}
		return v.Sub != ir.MakeSigil
	case ir.MakeCons:
		return v.Sub != ir.MakeList && v.Sub != ir.MakeCons && v.Sub != ir.MakeSigil || v.Sub == ir.MakeList && len(vl) == 0
	}
	return false
}

// refusesLiteral is about a pattern that is built, and a value that is one literal.
func refusesLiteral(pc *ir.Code, p, v *ir.Expr) bool {
	switch p.Sub {
	case ir.MakeString, ir.MakeBinary:
		if v.Sub != ir.LitString {
			return true
		}
		parts := pc.List(p)
		if len(parts) < 2 {
			return false
		}
		head := pc.At(parts[0])
		return head.Op == ir.Const && head.Sub == ir.LitString && !strings.HasPrefix(v.Str, head.Str)
	case ir.MakeSigil, ir.MakeAtom:
		return false
	case ir.MakeList, ir.MakeCons:
		return v.Sub != ir.LitString // a charlist may be a literal
	}
	return true
}

func anyRefuses(pc *ir.Code, pl []ir.ExprID, vc *ir.Code, vl []ir.ExprID) bool {
	for i := range pl {
		if refuses(pc, pl[i], vc, vl[i]) {
			return true
		}
	}
	return false
}

// anyFieldRefuses is anyRefuses for the fields that a pattern and a value both name.
func anyFieldRefuses(pc *ir.Code, pl []ir.ExprID, vc *ir.Code, vl []ir.ExprID) bool {
	for i := 0; i+1 < len(pl); i += 2 {
		k := pc.At(pl[i])
		if k.Op != ir.Const {
			continue
		}
		for j := 0; j+1 < len(vl); j += 2 {
			if f := vc.At(vl[j]); f.Op == ir.Const && f.Str == k.Str && f.Sub == k.Sub && refuses(pc, pl[i+1], vc, vl[j+1]) {
				return true
			}
		}
	}
	return false
}

// manyTypes is how many types of record clauses may tell apart until a record of
// unknown type says nothing about which of them runs.
const manyTypes = 3

// byType reports whether clauses tell types of records apart, and the types are
// so many that one of them alone proves nothing.
func (a *analysis) byType(targets []ClauseID) bool {
	if len(targets) < manyTypes {
		return false
	}
	names := make([]string, 0, 8)
	for _, t := range targets {
		n := &a.nodes[t]
		name := ""
		for _, p := range n.clause.Params {
			if name = RecordType(n.code, p); name != "" {
				break
			}
		}
		if m := a.p.Modules[n.module]; name == "" && m.Kind == ir.ImplModule {
			name = m.For
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return len(names) >= manyTypes
}

// byKey reports whether a clause is for one key by name, of pairs that a loop goes
// over: then it runs once.
func (a *analysis) byKey(t ClauseID, vals []value) bool {
	n := &a.nodes[t]
	for j, p := range n.clause.Params {
		if k := n.code.At(p); j < len(vals) && vals[j].key && k.Op == ir.Const && literalOf(n.code, k) == anyConst &&
			(k.Sub == ir.LitAtom || k.Sub == ir.LitString) {
			return true
		}
	}
	return false
}

// RecordType is the type of record that a pattern asks for, or "".
func RecordType(c *ir.Code, pat ir.ExprID) string {
	switch p := c.At(pat); {
	case p.Op == ir.Match:
		if s := RecordType(c, ir.ExprID(p.A)); s != "" {
			return s
		}
		return RecordType(c, ir.ExprID(p.B))
	case p.Op == ir.Make && p.Sub == ir.MakeStruct:
		return p.Str
	}
	return ""
}
