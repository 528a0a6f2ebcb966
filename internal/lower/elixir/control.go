package elixir

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// arm lowers a clause `patterns when guard -> body`.
func (l *lowerer) arm(n syntax.NodeID, kind ir.ArmKind) ir.ExprID {
	t := l.t
	scope := l.enter()
	mark := len(l.stack)
	head := t.First(n)
	e := l.at(ir.Arm, n)
	e.Sub = kind
	for c := t.First(head); c != syntax.None; c = t.Next(c) {
		switch {
		case t.Node(c).Kind == syn.When:
			l.push(l.expr(t.First(c)))
			e.Flags |= ir.FlagGuard
		case kind == ir.ArmRescue:
			l.rescued(c)
		case kind == ir.ArmAfter:
			l.push(l.expr(c))
		default:
			l.push(l.pattern(c))
		}
	}
	body := t.Next(head)
	saved := l.env
	if body == syntax.None {
		l.push(l.empty(n))
	} else {
		l.push(l.block(body))
	}
	l.env = saved
	l.leave(scope)
	return l.add(e, mark)
}

// rescued lowers `e in [A, B]`, `A`, `e`: the variable first, then the names.
func (l *lowerer) rescued(n syntax.NodeID) {
	t := l.t
	names := n
	if node := t.Node(n); node.Kind == syn.Binary && node.Op == syn.OpIn {
		l.push(l.pattern(t.First(n)))
		names = t.Next(t.First(n))
		if t.Node(names).Kind == syn.Ident && t.Text(names) == "_" {
			return // any of them, as without names
		}
	} else if node.Kind == syn.Ident {
		l.push(l.pattern(n))
		return
	} else {
		l.push(l.add(l.at(ir.Any, n), -1))
	}
	if t.Node(names).Kind != syn.List {
		l.push(l.expr(names))
		return
	}
	for c := t.First(names); c != syntax.None; c = t.Next(c) {
		l.push(l.expr(c))
	}
}

// closure lowers `fn … end`.
func (l *lowerer) closure(n syntax.NodeID) ir.ExprID {
	mark := len(l.stack)
	for c := l.t.First(n); c != syntax.None; c = l.t.Next(c) {
		if l.t.Node(c).Kind == syn.Clause {
			l.push(l.arm(c, ir.ArmClause))
		}
	}
	return l.add(l.at(ir.Closure, n), mark)
}

// arms pushes the clauses of a section.
func (l *lowerer) arms(section syntax.NodeID, kind ir.ArmKind) {
	if section == syntax.None {
		return
	}
	for c := l.t.First(section); c != syntax.None; c = l.t.Next(c) {
		if l.t.Node(c).Kind == syn.Clause {
			l.push(l.arm(c, kind))
		}
	}
}

// subject is the first operand of a form, piped or written, or No.
func (l *lowerer) subject(piped ir.ExprID, a []syntax.NodeID) ir.ExprID {
	if piped != ir.No || len(a) == 0 {
		return piped
	}
	return l.expr(a[0])
}

// branchPart is the code behind `do` or `else`, as a block or a keyword.
func (l *lowerer) branchPart(n, do syntax.NodeID, word syn.Op, key string) ir.ExprID {
	if do != syntax.None {
		if s := section(l.t, do, word); s != syntax.None {
			return l.sectionBody(s)
		}
		return ir.No
	}
	if v := keywordArg(l.t, n, key); v != syntax.None {
		return l.scoped(v)
	}
	return ir.No
}

func ifForm(l *lowerer, n syntax.NodeID, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	if do == syntax.None && keywordArg(l.t, n, "do") == syntax.None {
		return ir.No
	}
	cond := l.subject(piped, a)
	if cond == ir.No {
		return ir.No
	}
	e := l.at(ir.Branch, n)
	e.A = int32(cond)
	then := l.branchPart(n, do, syn.SectionDo, "do")
	other := l.branchPart(n, do, syn.SectionElse, "else")
	if localName(l.t, n) == "unless" {
		e.Flags |= ir.FlagBang
		then, other = other, then
	}
	e.B, e.C = int32(then), int32(other)
	return l.add(e, -1)
}

