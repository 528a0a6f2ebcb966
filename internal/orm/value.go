package orm

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// kind says what a value is.
type kind uint8

const (
	unknown kind = iota
	nothing      // nil
	boolean      // text: "true" or "false"
	atom
	str
	number
	module
	list
	tuple
)

// value is a value known from the text.
type value struct {
	kind  kind
	text  string
	items []value
}

// place is an expression and what the names in it stand for.
type place struct {
	*scope
	id ir.ExprID
}

// scope is what variables stand for, in one Code.
type scope struct {
	code  *ir.Code
	outer *scope
	vars  map[ir.VarID]bound
}

// bound is what a variable stands for: a value, or code that a macro was given.
type bound struct {
	v     value
	given place // its scope is nil for a value
}

func (s *scope) find(id ir.VarID) (bound, bool) {
	for ; s != nil; s = s.outer {
		if b, ok := s.vars[id]; ok {
			return b, true
		}
	}
	return bound{}, false
}

func (at place) span() source.Span { return at.code.Span(at.id) }

// args are the operands of a call.
func (at place) args() []place {
	l := at.code.List(at.code.At(at.id))
	out := make([]place, len(l))
	for i, id := range l {
		out[i] = place{at.scope, id}
	}
	return out
}

func isDo(at place) bool {
	x := at.code.At(at.id)
	return x.Op == ir.Opaque && x.Str == "do"
}

func (r *reader) value(at place) value { return r.eval(at.scope, at.id) }

// eval evaluates literals, attributes, variables that are bound, joined lists
// and branches whose condition is known.
func (r *reader) eval(s *scope, id ir.ExprID) value {
	if r.steps--; r.steps <= 0 || r.deep > maxDepth || id < 0 {
		return value{}
	}
	r.deep++
	defer func() { r.deep-- }()
	x := s.code.At(id)
	switch x.Op {
	case ir.Const:
		return literal(x)
	case ir.Make:
		return r.made(s, x)
	case ir.Use:
		if b, ok := s.find(ir.VarID(x.A)); ok {
			if b.given.scope != nil {
				return r.value(b.given)
			}
			return b.v
		}
	case ir.Attr:
		v, _ := r.attribute(x.Str, s.code.Span(id))
		return v
	case ir.Block:
		if x.Lo < x.Hi {
			return r.eval(s, s.code.Lists[x.Hi-1])
		}
	case ir.Branch:
		return r.chosen(s, x)
	case ir.Call:
		return r.joined(s, x)
	case ir.Opaque:
		return r.quotedAttribute(s, x)
	}
	return value{}
}

// quotedAttribute reads `@name` in quoted code.
func (r *reader) quotedAttribute(s *scope, x *ir.Expr) value {
	if x.Str != "@" || x.Hi-x.Lo != 1 {
		return value{}
	}
	id := s.code.Lists[x.Lo]
	v, _ := r.attribute(s.code.At(id).Str, source.Span{File: source.NoFile})
	return v
}

func literal(x *ir.Expr) value {
	kinds := [...]kind{ir.LitNil: nothing, ir.LitBool: boolean, ir.LitInt: number, ir.LitFloat: number, ir.LitString: str, ir.LitAtom: atom, ir.LitModule: module}
	return value{kind: kinds[x.Sub], text: x.Str}
}

func (r *reader) made(s *scope, x *ir.Expr) value {
	var out value
	switch x.Sub {
	case ir.MakeList:
		out.kind = list
	case ir.MakeTuple:
		out.kind = tuple
	case ir.MakeString, ir.MakeAtom:
		return r.interpolated(s, x)
	default:
		return value{}
	}
	for _, id := range s.code.List(x) {
		out.items = append(out.items, r.eval(s, id))
	}
	return out
}

// maxText bounds the names that are put together.
const maxText = 1000

func (r *reader) interpolated(s *scope, x *ir.Expr) value {
	out := value{kind: str}
	if x.Sub == ir.MakeAtom {
		out.kind = atom
	}
	for _, id := range s.code.List(x) {
		v := r.eval(s, id)
		if v.kind != str && v.kind != atom && v.kind != number || len(out.text) > maxText {
			return value{}
		}
		out.text += v.text
	}
	return out
}

// chosen is the branch whose condition is known.
func (r *reader) chosen(s *scope, x *ir.Expr) value {
	truth, known := r.eval(s, ir.ExprID(x.A)).truth()
	switch {
	case !known:
		return value{}
	case x.Sub == ir.BranchOr && truth, x.Sub == ir.BranchAnd && !truth:
		return r.eval(s, ir.ExprID(x.A))
	case truth:
		return r.eval(s, ir.ExprID(x.B))
	case x.C < 0:
		return value{kind: nothing}
	}
	return r.eval(s, ir.ExprID(x.C))
}

// truth is what a condition makes of v, if that is known.
func (v value) truth() (truth, known bool) {
	return v.kind != nothing && (v.kind != boolean || v.text == "true"), v.kind != unknown
}

// maxItems bounds lists that are joined.
const maxItems = 1000

// joined evaluates `a ++ b`.
func (r *reader) joined(s *scope, x *ir.Expr) value {
	k := &s.code.Callees[x.A]
	if k.Name != "++" || k.How != ir.Kernel || x.Hi-x.Lo != 2 {
		return value{}
	}
	a, b := r.eval(s, s.code.Lists[x.Lo]), r.eval(s, s.code.Lists[x.Lo+1])
	if a.kind != list || b.kind != list || len(a.items)+len(b.items) > maxItems {
		return value{}
	}
	return value{kind: list, items: slices.Concat(a.items, b.items)}
}

// options are the pairs of a keyword list, the first of a name winning.
type options struct {
	list  value
	known bool
}

func optionsOf(v value) options {
	o := options{v, v.kind == list}
	for _, i := range v.items {
		o.known = o.known && i.kind == tuple && len(i.items) == 2 && i.items[0].kind == atom
	}
	return o
}

// get is the value of an option; false if it is not there.
func (o options) get(name string) (value, bool) {
	for _, i := range o.list.items {
		if i.kind == tuple && len(i.items) == 2 && i.items[0].text == name {
			return i.items[1], true
		}
	}
	return value{}, false
}

// text is the name that an option has, or what it is without the option.
func (o options) text(name, otherwise string) string {
	v, ok := o.get(name)
	switch {
	case !ok || v.kind == nothing:
		return otherwise
	case v.kind == unknown:
		return ""
	}
	return v.text
}

func (o options) has(name string) bool {
	v, ok := o.get(name)
	return ok && v.kind != nothing
}

// set reports whether an option is there and neither nil nor false.
func (o options) set(name string) bool { return o.has(name) && !o.no(name) }

// yes reports whether an option is true.
func (o options) yes(name string) bool {
	v, _ := o.get(name)
	return v.kind == boolean && v.text == "true"
}

func (o options) no(name string) bool {
	v, _ := o.get(name)
	return v.kind == boolean && v.text == "false"
}
