package link

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// staffWords name, in a path, a pipeline, a hook or a module, what only the people who run
// the application get to.
func staffWords() []string {
	return []string{"admin", "admins", "administrator", "administrators", "administration", "superadmin", "superuser", "backoffice", "moderator", "moderators", "staff"}
}

// forStaff reports whether one of the words of a name or a path says so:
// `/admin/users`, `require_admin`, `MyAppWeb.Admin.UserLive`.
func forStaff(name string) bool {
	if strings.Contains(name, "BackOffice") {
		return true
	}
	for from, i := 0, 0; i <= len(name); i++ {
		if i < len(name) && name[i] >= 'a' && name[i] <= 'z' {
			continue
		}
		if slices.Contains(staffWords(), strings.ToLower(name[from:i])) {
			return true
		}
		from = i
		if i < len(name) && (name[i] < 'A' || name[i] > 'Z') {
			from = i + 1
		}
	}
	return false
}

// area is a part of a router, a scope or a live session, by its place.
type area struct {
	span  source.Span
	staff bool
	alias string // what it puts in front of the names of controllers
}

type areas []area

// areas finds the parts of a router and which of them are for the people who run the
// application: their path, their module, their hooks or the pipeline that they go through
// say so.
func (l *linker) areas(c *ir.Code) areas {
	all := areas{}
	for i := range c.Exprs {
		e := &c.Exprs[i]
		if e.Op != ir.Call || !l.ofRouter(&c.Callees[e.A], "scope", "live_session") {
			continue
		}
		a := area{span: c.Span(ir.ExprID(i))}
		for i, x := range c.List(e) {
			k := c.At(x)
			if k.Op != ir.Closure && k.Op != ir.Opaque && k.Op != ir.Block {
				a.staff = a.staff || saysStaff(c, x)
			}
			if i < 2 && k.Op == ir.Const && k.Sub == ir.LitModule {
				a.alias = k.Str
			}
			c.EachPair(x, func(key string, v ir.ExprID) {
				if key == "alias" && c.At(v).Op == ir.Const && c.At(v).Sub == ir.LitModule {
					a.alias = c.At(v).Str
				}
			})
		}
		all = append(all, a)
	}
	if c.Module != ir.No {
		for _, g := range l.p.Module(c.Module).Guarded {
			if forDevelopers(l.p.Files.File(g.Condition.File).Text[g.Condition.Start:g.Condition.End]) {
				all = append(all, area{span: g.Body, staff: true})
			}
		}
	}
	for i := range c.Exprs {
		if e := &c.Exprs[i]; e.Op == ir.Branch && e.A >= 0 && e.B >= 0 && forDevelopers(c.File.Text[c.Span(ir.ExprID(e.A)).Start:c.Span(ir.ExprID(e.A)).End]) {
			all = append(all, area{span: c.Span(ir.ExprID(e.B)), staff: true})
		}
	}
	for i := range c.Exprs {
		if e := &c.Exprs[i]; e.Op == ir.Call && len(all) > 0 && l.ofRouter(&c.Callees[e.A], "pipe_through") && saysStaff(c, ir.ExprID(i)) {
			if a := all.around(c.Span(ir.ExprID(i))); a != nil {
				a.staff = true
			}
		}
	}
	return all
}

// forDevelopers reports whether a condition holds only where the program is developed or
// tested, as `Mix.env() == :test` and the setting `dev_routes` do.
func forDevelopers(condition string) bool {
	return strings.Contains(condition, "dev_routes") ||
		strings.Contains(condition, "Mix.env") && !strings.Contains(condition, ":prod") && !strings.Contains(condition, "!=") && !strings.Contains(condition, "not ")
}

// ofRouter reports whether a call is of one of a router's macros.
func (l *linker) ofRouter(k *ir.Callee, names ...string) bool {
	return k.Extern != ir.No && slices.Contains(names, k.Name) &&
		slices.Contains([]string{"Phoenix.Router", "Phoenix.LiveView.Router"}, l.p.Externs[k.Extern].Module)
}

// saysStaff reports whether a constant in an expression is the name of something for the
// people who run the application.
func saysStaff(c *ir.Code, x ir.ExprID) bool {
	found := false
	c.Walk(x, func(y ir.ExprID) bool {
		found = found || c.At(y).Op == ir.Const && forStaff(c.At(y).Str)
		return !found
	})
	return found
}

// around is the smallest area around a place, or nil.
func (as areas) around(s source.Span) *area {
	var best *area
	for i := range as {
		if a := &as[i]; a.span.Contains(s) && (best == nil || a.span.Len() < best.span.Len()) {
			best = a
		}
	}
	return best
}

// named is the full name of a controller that a route at a place names.
func (as areas) named(s source.Span, name string) string {
	var around []*area
	for i := range as {
		if as[i].alias != "" && as[i].span.Contains(s) {
			around = append(around, &as[i])
		}
	}
	slices.SortFunc(around, func(a, b *area) int { return a.span.Len() - b.span.Len() })
	for _, a := range around {
		name = a.alias + "." + name
	}
	return name
}

// staff reports whether a place is in an area for the people who run the application.
func (as areas) staff(s source.Span) bool {
	return slices.ContainsFunc(as, func(a area) bool { return a.staff && a.span.Contains(s) })
}
