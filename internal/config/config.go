// Package config reads .assay.toml, the one file with which a project says
// where findings count and at which level:
//
//	[paths]
//	include = ["apps/shop/"]        # report here alone
//	exclude = ["lib/legacy/"]       # and never here
//
//	[checks]
//	query-in-loop = "error"         # off, error, warning, info or hint
//
// Paths are patterns as in .gitignore, relative to the project's root. Code
// outside them is still read: what it does matters to the code inside.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/assay-dev/assay/internal/source"
)

// Name is the name of the file, in a project's root.
const Name = ".assay.toml"

// Level is what a project makes of a check: Off, or the level of its findings.
type Level string

// The levels.
const (
	Off     Level = "off"
	Error   Level = "error"
	Warning Level = "warning"
	Info    Level = "info"
	Hint    Level = "hint"
)

// Levels are all levels, in the order in which they are documented.
var Levels = [...]Level{Off, Error, Warning, Info, Hint}

// Config is what a .assay.toml says. The zero Config changes nothing.
type Config struct {
	Include []string         // patterns as in .gitignore; none means everything
	Exclude []string         // patterns as in .gitignore
	Levels  map[string]Level // by check

	include, exclude *source.Patterns
}

// Reports reports whether findings in a file count, by its path relative to
// the root.
func (c *Config) Reports(path string) bool {
	if c.include != nil && !c.include.Match(path, false) {
		return false
	}
	return c.exclude == nil || !c.exclude.Match(path, false)
}

// Parse reads a configuration. name is the path to show in errors, checks are
// the names of all checks. The error has one line for each mistake.
func Parse(name string, data []byte, checks []string) (*Config, error) {
	r := &reader{name: source.Printable(name), data: slices.Clip(data), checks: checks, config: &Config{Levels: map[string]Level{}}}
	var document map[string]any
	if err := toml.Unmarshal(r.data, &document); err != nil {
		return nil, r.syntax(err)
	}
	r.read()
	if err := r.err(); err != nil {
		return nil, err
	}
	c := r.config
	if len(c.Include) > 0 {
		c.include = source.NewPatterns(c.Include...)
	}
	if len(c.Exclude) > 0 {
		c.exclude = source.NewPatterns(c.Exclude...)
	}
	return c, nil
}

type reader struct {
	name     string
	data     []byte
	checks   []string
	config   *Config
	mistakes []mistake
	parser   unstable.Parser
}

type mistake struct {
	line int
	text string
}

func (r *reader) syntax(err error) error {
	var at *toml.DecodeError
	if errors.As(err, &at) {
		line, _ := at.Position()
		return fmt.Errorf("%s:%d: %s", r.name, line, source.Printable(strings.TrimPrefix(at.Error(), "toml: ")))
	}
	return fmt.Errorf("%s: %s", r.name, source.Printable(err.Error()))
}

func (r *reader) wrong(at *unstable.Node, format string, args ...any) {
	line := 1 + strings.Count(string(r.data[:min(int(at.Raw.Offset), len(r.data))]), "\n")
	r.mistakes = append(r.mistakes, mistake{line, source.Printable(fmt.Sprintf(format, args...))})
}

func (r *reader) err() error {
	slices.SortStableFunc(r.mistakes, func(a, b mistake) int { return cmp.Compare(a.line, b.line) })
	var errs []error
	for _, m := range r.mistakes {
		errs = append(errs, fmt.Errorf("%s:%d: %s", r.name, m.line, m.text))
	}
	return errors.Join(errs...)
}

// read walks the document's tables and keys, which are known to be sound TOML.
func (r *reader) read() {
	r.parser.Reset(r.data)
	table := ""
	for r.parser.NextExpression() {
		node := r.parser.Expression()
		if node.Kind == unstable.KeyValue {
			r.keyValue(table, node)
		} else {
			table = r.header(node)
		}
	}
}

