package source

import (
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// Set is the files of a project at one moment. It is immutable: an edit makes
// a new Set that shares what did not change.
type Set struct {
	Root  string  // the absolute path of the project's root
	Files []*File // by FileID, sorted by path
	Apps  []App   // the Mix projects inside, sorted by Dir
	Notes []Note  // what was left out, and why
}

// App is one Mix project: the directory of a mix.exs.
type App struct {
	Dir      string // relative to the root, "" for the root itself
	Name     string // the atom after app:, or "" if it is not a literal
	AppsPath string // of an umbrella project: the directory of its applications, relative to Dir
	// Paths are the directories and files that are compiled, relative to Dir, or nil
	// where mix.exs does not write them out.
	Paths []string
	Deps  []Dep // sorted by name: those of mix.exs, and all others of its mix.lock
}

// Dep is one dependency of an App.
type Dep struct {
	Name        string
	Version     string // from mix.lock, or ""
	Requirement string // "~> 1.7" from mix.exs, or ""
	Commit      string // of a git dependency, from mix.lock
	Direct      bool   // mix.exs names it
}

// Note says that something of the project was not read.
type Note struct {
	Path   string
	Reason string
}

func sortNotes(notes []Note) {
	slices.SortFunc(notes, func(a, b Note) int {
		return strings.Compare(a.Path+"\x00"+a.Reason, b.Path+"\x00"+b.Reason)
	})
}

// NewSet makes a set of files; it sorts them by path, gives them their ids and
// reads the Mix projects among them.
func NewSet(root string, files []*File) *Set {
	sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
	for i, f := range files {
		f.ID = FileID(i)
	}
	s := &Set{Root: root, Files: files}
	s.Apps = apps(s, appDirs(files))
	for _, f := range files {
		if f.Kind == Lib && !s.compiled(f.Path) {
			f.Kind = Script
		}
	}
	return s
}

// compiled reports whether a module's file is one that its Mix project compiles, as far
// as is known.
func (s *Set) compiled(p string) bool {
	a := s.App(p)
	if a == nil || a.Paths == nil || a.AppsPath != "" {
		return true
	}
	for _, at := range a.Paths {
		at = path.Join(a.Dir, at)
		if p == at || strings.HasPrefix(p, at+"/") {
			return true
		}
	}
	return false
}

// File returns a file by id.
func (s *Set) File(id FileID) *File { return s.Files[id] }

// Named returns the file with a path, or nil.
func (s *Set) Named(path string) *File {
	if i, ok := s.find(path); ok {
		return s.Files[i]
	}
	return nil
}

func (s *Set) find(path string) (int, bool) {
	return slices.BinarySearchFunc(s.Files, path, func(f *File, p string) int { return strings.Compare(f.Path, p) })
}

// App returns the innermost Mix project that a path lies in, or nil.
func (s *Set) App(p string) *App {
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		if dir == "." {
			dir = ""
		}
		i := sort.Search(len(s.Apps), func(i int) bool { return s.Apps[i].Dir >= dir })
		if i < len(s.Apps) && s.Apps[i].Dir == dir {
			return &s.Apps[i]
		}
		if dir == "" || dir == "/" {
			return nil
		}
	}
}

// Outermost is the Mix project around all others around one: its umbrella, or itself.
func (s *Set) Outermost(a *App) *App {
	for a != nil && a.Dir != "" {
		around := s.App(a.Dir)
		if around == nil {
			break
		}
		a = around
	}
	return a
}

// Contains reports whether a text stands in some file of a kind.
func (s *Set) Contains(k Kind, text string) bool {
	return slices.ContainsFunc(s.Files, func(f *File) bool { return f.Kind == k && strings.Contains(f.Text, text) })
}

// With returns a set in which one file has another text; a file that was not
// there is added. The other files are shared, or copied without their text
// where their id moves.
func (s *Set) With(p, text string) *Set {
	p = path.Clean(p)
	f := &File{Path: p, Text: text}
	i, ok := s.find(p)
	t := *s
	if ok {
		f.ID, f.Kind = FileID(i), s.Files[i].Kind
		t.Files = slices.Clone(s.Files)
		t.Files[i] = f
	} else {
		f.Kind = s.kindOf(p)
		t.Files = renumber(slices.Insert(slices.Clone(s.Files), i, f), i)
	}
	return t.refresh(f.Kind)
}

// Without returns a set that lacks one file.
func (s *Set) Without(p string) *Set {
	i, ok := s.find(path.Clean(p))
	if !ok {
		return s
	}
	t := *s
	t.Files = renumber(slices.Delete(slices.Clone(s.Files), i, i+1), i)
	return t.refresh(s.Files[i].Kind)
}

// renumber gives the files from an index on their ids. A file belongs to other
// sets too, so one whose id moves is made anew.
func renumber(files []*File, from int) []*File {
	for i := from; i < len(files); i++ {
		f := files[i]
		files[i] = &File{ID: FileID(i), Path: f.Path, Text: f.Text, Kind: f.Kind}
	}
	return files
}

// refresh reads the Mix projects again if a file of this kind describes them.
func (s *Set) refresh(changed Kind) *Set {
	if changed == MixFile || changed == LockFile {
		s.Apps = apps(s, appDirs(s.Files))
	}
	return s
}

func (s *Set) kindOf(p string) Kind {
	if app := s.App(p); app != nil {
		return kindIn(app.Dir, p)
	}
	return KindOf(p)
}

// Rel returns a path of the disk relative to the root, with slashes, and
// whether it lies there. It does not look at the disk.
func (s *Set) Rel(name string) (string, bool) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(s.Root, name)
	}
	return inside(s.Root, name)
}

// Abs returns the path on the disk of a file of the set.
func (s *Set) Abs(p string) string { return filepath.Join(s.Root, filepath.FromSlash(p)) }
