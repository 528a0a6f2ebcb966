package link

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// controllerModule is what controllers behave like.
const controllerModule = "Phoenix.Controller"

// routes are what the routers of a program say of its controllers. A router names a
// controller by the end of its full name, as the scopes around the route put the rest
// in front.
type routes struct {
	// actions are the actions that routes name, by what they call the controller.
	actions map[string][]string
	// whole are controllers that something else than a route names: which of their
	// actions are asked for is not known.
	whole map[string]bool
}

// routesOf reads the routers of a program, or is nil where there is none, or where a
// route's controller is not written out.
func (l *linker) routesOf() *routes {
	r := &routes{map[string][]string{}, map[string]bool{}}
	for _, c := range l.p.Codes {
		if c.File == nil || c.File.Kind != source.Lib && c.File.Kind != source.Config {
			continue
		}
		taken := map[ir.ExprID]bool{}
		for i := range c.Exprs {
			e := &c.Exprs[i]
			if e.Op != ir.Call || !l.routing(&c.Callees[e.A]) {
				continue
			}
			at, names := routed(c, c.Callees[e.A].Name, c.List(e))
			if at == ir.No {
				return nil
			}
			taken[at] = true
			r.actions[c.At(at).Str] = append(r.actions[c.At(at).Str], names...)
		}
		for i := range c.Exprs {
			if e := &c.Exprs[i]; e.Op == ir.Const && e.Sub == ir.LitModule && !taken[ir.ExprID(i)] {
				r.whole[e.Str] = true
			}
		}
	}
	if len(r.actions) == 0 {
		return nil
	}
	return r
}

// routing reports whether a call declares routes to a controller.
func (l *linker) routing(k *ir.Callee) bool {
	if k.Extern == ir.No || l.p.Externs[k.Extern].Module != "Phoenix.Router" {
		return false
	}
	return k.Name == "resources" || k.Name == "match" || slices.Contains(verbs(), k.Name)
}

// verbs are the macros that route one method.
func verbs() []string {
	return []string{"get", "post", "put", "patch", "delete", "options", "connect", "trace", "head"}
}

// resourceActions are the actions that `resources` routes to.
func resourceActions() []string {
	return []string{"index", "new", "create", "show", "edit", "update", "delete"}
}

// routed is where a route names its controller, or No if it does not say so, and the
// actions that it routes to; "" stands for any.
func routed(c *ir.Code, name string, args []ir.ExprID) (ir.ExprID, []string) {
	first := 1
	if name == "match" {
		first = 2
	}
	if len(args) <= first || c.At(args[first]).Op != ir.Const {
		return ir.No, nil
	}
	at := args[first]
	if name != "resources" {
		if len(args) == first+1 || c.At(args[first+1]).Op != ir.Const {
			return at, []string{""}
		}
		return at, []string{c.At(args[first+1]).Str}
	}
	actions := resourceActions()
	for _, a := range args[first+1:] {
		c.EachPair(a, func(key string, list ir.ExprID) {
			if key != "only" && key != "except" {
				return
			}
			named, ok := atoms(c, list)
			switch {
			case !ok:
				actions = []string{""}
			case key == "only":
				actions = named
			default:
				actions = slices.DeleteFunc(actions, func(n string) bool { return slices.Contains(named, n) })
			}
		})
	}
	return at, actions
}

// atoms are the elements of a literal list of atoms.
func atoms(c *ir.Code, list ir.ExprID) ([]string, bool) {
	e := c.At(list)
	if e.Op != ir.Make || e.Sub != ir.MakeList {
		return nil, false
	}
	var out []string
	for _, x := range c.List(e) {
		k := c.At(x)
		if k.Op != ir.Const {
			return nil, false
		}
		out = append(out, k.Str)
	}
	return out, true
}

// reaches reports whether a request may get to an action of a controller.
func (r *routes) reaches(controller, action string) bool {
	if action == "call" || action == "action" || action == "init" {
		return true
	}
	for at := len(controller); at >= 0; at = strings.LastIndexByte(controller[:at], '.') {
		name := strings.TrimPrefix(controller[max(at, 0):], ".")
		if at == len(controller) {
			name = controller
		}
		if r.whole[name] || slices.Contains(r.actions[name], action) || slices.Contains(r.actions[name], "") {
			return true
		}
		if at == 0 {
			break
		}
	}
	return false
}
