package elixir

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// A test of code calls a public function with arguments that its patterns take, and
// has to come to the place that the fix changes whatever else the program does.

var (
	errPrivate = errors.New("the place is in no public function of the application that a test could call")
	errWay     = errors.New("what the function does before it comes to the place depends on more than its arguments show")
	errArgs    = errors.New("the arguments that lead to the place cannot be built from what the function shows of them")
)

// calling is a clause of a public function that holds a place.
type calling struct {
	w      *Writer
	fn     *ir.Func
	clause *ir.Clause
	number int // of the clause
	code   *ir.Code
	given  map[ir.VarID]string // what variables of the parameters shall be
	conn   string              // the connection, if it is not an empty one
}

// callTo finds the clause of a public function that holds an expression.
func (w *Writer) callTo(code *ir.Code, x ir.ExprID) (*calling, error) {
	at := code.Span(x)
	fn := w.Program.FuncAt(at)
	if fn == nil || fn.Kind != ir.Def || fn.Injected || code.File.Kind != source.Lib || fn.Code != code {
		return nil, errPrivate
	}
	for i := range fn.Clauses {
		c := &fn.Clauses[i]
		if !c.Span.Contains(at) {
			continue
		}
		if c.Body == ir.No || c.Guard != ir.No {
			return nil, errArgs
		}
		return &calling{w: w, fn: fn, clause: c, number: i, code: code, given: map[ir.VarID]string{}}, nil
	}
	return nil, errPrivate
}

// first reports whether no clause before this one takes the same arguments.
func (k *calling) first() bool {
	for i := range k.number {
		apart := false
		for p := range k.clause.Params {
			apart = apart || k.refused(k.clause.Params[p], k.fn.Clauses[i].Params[p])
		}
		if !apart {
			return false
		}
	}
	return true
}

// refused reports whether another pattern does not take what is built for one: it has
// another constant, or begins with another text than a name that nobody knows.
func (k *calling) refused(own, other ir.ExprID) bool {
	a, b := k.code.At(own), k.code.At(other)
	if a.Op == ir.Bind && k.given[ir.VarID(a.A)] == unknown {
		if b.Op == ir.Make && b.Sub == ir.MakeString {
			head := k.code.At(k.code.Lists[b.Lo])
			return head.Op == ir.Const && head.Str != "" && head.Str[0] != beginning[0]
		}
		return b.Op == ir.Const
	}
	return a.Op == ir.Const && b.Op == ir.Const && (a.Str != b.Str || a.Sub != b.Sub)
}

// through finds the clause of a public function that hands a text over to a private
// one of its module, as it is. The private one has to take any text.
func (w *Writer) through(code *ir.Code, at, text ir.ExprID) *calling {
	fn := w.Program.FuncAt(code.Span(at))
	e := code.At(text)
	if fn == nil || fn.Kind != ir.Defp || len(fn.Clauses) != 1 || fn.Clauses[0].Guard != ir.No || e.Op != ir.Use {
		return nil
	}
	inner := &calling{w: w, fn: fn, clause: &fn.Clauses[0], code: code, given: map[ir.VarID]string{}}
	n := slices.IndexFunc(inner.clause.Params, func(p ir.ExprID) bool { b := code.At(p); return b.Op == ir.Bind && b.A == e.A })
	if n < 0 || slices.ContainsFunc(inner.clause.Params, func(p ir.ExprID) bool { return !plain(code, p) }) || inner.way(inner.clause.Body, at) != met {
		return nil
	}
	for i := range code.Exprs {
		call := code.At(ir.ExprID(i))
		if call.Op != ir.Call || code.Callees[call.A].Func != fn.ID || int(call.Hi-call.Lo) != len(inner.clause.Params) {
			continue
		}
		k, err := w.callTo(code, ir.ExprID(i))
		if err == nil && k.hand(code.List(call)[n]) && k.first() && k.way(k.clause.Body, ir.ExprID(i)) == met {
			return k
		}
	}
	return nil
}

// parameter reports whether a variable is bound by the parameters.
func (k *calling) parameter(v ir.VarID) bool {
	found := false
	for _, p := range k.clause.Params {
		k.code.Walk(p, func(x ir.ExprID) bool {
			if e := k.code.At(x); e.Op == ir.Bind && ir.VarID(e.A) == v {
				found = true
			}
			return !found
		})
	}
	return found
}

// call is the call as a test writes it, with a short name for the module.
func (k *calling) call(short string) (string, error) {
	if !k.first() {
		return "", errArgs
	}
	args := make([]string, len(k.clause.Params))
	for i, p := range k.clause.Params {
		text, ok := k.build(p)
		if !ok {
			return "", errArgs
		}
		args[i] = text
	}
	return short + "." + k.fn.Name + "(" + strings.Join(args, ", ") + ")", nil
}

// build is a value that a pattern takes.
func (k *calling) build(p ir.ExprID) (string, bool) {
	e := k.code.At(p)
	switch e.Op {
	case ir.Any:
		return "nil", true
	case ir.Bind:
		if text, ok := k.given[ir.VarID(e.A)]; ok {
			return text, true
		}
		switch name := strings.TrimLeft(e.Str, "_"); name {
		case "conn":
			return cmp.Or(k.conn, "%Plug.Conn{}"), true
		case "socket":
			return "%Phoenix.LiveView.Socket{}", true
		}
		return "nil", true
	case ir.Const:
		return k.constant(e)
	case ir.Match:
		if a, b := k.code.At(ir.ExprID(e.A)), k.code.At(ir.ExprID(e.B)); a.Op == ir.Bind || b.Op == ir.Bind {
			if b.Op == ir.Bind {
				a, b = b, a
				e = &ir.Expr{A: e.B, B: e.A}
			}
			if text, ok := k.given[ir.VarID(a.A)]; ok {
				return text, b.Op == ir.Bind
			}
			return k.build(ir.ExprID(e.B))
		}
	case ir.Make:
		return k.made(e)
	}
	return "", false
}

