package ir

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/source"
)

// Database is the tables of one database as its migrations leave them. Names
// are those that the database gives: what a migration leaves out is filled in,
// and what is too long is cut.
type Database struct {
	Name    string // where the migrations are: "priv/repo", or the module that lists them
	Repo    string // the project's module that talks to it, or ""
	Adapter string // the library's module that Repo uses, or ""
	// Postgres is set unless the Repo is known to talk to another database.
	Postgres bool
	// Foreign is set where the Repo is known to talk to a store that is no relational database.
	Foreign bool
	// IndexesKeys is set where the database makes an index for each foreign key.
	IndexesKeys bool
	// InProcess is set where the database answers in the process that asks: many small queries
	// are as fast there as one (https://sqlite.org/np1queryprob.html).
	InProcess bool
	// Schema is where names without one are looked up: "public" for most.
	Schema     string
	Dump       source.FileID // the SQL file that was loaded first, or source.NoFile
	Migrations []Migration   // by version
	Tables     []*Table      // by schema, then name
	Enums      []Enum        // by schema, then name
	Views      []View        // by schema, then name
	Gaps       []Gap         // what is not known, in the order it was met
	Doubted    bool          // more fields of schemas have no column than where both are of one program
	// Drift is where the dump differs from what the migrations make that it says
	// it holds.
	Drift []Drift
	// Misplaced and Unused are in the order in which the migrations ran.
	Misplaced []Misplaced
	Unused    []Unused
}

// Migration is one step of a database.
type Migration struct {
	Version int64
	Module  ModuleID
	Func    FuncID // what runs, or No
	Span    source.Span
	Dumped  bool // its effect is in the dump, so it did not run after it
	// Transaction is set when it runs in one transaction, Locked when a second
	// transaction is open meanwhile that keeps other nodes from migrating.
	Transaction, Locked bool
	Changes             []Change // in order, as far as they are known
}

// Origin is the place that made a thing, or changed it last. A version of 0
// stands for the dump.
type Origin struct {
	Version int64
	Span    source.Span
}

// Table is one table. A table that is Partial was made by nothing known: only
// what migrations did to it later is there.
type Table struct {
	Schema, Name string
	Columns      []Column     // in the order in which they were added
	PrimaryKey   *PrimaryKey  // or nil
	Indexes      []TableIndex // by name; the primary key's own is not among them
	ForeignKeys  []ForeignKey
	Constraints  []Constraint // check, unique and exclusion, by name
	Dropped      []ForeignKey // what a migration took away by name, even if another brought it back
	Parent       string       // of a partition: "schema.table" that it is a part of
	Made         Origin
	// Rows is about how many rows it has where Counted: the project says so.
	Rows    int64
	Counted bool
	Partial bool
	// Policies are the columns by which row-level security lets a query see rows, by the policies'
	// names: what the database adds to each query.
	Policies map[string]string
	// Triggered is set when a trigger may fill columns of a row before it is stored.
	Triggered bool
	// Maybe is set on whatever exists under a condition that is not known.
	Maybe bool
}

// Column is one column of a table.
type Column struct {
	Name      string
	Type      string // as PostgreSQL prints it: "character varying(255)"
	Null      bool   // may it be null?
	Default   string // an SQL expression, or ""; of an identity the next value of its sequence
	Identity  bool   // its values come from a sequence of its own
	Generated string // the expression of a generated column, or ""
	Made      Origin
	Changed   Origin // the last change, Made at first
	Maybe     bool
}

// PrimaryKey is the primary key of a table.
type PrimaryKey struct {
	Name    string
	Columns []string
	Made    Origin
}

// TableIndex is one index. One that is Backing enforces the constraint that has its
// name.
type TableIndex struct {
	Name       string
	Keys       []IndexKey
	Include    []string
	Unique     bool
	Using      string // "btree" unless another is named
	Where      string // of a partial index: its condition
	Concurrent bool   // it was made without locking the table
	// NullsEqual is set when two nulls are equal for a unique index.
	NullsEqual bool
	Backing    bool
	Made       Origin
	Maybe      bool
}

// IndexKey is what an index orders by: a column or an expression.
type IndexKey struct {
	Column string // or ""
	Expr   string // or ""
	Order  string // "DESC NULLS LAST" and the like, collation and operator class before it, or ""
}

// ForeignKey is one reference to another table.
type ForeignKey struct {
	Name               string
	Columns            []string
	Schema, Table      string // what it refers to
	References         []string
	OnDelete, OnUpdate Action
	Unchecked          bool // rows from before it may break it (NOT VALID)
	Made               Origin
	Maybe              bool
}

// Action is what happens to rows when the row they refer to goes or changes.
type Action uint8

// The actions.
const (
	NoAction Action = iota
	Restrict
	Cascade
	SetNull
	SetDefault
)

// String is the action in SQL.
func (a Action) String() string {
	return [...]string{"NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"}[a]
}

// ConstraintKind tells constraints apart.
type ConstraintKind uint8

// The kinds of constraint.
const (
	CheckConstraint ConstraintKind = iota
	UniqueConstraint
	ExclusionConstraint
)

// String is the kind in a word.
func (k ConstraintKind) String() string { return [...]string{"check", "unique", "exclusion"}[k] }

