package elixir

import (
	"errors"
	"path"
	"regexp"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

var (
	errThere   = errors.New("the supervisor is there already; to see the process below it, a test would have to call the function with arguments that the program does not show")
	errStopped = errors.New("the tests run without the application, so that no supervisor of it is there")
)

// testSupervised looks that the supervisor runs which a fix adds to an application.
func (w *Writer) testSupervised(f *fix.Fix, file *source.File) (suite, error) {
	home := w.Files.App(file.Path)
	app, _ := w.application(home)
	if app == nil || home == nil {
		return suite{}, errNoApplication
	}
	mix := w.Files.Named(path.Join(home.Dir, "mix.exs"))
	if mix == nil || strings.Contains(mix.Text, "--no-start") || !strings.Contains(mix.Text, "mod: {"+app.Name) {
		return suite{}, errStopped
	}
	added := regexp.MustCompile(`\{[\w.]*Supervisor, name: ([\w.]+)\}`)
	for _, e := range f.Edits {
		m := added.FindStringSubmatch(e.Text)
		if m == nil {
			continue
		}
		s, err := w.plainSuite(app.Name, ir.Underscore(m[1][strings.LastIndexByte(m[1], '.')+1:]))
		s.reason = "It fails as long as the application does not start the supervisor."
		s.tests = []testText{{"the application starts " + m[1], "assert " + m[1] + " |> Process.whereis() |> is_pid()\n"}}
		return s, err
	}
	return suite{}, errThere
}
