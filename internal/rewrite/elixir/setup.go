package elixir

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// SetUp is how a project tests, as far as its files show it. It is read when the first
// fix asks for it; writers of one project may share it.
type SetUp struct {
	once  sync.Once
	cases []caseTemplate // by the place of the module
}

// caseTemplate is a module that tests use to get at a database.
type caseTemplate struct {
	module string
	root   string   // the folder of the application's tests
	texts  []string // of it and of the project's modules that it uses
	stores []string // whose sandbox it sets up, as its text names them
	web    bool     // it is made for requests
	users  int      // how many tests use it
	beside int      // how many of them run beside others
}

// setUp reads how the project tests.
func (w *Writer) setUp() *SetUp {
	if w.SetUp == nil {
		w.SetUp = &SetUp{}
	}
	w.SetUp.once.Do(func() {
		for _, m := range w.Program.Modules {
			if m.Kind == ir.PlainModule && m.Code != nil && slices.Contains(m.Behaves, "ExUnit.CaseTemplate") && w.compiled(m.Code.File.Path) &&
				!strings.Contains(m.Code.File.Slice(m.Span), "defmacro __using__") { // tests get what that gives instead
				w.SetUp.cases = append(w.SetUp.cases, w.caseTemplate(m))
			}
		}
	})
	return w.SetUp
}

func (w *Writer) caseTemplate(m *ir.Module) caseTemplate {
	c := caseTemplate{module: m.Name, root: w.testRoot(m.Code.File.Path)}
	parts := []*ir.Module{m}
	for _, u := range m.Uses {
		if used := w.Program.ModuleNamed(u.Name); used != nil && used.Code != nil {
			parts = append(parts, used)
		}
	}
	for _, p := range parts {
		t := w.Trees[p.Code.File.ID]
		c.texts = append(c.texts, p.Code.File.Slice(p.Span))
		c.stores = append(c.stores, sandboxed(t, p.Span)...)
	}
	for _, f := range w.Files.Files {
		if f.Kind == source.Test && strings.HasSuffix(f.Path, w.testEnding(f.Path)) && strings.Contains(f.Text, "use "+c.module) {
			c.users++
			if strings.Contains(f.Text, "use "+c.module+", async: true") {
				c.beside++
			}
		}
	}
	c.web = strings.Contains(m.Name, "Web.") && !strings.HasSuffix(m.Name, ".DataCase") || slices.ContainsFunc(requestLibraries(), func(l string) bool { return strings.Contains(c.texts[0], l) })
	return c
}

// requestLibraries make requests, or drive a browser that does.
func requestLibraries() []string {
	return []string{"ConnTest", "ChannelTest", "LiveViewTest", "PhoenixTest", "Wallaby", "Hound"}
}

// testRoot is the folder of the tests of the application that a file belongs to.
func (w *Writer) testRoot(file string) string {
	dir := ""
	if app := w.Files.App(file); app != nil {
		dir = app.Dir
	}
	return path.Join(dir, "test")
}

// testPattern is the option of mix.exs that says which files are tests, if it leaves open
// no more than how their names begin.
var testPattern = regexp.MustCompile(`test_pattern:\s*"(?:[^"{}?\[]*/)?\*([^"*{}?\[/]+\.exs)"`)

// compiledPaths is what a mix.exs says of the folders that are compiled, testPaths those of tests
// among them.
var (
	compiledPaths = regexp.MustCompile(`elixirc_paths[^\n]*`)
	testPaths     = regexp.MustCompile(`"(test(?:/[^"*{}]*)?)"`)
)

// compiled reports whether the tests of an application have a module of a file: one that Elixir
// loads while they run, or one in a folder that mix.exs has compiled, as far as it says.
func (w *Writer) compiled(file string) bool {
	root := path.Dir(w.testRoot(file))
	mix := w.Files.Named(path.Join(root, "mix.exs"))
	if mix == nil || !strings.HasSuffix(file, ".ex") {
		return true
	}
	all := testPaths.FindAllStringSubmatch(strings.Join(compiledPaths.FindAllString(mix.Text, -1), "\n"), -1)
	return len(all) == 0 || slices.ContainsFunc(all, func(m []string) bool {
		return strings.HasPrefix(file, path.Join(root, m[1])+"/")
	})
}