func caseForm(l *lowerer, n syntax.NodeID, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	if do == syntax.None {
		return ir.No
	}
	subject := l.subject(piped, a)
	if subject == ir.No {
		return ir.No
	}
	mark := len(l.stack)
	l.arms(section(l.t, do, syn.SectionDo), ir.ArmClause)
	e := l.at(ir.Case, n)
	e.A = int32(subject)
	return l.add(e, mark)
}

// condForm lowers `cond do a -> x; b -> y end` to nested branches, which raise
// when no condition holds.
func condForm(l *lowerer, n syntax.NodeID, _ ir.ExprID, _ []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	if do == syntax.None {
		return ir.No
	}
	s := section(l.t, do, syn.SectionDo)
	if s == syntax.None {
		return ir.No
	}
	var clauses []syntax.NodeID
	for c := l.t.First(s); c != syntax.None; c = l.t.Next(c) {
		if l.t.Node(c).Kind == syn.Clause {
			clauses = append(clauses, c)
		}
	}
	made := make([]ir.Expr, 0, len(clauses))
	for _, c := range clauses {
		made = append(made, l.condClause(c))
	}
	next := ir.ExprID(ir.No)
	if len(made) > 0 && !l.always(ir.ExprID(made[len(made)-1].A)) {
		raises := l.at(ir.Raise, n)
		raises.Start = raises.End
		next = l.add(raises, len(l.stack))
	}
	for i := len(made) - 1; i >= 0; i-- {
		made[i].C = int32(next)
		if i == 0 {
			made[i].Start = l.t.Node(n).Start
		}
		next = l.add(made[i], -1)
	}
	if next == ir.No {
		return l.empty(n)
	}
	return next
}

// always reports whether a condition is the `true` that ends a cond.
func (l *lowerer) always(cond ir.ExprID) bool {
	e := l.code.At(cond)
	return e.Op == ir.Const && e.Sub != ir.LitNil && e.Str != "false"
}

func (l *lowerer) condClause(c syntax.NodeID) ir.Expr {
	t := l.t
	scope := l.enter()
	head := t.First(c)
	e := l.at(ir.Branch, c)
	e.A = int32(l.named(head, ""))
	if cond := t.First(head); cond != syntax.None {
		e.A = int32(l.expr(cond))
	}
	if body := t.Next(head); body == syntax.None {
		e.B = int32(l.empty(c))
	} else {
		e.B = int32(l.block(body))
	}
	l.leave(scope)
	return e
}

func withForm(l *lowerer, n syntax.NodeID, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	if piped != ir.No {
		return ir.No
	}
	t := l.t
	scope := l.enter()
	mark := len(l.stack)
	for _, s := range a {
		if t.Node(s).Kind == syn.Keywords {
			continue
		}
		l.step(s)
	}
	e := l.at(ir.With, n)
	e.A = int32(l.branchPart(n, do, syn.SectionDo, "do"))
	if e.A == ir.No {
		e.A = int32(l.empty(n))
	}
	l.leave(scope)
	if do != syntax.None {
		l.arms(section(t, do, syn.SectionElse), ir.ArmElse)
	}
	return l.add(e, mark)
}

// step lowers a step of `with`: `pattern when guard <- value`, or an expression.
func (l *lowerer) step(s syntax.NodeID) {
	t := l.t
	if node := t.Node(s); node.Kind != syn.Binary || node.Op != syn.OpLeftArrow {
		l.push(l.expr(s))
		return
	}
	left := t.First(s)
	e := l.at(ir.Match, s)
	e.Sub = ir.FailNext
	e.B = int32(l.expr(t.Next(left)))
	e.A = int32(l.pattern(left))
	l.push(l.add(e, -1))
	if t.Node(left).Kind == syn.Binary && t.Node(left).Op == syn.OpWhen {
		l.push(l.expr(t.Next(t.First(left))))
	}
}

