package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unsafe"
)

// disk is the tree of the files under a root.
type disk struct {
	root     string
	resolved string // root without symbolic links
}

func newDisk(root string) *disk {
	resolved, err := filepath.EvalSymlinks(root)
	if err != nil {
		resolved = root
	}
	return &disk{root: root, resolved: resolved}
}

func (d *disk) at(p string) string {
	return filepath.Join(d.root, filepath.FromSlash(p))
}

func (d *disk) nodes(dir string) ([]node, error) {
	entries, err := os.ReadDir(d.at(dir))
	if err != nil {
		return nil, err
	}
	nodes := make([]node, len(entries))
	for i, e := range entries {
		nodes[i] = node{name: e.Name(), form: formOf(e.Type())}
	}
	return nodes, nil
}

func formOf(mode fs.FileMode) form {
	switch {
	case mode.IsRegular():
		return regular
	case mode.IsDir():
		return directory
	case mode.Type() == fs.ModeSymlink:
		return link
	}
	return special
}

func (d *disk) text(p string) (string, error) {
	return readText(d.at(p), DefaultMaxSize)
}

func (d *disk) lost(p string) string {
	target, err := filepath.EvalSymlinks(d.at(p))
	if err != nil {
		return "a symbolic link that leads nowhere: " + reason(err)
	}
	if _, inside := inside(d.resolved, target); inside {
		return ""
	}
	return "a symbolic link out of the project is not followed"
}

// inside returns target relative to root, with slashes, if it lies there.
func inside(root, target string) (string, bool) {
	rel, err := filepath.Rel(root, target)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	if rel == "." {
		rel = ""
	}
	return filepath.ToSlash(rel), true
}

// readText reads a file into one buffer and returns it as a string without
// copying it again.
func readText(name string, limit int64) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", errors.New("not a regular file")
	case info.Size() > limit:
		return "", fmt.Errorf("%s is over the limit of %s", byteSize(info.Size()), byteSize(limit))
	}
	buf := make([]byte, info.Size())
	n, err := io.ReadFull(f, buf)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	return unsafe.String(unsafe.SliceData(buf), n), nil
}

func byteSize(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// outerScope reads the ignore files of the repository around the root. If
// they ignore the root itself it was named on purpose, and they do not count.
func (w *walk) outerScope(root string) {
	top, ok := RepositoryAround(root)
	if !ok {
		return
	}
	rel, ok := inside(top, root)
	if !ok {
		return
	}
	var outer *scope
	outer = outer.in("", readPatterns(filepath.Join(gitDir(top), "info", "exclude")))
	for i, dir := range ancestors(rel) {
		if i > 0 && outer.ignores(dir, true) {
			return
		}
		if dir != rel {
			outer = outer.in(dir, readPatterns(filepath.Join(top, filepath.FromSlash(dir), ".gitignore")))
		}
	}
	w.scope = outer
	if rel != "" {
		w.prefix = rel + "/"
	}
}

// ancestors of "a/b" are "", "a" and "a/b".
func ancestors(p string) []string {
	dirs := []string{""}
	for i := range len(p) {
		if p[i] == '/' {
			dirs = append(dirs, p[:i])
		}
	}
	if p != "" {
		dirs = append(dirs, p)
	}
	return dirs
}

// readPatterns reads an ignore file; one that is not there ignores nothing.
func readPatterns(name string) *Patterns {
	if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return &Patterns{}
	}
	text, _ := readText(name, DefaultMaxSize)
	return parsePatterns(text)
}

// RepositoryAround returns the nearest directory upwards that holds .git.
func RepositoryAround(dir string) (string, bool) {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// gitDir returns the directory that holds info/exclude. In a worktree .git is
// a file that says `gitdir: …`, and commondir there leads to the repository.
func gitDir(top string) string {
	dir := filepath.Join(top, ".git")
	text, err := readText(dir, 4096)
	if err != nil {
		return dir
	}
	dir = resolve(top, strings.TrimSpace(strings.TrimPrefix(text, "gitdir:")))
	if common, err := readText(filepath.Join(dir, "commondir"), 4096); err == nil {
		dir = resolve(dir, strings.TrimSpace(common))
	}
	return dir
}

func resolve(base, p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(base, p)
}
