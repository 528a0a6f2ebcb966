package fix

import "github.com/assay-dev/assay/internal/ir"

// LoadBefore asks for associations to be loaded for all rows at once, before a
// loop goes over them.
type LoadBefore struct {
	Code *ir.Code
	Loop ir.ExprID // the call that iterates, or the comprehension
	Coll ir.ExprID // what it goes over
	// Loads are the calls in the loop's body that load for one row, which is the
	// first argument of each. There are none if they stand in a function that the
	// loop calls: they stay, and load nothing that is there already.
	Loads []ir.ExprID
	// Whole is set where the one of Loads is a call of a function of the project
	// that takes a list of rows as well as a row.
	Whole bool
	Store string    // the module that loads
	Names []Names   // of the associations
	Field string    // with it, Loads are replaced by this association of the row
	Row   ir.ExprID // the row, where Field is set
	Kept  bool      // results and order are the same
}

// Names are associations as an expression of some code names them.
type Names struct {
	Code *ir.Code
	Expr ir.ExprID // or No, with
	Name string    // the one association
}

// WriteTogether asks for what a loop writes one by one to be written at once: the
// function Name of the same module takes a list of what Write takes.
type WriteTogether struct {
	Code  *ir.Code
	Loop  ir.ExprID
	Coll  ir.ExprID
	Write ir.ExprID // the last that the body does, one argument
	Name  string
}

// DeleteTogether asks for the rows of a query to be deleted by one statement
// instead of one by one.
type DeleteTogether struct {
	Code *ir.Code
	Loop ir.ExprID // goes over the rows and deletes each, and does nothing else
	Read ir.ExprID // the call that reads them, whose first argument is the query
	Name string    // the function of the same module as Read
}

// Decline says why a finding has no fix.
type Decline struct{ Why string }

// Title implements Change.
func (c *LoadBefore) Title() string { return "Preload for all rows at once, before the loop" }

// Title implements Change.
func (c *WriteTogether) Title() string {
	return "Write many rows at once with " + c.Name
}

// Title implements Change.
func (c *DeleteTogether) Title() string { return "Delete the rows with one statement" }

// Title implements Change.
func (c *Decline) Title() string { return "Leave it as it is" }

// LookUpBefore asks for the rows that a loop reads one by one, each by a unique
// key, to be read at once before it, and to be looked up.
type LookUpBefore struct {
	Code   *ir.Code
	Loop   ir.ExprID
	Coll   ir.ExprID // a list that can be gone over twice
	Call   ir.ExprID // reads one row
	Query  ir.ExprID // whose rows, in the call
	Value  ir.ExprID // the key's value, in the call: the element or a field of it
	Field  string    // that field, or ""
	Key    string    // the field of the rows that has the value
	Table  string
	Raises bool // where there is no such row
	// Of is set where Call is one of the project's own function Func, which does nothing
	// but Read: Query stands there, and a function for many rows gets a place beside it.
	Of   *ir.Code
	Func ir.FuncID
	Read ir.ExprID
}

// Title implements Change.
func (c *LookUpBefore) Title() string { return "Read all rows with one query, before the loop" }

// FetchTogether asks for rows that a loop reads for each element, by a field of it, to be read for all
// elements before the loop, and to be looked up: by the query of the loop itself, or by a function
// beside the one that reads for an element.
type FetchTogether struct {
	Code   *ir.Code
	Loop   ir.ExprID
	Coll   ir.ExprID // a list
	Again  bool      // it can be gone over twice where it stands
	Rows   string    // what its elements are called else
	Call   ir.ExprID // in the loop: Read, or a call of Func or its name
	Param  int       // the argument of Call that changes with the element
	Value  ir.ExprID // that argument: the field of the element, or with Add the element; No for a name
	Field  string
	Add    bool
	Of     *ir.Code
	Func   ir.FuncID  // or No
	Clause *ir.Clause // of Func the only one, which does nothing but Read
	// Compare is the condition of Of that compares Column with Key, in a Pin, which is of
	// Func the parameter or a field of it, and else Value.
	Compare, Key, Read ir.ExprID
	Column             string
	Gives              string    // for an element: "rows", a "row" or a "count"
	Counted            ir.ExprID // of a count that a `from` of Of selects, what that is; else No
	Table              string
}

// Title implements Change.
func (c *FetchTogether) Title() string { return "Read all rows with one query, before the loop" }

// AskBefore asks for a statement of a loop's body, which does the same for each
// element, to be made once before the loop.
type AskBefore struct {
	Code      *ir.Code
	Loop      ir.ExprID
	Statement ir.ExprID // binds a variable
}

// Title implements Change.
func (c *AskBefore) Title() string { return "Run the query once, before the loop" }

// InsertTogether asks for rows that a loop inserts one by one to be inserted by
// one statement, which fills nothing in by itself.
type InsertTogether struct {
	Code     *ir.Code
	Loop     ir.ExprID
	Coll     ir.ExprID
	Write    ir.ExprID // the last that the body does
	Row      ir.ExprID // its argument, written out
	Name     string    // the function of the same module for many rows
	Times    []string  // fields that get the present time
	TimeType string    // of all of them
}

// Title implements Change.
func (c *InsertTogether) Title() string { return "Insert many rows with one statement" }

// CountTogether asks for what a resolver counts for each object to be counted by one
// query for all objects that the library goes over.
type CountTogether struct {
	Code   *ir.Code
	Body   ir.ExprID // of the resolver
	Call   ir.ExprID // counts for one object: a call of Func, or Count itself
	Key    ir.ExprID // what it counts for, in the resolver
	Field  string    // of Key, or ""
	Of     *ir.Code  // of the function that asks
	Func   ir.FuncID
	Clause *ir.Clause
	Count  ir.ExprID // the library's call, in Of
	Query  ir.ExprID // what it counts, in Of
	Value  ir.ExprID // what Column is compared with, in Query
	Column string
}

// Title implements Change.
func (c *CountTogether) Title() string { return "Count for all objects with one query" }
