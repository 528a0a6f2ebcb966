package elixir

import (
	"strconv"

	"github.com/assay-dev/assay/internal/syntax"
)

// delimited adds the delimiter of quoted text, and the indentation of a heredoc.
func (q *quoter) delimited(t *term, id syntax.NodeID) *term {
	if !q.full || !t.isNode() {
		return t
	}
	by := quoteOf(q.t, id)
	opener := by.closer
	if q.t.Node(id).Kind == Sigil {
		opener = q.src[by.open : by.open+int32(len(by.closer))]
	}
	q.with(t, "delimiter", binary(opener))
	if by.heredoc && q.t.Node(id).Kind != Sigil {
		q.with(t, "indentation", integer(by.indent))
	}
	return t
}

// textPart is the value of a Text.
func (q *quoter) textPart(by quote, id syntax.NodeID) string {
	n := q.t.Node(id)
	cut := by.cut(nil, q.src, n.Start, n.End)
	if q.raw || !by.escapes {
		return string(cut)
	}
	return string(unescape(nil, string(cut)))
}

// quotedValue is the value of quoted text without interpolation.
func (q *quoter) quotedValue(id syntax.NodeID) string {
	if q.t.Node(id).Size == 1 {
		return ""
	}
	return q.textPart(quoteOf(q.t, id), id+1)
}

// interpolated reports whether quoted text has an interpolation.
func (q *quoter) interpolated(id syntax.NodeID) bool {
	for _, k := range q.kids(id) {
		if q.t.Node(k).Kind == Interp {
			return true
		}
	}
	return false
}

// parts are the pieces of quoted text; an interpolation is what make makes of
// it.
func (q *quoter) parts(id syntax.NodeID, make func(syntax.NodeID) *term) []*term {
	by := quoteOf(q.t, id)
	var out []*term
	for i, k := range q.kids(id) {
		if q.t.Node(k).Kind == Interp {
			if i == 0 && by.heredoc {
				out = append(out, binary(""))
			}
			out = append(out, make(k))
			continue
		}
		out = append(out, binary(q.textPart(by, k)))
	}
	return out
}

// toString is the call of to_string that an interpolation stands for.
func (q *quoter) toString(id syntax.NodeID) *term {
	n := q.t.Node(id)
	dot := q.call(".", n.Start, atom("Elixir.Kernel"), atom("to_string"))
	t := q.place(node(dot, list(q.block(q.statements(q.kids(id))))), n.Start)
	q.with(t, "from_interpolation", atom("true"))
	return q.withPlace(t, "closing", n.End-1)
}

// binaryPart is an interpolation in a binary.
func (q *quoter) binaryPart(id syntax.NodeID) *term {
	at := q.t.Node(id).Start
	kind := q.place(node(atom("binary"), atom("nil")), at)
	return q.call("::", at, q.toString(id), kind)
}

func (q *quoter) str(id syntax.NodeID) *term {
	start := q.t.Node(id).Start
	if q.interpolated(id) {
		return q.delimited(q.call("<<>>", start, q.parts(id, q.binaryPart)...), id)
	}
	return q.delimited(q.literal(binary(q.quotedValue(id)), start), id)
}

func (q *quoter) charlist(id syntax.NodeID) *term {
	start := q.t.Node(id).Start
	if q.interpolated(id) {
		dot := q.call(".", start, atom("Elixir.List"), atom("to_charlist"))
		t := q.place(node(dot, list(list(q.parts(id, q.toString)...))), start)
		return q.delimited(t, id)
	}
	return q.delimited(q.literal(codePoints(q.quotedValue(id)), start), id)
}

func codePoints(s string) *term {
	out := list()
	for _, r := range s {
		out.kids = append(out.kids, &term{kind: intTerm, text: strconv.Itoa(int(r))})
	}
	return out
}

// quotedAtom is :"a b", or "a b": as a key.
func (q *quoter) quotedAtom(id syntax.NodeID) *term {
	start := q.t.Node(id).Start
	if !q.interpolated(id) {
		return q.delimited(q.literal(atom(q.quotedValue(id)), start), id)
	}
	dot := q.call(".", start, atom("erlang"), atom("binary_to_atom"))
	text := q.call("<<>>", start, q.parts(id, q.binaryPart)...)
	t := q.place(node(dot, list(text, atom("utf8"))), start)
	return q.delimited(t, id)
}

func (q *quoter) sigil(id syntax.NodeID) *term {
	n := q.t.Node(id)
	parts := q.parts(id, q.binaryPart)
	if len(parts) == 0 {
		parts = []*term{binary("")}
	}
	text := q.call("<<>>", n.Start, parts...)
	if by := quoteOf(q.t, id); by.heredoc {
		q.with(text, "indentation", integer(by.indent))
	}
	name := "sigil_" + SigilName(q.t, id)
	return q.delimited(q.call(name, n.Start, text, codePoints(SigilModifiers(q.t, id))), id)
}