// forForm lowers a comprehension.
func forForm(l *lowerer, n syntax.NodeID, piped ir.ExprID, a []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	if piped != ir.No {
		return ir.No
	}
	t := l.t
	scope := l.enter()
	mark := len(l.stack)
	for _, s := range a {
		if t.Node(s).Kind != syn.Keywords {
			l.push(l.generator(s))
		}
	}
	e := l.at(ir.Loop, n)
	if r := keywordArg(t, n, "reduce"); r != syntax.None {
		e.Flags |= ir.FlagReduce
		l.push(l.expr(r))
	}
	if into := keywordArg(t, n, "into"); into != syntax.None {
		l.push(l.expr(into))
	}
	e.A = int32(ir.No)
	if s := doSection(t, do); s != syntax.None && e.Flags&ir.FlagReduce != 0 {
		l.arms(s, ir.ArmClause)
	} else {
		e.A = int32(l.branchPart(n, do, syn.SectionDo, "do"))
	}
	l.leave(scope)
	return l.add(e, mark)
}

func doSection(t *syntax.Tree, do syntax.NodeID) syntax.NodeID {
	if do == syntax.None {
		return syntax.None
	}
	return section(t, do, syn.SectionDo)
}

// generator lowers `pattern <- collection`, `<<pattern <- binary>>` or a filter.
func (l *lowerer) generator(s syntax.NodeID) ir.ExprID {
	t := l.t
	arrow := s
	if t.Node(s).Kind == syn.Bitstring {
		for c := t.First(s); c != syntax.None; c = t.Next(c) {
			arrow = c
		}
	}
	if node := t.Node(arrow); node.Kind != syn.Binary || node.Op != syn.OpLeftArrow {
		return l.expr(s)
	}
	left := t.First(arrow)
	e := l.at(ir.Generator, s)
	e.B = int32(l.expr(t.Next(left)))
	if arrow == s {
		e.A = int32(l.pattern(left))
		return l.add(e, -1)
	}
	mark := len(l.stack)
	for c := t.First(s); c != arrow && c != syntax.None; c = t.Next(c) {
		l.push(l.patternSegment(c))
	}
	l.push(l.patternSegment(left))
	p := l.at(ir.Make, s)
	p.Sub = ir.MakeBinary
	e.A = int32(l.add(p, mark))
	return l.add(e, -1)
}

func tryForm(l *lowerer, n syntax.NodeID, _ ir.ExprID, _ []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	if do == syntax.None {
		return ir.No
	}
	return l.try(n, do)
}

// try lowers the sections of `try`, or of a function with `rescue` and others.
func (l *lowerer) try(n, do syntax.NodeID) ir.ExprID {
	e := l.at(ir.Try, n)
	e.A, e.B = ir.No, ir.No
	mark := len(l.stack)
	for s := l.t.First(do); s != syntax.None; s = l.t.Next(s) {
		switch l.t.Node(s).Op {
		case syn.SectionDo:
			e.A = int32(l.sectionBody(s))
		case syn.SectionAfter:
			e.B = int32(l.sectionBody(s))
		case syn.SectionRescue:
			l.arms(s, ir.ArmRescue)
		case syn.SectionCatch:
			l.arms(s, ir.ArmCatch)
		case syn.SectionElse:
			l.arms(s, ir.ArmElse)
		}
	}
	if e.A == ir.No {
		e.A = int32(l.empty(n))
	}
	return l.add(e, mark)
}

func receiveForm(l *lowerer, n syntax.NodeID, _ ir.ExprID, _ []syntax.NodeID, do syntax.NodeID) ir.ExprID {
	if do == syntax.None {
		return ir.No
	}
	mark := len(l.stack)
	l.arms(section(l.t, do, syn.SectionDo), ir.ArmClause)
	l.arms(section(l.t, do, syn.SectionAfter), ir.ArmAfter)
	return l.add(l.at(ir.Receive, n), mark)
}
