package replay

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// settings is the configuration of a project as production reads it.
type settings struct {
	values map[setting]value
}

// configurations are the settings of each project of a tree, by its directory: projects that
// stand beside each other may have a Repo of the same name.
type configurations map[string]*settings

// of are the settings of the project that a file is of.
func (c configurations) of(p *ir.Program, file string) *settings {
	if s := c[home(p.Files, file)]; s != nil {
		return s
	}
	return &settings{}
}

// repo is what is configured for the Repo of a file, in whichever application of its project;
// else what another project says of one of its name.
func (c configurations) repo(p *ir.Program, file, name string) value {
	if v, ok := c.of(p, file).repo(name); ok {
		return v
	}
	for _, dir := range slices.Sorted(maps.Keys(c)) {
		if v, ok := c[dir].repo(name); ok {
			return v
		}
	}
	return value{kind: list}
}

// home is the directory of the project that a file is of: that of the umbrella, if its
// application is part of one.
func home(files *source.Set, file string) string {
	app := files.App(file)
	if app == nil {
		return ""
	}
	for i := range files.Apps {
		if u := &files.Apps[i]; u.AppsPath != "" && strings.HasPrefix(app.Dir+"/", path.Join(u.Dir, u.AppsPath)+"/") {
			return u.Dir
		}
	}
	return app.Dir
}

// setting names a value: an application and a key.
type setting struct {
	app string
	key string
}

// read evaluates the configuration files of each project, in the order in which they
// override each other.
func read(p *ir.Program) configurations {
	all := configurations{}
	var files []*ir.Module
	for _, m := range p.Modules {
		if f := p.Files.File(m.Span.File); f.Kind == source.Config && m.Body != ir.No {
			files = append(files, m)
		}
	}
	slices.SortStableFunc(files, func(a, b *ir.Module) int {
		return rank(p.Files.File(a.Span.File).Path) - rank(p.Files.File(b.Span.File).Path)
	})
	developers := configurations{}
	for _, m := range files {
		f := p.Files.File(m.Span.File)
		of, dir := all, home(p.Files, f.Path)
		if rank(f.Path) < 0 {
			of = developers
		}
		if of[dir] == nil {
			of[dir] = &settings{map[setting]value{}}
		}
		newEvaluator(p, of[dir]).eval(newFrame(m.Code, nil), m.Body)
	}
	for dir, s := range all {
		s.migrate(developers[dir])
	}
	return all
}

// migrate takes over how developers' databases are migrated where production's settings
// say nothing of it: the migrations were tried there.
func (s *settings) migrate(developers *settings) {
	if developers == nil {
		return
	}
	for k, v := range developers.values {
		for _, p := range v.pairs() {
			old := s.values[k]
			if old.kind == unknown {
				old = listOf(nil)
			}
			if strings.HasPrefix(p[0].text, "migration_") && old.kind == list {
				s.values[k] = merged(listOf([]value{tupleOf(p[0], p[1])}), old)
			}
		}
	}
}

// rank orders configuration files; those of development and tests are below zero.
func rank(p string) int {
	switch path.Base(p) {
	case "dev.exs", "test.exs":
		return -1
	case "config.exs":
		return 0
	case "prod.exs":
		return 2
	case "runtime.exs", "releases.exs":
		return 3
	}
	return 1
}

func newEvaluator(p *ir.Program, o outer) *evaluator {
	return &evaluator{p: p, steps: maxSteps, outer: o, attrs: map[*ir.Attribute]value{}}
}

func (s *settings) gap(source.Span, string, string) {}

func (s *settings) aside(source.Span, string) {}

// call takes what `config :app, …` says, and what functions of the project say that the
// configuration calls: these set the environment of applications.
func (s *settings) call(e *evaluator, _ *frame, c *call) (value, bool) {
	if c.module == "Application" {
		return s.application(e, c)
	}
	if c.name != "config" || len(c.args) < 2 {
		return value{}, false
	}
	app, ok := c.args[0].name()
	if !ok {
		return value{}, true
	}
	if len(c.args) == 3 {
		s.put(e, app, c.args[1], c.args[2])
		return value{}, true
	}
	for _, p := range c.args[1].pairs() {
		s.put(e, app, p[0], p[1])
	}
	return value{}, true
}

// application reads and sets the environment of an application.
func (s *settings) application(e *evaluator, c *call) (value, bool) {
	app, ok := c.arg(0).name()
	switch {
	case c.name == "put_env" && ok && len(c.args) >= 3:
		s.put(e, app, c.args[1], c.args[2])
	case c.name == "put_all_env":
		for _, of := range c.arg(0).pairs() {
			app, _ := of[0].name()
			for _, p := range of[1].pairs() {
				s.put(e, app, p[0], p[1])
			}
		}
	case c.name == "get_all_env" && ok:
		return s.all(app), true
	default:
		return value{}, false
	}
	return atomOf("ok"), true
}

// all is what is set for an application.
func (s *settings) all(app string) value {
	var pairs [][2]value
	for _, k := range slices.SortedFunc(maps.Keys(s.values), func(a, b setting) int { return strings.Compare(a.key, b.key) }) {
		if k.app != app {
			continue
		}
		key := atomOf(k.key)
		if name, is := strings.CutPrefix(k.key, "Elixir."); is {
			key = value{kind: module, text: name}
		}
		pairs = append(pairs, [2]value{key, s.values[k]})
	}
	return keyword(pairs)
}

// put sets a value; keyword lists are merged. What is perhaps set does not
// override what is, nor does a list of which nothing is known what the list before it says.
func (s *settings) put(e *evaluator, app string, key, v value) {
	k, ok := keyOf(app, key)
	if !ok {
		return
	}
	old, have := s.values[k]
	switch {
	case !have || old.kind == unknown:
		s.values[k] = v
	case e.maybe > 0 && old.kind == list && v.kind == list:
		s.values[k] = merged(v, old)
	case e.maybe > 0 || old.kind == list && v.kind == unknown:
	case old.kind == list && v.kind == list:
		s.values[k] = merged(old, v)
	default:
		s.values[k] = v
	}
}

func keyOf(app string, key value) (setting, bool) {
	if key.kind == module {
		return setting{app, "Elixir." + key.text}, true
	}
	name, ok := key.name()
	return setting{app, name}, ok
}

func (s *settings) get(app string, key value) value {
	k, ok := keyOf(app, key)
	if v, have := s.values[k]; ok && have {
		return v
	}
	return null()
}

// at is the value of a key, or of a path of keys: [MyApp.Repo, :prefix].
func (s *settings) at(app string, key value) value {
	if key.kind != list || len(key.items) == 0 {
		return s.get(app, key)
	}
	v := s.get(app, key.items[0])
	for _, k := range key.items[1:] {
		v = v.get(k)
	}
	return v
}

// repo is what is configured for a Repo, in whichever application, if anything is.
func (s *settings) repo(name string) (value, bool) {
	var apps []string
	for k := range s.values {
		if k.key == "Elixir."+name {
			apps = append(apps, k.app)
		}
	}
	slices.SortFunc(apps, strings.Compare)
	for _, app := range apps {
		if v := s.values[setting{app, "Elixir." + name}]; v.kind == list {
			return v, true
		}
	}
	return value{}, false
}
