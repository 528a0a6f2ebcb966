package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/source"
)

// target is what to analyse: a project, and what of it to report.
type target struct {
	root    string
	paths   []string          // relative to the root; none is all
	overlay map[string]string // texts that stand for files, by path
}

// targetOf finds the project around the paths given on the command line. A
// stdinName makes the text of in stand for this file, and is what is reported
// when there are no paths.
func targetOf(paths []string, stdinName string, in io.Reader) (target, error) {
	named := paths
	if len(paths) == 0 {
		named = []string{"."}
		if stdinName != "" {
			named = []string{existing(stdinName)}
		}
	}
	var t target
	for i, p := range named {
		root, rel, err := source.FindRoot(p)
		if err != nil {
			return t, err
		}
		if i > 0 && root != t.root {
			return t, fmt.Errorf("%s and %s are in different projects; check them one after the other, or name a directory around both", paths[0], p)
		}
		t.root = root
		t.paths = append(t.paths, rel)
	}
	if slices.Contains(t.paths, "") {
		t.paths = nil
	}
	if stdinName == "" {
		return t, nil
	}
	return t, t.readStdin(stdinName, len(paths) == 0, in)
}

// readStdin puts the text of in over the file called name.
func (t *target) readStdin(name string, only bool, in io.Reader) error {
	t.root = t.dir()
	abs, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(t.root, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return fmt.Errorf("%s: --stdin-filename names a file outside of the project %s", name, t.root)
	}
	rel = filepath.ToSlash(rel)
	if ext := path.Ext(rel); ext != ".ex" && ext != ".exs" {
		return fmt.Errorf("%s: --stdin-filename names an Elixir file, one that ends in .ex or .exs", name)
	}
	text, err := io.ReadAll(io.LimitReader(in, source.DefaultMaxSize+1))
	switch {
	case err != nil:
		return fmt.Errorf("standard input cannot be read: %w", err)
	case len(text) > source.DefaultMaxSize:
		return errors.New("standard input is longer than the 10 MiB that a source file may have")
	}
	t.overlay = map[string]string{rel: string(text)}
	if only {
		t.paths = []string{rel}
	}
	return nil
}

// unread notes the paths that hold nothing Assay reads.
func unread(t target, s *engine.Snapshot) []source.Note {
	var notes []source.Note
	for _, p := range t.paths {
		within := engine.Policy{Paths: []string{p}}
		read := slices.ContainsFunc(s.Files.Files, func(f *source.File) bool { return within.Within(f.Path) })
		told := slices.ContainsFunc(s.Notes, func(n source.Note) bool { return n.Path == p })
		if !read && !told {
			notes = append(notes, source.Note{Path: p, Reason: "Assay reads nothing there"})
		}
	}
	return notes
}

// dir is the directory of the project; the root may be a single file.
func (t *target) dir() string {
	if info, err := os.Stat(t.root); err == nil && !info.IsDir() {
		return filepath.Dir(t.root)
	}
	return t.root
}

// existing is the nearest directory or file upwards that is there.
func existing(p string) string {
	for {
		if _, err := os.Stat(p); err == nil {
			return p
		}
		up := filepath.Dir(p)
		if up == p {
			return "."
		}
		p = up
	}
}
