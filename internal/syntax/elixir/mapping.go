package elixir

import "github.com/assay-dev/assay/internal/syntax"

// mapLiteral reads %{…}.
func (p *parser) mapLiteral() {
	mark, start := p.b.Mark(), p.tok.start
	p.mapBody()
	p.b.Done(mark, Map, 0, 0, start, p.prevEnd, start)
}

// structLiteral reads %Foo{…}. The Map begins at its brace.
func (p *parser) structLiteral() {
	mark, start := p.b.Mark(), p.tok
	p.next()
	switch {
	case p.tok.kind == tkLBrace:
		p.fail(start.start, p.tok.end, "a space between % and {; remove it")
	case p.onNewLine():
		p.fail(start.start, start.end, "a struct's name must follow its % on the same line")
	}
	if p.tok.kind != tkLBrace {
		p.expr(precPrefix, noDo|noArgs)
		p.structName()
	} else {
		p.b.Leaf(Error, 0, 0, p.prevEnd, p.prevEnd)
	}
	if p.tok.kind != tkLBrace {
		p.failHere("expected the `{` of a struct, found " + p.found())
		p.b.Done(mark, Error, 0, 0, start.start, p.prevEnd, start.start)
		return
	}
	inner, brace := p.b.Mark(), p.tok.start
	p.mapBody()
	p.b.Done(inner, Map, 0, 0, brace, p.prevEnd, brace)
	p.b.Done(mark, Struct, 0, 0, start.start, p.prevEnd, start.start)
}

// structName checks the name of a struct, which was made last.
func (p *parser) structName() {
	if n := p.b.Last(); !p.simple(p.b.Mark() - 1) {
		p.fail(n.Start, n.End, "a struct's name must be a name, a variable or a call")
	}
}

// simple reports whether the node at m is a primary, optionally with prefix
// operators before it.
func (p *parser) simple(m syntax.Mark) bool {
	for {
		n := p.b.At(m)
		switch n.Kind {
		case Binary, Step:
			return false
		case Call:
			last := p.b.At(m - 1)
			return last.Kind != DoBlock && (n.Flags&FlagParens != 0 || last.Kind == Dot && last.Size == n.Size-1)
		case Unary:
			if n.Op == OpCapture {
				return false
			}
			m--
			continue
		}
		return true
	}
}

// mapBody reads the bracket at hand, the pairs of a map, and the brace.
func (p *parser) mapBody() {
	opener := p.tok
	p.next()
	p.open[tkRBrace]++
	if p.tok.kind != tkRBrace {
		p.mapFirst(opener)
	}
	p.open[tkRBrace]--
	p.closeWith(tkRBrace, opener)
}

// mapFirst reads the first element, which decides whether the map is an update
// as in %{x | a: 1}, and the others.
func (p *parser) mapFirst(opener token) {
	mark, first := p.b.Mark(), p.tok
	if p.atKey() {
		p.mapRest(opener)
		return
	}
	cls := p.expr(precAssoc, keyOK)
	if cls == quotedKey {
		p.mapPairs(mark, first, true, opener)
		return
	}
	if p.tok.kind != tkOp || p.tok.op != OpPipe {
		p.mapElement(mark, first, cls)
		p.mapMore(opener)
		return
	}
	pipe := p.tok.start
	p.next()
	at, right := p.b.Mark(), p.tok
	if p.atKey() {
		p.mapRest(opener)
		p.b.Done(mark, MapUpdate, 0, 0, first.start, p.prevEnd, pipe)
		return
	}
	r := p.expr(precPipe, keyOK)
	switch {
	case r == quotedKey:
		p.mapPairs(at, right, true, opener)
	case p.atArrow() && r != many:
		p.mapValue(at, right)
		p.mapMore(opener)
	case p.tok.kind == tkRBrace || p.tok.kind == tkComma:
		p.checkElement(right)
		p.mapMore(opener)
	default:
		// the ordinary operator: %{a | b :: c => d}
		p.b.Done(mark, Binary, OpPipe, 0, first.start, p.prevEnd, pipe)
		p.mapElement(mark, first, join(cls, r))
		p.mapMore(opener)
		return
	}
	p.b.Done(mark, MapUpdate, 0, 0, first.start, p.prevEnd, pipe)
}

func (p *parser) atArrow() bool { return p.tok.kind == tkOp && p.tok.op == OpAssoc }

// mapElement reads the rest of an element whose left operand was made since
// mark, and its value.
func (p *parser) mapElement(mark syntax.Mark, first token, cls class) {
	if p.tok.kind == tkOp {
		cls = p.operators(mark, first.start, cls, 0, 0)
	}
	if !p.atArrow() {
		p.checkElement(first)
		return
	}
	if cls == many {
		p.fail(first.start, p.prevEnd, nestedCall)
	}
	p.mapValue(mark, first)
}

// checkElement reports an element without `=>` that cannot stand alone.
func (p *parser) checkElement(first token) {
	if !p.simple(p.b.Mark() - 1) {
		p.fail(first.start, p.prevEnd, "an element of a map must be `key: value` or `key => value`")
	}
}

// mapValue reads `=> value`; the key was made since mark.
func (p *parser) mapValue(mark syntax.Mark, first token) {
	arrow := p.tok.start
	p.next()
	value := p.tok
	if p.expr(0, 0) == many {
		p.fail(value.start, p.prevEnd, nestedCall)
	}
	p.b.Done(mark, Pair, 0, FlagAssoc, first.start, p.prevEnd, arrow)
}

// mapMore reads the elements after the first.
func (p *parser) mapMore(opener token) {
	for p.tok.kind != tkRBrace {
		if !p.comma() && !p.resume(tkRBrace, opener) {
			return
		}
		if p.tok.kind == tkRBrace {
			return
		}
		if p.atKey() {
			p.mapRest(opener)
			return
		}
		mark, first := p.b.Mark(), p.tok
		cls := p.expr(0, keyOK)
		if cls == quotedKey {
			p.mapPairs(mark, first, true, opener)
			return
		}
		p.mapElement(mark, first, cls)
		if p.tok.start == first.start && p.tok.kind != tkComma {
			return
		}
	}
}

// mapRest reads keyword pairs up to the brace.
func (p *parser) mapRest(opener token) { p.mapPairs(p.b.Mark(), p.tok, false, opener) }

func (p *parser) mapPairs(mark syntax.Mark, first token, haveKey bool, opener token) {
	if p.pairs(mark, first.start, haveKey, 0) {
		if p.tok.kind != tkRBrace {
			p.failHere(keysLast)
			p.mapTail(opener)
		}
		return
	}
	if p.tok.kind != tkRBrace && p.resume(tkRBrace, opener) {
		p.mapTail(opener)
	}
}

// mapTail reads on after an error in the keyword pairs.
func (p *parser) mapTail(opener token) {
	if p.depth >= maxDepth {
		p.tooDeep()
		return
	}
	p.depth++
	defer func() { p.depth-- }()
	if p.atKey() {
		p.mapRest(opener)
		return
	}
	mark, first := p.b.Mark(), p.tok
	if cls := p.expr(0, keyOK); cls == quotedKey {
		p.mapPairs(mark, first, true, opener)
		return
	} else {
		p.mapElement(mark, first, cls)
	}
	p.mapMore(opener)
}
