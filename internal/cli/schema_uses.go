package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// use is one way in which the program asks for a table, with all places that do.
type use struct {
	What    string // "found by", "read whole", "joined by", "ordered by", "insert", …
	Columns []string
	Index   string // the index or key that leads with one of the columns, or ""
	Places  []string
}

// usesShown is how many places of one use the text names.
const usesShown = 3

// usesOf lists how the program asks for each table: the most frequent way first.
func usesOf(s *engine.Snapshot, place func(*query.Access) string) map[*ir.Table][]use {
	out := map[*ir.Table][]use{}
	all := s.Queries.Accesses()
	for i := range all {
		a := &all[i]
		for b := range a.Query.Sources {
			if t := a.Query.Sources[b].Table; t != nil {
				for _, u := range usesBy(a, b, t) {
					out[t] = noteUse(out[t], u, place(a))
				}
			}
		}
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b use) int {
			return cmp.Or(len(b.Places)-len(a.Places), strings.Compare(a.What, b.What), slices.Compare(a.Columns, b.Columns))
		})
	}
	return out
}

// usesBy is what one access asks of one of its tables.
func usesBy(a *query.Access, binding int, t *ir.Table) []use {
	if a.Op == "insert" || a.Op == "insert_all" {
		return []use{{What: "insert"}}
	}
	var by, joined, order []string
	for i := range a.Query.Filters {
		switch f := &a.Query.Filters[i]; {
		case f.Binding != binding || f.Name == "":
		case f.Columns:
			joined = add(joined, f.Name)
		default:
			by = add(by, f.Name)
		}
	}
	for _, o := range a.Query.Order {
		if o.Binding == binding && o.Name != "" {
			order = add(order, o.Name)
		}
	}
	var out []use
	if binding == 0 && a.Writes() {
		out = append(out, use{What: strings.TrimSuffix(a.Op, "_all")})
	}
	switch {
	case len(by) > 0:
		slices.Sort(by)
		out = append(out, use{What: "found by", Columns: by, Index: leader(t, by)})
	case len(joined) > 0:
		slices.Sort(joined)
		out = append(out, use{What: "joined by", Columns: joined, Index: leader(t, joined)})
	case binding == 0 && !a.Writes():
		out = append(out, use{What: "read whole"})
	}
	if len(order) > 0 {
		out = append(out, use{What: "ordered by", Columns: order, Index: leader(t, order[:1])})
	}
	return out
}

func add(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// leader is the key or index that leads with one of the columns.
func leader(t *ir.Table, columns []string) string {
	if k := t.PrimaryKey; k != nil && len(k.Columns) > 0 && slices.Contains(columns, k.Columns[0]) {
		return k.Name
	}
	for i := range t.Indexes {
		if cols := t.Indexes[i].Columns(); len(cols) > 0 && slices.Contains(columns, cols[0]) {
			return t.Indexes[i].Name
		}
	}
	return ""
}

func noteUse(list []use, u use, place string) []use {
	for i := range list {
		if list[i].What == u.What && slices.Equal(list[i].Columns, u.Columns) {
			list[i].Places = add(list[i].Places, place)
			return list
		}
	}
	u.Places = []string{place}
	return append(list, u)
}

// text is a use in one line.
func (u *use) text() string {
	out := u.What
	if len(u.Columns) > 0 {
		out += " " + strings.Join(u.Columns, ", ")
	}
	switch {
	case u.Index != "":
		out += " (" + u.Index + ")"
	case u.What == "found by":
		out += " (no index)"
	}
	out += ": " + strings.Join(u.Places[:min(len(u.Places), usesShown)], ", ")
	if more := len(u.Places) - usesShown; more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}
