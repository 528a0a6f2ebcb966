package source

import (
	"path"
	"strings"
)

// Kind says what part a file plays in its project, from its path alone.
type Kind uint8

// The kinds. A file under an application's lib or web folder is Lib.
const (
	Other       Kind = iota
	Lib              // application code
	Test             // test/ and *_test.exs
	Config           // config/*.exs and the rel/config.exs of a release
	Migration        // priv/*/migrations/*.exs and *_migrations/
	Seed             // seeds.exs and the like
	Script           // any other .exs, and any .ex that is not compiled: benchmarks, scripts, priv
	MixFile          // mix.exs
	LockFile         // mix.lock
	Template         // .heex .eex .leex .sface
	SQL              // structure.sql and other .sql
	Formatter        // .formatter.exs
	Environment      // .env.example and the like: the variables that an application reads
	Deployment       // docker-compose.yml and the like: what gives an application its variables
)

//go:generate stringer -type Kind

// KindOf classifies a path relative to the directory of its mix.exs. It also
// does well on a path from further up, such as apps/shop/test/support/case.ex.
func KindOf(p string) Kind {
	dir, base := path.Split(p)
	switch base {
	case ".env.example", ".env.sample", ".env.template":
		return Environment
	}
	if deploys(dir, base) {
		return Deployment
	}
	switch path.Ext(base) {
	case ".lock":
		if base == "mix.lock" {
			return LockFile
		}
	case ".sql":
		return SQL
	case ".heex", ".leex", ".sface":
		return Template
	case ".eex":
		// rel/env.sh.eex is a shell script, not a page.
		if !inDir(dir, "rel") {
			return Template
		}
	case ".ex":
		return kindOfModule(dir, base)
	case ".exs":
		return kindOfScript(dir, base)
	}
	return Other
}

func kindOfModule(dir, base string) Kind {
	switch {
	case generatorSource(dir):
		return Other
	case inTest(dir):
		return Test
	case inSeeds(dir + base):
		return Seed
	case inAnyDir(dir, "bench", "benchmarks", "priv", "scripts") && !inDir(dir, "lib"):
		return Script
	}
	return Lib
}

func kindOfScript(dir, base string) Kind {
	switch {
	case generatorSource(dir):
		return Other
	case base == ".formatter.exs":
		return Formatter
	case inTest(dir):
		return Test
	case base == "mix.exs":
		return MixFile
	case strings.Contains(dir, "migrations/") && !inSeeds(dir): // add_seed_to_orders.exs seeds nothing, add_score_to_test.exs tests nothing
		return Migration
	case strings.HasSuffix(base, "_test.exs"), strings.HasSuffix(base, "_spec.exs"):
		return Test
	case inSeeds(dir + base):
		return Seed
	case inDir(dir, "config"), inDir(dir, "rel") && base == "config.exs":
		return Config
	}
	return Script
}

// deploys reports whether a file says how an application is deployed: of Docker Compose,
// Heroku, Render or Kubernetes.
func deploys(dir, base string) bool {
	switch ext := path.Ext(base); {
	case base == "app.json":
		return dir == ""
	case ext != ".yml" && ext != ".yaml":
		return false
	}
	return Composes(base) || base == "render.yaml" || inAnyDir(dir, "k8s", "kubernetes", "helm", "charts", "deploy", "deployment")
}

// Composes reports whether a path is that of a file of Docker Compose.
func Composes(p string) bool {
	base := path.Base(p)
	return strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "compose.")
}

// inTest reports whether a directory holds tests. lib/shop/test holds modules
// of the application, and config/test its configuration.
func inTest(dir string) bool {
	for _, owner := range []string{"/lib/", "/config/"} {
		if i := strings.Index("/"+dir, owner); i >= 0 {
			dir = dir[:i]
		}
	}
	return inAnyDir(dir, "test", "tests", "spec", "integration_test", "test_support")
}

// generatorSource reports whether a directory holds the templates of a code
// generator: priv/templates/phx.gen.live/form.ex is EEx, whatever its name.
func generatorSource(dir string) bool {
	return strings.Contains("/"+dir, "/priv/templates/")
}

// Retired reports whether a path lies in an application that is called old, or was put away, so that nothing
// runs it any more, though it is kept, or in one of others of which a copy is kept beside. A folder inside of
// lib or web may be called anything.
func Retired(p string) bool {
	for _, name := range strings.Split(path.Dir(p), "/") {
		switch name {
		case "lib", "web", "priv", "config", "test":
			return false
		case "deprecated", "archived", "attic", "vendor", "third_party":
			return true
		}
		words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
		if len(words) > 0 && (words[0] == "old" || words[len(words)-1] == "old") {
			return true
		}
	}
	return false
}

// inSeeds reports whether a path lies in a seed file or folder of priv, such
// as priv/repo/seeds/20200723_add.exs or priv/repo/dev_seeds.exs.
func inSeeds(p string) bool {
	_, rest, ok := strings.Cut("/"+p, "/priv/")
	return ok && strings.Contains(rest, "seed")
}

func inAnyDir(dir string, names ...string) bool {
	for _, name := range names {
		if inDir(dir, name) {
			return true
		}
	}
	return false
}

// inDir reports whether name is one of the elements of dir, which ends with a
// slash or is empty.
func inDir(dir, name string) bool {
	return strings.Contains("/"+dir, "/"+name+"/")
}
