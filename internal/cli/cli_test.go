package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
	"time"
)

func TestBarShowsOnlyLongWork(t *testing.T) {
	var out bytes.Buffer
	b := &bar{out: &out, next: time.Now().Add(time.Hour)}
	b.step("read", 1, 2)
	b.clear()
	if out.Len() > 0 {
		t.Errorf("short work shows %q", out.String())
	}
	b = &bar{out: &out}
	b.step("read", 6, 12)
	if want := "\r\x1b[K━━━━━━━━━━━━──────────── read 6/12"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	out.Reset()
	b.clear()
	b.step("read", 7, 12)
	if out.String() != "\r\x1b[K" {
		t.Errorf("after the end: %q", out.String())
	}
}

func TestBarIsQuietWithoutTerminal(t *testing.T) {
	b := newBar(&bytes.Buffer{})
	b.step("read", 1, 2)
	if b.out != nil {
		t.Error("a pipe gets a bar")
	}
}

func TestWriteFileLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "out.json")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := errors.New("no more")
	err := writeFile(name, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return bad
	})
	if !errors.Is(err, bad) {
		t.Errorf("got %v", err)
	}
	text, _ := os.ReadFile(name)
	entries, _ := os.ReadDir(dir)
	if string(text) != "old" || len(entries) != 1 {
		t.Errorf("the file holds %q; in the folder is %v", text, entries)
	}
}

func TestVersionOf(t *testing.T) {
	released := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}
	built := &debug.BuildInfo{Main: debug.Module{Version: "(devel)"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}}}
	for want, info := range map[string]*debug.BuildInfo{"v1.2.3": released, "devel-0123456789ab": built, "devel": {}} {
		if got := versionOf(info, true); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	a := &app{Streams: Streams{In: &bytes.Buffer{}, Out: io.Discard, Err: io.Discard}}
	root := a.root()
	commands := root.Commands()
	for i := 0; i < len(commands); i++ {
		c := commands[i]
		commands = append(commands, c.Commands()...)
		if c.Short == "" || c.HasParent() && !c.HasSubCommands() && c.Example == "" && !slices.Contains([]string{"version"}, c.Name()) {
			t.Errorf("`%s` lacks a sentence or an example", c.CommandPath())
		}
	}
}

func TestPanicEndsWithTwo(t *testing.T) {
	var out bytes.Buffer
	code := Main([]string{"version"}, Streams{Out: panicking{}, Err: &out})
	if code != failed || !bytes.Contains(out.Bytes(), []byte("Please report this")) {
		t.Errorf("code %d, said %q", code, out.String())
	}
}

// panicking is a writer that breaks the program on purpose.
type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("on purpose") }
