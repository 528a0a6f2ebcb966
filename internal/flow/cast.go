package flow

import "github.com/assay-dev/assay/internal/ir"

// readEnumerated finds the fields that hold some of a few values.
func (a *analysis) readEnumerated() {
	a.enumerated = map[string]bool{}
	for _, m := range a.p.Modules {
		if m.Body == ir.No || m.Code == nil || inTest(m.Code) {
			continue
		}
		c := m.Code
		c.Walk(m.Body, func(id ir.ExprID) bool {
			x := c.At(id)
			if x.Op == ir.Call && x.Hi-x.Lo >= 2 {
				if d := a.model(c.Callees[x.A].Extern); d != nil && d.Expand == "schema_field" {
					a.field(c, c.List(x))
				}
			}
			return x.Op != ir.Closure
		})
	}
}

// field notes whether a field is a list of values that are all written out. Fields
// of one name count only when all of them are.
func (a *analysis) field(c *ir.Code, args []ir.ExprID) {
	name, typ := c.At(args[0]), c.At(args[1])
	if name.Op != ir.Const {
		return
	}
	few := false
	if typ.Op == ir.Make && typ.Sub == ir.MakeTuple && typ.Hi-typ.Lo == 2 && c.At(c.Lists[typ.Lo]).Str == "array" && len(args) > 2 {
		few = hasKey(c, args[2], "values")
	}
	if all, seen := a.enumerated[name.Str]; !seen || all {
		a.enumerated[name.Str] = few
	}
}

// related is the module of the rows of an association that is named in a module,
// or "" when it holds one row, or is not known: its own association, or the one
// that all others of that name agree on.
func (a *analysis) related(in ir.ModuleID, name string) string {
	out := ""
	for _, s := range a.p.Schemas {
		as := s.Association(name)
		switch {
		case as == nil:
		case s.Module == in && as.Kind.Many():
			return as.Related
		case s.Module == in:
			return ""
		case !as.Kind.Many() || out != "" && out != as.Related:
			return ""
		default:
			out = as.Related
		}
	}
	return out
}

// casts finds what a call that casts an association runs for each child: the
// function that it is given, or the child's own function of two parameters.
func (a *analysis) casts(c *ir.Code, ext ir.ExternID, args []ir.ExprID) (given ir.ExprID, own ir.FuncID) {
	m := a.model(ext)
	if m == nil || m.Expand != "ecto_changeset" || a.p.Externs[ext].Name != "cast_assoc" || len(args) < 2 {
		return ir.No, ir.No
	}
	name := c.At(args[1])
	related := ""
	if name.Op == ir.Const {
		related = a.related(c.Module, name.Str)
	}
	if related == "" {
		return ir.No, ir.No
	}
	given = ir.No
	if len(args) > 2 {
		c.EachPair(args[2], func(key string, v ir.ExprID) {
			if key == "with" {
				given = v
			}
		})
	}
	if given != ir.No {
		if op := c.At(given).Op; op != ir.Closure && op != ir.FuncRef {
			given = ir.No
		}
		return given, ir.No
	}
	if mod := a.p.ModuleNamed(related); mod != nil {
		if f := a.p.FuncNamed(mod.ID, "changeset", 2); f != nil {
			return ir.No, f.ID
		}
	}
	return ir.No, ir.No
}

// cast runs what a call that casts an association does with each child.
func (e *eval) cast(at ir.ExprID, ext ir.ExternID, args []ir.ExprID, all value) {
	given, own := e.casts(e.c, ext, args)
	if given == ir.No && own == ir.No {
		return
	}
	i, bit := e.newLoop(Loop{Expr: at, Coll: ir.No, Kind: "cast", rows: storedRows})
	all.dep |= bit
	e.inside(context{loop: i, bit: bit}, func() value {
		if own != ir.No {
			return e.project(at, own, nil, []value{all, all})
		}
		e.again++
		v := e.run1(value{def: int32(given), lazy: true}, all)
		e.again--
		return v
	})
}
