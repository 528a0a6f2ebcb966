package elixir

import (
	"errors"
	"regexp"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
)

var (
	errStarts = errors.New("production reads the value when it starts, which a test of the running program does not do again")
	errGiven  = errors.New("no public function gives the secret itself, so that a test does not see where it comes from")
)

// testConfigured looks that a function gives the secret which is configured.
func (w *Writer) testConfigured(f *fix.Fix, c *fix.ReadSecret) (suite, error) {
	if c.Code.File.Kind != source.Lib {
		return suite{}, errStarts
	}
	k, err := w.callTo(c.Code, c.Value)
	if err != nil || k.fn.Arity != 0 || lastOf(c.Code, k.clause.Body) != c.Value {
		return suite{}, errGiven
	}
	setting := ""
	for _, e := range f.Edits {
		if m := regexp.MustCompile(`Application\.fetch_env!\((:\w+, :\w+)\)$`).FindStringSubmatch(e.Text); m != nil && e.Path == c.Code.File.Path {
			setting = m[1]
		}
	}
	if setting == "" {
		return suite{}, errGiven
	}
	module := w.Program.Module(k.fn.Module).Name
	s, err := w.plainSuite(module, k.fn.Name+"_configured")
	if err != nil {
		return s, err
	}
	short := module[strings.LastIndexByte(module, '.')+1:]
	if short != module {
		s.aliases = []string{module}
	}
	s.use = "use ExUnit.Case" // others must not run while the configuration is another one
	s.reason = "It fails where the secret stands in the source."
	s.tests = []testText{{k.fn.Name + " gives what is configured", strings.Join([]string{
		"was = Application.get_env(" + setting + ")",
		"on_exit(fn -> Application.put_env(" + setting + ", was) end)",
		"Application.put_env(" + setting + ", \"another\")", "",
		"assert " + short + "." + k.fn.Name + "() == \"another\"", "",
	}, "\n")}}
	return s, nil
}
