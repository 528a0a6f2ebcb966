package elixir

import (
	"iter"
	"strings"

	"github.com/assay-dev/assay/internal/syntax"
)

// AtomName is the name of an Atom, Key, QAtom or QKey without its colon, of
// true, false and nil, and of an Ident, Name or QName. It is empty if a quoted
// name is interpolated.
func AtomName(t *syntax.Tree, id syntax.NodeID) string {
	text := t.Text(id)
	switch t.Node(id).Kind {
	case Atom: // :foo, nil
		return strings.TrimPrefix(text, ":")
	case Key: // foo:
		return strings.TrimSuffix(text, ":")
	case QAtom, QKey, QName:
		name, _ := StringValue(t, id)
		return name
	case Ident, Name:
		return text
	}
	return ""
}

// IsWord reports whether id is the Atom written `true`, `false` or `nil`, and
// not `:nil`.
func IsWord(t *syntax.Tree, id syntax.NodeID, word string) bool {
	return t.Node(id).Kind == Atom && t.Text(id) == word
}

// AliasSegments appends the segments of an Alias to buf: `Foo.Bar` gives Foo
// and Bar, `__MODULE__.Foo` gives Foo (its child is the left side).
func AliasSegments(t *syntax.Tree, id syntax.NodeID, buf []string) []string {
	n := t.Node(id)
	for at := range segments(t.File.Text, n.Pos, n.End) {
		buf = append(buf, t.File.Text[at:wordEnd(t.File.Text, at)])
	}
	return buf
}

// segments are the offsets of the segments of an alias in [pos, end), which may
// begin with a dot.
func segments(src string, pos, end int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for at := pos; at < end; {
			if src[at] == '.' {
				at = gapAt(src, at+1).next
			}
			if at >= end || !yield(at) {
				return
			}
			at = gapAt(src, wordEnd(src, at)).next
			if at < end && src[at] != '.' {
				return
			}
		}
	}
}

