// Package proof proves what fixes do with the project's own commands, in a copy
// of the project.
//
// In goes the project's folder and what is to be written; out comes the rung of
// the ladder that was reached: compiled when the compiler accepts the copy, tested
// when its tests pass as well. The project itself is not touched. This is the one
// place where code of the project runs, and only because a person asked for it:
// with a limit of time and memory, and the compiler without a network where the
// system allows it. Tests keep the network, for the database that they need.
package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
)

// Commands are what a project is compiled and tested with.
type Commands struct {
	Compile []string
	Test    []string
}

// Usual are the commands of a Mix project.
func Usual() Commands {
	return Commands{Compile: []string{"mix", "compile", "--warnings-as-errors"}, Test: []string{"mix", "test"}}
}

// Limits bound one command.
type Limits struct {
	Time   time.Duration
	Memory int64 // bytes of address space; 0 is no limit
}

// Outcome is how far a proof came.
type Outcome struct {
	Rung fix.Proof // fix.Checked if not even the compiler accepts it
	// Failed is the command that did not succeed, "" if all did, and Output the end
	// of what it printed.
	Failed, Output string
}

// outputKept is how much of a command's output is kept, from its end.
const outputKept = 16 << 10

// Run copies the project at root, writes there, and runs the commands up to the
// rung that is wanted. It fails when the copy cannot be made or a command cannot
// be started.
func Run(root string, writes []source.Write, want fix.Proof, c Commands, l Limits) (Outcome, error) {
	out := Outcome{Rung: fix.Checked}
	dir, err := os.MkdirTemp("", "assay-proof-")
	if err != nil {
		return out, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := copyTree(root, dir); err != nil {
		return out, err
	}
	if _, err := source.Commit(dir, writes); err != nil {
		return out, err
	}
	for _, rung := range []struct {
		proof   fix.Proof
		command []string
		alone   bool
	}{{fix.Compiled, c.Compile, true}, {fix.Tested, c.Test, false}} {
		if rung.proof > want {
			break
		}
		if len(rung.command) == 0 {
			return out, fmt.Errorf("there is no command for the rung %s", rung.proof)
		}
		ok, text, err := run(dir, rung.command, l, rung.alone)
		if err != nil {
			return out, err
		}
		if !ok {
			out.Failed, out.Output = strings.Join(rung.command, " "), text
			return out, nil
		}
		out.Rung = rung.proof
	}
	return out, nil
}

// run runs a command in a folder.
func run(dir string, command []string, l Limits, alone bool) (ok bool, output string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), l.Time)
	defer cancel()
	if _, err := exec.LookPath(command[0]); err != nil {
		return false, "", err
	}
	args := command
	if sh, err := exec.LookPath("sh"); err == nil && l.Memory > 0 {
		limit := "ulimit -v " + strconv.FormatInt(l.Memory>>10, 10) + ` 2>/dev/null; exec "$@"`
		args = append([]string{sh, "-c", limit, "sh"}, args...)
	}
	if alone {
		args = append(withoutNetwork(ctx), args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	var text tail
	cmd.Stdout, cmd.Stderr = &text, &text
	err = cmd.Run()
	var failed *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return false, text.String() + "\nstopped after " + l.Time.String(), nil
	case errors.As(err, &failed):
		return false, text.String(), nil
	}
	return err == nil, text.String(), err
}

// withoutNetwork is what a command is started with to have no network, or nothing
// where the system does not allow it.
func withoutNetwork(ctx context.Context) []string {
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		return nil
	}
	for _, flags := range [][]string{{"--net"}, {"--map-root-user", "--net"}} {
		args := append([]string{unshare}, flags...)
		if exec.CommandContext(ctx, args[0], append(args[1:], "true")...).Run() == nil {
			return args
		}
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct{ buf bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	t.buf.Write(p)
	if over := t.buf.Len() - 2*outputKept; over > 0 {
		t.buf.Next(t.buf.Len() - outputKept)
	}
	return len(p), nil
}

func (t *tail) String() string {
	text := t.buf.String()
	return text[max(0, len(text)-outputKept):]
}

// copyTree copies a project: its files, what was built of it and its
// dependencies, without its history. Links are copied as links where they stay
// inside, others are left out.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir() && (d.Name() == ".git" || rel == filepath.Join(".assay", "journal")):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			return copyLink(from, p, target)
		case d.Type().IsRegular():
			return copyFile(p, target)
		}
		return nil
	})
}

func copyLink(root, p, target string) error {
	to, err := os.Readlink(p)
	if err != nil || filepath.IsAbs(to) {
		return err
	}
	rel, err := filepath.Rel(root, filepath.Join(filepath.Dir(p), to))
	if err == nil && filepath.IsLocal(rel) {
		err = os.Symlink(to, target)
	}
	return err
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err = io.Copy(out, in); err != nil {
		return err
	}
	// What was built stays built only if it is not older than its source.
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}
