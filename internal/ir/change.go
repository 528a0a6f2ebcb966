package ir

import "github.com/assay-dev/assay/internal/source"

// ChangeKind tells apart what migrations do to a database.
type ChangeKind uint8

// The kinds of change. The comment says what Name, To and the other fields
// hold beyond the table; unnamed fields are unused.
const (
	TableDropped    ChangeKind = iota
	TableRenamed               // To: the new name
	TableEmptied               // every row is deleted
	TableRewritten             // Name: the command, VACUUM FULL or CLUSTER
	RowsWritten                // Name: update or delete; Every: no condition picks the rows
	ColumnAdded                // Name, Type, NotNull, Default; Rewrites: why every row is written anew
	ColumnDropped              // Name
	ColumnRenamed              // Name; To: the new name
	TypeChanged                // Name; From, Type
	NotNullSet                 // Name, of a column that could be null until then and that no checked constraint keeps from it
	IndexAdded                 // Name, Columns, Concurrent
	IndexDropped               // Name, Concurrent
	IndexRebuilt               // Name, Concurrent
	KeyAdded                   // a primary key that builds its index; Name, Columns
	UniqueAdded                // a unique constraint that builds its index; Name, Columns
	ExclusionAdded             // Name, Columns
	ForeignKeyAdded            // Name, Columns, Unchecked; To: the table that it refers to
	CheckAdded                 // Name, Unchecked
	Validated                  // Name: the constraint
	ViewAdded                  // Table: the view
	OneWay                     // Name: a command that cannot be turned round, though the migration has no way down of its own
)

// Change is one thing that a migration does, with what was known at that
// moment. Table is the name that the table had then.
type Change struct {
	Kind          ChangeKind
	Span          source.Span
	Schema, Table string
	Name, To      string
	Columns       []string
	From, Type    string // types of a column; "" when not known
	Default       string
	Rewrites      string
	NotNull       bool
	Concurrent    bool // without a lock that stops writes
	Unchecked     bool // the rows that are there are not read (NOT VALID)
	Every         bool
	Unique        bool // of an index
	Exclusive     bool // the statement locks the table against reads, by what else it does
	// TableMade is the version of the migration that made the table, 0 when it is
	// not known.
	TableMade int64
	// Maybe is set where it is not known whether the change is made.
	Maybe bool
}

// Misplaced is an option of a migration's command that the command does not
// have.
type Misplaced struct {
	Version               int64
	Span                  source.Span // the call
	Call                  string      // `references`
	Option, Value         string      // as written; the value is "" when not known
	Schema, Table, Column string      // what the command is about; a column may be ""
	Reference             bool        // the column is added with a reference to another table
	// Refused is set when the library's version raises an error for it; else the
	// option is ignored.
	Refused bool
}

// Unused is an index or a constraint that a migration describes, as a statement
// of its own, and hands to no command.
type Unused struct {
	Version       int64
	Span          source.Span
	Call          string // `unique_index`
	Schema, Table string
	Name          string
	Columns       []string // of an index; "" stands for an expression
	Unique        bool
	Constraint    bool
}
