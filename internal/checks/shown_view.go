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
	if m := p.Program.ModuleNamed(strings.TrimSuffix(view, "View") + "Controller"); m != nil && p.Program.FuncNamed(m.ID, action, 2) != nil {
		return true
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

// templateOf is the template that a clause of a view is for: render("index.json", assigns).
func templateOf(p *check.Pass, id flow.ClauseID) (string, bool) {
	cl, fn := p.Flow.Clause(id), p.Flow.Func(id)
	if cl == nil || fn == ir.No || p.Program.Func(fn).Name != "render" || len(cl.Params) != 2 {
		return "", false
	}
	e := p.Flow.Code(id).At(cl.Params[0])
	return e.Str, e.Op == ir.Const && e.Sub == ir.LitString
}
