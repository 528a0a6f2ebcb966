package flow

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

const (
	rowParams         = 31
	storedRows uint32 = 1 << rowParams
)

// rowsOf says whether what a library's function gives are rows, or come from some.
func rowsOf(m *model.Call, vals []value) uint32 {
	switch {
	case m.Clean:
		return 0
	case m.Effects&model.Query != 0:
		return storedRows
	case m.Effects&opaqueEffects != 0 || len(vals) == 0:
		return 0
	case m.Iterates != nil && *m.Iterates < len(vals):
		return vals[*m.Iterates].rows
	}
	return vals[0].rows
}

// mapRows says what a callee's parameters stand for at a call.
func mapRows(params uint32, vals []value) uint32 {
	var out uint32
	for ; params != 0; params &= params - 1 {
		if i := bits.TrailingZeros32(params); i < len(vals) {
			out |= vals[i].rows
		}
	}
	return out
}

// pass says what one call passes on: which parameters of the callee get rows of
// the database, and which get them if the caller's parameters in from are rows.
type pass struct {
	to                 ClauseID
	rows, params, from uint32
}

// hand notes what the arguments of a call are made of.
func (e *eval) hand(targets []ClauseID, vals []value) {
	var p pass
	for j := range min(len(vals), rowParams) {
		if vals[j].rows&storedRows != 0 {
			p.rows |= 1 << j
		}
		if own := vals[j].rows &^ storedRows; own != 0 {
			p.params |= 1 << j
			p.from |= own
		}
	}
	if p.rows|p.params == 0 {
		return
	}
	for _, t := range targets {
		p.to = t
		e.passes = append(e.passes, p)
	}
}

// givenRows finds the parameters of each node that get rows from some caller.
func (r *Result) givenRows() []uint32 {
	out := make([]uint32, len(r.nodes))
	work := make([]ClauseID, 0, len(r.nodes))
	for i := range r.nodes {
		work = append(work, ClauseID(i))
	}
	for len(work) > 0 {
		id := work[len(work)-1]
		work = work[:len(work)-1]
		for _, p := range r.nodes[id].passes {
			add := p.rows
			if out[id]&p.from != 0 {
				add |= p.params
			}
			if out[p.to]|add != out[p.to] {
				out[p.to] |= add
				work = append(work, p.to)
			}
		}
	}
	return out
}

// missing reports whether one of the patterns asks for an association that is
// not loaded.
func (e *eval) missing(patterns []ir.ExprID) bool {
	found := false
	for _, p := range patterns {
		e.c.Walk(p, func(x ir.ExprID) bool {
			k := e.c.At(x)
			found = found || k.Op == ir.Make && k.Sub == ir.MakeStruct && e.isUnloaded(k.Str) ||
				k.Op == ir.Const && k.Sub == ir.LitModule && e.isUnloaded(k.Str)
			return !found
		})
	}
	return found
}

// isUnloaded reports whether records of a module stand for what was not loaded.
func (a *analysis) isUnloaded(module string) bool {
	m := a.models.CallOf(module, "__struct__", 0)
	return m >= 0 && a.models.At(m).Expand == "unloaded"
}

// loadedCheck says whether an association is there, where a condition that asks
// for it holds or does not.
func (e *eval) loadedCheck(cond ir.ExprID, holds bool) answer {
	x := e.c.At(cond)
	switch {
	case x.Op == ir.Branch && x.Sub == ir.BranchAnd && holds:
		if a := e.loadedCheck(ir.ExprID(x.A), true); a != maybe {
			return a
		}
		return e.loadedCheck(ir.ExprID(x.B), true)
	case x.Op != ir.Call:
		return maybe
	}
	args := e.c.List(x)
	if name := e.c.Callees[x.A].Name; (name == "not" || name == "!") && len(args) == 1 {
		return e.loadedCheck(args[0], !holds)
	}
	_, ext := e.resolve(&e.c.Callees[x.A])
	switch m := e.model(ext); {
	case m == nil || m.Expand != "assoc_loaded":
		return maybe
	case holds:
		return yes
	}
	return no
}

