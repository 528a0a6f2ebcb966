package elixir

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// A test of a failure hands over an argument that makes a call fail for certain: the
// key of a row that is not there, or no input where some is required.

var (
	errFails   = errors.New("the test would have to make the call fail, and the program shows no argument that does so for certain")
	errHandled = errors.New("what becomes of the failure is neither what the function gives, nor an answer, nor a line in the log")
	errPage    = errors.New("the answer is a page, which takes the format and the session that the router's pipeline sets")
	errQuiet   = errors.New("the tests do not log errors")
)

// failure is an argument with which an expression fails, and how.
type failure struct {
	variable ir.VarID // that holds the argument
	value    string   // of the argument
	pattern  string   // of what the expression gives then
	schema   *ir.Schema
}

// maxFailing is how many functions deep a failure is looked for.
const maxFailing = 3

// failing finds the argument with which an expression fails whatever is stored.
func (w *Writer) failing(code *ir.Code, x ir.ExprID, depth int) *failure {
	x = lastOf(code, x)
	e := code.At(x)
	switch e.Op {
	case ir.Case:
		return w.notFound(code, e)
	case ir.Call:
		k := &code.Callees[e.A]
		if w.isStore(k.Module) && k.Name == "insert" && e.Lo < e.Hi {
			return w.invalid(code, code.Lists[e.Lo])
		}
		if k.Func != ir.No && depth < maxFailing {
			return w.failsWithin(code, e, w.Program.Func(k.Func), depth)
		}
	}
	return nil
}

// failsWithin follows a call into a function that is one expression, and takes what
// fails there back to the argument.
func (w *Writer) failsWithin(code *ir.Code, e *ir.Expr, fn *ir.Func, depth int) *failure {
	if fn.Macro() || len(fn.Clauses) != 1 || fn.Clauses[0].Guard != ir.No || fn.Clauses[0].Body == ir.No {
		return nil
	}
	c := &fn.Clauses[0]
	if b := fn.Code.At(c.Body); b.Op == ir.Block && b.Hi-b.Lo != 1 {
		return nil
	}
	f := w.failing(fn.Code, c.Body, depth+1)
	if f == nil {
		return nil
	}
	args := code.List(e)
	for i, p := range c.Params {
		if !plain(fn.Code, p) {
			return nil
		}
		if b := fn.Code.At(p); b.Op != ir.Bind || ir.VarID(b.A) != f.variable || i >= len(args) {
			continue
		}
		a := code.At(args[i])
		if a.Op != ir.Use {
			return nil
		}
		f.variable = ir.VarID(a.A)
		return f
	}
	return nil
}

// notFound reads `case Repo.get(User, id) do nil -> {:error, :not_found}; …`.
func (w *Writer) notFound(code *ir.Code, e *ir.Expr) *failure {
	read := code.At(ir.ExprID(e.A))
	if read.Op != ir.Call || read.Hi-read.Lo != 2 || !w.isStore(code.Callees[read.A].Module) {
		return nil
	}
	s := w.schemaNamed(code, code.Lists[read.Lo])
	if s == nil {
		return nil
	}
	f := &failure{schema: s}
	field := ""
	switch key := code.Lists[read.Lo+1]; code.Callees[read.A].Name {
	case "get":
		if len(s.PrimaryKey) != 1 || code.At(key).Op != ir.Use {
			return nil
		}
		field, f.variable = s.PrimaryKey[0], ir.VarID(code.At(key).A)
	case "get_by":
		code.EachPair(key, func(name string, value ir.ExprID) {
			if v := code.At(value); v.Op == ir.Use && field == "" {
				field, f.variable = name, ir.VarID(v.A)
			}
		})
	}
	f.value = absent(s, field)
	for _, a := range code.List(e) {
		patterns, guard, body := code.Parts(code.At(a))
		if len(patterns) != 1 || guard != ir.No {
			return nil
		}
		if p := code.At(patterns[0]); p.Op == ir.Const && p.Sub == ir.LitNil {
			f.pattern = errorPattern(code, lastOf(code, body))
			break
		}
	}
	if f.value == "" || f.pattern == "" {
		return nil
	}
	return f
}

