package elixir

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// suite is a new module of tests.
type suite struct {
	home    string // the module that it is about
	name    string // what it is about, in words with underscores
	use     string // the line that makes it a module of tests
	imports []string
	aliases []string
	tests   []testText
	helpers []string // functions of its own, a definition each
	reason  string
}

// testText is one test: what it says and the lines of its body.
type testText struct{ title, body string }

// maxTitle keeps a test's name an atom: ExUnit puts a word before it.
const maxTitle = 200

var (
	errNoSetUp  = errors.New("no case template that the project's tests use sets up the sandbox of the database, or there is no test_helper.exs")
	errNoTest   = errors.New("what the program shows is not enough for a test that fails before this change and passes after it")
	errNoHelper = errors.New("the application has no test/test_helper.exs")
	errNoReload = errors.New("the rows have to be read anew, and Repo.reload! came with Ecto 3.5")
	errNoEvents = errors.New("the queries have to be counted, and the events of telemetry came with Ecto 3.1")
	errNoRepo   = errors.New("no module of the program is known to talk to the database")
)

// otherStores reports whether the application of a database may run on another database than PostgreSQL as well.
func (w *Writer) otherStores(d *ir.Database) bool {
	m := w.Program.ModuleNamed(d.Repo)
	if m == nil || m.Code == nil {
		return false
	}
	app := w.Files.App(m.Code.File.Path)
	return app != nil && slices.ContainsFunc(app.Deps, func(dep source.Dep) bool {
		return slices.Contains([]string{"ecto_sqlite3", "mariaex", "myxql", "tds"}, dep.Name)
	})
}

// adapterNames are the adapters that a Repo names.
var adapterNames = regexp.MustCompile(`Ecto\.Adapters\.\w+`)

// chooses reports whether the Repo of a database names more adapters than one: one of them for
// developers, another one for production.
func (w *Writer) chooses(d *ir.Database) bool {
	m := w.Program.ModuleNamed(d.Repo)
	if m == nil || m.Code == nil {
		return false
	}
	names := adapterNames.FindAllString(m.Code.File.Slice(m.Span), -1)
	slices.Sort(names)
	return len(slices.Compact(names)) > 1
}

// test adds the tests of a change to its fix, or says why there are none.
func (w *Writer) test(f *fix.Fix, c fix.Change) {
	suites, err := w.suites(f, c)
	if err != nil {
		f.Untested = err.Error()
		return
	}
	for i := range suites {
		s := &suites[i]
		file := w.testFile(s)
		if !slices.Contains(f.Files, file) {
			f.Files = append(f.Files, file)
		}
		if name, ok := strings.CutPrefix(s.use, "use "); ok {
			name, _, _ = strings.Cut(name, ",")
			if w.Program.ModuleNamed(name) != nil && !slices.Contains(f.Reused, name) {
				f.Reused = append(f.Reused, name)
			}
		}
	}
}

// suites are the tests that fail before a change and pass after it, or the reason
// why there are none.
func (w *Writer) suites(f *fix.Fix, c fix.Change) ([]suite, error) {
	switch c := c.(type) {
	case *fix.Together:
		return w.allSuites(f, c.Changes)
	case *fix.Only:
		return w.suites(f, c.Change)
	}
	s, err := w.suite(f, c)
	if err != nil {
		return nil, err
	}
	return []suite{s}, nil
}

// allSuites are the tests of several changes: those of one place and kind together.
// Parts without tests are no reason against those that have some.
func (w *Writer) allSuites(f *fix.Fix, changes []fix.Change) ([]suite, error) {
	var out []suite
	var first error
	for _, c := range changes {
		s, err := w.suite(f, c)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		i := slices.IndexFunc(out, func(o suite) bool { return o.home == s.home && o.use == s.use })
		if i < 0 {
			out = append(out, s)
			continue
		}
		for _, one := range s.tests {
			if !slices.Contains(out[i].tests, one) {
				out[i].tests = append(out[i].tests, one)
			}
		}
		for _, h := range s.helpers {
			if !slices.Contains(out[i].helpers, h) {
				out[i].helpers = append(out[i].helpers, h)
			}
		}
	}
	if len(out) == 0 {
		return nil, first
	}
	return out, nil
}

