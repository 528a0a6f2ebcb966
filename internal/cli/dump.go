package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/flow"
	lower "github.com/assay-dev/assay/internal/lower/elixir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

func (a *app) dump() *cobra.Command {
	c := &cobra.Command{
		Use:   "dump tree|ast|unit|program|flow|queries|loops|schema|mapping",
		Short: "Print what a phase of the analysis made",
		Long:  "Print what a phase of the analysis made: for work on Assay, and to see why it\nreports something or stays silent.",
		Args:  cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return usage(c, "there is nothing called `%s` to dump%s", args[0], engine.DidYouMean(args[0], commandNames(c)))
		},
	}
	c.AddCommand(a.dumpTree(), a.dumpAST(), a.dumpUnit(), a.dumpProgram(), a.dumpFlow(), a.dumpQueries(), a.dumpLoops(), a.dumpSchema(), a.dumpMapping())
	return c
}

func (a *app) dumpTree() *cobra.Command {
	return a.dumpTexts("tree", "Print the syntax trees of files", func(t *syntax.Tree) error {
		return syntax.Dump(a.Out, t, elixir.KindName, elixir.OpName)
	})
}

func (a *app) dumpUnit() *cobra.Command {
	return a.dumpTexts("unit", "Print the modules, directives and definitions that files alone tell", func(t *syntax.Tree) error {
		return lower.Outline(a.Out, t)
	})
}

// dumpTexts is a command that prints something of files, each by itself.
func (a *app) dumpTexts(name, short string, print func(*syntax.Tree) error) *cobra.Command {
	return &cobra.Command{
		Use:     name + " FILE...",
		Short:   short,
		Example: "  assay dump " + name + " lib/shop.ex",
		Args:    someFiles,
		RunE: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				f, err := readSource(name, name)
				if err != nil {
					return err
				}
				if err := print(elixir.Parse(f)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (a *app) dumpProgram() *cobra.Command {
	return a.dumpFiles("program", "Print the modules, functions and bodies of files, with names resolved",
		func(s *engine.Snapshot, w io.Writer, id source.FileID) error { return s.Program.Dump(w, id) })
}

func (a *app) dumpFlow() *cobra.Command {
	return a.dumpFiles("flow", "Print what the functions of files do, by clause", printFlow)
}

// dumpFiles is a command that analyses the project around some files and prints
// something of each.
func (a *app) dumpFiles(name, short string, print func(*engine.Snapshot, io.Writer, source.FileID) error) *cobra.Command {
	return &cobra.Command{
		Use:     name + " FILE...",
		Short:   short,
		Example: "  assay dump " + name + " lib/shop.ex",
		Args:    someFiles,
		RunE: func(_ *cobra.Command, args []string) error {
			s, t, err := a.snapshot(args)
			if err != nil {
				return err
			}
			w := bufio.NewWriter(a.Out)
			p := engine.Policy{Paths: t.paths}
			for _, f := range s.Files.Files {
				if !p.Within(f.Path) || s.Trees[f.ID] == nil {
					continue
				}
				if err := print(s, w, f.ID); err != nil {
					return err
				}
			}
			return w.Flush()
		},
	}
}

// snapshot analyses the project around some paths.
func (a *app) snapshot(paths []string) (*engine.Snapshot, target, error) {
	t, err := targetOf(paths, "", nil)
	if err != nil {
		return nil, t, err
	}
	tuneCollector()
	s, err := engine.Open(t.root, nil, engine.Options{Read: limitMemory})
	if err != nil {
		return nil, t, err
	}
	return s, t, errors.Join(a.usable(s), broken(s))
}

func (a *app) dumpLoops() *cobra.Command {
	return &cobra.Command{
		Use:   "loops [PATH...]",
		Short: "Print every loop that reaches a query, and why it is reported or not",
		Long: `Print every loop that reaches a database or another service, one a line: place,
calls in between, what iterates, whether it is reported, and why.
The columns are separated by tabs.`,
		Example: "  assay dump loops lib | cut -f5 | sort | uniq -c",
		RunE: func(_ *cobra.Command, args []string) error {
			s, t, err := a.snapshot(args)
			if err != nil {
				return err
			}
			p := engine.Policy{Paths: t.paths}
			w := bufio.NewWriter(a.Out)
			for _, l := range s.Flow.Loops() {
				at := s.Flow.Span(l.Clause, l.Expr)
				way := l.Database
				if !way.Found {
					way = l.Service
				}
				if f := s.Files.File(at.File); p.Within(f.Path) {
					fmt.Fprintf(w, "%s:%d\t%d\t%s\t%s\t%s\n", source.Printable(f.Path), f.Line(at.Start),
						way.Hops, source.Printable(l.Kind), outcome(l.Verdict), l.Verdict)
				}
			}
			return w.Flush()
		},
	}
}

// outcome is whether a loop with a verdict is reported.
func outcome(v flow.Verdict) string {
	switch {
	case v == flow.Reported, v == flow.ReportedInside, v == flow.Hoisted, v.Minor():
		return "reported"
	}
	return "silent"
}

// someFiles asks for one argument at least.
func someFiles(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage(c, "name one file at least")
	}
	return nil
}

// readSource reads a file of any place, to be shown under a name of its own.
func readSource(name, shown string) (*source.File, error) {
	text, err := readSmall(name, source.DefaultMaxSize)
	if err != nil {
		return nil, err
	}
	return source.NewFile(shown, string(text)), nil
}
