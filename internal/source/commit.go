package source

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Write is what a commit does to one file.
type Write struct {
	Path string  // relative to the root, with slashes
	Old  *string // the text that the file must have now; nil if there must be none
	New  *string // the text that it gets; nil removes the file
}

// journal is where commits are noted, relative to the root. A finished commit is
// a folder with a number; pending is the one under way.
const (
	journal  = ".assay/journal"
	pending  = journal + "/pending"
	manifest = "commit.json"
)

// note is what the journal keeps of one commit.
type note struct {
	Version int        `json:"version"`
	Files   []noteFile `json:"files"`
	Dirs    []string   `json:"dirs,omitempty"` // folders that it makes, outermost first
	Undoes  string     `json:"undoes,omitempty"`
}

// noteFile is one file of a commit. Its texts are in the files old-N and new-N
// beside the manifest; an empty sum stands for no file.
type noteFile struct {
	Path string      `json:"path"`
	Old  string      `json:"old"` // SHA-256, in hexadecimal
	New  string      `json:"new"`
	Mode fs.FileMode `json:"mode"`
}

// ChangedError says that a file is not what it was when it was read.
type ChangedError struct{ Path string }

func (e *ChangedError) Error() string {
	return Printable(e.Path) + " has changed since it was read; nothing was written"
}

// committer carries out one commit in a root.
type committer struct {
	root *os.Root
	// step is called before each change of the disk; an error stops the commit
	// there, as a crash would.
	step func(what string) error
}

// Commit writes all files or none, and returns the name by which Undo knows the
// commit. Everything that is needed to finish is on the disk before the first
// file is touched, so that Repair completes a commit that was cut off. No path
// leads out of root. It fails with a ChangedError when a file is not as Old says.
func Commit(root string, writes []Write) (string, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	c := &committer{r, func(string) error { return nil }}
	if _, err := c.repair(); err != nil {
		return "", err
	}
	return c.commit(writes, "")
}

// Repair finishes a commit that was cut off, and returns the files that it wrote.
// A file that somebody else has changed since is left alone and named in the
// error.
func Repair(root string) ([]string, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	return (&committer{r, func(string) error { return nil }}).repair()
}

// Undo takes the last commit that was not undone back, and returns its files.
// It fails with a ChangedError when one of them has changed since. Without such a
// commit it returns no files.
func Undo(root string) ([]string, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	c := &committer{r, func(string) error { return nil }}
	if _, err := c.repair(); err != nil {
		return nil, err
	}
	return c.undo()
}

func (c *committer) commit(writes []Write, undoes string) (string, error) {
	n := note{Version: 1, Undoes: undoes}
	for _, w := range writes {
		f, err := c.check(w)
		if err != nil {
			return "", err
		}
		n.Files = append(n.Files, f)
	}
	n.Dirs = c.missingDirs(writes)
	if err := c.prepare(&n, writes); err != nil {
		_ = c.root.RemoveAll(pending)
		return "", fmt.Errorf("nothing was written: %w", err)
	}
	if err := c.roll(&n); err != nil {
		return "", err
	}
	return c.finish()
}

