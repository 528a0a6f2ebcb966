package replay

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// kind tells values apart.
type kind uint8

const (
	unknown kind = iota
	atom         // text: its name; nil, true and false are atoms
	module       // text: its full name
	number       // text: its decimal digits
	str
	list
	tuple
	mapping  // items: key, value, key, value …
	object   // a struct; text: what it is (table, index, …); items as of a mapping
	function // fn
)

// value is what an expression of a migration gives.
type value struct {
	kind  kind
	text  string
	items []value
	fn    *closure
	unset bool // an environment variable, taken as not set
}

// closure is a function value: an expression and the frame it was made in, or
// a function by name.
type closure struct {
	frame *frame
	at    ir.ExprID
	named *ir.Callee
}

// A value that grows beyond these is not known any more; real migrations stay
// far below.
const (
	maxText  = 1 << 20
	maxItems = 1 << 14
)

func atomOf(s string) value  { return value{kind: atom, text: s} }
func textOf(s string) value  { return value{kind: str, text: s} }
func listOf(v []value) value { return value{kind: list, items: v} }
func tupleOf(v ...value) value {
	return value{kind: tuple, items: v}
}
func intOf(n int) value { return value{kind: number, text: strconv.Itoa(n)} }

func boolOf(b bool) value { return atomOf(strconv.FormatBool(b)) }

func null() value { return atomOf("nil") }

// truth is whether a value counts as true, when that is known.
func (v value) truth() (truth, known bool) {
	if v.kind == unknown {
		return false, false
	}
	return v.kind != atom || v.text != "nil" && v.text != "false", true
}

func (v value) isNil() bool { return v.kind == atom && v.text == "nil" }

// name is the text of an atom or a string.
func (v value) name() (string, bool) {
	if v.kind == atom && v.text != "nil" || v.kind == str {
		return v.text, true
	}
	return "", false
}

// equal reports whether two values are the same, when that is known.
func equal(a, b value) (same, known bool) {
	if a.kind == unknown || b.kind == unknown || a.kind == function || b.kind == function || a.unset || b.unset {
		return false, false
	}
	if a.kind != b.kind || a.text != b.text || len(a.items) != len(b.items) {
		return false, true
	}
	for i := range a.items {
		if same, known := equal(a.items[i], b.items[i]); !same || !known {
			return same, known
		}
	}
	return true, true
}

// field reads a field of a map or struct.
func (v value) field(name string) value { return v.get(atomOf(name)) }

// get reads an element of a map, a struct or a keyword list; nil where there
// is none.
func (v value) get(key value) value {
	switch v.kind {
	case mapping, object:
		for i := 0; i+1 < len(v.items); i += 2 {
			if same, _ := equal(v.items[i], key); same {
				return v.items[i+1]
			}
		}
		return null()
	case list:
		for _, p := range v.items {
			if p.kind == unknown {
				return value{}
			}
			if p.kind == tuple && len(p.items) == 2 {
				if same, _ := equal(p.items[0], key); same {
					return p.items[1]
				}
			}
		}
		return null()
	case atom:
		if v.isNil() {
			return v
		}
	}
	return value{}
}

// has reports whether a keyword list or map has a key.
func (v value) has(key string) bool {
	for _, p := range v.pairs() {
		if same, _ := equal(p[0], atomOf(key)); same {
			return true
		}
	}
	return false
}

// with is a copy of a map or struct in which one key has another value.
func (v value) with(key, to value) value {
	out := v
	out.items = append([]value(nil), v.items...)
	for i := 0; i+1 < len(out.items); i += 2 {
		if same, _ := equal(out.items[i], key); same {
			out.items[i+1] = to
			return out
		}
	}
	out.items = append(out.items, key, to)
	return out
}

// without are the pairs of a struct whose keys are not among some.
func (v value) without(keys ...string) [][2]value {
	var kept [][2]value
	for _, p := range v.pairs() {
		if !slices.Contains(keys, p[0].text) {
			kept = append(kept, p)
		}
	}
	return kept
}

// pairs are the keys and values of a map, a struct or a keyword list.
func (v value) pairs() [][2]value {
	var out [][2]value
	switch v.kind {
	case mapping, object:
		for i := 0; i+1 < len(v.items); i += 2 {
			out = append(out, [2]value{v.items[i], v.items[i+1]})
		}
	case list:
		for _, p := range v.items {
			if p.kind == tuple && len(p.items) == 2 {
				out = append(out, [2]value{p.items[0], p.items[1]})
			}
		}
	}
	return out
}

// keyword is a keyword list of pairs.
func keyword(pairs [][2]value) value {
	out := value{kind: list, items: make([]value, 0, len(pairs))}
	for _, p := range pairs {
		out.items = append(out.items, tupleOf(p[0], p[1]))
	}
	return out
}

// merged is a keyword list with the pairs of another in front of its own, so
// that they win.
func merged(base, over value) value {
	if base.kind != list || over.kind != list {
		return over
	}
	out := listOf(append([]value(nil), over.items...))
	for _, p := range base.pairs() {
		if p[0].kind == atom && !over.has(p[0].text) {
			out.items = append(out.items, tupleOf(p[0], p[1]))
		}
	}
	return out
}

// elements are the elements of an enumerable, when they are known.
func (v value) elements() ([]value, bool) {
	switch v.kind {
	case list:
		return v.items, true
	case mapping:
		out := make([]value, 0, len(v.items)/2)
		for _, p := range v.pairs() {
			out = append(out, tupleOf(p[0], p[1]))
		}
		return out, true
	}
	return nil, false
}

// spelled is a value as `to_string` gives it.
func (v value) spelled() (string, bool) {
	switch v.kind {
	case atom:
		if v.isNil() {
			return "", true
		}
		return v.text, true
	case str, number:
		return v.text, true
	case module:
		return "Elixir." + v.text, true
	}
	return "", false
}

// inspected is a value as `inspect` gives it.
func (v value) inspected() (string, bool) {
	switch v.kind {
	case atom:
		if v.text == "nil" || v.text == "true" || v.text == "false" {
			return v.text, true
		}
		return ":" + v.text, true
	case number, module:
		return v.text, true
	case str:
		return strconv.Quote(v.text), true
	case list:
		var parts []string
		for _, i := range v.items {
			s, ok := i.inspected()
			if !ok {
				return "", false
			}
			parts = append(parts, s)
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	}
	return "", false
}

func (v value) integer() (int, bool) {
	if v.kind != number {
		return 0, false
	}
	n, err := strconv.Atoi(v.text)
	return n, err == nil
}
