package link

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// A call `m.f(x)` whose module is a value can still have one target that the
// text tells: a variable taken from a struct field whose default is a module
// (`%Scoped{repo: repo}`), a parameter whose default is one or that all callers
// give the same, a function that only gives a name, a configuration key that
// holds one, an option whose default is one (`Keyword.get(opts, :repo, Repo)`),
// or a field that the code of the module fills with one.

// field names a field of a struct.
type field struct{ module, name string }

// setting names a configuration key of an application.
type setting struct{ app, key string }

// resolver evaluates expressions to modules.
type resolver struct {
	l        *linker
	defaults map[field]string   // modules that are defaults of struct fields
	config   map[setting]string // modules that are configured
	// several are the functions that more than one module implements as a callback.
	several map[dispatched]bool
	// appliers are the functions that apply a function of a module to arguments, as they are given them.
	appliers map[ir.FuncKey]applier
}

// dispatched is a function as a call on a module known only at run time names it.
type dispatched struct {
	name  string
	arity int
}

// applier says which parameters of a function are the module, the name and the arguments of what it calls.
type applier struct{ module, name, args int }

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
	r.countImplementations()
	r.findAppliers()
	found := make([][]rewrite, len(l.p.Codes))
	par(len(l.p.Codes), func(i int) {
		v := &values{resolver: r, c: l.p.Codes[i]}
		for id := range v.c.Exprs {
			if w, ok := v.rewrite(ir.ExprID(id)); ok {
				found[i] = append(found[i], w)
			}
		}
	})
	par(len(l.p.Codes), func(i int) {
		c := l.p.Codes[i]
		for _, w := range found[i] {
			e := c.At(w.at)
			e.Op, e.A, e.Str, e.Lo, e.Hi = ir.Call, int32(len(c.Callees)), "", w.lo, w.hi
			c.Callees = append(c.Callees, w.callee)
		}
	})
}

// rewrite makes the expression at a place a call of a function with the arguments lo to hi.
type rewrite struct {
	at     ir.ExprID
	callee ir.Callee
	lo, hi int32
}

// rewrite turns a call of a function of a module that is a value into one by name, where the module can
// be told.
func (v *values) rewrite(id ir.ExprID) (rewrite, bool) {
	e := v.c.At(id)
	module, name, lo, hi := ir.ExprID(ir.No), e.Str, e.Lo, e.Hi
	switch e.Op {
	case ir.Send:
		module = ir.ExprID(e.A)
	case ir.Call:
		a, ok := v.applier(&v.c.Callees[e.A])
		if !ok {
			return rewrite{}, false
		}
		args := v.c.List(e)
		f, list := v.c.At(args[a.name]), v.c.At(args[a.args])
		if f.Op != ir.Const || f.Sub != ir.LitAtom || list.Op != ir.Make || list.Sub != ir.MakeList {
			return rewrite{}, false
		}
		module, name, lo, hi = args[a.module], f.Str, list.Lo, list.Hi
	}
	if name == "" || module == ir.No {
		return rewrite{}, false
	}
	m, sure := v.module(module, 0)
	if m == "" || !sure && v.several[dispatched{name, int(hi - lo)}] {
		return rewrite{}, false
	}
	return rewrite{id, ir.Callee{Module: m, Name: name, Arity: int(hi - lo), How: ir.Remote, Func: ir.No, Extern: ir.No}, lo, hi}, true
}

// applier is how a callee applies functions, if it does: the language's own `apply/3`, and functions of
// the project that pass it what they are given.
func (r *resolver) applier(k *ir.Callee) (applier, bool) {
	if k.Arity != 3 {
		return applier{}, false
	}
	if i := r.l.models.CallOf(k.Module, k.Name, k.Arity); i >= 0 {
		return applier{0, 1, 2}, r.l.models.At(i).Expand == "apply"
	}
	if m := r.l.p.ModuleNamed(k.Module); m != nil {
		a, ok := r.appliers[ir.FuncKey{Module: m.ID, Name: k.Name, Arity: k.Arity}]
		return a, ok
	}
	return applier{}, false
}

