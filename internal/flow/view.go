package flow

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// rendersView reports whether a call renders a view that it names: a module
// with a function render(template, assigns).
func rendersView(m *model.Call) bool {
	return m != nil && strings.HasPrefix(m.Expand, "phoenix_render")
}

// view finds the function that such a call runs, and the template's argument if
// the function takes it as its first parameter. A controller that names no view
// renders the one of its own name.
func (a *analysis) view(c *ir.Code, m *model.Call, args []ir.ExprID) (fn ir.FuncID, template ir.ExprID) {
	for i := 0; i+1 < len(args); i++ {
		name, t := c.At(args[i]), c.At(args[i+1])
		if name.Op == ir.Const && name.Sub == ir.LitModule && t.Op == ir.Const && t.Sub == ir.LitString {
			return a.function(name.Str, "render", 2), args[i+1]
		}
	}
	if m.Expand != "phoenix_render_own" || len(args) < 2 || c.Module == ir.No {
		return ir.No, ir.No
	}
	base, ok := strings.CutSuffix(a.p.Modules[c.Module].Name, "Controller")
	t := c.At(args[1])
	if !ok || t.Op != ir.Const || t.Sub != ir.LitString && t.Sub != ir.LitAtom {
		return ir.No, ir.No
	}
	if fn = a.function(base+"View", "render", 2); fn != ir.No && t.Sub == ir.LitString {
		return fn, args[1]
	}
	action, _, _ := strings.Cut(t.Str, ".")
	for _, format := range [...]string{"JSON", "HTML"} {
		if fn = a.function(base+format, action, 1); fn != ir.No {
			return fn, ir.No
		}
	}
	return ir.No, ir.No
}

// function is a function of the project by its names, or No.
func (a *analysis) function(module, name string, arity int) ir.FuncID {
	if m := a.p.ModuleNamed(module); m != nil {
		if f := a.p.FuncNamed(m.ID, name, arity); f != nil {
			return f.ID
		}
	}
	return ir.No
}

// render runs the view that a call renders, once or for each element.
func (e *eval) render(at ir.ExprID, m *model.Call, args []ir.ExprID, vals []value, all value) {
	fn, template := e.view(e.c, m, args)
	if fn == ir.No {
		return
	}
	for i := range vals {
		all.rows |= vals[i].rows
	}
	run := func(assigns value) value {
		if template == ir.No {
			return e.project(at, fn, nil, []value{assigns})
		}
		return e.project(at, fn, []ir.ExprID{template}, []value{{def: int32(template)}, assigns})
	}
	if m.Iterates == nil || *m.Iterates >= len(args) {
		run(all)
		return
	}
	coll := args[*m.Iterates]
	i, bit := e.newLoop(Loop{Expr: at, Coll: coll, Kind: "view", Bound: e.bound(coll, 8), rows: storedRows})
	all.dep |= bit
	if len(args) == 3 {
		all.loaded = vals[*m.Iterates].loaded
	}
	e.inside(context{loop: i, bit: bit}, func() value { return run(all) })
}