func (w *Writer) schemaNamed(code *ir.Code, x ir.ExprID) *ir.Schema {
	e := code.At(x)
	if e.Op != ir.Const || e.Sub != ir.LitModule {
		return nil
	}
	return w.Program.SchemaNamed(e.Str)
}

// absent is a value of a field that no row has.
func absent(s *ir.Schema, field string) string {
	kind := ""
	if f := s.Field(field); f != nil {
		kind = f.Type
	}
	if kind == "" && s.Rows != nil {
		if c := s.Rows.Column(s.ColumnOf(field)); c != nil {
			kind = c.Type
		}
	}
	switch {
	case kind == "binary_id" || kind == "Ecto.UUID" || kind == "uuid":
		return "Ecto.UUID.generate()"
	case kind == "id" || kind == "integer" || kind == "bigint":
		return "-1"
	case kind == "string" || kind == "text" || strings.HasPrefix(kind, "character varying"):
		return `"` + beginning + `#{System.unique_integer([:positive])}"`
	}
	return ""
}

// errorPattern is a failure written out, `{:error, :not_found}`, or "".
func errorPattern(code *ir.Code, x ir.ExprID) string {
	e := code.At(x)
	if e.Op != ir.Make || e.Sub != ir.MakeTuple || e.Hi-e.Lo != 2 {
		return ""
	}
	first, second := code.At(code.Lists[e.Lo]), code.At(code.Lists[e.Lo+1])
	if first.Op != ir.Const || first.Str != "error" {
		return ""
	}
	switch {
	case second.Op == ir.Const && second.Sub == ir.LitAtom:
		return "{:error, " + atom(second.Str) + "}"
	case second.Op == ir.Const && second.Sub == ir.LitString:
		return "{:error, " + quoted(second.Str) + "}"
	}
	return "{:error, _reason}"
}

// invalid reads `%User{} |> User.changeset(attrs)`, where the changeset requires a
// field that an empty row does not have.
func (w *Writer) invalid(code *ir.Code, x ir.ExprID) *failure {
	e := code.At(x)
	if e.Op != ir.Call || e.Hi-e.Lo != 2 || code.Callees[e.A].Func == ir.No {
		return nil
	}
	row, input := code.At(code.Lists[e.Lo]), code.At(code.Lists[e.Lo+1])
	if row.Op != ir.Make || row.Sub != ir.MakeStruct || row.Lo != row.Hi || input.Op != ir.Use {
		return nil
	}
	s := w.Program.SchemaNamed(row.Str)
	fn := w.Program.Func(code.Callees[e.A].Func)
	if s == nil || len(fn.Clauses) != 1 || !w.requires(s, fn) {
		return nil
	}
	r := run{w: w, code: fn.Code, step: ir.No}
	if c := &fn.Clauses[0]; c.Guard != ir.No || !takesRow(fn.Code, c.Params[0], row.Str) || !plain(fn.Code, c.Params[1]) || !r.steps(c.Body) {
		return nil
	}
	return &failure{variable: ir.VarID(input.A), value: "%{}", pattern: "{:error, %Ecto.Changeset{}}", schema: s}
}

// requires reports whether a changeset asks for a field that has no default.
func (w *Writer) requires(s *ir.Schema, fn *ir.Func) bool {
	return slices.ContainsFunc(s.Changesets, func(c ir.Changeset) bool {
		return c.Func == fn.ID && slices.ContainsFunc(c.Requires, func(name string) bool {
			f := s.Field(name)
			return f != nil && !f.Default
		})
	})
}

func (w *Writer) testHandled(f *fix.Fix, c *fix.HandleFailure) (suite, error) {
	if c.Wrap {
		return suite{}, errFails
	}
	call := c.Expr
	if e := c.Code.At(call); e.Op == ir.Match {
		call = ir.ExprID(e.B)
	}
	return w.testFailure(f, c.Code, call, c.How, c.Status)
}

