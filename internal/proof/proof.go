// Package proof proves what fixes do with the project's own commands, in a copy
// of the project.
//
// In goes the project's folder and what is to be written; out comes the rung of
// the ladder that was reached: compiled when the compiler accepts the copy, tested
// when its tests pass as well. The project itself is not touched. This is the one
// place where code of the project runs, and only because a person asked for it:
// with a limit of time and memory, and the compiler without a network where the
// system allows it. Tests keep the network, for the database that they need.
//
// A project need not be spotless to begin with: what fails without the fixes, and
// what the compiler warns of without them, is not held against them.
package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
)

// Commands are what a project is compiled and tested with.
type Commands struct {
	Compile []string // what accepts the code without a warning
	Lenient []string // the same that accepts warnings and prints all of them
	// Migrate and Rollback stand around Test where there are new migrations; the
	// version of the first of them is added to Rollback.
	Migrate, Test, Rollback []string
}

// Usual are the commands of a Mix project.
func Usual() Commands {
	return Commands{
		Compile:  []string{"mix", "compile", "--warnings-as-errors"},
		Lenient:  []string{"mix", "compile", "--force"},
		Migrate:  []string{"mix", "do", "ecto.create", "--quiet,", "ecto.migrate", "--quiet"},
		Test:     []string{"mix", "test"},
		Rollback: []string{"mix", "ecto.rollback", "--quiet", "--to"},
	}
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
	// Known is how many tests fail, with the fixes as without them.
	Known int
}

// outputKept is how much of a command's output is kept, from its end.
const outputKept = 1 << 20

// Bench is a copy of a project in which its commands run.
type Bench struct {
	Commands
	Limits
	Goal fix.Proof // the highest rung that will be tried
	// Report is told what runs next; nil is nobody.
	Report func(command string)

	outer, dir string
	current    []source.Write // what the copy differs in from the project
	compiled   bool           // the compiler has accepted that
	wrote      time.Time      // when the last command may have written what it compares times with
	usual      *usual
}

// usual is what the project's commands say without any fix.
type usual struct {
	warnings map[string]int
	failing  map[string]bool // tests
}