func (w *Writer) suite(f *fix.Fix, c fix.Change) (suite, error) {
	switch c := c.(type) {
	case *fix.CreateIndex:
		return w.testIndex(c)
	case *fix.DropIndex:
		return w.testDropped(c)
	case *fix.CreateDescribed:
		return w.testDescribed(c)
	case *fix.RequireColumn:
		return w.testRequired(c)
	case *fix.AddColumn:
		return w.testColumn(c)
	case *fix.SetDefault:
		return w.testDefault(c)
	case *fix.Refer:
		return w.testReference(c)
	case *fix.Declare:
		return w.testDeclared(c)
	case *fix.AddOption:
		return w.testRenamed(c)
	case *fix.StartUnder:
		return w.testSupervised(f, c.Code.File)
	case *fix.StartChild:
		return w.testSupervised(f, c.Calls[0].Code.File)
	case *fix.CallInstead:
		return w.testExisting(c)
	case *fix.AllowOnly:
		return w.testAllowed(c)
	case *fix.LoadBefore:
		return w.testLoads(c)
	case *fix.LookUpBefore:
		return w.testLookUp(c)
	case *fix.FetchTogether:
		return w.testFetched(c)
	case *fix.AskBefore:
		return w.testAskedOnce(c)
	case *fix.WriteTogether:
		return w.testWritten(c)
	case *fix.InsertTogether, *fix.DeleteTogether, *fix.CountTogether:
		return suite{}, errBatch
	case *fix.HandleFailure:
		return w.testHandled(f, c)
	case *fix.AcceptFailure:
		return w.testAccepted(f, c)
	case *fix.AnswerFailure, *fix.LogException, *fix.LogFailure, *fix.WidenPattern:
		return suite{}, errFails
	case *fix.ReadSecret:
		return w.testConfigured(f, c)
	case *fix.DropStep:
		return suite{}, errors.New("the step that goes did nothing, so nothing behaves in another way")
	case *fix.Concurrently, *fix.ValidateLater, *fix.RequireLater:
		return suite{}, errors.New("the database is the same afterwards: only how long the migration stops others changes, which a test on few rows does not show")
	}
	return suite{}, errNoTest
}

// testFile spells a suite as a file that is not there yet, by the project's
// convention: beside the test of the module that it is about.
func (w *Writer) testFile(s *suite) fix.File {
	dir := w.testFolder(s.home)
	name := fileName(s.name, s.home+".", "Test")
	again := name
	ending := w.testEnding(dir)
	file := func() string { return path.Join(dir, again+ending) }
	module := func() string { return s.home + "." + camel(again) + "Test" }
	for n := 2; w.Files.Named(file()) != nil || w.Program.ModuleNamed(module()) != nil; n++ {
		again = name + "_" + strconv.Itoa(n)
	}
	var b strings.Builder
	b.WriteString("defmodule " + module() + " do\n  " + s.use + "\n")
	if len(s.imports) > 0 {
		b.WriteString("\n  import " + strings.Join(s.imports, "\n  import ") + "\n")
	}
	if len(s.aliases) > 0 {
		b.WriteByte('\n')
		for _, a := range s.aliases {
			b.WriteString("  alias " + a + "\n")
		}
	}
	for _, t := range s.tests {
		title := t.title
		if len(title) > maxTitle {
			title = strings.ToValidUTF8(title[:maxTitle], "")
		}
		b.WriteString("\n  test " + quoted(title) + " do\n" + indented(t.body, "    ") + "  end\n")
	}
	for _, h := range s.helpers {
		b.WriteString("\n" + indented(h, "  "))
	}
	b.WriteString("end\n")
	return fix.File{Path: file(), Text: b.String(), Reason: s.reason}
}

// testFolder is where the tests that belong below a module are: test/my_app/accounts
// for what is in lib/my_app/accounts.ex.
func (w *Writer) testFolder(module string) string {
	m := w.Program.ModuleNamed(module)
	if m == nil || m.Code == nil {
		return "test"
	}
	file := m.Code.File.Path
	root := w.testRoot(file)
	inside := strings.TrimPrefix(file, strings.TrimSuffix(root, "test"))
	if _, below, ok := strings.Cut("/"+inside, "/lib/"); ok {
		inside = below
	}
	inside = strings.TrimPrefix(inside, "web/") // of Phoenix up to 1.2, whose tests stand in test/models
	return path.Join(root, strings.TrimSuffix(inside, path.Ext(inside)))
}

// plainSuite is tests of a module that need no database.
func (w *Writer) plainSuite(module, name string) (suite, error) {
	m := w.Program.ModuleNamed(module)
	if m == nil || m.Code == nil || w.Files.Named(path.Join(w.testRoot(m.Code.File.Path), "test_helper.exs")) == nil {
		return suite{}, errNoHelper
	}
	return suite{home: module, name: snake(name), use: "use ExUnit.Case, async: true"}, nil
}

// databaseSuite is tests that look at a database through the store of the program
// that talks to it.
func (w *Writer) databaseSuite(d *ir.Database, name string, tests ...testText) (suite, error) {
	h, err := w.habitsOf(d)
	if err != nil {
		return suite{}, err
	}
	if !h.postgres || w.otherStores(d) {
		return suite{}, errors.New("the test would ask PostgreSQL's catalogue, and the database is another one")
	}
	if d.Repo == "" {
		return suite{}, errNoRepo
	}
	c := w.caseFor(d.Repo)
	if c == nil {
		return suite{}, errNoSetUp
	}
	s := suite{home: d.Repo, name: name, use: c.use(), tests: tests, reason: "It fails on the database as it is, and passes on the one that the migration leaves."}
	if !c.names(d.Repo) {
		s.aliases = []string{d.Repo}
	}
	return s, nil
}
