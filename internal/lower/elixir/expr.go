package elixir

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// expr lowers an expression.
func (l *lowerer) expr(n syntax.NodeID) ir.ExprID {
	t := l.t
	node := t.Node(n)
	switch node.Kind {
	case syn.Int, syn.Float, syn.Char, syn.Atom, syn.Key:
		return l.literal(n)
	case syn.String, syn.QAtom, syn.QKey, syn.Charlist, syn.Sigil, syn.QName:
		return l.text(n, l.expr)
	case syn.Ident:
		return l.ident(n)
	case syn.Alias:
		return l.alias(n)
	case syn.List, syn.Keywords:
		return l.list(n, l.expr)
	case syn.Tuple:
		return l.makeOf(n, ir.MakeTuple, l.expr)
	case syn.Bitstring:
		return l.makeOf(n, ir.MakeBinary, l.segment)
	case syn.Map:
		return l.mapOf(n, l.expr)
	case syn.Struct:
		return l.structOf(n, l.expr)
	case syn.Pair:
		return l.makeOf(n, ir.MakeTuple, l.expr)
	case syn.Unary:
		return l.unary(n)
	case syn.Binary:
		return l.binary(n)
	case syn.Step:
		return l.makeOf(n, ir.MakeRange, l.expr)
	case syn.Capture:
		return l.captured(n)
	case syn.Call:
		return l.call(n, ir.No)
	case syn.Access:
		c := t.First(n)
		e := l.at(ir.Index, n)
		e.A = int32(l.expr(c))
		e.B = int32(l.expr(t.Next(c)))
		return l.add(e, -1)
	case syn.Fn:
		return l.closure(n)
	case syn.Block:
		if node.Flags&syn.FlagClauses == 0 {
			return l.block(n)
		}
	case syn.Interp, syn.Section, syn.Body, syn.Program:
		return l.block(n)
	}
	return l.opaque(n, "")
}

// opaque keeps the operands of what is not understood.
func (l *lowerer) opaque(n syntax.NodeID, head string) ir.ExprID {
	mark := len(l.stack)
	for c := l.t.First(n); c != syntax.None; c = l.t.Next(c) {
		switch l.t.Node(c).Kind {
		case syn.Name, syn.Text:
		case syn.Clause:
			l.push(l.arm(c, ir.ArmClause))
		default:
			l.push(l.expr(c))
		}
	}
	e := l.at(ir.Opaque, n)
	e.Str = head
	return l.add(e, mark)
}

// block lowers a sequence; one expression is itself.
func (l *lowerer) block(n syntax.NodeID) ir.ExprID {
	if c := soleChild(l.t, n); c != syntax.None && l.t.Node(c).Kind != syn.Clause {
		return l.expr(c)
	}
	saved := l.env
	mark := len(l.stack)
	for c := l.t.First(n); c != syntax.None; c = l.t.Next(c) {
		if l.t.Node(c).Kind == syn.Clause {
			l.push(l.arm(c, ir.ArmClause))
			continue
		}
		id := l.expr(c)
		if l.t.Next(c) != syntax.None {
			l.code.At(id).Flags |= ir.FlagDiscard
		}
		l.push(id)
	}
	l.env = saved
	return l.add(l.at(ir.Block, n), mark)
}

// sectionBody lowers a section of a do block in a scope of its own.
func (l *lowerer) sectionBody(n syntax.NodeID) ir.ExprID {
	mark := l.enter()
	saved := l.env
	id := l.block(n)
	l.env = saved
	l.leave(mark)
	return id
}

func (l *lowerer) ident(n syntax.NodeID) ir.ExprID {
	name := l.t.Text(n)
	if id, ok := l.scope[name]; ok {
		e := l.at(ir.Use, n)
		e.A, e.Str = int32(id), name
		return l.add(e, -1)
	}
	switch name {
	case "__MODULE__":
		e := l.at(ir.Const, n)
		e.Sub, e.Str = ir.LitModule, l.m.Name
		return l.add(e, -1)
	case "__ENV__", "__CALLER__", "__STACKTRACE__", "__DIR__", "_":
		return l.named(n, name)
	}
	if len(name) > 0 && name[0] == '_' {
		return l.named(n, name)
	}
	return l.localCall(n, name, ir.No, nil, syntax.None)
}

// named is an Opaque without operands.
func (l *lowerer) named(n syntax.NodeID, name string) ir.ExprID {
	e := l.at(ir.Opaque, n)
	e.Str = name
	return l.add(e, len(l.stack))
}