func (w *Writer) testAccepted(f *fix.Fix, c *fix.AcceptFailure) (suite, error) {
	e := c.Code.At(c.Expr)
	if e.Op != ir.Case || c.Wrap {
		return suite{}, errFails
	}
	return w.testFailure(f, c.Code, ir.ExprID(e.A), c.How, c.Status)
}

// testFailure lets a call fail and looks at what becomes of it.
func (w *Writer) testFailure(f *fix.Fix, code *ir.Code, call ir.ExprID, how fix.Handling, status int) (suite, error) {
	fails := w.failing(code, call, 0)
	if fails == nil {
		return suite{}, errFails
	}
	k, err := w.callTo(code, call)
	if err != nil {
		return suite{}, err
	}
	if !k.parameter(fails.variable) {
		return suite{}, errFails
	}
	k.given[fails.variable] = fails.value
	if k.way(k.clause.Body, call) != met {
		return suite{}, errWay
	}
	store := w.storeOf(fails.schema)
	if store == "" {
		return suite{}, errNoRepo
	}
	t := w.caseFor(store)
	if t == nil {
		return suite{}, errNoSetUp
	}
	module := w.Program.Module(k.fn.Module).Name
	short := ir.LastName(module)
	if how == fix.Refuse {
		k.conn = `Plug.Test.conn(:get, "/")`
	}
	text, err := k.call(short)
	if err != nil {
		return suite{}, err
	}
	s := suite{home: module, name: snake(k.fn.Name + "_failure"), use: t.use(), reason: "It fails where nothing handles the failure."}
	if short != module {
		s.aliases = []string{module}
	}
	what := calleeName(code, call)
	switch how {
	case fix.PassOn:
		s.tests = []testText{{k.fn.Name + " gives the failure of " + what, "assert " + fails.pattern + " = " + text + "\n"}}
	case fix.Refuse:
		if !answersBare(f) {
			return suite{}, errPage
		}
		s.tests = []testText{{k.fn.Name + " answers a failure of " + what + " with " + strconv.Itoa(status), "conn = " + text + "\n\nassert conn.status == " + strconv.Itoa(status) + "\n"}}
	case fix.Log:
		if w.muted() {
			return suite{}, errQuiet
		}
		line := logged(f)
		if line == "" {
			return suite{}, errHandled
		}
		s.imports = []string{"ExUnit.CaptureLog"}
		s.tests = []testText{{k.fn.Name + " logs a failure of " + what, "log = capture_log(fn -> " + text + " end)\n\nassert log =~ " + quoted(line) + "\n"}}
	default:
		return suite{}, errHandled
	}
	return s, nil
}

// answersBare reports whether the answer that a fix gives needs no more than a
// connection: a page is rendered in a format, which the router's pipeline sets.
func answersBare(f *fix.Fix) bool {
	for _, e := range f.Edits {
		if at := strings.LastIndex(e.Text, "{:error"); at >= 0 {
			answer := e.Text[at:]
			bare := slices.ContainsFunc([]string{"send_resp(", "json(", "text("}, func(s string) bool { return strings.Contains(answer, s) })
			return bare && !strings.Contains(answer, "render(") && !strings.Contains(answer, "redirect(")
		}
	}
	return false
}

// calleeName is the name of what an expression calls.
func calleeName(code *ir.Code, x ir.ExprID) string {
	if e := code.At(x); e.Op == ir.Call {
		return code.Callees[e.A].Name
	}
	return "the call"
}

// logged is the constant beginning of what a fix logs.
func logged(f *fix.Fix) string {
	for _, e := range f.Edits {
		if _, rest, ok := strings.Cut(e.Text, `Logger.error("`); ok {
			end := strings.IndexAny(rest, `"#`)
			if end > 0 {
				return strings.TrimRight(rest[:end], ": ")
			}
		}
	}
	return ""
}

// muted reports whether the tests log less than errors.
func (w *Writer) muted() bool {
	return slices.ContainsFunc(w.Files.Files, func(f *source.File) bool {
		return f.Kind == source.Config && strings.HasSuffix(f.Path, "test.exs") &&
			slices.ContainsFunc([]string{"none", "emergency", "alert", "critical"}, func(l string) bool { return strings.Contains(f.Text, "level: :"+l) })
	})
}
