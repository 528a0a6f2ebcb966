package source

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPos(t *testing.T) {
	f := NewFile("lib/a.ex", "ab\r\né🎈c\n\nx\rend")
	for _, c := range []struct {
		off          int32
		line, column int
	}{
		{-5, 1, 1}, {0, 1, 1}, {2, 1, 3}, {3, 1, 4}, {4, 2, 1}, {6, 2, 2}, {10, 2, 3}, {11, 2, 4},
		{12, 3, 1}, {13, 4, 1}, {15, 4, 3}, {18, 4, 6}, {99, 4, 6},
	} {
		if got := f.Pos(c.off); got != (Pos{c.line, c.column}) {
			t.Errorf("Pos(%d) = %v, want %d:%d", c.off, got, c.line, c.column)
		}
	}
	var lines []string
	for n := range f.Lines() {
		lines = append(lines, f.LineText(n+1))
	}
	if want := []string{"ab", "é🎈c", "", "x\rend"}; !slices.Equal(lines, want) {
		t.Errorf("lines %q, want %q", lines, want)
	}
}

// TestPlaces holds the line index against counting, on random texts.
func TestPlaces(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	pieces := []string{"a", "\n", "\r\n", "\r", "é", "🎈", "\xff", "\n\n", "\x00", "\u2028"}
	for range 300 {
		var b strings.Builder
		for range r.Intn(40) {
			b.WriteString(pieces[r.Intn(len(pieces))])
		}
		text := b.String()
		f := NewFile("a.ex", text)
		for off := range len(text) + 1 {
			before := text[:off]
			if off == len(text) {
				before = strings.TrimSuffix(before, "\n") // the end belongs to the last line
			}
			line := 1 + strings.Count(before, "\n")
			start := 1 + strings.LastIndexByte(before, '\n')
			want := Pos{line, 1 + utf8.RuneCountInString(text[start:off])}
			if got := f.Pos(int32(off)); got != want || f.Line(int32(off)) != line || f.LineStart(line) != int32(start) {
				t.Fatalf("%q at %d: %v, want %v", text, off, got, want)
			}
		}
		var all strings.Builder
		for n := 1; n <= f.Lines(); n++ {
			all.WriteString(text[f.LineStart(n):f.LineStart(n+1)])
		}
		if all.String() != text {
			t.Fatalf("the lines of %q are %q", text, all.String())
		}
	}
}

func TestSpan(t *testing.T) {
	f := NewFile("a.ex", "hello")
	s := Span{Start: 1, End: 4}
	if f.Slice(s) != "ell" || s.Len() != 3 || !s.Contains(Span{Start: 1, End: 4}) || s.Contains(Span{Start: 0, End: 2}) || s.Contains(Span{File: 1, Start: 2, End: 3}) {
		t.Error("Span")
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"lib/a.ex":             "lib/a.ex",
		"tab\tstays":           "tab\tstays",
		"\x1b[31mred\x07":      `\x1B[31mred\x07`,
		"a\nb\r":               `a\nb\r`,
		"\u009b31m":            `\u{009B}31m`,
		"\x9b31m\xff":          `\x9B31m\xFF`,
		"a\u202eb\u2066\ufeff": `a\u{202E}b\u{2066}\u{FEFF}`,
		"zero\u200bwidth":      `zero\u{200B}width`,
		"line\u2028end\x7f":    `line\u{2028}end\x7F`,
		"tag\U000e0041":        `tag\u{E0041}`,
		"héllo 日本 👩‍💻":         "héllo 日本 👩‍💻",
		"\ufffd":               "\ufffd",
		"":                     "",
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("\x1b]0;title\x07")
	f.Fuzz(func(t *testing.T, s string) {
		got := Printable(s)
		if Printable(got) != got || !utf8.ValidString(got) || strings.ContainsAny(got, "\x1b\n\r\u202e") {
			t.Errorf("Printable(%q) = %q", s, got)
		}
	})
}

// TestRetired tells folders that were put away from those that only have such a word in them.
func TestRetired(t *testing.T) {
	for p, want := range map[string]bool{
		"backend/_old-backend/lib/a.ex": true, "old/lib/a.ex": true, "apps/web_old/lib/a.ex": true, "archived/api/lib/a.ex": true,
		"vendor/agent/lib/a.ex": true, "lib/my_app/vendor/a.ex": false,
		"lib/old/a.ex": false, "lib/my_app/old_orders.ex": false, "apps/gold/lib/a.ex": false, "household/lib/a.ex": false, "a.ex": false,
	} {
		if got := Retired(p); got != want {
			t.Errorf("%s: %v, want %v", p, got, want)
		}
	}
}
