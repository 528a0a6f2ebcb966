// Package sql reads PostgreSQL: the dumps that pg_dump writes, the statements
// that migrations execute, and the queries that programs send.
//
// Parse goes in with a text and comes out with its statements in order, each a
// closed Go type with its byte range: tables, columns, types, constraints and
// indexes in full, functions, triggers, policies and views by name, the rest as
// Other with its leading words. Query reads one SELECT, INSERT, UPDATE, DELETE
// or MERGE and says which tables it reads and writes and by which columns it
// filters and sorts.
//
// The reader knows the grammar well enough to understand what it returns, and
// does not check what the server would: a name that does not exist, a type that
// does not fit and two contradicting options all pass. A statement that is
// broken becomes Other, and the next one is read. Every text is read in time
// proportional to its length; nesting deeper than maxDepth is an error.
//
// Names are folded as PostgreSQL folds them and are not cut at 63 bytes, so
// that a name which is too long can be reported.
package sql

// A Range is a half-open byte range of the text that was parsed.
type Range struct{ Start, End int }

// Span is the range itself, so that what embeds one has a place.
func (r Range) Span() Range { return r }

// Text is the part of text in the range.
func (r Range) Text(text string) string { return text[r.Start:r.End] }

// An Error says what could not be read, and where.
type Error struct {
	Range
	Message string
}

func (e *Error) Error() string { return e.Message }

// A Name is the name of a table, type, function or other object of a schema.
type Name struct {
	Range
	Schema string // "" when the search path decides
	Name   string
}

// String is the name as PostgreSQL would print it, quoted where it has to be.
func (n Name) String() string {
	if n.Schema == "" {
		return Quote(n.Name)
	}
	return Quote(n.Schema) + "." + Quote(n.Name)
}

// A Statement is one of the types of this package that say so: *CreateTable,
// *Alter, *Drop, *CreateIndex, *CreateSchema, *CreateSequence, *CreateType,
// *CreateDomain, *CreateView, *CreateFunction, *CreateTrigger, *CreatePolicy,
// *CreateRule, *CreateExtension, *Comment, *Set, *DML, *Truncate, *Lock,
// *Refresh, *Reindex, *Vacuum, *Transaction, *Do, *Copy, *Other.
type Statement interface {
	Node
	statement()
}

// A Node has a place. That of a statement goes from its first word to before
// the semicolon.
type Node interface{ Span() Range }

// An Expr is an expression of DDL.
type Expr struct {
	Range
	Text    string   // as written
	Columns []string // the last parts of the names in it, in order, each once
	Calls   []Name   // the functions that it calls, each once, with now() for CURRENT_TIMESTAMP
	// Constant: a literal, casts and signs of one, or an array of them; no
	// column, call or operator.
	Constant bool
}

// An Object is a kind of thing that a schema holds.
type Object string

// The objects that statements speak of. Every other kind has its words for a
// name, in lower case: "text search parser".
const (
	Aggregate        Object = "aggregate"
	Cast             Object = "cast"
	Collation        Object = "collation"
	ColumnObject     Object = "column"
	ConstraintObject Object = "constraint"
	Database         Object = "database"
	Domain           Object = "domain"
	EventTrigger     Object = "event trigger"
	Extension        Object = "extension"
	ForeignTable     Object = "foreign table"
	Function         Object = "function"
	Index            Object = "index"
	MaterializedView Object = "materialized view"
	Operator         Object = "operator"
	Policy           Object = "policy"
	Procedure        Object = "procedure"
	Publication      Object = "publication"
	Role             Object = "role"
	Routine          Object = "routine"
	Rule             Object = "rule"
	Schema           Object = "schema"
	Sequence         Object = "sequence"
	Statistics       Object = "statistics"
	System           Object = "system"
	Table            Object = "table"
	Trigger          Object = "trigger"
	TypeObject       Object = "type"
	View             Object = "view"
)

// CreateTable is CREATE TABLE and CREATE FOREIGN TABLE.
type CreateTable struct {
	Range
	Name                 Name
	Temporary, Unlogged  bool
	Foreign, IfNotExists bool
	Columns              []Column
	// Constraints are those of the table; those of a column are in the column.
	Constraints []Constraint
	Like        []Like
	Inherits    []Name
	OfType      *Name
	PartitionOf *PartitionOf
	PartitionBy *PartitionBy
	With        []Option
	Using       string // the access method
	Tablespace  string
	As          *QueryInfo // of CREATE TABLE … AS SELECT
}

// Like is the LIKE clause of CREATE TABLE.
type Like struct {
	Range
	Table   Name
	Options []string // "including all", "excluding indexes"
}

