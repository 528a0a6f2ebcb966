package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/source"
)

// text is a file as a fix leaves it.
type text struct {
	path, content string
	fault         string // what Elixir says of it, "" where it can be read
}

// reader has Elixir read texts, each once.
type reader struct {
	texts []*text
	known map[string]*text
}

// add takes the Elixir files that were changed or made.
func (r *reader) add(writes []source.Write) []*text {
	if r.known == nil {
		r.known = map[string]*text{}
	}
	var out []*text
	for _, w := range writes {
		if e := path.Ext(w.Path); w.New == nil || e != ".ex" && e != ".exs" {
			continue
		}
		t := r.known[*w.New]
		if t == nil {
			t = &text{path: w.Path, content: *w.New}
			r.known[*w.New] = t
			r.texts = append(r.texts, t)
		}
		out = append(out, t)
	}
	return out
}

// script prints the number of each file that cannot be read, and why.
const script = `
for line <- IO.stream(:stdio, :line) do
  path = String.trim_trailing(line, "\n")

  case Code.string_to_quoted(File.read!(path)) do
    {:ok, _} -> :ok
    {:error, reason} -> IO.puts(Path.basename(path) <> "\t" <> inspect(reason))
  end
end

IO.puts("done")
`

// read reads all texts in one process.
func (r *reader) read() (err error) {
	dir, err := os.MkdirTemp("", "fixes")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var paths strings.Builder
	for i, t := range r.texts {
		name := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(name, []byte(t.content), 0o600); err != nil {
			return err
		}
		paths.WriteString(name + "\n")
	}
	c := exec.Command("elixir", "-e", script)
	c.Stdin = strings.NewReader(paths.String())
	out, err := c.Output()
	if err != nil {
		return fmt.Errorf("elixir: %w", err)
	}
	said := strings.Split(strings.TrimSpace(string(out)), "\n")
	if said[len(said)-1] != "done" {
		return fmt.Errorf("elixir does not come to the end: %s", out)
	}
	for _, line := range said[:len(said)-1] {
		name, fault, _ := strings.Cut(line, "\t")
		i, err := strconv.Atoi(name)
		if err != nil || i >= len(r.texts) {
			return fmt.Errorf("elixir says %q", line)
		}
		r.texts[i].fault = fault
	}
	return nil
}