func (l *lowerer) alias(n syntax.NodeID) ir.ExprID {
	e := l.at(ir.Const, n)
	if name, ok := l.env.moduleName(n); ok {
		e.Sub, e.Str = ir.LitModule, name
		return l.add(e, -1)
	}
	return l.opaque(n, "alias")
}

func (l *lowerer) list(n syntax.NodeID, part func(syntax.NodeID) ir.ExprID) ir.ExprID {
	t := l.t
	mark := len(l.stack)
	kind := ir.MakeList
	for c := t.First(n); c != syntax.None; c = t.Next(c) {
		if node := t.Node(c); node.Kind == syn.Binary && node.Op == syn.OpPipe && t.Next(c) == syntax.None {
			kind = ir.MakeCons
			head := t.First(c)
			l.push(part(head))
			l.push(part(t.Next(head)))
			continue
		}
		l.push(part(c))
	}
	e := l.at(ir.Make, n)
	e.Sub = kind
	return l.add(e, mark)
}

func (l *lowerer) makeOf(n syntax.NodeID, kind ir.MakeKind, part func(syntax.NodeID) ir.ExprID) ir.ExprID {
	mark := len(l.stack)
	for c := l.t.First(n); c != syntax.None; c = l.t.Next(c) {
		l.push(part(c))
	}
	e := l.at(ir.Make, n)
	e.Sub = kind
	return l.add(e, mark)
}

// mapOf lowers `%{k => v}` and `%{base | k => v}`.
func (l *lowerer) mapOf(n syntax.NodeID, part func(syntax.NodeID) ir.ExprID) ir.ExprID {
	t := l.t
	e := l.at(ir.Make, n)
	e.Sub = ir.MakeMap
	first := t.First(n)
	if first != syntax.None && t.Node(first).Kind == syn.MapUpdate {
		base := t.First(first)
		e.Op, e.Sub = ir.Update, 0
		e.A = int32(part(base))
		return l.pairs(t.Next(base), e, part)
	}
	return l.pairs(first, e, part)
}

// pairs lowers key, value, key, value … from the sibling c on.
func (l *lowerer) pairs(c syntax.NodeID, e ir.Expr, part func(syntax.NodeID) ir.ExprID) ir.ExprID {
	t := l.t
	mark := len(l.stack)
	for ; c != syntax.None; c = t.Next(c) {
		if t.Node(c).Kind == syn.Pair {
			k := t.First(c)
			l.push(part(k))
			l.push(part(t.Next(k)))
			continue
		}
		l.push(part(c))
		l.push(l.add(ir.Expr{Op: ir.Opaque, Start: t.Node(c).Start, End: t.Node(c).End}, len(l.stack)))
	}
	return l.add(e, mark)
}

func (l *lowerer) structOf(n syntax.NodeID, part func(syntax.NodeID) ir.ExprID) ir.ExprID {
	t := l.t
	name := t.First(n)
	body := t.Next(name)
	if body == syntax.None {
		return l.opaque(n, "%")
	}
	full, known := l.env.moduleName(name)
	var head ir.ExprID = ir.No
	if !known {
		head = part(name)
	}
	id := l.mapOf(body, part)
	e := l.code.At(id)
	e.Start, e.End = t.Node(n).Start, t.Node(n).End
	if e.Op == ir.Make {
		e.Sub, e.Str = ir.MakeStruct, full
	}
	if head != ir.No {
		mark := len(l.stack)
		l.push(head)
		l.push(id)
		m := l.at(ir.Opaque, n)
		m.Str = "%"
		return l.add(m, mark)
	}
	return id
}

// segment lowers a part of a bitstring: `x::binary-size(n)` is x.
func (l *lowerer) segment(n syntax.NodeID) ir.ExprID {
	if node := l.t.Node(n); node.Kind == syn.Binary && node.Op == syn.OpType {
		return l.expr(l.t.First(n))
	}
	return l.expr(n)
}

