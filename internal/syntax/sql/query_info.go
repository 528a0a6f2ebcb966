package sql

// A QueryInfo is what a query touches and how it finds it.
//
// Its parts live in blocks: block 0 is the query itself, and every branch of a
// set operation, CTE and subquery is a block of its own, after the block that
// it stands in. A column that could be of several tables has table None.
type QueryInfo struct {
	Range
	Verb       string // "select", "insert", "update", "delete", "merge", "values"
	Blocks     []Block
	Tables     []TableUse
	Predicates []Predicate
	Order      []Order
	// Target is the table that is written, by its index in Tables; else None.
	Target int
	// Written are the columns of INSERT (…) and SET.
	Written []string
	// Rows are those of INSERT … VALUES.
	Rows      [][]Value
	Conflict  *Conflict
	Returning bool
	Locking   string // "update", "no key update", "share", "key share" of FOR …; of block 0
	Params    int    // the highest $n, or how many ?
	Calls     []Name // the functions called anywhere in it, each once
}

// None is the index of nothing.
const None = -1

// A BlockKind says where a block stands.
type BlockKind uint8

// The kinds of block.
const (
	Main    BlockKind = iota
	Branch            // of UNION, INTERSECT, EXCEPT
	CTE               // WITH name AS (…)
	Derived           // in FROM
	Nested            // in an expression
)

// A Block is one SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE.
type Block struct {
	Kind          BlockKind
	Parent        int // None for block 0
	Verb          string
	Name          string // of a CTE
	Where         bool   // has a WHERE
	Limit, Offset bool
	Distinct      bool
	Grouped       bool // GROUP BY or HAVING
}

// A TableUse is one item of FROM, JOIN, USING, INTO or the target of a write.
type TableUse struct {
	Range
	Block int
	Name  Name
	Alias string // the name by which columns are qualified
	// Source is the block of a CTE or a subquery; None for a table, view or
	// function.
	Source   int
	Function bool
	Write    bool   // the target of INSERT, UPDATE, DELETE or MERGE
	Join     string // "", "inner", "left", "right", "full", "cross"
	Natural  bool
}

// A ColumnRef is a column that a query names.
type ColumnRef struct {
	Range
	Table int // index in Tables, or None
	Name  string
}

// A Comparison says how a column is compared.
type Comparison uint8

// The comparisons.
const (
	Equal     Comparison = iota // = and IS NOT DISTINCT FROM
	In                          // IN (…), = ANY (…)
	Ordered                     // < <= > >= BETWEEN
	Pattern                     // LIKE, SIMILAR TO, ~
	IsNull                      // IS NULL
	IsNotNull                   // IS NOT NULL
	Different                   // <>, NOT IN, NOT LIKE, NOT BETWEEN, IS DISTINCT FROM
	Contains                    // @> <@ && ? ?| ?& @@ and every other operator
)

func (c Comparison) String() string {
	return [...]string{"=", "in", "<", "like", "is null", "is not null", "<>", "op"}[c]
}

// An OperandKind says what a column is compared with.
type OperandKind uint8

// The kinds of operand.
const (
	Expression OperandKind = iota
	Literal
	Param
	ColumnOperand
	Subquery
	List // of IN (…)
	NoOperand
)

// A Predicate is a comparison of a column in WHERE, ON, USING or HAVING.
type Predicate struct {
	Range
	Block    int
	Clause   string // "where", "on", "using", "having"
	Column   ColumnRef
	Compare  Comparison
	Operator string // as written, in lower case
	With     OperandKind
	Other    *ColumnRef // when With is ColumnOperand
	Value    Range      // what it is compared with
	// Wrapped: a function, cast or operator is around the column; Left is then
	// the whole of it.
	Wrapped bool
	Left    Range
	// Must: every row of the block passed it, and of ON and USING every pair
	// that is joined; it is not under OR, NOT or CASE.
	Must bool
}

// An Order is one key of an ORDER BY.
type Order struct {
	Range
	Block  int
	Column *ColumnRef // nil of an expression or a number
	Desc   bool
	Nulls  string // "first", "last" or ""
}

// Conflict is ON CONFLICT.
type Conflict struct {
	Range
	Columns    []string
	Constraint string
	DoNothing  bool
	Update     []string // the columns that DO UPDATE sets
}

// A Value is one of VALUES.
type Value struct {
	Range
	Text    string // of a literal: a string's content, a number's digits, true, null
	Literal bool
	Null    bool
}
