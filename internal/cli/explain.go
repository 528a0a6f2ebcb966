package cli

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/page"
)

func (a *app) explain() *cobra.Command {
	var color string
	c := &cobra.Command{
		Use:               "explain CHECK",
		Short:             "Say what a check finds, why it matters and what to do",
		Example:           "  assay explain query-in-loop",
		ValidArgsFunction: cobra.FixedCompletions(checkNames(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(c, "name one check; `assay checks` lists them")
			}
			text, ok := engine.PageText(args[0])
			if !ok {
				return unknownCheck(c, args[0])
			}
			p, err := page.Parse(args[0]+".md", text)
			if err != nil {
				return err
			}
			return a.printPage(p, color)
		},
	}
	c.Flags().StringVar(&color, "color", "auto", "colour `WHEN`: auto, always or never")
	completeWith(c, "color", colors())
	return c
}

func (a *app) printPage(p *page.Page, color string) error {
	width, _ := terminal(a.Out)
	_, err := io.WriteString(a.Out, p.Render(width, colored(a.Out, color)))
	return err
}

// colored decides whether to print colours to w.
func colored(w io.Writer, color string) bool {
	switch color {
	case never:
		return false
	case always:
		return true
	}
	_, ok := terminal(w)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
