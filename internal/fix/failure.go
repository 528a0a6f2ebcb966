package fix

import (
	"strconv"

	"github.com/assay-dev/assay/internal/ir"
)

// Handling is what becomes of a failure.
type Handling uint8

// The ways to handle a failure.
const (
	PassOn Handling = iota // the function gives it to its caller
	Log                    // it is logged, and the function goes on
	Refuse                 // the request is answered with a status
	Tell                   // the user of a page is told, and the page stays as it is
	Keep                   // it is logged, and the process goes on with the state that it had
)

// HandleFailure asks for the failure of a call to be handled whose result nothing
// uses, or of which a match accepts the success only.
type HandleFailure struct {
	Code *ir.Code
	Expr ir.ExprID // the call, or the match
	// Success is what a call gives when it works, which what follows does not need;
	// AltAny where it may give other things than that and Failure.
	Success, Failure ir.Alt
	// Reason is the atom beside the tag of a failure that gives no other, or "".
	Reason string
	// Wrap is set with PassOn where a bare failure has to become `{:error, reason}`.
	Wrap bool
	How  Handling
	// Others says that failures of other forms come too: what is told of is all of them.
	Others bool
	Status int // with Refuse
	// Changeset is set where what fails is the write of a changeset, which comes back.
	Changeset bool
	// Again is set where all of the function runs again when it gives a failure.
	Again bool
}

// AcceptFailure asks for a clause that accepts a failure, in a case or in the else
// of a with.
type AcceptFailure struct {
	Code    *ir.Code
	Expr    ir.ExprID // the case or the with
	Failure ir.Alt
	Reason  string // as of HandleFailure
	Wrap    bool   // as of HandleFailure
	How     Handling
	// Others says that failures of other forms come too: what is told of is all of them.
	Others bool
	Status int
}

// AnswerFailure asks for a clause that accepts a failure to give it, or to tell of
// it, instead of answering as if nothing had failed.
type AnswerFailure struct {
	Code *ir.Code
	Arm  ir.ExprID
	How  Handling // PassOn or Tell
	Call string   // what failed, Orders.save_order, or ""
}

// LogException asks for a clause that rescues every exception to log it.
type LogException struct {
	Code *ir.Code
	Arm  ir.ExprID
}

// LogFailure asks for a clause that takes every failure of a call, and answers all
// of them alike, to log what it takes.
type LogFailure struct {
	Code *ir.Code
	Arm  ir.ExprID
	Call string // named as the log names it
}

// RepeatLiteral asks for a branch that gives one literal, where a match takes a
// tuple apart, to give a tuple of it.
type RepeatLiteral struct {
	Code  *ir.Code
	Value ir.ExprID // the literal
	Size  int
}

// WidenPattern asks for a tuple pattern to have as many elements as what it is held
// against.
type WidenPattern struct {
	Code    *ir.Code
	Pattern ir.ExprID
	Size    int
	// Steps is set where what comes names the step that failed before its value, and
	// after it what went before.
	Steps bool
}

// Title implements Change.
func (c *HandleFailure) Title() string {
	call := calledIn(c.Code, c.Expr)
	switch c.How {
	case PassOn:
		return "Return the error when " + call + " fails"
	case Log:
		return "Log when " + call + " fails"
	case Refuse:
		return "Answer the request when " + call + " fails"
	case Tell:
		return "Tell the user when " + call + " fails"
	}
	return "Log when " + call + " fails, and keep the state"
}

// calledIn names what a call, or the value of a match or a case, calls.
func calledIn(c *ir.Code, x ir.ExprID) string {
	e := c.At(x)
	switch e.Op {
	case ir.Match:
		e = c.At(ir.ExprID(e.B))
	case ir.Case:
		e = c.At(ir.ExprID(e.A))
	}
	if e.Op != ir.Call {
		return "the call"
	}
	k := &c.Callees[e.A]
	if k.Module == "" || k.How != ir.Remote {
		return k.Name
	}
	return ir.LastName(k.Module) + "." + k.Name
}

// Title implements Change.
func (c *AcceptFailure) Title() string {
	call := calledIn(c.Code, c.Expr)
	if c.Code.At(c.Expr).Op != ir.Case {
		call = "a step"
	}
	switch c.How {
	case PassOn:
		return "Return the error when " + call + " fails"
	case Refuse:
		return "Answer the request when " + call + " fails"
	case Tell:
		return "Tell the user when " + call + " fails"
	}
	return "Log when " + call + " fails, and keep the state"
}

// Title implements Change.
func (c *AnswerFailure) Title() string {
	if c.How == Tell {
		return "Tell the user that it failed"
	}
	return "Return the error instead of a success"
}

// Title implements Change.
func (c *LogException) Title() string { return "Log the exception" }

// Title implements Change.
func (c *LogFailure) Title() string { return "Log when " + c.Call + " fails" }

// Title implements Change.
func (c *RepeatLiteral) Title() string {
	e := c.Code.At(c.Value)
	return "Give " + c.Code.File.Text[e.Start:e.End] + " for each of the " + strconv.Itoa(c.Size) + " elements"
}

// Title implements Change.
func (c *WidenPattern) Title() string {
	if c.Size == 2 {
		return "Match both elements of the result"
	}
	return "Match all " + strconv.Itoa(c.Size) + " elements of the result"
}
