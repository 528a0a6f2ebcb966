package query

import (
	"strings"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// changed is what a function of a changeset gives: the changeset with one more
// step.
func (ev *evaluator) changed(f *frame, id ir.ExprID, name string, args []ir.ExprID) val {
	start := ev.value(f, args[0])
	v := ev.asChangeset(f, start)
	if v.kind == unknown {
		return v
	}
	if start.kind == unknown && name == "cast" {
		v.q.OpenSteps = false // what is cast first is a row
	}
	steps := ev.stepsOf(f, id, name, args[1:])
	out := v.mapQueries(func(q *Query) *Query {
		q = q.copied()
		for _, st := range steps {
			if st.Kind == Declared && st.Name == "" && !st.Explicit {
				st.Name = ev.defaultName(q, name, st.Fields)
			}
			q.Steps = append(q.Steps, st)
		}
		if name == "merge" {
			q.OpenSteps = true
		}
		return q
	})
	return out
}

// stepsOf reads one call of a changeset's function, without its first argument.
// The forms are those of the Ecto.Changeset documentation.
func (ev *evaluator) stepsOf(f *frame, id ir.ExprID, name string, args []ir.ExprID) []Step {
	st := Step{Span: flow.CallSpan(f.code, id), frame: f}
	switch {
	case len(args) == 0:
		return nil
	case name == "change":
		return ev.pairSteps(f, st, Put, args[0])
	case name == "cast" && len(args) > 1:
		return []Step{ev.castStep(f, st, args)}
	case (name == "put_change" || name == "force_change" || name == "put_assoc") && len(args) > 1:
		st.Kind, st.values = Put, args[1:2]
	case name == "delete_change":
		st.Kind = Dropped
	case name == "validate_required":
		st.Kind = Required
	case name == "unsafe_validate_unique":
		st.Kind = Asked
	case strings.HasPrefix(name, "validate_"), name == "add_error":
		st.Kind = Checked
	default:
		return ev.constraintStep(f, st, name, args)
	}
	st.Fields, st.Open = ev.names(f, args[0], maxHeld)
	return []Step{st}
}

// castStep reads `cast(row, params, fields)`; of the older form with required and
// optional fields both are cast.
func (ev *evaluator) castStep(f *frame, st Step, args []ir.ExprID) Step {
	st.Kind, st.values = Cast, args[:1]
	st.Fields, st.Open = ev.names(f, args[1], maxHeld)
	if len(args) > 2 && !ev.options(f, args[2]) { // the optional ones, of old
		if more, open := ev.names(f, args[2], maxHeld); !open {
			st.Fields = append(st.Fields, more...)
		}
	}
	return st
}

// options reports whether an expression is a list of pairs.
func (ev *evaluator) options(f *frame, x ir.ExprID) bool {
	g, at := ev.locate(f, x)
	pairs := false
	g.code.EachPair(at, func(string, ir.ExprID) { pairs = true })
	return pairs
}

// pairSteps reads the keys and values of a map or keyword list that is written
// out.
func (ev *evaluator) pairSteps(f *frame, st Step, kind StepKind, x ir.ExprID) []Step {
	st.Kind = kind
	g, at := ev.locate(f, x)
	e := g.code.At(at)
	if e.Op != ir.Make || e.Sub != ir.MakeMap && e.Sub != ir.MakeList {
		st.Open = true
		return []Step{st}
	}
	st.frame = g
	pair := func(k string, v ir.ExprID) {
		st.Fields = append(st.Fields, k)
		st.values = append(st.values, v)
	}
	if e.Sub == ir.MakeList {
		g.code.EachPair(at, pair)
	} else {
		st.Open = eachEntry(g.code, g.code.List(e), pair)
	}
	return []Step{st}
}

// eachEntry calls f with the constant keys of a map, and reports whether there
// are others.
func eachEntry(c *ir.Code, pairs []ir.ExprID, f func(key string, value ir.ExprID)) (open bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if k := c.At(pairs[i]); k.Op == ir.Const {
			f(k.Str, pairs[i+1])
		} else {
			open = true
		}
	}
	return open
}

// constraintStep reads a function that declares a constraint.
func (ev *evaluator) constraintStep(f *frame, st Step, name string, args []ir.ExprID) []Step {
	st.Kind, st.Match = Declared, "exact"
	switch name {
	case "unique_constraint":
		st.Constraint = Unique
	case "foreign_key_constraint", "assoc_constraint", "no_assoc_constraint":
		st.Constraint = ForeignKey
	case "check_constraint":
		st.Constraint = Check
	case "exclusion_constraint":
		st.Constraint = Exclusion
	default:
		return nil
	}
	st.Fields, st.Open = ev.names(f, args[0], maxHeld)
	if len(args) > 1 {
		opts := ev.value(f, args[1])
		st.Name, st.Explicit = ev.option(opts, "name")
		if m, there := ev.option(opts, "match"); there {
			st.Match = m
		}
		if opts.kind != made {
			st.Explicit = true // the options may name it
		}
	}
	return []Step{st}
}

// option is the literal value of an option, and whether the option is there.
func (ev *evaluator) option(opts val, key string) (string, bool) {
	e := ev.madeAt(opts)
	if e == nil {
		return "", false
	}
	name, there := "", false
	opts.f.code.EachPair(opts.x, func(k string, x ir.ExprID) {
		if k != key {
			return
		}
		there = true
		if v := ev.value(opts.f, x); v.kind == atom || v.kind == text {
			name = v.str
		}
	})
	return name, there
}

// defaultName is the name of a constraint that a changeset expects where the
// text gives none.
func (ev *evaluator) defaultName(q *Query, function string, fields []string) string {
	src := q.Root()
	s := src.Schema
	if s == nil || src.Name == "" || len(fields) == 0 {
		return ""
	}
	table := src.Name
	if i := strings.LastIndexByte(table, '.'); i >= 0 {
		table = table[i+1:]
	}
	columns := make([]string, len(fields))
	for i, field := range fields {
		if columns[i] = s.ColumnOf(field); columns[i] == "" {
			columns[i] = field
		}
	}
	switch function {
	case "unique_constraint":
		return table + "_" + strings.Join(columns, "_") + "_index"
	case "foreign_key_constraint":
		return table + "_" + columns[0] + "_fkey"
	case "exclusion_constraint":
		return table + "_" + columns[0] + "_exclusion"
	case "assoc_constraint":
		if a := s.Association(fields[0]); a != nil && a.OwnerKey != "" {
			return table + "_" + s.ColumnOf(a.OwnerKey) + "_fkey"
		}
	case "no_assoc_constraint":
		if a := s.Association(fields[0]); a != nil && a.Schema != ir.No {
			to := ev.p.Schemas[a.Schema]
			return to.Table + "_" + to.ColumnOf(a.RelatedKey) + "_fkey"
		}
	}
	return ""
}
