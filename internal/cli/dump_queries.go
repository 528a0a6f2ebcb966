package cli

import "github.com/spf13/cobra"

func (a *app) dumpQueries() *cobra.Command {
	return &cobra.Command{
		Use:   "queries [PATH]",
		Short: "Print what the program asks its databases",
		Long: `Print what the program asks its databases: each call that reaches a table, with the
columns by which rows are found, joined and ordered, and what is loaded with them;
then the calls whose table is not known.

Behind a filter, ? says that it is not on every path, | that it stands under an or,
' that the other side is a literal, and * that it is a column; behind a loaded
association, + says that its rows come from a join.`,
		Example: "  assay dump queries\n  assay dump queries apps/shop",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, _, err := a.snapshot(args)
			if err != nil {
				return err
			}
			return s.Queries.Dump(a.Out)
		},
	}
}