func (r *resolver) findAppliers() {
	r.appliers = map[ir.FuncKey]applier{}
	for _, f := range r.l.p.Funcs {
		for i := range f.Clauses {
			k := &f.Clauses[i]
			if f.Arity != 3 || k.Body == ir.No {
				continue
			}
			body := f.Code.At(k.Body)
			if body.Op != ir.Call || body.Hi-body.Lo != 3 {
				continue
			}
			callee := &f.Code.Callees[body.A]
			if j := r.l.models.CallOf(callee.Module, callee.Name, callee.Arity); j < 0 || r.l.models.At(j).Expand != "apply" {
				continue
			}
			args := f.Code.List(body)
			a := applier{paramOf(f.Code, k, args[0]), paramOf(f.Code, k, args[1]), paramOf(f.Code, k, args[2])}
			if a.module >= 0 && a.name >= 0 && a.args >= 0 {
				r.appliers[ir.FuncKey{Module: f.Module, Name: f.Name, Arity: f.Arity}] = a
			}
		}
	}
}

// paramOf is the parameter of a clause that an expression reads, or -1.
func paramOf(c *ir.Code, k *ir.Clause, x ir.ExprID) int {
	e := c.At(x)
	if e.Op != ir.Use || e.A < 0 {
		return -1
	}
	return paramAt(c, k, c.Vars[e.A].At)
}

// paramAt is the parameter of a clause that a place binds as a whole, with a default or without, or -1.
func paramAt(c *ir.Code, k *ir.Clause, bind ir.ExprID) int {
	return slices.IndexFunc(k.Params, func(p ir.ExprID) bool {
		e := c.At(p)
		return bind != ir.No && (p == bind || e.Op == ir.Match && ir.ExprID(e.A) == bind)
	})
}

// countImplementations finds the functions that several modules implement as a callback: which of them a
// default names is one of many.
func (r *resolver) countImplementations() {
	r.several = map[dispatched]bool{}
	one := map[dispatched]bool{}
	for _, f := range r.l.p.Funcs {
		if f.Code == nil || f.Code.File == nil || f.Code.File.Kind != source.Lib || !f.Public() || !f.Impl {
			continue
		}
		k := dispatched{f.Name, f.Arity}
		r.several[k] = one[k]
		one[k] = true
	}
}

// values resolves the values of one code to modules.
type values struct {
	*resolver
	c *ir.Code
	// brief: no more is asked than what an expression itself says, since the code is another one's.
	brief  bool
	fields map[ir.VarID]field
	held   map[string]string       // the modules that the code puts under a key, "" where it puts several there
	params map[ir.ExprID]parameter // by the place that binds it, those of private functions
	calls  map[string][]ir.ExprID  // of functions of its own module, by name
	passed map[parameter]string    // the modules that all calls pass, "" while that is looked into
}

