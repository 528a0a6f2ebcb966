package fix

import (
	"strings"
	"unicode"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// Change is what a check asks for, in no language. The set is closed: it is the
// types of this file and of change_code.go.
type Change interface {
	// Title says in one line what the change does, in the imperative.
	Title() string
}

// Together asks for several changes that are one solution.
type Together struct {
	Changes []Change // in the order in which they take effect; the first one names it
}

// Only asks for a change that nobody may make without a decision.
type Only struct {
	Change   Change
	Question string // what has to be decided
}

// CreateIndex asks for an index that is not there.
type CreateIndex struct {
	Database *ir.Database
	Table    *ir.Table
	Columns  []string // in the order of the index
	Unique   bool
	Where    string // the condition of a partial one, in SQL, or ""
	Name     string // "" for the usual one
	// Unlike says of a unique index that no two rows can be alike: another one has
	// kept them from it.
	Unlike bool
}

// AddColumn asks for a column that a mapping has and its table has not.
type AddColumn struct {
	Database     *ir.Database
	Table        *ir.Table
	Column, Type string // the type as the mapping has it
}

// AddColumns asks for columns that nobody uses yet.
type AddColumns struct {
	Database *ir.Database
	Table    *ir.Table
	What     string // names them: "audit columns"
	Columns  []NewColumn
	Notes    []string // what a person has to know or do besides
}

// NewColumn is a column to add. It may be null unless it has a default.
type NewColumn struct {
	Name, Type string // the type as migrations write it, without the colon
	Default    string // an SQL expression, or ""
}

// CreateDescribed asks for an index or a constraint to be made that a migration
// describes and hands to no command.
type CreateDescribed struct {
	Database   *ir.Database
	At         source.Span // the description
	Table      *ir.Table
	Name       string
	Constraint bool
}

// DropIndex asks for an index to go that another one makes needless.
type DropIndex struct {
	Database *ir.Database
	Table    *ir.Table
	Index    *ir.TableIndex
}

// RequireColumn asks for a column that may be null to be never null.
type RequireColumn struct {
	Database *ir.Database
	Table    *ir.Table
	Columns  []string
}

// SetDefault asks for a default of a column that has none.
type SetDefault struct {
	Database      *ir.Database
	Table         *ir.Table
	Column, Value string // the value in SQL
}

// Refer asks for a reference that the database does not hold yet.
type Refer struct {
	Database           *ir.Database
	Table              *ir.Table
	Column             string
	To                 *ir.Table
	References         string // the column of To
	OnDelete, OnUpdate ir.Action
	Name               string // "" for the usual one
	// Replaces is the reference whose place it takes, or nil.
	Replaces *ir.ForeignKey
}

// Declare asks for a step of a changeset that turns the refusal of a constraint
// into an error.
type Declare struct {
	Code   *ir.Code
	After  ir.ExprID // the step that it follows
	Kind   ir.ConstraintKind
	Fields []string // the first one gets the error
	Name   string   // of the constraint, or "" where it is the usual one
	Usual  string   // the usual name, where Name is ""
}

// Concurrently asks a migration to make or drop indexes without a lock that stops
// the table, in a transaction of their own.
type Concurrently struct {
	Database  *ir.Database
	Migration *ir.Migration
	At        []source.Span // the commands
}

// ValidateLater asks a migration to add constraints without a look at the rows
// that are there, and for another one that looks.
type ValidateLater struct {
	Database    *ir.Database
	Migration   *ir.Migration
	At          []source.Span // the commands
	Constraints []TableConstraint
}

// RequireLater asks a migration to hold new rows alone to columns that are never
// null, and for another one that looks at the others.
type RequireLater struct {
	Database  *ir.Database
	Migration *ir.Migration
	At        []source.Span // the commands, one a column
	Columns   []TableColumn
}

// TableColumn names a column of a table.
type TableColumn struct{ Schema, Table, Column string }

// TableConstraint names a constraint of a table.
type TableConstraint struct{ Schema, Table, Name string }

// CallInstead asks for a call of another function of the same module with the
// same arguments, which may refuse what the first one takes.
type CallInstead struct {
	Code *ir.Code
	Call ir.ExprID
	Name string
}

// NameField asks for the field that a step of a changeset is about to be named by its
// own name.
type NameField struct {
	Code  *ir.Code
	Call  ir.ExprID
	Was   string // what stands there, by itself or in a list
	Field string
	Why   string // the reason for the edit
}

// DropStep asks for a step of a pipe to go that does nothing.
type DropStep struct {
	Code *ir.Code
	Call ir.ExprID
}

// AddOption asks for an option of a call, after those that it has, or in place of
// the one of its name.
type AddOption struct {
	Code       *ir.Code
	Call       ir.ExprID
	Key, Value string // the value as the language writes it
}

// SettleConflict asks for an insert that gives the row that is there where another one has
// stored it meanwhile: by a unique index of the columns.
type SettleConflict struct {
	Code    *ir.Code
	Call    ir.ExprID // inserts one row, one argument
	Columns []string  // of the index; they are fields of the row too
}

// Title implements Change.
func (c *SettleConflict) Title() string {
	return "Take the row that is there for (" + strings.Join(c.Columns, ", ") + ")"
}

// Title implements Change.
func (c *Together) Title() string { return c.Changes[0].Title() }

// Title implements Change.
func (c *Only) Title() string { return c.Change.Title() }

// Title implements Change.
func (c *CreateIndex) Title() string {
	kind := "an index"
	if c.Unique {
		kind = "a unique index"
	}
	return "Create " + kind + " on " + c.Table.Name + " (" + strings.Join(c.Columns, ", ") + ")"
}

// Title implements Change.
func (c *CreateDescribed) Title() string { return "Create " + c.Name + " on " + c.Table.Name }

// Title implements Change.
func (c *DropIndex) Title() string {
	return "Drop the redundant index " + c.Index.Name + " of " + c.Table.Name
}

// Title implements Change.
func (c *RequireColumn) Title() string {
	return "Make " + listed(c.Columns) + " of " + c.Table.Name + " NOT NULL"
}

// Title implements Change.
func (c *Refer) Title() string {
	if c.Replaces == nil {
		return "Add a foreign key from " + c.Table.Name + "." + c.Column + " to " + c.To.Name
	}
	var now []string
	if c.OnDelete != c.Replaces.OnDelete {
		now = append(now, "ON DELETE "+c.OnDelete.String())
	}
	if c.OnUpdate != c.Replaces.OnUpdate {
		now = append(now, "ON UPDATE "+c.OnUpdate.String())
	}
	return "Change the foreign key of " + c.Table.Name + "." + c.Column + " to " + strings.Join(now, " ")
}

// Title implements Change.
func (c *AddColumns) Title() string { return "Add " + c.What + " to " + c.Table.Name }

// Title implements Change.
func (c *AddColumn) Title() string { return "Add the column " + c.Column + " to " + c.Table.Name }

// Title implements Change.
func (c *SetDefault) Title() string {
	return "Set the default of " + c.Table.Name + "." + c.Column + " to " + c.Value
}

// Title implements Change.
func (c *Declare) Title() string {
	return "Declare the " + c.Kind.String() + " constraint on " + listed(c.Fields) + " in the changeset"
}

// Title implements Change.
func (c *Concurrently) Title() string { return "Build the index concurrently" }

// Title implements Change.
func (c *ValidateLater) Title() string {
	return "Validate the constraint in a migration of its own"
}

// Title implements Change.
func (c *RequireLater) Title() string {
	return "Check the rows in a migration of its own before SET NOT NULL"
}

// Title implements Change.
func (c *NameField) Title() string {
	return "Name the field " + c.Field + " in " + c.Code.Callees[c.Code.At(c.Call).A].Name
}

func (c *CallInstead) Title() string {
	k := c.Code.Callees[c.Code.At(c.Call).A]
	return "Use " + c.Name + " instead of " + k.Name
}

// Title implements Change.
func (c *DropStep) Title() string {
	return "Remove a " + c.Code.Callees[c.Code.At(c.Call).A].Name + " that does nothing"
}

// Title implements Change.
func (c *AddOption) Title() string {
	return "Pass " + c.Key + ": " + c.Value + " to " + c.Code.Callees[c.Code.At(c.Call).A].Name
}

// listed are names as a sentence has them.
func listed(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// IndexName is the name that an index gets where none is given.
func IndexName(table string, columns []string) string {
	parts := make([]string, 0, len(columns)+2)
	for _, n := range append(append([]string{table}, columns...), "index") {
		parts = append(parts, strings.TrimRight(strings.Map(func(r rune) rune {
			if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return '_'
		}, n), "_"))
	}
	return strings.Join(parts, "_")
}
