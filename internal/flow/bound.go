package flow

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// Bound says how many elements a collection can have.
type Bound uint8

// The bounds, weakest first: of two alternatives the smaller counts.
const (
	Unbounded Bound = iota
	Batches         // the elements are batches of an unbounded collection
	Bounded         // the program itself limits it
	Literal         // written out
)

// bound says how many elements the value of an expression can have.
func (e *eval) bound(id ir.ExprID, depth int) Bound {
	if id < 0 || depth == 0 {
		return Unbounded
	}
	x := e.c.At(id)
	switch x.Op {
	case ir.Const:
		return Literal
	case ir.Attr:
		return Bounded // computed when the project is compiled
	case ir.Use:
		if x.A >= 0 && int(x.A) < len(e.vars) && e.vars[x.A].def >= 0 && ir.ExprID(e.vars[x.A].def) != id {
			return e.bound(ir.ExprID(e.vars[x.A].def), depth-1)
		}
		return Unbounded
	case ir.Make:
		return e.boundMake(x, depth)
	case ir.Match:
		return e.bound(ir.ExprID(x.B), depth-1)
	case ir.Block:
		if x.Lo == x.Hi {
			return Literal
		}
		return e.bound(e.c.Lists[x.Hi-1], depth-1)
	case ir.Branch:
		return e.boundBranch(x, depth)
	case ir.Case:
		b := Literal
		for _, arm := range e.c.List(x) {
			_, _, body := e.c.Parts(e.c.At(arm))
			b = min(b, e.bound(body, depth-1))
		}
		return b
	case ir.Call:
		return e.boundCall(x, depth)
	case ir.Get:
		if e.enumerated[x.Str] {
			return Bounded
		}
	}
	return Unbounded
}

func (e *eval) boundMake(x *ir.Expr, depth int) Bound {
	parts := e.c.List(x)
	switch x.Sub {
	case ir.MakeCons:
		return min(Bounded, e.bound(parts[len(parts)-1], depth-1))
	case ir.MakeRange:
		for _, p := range parts {
			if !e.constant(p) {
				return Unbounded
			}
		}
		return Bounded
	case ir.MakeString, ir.MakeBinary:
		return Unbounded
	}
	return Literal
}

func (e *eval) boundBranch(x *ir.Expr, depth int) Bound {
	switch x.Sub {
	case ir.BranchAnd:
		return e.bound(ir.ExprID(x.B), depth-1)
	case ir.BranchOr:
		return min(e.bound(ir.ExprID(x.A), depth-1), e.bound(ir.ExprID(x.C), depth-1))
	}
	b := e.bound(ir.ExprID(x.B), depth-1)
	if x.C >= 0 {
		b = min(b, e.bound(ir.ExprID(x.C), depth-1))
	}
	return b
}

// constant reports whether an expression is known when the project is compiled.
func (e *eval) constant(id ir.ExprID) bool {
	x := e.c.At(known(e.c, id, e.vars))
	if x.Op == ir.Make && x.Sub == ir.MakeRange {
		for _, p := range e.c.List(x) {
			if !e.constant(p) {
				return false
			}
		}
		return true
	}
	return x.Op == ir.Const || x.Op == ir.Attr
}

func (e *eval) boundCall(x *ir.Expr, depth int) Bound {
	args := e.c.List(x)
	if strings.HasPrefix(e.c.Callees[x.A].Name, "__") {
		return Bounded // made when the project is compiled
	}
	fn, ext := e.resolve(&e.c.Callees[x.A])
	if fn != ir.No {
		return e.boundFunc(fn, args)
	}
	m := e.model(ext)
	switch {
	case m != nil && (m.Expand == "configuration" || m.Expand == "environment"):
		return Bounded // who runs the system sets it
	case len(args) == 0 || ext == ir.No:
		return Unbounded
	case m == nil:
		return e.boundArgs(nil, args, depth)
	case m.Gives == "chunks":
		return Batches
	case m.Keeps != nil && m.Bounds == nil && *m.Keeps < len(args):
		return min(Bounded, e.bound(args[*m.Keeps], depth-1))
	case m.Bounds != nil && *m.Bounds < len(args):
		if e.constant(args[*m.Bounds]) || e.bound(args[*m.Bounds], depth-1) >= Bounded {
			return Bounded
		}
		return min(Bounded, e.bound(args[0], depth-1)) // some of argument 0
	case m.Effects&^(model.RaiseErr|model.Log) != 0 || m.Source != "":
		return Unbounded
	}
	return e.boundArgs(m, args, depth)
}

// boundArgs is about a call that computes, which one without a model does: it makes no more elements than the
// collection has that it goes over, or than all its arguments have.
func (e *eval) boundArgs(m *model.Call, args []ir.ExprID, depth int) Bound {
	if m != nil && m.Iterates != nil && *m.Iterates < len(args) {
		return min(Bounded, e.bound(args[*m.Iterates], depth-1)) // a batch stays one
	}
	b := Bounded
	for i, a := range args {
		if op := e.c.At(a).Op; i > 0 && (op == ir.Closure || op == ir.FuncRef) {
			continue
		}
		b = min(b, e.bound(a, depth-1))
	}
	return b
}

// boundFunc is about a function of the project: all its clauses give constants.
func (e *eval) boundFunc(fn ir.FuncID, args []ir.ExprID) Bound {
	b, any := Literal, false
	e.eachTarget(fn, e.c, args, e.vars, func(t ClauseID) {
		b = min(b, e.nodes[t].retBound)
		any = true
	})
	if !any {
		return Unbounded
	}
	return min(b, Bounded)
}