// check compares a file with what is expected of it.
func (c *committer) check(w Write) (noteFile, error) {
	f := noteFile{Path: w.Path, Mode: 0o644}
	if !fs.ValidPath(w.Path) || w.Path == "." || strings.HasPrefix(w.Path, ".assay/journal/") {
		return f, fmt.Errorf("%s is no path inside the project; nothing was written", Printable(w.Path))
	}
	info, err := c.root.Lstat(w.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if w.Old != nil {
			return f, &ChangedError{w.Path}
		}
	case err != nil:
		return f, fmt.Errorf("nothing was written: %w", err)
	case !info.Mode().IsRegular():
		return f, fmt.Errorf("%s is no regular file; nothing was written", Printable(w.Path))
	case info.Mode().Perm()&0o200 == 0:
		return f, fmt.Errorf("%s is read-only; nothing was written", Printable(w.Path))
	default:
		f.Mode = info.Mode().Perm()
		text, err := c.root.ReadFile(w.Path)
		if err != nil {
			return f, fmt.Errorf("nothing was written: %w", err)
		}
		if w.Old == nil || string(text) != *w.Old {
			return f, &ChangedError{w.Path}
		}
		f.Old = sum(*w.Old)
	}
	if w.New != nil {
		f.New = sum(*w.New)
	}
	return f, nil
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

// missingDirs are the folders that have to be made for new files.
func (c *committer) missingDirs(writes []Write) []string {
	var dirs []string
	for _, w := range writes {
		if w.New == nil {
			continue
		}
		for d := path.Dir(w.Path); d != "."; d = path.Dir(d) {
			if _, err := c.root.Stat(d); err == nil || slices.Contains(dirs, d) {
				break
			}
			dirs = append(dirs, d)
		}
	}
	slices.Sort(dirs)
	return dirs
}

// prepare writes everything that the commit needs, and the manifest last.
func (c *committer) prepare(n *note, writes []Write) error {
	if err := c.root.MkdirAll(journal, 0o755); err != nil {
		return err
	}
	if err := c.write(journal+"/.gitignore", "*\n", 0o644); err != nil {
		return err
	}
	if err := c.root.Mkdir(pending, 0o755); err != nil {
		return err
	}
	for i, w := range writes {
		for name, text := range map[string]*string{"old-": w.Old, "new-": w.New} {
			if text == nil {
				continue
			}
			if err := c.write(pending+"/"+name+strconv.Itoa(i), *text, 0o644); err != nil {
				return err
			}
		}
	}
	text, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	if err := c.write(pending+"/manifest", string(text)+"\n", 0o644); err != nil {
		return err
	}
	if err := c.step("manifest"); err != nil {
		return err
	}
	return c.root.Rename(pending+"/manifest", pending+"/"+manifest)
}

// write makes a file with a text that is on the disk when it returns.
func (c *committer) write(name, text string, mode fs.FileMode) error {
	if err := c.step("write " + name); err != nil {
		return err
	}
	f, err := c.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// roll brings every file of a commit to its new text, or leaves it there. It may
// be run again after being cut off anywhere.
func (c *committer) roll(n *note) error {
	for _, d := range n.Dirs {
		if err := c.root.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	var bad []error
	for i := range n.Files {
		if err := c.replace(&n.Files[i], i); err != nil {
			bad = append(bad, err)
		}
	}
	return errors.Join(bad...)
}

// replace brings one file to its new text.
func (c *committer) replace(f *noteFile, i int) error {
	temp := path.Join(path.Dir(f.Path), ".assay-"+strconv.Itoa(i)+".tmp")
	now, err := c.sumOf(f.Path)
	switch {
	case err != nil:
		return err
	case now == f.New || now != f.Old:
		_ = c.root.Remove(temp) // left by a run that was cut off
		if now != f.New {
			return &ChangedError{f.Path}
		}
		return nil
	case f.New == "":
		if err := c.step("remove " + f.Path); err != nil {
			return err
		}
		return c.root.Remove(f.Path)
	}
	text, err := c.root.ReadFile(pending + "/new-" + strconv.Itoa(i))
	if err != nil {
		return err
	}
	if err := c.write(temp, string(text), f.Mode); err != nil {
		return err
	}
	if err := c.root.Chmod(temp, f.Mode); err != nil {
		return err
	}
	if err := c.step("rename " + f.Path); err != nil {
		return err
	}
	return c.root.Rename(temp, f.Path)
}

// sumOf is the sum of a file's text, "" if there is no file.
func (c *committer) sumOf(name string) (string, error) {
	text, err := c.root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return sum(string(text)), err
}

// finish gives the commit that is pending its number.
func (c *committer) finish() (string, error) {
	if err := c.step("finish"); err != nil {
		return "", err
	}
	list := c.commits()
	last := 0
	if len(list) > 0 {
		last, _ = strconv.Atoi(list[len(list)-1])
	}
	name := fmt.Sprintf("%06d", last+1)
	return name, c.root.Rename(pending, journal+"/"+name)
}

// commits are the names of the finished commits, in order.
func (c *committer) commits() []string {
	entries, err := fs.ReadDir(c.root.FS(), journal)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err == nil && e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out // ReadDir sorts them
}

// repair finishes the commit that is pending, if there is one.
func (c *committer) repair() ([]string, error) {
	if _, err := c.root.Stat(pending); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	n, err := c.read(pending)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, c.root.RemoveAll(pending) // cut off before it touched anything
	}
	if err != nil {
		return nil, err
	}
	if err := c.roll(n); err != nil {
		var changed *ChangedError
		if errors.As(err, &changed) {
			err = fmt.Errorf("a commit was cut off, and %s has changed since; look at %s, then remove that folder", Printable(changed.Path), pending)
		}
		return nil, err
	}
	_, err = c.finish()
	return n.paths(), err
}

func (n *note) paths() []string {
	out := make([]string, len(n.Files))
	for i := range n.Files {
		out[i] = n.Files[i].Path
	}
	return out
}

func (c *committer) read(dir string) (*note, error) {
	text, err := c.root.ReadFile(dir + "/" + manifest)
	if err != nil {
		return nil, err
	}
	var n note
	if err := json.Unmarshal(text, &n); err != nil || n.Version != 1 {
		return nil, fmt.Errorf("%s/%s cannot be read: written by another version?", dir, manifest)
	}
	for _, f := range n.Files {
		if !fs.ValidPath(f.Path) {
			return nil, fmt.Errorf("%s/%s names %q, which is no path inside the project", dir, manifest, f.Path)
		}
	}
	return &n, nil
}

// undo commits the old texts of the last commit that was not undone.
func (c *committer) undo() ([]string, error) {
	list := c.commits()
	undone := map[string]bool{}
	for i := len(list) - 1; i >= 0; i-- {
		n, err := c.read(journal + "/" + list[i])
		if err != nil {
			return nil, err
		}
		if n.Undoes != "" {
			undone[n.Undoes] = true
			continue
		}
		if undone[list[i]] {
			continue
		}
		writes, err := c.reversed(list[i], n)
		if err != nil {
			return nil, err
		}
		if _, err := c.commit(writes, list[i]); err != nil {
			return nil, err
		}
		for k := len(n.Dirs) - 1; k >= 0; k-- {
			_ = c.root.Remove(n.Dirs[k]) // stays if something else is in it
		}
		return n.paths(), nil
	}
	return nil, nil
}

// reversed are the writes that take a commit back.
func (c *committer) reversed(name string, n *note) ([]Write, error) {
	out := make([]Write, len(n.Files))
	text := func(kind, sum string, i int) (*string, error) {
		if sum == "" {
			return nil, nil
		}
		b, err := c.root.ReadFile(journal + "/" + name + "/" + kind + strconv.Itoa(i))
		s := string(b)
		return &s, err
	}
	for i, f := range n.Files {
		old, err1 := text("new-", f.New, i)
		now, err2 := text("old-", f.Old, i)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		out[i] = Write{Path: f.Path, Old: old, New: now}
	}
	return out, nil
}
