package fix

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// Change is what a check asks for, in no language. The set is closed: it is the
// types of this file and of change_code.go.
type Change interface {
	// Title says in one line what the change does, in the imperative.
	Title() string
}

// CreateIndex asks for an index that is not there.
type CreateIndex struct {
	Database *ir.Database
	Table    *ir.Table
	Columns  []string // in the order of the index
	Unique   bool
	Where    string // the condition of a partial one, in SQL, or ""
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

// Refer asks for a reference that the database does not hold yet.
type Refer struct {
	Database   *ir.Database
	Table      *ir.Table
	Column     string
	To         *ir.Table
	References string // the column of To
	OnDelete   ir.Action
}

// CallInstead asks for a call of another function of the same module with the
// same arguments, which may refuse what the first one takes.
type CallInstead struct {
	Code *ir.Code
	Call ir.ExprID
	Name string
}

// AddOption asks for an option of a call, after those that it has.
type AddOption struct {
	Code       *ir.Code
	Call       ir.ExprID
	Key, Value string // the value as the language writes it
}

// Title implements Change.
func (c *CreateIndex) Title() string {
	kind := "an index"
	if c.Unique {
		kind = "a unique index"
	}
	return "Create " + kind + " on " + c.Table.Name + " (" + strings.Join(c.Columns, ", ") + ")"
}

// Title implements Change.
func (c *DropIndex) Title() string { return "Drop the index " + c.Index.Name + " of " + c.Table.Name }

// Title implements Change.
func (c *RequireColumn) Title() string {
	return "Let no row of " + c.Table.Name + " be without " + strings.Join(c.Columns, ", ")
}

// Title implements Change.
func (c *Refer) Title() string {
	return "Let " + c.Table.Name + "." + c.Column + " refer to " + c.To.Name
}

// Title implements Change.
func (c *CallInstead) Title() string {
	return "Call " + c.Name + " instead of " + c.Code.Callees[c.Code.At(c.Call).A].Name
}

// Title implements Change.
func (c *AddOption) Title() string { return "Add the option " + c.Key }
