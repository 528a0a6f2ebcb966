package elixir

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// A test of a loop counts what the database is asked, for one row and for three.

var (
	errRows  = errors.New("the rows of the loop are neither an argument of a public function nor all rows of a schema")
	errMaker = errors.New("no factory and no fixture of the project's tests makes the rows of the loop without arguments")
	errInput = errors.New("the function takes more than the rows of the loop, and its other arguments are not known")
	errMore  = errors.New("besides, the function calls what may ask the database as well, or needs more than the rows")
	errValue = errors.New("the loop needs values in the rows that the project's factory does not give them for certain")
	errBatch = errors.New("what the loop writes needs rows that fit each other, which the program does not show")
)

// counted is a loop whose queries are counted.
type counted struct {
	*calling
	loop    ir.ExprID
	coll    ir.ExprID
	gone    []ir.ExprID // the calls of the body that the fix takes out of it
	loads   bool        // what is gone loads associations
	names   []fix.Names // of them
	schema  *ir.Schema  // whose rows the loop goes over
	rows    ir.VarID    // the parameter that holds them, or No
	store   string
	maker   *maker
	element ir.VarID // the variable that holds a row, or No
}

func (w *Writer) testLoop(c *counted, code *ir.Code) (suite, error) {
	k, err := w.callTo(code, c.loop)
	if err != nil {
		return suite{}, err
	}
	c.calling = k
	if !k.first() {
		return suite{}, errInput
	}
	if err := c.origin(); err != nil {
		return suite{}, err
	}
	if c.maker = w.makerOf(c.schema); c.maker == nil {
		return suite{}, errMaker
	}
	if c.store = w.storeOf(c.schema); c.store == "" {
		return suite{}, errNoRepo
	}
	if !c.asksEach() || !c.quiet(code, k.clause.Body, false, 0) {
		return suite{}, errMore
	}
	if !c.filled() {
		return suite{}, errValue
	}
	return c.suite()
}

// storeOf is the module that talks to the database of a schema.
func (w *Writer) storeOf(s *ir.Schema) string {
	if s.Rows == nil || s.Database < 0 {
		return ""
	}
	return w.Program.Databases[s.Database].Repo
}

// origin finds whose rows the loop goes over, and where they come from.
func (c *counted) origin() error {
	c.rows, c.element = ir.No, c.bound()
	module, ok := c.all(c.code, c.coll, 0)
	if ok {
		c.schema = c.w.Program.SchemaNamed(module)
		if c.schema == nil {
			return errRows
		}
		return c.unused()
	}
	e := c.code.At(c.coll)
	if e.Op != ir.Use || !c.parameter(ir.VarID(e.A)) {
		return errRows
	}
	c.rows = ir.VarID(e.A)
	if c.schema = c.schemaOfElements(); c.schema == nil {
		return errRows
	}
	return c.unused()
}

// unused reports the parameters beside the rows that the function needs.
func (c *counted) unused() error {
	for i, p := range c.clause.Params {
		e := c.code.At(p)
		if e.Op == ir.Bind && ir.VarID(e.A) == c.rows || c.rows != ir.No && c.holdsRows(p) {
			continue
		}
		if i >= len(c.clause.Params)-c.fn.Defaults {
			continue // left out
		}
		if e.Op == ir.Const || e.Op == ir.Any {
			continue
		}
		if e.Op != ir.Bind || c.used(ir.VarID(e.A)) {
			return errInput
		}
	}
	return nil
}

// holdsRows reports whether a parameter is `[%Order{} | _] = orders`.
func (c *counted) holdsRows(p ir.ExprID) bool {
	e := c.code.At(p)
	if e.Op != ir.Match {
		return false
	}
	b := c.code.At(ir.ExprID(e.B))
	return b.Op == ir.Bind && ir.VarID(b.A) == c.rows && c.code.At(ir.ExprID(e.A)).Sub == ir.MakeCons
}

