// Package cli is Assay's command line: a file a command, each a thin door to
// engine. Main returns the exit code: 0 clean, 1 findings that count, 2 a wrong
// invocation or a failure of Assay itself.
package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/report"
	"github.com/assay-dev/assay/internal/source"
)

// The exit codes.
const (
	success = 0
	found   = 1
	failed  = 2
)

// Streams are what a program reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// app is one run of the program.
type app struct {
	Streams
	code    int // the exit code of a command that did its work
	profile profile
	debug   bool
}

// Main runs the program with its arguments, the program's name left out.
func Main(args []string, s Streams) (code int) {
	a := &app{Streams: s}
	root := a.root()
	root.SetArgs(args)
	defer func() {
		if r := recover(); r != nil {
			code = a.fail(fmt.Errorf("internal error: %v\nPlease report this, with the command you ran: %s", r, engine.ReportAt))
		}
	}()
	if err := root.Execute(); err != nil {
		return a.fail(err)
	}
	return a.code
}

// fail tells an error and returns its exit code.
func (a *app) fail(err error) int {
	text := strings.TrimRight(err.Error(), "\n")
	for line := range strings.Lines("assay: " + text + "\n") {
		fmt.Fprintln(a.Err, report.Clean(strings.TrimRight(line, "\n")))
	}
	return failed
}

// usage is a wrong invocation: what is wrong, and where help is.
func usage(c *cobra.Command, format string, args ...any) error {
	return fmt.Errorf(format+"\nRun `%s --help` for how to use it.", append(args, c.CommandPath())...)
}

const about = `Assay reads a whole Elixir back end and finds the defects that compile, pass
the tests and then take production down. It executes nothing of the project and
makes no network connection.`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "assay",
		Short: "Find the defects that take Elixir back ends down",
		Long:  about,
		Example: `  assay check                  the project around this directory
  assay check lib/shop         the findings in one folder
  assay explain query-in-loop  what a finding means and what to do`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              cobra.ArbitraryArgs,
		Version:           versionOf(debug.ReadBuildInfo()),
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return usage(c, "there is no command `%s`%s", args[0], engine.DidYouMean(args[0], commandNames(c)))
		},
		PersistentPreRunE:  func(*cobra.Command, []string) error { return a.profile.start() },
		PersistentPostRunE: func(*cobra.Command, []string) error { return a.profile.stop() },
	}
	root.SetVersionTemplate("assay {{.Version}}\n")
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetFlagErrorFunc(flagError)
	a.profile.flags(root.PersistentFlags())
	root.PersistentFlags().BoolVar(&a.debug, "debug", false, "print the stack of every internal error")
	hide(root.PersistentFlags(), "debug")
	root.AddCommand(a.check(), a.fix(), a.undo(), a.intervene(), a.generate(), a.explain(), a.checks(), a.schema(), a.dump(), a.version(), a.completion())
	return root
}

func commandNames(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// flagError says in plain words what is wrong with a flag.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		return unknownFlag(c, unknown)
	case errors.As(err, &value):
		return usage(c, "--%s takes %s, not `%s`", value.GetFlag().Name, kindOf(value.GetFlag()), value.GetValue())
	case errors.As(err, &missing):
		return usage(c, "--%s needs a value behind it", missing.GetFlag().Name)
	}
	return usage(c, "%v", err)
}

// kindOf says what a flag takes.
func kindOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int":
		return "a whole number"
	case "bool":
		return "true or false"
	}
	return "text"
}

// unknownFlag says which flag is near the one that there is not.
func unknownFlag(c *cobra.Command, err *pflag.NotExistError) error {
	name := err.GetSpecifiedName()
	if err.GetSpecifiedShortnames() != "" {
		return usage(c, "there is no flag `-%s`", name)
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	near := source.Nearest(name, known)
	if near != "" {
		near = "; did you mean `--" + near + "`?"
	}
	return usage(c, "there is no flag `--%s`%s", name, near)
}

// hide keeps flags out of the help.
func hide(fs *pflag.FlagSet, names ...string) {
	for _, n := range names {
		fs.Lookup(n).Hidden = true
	}
}

// terminal reports whether w is one, and how wide.
func terminal(w io.Writer) (width int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, true
}