// preloads are the associations that an expression names, as in value.loaded;
// ok is false when it is not written out.
func preloads(c *ir.Code, id ir.ExprID) (paths string, ok bool) {
	var list []string
	ok = preloadPaths(c, origin(c, id), "", 4, &list)
	return sorted(list), ok
}

func preloadPaths(c *ir.Code, id ir.ExprID, prefix string, depth int, out *[]string) bool {
	x := c.At(id)
	switch {
	case depth == 0 || len(*out) > 32:
		return false
	case x.Op == ir.Const && x.Sub == ir.LitAtom:
		*out = append(*out, prefix+x.Str)
		return true
	case x.Op != ir.Make || x.Sub != ir.MakeList:
		return false
	}
	whole := true
	for _, p := range c.List(x) {
		pair := c.At(p)
		if pair.Op != ir.Make || pair.Sub != ir.MakeTuple || pair.Hi-pair.Lo != 2 {
			whole = preloadPaths(c, p, prefix, depth-1, out) && whole
			continue
		}
		k, v := c.At(c.Lists[pair.Lo]), c.Lists[pair.Lo+1]
		if k.Op != ir.Const {
			whole = false
			continue
		}
		*out = append(*out, prefix+k.Str)
		// A query or a binding instead of names: the association itself is there.
		preloadPaths(c, v, prefix+k.Str+".", depth-1, out)
	}
	return whole
}

// sorted joins names as in value.loaded.
func sorted(names []string) string {
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return "," + strings.Join(slices.Compact(names), ",")
}

// loads says which associations are there in what a library's function gives.
func (e *eval) loads(m *model.Call, ext ir.ExternID, args []ir.ExprID, vals []value) string {
	base := ""
	if len(vals) > 0 {
		base = vals[0].loaded
	}
	switch {
	case args == nil:
		return ""
	case m.Loads != nil && *m.Loads < len(args):
		more, _ := preloads(e.c, args[*m.Loads])
		return union(base, more)
	case m.Expand == "ecto_query":
		return union(base, queryPreloads(e.c, e.p.Externs[ext].Name, args))
	case m.Keeps != nil && *m.Keeps < len(vals):
		return vals[*m.Keeps].loaded
	case m.Gives == "rows", m.Gives == "row", m.Gives == "stream":
		return base
	}
	return ""
}

// queryPreloads are the associations that a step of a query loads.
func queryPreloads(c *ir.Code, step string, args []ir.ExprID) string {
	if len(args) == 0 {
		return ""
	}
	last := args[len(args)-1]
	out := ""
	if step == "preload" {
		out, _ = preloads(c, last)
		return out
	}
	c.EachPair(last, func(key string, v ir.ExprID) {
		if key == "preload" {
			more, _ := preloads(c, v)
			out = union(out, more)
		}
	})
	return out
}

// union joins two sets of associations.
func union(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return sorted(append(strings.Split(a[1:], ","), strings.Split(b[1:], ",")...))
}

// needless reports whether a call loads what is there already, and else under
// which condition on a parameter it has work to do.
func (e *eval) needless(m *model.Call, args []ir.ExprID, vals []value) (bool, condition) {
	if m.Loads == nil || *m.Loads >= len(args) || len(vals) < 2 || len(args) > 2 && hasKey(e.c, args[2], "force") {
		return false, condition{}
	}
	paths, ok := preloads(e.c, args[*m.Loads])
	switch p, own := alone(vals[0].thru); {
	case !ok || paths == "":
		return false, condition{}
	case within(paths, vals[0].loaded):
		return true, condition{}
	case own:
		return false, condition{how: unloaded, param: p, text: paths}
	}
	if p, view := alone(vals[0].shown); view {
		return false, condition{how: unloaded, param: p, text: paths}
	}
	return false, condition{}
}