func (l *lowerer) unary(n syntax.NodeID) ir.ExprID {
	t := l.t
	c := t.First(n)
	switch op := t.Node(n).Op; op {
	case syn.OpAt:
		if t.Node(c).Kind == syn.Ident {
			return l.attribute(n, t.Text(c))
		}
		return l.opaque(n, "@")
	case syn.OpPin:
		// What is pinned in a query or a quoted expression is the caller's code.
		foreign := l.foreign
		l.foreign = 0
		id := l.expr(c)
		l.foreign = foreign
		if foreign == 0 {
			return id
		}
		e := l.at(ir.Pin, n)
		e.A = int32(id)
		return l.add(e, -1)
	case syn.OpCapture:
		return l.captureOf(n, c)
	case syn.OpPlus, syn.OpMinus, syn.OpNot, syn.OpBang, syn.OpTildes:
		if op == syn.OpMinus && t.Node(c).Kind == syn.Int {
			e := l.at(ir.Const, n)
			e.Sub, e.Str = ir.LitInt, "-"+strings.ReplaceAll(t.Text(c), "_", "")
			return l.add(e, -1)
		}
		return l.operator(n, syn.OpName(op), c)
	}
	return l.opaque(n, syn.OpName(t.Node(n).Op))
}

// attribute lowers a read of `@name`.
func (l *lowerer) attribute(n syntax.NodeID, name string) ir.ExprID {
	e := l.at(ir.Attr, n)
	e.Str, e.A = name, ir.No
	// The newest value before this place; attributes are in source order.
	same := l.m.attrsNamed(name)
	for i := len(same) - 1; i >= 0; i-- {
		if a := &l.m.attrs[same[i]]; a.env.from != l.env.from || l.t.Node(a.at).Start < e.Start {
			e.A = same[i]
			break
		}
	}
	return l.add(e, -1)
}

// attrsNamed are the indexes of the module's attributes with a name.
func (m *module) attrsNamed(name string) []int32 {
	if m.byAttr == nil {
		m.byAttr = map[string][]int32{}
		for i := range m.attrs {
			n := m.attrs[i].name
			m.byAttr[n] = append(m.byAttr[n], int32(i))
		}
	}
	return m.byAttr[name]
}

// operator lowers an operator as a call of the prelude's function.
func (l *lowerer) operator(n syntax.NodeID, name string, operands ...syntax.NodeID) ir.ExprID {
	mark := len(l.stack)
	for _, o := range operands {
		l.push(l.expr(o))
	}
	e := l.at(ir.Call, n)
	module, how := "Kernel", ir.Kernel
	if l.m.defines(fnKey{name, len(operands)}) {
		module, how = l.m.Name, ir.Local
	}
	e.A = int32(l.callee(module, name, len(operands), how))
	e.Flags = ir.FlagOperator
	return l.add(e, mark)
}

func (l *lowerer) binary(n syntax.NodeID) ir.ExprID {
	t := l.t
	left := t.First(n)
	right := t.Next(left)
	if right == syntax.None {
		return l.opaque(n, "")
	}
	switch op := t.Node(n).Op; op {
	case syn.OpMatch:
		return l.match(n, left, right)
	case syn.OpArrowPipe:
		return l.pipe(n, left, right)
	case syn.OpAndAnd, syn.OpAnd:
		e := l.at(ir.Branch, n)
		e.Sub, e.C = ir.BranchAnd, ir.No
		e.A = int32(l.expr(left))
		e.B = int32(l.scoped(right))
		return l.add(e, -1)
	case syn.OpOrOr, syn.OpOr:
		e := l.at(ir.Branch, n)
		e.Sub, e.B = ir.BranchOr, ir.No
		e.A = int32(l.expr(left))
		e.C = int32(l.scoped(right))
		return l.add(e, -1)
	case syn.OpRange:
		return l.makeOf(n, ir.MakeRange, l.expr)
	case syn.OpNotIn:
		return l.operator(n, "not in", left, right)
	case syn.OpIn:
		// `not a in b` and `!a in b` are written so, and mean `a not in b`.
		if u := t.Node(left); u.Kind == syn.Unary && (u.Op == syn.OpNot || u.Op == syn.OpBang) {
			return l.operator(n, "not in", t.First(left), right)
		}
		return l.operator(n, "in", left, right)
	case syn.OpType, syn.OpLeftArrow, syn.OpWhen, syn.OpDefault, syn.OpPipe, syn.OpStab:
		return l.opaque(n, syn.OpName(op))
	default:
		return l.operator(n, syn.OpName(op), left, right)
	}
}

// scoped lowers an expression that runs on one branch only.
func (l *lowerer) scoped(n syntax.NodeID) ir.ExprID {
	mark := l.enter()
	id := l.expr(n)
	l.leave(mark)
	return id
}

// match lowers `pattern = value`; the value comes first.
func (l *lowerer) match(n, left, right syntax.NodeID) ir.ExprID {
	value := l.expr(right)
	e := l.at(ir.Match, n)
	e.B = int32(value)
	e.A = int32(l.pattern(left))
	return l.add(e, -1)
}

