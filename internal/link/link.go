// Package link joins the lowered files and the models to one Program: every
// callee gets its target, and the places where the outside world enters are
// found. Names are already resolved; link knows no language.
package link

import (
	"sort"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/lower/elixir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// Link lowers the trees, which are by FileID and nil for files of unknown
// languages, and links what comes out. par runs its function for 0 … n-1.
func Link(files *source.Set, trees []*syntax.Tree, models *model.Set, par func(n int, f func(i int))) *ir.Program {
	p := elixir.Lower(files, trees, models, par)
	l := &linker{p: p, models: models, wanted: make([][]ir.Extern, len(p.Codes)), entered: map[ir.FuncID]bool{}}
	l.sends(par)
	par(len(p.Codes), func(i int) { l.wanted[i] = l.callees(p.Codes[i]) })
	l.externs()
	par(len(p.Codes), func(i int) { l.assign(i) })
	l.entries()
	return p
}

type linker struct {
	p       *ir.Program
	models  *model.Set
	wanted  [][]ir.Extern // by Code: the library functions its callees name, by CalleeID
	ids     map[ir.Extern]ir.ExternID
	entered map[ir.FuncID]bool // functions that are an Entry already
	routes  *routes            // or nil where they are not known
	shown   map[ir.ModuleID]*showing
	idle    map[ir.ModuleID]bool // processes that nothing starts
	// asked is what the schemas say of the functions that give the values of fields.
	asked map[*ir.Code]map[ir.ExprID]asking
}

// asking says how a function that gives the value of a field is asked for it.
type asking struct {
	perObject bool            // for each object of a list
	takes     map[string]bool // with values that a client may send under these names, any if nil
	staff     bool            // by the people who run the application alone, the middleware says
}

// callees gives the project's own functions to the callees of a code; the
// others come back as externs, by CalleeID, with an empty Name where there is
// none.
func (l *linker) callees(c *ir.Code) []ir.Extern {
	out := make([]ir.Extern, len(c.Callees))
	for i := range c.Callees {
		k := &c.Callees[i]
		if k.Module == "" {
			continue
		}
		m := l.p.ModuleNamed(k.Module)
		if m == nil {
			out[i] = l.extern(k.Module, k.Name, k.Arity, "")
			continue
		}
		if f := l.p.FuncNamed(m.ID, k.Name, k.Arity); f != nil {
			k.Func = f.ID
			continue
		}
		out[i] = l.behaviour(m, k)
	}
	return out
}

// behaviour finds a function that a module has without defining it.
func (l *linker) behaviour(m *ir.Module, k *ir.Callee) ir.Extern {
	for _, b := range m.Behaves {
		if l.models.CallOf(b, k.Name, k.Arity) >= 0 {
			return l.extern(b, k.Name, k.Arity, m.Name)
		}
	}
	for _, s := range m.Made {
		if s.Name == k.Name && s.Arity == k.Arity {
			return l.extern(m.Name, k.Name, k.Arity, m.Name)
		}
	}
	// Compilers and protocols make functions such as __struct__ and impl_for.
	if strings.HasPrefix(k.Name, "__") || k.Name == "module_info" ||
		m.Kind == ir.ProtocolModule && strings.HasPrefix(k.Name, "impl_for") {
		return l.extern(m.Name, k.Name, k.Arity, m.Name)
	}
	return ir.Extern{}
}

func (l *linker) extern(module, name string, arity int, via string) ir.Extern {
	return ir.Extern{Module: module, Name: name, Arity: arity, Via: via, Model: l.models.CallOf(module, name, arity)}
}

// externs numbers the library functions in the order of their names.
func (l *linker) externs() {
	l.ids = map[ir.Extern]ir.ExternID{}
	for _, list := range l.wanted {
		for _, e := range list {
			if _, seen := l.ids[e]; !seen && e.Name != "" {
				l.ids[e] = 0
				l.p.Externs = append(l.p.Externs, e)
			}
		}
	}
	sort.Slice(l.p.Externs, func(i, j int) bool {
		a, b := l.p.Externs[i], l.p.Externs[j]
		switch {
		case a.Module != b.Module:
			return a.Module < b.Module
		case a.Name != b.Name:
			return a.Name < b.Name
		case a.Arity != b.Arity:
			return a.Arity < b.Arity
		}
		return a.Via < b.Via
	})
	for i, e := range l.p.Externs {
		l.ids[e] = ir.ExternID(i)
	}
}

func (l *linker) assign(code int) {
	c := l.p.Codes[code]
	for i, e := range l.wanted[code] {
		if e.Name != "" {
			c.Callees[i].Extern = l.ids[e]
		}
	}
}
