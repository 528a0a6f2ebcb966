package link

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"maps"
	"slices"
)

// entryKind is the kind that a word of the models means.
func entryKind(word string) ir.EntryKind {
	switch word {
	case "request":
		return ir.Request
	case "socket":
		return ir.Socket
	case "job":
		return ir.Job
	case "process":
		return ir.Process
	case "boot":
		return ir.Boot
	case "task":
		return ir.Task
	case "migrate":
		return ir.Migrate
	case "seed":
		return ir.Seeding
	case "test":
		return ir.Testing
	}
	return ir.NoEntry
}

// entries finds where the outside enters: callbacks of what a module behaves
// like, functions handed to registering macros, scripts.
func (l *linker) entries() {
	l.routes = l.routesOf()
	l.shown = l.shownBy()
	l.idle = l.idleProcesses()
	l.markUsed()
	l.spread()
	for _, m := range l.p.Modules {
		file := l.p.Files.File(m.Span.File)
		if file.Kind == source.Test {
			continue
		}
		release := file.Kind == source.Lib && l.migrates(m)
		for _, id := range m.Funcs {
			f := l.p.Funcs[id]
			l.callback(m, f, file.Kind)
			if release && f.Public() && !f.Macro() && !l.entered[id] {
				l.p.Entries = append(l.p.Entries, ir.Entry{Kind: ir.Boot, Name: "release task", Func: id, Expr: ir.No,
					Module: m.ID, Each: ir.No, Span: f.NameSpan})
				l.entered[id] = true
			}
		}
		if m.Kind == ir.ScriptModule && m.Body != ir.No && file.Kind != source.Config {
			kind := ir.Scripted
			if file.Kind == source.Seed {
				kind = ir.Seeding
			}
			l.p.Entries = append(l.p.Entries, ir.Entry{Kind: kind, Name: "script", Func: ir.No, Each: ir.No,
				Code: m.Code, Expr: m.Body, Module: m.ID, Span: m.Code.Span(m.Body)})
		}
	}
	l.resolversOf()
	for _, c := range l.p.Codes {
		l.registered(c)
		if c.File.Kind == source.Config {
			l.scheduled(c)
		}
	}
	graphQL := func(e ir.Entry) bool { return e.GraphQL() }
	if slices.ContainsFunc(l.p.Entries, graphQL) && !l.servesGraphQL() {
		l.p.Entries = slices.DeleteFunc(l.p.Entries, graphQL)
	}
	for i := range l.p.Entries {
		e := &l.p.Entries[i]
		name := e.Name
		if e.Func != ir.No {
			name = l.p.Funcs[e.Func].Name
		}
		e.Staff = e.Staff || l.staffOnly(e.Module, name)
	}
	l.p.SortEntries()
}

// servesGraphQL reports whether something may run the queries of clients: where a program has
// routes, what takes them is named in its code, a plug, a socket or a call.
func (l *linker) servesGraphQL() bool {
	return l.routes == nil || slices.ContainsFunc([]string{"Absinthe.Plug", "Absinthe.Phoenix", "Absinthe.Pipeline", "Absinthe.run", "GraphqlWS"}, func(name string) bool {
		return l.p.Files.Contains(source.Lib, name)
	})
}

// migrates reports whether a module runs migrations: people call its functions when they
// bring a release out.
func (l *linker) migrates(m *ir.Module) bool {
	names := map[*ir.Code]bool{} // whether a code calls the migrator at all
	return slices.ContainsFunc(m.Funcs, func(id ir.FuncID) bool {
		f := l.p.Funcs[id]
		if f.Code == nil {
			return false
		}
		calls, known := names[f.Code]
		if !known {
			calls = slices.ContainsFunc(f.Code.Callees, l.ofMigrator)
			names[f.Code] = calls
		}
		if !calls {
			return false
		}
		found := false
		for _, cl := range f.Clauses {
			if cl.Body == ir.No {
				continue
			}
			f.Code.Walk(cl.Body, func(x ir.ExprID) bool {
				e := f.Code.At(x)
				found = found || e.Op == ir.Call && l.ofMigrator(f.Code.Callees[e.A])
				return !found
			})
		}
		return found
	})
}

