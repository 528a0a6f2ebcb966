package checks

import (
	"path"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// formLacks reports whether the page that a clause of a controller or of a live page answers for has a
// form, and nothing on it names a field: only a request by hand sends one.
func formLacks(p *ir.Program, c *ir.Code, field string) bool {
	form := false
	for _, f := range p.Files.Files {
		if !ofPageFile(c.File.Path, f) {
			continue
		}
		if namesField(f.Text, field) {
			return false
		}
		form = form || hasForm(f.Text)
	}
	return form
}

// ofPageFile reports whether a file holds what the page of another file shows: for a controller the
// templates of its name, or the module that renders them; for a live page itself and the template beside it.
func ofPageFile(page string, f *source.File) bool {
	dir, name := path.Split(page)
	base, controller := strings.CutSuffix(name, "_controller.ex")
	if !controller {
		beside, _ := strings.CutSuffix(name, ".ex")
		of, last := path.Split(f.Path)
		first, _, _ := strings.Cut(last, ".")
		return f.Path == page || f.Kind == source.Template && of == dir && first == beside
	}
	if f.Kind != source.Template {
		last := path.Base(f.Path)
		return last == base+"_html.ex" || last == base+"_view.ex"
	}
	of := path.Base(path.Dir(f.Path))
	return of == base || of == base+"_html"
}

// hasForm reports whether a template or a module that renders one has a form.
func hasForm(text string) bool {
	for _, start := range []string{"<form", "<.form", "<Form", "form_for", "simple_form"} {
		if strings.Contains(text, start) {
			return true
		}
	}
	return false
}

// namesField reports whether a text has the name of a field as an atom, as a text or as a key of
// parameters: `:email`, `"email"`, `user[email]`.
func namesField(text, field string) bool {
	return strings.Contains(text, `"`+field+`"`) || strings.Contains(text, "["+field+"]") || mentions(text, ":"+field)
}
