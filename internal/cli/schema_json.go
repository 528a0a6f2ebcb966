package cli

import (
	_ "embed"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// The JSON of `assay dump schema`: the entities of a database, with places as
// people write them.
type (
	schemaJSON struct {
		Name       string      `json:"name"`
		Repo       string      `json:"repo,omitempty"`
		Adapter    string      `json:"adapter,omitempty"`
		Dump       string      `json:"dump,omitempty"`
		Migrations int         `json:"migrations"`
		Enums      []enumJSON  `json:"enums"`
		Tables     []tableJSON `json:"tables"`
		Views      []viewJSON  `json:"views"`
		Drift      []driftJSON `json:"drift"`
		Gaps       []gapJSON   `json:"gaps"`
	}
	madeJSON struct {
		Version int64  `json:"version,omitempty"`
		Place   string `json:"place"`
	}
	enumJSON struct {
		Schema string   `json:"schema"`
		Name   string   `json:"name"`
		Values []string `json:"values"`
		Made   madeJSON `json:"made"`
	}
	tableJSON struct {
		Schema      string           `json:"schema"`
		Name        string           `json:"name"`
		Partial     bool             `json:"partial,omitempty"`
		Maybe       bool             `json:"maybe,omitempty"`
		PartitionOf string           `json:"partition_of,omitempty"`
		Made        madeJSON         `json:"made"`
		Columns     []columnJSON     `json:"columns"`
		PrimaryKey  *keyJSON         `json:"primary_key,omitempty"`
		Indexes     []indexJSON      `json:"indexes"`
		ForeignKeys []referenceJSON  `json:"foreign_keys"`
		Constraints []constraintJSON `json:"constraints"`

		// Of `assay schema` only.
		Modules   []moduleJSON  `json:"modules,omitempty"`
		PointedAt []pointerJSON `json:"pointed_at_by,omitempty"`
		Uses      []useJSON     `json:"uses,omitempty"`
	}
	useJSON struct {
		What    string   `json:"what"`
		Columns []string `json:"columns,omitempty"`
		Index   string   `json:"index,omitempty"`
		Places  []string `json:"places"`
	}
	// mappingJSON is what `assay schema --format json` prints.
	mappingJSON struct {
		Version   int          `json:"version"`
		Databases []schemaJSON `json:"databases"`
		Strays    []moduleJSON `json:"modules_without_table"`
	}
	moduleJSON struct {
		Name         string            `json:"name"`
		Place        string            `json:"place"`
		Table        string            `json:"table,omitempty"`
		Prefix       string            `json:"prefix,omitempty"`
		Embedded     bool              `json:"embedded,omitempty"`
		Resource     bool              `json:"resource,omitempty"`
		Partial      bool              `json:"partial,omitempty"`
		PrimaryKey   []string          `json:"primary_key"`
		Fields       []fieldJSON       `json:"fields"`
		Associations []associationJSON `json:"associations"`
	}
	fieldJSON struct {
		Name    string `json:"name"`
		Column  string `json:"column,omitempty"`
		Type    string `json:"type,omitempty"`
		Virtual bool   `json:"virtual,omitempty"`
		Place   string `json:"place"`
	}
	associationJSON struct {
		Name        string   `json:"name"`
		Kind        string   `json:"kind"`
		Related     string   `json:"related,omitempty"`
		OwnerKey    string   `json:"owner_key,omitempty"`
		RelatedKey  string   `json:"related_key,omitempty"`
		Through     []string `json:"through,omitempty"`
		JoinTable   string   `json:"join_table,omitempty"`
		JoinOwner   string   `json:"join_owner,omitempty"`
		JoinRelated string   `json:"join_related,omitempty"`
		Place       string   `json:"place"`
	}
	pointerJSON struct {
		Schema   string   `json:"schema"`
		Table    string   `json:"table"`
		Columns  []string `json:"columns"`
		OnDelete string   `json:"on_delete"`
	}
	columnJSON struct {
		Name      string   `json:"name"`
		Type      string   `json:"type"`
		Null      bool     `json:"null"`
		Default   string   `json:"default,omitempty"`
		Generated string   `json:"generated,omitempty"`
		Maybe     bool     `json:"maybe,omitempty"`
		Made      madeJSON `json:"made"`
		Changed   madeJSON `json:"changed"`
	}
	keyJSON struct {
		Name    string   `json:"name"`
		Columns []string `json:"columns"`
		Made    madeJSON `json:"made"`
	}
	indexJSON struct {
		Name       string         `json:"name"`
		Keys       []indexKeyJSON `json:"keys"`
		Include    []string       `json:"include,omitempty"`
		Unique     bool           `json:"unique"`
		Using      string         `json:"using"`
		Where      string         `json:"where,omitempty"`
		Concurrent bool           `json:"concurrently,omitempty"`
		NullsEqual bool           `json:"nulls_not_distinct,omitempty"`
		Backing    bool           `json:"of_constraint,omitempty"`
		Maybe      bool           `json:"maybe,omitempty"`
		Made       madeJSON       `json:"made"`
	}
	indexKeyJSON struct {
		Column string `json:"column,omitempty"`
		Expr   string `json:"expression,omitempty"`
		Order  string `json:"order,omitempty"`
	}
	referenceJSON struct {
		Name       string   `json:"name"`
		Columns    []string `json:"columns"`
		Schema     string   `json:"schema"`
		Table      string   `json:"table"`
		References []string `json:"references"`
		OnDelete   string   `json:"on_delete"`
		OnUpdate   string   `json:"on_update"`
		Unchecked  bool     `json:"not_valid,omitempty"`
		Maybe      bool     `json:"maybe,omitempty"`
		Made       madeJSON `json:"made"`
	}
	constraintJSON struct {
		Name      string   `json:"name"`
		Kind      string   `json:"kind"`
		Columns   []string `json:"columns,omitempty"`
		Expr      string   `json:"expression,omitempty"`
		Unchecked bool     `json:"not_valid,omitempty"`
		Maybe     bool     `json:"maybe,omitempty"`
		Made      madeJSON `json:"made"`
	}
	viewJSON struct {
		Schema       string      `json:"schema"`
		Name         string      `json:"name"`
		Materialized bool        `json:"materialized,omitempty"`
		Query        string      `json:"query"`
		Indexes      []indexJSON `json:"indexes,omitempty"`
		Made         madeJSON    `json:"made"`
	}
	driftJSON struct {
		Table      string   `json:"table"`
		What       string   `json:"what"`
		Dump       string   `json:"dump,omitempty"`
		Migrations string   `json:"migrations,omitempty"`
		Made       madeJSON `json:"made"`
	}
	gapJSON struct {
		Place  string `json:"place"`
		Table  string `json:"table,omitempty"`
		Reason string `json:"reason"`
	}
)

// schemaWriter turns the entities into what is printed.
type schemaWriter struct{ files *source.Set }

func schemaOf(files *source.Set, db *ir.Database) schemaJSON {
	w := schemaWriter{files}
	out := schemaJSON{
		Name: db.Name, Repo: db.Repo, Adapter: db.Adapter, Migrations: len(db.Migrations),
		Enums: []enumJSON{}, Tables: []tableJSON{}, Views: []viewJSON{}, Drift: []driftJSON{}, Gaps: []gapJSON{},
	}
	if db.Dump != source.NoFile {
		out.Dump = files.File(db.Dump).Path
	}
	for _, e := range db.Enums {
		out.Enums = append(out.Enums, enumJSON{e.Schema, e.Name, e.Values, w.made(e.Made)})
	}
	for _, t := range db.Tables {
		out.Tables = append(out.Tables, w.table(t))
	}
	for _, v := range db.Views {
		out.Views = append(out.Views, viewJSON{v.Schema, v.Name, v.Materialized, v.Query, w.indexes(v.Indexes), w.made(v.Made)})
	}
	for _, d := range db.Drift {
		out.Drift = append(out.Drift, driftJSON{d.Table, d.What, d.Dump, d.Migrations, w.made(d.Made)})
	}
	for _, g := range db.Gaps {
		out.Gaps = append(out.Gaps, gapJSON{w.place(g.Span), g.Table, g.Reason})
	}
	return out
}

func (w schemaWriter) place(s source.Span) string {
	f := w.files.File(s.File)
	return f.Path + ":" + strconv.Itoa(f.Line(s.Start))
}

func (w schemaWriter) made(o ir.Origin) madeJSON { return madeJSON{o.Version, w.place(o.Span)} }

func (w schemaWriter) table(t *ir.Table) tableJSON {
	out := tableJSON{
		Schema: t.Schema, Name: t.Name, Partial: t.Partial, Maybe: t.Maybe, PartitionOf: t.Parent, Made: w.made(t.Made),
		Columns: []columnJSON{}, Indexes: w.indexes(t.Indexes), ForeignKeys: []referenceJSON{}, Constraints: []constraintJSON{},
	}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, columnJSON{c.Name, c.Type, c.Null, c.Default, c.Generated, c.Maybe, w.made(c.Made), w.made(c.Changed)})
	}
	if k := t.PrimaryKey; k != nil {
		out.PrimaryKey = &keyJSON{k.Name, k.Columns, w.made(k.Made)}
	}
	for _, k := range t.ForeignKeys {
		out.ForeignKeys = append(out.ForeignKeys, referenceJSON{
			k.Name, k.Columns, k.Schema, k.Table, k.References, k.OnDelete.String(), k.OnUpdate.String(), k.Unchecked, k.Maybe, w.made(k.Made),
		})
	}
	for _, c := range t.Constraints {
		kind := [...]string{"check", "unique", "exclusion"}[c.Kind]
		out.Constraints = append(out.Constraints, constraintJSON{c.Name, kind, c.Columns, c.Expr, c.Unchecked, c.Maybe, w.made(c.Made)})
	}
	return out
}

