package link

import (
	"path"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// showing is where a live page or component is named: what is named nowhere is shown to
// nobody, and what is named only in the pages of the people who run the application is
// shown only to them.
type showing struct {
	modules []ir.ModuleID
	// files are templates that belong to no module, staff those among them that are for
	// those people.
	files, staff int
	// common: others than those people get to see it as well.
	common bool
}

// shownBy finds where the live pages and components of a program are named, in code, in
// templates and in text. A template may name a module by its end alone.
func (l *linker) shownBy() map[ir.ModuleID]*showing {
	all := map[ir.ModuleID]*showing{}
	byEnd := map[string][]*ir.Module{}
	for _, m := range l.p.Modules {
		if slices.Contains(m.Behaves, liveModule) || slices.Contains(m.Behaves, liveComponentModule) {
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
				if m := l.p.ModuleNamed(e.Str); m != nil && all[m.ID] != nil {
					in(m)
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
		owner, owned := owners[path.Join(path.Dir(f.Path), name)]
		if !owned {
			owner, owned = owners[path.Dir(f.Path)]
		}
		seen := map[*ir.Module]bool{}
		eachEndIn(f.Text, byEnd, func(m *ir.Module) { seen[m] = true })
		for m := range seen {
			switch s := all[m.ID]; {
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

// eachEndIn calls f with the modules whose last name stands in a text as a word.
func eachEndIn(text string, byEnd map[string][]*ir.Module, f func(m *ir.Module)) {
	for i := 0; i < len(text); i++ {
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
			f(m)
		}
	}
}

func wordByte(b byte) bool {
	return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_'
}

// unused reports whether nothing shows a live page or component: no route leads to it and
// no other module and no template names it.
func (l *linker) unused(m *ir.Module) bool {
	s := l.shown[m.ID]
	return s != nil && l.routes != nil && !l.routes.named(m.Name) && len(s.modules) == 0 && s.files == 0
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
	case s == nil:
		return l.routes.staff(m.Name, function)
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
	for len(open) > 0 {
		by := open[len(open)-1]
		open = open[:len(open)-1]
		for _, id := range shows[by] {
			if s := l.shown[id]; !s.common {
				s.common = true
				open = append(open, id)
			}
		}
	}
}
