package replay

import (
	"path"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// place is where the migrations of one database are.
type place struct {
	db       *ir.Database
	app      string // the directory of the application
	settings *settings
	config   value // what is configured for the Repo
	prefix   string
	enums    map[string]enumType // by module; nil until asked for
	strict   bool                // options that are not known raise an error
}

// primaryKey is the option that `create table` has unless it says otherwise.
func (pl *place) primaryKey() value {
	if v := pl.config.field("migration_primary_key"); v.kind == list || v.kind == atom && v.text == "false" {
		return v
	}
	return value{kind: list}
}

// search is the search path that the connections of the Repo have:
//
//	parameters: [search_path: "shop, public"]
//	after_connect: {Postgrex, :query!, ["SET search_path TO shop", []]}
func (pl *place) search() []string {
	usual := []string{pl.db.Schema}
	if v := pl.config.field("parameters").field("search_path"); v.kind == str {
		return schemas(v.text, pl.db.Schema)
	}
	after := pl.config.field("after_connect")
	if after.kind != tuple || len(after.items) != 3 {
		return usual
	}
	args, _ := after.items[2].elements()
	for _, v := range args {
		_, list, set := strings.Cut(strings.ToLower(v.text), "search_path")
		switch {
		case v.kind == str && set:
			return schemas(strings.TrimLeft(strings.TrimPrefix(strings.TrimSpace(list), "to "), "= "), pl.db.Schema)
		case v.kind == str && strings.Contains(after.items[1].text, "search_path"):
			return schemas(v.text, pl.db.Schema)
		}
	}
	return usual
}

// foreignKey are the options that `references` has unless it says otherwise.
func (pl *place) foreignKey() value {
	out := value{kind: list}
	if v := pl.primaryKey(); v.kind == list && v.has("type") {
		out = keyword([][2]value{{atomOf("type"), v.field("type")}})
	}
	if v := pl.config.field("migration_foreign_key"); v.kind == list {
		out = merged(out, v)
	}
	return out
}

// places finds the databases of a project: the directories with migrations, by
// the directory of their Repo, and the modules that list migrations.
func places(p *ir.Program, c configurations) []*place {
	f := finder{p: p, config: c, byDir: map[string]*place{}}
	f.inFiles()
	f.inLists()
	for _, pl := range f.list {
		slices.SortStableFunc(pl.db.Migrations, func(a, b ir.Migration) int {
			switch {
			case a.Version < b.Version:
				return -1
			case a.Version > b.Version:
				return 1
			}
			return 0
		})
	}
	slices.SortFunc(f.list, func(a, b *place) int { return strings.Compare(a.db.Name, b.db.Name) })
	return f.list
}

type finder struct {
	p      *ir.Program
	config configurations
	byDir  map[string]*place
	list   []*place
}

// inFiles finds the migrations that stand in files of their own, named by their
// version: priv/repo/migrations/20200101000000_create_users.exs. Those of a directory
// outside priv that no Repo is configured with are kept, and run by nothing.
func (f *finder) inFiles() {
	found := map[source.FileID]bool{}
	for _, m := range f.p.Modules {
		file := f.p.Files.File(m.Span.File)
		if file.Kind != source.Migration || m.Kind != ir.PlainModule {
			continue
		}
		version, ok := versionOf(file.Path)
		fn := ran(f.p, m)
		if !ok || fn == nil || !slices.Contains(m.Behaves, migrations) || f.aside(file.Path) {
			continue
		}
		f.at(repoDir(file.Path)).add(m, fn, version)
		found[file.ID] = true
	}
	for _, file := range f.p.Files.Files {
		if _, ok := versionOf(file.Path); ok && file.Kind == source.Migration && !found[file.ID] && !f.aside(file.Path) {
			db := f.at(repoDir(file.Path)).db
			db.Gaps = append(db.Gaps, ir.Gap{Span: source.Span{File: file.ID}, Reason: "there is no migration in the file"})
		}
	}
}

// aside reports whether nothing runs the migrations beside a file.
func (f *finder) aside(p string) bool {
	dir := repoDir(p)
	return f.byDir[dir] == nil && !slices.Contains(strings.Split(dir, "/"), "priv") && f.repo(dir) == nil
}

func (pl *place) add(m *ir.Module, fn *ir.Func, version int64) {
	pl.db.Migrations = append(pl.db.Migrations, ir.Migration{
		Version: version, Module: m.ID, Func: fn.ID, Span: m.Span,
		Transaction: !set(m, "disable_ddl_transaction"),
		Locked:      !set(m, "disable_migration_lock") && pl.config.field("migration_lock").isNil(),
	})
}

// set reports whether a module sets an attribute to true.
func set(m *ir.Module, name string) bool {
	on := false
	for i := range m.Attrs {
		if a := &m.Attrs[i]; a.Name == name && a.Value != ir.No {
			x := a.Code.At(a.Value)
			on = x.Op == ir.Const && x.Sub == ir.LitBool && x.Str == "true"
		}
	}
	return on
}

// versionOf reads the version at the beginning of a file's name.
func versionOf(p string) (int64, bool) {
	base := path.Base(p)
	n, i := int64(0), 0
	for ; i < len(base) && i < 18 && base[i] >= '0' && base[i] <= '9'; i++ {
		n = n*10 + int64(base[i]-'0')
	}
	return n, i > 0 && i < len(base) && base[i] == '_'
}

// repoDir is the directory around the one whose name ends in "migrations":
// priv/repo of priv/repo/migrations/2020/20200101000000_a.exs.
func repoDir(p string) string {
	parts := strings.Split(path.Dir(p), "/")
	for i, d := range parts {
		if strings.HasSuffix(d, "migrations") {
			return path.Join(parts[:i]...)
		}
	}
	return path.Dir(p)
}

// at is the database whose migrations are below a directory.
func (f *finder) at(dir string) *place {
	if p := f.byDir[dir]; p != nil {
		return p
	}
	repo := f.repo(dir)
	if repo == nil {
		if only := f.onlyRepo(dir); only != nil {
			// The applications of an umbrella each bring their tables to its one database.
			app := f.p.Files.App(f.p.Files.File(only.Span.File).Path)
			if own := path.Join(app.Dir, "priv", underscored(ir.LastName(only.Name))); own != dir {
				f.byDir[dir] = f.at(own)
				return f.byDir[dir]
			}
			repo = only
		}
	}
	p := f.place(dir, repo)
	f.byDir[dir] = p
	return p
}

// onlyRepo is the one Repo of the umbrella that a directory is in, or nil.
func (f *finder) onlyRepo(dir string) *ir.Module {
	root := home(f.p.Files, dir+"/x")
	var only *ir.Module
	for _, m := range f.p.Modules {
		file := f.p.Files.File(m.Span.File)
		if !slices.Contains(m.Behaves, "Ecto.Repo") || file.Kind != source.Lib || home(f.p.Files, file.Path) != root {
			continue
		}
		if only != nil || f.p.Files.App(file.Path) == nil {
			return nil
		}
		only = m
	}
	return only
}

func (f *finder) place(name string, repo *ir.Module) *place {
	p := &place{db: &ir.Database{Name: name, Dump: source.NoFile, Schema: "public"}, settings: f.config.of(f.p, name+"/x"), config: value{kind: list}}
	if app := f.p.Files.App(name + "/x"); app != nil {
		p.app, p.strict = app.Dir, strict(app)
	}
	if repo != nil {
		p.db.Repo = repo.Name
		p.db.Adapter = f.adapter(repo)
		p.config = f.config.repo(f.p, f.p.Files.File(repo.Span.File).Path, repo.Name)
		if v := p.config.field("adapter"); p.db.Adapter == "" && v.kind == module {
			p.db.Adapter = v.text // as up to Ecto 2
		}
	}
	p.db.Postgres = strings.HasPrefix(p.db.Adapter, "Ecto.Adapters.Postgres") || p.db.Adapter == "" && !otherDriver(f.p.Files.App(name+"/x"))
	p.db.Foreign = !relational(p.db.Adapter)
	p.db.IndexesKeys = p.db.Adapter == "Ecto.Adapters.MyXQL" || p.db.Adapter == "Ecto.Adapters.MySQL" // InnoDB
	p.db.InProcess = p.db.Adapter == "Ecto.Adapters.SQLite3"
	// The dumps of other databases are in dialects of their own; the migrations tell as much.
	if dump := f.p.Files.Named(path.Join(name, "structure.sql")); dump != nil && p.db.Postgres {
		p.db.Dump = dump.ID
	}
	f.list = append(f.list, p)
	return p
}

// otherDriver reports whether an application depends on the driver of another database
// than PostgreSQL, and not on that of PostgreSQL.
func otherDriver(app *source.App) bool {
	if app == nil {
		return false
	}
	other := false
	for _, d := range app.Deps {
		switch d.Name {
		case "postgrex":
			return false
		case "mariaex", "myxql", "ecto_sqlite3", "tds":
			other = true
		}
	}
	return other
}

// repo finds the Repo whose migrations are below a directory: the one that is
// configured with it, or else the one of its name.
func (f *finder) repo(dir string) *ir.Module {
	var named, configured *ir.Module
	app := f.p.Files.App(dir + "/x")
	for _, m := range f.p.Modules {
		file := f.p.Files.File(m.Span.File)
		if !slices.Contains(m.Behaves, "Ecto.Repo") || file.Kind != source.Lib || f.p.Files.App(file.Path) != app {
			continue
		}
		base := underscored(ir.LastName(m.Name))
		priv := f.config.repo(f.p, file.Path, m.Name).field("priv")
		switch {
		case priv.kind == str && (dir == priv.text || strings.HasSuffix(dir, "/"+priv.text)):
			configured = first(configured, m)
		case priv.isNil() && base == path.Base(dir):
			named = first(named, m)
		}
	}
	return first(configured, named)
}

func first(a, b *ir.Module) *ir.Module {
	if a != nil {
		return a
	}
	return b
}

// relational reports whether an adapter is of a database that keeps its tables with indexes as SQL
// has them, as far as its name tells.
func relational(adapter string) bool {
	return adapter == "" || slices.ContainsFunc([]string{"postgres", "mysql", "myxql", "mariaex", "sqlite", "tds", "cockroach"}, func(w string) bool {
		return strings.Contains(strings.ToLower(adapter), w)
	})
}

// adapter reads `use Ecto.Repo, adapter: Ecto.Adapters.Postgres`.
func (f *finder) adapter(repo *ir.Module) string {
	for _, u := range repo.Uses {
		if u.Name != "Ecto.Repo" || u.Args == ir.No {
			continue
		}
		e := newEvaluator(f.p, f.config.of(f.p, f.p.Files.File(repo.Span.File).Path))
		if v := e.eval(newFrame(u.Code, nil), u.Args).field("adapter"); v.kind == module {
			return v.text
		}
	}
	return ""
}

// inLists finds the modules that list migrations with their versions:
//
//	@migrations [{20211116024918, CreateSubscriptionTable}, …]
func (f *finder) inLists() {
	for _, m := range f.p.Modules {
		if f.p.Files.File(m.Span.File).Kind != source.Lib {
			continue
		}
		for i := range m.Attrs {
			if list := f.migrationsIn(&m.Attrs[i]); list != nil {
				f.fromList(m, list)
				break
			}
		}
	}
}

// migrationsIn is the value of an attribute that lists migrations, or nil.
func (f *finder) migrationsIn(a *ir.Attribute) []value {
	if a.Value == ir.No {
		return nil
	}
	x := a.Code.At(a.Value)
	if x.Op != ir.Make || x.Sub != ir.MakeList || x.Lo == x.Hi {
		return nil
	}
	first := a.Code.At(a.Code.List(x)[0])
	if first.Op != ir.Make || first.Sub != ir.MakeTuple || first.Hi-first.Lo != 2 || !f.migration(a.Code, first) {
		return nil
	}
	e := newEvaluator(f.p, f.config.of(f.p, a.Code.File.Path))
	v := e.eval(newFrame(a.Code, nil), a.Value)
	return v.items
}

// migration reports whether a tuple is a version and a migration.
func (f *finder) migration(c *ir.Code, x *ir.Expr) bool {
	pair := c.List(x)
	version, mod := c.At(pair[0]), c.At(pair[1])
	if version.Op != ir.Const || version.Sub != ir.LitInt || mod.Op != ir.Const || mod.Sub != ir.LitModule {
		return false
	}
	m := f.p.ModuleNamed(mod.Str)
	return m != nil && slices.Contains(m.Behaves, migrations)
}

func (f *finder) fromList(owner *ir.Module, list []value) {
	p := f.place(owner.Name, nil)
	if app := f.p.Files.App(f.p.Files.File(owner.Span.File).Path); app != nil {
		p.app, p.strict = app.Dir, strict(app)
	}
	p.prefix = f.prefixIn(owner)
	for _, v := range list {
		if v.kind != tuple || len(v.items) != 2 {
			continue
		}
		version, ok := v.items[0].integer()
		m := f.p.ModuleNamed(v.items[1].text)
		if !ok || m == nil {
			continue
		}
		if fn := ran(f.p, m); fn != nil {
			p.add(m, fn, int64(version))
		}
	}
}

// prefixIn finds the schema that a module runs its migrations in: the option
// that a function which calls the migrator has in its text.
func (f *finder) prefixIn(m *ir.Module) string {
	for _, id := range m.Funcs {
		fn := f.p.Func(id)
		for i := range fn.Clauses {
			body := fn.Clauses[i].Body
			if body == ir.No || !callsMigrator(fn.Code, body) {
				continue
			}
			if s, ok := prefixOption(fn.Code, body); ok {
				return s
			}
		}
	}
	return ""
}

func callsMigrator(c *ir.Code, body ir.ExprID) bool {
	found := false
	c.Walk(body, func(id ir.ExprID) bool {
		x := c.At(id)
		found = found || x.Op == ir.Call && c.Callees[x.A].Module == "Ecto.Migrator"
		return !found
	})
	return found
}

// prefixOption reads `prefix: "tenant"` in a keyword list.
func prefixOption(c *ir.Code, id ir.ExprID) (string, bool) {
	found, ok := "", false
	c.Walk(id, func(id ir.ExprID) bool {
		x := c.At(id)
		if x.Op != ir.Make || x.Sub != ir.MakeTuple || x.Hi-x.Lo != 2 {
			return true
		}
		pair := c.List(x)
		if k, v := c.At(pair[0]), c.At(pair[1]); k.Op == ir.Const && k.Str == "prefix" && v.Op == ir.Const && v.Sub == ir.LitString {
			found, ok = v.Str, true
		}
		return true
	})
	return found, ok
}
