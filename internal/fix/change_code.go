package fix

import "github.com/assay-dev/assay/internal/ir"

// StartUnder asks for a process to be started under a supervisor of the
// application, which is made if there is none.
type StartUnder struct {
	Code *ir.Code
	Call ir.ExprID // the call that starts it
	// Beside are other calls of the same function that start one in the same way. Those
	// whose values are not used go along: a reader would ask why they did not.
	Beside []ir.ExprID
	// Function starts the same process under a supervisor, which it is given before
	// the arguments: "Module.function".
	Function string
	// Used says that the value of the call is used.
	Used bool
	// After are the modules from whose start on the call may happen: the supervisor
	// is there before them. One that starts the application itself is among them.
	After []ir.ModuleID
}

// StartChild asks for processes of a module, which calls of its own function start,
// to be started by its child specification under a supervisor of the application.
type StartChild struct {
	Module *ir.Module
	Calls  []CallAt
	// Function starts a child specification under a supervisor, which it is given
	// before that: "Module.function".
	Function string
	After    []ir.ModuleID // as of StartUnder
}

// CallAt is one call in the program.
type CallAt struct {
	Code *ir.Code
	Call ir.ExprID
}

// AllowOnly asks for a call that makes a name of a text to take the names only
// that what follows knows.
type AllowOnly struct {
	Code  *ir.Code
	Call  ir.ExprID
	Names []string // sorted
	Text  ir.ExprID
	// Else says that what follows also has an answer to any other name.
	Else bool
}

// ReadSecret asks for a secret to be read from the environment when the program
// runs, instead of standing in the source.
type ReadSecret struct {
	Code  *ir.Code
	Value ir.ExprID // the literal
	// Fallback is the expression that reads the variable Env and else takes the
	// literal, or No.
	Fallback ir.ExprID
	Env      string
	// Key names the secret: the key of a pair, an attribute, a function.
	Key string
}

// Title implements Change.
func (c *StartUnder) Title() string { return "Start the process under a supervisor" }

// Title implements Change.
func (c *StartChild) Title() string { return "Start " + c.Module.Name + " under a supervisor" }

// Title implements Change.
func (c *AllowOnly) Title() string { return "Accept only the names that are known" }

// Title implements Change.
func (c *ReadSecret) Title() string {
	return "Read " + c.Key + " from the environment when the program runs"
}
