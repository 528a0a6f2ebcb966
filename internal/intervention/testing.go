package intervention

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
)

// tests are those that each part of the change brings, or why there are none.
func (b *builder) tests() {
	for i := range b.Chosen {
		at := slices.IndexFunc(b.Fixed.Applied, func(x fix.Fix) bool { return x.Finding == b.Chosen[i].ID })
		if at < 0 {
			continue
		}
		x := &b.Fixed.Applied[at]
		t := Test{Subject: x.Title, Problems: []int{i + 1}, Files: b.testFiles(x)}
		if len(t.Files) == 0 {
			t.None = b.whyNone(x)
		}
		if run := slices.Concat(t.Files, b.callingTests(x)); len(run) > 0 {
			t.Run = "mix test " + strings.Join(run, " ")
		}
		b.addTest(t)
	}
}

// addTest adds tests of a problem, to those that say the same if there are any.
func (b *builder) addTest(t Test) {
	for i := range b.doc.Tests {
		o := &b.doc.Tests[i]
		if o.None == t.None && o.Run == t.Run && slices.Equal(o.Files, t.Files) {
			o.Problems = append(o.Problems, t.Problems...)
			if o.Subject != t.Subject {
				o.Subject = ""
			}
			return
		}
	}
	b.doc.Tests = append(b.doc.Tests, t)
}

// testFiles are the tests that a fix makes or edits.
func (b *builder) testFiles(x *fix.Fix) []string {
	var out []string
	for _, p := range described(x).Parts {
		if b.kindOf(p.Path) == source.Test && !slices.Contains(out, p.Path) {
			out = append(out, p.Path)
		}
	}
	return out
}

// whyNone says why a fix comes without a test.
func (b *builder) whyNone(x *fix.Fix) string {
	if b.NoTests {
		return "they were left out with `--no-tests`"
	}
	return x.Untested
}

// maxCalling is how many of the project's tests are named.
const maxCalling = 6

// callingTests are the tests of the project that speak of a module which a fix edits,
// or stand where its tests stand by convention.
func (b *builder) callingTests(x *fix.Fix) []string {
	var modules, paths []string
	p := b.before.Program
	for _, id := range b.touched.funcs {
		f := p.Func(id)
		path := b.before.Files.File(f.Span.File).Path
		if slices.ContainsFunc(x.Edits, func(e fix.Edit) bool { return e.Path == path }) {
			modules = append(modules, p.Module(f.Module).Name)
			paths = append(paths, strings.TrimSuffix(strings.Replace(path, "lib/", "test/", 1), ".ex")+"_test.exs")
		}
	}
	var out []string
	for _, file := range b.before.Files.Files {
		if file.Kind != source.Test || !strings.HasSuffix(file.Path, "_test.exs") || len(out) >= maxCalling {
			continue
		}
		if slices.Contains(paths, file.Path) || slices.ContainsFunc(modules, func(m string) bool { return mentions(file.Text, m) }) {
			out = append(out, file.Path)
		}
	}
	return out
}

// mentions reports whether a text calls a module by its name, or by the last part of
// it under an alias.
func mentions(text, module string) bool {
	if strings.Contains(text, module+".") {
		return true
	}
	dot := strings.LastIndexByte(module, '.')
	if dot < 0 || !strings.Contains(text, module[dot+1:]+".") {
		return false
	}
	return strings.Contains(text, "alias "+module) || strings.Contains(text, "alias "+module[:dot]+".{")
}
