package source

import "sort"

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
	Dir  string // relative to the root, "" for the root itself
	Name string // the atom after app:, or "" if it is not a literal
	Deps []Dep  // sorted by name
}

// Dep is one dependency of an App.
type Dep struct {
	Name    string
	Version string // from mix.lock, or ""
}

// Note says that something of the project was not read.
type Note struct {
	Path   string
	Reason string
}

// NewSet makes a set of files; it sorts them by path and gives them their ids.
func NewSet(root string, files []*File) *Set {
	sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
	for i, f := range files {
		f.ID = FileID(i)
	}
	return &Set{Root: root, Files: files}
}

// File returns a file by id.
func (s *Set) File(id FileID) *File { return s.Files[id] }

// Named returns the file with a path, or nil.
func (s *Set) Named(path string) *File {
	i := sort.Search(len(s.Files), func(i int) bool { return s.Files[i].Path >= path })
	if i < len(s.Files) && s.Files[i].Path == path {
		return s.Files[i]
	}
	return nil
}
