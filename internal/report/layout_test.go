package report

import (
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
)

// Each case is a line, the code points of a place, a width, and the two lines
// that people see.
func TestLayout(t *testing.T) {
	long := strings.Repeat("abcdefghij", 10)
	for _, c := range []struct {
		line            string
		from, to, width int
		text, marks     string
	}{
		{"a = b", 4, 5, 40, "a = b", "    ^"},
		{"\ta\tb", 1, 2, 40, "    a   b", "    ^"},
		{"\ta\tb", 3, 4, 40, "    a   b", "        ^"},
		{`"日本" <> x`, 8, 9, 40, `"日本" <> x`, "          ^"},
		{`"日本" <> x`, 1, 3, 40, `"日本" <> x`, " ^^^^"},
		{"👩‍👩‍👧 x", 6, 7, 40, "👩‍👩‍👧 x", "   ^"},
		{"e\u0301 x", 3, 4, 40, "e\u0301 x", "  ^"},
		{"a \x1b[31m b", 2, 3, 40, `a \x1B[31m b`, "  ^^^^"},
		{"a \u202e b", 4, 5, 40, `a \u{202E} b`, "           ^"},
		{"\t\xcb b", 3, 4, 40, `    \xCB b`, "         ^"},
		{"a \xff b", 4, 5, 40, `a \xFF b`, "       ^"},
		{"ab", 2, 3, 40, "ab", "  ^"},
		{"", 0, 1, 40, "", "^"},
		{long, 0, 3, 20, "abcdefghijabcdefghi…", "^^^"},
		{long, 50, 53, 20, "…fghijabcdefghijabc…", "      ^^^"},
		{long, 97, 100, 20, "…bcdefghijabcdefghij", "                 ^^^"},
		{long, 10, 90, 20, "…fghijabcdefghijabc…", "      ^^^^^^^^^^^^^"},
	} {
		r := layout(c.line, c.from, c.to, c.width)
		marks := strings.Repeat(" ", r.mark) + strings.Repeat("^", r.size)
		if r.text != c.text || marks != c.marks {
			t.Errorf("%q [%d,%d)\ngot  %s\n     %s\nwant %s\n     %s", c.line, c.from, c.to, r.text, marks, c.text, c.marks)
		}
	}
}

// A line of megabytes is not laid out whole, and its place is still in view.
func TestLongLine(t *testing.T) {
	line := strings.Repeat("é", 1<<20) + "HERE" + strings.Repeat("日", 1<<20)
	r := layout(line, 1<<20, 1<<20+4, 60)
	if !strings.HasPrefix(r.text, ellipsis) || !strings.HasSuffix(r.text, ellipsis) {
		t.Error(r.text)
	}
	if got := string([]rune(r.text)[r.mark : r.mark+r.size]); got != "HERE" {
		t.Errorf("%q is marked in %s", got, r.text)
	}
	if r = layout(line, 0, 2, 60); r.mark != 0 || r.size != 2 || !strings.HasSuffix(r.text, ellipsis) {
		t.Error(r)
	}
}

func FuzzLayout(f *testing.F) {
	f.Add("\ta = \"日本\" \x1b", 3, 5, 20)
	f.Add(strings.Repeat("x\u0301", 3000), 2000, 2100, 30)
	f.Fuzz(func(t *testing.T, line string, from, to, width int) {
		from, to = max(0, from), max(0, to)
		if width < 20 || width > 500 || strings.ContainsAny(line, "\n") {
			return
		}
		r := layout(line, from, to, width)
		if strings.ContainsAny(r.text, "\x1b\x00\r\u202e\u009b\t") {
			t.Errorf("%q", r.text)
		}
		if r.size < 1 || r.mark < 0 || displaywidth.String(r.text) > width+8 {
			t.Errorf("%+v is wider than %d", r, width)
		}
	})
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text          string
		width, before int
		want          string
	}{
		{"a bb ccc", 0, 0, "a bb ccc"},
		{"a bb ccc", 4, 0, "a bb|ccc"},
		{"a bb ccc", 8, 6, "a|bb ccc"},
		{"aaaaaaaaaa b", 4, 0, "aaaaaaaaaa|b"},
		{"", 4, 0, ""},
	} {
		if got := strings.Join(wrap(c.text, c.width, c.before), "|"); got != c.want {
			t.Errorf("%q in %d: got %s, want %s", c.text, c.width, got, c.want)
		}
	}
}