// pipe lowers `left |> right` to a call of right with left as first argument.
func (l *lowerer) pipe(n, left, right syntax.NodeID) ir.ExprID {
	t := l.t
	value := l.expr(left)
	right = syn.Unwrap(t, right)
	var id ir.ExprID
	switch node := t.Node(right); {
	case node.Kind == syn.Call:
		id = l.call(right, value)
	case node.Kind == syn.Ident:
		id = l.localCall(right, t.Text(right), value, nil, syntax.None)
	case node.Kind == syn.Binary:
		// `a |> f() + 1` and the like: keep both sides.
		mark := len(l.stack)
		l.push(value)
		l.push(l.expr(right))
		id = l.add(l.at(ir.Opaque, n), mark)
	default:
		mark := len(l.stack)
		l.push(value)
		e := l.at(ir.Invoke, n)
		e.A = int32(l.expr(right))
		id = l.add(e, mark)
	}
	return id
}

// captureOf lowers `&f/1`, `&M.f/1`, `&(&1 + 1)`.
func (l *lowerer) captureOf(n, operand syntax.NodeID) ir.ExprID {
	t := l.t
	inner := syn.Unwrap(t, operand)
	if node := t.Node(inner); node.Kind == syn.Binary && node.Op == syn.OpDivide {
		f := t.First(inner)
		if a := t.Next(f); a != syntax.None && t.Node(a).Kind == syn.Int {
			if arity, ok := syn.IntValue(t, a); ok && arity < 256 {
				if id := l.funcRef(n, f, int(arity)); id != ir.No {
					return id
				}
			}
		}
	}
	return l.captureClosure(n, operand)
}

func (l *lowerer) funcRef(n, f syntax.NodeID, arity int) ir.ExprID {
	t := l.t
	e := l.at(ir.FuncRef, n)
	switch t.Node(f).Kind {
	case syn.Ident, syn.Name:
		name := t.Text(f)
		module, how := l.resolve(name, arity)
		e.A = int32(l.callee(module, name, arity, how))
		if module == "" && (l.foreign > 0 || l.quoted > 0) {
			return l.named(n, name)
		}
		return l.add(e, -1)
	case syn.Call:
		callee := t.First(f)
		if t.Node(callee).Kind != syn.Dot {
			return ir.No
		}
		left := t.First(callee)
		module, ok := l.env.moduleName(left)
		if !ok {
			mark := len(l.stack)
			l.push(l.expr(left))
			o := l.at(ir.Opaque, n)
			o.Str = "&"
			return l.add(o, mark)
		}
		e.A = int32(l.callee(module, syn.AtomName(t, t.Next(left)), arity, ir.Remote))
		return l.add(e, -1)
	}
	return ir.No
}

// captureClosure lowers `&(… &1 … &2 …)` to a closure with those parameters.
func (l *lowerer) captureClosure(n, operand syntax.NodeID) ir.ExprID {
	t := l.t
	arity := 0
	end := n + syntax.NodeID(t.Node(n).Size)
	for i := n + 1; i < end; i++ {
		if t.Node(i).Kind == syn.Capture {
			arity = max(arity, captureIndex(t.Text(i)))
		}
	}
	saved := l.capture
	l.capture = make([]ir.VarID, arity)
	mark := len(l.stack)
	for i := range arity {
		b := l.at(ir.Bind, n)
		b.End = b.Start
		id := l.add(b, -1)
		l.code.Vars = append(l.code.Vars, ir.Var{Name: "&", At: id})
		l.capture[i] = ir.VarID(len(l.code.Vars) - 1)
		l.code.At(id).A = int32(l.capture[i])
		l.push(id)
	}
	l.push(l.scoped(operand))
	l.capture = saved
	arm := l.add(l.at(ir.Arm, n), mark)
	l.push(arm)
	return l.add(l.at(ir.Closure, n), mark)
}

// captureIndex is 2 for `&2`; a number too large for an arity is 0.
func captureIndex(text string) int {
	i := 0
	for _, c := range text {
		if c >= '0' && c <= '9' {
			i = i*10 + int(c-'0')
			if i > 255 {
				return 0
			}
		}
	}
	return i
}

func (l *lowerer) captured(n syntax.NodeID) ir.ExprID {
	i := captureIndex(l.t.Text(n))
	if i < 1 || i > len(l.capture) {
		return l.named(n, "&")
	}
	e := l.at(ir.Use, n)
	e.A, e.Str = int32(l.capture[i-1]), l.t.Text(n)
	return l.add(e, -1)
}
