package link

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// A call `m.f(x)` whose module is a value can still have one target that the
// text tells: a variable taken from a struct field whose default is a module
// (`%Scoped{repo: repo}`), a parameter whose default is one, a function that
// only gives a name, or a configuration key that holds one.

// field names a field of a struct.
type field struct{ module, name string }

// setting names a configuration key of an application.
type setting struct{ app, key string }

// resolver evaluates expressions to modules.
type resolver struct {
	l        *linker
	defaults map[field]string   // modules that are defaults of struct fields
	config   map[setting]string // modules that are configured
}

// maxModuleSteps bounds the steps from name to name.
const maxModuleSteps = 6

// sends turns calls of modules known only by value into named calls, where the
// module can be told.
func (l *linker) sends(par func(n int, f func(i int))) {
	r := &resolver{l: l, defaults: map[field]string{}, config: map[setting]string{}}
	for _, m := range l.p.Modules {
		if m.Body != ir.No {
			r.structDefaults(m)
		}
	}
	for _, m := range l.p.Modules {
		if f := l.p.Files.File(m.Span.File); f.Kind == source.Config && m.Body != ir.No {
			r.configured(m)
		}
	}
	type rewrite struct {
		at     ir.ExprID
		callee ir.Callee
	}
	found := make([][]rewrite, len(l.p.Codes))
	par(len(l.p.Codes), func(i int) {
		c := l.p.Codes[i]
		var fields map[ir.VarID]field
		for id := range c.Exprs {
			e := &c.Exprs[id]
			if e.Op != ir.Send || e.Str == "" {
				continue
			}
			if fields == nil {
				fields = boundFields(c)
			}
			if m := r.module(c, ir.ExprID(e.A), fields, 0); m != "" {
				found[i] = append(found[i], rewrite{ir.ExprID(id), ir.Callee{
					Module: m, Name: e.Str, Arity: int(e.Hi - e.Lo), How: ir.Remote, Func: ir.No, Extern: ir.No}})
			}
		}
	})
	par(len(l.p.Codes), func(i int) {
		c := l.p.Codes[i]
		for _, w := range found[i] {
			e := c.At(w.at)
			e.Op, e.A, e.Str = ir.Call, int32(len(c.Callees)), ""
			c.Callees = append(c.Callees, w.callee)
		}
	})
}

// boundFields finds the variables that patterns bind to fields of structs.
func boundFields(c *ir.Code) map[ir.VarID]field {
	out := map[ir.VarID]field{}
	for i := range c.Exprs {
		e := &c.Exprs[i]
		if e.Op != ir.Make || e.Sub != ir.MakeStruct || e.Str == "" {
			continue
		}
		pairs := c.List(e)
		for j := 0; j+1 < len(pairs); j += 2 {
			k, v := c.At(pairs[j]), c.At(pairs[j+1])
			if k.Op == ir.Const && v.Op == ir.Bind {
				out[ir.VarID(v.A)] = field{e.Str, k.Str}
			}
		}
	}
	return out
}

// structDefaults reads `defstruct [repo: MyApp.Repo]`.
func (r *resolver) structDefaults(m *ir.Module) {
	for _, id := range m.Code.List(m.Code.At(m.Body)) {
		e := m.Code.At(id)
		if e.Op != ir.Call || m.Code.Callees[e.A].Name != "defstruct" {
			continue
		}
		for _, a := range m.Code.List(e) {
			m.Code.EachPair(a, func(key string, value ir.ExprID) {
				if v := m.Code.At(value); v.Op == ir.Const && v.Sub == ir.LitModule {
					r.defaults[field{m.Name, key}] = v.Str
				}
			})
		}
	}
}

