package cli

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/page"
	"github.com/assay-dev/assay/internal/report"
)

// checkLine is one line of `assay checks`.
type checkLine struct {
	Name    string `json:"name"`
	Level   string `json:"level"`
	Summary string `json:"summary"`
	// Optional: it is outside the default set.
	Optional bool `json:"optional,omitempty"`
}

func (a *app) checks() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "checks",
		Short:   "List the checks",
		Example: "  assay checks\n  assay checks --format json",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch format {
			case "text":
				return a.printChecks()
			case "json":
				e := json.NewEncoder(a.Out)
				e.SetIndent("", "  ")
				return e.Encode(checkLines())
			}
			return usage(c, "there is no format `%s`: --format is text or json", format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "how to print: text or json")
	completeWith(c, "format", []string{"text", "json"})
	return c
}

func (a *app) printChecks() error {
	lines := checkLines()
	width := 0
	for _, l := range lines {
		width = max(width, len(l.Name))
	}
	for _, l := range lines {
		if l.Optional {
			l.Summary += " (with --all)"
		}
		if _, err := fmt.Fprintf(a.Out, "%-*s  %-7s  %s\n", width, l.Name, l.Level, l.Summary); err != nil {
			return err
		}
	}
	return nil
}

func checkLines() []checkLine {
	var lines []checkLine
	for _, i := range checkInfos(checkNames()) {
		lines = append(lines, checkLine{i.Name, report.LevelName(i.Level), i.Title, engine.Optional(i.Name)})
	}
	return lines
}

// checkInfos says what the pages of checks say.
func checkInfos(names []string) []report.CheckInfo {
	var infos []report.CheckInfo
	for _, name := range names {
		info := report.CheckInfo{Name: name, Level: engine.LevelOf(name)}
		if text, ok := engine.PageText(name); ok {
			if p, err := page.Parse(name+".md", text); err == nil {
				info.Title, info.Help = p.Summary(), p.Markdown()
			}
		}
		infos = append(infos, info)
	}
	return infos
}

// checkNames are the names of everything that can be reported.
func checkNames() []string { return engine.Names() }

// unknownCheck is the error about a check that there is not.
func unknownCheck(c *cobra.Command, name string) error {
	names := checkNames()
	near := engine.DidYouMean(name, names)
	if near == "" && !slices.Contains(names, name) {
		near = "; `assay checks` lists them"
	}
	return usage(c, "there is no check `%s`%s", name, near)
}