// PartitionOf makes a table a partition when it is created.
type PartitionOf struct {
	Parent Name
	Bound  Range // FOR VALUES … or DEFAULT
}

// PartitionBy makes a table partitioned.
type PartitionBy struct {
	Strategy string // range, list, hash
	Keys     []Key
}

// An Option is one of WITH (fillfactor = 70).
type Option struct{ Name, Value string }

// A Column is a column of a table, or an attribute of a composite type.
type Column struct {
	Range
	Name      string
	Type      string // as format_type prints it: "character varying(255)"; "" in a partition or a table of a type
	Collation string
	NotNull   bool // by NOT NULL, PRIMARY KEY, IDENTITY or serial
	Default   *Expr
	Identity  string // "always", "by default" or ""
	Generated *Expr
	Stored    bool // the generated column is stored
	// Constraints are in order, NOT NULL among them.
	Constraints []Constraint
}

// A ConstraintKind says what a constraint demands.
type ConstraintKind uint8

// The kinds of constraint.
const (
	NotNull ConstraintKind = iota
	PrimaryKey
	Unique
	ForeignKey
	Check
	Exclude
)

func (k ConstraintKind) String() string {
	return [...]string{"not null", "primary key", "unique", "foreign key", "check", "exclude"}[k]
}

// A Constraint is of a column, a table or a domain.
type Constraint struct {
	Range
	Name    string // "" when the server makes it up
	Kind    ConstraintKind
	Columns []string // of a constraint of a column, that column
	Expr    *Expr    // of a check
	// References and what follows belong to a foreign key.
	References         *Name
	Referenced         []string // "": the primary key
	OnDelete, OnUpdate string   // "no action" unless said otherwise
	Match              string   // "simple" unless said otherwise

	Deferrable, InitiallyDeferred bool
	NotValid, NoInherit           bool
	NullsNotDistinct              bool
	WithoutOverlaps, Period       bool
	Include                       []string
	Index                         string // of UNIQUE USING INDEX name
	Method                        string // of an exclusion
	Keys                          []Key  // of an exclusion
	Where                         *Expr  // of an exclusion
}

// A Key is a column or an expression of an index, partition key or exclusion.
type Key struct {
	Range
	Column    string // "" of an expression
	Expr      *Expr  // nil of a column
	Collation string
	OpClass   string
	Desc      bool
	Nulls     string // "first", "last" or ""
	Operator  string // of an exclusion
}

// CreateIndex is CREATE INDEX.
type CreateIndex struct {
	Range
	Name                 string // "" when the server makes it up
	Table                Name
	Unique, Concurrently bool
	IfNotExists, Only    bool
	Method               string // "btree" unless said otherwise
	Keys                 []Key
	Include              []string
	NullsNotDistinct     bool
	With                 []Option
	Tablespace           string
	Where                *Expr
}

// Alter is ALTER of anything that the replay of migrations follows. PostgreSQL
// takes ALTER TABLE for views, indexes and sequences too: Object is what was
// written.
type Alter struct {
	Range
	Object         Object
	Name           Name
	IfExists, Only bool
	Actions        []Action
}

// An Action is one of the actions below: what an Alter does.
type Action interface {
	Node
	action()
}

// AddColumn is ADD COLUMN, and ADD ATTRIBUTE of a composite type.
type AddColumn struct {
	Range
	Column      Column
	IfNotExists bool
}

// DropColumn is DROP COLUMN, and DROP ATTRIBUTE of a composite type.
type DropColumn struct {
	Range
	Name              string
	IfExists, Cascade bool
}

// RenameColumn is RENAME COLUMN, and RENAME ATTRIBUTE of a composite type.
type RenameColumn struct {
	Range
	From, To string
}

// SetType is ALTER COLUMN … TYPE, and ALTER ATTRIBUTE of a composite type.
type SetType struct {
	Range
	Column, Type, Collation string
	Using                   *Expr
}

// SetDefault is ALTER COLUMN … SET DEFAULT; of a domain the column is "".
type SetDefault struct {
	Range
	Column  string
	Default *Expr
}

// DropDefault is ALTER COLUMN … DROP DEFAULT; of a domain the column is "".
type DropDefault struct {
	Range
	Column string
}

// SetNotNull is ALTER COLUMN … SET NOT NULL; of a domain the column is "".
type SetNotNull struct {
	Range
	Column string
}

// DropNotNull is ALTER COLUMN … DROP NOT NULL; of a domain the column is "".
type DropNotNull struct {
	Range
	Column string
}

// AddIdentity is ALTER COLUMN … ADD GENERATED … AS IDENTITY.
type AddIdentity struct {
	Range
	Column, Identity string
}

