// Package ir says what a program does, in one vocabulary for every language:
// modules, functions by clause, and bodies made of a few operations.
//
// Bodies are trees of Expr in flat arrays (Code). Variables are resolved: each
// binding place is one Var, each use names it. Calls name a Callee; link gives
// each Callee its target. What cannot be understood is Opaque and keeps its
// operands, so that nothing that runs is lost.
package ir

import "github.com/assay-dev/assay/internal/source"

// Ids are indexes: of a Module or Func in the Program, of an Expr, Var or
// Callee in its Code.
type (
	ModuleID int32
	FuncID   int32
	ExternID int32
	ExprID   int32
	VarID    int32
	CalleeID int32
)

// No is the id of nothing, in every id type.
const No = -1

// Op is the operation of an Expr. The comment says what A, B, C, Str, Sub and
// the operand list hold; unnamed fields are unused.
type Op uint8

// The operations.
const (
	// Opaque is something not understood; List: what it evaluates; Str: its head.
	Opaque Op = iota
	// Const is a literal; Sub: LitKind; Str: its value (decimal, atom or string text, module name).
	Const
	// Use reads a variable; A: VarID; Str: its name.
	Use
	// Attr reads a module attribute; Str: its name; A: index in Module.Attrs, or No.
	Attr
	// Call calls a named function; A: CalleeID; List: arguments. FlagPiped: the
	// first argument was written left of a pipe. A trailing block argument (do)
	// is an Opaque named "do" unless the callee is a closed form of the language.
	Call
	// Invoke calls a function value; A: the value; List: arguments.
	Invoke
	// Send calls a function of a module known only at run time; A: the module; Str: the function; List: arguments.
	Send
	// Get reads a field; A: the object; Str: the field.
	Get
	// Index reads an element; A: the container; B: the key.
	Index
	// Make builds a value; Sub: MakeKind; List: its parts.
	Make
	// Update copies a map with changes; A: the base; List: key, value, key, value …
	Update
	// Match binds a pattern; A: pattern; B: value; Sub: MatchFail.
	Match
	// Block runs its List in order; the last is its value. An empty one is nil. Str is
	// "after" where it is that section of the block of a macro.
	Block
	// Branch chooses; A: condition; B: then; C: else, or No. Sub: BranchKind.
	Branch
	// Case matches A against List of Arms.
	Case
	// Arm is a clause; List: patterns, then guard (FlagGuard), then body last. Sub: ArmKind.
	Arm
	// With runs List (Match and other steps, then Arms of its else) and then A.
	With
	// Loop is a comprehension; A: body (with FlagReduce: List ends in Arms); List: Generators, filters and option values.
	Loop
	// Generator draws elements; A: pattern; B: the collection.
	Generator
	// Closure is a function value; List: Arms.
	Closure
	// FuncRef is a named function as a value; A: CalleeID.
	FuncRef
	// Try runs A; List: Arms (rescue, catch, else); B: after, or No.
	Try
	// Receive waits for a message; List: Arms, the one with ArmAfter has the time-out as its pattern.
	Receive
	// Raise leaves the function; Sub: RaiseKind; List: operands.
	Raise
	// Quote is code as data; List: the unquoted parts that do run.
	Quote

	// Patterns also use Const, Make, Match (both sides match) and Opaque.

	// Bind binds a variable in a pattern; A: VarID; Str: its name.
	Bind
	// Pin compares with a value in a pattern; A: the value. In the arguments of a
	// macro that knows names of its own it holds a value of the code around them.
	Pin
	// Any matches everything and binds nothing.
	Any

	numOps
)

// LitKind is the Sub of Const.
type LitKind = uint8

// The kinds of literal.
const (
	LitNil LitKind = iota
	LitBool
	LitInt
	LitFloat
	LitString
	LitAtom
	LitModule
)

// MakeKind is the Sub of Make.
type MakeKind = uint8

