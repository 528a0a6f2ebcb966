package flow

import (
	"sort"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// repeated is a component that a template renders in a loop.
type repeated struct {
	module string // as written
	place  source.Span
}

// components adds the components that read the database when they update
// themselves and that some template renders for each element of a list. One that
// takes all updates at once does not.
func (r *Result) components() {
	for _, t := range r.repeated() {
		m := r.componentNamed(t.module)
		if m == nil || r.p.FuncNamed(m.ID, "update_many", 1) != nil {
			continue
		}
		f := r.p.FuncNamed(m.ID, "update", 2)
		if f == nil {
			continue
		}
		lo, hi := r.clauses(f.ID)
		for id := lo; id < hi; id++ {
			r.updates(id, t.place)
		}
	}
}

// updates adds a clause of update/2 that reads by what it is given.
func (r *Result) updates(id ClauseID, place source.Span) {
	if !r.reach[id].Serves() || r.nodes[id].macro {
		return
	}
	for _, f := range r.nodes[id].facts {
		if f.Kind == Query && f.Flags&(Cached|Async) == 0 && f.Depth <= maxHops && f.Dep&1 != 0 {
			r.loops = append(r.loops, Loop{
				Clause: id, Expr: f.Expr, Coll: ir.No, Kind: "component", Outer: ir.No, Verdict: Reported, Place: place,
				Database: Reach{Found: true, Depends: true, Inner: ir.No, Kind: f.Kind, Hops: f.Depth, Via: f.next},
			})
			return
		}
	}
}

// componentNamed is the one module that a template can mean by a name, which may
// be shortened by an alias: it is an entry's, with an update of its own.
func (r *Result) componentNamed(name string) *ir.Module {
	var found *ir.Module
	for _, m := range r.p.Modules {
		if m.Name != name && !strings.HasSuffix(m.Name, "."+name) || r.p.FuncNamed(m.ID, "update", 2) == nil {
			continue
		}
		if found != nil {
			return nil
		}
		found = m
	}
	return found
}

// repeated reads the templates of the project, in files and in code, and keeps
// the first place for each component.
func (r *Result) repeated() []repeated {
	var all []repeated
	for _, f := range r.p.Files.Files {
		if f.Kind == source.Template {
			all = append(all, inLoops(f.Text, source.Span{File: f.ID, End: int32(len(f.Text))}, true)...)
		}
	}
	for _, c := range r.p.Codes {
		if c.File == nil || inTest(c) {
			continue
		}
		for i := range c.Exprs {
			e := &c.Exprs[i]
			if e.Op != ir.Make || e.Sub != ir.MakeSigil || e.Str != "H" || e.Lo == e.Hi {
				continue
			}
			if text := c.At(c.Lists[e.Lo]); text.Op == ir.Const && strings.Contains(text.Str, liveComponent) {
				all = append(all, inLoops(text.Str, c.Span(ir.ExprID(i)), false)...)
			}
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].module < all[j].module })
	out := all[:0]
	for _, t := range all {
		if len(out) == 0 || out[len(out)-1].module != t.module {
			out = append(out, t)
		}
	}
	return out
}

const liveComponent = "live_component"

// template goes through the text of a template once.
type template struct {
	text  string
	at    int
	open  []opened
	found []repeated
}

// opened is a tag or a block that is not closed yet.
type opened struct {
	tag  string // "" for a block
	loop bool
}

// inLoops finds the components that a template renders in a loop. exact says that
// the text is the place's own, so that a component's place is known.
func inLoops(text string, place source.Span, exact bool) []repeated {
	if !strings.Contains(text, liveComponent) {
		return nil
	}
	t := &template{text: text}
	for t.at < len(text) {
		switch rest := text[t.at:]; {
		case strings.HasPrefix(rest, "<!--"):
			t.skipTo("-->")
		case strings.HasPrefix(rest, "<%"):
			t.block()
		case strings.HasPrefix(rest, "</"):
			t.closeTag()
		case len(rest) > 1 && rest[0] == '<' && (rest[1] == '.' || rest[1] == ':' || alpha(rest[1])):
			t.tag(place, exact)
		default:
			t.at++
		}
	}
	return t.found
}

