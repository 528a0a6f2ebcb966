package elixir

import (
	"slices"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// Parse reads a file. It never fails: what cannot be read is an Error node and
// a diagnostic, and the rest of the file is read all the same. A tree without
// diagnostics is a file that Elixir accepts.
//
// A file whose blocks or strings do not end where they should is read a second
// time, with ends guessed from the indentation.
func Parse(f *source.File) *syntax.Tree {
	p := newParser(f.Text)
	p.program()
	if p.unclosed || p.unbalanced {
		q := newParser(f.Text)
		q.byIndent, q.cutLines = p.unbalanced || p.unclosed, p.unclosed
		q.program()
		if len(q.errs) > 0 {
			p = q
		}
	}
	if len(p.errs) > 0 {
		p.b.Widen()
	}
	t := p.b.Tree(f)
	slices.SortStableFunc(p.errs, func(a, b syntax.Diagnostic) int { return int(a.Start - b.Start) })
	t.Errors = append(t.Errors, p.errs...)
	t.Comments = p.comments
	return t
}

// maxDepth bounds the recursion of the parser.
const maxDepth = 3000

// A class is what Elixir's grammar calls an expression.
type class uint8

const (
	matched      class = iota // closed, or a call without parentheses with one argument
	unmatched                 // ends in a do block
	many                      // ends in a call without parentheses with several arguments: `f a, b`
	prefixedMany              // the same behind a prefix operator, which a map takes: `!f a, b`
	argList                   // `(a, b)`, which only the head of a clause may be
	quotedKey                 // `"a#{b}":`, the key of a pair
)

// A context is what surrounds an expression.
type context uint8

const (
	noDo   context = 1 << iota // a `do` belongs to a call further out
	inHead                     // an argList may come
	keyOK                      // a quotedKey may come
	noArgs                     // the name of a struct: what follows is no argument
)

type parser struct {
	lexer
	b     syntax.Builder
	depth int
	// open counts, by closer, the constructs that wait for it. tkBlockWord
	// counts do blocks.
	open        [numTokenKinds]int32
	unbalanced  bool  // an `end` was missing or too many
	asked       int32 // the opener that openerIndent was asked for last
	askedIndent int
	cutInterp   bool // an unclosed interpolation ends with its line
	byIndent    bool // an `end` may be missing: see indentation
	indent      int  // the indentation of the statement being read, if byIndent
	base        int  // that of the statement whose block is being read, -1 outside
}

func newParser(text string) *parser {
	p := &parser{}
	p.src = text
	p.loud, p.base, p.asked = -1, -1, -1
	// A node stands for seven to eight bytes of source.
	p.b.Grow(len(text)/6 + 16)
	return p
}

func (p *parser) program() {
	if !utf8.ValidString(p.src) {
		i := 0
		for i < len(p.src) {
			r, n := utf8.DecodeRuneInString(p.src[i:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			i += n
		}
		p.fail(int32(i), int32(i+1), badRune(utf8.RuneError, p.src[i:i+1]))
	}
	p.next()
	p.block(tkEOF)
	p.b.Done(0, Program, 0, 0, 0, int32(len(p.src)), 0)
}

// leaf makes a node of the token at hand and consumes it.
func (p *parser) leaf(kind syntax.Kind) {
	p.b.Leaf(kind, 0, 0, p.tok.start, p.tok.end)
	p.next()
}

// found describes the token at hand.
func (p *parser) found() string {
	if p.tok.kind == tkEOF {
		return "the end of the file"
	}
	return "`" + clip(p.src[p.tok.start:p.tok.end]) + "`"
}

func (p *parser) failHere(message string) { p.fail(p.tok.start, p.tok.end, message) }

// missing reports that an expression was expected and leaves an empty Error
// node in its place.
func (p *parser) missing() {
	p.failHere("expected an expression, found " + p.found())
	p.b.Leaf(Error, 0, 0, p.prevEnd, p.prevEnd)
}

// atKey reports whether a keyword pair begins at the token at hand.
func (p *parser) atKey() bool { return p.tok.kind == tkKey || p.tok.kind == tkQKey }

// onNewLine reports a line end before the token at hand.
func (p *parser) onNewLine() bool { return p.tok.flags&tfLine != 0 }

// canStart reports whether an expression can begin at the token at hand.
func (p *parser) canStart() bool {
	if p.tok.kind == tkOp {
		return bindings[p.tok.op].prefix != 0 || p.tok.op == OpRange
	}
	return startsOperand[p.tok.kind]
}

// expr reads an expression whose operators all bind at least as tightly as min.
func (p *parser) expr(min uint8, ctx context) class {
	if p.depth >= maxDepth {
		return p.tooDeep()
	}
	p.depth++
	p.steps++
	mark, start := p.b.Mark(), p.tok.start
	cls := p.operand(ctx)
	if p.tok.kind == tkOp {
		cls = p.operators(mark, start, cls, min, ctx&(noDo|noArgs))
	}
	p.depth--
	return cls
}

// tooDeep gives up on the rest of the file.
func (p *parser) tooDeep() class {
	p.giveUp("this is nested too deeply to be read; take it apart")
	p.b.Leaf(Error, 0, 0, p.prevEnd, p.prevEnd)
	return matched
}

// giveUp reports an error and moves to the end of the file.
func (p *parser) giveUp(message string) {
	p.failHere(message)
	p.muted = true
	p.pos = int32(len(p.src))
	p.next()
	p.tok.flags = 0
}

// operators reads `op right` as long as the operator binds at least as tightly
// as min; the left operand was made since mark.
func (p *parser) operators(mark syntax.Mark, start int32, cls class, min uint8, ctx context) class {
	for n := 0; p.tok.kind == tkOp; n++ {
		op := p.tok.op
		bind := &bindings[op]
		switch {
		case bind.binary < min || bind.binary == 0,
			p.tok.flags&tfLine != 0 && !bind.joins,
			cls == quotedKey, cls == argList && op != OpWhen:
			return cls
		case n == maxDepth:
			p.failHere("too many operators in one expression; take it apart")
			return cls
		}
		pos := p.tok.start
		if op == OpSlashSlash {
			cls = p.step(mark, start, pos, cls, ctx)
			continue
		}
		p.next()
		if cls == argList && (p.onNewLine() || p.atKey()) {
			p.failHere("the guard of a list in parentheses must be an expression on the line of its `when`")
		}
		right := bind.binary
		switch {
		case cls == argList: // (a, b) when c <- d
			right = 0
		case !bind.right:
			right++
		}
		r := p.right(op, right, ctx)
		p.b.Done(mark, Binary, op, 0, start, p.prevEnd, pos)
		cls = join(cls, r)
	}
	return cls
}

// join is the class of an operator with operands of two classes.
func join(left, right class) class {
	switch {
	case left == argList:
		return argList
	case left == unmatched || right == unmatched:
		return unmatched
	}
	return right
}

// right reads the right operand. Only `when` may take a bare keyword list.
func (p *parser) right(op Op, min uint8, ctx context) class {
	if op != OpWhen {
		return p.expr(min, ctx)
	}
	mark, start := p.b.Mark(), p.tok.start
	if p.atKey() {
		p.keywords(mark, start, false, ctx|noDo)
		return many
	}
	cls := p.expr(min, ctx|keyOK)
	if cls == quotedKey {
		p.keywords(mark, start, true, ctx|noDo)
		return many
	}
	return cls
}

// step reads the `//c` of a..b//c. The range becomes the step's own.
func (p *parser) step(mark syntax.Mark, start, pos int32, cls class, ctx context) class {
	flags := uint16(0)
	at := p.unwrapped()
	if at < p.b.Mark()-1 {
		flags = FlagParens
	}
	ranges := p.b.At(at).Kind == Binary && p.b.At(at).Op == OpRange
	if ranges {
		pos = p.b.At(at).Pos
		p.b.Truncate(at)
	} else {
		p.failHere("a step `//` must follow a range; write first..last//step")
	}
	p.next()
	r := p.expr(bindings[OpSlashSlash].binary, ctx)
	if !ranges {
		p.b.Done(mark, Binary, OpSlashSlash, 0, start, p.prevEnd, pos)
	} else {
		p.b.Done(mark, Step, 0, flags, start, p.prevEnd, pos)
	}
	return join(cls, r)
}

// unwrapped is the place of the node made last or, if that is parentheses
// around one expression, of what is inside.
func (p *parser) unwrapped() syntax.Mark {
	at := p.b.Mark() - 1
	for n := p.b.At(at); n.Kind == Block && n.Flags == 0 && n.Size > 1 && p.b.At(at-1).Size == n.Size-1; n = p.b.At(at) {
		at--
	}
	return at
}

// operand reads a prefix operator with its operand, or a primary with what is
// attached to it.
func (p *parser) operand(ctx context) class {
	switch p.tok.kind {
	case tkIdent:
		return p.identifier(ctx, false)
	case tkOp:
		return p.prefix(ctx)
	}
	mark, start := p.b.Mark(), p.tok.start
	cls := p.primary(ctx)
	if cls == matched && (p.tok.kind == tkDot || p.tok.kind == tkLBracket) {
		return p.suffixes(mark, start, ctx)
	}
	return cls
}

// prefix reads -a, !a, &a, @a, ... a, and `..` and `...` on their own.
func (p *parser) prefix(ctx context) class {
	mark, start, op := p.b.Mark(), p.tok.start, p.tok.op
	bind := bindings[op]
	switch {
	case op == OpAt:
		return p.attribute(ctx, true)
	case op == OpRange:
		p.b.Leaf(Nullary, op, 0, start, p.tok.end)
		p.next()
		return p.suffixes(mark, start, ctx)
	case op == OpSlashSlash:
		return p.slashes(ctx)
	case bind.prefix == 0:
		p.missing()
		return matched
	}
	end := p.tok.end
	p.next()
	if op == OpEllipsis && (p.onNewLine() || !p.canStart() || p.tok.kind == tkOp && p.tok.op == OpRange) {
		p.b.Leaf(Nullary, op, 0, start, end)
		return p.suffixes(mark, start, ctx)
	}
	cls := p.prefixed(bind.prefix+1, ctx)
	p.b.Done(mark, Unary, op, 0, start, p.prevEnd, start)
	return behindPrefix(cls)
}

func behindPrefix(cls class) class {
	if cls == many {
		return prefixedMany
	}
	return cls
}

// several reports a class that ends in a call without parentheses with several
// arguments, which more arguments would be added to.
func (c class) several() bool { return c == many || c == prefixedMany }

// prefixed reads the operand of a prefix operator. One that ends in a do block
// takes the rest of the expression: `!foo do a end |> b` negates it all.
func (p *parser) prefixed(min uint8, ctx context) class {
	mark, start := p.b.Mark(), p.tok.start
	ctx &^= inHead | keyOK
	cls := p.expr(min, ctx)
	if cls == unmatched && p.tok.kind == tkOp {
		cls = p.operators(mark, start, cls, 0, ctx)
	}
	return cls
}

// slashes reads the `//2` of `&//2`, which is the name `/`, the operator `/`,
// and 2.
func (p *parser) slashes(ctx context) class {
	mark, start := p.b.Mark(), p.tok.start
	p.b.Leaf(Ident, 0, 0, start, start+1)
	p.next()
	cls := p.prefixed(precPrefix+1, ctx)
	p.b.Done(mark, Binary, OpDivide, 0, start, p.prevEnd, start+1)
	return cls
}

// attribute reads @foo, @foo bar, @foo[a], @foo.bar. The @ binds tighter than
// the dot; of several, as in @@a[b][c], each takes one bracket, the innermost
// first.
func (p *parser) attribute(ctx context, outer bool) class {
	if p.depth >= maxDepth {
		return p.tooDeep()
	}
	p.depth++
	mark, start := p.b.Mark(), p.tok.start
	p.next()
	sub := ctx &^ (inHead | keyOK)
	inner, innerStart := p.b.Mark(), p.tok.start
	var cls class
	switch {
	case p.tok.kind == tkIdent:
		cls = p.identifier(sub, true)
	case p.tok.kind != tkOp:
		cls = p.primary(sub)
	case p.tok.op == OpAt:
		cls = p.attribute(sub, false)
	default:
		cls = p.prefix(sub)
	}
	if cls == unmatched && p.tok.kind == tkOp {
		cls = p.operators(inner, innerStart, cls, 0, sub)
	}
	p.b.Done(mark, Unary, OpAt, 0, start, p.prevEnd, start)
	p.depth--
	if cls != matched {
		return behindPrefix(cls)
	}
	if outer {
		return p.suffixes(mark, start, ctx)
	}
	if p.tok.kind == tkLBracket && !p.onNewLine() {
		p.access(mark, start)
	}
	return cls
}

// identifier reads a variable or a call: foo, foo(a), foo a, foo do … end. With
// bare set nothing is attached to it but its arguments.
func (p *parser) identifier(ctx context, bare bool) class {
	mark, name := p.b.Mark(), p.tok
	p.next()
	kind := p.follows(name.end, ctx)
	if kind == noCall {
		p.b.Leaf(Ident, 0, 0, name.start, name.end)
	} else {
		p.b.Leaf(Name, 0, 0, name.start, name.end)
	}
	cls := p.call(kind, mark, name.start, name.start, ctx)
	if bare || cls != matched || p.tok.kind != tkDot && p.tok.kind != tkLBracket {
		return cls
	}
	return p.suffixes(mark, name.start, ctx)
}

// What makes a call of a name.
const (
	noCall     = iota
	parensCall // foo(
	blockCall  // foo do
	plainCall  // foo a
)

// follows says what the token at hand makes of the name that ends at end.
func (p *parser) follows(end int32, ctx context) int {
	t := &p.tok
	switch t.kind {
	case tkLParen:
		if t.start == end {
			return parensCall
		}
	case tkLBracket:
		if t.start == end {
			return noCall
		}
	case tkDo:
		if t.flags&tfLine == 0 && ctx&noDo == 0 {
			return blockCall
		}
		return noCall
	case tkOp:
		if t.flags&(tfLine|tfSign) == tfSign {
			break
		}
		if b := &bindings[t.op]; b.prefix == 0 || b.binary != 0 {
			return noCall
		}
	case tkKey, tkQKey:
	default:
		if !startsOperand[t.kind] {
			return noCall
		}
	}
	if t.flags&tfLine != 0 || ctx&noArgs != 0 {
		return noCall
	}
	return plainCall
}

// call reads the arguments of a call whose callee was made since mark, and its
// do block.
func (p *parser) call(kind int, mark syntax.Mark, start, pos int32, ctx context) class {
	switch kind {
	case parensCall:
		return p.parensCall(mark, start, pos, ctx)
	case blockCall:
		p.doBlock()
		p.b.Done(mark, Call, 0, 0, start, p.prevEnd, pos)
		return unmatched
	case plainCall:
		cls := p.plainArgs(ctx)
		if p.tok.kind == tkDo && ctx&noDo == 0 {
			p.doBlock()
			cls = unmatched
		}
		p.b.Done(mark, Call, 0, 0, start, p.prevEnd, pos)
		return cls
	}
	return matched
}

// parensCall reads `(a, b)`, a second such list, and a do block.
func (p *parser) parensCall(mark syntax.Mark, start, pos int32, ctx context) class {
	p.elements(tkRParen, Call)
	if p.tok.kind == tkLParen && !p.onNewLine() {
		p.b.Done(mark, Call, 0, FlagParens, start, p.prevEnd, pos)
		p.elements(tkRParen, Call)
		if p.tok.kind == tkLParen && !p.onNewLine() {
			p.failHere("a call of a call of a call; give the function a name first")
		}
	}
	cls := matched
	if p.tok.kind == tkDo && ctx&noDo == 0 {
		p.doBlock()
		cls = unmatched
	}
	p.b.Done(mark, Call, 0, FlagParens, start, p.prevEnd, pos)
	return cls
}

// plainArgs reads arguments without parentheses: `a, b, c: d`.
func (p *parser) plainArgs(ctx context) class {
	ctx = ctx&noArgs | noDo
	mark, start := p.b.Mark(), p.tok.start
	if p.atKey() {
		p.keywords(mark, start, false, ctx)
		return matched
	}
	first := p.expr(0, ctx|keyOK)
	switch {
	case first == quotedKey:
		p.keywords(mark, start, true, ctx)
		return matched
	case first.several():
		return many
	case !p.comma():
		return first
	}
	for {
		mark, start = p.b.Mark(), p.tok.start
		if p.atKey() {
			p.keywords(mark, start, false, ctx)
			return many
		}
		switch p.expr(0, ctx|keyOK) {
		case quotedKey:
			p.keywords(mark, start, true, ctx)
			return many
		case many, prefixedMany:
			p.fail(start, p.prevEnd, nestedCall)
		}
		if !p.comma() {
			return many
		}
	}
}

const nestedCall = "a call without parentheses among other arguments is ambiguous; put its arguments in parentheses"

// comma consumes a comma, if there is one.
func (p *parser) comma() bool {
	if p.tok.kind != tkComma {
		return false
	}
	if p.onNewLine() {
		p.failHere("a line cannot begin with a comma; put it at the end of the line before")
	}
	p.next()
	return true
}

// suffixes reads what is attached to a primary: .foo, .Foo, .(a), .{A, B}, [a].
func (p *parser) suffixes(mark syntax.Mark, start int32, ctx context) class {
	for n := 0; ; n++ {
		if n == maxDepth {
			p.failHere("too many dots and brackets in one expression; take it apart")
			return matched
		}
		switch {
		case p.tok.kind == tkDot:
			if cls := p.dot(mark, start, ctx); cls != matched {
				return cls
			}
		case p.tok.kind == tkLBracket && !p.onNewLine():
			p.access(mark, start)
		default:
			return matched
		}
	}
}

// access reads the [key] of a[key].
func (p *parser) access(mark syntax.Mark, start int32) {
	pos := p.tok.start
	p.elements(tkRBracket, Access)
	p.b.Done(mark, Access, 0, 0, start, p.prevEnd, pos)
}

// dot reads the dot at hand and what follows it.
func (p *parser) dot(mark syntax.Mark, start int32, ctx context) class {
	pos := p.tok.start
	p.afterDot()
	switch p.tok.kind {
	case tkLParen: // f.(a)
		p.b.Done(mark, AnonDot, 0, 0, start, pos+1, pos)
		return p.parensCall(mark, start, pos, ctx)
	case tkLBrace: // A.{B, C}
		p.elements(tkRBrace, TupleDot)
		p.b.Done(mark, TupleDot, 0, 0, start, p.prevEnd, pos)
		return matched
	case tkAlias:
		p.aliasSegment(mark, start, pos)
		return matched
	}
	name := p.tok
	switch name.kind {
	case tkIdent:
		p.b.Leaf(Name, 0, 0, name.start, name.end)
		p.next()
	case tkString, tkCharlist:
		p.quotedName()
	default:
		p.failHere("expected a name after the dot, found " + p.found())
		p.b.Leaf(Error, 0, 0, p.prevEnd, p.prevEnd)
		p.b.Done(mark, Dot, 0, 0, start, p.prevEnd, pos)
		p.b.Done(mark, Call, 0, 0, start, p.prevEnd, p.prevEnd)
		return matched
	}
	end := p.prevEnd
	p.b.Done(mark, Dot, 0, 0, start, end, pos)
	kind := p.follows(end, ctx)
	if kind == noCall {
		p.b.Done(mark, Call, 0, 0, start, end, name.start)
		return matched
	}
	return p.call(kind, mark, start, name.start, ctx)
}

// aliasSegment reads the Bar of Foo.Bar.
func (p *parser) aliasSegment(mark syntax.Mark, start, dot int32) {
	left := p.b.Last()
	switch left.Kind {
	case Alias:
		left.End = p.tok.end
		p.nextAfterAlias()
		return
	case Atom, QAtom, Block:
		if k := p.b.At(p.unwrapped()).Kind; k != Atom && k != QAtom {
			break
		}
		p.failHere("an atom cannot be followed by an alias; quote the atom if the dot belongs to it")
	}
	p.nextAfterAlias()
	p.b.Done(mark, Alias, 0, 0, start, p.prevEnd, dot)
}

func (p *parser) nextAfterAlias() {
	p.next()
	if p.tok.kind == tkLParen && !p.onNewLine() {
		p.failHere("an alias cannot be called; function names begin with a small letter")
	}
}
