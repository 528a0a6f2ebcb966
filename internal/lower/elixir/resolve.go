package elixir

import (
	"github.com/assay-dev/assay/internal/ir"
)

// resolve finds what a local name means: the module's own function, an import,
// the prelude, or a function that the module has by what it uses.
func (l *lowerer) resolve(name string, arity int) (module string, how ir.How) {
	key := fnKey{name, arity}
	if l.m.defines(key) {
		return l.m.Name, ir.Local
	}
	unknown, inside, several := "", "", false
	n := 0
	for i := l.env.imports; i != nil && n < maxScope; i, n = i.next, n+1 {
		switch l.p.imports(i, key) {
		case yes:
			if !i.inside {
				return i.module, ir.Imported
			}
			if inside == "" {
				inside = i.module
			}
		case maybe:
			several = several || unknown != "" && unknown != i.module
			unknown = i.module
		}
	}
	if inside != "" {
		return inside, ir.Imported
	}
	if l.env.macro != nil {
		if how := l.resolveHygienic(key); how != "" {
			return how, ir.Imported
		}
	}
	for _, prelude := range [...]string{"Kernel", "Kernel.SpecialForms"} {
		if x := l.p.models.ExportsOf(prelude); x != nil && (x.Func(name, arity) || x.Macro(name, arity)) {
			return prelude, ir.Kernel
		}
	}
	if l.m.has(l.p, key) {
		return l.m.Name, ir.Local
	}
	if unknown != "" && !several {
		// Compiled code has no other place left where the name could come from.
		return unknown, ir.Imported
	}
	return "", ir.Unresolved
}

// resolveHygienic looks where a macro's own module finds the name: quoted code
// keeps the imports of its place.
func (l *lowerer) resolveHygienic(key fnKey) string {
	for i := l.env.macro.imports; i != nil; i = i.next {
		if l.p.imports(i, key) == yes {
			return i.module
		}
	}
	if l.env.macro.defines(key) {
		return l.env.macro.Name
	}
	return ""
}

type answer uint8

const (
	no answer = iota
	maybe
	yes
)

// imports says whether an import brings a name.
func (p *project) imports(i *importLink, key fnKey) answer {
	if i.only != nil {
		if has(i.only, key) {
			return yes
		}
		return no
	}
	if has(i.except, key) {
		return no
	}
	if m := p.modules[i.module]; m != nil {
		if f := m.find(key); f != nil {
			return i.admits(f.Macro(), f.Public())
		}
		if m.has(p, key) {
			return yes
		}
		return no
	}
	x := p.models.ExportsOf(i.module)
	if x == nil {
		return maybe
	}
	if x.Func(key.name, key.arity) {
		return i.admits(false, true)
	}
	if x.Macro(key.name, key.arity) {
		return i.admits(true, true)
	}
	return no
}

func (i *importLink) admits(macro, public bool) answer {
	if !public || i.kind == importFunctions && macro || i.kind == importMacros && !macro {
		return no
	}
	return yes
}

// find is the module's own function for a call with that many arguments.
func (m *module) find(key fnKey) *function {
	if f := m.funcs[key]; f != nil {
		return f
	}
	for more := 1; more <= 5; more++ {
		if f := m.funcs[fnKey{key.name, key.arity + more}]; f != nil && f.Defaults >= more {
			return f
		}
	}
	return nil
}

func (m *module) defines(key fnKey) bool { return m.find(key) != nil }

// has reports whether the module has a function without defining it: made by
// `use`, or of something it behaves like.
func (m *module) has(p *project, key fnKey) bool {
	for _, s := range m.Made {
		if s.Name == key.name && s.Arity == key.arity {
			return true
		}
	}
	for _, b := range m.Behaves {
		if p.models.CallOf(b, key.name, key.arity) >= 0 {
			return true
		}
	}
	return false
}

// foreignMacro reports whether the arguments of a call are read by a macro that
// knows names of its own.
func (l *lowerer) foreignMacro(module, name string, arity int, how ir.How) bool {
	if module == "" {
		return true
	}
	if how == ir.Kernel {
		return false
	}
	if m := l.p.modules[module]; m != nil {
		f := m.find(fnKey{name, arity})
		return f != nil && f.Macro()
	}
	if i := l.p.models.CallOf(module, name, arity); i >= 0 && l.p.models.At(i).Macro {
		return true
	}
	x := l.p.models.ExportsOf(module)
	return x != nil && x.Macro(name, arity)
}