// configured reads `config :app, key: Module` and `config :app, :key, Module`.
// A file of the production environment has the last word; tests have none.
func (r *resolver) configured(m *ir.Module) {
	base := m.Code.File.Path[lastSlash(m.Code.File.Path)+1:]
	if base == "test.exs" || base == "dev.exs" {
		return
	}
	override := base == "prod.exs" || base == "runtime.exs"
	put := func(app, key string, c *ir.Code, value ir.ExprID) {
		v := c.At(value)
		if v.Op != ir.Const || v.Sub != ir.LitModule {
			return
		}
		if _, have := r.config[setting{app, key}]; !have || override {
			r.config[setting{app, key}] = v.Str
		}
	}
	m.Code.Walk(m.Body, func(id ir.ExprID) bool {
		c, e := m.Code, m.Code.At(id)
		if e.Op != ir.Call && e.Op != ir.Opaque {
			return true
		}
		if e.Op == ir.Call && c.Callees[e.A].Name != "config" || e.Op == ir.Opaque && e.Str != "config" {
			return true
		}
		a := c.List(e)
		if len(a) < 2 || c.At(a[0]).Op != ir.Const {
			return false
		}
		app := c.At(a[0]).Str
		c.EachPair(a[len(a)-1], func(key string, value ir.ExprID) { put(app, key, c, value) })
		if k := c.At(a[1]); len(a) == 3 && k.Op == ir.Const {
			put(app, k.Str, c, a[2])
		}
		return false
	})
}

func lastSlash(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '/' {
			return i
		}
	}
	return -1
}

// module is the name of the module that an expression gives, or "".
func (r *resolver) module(c *ir.Code, id ir.ExprID, fields map[ir.VarID]field, steps int) string {
	if id < 0 || steps > maxModuleSteps {
		return ""
	}
	e := c.At(id)
	switch e.Op {
	case ir.Const:
		if e.Sub == ir.LitModule {
			return e.Str
		}
	case ir.Attr:
		if e.A >= 0 {
			a := &r.l.p.Module(c.Module).Attrs[e.A]
			return r.module(a.Code, a.Value, nil, steps+1)
		}
	case ir.Use:
		return r.variable(c, ir.VarID(e.A), fields, steps)
	case ir.Branch:
		if e.Sub == ir.BranchOr {
			return r.module(c, ir.ExprID(e.C), fields, steps+1)
		}
	case ir.Call:
		return r.result(c, e, steps)
	case ir.Block:
		if l := c.List(e); len(l) > 0 {
			return r.module(c, l[len(l)-1], fields, steps+1)
		}
	}
	return ""
}

// variable follows a variable to the field, default or match that binds it.
func (r *resolver) variable(c *ir.Code, v ir.VarID, fields map[ir.VarID]field, steps int) string {
	if f, ok := fields[v]; ok {
		return r.defaults[f]
	}
	at := c.Vars[v].At
	if at == ir.No {
		return ""
	}
	// `repo = value` and `repo \\ default` stand right behind the binding.
	for id := at + 1; int(id) < len(c.Exprs) && id < at+4; id++ {
		if m := c.At(id); m.Op == ir.Match && ir.ExprID(m.A) == at {
			return r.module(c, ir.ExprID(m.B), fields, steps+1)
		}
	}
	return ""
}

// result is the module that a call gives: a configured one, or the value of a
// function with one clause.
func (r *resolver) result(c *ir.Code, e *ir.Expr, steps int) string {
	k := &c.Callees[e.A]
	if i := r.l.models.CallOf(k.Module, k.Name, k.Arity); i >= 0 && r.l.models.At(i).Expand == "configuration" {
		return r.setting(c, c.List(e))
	}
	m := r.l.p.ModuleNamed(k.Module)
	if m == nil {
		return ""
	}
	f := r.l.p.FuncNamed(m.ID, k.Name, k.Arity)
	if f == nil || len(f.Clauses) != 1 || f.Clauses[0].Body == ir.No {
		return ""
	}
	return r.module(f.Code, f.Clauses[0].Body, nil, steps+1)
}

// setting reads `get_env(:app, :key)`, or its default.
func (r *resolver) setting(c *ir.Code, a []ir.ExprID) string {
	if len(a) < 2 {
		return ""
	}
	app, key := c.At(a[0]), c.At(a[1])
	if app.Op == ir.Const && key.Op == ir.Const {
		if m := r.config[setting{app.Str, key.Str}]; m != "" {
			return m
		}
	}
	if len(a) == 3 {
		if d := c.At(a[2]); d.Op == ir.Const && d.Sub == ir.LitModule {
			return d.Str
		}
	}
	return ""
}
