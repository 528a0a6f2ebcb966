package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// DefaultMaxSize is the size above which a file is left out: hand-written
// code stays far below it.
const DefaultMaxSize = 10 << 20

// Options say how a project is read.
type Options struct {
	MaxSize int64 // in bytes; 0 means DefaultMaxSize
}

func (o Options) maxSize() int64 {
	if o.MaxSize > 0 {
		return o.MaxSize
	}
	return DefaultMaxSize
}

// Listing is the files of a project before they are read.
type Listing struct {
	Root    string // the absolute path of the project's root
	Entries []Entry
	Notes   []Note // what the walk left out, and why

	options Options
}

// Entry is one file of a Listing.
type Entry struct {
	Path string // relative to the root, with slashes
	Kind Kind
}

// Scan walks a project's root once and lists the files that matter, sorted by
// path. A root that is a file lists this file alone. Left out are what git
// ignores, dependencies, build output, hidden directories and symbolic links.
func Scan(root string, opt Options) (*Listing, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", root, err)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", root, reason(err))
	}
	if !info.IsDir() {
		return scanFile(abs, opt)
	}
	w := &walk{list: &Listing{Root: abs, options: opt}, tree: newDisk(abs)}
	w.outerScope(abs)
	w.dir("", w.scope, "")
	if w.failed != nil {
		return nil, fmt.Errorf("%s: %s", root, reason(w.failed))
	}
	return w.done(), nil
}

func scanFile(abs string, opt Options) (*Listing, error) {
	base := filepath.Base(abs)
	kind := KindOf(base)
	if kind == Other {
		return nil, fmt.Errorf("%s: neither Elixir nor a template nor SQL; name a directory, or a file that ends in .ex, .exs, .heex, .eex, .leex, .sface or .sql", abs)
	}
	return &Listing{Root: filepath.Dir(abs), options: opt, Entries: []Entry{{Path: base, Kind: kind}}}, nil
}

// node is one name in a directory.
type node struct {
	name string
	form form
}

type form uint8

const (
	special form = iota // a device, a socket, a pipe
	regular
	directory
	link
)

// tree is where a walk finds its names: the disk, or one commit of a
// repository.
type tree interface {
	// nodes lists a directory.
	nodes(dir string) ([]node, error)
	// text reads a small file, a .gitignore.
	text(path string) (string, error)
	// lost says why what a symbolic link points to is not read elsewhere; it
	// is empty if nothing is lost.
	lost(link string) string
}

type walk struct {
	list   *Listing
	tree   tree
	scope  *scope
	prefix string // from the top of the repository to the root, ends with a slash or is empty
	failed error  // the root itself cannot be listed
}

// dir walks one directory. scope is what is ignored in it, app the directory
// of the Mix project around it.
func (w *walk) dir(dir string, scope *scope, app string) {
	nodes, err := w.tree.nodes(dir)
	if err != nil {
		if dir == "" {
			w.failed = err
		}
		w.note(dir, "cannot be listed: "+reason(err))
		return
	}
	has := landmarks(nodes)
	if has.hex && dir != "" {
		return // a fetched package, wherever deps_path puts it
	}
	if has.repository && dir != "" {
		scope = nil // the ignore files above do not reach into a submodule
	}
	if has.ignore {
		scope = w.ignoreFile(dir, scope)
	}
	if has.mix && (dir == "" || kindIn(app, path.Join(dir, "mix.exs")) == MixFile) {
		app = dir
	}
	for _, n := range nodes {
		w.node(dir, n, scope, app, has.mix || dir == "")
	}
}

func (w *walk) node(dir string, n node, scope *scope, app string, top bool) {
	p := n.name
	if dir != "" {
		p = dir + "/" + n.name
	}
	switch n.form {
	case directory:
		if !leftOut(dir, n.name, top) && !scope.ignores(w.prefix+p, true) {
			w.dir(p, scope, app)
		}
	case regular:
		// A migration is run whatever git thinks of it: one that is ignored may still be tracked.
		if kind := kindIn(app, p); wanted(p, kind) && (kind == Migration || !scope.ignores(w.prefix+p, false)) {
			w.list.Entries = append(w.list.Entries, Entry{Path: p, Kind: kind})
		}
	case link:
		w.link(p, scope, leftOut(dir, n.name, top))
	case special: // opening a pipe would wait for its other end
	}
}

// link notes a symbolic link behind which there may be code. Links are not
// followed: what lies in the root is read under its own name.
func (w *walk) link(p string, scope *scope, leftOut bool) {
	if leftOut || scope.ignores(w.prefix+p, false) || path.Ext(p) != "" && KindOf(p) == Other {
		return
	}
	if why := w.tree.lost(p); why != "" {
		w.note(p, why)
	}
}

func (w *walk) ignoreFile(dir string, above *scope) *scope {
	p := path.Join(dir, ".gitignore")
	text, err := w.tree.text(p)
	if err != nil {
		w.note(p, "cannot be read, so nothing is ignored by it: "+reason(err))
		return above
	}
	return above.in(strings.TrimSuffix(w.prefix+dir, "/"), parsePatterns(text))
}

func (w *walk) note(p, why string) {
	w.list.Notes = append(w.list.Notes, Note{Path: p, Reason: why})
}

func (w *walk) done() *Listing {
	l := w.list
	sort.Slice(l.Entries, func(i, j int) bool { return l.Entries[i].Path < l.Entries[j].Path })
	sortNotes(l.Notes)
	return l
}

type landmark struct{ mix, ignore, repository, hex bool }

func landmarks(nodes []node) (has landmark) {
	for _, n := range nodes {
		switch n.name {
		case "mix.exs":
			has.mix = n.form == regular
		case ".gitignore":
			has.ignore = n.form == regular
		case ".git":
			has.repository = true
		case ".hex":
			has.hex = true
		}
	}
	return has
}

// leftOut reports whether a directory never holds a project's own code. The
// names deps and cover say so only beside a mix.exs; lib/shop/deps is code.
func leftOut(dir, name string, top bool) bool {
	switch name {
	case "node_modules", "_build":
		return true
	case "deps", "cover":
		return top
	case "static":
		return path.Base(dir) == "priv"
	}
	return name[0] == '.'
}

// wanted reports whether a file is read. Of SQL, what the application runs:
// a monorepo holds other services' dumps.
func wanted(p string, kind Kind) bool {
	if kind == SQL {
		return path.Base(p) == "structure.sql" || inAnyDir(path.Dir(p)+"/", "priv", "lib")
	}
	return kind != Other
}

// kindIn classifies a path inside the Mix project of a directory.
func kindIn(app, p string) Kind {
	if app != "" {
		p = p[len(app)+1:]
	}
	return KindOf(p)
}

// reason is an error without the path that it names.
func reason(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