// wordEnd is where the ASCII identifier at off ends.
func wordEnd(src string, off int32) int32 {
	for int(off) < len(src) && byteClass[src[off]]&byteIdent != 0 {
		off++
	}
	return off
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// AliasLeft is the left side of an Alias that does not start with a name, such
// as __MODULE__ in `__MODULE__.Foo`, or None.
func AliasLeft(t *syntax.Tree, id syntax.NodeID) syntax.NodeID { return t.First(id) }

// SigilName is the name of a Sigil: r of ~r/../, HTML of ~HTML"".
func SigilName(t *syntax.Tree, id syntax.NodeID) string {
	text := t.Text(id)
	end := min(1, len(text))
	for end < len(text) && isAlnum(text[end]) {
		end++
	}
	return text[min(1, len(text)):end]
}

// SigilModifiers are the letters after a Sigil's closer.
func SigilModifiers(t *syntax.Tree, id syntax.NodeID) string {
	q := quoteOf(t, id)
	end := t.Node(id).End
	return t.File.Text[min(q.close+int32(len(q.closer)), end):end]
}

// Unwrap goes into parentheses that hold exactly one expression.
func Unwrap(t *syntax.Tree, id syntax.NodeID) syntax.NodeID {
	for {
		n := t.Node(id)
		if n.Kind != Block || n.Flags&FlagClauses != 0 || n.Size == 1 || t.Node(id+1).Size != n.Size-1 {
			return id
		}
		id++
	}
}

// CallView reads a Call.
type CallView struct {
	Tree *syntax.Tree
	ID   syntax.NodeID
}

// AsCall returns the view of a Call.
func AsCall(t *syntax.Tree, id syntax.NodeID) (CallView, bool) {
	return CallView{t, id}, t.Node(id).Kind == Call
}

// Func is the callee: a Name, Dot, AnonDot, or the Call of a call of a call.
func (c CallView) Func() syntax.NodeID { return c.ID + 1 }

// Name is the called name: foo of `foo(1)`, `a.foo` and `Foo.foo 1`. It is
// empty for `f.(x)`, `f(a)(b)` and an interpolated name.
func (c CallView) Name() string {
	fn := c.Func()
	if c.Tree.Node(fn).Kind == Dot {
		fn = c.Tree.Next(fn + 1)
	}
	if k := c.Tree.Node(fn).Kind; k != Name && k != QName {
		return ""
	}
	return AtomName(c.Tree, fn)
}

// Receiver is the left side of the dot in `a.foo(1)` or `f.(1)`, or None.
func (c CallView) Receiver() syntax.NodeID {
	fn := c.Func()
	if k := c.Tree.Node(fn).Kind; k != Dot && k != AnonDot {
		return syntax.None
	}
	return fn + 1
}

// HasParens reports whether the arguments are in parentheses.
func (c CallView) HasParens() bool { return c.Tree.Node(c.ID).Flags&FlagParens != 0 }

// Args are the arguments in order, a keyword tail as one Keywords, without the
// do block.
func (c CallView) Args() iter.Seq[syntax.NodeID] {
	return func(yield func(syntax.NodeID) bool) {
		end := c.ID + syntax.NodeID(c.Tree.Node(c.ID).Size)
		for a := c.afterFunc(); a < end; a += syntax.NodeID(c.Tree.Node(a).Size) {
			if c.Tree.Node(a).Kind == DoBlock || !yield(a) {
				return
			}
		}
	}
}

func (c CallView) afterFunc() syntax.NodeID {
	fn := c.Func()
	return fn + syntax.NodeID(c.Tree.Node(fn).Size)
}

// ArgCount is the number of Args.
func (c CallView) ArgCount() int {
	n := 0
	for range c.Args() {
		n++
	}
	return n
}

// Arg is argument i from 0, or None.
func (c CallView) Arg(i int) syntax.NodeID {
	for a := range c.Args() {
		if i == 0 {
			return a
		}
		i--
	}
	return syntax.None
}

// Keywords is the keyword tail of the arguments, or None.
func (c CallView) Keywords() syntax.NodeID {
	for a := range c.Args() {
		if c.Tree.Node(a).Kind == Keywords {
			return a
		}
	}
	return syntax.None
}

// DoBlock is the do block of the call, or None.
func (c CallView) DoBlock() syntax.NodeID {
	end := c.ID + syntax.NodeID(c.Tree.Node(c.ID).Size)
	for a := c.afterFunc(); a < end; a += syntax.NodeID(c.Tree.Node(a).Size) {
		if c.Tree.Node(a).Kind == DoBlock {
			return a
		}
	}
	return syntax.None
}

// Sections are the sections of the call's do block, in order.
func (c CallView) Sections() iter.Seq[syntax.NodeID] {
	return func(yield func(syntax.NodeID) bool) {
		if do := c.DoBlock(); do != syntax.None {
			for s := range Children(c.Tree, do) {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// Section is the first section with a word such as SectionElse, or None.
func (c CallView) Section(word Op) syntax.NodeID {
	for s := range c.Sections() {
		if c.Tree.Node(s).Op == word {
			return s
		}
	}
	return syntax.None
}

// Children are the children of a node in order.
func Children(t *syntax.Tree, id syntax.NodeID) iter.Seq[syntax.NodeID] {
	return func(yield func(syntax.NodeID) bool) {
		end := id + syntax.NodeID(t.Node(id).Size)
		for c := id + 1; c < end; c += syntax.NodeID(t.Node(c).Size) {
			if !yield(c) {
				return
			}
		}
	}
}

// Pairs are the Pairs of a List, Map, MapUpdate or Keywords, in order; other
// elements are skipped. The pairs of `%{x | a: 1}` are those of the MapUpdate.
func Pairs(t *syntax.Tree, id syntax.NodeID) iter.Seq2[syntax.NodeID, syntax.NodeID] {
	return func(yield func(key, value syntax.NodeID) bool) {
		for c := range Children(t, id) {
			if n := t.Node(c); n.Kind == Pair && n.Size > 1 && !yield(c+1, t.Next(c+1)) {
				return
			}
		}
	}
}