// testEnding is what the names of the tests end in that `mix test` of a file's application
// runs: `_test.exs`, unless its mix.exs says otherwise.
func (w *Writer) testEnding(file string) string {
	if mix := w.Files.Named(path.Join(path.Dir(w.testRoot(file)), "mix.exs")); mix != nil {
		if m := testPattern.FindStringSubmatch(mix.Text); m != nil {
			return m[1]
		}
	}
	return "_test.exs"
}

// sandboxed are the stores whose sandbox a module opens: the first argument of
// `Sandbox.checkout(Repo)`, `Sandbox.start_owner!(MyApp.Repo, shared: true)` or
// `Sandbox.mode(Repo, …)`.
func sandboxed(t *syntax.Tree, in source.Span) []string {
	var out []string
	for id := range t.Nodes {
		if n := &t.Nodes[id]; n.Start < in.Start || n.End > in.End {
			continue
		}
		call, ok := elixir.AsCall(t, syntax.NodeID(id))
		if !ok || call.Receiver() == syntax.None || !slices.Contains([]string{"checkout", "start_owner!", "mode"}, call.Name()) ||
			!strings.HasSuffix(t.Text(call.Receiver()), "Sandbox") {
			continue
		}
		if a := call.Arg(0); a != syntax.None && t.Node(a).Kind == elixir.Alias && !slices.Contains(out, t.Text(a)) {
			out = append(out, t.Text(a))
		}
	}
	return out
}

// opens reports whether a case template sets up the sandbox of a store.
func (c *caseTemplate) opens(store string) bool {
	return slices.ContainsFunc(c.stores, func(s string) bool { return s == store || strings.HasSuffix(store, "."+s) })
}

// caseFor is the case template by which a store is tested, or nil: that of the
// store's own application, one for data before one for requests, and of several the
// one that most tests use.
func (w *Writer) caseFor(store string) *caseTemplate {
	m := w.Program.ModuleNamed(store)
	if m == nil || m.Code == nil {
		return nil
	}
	root := w.testRoot(m.Code.File.Path)
	if w.Files.Named(path.Join(root, "test_helper.exs")) == nil {
		return nil
	}
	var best *caseTemplate
	used := false
	for i := range w.setUp().cases {
		c := &w.setUp().cases[i]
		if c.root != root || !c.opens(store) {
			continue
		}
		used = used || c.users > 0
		if c.browser() {
			continue
		}
		if best == nil || best.web && !c.web || best.web == c.web && c.users > best.users {
			best = c
		}
	}
	if !used && w.tested(root) {
		return nil // where no test asks the database, there may be none to ask
	}
	return best
}

// browser reports whether tests that use a case template drive a browser, which runs seldom.
func (c *caseTemplate) browser() bool {
	return strings.Contains(c.texts[0], "Wallaby") || strings.Contains(c.texts[0], "Hound")
}

// tested reports whether there are tests in a folder.
func (w *Writer) tested(root string) bool {
	return slices.ContainsFunc(w.Files.Files, func(f *source.File) bool {
		return f.Kind == source.Test && strings.HasPrefix(f.Path, root+"/") && strings.HasSuffix(f.Path, w.testEnding(f.Path))
	})
}

// use is the line by which tests use a case template: beside others, where most of
// the project's tests that use it run so.
func (c *caseTemplate) use() string {
	if 2*c.beside > c.users {
		return "use " + c.module + ", async: true"
	}
	return "use " + c.module
}

// names reports whether tests that use a case template know a module by the last
// part of its name: the template puts the alias into them.
func (c *caseTemplate) names(module string) bool {
	dot := strings.LastIndexByte(module, '.')
	if dot < 0 {
		return true
	}
	one := regexp.MustCompile(`\balias ` + regexp.QuoteMeta(module) + `\s*\n`)
	many := regexp.MustCompile(`\balias ` + regexp.QuoteMeta(module[:dot]) + `\.\{[^}]*\b` + regexp.QuoteMeta(module[dot+1:]) + `\b\s*[,}]`)
	return one.MatchString(c.using()) || many.MatchString(c.using())
}

// using is what a case template puts into tests.
func (c *caseTemplate) using() string {
	if at := strings.Index(c.texts[0], "using"); at >= 0 {
		return c.texts[0][at:]
	}
	return c.texts[0]
}