// The kinds of value built. Keyword lists are MakeList of two-element MakeTuple.
const (
	MakeList   MakeKind = iota
	MakeCons            // List: heads …, tail last
	MakeTuple           //
	MakeMap             // List: key, value, …
	MakeStruct          // Str: module name; List: key, value, …
	MakeString          // an interpolated string; List: the parts
	MakeAtom            // an interpolated atom
	MakeBinary          // <<...>>
	MakeRange           // first, last[, step]
	MakeSigil           // Str: the sigil's name; List: interpolated parts; a constant one is a LitString Const
)

// MatchFail is the Sub of Match: what happens when the pattern does not match.
type MatchFail = uint8

// What a failed match does.
const (
	FailRaise MatchFail = iota // `=`
	FailNext                   // `<-` in with: to its else, or the value itself
)

// BranchKind is the Sub of Branch.
type BranchKind = uint8

// The kinds of branch.
const (
	BranchIf  BranchKind = iota
	BranchAnd            // `a && b`, `a and b`: C is No, the value is A's when false
	BranchOr             // `a || b`, `a or b`: B is No, C is b
)

// ArmKind is the Sub of Arm.
type ArmKind = uint8

// The kinds of arm.
const (
	ArmClause ArmKind = iota
	ArmElse           // of with or try
	ArmRescue         // pattern: the bound exception (Bind or Any), then the exception names as LitModule
	ArmCatch
	ArmAfter
)

// RaiseKind is the Sub of Raise.
type RaiseKind = uint8

// The ways to leave a function.
const (
	RaiseError RaiseKind = iota
	RaiseAgain           // reraise
	RaiseThrow
	RaiseExit
)

// Flags of an Expr.
const (
	FlagPiped    uint16 = 1 << iota // Call: the first argument was piped in
	FlagGuard                       // Arm: the last but one of List is a guard
	FlagReduce                      // Loop: has a reduce accumulator, its value first after the generators
	FlagDiscard                     // the value is not used: an element of a Block that is not its last
	FlagParens                      // Call: written with parentheses
	FlagMacro                       // Call: the callee is a macro
	FlagBang                        // Branch: written `unless`, the arms are swapped
	FlagOperator                    // Call: written as an operator
	FlagForeign                     // Call: stands in the arguments of a macro that knows names of its own, or in a quote
)

// Expr is one operation. Its operand list is Code.Lists[Lo:Hi].
type Expr struct {
	Op         Op
	Sub        uint8
	Flags      uint16
	Start, End int32 // bytes in the Code's file
	A, B, C    int32
	Lo, Hi     int32
	Str        string
}

// Code holds the bodies of one file, or of one file's quoted definitions put
// into a module by `use`.
type Code struct {
	File    *source.File
	Module  ModuleID // whose code it is
	Exprs   []Expr
	Lists   []ExprID
	Vars    []Var
	Callees []Callee
}

// Var is one binding place of a variable.
type Var struct {
	Name string
	At   ExprID // the Bind that makes it, or No for an implicit one (&1)
}

// At returns the expression id.
func (c *Code) At(id ExprID) *Expr { return &c.Exprs[id] }

// List returns the operand list of e. It must not be changed.
func (c *Code) List(e *Expr) []ExprID { return c.Lists[e.Lo:e.Hi] }

// Span returns the place of an expression.
func (c *Code) Span(id ExprID) source.Span {
	e := &c.Exprs[id]
	return source.Span{File: c.File.ID, Start: e.Start, End: e.End}
}

// Parts of an Arm: its patterns, its guard (or No) and its body.
func (c *Code) Parts(arm *Expr) (patterns []ExprID, guard, body ExprID) {
	l := c.List(arm)
	body = l[len(l)-1]
	l = l[:len(l)-1]
	guard = No
	if arm.Flags&FlagGuard != 0 {
		guard = l[len(l)-1]
		l = l[:len(l)-1]
	}
	return l, guard, body
}

// Callee is a function as a body names it, with names resolved by the
// environment: aliases expanded, imports searched.
type Callee struct {
	Module string // full name; empty if no definition was found for a local name
	Name   string
	Arity  int
	How    How

	// Set by link.
	Func   FuncID   // the project's function, or No
	Extern ExternID // the library's function, or No
}

