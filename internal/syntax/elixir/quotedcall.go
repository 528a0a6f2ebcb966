package elixir

import (
	"github.com/assay-dev/assay/internal/syntax"
)

// callTerm is a Call of any kind.
func (q *quoter) callTerm(id syntax.NodeID) *term {
	n := q.t.Node(id)
	kids := q.kids(id)
	callee, rest := kids[0], kids[1:]
	var do syntax.NodeID = syntax.None
	if k := len(rest) - 1; k >= 0 && q.t.Node(rest[k]).Kind == DoBlock {
		do, rest = rest[k], rest[:k]
	}
	args := q.exprs(rest)
	if do != syntax.None {
		args = append(args, q.sections(do))
	}
	t := node(q.callee(callee), list(args...))
	q.place(t, n.Pos)
	if !q.full {
		return t
	}
	if c := q.t.Node(callee); c.Kind == Dot {
		if name := q.t.Next(callee + 1); q.t.Node(name).Kind == QName {
			q.delimited(t, name)
		}
	}
	switch {
	case n.Flags&FlagParens != 0:
		q.callParens(t, callee, rest)
	case q.t.Node(callee).Kind == Dot && len(args) == 0:
		q.with(t, "no_parens", atom("true"))
	case q.t.Node(callee).Kind == Name && len(args) == 1 && len(rest) == 1 && q.signed(rest[0]):
		q.with(t, "ambiguous_op", atom("nil"))
	}
	if q.t.Node(callee).Kind == Call { // f(a)(b) keeps the metadata of f(a)
		t.meta = append(t.meta, t.kids[0].meta...)
	}
	if do != syntax.None {
		d := q.t.Node(do)
		q.withPlace(t, "do", d.Start)
		q.withPlace(t, "end", d.End-3)
	}
	return t
}

// signed reports that an argument begins with a sign, as in `foo -1`.
func (q *quoter) signed(id syntax.NodeID) bool {
	n := q.t.Node(id)
	c := q.src[n.Start]
	return (c == '+' || c == '-') && n.Kind != Keywords
}

// callParens adds where the parentheses of a call are.
func (q *quoter) callParens(t *term, callee syntax.NodeID, args []syntax.NodeID) {
	open := gapAt(q.src, q.t.Node(callee).End).next
	at := open + 1
	if len(args) > 0 {
		at = q.t.Node(args[len(args)-1]).End
	}
	closer := gapAt(q.src, at).next
	if q.src[closer] == ',' {
		closer = gapAt(q.src, closer+1).next
	}
	q.withPlace(q.opened(t, open+1), "closing", closer)
}

// callee is the head of a call.
func (q *quoter) callee(id syntax.NodeID) *term {
	n := q.t.Node(id)
	switch n.Kind {
	case Name:
		return atom(normal(q.text(id)))
	case AnonDot:
		return q.call(".", n.Pos, q.expr(id+1))
	case Dot:
		left := id + 1
		name := q.t.Next(left)
		dot := q.call(".", n.Pos, q.expr(left), nil)
		if q.t.Node(name).Kind == QName {
			dot.args()[1] = atom(q.quotedValue(name))
		} else {
			dot.args()[1] = atom(normal(q.text(name)))
		}
		return dot
	}
	return q.expr(id)
}

// sections is the keyword list of a do block.
func (q *quoter) sections(do syntax.NodeID) *term {
	out := list()
	for _, s := range q.kids(do) {
		n := q.t.Node(s)
		word := q.literal(atom(OpName(n.Op)), n.Start)
		out.kids = append(out.kids, pair(word, q.section(s)))
	}
	return out
}

func (q *quoter) section(id syntax.NodeID) *term {
	if q.t.Node(id).Flags&FlagClauses != 0 {
		n := q.t.Node(id)
		return list(q.clauses(q.kids(id), n.Start+int32(len(OpName(n.Op))))...)
	}
	return q.block(q.statements(q.kids(id)))
}

// clauses are the clauses after an opener that ends at off.
func (q *quoter) clauses(ids []syntax.NodeID, off int32) []*term {
	out := make([]*term, len(ids))
	for i, id := range ids {
		out[i] = q.clause(id, off)
		off = q.t.Node(id).End
	}
	return out
}

