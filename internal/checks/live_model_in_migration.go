package checks

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// liveModelInMigration reports migrations that run the application's own code:
// the code goes on changing, the migration stays.
func liveModelInMigration(p *check.Pass) {
	for di, d := range p.Program.Databases {
		for i := range d.Migrations {
			// What is in the dump, or was put away, does not run on a new database any more.
			if m := &d.Migrations[i]; !m.Dumped && !putAway(p.Program.Files.File(m.Span.File).Path) {
				l := borrower{Pass: p, db: d, database: int32(di), m: m, seen: map[ir.FuncID]bool{}} //nolint:gosec // databases are few
				l.follow(m.Func, true)
				l.report()
			}
		}
	}
}

// putAway reports whether a migration is kept in a folder that is named for what is not run any
// more: `archived_migrations`.
func putAway(file string) bool {
	return slices.ContainsFunc(strings.Split(path.Base(path.Dir(file)), "_"), func(word string) bool {
		return slices.Contains([]string{"archive", "archived", "old", "squashed"}, word)
	})
}

// borrower is one migration, with what it uses of the application.
type borrower struct {
	*check.Pass
	db       *ir.Database
	database int32
	m        *ir.Migration
	seen     map[ir.FuncID]bool
	uses     []use
}

// use is one thing of the application that a migration uses.
type use struct {
	span  source.Span
	name  string // the module or function
	fatal string // why it stops the migration of a new database, or ""
	step  check.Step
}

// follow looks through a function of the migration's file and through those
// that it calls there. sure says that it runs whatever the rows are.
func (l *borrower) follow(id ir.FuncID, sure bool) {
	if id == ir.No || l.seen[id] {
		return
	}
	l.seen[id] = true
	f := l.Program.Func(id)
	lo, hi := l.Flow.Clauses(id)
	for c := lo; c < hi; c++ {
		body := l.Flow.Body(c)
		if body == ir.No {
			continue
		}
		w := walk{borrower: l, clause: c, code: f.Code, sure: sure && hi-lo == 1}
		w.reads = map[ir.ExprID]*query.Access{}
		all := l.Queries.Apart(c)
		for i := range all {
			if a := &all[i]; a.Clause == c && (w.reads[a.Expr] == nil || a.Op != "load") {
				w.reads[a.Expr] = a
			}
		}
		w.visit(body, w.sure)
	}
}

// walk goes through one clause.
type walk struct {
	*borrower
	clause flow.ClauseID
	code   *ir.Code
	sure   bool
	reads  map[ir.ExprID]*query.Access
}

// visit looks at an expression and what stands in it. sure is false where it
// depends on rows or conditions whether the expression is evaluated.
func (w *walk) visit(id ir.ExprID, sure bool) {
	x := w.code.At(id)
	switch x.Op {
	case ir.Call, ir.FuncRef:
		w.call(id, x, sure)
	case ir.Const:
		if x.Sub == ir.LitModule {
			w.schema(id, x.Str)
		}
	case ir.Make:
		if x.Sub == ir.MakeStruct {
			w.schema(id, x.Str)
		}
	}
	inner := sure
	if x.Op == ir.Loop || x.Op == ir.Branch || x.Op == ir.Case || x.Op == ir.Try || x.Op == ir.With || x.Op == ir.Closure {
		inner = false
	}
	w.code.Operands(id, func(o ir.ExprID) {
		if a := w.code.At(o); a.Op == ir.Closure && sure && x.Op == ir.Call && w.runs(x) {
			for _, arm := range w.code.List(a) {
				_, _, body := w.code.Parts(w.code.At(arm))
				w.visit(body, true)
			}
			return
		}
		w.visit(o, inner || sure && w.first(x, o))
	})
}

// first reports whether an operand is evaluated before it is decided what else
// is: a condition, or the collection that a loop begins with.
func (w *walk) first(x *ir.Expr, o ir.ExprID) bool {
	switch x.Op {
	case ir.Branch, ir.Case:
		return x.A == int32(o)
	case ir.Loop:
		return w.code.At(o).Op == ir.Generator && w.code.List(x)[0] == o
	}
	return false
}

// runs reports whether a call runs the function that it is given once, whatever
// the rows are.
func (w *walk) runs(x *ir.Expr) bool {
	name := w.code.Callees[x.A].Name
	return name == "execute" || name == "transaction"
}

// ours reports whether a module is application code outside the migration.
func (l *borrower) ours(m *ir.Module) bool {
	return m != nil && m.Span.File != l.m.Span.File && l.Program.Files.File(m.Span.File).Kind == source.Lib && m.Name != l.db.Repo
}

func (w *walk) schema(id ir.ExprID, module string) {
	if m := w.Program.ModuleNamed(module); w.ours(m) {
		if s := w.Program.SchemaOf(m.ID); s != nil {
			w.uses = append(w.uses, use{span: w.code.Span(id), name: module, step: check.Step{Span: s.Span, Note: "the schema `" + module + "`, as it is now"}})
		}
	}
}