func (c *counted) used(v ir.VarID) bool {
	found := false
	c.code.Walk(c.clause.Body, func(x ir.ExprID) bool {
		e := c.code.At(x)
		found = found || e.Op == ir.Use && ir.VarID(e.A) == v
		return !found
	})
	return found
}

// all is the schema of which an expression gives every row.
func (c *counted) all(code *ir.Code, x ir.ExprID, depth int) (string, bool) {
	e := code.At(x)
	if depth > 4 {
		return "", false
	}
	switch e.Op {
	case ir.Use:
		if v := bound(code, ir.VarID(e.A)); v != ir.No {
			return c.all(code, v, depth+1)
		}
	case ir.Block:
		return c.all(code, lastOf(code, x), depth+1)
	case ir.Const:
		return e.Str, e.Sub == ir.LitModule
	case ir.Call:
		k := &code.Callees[e.A]
		if e.Lo < e.Hi && (c.w.isStore(k.Module) && k.Name == "all" && e.Hi-e.Lo == 1 || k.Name == "order_by" || k.Module == "Enum" && (k.Name == "sort_by" || k.Name == "reverse")) {
			return c.all(code, code.Lists[e.Lo], depth+1)
		}
		if k.Func != ir.No && e.Lo == e.Hi {
			if fn := c.w.Program.Func(k.Func); fn.Arity == 0 && len(fn.Clauses) == 1 && fn.Clauses[0].Body != ir.No {
				return c.all(fn.Code, fn.Clauses[0].Body, depth+1)
			}
		}
	}
	return "", false
}

// isStore reports whether a module of the program talks to a database.
func (w *Writer) isStore(module string) bool {
	return slices.ContainsFunc(w.Program.Databases, func(d *ir.Database) bool { return d.Repo != "" && d.Repo == module })
}

// head is the pattern of an element and what is done for it.
func (c *counted) head() (pattern, body ir.ExprID) {
	e := c.code.At(c.loop)
	if e.Op == ir.Loop {
		for _, g := range c.code.List(e) {
			if g := c.code.At(g); g.Op == ir.Generator {
				return ir.ExprID(g.A), ir.ExprID(e.A)
			}
		}
		return ir.No, ir.No
	}
	for _, a := range c.code.List(e) {
		if fn := c.code.At(a); fn.Op == ir.Closure && fn.Hi-fn.Lo == 1 {
			patterns, _, body := c.code.Parts(c.code.At(c.code.Lists[fn.Lo]))
			if len(patterns) > 0 {
				return patterns[0], body
			}
		}
	}
	return ir.No, ir.No
}

// bound is the variable that holds a row in the loop.
func (c *counted) bound() ir.VarID {
	if p, _ := c.head(); p != ir.No && c.code.At(p).Op == ir.Bind {
		return ir.VarID(c.code.At(p).A)
	}
	return ir.No
}

// schemaOfElements is whose rows a loop takes: by its pattern, by that of the
// parameter, or by the associations that it loads.
func (c *counted) schemaOfElements() *ir.Schema {
	named := ""
	look := func(p ir.ExprID) {
		c.code.Walk(p, func(x ir.ExprID) bool {
			if e := c.code.At(x); e.Op == ir.Make && e.Sub == ir.MakeStruct && named == "" {
				named = e.Str
			}
			return named == ""
		})
	}
	if p, _ := c.head(); p != ir.No {
		look(p)
	}
	for _, p := range c.clause.Params {
		if c.holdsRows(p) {
			look(p)
		}
	}
	if named != "" {
		return c.w.Program.SchemaNamed(named)
	}
	var found *ir.Schema
	for _, s := range c.w.Program.Schemas {
		if s.Table == "" || !c.hasAll(s) {
			continue
		}
		if found != nil {
			return nil
		}
		found = s
	}
	return found
}

