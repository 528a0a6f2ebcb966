package elixir

import "github.com/assay-dev/assay/internal/syntax"

// block reads expressions up to the closer, without clauses.
func (p *parser) block(closer tokenKind) {
	p.leadingSemi()
	for !p.atEnd(closer) {
		p.statementIndent()
		start := p.tok
		if p.atKey() {
			p.bareKeywords()
		} else {
			p.expr(0, 0)
		}
		p.separator(start)
	}
}

// leadingSemi consumes a `;` before the first expression.
func (p *parser) leadingSemi() {
	if p.tok.kind == tkSemi {
		p.semi()
	}
}

// semi consumes a `;`. Only one may stand between expressions.
func (p *parser) semi() {
	p.next()
	for p.tok.kind == tkSemi {
		p.failHere("a second `;`; remove it")
		p.next()
	}
}

// bareKeywords reads `a: 1` where no keyword list may stand.
func (p *parser) bareKeywords() {
	p.failHere("a keyword pair cannot stand here; put it in brackets")
	p.keywords(p.b.Mark(), p.tok.start, false, 0)
}

// atEnd reports whether a block ends at the token at hand: at its closer, at
// that of a construct further out, or at the end. A closer of nothing is
// reported and skipped.
func (p *parser) atEnd(closer tokenKind) bool {
	for {
		k := p.tok.kind
		switch {
		case k == tkEOF, k == closer, p.cutInterp && p.onNewLine():
			return true
		case k == tkBlockWord || k >= tkRParen:
			if p.open[k] > 0 {
				return true
			}
		default:
			return p.byIndent && closer == tkEnd && p.outdentedStatement()
		}
		if k == tkEnd {
			p.unbalanced = true
		}
		p.failHere("unexpected " + p.found() + "; nothing before it is open, remove it")
		p.stray()
		p.leadingSemi()
	}
}

// separator consumes what must stand between expressions. What follows on the
// same line instead is reported and read into an Error node.
func (p *parser) separator(statement token) {
	switch k := p.tok.kind; {
	case k == tkSemi:
		p.semi()
		return
	case k == tkEOF, k >= tkRParen && p.open[k] > 0, k == tkBlockWord && p.open[k] > 0:
		return
	case p.onNewLine() && p.tok.start != statement.start && (p.canStart() || p.atKey()):
		return
	}
	p.failHere(p.unexpected())
	p.skipLine()
	if p.tok.kind == tkSemi {
		p.semi()
	}
}

// unexpected says what is wrong with the token at hand, which goes on no
// expression.
func (p *parser) unexpected() string {
	switch p.tok.kind {
	case tkOp:
		if p.tok.op == OpStab {
			return "unexpected `->`; it may only follow the arguments of a clause, and then the first expression must have one too"
		}
	case tkDo:
		return "unexpected `do`; it must follow a call on the same line, or one with arguments"
	case tkComma:
		return "unexpected comma; it may only stand between arguments or elements"
	}
	return "unexpected " + p.found() + " after an expression; begin a new line or join them with an operator"
}

// skipLine reads the rest of a line into an Error node, whole expressions and
// do blocks as such.
func (p *parser) skipLine() {
	mark, start := p.b.Mark(), p.tok.start
	for first := true; ; first = false {
		k := p.tok.kind
		if k == tkEOF || k == tkSemi || !first && p.onNewLine() || (k >= tkRParen || k == tkBlockWord) && p.open[k] > 0 {
			break
		}
		switch {
		case k == tkDo:
			p.doBlock()
		case p.canStart():
			p.expr(0, 0)
		default:
			p.next()
		}
	}
	end := max(p.prevEnd, start)
	p.b.Done(mark, Error, 0, 0, start, end, start)
}

// A clauseRun is the clause that is open while the lines after its arrow are
// read: they may belong to it or begin the next one.
type clauseRun struct {
	open       bool
	mark, body syntax.Mark
	start      int32 // of the head
	arrow      int32
	bodyStart  int32
	bodyEnd    int32
}

// clauses reads the inside of parentheses, fn, or a section: expressions, or
// clauses `args -> body`. In parentheses it may also be a list of arguments,
// the nodes of which are then left without an owner.
func (p *parser) clauses(closer tokenKind) (clauses, list bool) {
	p.leadingSemi()
	var run clauseRun
	first, fresh := true, false // fresh: directly after an arrow
	for !p.atEnd(closer) {
		p.statementIndent()
		mark, start := p.b.Mark(), p.tok
		cls, isList := p.arguments()
		if p.tok.kind == tkOp && p.tok.op == OpStab {
			p.checkHead(first, fresh, run.open, cls, start)
			if p.b.Mark()-mark > maxHead {
				p.giveUp("the arguments of this clause are too long to be read; take them apart")
				continue
			}
			clauses = clauses || first
			mark = p.closeClause(&run, mark)
			p.head(mark, start.start)
			run = clauseRun{open: true, mark: mark, start: start.start, arrow: p.tok.start}
			p.next()
			run.body, run.bodyStart, run.bodyEnd = p.b.Mark(), p.prevEnd, p.prevEnd
			fresh = true
			if p.tok.kind == tkSemi {
				p.semi()
				fresh = false
			}
			first = false
			continue
		}
		if isList {
			if first && closer == tkRParen && (p.tok.kind == closer || p.tok.kind == tkEOF) {
				return false, true
			}
			p.fail(start.start, p.prevEnd, "a list of arguments without a call or `->`; add what it is for")
		}
		if cls == argList {
			p.fail(start.start, p.prevEnd, "a list in parentheses with a guard needs a `->` after it")
		}
		if run.body == mark {
			run.bodyStart = start.start
		}
		p.separator(start)
		run.bodyEnd = p.b.Last().End
		first, fresh = false, false
	}
	p.closeClause(&run, p.b.Mark())
	return clauses, false
}