func (w *walk) call(id ir.ExprID, x *ir.Expr, sure bool) {
	k := &w.code.Callees[x.A]
	if k.Func == ir.No {
		if a := w.reads[id]; a != nil {
			w.read(id, a, sure)
		} else if k.Extern == ir.No {
			w.missing(id, k, sure)
		}
		return
	}
	f := w.Program.Func(k.Func)
	m := w.Program.Module(f.Module)
	switch {
	case m.Span.File == w.m.Span.File:
		w.follow(k.Func, sure && x.Op == ir.Call)
	case !w.ours(m) || f.Macro():
	case w.Program.SchemaOf(m.ID) != nil || w.serving(k.Func):
		u := use{span: w.Flow.Span(w.clause, id), name: w.Program.Symbol(k.Func), step: check.Step{Span: f.NameSpan, Note: "`" + short(w.Program.Symbol(k.Func)) + "`, as it is now"}}
		if a := w.reads[id]; a != nil {
			u.fatal = w.fatal(a, sure)
		}
		w.uses = append(w.uses, u)
	}
}

// serving reports whether a function goes to the database and serves the running
// system too; one that only migrations call is theirs.
func (l *borrower) serving(id ir.FuncID) bool {
	lo, hi := l.Flow.Clauses(id)
	serves, database := false, false
	for c := lo; c < hi; c++ {
		serves = serves || l.Flow.Reached(c).Serves()
		for _, f := range l.Flow.Facts(c) {
			database = database || f.Kind.Database()
		}
	}
	return serves && database
}

// read judges a query of a schema.
func (w *walk) read(id ir.ExprID, a *query.Access, sure bool) {
	s := a.Query.Root().Schema
	if s == nil || !w.ours(w.Program.Module(s.Module)) {
		return
	}
	name := w.Program.SchemaName(s)
	w.uses = append(w.uses, use{
		span: w.Flow.Span(w.clause, id), name: name, fatal: w.fatal(a, sure),
		step: check.Step{Span: s.Span, Note: "the schema `" + name + "`, as it is now"},
	})
}

// fatal says why a query fails on a database that is migrated up to here.
func (l *borrower) fatal(a *query.Access, sure bool) string {
	s := a.Query.Root().Schema
	whole := (a.Op == "all" || a.Op == "one") && a.Query.Selects == query.No && a.Query.Groups == query.No && !a.Query.Fields && !a.Query.OpenLoads
	if !sure || !whole || s == nil || s.Rows == nil || s.Database != l.database || !l.ours(l.Program.Module(s.Module)) {
		return ""
	}
	if c := l.lacking(s); c != "" {
		return "it reads whole rows of `" + s.Rows.Name + "`, which at this point has no column `" + c + "`"
	}
	return ""
}

// lacking is a column of a schema that its table does not have yet when the
// migration runs, or nothing.
func (l *borrower) lacking(s *ir.Schema) string {
	t := s.Rows
	if t.Partial || t.Maybe || t.Made.Version > l.m.Version {
		return ""
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		c := t.Column(f.Column)
		if c == nil || c.Maybe || f.Virtual {
			continue
		}
		if c.Made.Version > l.m.Version && !l.afterwards(t.Name, c.Name) {
			return c.Name
		}
	}
	return ""
}

// afterwards reports whether a later migration takes the name of a column away,
// so that an older column may have had it.
func (l *borrower) afterwards(table, column string) bool {
	for i := range l.db.Migrations {
		m := &l.db.Migrations[i]
		if m.Version < l.m.Version {
			continue
		}
		for j := range m.Changes {
			c := &m.Changes[j]
			if (c.Kind == ir.ColumnDropped || c.Kind == ir.ColumnRenamed) && c.Name == column ||
				(c.Kind == ir.TableDropped || c.Kind == ir.TableRenamed) && (c.Table == table || c.To == table) {
				return true
			}
		}
	}
	return false
}

// missing judges a call of a function that its module does not have.
func (w *walk) missing(id ir.ExprID, k *ir.Callee, sure bool) {
	m := w.Program.ModuleNamed(k.Module)
	if !w.ours(m) || !w.Flow.Absent(k, w.code.Module) {
		return
	}
	name := k.Module + "." + k.Name + "/" + strconv.Itoa(k.Arity)
	u := use{span: w.Flow.Span(w.clause, id), name: name, step: check.Step{Span: m.NameSpan, Note: "`" + m.Name + "` does not define it"}}
	if sure {
		u.fatal = "`" + short(name) + "` is not defined any more"
	}
	w.uses = append(w.uses, u)
}

// report makes one finding of what a migration uses.
func (l *borrower) report() {
	if len(l.uses) == 0 {
		return
	}
	main := &l.uses[0]
	for i := range l.uses {
		if l.uses[i].fatal != "" {
			main = &l.uses[i]
			break
		}
	}
	f := check.Finding{Level: check.Info, Span: main.span, Symbol: l.Program.Symbol(l.m.Func), Anchor: main.name}
	if main.fatal != "" {
		f.Level = check.Error
		f.Message = "The migration fails on a new database: " + main.fatal + ". "
	} else {
		f.Message = "The migration runs `" + short(main.name) + "` of the application as it is on the day of the migration: when that changes, the migration does something else or fails on a new database. "
	}
	f.Message += "Name the table and the columns in it instead, or define a schema inside the migration."
	f.Path = []check.Step{{Span: main.span, Note: "uses `" + short(main.name) + "`"}, main.step}
	seen := map[string]bool{main.name: true}
	for i := range l.uses {
		if u := &l.uses[i]; !seen[u.name] {
			seen[u.name] = true
			f.Path = append(f.Path, check.Step{Span: u.span, Note: "uses `" + short(u.name) + "`"})
		}
	}
	l.Report(f)
}
