package source

import (
	"path"
	"strings"
)

// Kind says what part a file plays in its project, from its path alone.
type Kind uint8

// The kinds. A file under an application's lib or web folder is Lib.
const (
	Other     Kind = iota
	Lib            // application code
	Test           // test/ and *_test.exs
	Config         // config/*.exs
	Migration      // priv/*/migrations/*.exs and *_migrations/
	Seed           // seeds.exs and the like
	Script         // any other .exs
	MixFile        // mix.exs
	LockFile       // mix.lock
	Template       // .heex .eex .leex .sface
	SQL            // structure.sql and other .sql
	Formatter      // .formatter.exs
)

//go:generate stringer -type Kind

// KindOf classifies a path relative to the project's root.
func KindOf(p string) Kind {
	base := path.Base(p)
	dirs := "/" + path.Dir(p) + "/"
	ext := path.Ext(base)
	switch {
	case base == "mix.exs":
		return MixFile
	case base == "mix.lock":
		return LockFile
	case base == ".formatter.exs":
		return Formatter
	case ext == ".sql":
		return SQL
	case ext == ".heex" || ext == ".eex" || ext == ".leex" || ext == ".sface":
		return Template
	case ext != ".ex" && ext != ".exs":
		return Other
	case strings.HasSuffix(base, "_test.exs") || strings.Contains(dirs, "/test/"):
		return Test
	case ext == ".exs" && strings.Contains(dirs, "migrations/"):
		return Migration
	case ext == ".exs" && strings.Contains(dirs, "/config/"):
		return Config
	case strings.HasPrefix(base, "seed") && strings.Contains(dirs, "/priv/"):
		return Seed
	case ext == ".exs":
		return Script
	}
	return Lib
}
