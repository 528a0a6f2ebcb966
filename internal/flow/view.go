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

// view finds the function that such a call runs, and its template's argument.
func (a *analysis) view(c *ir.Code, args []ir.ExprID) (fn ir.FuncID, template ir.ExprID) {
	for i := 0; i+1 < len(args); i++ {
		name, t := c.At(args[i]), c.At(args[i+1])
		if name.Op != ir.Const || name.Sub != ir.LitModule || t.Op != ir.Const || t.Sub != ir.LitString {
			continue
		}
		if m := a.p.ModuleNamed(name.Str); m != nil {
			if f := a.p.FuncNamed(m.ID, "render", 2); f != nil {
				return f.ID, args[i+1]
			}
		}
	}
	return ir.No, ir.No
}

// render runs the view that a call renders, once or for each element.
func (e *eval) render(at ir.ExprID, m *model.Call, args []ir.ExprID, all value) {
	fn, template := e.view(e.c, args)
	if fn == ir.No {
		return
	}
	run := func(assigns value) value {
		return e.project(at, fn, []ir.ExprID{template}, []value{{def: int32(template)}, assigns})
	}
	if m.Iterates == nil || *m.Iterates >= len(args) {
		run(all)
		return
	}
	coll := args[*m.Iterates]
	i, bit := e.newLoop(Loop{Expr: at, Coll: coll, Kind: "view", Bound: e.bound(coll, 8)})
	all.dep |= bit
	e.inside(context{loop: i, bit: bit}, func() value { return run(all) })
}
