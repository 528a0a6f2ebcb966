package flow

import "github.com/assay-dev/assay/internal/ir"

// value is what is known of an expression's value.
type value struct {
	dep   uint64 // the parameters and loops that it depends on
	taint uint64 // the parameters and sources whose dangerous content it may hold
	thru  uint32 // the parameters that it may be, unchanged
	fail  int32  // 1 + index in eval.fails of the failure that it may be, or 0
	each  int32  // the same for its elements
	def   int32  // the expression that made it, or No
	lit   literal
	shape *shape // what it can be, or nil: then def tells
	// lazy marks a function value whose body was not followed yet: it is
	// followed where it is called, with what it is called with.
	lazy bool
	// loaded are the associations that are certainly there, of the row or of each
	// of the rows: sorted paths, each behind a comma.
	loaded string
	// rows says whether it is a row, rows, or what holds them: storedRows, or the
	// parameters by bit on which that depends.
	rows uint32
	// numbered marks pairs of an element and its number, of which only the
	// element carries what the collection holds.
	numbered bool
	// named marks pairs of which the first is a name that the program lists.
	named bool
	// untrue marks a condition that is never true: where it would be, it raises.
	untrue bool
	// shown are the parameters whose row it is: with more loaded, or as the one thing
	// that a view takes out of what it is given.
	shown uint32
	// key marks the first of a pair, as the keys of a map are.
	key bool
}

// literal is what is known of a value's form.
type literal uint8

const (
	noLit    literal = iota
	anyConst         // a literal
	okLit            // :ok, {:ok, _}
	errLit           // :error, {:error, …}
	replyLit         // {:noreply, …}, {:reply, …}
	leaves           // none: the expression raises
	mixedLit
)

func unknown() value { return value{def: ir.No} }

// join is a value that is v or w.
func (v value) join(w value) value {
	switch {
	case v.lit == leaves:
		return w
	case w.lit == leaves:
		return v
	}
	v.dep |= w.dep
	v.taint |= w.taint
	v.thru |= w.thru
	if v.fail == 0 {
		v.fail = w.fail
	}
	if v.each == 0 {
		v.each = w.each
	}
	if v.def != w.def {
		v.def = ir.No
	}
	if v.lit != w.lit {
		v.lit = mixedLit
	}
	v.lazy = v.lazy && w.lazy && v.def != ir.No
	v.loaded = common(v.loaded, w.loaded)
	v.shown &= w.shown
	v.rows |= w.rows
	return v
}

// with is a value computed from v and w.
func (v value) with(w value) value {
	v.dep |= w.dep
	v.taint |= w.taint
	return v
}

// computed is v without its identity: something was made from it.
func (v value) computed(by ir.ExprID) value {
	return value{dep: v.dep, taint: v.taint, def: int32(by)}
}

// part is an element of v.
func (v value) part() value {
	w := v.computed(ir.No)
	w.loaded, w.rows = v.loaded, v.rows
	return w
}

// literalOf says what a constant or a tuple looks like.
func literalOf(c *ir.Code, e *ir.Expr) literal {
	if e.Op == ir.Make && e.Sub == ir.MakeTuple && e.Hi > e.Lo {
		switch l := literalOf(c, c.At(c.Lists[e.Lo])); l {
		case okLit, errLit, replyLit:
			return l
		}
		return noLit
	}
	if e.Op != ir.Const {
		return noLit
	}
	if e.Sub == ir.LitAtom {
		switch e.Str {
		case "ok":
			return okLit
		case "error":
			return errLit
		case "noreply", "reply":
			return replyLit
		}
	}
	return anyConst
}
