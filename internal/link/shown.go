package link

import (
	"path"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// showing is where a live page, a component or a channel is named: what is named nowhere is shown to
// nobody, and what is named only in the pages of the people who run the application is
// shown only to them.
type showing struct {
	modules []ir.ModuleID
	// files are templates that belong to no module, staff those among them that are for
	// those people.
	files, staff int
	// common: others than those people get to see it as well; used: anybody does.
	common, used bool
}

// shownBy finds where the live pages, components and channels of a program are named, in code, in
// templates and in text. A template may name a module by its end alone, and so may a socket, to which
// a macro gives the beginning.
func (l *linker) shownBy() map[ir.ModuleID]*showing {
	all := map[ir.ModuleID]*showing{}
	byEnd := map[string][]*ir.Module{}
	for _, m := range l.p.Modules {
		if slices.ContainsFunc(m.Behaves, named) {
			all[m.ID] = &showing{}
			end := ir.LastName(m.Name)
			byEnd[end] = append(byEnd[end], m)
		}
	}
	if len(all) == 0 {
		return all
	}
	for _, c := range l.p.Codes {
		if c.File == nil || c.File.Kind == source.Test {
			continue
		}
		in := func(m *ir.Module) {
			if s := all[m.ID]; m.ID != c.Module && !slices.Contains(s.modules, c.Module) {
				s.modules = append(s.modules, c.Module)
			}
		}
		for i := range c.Exprs {
			e := &c.Exprs[i]
			switch {
			case e.Op == ir.Const && e.Sub == ir.LitModule:
				m := l.p.ModuleNamed(e.Str)
				for _, o := range byEnd[ir.LastName(e.Str)] {
					if o == m || m == nil && slices.Contains(o.Behaves, channelModule) && strings.HasSuffix(o.Name, "."+e.Str) {
						in(o)
					}
				}
			case e.Op == ir.Const && e.Sub == ir.LitString:
				eachEndIn(e.Str, byEnd, in)
			}
		}
	}
	owners := map[string]ir.ModuleID{}
	for _, m := range l.p.Modules {
		owners[strings.TrimSuffix(l.p.Files.File(m.Span.File).Path, ".ex")] = m.ID
	}
	for _, f := range l.p.Files.Files {
		if f.Kind != source.Template {
			continue
		}
		name, _, _ := strings.Cut(path.Base(f.Path), ".")
		own := func(m *ir.Module) bool { return ir.Underscore(ir.LastName(m.Name)) == name }
		owner, owned := owners[path.Join(path.Dir(f.Path), name)]
		if !owned {
			owner, owned = owners[path.Dir(f.Path)]
		}
		seen := map[*ir.Module]bool{}
		eachEndIn(f.Text, byEnd, func(m *ir.Module) { seen[m] = true })
		for m := range seen {
			switch s := all[m.ID]; {
			case !owned && own(m): // its own template, kept in another folder
			case !owned:
				s.files++
				if forStaff(f.Path) {
					s.staff++
				}
			case owner != m.ID && !slices.Contains(s.modules, owner):
				s.modules = append(s.modules, owner)
			}
		}
	}
	return all
}

// eachEndIn calls f with the modules whose last name stands in a text as a word, outside
// comments, where a name may stand: not in the middle of what is said to people, and behind
// the part of the module's name before it, if behind any.
func eachEndIn(text string, byEnd map[string][]*ir.Module, f func(m *ir.Module)) {
	for i := 0; i < len(text); i++ {
		for i < len(text) && text[i] == '<' {
			n := commentAt(text[i:])
			if i += n; n == 0 {
				break
			}
		}
		if i == len(text) {
			return
		}
		if text[i] < 'A' || text[i] > 'Z' {
			continue
		}
		from := i
		for i < len(text) && wordByte(text[i]) {
			i++
		}
		if from > 0 && wordByte(text[from-1]) {
			continue
		}
		for _, m := range byEnd[text[from:i]] {
			if mayName(text[:from], m.Name) {
				f(m)
			}
		}
	}
}

// mayName reports whether what stands before the last name of a module lets it be a name:
// the part before it and a dot, or a sign of code.
func mayName(before, module string) bool {
	if rest, ok := strings.CutSuffix(before, "."); ok {
		outer := strings.TrimSuffix(module, "."+ir.LastName(module))
		return outer == module || strings.HasSuffix(rest, ir.LastName(outer)) || strings.HasSuffix(rest, "__MODULE__")
	}
	return ofCode(before)
}

// ofCode reports whether a name may stand behind a text: a sign of code ends it, and no word of
// what is said to people.
func ofCode(before string) bool {
	before = strings.TrimRight(before, " \t\r\n")
	return before != "" && strings.IndexByte("({[,=%|&:", before[len(before)-1]) >= 0 || strings.HasSuffix(before, "live_component")
}

// commentAt is the length of the comment that a text begins with, 0 if it begins with none.
func commentAt(text string) int {
	for _, c := range [...][2]string{{"<%#", "%>"}, {"<%!--", "--%>"}, {"<!--", "-->"}} {
		if strings.HasPrefix(text, c[0]) {
			if end := strings.Index(text[len(c[0]):], c[1]); end >= 0 {
				return len(c[0]) + end + len(c[1])
			}
			return len(text)
		}
	}
	return 0
}

func wordByte(b byte) bool {
	return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_'
}

// named reports whether what behaves like a module runs only where something names it: a route or a
// template, the socket of a channel, or what hands a connection over to a WebSocket's handler.
func named(behaviour string) bool {
	return behaviour == liveModule || behaviour == liveComponentModule || behaviour == channelModule || behaviour == webSocketModule
}

// unused reports whether nothing shows a live page, a component or a channel: no route leads to it, and
// no template and no other module names it but such that nothing shows either.
func (l *linker) unused(m *ir.Module) bool {
	s := l.shown[m.ID]
	return s != nil && l.routes != nil && !s.used
}

// markUsed marks the live pages, components and channels that something shows.
func (l *linker) markUsed() {
	if l.routes == nil {
		return
	}
	var open []ir.ModuleID
	shows := map[ir.ModuleID][]ir.ModuleID{}
	for id, s := range l.shown {
		for _, by := range s.modules {
			shows[by] = append(shows[by], id)
			s.used = s.used || l.shown[by] == nil
		}
		if s.used = s.used || s.files > 0 || l.routes.namedOrQuoted(l.p.Module(id).Name); s.used {
			open = append(open, id)
		}
	}
	l.mark(open, shows, func(s *showing) *bool { return &s.used })
}

// mark sets one of the marks of all live pages and components that some lead to.
func (l *linker) mark(open []ir.ModuleID, shows map[ir.ModuleID][]ir.ModuleID, of func(*showing) *bool) {
	reach(open, shows, func(id ir.ModuleID) bool {
		m := of(l.shown[id])
		news := !*m
		*m = true
		return news
	})
}

// reach goes from some modules on to all that they lead to; take says whether one is new.
func reach(open []ir.ModuleID, leads map[ir.ModuleID][]ir.ModuleID, take func(ir.ModuleID) bool) {
	for len(open) > 0 {
		from := open[len(open)-1]
		open = open[:len(open)-1]
		for _, to := range leads[from] {
			if take(to) {
				open = append(open, to)
			}
		}
	}
}

// staffOnly reports whether only the people who run the application get to a function of a
// module: the names of the module or of its routes say so, or, of a component, those of all
// that show it.
func (l *linker) staffOnly(id ir.ModuleID, function string) bool {
	if id == ir.No {
		return false
	}
	m := l.p.Module(id)
	switch s := l.shown[id]; {
	case forStaff(m.Name):
		return true
	case l.routes == nil:
		return false
	case s == nil && l.routes.acts(m.Name, function):
		return l.routes.staff(m.Name, function)
	case s == nil:
		return l.routes.staff(m.Name, "") // a callback of a page, which no route names
	case l.routes.named(m.Name):
		return l.routes.staff(m.Name, "")
	default:
		return !s.common
	}
}

// spread marks the live pages and components that others than the people who run the
// application get to see: first those that say so themselves, then all that these show.
func (l *linker) spread() {
	if l.routes == nil {
		return
	}
	var open []ir.ModuleID
	shows := map[ir.ModuleID][]ir.ModuleID{}
	for id, s := range l.shown {
		if name := l.p.Module(id).Name; forStaff(name) || l.routes.named(name) {
			continue // the name or the routes decide
		}
		s.common = len(s.modules)+s.files == 0 || s.staff != s.files
		for _, by := range s.modules {
			shows[by] = append(shows[by], id)
			s.common = s.common || !l.staffOnly(by, "")
		}
		if s.common {
			open = append(open, id)
		}
	}
	l.mark(open, shows, func(s *showing) *bool { return &s.common })
}
