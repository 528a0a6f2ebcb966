package elixir

import (
	"strings"

	"github.com/assay-dev/assay/internal/syntax"
	"golang.org/x/text/unicode/norm"
)

// A quoter makes Elixir's quoted form of a tree, node by node as the actions
// of Elixir's grammar do.
type quoter struct {
	t      *syntax.Tree
	src    string
	places *places
	full   bool // all metadata is wanted
	lit    bool // literals are wrapped
	raw    bool // escapes stay
}

// quoted is the quoted form of a tree without errors.
func quoted(t *syntax.Tree, form Form) *term {
	q := &quoter{
		t: t, src: t.File.Text, places: newPlaces(t),
		full: form >= Full, lit: form >= Lit, raw: form == Raw,
	}
	root := t.Node(0)
	if root.Size > 1 {
		return q.block(q.statements(q.kids(0)))
	}
	empty := node(atom("__block__"), list())
	if g := gapAt(q.src, 0); g.eol >= 0 || g.next < root.End {
		at := g.next
		if g.eol >= 0 {
			at = g.eol
		}
		q.place(empty, at)
	}
	return empty
}

func (q *quoter) kids(id syntax.NodeID) []syntax.NodeID { return q.t.Children(id, nil) }

func (q *quoter) text(id syntax.NodeID) string { return q.t.Text(id) }

func (q *quoter) place(t *term, off int32) *term {
	t.line, t.col = q.places.at(off)
	return t
}

// call is a node with a name, a place and arguments.
func (q *quoter) call(name string, off int32, args ...*term) *term {
	return q.place(node(atom(name), list(args...)), off)
}

// with adds an entry of metadata.
func (q *quoter) with(t *term, key string, value *term) *term {
	if q.full && t.isNode() {
		t.meta = append(t.meta, entry{key: key, value: value})
	}
	return t
}

// withPlace adds an entry that is a place.
func (q *quoter) withPlace(t *term, key string, off int32) *term {
	if q.full && t.isNode() {
		t.meta = append(t.meta, entry{key: key, entries: place(q.places.at(off))})
	}
	return t
}

// withLines adds `newlines: n`.
func (q *quoter) withLines(t *term, n int) *term {
	if n > 0 {
		q.with(t, "newlines", integer(n))
	}
	return t
}

// opened adds the line ends after an opener that ends at off.
func (q *quoter) opened(t *term, off int32) *term {
	if q.full {
		q.withLines(t, gapAt(q.src, off).lines)
	}
	return t
}

// literal wraps a literal if that is wanted.
func (q *quoter) literal(value *term, off int32) *term {
	if !q.lit {
		return value
	}
	return q.call("__block__", off, value)
}

// ended adds end_of_expression to a statement that ends at off.
func (q *quoter) ended(t *term, off int32) {
	if !q.full || !t.isNode() {
		return
	}
	g := gapAt(q.src, off)
	at, lines := g.eol, g.lines
	if at < 0 {
		if int(g.next) >= len(q.src) || q.src[g.next] != ';' {
			return
		}
		at, lines = g.next, linesAfter(q.src, g.next+1)
	}
	entries := append(place(q.places.at(at)), entry{key: "newlines", value: integer(lines)})
	t.meta = append(t.meta, entry{key: "end_of_expression", entries: entries})
}

// statements are the terms of expressions with line ends or `;` between them.
func (q *quoter) statements(ids []syntax.NodeID) []*term {
	out := make([]*term, len(ids))
	for i, id := range ids {
		out[i] = q.expr(id)
		q.ended(out[i], q.t.Node(id).End)
	}
	return out
}

// block is what a run of expressions stands for.
func (q *quoter) block(exprs []*term) *term {
	if len(exprs) == 1 && !exprs[0].unary("unquote_splicing") {
		return exprs[0]
	}
	return node(atom("__block__"), list(exprs...))
}

