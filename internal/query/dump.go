package query

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// Dump prints what the program asks its databases, one access a line, and then
// the calls whose table is not known.
//
// A filter is printed as binding.column comparison; behind it ? says that it is
// not on every path, | that it stands under an or, ' that the other side is a
// literal, * that it is a column.
func (r *Result) Dump(w io.Writer) error {
	d := dumper{bufio.NewWriter(w), r}
	for i := range r.accesses {
		d.access(&r.accesses[i])
	}
	for _, u := range r.gauges.Sites {
		d.line(u.Clause, u.Expr, []string{"not known"})
	}
	return d.w.Flush()
}

type dumper struct {
	w *bufio.Writer
	*Result
}

func (d *dumper) line(id flow.ClauseID, x ir.ExprID, words []string) {
	text := strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	fmt.Fprintf(d.w, "%s: %s\n", d.place(id, x), source.Printable(text))
}

func (d *dumper) place(id flow.ClauseID, x ir.ExprID) string {
	f := d.flow.Code(id).File
	return fmt.Sprintf("%s:%d", source.Printable(f.Path), f.Line(d.flow.Span(id, x).Start))
}

func (d *dumper) access(a *Access) {
	words := append([]string{a.Op, a.Verb}, d.query(&a.Query)...)
	if len(a.Written) > 0 {
		words = append(words, "sets "+strings.Join(a.Written, ", "))
	}
	for i := range a.Implicit {
		words = append(words, "implicit "+a.Implicit[i].String())
	}
	words = append(words, mark(a.Unprepared, "unprepared"))
	words = append(words, stepWords(a)...)
	if a.Op == "load" {
		words = append(words, "for "+d.p.SchemaName(a.Owner)+"."+strings.Join(a.Load, "."))
	}
	if len(a.Chain) > 1 {
		last := a.Chain[len(a.Chain)-1]
		words = append(words, "by "+d.place(last.Clause, last.Expr))
	}
	d.line(a.Clause, a.Expr, words)
}

// stepWords say what is done to a row before it is written.
func stepWords(a *Access) []string {
	var words []string
	for _, g := range a.Given {
		from := mark(g.Origin.Client, "c") + mark(g.Origin.Params != 0, "p") + mark(g.Origin.Stored, "s") + mark(g.Origin.Fixed, "f") + mark(g.Origin.Made, "m")
		words = append(words, mark(g.Cast, "cast ")+g.Field+"="+from+mark(g.May, "?"))
	}
	for i := range a.Query.Steps {
		if s := &a.Query.Steps[i]; s.Kind == Declared {
			words = append(words, "declares "+strings.Join(s.Fields, "+")+"("+s.Name+")"+mark(s.May, "?"))
		}
	}
	return append(words, mark(a.Query.OpenSteps, "open steps"), mark(a.Settles, "settles"))
}

func (d *dumper) query(q *Query) []string {
	words := []string{d.source(q.Root())}
	for i := 1; i < len(q.Sources); i++ {
		words = append(words, q.Sources[i].Join+" join "+d.source(&q.Sources[i]))
	}
	for i := range q.Filters {
		words = append(words, q.Filters[i].String())
	}
	for _, o := range q.Order {
		words = append(words, fmt.Sprintf("order %d.%s", o.Binding, o.Name))
	}
	words = append(words, mark(q.OpenOrder, "open order"))
	for _, l := range q.Loads {
		words = append(words, d.load(&l))
	}
	for _, w := range q.Within {
		words = append(words, "within ("+strings.Join(d.query(w), " ")+")")
	}
	for _, c := range []struct {
		is   Certainty
		word string
	}{{q.Limit, "limit"}, {q.Selects, "select"}, {q.Groups, "group"}} {
		if c.is != No {
			words = append(words, c.word+mark(c.is == Maybe, "?"))
		}
	}
	return append(words, mark(q.OpenFilters, "open filters"), mark(q.OpenLoads, "open loads"))
}

func (d *dumper) load(l *Load) string {
	s := "load " + strings.Join(l.Path, ".") + mark(l.Joined, "+") + mark(l.May, "?")
	if l.Query != nil {
		s += " (" + strings.Join(d.query(l.Query), " ") + ")"
	}
	return s
}

func (d *dumper) source(s *Source) string {
	name := "?"
	switch {
	case s.Schema != nil:
		name = d.p.SchemaName(s.Schema)
	case s.Name != "":
		name = s.Name
	}
	if s.Sub != nil {
		name = "(" + strings.Join(d.query(s.Sub), " ") + ")"
	}
	return name + mark(s.Alias != "", " as "+s.Alias)
}

// String is a filter as Dump prints it.
func (f *Filter) String() string {
	text := fmt.Sprintf("%s%d.%s %s", mark(f.Join, "on "), f.Binding, f.Name, f.Compare)
	if f.Expr != "" {
		text += fmt.Sprintf(" %q", f.Expr)
	}
	return text + mark(f.May, "?") + mark(f.Either, "|") + mark(f.Constant, "'") + mark(f.Columns, "*")
}

func mark(on bool, word string) string {
	if on {
		return word
	}
	return ""
}
