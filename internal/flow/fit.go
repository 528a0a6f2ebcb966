package flow

import "github.com/assay-dev/assay/internal/ir"

// fit says whether a pattern accepts an alternative.
type fit uint8

const (
	refused fit = iota
	partly
	accepts
)

// fits reports whether a pattern accepts an alternative.
func fits(c *ir.Code, pat ir.ExprID, a *Alt) fit {
	p := c.At(pat)
	switch p.Op {
	case ir.Bind, ir.Any:
		return accepts
	case ir.Match:
		return min(fits(c, ir.ExprID(p.A), a), fits(c, ir.ExprID(p.B), a))
	case ir.Const:
		if a.Kind == ir.AltParam || a.Kind == ir.AltAny {
			return partly
		}
		return fitsConst(p, a)
	case ir.Make:
		if a.Kind == ir.AltParam || a.Kind == ir.AltAny {
			return partly
		}
		return fitsMake(c, p, a)
	}
	return partly
}

func fitsConst(p *ir.Expr, a *Alt) fit {
	switch p.Sub {
	case ir.LitString:
		return when(a.Kind == ir.AltString || a.Kind == ir.AltList, partly)
	case ir.LitInt, ir.LitFloat:
		return when(a.Kind == ir.AltNumber, partly)
	}
	return when(a.Kind == ir.AltAtom && a.Tag == p.Str, accepts)
}

// when is f if a condition holds.
func when(holds bool, f fit) fit {
	if holds {
		return f
	}
	return refused
}

func fitsMake(c *ir.Code, p *ir.Expr, a *Alt) fit {
	switch p.Sub {
	case ir.MakeTuple:
		return fitsTuple(c, c.List(p), a)
	case ir.MakeMap:
		if a.Kind == ir.AltMap && p.Lo == p.Hi || a.Kind == ir.AltStruct && p.Lo == p.Hi {
			return accepts
		}
		return when(a.Kind == ir.AltMap || a.Kind == ir.AltStruct, partly)
	case ir.MakeStruct:
		return when(a.Kind == ir.AltMap || a.Kind == ir.AltStruct && (a.Tag == "" || p.Str == "" || a.Tag == p.Str), partly)
	case ir.MakeList, ir.MakeCons:
		return when(a.Kind == ir.AltList, partly)
	case ir.MakeString, ir.MakeBinary:
		return when(a.Kind == ir.AltString, partly)
	case ir.MakeAtom:
		return when(a.Kind == ir.AltAtom, partly)
	}
	return partly
}

func fitsTuple(c *ir.Code, parts []ir.ExprID, a *Alt) fit {
	if a.Kind != ir.AltTuple || a.Arity != len(parts) {
		return refused
	}
	if len(parts) == 0 {
		return accepts
	}
	out := accepts
	if first := c.At(parts[0]); a.Tag != "" {
		out = fits(c, parts[0], &Alt{Alt: atomAlt(a.Tag)})
	} else if first.Op != ir.Bind && first.Op != ir.Any {
		out = partly
	}
	for i, x := range parts[1:] {
		switch op := c.At(x).Op; {
		case op == ir.Bind || op == ir.Any:
		case i == 0 && a.Inner != "":
			out = min(out, fits(c, x, &Alt{Alt: atomAlt(a.Inner)}))
		default:
			out = min(out, partly)
		}
	}
	return out
}

// fitsArm is fits for a clause with a guard. A guard may refuse anything; it
// surely refuses what is not of the type that it asks for.
func fitsArm(c *ir.Code, pat, guard ir.ExprID, a *Alt) fit {
	f := fits(c, pat, a)
	if guard == ir.No || f == refused {
		return f
	}
	return min(partly, fitsGuard(c, pat, guard, a))
}

