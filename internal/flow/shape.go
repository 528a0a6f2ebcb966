package flow

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// Alt is one alternative of what an expression gives, and what gives it.
type Alt struct {
	ir.Alt
	// Taint are the parameters and sources that decide whether it is given.
	Taint uint64
	// next is where it is made, and how it gets here.
	next
}

// shape is what an expression can give: one of the alternatives, and if it is
// open something else as well. Shapes are shared and never change.
type shape struct {
	alts []Alt
	open bool
}

// maxAlts bounds the alternatives of one shape.
const maxAlts = 12

// same reports whether two alternatives are the same, wherever they come from.
func (a *Alt) same(b *Alt) bool { return a.Alt == b.Alt }

// find is the alternative of s that is the same, or nil.
func (s *shape) find(a *Alt) *Alt {
	if s == nil {
		return nil
	}
	for i := range s.alts {
		if s.alts[i].same(a) {
			return &s.alts[i]
		}
	}
	return nil
}

// closed reports whether s is known in full.
func (s *shape) closed() bool {
	if s.open {
		return false
	}
	for i := range s.alts {
		if s.alts[i].Kind == ir.AltParam {
			return false
		}
	}
	return true
}

// unknownParam reports whether s is an argument of which nothing is known.
func (s *shape) unknownParam() bool {
	return !s.open && len(s.alts) == 1 && s.alts[0].Kind == ir.AltParam
}

// never reports whether nothing is ever given.
func (s *shape) never() bool { return !s.open && len(s.alts) == 0 }

// together is what is s or t.
func together(s, t *shape) *shape {
	switch {
	case s == t || t.never():
		return s
	case s.never():
		return t
	}
	missing := 0
	for i := range t.alts {
		if a := s.find(&t.alts[i]); a == nil || a.Taint|t.alts[i].Taint != a.Taint {
			missing++
		}
	}
	if missing == 0 && (s.open || !t.open) {
		return s
	}
	out := &shape{alts: make([]Alt, 0, len(s.alts)+missing), open: s.open || t.open}
	out.alts = append(out.alts, s.alts...)
	for i := range t.alts {
		out.add(t.alts[i])
	}
	return out
}

// add puts an alternative into a shape that is being made.
func (s *shape) add(a Alt) {
	old := s.find(&a)
	switch {
	case old != nil:
		old.Taint |= a.Taint
	case a.Kind == ir.AltAny || len(s.alts) == maxAlts:
		s.open = true
	default:
		s.alts = append(s.alts, a)
	}
}

// only is the part of a shape whose alternatives pass keep.
func (s *shape) only(keep func(*Alt) bool) *shape {
	out := &shape{open: s.open}
	for i := range s.alts {
		if keep(&s.alts[i]) {
			out.alts = append(out.alts, s.alts[i])
		}
	}
	if len(out.alts) == len(s.alts) {
		return s
	}
	return out
}

// falsy reports whether a condition takes an alternative for false.
func (a *Alt) falsy() bool { return a.Kind == ir.AltAtom && (a.Tag == "nil" || a.Tag == "false") }

// mayBeFalsy also holds of what is not known.
func (a *Alt) mayBeFalsy() bool { return a.falsy() || a.Kind == ir.AltParam }

// String writes an alternative as people do.
func (a *Alt) String() string {
	switch a.Kind {
	case ir.AltAtom:
		switch {
		case a.Tag == "nil", a.Tag == "true", a.Tag == "false", a.Tag != "" && a.Tag[0] >= 'A' && a.Tag[0] <= 'Z':
			return a.Tag
		}
		return ":" + a.Tag
	case ir.AltTuple:
		return a.tuple()
	case ir.AltList:
		return "a list"
	case ir.AltMap:
		return "a map"
	case ir.AltStruct:
		if a.Tag != "" {
			return "%" + a.Tag + "{}"
		}
		return "a struct"
	case ir.AltString:
		return "a string"
	case ir.AltNumber:
		return "a number"
	}
	return "another value"
}

