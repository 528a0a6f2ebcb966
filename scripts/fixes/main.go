// Command fixes writes the figures of docs/fixes.md.
//
//	go run ./scripts/fixes CORPUS [PROJECT…]
//
// CORPUS holds a checkout of each project in a folder of its own, or two levels
// down where a repository keeps its Elixir in a folder. Nothing there is written:
// fixes are applied to the texts in memory, as `assay fix` does before it writes.
// Every fix that may be applied is applied alone and all of a project together, the
// result is analysed anew and compared here with what was found before, fixed once
// more, and every file that was changed or made is read by Elixir itself.
//
// A line is printed for each finding: what came of it, the project, the place, its
// level, the check, and the fix or the reason why there is none. With projects named,
// only these are measured, and the document stays as it is.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/assay-dev/assay/scripts/assay"
)

const document = "docs/fixes.md"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: fixes CORPUS [PROJECT…]")
		os.Exit(2)
	}
	if err := measure(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "fixes:", err)
		os.Exit(2)
	}
}

func measure(corpus string, only []string) error {
	names, err := projects(corpus)
	if err != nil {
		return err
	}
	reader := &reader{}
	var all []*project
	for _, name := range names {
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		p, err := try(name, filepath.Join(corpus, name), reader)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, p)
	}
	if err := reader.read(); err != nil {
		return err
	}
	for _, p := range all {
		p.print(os.Stdout)
	}
	figures := tables(all)
	fmt.Print(figures)
	if len(only) > 0 {
		return nil
	}
	return assay.WriteFigures(document, figures)
}

// projects are the folders of a corpus that hold a Mix project, or one in a folder
// of theirs.
func projects(corpus string) ([]string, error) {
	var out []string
	for _, pattern := range []string{"*/mix.exs", "*/*/mix.exs"} {
		files, err := filepath.Glob(filepath.Join(corpus, pattern))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			name, err := filepath.Rel(corpus, filepath.Dir(f))
			if err != nil {
				return nil, err
			}
			if !slices.Contains(out, filepath.Dir(name)) {
				out = append(out, filepath.ToSlash(name))
			}
		}
	}
	slices.Sort(out)
	return out, nil
}