func fitsGuard(c *ir.Code, pat, guard ir.ExprID, a *Alt) fit {
	g := c.At(guard)
	switch {
	case g.Op == ir.Branch && g.Sub == ir.BranchAnd:
		return min(fitsGuard(c, pat, ir.ExprID(g.A), a), fitsGuard(c, pat, ir.ExprID(g.B), a))
	case g.Op == ir.Branch && g.Sub == ir.BranchOr:
		return max(fitsGuard(c, pat, ir.ExprID(g.A), a), fitsGuard(c, pat, ir.ExprID(g.C), a))
	case g.Op != ir.Call || g.Lo == g.Hi:
		return partly
	}
	x := c.At(c.Lists[g.Lo])
	if x.Op != ir.Use || !bindsWhole(c, pat, ir.VarID(x.A)) {
		return partly
	}
	return when(!a.refusedBy(c.Callees[g.A].Name), partly)
}

// refusedBy reports whether an alternative is not of the type that a guard of
// the language asks for.
func (a *Alt) refusedBy(guard string) bool {
	k := a.Kind
	if k == ir.AltAny || k == ir.AltParam {
		return false
	}
	switch guard {
	case "is_nil":
		return k != ir.AltAtom || a.Tag != "nil"
	case "is_boolean":
		return k != ir.AltAtom || a.Tag != "true" && a.Tag != "false"
	case "is_atom":
		return k != ir.AltAtom
	case "is_binary", "is_bitstring":
		return k != ir.AltString
	case "is_list":
		return k != ir.AltList
	case "is_tuple":
		return k != ir.AltTuple
	case "is_map":
		return k != ir.AltMap && k != ir.AltStruct
	case "is_struct":
		return k != ir.AltMap && k != ir.AltStruct
	case "is_integer", "is_float", "is_number":
		return k != ir.AltNumber
	case "is_pid", "is_function", "is_reference", "is_port":
		return k != ir.AltOther
	}
	return false
}

// patternAlt is what a value is that a pattern has accepted.
func patternAlt(c *ir.Code, pat ir.ExprID) Alt {
	p := c.At(pat)
	switch p.Op {
	case ir.Match:
		if a := patternAlt(c, ir.ExprID(p.A)); a.Kind != ir.AltAny {
			return a
		}
		return patternAlt(c, ir.ExprID(p.B))
	case ir.Const, ir.Make:
		return literalAlt(c, pat)
	}
	return Alt{next: next{Expr: pat, Callee: ir.No}}
}

// literalAlt is what a constant or a value that is built is.
func literalAlt(c *ir.Code, id ir.ExprID) Alt {
	x := c.At(id)
	a := Alt{next: next{Expr: id, Callee: ir.No}}
	switch {
	case x.Op == ir.Const:
		a.Kind = constKind(x.Sub)
		if a.Kind == ir.AltAtom {
			a.Tag = x.Str
		}
	case x.Op != ir.Make:
	case x.Sub == ir.MakeTuple:
		a.Kind, a.Arity = ir.AltTuple, int(x.Hi-x.Lo)
		if a.Arity > 0 {
			a.Tag = atomIn(c, c.Lists[x.Lo])
		}
		if a.Arity == 2 && a.Tag != "" {
			a.Inner = atomIn(c, c.Lists[x.Lo+1])
		}
	case x.Sub == ir.MakeList, x.Sub == ir.MakeCons:
		a.Kind = ir.AltList
	case x.Sub == ir.MakeMap:
		a.Kind = ir.AltMap
	case x.Sub == ir.MakeStruct, x.Sub == ir.MakeRange:
		a.Kind, a.Tag = ir.AltStruct, x.Str
	case x.Sub == ir.MakeString, x.Sub == ir.MakeBinary:
		a.Kind = ir.AltString
	}
	return a
}

func constKind(lit ir.LitKind) ir.AltKind {
	switch lit {
	case ir.LitInt, ir.LitFloat:
		return ir.AltNumber
	case ir.LitString:
		return ir.AltString
	}
	return ir.AltAtom
}

// atomIn is the atom that an expression is, or "".
func atomIn(c *ir.Code, id ir.ExprID) string {
	if x := c.At(id); x.Op == ir.Const && constKind(x.Sub) == ir.AltAtom {
		return x.Str
	}
	return ""
}