func (a *Alt) tuple() string {
	parts := make([]string, 0, 4)
	for i := range min(a.Arity, 8) {
		switch {
		case i == 0 && a.Tag != "":
			parts = append(parts, ":"+a.Tag)
		case i == 1 && a.Inner != "":
			inner := Alt{Alt: ir.Alt{Kind: ir.AltAtom, Tag: a.Inner}}
			parts = append(parts, inner.String())
		default:
			parts = append(parts, "_")
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// shapes are the results that models and declarations know, made once.
type shapes struct {
	any, none *shape
	params    [fieldShift]*shape
	models    map[*model.Call][]ir.Alt // what a model lists
	specs     map[ir.FuncID][]ir.Alt   // what functions of the project are declared to give
	callbacks map[called][]ir.Alt      // what implementations are declared to give
	made      map[string][]ir.Alt      // by Module.name: what functions give that a macro makes
}

func (a *analysis) collectShapes() {
	s := &shapes{
		any: &shape{open: true}, none: &shape{}, models: map[*model.Call][]ir.Alt{},
		specs: map[ir.FuncID][]ir.Alt{}, callbacks: map[called][]ir.Alt{}, made: map[string][]ir.Alt{},
	}
	for i := range s.params {
		s.params[i] = &shape{alts: []Alt{{Alt: ir.Alt{Kind: ir.AltParam, Arity: i}, next: next{Expr: ir.No, Callee: ir.No}}}}
	}
	a.shapes = s
	for i := range a.p.Externs {
		if m := a.model(ir.ExternID(i)); m != nil && len(m.Returns) > 0 && s.models[m] == nil {
			s.models[m] = altsOf(m.Returns)
		}
	}
	mixed := map[called]bool{}
	for _, m := range a.p.Modules {
		for i := range m.Specs {
			a.declared(m, &m.Specs[i], mixed)
		}
	}
	for k := range mixed {
		delete(s.callbacks, k)
	}
	for _, m := range a.p.Modules {
		a.makes(m)
	}
}

// makes notes the functions that macros make in the body of a module.
func (a *analysis) makes(m *ir.Module) {
	if m.Body == ir.No {
		return
	}
	for _, id := range m.Code.List(m.Code.At(m.Body)) {
		e := m.Code.At(id)
		if e.Op != ir.Call {
			continue
		}
		call := a.model(m.Code.Callees[e.A].Extern)
		if call == nil || call.Makes == "" {
			continue
		}
		m.Code.Walk(id, func(x ir.ExprID) bool {
			if d := m.Code.At(x); d.Op == ir.Opaque && d.Str == call.Makes && d.Lo < d.Hi {
				if name := atomIn(m.Code, m.Code.Lists[d.Lo]); name != "" {
					a.shapes.made[m.Name+"."+name] = a.shapes.models[call]
				}
			}
			return true
		})
	}
}

// declared notes a declaration. A callback counts where all behaviours with one
// of that name agree.
func (a *analysis) declared(m *ir.Module, d *ir.Spec, mixed map[called]bool) {
	alts := a.expand(nil, d.Gives, 0)
	if !d.Callback {
		if f := a.p.FuncNamed(m.ID, d.Name, d.Arity); f != nil && f.Module == m.ID && f.Arity == d.Arity {
			a.shapes.specs[f.ID] = append(a.shapes.specs[f.ID], alts...)
		}
		return
	}
	k := called{d.Name, d.Arity}
	if old, there := a.shapes.callbacks[k]; there && !alike(old, alts) {
		mixed[k] = true
	}
	a.shapes.callbacks[k] = alts
}

func alike(a, b []ir.Alt) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// expand puts the alternatives of named types where their names are.
func (a *analysis) expand(out, alts []ir.Alt, depth int) []ir.Alt {
	for _, alt := range alts {
		if alt.Kind != ir.AltNamed {
			out = append(out, alt)
			continue
		}
		if t := a.typeNamed(alt.Tag); t != nil && depth < 6 && len(out) < 4*maxAlts {
			out = a.expand(out, t.Gives, depth+1)
		} else {
			out = append(out, ir.Alt{Kind: ir.AltAny})
		}
	}
	return out
}

func (a *analysis) typeNamed(name string) *ir.Spec {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return nil
	}
	m := a.p.ModuleNamed(name[:dot])
	if m == nil {
		return nil
	}
	for i := range m.Types {
		if m.Types[i].Name == name[dot+1:] {
			return &m.Types[i]
		}
	}
	return nil
}

// altsOf reads the words of a model: "ok/2" is {:ok, _}, "error:invalid" is
// {:error, :invalid}, "nil" an atom, "list" a list.
func altsOf(words []string) []ir.Alt {
	var out []ir.Alt
	for _, w := range words {
		if tag, inner, pair := strings.Cut(w, ":"); pair {
			out = append(out, ir.Alt{Kind: ir.AltTuple, Tag: tag, Arity: 2, Inner: inner})
			continue
		}
		name, arity, sized := strings.Cut(w, "/")
		n, _ := strconv.Atoi(arity)
		a := ir.Alt{Kind: wordKind(name), Tag: name, Arity: n}
		switch {
		case sized && name == "tuple":
			a.Kind, a.Tag = ir.AltTuple, ""
		case sized:
			a.Kind = ir.AltTuple
		case a.Kind != ir.AltAtom:
			a.Tag = ""
		}
		out = append(out, a)
	}
	return out
}

func wordKind(name string) ir.AltKind {
	switch name {
	case "any":
		return ir.AltAny
	case "list":
		return ir.AltList
	case "map":
		return ir.AltMap
	case "struct":
		return ir.AltStruct
	case "string":
		return ir.AltString
	case "number":
		return ir.AltNumber
	case "pid":
		return ir.AltOther
	}
	return ir.AltAtom
}

// made is the shape of alternatives that are all made at one place.
func made(at next, taint uint64, alts ...ir.Alt) *shape {
	s := &shape{alts: make([]Alt, 0, len(alts))}
	for _, a := range alts {
		s.add(Alt{Alt: a, Taint: taint, next: at})
	}
	return s
}

func atomAlt(name string) ir.Alt { return ir.Alt{Kind: ir.AltAtom, Tag: name} }

func tupleAlt(tag string, arity int) ir.Alt {
	return ir.Alt{Kind: ir.AltTuple, Tag: tag, Arity: arity}
}
