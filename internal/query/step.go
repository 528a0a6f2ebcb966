package query

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// StepKind says what is done to a row before it is written.
type StepKind uint8

// The kinds of step.
const (
	Built    StepKind = iota // the row is made with values
	Cast                     // values are taken out of parameters
	Put                      // a value is set by the program
	Dropped                  // a change is taken back
	Required                 // the fields must be there
	Checked                  // the value of the field is validated
	Asked                    // the database is asked whether the value is taken
	Declared                 // a constraint of the database is turned into an error
)

// Step is one thing that is done to a row before it is written.
type Step struct {
	Kind   StepKind
	Fields []string // as the program names them; there may be more when Open
	Open   bool
	May    bool // it is not done on every path
	// Of a Declared one: the kind of constraint and the name that the database is
	// expected to give; "" when it is not known.
	Constraint Constraint
	Name       string
	Explicit   bool   // the text names it
	Match      string // "exact", "suffix" or "prefix"
	Span       source.Span
	// values are where the values come from: of Built and Put a value for each
	// field, of Cast the parameters.
	frame  *frame
	values []ir.ExprID
}

// Constraint is a kind of constraint that a changeset can declare.
type Constraint uint8

// The kinds of constraint.
const (
	Unique Constraint = iota
	ForeignKey
	Check
	Exclusion
)

// Fits reports whether a step declares the constraint of a name.
func (s *Step) Fits(name string) bool {
	if s.Kind != Declared {
		return false
	}
	switch {
	case s.Name == "":
		return true
	case s.Match == "suffix":
		return strings.HasSuffix(name, s.Name)
	case s.Match == "prefix":
		return strings.HasPrefix(name, s.Name)
	}
	return s.Name == name
}

// same reports whether two steps are the same place of the text.
func (s *Step) same(t *Step) bool {
	return s.Kind == t.Kind && s.Span == t.Span && slices.Equal(s.Fields, t.Fields)
}

// orSteps keeps as certain what both have.
func orSteps(a, b []Step) []Step {
	has := func(list []Step, s *Step) bool {
		return slices.ContainsFunc(list, func(t Step) bool { return s.same(&t) && s.May == t.May })
	}
	if len(a) == 0 && len(b) == 0 {
		return nil
	}
	out := make([]Step, 0, len(a)+len(b))
	for _, s := range a {
		s.May = s.May || !has(b, &s)
		out = append(out, s)
	}
	for _, s := range b {
		if !has(a, &s) {
			s.May = true
			out = append(out, s)
		}
	}
	return out
}

// Origin says where a value comes from, as far as it is known; any of several
// may hold, as for a value that a branch chooses.
type Origin struct {
	// Params are the parameters of the access's clause that it depends on.
	Params uint32
	Client bool // it was sent along with a request
	Stored bool // it is a field of a row that was there
	Fixed  bool // it is written in the text
	Made   bool // it is new, or nothing is known of it
}

func (o Origin) or(p Origin) Origin {
	return Origin{o.Params | p.Params, o.Client || p.Client, o.Stored || p.Stored, o.Fixed || p.Fixed, o.Made || p.Made}
}

// Given is a field that a write gives a value.
type Given struct {
	Field  string
	Column string
	Cast   bool // out of parameters
	Map    int  // the parameter of the access's clause that is the map it is cast from, or -1
	May    bool
	Origin Origin
	Span   source.Span // where it is cast, put or built
}

// givens are the fields that the steps of a row give values, the last one of a
// field wins. An update writes what changes alone: what the row was made with says which it is.
func (ev *evaluator) givens(q *Query, op string) []Given {
	var out []Given
	s := q.Root().Schema
	drop := func(field string) {
		out = slices.DeleteFunc(out, func(g Given) bool { return g.Field == field })
	}
	for i := range q.Steps {
		st := &q.Steps[i]
		if st.Kind > Dropped || st.Kind == Built && op == "update" {
			continue
		}
		for n, field := range st.Fields {
			g := Given{Field: field, Cast: st.Kind == Cast, Map: -1, May: st.May, Span: st.Span}
			if st.Kind != Dropped {
				v, there := ev.givenValue(st, n, field)
				if !there {
					continue
				}
				g.Origin = ev.origin(v, 4)
				if g.Cast && st.frame != nil && len(st.values) == 1 {
					g.Map = ev.parameterOf(st.frame, st.values[0])
				}
			}
			if !st.May {
				drop(field)
			}
			if s != nil {
				g.Column = s.ColumnOf(field)
			}
			if st.Kind != Dropped {
				out = append(out, g)
			}
		}
	}
	return out
}

// givenValue is the value that a step gives to its field n, if it gives one.
func (ev *evaluator) givenValue(st *Step, n int, field string) (val, bool) {
	x := ir.ExprID(ir.No)
	switch {
	case st.frame == nil:
	case st.Kind == Cast && len(st.values) == 1:
		v := ev.held(st.frame, st.values[0], field, maxHeld)
		return v, v.kind != bottom
	case n < len(st.values):
		x = st.values[n]
	}
	if x < 0 {
		return val{kind: unknown}, true
	}
	return ev.value(st.frame, x), true
}

// origin says where a value comes from.
func (ev *evaluator) origin(v val, depth int) Origin {
	var o Origin
	for _, a := range v.each() {
		switch a.kind {
		case module, text, atom:
			o = o.or(Origin{Fixed: true})
		case unknown:
			p := Origin{Params: a.params, Client: a.client, Stored: a.stored}
			p.Made = a.params == 0 && !a.client && !a.stored
			o = o.or(p)
		case row:
			o = o.or(Origin{Params: a.params, Stored: !a.q.Inserted, Made: a.q.Inserted})
		default:
			o = o.or(ev.partsOrigin(a, depth))
		}
	}
	return o
}

// partsOrigin is where the parts of a text come from. One that is new makes the
// whole new.
func (ev *evaluator) partsOrigin(v val, depth int) Origin {
	e := ev.madeAt(v)
	if e == nil || e.Op != ir.Make || e.Sub != ir.MakeString || depth == 0 {
		return Origin{Made: true}
	}
	o := Origin{Fixed: true}
	for _, x := range v.f.code.List(e) {
		p := ev.origin(ev.value(v.f, x), depth-1)
		if p.Made {
			return Origin{Made: true}
		}
		o = o.or(p)
	}
	return o
}

func (ev *evaluator) madeAt(v val) *ir.Expr {
	if v.kind != made {
		return nil
	}
	return v.f.code.At(v.x)
}