func (k *calling) constant(e *ir.Expr) (string, bool) {
	switch e.Sub {
	case ir.LitNil:
		return "nil", true
	case ir.LitBool, ir.LitInt, ir.LitModule:
		return e.Str, true
	case ir.LitString:
		return quoted(e.Str), true
	case ir.LitAtom:
		return atom(e.Str), true
	}
	return "", false
}

// made is a map or a tuple that a pattern of one takes.
func (k *calling) made(e *ir.Expr) (string, bool) {
	parts := make([]string, 0, e.Hi-e.Lo)
	for _, x := range k.code.List(e) {
		text, ok := k.build(x)
		if !ok {
			return "", false
		}
		parts = append(parts, text)
	}
	switch e.Sub {
	case ir.MakeTuple:
		return "{" + strings.Join(parts, ", ") + "}", true
	case ir.MakeMap:
		pairs := make([]string, 0, len(parts)/2)
		for i := 0; i+1 < len(parts); i += 2 {
			pairs = append(pairs, parts[i]+" => "+parts[i+1])
		}
		return "%{" + strings.Join(pairs, ", ") + "}", true
	case ir.MakeStruct:
		return "%" + e.Str + "{}", e.Str != "" && len(parts) == 0
	}
	return "", false
}

// way says how far an evaluation got.
type way uint8

const (
	passed way = iota // it went through, and the place is not in it
	met               // it came to the place
	lost              // it may have ended before
)

// way follows the evaluation of an expression up to a place.
func (k *calling) way(x, place ir.ExprID) way {
	if x == ir.No {
		return passed
	}
	if x == place {
		return k.operands(x, place, met)
	}
	e := k.code.At(x)
	switch e.Op {
	case ir.Const, ir.Use, ir.Attr, ir.Closure, ir.FuncRef, ir.Bind, ir.Any:
		return passed
	case ir.Match:
		if w := k.way(ir.ExprID(e.B), place); w != passed || !plain(k.code, ir.ExprID(e.A)) {
			return max(w, met)
		}
		return passed
	case ir.Block:
		return k.operands(x, place, passed)
	case ir.Make, ir.Update:
		return k.operands(x, place, passed)
	case ir.Branch, ir.Case:
		if w := k.way(ir.ExprID(e.A), place); w == met {
			return met
		}
	case ir.With:
		if l := k.code.List(e); len(l) > 0 && k.code.At(l[0]).Op == ir.Match && k.way(ir.ExprID(k.code.At(l[0]).B), place) == met {
			return met
		}
	case ir.Loop:
		return k.loop(x, place)
	case ir.Call:
		return k.called(x, place)
	}
	return lost
}

// operands are evaluated one after the other; then comes what the expression does.
func (k *calling) operands(x, place ir.ExprID, then way) way {
	out := passed
	k.code.Operands(x, func(o ir.ExprID) {
		if out == passed {
			out = k.way(o, place)
		}
	})
	if out != passed {
		return out
	}
	return then
}

// calls that give a value for any that they are given here.
func harmless(c *ir.Callee) bool {
	switch c.Module {
	case "Kernel", "":
		return c.How == ir.Kernel && slices.Contains([]string{"self", "send", "is_nil", "==", "!=", "to_string"}, c.Name)
	case "Map":
		return c.Name == "get" || c.Name == "put" || c.Name == "put_new"
	case "Enum":
		return c.Name == "reverse"
	case "Phoenix.Component", "Phoenix.LiveView":
		return c.Name == "assign" || c.Name == "put_flash"
	}
	return false
}

func (k *calling) called(x, place ir.ExprID) way {
	e := k.code.At(x)
	if w := k.operands(x, place, passed); w != passed {
		return w
	}
	c := &k.code.Callees[e.A]
	if e.Hi > e.Lo && (c.Module == "Enum" || c.Module == "Map" && c.Name == "new") {
		if body, ok := k.each(x, place); ok {
			return k.way(body, place)
		}
	}
	if harmless(c) {
		return passed
	}
	return lost
}

// each is the body of the function that a call runs on every element, where it holds
// the place and is given an element that was built for it.
func (k *calling) each(x, place ir.ExprID) (ir.ExprID, bool) {
	e := k.code.At(x)
	list := k.code.List(e)
	if coll := k.code.At(list[0]); coll.Op != ir.Use || k.given[ir.VarID(coll.A)] == "" {
		return ir.No, false
	}
	for _, a := range list[1:] {
		if fn := k.code.At(a); fn.Op == ir.Closure && fn.Hi-fn.Lo == 1 && k.code.Span(a).Contains(k.code.Span(place)) {
			_, guard, body := k.code.Parts(k.code.At(k.code.List(fn)[0]))
			return body, guard == ir.No
		}
	}
	return ir.No, false
}

func (k *calling) loop(x, place ir.ExprID) way {
	e := k.code.At(x)
	l := k.code.List(e)
	if len(l) != 1 || k.code.At(l[0]).Op != ir.Generator {
		return lost
	}
	if coll := k.code.At(ir.ExprID(k.code.At(l[0]).B)); coll.Op != ir.Use || k.given[ir.VarID(coll.A)] == "" {
		return lost
	}
	return max(k.way(ir.ExprID(e.A), place), met)
}

// lastOf is the expression whose value a body has.
func lastOf(c *ir.Code, x ir.ExprID) ir.ExprID {
	for {
		e := c.At(x)
		if e.Op != ir.Block || e.Lo == e.Hi {
			return x
		}
		x = c.Lists[e.Hi-1]
	}
}
