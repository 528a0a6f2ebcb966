package flow

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

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
		if a.Kind == ir.AltMap && a.Tag != "" {
			return fitsKeys(c, p, a.Tag)
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

// fitsArm is fits for a clause with a guard. A guard may refuse anything, but for those that ask
// for a type or for one of a few constants.
func fitsArm(c *ir.Code, pat, guard ir.ExprID, a *Alt) fit {
	f := fits(c, pat, a)
	if guard == ir.No || f == refused {
		return f
	}
	return min(f, fitsGuard(c, pat, guard, a))
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
	name := c.Callees[g.A].Name
	if name == "in" && g.Hi-g.Lo == 2 {
		return fitsOneOf(c, c.Lists[g.Lo+1], a)
	}
	return when(!a.refusedBy(name), partly)
}

// fitsOneOf says whether a guard `x in [:a, :b]` accepts.
func fitsOneOf(c *ir.Code, list ir.ExprID, a *Alt) fit {
	l := c.At(list)
	if l.Op != ir.Make || l.Sub != ir.MakeList {
		return partly
	}
	out := refused
	for _, x := range c.List(l) {
		out = max(out, fits(c, x, a))
	}
	return out
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
		a := literalAlt(c, pat)
		if a.Kind == ir.AltMap {
			a.Tag = "" // it may have more keys than are asked for
		}
		return a
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
		a.Kind, a.Tag = ir.AltMap, writtenKeys(c, x)
	case x.Sub == ir.MakeStruct, x.Sub == ir.MakeRange:
		a.Kind, a.Tag = ir.AltStruct, x.Str
	case x.Sub == ir.MakeString, x.Sub == ir.MakeBinary:
		a.Kind = ir.AltString
	}
	return a
}

// keyMark stands before and behind each key of writtenKeys.
const keyMark = "\x00"

// writtenKeys are the keys of a map that is written out with constants for keys, or "".
func writtenKeys(c *ir.Code, x *ir.Expr) string {
	list := c.List(x)
	keys := keyMark
	for i := 0; i+1 < len(list); i += 2 {
		k := c.At(list[i])
		if k.Op != ir.Const {
			return ""
		}
		keys += keyOf(k) + keyMark
	}
	if len(list) == 0 || len(list)%2 != 0 {
		return ""
	}
	return keys
}

// keyOf tells a constant key from others: an atom from the string of the same letters.
func keyOf(k *ir.Expr) string { return string(rune('0'+k.Sub)) + k.Str }

// fitsKeys says whether a pattern of a map accepts one that is written out with some keys.
func fitsKeys(c *ir.Code, p *ir.Expr, keys string) fit {
	out := accepts
	list := c.List(p)
	for i := 0; i+1 < len(list); i += 2 {
		k, v := c.At(list[i]), c.At(list[i+1])
		switch {
		case k.Op != ir.Const:
			out = partly
		case !strings.Contains(keys, keyMark+keyOf(k)+keyMark):
			return refused
		case v.Op != ir.Bind && v.Op != ir.Any:
			out = partly
		}
	}
	return out
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
