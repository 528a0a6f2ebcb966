package ir

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/source"
)

// Schema says how a module maps to a table: the ORM mapping that the module
// declares. Names of fields are those of the program; columns are those of the
// table.
type Schema struct {
	Module   ModuleID
	Table    string // "" when nothing is stored by itself
	Prefix   string // the schema of the database that holds the table, or ""
	Embedded bool   // its rows live inside a column of another table
	Resource bool   // declared as a resource with actions, not as a bare mapping
	// PrimaryKey are fields.
	PrimaryKey   []string
	Fields       []Field
	Associations []Association
	// Of a resource: what is unique, what can be done with it, and whether rules
	// decide who may.
	Identities []Identity
	Actions    []ResourceAction
	Policies   bool
	// Tenant is the field that the library adds to every query of a resource, or "".
	Tenant string
	// Repo is the module of the program that is named as its store, or "".
	Repo string
	// Changesets are the clauses of functions that say how rows may change, in the
	// order of functions and clauses.
	Changesets []Changeset
	// Built are the places that make a row of the schema, in the order of
	// functions.
	Built []Construction
	// Partial is set when some of what the module declares is not understood, so
	// that what is missing here may be there.
	Partial bool
	Code    *Code       // where the places of fields and associations are
	Span    source.Span // the declaration
	// Database and Rows are the table in the databases of the program: an index
	// in Program.Databases and the table; No and nil when there is none or more
	// than one fits.
	Database int32
	Rows     *Table
}

// Field is one field of a schema.
type Field struct {
	Name     string
	Column   string // "" for a virtual one
	Type     string // as declared: "string", "Ecto.UUID", "array"; "" when not known
	Holds    string // of the types that keys have, the column's: "integer" or "uuid"; "" for others
	Virtual  bool   // not stored
	Embed    bool   // holds rows of an embedded schema
	Key      bool   // made by an association: it refers to another table
	Required bool   // declared never to be empty
	Default  bool   // has a default in the program
	Listed   bool   // holds one of a list of values
	Span     source.Span
}

// Identity is a set of fields that no two rows share.
type Identity struct {
	Name   string
	Fields []string
	Span   source.Span
}

// ResourceAction is one thing that can be done with a resource.
type ResourceAction struct {
	Name string
	Kind string // "create", "read", "update", "destroy" or "action"
	// Filters are the fields whose values every row that it reads has in common
	// with its arguments.
	Filters []string
	// Fixed are the other fields of which it says what they are, as `status == :open` or
	// `is_nil(closed_at)` does.
	Fixed []string
	Span  source.Span
}

// AssociationKind tells associations apart.
type AssociationKind uint8

// The kinds of association.
const (
	BelongsTo AssociationKind = iota
	HasOne
	HasMany
	ManyToMany
)

// String is the word for a kind of association.
func (k AssociationKind) String() string {
	return [...]string{"belongs to", "has one", "has many", "many to many"}[k]
}

// Many reports whether an association gives a list.
func (k AssociationKind) Many() bool { return k >= HasMany }

// Association is one link from a schema to another.
type Association struct {
	Name    string
	Kind    AssociationKind
	Related string // the other module's name; "" for one that goes Through others
	// Schema is the other schema, an index in Program.Schemas, or No.
	Schema int32
	// OwnerKey is the field of this schema and RelatedKey the field of the other
	// that are equal; of a ManyToMany they are what the join table refers to.
	OwnerKey, RelatedKey string
	// Through are the associations that lead to the rows, one after the other.
	Through []string
	// JoinTable and its columns, of a ManyToMany: JoinOwner refers to this
	// schema, JoinRelated to the other one. JoinSchema is the join table's own
	// module, or "".
	JoinTable, JoinSchema  string
	JoinOwner, JoinRelated string
	OnDelete               Action // what the program does to the rows when the owner goes
	Filtered               bool   // only rows that fit a condition are linked
	Span                   source.Span
}

