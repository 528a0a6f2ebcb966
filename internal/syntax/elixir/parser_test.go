package elixir

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/syntax"
)

// brief spells a node on one line: (Kind op children…), leaves as their text.
func brief(t *syntax.Tree, id syntax.NodeID) string {
	n := t.Node(id)
	var b strings.Builder
	if n.Size == 1 && n.Kind != Error && n.Start < n.End && n.Kind != Block && n.Kind != List && n.Kind != Map {
		return t.Text(id)
	}
	b.WriteString("(" + KindName(n.Kind))
	if n.Op != NoOp {
		b.WriteString(" " + OpName(n.Op))
	}
	for c := range Children(t, id) {
		b.WriteString(" " + brief(t, c))
	}
	return b.String() + ")"
}

func TestParse(t *testing.T) {
	for _, c := range [][2]string{
		{`a + b * c`, `(Binary + a (Binary * b c))`},
		{`a |> b |> c`, `(Binary |> (Binary |> a b) c)`},
		{`a <> b <> c`, `(Binary <> a (Binary <> b c))`},
		{`a ++ b -- c`, `(Binary ++ a (Binary -- b c))`},
		{`-a ** b`, `(Binary ** (Unary - a) b)`},
		{`!a.b`, `(Unary ! (Call (Dot a b)))`},
		{`not a in b`, `(Binary in (Unary not a) b)`},
		{`a not in b`, `(Binary not in a b)`},
		{`&f/1`, `(Unary & (Binary / f 1))`},
		{`&1 + &2`, `(Binary + &1 &2)`},
		{`& &1.a`, `(Unary & (Call (Dot &1 a)))`},
		{`&//2`, `(Unary & (Binary / / 2))`},
		{`@a.b`, `(Call (Dot (Unary @ a) b))`},
		{`@a b, c`, `(Unary @ (Call a b c))`},
		{`@@a[b][c]`, `(Access (Unary @ (Access (Unary @ a) b)) c)`},
		{`@doc false`, `(Unary @ (Call doc false))`},
		{`a..b//c`, `(Step a b c)`},
		{`..`, `..`},
		{`[a, ...]`, `(List a ...)`},
		{`foo`, `foo`},
		{`foo()`, `(Call foo)`},
		{`foo a`, `(Call foo a)`},
		{`foo a, b: 1`, `(Call foo a (Keywords (Pair b: 1)))`},
		{`foo(a, b: 1)`, `(Call foo a (Keywords (Pair b: 1)))`},
		{`foo -1`, `(Call foo (Unary - 1))`},
		{`foo - 1`, `(Binary - foo 1)`},
		{`foo bar do end`, `(Call foo bar (DoBlock do))`},
		{`foo(a)(b)`, `(Call (Call foo a) b)`},
		{`a.b`, `(Call (Dot a b))`},
		{`a.b()`, `(Call (Dot a b))`},
		{`a.b c`, `(Call (Dot a b) c)`},
		{`a.b(c).d`, `(Call (Dot (Call (Dot a b) c) d))`},
		{`a.(b)`, `(Call (AnonDot a) b)`},
		{`a."b c"(1)`, `(Call (Dot a (QName b c)) 1)`},
		{`A.{B, C}`, `(TupleDot A B C)`},
		{`Kernel.+(1, 2)`, `(Call (Dot Kernel +) 1 2)`},
		{`a.end`, `(Call (Dot a end))`},
		{`A.B.C`, `A.B.C`},
		{`__MODULE__.A`, `(Alias __MODULE__)`},
		{`a[b]`, `(Access a b)`},
		{`a[b: 1]`, `(Access a (Keywords (Pair b: 1)))`},
		{`foo [a]`, `(Call foo (List a))`},
		{`foo (a).b`, `(Call foo (Call (Dot (Block a) b)))`},
		{`[a | b]`, `(List (Binary | a b))`},
		{`[a, b: 1]`, `(List a (Pair b: 1))`},
		{`{a, b: 1}`, `(Tuple a (Keywords (Pair b: 1)))`},
		{`{}`, `{}`},
		{`<<a::8, b::binary>>`, `(Bitstring (Binary :: a 8) (Binary :: b binary))`},
		{`%{}`, `(Map)`},
		{`%{a => b, c: d}`, `(Map (Pair a b) (Pair c: d))`},
		{`%{a | b: c}`, `(Map (MapUpdate a (Pair b: c)))`},
		{`%{a | b => c}`, `(Map (MapUpdate a (Pair b c)))`},
		{`%A{b: 1}`, `(Struct A (Map (Pair b: 1)))`},
		{`%^a{}`, `(Struct (Unary ^ a) (Map))`},
		{`%{"a": 1}`, `(Map (Pair (QKey a) 1))`},
		{`"a#{b}c"`, `(String a (Interp b) c)`},
		{`'a'`, `(Charlist a)`},
		{`:"a b"`, `(QAtom a b)`},
		{`:a`, `:a`},
		{`nil`, `nil`},
		{`~r/a#{b}/i`, `(Sigil a (Interp b))`},
		{`~S(a)`, `(Sigil a)`},
		{`?a`, `?a`},
		{`1.5`, `1.5`},
		{`()`, `(Block)`},
		{`(a)`, `(Block a)`},
		{`(a; b)`, `(Block a b)`},
		{`(a -> b)`, `(Block (Clause (Head a) (Body b)))`},
		{`(a, b -> c)`, `(Block (Clause (Head a b) (Body c)))`},
		{`fn -> a end`, `(Fn (Clause (Head) (Body a)))`},
		{`fn a, b when c -> d end`, `(Fn (Clause (Head a b (When c)) (Body d)))`},
		{`fn (a, b) when c -> d end`, `(Fn (Clause (Head a b (When c)) (Body d)))`},
		{`fn () -> a end`, `(Fn (Clause () (Body a)))`},
		{`fn (a when b) -> c end`, `(Fn (Clause (Head a (When b)) (Body c)))`},
		{`fn a -> b; c -> d; e end`, `(Fn (Clause (Head a) (Body b)) (Clause (Head c) (Body d e)))`},
		{`if a do b else c end`, `(Call if a (DoBlock (Section do b) (Section else c)))`},
		{`case a do b -> c end`, `(Call case a (DoBlock (Section do (Clause (Head b) (Body c)))))`},
		{`try do a rescue b -> c after d end`, `(Call try (DoBlock (Section do a) (Section rescue (Clause (Head b) (Body c))) (Section after d)))`},
		{`def f(a) when a > 1, do: a`, `(Call def (Binary when (Call f a) (Binary > a 1)) (Keywords (Pair do: a)))`},
		{`x = if a do b end`, `(Binary = x (Call if a (DoBlock (Section do b))))`},
		{`-foo do a end + b`, `(Unary - (Binary + (Call foo (DoBlock (Section do a))) b))`},
		{`a = b when c: d`, `(Binary when (Binary = a b) (Keywords (Pair c: d)))`},
	} {
		tree := parse(t, c[0])
		if len(tree.Errors) > 0 {
			t.Errorf("%s: %v", c[0], tree.Errors)
		}
		if got := strings.TrimSuffix(strings.TrimPrefix(brief(tree, 0), "(Program "), ")"); got != c[1] {
			t.Errorf("%s\nwant %s\ngot  %s", c[0], c[1], got)
		}
	}
}