// ofMigrator reports whether a callee runs migrations.
func (l *linker) ofMigrator(k ir.Callee) bool {
	return k.Extern != ir.No && l.p.Externs[k.Extern].Module == "Ecto.Migrator"
}

// callback enters f if something outside calls it.
func (l *linker) callback(m *ir.Module, f *ir.Func, file source.Kind) {
	if !f.Public() || f.Macro() {
		return
	}
	for _, b := range m.Behaves {
		cb := l.models.CallbackOf(b, f.Name, f.Arity)
		if cb == nil {
			continue
		}
		if b == controllerModule && l.routes != nil && !l.routes.reaches(m.Name, f.Name) {
			f.Unrouted = true
			return
		}
		if named(b) && l.unused(m) {
			return
		}
		kind := entryKind(cb.Entry)
		if l.idle[m.ID] && (kind == ir.Process || kind == ir.Boot || kind == ir.Job) {
			return
		}
		if file == source.Migration {
			kind = ir.Migrate
		}
		untrusted := cb.Untrusted
		if len(cb.Fields) > 0 {
			untrusted = nil // only fields of it are: flow knows those of a request
		}
		l.p.Entries = append(l.p.Entries, ir.Entry{Kind: kind, Name: cb.Name, Func: f.ID, Expr: ir.No,
			Module: m.ID, Untrusted: untrusted, Each: ir.No, Span: f.NameSpan})
		l.entered[f.ID] = true
		return
	}
}

// scheduled enters the functions that a configuration names to be called, as
// `{Module, :function, [arguments]}`.
func (l *linker) scheduled(c *ir.Code) {
	for i := range c.Exprs {
		e := &c.Exprs[i]
		if e.Op != ir.Make || e.Sub != ir.MakeTuple || e.Hi-e.Lo != 3 {
			continue
		}
		parts := c.List(e)
		m, f, a := c.At(parts[0]), c.At(parts[1]), c.At(parts[2])
		if m.Op != ir.Const || m.Sub != ir.LitModule || f.Op != ir.Const || f.Sub != ir.LitAtom ||
			a.Op != ir.Make || a.Sub != ir.MakeList {
			continue
		}
		mod := l.p.ModuleNamed(m.Str)
		if mod == nil {
			continue
		}
		fn := l.p.FuncNamed(mod.ID, f.Str, int(a.Hi-a.Lo))
		if fn == nil || l.entered[fn.ID] {
			continue
		}
		l.entered[fn.ID] = true
		l.p.Entries = append(l.p.Entries, ir.Entry{Kind: ir.Job, Name: "configured call", Func: fn.ID, Expr: ir.No,
			Module: fn.Module, Each: ir.No, Span: fn.NameSpan})
	}
}

// registered enters the functions that calls in c hand to macros which call
// them later: resolvers, plugs, hooks.
func (l *linker) registered(c *ir.Code) {
	any := false
	for i := range c.Callees {
		any = any || l.entryModel(c.Callees[i].Extern) != nil
	}
	if !any {
		return
	}
	for i := range c.Exprs {
		e := &c.Exprs[i]
		if e.Op != ir.Call {
			continue
		}
		k := l.entryModel(c.Callees[e.A].Extern)
		if k == nil {
			continue
		}
		args := c.List(e)
		for _, r := range k.Runs {
			if r < len(args) {
				l.handed(c, args[r], k)
			}
		}
	}
}

func (l *linker) entryModel(id ir.ExternID) *model.Call {
	if id == ir.No || l.p.Externs[id].Model < 0 {
		return nil
	}
	if k := l.models.At(l.p.Externs[id].Model); k.Entry != "" {
		return k
	}
	return nil
}

