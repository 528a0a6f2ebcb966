package flow

import (
	"math/bits"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// Kind is what a Fact says a clause does.
type Kind uint8

// The kinds of fact: effects, then dangers, then what functions do with
// functions they are given.
const (
	Query Kind = iota
	Write
	HTTP
	Mail
	Enqueue
	File
	Sleep
	ProcCall
	Spawn
	Exec
	Log
	Rollback
	SinkAtom
	SinkSQL
	SinkCode
	SinkCommand
	SinkPath
	SinkURL
	SinkRedirect
	SinkHTML
	SinkDeserialise
	SinkRegex
	CallsParam // Param is called
	numKinds
)

// Sink reports whether k is a danger for values that a client sent.
func (k Kind) Sink() bool { return k >= SinkAtom && k <= SinkRegex }

// Database reports whether k goes to the database.
func (k Kind) Database() bool { return k == Query || k == Write }

// tracks reports whether facts of the kind remember which parameters reach them.
func (k Kind) tracks() bool { return k <= HTTP || k == CallsParam }

// FactFlags say how a fact comes about.
type FactFlags uint8

// The flags of a Fact.
const (
	Cached       FactFlags = 1 << iota // only when a cache holds no value
	Async                              // in another process
	Looped                             // once for each element of an unbounded collection
	Batched                            // once for each batch of a collection
	Rescued                            // what it raises is caught around it
	RescuedBelow                       // … in the clause that is called
	Within                             // inside a transaction
)

// Fact is one thing that a clause does, itself or through what it calls.
type Fact struct {
	Kind  Kind
	Flags FactFlags
	Depth uint8 // how many calls down; 0 is the clause itself
	Param uint8 // CallsParam: which
	// Dep are the parameters that reach its arguments, by bit; of a CallsParam
	// with Looped, those that the collection depends on.
	Dep uint32
	// Taint are the parameters and sources whose dangerous content reaches a sink.
	Taint uint64
	// only is what must hold for it to happen.
	only condition
	next
}

// next is one step down from a fact to what makes it true.
type next struct {
	Expr   ir.ExprID // the call, in the clause's own code
	Callee ClauseID  // the clause called, or No: then Expr calls a library
	Fact   int32     // the fact of Callee
}

// Bits of taint: parameters, parameters of which only what a client sends
// along with a request counts, and sources.
const (
	wholeBits          = 1<<24 - 1
	fieldShift         = 24
	fieldBits   uint64 = wholeBits << fieldShift
	sourceBits  uint64 = 0xff << 48
	fromRequest uint64 = 1 << 48
	fromHTTP    uint64 = 1 << 49
	fromFile    uint64 = 1 << 50
	fromStored  uint64 = 1 << 51
)

const (
	paramBits uint64 = 1<<32 - 1 // of value.dep; the others are loops
	maxDepth         = 12        // calls that a fact is followed through
	maxFacts         = 8         // of one kind in one clause
)

func sourceBit(word string) uint64 {
	switch word {
	case "request":
		return fromRequest
	case "http":
		return fromHTTP
	case "file":
		return fromFile
	case "stored":
		return fromStored
	}
	return 0
}

// effectKind pairs a model's effect with the kind of its fact.
type effectKind struct {
	effect model.Effect
	kind   Kind
}

// effectKinds lists the effects that make facts.
func effectKinds() [12]effectKind {
	return [12]effectKind{
		{model.Query, Query}, {model.Write, Write}, {model.HTTP, HTTP}, {model.Mail, Mail},
		{model.Enqueue, Enqueue}, {model.File, File}, {model.Sleep, Sleep},
		{model.ProcCall, ProcCall}, {model.Spawn, Spawn}, {model.Exec, Exec}, {model.Log, Log},
		{model.Rollback, Rollback},
	}
}

// sink is one dangerous argument.
type sink struct {
	kind Kind
	arg  int
}

// sinkWords are the words of models, in the order of the kinds from SinkAtom.
func sinkWords() [10]string {
	return [10]string{"atom", "sql", "code", "command", "path", "url", "redirect", "html", "deserialise", "regex"}
}

// sinksOf lists a model's dangerous arguments in the order of their kinds.
func sinksOf(m *model.Call) []sink {
	var out []sink
	for i, w := range sinkWords() {
		if arg, ok := m.Sink[w]; ok {
			out = append(out, sink{SinkAtom + Kind(i), arg})
		}
	}
	return out
}

// above are the flags of a fact where its clause is called: what is caught
// further down says nothing of the caller.
func (f FactFlags) above() FactFlags {
	up := f &^ (Rescued | RescuedBelow)
	if f&Rescued != 0 {
		up |= RescuedBelow
	}
	return up
}

// cover reports whether flags f say at least as much as g: what happens always
// says more than what happens sometimes, in a loop more than once.
func (f FactFlags) cover(g FactFlags) bool {
	const weak, strong = Cached | Async | Rescued | RescuedBelow | Within, Looped | Batched
	return f&weak&^g == 0 && g&strong&^f == 0
}

// covers reports whether knowing f makes knowing g needless.
func (f *Fact) covers(g *Fact) bool {
	return f.Kind == g.Kind && f.Param == g.Param && f.Depth <= g.Depth && f.Flags.cover(g.Flags) &&
		f.Dep|g.Dep == f.Dep && f.Taint|g.Taint == f.Taint && (f.only.how == unconditional || f.only == g.only)
}

// addFact keeps f unless one that is there says as much. The facts of one kind
// are few: when there are too many, the last stands for the rest.
func addFact(facts []Fact, f Fact) []Fact {
	if f.Depth > maxDepth {
		return facts
	}
	count, last := 0, -1
	for i := range facts {
		g := &facts[i]
		if g.covers(&f) {
			return facts
		}
		if f.covers(g) {
			*g = f
			return facts
		}
		if g.Kind == f.Kind {
			count++
			last = i
		}
	}
	if count >= maxFacts {
		if f.Flags == facts[last].Flags && f.Param == facts[last].Param {
			facts[last].Dep |= f.Dep
			facts[last].Taint |= f.Taint
			facts[last].only = condition{}
		}
		return facts
	}
	return append(facts, f)
}

// mapDep says what a callee's parameters stand for at a call.
func mapDep(params uint32, args []value) uint64 {
	var d uint64
	for params != 0 {
		i := bits.TrailingZeros32(params)
		params &= params - 1
		if i < len(args) {
			d |= args[i].dep
		}
	}
	return d
}

// mapTaint is mapDep for dangerous content.
func mapTaint(t uint64, args []value) uint64 {
	out := t & sourceBits
	for w := t & wholeBits; w != 0; w &= w - 1 {
		if i := bits.TrailingZeros64(w); i < len(args) {
			out |= args[i].taint
		}
	}
	for w := t & fieldBits; w != 0; w &= w - 1 {
		if i := bits.TrailingZeros64(w) - fieldShift; i < len(args) {
			out |= ofField(args[i].taint)
		}
	}
	return out
}

// ofField is the taint of what a client sent along with a request, read from a
// record with taint t.
func ofField(t uint64) uint64 { return t | (t&wholeBits)<<fieldShift }
