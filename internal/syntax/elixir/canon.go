package elixir

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// Form says how much metadata the canonical text of Elixir's syntax tree has.
type Form uint8

const (
	Plain Form = iota // none
	Pos               // line and column of every node
	Loc               // as Pos, but not on __block__, not, in and !
	Full              // every key
	Lit               // every key, literals wrapped as Elixir's literal encoder does
	Raw               // as Lit, escapes as written
)

// Forms are the names of the forms.
func Forms() []string { return []string{"plain", "pos", "loc", "full", "lit", "raw"} }

// ParseForm finds a form by its name.
func ParseForm(name string) (Form, bool) {
	i := slices.Index(Forms(), name)
	return Form(max(i, 0)), i >= 0
}

// CanonText parses a file and prints Elixir's own syntax tree of it, as Elixir
// 1.18 makes it. There is no text if the file has errors.
func CanonText(f *source.File, form Form) (text []byte, errs []syntax.Diagnostic) {
	t := Parse(f)
	if len(t.Errors) > 0 {
		return nil, t.Errors
	}
	return appendTerm(nil, quoted(t, form), form), nil
}

// Canon prints Elixir's own syntax tree of a tree without errors.
func Canon(w io.Writer, t *syntax.Tree, form Form) error {
	if len(t.Errors) > 0 {
		e := t.Errors[0]
		at := t.File.Pos(e.Start)
		return fmt.Errorf("%s:%d:%d: %s", t.File.Path, at.Line, at.Column, e.Message)
	}
	_, err := w.Write(appendTerm(nil, quoted(t, form), form))
	return err
}

// A term is a value of Elixir's quoted form.
type term struct {
	kind      termKind
	text      string // the bytes of an atom or binary, the digits of an integer
	float     float64
	kids      []*term // of a list or pair; of a node its head and arguments
	line, col int     // of a node, 0 if it has none
	meta      []entry // of a node, without line and column
}

type termKind uint8

const (
	atomTerm termKind = iota
	intTerm
	floatTerm
	binaryTerm
	listTerm
	pairTerm
	nodeTerm
)

// An entry is one piece of metadata: a value, or a keyword list.
type entry struct {
	key     string
	value   *term
	entries []entry
}

func atom(name string) *term         { return &term{kind: atomTerm, text: name} }
func binary(text string) *term       { return &term{kind: binaryTerm, text: text} }
func integer(n int) *term            { return &term{kind: intTerm, text: strconv.Itoa(n)} }
func list(kids ...*term) *term       { return &term{kind: listTerm, kids: kids} }
func pair(left, right *term) *term   { return &term{kind: pairTerm, kids: []*term{left, right}} }
func node(head, args *term) *term    { return &term{kind: nodeTerm, kids: []*term{head, args}} }
func (t *term) isNode() bool         { return t.kind == nodeTerm }
func (t *term) isAtom(s string) bool { return t.kind == atomTerm && t.text == s }

// is reports a node with an atom for a head.
func (t *term) is(head string) bool { return t.isNode() && t.kids[0].isAtom(head) }

// args are the arguments of a node, none for a variable.
func (t *term) args() []*term { return t.kids[1].kids }

// unary reports a node with the given head and one argument.
func (t *term) unary(head string) bool { return t.is(head) && len(t.args()) == 1 }

func appendTerm(b []byte, t *term, form Form) []byte {
	switch t.kind {
	case atomTerm:
		return append(appendEscaped(append(b, '\''), t.text), '\'')
	case binaryTerm:
		return append(appendEscaped(append(b, '"'), t.text), '"')
	case intTerm:
		return append(b, t.text...)
	case floatTerm:
		return fmt.Appendf(b, "f%016x", math.Float64bits(t.float))
	case listTerm:
		return append(appendTerms(append(b, '['), t.kids, form), ']')
	case pairTerm:
		return append(appendTerms(append(b, '{'), t.kids, form), '}')
	}
	b = appendTerm(append(b, '('), t.kids[0], form)
	b = appendMeta(b, t, form)
	b = appendTerm(append(b, ' '), t.kids[1], form)
	return append(b, ')')
}

func appendTerms(b []byte, kids []*term, form Form) []byte {
	for i, k := range kids {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendTerm(b, k, form)
	}
	return b
}

func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	for i := range len(s) {
		c := s[i]
		if c < 0x20 || c > 0x7e || c == '\\' || c == '"' || c == '\'' {
			b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}

func appendMeta(b []byte, t *term, form Form) []byte {
	switch form {
	case Plain:
		return b
	case Loc:
		if h := t.kids[0]; h.isAtom("__block__") || h.isAtom("not") || h.isAtom("in") || h.isAtom("!") {
			return b
		}
	case Pos:
	default:
		meta := t.meta
		if t.line > 0 {
			meta = append(slices.Clone(meta), place(t.line, t.col)...)
		}
		return appendEntries(b, meta)
	}
	if t.line == 0 {
		return append(b, "@-"...)
	}
	return fmt.Appendf(b, "@%d:%d", t.line, t.col)
}

func appendEntries(b []byte, meta []entry) []byte {
	meta = slices.Clone(meta)
	slices.SortStableFunc(meta, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	b = append(b, '<')
	for i, e := range meta {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(append(b, e.key...), '=')
		if e.value != nil {
			b = appendTerm(b, e.value, Plain)
		} else {
			b = appendEntries(b, e.entries)
		}
	}
	return append(b, '>')
}

func place(line, col int) []entry {
	return []entry{{key: "line", value: integer(line)}, {key: "column", value: integer(col)}}
}