// openedClauses adds the line ends after an opener of clauses. An arrow that
// follows it at once takes them.
func (q *quoter) openedClauses(t *term, off int32, ids []syntax.NodeID) *term {
	if h := q.t.Node(ids[0] + 1); h.Start == h.End {
		return t
	}
	return q.opened(t, off)
}

// clause is `args -> body`; what is before it ends at off.
func (q *quoter) clause(id syntax.NodeID, off int32) *term {
	n := q.t.Node(id)
	head := id + 1
	body := q.t.Next(head)
	args, parens := q.head(head)
	t := q.call("->", n.Pos, list(args...), q.body(body, n.Pos))
	if h := q.t.Node(head); h.Start < h.End {
		off = h.End
	} else if g := gapAt(q.src, off); q.src[g.next] == ';' {
		off = g.next + 1
	}
	q.around(t, off, n.Pos, 2)
	t.meta = append(parens, t.meta...)
	return t
}

// head is the arguments of a clause, and what its parentheses add to the arrow.
func (q *quoter) head(id syntax.NodeID) (args []*term, parens []entry) {
	for _, k := range q.kids(id) {
		if w := q.t.Node(k); w.Kind == When {
			guard := q.call("when", w.Pos, append(args, q.expr(k+1))...)
			q.around(guard, q.beforeWhen(id, k), w.Pos, 4)
			if n := q.t.Node(id); q.guardInside(n, w) { // (a when b) -> c
				return []*term{q.withParens(guard, n.Start, n.End-1)}, nil
			}
			return []*term{guard}, q.headParens(id)
		}
		args = append(args, q.expr(k))
	}
	if k := len(args); k > 0 && q.t.Node(id).Flags&FlagParens == 0 && args[k-1].is("when") && len(args[k-1].args()) == 2 { // (a when b) -> c
		when := args[k-1]
		when.kids[1] = list(append(args[:k-1:k-1], when.args()...)...)
		args = []*term{when}
	}
	if len(args) == 1 && args[0].is("__block__") && len(args[0].args()) == 1 && args[0].args()[0].unary("unquote_splicing") {
		args = args[0].args()
	}
	return args, q.headParens(id)
}

// guardInside reports a guard inside the parentheses of its head.
func (q *quoter) guardInside(head, when *syntax.Node) bool {
	return head.Flags&FlagParens != 0 && when.End < head.End
}

// beforeWhen is where the text before the guard of a head ends.
func (q *quoter) beforeWhen(head, when syntax.NodeID) int32 {
	end := q.t.Node(head).Start
	for _, k := range q.kids(head) {
		if k == when {
			break
		}
		end = q.t.Node(k).End
	}
	if h := q.t.Node(head); h.Flags&FlagParens != 0 && !q.guardInside(h, q.t.Node(when)) {
		end = q.headCloser(q.t.Node(head), end) + 1
	}
	return end
}

func (q *quoter) headCloser(n *syntax.Node, lastArg int32) int32 {
	closer := gapAt(q.src, max(lastArg, n.Start+1)).next
	if q.src[closer] == ',' {
		closer = gapAt(q.src, closer+1).next
	}
	return closer
}

// headParens is what the parentheses of a head add to its arrow.
func (q *quoter) headParens(id syntax.NodeID) []entry {
	n := q.t.Node(id)
	if !q.full || n.Flags&FlagParens == 0 {
		return nil
	}
	last := n.Start + 1
	for _, k := range q.kids(id) {
		if q.t.Node(k).Kind != When {
			last = q.t.Node(k).End
		}
	}
	closing := entry{key: "closing", entries: place(q.places.at(q.headCloser(n, last)))}
	return []entry{{key: "parens", entries: append(place(q.places.at(n.Start)), closing)}}
}

// body is what follows an arrow. A `;` directly after the arrow ends a body of
// nil, and what comes after it is added to that.
func (q *quoter) body(id syntax.NodeID, arrow int32) *term {
	exprs := q.statements(q.kids(id))
	end := arrow + int32(len("->"))
	semi := gapAt(q.src, end).next
	if len(exprs) > 0 && (int(semi) >= len(q.src) || q.src[semi] != ';') {
		return q.block(exprs)
	}
	none := q.literal(atom("nil"), arrow)
	if int(semi) < len(q.src) && q.src[semi] == ';' {
		q.ended(none, semi)
	}
	return q.block(append([]*term{none}, exprs...))
}