func alpha(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

// skipTo goes behind the next end, or to the end of the text.
func (t *template) skipTo(end string) string {
	from := t.at
	i := strings.Index(t.text[from:], end)
	if i < 0 {
		t.at = len(t.text)
		return t.text[from:]
	}
	t.at = from + i + len(end)
	return t.text[from : from+i]
}

// block reads `<%= for x <- xs do %>`, `<% end %>` and the like.
func (t *template) block() {
	code := strings.TrimSpace(strings.TrimLeft(t.skipTo("%>"), "<%=!-#"))
	switch {
	case code == "end" || strings.HasPrefix(code, "end)") || strings.HasPrefix(code, "end "):
		for i := len(t.open) - 1; i >= 0; i-- {
			if t.open[i].tag == "" {
				t.open = t.open[:i]
				return
			}
		}
	case strings.HasSuffix(code, " do") || strings.HasSuffix(code, "->") && strings.Contains(code, "fn "):
		loop := strings.HasPrefix(code, "for ") || strings.HasPrefix(code, "Enum.")
		t.push(opened{loop: loop})
	}
}

// maxOpen bounds how deep a template nests.
const maxOpen = 256

func (t *template) push(o opened) {
	if len(t.open) < maxOpen {
		t.open = append(t.open, o)
	}
}

func (t *template) closeTag() {
	name := strings.TrimSpace(strings.TrimPrefix(t.skipTo(">"), "</"))
	for i := len(t.open) - 1; i >= 0 && t.open[i].tag != ""; i-- {
		if t.open[i].tag == name {
			t.open = t.open[:i]
			return
		}
	}
}

// tag reads an opening tag with its attributes.
func (t *template) tag(place source.Span, exact bool) {
	start := t.at
	head := t.attributes()
	body := strings.TrimSuffix(strings.TrimSuffix(head, ">"), "/")
	name := body[1:]
	if i := strings.IndexAny(name, " \t\r\n/"); i >= 0 {
		name = name[:i]
	}
	loop := strings.Contains(body, ":for=")
	if name == "."+liveComponent {
		for _, o := range t.open {
			loop = loop || o.loop
		}
		if module := attribute(body, "module"); loop && module != "" {
			if exact {
				place.Start = int32(start)
				place.End = int32(t.at)
			}
			t.found = append(t.found, repeated{module, place})
		}
		loop = strings.Contains(body, ":for=")
	}
	if !strings.HasSuffix(head, "/>") && !void(name) {
		t.push(opened{name, loop})
	}
}

// attributes goes to the end of a tag, over what stands in braces and quotes.
func (t *template) attributes() string {
	start, depth := t.at, 0
	quote := byte(0)
	for t.at++; t.at < len(t.text); t.at++ {
		b := t.text[t.at]
		switch {
		case quote != 0:
			if b == '\\' {
				t.at++
			} else if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'' && depth == 0:
			quote = b
		case b == '{':
			depth++
		case b == '}':
			depth--
		case b == '>' && depth <= 0:
			t.at++
			return t.text[start:t.at]
		}
	}
	t.at = len(t.text)
	return t.text[start:]
}

// attribute is the value of `name={Value}` in a tag.
func attribute(tag, name string) string {
	_, rest, ok := strings.Cut(tag, name+"={")
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, "}")
	value = strings.TrimSpace(value)
	for i := range len(value) {
		if b := value[i]; !alpha(b) && b != '.' && b != '_' && (b < '0' || b > '9') {
			return ""
		}
	}
	return strings.TrimPrefix(value, "__MODULE__.")
}

// void reports whether a tag of HTML is never closed.
func void(name string) bool {
	switch name {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr":
		return true
	}
	return false
}
