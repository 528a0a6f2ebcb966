package elixir

import (
	"fmt"
	"slices"
	"testing"

	"github.com/assay-dev/assay/internal/syntax"
)

// find returns the first node of a kind.
func find(t *testing.T, tree *syntax.Tree, kind syntax.Kind) syntax.NodeID {
	t.Helper()
	for id := range tree.Nodes {
		if tree.Nodes[id].Kind == kind {
			return syntax.NodeID(id)
		}
	}
	t.Fatalf("no %s", KindName(kind))
	return syntax.None
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		src  string
		kind syntax.Kind
		want string
	}{
		{":foo", Atom, "foo"}, {":+", Atom, "+"}, {"nil", Atom, "nil"}, {`:"a\tb"`, QAtom, "a\tb"},
		{"[foo: 1]", Key, "foo"}, {`["a b": 1]`, QKey, "a b"}, {`["a#{b}": 1]`, QKey, ""},
		{"foo(1)", Name, "foo"}, {"foo", Ident, "foo"}, {`a."b c"()`, QName, "b c"},
	} {
		tree := parse(t, c.src)
		if got := AtomName(tree, find(t, tree, c.kind)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.src, got, c.want)
		}
	}
}

func TestStringValue(t *testing.T) {
	for _, c := range []struct {
		src  string
		kind syntax.Kind
		want string
		ok   bool
	}{
		{`"abc"`, String, "abc", true},
		{`""`, String, "", true},
		{`"a\n\"b\" \x41\u00e9\u{1F600}\
c"`, String, "a\n\"b\" A\u00e9\U0001F600c", true},
		{`"a#{b}"`, String, "", false},
		{"\"\"\"\n  a\n    b\n  \"\"\"", String, "a\n  b\n", true},
		{"'a'", Charlist, "a", true},
		{`~r/a\/b\d/`, Sigil, `a/b\d`, true},
		{`~S(a\)b)`, Sigil, `a)b`, true},
		{"~w\"\"\"\n a\n b\n \"\"\"", Sigil, "a\nb\n", true},
	} {
		tree := parse(t, c.src)
		if got, ok := StringValue(tree, find(t, tree, c.kind)); got != c.want || ok != c.ok {
			t.Errorf("%s: got %q %v, want %q %v", c.src, got, ok, c.want, c.ok)
		}
	}
}

func TestNumbers(t *testing.T) {
	for src, want := range map[string]int64{"1_000": 1000, "0xFF": 255, "0b101": 5, "0o17": 15, "?a": 'a', `?\n`: '\n', "&2": 2} {
		tree := parse(t, src)
		if got, ok := IntValue(tree, 1); got != want || !ok {
			t.Errorf("%s: got %d %v", src, got, ok)
		}
	}
	if _, ok := IntValue(parse(t, "123456789012345678901"), 1); ok {
		t.Error("a value that does not fit")
	}
	if f, ok := FloatValue(parse(t, "1_0.5e1"), 1); f != 105 || !ok {
		t.Error(f, ok)
	}
}

func TestAliasesAndSigils(t *testing.T) {
	tree := parse(t, "Foo.Bar. # c.d\n  Baz")
	if got := AliasSegments(tree, 1, nil); !slices.Equal(got, []string{"Foo", "Bar", "Baz"}) {
		t.Error(got)
	}
	tree = parse(t, "__MODULE__.Foo.Bar")
	if got := AliasSegments(tree, 1, nil); !slices.Equal(got, []string{"Foo", "Bar"}) || AliasLeft(tree, 1) != 2 {
		t.Error(got)
	}
	tree = parse(t, "~HTML[a]xy")
	if SigilName(tree, 1) != "HTML" || SigilModifiers(tree, 1) != "xy" {
		t.Error(SigilName(tree, 1), SigilModifiers(tree, 1))
	}
}

func TestCallView(t *testing.T) {
	for _, c := range [][2]string{
		{"foo(a, b: 1) do c else d end", "foo recv= args=[a b: 1] do,else parens"},
		{"a.foo b", "foo recv=a args=[b]"},
		{"f.(x)", " recv=f args=[x] parens"},
		{"f(a)(b)", " recv= args=[b] parens"},
		{`A."b c"(1)`, "b c recv=A args=[1] parens"},
		{"a.b", "b recv=a args=[]"},
	} {
		tree := parse(t, c[0])
		call, ok := AsCall(tree, 1)
		if !ok {
			t.Fatal(c[0])
		}
		got := call.Name() + " recv="
		if r := call.Receiver(); r != syntax.None {
			got += tree.Text(r)
		}
		var args []string
		for a := range call.Args() {
			args = append(args, tree.Text(a))
		}
		got += fmt.Sprintf(" args=%v", args)
		for s := range call.Sections() {
			if tree.Node(s).Op == SectionDo {
				got += " do"
			} else {
				got += "," + OpName(tree.Node(s).Op)
			}
		}
		if call.HasParens() {
			got += " parens"
		}
		if got != c[1] {
			t.Errorf("%s\nwant %s\ngot  %s", c[0], c[1], got)
		}
		if call.ArgCount() != len(args) || call.Arg(len(args)) != syntax.None {
			t.Error(c[0], call.ArgCount())
		}
	}
}

func TestViewsDoNotAllocate(t *testing.T) {
	tree := parse(t, `foo(:a, "b", 1, c: 2) do d end`)
	n := testing.AllocsPerRun(100, func() {
		call, _ := AsCall(tree, 1)
		for a := range call.Args() {
			AtomName(tree, a)
			StringValue(tree, a)
			IntValue(tree, a)
		}
		for k, v := range Pairs(tree, call.Keywords()) {
			_, _ = AtomName(tree, k), v
		}
		_, _ = call.Section(SectionDo), call.Name()
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestEveryKindAndOperatorHasAName(t *testing.T) {
	for k := range numKinds {
		if KindName(k) == "" || KindName(k) == "?" {
			t.Errorf("kind %d", k)
		}
	}
	for op := OpStab; op < numOps; op++ {
		if OpName(op) == "" || OpName(op) == "?" {
			t.Errorf("operator %d", op)
		}
	}
}
