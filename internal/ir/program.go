package ir

import (
	"sort"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/source"
)

// Program is the whole project, linked. It is read-only once link is done.
type Program struct {
	Files   *source.Set
	Modules []*Module // by ModuleID: sorted by file path, then place
	Funcs   []*Func   // by FuncID
	Externs []Extern  // by ExternID: sorted by module, name, arity
	Entries []Entry   // sorted by file path, then place
	Codes   []*Code   // every Code, sorted by file path
	// Databases are what the migrations leave, by name, and Schemas what modules
	// map to their tables, by ModuleID.
	Databases []*Database
	Schemas   []*Schema
	// Comments are the places of each file's comments, by FileID, in order.
	Comments [][]source.Span

	mapped map[*Table][]*Schema
	byName map[string]ModuleID
	byFunc map[FuncKey]FuncID
	byFile map[source.FileID][]placed
}

// FuncKey names a function of the project.
type FuncKey struct {
	Module ModuleID
	Name   string
	Arity  int
}

// Extern is a function that the project calls and does not define.
type Extern struct {
	Module string // the library's module
	Name   string
	Arity  int
	// Via is the project's own module through which it was called, for a
	// function that a module has by what it behaves like (MyApp.Repo.all), else
	// empty.
	Via string
	// Model indexes the model entry that says what it does, or is No. Link sets it.
	Model int32
}

// String is Module.name/arity.
func (e Extern) String() string { return e.Module + "." + e.Name + "/" + strconv.Itoa(e.Arity) }

// EntryKind says who starts a piece of code.
type EntryKind uint8

// The kinds of entry. Request to Process are what users and the running
// system reach.
const (
	NoEntry  EntryKind = iota
	Request            // controller action, plug, resolver
	Socket             // LiveView and channel callbacks
	Job                // a background job's perform
	Process            // a callback of a process
	Boot               // Application.start, release tasks
	Task               // a command-line task
	Migrate            // migrations
	Seeding            // seeds
	Testing            // tests
	Scripted           // other scripts
)

//go:generate stringer -type EntryKind

// Serves reports whether k is reached by users or by the running system.
func (k EntryKind) Serves() bool { return k >= Request && k <= Process }

// Entry is a place where something outside the project's own calls starts.
type Entry struct {
	Kind   EntryKind
	Name   string // what it is: "controller action", "LiveView handle_event" …
	Func   FuncID // the function; No for a closure at module level
	Code   *Code  // for a closure: where it is
	Expr   ExprID
	Module ModuleID
	// Untrusted are the indexes of parameters that hold what a client sent.
	Untrusted []int
	// Takes are, of a GraphQL resolver, the names under which a client may send a value to its fields;
	// nil where nothing is known of them.
	Takes map[string]bool
	// Staff: only the people who run the application get there.
	Staff bool
	// Each is the parameter that is one object of a list, when the entry runs
	// once for each of them, or No.
	Each int
	Span source.Span
}

// Sendable reports whether a client may send something by a name, as far as is known: a reference
// may be sent as the key of what is referred to.
func (e *Entry) Sendable(name string) bool {
	return name == "" || e.Takes == nil || e.Takes[name] || e.Takes[strings.TrimSuffix(name, "_id")]
}

// GraphQL reports whether a field of a GraphQL schema is asked for, and not an address.
func (e *Entry) GraphQL() bool { return strings.HasPrefix(e.Name, "GraphQL") }

// ModuleNamed finds a module of the project by its full name.
func (p *Program) ModuleNamed(name string) *Module {
	if id, ok := p.byName[name]; ok {
		return p.Modules[id]
	}
	return nil
}

// FuncNamed finds a function of the project; an arity that leaves out default
// arguments finds the function that has them.
func (p *Program) FuncNamed(m ModuleID, name string, arity int) *Func {
	if id, ok := p.byFunc[FuncKey{m, name, arity}]; ok {
		return p.Funcs[id]
	}
	return nil
}

// Func returns a function by id.
func (p *Program) Func(id FuncID) *Func { return p.Funcs[id] }

// Module returns a module by id.
func (p *Program) Module(id ModuleID) *Module { return p.Modules[id] }

// Symbol is Module.function/arity.
func (p *Program) Symbol(id FuncID) string {
	f := p.Funcs[id]
	return p.Modules[f.Module].Name + "." + f.Name + "/" + strconv.Itoa(f.Arity)
}

// FuncAt returns the function whose span holds a place, or nil. Among nested
// ones it is the innermost.
func (p *Program) FuncAt(s source.Span) *Func {
	in := p.byFile[s.File]
	var best *Func
	for i := sort.Search(len(in), func(i int) bool { return in[i].Span.Start > s.Start }) - 1; i >= 0 && in[i].last >= s.End; i-- {
		f := in[i].Func
		if f.Span.Contains(s) && (best == nil || f.Span.Len() <= best.Span.Len()) {
			best = f
		}
	}
	return best
}

// placed is a function among those of its file, in the order in which they begin.
type placed struct {
	*Func
	last int32 // where the last of those that begin no later ends
}

// place makes the tables by which FuncAt finds functions.
func (p *Program) place() {
	p.byFile = map[source.FileID][]placed{}
	for _, f := range p.Funcs {
		if !f.Injected {
			p.byFile[f.Span.File] = append(p.byFile[f.Span.File], placed{Func: f})
		}
	}
	for _, in := range p.byFile {
		sort.SliceStable(in, func(i, j int) bool { return in[i].Span.Start < in[j].Span.Start })
		last := int32(0)
		for i := range in {
			last = max(last, in[i].Span.End)
			in[i].last = last
		}
	}
}

// claim is how strong the claim of a module to its name is: code that is compiled runs,
// what is kept beside it is run at most by hand, and tests replace either.
func (p *Program) claim(m ModuleID) int {
	switch p.Files.File(p.Modules[m].Span.File).Kind {
	case source.Lib:
		return 2
	case source.Test:
		return 0
	}
	return 1
}

// Index makes the look-up tables. Modules and Funcs must be complete; of two
// modules with one name the one that is compiled keeps it, then one outside the tests,
// then the first.
func (p *Program) Index() {
	p.byName = make(map[string]ModuleID, len(p.Modules))
	for _, m := range p.Modules {
		if old, dup := p.byName[m.Name]; !dup || p.claim(m.ID) > p.claim(old) {
			p.byName[m.Name] = m.ID
		}
	}
	p.byFunc = make(map[FuncKey]FuncID, len(p.Funcs)*2)
	for _, f := range p.Funcs {
		p.byFunc[FuncKey{f.Module, f.Name, f.Arity}] = f.ID
	}
	for _, f := range p.Funcs {
		for d := 1; d <= f.Defaults; d++ {
			k := FuncKey{f.Module, f.Name, f.Arity - d}
			if _, taken := p.byFunc[k]; !taken {
				p.byFunc[k] = f.ID
			}
		}
	}
	p.place()
}

// SortEntries puts the entries in their order: by file, then place.
func (p *Program) SortEntries() {
	sort.SliceStable(p.Entries, func(i, j int) bool {
		a, b := p.Entries[i].Span, p.Entries[j].Span
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Start < b.Start
	})
}