func (w schemaWriter) indexes(list []ir.TableIndex) []indexJSON {
	out := []indexJSON{}
	for _, x := range list {
		keys := []indexKeyJSON{}
		for _, k := range x.Keys {
			keys = append(keys, indexKeyJSON(k))
		}
		out = append(out, indexJSON{
			x.Name, keys, x.Include, x.Unique, x.Using, x.Where, x.Concurrent, x.NullsEqual, x.Backing, x.Maybe, w.made(x.Made),
		})
	}
	return out
}

// databasesSchema is the JSON Schema of what printMappingJSON prints.
//
//go:embed schema/databases.schema.json
var databasesSchema string

// mappingVersion is raised when a reader of the format would have to change.
const mappingVersion = 1

// printMappingJSON prints the databases with the modules that map to them.
func printMappingJSON(out io.Writer, m *mapping) error {
	w := schemaWriter{m.files}
	doc := mappingJSON{Version: mappingVersion, Databases: []schemaJSON{}, Strays: []moduleJSON{}}
	for _, d := range m.p.Databases {
		db := schemaOf(m.files, d)
		for i, t := range d.Tables {
			for _, s := range m.modules[t] {
				db.Tables[i].Modules = append(db.Tables[i].Modules, w.module(m.p, s))
			}
			for _, at := range m.at[t] {
				db.Tables[i].PointedAt = append(db.Tables[i].PointedAt, pointerJSON{at.from.Schema, at.from.Name, at.key.Columns, at.key.OnDelete.String()})
			}
			for _, u := range m.uses[t] {
				db.Tables[i].Uses = append(db.Tables[i].Uses, useJSON(u))
			}
		}
		doc.Databases = append(doc.Databases, db)
	}
	for _, s := range m.p.Schemas {
		if s.Rows == nil && !m.inMigration(s) {
			doc.Strays = append(doc.Strays, w.module(m.p, s))
		}
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(doc)
}

func (w schemaWriter) module(p *ir.Program, s *ir.Schema) moduleJSON {
	out := moduleJSON{
		Name: p.SchemaName(s), Place: w.place(s.Span), Table: s.Table, Prefix: s.Prefix, Embedded: s.Embedded, Resource: s.Resource,
		Partial: s.Partial, PrimaryKey: append([]string{}, s.PrimaryKey...), Fields: []fieldJSON{}, Associations: []associationJSON{},
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		out.Fields = append(out.Fields, fieldJSON{f.Name, f.Column, f.Type, f.Virtual, w.place(f.Span)})
	}
	for i := range s.Associations {
		a := &s.Associations[i]
		out.Associations = append(out.Associations, associationJSON{
			a.Name, strings.ReplaceAll(a.Kind.String(), " ", "_"), a.Related, a.OwnerKey, a.RelatedKey, a.Through,
			a.JoinTable, a.JoinOwner, a.JoinRelated, w.place(a.Span),
		})
	}
	return out
}