// How says how a Callee was named.
type How uint8

// The ways to name a function.
const (
	Unresolved How = iota // a local name without definition or import
	Local                 // of the same module
	Imported
	Kernel // of the language's own prelude
	Remote // Module.name
)

// Module is one module of the project.
type Module struct {
	ID       ModuleID
	Name     string
	Code     *Code
	Span     source.Span // the whole definition
	NameSpan source.Span
	Parent   ModuleID // the module around it, or No
	Kind     ModuleKind
	Funcs    []FuncID
	Attrs    []Attribute
	// Uses are the modules named by `use`, followed through the project's own
	// `__using__`: what the module became. Behaves are the modules whose
	// functions it has, though it does not define them itself (a Repo is an
	// "Ecto.Repo"), and whose callbacks it implements.
	Uses    []UsedModule
	Behaves []string
	// Body is what runs when the module is compiled: calls of library macros
	// (schema, get, field …) with their blocks; No when empty.
	Body ExprID
	// Parts is what runs besides that `use` put there from the texts of other modules.
	Parts []Part
	// Made are functions that the module has without a definition in the text and
	// without a meaning beyond that: what `use` and `defexception` make.
	Made []Signature
	// Whole is set when the text tells all of its functions: nothing that it uses or runs while it
	// is compiled can define another.
	Whole bool
	// Guarded are the parts that are compiled where a condition holds, and that define or import
	// something: their definitions and calls are those of the module.
	Guarded []Guarded
	// Specs are the results that the module declares, of its functions and of the
	// callbacks of those that implement it; Types are the types that it names.
	Specs, Types []Spec
	// For an implementation: the protocol and the type.
	Protocol, For string
}

// Part is an expression in a code.
type Part struct {
	Code *Code
	Expr ExprID
}

// Guarded is a part of a module behind an `if`: its condition and what is compiled where that holds.
type Guarded struct{ Condition, Body source.Span }

// Signature is a name and an arity.
type Signature struct {
	Name  string
	Arity int
}

// ModuleKind tells modules, protocols and implementations apart.
type ModuleKind uint8

// The kinds of module.
const (
	PlainModule ModuleKind = iota
	ProtocolModule
	ImplModule
	ScriptModule // the code of a file outside modules; Name is its path
)

// UsedModule is one module that was used, with its arguments.
type UsedModule struct {
	Name string
	Code *Code  // where Args are
	Args ExprID // the second argument of `use`, or No
	Span source.Span
}

// Attribute is one `@name value`.
type Attribute struct {
	Name  string
	Value ExprID // in the module's Code, or in Code
	Code  *Code
	Span  source.Span
}

// FuncKind tells functions and macros, public and private apart.
type FuncKind uint8

// The kinds of function.
const (
	Def FuncKind = iota
	Defp
	Defmacro
	Defmacrop
	Delegate
)

// Func is one function: a name and an arity in a module.
type Func struct {
	ID       FuncID
	Module   ModuleID
	Name     string
	Arity    int
	Defaults int // how many arguments may be left out
	Kind     FuncKind
	Code     *Code
	Clauses  []Clause
	Span     source.Span // from the first clause to its end
	NameSpan source.Span
	// Target is the function that a Delegate stands for.
	Target CalleeID
	// Injected is set when a `use` put the definition here; then NameSpan is in
	// the file of the macro.
	Injected bool
	// Impl is set when `@impl` stands before it.
	Impl bool
	// Unrouted is set for what would answer requests, and no route leads to it.
	Unrouted bool
}

// Clause is one clause of a function.
type Clause struct {
	Params []ExprID // patterns; a default value is Match(pattern, value)
	Guard  ExprID   // or No
	Body   ExprID   // or No: a head without a body
	Span   source.Span
	Head   source.Span
}

// Public reports whether other modules can call f.
func (f *Func) Public() bool { return f.Kind == Def || f.Kind == Defmacro || f.Kind == Delegate }

// Macro reports whether f is a macro.
func (f *Func) Macro() bool { return f.Kind == Defmacro || f.Kind == Defmacrop }