// Constraint is a constraint other than the keys.
type Constraint struct {
	Name      string
	Kind      ConstraintKind
	Columns   []string // of a unique one
	Expr      string   // of the others, without the word before it
	Unchecked bool     // rows from before it may break it (NOT VALID)
	Made      Origin
	Maybe     bool
}

// Enum is an enumerated type.
type Enum struct {
	Schema, Name string
	Values       []string
	Made         Origin
}

// View is a view over tables.
type View struct {
	Schema, Name string
	Materialized bool
	Query        string
	Indexes      []TableIndex
	Made         Origin
}

// Gap is something that a migration does and that is not known.
type Gap struct {
	Span   source.Span
	Reason string
	Table  string // the table that it is about, or ""
	// Wide is set when it may concern any table, and no text tells which.
	Wide bool
}

// Drift is one difference between a dump and the migrations it holds.
type Drift struct {
	Table string
	What  string // "column email", "index users_email_index", or "table"
	// What the dump says and what the migrations make; "" where it is missing.
	Dump, Migrations string
	Made             Origin
}

// Taken reports whether a table or an index in the schema of a table has a name: PostgreSQL
// keeps both in one space.
func (d *Database) Taken(of *Table, name string) bool {
	return slices.ContainsFunc(d.Tables, func(t *Table) bool { return t.Schema == of.Schema && (t.Name == name || t.Index(name) != nil) })
}

// Table finds a table by its name; an empty schema is the database's own.
func (d *Database) Table(schema, name string) *Table {
	if schema == "" {
		schema = d.Schema
	}
	i, ok := slices.BinarySearchFunc(d.Tables, Table{Schema: schema, Name: name}, func(t *Table, want Table) int {
		if c := strings.Compare(t.Schema, want.Schema); c != 0 {
			return c
		}
		return strings.Compare(t.Name, want.Name)
	})
	if !ok {
		return nil
	}
	return d.Tables[i]
}

// LongestName is how many bytes of a name PostgreSQL keeps, in statements and tables alike.
const LongestName = 63

// CutName is what PostgreSQL keeps of a name.
func CutName(name string) string { return Clip(name, LongestName) }

// Clip is the first n bytes of s, less a character that would be divided.
func Clip(s string, n int) string {
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:min(n, len(s))]
}

// Column finds a column by its name, or by one that is longer than the database keeps.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	if len(name) > LongestName {
		return t.Column(CutName(name))
	}
	return nil
}

// Index finds an index by its name.
func (t *Table) Index(name string) *TableIndex {
	for i := range t.Indexes {
		if t.Indexes[i].Name == name {
			return &t.Indexes[i]
		}
	}
	return nil
}

// Columns are the columns that an index leads with, up to its first
// expression.
func (x *TableIndex) Columns() []string {
	var out []string
	for _, k := range x.Keys {
		if k.Column == "" {
			break
		}
		out = append(out, k.Column)
	}
	return out
}

// Full reports whether an index holds every row.
func (x *TableIndex) Full() bool { return x.Where == "" }

// String is the index as SQL would say it, without its name and table.
func (x *TableIndex) String() string {
	var b strings.Builder
	if x.Unique {
		b.WriteString("unique ")
	}
	if x.Using != "btree" {
		b.WriteString(x.Using + " ")
	}
	keys := make([]string, len(x.Keys))
	for i, k := range x.Keys {
		keys[i] = k.Column
		if k.Column == "" {
			keys[i] = "(" + k.Expr + ")"
		}
		if k.Order != "" {
			keys[i] += " " + k.Order
		}
	}
	b.WriteString("(" + strings.Join(keys, ", ") + ")")
	if len(x.Include) > 0 {
		b.WriteString(" include (" + strings.Join(x.Include, ", ") + ")")
	}
	if x.NullsEqual {
		b.WriteString(" nulls not distinct")
	}
	if x.Where != "" {
		b.WriteString(" where " + x.Where)
	}
	return b.String()
}

// Refers reports whether a foreign key of a database refers to a table and is such a one.
func (d *Database) Refers(t *Table, such func(*ForeignKey) bool) bool {
	return slices.ContainsFunc(d.Tables, func(from *Table) bool {
		return slices.ContainsFunc(from.ForeignKeys, func(k ForeignKey) bool { return k.To(t) && such(&k) })
	})
}

// To reports whether a foreign key refers to a table.
func (k *ForeignKey) To(t *Table) bool { return k.Table == t.Name && k.Schema == t.Schema }

// String is the reference as SQL would say it, without its name.
func (k *ForeignKey) String() string {
	out := "(" + strings.Join(k.Columns, ", ") + ") references "
	if k.Schema != "public" {
		out += k.Schema + "."
	}
	out += k.Table + " (" + strings.Join(k.References, ", ") + ")"
	if k.OnDelete != NoAction {
		out += " on delete " + strings.ToLower(k.OnDelete.String())
	}
	if k.OnUpdate != NoAction {
		out += " on update " + strings.ToLower(k.OnUpdate.String())
	}
	if k.Unchecked {
		out += " not valid"
	}
	return out
}

// String is the constraint as SQL would say it, without its name.
func (c *Constraint) String() string {
	var out string
	switch c.Kind {
	case UniqueConstraint:
		out = "unique (" + strings.Join(c.Columns, ", ") + ")"
	case ExclusionConstraint:
		out = "exclude " + c.Expr
	default:
		out = "check (" + c.Expr + ")"
	}
	if c.Unchecked {
		out += " not valid"
	}
	return out
}
