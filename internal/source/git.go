package source

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unsafe"
)

// LoadRevision reads a project as it was at a revision of its repository:
// root is the project's directory now, rev a commit, branch or tag. A rev that
// ends with three dots, `main...`, stands for the commit at which the work on
// HEAD left it. The working tree is not touched, and nothing that the
// repository configures (hooks, filters, file system monitors) is run.
func LoadRevision(root, rev string, opt Options) (*Set, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", root, err)
	}
	commit, err := resolveRevision(abs, rev)
	if err != nil {
		return nil, err
	}
	t, err := newRevision(abs, commit)
	if err != nil {
		return nil, err
	}
	defer t.close()
	w := &walk{list: &Listing{Root: abs, options: opt}, tree: t}
	w.outerScope(abs)
	w.dir("", w.scope, "")
	return t.read(w.done()), nil
}

// resolveRevision returns the hash of the commit that rev names. After this
// only the hash is passed to git.
func resolveRevision(root, rev string) (string, error) {
	name, fork := strings.CutSuffix(rev, "...")
	if name == "" || name[0] == '-' || strings.ContainsAny(name, "\x00\n") {
		return "", fmt.Errorf("%q is not a revision; name a commit, branch or tag, such as main or HEAD~1", Printable(rev))
	}
	if strings.Contains(name, "..") {
		return "", fmt.Errorf("%q is a range; name the one commit, branch or tag that the code is compared with", Printable(rev))
	}
	if _, err := git(root, "rev-parse", "--git-dir"); err != nil {
		return "", repositoryError(root, err)
	}
	commit, err := git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("%s: git knows no revision %q; check its name, or fetch it first (a shallow clone lacks older commits: `git fetch --unshallow`)",
			Printable(root), Printable(name))
	}
	if fork {
		if commit, err = git(root, "merge-base", commit, "HEAD"); err != nil {
			return "", fmt.Errorf("%s: %q and HEAD have no commit in common; fetch more of the history, or name a commit", Printable(root), Printable(name))
		}
	}
	return commit, nil
}

func repositoryError(root string, err error) error {
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("git was not found; install it, or put it on the PATH, to compare with a revision")
	case strings.Contains(err.Error(), "not a git repository"):
		return fmt.Errorf("%s: not in a git repository, so there is no revision to compare with; run `git init` and commit, or leave the revision away", Printable(root))
	}
	return fmt.Errorf("%s: git refused to read the repository: %w", Printable(root), err)
}

// gitCommand prepares a git that reads the repository of a directory, speaks
// English and starts no other program: no pager, no file system monitor, no
// transport to fetch objects that a partial clone lacks.
func gitCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("git", append([]string{"--no-pager", "-c", "core.fsmonitor=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(environment(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
		"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none")
	return cmd
}

// environment is this program's, without what a git hook says about the
// repository that it runs for: the one around the directory is meant.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY":
			return true
		}
		return false
	})
}

// git runs a git command and returns its output without the last line end.
func git(dir string, args ...string) (string, error) {
	cmd := gitCommand(dir, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if said := strings.TrimSpace(stderr.String()); said != "" {
			return "", errors.New(Printable(strings.ReplaceAll(said, "\n", "; ")))
		}
		return "", err
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// revision is the tree of one commit, seen from the project's root.
type revision struct {
	dirs  map[string][]node
	blobs map[string]string // path → object
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
}

func newRevision(root, commit string) (*revision, error) {
	list, err := git(root, "ls-tree", "-r", "-z", commit)
	if err != nil {
		return nil, fmt.Errorf("%s: git could not list %s: %w", Printable(root), commit, err)
	}
	t := &revision{dirs: map[string][]node{}, blobs: map[string]string{}}
	seen := map[string]bool{"": true}
	for _, line := range strings.Split(list, "\x00") {
		t.add(line, seen)
	}
	t.cmd = gitCommand(root, "cat-file", "--batch")
	if t.in, err = t.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t.out = bufio.NewReaderSize(out, 1<<16)
	return t, t.cmd.Start()
}

// add takes one line of git ls-tree: `100644 blob 3f2a…<tab>lib/shop.ex`.
func (t *revision) add(line string, seen map[string]bool) {
	what, p, _ := strings.Cut(line, "\t")
	fields := strings.Fields(what)
	if len(fields) != 3 || fields[1] != "blob" || !fs.ValidPath(p) {
		return
	}
	n := node{name: path.Base(p), form: regular}
	if fields[0] == "120000" {
		n.form = link
	} else {
		t.blobs[p] = fields[2]
	}
	for dir := parent(p); ; n, dir = (node{name: path.Base(dir), form: directory}), parent(dir) {
		t.dirs[dir] = append(t.dirs[dir], n)
		if seen[dir] {
			return
		}
		seen[dir] = true
	}
}

func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}

func (t *revision) nodes(dir string) ([]node, error) {
	nodes := t.dirs[dir]
	sort.Slice(nodes, func(i, j int) bool { return nodes[i].name < nodes[j].name })
	return nodes, nil
}

func (t *revision) text(p string) (string, error) { return t.object(t.blobs[p], DefaultMaxSize) }

func (t *revision) lost(string) string { return "" }

// object asks git for a blob; the answer is `3f2a… blob 412`, a line end, the
// bytes and a line end.
func (t *revision) object(id string, limit int64) (string, error) {
	if _, err := io.WriteString(t.in, id+"\n"); err != nil {
		return "", err
	}
	head, err := t.out.ReadString('\n')
	if err != nil {
		return "", err
	}
	fields := strings.Fields(head)
	if len(fields) != 3 {
		return "", errors.New("git lacks this file; fetch it first")
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return "", err
	}
	if size > limit {
		_, err = io.CopyN(io.Discard, t.out, size+1)
		return "", errors.Join(err, fmt.Errorf("%s is over the limit of %s", byteSize(size), byteSize(limit)))
	}
	buf := make([]byte, size+1)
	if _, err := io.ReadFull(t.out, buf); err != nil {
		return "", err
	}
	return unsafe.String(unsafe.SliceData(buf), int(size)), nil
}

func (t *revision) read(l *Listing) *Set {
	files := make([]*File, 0, len(l.Entries))
	var notes []Note
	for _, e := range l.Entries {
		text, err := t.object(t.blobs[e.Path], l.options.maxSize())
		if err != nil {
			notes = append(notes, Note{Path: e.Path, Reason: err.Error()})
			continue
		}
		files = append(files, &File{Path: e.Path, Text: text, Kind: e.Kind})
	}
	return Assemble(l, files, notes)
}

func (t *revision) close() {
	_ = t.in.Close()
	_ = t.cmd.Wait() // every answer was read
}
