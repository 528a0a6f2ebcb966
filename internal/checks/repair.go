package checks

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// asking leaves each of some changes to the answer to a question.
func asking(changes []fix.Change, question string) []fix.Change {
	var out []fix.Change
	for _, c := range changes {
		if _, none := c.(*fix.Decline); !none {
			c = &fix.Only{Change: c, Question: question}
		}
		out = append(out, c)
	}
	return out
}

// unwrittenTable is the question before a change of a table that nothing is known to write.
const unwrittenTable = "Nothing of the program is known to write rows of the table: say whether it is still used, or can go as a whole."

// callAt is the call of a place, as flow.CallSpan gives places, and its clause.
func callAt(p *check.Pass, at source.Span) (flow.ClauseID, ir.ExprID) {
	fn := p.Program.FuncAt(at)
	if fn == nil {
		return ir.No, ir.No
	}
	lo, hi := p.Flow.Clauses(fn.ID)
	for id := lo; id < hi; id++ {
		c := p.Flow.Code(id)
		found := ir.ExprID(ir.No)
		for _, root := range p.Flow.Roots(id) {
			c.Walk(root, func(x ir.ExprID) bool {
				if c.At(x).Op == ir.Call && flow.CallSpan(c, x) == at {
					found = x
				}
				return found == ir.No
			})
		}
		if found != ir.No {
			return id, found
		}
	}
	return ir.No, ir.No
}

// lastStep is the place for one more step of the changeset that a call begins or
// goes on with: behind the last constraint that is declared there, or else behind
// the last step.
func lastStep(p *check.Pass, id flow.ClauseID, x ir.ExprID) ir.ExprID {
	c := p.Flow.Code(id)
	around := map[ir.ExprID]ir.ExprID{}
	for _, root := range p.Flow.Roots(id) {
		c.Walk(root, func(y ir.ExprID) bool {
			if e := c.At(y); e.Op == ir.Call && e.Hi > e.Lo {
				around[c.List(e)[0]] = y
			}
			return true
		})
	}
	declared := ir.ExprID(ir.No)
	for {
		if strings.HasSuffix(c.Callees[c.At(x).A].Name, "_constraint") {
			declared = x
		}
		next, ok := around[x]
		if !ok || !p.Queries.Changes(id, next) {
			break
		}
		x = next
	}
	if declared != ir.No {
		return declared
	}
	return x
}

// declaring asks for a constraint of a table to be declared where a step of a
// changeset is; the first column's field gets the error. It is nil where that
// cannot be said.
func declaring(p *check.Pass, at source.Span, s *ir.Schema, kind ir.ConstraintKind, columns []string, name string, first string) fix.Change {
	id, x := callAt(p, at)
	if x == ir.No || s == nil {
		return nil
	}
	d := &fix.Declare{Code: p.Flow.Code(id), Kind: kind, Name: name}
	if !p.Queries.Changes(id, x) {
		return nil
	}
	d.After = lastStep(p, id, x)
	for _, c := range columns {
		if f := fieldOf(s, c); f != "" {
			d.Fields = append(d.Fields, f)
		}
	}
	usual := kind == ir.UniqueConstraint && len(d.Fields) == len(columns) && name == fix.IndexName(s.Table, columns)
	switch {
	case len(d.Fields) == 0:
		return nil
	case usual && (first == "" || d.Fields[0] == first):
		d.Name, d.Usual = "", name
	case first != "":
		d.Fields = []string{first}
	default:
		d.Fields = d.Fields[:1]
	}
	return d
}

// fieldOf is the field that a column holds, or "".
func fieldOf(s *ir.Schema, column string) string {
	for i := range s.Fields {
		if s.Fields[i].Column == column {
			return s.Fields[i].Name
		}
	}
	return ""
}

// castingStep is the last step of a write that a changeset takes for certain.
func castingStep(steps []query.Step) (source.Span, bool) {
	for _, s := range slices.Backward(steps) {
		if !s.May && (s.Kind == query.Cast || s.Kind == query.Required || s.Kind == query.Checked || s.Kind == query.Declared) {
			return s.Span, true
		}
	}
	return source.Span{}, false
}

// declares reports whether a step declares a constraint of a name.
func declares(steps []query.Step, name string) bool {
	return slices.ContainsFunc(steps, func(s query.Step) bool { return s.Fits(name) })
}

// uniqueName is the name of a new unique index: the usual one, or another where
// something has that name; "" if all are taken.
func uniqueName(d *ir.Database, t *ir.Table, columns []string) string {
	if d == nil {
		return ""
	}
	usual := fix.IndexName(t.Name, columns)
	for _, name := range []string{usual, strings.TrimSuffix(usual, "_index") + "_unique_index", t.Name + "_" + columns[0] + "_unique_index", t.Name + "_unique_index"} {
		if len(name) <= ir.LongestName && !d.Taken(t, name) {
			return name
		}
	}
	return ""
}

// inOrder is columns in the order in which an index of the table has them.
func inOrder(t *ir.Table, columns []string) []string {
	for i := range t.Indexes {
		if of := t.Indexes[i].Columns(); len(of) == len(columns) && sameColumns(of, columns) {
			return of
		}
	}
	return columns
}

// overtaken asks for the indexes to go that a new one over columns makes needless.
func overtaken(d *ir.Database, t *ir.Table, columns []string) []fix.Change {
	y := sorter{TableIndex: ir.TableIndex{Using: "btree"}}
	for _, c := range columns {
		y.Keys = append(y.Keys, ir.IndexKey{Column: c})
	}
	var out []fix.Change
	for _, x := range sorters(t) {
		if x.key || x.Backing || x.Unique || !begins(&y, &x) || len(x.Keys) < len(y.Keys) && !slight(t, y.Keys[len(x.Keys):]) {
			continue
		}
		out = append(out, &fix.DropIndex{Database: d, Table: t, Index: t.Index(x.Name)})
	}
	return out
}

// renaming asks for the name of a constraint in a step that declares it.
func renaming(p *check.Pass, at source.Span, name string) fix.Change {
	id, x := callAt(p, at)
	if x == ir.No {
		return nil
	}
	value := ":" + name
	if strings.ContainsFunc(name, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		value = ":" + strconv.Quote(name)
	}
	return &fix.AddOption{Code: p.Flow.Code(id), Call: x, Key: "name", Value: value}
}

// together is changes as one, or nil if one of them is none.
func together(changes ...fix.Change) []fix.Change {
	if len(changes) == 0 || slices.Contains(changes, nil) {
		return nil
	}
	if len(changes) == 1 {
		return changes
	}
	return []fix.Change{&fix.Together{Changes: changes}}
}

// databaseOf is the database that a table is in.
func databaseOf(p *ir.Program, t *ir.Table) *ir.Database {
	for _, d := range p.Databases {
		if slices.Contains(d.Tables, t) {
			return d
		}
	}
	return nil
}
