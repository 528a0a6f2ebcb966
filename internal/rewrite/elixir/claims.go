package elixir

import (
	"errors"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// A test of a step that declares a constraint makes the changeset of an empty row and
// of no input: what it counts on is in it even so.

var errNoChangeset = errors.New("no public function takes the row and the input, and comes to the step whatever they hold without calling anything else than changesets")

// testDeclared looks that a changeset counts on a constraint.
func (w *Writer) testDeclared(c *fix.Declare) (suite, error) {
	kind := [...]string{ir.CheckConstraint: "check", ir.UniqueConstraint: "unique", ir.ExclusionConstraint: "exclusion"}[c.Kind]
	fn, s := w.changesetWith(c.Code, c.After)
	if fn == nil {
		return suite{}, errNoChangeset
	}
	name := c.Name
	if name == "" {
		var columns []string
		for _, f := range c.Fields {
			columns = append(columns, s.ColumnOf(f))
		}
		name = fix.IndexName(s.Table, columns)
	}
	return w.claimSuite(fn, kind, name)
}

// testRenamed looks that a changeset counts on a constraint by its right name.
func (w *Writer) testRenamed(c *fix.AddOption) (suite, error) {
	step := c.Code.Callees[c.Code.At(c.Call).A].Name
	kind, ok := strings.CutSuffix(step, "_constraint")
	if c.Key != "name" || !ok {
		return suite{}, errNoTest
	}
	if strings.HasSuffix(kind, "assoc") {
		kind = "foreign_key"
	}
	fn, _ := w.changesetWith(c.Code, c.Call)
	if fn == nil {
		return suite{}, errNoChangeset
	}
	return w.claimSuite(fn, kind, strings.Trim(c.Value, `:"`))
}

func (w *Writer) claimSuite(fn *ir.Func, kind, name string) (suite, error) {
	module := w.Program.Module(fn.Module).Name
	short := ir.LastName(module)
	s, err := w.plainSuite(module, name)
	if err != nil {
		return s, err
	}
	if short != module {
		s.aliases = []string{module}
	}
	s.reason = "It fails on the changeset as it is: what the database refuses by this name would raise an exception."
	width := w.width(w.testFolder(module))
	made := "changeset = " + short + "." + fn.Name + "(%" + short + "{}, %{})\n"
	wide := len(made)+len("   ") > width
	if wide { // what takes several lines stands apart
		made = strings.Replace(made, " = ", " =\n  ", 1) + "\n"
	}
	sought := "{" + atom(kind) + ", " + quoted(name) + "}"
	set := ""
	if len("    assert "+sought+" in constraints") > width {
		set, sought = "name = "+quoted(name)+"\n", "{"+atom(kind)+", name}"
		if wide {
			set += "\n"
		}
	}
	s.tests = []testText{{fn.Name + " declares " + name,
		set + made +
			"constraints = Enum.map(changeset.constraints, &{&1.type, &1.constraint})\n\n" +
			"assert " + sought + " in constraints\n"}}
	return s, nil
}

// changesetWith is the public function that makes a changeset of an empty row of its
// module and of no input, and comes to a step for certain; with the schema.
func (w *Writer) changesetWith(code *ir.Code, step ir.ExprID) (*ir.Func, *ir.Schema) {
	s := w.Program.SchemaOf(code.Module)
	if s == nil || s.Table == "" {
		return nil, nil
	}
	for _, id := range w.Program.Module(code.Module).Funcs {
		fn := w.Program.Func(id)
		if fn.Kind != ir.Def || fn.Injected || fn.Arity != 2 || fn.Code != code || len(fn.Clauses) != 1 {
			continue
		}
		if c := &fn.Clauses[0]; c.Guard == ir.No && takesRow(code, c.Params[0], w.Program.Module(code.Module).Name) && plain(code, c.Params[1]) {
			r := run{w: w, code: code, step: step}
			if r.steps(c.Body) && r.met {
				return fn, s
			}
		}
	}
	return nil, nil
}

// plain reports whether a parameter takes anything.
func plain(c *ir.Code, p ir.ExprID) bool {
	e := c.At(p)
	if e.Op == ir.Match { // with a default
		e = c.At(ir.ExprID(e.A))
	}
	return e.Op == ir.Bind || e.Op == ir.Any
}

// takesRow reports whether a parameter takes any row of a schema: `user`,
// `%User{} = user`.
func takesRow(c *ir.Code, p ir.ExprID, module string) bool {
	e := c.At(p)
	if e.Op == ir.Match {
		return takesRow(c, ir.ExprID(e.A), module) && takesRow(c, ir.ExprID(e.B), module)
	}
	if e.Op == ir.Make {
		return e.Sub == ir.MakeStruct && e.Str == module && e.Lo == e.Hi
	}
	return e.Op == ir.Bind || e.Op == ir.Any
}

// run follows what a changeset's function does with an empty row and no input.
type run struct {
	w     *Writer
	code  *ir.Code
	step  ir.ExprID
	met   bool // the step runs for certain
	maybe int  // how many conditions are around
	depth int
}

// maxRun is how many functions of its module deep a changeset is followed.
const maxRun = 6

// steps reports whether nothing runs that could do more than build a changeset.
// Functions that are handed over only run on values that were cast.
func (r *run) steps(x ir.ExprID) bool {
	if x == ir.No {
		return true
	}
	e := r.code.At(x)
	switch e.Op {
	case ir.Closure, ir.FuncRef, ir.Quote:
		return true
	case ir.Opaque, ir.Invoke, ir.Send, ir.Try, ir.Receive, ir.Raise, ir.With, ir.Loop:
		return false
	case ir.Branch, ir.Case:
		return r.choice(x, e)
	case ir.Match:
		if !plain(r.code, ir.ExprID(e.A)) {
			return false
		}
		return r.steps(ir.ExprID(e.B))
	}
	ok := true
	r.code.Operands(x, func(o ir.ExprID) { ok = ok && r.steps(o) })
	return ok && (e.Op != ir.Call || r.call(x, e))
}

// choice follows every way, of which one is taken.
func (r *run) choice(x ir.ExprID, e *ir.Expr) bool {
	if !r.steps(ir.ExprID(e.A)) {
		return false
	}
	r.maybe++
	defer func() { r.maybe-- }()
	if e.Op == ir.Branch {
		return r.steps(ir.ExprID(e.B)) && r.steps(ir.ExprID(e.C))
	}
	arms := r.code.List(r.code.At(x))
	for i, a := range arms {
		patterns, guard, body := r.code.Parts(r.code.At(a))
		if i == len(arms)-1 && (guard != ir.No || len(patterns) != 1 || !plain(r.code, patterns[0])) {
			return false
		}
		if !r.steps(body) {
			return false
		}
	}
	return true
}

// call reports whether a call only builds a changeset.
func (r *run) call(x ir.ExprID, e *ir.Expr) bool {
	k := &r.code.Callees[e.A]
	if x == r.step && r.maybe == 0 {
		r.met = true
	}
	if k.Module == "Ecto.Changeset" {
		return !slices.Contains([]string{"apply_action!", "unsafe_validate_unique", "fetch_change!", "fetch_field!"}, k.Name)
	}
	if k.Func == ir.No || r.depth >= maxRun {
		return k.Func == ir.No && k.How == ir.Kernel && e.Flags&ir.FlagOperator != 0
	}
	fn := r.w.Program.Func(k.Func)
	if fn.Code != r.code || fn.Macro() || len(fn.Clauses) == 0 {
		return false
	}
	r.depth++
	defer func() { r.depth-- }()
	if len(fn.Clauses) > 1 {
		r.maybe++
		defer func() { r.maybe-- }()
	}
	last := &fn.Clauses[len(fn.Clauses)-1]
	if last.Guard != ir.No || slices.ContainsFunc(last.Params, func(p ir.ExprID) bool { return !plain(r.code, p) }) {
		return false
	}
	for i := range fn.Clauses {
		if !r.steps(fn.Clauses[i].Body) {
			return false
		}
	}
	return true
}