func (q *quoter) exprs(ids []syntax.NodeID) []*term {
	out := make([]*term, len(ids))
	for i, id := range ids {
		out[i] = q.expr(id)
	}
	return out
}

func (q *quoter) expr(id syntax.NodeID) *term {
	n := q.t.Node(id)
	switch n.Kind {
	case Block:
		return q.parens(id)
	case Int:
		v := &term{kind: intTerm, text: bigInt(q.text(id)).String()}
		return q.with(q.literal(v, n.Start), "token", binary(q.text(id)))
	case Float:
		f, _ := FloatValue(q.t, id)
		return q.with(q.literal(&term{kind: floatTerm, float: f}, n.Start), "token", binary(q.text(id)))
	case Char:
		v := integer(int(charValue(q.text(id))))
		return q.with(q.literal(v, n.Start), "token", binary(q.text(id)))
	case Atom:
		return q.atom(id)
	case QAtom:
		return q.quotedAtom(id)
	case String:
		return q.str(id)
	case Charlist:
		return q.charlist(id)
	case Sigil:
		return q.sigil(id)
	case Ident:
		return q.place(node(atom(normal(q.text(id))), atom("nil")), n.Start)
	case Alias:
		return q.alias(id)
	case List:
		l := q.literal(list(q.exprs(q.kids(id))...), n.Start)
		return q.withPlace(q.opened(l, n.Start+1), "closing", n.End-1)
	case Tuple:
		return q.tuple(id)
	case Bitstring:
		b := q.call("<<>>", n.Start, q.exprs(q.kids(id))...)
		return q.withPlace(q.opened(b, n.Start+2), "closing", n.End-2)
	case Map:
		return q.mapTerm(id)
	case Struct:
		kids := q.kids(id)
		return q.call("%", n.Start, q.expr(kids[0]), q.expr(kids[1]))
	case MapUpdate:
		kids := q.kids(id)
		op := q.call("|", n.Pos, q.expr(kids[0]), list(q.exprs(kids[1:])...))
		return q.around(op, q.t.Node(kids[0]).End, n.Pos, 1)
	case Keywords:
		return list(q.exprs(q.kids(id))...)
	case Pair:
		return q.pair(id)
	case Unary:
		return q.call(OpName(n.Op), n.Start, q.expr(id+1))
	case Binary:
		return q.binary(id)
	case Step:
		return q.step(id)
	case Nullary:
		return q.call(OpName(n.Op), n.Start)
	case Capture:
		v := &term{kind: intTerm, text: bigInt(q.text(id)[1:]).String()}
		return q.call("&", n.Start, v)
	case Call:
		return q.callTerm(id)
	case TupleDot:
		return q.tupleDot(id)
	case Access:
		return q.access(id)
	case Fn:
		kids := q.kids(id)
		fn := q.call("fn", n.Start, q.clauses(kids, n.Start+2)...)
		return q.withPlace(q.openedClauses(fn, n.Start+2, kids), "closing", n.End-3)
	}
	return atom("\x00" + KindName(n.Kind)) // not reached: other kinds have an owner that reads them
}

// normal is a name in NFC, with the micro sign as the Greek letter.
func normal(name string) string {
	if asciiOnly(name) {
		return name
	}
	return strings.ReplaceAll(norm.NFC.String(name), "\u00b5", "\u03bc")
}

func (q *quoter) atom(id syntax.NodeID) *term {
	text := q.text(id)
	t := q.literal(atom(normal(strings.TrimPrefix(text, ":"))), q.t.Node(id).Start)
	if text == ":nil" || text == ":true" || text == ":false" {
		q.with(t, "format", atom("atom"))
	}
	return t
}

// pair is `k: v` or `k => v`.
func (q *quoter) pair(id syntax.NodeID) *term {
	n := q.t.Node(id)
	key := id + 1
	value := q.t.Next(key)
	if n.Flags&FlagAssoc != 0 {
		return pair(q.withPlace(q.expr(key), "assoc", n.Pos), q.expr(value))
	}
	return pair(q.key(key), q.expr(value))
}

