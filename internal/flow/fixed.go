package flow

import "github.com/assay-dev/assay/internal/ir"

// field is a field of the maps that a module makes.
type field struct {
	module ir.ModuleID
	name   string
}

// readFixed finds the fields to which every map that a module makes gives a
// constant, or something that is made of that field alone.
func (a *analysis) readFixed() {
	a.fixed = map[field]bool{}
	for _, c := range a.p.Codes {
		for i := range c.Exprs {
			if x := &c.Exprs[i]; x.Op == ir.Make && (x.Sub == ir.MakeMap || x.Sub == ir.MakeStruct) || x.Op == ir.Update {
				a.setsIn(c, c.List(x))
			}
		}
	}
}

// setsIn notes what one map sets.
func (a *analysis) setsIn(c *ir.Code, pairs []ir.ExprID) {
	for i := 0; i+1 < len(pairs); i += 2 {
		k := c.At(pairs[i])
		op := c.At(pairs[i+1]).Op
		if k.Op != ir.Const || k.Sub != ir.LitAtom || op == ir.Bind || op == ir.Any || op == ir.Pin {
			continue // a pattern sets nothing
		}
		f := field{c.Module, k.Str}
		all, seen := a.fixed[f]
		switch {
		case op == ir.Const:
			a.fixed[f] = all || !seen
		case !passesOn(c, pairs[i+1], k.Str):
			a.fixed[f] = false
		}
	}
}

// passesOn reports whether a value is made of a field of that name.
func passesOn(c *ir.Code, x ir.ExprID, name string) bool {
	for range maxDoubtSteps {
		e := c.At(x)
		switch {
		case e.Op == ir.Get:
			return e.Str == name
		case e.Op != ir.Call || e.Hi-e.Lo != 1:
			return false
		}
		x = c.Lists[e.Lo]
	}
	return false
}