// hasAll reports whether a schema has the associations that are loaded and the fields
// that are read of a row.
func (c *counted) hasAll(s *ir.Schema) bool {
	known := len(c.names) > 0
	for _, n := range c.names {
		for _, part := range nameParts(n) {
			name, _, _ := strings.Cut(strings.Trim(part, ": "), ":")
			if s.Association(name) == nil {
				return false
			}
		}
	}
	_, body := c.head()
	c.code.Walk(body, func(x ir.ExprID) bool {
		e := c.code.At(x)
		if o := c.code.At(x); o.Op == ir.Get && c.row(ir.ExprID(o.A)) && s.Field(e.Str) == nil && s.Association(e.Str) == nil {
			known = false
		}
		return true
	})
	return known
}

func (c *counted) row(x ir.ExprID) bool {
	e := c.code.At(x)
	return c.element != ir.No && e.Op == ir.Use && ir.VarID(e.A) == c.element
}

// asksEach reports whether the loop asks for every row, whatever it holds: what the fix
// takes out of it stands under no condition.
func (c *counted) asksEach() bool {
	if len(c.gone) == 0 {
		return false
	}
	free := func(root ir.ExprID) bool {
		found := false
		c.code.Walk(root, func(x ir.ExprID) bool {
			if slices.Contains(c.gone, x) {
				found = true
			}
			switch c.code.At(x).Op {
			case ir.Branch, ir.Case, ir.Closure, ir.Try, ir.With, ir.Receive, ir.Loop:
				return x == root
			}
			return !found
		})
		return found
	}
	_, body := c.head()
	if body == ir.No { // the function itself is handed over
		return slices.ContainsFunc(c.code.List(c.code.At(c.loop)), func(a ir.ExprID) bool { return slices.Contains(c.gone, a) })
	}
	return free(body)
}

// quiet reports whether code asks the database as often for many rows as for one, but
// for what is gone: within a loop it asks nothing.
func (c *counted) quiet(code *ir.Code, x ir.ExprID, loop bool, depth int) bool {
	if x == ir.No {
		return true
	}
	if code == c.code && slices.Contains(c.gone, x) {
		return true
	}
	e := code.At(x)
	switch e.Op {
	case ir.Opaque, ir.Invoke, ir.Send, ir.Try, ir.Receive, ir.Raise:
		return false
	case ir.Closure, ir.Loop:
		loop = true
	case ir.Call, ir.FuncRef:
		if !c.silent(code, x, loop || e.Op == ir.FuncRef, depth) {
			return false
		}
	}
	ok := true
	code.Operands(x, func(o ir.ExprID) { ok = ok && c.quiet(code, o, loop, depth) })
	return ok
}

// calm are modules whose functions ask no database and know no process.
const calm = "Enum Stream Map List Keyword MapSet Tuple Access String Integer Float Atom Date DateTime NaiveDateTime Time Decimal Regex URI Base Logger Ecto.Changeset Ecto.Query Ecto.UUID"

func (c *counted) silent(code *ir.Code, x ir.ExprID, loop bool, depth int) bool {
	e := code.At(x)
	k := &code.Callees[e.A]
	switch {
	case slices.Contains(strings.Fields(calm), k.Module):
		return true
	case k.How == ir.Kernel:
		return !slices.Contains([]string{"apply", "spawn", "spawn_link", "send", "exit", "throw", "raise"}, k.Name)
	case c.w.isStore(k.Module):
		return !loop
	case k.Name == "new":
		m := c.w.Program.ModuleNamed(k.Module)
		return m != nil && slices.Contains(m.Behaves, "Oban.Worker")
	case k.Func == ir.No || depth > 3:
		return false
	}
	fn := c.w.Program.Func(k.Func)
	if fn.Macro() {
		return false
	}
	for i := range fn.Clauses {
		if !c.quiet(fn.Code, fn.Clauses[i].Body, loop, depth+1) {
			return false
		}
	}
	return true
}

