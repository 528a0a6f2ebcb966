package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

func (a *app) dumpQueries() *cobra.Command {
	return &cobra.Command{
		Use:   "queries [PATH]",
		Short: "Print what the program asks its databases",
		Long: `Print what the program asks its databases: each call that reaches a table, with the
columns by which rows are found, joined and ordered, and what is loaded with them;
then the calls whose table is not known.`,
		Example: "  assay dump queries\n  assay dump queries apps/shop",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, _, err := a.snapshot(args)
			if err != nil {
				return err
			}
			w := bufio.NewWriter(a.Out)
			p := queryPrinter{w, s}
			for i := range s.Queries.Accesses() {
				p.access(&s.Queries.Accesses()[i])
			}
			for _, u := range s.Queries.Gauges().Sites {
				fmt.Fprintf(p, "%s: not known\n", p.place(s.Flow.Span(u.Clause, u.Expr)))
			}
			return w.Flush()
		},
	}
}

// queryPrinter prints accesses, one a line.
type queryPrinter struct {
	io.Writer
	*engine.Snapshot
}

func (p queryPrinter) place(s source.Span) string {
	f := p.Files.File(s.File)
	return fmt.Sprintf("%s:%d", source.Printable(f.Path), f.Line(s.Start))
}

func (p queryPrinter) access(a *query.Access) {
	words := []string{a.Op, p.source(a.Query.Root())}
	for i := range a.Query.Sources[1:] {
		words = append(words, a.Query.Sources[i+1].Join+" join "+p.source(&a.Query.Sources[i+1]))
	}
	for i := range a.Query.Filters {
		words = append(words, filterText(&a.Query.Filters[i]))
	}
	for _, o := range a.Query.Order {
		words = append(words, fmt.Sprintf("order %d.%s", o.Binding, o.Name))
	}
	for _, l := range a.Query.Loads {
		words = append(words, "load "+strings.Join(l.Path, ".")+mark(l.May, "?"))
	}
	for _, c := range []struct {
		is   query.Certainty
		word string
	}{{a.Query.Limit, "limit"}, {a.Query.Selects, "select"}, {a.Query.Groups, "group"}} {
		if c.is != query.No {
			words = append(words, c.word+mark(c.is == query.Maybe, "?"))
		}
	}
	words = append(words, mark(a.Query.OpenFilters, "open filters"), mark(a.Query.OpenLoads, "open loads"))
	words = append(words, stepWords(a)...)
	last := a.Chain[len(a.Chain)-1]
	if len(a.Chain) > 1 {
		words = append(words, "by "+p.place(p.Flow.Span(last.Clause, last.Expr)))
	}
	text := strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	fmt.Fprintf(p, "%s: %s\n", p.place(p.Flow.Span(a.Clause, a.Expr)), source.Printable(text))
}

// stepWords say what is done to a row before it is written.
func stepWords(a *query.Access) []string {
	var words []string
	for _, g := range a.Given {
		from := mark(g.Origin.Client, "c") + mark(g.Origin.Params != 0, "p") + mark(g.Origin.Stored, "s") + mark(g.Origin.Fixed, "f") + mark(g.Origin.Made, "m")
		words = append(words, mark(g.Cast, "cast ")+g.Field+"="+from+mark(g.May, "?"))
	}
	for i := range a.Query.Steps {
		if s := &a.Query.Steps[i]; s.Kind == query.Declared {
			words = append(words, "declares "+strings.Join(s.Fields, "+")+"("+s.Name+")"+mark(s.May, "?"))
		}
	}
	return append(words, mark(a.Query.OpenSteps, "open steps"), mark(a.Settles, "settles"))
}

func mark(on bool, word string) string {
	if on {
		return word
	}
	return ""
}

func filterText(f *query.Filter) string {
	return fmt.Sprintf("%s%d.%s %s%s%s", mark(f.Join, "on "), f.Binding, f.Name, f.Compare, mark(f.May, "?"), mark(f.Either, "|"))
}

func (p queryPrinter) source(s *query.Source) string {
	switch {
	case s.Schema != nil:
		return p.Program.SchemaName(s.Schema)
	case s.Name != "":
		return s.Name
	case s.Sub != nil:
		return "(" + p.source(s.Sub.Root()) + ")"
	}
	return "?"
}
