package query

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/sql"
)

// unknownWord stands in SQL text for what is not known of it.
const unknownWord = "__unknown__"

// maxText bounds the SQL text of one call.
const maxText = 1 << 16

// takesSQL is the argument of a call that is SQL text, or -1.
func takesSQL(m *model.Call) int {
	if at, ok := m.Sink["sql"]; ok && m.Effects&model.Query != 0 {
		return at
	}
	return -1
}

// text notes what the SQL text says that a call runs. Where the callers of a
// function give the text, they are asked.
func (w *climb) text(ev *evaluator, f *frame, chain []Hop, at ir.ExprID) {
	v := ev.value(f, at)
	if e := f.code.At(w.x); e.Op == ir.Send {
		if on := ev.value(f, ir.ExprID(e.A)); !w.mayBeRepo(on) {
			v = val{kind: unknown, params: on.undecided()}
		}
	}
	for _, a := range v.each() {
		if a.kind == text || a.kind == made {
			var b strings.Builder
			ev.spell(&b, a)
			w.statement(b.String(), Access{Clause: chain[0].Clause, Expr: chain[0].Expr, Chain: chain, Op: "sql"}, f.code.Span(at))
		}
	}
	if v.undecided() != 0 && len(chain) <= maxClimb {
		w.up(f, chain)
	}
}

// spell writes text that is put together, with unknownWord for what is not known.
func (ev *evaluator) spell(b *strings.Builder, v val) {
	if ev.steps++; ev.steps > maxSteps || b.Len() > maxText {
		return
	}
	switch v.kind {
	case text:
		b.WriteString(v.str)
		return
	case made:
		e := v.f.code.At(v.x)
		if e.Op == ir.Make && e.Sub == ir.MakeString || e.Op == ir.Call {
			for _, part := range v.f.code.List(e) {
				ev.spell(b, ev.value(v.f, part))
			}
			return
		}
	}
	b.WriteString(unknownWord)
}

// statement notes an access for each table of a statement.
func (w *climb) statement(text string, a Access, at source.Span) {
	info, err := sql.Query(text)
	if info == nil {
		return
	}
	s := statement{info, text, at, err != nil || openText(info, text)}
	for i := range info.Tables {
		t := &info.Tables[i]
		if t.Source != sql.None || t.Function || t.Name.Name == "" || strings.Contains(t.Name.String(), unknownWord) {
			continue
		}
		a.Query = *s.query(i, w.evaluator().tableNamed(t.Name.String()))
		a.Verb, a.Written = "select", nil
		if t.Write {
			a.Verb = info.Blocks[t.Block].Verb
		}
		if i == info.Target {
			a.Written = info.Written
		}
		w.out.accesses = append(w.out.accesses, a)
	}
}

// openText reports whether text that is not known may be a condition: it stands
// elsewhere than in what a column is compared with.
func openText(info *sql.QueryInfo, text string) bool {
	for at := 0; ; at++ {
		i := strings.Index(text[at:], unknownWord)
		if i < 0 {
			return false
		}
		at += i
		compared := func(p sql.Predicate) bool {
			return p.Value.Start <= at && at < p.Value.End && !strings.Contains(p.Column.Name, unknownWord)
		}
		if !slices.ContainsFunc(info.Predicates, compared) {
			return true
		}
	}
}

// statement is an SQL statement at a place of the program.
type statement struct {
	*sql.QueryInfo
	text string
	at   source.Span
	open bool
}

// query is what a statement asks of its table i.
func (s *statement) query(i int, of Source) *Query {
	block := &s.Blocks[s.Tables[i].Block]
	of.Join = s.Tables[i].Join
	q := &Query{Sources: []Source{of}, Selects: Yes, OpenFilters: s.open}
	for _, p := range s.Predicates {
		if p.Column.Table == i && of.has(p.Column.Name) {
			q.Filters = append(q.Filters, s.filter(&p))
		}
		if o := p.Other; o != nil && o.Table == i && of.has(o.Name) {
			q.Filters = append(q.Filters, Filter{
				Column: Column{0, o.Name, o.Name}, Compare: Equal, Join: p.Clause == "on", Either: !p.Must, Columns: true, Span: s.at,
			})
		}
	}
	for _, o := range s.Order {
		switch {
		case o.Column == nil || o.Column.Table == sql.None:
			q.OpenOrder = q.OpenOrder || o.Block == s.Tables[i].Block
		case o.Column.Table == i && !of.has(o.Column.Name):
			q.OpenOrder = true
		case o.Column.Table == i:
			q.Order = append(q.Order, Column{0, o.Column.Name, o.Column.Name})
		}
	}
	q.Limit, q.Groups = certain(block.Limit), certain(block.Distinct || block.Grouped)
	return q
}

// has reports whether a name can be one of a column: SQL also names what a query
// computes.
func (s *Source) has(name string) bool {
	if strings.Contains(name, unknownWord) {
		return false
	}
	return s.Table == nil || s.Table.Partial || s.Table.Column(name) != nil
}

func certain(is bool) Certainty {
	if is {
		return Yes
	}
	return No
}

// filter is a comparison of a statement.
func (s *statement) filter(p *sql.Predicate) Filter {
	f := Filter{
		Column: Column{0, p.Column.Name, p.Column.Name}, Compare: compared(p.Compare),
		Join: p.Clause == "on" || p.Clause == "using", Either: !p.Must,
		Columns:  p.With == sql.ColumnOperand && !strings.Contains(p.Other.Name, unknownWord),
		Constant: p.With == sql.Literal && !strings.Contains(p.Value.Text(s.text), unknownWord), Span: s.at,
	}
	if p.Wrapped {
		if f.Compare <= In {
			f.Expr = p.Left.Text(s.text)
		}
		f.Compare = Other
	}
	return f
}

// compared is a comparison of SQL in the words of filters.
func compared(c sql.Comparison) Compare {
	switch c {
	case sql.Equal:
		return Equal
	case sql.In:
		return In
	case sql.Ordered:
		return Range
	case sql.Pattern:
		return Like
	case sql.IsNull:
		return IsNull
	case sql.IsNotNull:
		return NotNull
	case sql.Different:
		return Differs
	}
	return Other
}