// parameter is one of a function, 0-based.
type parameter struct {
	f *ir.Func
	i int
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

// module is the name of the module that an expression gives, or "", and whether it is surely that one:
// a default may be replaced.
func (v *values) module(id ir.ExprID, steps int) (name string, sure bool) {
	if id < 0 || steps > maxModuleSteps {
		return "", false
	}
	e := v.c.At(id)
	switch e.Op {
	case ir.Const:
		if e.Sub == ir.LitModule {
			return e.Str, true
		}
	case ir.Attr:
		if e.A >= 0 {
			a := &v.l.p.Module(v.c.Module).Attrs[e.A]
			return v.of(a.Code).module(a.Value, steps+1)
		}
	case ir.Use:
		return v.variable(ir.VarID(e.A), steps)
	case ir.Get:
		return v.heldAs(e.Str), false
	case ir.Branch:
		if e.Sub == ir.BranchOr {
			m, _ := v.module(ir.ExprID(e.C), steps+1)
			return m, false
		}
	case ir.Call:
		return v.result(e, steps)
	case ir.Block:
		if l := v.c.List(e); len(l) > 0 {
			return v.module(l[len(l)-1], steps+1)
		}
	}
	return "", false
}

// of is the same for another code.
func (v *values) of(c *ir.Code) *values {
	if c == v.c {
		return v
	}
	return &values{resolver: v.resolver, c: c, brief: true}
}

// variable follows a variable to the field, parameter, default or match that binds it.
func (v *values) variable(x ir.VarID, steps int) (name string, sure bool) {
	if v.fields == nil && !v.brief {
		v.fields = boundFields(v.c)
	}
	if f, ok := v.fields[x]; ok {
		if m := v.defaults[f]; m != "" {
			return m, true
		}
		return v.heldAs(f.name), false
	}
	at := v.c.Vars[x].At
	if at == ir.No {
		return "", false
	}
	// `repo = value` and `repo \\ default` stand right behind the binding.
	for id := at + 1; int(id) < len(v.c.Exprs) && id < at+4; id++ {
		if m := v.c.At(id); m.Op == ir.Match && ir.ExprID(m.A) == at {
			return v.module(ir.ExprID(m.B), steps+1)
		}
	}
	return v.given(at, steps), false
}

// given is the module that all calls give a private function as the parameter that a place binds, or "".
func (v *values) given(bind ir.ExprID, steps int) string {
	if v.brief || v.c.Module == ir.No {
		return ""
	}
	if v.params == nil {
		v.readParameters()
	}
	p, ok := v.params[bind]
	if !ok {
		return ""
	}
	if m, known := v.passed[p]; known {
		return m
	}
	v.passed[p] = ""
	all := ""
	for _, x := range v.calls[p.f.Name] {
		args := v.c.List(v.c.At(x))
		if len(args) != p.f.Arity {
			continue
		}
		m, _ := v.module(args[p.i], steps+1)
		if m == "" || all != "" && all != m {
			return ""
		}
		all = m
	}
	v.passed[p] = all
	return all
}

func (v *values) readParameters() {
	v.params, v.calls, v.passed = map[ir.ExprID]parameter{}, map[string][]ir.ExprID{}, map[parameter]string{}
	m := v.l.p.Module(v.c.Module)
	for _, id := range m.Funcs {
		f := v.l.p.Func(id)
		if f.Kind != ir.Defp || f.Code != v.c || f.Defaults > 0 {
			continue
		}
		for k := range f.Clauses {
			for i, bind := range f.Clauses[k].Params {
				v.params[bind] = parameter{f, i}
			}
		}
	}
	for x := range v.c.Exprs {
		if e := &v.c.Exprs[x]; e.Op == ir.Call && v.c.Callees[e.A].Module == m.Name {
			name := v.c.Callees[e.A].Name
			v.calls[name] = append(v.calls[name], ir.ExprID(x))
		}
	}
}

// heldAs is the one module that the code puts under a key of maps, structs and keyword lists, or "".
func (v *values) heldAs(key string) string {
	if v.held == nil && !v.brief {
		v.readHeld()
	}
	return v.held[key]
}

func (v *values) readHeld() {
	v.held = map[string]string{}
	put := func(k, x ir.ExprID) {
		e := v.c.At(x)
		if key := v.c.At(k); key.Op == ir.Const && key.Sub == ir.LitAtom && (e.Op == ir.Call || e.Op == ir.Const || e.Op == ir.Branch || e.Op == ir.Attr || e.Op == ir.Use) {
			m, _ := v.module(x, 1)
			if old, there := v.held[key.Str]; m != "" && there && old != m {
				v.held[key.Str] = ""
			} else if m != "" {
				v.held[key.Str] = m
			}
		}
	}
	for i := range v.c.Exprs {
		e := &v.c.Exprs[i]
		if e.Op != ir.Make {
			continue
		}
		l := v.c.List(e)
		switch {
		case e.Sub == ir.MakeMap || e.Sub == ir.MakeStruct:
			for j := 0; j+1 < len(l); j += 2 {
				put(l[j], l[j+1])
			}
		case e.Sub == ir.MakeTuple && len(l) == 2:
			put(l[0], l[1])
		}
	}
}

// result is the module that a call gives: a configured one, an option's default, or the value of a
// function with one clause.
func (v *values) result(e *ir.Expr, steps int) (name string, sure bool) {
	k := &v.c.Callees[e.A]
	if i := v.l.models.CallOf(k.Module, k.Name, k.Arity); i >= 0 {
		switch call := v.l.models.At(i); {
		case call.Expand == "configuration":
			return v.setting(v.c, v.c.List(e)), true
		case call.Content != nil && len(v.c.List(e)) == 3:
			m, _ := v.module(v.c.List(e)[2], steps+1)
			return m, false
		}
	}
	m := v.l.p.ModuleNamed(k.Module)
	if m == nil {
		return "", false
	}
	f := v.l.p.FuncNamed(m.ID, k.Name, k.Arity)
	if f == nil || len(f.Clauses) != 1 || f.Clauses[0].Body == ir.No {
		return "", false
	}
	return v.of(f.Code).module(f.Clauses[0].Body, steps+1)
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