func (q *quoter) key(id syntax.NodeID) *term {
	n := q.t.Node(id)
	if n.Kind == Key {
		t := q.literal(atom(normal(strings.TrimSuffix(q.text(id), ":"))), n.Start)
		return q.with(t, "format", atom("keyword"))
	}
	return q.with(q.quotedAtom(id), "format", atom("keyword"))
}

func (q *quoter) tuple(id syntax.NodeID) *term {
	n := q.t.Node(id)
	elements := q.exprs(q.kids(id))
	var t *term
	if len(elements) == 2 {
		t = q.literal(pair(elements[0], elements[1]), n.Start)
	} else {
		t = q.call("{}", n.Start, elements...)
	}
	return q.withPlace(q.opened(t, n.Start+1), "closing", n.End-1)
}

func (q *quoter) mapTerm(id syntax.NodeID) *term {
	n := q.t.Node(id)
	brace := n.Start
	if q.src[brace] == '%' {
		brace++
	}
	m := q.call("%{}", n.Start, q.exprs(q.kids(id))...)
	return q.withPlace(q.opened(m, brace+1), "closing", n.End-1)
}

// around adds the line ends around an operator of size bytes: those after it if
// there are any, else those before.
func (q *quoter) around(t *term, left, pos, size int32) *term {
	if !q.full {
		return t
	}
	g := gapAt(q.src, pos+size)
	if g.eol < 0 {
		g = gapAt(q.src, left)
	}
	return q.withLines(t, g.lines)
}

func (q *quoter) binary(id syntax.NodeID) *term {
	n := q.t.Node(id)
	leftID := id + 1
	rightID := q.t.Next(leftID)
	left, right := q.expr(leftID), q.expr(rightID)
	leftEnd := q.t.Node(leftID).End
	switch n.Op {
	case OpNotIn:
		in := q.call("in", n.Pos, left, right)
		in = q.around(in, n.Pos, n.Pos, q.notIn(n.Pos))
		not := q.call("not", n.Pos, in)
		not.meta = append(not.meta, in.meta...)
		return not
	case OpIn:
		// `not a in b` is `not (a in b)`
		if inner := q.t.Node(leftID); inner.Kind == Unary && (inner.Op == OpNot || inner.Op == OpBang) {
			in := q.around(q.call("in", n.Pos, left.args()[0], right), leftEnd, n.Pos, 2)
			not := q.call(OpName(inner.Op), n.Pos, in)
			not.meta = append(not.meta, in.meta...)
			return not
		}
		if left.unary("not") && q.t.Node(leftID).Kind == Binary { // a not in b in c
			in := q.around(q.call("in", n.Pos, left.args()[0], right), leftEnd, n.Pos, 2)
			not := q.call("not", n.Pos, in)
			not.meta = append(not.meta, in.meta...)
			return not
		}
	}
	name := OpName(n.Op)
	t := q.call(name, n.Pos, left, right)
	return q.around(t, leftEnd, n.Pos, int32(len(name)))
}

// notIn is the length of the `not in` at off.
func (q *quoter) notIn(off int32) int32 {
	at := off + int32(len("not"))
	for q.src[at] != 'i' {
		at++
	}
	return at + 2 - off
}

func (q *quoter) step(id syntax.NodeID) *term {
	n := q.t.Node(id)
	kids := q.kids(id)
	args := q.exprs(kids)
	t := q.call("..//", n.Pos, args...)
	if q.full {
		q.around(t, q.t.Node(kids[0]).End, n.Pos, 2)
		if n.Flags&FlagParens != 0 {
			q.stepParens(t, n, kids)
		}
	}
	return t
}

