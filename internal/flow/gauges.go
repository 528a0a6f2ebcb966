package flow

import (
	"sort"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
)

// Gauges says how much of a program was understood.
type Gauges struct {
	Calls      int          // local and remote calls of the application, its tests left out
	Resolved   int          // those whose function is known
	RepoCalls  int          // calls that go to a database
	Unresolved []Unresolved // the names that most of the others have, most frequent first
	Loops      map[string]int

	Schemas      int // modules that map to a table
	Mapped       int // those whose table is known
	Partial      int // those, and embedded ones, that are understood in part
	Associations int
	Joined       int // associations whose other schema is known
}

// Unresolved is a name that was called and not found.
type Unresolved struct {
	Name  string
	Count int
}

// Gauges counts. A call is resolved when its function is defined in the project,
// given to a module by what it behaves like, or belongs to a library's module
// known by name. A call on a module known only at run time is not. Operators and
// the arguments of macros that know names of their own hold no calls.
func (r *Result) Gauges() Gauges {
	g := Gauges{Loops: map[string]int{}}
	missing := map[string]int{}
	for _, c := range r.p.Codes {
		if c.File == nil || c.File.Kind == source.Test {
			continue
		}
		for i := range c.Exprs {
			r.gauge(c, &c.Exprs[i], &g, missing)
		}
	}
	for i := range r.loops {
		g.Loops[r.loops[i].Verdict.String()]++
	}
	r.gaugeSchemas(&g)
	for name, n := range missing {
		g.Unresolved = append(g.Unresolved, Unresolved{name, n})
	}
	sort.Slice(g.Unresolved, func(i, j int) bool {
		a, b := g.Unresolved[i], g.Unresolved[j]
		if a.Count != b.Count {
			return a.Count > b.Count
		}
		return a.Name < b.Name
	})
	return g
}

func (r *Result) gaugeSchemas(g *Gauges) {
	for _, s := range r.p.Schemas {
		if s.Partial {
			g.Partial++
		}
		g.Associations += len(s.Associations)
		for i := range s.Associations {
			if s.Associations[i].Schema >= 0 {
				g.Joined++
			}
		}
		if s.Embedded || s.Table == "" {
			continue
		}
		g.Schemas++
		if s.Rows != nil {
			g.Mapped++
		}
	}
}

func (r *Result) gauge(c *ir.Code, x *ir.Expr, g *Gauges, missing map[string]int) {
	if x.Flags&(ir.FlagForeign|ir.FlagOperator) != 0 {
		return
	}
	switch x.Op {
	case ir.Send:
		g.Calls++
		missing["<module at run time>."+x.Str]++
	case ir.Call:
		g.Calls++
		callee := &c.Callees[x.A]
		if !r.resolved(callee) {
			missing[callee.Module+"."+callee.Name]++
			return
		}
		g.Resolved++
		if _, ext := r.resolve(callee); ext != ir.No {
			if m := r.model(ext); m != nil && m.Effects&(model.Query|model.Write) != 0 {
				g.RepoCalls++
			}
		}
	}
}

// resolved reports whether a callee's function is known.
func (r *Result) resolved(c *ir.Callee) bool {
	switch {
	case c.Func != ir.No:
		return true
	case c.How == ir.Kernel || c.How == ir.Imported:
		return true
	case c.How == ir.Unresolved || c.Extern == ir.No:
		return false
	}
	e := &r.p.Externs[c.Extern]
	return e.Via != "" || e.Model != ir.No || r.p.ModuleNamed(e.Module) == nil
}