// DropIdentity is ALTER COLUMN … DROP IDENTITY.
type DropIdentity struct {
	Range
	Column string
}

// DropExpression is ALTER COLUMN … DROP EXPRESSION of a generated column.
type DropExpression struct {
	Range
	Column string
}

// AddConstraint is ADD CONSTRAINT, of a table or a domain.
type AddConstraint struct {
	Range
	Constraint Constraint
}

// DropConstraint is DROP CONSTRAINT.
type DropConstraint struct {
	Range
	Name              string
	IfExists, Cascade bool
}

// ValidateConstraint is VALIDATE CONSTRAINT.
type ValidateConstraint struct {
	Range
	Name string
}

// RenameConstraint is RENAME CONSTRAINT.
type RenameConstraint struct {
	Range
	From, To string
}

// AlterConstraint is ALTER CONSTRAINT … [NOT] DEFERRABLE.
type AlterConstraint struct {
	Range
	Name                          string
	Deferrable, InitiallyDeferred bool
}

// AttachPartition is ATTACH PARTITION, of a table (with a bound) or an index.
type AttachPartition struct {
	Range
	Partition Name
	Bound     Range
}

// DetachPartition is DETACH PARTITION.
type DetachPartition struct {
	Range
	Partition              Name
	Concurrently, Finalize bool
}

// Inherit is INHERIT parent and NO INHERIT parent.
type Inherit struct {
	Range
	Parent Name
	No     bool
}

// RenameTo is RENAME TO.
type RenameTo struct {
	Range
	Name string
}

// SetSchema is SET SCHEMA.
type SetSchema struct {
	Range
	Schema string
}

// OwnerTo is OWNER TO.
type OwnerTo struct {
	Range
	Role string
}

// OwnedBy is OWNED BY of a sequence; with no table, OWNED BY NONE.
type OwnedBy struct {
	Range
	Table  Name
	Column string
}

// AddValue is ADD VALUE of an enum.
type AddValue struct {
	Range
	Value         string
	IfNotExists   bool
	Before, After string // the value next to it, or both ""
}

// RenameValue is RENAME VALUE of an enum.
type RenameValue struct {
	Range
	From, To string
}

// Setting is an action that changes neither the columns nor the constraints:
// row security, replica identity, triggers, statistics, storage parameters,
// the options of a sequence.
type Setting struct {
	Range
	Words string // in lower case, with single blanks, names and values as they are
}

// Drop is DROP of anything.
type Drop struct {
	Range
	Object                          Object
	Names                           []Name
	Table                           *Name // of DROP TRIGGER, POLICY, RULE … ON table
	IfExists, Concurrently, Cascade bool
}

// CreateSchema is CREATE SCHEMA; what it creates inside follows as statements
// of their own.
type CreateSchema struct {
	Range
	Name        string
	IfNotExists bool
}

// CreateSequence is CREATE SEQUENCE.
type CreateSequence struct {
	Range
	Name                   Name
	Temporary, IfNotExists bool
	Type                   string
	Owner                  *OwnedBy
}

// A TypeForm says what CREATE TYPE makes.
type TypeForm uint8

// The forms of CREATE TYPE.
const (
	Enum TypeForm = iota
	Composite
	RangeType
	BaseType
	Shell
)

// CreateType is CREATE TYPE.
type CreateType struct {
	Range
	Name       Name
	Form       TypeForm
	Values     []string // of an enum
	Attributes []Column // of a composite
}

// CreateDomain is CREATE DOMAIN.
type CreateDomain struct {
	Range
	Name            Name
	Type, Collation string
	NotNull         bool
	Default         *Expr
	Constraints     []Constraint
}

// CreateView is CREATE VIEW and CREATE MATERIALIZED VIEW.
type CreateView struct {
	Range
	Name                  Name
	Materialized, Replace bool
	Temporary, Recursive  bool
	IfNotExists, NoData   bool
	Columns               []string // when they are named
	Body                  Range
	Query                 *QueryInfo // nil when the body could not be read
}

// CreateFunction is CREATE FUNCTION, PROCEDURE and AGGREGATE, kept whole.
type CreateFunction struct {
	Range
	Object   Object
	Name     Name
	Replace  bool
	Trigger  bool   // RETURNS trigger
	Language string // "" when not said
	// Volatility is "immutable", "stable" or "volatile".
	Volatility string
}

// CreateTrigger is CREATE TRIGGER, kept whole.
type CreateTrigger struct {
	Range
	Name                string
	Table               Name
	Function            Name
	Replace, Constraint bool
	BeforeInsert        bool // BEFORE INSERT, perhaps with other events
}

