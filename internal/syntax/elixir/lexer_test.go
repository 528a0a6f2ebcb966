package elixir

import (
	"strings"
	"testing"
)

// spell lists the tokens of a source without interpolation.
func spell(src string) string {
	l := &lexer{src: src, loud: -1}
	var out []string
	for l.next(); l.tok.kind != tkEOF; l.next() {
		t := l.tok
		text := src[t.start:t.end]
		switch {
		case t.kind == tkOp && t.flags&tfSign != 0:
			text = "sign " + text
		case t.kind == tkKey, t.kind == tkQKey:
			text = "key " + text
		case t.kind == tkIdent:
			text = "name " + text
		}
		if t.flags&tfLine != 0 {
			text = "⏎" + text
		}
		out = append(out, text)
	}
	for _, e := range l.errs {
		out = append(out, "error "+src[e.Start:e.End])
	}
	return strings.Join(out, " · ")
}

func TestTokens(t *testing.T) {
	for _, c := range [][2]string{
		{"a+b", "name a · + · name b"},
		{"a +b", "name a · sign + · name b"},
		{"a + b", "name a · + · name b"},
		{"a ++b", "name a · ++ · name b"},
		{"a ->b", "name a · -> · name b"},
		{"a!=b", "name a! · = · name b"},
		{"a != b", "name a · != · name b"},
		{"a\n  # c\n|> b", "name a · ⏎|> · name b"},
		{"a \\\n b", "name a · name b"},
		{"a not  in b", "name a · not  in · name b"},
		{"a not inside", "name a · not · name inside"},
		{"&+/2", "& · name + · / · 2"},
		{"&and/2", "& · name and · / · 2"},
		{"&//2", "& · // · 2"},
		{"&1", "&1"},
		{"& 1", "& · 1"},
		{"[do: 1, +: 2]", "[ · key do: · 1 · , · key +: · 2 · ]"},
		{"do::a", "do · :: · name a"},
		{"%{}: 1", "key %{}: · 1"},
		{"\"a b\": 1", "key \"a b\": · 1"},
		{":a? :+ :\"b c\" :%{}", ":a? · :+ · :\"b c\" · :%{}"},
		{"1_000 0xFF 1.5e-3 1..2", "1_000 · 0xFF · 1.5e-3 · 1 · .. · 2"},
		{"?a ?\\n ? ", "?a · ?\\n · ? "},
		{"~r/a\\/b/i ~W(a b)", "~r/a\\/b/i · ~W(a b)"},
		{"\"\"\"\na\n\"\"\" 'b'", "\"\"\"\na\n\"\"\" · 'b'"},
		{"<<<1>>>", "<<< · 1 · >>>"},
		{"<< <<1>> >>", "<< · << · 1 · >> · >>"},
		{"élan naïve", "name élan · name naïve"},
		{"a@b: 1", "key a@b: · 1"},
		{"a\r\nb", "name a · ⏎name b"},
		{"12ab", "12 · name ab · error 12ab"},
		{"a $ b", "name a · name b · error $"},
		{"a:1", "key a: · 1 · error a:"},
		{"Foo?", "Foo? · error Foo?"},
		{"\"\\u{110000}\"", "\"\\u{110000}\" · error \\u"},
		{"\"abc", "\"abc · error \"ab"},
		{"\ufeffa", "name a · error \ufeff"},
	} {
		if got := spell(c[0]); got != c[1] {
			t.Errorf("%q\nwant %s\ngot  %s", c[0], c[1], got)
		}
	}
}

// Tokens and the blanks and comments between them are the whole file.
func TestTokensCoverTheFile(t *testing.T) {
	for _, s := range tricky(t) {
		if strings.Contains(s.src, "#{") {
			continue
		}
		l := &lexer{src: s.src, loud: -1}
		at := int32(0)
		for l.next(); l.tok.kind != tkEOF; l.next() {
			if g := gapAt(s.src, at); len(l.errs) == 0 && g.next != l.tok.start {
				t.Errorf("%s: token at %d, the gap before it ends at %d", s.name, l.tok.start, g.next)
			}
			at = l.tok.end
		}
	}
}
