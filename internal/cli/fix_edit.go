package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/fix"
)

// edited is a fix as a person leaves it: the files as it makes them are opened in the
// editor of $VISUAL or $EDITOR, in a folder of their own, and what is saved is the fix.
// Nothing of the project is written.
func (k *fixCommand) edited(s *engine.Snapshot, x fix.Fix) (out fix.Fix, err error) {
	if k.commit {
		return x, errors.New("with --commit each fix is made anew for its commit, so that none can be edited: leave --commit out")
	}
	editor := strings.Fields(os.Getenv("VISUAL"))
	if len(editor) == 0 {
		editor = strings.Fields(os.Getenv("EDITOR"))
	}
	if len(editor) == 0 {
		return x, errors.New("there is no editor: set EDITOR to one that waits until the file is closed")
	}
	plan, err := fix.Compose(s.Files, []fix.Fix{x})
	if err != nil {
		return x, err
	}
	dir, err := os.MkdirTemp("", "assay-edit-")
	if err != nil {
		return x, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	next := plan.Next()
	var files []string
	for _, p := range plan.Paths() {
		file := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return x, err
		}
		if err := os.WriteFile(file, []byte(next.Named(p).Text), 0o600); err != nil {
			return x, err
		}
		files = append(files, file)
	}
	run := exec.Command(editor[0], slices.Concat(editor[1:], files)...) // #nosec G204: it is the person's own editor
	run.Stdin, run.Stdout, run.Stderr = k.In, k.Out, k.Err
	if err := run.Run(); err != nil {
		return x, fmt.Errorf("the editor `%s` failed: %w", editor[0], err)
	}
	x.Edits, x.Files, x.Safety = nil, slices.Clone(x.Files), fix.Asked
	for i, p := range plan.Paths() {
		text, err := os.ReadFile(files[i])
		if err != nil {
			return x, err
		}
		if n := slices.IndexFunc(x.Files, func(f fix.File) bool { return f.Path == p }); n >= 0 {
			x.Files[n].Text = string(text)
		} else if e := between(s.Files.Named(p).Text, string(text)); e != (fix.Edit{}) {
			e.Path, e.Reason = p, "It is as you left it."
			x.Edits = append(x.Edits, e)
		}
	}
	x.Files = slices.DeleteFunc(x.Files, func(f fix.File) bool { return strings.TrimSpace(f.Text) == "" })
	return x, x.Sound(s.Files)
}

// between is the edit that makes one text of another, or the zero value where they are equal.
func between(old, now string) fix.Edit {
	lo := 0
	for lo < min(len(old), len(now)) && old[lo] == now[lo] {
		lo++
	}
	hi := 0
	for hi < min(len(old), len(now))-lo && old[len(old)-1-hi] == now[len(now)-1-hi] {
		hi++
	}
	if lo == len(old) && lo == len(now) {
		return fix.Edit{}
	}
	// Whole lines, so that no character of several bytes is cut.
	lo = strings.LastIndexByte(old[:lo], '\n') + 1
	end := len(old) - hi
	if n := strings.IndexByte(old[end:], '\n'); n >= 0 {
		end += n + 1
	} else {
		end = len(old)
	}
	return fix.Edit{Start: lo, End: end, Text: now[lo : len(now)-(len(old)-end)]}
}
