package cli

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// astCommand is one run of `assay dump ast`.
type astCommand struct {
	*app
	form, root string
	hash       bool
	jobs       int
	kind       elixir.Form
}

func (a *app) dumpAST() *cobra.Command {
	k := &astCommand{app: a}
	c := &cobra.Command{
		Use:   "ast [PATH... | -]",
		Short: "Print Elixir's own syntax trees of files",
		Long: `Print the syntax trees that Elixir's Code.string_to_quoted makes, in canonical
text. A PATH is relative to --root; a directory stands for the Elixir files in
it, and - for the paths on standard input, one a line. A file with syntax errors
prints ERROR, its path, the place and the message, and the exit code is 1.`,
		Example: `  assay dump ast lib/shop.ex
  assay dump ast --form loc --hash --root ~/src < paths.txt -`,
		RunE: func(c *cobra.Command, args []string) error {
			var ok bool
			if k.kind, ok = elixir.ParseForm(k.form); !ok {
				return usage(c, "there is no form `%s`%s", k.form, engine.DidYouMean(k.form, elixir.Forms()))
			}
			return k.run(args)
		},
	}
	c.Flags().StringVar(&k.form, "form", "plain", "how much metadata: plain, pos, loc, full, lit or raw")
	c.Flags().BoolVar(&k.hash, "hash", false, "print `SHA256 PATH` instead of the tree")
	c.Flags().StringVar(&k.root, "root", ".", "the `DIR` that paths are relative to")
	c.Flags().IntVarP(&k.jobs, "jobs", "j", 0, "read `N` files at once (default: one a core)")
	completeWith(c, "form", elixir.Forms())
	return c
}

func (k *astCommand) run(args []string) error {
	paths, err := k.paths(args)
	if err != nil {
		return err
	}
	texts, errs := make([][]byte, len(paths)), make([]error, len(paths))
	print := func(i int) { texts[i], errs[i] = k.text(paths[i], len(paths) > 1) }
	if err := engine.Each(k.jobs, len(paths), print); err != nil {
		return err
	}
	w := bufio.NewWriter(k.Out)
	for i, text := range texts {
		if errs[i] != nil {
			return errs[i]
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
		if text[0] == 'E' {
			k.code = found
		}
	}
	return w.Flush()
}

// text is what is printed for one file.
func (k *astCommand) text(p string, named bool) ([]byte, error) {
	f, err := readSource(k.at(p), filepath.ToSlash(p))
	if err != nil {
		return nil, err
	}
	shown := source.Printable(f.Path)
	text, broken := elixir.CanonText(f, k.kind)
	switch {
	case len(broken) > 0:
		at := f.Pos(broken[0].Start)
		return fmt.Appendf(nil, "ERROR %s %d:%d %s\n", shown, at.Line, at.Column, source.Printable(broken[0].Message)), nil
	case k.hash:
		return fmt.Appendf(nil, "%x %s\n", sha256.Sum256(text), shown), nil
	case named:
		return fmt.Appendf(nil, "# %s\n%s\n", shown, text), nil
	}
	return append(text, '\n'), nil
}

// at is where a path is on the disk.
func (k *astCommand) at(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(k.root, filepath.FromSlash(p))
}

// paths are the files to print, in the order they are named.
func (k *astCommand) paths(args []string) ([]string, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	if slices.Equal(args, []string{"-"}) {
		return readLines(k.In)
	}
	var out []string
	for _, p := range args {
		found, err := k.below(p)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// below is a file, or the Elixir files in a directory, by path.
func (k *astCommand) below(p string) ([]string, error) {
	var out []string
	top := k.at(p)
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		switch ext := filepath.Ext(name); {
		case err != nil:
			return err
		case d.IsDir() || name != top && (!d.Type().IsRegular() || ext != ".ex" && ext != ".exs"):
			return nil
		}
		rel, err := filepath.Rel(top, name)
		out = append(out, filepath.Join(p, rel))
		return err
	})
	return out, err
}

func readLines(r io.Reader) ([]string, error) {
	var out []string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if lines.Text() != "" {
			out = append(out, lines.Text())
		}
	}
	return out, lines.Err()
}
