package elixir

import (
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/syntax"
)

// primary reads a literal, a bracketed or quoted thing, fn, or an alias.
func (p *parser) primary(ctx context) class {
	switch p.tok.kind {
	case tkIdent:
		return p.identifier(ctx, true)
	case tkInt:
		p.leaf(Int)
	case tkFloat:
		p.leaf(Float)
	case tkChar:
		p.leaf(Char)
	case tkAtom:
		p.leaf(Atom)
	case tkCapture:
		p.leaf(Capture)
	case tkAlias:
		p.b.Leaf(Alias, 0, 0, p.tok.start, p.tok.end)
		p.nextAfterAlias()
	case tkString, tkCharlist, tkQAtom, tkSigil:
		return p.quotedText(ctx)
	case tkLParen:
		return p.parens(ctx)
	case tkLBracket:
		p.container(List, tkRBracket)
	case tkLBrace:
		p.container(Tuple, tkRBrace)
	case tkLAngle:
		p.container(Bitstring, tkRAngle)
	case tkMap:
		p.mapLiteral()
	case tkPercent:
		p.structLiteral()
	case tkFn:
		p.fn()
	default:
		p.missing()
	}
	return matched
}

// container reads [a, b], {a, b}, <<a, b>>.
func (p *parser) container(kind syntax.Kind, closer tokenKind) {
	mark, start := p.b.Mark(), p.tok.start
	p.elements(closer, kind)
	p.b.Done(mark, kind, 0, 0, start, p.prevEnd, start)
}

// parens reads (a), (a; b), (), (a -> b), and the argument list of a clause.
func (p *parser) parens(ctx context) class {
	mark, start, opener := p.b.Mark(), p.tok.start, p.tok
	p.next()
	flags := uint16(0)
	if p.tok.kind == tkSemi {
		flags = FlagSemi
	}
	p.open[tkRParen]++
	clauses, list := p.clauses(tkRParen)
	p.open[tkRParen]--
	p.closeWith(tkRParen, opener)
	if clauses {
		flags |= FlagClauses
	}
	if p.b.Mark() == mark && flags == 0 && ctx&inHead != 0 && p.tok.kind == tkOp && p.tok.op == OpWhen { // () when a -> b
		list = true
	}
	if !list {
		p.b.Done(mark, Block, 0, flags, start, p.prevEnd, start)
		return matched
	}
	p.b.Done(mark, Head, 0, FlagParens, start, p.prevEnd, start)
	if ctx&inHead != 0 && p.tok.kind == tkOp && (p.tok.op == OpStab || p.tok.op == OpWhen) {
		return argList
	}
	p.fail(start, p.prevEnd, "a list in parentheses is no expression; a call has no space before its parenthesis, a list has brackets")
	last := p.b.Last()
	last.Kind, last.Flags = Error, 0
	return matched
}

// closeWith consumes the closer of a construct, or reports that it is missing.
func (p *parser) closeWith(closer tokenKind, opener token) {
	if p.tok.kind == closer {
		p.next()
		return
	}
	p.unclosedError(closer, opener)
}

func (p *parser) unclosedError(closer tokenKind, opener token) {
	p.fail(opener.start, opener.end, "this `"+p.src[opener.start:opener.end]+"` has no `"+closerText(closer)+"`; add it before "+p.found())
	if closer == tkEnd {
		p.unbalanced = true
	}
	if p.tok.kind == tkEOF {
		p.muted = true // what is open further out is open for the same reason
	}
}

func closerText(k tokenKind) string {
	switch k {
	case tkRParen:
		return ")"
	case tkRBracket:
		return "]"
	case tkRBrace:
		return "}"
	case tkRAngle:
		return ">>"
	}
	return "end"
}

// elements reads the bracket at hand, elements with commas between them, and
// the closer. The kind says whose elements they are.
func (p *parser) elements(closer tokenKind, kind syntax.Kind) {
	opener := p.tok
	p.next()
	p.open[closer]++
	p.elementList(closer, kind, opener)
	p.open[closer]--
	p.closeWith(closer, opener)
}

