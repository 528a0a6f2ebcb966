package orm

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// join joins schemas to their tables and to each other.
func join(p *ir.Program, list []*ir.Schema) {
	byModule := map[ir.ModuleID]int32{}
	stores := repos(p)
	for i, s := range list {
		byModule[s.Module] = int32(i)
		joinTable(p, stores, s)
	}
	for _, s := range list {
		for i := range s.Associations {
			a := &s.Associations[i]
			if m := related(p, a.Related); m != nil {
				if n, ok := byModule[m.ID]; ok {
					a.Schema = n
				}
			}
			joinThrough(p, byModule, list, s, a)
		}
	}
	for _, s := range list {
		for i := range s.Associations {
			throughOthers(list, s, &s.Associations[i])
		}
	}
}

func related(p *ir.Program, name string) *ir.Module {
	if name == "" {
		return nil
	}
	return p.ModuleNamed(name)
}

// joinThrough finds the table of a many to many: that of the join table's own
// module, which may be told by another association that leads to it. The names
// of its keys become columns.
func joinThrough(p *ir.Program, byModule map[ir.ModuleID]int32, list []*ir.Schema, s *ir.Schema, a *ir.Association) {
	if a.Kind != ir.ManyToMany {
		return
	}
	if len(a.Through) == 1 {
		if first := s.Association(a.Through[0]); first != nil {
			a.JoinSchema = first.Related
		}
		a.Through = nil
	}
	m := related(p, a.JoinSchema)
	if m == nil {
		return
	}
	if n, ok := byModule[m.ID]; ok {
		j := list[n]
		a.JoinTable = j.Table
		a.JoinOwner, a.JoinRelated = columnOr(j, a.JoinOwner), columnOr(j, a.JoinRelated)
	}
}

// columnOr is the column of a field; the name itself where the field is not
// known.
func columnOr(s *ir.Schema, field string) string {
	if c := s.ColumnOf(field); c != "" {
		return c
	}
	return field
}

// maxThrough bounds how many associations one goes through. Real ones have
// three.
const maxThrough = 16

// throughOthers finds where an association that goes through others ends.
func throughOthers(list []*ir.Schema, s *ir.Schema, a *ir.Association) {
	if len(a.Through) == 0 || len(a.Through) > maxThrough {
		return
	}
	if at, ok := follow(list, s, a.Through, 0); ok {
		a.Schema = at
	}
}

// follow goes along associations from a schema and gives the schema at the end.
func follow(list []*ir.Schema, s *ir.Schema, path []string, depth int) (int32, bool) {
	at := int32(ir.No)
	for _, step := range path {
		next := s.Association(step)
		switch {
		case next == nil || depth > maxThrough:
			return ir.No, false
		case len(next.Through) > 0:
			end, ok := follow(list, s, next.Through, depth+1)
			if !ok {
				return ir.No, false
			}
			at = end
		case next.Schema < 0:
			return ir.No, false
		default:
			at = next.Schema
		}
		s = list[at]
	}
	return at, at >= 0
}

// candidate is a table that a schema may map to.
type candidate struct {
	database int32
	table    *ir.Table
}

// joinTable finds the schema's table: the only one of its name, or the only one
// in the databases of the schema's own Repo or application, or the only one that has all
// its columns. Migrations of an application that no Repo runs by itself may be those of
// its tenants, whose tables the Repo reads as well.
func joinTable(p *ir.Program, stores []string, s *ir.Schema) {
	if s.Table == "" || s.Embedded {
		return
	}
	var list []candidate
	for i, d := range p.Databases {
		if t := d.Table(s.Prefix, s.Table); t != nil {
			list = append(list, candidate{int32(i), t})
		}
	}
	if len(list) == 0 && s.Prefix == "" {
		list = elsewhere(p, s)
	}
	if repo := namesake(stores, p.SchemaName(s)); repo != "" {
		list = slices.DeleteFunc(list, func(c candidate) bool { return p.Databases[c.database].Repo != repo })
	}
	app := p.Files.App(p.Files.File(s.Span.File).Path)
	list = ofProject(p, app, list)
	for _, near := range [...]func(*ir.Database, *ir.Table) bool{
		func(d *ir.Database, _ *ir.Table) bool { return s.Repo != "" && d.Repo == s.Repo },
		func(d *ir.Database, _ *ir.Table) bool { return appOf(p, d) == app },
		func(d *ir.Database, _ *ir.Table) bool { return d.Repo != "" || strings.Contains("/"+d.Name, "/priv/") },
		func(_ *ir.Database, t *ir.Table) bool { return holds(t, s) },
	} {
		if len(list) < 2 {
			break
		}
		some := slices.DeleteFunc(slices.Clone(list), func(c candidate) bool { return !near(p.Databases[c.database], c.table) })
		if len(some) > 0 {
			list = some
		}
	}
	if len(list) == 1 {
		s.Database, s.Rows = list[0].database, list[0].table
	}
}

// ofProject keeps the candidates of an application's own project, where that has a database: beside it
// in the repository may lie another service with one of its own.
func ofProject(p *ir.Program, app *source.App, list []candidate) []candidate {
	own := p.Files.Outermost(app)
	foreign := func(d *ir.Database) bool { return p.Files.Outermost(appOf(p, d)) != own }
	if own == nil || !slices.ContainsFunc(p.Databases, func(d *ir.Database) bool { return !foreign(d) }) {
		return list
	}
	return slices.DeleteFunc(list, func(c candidate) bool { return foreign(p.Databases[c.database]) })
}

// repos are the names of the modules that are an Ecto.Repo.
func repos(p *ir.Program) []string {
	var out []string
	for _, m := range p.Modules {
		if slices.ContainsFunc(m.Uses, func(u ir.UsedModule) bool { return u.Name == "Ecto.Repo" }) {
			out = append(out, m.Name)
		}
	}
	return out
}

// namesake is the one of several Repos whose name is part of a schema's: what is kept for one
// customer or one purpose is mostly named so throughout. It is "" where none is.
func namesake(stores []string, schema string) string {
	if len(stores) < 2 {
		return ""
	}
	parts := strings.Split(schema, ".")
	found := ""
	for _, name := range stores {
		if last := ir.LastName(name); last != "Repo" && slices.Contains(parts, last) {
			if found != "" {
				return ""
			}
			found = name
		}
	}
	return found
}

// holds reports whether a table has the columns of all fields of a schema.
func holds(t *ir.Table, s *ir.Schema) bool {
	return !slices.ContainsFunc(s.Fields, func(f ir.Field) bool { return f.Column != "" && t.Column(f.Column) == nil })
}

// elsewhere are the tables of a schema's name in any schema of the databases that have its columns: a
// prefix may be given when a query runs.
func elsewhere(p *ir.Program, s *ir.Schema) []candidate {
	var out []candidate
	for i, d := range p.Databases {
		for _, t := range d.Tables {
			if t.Name == s.Table && holds(t, s) {
				out = append(out, candidate{int32(i), t})
			}
		}
	}
	return out
}

// appOf is the application that a database's migrations lie in: the directory
// that it is named by, or that of the module that lists them.
func appOf(p *ir.Program, d *ir.Database) *source.App {
	if m := p.ModuleNamed(d.Name); m != nil {
		return p.Files.App(p.Files.File(m.Span.File).Path)
	}
	return p.Files.App(strings.TrimSuffix(d.Name, "/") + "/x")
}