// checkHead reports an arrow that may not stand where it does.
func (p *parser) checkHead(first, fresh, open bool, cls class, start token) {
	switch {
	case fresh:
		p.failHere("a second `->` in one clause; begin it on a new line or put it in parentheses")
	case !first && !open:
		p.failHere(p.unexpected())
	case cls == unmatched:
		p.fail(start.start, p.prevEnd, doArgument)
	}
}

const doArgument = "a do block cannot be an argument here; put it in parentheses"

// arguments reads an expression or, before an arrow, several.
func (p *parser) arguments() (cls class, list bool) {
	mark, start := p.b.Mark(), p.tok.start
	switch {
	case p.tok.kind == tkOp && p.tok.op == OpStab: // -> a
		return matched, false
	case p.atKey():
		p.keywords(mark, start, false, noDo)
		return matched, true
	}
	cls = p.expr(0, inHead|keyOK)
	if cls == quotedKey {
		p.keywords(mark, start, true, noDo)
		return matched, true
	}
	for p.tok.kind == tkComma && cls != argList {
		switch cls {
		case many, prefixedMany:
			p.fail(start, p.prevEnd, nestedCall)
		case unmatched:
			p.fail(start, p.prevEnd, doArgument)
		}
		list = true
		p.comma()
		mark, start = p.b.Mark(), p.tok.start
		if p.atKey() {
			p.keywords(mark, start, false, noDo)
			return matched, true
		}
		c := p.expr(0, noDo|keyOK)
		switch c {
		case quotedKey:
			p.keywords(mark, start, true, noDo)
			return matched, true
		case many, prefixedMany:
			if n := p.b.Last(); n.Kind != Binary || n.Op != OpWhen {
				p.fail(start, p.prevEnd, nestedCall)
			}
		}
		cls = matched
	}
	return cls, list
}

// maxHead bounds the nodes of a clause's head, which are moved when the clause
// before it ends.
const maxHead = 1 << 16

// closeClause ends the open clause before the nodes made since at, and returns
// where these are then.
func (p *parser) closeClause(run *clauseRun, at syntax.Mark) syntax.Mark {
	if !run.open {
		return at
	}
	end := max(run.bodyEnd, run.bodyStart)
	p.b.Insert(run.body, at, Body, 0, 0, run.bodyStart, end, run.bodyStart)
	p.b.Insert(run.mark, at+1, Clause, 0, 0, run.start, end, run.arrow)
	return at + 2
}

// head makes the Head of a clause of the arguments made since mark; the arrow
// is at hand.
func (p *parser) head(mark syntax.Mark, start int32) {
	if p.b.Mark() == mark { // -> a
		p.b.Done(mark, Head, 0, 0, p.tok.start, p.tok.start, p.tok.start)
		return
	}
	last := p.b.Last()
	whole := p.b.Mark()-syntax.Mark(last.Size) == mark
	switch {
	case whole && last.Kind == Head: // (a, b) -> c
		return
	case whole && last.Kind == Block && last.Size == 1 && last.Flags&FlagSemi == 0: // () -> c
		last.Kind, last.Flags = Head, FlagParens
		return
	case last.Kind == Binary && last.Op == OpWhen:
		p.guardedHead(mark, start)
		return
	case whole && last.Kind == Block && last.Flags == 0: // (a when b) -> c
		inner := p.b.At(p.b.Mark() - 2)
		if inner.Kind == Binary && inner.Op == OpWhen && inner.Size == last.Size-1 {
			p.b.Drop(p.b.Mark() - 1)
			p.guardedHead(mark, start)
			p.b.Last().Flags = FlagParens
			return
		}
	}
	p.b.Done(mark, Head, 0, 0, start, p.prevEnd, start)
}

// guardedHead makes the Head of `a, b when c`: the `when` that was read as an
// operator of b and c takes only c.
func (p *parser) guardedHead(mark syntax.Mark, start int32) {
	at := p.b.Mark() - 1
	right := p.b.At(at - 1).Size
	leftAt := at - 1 - syntax.Mark(right)
	left := p.b.At(leftAt)
	flags := uint16(0)
	alone := leftAt-syntax.Mark(left.Size)+1 == mark
	if alone && left.Kind == Head { // (a, b) when c
		p.b.Drop(leftAt)
		flags = FlagParens
	}
	when := p.b.Last()
	when.Kind, when.Op, when.Size, when.Start = When, 0, right+1, when.Pos
	p.b.Done(mark, Head, 0, flags, start, p.prevEnd, start)
}

// statementIndent notes the indentation of the statement at hand.
func (p *parser) statementIndent() {
	if p.byIndent && p.onNewLine() {
		p.indent = indentOf(p.src, int(p.tok.start))
	}
}

// A margin is what an enclosing block leaves to compare lines with.
type margin struct{ indent, base int }

// enterBlock notes that a block which ends with `end` begins in the statement
// being read.
func (p *parser) enterBlock() margin {
	m := margin{p.indent, p.base}
	p.base = p.indent
	return m
}

func (p *parser) leaveBlock(m margin) { p.indent, p.base = m.indent, m.base }

// outdented reports that the token at hand begins a line further left than the
// statement whose block is being read, and so is not the block's.
func (p *parser) outdented() bool {
	return p.byIndent && p.onNewLine() && indentOf(p.src, int(p.tok.start)) < p.base
}

// outdentedStatement reports that the statement at hand begins no further right
// than the one whose block is being read.
func (p *parser) outdentedStatement() bool {
	return p.onNewLine() && indentOf(p.src, int(p.tok.start)) <= p.base
}