func (p *parser) elementList(closer tokenKind, kind syntax.Kind, opener token) {
	for n := 0; p.tok.kind != closer; n++ {
		at := p.tok
		mark := p.b.Mark()
		pairs := p.atKey()
		cls := matched
		if !pairs {
			cls = p.expr(0, keyOK)
			pairs = cls == quotedKey
		}
		trailing := false
		if pairs {
			trailing = p.tail(mark, at, kind, n, cls == quotedKey)
		} else if cls.several() && (kind != Call || n > 0 || p.tok.kind != closer) {
			p.fail(at.start, p.prevEnd, nestedCall)
		}
		if p.tok.kind == closer {
			break
		}
		if trailing || p.comma() {
			p.afterComma(closer, kind, trailing)
			continue
		}
		if !p.resume(closer, opener) {
			return
		}
	}
	if kind == Access && p.prevEnd == opener.end {
		p.missing()
	}
}

// tail reads the keyword pairs at the end of a list of elements. It reports
// whether it consumed a comma after them.
func (p *parser) tail(mark syntax.Mark, first token, kind syntax.Kind, n int, haveKey bool) bool {
	if n == 0 && (kind == Tuple || kind == Bitstring || kind == TupleDot) {
		p.fail(first.start, first.end, "a keyword list needs brackets here; write [key: value], or %{key: value} for a map")
	}
	if kind == List || kind == Map {
		return p.pairs(mark, first.start, haveKey, 0)
	}
	return p.keywordsTail(mark, first.start, haveKey, 0)
}

// afterComma checks what may follow the comma that was consumed.
func (p *parser) afterComma(closer tokenKind, kind syntax.Kind, pairs bool) {
	switch {
	case kind == Call && p.tok.kind == closer && !pairs:
		p.failHere("expected an argument after the comma, found " + p.found())
	case kind == Access && p.tok.kind != closer:
		p.failHere("an access takes one key; put several in a list")
	case pairs && p.tok.kind != closer:
		p.failHere(keysLast)
	}
}

const keysLast = "an element after keyword pairs; they must come last"

// resume finds out how to go on when neither a comma nor the closer follows an
// element. It reports whether more elements follow.
func (p *parser) resume(closer tokenKind, opener token) bool {
	switch {
	case p.tok.kind == tkEOF, p.belongsFurtherOut(closer):
		return false
	case p.tok.kind >= tkRParen:
		if p.onNewLine() && p.tok.kind == tkEnd {
			return false
		}
		p.failHere("unexpected " + p.found() + "; the `" + p.src[opener.start:opener.end] + "` before it ends with `" + closerText(closer) + "`")
		p.stray()
		return p.tok.kind != closer && !p.onNewLine() && p.canStart()
	case p.onNewLine() && indentOf(p.src, int(p.tok.start)) <= p.openerIndent(opener):
		return false
	case p.tok.kind == tkDo || p.tok.kind == tkBlockWord:
		return false
	case p.canStart() || p.atKey():
		p.failHere("expected a comma or `" + closerText(closer) + "`, found " + p.found())
		return true
	}
	p.failHere("unexpected " + p.found())
	for p.tok.kind < tkRParen && p.tok.kind != tkEOF && p.tok.kind != tkComma && !p.canStart() && !p.atKey() && p.tok.kind != tkDo && p.tok.kind != tkBlockWord {
		p.stray()
		if p.onNewLine() {
			break
		}
	}
	if p.tok.kind == tkComma {
		p.comma()
	}
	return p.canStart() || p.atKey()
}

// openerIndent is the indentation of an opener's line, remembered because each
// element of a list without commas asks for it.
func (p *parser) openerIndent(opener token) int {
	if p.asked != opener.start {
		p.asked, p.askedIndent = opener.start, indentOf(p.src, int(opener.start))
	}
	return p.askedIndent
}

// belongsFurtherOut reports that the token at hand ends a construct around the
// one that waits for closer.
func (p *parser) belongsFurtherOut(closer tokenKind) bool {
	k := p.tok.kind
	return k == tkBlockWord && p.open[k] > 0 || k >= tkRParen && k != closer && p.open[k] > 0
}

