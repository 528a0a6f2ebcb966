package elixir

import (
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// defs are the names of the functions that a tree defines, in order.
func defs(tree *syntax.Tree) []string {
	var out []string
	for id := range tree.Nodes {
		call, ok := AsCall(tree, syntax.NodeID(id))
		if !ok || call.Name() != "def" {
			continue
		}
		arg := call.Arg(0)
		if arg == syntax.None {
			continue
		}
		if inner, ok := AsCall(tree, arg); ok {
			out = append(out, inner.Name())
		} else {
			out = append(out, AtomName(tree, arg))
		}
	}
	return out
}

func TestReadsOnAfterErrors(t *testing.T) {
	const later = "\n\n  def after_it(x) do\n    x + 1\n  end\n\n  def last(y), do: y\nend\n"
	for name, body := range map[string]string{
		"operand":             "  def a(x) do\n    y = \n  end",
		"operator":            "  def a(x) do\n    x +\n  end",
		"pipe":                "  def a(x) do\n    x |> \n  end",
		"open call":           "  def a(x) do\n    foo(x, \n  end",
		"open call bare":      "  def a(x) do\n    foo(\n  end",
		"open list":           "  def a(x) do\n    [x, 1\n  end",
		"open map":            "  def a(x) do\n    %{a: x, \n  end",
		"open map key":        "  def a(x) do\n    %{a: \n  end",
		"open struct":         "  def a(x) do\n    %Foo{a: 1\n  end",
		"struct name":         "  def a(x) do\n    %Foo\n  end",
		"percent":             "  def a(x) do\n    %\n  end",
		"open tuple":          "  def a(x) do\n    {:ok, x\n  end",
		"open bits":           "  def a(x) do\n    <<x, 1\n  end",
		"dot":                 "  def a(x) do\n    x.\n  end",
		"wrong closer":        "  def a(x) do\n    foo(x]\n  end",
		"extra closer":        "  def a(x) do\n    foo(x))\n  end",
		"no fn end":           "  def a(x) do\n    Enum.map(x, fn y -> y)\n  end",
		"no fn arrow":         "  def a(x) do\n    Enum.map(x, fn y end)\n  end",
		"no end":              "  def a(x) do\n    x",
		"no inner end":        "  def a(x) do\n    case x do\n      1 -> 2\n  end",
		"no if end":           "  def a(x) do\n    if x do\n      1\n    else\n      2\n  end",
		"extra end":           "  def a(x) do\n    x\n  end\n  end",
		"no do":               "  def a(x)\n    x\n  end",
		"open string":         "  def a(x) do\n    y = \"abc\n  end",
		"open string key":     "  def a(x) do\n    %{\"abc: 1}\n  end",
		"open charlist":       "  def a(x) do\n    y = 'abc\n  end",
		"open interp":         "  def a(x) do\n    \"a#{x\"\n  end",
		"open heredoc":        "  def a(x) do\n    \"\"\"\n    text\n  end",
		"open sigil":          "  def a(x) do\n    ~s{abc\n  end",
		"head":                "  def a(x",
		"head do":             "  def a(x do\n    x\n  end",
		"head comma":          "  def a(x, do\n    x\n  end",
		"valid def alone":     "  def",
		"bad token":           "  def a(x) do\n    x $ y\n  end",
		"two expressions":     "  def a(x) do\n    x y z 1 2\n  end",
		"valid missing comma": "  def a(x) do\n    foo(x y)\n  end",
		"missing comma kw":    "  def a(x) do\n    [\n      a: 1\n      b: 2\n    ]\n  end",
		"valid stray arrow":   "  def a(x) do\n    x -> y\n    z\n  end",
		"valid stray else":    "  else\n  def a(x) do\n    x\n  end",
		"stray comma":         "  def a(x) do\n    x,\n  end",
		"two semis":           "  def a(x) do\n    x;; y\n  end",
		"valid case clause":   "  def a(x) do\n    case x do\n      {:ok, y} ->\n      :error\n    end\n  end",
		"case half":           "  def a(x) do\n    case x do\n      {:ok, y\n    end\n  end",
		"with half":           "  def a(x) do\n    with {:ok, y} <- foo(x),\n    do\n      y\n    end\n  end",
		"valid attribute":     "  @doc\n  @\n",
		"valid spec":          "  @spec a(x) ::\n  def a(x), do: x",
		"conflict":            "  def a(x) do\n<<<<<<< HEAD\n    x\n=======\n    y\n>>>>>>> other\n  end",
		"nul":                 "  def a(x) do\n    \x00\n  end",
		"invalid utf-8":       "  def a(x) do\n    \xff\xfe\n  end",
		"invalid in string":   "  def a(x) do\n    \"\xff\"\n  end",
		"half sigil":          "  def a(x) do\n    ~\n  end",
		"half atom":           "  def a(x) do\n    :\n  end",
		"capture":             "  def a(x) do\n    &\n  end",
		"keyword":             "  def a(x) do\n    foo(a:)\n  end",
		"when":                "  def a(x) when do\n    x\n  end",
		"valid unless":        "  def a(x) do\n    unless\n  end",
	} {
		t.Run(name, func(t *testing.T) {
			src := "defmodule M do\n  def before(x), do: x\n\n" + body + later
			tree := parse(t, src)
			got := defs(tree)
			for _, want := range []string{"before", "after_it", "last"} {
				if !slices.Contains(got, want) {
					t.Errorf("lost %s of %v: %v\n%s", want, got, tree.Errors, src)
				}
			}
			if valid := strings.HasPrefix(name, "valid"); valid != (len(tree.Errors) == 0) {
				t.Errorf("errors: %v", tree.Errors)
			}
			for _, e := range tree.Errors {
				at := tree.File.Pos(e.Start)
				t.Logf("%d:%d %s", at.Line, at.Column, e.Message)
			}
			if len(tree.Errors) > 4 {
				t.Errorf("%d errors", len(tree.Errors))
			}
		})
	}
}

func TestHugeInputs(t *testing.T) {
	const size = 1 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, src := range map[string]string{
		"parens":       fill("("),
		"brackets":     fill("["),
		"lists":        fill("[a,"),
		"maps":         fill("%{a => "),
		"structs":      fill("%a{"),
		"struct names": fill("%"),
		"calls":        fill("f("),
		"no parens":    fill("f "),
		"dos":          fill("a do "),
		"fns":          fill("fn a -> "),
		"ends":         fill("end "),
		"closers":      fill(")]}>>"),
		"ats":          fill("@"),
		"nots":         fill("!"),
		"captures":     fill("& "),
		"interps":      fill("\"#{"),
		"strings":      fill("\"a\" "),
		"quotes":       fill("\"") + "\"",
		"heredocs":     fill("\"\"\"\n"),
		"sums":         fill("a + "),
		"concats":      fill("a <> "),
		"dots":         fill("a."),
		"accesses":     "a" + fill("[b]"),
		"arrows":       fill("a -> "),
		"clauses":      "fn " + fill("a -> b\n") + "end",
		"commas":       fill(","),
		"colons":       fill(": "),
		"dollars":      fill("$"),
		"nuls":         fill("\x00"),
		"bytes":        fill("\xff"),
		"semis":        fill(";"),
		"keys":         fill("a: "),
		"elses":        "a do " + fill("else "),
		"comments":     fill("#\n"),
		"lines":        fill("a\n"),
		"no commas":    strings.Repeat("a;", size/4) + "[\n" + strings.Repeat(" a\n", size/4),
		"whens":        fill("a when "),
		"heads":        "fn " + fill("(a, b) when c -> "),
		"nested heads": fill("fn (a, b) when "),
		"steps":        fill("a..b//"),
		"parens steps": strings.Repeat("(", 2000) + "a..b" + strings.Repeat(")//c", 2000),
		"sigils":       fill("~s("),
		"backslashes":  fill("\\"),
		"joins":        fill("\\\n"),
		"not ins":      fill("a not in "),
	} {
		t.Run(name, func(t *testing.T) {
			checkHuge(t, src)
		})
	}
	t.Run("10 MB", func(t *testing.T) {
		if testing.Short() {
			t.Skip("short")
		}
		unit := "def f(x, y) when x > 1 do\n  case x do\n    {:ok, z} -> \"a#{z}\"\n    _ -> [a: 1]\n  end\nend\n"
		checkHuge(t, strings.Repeat(unit, 10<<20/len(unit)))
		checkHuge(t, strings.Repeat("(", 10<<20))
	})
}

func checkHuge(t *testing.T, src string) {
	t.Helper()
	tree := Parse(source.NewFile("test.ex", src))
	if err := syntax.Verify(tree); err != nil {
		t.Error(err)
	}
	for _, recover := range []bool{false, true} {
		p := newParser(src)
		p.byIndent, p.cutLines = recover, recover
		if p.program(); p.steps > 8*len(src)+32 {
			t.Errorf("%d steps for %d bytes", p.steps, len(src))
		}
	}
	if len(tree.Errors) > maxErrors {
		t.Errorf("%d errors", len(tree.Errors))
	}
}

func TestDeepNestingIsAClearError(t *testing.T) {
	tree := parse(t, "a\n"+strings.Repeat("(", 100_000))
	if len(tree.Errors) != 1 || !strings.Contains(tree.Errors[0].Message, "nested too deeply") {
		t.Errorf("%v", tree.Errors)
	}
}

func TestLineEndsAndMarks(t *testing.T) {
	lf := parse(t, "a do\n  b\n  # c\nend\n")
	crlf := parse(t, "a do\r\n  b\r\n  # c\r\nend\r\n")
	if brief(lf, 0) != brief(crlf, 0) || len(crlf.Errors) > 0 {
		t.Errorf("%s %v", brief(crlf, 0), crlf.Errors)
	}
	if c := crlf.Comments[0]; crlf.File.Text[c.Start:c.End] != "# c" {
		t.Errorf("comment %q", crlf.File.Text[c.Start:c.End])
	}
	bom := parse(t, "\ufeffdef a, do: 1")
	if len(bom.Errors) != 1 || !slices.Equal(defs(bom), []string{"a"}) {
		t.Errorf("%v %v", bom.Errors, defs(bom))
	}
}
