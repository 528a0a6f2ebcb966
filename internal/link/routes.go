package link

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// What controllers, live pages and channels behave like.
const (
	controllerModule    = "Phoenix.Controller"
	liveModule          = "Phoenix.LiveView"
	liveComponentModule = "Phoenix.LiveComponent"
	channelModule       = "Phoenix.Channel"
	webSocketModule     = "WebSock"
)

// routes are what the routers of a program say of its controllers and live pages. The
// scopes around a route put the beginning in front of the name; where what comes of it is
// no module, the name is taken for the end of any.
type routes struct {
	// actions are the actions that routes name, by what they call the controller.
	actions map[string][]route
	// whole are controllers that something else than a route names: which of their
	// actions are asked for is not known.
	whole map[string]bool
	// quoted are names in the files of modules that others use, as what they quote may be routes:
	// true where one stands only in what is quoted for developers.
	quoted map[string]bool
}

// route is an action, "" for any, and whether only the people who run the application
// get there.
type route struct {
	action string
	staff  bool
}

// routesOf reads the routers of a program, or is nil where there is none, or where a
// route's controller is not written out.
func (l *linker) routesOf() *routes {
	r := &routes{map[string][]route{}, map[string]bool{}, l.quotedNames()}
	last := l.byLast()
	codes := l.running()
	forwards := false               // a router hands requests on
	taken := map[source.Span]bool{} // a route that a macro of a router quotes stands in the macro as well
	for _, c := range codes {
		forwards = forwards || slices.ContainsFunc(c.Callees, func(k ir.Callee) bool {
			return k.Extern != ir.No && l.p.Externs[k.Extern].Module == "Phoenix.Router" && k.Name == "forward"
		})
		var parts areas
		for i := range c.Exprs {
			e := &c.Exprs[i]
			if e.Op != ir.Call || !l.routing(&c.Callees[e.A]) {
				continue
			}
			if parts == nil {
				parts = l.areas(c)
			}
			at, names := routed(c, c.Callees[e.A].Name, c.List(e))
			if at == ir.No {
				return nil
			}
			taken[c.Span(at)] = true
			staff := parts.staff(c.Span(ir.ExprID(i))) || c.At(c.List(e)[0]).Op == ir.Const && forStaff(c.At(c.List(e)[0]).Str)
			name := c.At(at).Str
			if full := parts.named(c.Span(ir.ExprID(i)), name); l.p.ModuleNamed(full) != nil || l.p.ModuleNamed(name) == nil && ambiguous(last, name) {
				name = full
			}
			for _, action := range names {
				r.actions[name] = append(r.actions[name], route{action, staff})
			}
		}
	}
	for _, c := range codes {
		for i := range c.Exprs {
			e := &c.Exprs[i]
			if e.Op == ir.Const && e.Sub == ir.LitModule && !taken[c.Span(ir.ExprID(i))] && (c.Module == ir.No || l.p.Module(c.Module).Name != e.Str) {
				r.whole[e.Str] = true
			}
		}
	}
	if len(r.actions) == 0 && !forwards {
		return nil
	}
	return r
}

// running are the codes of a program that its own files hold, and not its tests.
func (l *linker) running() []*ir.Code {
	return slices.DeleteFunc(slices.Clone(l.p.Codes), func(c *ir.Code) bool {
		return c.File == nil || c.File.Kind != source.Lib && c.File.Kind != source.Config
	})
}

// byLast are the names of the modules by their last part.
func (l *linker) byLast() map[string][]string {
	out := make(map[string][]string, len(l.p.Modules))
	for _, m := range l.p.Modules {
		last := ir.LastName(m.Name)
		out[last] = append(out[last], m.Name)
	}
	return out
}

// ambiguous reports whether several of the names that end in the same part end with one.
func ambiguous(byLast map[string][]string, name string) bool {
	n := 0
	for _, m := range byLast[ir.LastName(name)] {
		if strings.HasSuffix(m, "."+name) {
			n++
		}
	}
	return n > 1
}