// stray makes an Error node of the token at hand.
func (p *parser) stray() { p.leaf(Error) }

// keywords reads `k: v, …` as one Keywords node. With haveKey set its first key
// is already made.
func (p *parser) keywords(mark syntax.Mark, start int32, haveKey bool, ctx context) {
	if p.keywordsTail(mark, start, haveKey, ctx) {
		p.failHere("expected a key after the comma, found " + p.found())
	}
}

func (p *parser) keywordsTail(mark syntax.Mark, start int32, haveKey bool, ctx context) bool {
	trailing := p.pairs(mark, start, haveKey, ctx)
	end := p.prevEnd
	if trailing {
		end = p.b.Last().End
	}
	p.b.Done(mark, Keywords, 0, 0, start, end, start)
	return trailing
}

// pairs reads `k: v, k: v`. It reports whether a comma was consumed after them.
func (p *parser) pairs(mark syntax.Mark, start int32, haveKey bool, ctx context) bool {
	for {
		if !haveKey {
			p.pairKey()
		}
		valueStart := p.tok.start
		if p.expr(0, ctx&noDo).several() && ctx&noDo == 0 {
			p.fail(valueStart, p.prevEnd, nestedCall)
		}
		p.b.Done(mark, Pair, 0, 0, start, p.prevEnd, start)
		if !p.comma() {
			return false
		}
		mark, start, haveKey = p.b.Mark(), p.tok.start, false
		if p.atKey() {
			continue
		}
		if (p.tok.kind != tkString && p.tok.kind != tkCharlist) || p.tok.flags&tfOpen == 0 {
			return true
		}
		if p.expr(0, ctx&noDo|keyOK) != quotedKey { // "a#{b}": c
			p.fail(start, p.prevEnd, keysLast)
			return false
		}
		haveKey = true
	}
}

// pairKey reads `foo:` or `"a b":`.
func (p *parser) pairKey() {
	if p.tok.kind == tkQKey {
		p.quotedText(keyOK)
		return
	}
	p.leaf(Key)
}

// quotedText reads the quoted token at hand with its interpolations.
func (p *parser) quotedText(ctx context) class {
	mark, open := p.b.Mark(), p.tok
	kind, raw := p.parts(open)
	flags := uint16(0)
	if open.flags&tfHeredoc != 0 {
		flags = FlagHeredoc
	}
	end := p.tok.end
	if raw && kind != String {
		p.checkBytes(mark, open.start, end, kind)
	}
	p.b.Done(mark, kind, 0, flags, open.start, end, open.start)
	p.next()
	if kind != QKey {
		return matched
	}
	if ctx&keyOK == 0 {
		p.fail(open.start, end, "a keyword pair cannot stand here; put it in brackets")
	}
	return quotedKey
}

// parts makes the Text and Interp nodes of a quoted token, which stays at hand
// and is extended to its end.
func (p *parser) parts(open token) (kind syntax.Kind, raw bool) {
	kind = quotedKinds[open.kind]
	for {
		if p.runEnd > p.runFrom {
			p.b.Leaf(Text, 0, 0, p.runFrom, p.runEnd)
		}
		raw = raw || p.rawBytes
		if p.run != runInterp {
			break
		}
		if !p.interpolation() {
			break
		}
		p.scanRun(int(p.runFrom))
	}
	if p.run == runClosed && open.flags&tfOpen != 0 {
		switch {
		case kind == Sigil:
			p.modifiers()
		case (kind == String || kind == Charlist) && open.flags&tfHeredoc == 0 && p.colonAt(int(p.pos)):
			p.pos++
			kind = QKey
		}
	}
	p.tok = open
	p.tok.end = p.pos
	return kind, raw
}

var quotedKinds = [numTokenKinds]syntax.Kind{
	tkString: String, tkCharlist: Charlist, tkQAtom: QAtom, tkQKey: QKey, tkSigil: Sigil,
}

