package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/source"
)

// suiteFiles are what every project of testdata/suites has.
var suiteFiles = map[string]string{
	"mix.exs": `defmodule MyApp.MixProject do
  use Mix.Project
  def project, do: [app: :my_app]
  def application, do: [mod: {MyApp.Application, []}]
end
`,
	"config/test.exs":    "import Config\n",
	"lib/my_app/repo.ex": "defmodule MyApp.Repo do\n  use Ecto.Repo, otp_app: :my_app, adapter: Ecto.Adapters.Postgres\nend\n",
	"test/support/data_case.ex": `defmodule MyApp.DataCase do
  use ExUnit.CaseTemplate

  using do
    quote do
      alias MyApp.Repo
    end
  end

  setup tags do
    pid = Ecto.Adapters.SQL.Sandbox.start_owner!(MyApp.Repo, shared: not tags[:async])
    on_exit(fn -> Ecto.Adapters.SQL.Sandbox.stop_owner(pid) end)
  end
end
`,
	"test/test_helper.exs": "ExUnit.start()\n",
}

// suite is a project, the checks whose findings are fixed, the tests that the fixes
// bring, and by file why one brings none.
type suite struct {
	files  *source.Set
	checks []string
	want   map[string]string
	none   map[string]string
}

func readSuite(t *testing.T, name string) suite {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	a := txtar.Parse(text)
	s := suite{want: map[string]string{}, none: map[string]string{}}
	for line := range strings.Lines(string(a.Comment)) {
		if list, ok := strings.CutPrefix(line, "checks: "); ok {
			s.checks = strings.Fields(list)
		}
		if none, ok := strings.CutPrefix(line, "none: "); ok {
			path, why, _ := strings.Cut(strings.TrimSpace(none), " ")
			s.none[path] = why
		}
	}
	all := map[string]string{}
	for path, text := range suiteFiles {
		all[path] = text
	}
	for _, f := range a.Files {
		if path, ok := strings.CutPrefix(f.Name, "want/"); ok {
			s.want[path] = string(f.Data)
		} else {
			all[f.Name] = string(f.Data)
		}
	}
	var list []*source.File
	for path, text := range all {
		list = append(list, source.NewFile(path, text))
	}
	s.files = source.NewSet("", list)
	return s
}

// TestSuites holds the tests that fixes of code bring against those of testdata/suites.
func TestSuites(t *testing.T) {
	names, err := filepath.Glob("testdata/suites/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, %d projects", err, len(names))
	}
	var made []string
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) { made = append(made, runSuite(t, name)...) })
	}
	asFormatted(t, made)
}

func runSuite(t *testing.T, name string) []string {
	c := readSuite(t, name)
	s := Analyze(c.files, builtin(t), Options{Jobs: 1})
	asked := func(f *check.Finding) bool { return slices.Contains(c.checks, f.Check) && len(f.Changes) > 0 }
	done := s.Fix(FixOptions{Options: Options{Jobs: 1}, Stamp: pageStamp, Want: asked, Decided: always[*check.Finding]})
	for _, r := range done.Rejected {
		t.Errorf("%s is put aside: %s", r.Fix.Title, r.Reason)
	}
	for _, n := range done.None {
		t.Errorf("%s: no fix: %s", n.Finding.Message, n.Reason)
	}
	var made []string
	for _, w := range done.Writes() {
		if source.KindOf(w.Path) != source.Test {
			continue
		}
		made = append(made, *w.New)
		if want, ok := c.want[w.Path]; !ok || want != *w.New {
			t.Errorf("-- want/%s --\n%s", w.Path, *w.New)
		}
		delete(c.want, w.Path)
	}
	for path := range c.want {
		t.Errorf("no fix brings %s", path)
	}
	for i := range done.Applied {
		x := &done.Applied[i]
		if x.Untested == "" {
			continue
		}
		path := x.Edits[0].Path
		if why, ok := c.none[path]; !ok || !strings.Contains(x.Untested, why) {
			t.Errorf("%s: %s brings no test: %s", path, x.Title, x.Untested)
		}
		delete(c.none, path)
	}
	for path, why := range c.none {
		t.Errorf("%s: nothing says %q", path, why)
	}
	return made
}

// asFormatted has the formatter of Elixir look at texts.
func asFormatted(t *testing.T, texts []string) {
	t.Helper()
	if _, err := exec.LookPath("elixir"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("elixir is not installed")
		}
		t.Skip("elixir is not installed")
	}
	args := append([]string{"-e", `for text <- System.argv() do
  formatted = IO.iodata_to_binary(Code.format_string!(text)) <> "\n"
  if formatted != text, do: raise("the formatter makes of #{text}\n#{formatted}")
end`}, texts...)
	if out, err := exec.Command("elixir", args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