// stepParens adds the parentheses of the range in `(a..b)//c`.
func (q *quoter) stepParens(t *term, n *syntax.Node, kids []syntax.NodeID) {
	var openers []int32
	for at := n.Start; q.src[at] == '('; at = gapAt(q.src, at+1).next {
		openers = append(openers, at)
	}
	first := q.t.Node(kids[0])
	for len(openers) > 0 && openers[len(openers)-1] >= first.Start {
		openers = openers[:len(openers)-1]
	}
	closer := gapAt(q.src, q.t.Node(kids[1]).End).next
	for i := len(openers) - 1; i >= 0; i-- {
		q.withParens(t, openers[i], closer)
		closer = gapAt(q.src, closer+1).next
	}
}

// withParens puts the place of parentheses in front of the metadata.
func (q *quoter) withParens(t *term, open, close int32) *term {
	if q.full && t.isNode() {
		entries := append(place(q.places.at(open)), entry{key: "closing", entries: place(q.places.at(close))})
		t.meta = append([]entry{{key: "parens", entries: entries}}, t.meta...)
	}
	return t
}

// parens is (a), (a; b), () or (a -> b).
func (q *quoter) parens(id syntax.NodeID) *term {
	n := q.t.Node(id)
	kids := q.kids(id)
	if n.Flags&FlagClauses != 0 {
		l := q.literal(list(q.clauses(kids, n.Start+1)...), n.Start)
		return q.withPlace(q.openedClauses(l, n.Start+1, kids), "closing", n.End-1)
	}
	exprs := q.statements(kids)
	if len(exprs) == 1 {
		switch e := exprs[0]; {
		case e.unary("!"), e.unary("not"):
			return node(atom("__block__"), list(e))
		case e.unary("unquote_splicing"):
			// wrapped below
		default:
			return q.withParens(e, n.Start, n.End-1)
		}
	}
	block := node(atom("__block__"), list(exprs...))
	if len(exprs) == 0 && n.Flags&FlagSemi == 0 {
		return q.withParens(block, n.Start, n.End-1)
	}
	return q.withPlace(q.place(block, n.Start), "closing", n.End-1)
}

func (q *quoter) alias(id syntax.NodeID) *term {
	n := q.t.Node(id)
	var args []*term
	var left *term
	if n.Size > 1 {
		left = q.expr(id + 1)
		args = append(args, left)
	}
	var last int32
	for at := range segments(q.src, n.Pos, n.End) {
		last = at
		args = append(args, atom(q.src[at:wordEnd(q.src, at)]))
	}
	if left != nil && left.is("__aliases__") { // (Foo).Bar
		left.kids[1] = list(append(left.args(), args[1:]...)...)
		for i := range left.meta {
			if left.meta[i].key == "last" {
				left.meta[i].entries = place(q.places.at(last))
			}
		}
		return left
	}
	return q.withPlace(q.call("__aliases__", n.Pos, args...), "last", last)
}

func (q *quoter) tupleDot(id syntax.NodeID) *term {
	n := q.t.Node(id)
	kids := q.kids(id)
	dot := q.call(".", n.Pos, q.expr(kids[0]), atom("{}"))
	t := q.place(node(dot, list(q.exprs(kids[1:])...)), n.Pos)
	if len(kids) == 1 {
		return t
	}
	brace := gapAt(q.src, n.Pos+1).next
	return q.withPlace(q.opened(t, brace+1), "closing", n.End-1)
}

func (q *quoter) access(id syntax.NodeID) *term {
	n := q.t.Node(id)
	kids := q.kids(id)
	dot := q.call(".", n.Pos, atom("Elixir.Access"), atom("get"))
	t := q.place(node(dot, list(q.expr(kids[0]), q.expr(kids[1]))), n.Pos)
	for _, x := range []*term{dot, t} {
		q.with(x, "from_brackets", atom("true"))
		q.withPlace(q.opened(x, n.Pos+1), "closing", n.End-1)
	}
	return t
}