// interpolation reads #{…} and sets runFrom to where the text goes on. It
// reports false if the } is missing.
func (p *parser) interpolation() bool {
	quote, quoteStart := p.quote, p.quoteStart
	mark, start := p.b.Mark(), p.pos
	outer, lines := p.open, p.enterBlock()
	p.open = [numTokenKinds]int32{tkRBrace: 1}
	cut := p.cutInterp
	p.base, p.cutInterp = -1, p.cutLines && quote.escapes && !quote.heredoc
	p.pos += 2
	p.tok.end = p.pos
	p.depth++
	p.next()
	if p.depth >= maxDepth {
		p.tooDeep()
	}
	p.block(tkRBrace)
	p.depth--
	p.open = outer
	p.leaveBlock(lines)
	p.cutInterp = cut
	closed := p.tok.kind == tkRBrace
	end := p.prevEnd
	if closed {
		end = p.tok.end
	} else {
		p.fail(start, start+2, "this `#{` has no `}`; add it")
		p.unclosed = true
	}
	p.b.Done(mark, Interp, 0, 0, start, end, start)
	p.quote, p.quoteStart, p.rawBytes = quote, quoteStart, false
	p.runFrom, p.pos = end, end
	if !closed {
		p.run = runEOF
	}
	return closed
}

// checkBytes reports \xHH bytes that make no UTF-8 in what is no string.
func (p *parser) checkBytes(mark syntax.Mark, start, end int32, kind syntax.Kind) {
	if p.b.Mark() != mark+1 {
		return
	}
	text := p.b.Last()
	if text.Kind == Text && kind != Sigil && !utf8.Valid(unescape(nil, p.src[text.Start:text.End])) {
		p.fail(start, end, "the \\x bytes in this text are not UTF-8; only a string may hold them")
	}
}

// quotedName reads the "b c" of a."b c".
func (p *parser) quotedName() {
	mark, open := p.b.Mark(), p.tok
	p.parts(open)
	if open.flags&tfHeredoc != 0 {
		p.fail(open.start, open.start+3, "a heredoc cannot be a function name; use a string")
	}
	if p.b.Mark() > mark+1 || p.b.Mark() == mark+1 && p.b.Last().Kind != Text {
		p.fail(open.start, p.tok.end, "a function name cannot be interpolated; use apply/3")
	}
	p.b.Done(mark, QName, 0, 0, open.start, p.tok.end, open.start)
	p.next()
}

// fn reads `fn a -> b end`.
func (p *parser) fn() {
	mark, opener := p.b.Mark(), p.tok
	outer := p.enterBlock()
	p.next()
	p.open[tkEnd]++
	clauses, _ := p.clauses(tkEnd)
	p.open[tkEnd]--
	if !clauses {
		p.fail(opener.start, opener.end, "this `fn` has no `->`; write fn arguments -> body end")
	}
	p.endOf(opener, outer)
	p.b.Done(mark, Fn, 0, 0, opener.start, p.prevEnd, opener.start)
}

// doBlock reads `do … else … end`.
func (p *parser) doBlock() {
	mark, opener := p.b.Mark(), p.tok
	outer := p.enterBlock()
	p.open[tkEnd]++
	p.open[tkBlockWord]++
	word := SectionDo
	for {
		section, at := p.b.Mark(), p.tok.start
		p.next()
		flags := uint16(0)
		if clauses, _ := p.clauses(tkEnd); clauses {
			flags = FlagClauses
		}
		p.b.Done(section, Section, word, flags, at, p.prevEnd, at)
		if p.tok.kind != tkBlockWord || p.outdented() {
			break
		}
		word = p.tok.op
	}
	p.open[tkEnd]--
	p.open[tkBlockWord]--
	p.endOf(opener, outer)
	p.b.Done(mark, DoBlock, 0, 0, opener.start, p.prevEnd, opener.start)
}

// endOf consumes the `end` of a block.
func (p *parser) endOf(opener token, outer margin) {
	if p.tok.kind == tkEnd && !p.outdented() {
		p.next()
	} else {
		p.unclosedError(tkEnd, opener)
	}
	p.leaveBlock(outer)
}