// filled reports whether the rows that the project makes have what the loop needs: the
// keys by which it asks, and what it looks into.
func (c *counted) filled() bool {
	ok := true
	need := func(field string) {
		if field != "id" && !slices.Contains(c.schema.PrimaryKey, field) {
			ok = ok && c.maker.fills(field)
		}
	}
	for _, n := range c.names {
		for _, part := range nameParts(n) {
			name, _, _ := strings.Cut(strings.Trim(part, ": "), ":")
			if a := c.schema.Association(name); a != nil && a.Kind == ir.BelongsTo {
				need(a.OwnerKey)
			}
		}
	}
	_, body := c.head()
	c.code.Walk(body, func(x ir.ExprID) bool {
		e := c.code.At(x)
		if e.Op == ir.Get && c.row(ir.ExprID(e.A)) && c.schema.Association(e.Str) != nil && !c.loaded(e.Str) {
			ok = false
		}
		if e.Op == ir.Call && (slices.Contains(c.gone, x) && !c.loads || takesValue(c.code.Callees[e.A].Module)) {
			for _, a := range c.code.List(e) {
				g := c.code.At(a)
				if g.Op != ir.Get {
					continue
				}
				if c.row(ir.ExprID(g.A)) && c.schema.Field(g.Str) != nil {
					need(g.Str)
				}
				if of := c.code.At(ir.ExprID(g.A)); of.Op == ir.Get && c.row(ir.ExprID(of.A)) {
					ok = ok && c.relatedHas(of.Str, g.Str)
				}
			}
		}
		return ok
	})
	return ok
}

// relatedHas reports whether the row that an association leads to has a value in a
// field.
func (c *counted) relatedHas(association, field string) bool {
	a := c.schema.Association(association)
	if a == nil || a.Schema < 0 {
		return false
	}
	m := c.w.makerOf(c.w.Program.Schemas[a.Schema])
	return m != nil && m.fills(field)
}

// takesValue reports whether functions of a module raise when they are given nil.
func takesValue(module string) bool {
	return slices.Contains(strings.Fields("String Integer Float Date DateTime NaiveDateTime Time Decimal Regex Enum"), module)
}

func (c *counted) loaded(name string) bool {
	return slices.ContainsFunc(c.names, func(n fix.Names) bool {
		return slices.ContainsFunc(nameParts(n), func(p string) bool { return strings.Trim(p, ": ") == name || strings.HasPrefix(p, name+":") })
	})
}

const queriesHelper = `defp queries(function) do
  counter = :counters.new(1, [])
  handler = inspect(make_ref())
  :telemetry.attach(handler, EVENT, &__MODULE__.count/4, counter)
  function.()
  :telemetry.detach(handler)
  :counters.get(counter, 1)
end
`

const countHelper = `def count(_event, _measurements, _metadata, counter), do: :counters.add(counter, 1, 1)
`

// suite spells the test. Queries of tests that run beside it would be counted as well,
// so that it runs alone.
func (c *counted) suite() (suite, error) {
	t := c.w.caseFor(c.store)
	if t == nil {
		return suite{}, errNoSetUp
	}
	if c.w.Files.Older(c.code.File.Path, "ecto", 3, 1) {
		return suite{}, errNoEvents
	}
	module := c.w.Program.Module(c.fn.Module).Name
	short := ir.LastName(module)
	s := suite{home: module, name: snake(c.fn.Name + "_queries"), use: "use " + t.module, reason: "It fails where a query runs for each row."}
	if !t.imports(c.maker.module) {
		s.imports = []string{c.maker.module}
	}
	if short != module {
		s.aliases = append(s.aliases, module)
	}
	var lines []string
	if c.rows == ir.No {
		call := short + "." + c.fn.Name + "(" + c.arguments("") + ")"
		lines = []string{c.maker.call, "one = queries(fn -> " + call + " end)", c.maker.call, c.maker.call, "", "assert queries(fn -> " + call + " end) == one", ""}
	} else {
		if c.w.Files.Older(c.w.Files.File(c.w.Program.Module(c.fn.Module).Span.File).Path, "ecto", 3, 5) {
			return suite{}, errNoReload
		}
		if !t.names(c.store) {
			s.aliases = append(s.aliases, c.store)
		}
		repo := ir.LastName(c.store)
		call := func(rows string) string {
			return "queries(fn -> " + short + "." + c.fn.Name + "(" + c.arguments(rows) + ") end)"
		}
		lines = []string{"[row | _] = rows = " + repo + ".reload!(for _ <- 1..3, do: " + c.maker.call + ")", "one = " + call("[row]"), "", "assert " + call("rows") + " == one", ""}
	}
	slices.Sort(s.aliases)
	s.tests = []testText{{c.fn.Name + " asks the database as often for three rows as for one", strings.Join(lines, "\n")}}
	s.helpers = []string{strings.Replace(queriesHelper, "EVENT", c.w.queryEvent(c.store), 1), countHelper}
	return s, nil
}

