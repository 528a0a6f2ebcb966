package query

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// page is a call that renders a clause of a view.
type page struct {
	caller flow.Caller
	args   []ir.ExprID // what the view's function is given; the last is what it shows
	shown  *shown      // instead of that last one
}

// shown is what a view is given to show under a name: a value, or each element
// of it.
type shown struct {
	name string
	x    ir.ExprID // in the frame of the caller
	each bool
}

// showing is what the last parameter of a view is.
func (ev *evaluator) showing(f *frame) val {
	v := ev.value(f.up, f.shown.x)
	if f.shown.each {
		v = ev.elements(v)
	}
	return val{kind: showing, str: f.shown.name, alts: []val{v}}
}

// allPages finds the calls that render views, by the clause that they render.
func (fo *follower) allPages() map[flow.ClauseID][]page {
	out := map[flow.ClauseID][]page{}
	codes := fo.codesCalling(func(c *ir.Code, k int32) bool { return rendering(fo.flow.Model(c.Callees[k].Extern)) })
	for i := range fo.flow.Len() {
		id := flow.ClauseID(i)
		c := fo.flow.Code(id)
		if fo.flow.Skipped(id) || !codes[c] {
			continue
		}
		for _, root := range fo.flow.Roots(id) {
			c.Walk(root, func(x ir.ExprID) bool {
				fo.pagesAt(id, x, out)
				return true
			})
		}
	}
	return out
}

func rendering(m *model.Call) bool {
	return m != nil && strings.HasPrefix(m.Expand, "phoenix_render")
}

// pagesAt notes what one call renders.
func (fo *follower) pagesAt(id flow.ClauseID, x ir.ExprID, out map[flow.ClauseID][]page) {
	c := fo.flow.Code(id)
	e := c.At(x)
	if e.Op != ir.Call {
		return
	}
	_, ext := fo.flow.Resolve(&c.Callees[e.A])
	m := fo.flow.Model(ext)
	if !rendering(m) {
		return
	}
	args := c.List(e)
	fn, template := fo.flow.View(c, m, args)
	if fn == ir.No || fo.putsView(c, args[0]) {
		return
	}
	p := page{caller: flow.Caller{Clause: id, Expr: x}}
	if !p.assign(fo.p, c, m, args, fn, template) {
		return
	}
	fo.flow.Targets(fn, c, p.args[:len(p.args)-1], func(t flow.ClauseID) { out[t] = append(out[t], p) })
}

// assign finds what a call gives its view to show, and reports whether it does.
func (p *page) assign(prog *ir.Program, c *ir.Code, m *model.Call, args []ir.ExprID, fn ir.FuncID, template ir.ExprID) bool {
	at := slices.Index(args, template)
	switch {
	case m.Expand == "phoenix_render_one" || m.Expand == "phoenix_render_many":
		p.args = []ir.ExprID{template, ir.No}
		p.shown = &shown{name: resourceOf(prog.Module(prog.Func(fn).Module).Name), x: args[0], each: m.Iterates != nil}
		if len(args) > 3 {
			p.shown.as(c, args[3])
		}
	case at >= 0 && at+1 < len(args):
		p.args = args[at : at+2]
	case at < 0 && len(args) == 3:
		p.args = args[2:]
	default:
		return false
	}
	return true
}

// as reads the option that gives what is shown another name.
func (s *shown) as(c *ir.Code, options ir.ExprID) {
	c.EachPair(options, func(key string, x ir.ExprID) {
		if key == "as" && c.At(x).Op == ir.Const {
			s.name = c.At(x).Str
		}
	})
}

// putsView reports whether a connection is given another view on its way.
func (fo *follower) putsView(c *ir.Code, conn ir.ExprID) bool {
	found := false
	c.Walk(conn, func(x ir.ExprID) bool {
		if e := c.At(x); e.Op == ir.Call {
			_, ext := fo.flow.Resolve(&c.Callees[e.A])
			m := fo.flow.Model(ext)
			found = found || m != nil && m.Expand == "phoenix_put_view"
		}
		return !found
	})
	return found
}

// resourceOf is the name under which a view gets what it shows: "order_line" of
// MyAppWeb.OrderLineView.
func resourceOf(view string) string {
	view = strings.TrimSuffix(ir.LastName(view), "View")
	var b strings.Builder
	for i, r := range view {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// shownBy is frame f, of a view, again, with its outermost clause rendered by p.
func (fo *follower) shownBy(f *frame, p *page) *frame {
	g := *f
	g.memo = nil
	if f.up == nil {
		g.up, g.depth, g.args, g.shown = fo.root(p.caller.Clause), 1, p.args, p.shown
		g.passed = make([]val, len(g.args))
		return &g
	}
	g.passed, g.up = make([]val, len(f.args)), fo.shownBy(f.up, p)
	if f.args == nil {
		return fo.calledByName(&g)
	}
	return &g
}
