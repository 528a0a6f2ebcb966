package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sample reads testdata/query-in-loop.md.
func sample(t *testing.T) *Page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "query-in-loop.md"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse("query-in-loop", string(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParse(t *testing.T) {
	p := sample(t)
	if p.Title != "query-in-loop" || p.Summary() != "A query runs once for each element of a collection, e.g. in Enum.map/2." {
		t.Errorf("title %q, summary %q", p.Title, p.Summary())
	}
	var got []string
	for _, e := range p.Examples {
		got = append(got, e.Kind.String()+" "+e.Heading)
		for _, f := range e.Files {
			line := "  " + f.Path
			for _, w := range f.Wants {
				line += " " + strings.TrimSpace(strings.Split(f.Text, "\n")[w.Line-1]) + " => " + w.Text
			}
			got = append(got, line)
		}
	}
	want := []string{
		"bad Bad",
		"  lib/shop/orders.ex Repo.get(User, order.user_id) => runs once for each order",
		"  config/prod.exs",
		"bad In a template",
		"  lib/example.html.heex <p><%= Repo.get(User, o.user_id).name %></p> => once for each <p><%= Repo.get(User, o.user_id).name %></p> => second",
		"fixed Fixed",
		"  lib/shop/orders.ex",
		"good Good, with a literal list",
		"  lib/example.ex",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
	if strings.Contains(p.Markdown(), "want:") {
		t.Error("the marks of expected findings are in what people read")
	}
}

func TestLineOfAFile(t *testing.T) {
	p, err := Parse("x", "# x\n\nWhat.\n\n## Good\n\n```elixir\na\nb\n```\n\n## Usage\n\n```elixir\na\n# want: x\nb\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	if f := p.Examples[0].Files[0]; f.Line != 8 || f.Text != "a\nb\n" {
		t.Errorf("line %d, text %q", f.Line, f.Text)
	}
	if f := p.Examples[1].Files[0]; f.PageLine(1) != 15 || f.PageLine(f.Wants[0].Line) != 17 {
		t.Errorf("a is on line %d, b on line %d", f.PageLine(1), f.PageLine(2))
	}
}

func TestMarks(t *testing.T) {
	for _, c := range []struct {
		line, rest, texts string
		ok                bool
	}{
		{"a # want: b", "a", "b", true},
		{"a # want: b # want: c", "a", "b|c", true},
		{"a # it works for now # want: b", "a # it works for now", "b", true},
		{"<p> <%# want: b %>", "<p>", "b", true},
		{"<p> <%!-- want: b --%>", "<p>", "b", true},
		{"<p> <!-- want: b -->", "<p>", "b", true},
		{"drop table a; -- want: b", "drop table a;", "b", true},
		{"a # we want: b", "a # we want: b", "", true},
		{"a # want:", "a # want:", "", false},
		{"<p> <%# want: b", "<p> <%# want: b", "", false},
		{"<%# want: b %> <p>", "<%# want: b %> <p>", "", false},
	} {
		rest, texts, ok := marksOf(c.line)
		if rest != c.rest || strings.Join(texts, "|") != c.texts || ok != c.ok {
			t.Errorf("%q: %q %q %v", c.line, rest, texts, ok)
		}
	}
}

func TestMistakes(t *testing.T) {
	const bad = "## Bad\n```elixir\na # want: x\n```\n"
	const fixed = "## Fixed\n```elixir\na\n```\n"
	for _, c := range []struct{ body, want string }{
		{bad + fixed, ""},
		{bad, `p.md:5: no Fixed example follows "Bad"`},
		{bad + bad + fixed, ""},
		{bad + fixed + bad, `p.md:13: no Fixed example follows "Bad"`},
		{"## Bad\n```elixir\na\n```\n" + fixed, `p.md:5: no finding is expected under "Bad": mark the line with # want: text`},
		{"## Good\n```elixir\na # want: x\n```\n", `p.md:7: a finding is expected under "Good", where there is none`},
		{bad + "## Fixed\n```elixir\na # want: x\n```\n", `p.md:11: a finding is expected under "Fixed", where there is none`},
		{"## Good\n```cobol\na\n```\n", `p.md:6: unknown language "cobol" of a code block`},
		{"## Good\n```\na\n```\n", `p.md:6: this code block names no language`},
		{"## Good\n```elixir\na\n", `p.md:6: this code block has no end`},
		{"## Good\n```elixir ../a.ex\na\n```\n", `p.md:6: the path "../a.ex" is not one below the project's root`},
		{"## Good\n```elixir /a.ex\na\n```\n", `p.md:6: the path "/a.ex" is not one below the project's root`},
		{"## Good\n```elixir\na\n```\n```elixir\nb\n```\n", `p.md:9: two blocks under "Good" are lib/example.ex: name the path after the language`},
		{"```elixir\na\n```\n", `p.md:5: a code block with a file stands under a heading, such as ## Bad`},
		{"## Bad\n```elixir\na # want:\n```\n", `p.md:7: this mark of an expected finding is not # want: text at the end of a line`},
		{"## Usage\n```elixir\n# want: x\n```\n", `p.md:6: the mark at the end of this block has no line below it`},
		{"## Usage\n```text\nx # want: x\n```\n", `p.md:6: a text block without a path is no file, so nothing is found in it`},
		{"## Usage\n```console\n$ assay check\n```\n", ""},
	} {
		_, err := Parse("p.md", "# p\n\nWhat it is.\n\n"+c.body)
		got := ""
		if err != nil {
			got = strings.ReplaceAll(err.Error(), "`", "")
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%q:\ngot  %s\nwant %s", c.body, got, c.want)
		}
	}
	for text, want := range map[string]string{
		"":              "p.md: the page has no title: it starts with `# name`",
		"# p\n":         "p.md: no paragraph below the title says what this is",
		"## p\n\nWhat.": "p.md:1: the first heading is the title: it takes one #",
	} {
		if _, err := Parse("p.md", text); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRender(t *testing.T) {
	p := sample(t)
	for name, got := range map[string]string{
		"plain.txt": p.Render(60, false),
		"color.txt": p.Render(60, true),
	} {
		golden := filepath.Join("testdata", name)
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs (UPDATE=1 writes it):\n%s", name, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("# a\n\nb\n\n## Bad\n\n```elixir\na # want: b\n```\n")
	f.Add("# a\n\n- b\n  c `d e` [f](g) _h_\n\n| i |\n\x1b[31m")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse("p", text)
		if err != nil {
			return
		}
		if out := p.Render(20, false); strings.ContainsAny(out, "\x1b\x00\u009b\u202e") {
			t.Errorf("%q", out)
		}
	})
}