// arguments are what the function is called with, over rows where it takes them.
func (c *counted) arguments(rows string) string {
	args := make([]string, 0, len(c.clause.Params))
	for i, p := range c.clause.Params {
		e := c.code.At(p)
		switch {
		case e.Op == ir.Bind && ir.VarID(e.A) == c.rows || c.holdsRows(p):
			args = append(args, rows)
		case i >= len(c.clause.Params)-c.fn.Defaults:
		default:
			text, _ := c.build(p)
			args = append(args, text)
		}
	}
	return strings.Join(args, ", ")
}

// queryEvent is the event that a store emits for every query.
func (w *Writer) queryEvent(store string) string {
	for _, f := range w.Files.Files {
		if f.Kind == source.Config && strings.Contains(f.Text, "telemetry_prefix") {
			if m := regexp.MustCompile(`telemetry_prefix: \[([^\]]*)\]`).FindStringSubmatch(f.Text); m != nil {
				return "[" + m[1] + ", :query]"
			}
		}
	}
	var parts []string
	for part := range strings.SplitSeq(store, ".") {
		parts = append(parts, atom(ir.Underscore(part)))
	}
	return "[" + strings.Join(append(parts, ":query"), ", ") + "]"
}

func (w *Writer) testLoads(c *fix.LoadBefore) (suite, error) {
	return w.testLoop(&counted{loop: c.Loop, coll: c.Coll, gone: c.Loads, loads: true, names: c.Names}, c.Code)
}

func (w *Writer) testLookUp(c *fix.LookUpBefore) (suite, error) {
	return w.testLoop(&counted{loop: c.Loop, coll: c.Coll, gone: []ir.ExprID{c.Call}}, c.Code)
}

func (w *Writer) testFetched(c *fix.FetchTogether) (suite, error) {
	return w.testLoop(&counted{loop: c.Loop, coll: c.Coll, gone: []ir.ExprID{c.Call}}, c.Code)
}

func (w *Writer) testAskedOnce(c *fix.AskBefore) (suite, error) {
	e := c.Code.At(c.Loop)
	coll := ir.ExprID(ir.No)
	if e.Op == ir.Loop {
		for _, g := range c.Code.List(e) {
			if g := c.Code.At(g); g.Op == ir.Generator && coll == ir.No {
				coll = ir.ExprID(g.B)
			}
		}
	} else if e.Lo < e.Hi {
		coll = c.Code.Lists[e.Lo]
	}
	if coll == ir.No {
		return suite{}, errRows
	}
	return w.testLoop(&counted{loop: c.Loop, coll: coll, gone: []ir.ExprID{c.Statement}}, c.Code)
}

// testWritten counts the writes of jobs, which fit each other whatever the rows are.
func (w *Writer) testWritten(c *fix.WriteTogether) (suite, error) {
	if c.Code.Callees[c.Code.At(c.Write).A].Module != "Oban" || !w.jobsWait() {
		return suite{}, errBatch
	}
	return w.testLoop(&counted{loop: c.Loop, coll: c.Coll, gone: []ir.ExprID{c.Write}}, c.Code)
}

// jobsWait reports whether the tests keep jobs in the database instead of running them
// at once.
func (w *Writer) jobsWait() bool {
	return slices.ContainsFunc(w.Files.Files, func(f *source.File) bool {
		return f.Kind == source.Config && strings.HasSuffix(f.Path, "test.exs") && (strings.Contains(f.Text, "testing: :manual") || strings.Contains(f.Text, "queues: false"))
	})
}