// routing reports whether a call declares routes to a controller.
func (l *linker) routing(k *ir.Callee) bool {
	if k.Extern == ir.No {
		return false
	}
	switch l.p.Externs[k.Extern].Module {
	case "Phoenix.Router":
		return k.Name == "resources" || k.Name == "match" || slices.Contains(verbs(), k.Name)
	case "Phoenix.LiveView.Router":
		return k.Name == "live"
	}
	return false
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
	if name == "live" {
		return at, []string{""} // the action of a live page chooses no function
	}
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
	found := false
	eachEnd(controller, func(name string) {
		found = found || r.whole[name] || has(r.quoted, name) || slices.ContainsFunc(r.actions[name], func(a route) bool { return a.action == action || a.action == "" })
	})
	return found
}

// staff reports whether routes lead to a module, for an action if it is not "", and only
// such that the people who run the application take.
func (r *routes) staff(module, action string) bool {
	some, all := false, true
	eachEnd(module, func(name string) {
		for _, a := range r.actions[name] {
			if action == "" || a.action == "" || a.action == action {
				some, all = true, all && a.staff
			}
		}
		some = some || r.quoted[name]
	})
	return some && all
}

// acts reports whether a route leads to a function of a module.
func (r *routes) acts(module, function string) bool {
	found := false
	eachEnd(module, func(name string) {
		found = found || slices.ContainsFunc(r.actions[name], func(a route) bool { return a.action == function || a.action == "" })
	})
	return found
}

// named reports whether a route leads to a module.
func (r *routes) named(module string) bool {
	found := false
	eachEnd(module, func(name string) { found = found || len(r.actions[name]) > 0 })
	return found
}

// namedOrQuoted reports whether a route leads to a module, or what a module quotes may be one.
func (r *routes) namedOrQuoted(module string) bool {
	found := r.named(module)
	eachEnd(module, func(name string) { found = found || has(r.quoted, name) })
	return found
}

func has(set map[string]bool, name string) bool {
	_, ok := set[name]
	return ok
}

// quotedNames are the names of modules that stand in the files of those with a `__using__`, and
// whether they do so only where all that is quoted is for developers.
func (l *linker) quotedNames() map[string]bool {
	names := map[string]bool{}
	seen := map[source.FileID]bool{}
	for _, f := range l.p.Funcs {
		if !f.Macro() || f.Name != "__using__" || seen[f.NameSpan.File] {
			continue
		}
		seen[f.NameSpan.File] = true
		file := l.p.Files.File(f.NameSpan.File)
		if file.Kind != source.Lib {
			continue
		}
		developers := quotedFor(file)
		for i := 0; i < len(file.Text); i++ {
			from := i
			for i < len(file.Text) && (wordByte(file.Text[i]) || file.Text[i] == '.') {
				i++
			}
			if name := file.Text[from:i]; name != "" && name[0] >= 'A' && name[0] <= 'Z' && ofCode(file.Text[:from]) {
				there, before := names[name]
				names[name] = (!before || there) && developers >= 0 && from > developers
			}
		}
	}
	return names
}

// quotedFor is the byte offset of the condition that a quoted block of a file starts with if it holds only
// where the program is developed or tested, or -1.
func quotedFor(f *source.File) int {
	const block = "quote do"
	at := strings.Index(f.Text, block)
	if at < 0 || strings.Contains(f.Text[at+len(block):], block) {
		return -1
	}
	at += len(block)
	rest := strings.TrimLeft(f.Text[at:], " \t\r\n")
	at = len(f.Text) - len(rest)
	line, _, _ := strings.Cut(rest, "\n")
	if !strings.HasPrefix(line, "if ") || !forDevelopers(line) {
		return -1
	}
	return at
}

// eachEnd calls f with the ends of a module's name by which a router may call it:
// A.B.C, B.C, C.
func eachEnd(module string, f func(name string)) {
	for {
		f(module)
		i := strings.IndexByte(module, '.')
		if i < 0 {
			return
		}
		module = module[i+1:]
	}
}