// CreatePolicy is CREATE POLICY, kept whole but for the column that its USING begins with, as in
// `USING (tenant_id = …)`, or "".
type CreatePolicy struct {
	Range
	Name   string
	Table  Name
	Column string
}

// CreateRule is CREATE RULE, kept whole.
type CreateRule struct {
	Range
	Name    string
	Table   Name
	Replace bool
}

// CreateExtension is CREATE EXTENSION.
type CreateExtension struct {
	Range
	Name, Schema string
	IfNotExists  bool
}

// Comment is COMMENT ON.
type Comment struct {
	Range
	Object Object
	Name   Name   // of the table, when the object is a column, constraint, trigger, policy or rule
	Part   string // the column, constraint, trigger, policy or rule
	Text   string
	Null   bool // IS NULL takes the comment away
}

// Set is SET, RESET (without values), and SELECT set_config('name', 'value', …)
// as pg_dump writes it.
type Set struct {
	Range
	Name   string
	Values []string
	Local  bool
}

// Truncate is TRUNCATE.
type Truncate struct {
	Range
	Tables           []Name
	Cascade, Restart bool
}

// Lock is LOCK TABLE.
type Lock struct {
	Range
	Tables []Name
	Mode   string // "access exclusive" unless said otherwise
	NoWait bool
}

// Refresh is REFRESH MATERIALIZED VIEW.
type Refresh struct {
	Range
	Name                 Name
	Concurrently, NoData bool
}

// Reindex is REINDEX.
type Reindex struct {
	Range
	Object       Object
	Name         Name
	Concurrently bool
}

// Vacuum is VACUUM, ANALYZE and CLUSTER.
type Vacuum struct {
	Range
	Verb   string // "vacuum", "analyze", "cluster"
	Full   bool
	Tables []Name // none: all
}

// Transaction is BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their like.
type Transaction struct {
	Range
	Verb string // "begin", "commit", "rollback", "savepoint", "release", "prepare"
}

// Do is DO, kept whole.
type Do struct {
	Range
	Language string
	Body     string
}

// Copy is COPY; the rows of COPY … FROM stdin are skipped.
type Copy struct {
	Range
	Table   Name // none when a query is copied
	Columns []string
	From    bool
	Stdin   bool
	Data    Range // the rows, without the line that ends them
}

// DML is SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES, TABLE and WITH.
type DML struct {
	Range
	Query *QueryInfo
}

// Other is a statement of no interest here, or one that could not be read.
type Other struct {
	Range
	Words  string // the words that lead, in lower case: "grant", "create publication"
	Broken bool   // an Error says why
}

func (*CreateTable) statement()     {}
func (*CreateIndex) statement()     {}
func (*Alter) statement()           {}
func (*Drop) statement()            {}
func (*CreateSchema) statement()    {}
func (*CreateSequence) statement()  {}
func (*CreateType) statement()      {}
func (*CreateDomain) statement()    {}
func (*CreateView) statement()      {}
func (*CreateFunction) statement()  {}
func (*CreateTrigger) statement()   {}
func (*CreatePolicy) statement()    {}
func (*CreateRule) statement()      {}
func (*CreateExtension) statement() {}
func (*Comment) statement()         {}
func (*Set) statement()             {}
func (*Truncate) statement()        {}
func (*Lock) statement()            {}
func (*Refresh) statement()         {}
func (*Reindex) statement()         {}
func (*Vacuum) statement()          {}
func (*Transaction) statement()     {}
func (*Do) statement()              {}
func (*Copy) statement()            {}
func (*DML) statement()             {}
func (*Other) statement()           {}

func (*AddColumn) action()          {}
func (*DropColumn) action()         {}
func (*RenameColumn) action()       {}
func (*SetType) action()            {}
func (*SetDefault) action()         {}
func (*DropDefault) action()        {}
func (*SetNotNull) action()         {}
func (*DropNotNull) action()        {}
func (*AddIdentity) action()        {}
func (*DropIdentity) action()       {}
func (*DropExpression) action()     {}
func (*AddConstraint) action()      {}
func (*DropConstraint) action()     {}
func (*ValidateConstraint) action() {}
func (*RenameConstraint) action()   {}
func (*AlterConstraint) action()    {}
func (*AttachPartition) action()    {}
func (*DetachPartition) action()    {}
func (*Inherit) action()            {}
func (*RenameTo) action()           {}
func (*SetSchema) action()          {}
func (*OwnerTo) action()            {}
func (*OwnedBy) action()            {}
func (*AddValue) action()           {}
func (*RenameValue) action()        {}
func (*Setting) action()            {}