// unknown is the table of keys that were already complained about.
const unknown = "?"

// header returns the table that a line such as [checks] opens.
func (r *reader) header(node *unstable.Node) string {
	keys, names := keyParts(node)
	table := r.table(keys[0], names[0])
	if table == unknown {
		return unknown
	}
	if len(names) > 1 || node.Kind == unstable.ArrayTable {
		r.wrong(keys[len(keys)-1], "write [%s], once", table)
		return unknown
	}
	return table
}

func (r *reader) table(key *unstable.Node, name string) string {
	if name == "paths" || name == "checks" {
		return name
	}
	r.wrong(key, "unknown key %q%s", name, suggest(name, []string{"checks", "paths"}))
	return unknown
}

// keyValue reads `key = value` in a table; at the top, `checks.name = "off"`
// and `checks = { name = "off" }` are the same.
func (r *reader) keyValue(table string, node *unstable.Node) {
	keys, names := keyParts(node)
	if table == "" {
		if table = r.table(keys[0], names[0]); table == unknown {
			return
		}
		keys, names = keys[1:], names[1:]
	}
	value := node.Value()
	switch {
	case table == unknown:
	case len(keys) == 0 && value.Kind == unstable.InlineTable:
		for it := value.Children(); it.Next(); {
			r.keyValue(table, it.Node())
		}
	case len(keys) == 0:
		first := node.Key()
		first.Next()
		r.wrong(first.Node(), "%s is a table; write [%s] and its keys below", table, table)
	case len(keys) > 1:
		r.wrong(keys[0], "%q holds a value, not keys", names[0])
	case table == "paths":
		r.paths(keys[0], names[0], value)
	default:
		r.level(keys[0], names[0], value)
	}
}

func keyParts(node *unstable.Node) (keys []*unstable.Node, names []string) {
	for it := node.Key(); it.Next(); {
		keys = append(keys, it.Node())
		names = append(names, string(it.Node().Data))
	}
	return keys, names
}

func (r *reader) paths(key *unstable.Node, name string, value *unstable.Node) {
	switch name {
	case "include":
		r.config.Include = r.patterns(key, name, value)
	case "exclude":
		r.config.Exclude = r.patterns(key, name, value)
	default:
		r.wrong(key, "unknown key %q in [paths]%s", name, suggest(name, []string{"exclude", "include"}))
	}
}

func (r *reader) patterns(key *unstable.Node, name string, value *unstable.Node) (patterns []string) {
	sound := value.Kind == unstable.Array
	for it := value.Children(); sound && it.Next(); {
		if it.Node().Kind == unstable.Comment {
			continue
		}
		p := string(it.Node().Data)
		sound = it.Node().Kind == unstable.String && strings.TrimSpace(p) != ""
		patterns = append(patterns, p)
	}
	if !sound {
		r.wrong(key, `%s must be a list of path patterns, such as %s = ["lib/legacy/"]`, name, name)
	}
	return patterns
}

func (r *reader) level(key *unstable.Node, name string, value *unstable.Node) {
	level := Level(value.Data)
	switch {
	case !slices.Contains(r.checks, name):
		r.wrong(key, "unknown check %q%s", name, suggest(name, r.checks))
	case value.Kind != unstable.String || !slices.Contains(Levels[:], level):
		r.wrong(key, `%s must be "off", "error", "warning", "info" or "hint", not %s`, name, shown(value))
	default:
		r.config.Levels[name] = level
	}
}

func shown(value *unstable.Node) string {
	switch value.Kind {
	case unstable.String:
		return strconv.Quote(string(value.Data))
	case unstable.Array:
		return "a list"
	case unstable.InlineTable:
		return "a table"
	default: // a number, a truth value, a date: as it is written
		return string(value.Data)
	}
}

// suggest names the nearest of the known names, if one is near.
func suggest(name string, known []string) string {
	nearest := source.Nearest(name, known)
	if nearest == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", nearest)
}