// handed enters one function that a registering call was given.
func (l *linker) handed(c *ir.Code, arg ir.ExprID, k *model.Call) {
	e, asked := c.At(arg), l.asked[c][arg]
	entry := ir.Entry{Kind: entryKind(k.Entry), Name: k.EntryName, Func: ir.No, Expr: ir.No,
		Module: c.Module, Untrusted: k.Untrusted, Takes: asked.takes, Staff: asked.staff, Each: ir.No, Span: c.Span(arg)}
	switch {
	case e.Op == ir.Call && c.Callees[e.A].Func != ir.No:
		l.wrapped(c, arg, k)
		return
	case e.Op == ir.Closure, e.Op == ir.Opaque && e.Str == "do":
		entry.Code, entry.Expr = c, arg
	case e.Op == ir.FuncRef:
		entry.Func = c.Callees[e.A].Func
	case e.Op == ir.Const && e.Sub == ir.LitAtom:
		entry.Func = l.named(c.Module, e.Str)
	case e.Op == ir.Const && e.Sub == ir.LitModule:
		if m := l.p.ModuleNamed(e.Str); m != nil {
			entry.Func = l.named(m.ID, "call")
		}
	}
	if entry.Func == ir.No && entry.Expr == ir.No {
		return
	}
	if k.Each != nil && asked.perObject {
		entry.Each = max(ir.No, *k.Each+l.arity(&entry))
	}
	if entry.Func != ir.No {
		f := l.p.Funcs[entry.Func]
		entry.Module, entry.Span = f.Module, f.NameSpan
		if l.entered[entry.Func] {
			l.again(&entry)
			return
		}
		l.entered[entry.Func] = true
	}
	l.p.Entries = append(l.p.Entries, entry)
}

// wrapped takes for what is handed over the functions that a function of the project is
// given and makes another one of: `resolve(authorize(&Posts.list/3))`.
func (l *linker) wrapped(c *ir.Code, call ir.ExprID, k *model.Call) {
	for _, a := range c.List(c.At(call)) {
		if op := c.At(a).Op; op == ir.FuncRef || op == ir.Closure {
			if of, ok := l.asked[c][call]; ok {
				l.asked[c][a] = of
			}
			l.handed(c, a, k)
		}
	}
}

// again notes of a function that is an entry already that it runs for each object
// of a list, and for what clients send to another field.
func (l *linker) again(entry *ir.Entry) {
	for i := range l.p.Entries {
		e := &l.p.Entries[i]
		if e.Func != entry.Func {
			continue
		}
		e.Each = max(e.Each, entry.Each)
		e.Staff = e.Staff && entry.Staff
		if e.Takes != nil && entry.Takes != nil {
			e.Takes = union(e.Takes, entry.Takes)
		} else {
			e.Takes = nil // a client may send anything to it elsewhere
		}
	}
}

// union is the larger of two sets with the elements of the other one, in a set of its own where it lacks any.
func union(a, b map[string]bool) map[string]bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	own := false
	for name := range b {
		if a[name] {
			continue
		}
		if !own {
			a, own = maps.Clone(a), true
		}
		a[name] = true
	}
	return a
}

// arity is how many parameters an entry has.
func (l *linker) arity(e *ir.Entry) int {
	if e.Func != ir.No {
		return l.p.Funcs[e.Func].Arity
	}
	if e.Code.At(e.Expr).Op != ir.Closure {
		return 0
	}
	for _, a := range e.Code.List(e.Code.At(e.Expr)) {
		patterns, _, _ := e.Code.Parts(e.Code.At(a))
		return len(patterns)
	}
	return 0
}

// named is a function of two parameters with a name, as plugs have.
func (l *linker) named(m ir.ModuleID, name string) ir.FuncID {
	if f := l.p.FuncNamed(m, name, 2); f != nil {
		return f.ID
	}
	return ir.No
}
