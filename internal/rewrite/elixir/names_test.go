package elixir

import "testing"

func TestBroken(t *testing.T) {
	for _, c := range []struct {
		call  string
		width int
		want  string
	}{
		{`Page.show(conn, "1")`, 40, `Page.show(conn, "1")`},
		{`Page.show(conn, %{"a, b" => {1, 2}}, [f(x), y])`, 40, "Page.show(\n  conn,\n  %{\"a, b\" => {1, 2}},\n  [f(x), y]\n)"},
		{`Page.show(conn, "a \"), b")`, 10, "Page.show(\n  conn,\n  \"a \\\"), b\"\n)"},
		{`Page.a_name_that_is_long`, 10, `Page.a_name_that_is_long`},
	} {
		if got := broken(c.call, c.width); got != c.want {
			t.Errorf("%s: %q, want %q", c.call, got, c.want)
		}
	}
}
