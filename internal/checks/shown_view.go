package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// maxShownCalls is how many clauses of one view render each other until a page is made.
const maxShownCalls = 4

// shown reports whether something renders what a clause is, if it is one of a view for a
// template: another module does, the controller of the same name has an action of the
// template's name, or code that names the view has the template's name.
func shown(p *check.Pass, id flow.ClauseID, depth int) bool {
	template, ok := templateOf(p, id)
	if !ok {
		return true
	}
	module := p.Flow.Module(id)
	for _, k := range p.Flow.CallersOf(id) {
		if p.Flow.Module(k.Clause) != module || depth > 0 && k.Clause != id && shown(p, k.Clause, depth-1) {
			return true
		}
	}
	view := p.Program.Module(module).Name
	action, _, _ := strings.Cut(template, ".")
	if m := p.Program.ModuleNamed(strings.TrimSuffix(view, "View") + "Controller"); m != nil {
		if fn := p.Program.FuncNamed(m.ID, action, 2); fn != nil && !rendersOther(p, fn.ID, view, template) {
			return true
		}
	}
	return slices.ContainsFunc(p.Program.Codes, func(c *ir.Code) bool {
		if c.File == nil || c.File.Kind == source.Test || c.Module == module {
			return false
		}
		names, says := false, false
		for i := range c.Exprs {
			if e := &c.Exprs[i]; e.Op == ir.Const {
				names = names || e.Sub == ir.LitModule && e.Str == view
				says = says || e.Str == template || e.Str == action
			}
		}
		return names && says
	})
}

// rendersOther reports whether an action renders templates of its view that it names, and not a certain one.
func rendersOther(p *check.Pass, fn ir.FuncID, view, template string) bool {
	action, _, _ := strings.Cut(template, ".")
	other := false
	lo, hi := p.Flow.Clauses(fn)
	for id := lo; id < hi; id++ {
		c := p.Flow.Code(id)
		own := false
		c.Walk(p.Flow.Body(id), func(x ir.ExprID) bool {
			e := c.At(x)
			elsewhere := func(a ir.ExprID) bool {
				k := c.At(a)
				return k.Op == ir.Const && k.Sub == ir.LitModule && k.Str != view
			}
			if e.Op != ir.Call || c.Callees[e.A].Name != "render" || slices.ContainsFunc(c.List(e), elsewhere) {
				return true
			}
			for _, a := range c.List(e) {
				if k := c.At(a); k.Op == ir.Const && (k.Sub == ir.LitString || k.Sub == ir.LitAtom) {
					own = own || k.Str == template || k.Str == action
					other = other || k.Str != template && k.Str != action
				}
			}
			return true
		})
		if own {
			return false
		}
	}
	return other
}

// templateOf is the template that a clause of a view is for: render("index.json", assigns).
func templateOf(p *check.Pass, id flow.ClauseID) (string, bool) {
	cl, fn := p.Flow.Clause(id), p.Flow.Func(id)
	if cl == nil || fn == ir.No || p.Program.Func(fn).Name != "render" || len(cl.Params) != 2 {
		return "", false
	}
	e := p.Flow.Code(id).At(cl.Params[0])
	return e.Str, e.Op == ir.Const && e.Sub == ir.LitString
}