// Changeset is what one clause of a function says of changes to the rows of a
// schema.
type Changeset struct {
	Func   FuncID
	Clause int
	// Casts are the fields taken from outside; Open is set when there are more that
	// are not known.
	Casts []string
	Open  bool
	// Requires are the fields that must be there whatever way the clause takes,
	// with those that functions require which it always calls.
	Requires []string
	Claims   []Claim
	Span     source.Span // the first step
}

// Construction is a place that makes a row: `%Order{state: "new"}`.
type Construction struct {
	Fields []string // that it is given
	Into   FuncID   // the function of the program that the row is passed to at once, or No
	Cast   bool     // a step of a changeset takes it at once
	Func   FuncID   // where it is
	Span   source.Span
}

// ClaimKind says what a changeset claims that the database enforces.
type ClaimKind uint8

// The kinds of claim.
const (
	ClaimUnique ClaimKind = iota
	ClaimForeignKey
	ClaimCheck
	ClaimExclusion
)

// String is the word for a kind of claim.
func (k ClaimKind) String() string {
	return [...]string{"unique index", "foreign key", "check constraint", "exclusion constraint"}[k]
}

// Claim is a changeset's claim that the table has a constraint of a name, whose
// violation becomes an error of the changeset.
type Claim struct {
	Kind     ClaimKind
	Step     string // the function that claims it
	Columns  []string
	Name     string // of the constraint; made up as the library does unless Explicit
	Explicit bool
	Match    string // "exact", "suffix" or "prefix"
	Rows     *Table // the table that has it, or nil
	Span     source.Span
}

// Fits reports whether the claim is about a constraint of a name.
func (c *Claim) Fits(name string) bool {
	switch c.Match {
	case "suffix":
		return strings.HasSuffix(name, c.Name)
	case "prefix":
		return strings.HasPrefix(name, c.Name)
	}
	return name == c.Name
}

// Map sets what modules map to tables, by ModuleID.
func (p *Program) Map(schemas []*Schema) {
	p.Schemas, p.mapped = schemas, map[*Table][]*Schema{}
	for _, s := range schemas {
		if s.Rows != nil {
			p.mapped[s.Rows] = append(p.mapped[s.Rows], s)
		}
	}
}

// SchemasOf are the schemas that map to a table, by ModuleID.
func (p *Program) SchemasOf(t *Table) []*Schema { return p.mapped[t] }

// SchemaOf is the schema that a module declares, or nil.
func (p *Program) SchemaOf(m ModuleID) *Schema {
	i, ok := slices.BinarySearchFunc(p.Schemas, m, func(s *Schema, m ModuleID) int { return int(s.Module) - int(m) })
	if !ok {
		return nil
	}
	return p.Schemas[i]
}

// SchemaNamed is the schema that the module of a name declares, or nil.
func (p *Program) SchemaNamed(module string) *Schema {
	if m := p.ModuleNamed(module); m != nil {
		return p.SchemaOf(m.ID)
	}
	return nil
}

// SchemaName is the name of the module that declares a schema.
func (p *Program) SchemaName(s *Schema) string { return p.Modules[s.Module].Name }

// TablesNamed are the tables of all databases that have a name; it may hold the
// schema of the database before a dot.
func (p *Program) TablesNamed(name string) []*Table {
	schema, bare, qualified := strings.Cut(name, ".")
	if !qualified {
		schema, bare = "", name
	}
	var out []*Table
	for _, d := range p.Databases {
		if t := d.Table(schema, bare); t != nil {
			out = append(out, t)
		}
	}
	return out
}

// Field finds a field by its name.
func (s *Schema) Field(name string) *Field {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return &s.Fields[i]
		}
	}
	return nil
}

// ColumnOf is the column that holds a field; "" for a field that is virtual or
// unknown.
func (s *Schema) ColumnOf(field string) string {
	if f := s.Field(field); f != nil {
		return f.Column
	}
	return ""
}

// Has reports whether rows have a field or an association of a name.
func (s *Schema) Has(name string) bool { return s.Field(name) != nil || s.Association(name) != nil }

// Association finds an association by its name.
func (s *Schema) Association(name string) *Association {
	for i := range s.Associations {
		if s.Associations[i].Name == name {
			return &s.Associations[i]
		}
	}
	return nil
}
