package source

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Load reads a project, one file after another. A caller that wants to read
// in parallel uses Scan, Read and Assemble.
func Load(root string, opt Options) (*Set, error) {
	l, err := Scan(root, opt)
	if err != nil {
		return nil, err
	}
	files := make([]*File, 0, len(l.Entries))
	var notes []Note
	for i := range l.Entries {
		f, err := Read(l, i)
		if err != nil {
			notes = append(notes, NoteOf(err))
			continue
		}
		files = append(files, f)
	}
	return Assemble(l, files, notes), nil
}

// Read reads one entry of a listing. It may be called from several goroutines
// at once. NoteOf tells what its error says.
func Read(l *Listing, i int) (*File, error) {
	e := l.Entries[i]
	text, err := readText(filepath.Join(l.Root, filepath.FromSlash(e.Path)), l.options.maxSize())
	if err != nil {
		return nil, &readError{Note{Path: e.Path, Reason: reason(err)}}
	}
	return &File{Path: e.Path, Text: text, Kind: e.Kind}, nil
}

// readError says why a file was not read.
type readError struct{ note Note }

func (e *readError) Error() string { return e.note.Path + ": " + e.note.Reason }

// NoteOf returns what an error of Read says.
func NoteOf(err error) Note {
	var e *readError
	if errors.As(err, &e) {
		return e.note
	}
	return Note{Reason: err.Error()}
}

// Assemble makes the set of the files read from a listing; nil files, left
// where reading failed, are dropped, and so are those that git-crypt keeps
// encrypted. notes are those of Read, in any order.
func Assemble(l *Listing, files []*File, notes []Note) *Set {
	read := make([]*File, 0, len(files))
	for _, f := range files {
		switch {
		case f == nil:
		case strings.HasPrefix(f.Text, encrypted):
			notes = append(notes, Note{Path: f.Path, Reason: "encrypted by git-crypt; `git-crypt unlock` has it read"})
		default:
			read = append(read, f)
		}
	}
	s := NewSet(l.Root, read)
	s.Notes = append(append(s.Notes, l.Notes...), notes...)
	sortNotes(s.Notes)
	return s
}

// encrypted is what a file begins with that git-crypt has encrypted
// (https://github.com/AGWA/git-crypt, fileformat).
const encrypted = "\x00GITCRYPT\x00"

// FindRoot returns the root of the project around a path, and the path
// relative to it ("" for the root itself). The root is the nearest directory
// with a mix.exs, or the umbrella project around that. A path in no Mix
// project is its own root. The search ends at the top of the repository.
func FindRoot(p string) (root, rel string, err error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", "", err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return "", "", fmt.Errorf("%s: %s", p, reason(err))
	}
	dir := abs
	if !info.IsDir() {
		dir = filepath.Dir(abs)
	}
	top, _ := RepositoryAround(dir)
	for d := dir; ; d = filepath.Dir(d) {
		if root == "" && hasMix(d) || root != "" && umbrellaOf(d, root) {
			root = d
		}
		if d == top || d == filepath.Dir(d) {
			break
		}
	}
	if root == "" {
		return abs, "", nil
	}
	rel, _ = inside(root, abs)
	return root, rel, nil
}

func hasMix(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, "mix.exs"))
	return err == nil && info.Mode().IsRegular()
}

// umbrellaOf reports whether the mix.exs of dir names a directory of
// applications that app lies in.
func umbrellaOf(dir, app string) bool {
	if !hasMix(dir) {
		return false
	}
	text, err := readText(filepath.Join(dir, "mix.exs"), DefaultMaxSize)
	if err != nil {
		return false
	}
	apps := readMix(text).appsPath
	if apps == "" {
		return false
	}
	rel, ok := inside(filepath.Join(dir, filepath.FromSlash(apps)), app)
	return ok && rel != ""
}