// NewBench copies the project at root. Close removes the copy.
func NewBench(root string, goal fix.Proof, c Commands, l Limits) (*Bench, error) {
	outer, err := os.MkdirTemp("", "assay-proof-")
	if err != nil {
		return nil, err
	}
	b := &Bench{Commands: c, Limits: l, Goal: goal, outer: outer}
	if b.dir, err = copyProject(root, outer); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Close removes the copy.
func (b *Bench) Close() error { return os.RemoveAll(b.outer) }

// Try runs the commands on the project with these writes, up to the rung that is
// wanted. It fails when a command cannot be started, or when the project does not
// pass without any writes.
func (b *Bench) Try(ctx context.Context, writes []source.Write, want fix.Proof) (Outcome, error) {
	for {
		out, err := b.attempt(ctx, writes, want)
		missed := out.Rung + 1
		if err != nil || out.Failed == "" || b.usual.knows(missed) {
			return out, err
		}
		// What fails without the writes is not their fault.
		if err := b.learn(ctx, missed); err != nil {
			return out, err
		}
	}
}

// knows reports whether it is known what the commands up to a rung say.
func (u *usual) knows(want fix.Proof) bool {
	return u != nil && (want < fix.Tested || u.failing != nil)
}

// learn finds out what the project's commands say without any writes.
func (b *Bench) learn(ctx context.Context, want fix.Proof) error {
	if err := b.write(nil); err != nil {
		return err
	}
	if b.usual == nil {
		// Only a compiler that compiles everything prints every warning; one that
		// compiles what has changed fails by them today and not tomorrow.
		ok, text, err := b.run(ctx, b.Lenient, true)
		if err != nil {
			return err
		}
		if !ok {
			return &UnfitError{command(b.Lenient), text}
		}
		b.usual = &usual{warnings: warnings(text)}
	}
	if want < fix.Tested {
		return nil
	}
	if len(b.Migrate) > 0 {
		ok, _, err := b.run(ctx, b.Migrate, false)
		if err != nil {
			return err
		}
		if !ok {
			b.Migrate = nil // the database of the tests is made in another way
		}
	}
	ok, text, err := b.run(ctx, b.Test, false)
	if err != nil {
		return err
	}
	if b.usual.failing = failing(text); !ok && len(b.usual.failing) == 0 {
		return &UnfitError{command(b.Test), text}
	}
	return nil
}

// Doubt runs the tests without any writes once more, and reports whether that
// explains why they failed: what fails now and then is nobody's fault.
func (b *Bench) Doubt(ctx context.Context, blamed []Outcome) ([]bool, error) {
	if err := b.write(nil); err != nil {
		return nil, err
	}
	_, text, err := b.run(ctx, b.Test, false)
	if err != nil {
		return nil, err
	}
	maps.Copy(b.usual.failing, failing(text))
	known := make([]bool, len(blamed))
	for i := range blamed {
		known[i] = blamed[i].Failed == command(b.Test) && b.usual.explains(failing(blamed[i].Output))
	}
	return known, nil
}

// explains reports whether the same tests fail without the writes.
func (u *usual) explains(now map[string]bool) bool {
	for name := range now {
		if !u.failing[name] {
			return false
		}
	}
	return len(now) > 0
}

// UnfitError says that a project does not pass its own commands without any fix.
type UnfitError struct{ Command, Output string }

func (u *UnfitError) Error() string {
	return "`" + u.Command + "` does not succeed without the fixes either"
}

// attempt runs the commands once.
func (b *Bench) attempt(ctx context.Context, writes []source.Write, want fix.Proof) (Outcome, error) {
	out := Outcome{Rung: fix.Checked}
	if err := b.write(writes); err != nil {
		return out, err
	}
	if !b.compiled {
		if ok, err := b.compiles(ctx, &out); err != nil || !ok {
			return out, err
		}
		b.compiled = true
	}
	out.Rung = fix.Compiled
	if want < fix.Tested {
		return out, nil
	}
	test := b.passes
	if first := firstMigration(writes); first != "" && len(b.Migrate) > 0 {
		test = func(ctx context.Context, out *Outcome) (bool, error) { return b.migrated(ctx, first, out) }
	}
	ok, err := test(ctx, &out)
	if ok && err == nil {
		out.Rung = fix.Tested
	}
	return out, err
}

// migrated runs the tests on a migrated database, and takes the migrations back
// from the first of the new ones on: the database of the tests is the project's.
func (b *Bench) migrated(ctx context.Context, first string, out *Outcome) (ok bool, err error) {
	back := append(slices.Clone(b.Rollback), first)
	defer func() {
		// Also when a person has interrupted it.
		undone, text, failed := b.run(context.WithoutCancel(ctx), back, false)
		if err = errors.Join(err, failed); err == nil && ok && !undone {
			ok, out.Failed, out.Output = false, command(back), text
		}
	}()
	ok, text, err := b.run(ctx, b.Migrate, false)
	if err != nil || !ok {
		out.Failed, out.Output = command(b.Migrate), text
		return false, err
	}
	return b.passes(ctx, out)
}

// compiles runs the compiler. Warnings that the project has without the writes do
// not count.
func (b *Bench) compiles(ctx context.Context, out *Outcome) (bool, error) {
	c := b.Compile
	lenient := b.usual != nil && len(b.usual.warnings) > 0
	if lenient {
		c = b.Lenient
	}
	if len(c) == 0 {
		return false, fmt.Errorf("there is no command for the rung %s", fix.Compiled)
	}
	ok, text, err := b.run(ctx, c, true)
	if err != nil {
		return false, err
	}
	if ok && lenient {
		for w, n := range warnings(text) {
			if n > b.usual.warnings[w] {
				ok, text = false, w+"\n"
			}
		}
	}
	if !ok {
		out.Failed, out.Output = command(c), text
	}
	return ok, nil
}

// passes runs the tests. Those that fail without the writes do not count, and one
// that fails only once decides nothing.
func (b *Bench) passes(ctx context.Context, out *Outcome) (bool, error) {
	if len(b.Test) == 0 {
		return false, fmt.Errorf("there is no command for the rung %s", fix.Tested)
	}
	for again := false; ; again = true {
		ok, text, err := b.run(ctx, b.Test, false)
		if ok || err != nil {
			out.Failed, out.Output = "", ""
			return ok, err
		}
		now := failing(text)
		if b.usual.knows(fix.Tested) && b.usual.explains(now) {
			out.Known, out.Failed, out.Output = len(now), "", ""
			return true, nil
		}
		out.Failed, out.Output = command(b.Test), text
		if b.usual != nil {
			out.Output = without(text, b.usual.failing)
		}
		if again || !b.usual.knows(fix.Tested) {
			return false, nil
		}
	}
}

// write makes the copy the project with these writes.
func (b *Bench) write(writes []source.Write) error {
	if slices.EqualFunc(b.current, writes, same) {
		return nil
	}
	b.compiled = false
	if len(b.current) > 0 {
		if _, err := source.Undo(b.dir); err != nil {
			return err
		}
		b.current = nil
	}
	// Compilers compare times in whole seconds: what is written in the second of
	// their own last write would pass for compiled.
	if wait := time.Until(b.wrote.Truncate(time.Second).Add(time.Second)); !b.wrote.IsZero() && wait > 0 {
		time.Sleep(wait)
	}
	if len(writes) > 0 {
		if _, err := source.Commit(b.dir, writes); err != nil {
			return err
		}
		b.current = writes
	}
	return nil
}

// same reports whether two writes leave a file the same.
func same(a, b source.Write) bool {
	return a.Path == b.Path && (a.New == nil) == (b.New == nil) && (a.New == nil || *a.New == *b.New)
}

func command(c []string) string { return strings.Join(c, " ") }

// firstMigration is the version of the first migration among new files, or "".
func firstMigration(writes []source.Write) string {
	first := ""
	for _, w := range writes {
		version, _, ok := strings.Cut(path.Base(w.Path), "_")
		if w.Old != nil || w.New == nil || !ok || path.Base(path.Dir(w.Path)) != "migrations" || !strings.HasSuffix(w.Path, ".exs") {
			continue
		}
		if _, err := strconv.ParseUint(version, 10, 64); err == nil && (first == "" || version < first) {
			first = version
		}
	}
	return first
}

// run runs a command in the copy, alone without a network.
func (b *Bench) run(parent context.Context, command []string, alone bool) (ok bool, output string, err error) {
	ctx, cancel := context.WithTimeout(parent, b.Time)
	defer cancel()
	if len(command) == 0 {
		return false, "", errors.New("there is no command for it")
	}
	if _, err := exec.LookPath(command[0]); err != nil {
		return false, "", err
	}
	if b.Report != nil {
		b.Report(strings.Join(command, " "))
	}
	args := command
	if sh, err := exec.LookPath("sh"); err == nil && b.Memory > 0 {
		limit := "ulimit -v " + strconv.FormatInt(b.Memory>>10, 10) + ` 2>/dev/null; exec "$@"`
		args = append([]string{sh, "-c", limit, "sh"}, args...)
	}
	if alone {
		args = append(withoutNetwork(ctx), args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = b.dir
	cmd.Env = os.Environ()
	env := os.Getenv("MIX_ENV")
	if env == "" && builtForTests(b.dir) || b.Goal >= fix.Tested && (env == "" || env == "dev" || env == "prod") {
		// What is compiled for the tests is compiled once, and no other database than
		// that of the tests is migrated.
		cmd.Env = append(cmd.Env, "MIX_ENV=test")
	}
	cmd.WaitDelay = time.Second
	defer func() { b.wrote = time.Now() }()
	var text tail
	cmd.Stdout, cmd.Stderr = &text, &text
	err = cmd.Run()
	var failed *exec.ExitError
	switch {
	case parent.Err() != nil:
		return false, "", parent.Err()
	case ctx.Err() != nil:
		return false, text.String() + "\nstopped after " + b.Time.String() + "\n", nil
	case errors.As(err, &failed):
		return false, text.String(), nil
	}
	return err == nil, text.String(), err
}

// builtForTests reports whether a project was built for its tests alone.
func builtForTests(dir string) bool {
	built := func(env string) bool {
		_, err := os.Stat(filepath.Join(dir, "_build", env))
		return err == nil
	}
	return built("test") && !built("dev")
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
		if exec.CommandContext(ctx, args[0], append(slices.Clone(args[1:]), "true")...).Run() != nil {
			continue
		}
		// The machine's own address stays where it can: compilers talk to themselves.
		if sh, err := exec.LookPath("sh"); err == nil {
			args = append(args, sh, "-c", `ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null; exec "$@"`, "sh")
		}
		return args
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
