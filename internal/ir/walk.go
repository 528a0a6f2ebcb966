package ir

// operands says which fields of an Expr are operands, by Op.
const (
	inA uint8 = 1 << iota
	inB
	inC
	inList
)

func operandsOf(op Op) uint8 {
	switch op {
	case Opaque, Call, Make, Block, Arm, Closure, Receive, Raise, Quote:
		return inList
	case Invoke, Send, Update, Case, With, Loop:
		return inA | inList
	case Get, Pin:
		return inA
	case Index, Match, Generator:
		return inA | inB
	case Branch:
		return inA | inB | inC
	case Try:
		return inA | inB | inList
	default:
		return 0
	}
}

// Operands calls f with each operand of an expression: A, B and C where they
// are expressions, then the list. A loop's generators and a with's steps come
// before its body.
func (c *Code) Operands(id ExprID, f func(ExprID)) {
	e := &c.Exprs[id]
	in := operandsOf(e.Op)
	bodyLast := e.Op == Loop || e.Op == With
	if in&inA != 0 && !bodyLast {
		operand(e.A, f)
	}
	if in&inB != 0 && e.Op != Try {
		operand(e.B, f)
	}
	if in&inC != 0 {
		operand(e.C, f)
	}
	if in&inList != 0 {
		for _, o := range c.Lists[e.Lo:e.Hi] {
			operand(int32(o), f)
		}
	}
	if bodyLast {
		operand(e.A, f)
	}
	if e.Op == Try {
		operand(e.B, f)
	}
}

func operand(id int32, f func(ExprID)) {
	if id >= 0 {
		f(ExprID(id))
	}
}

// EachPair calls f with the pairs of a literal keyword list whose keys are
// constants; of any other expression it calls nothing.
func (c *Code) EachPair(list ExprID, f func(key string, value ExprID)) {
	l := c.At(list)
	if l.Op != Make || l.Sub != MakeList {
		return
	}
	for _, p := range c.List(l) {
		if t := c.At(p); t.Op == Make && t.Sub == MakeTuple && t.Hi-t.Lo == 2 {
			kv := c.List(t)
			if k := c.At(kv[0]); k.Op == Const {
				f(k.Str, kv[1])
			}
		}
	}
}

// Walk calls f with an expression and everything inside it, outermost first.
// Where f returns false it goes no deeper.
func (c *Code) Walk(id ExprID, f func(ExprID) bool) {
	if id < 0 || !f(id) {
		return
	}
	c.Operands(id, func(o ExprID) { c.Walk(o, f) })
}

// Given is the other side of the match `x = value` or `pattern = x` that binds a variable,
// or No. lower puts a match right behind its operands.
func (c *Code) Given(v VarID) (value ExprID, pattern bool) {
	at := c.Vars[v].At
	if at == No {
		return No, false
	}
	for id := at + 1; int(id) < len(c.Exprs) && id < at+3; id++ {
		m := c.At(id)
		if m.Op != Match {
			continue
		}
		if ExprID(m.A) == at {
			return ExprID(m.B), false
		}
		if ExprID(m.B) == at {
			return ExprID(m.A), true
		}
	}
	return No, false
}
