package replay

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// fits says whether a value matches a pattern.
type fits uint8

const (
	never fits = iota
	perhaps
	always
)

// and adds a condition that is known or not, and true or not.
func (f fits) and(known, truth bool) fits {
	switch {
	case known && !truth:
		return never
	case known:
		return f
	}
	return min(f, perhaps)
}

func (e *evaluator) matchAll(f *frame, patterns []ir.ExprID, args []value) fits {
	if len(patterns) > len(args) {
		return never
	}
	all := always
	for i, p := range patterns {
		all = min(all, e.match(f, p, args[i]))
	}
	return all
}

// match binds the variables of a pattern to the parts of a value.
func (e *evaluator) match(f *frame, id ir.ExprID, v value) fits {
	if id < 0 {
		return perhaps
	}
	x := f.code.At(id)
	switch x.Op {
	case ir.Any:
		return always
	case ir.Bind:
		f.vars[ir.VarID(x.A)] = v
		return always
	case ir.Match:
		return min(e.match(f, ir.ExprID(x.A), v), e.match(f, ir.ExprID(x.B), v))
	case ir.Const:
		same, known := equal(constant(x), v)
		return always.and(known, same)
	case ir.Pin:
		same, known := equal(e.eval(f, ir.ExprID(x.A)), v)
		return always.and(known, same)
	case ir.Make:
		return e.matchMade(f, x, v)
	}
	return perhaps
}

func (e *evaluator) matchMade(f *frame, x *ir.Expr, v value) fits {
	parts := f.code.List(x)
	if v.kind == unknown {
		e.forget(f, parts)
		return perhaps
	}
	switch x.Sub {
	case ir.MakeTuple:
		return e.matchItems(f, parts, v, tuple)
	case ir.MakeList:
		return e.matchItems(f, parts, v, list)
	case ir.MakeCons:
		n := len(parts) - 1
		if v.kind != list || len(v.items) < n {
			return never
		}
		return min(e.matchAll(f, parts[:n], v.items), e.match(f, parts[n], listOf(v.items[n:])))
	case ir.MakeMap, ir.MakeStruct:
		return e.matchMap(f, parts, v)
	case ir.MakeString:
		return e.matchPrefix(f, parts, v)
	case ir.MakeRange:
		return e.matchRange(f, parts, v)
	}
	e.forget(f, parts)
	return perhaps
}

func (e *evaluator) matchItems(f *frame, parts []ir.ExprID, v value, k kind) fits {
	if v.kind != k || len(v.items) != len(parts) {
		return never
	}
	return e.matchAll(f, parts, v.items)
}

func (e *evaluator) matchMap(f *frame, parts []ir.ExprID, v value) fits {
	if v.kind != mapping && v.kind != object {
		return never
	}
	all := always
	for i := 0; i+1 < len(parts); i += 2 {
		key := e.eval(f, parts[i])
		got := v.get(key)
		if got.isNil() && !(key.kind == atom && mapHas(v, key)) {
			return never
		}
		all = min(all, e.match(f, parts[i+1], got))
	}
	return all
}

func mapHas(v, key value) bool {
	for _, p := range v.pairs() {
		if same, _ := equal(p[0], key); same {
			return true
		}
	}
	return false
}

// matchPrefix matches `"show." <> rest`.
func (e *evaluator) matchPrefix(f *frame, parts []ir.ExprID, v value) fits {
	if v.kind != str || len(parts) != 2 || f.code.At(parts[0]).Op != ir.Const {
		e.forget(f, parts)
		return never
	}
	rest, ok := strings.CutPrefix(v.text, f.code.At(parts[0]).Str)
	if !ok {
		return never
	}
	return e.match(f, parts[1], textOf(rest))
}

// matchRange matches `first..last` and `first..last//step` with a range, which is
// the list of its numbers.
func (e *evaluator) matchRange(f *frame, parts []ir.ExprID, v value) fits {
	if v.kind != list {
		return never
	}
	if len(v.items) == 0 {
		e.forget(f, parts)
		return perhaps
	}
	return e.matchAll(f, parts, []value{v.items[0], v.items[len(v.items)-1], intOf(1)})
}

// forget makes the variables of patterns unknown.
func (e *evaluator) forget(f *frame, parts []ir.ExprID) {
	for _, p := range parts {
		f.code.Walk(p, func(id ir.ExprID) bool {
			if x := f.code.At(id); x.Op == ir.Bind {
				f.vars[ir.VarID(x.A)] = value{}
			}
			return true
		})
	}
}
