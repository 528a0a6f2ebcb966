package ir

// AltKind says what an alternative of a result is.
type AltKind uint8

// The kinds of alternative.
const (
	AltAny    AltKind = iota // nothing is known of it
	AltAtom                  // Tag: the atom, also nil, true, false and a module
	AltTuple                 // Tag: the atom in its first place, or ""; Arity: its size
	AltList                  //
	AltMap                   //
	AltStruct                // Tag: its module, or ""
	AltString                //
	AltNumber                //
	AltOther                 // a process, a reference, a function
	AltNamed                 // a type by its name; Tag: Module.type
	AltParam                 // an argument, unchanged; Arity: which
)

// Alt is one alternative of what a function gives.
type Alt struct {
	Kind  AltKind
	Tag   string
	Arity int
	Inner string // the atom in the second place of a pair, or ""
}

// Spec is what a function, or a type, is declared to give.
type Spec struct {
	Name     string
	Arity    int
	Callback bool // declared for the modules that implement it
	Gives    []Alt
}
