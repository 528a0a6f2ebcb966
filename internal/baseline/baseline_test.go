package baseline

import (
	"slices"
	"strings"
	"testing"
)

var three = []Entry{
	{"c3", "query-in-loop", "Shop.Cart.total/1", "lib/shop/cart.ex"},
	{"a1", "ignored-error", "Shop.Mail.send/2", "lib/shop/mail.ex"},
	{"b2", "ignored-error", "Shop.Cart.add/2 <&>", "lib/shop/cart.ex"},
}

const written = `{"assay-baseline":1}
{"id":"b2","check":"ignored-error","symbol":"Shop.Cart.add/2 <&>","path":"lib/shop/cart.ex"}
{"id":"c3","check":"query-in-loop","symbol":"Shop.Cart.total/1","path":"lib/shop/cart.ex"}
{"id":"a1","check":"ignored-error","symbol":"Shop.Mail.send/2","path":"lib/shop/mail.ex"}
`

func TestWrite(t *testing.T) {
	if got := string(New(append(three, three...)).Write()); got != written {
		t.Errorf("got\n%swant\n%s", got, written)
	}
	if got := string(New(nil).Write()); got != "{\"assay-baseline\":1}\n" {
		t.Errorf("empty: %q", got)
	}
}

func TestRead(t *testing.T) {
	lines := strings.SplitAfter(written, "\n")
	for name, text := range map[string]string{
		"as written": written,
		"CRLF":       "\ufeff" + strings.ReplaceAll(written, "\n", "\r\n"),
		"merged":     lines[0] + lines[3] + "\n" + lines[0] + lines[1] + lines[2] + lines[3],
		"no end":     strings.TrimSuffix(written, "\n"),
	} {
		b, err := Read("b", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := string(b.Write()); got != written {
			t.Errorf("%s: %s", name, got)
		}
		if !b.Contains("a1") || b.Contains("zz") {
			t.Errorf("%s: Contains", name)
		}
	}
}

func TestStale(t *testing.T) {
	got := New(three).Stale(func(id string) bool { return id == "a1" })
	if want := []Entry{three[2], three[0]}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var none Baseline
	if none.Contains("a1") || none.Stale(nil) != nil {
		t.Error("the zero Baseline is not empty")
	}
}

func TestReadMistakes(t *testing.T) {
	const head = "{\"assay-baseline\":1}\n"
	for _, c := range []struct{ text, want string }{
		{"", `.b: not a baseline: the first line must be {"assay-baseline":1}; write it again with --write-baseline`},
		{"{\"id\":\"a\",\"check\":\"b\"}", `.b:1: not a baseline: the first line must be {"assay-baseline":1}`},
		{"{\"assay-baseline\":2}", `.b:1: version 2 of the format, but this program reads version 1; update it, or write the file again with --write-baseline`},
		{head + "<<<<<<< HEAD\n", `.b:2: a merge conflict is left; keep the lines of both sides, or write the file again with --write-baseline`},
		{head + "{\"id\":", `.b:2: not a line of a baseline: unexpected end of JSON input`},
		{head + "\n[]", `.b:3: not a line of a baseline: want an object in braces, not array`},
		{head + "{\"id\":5}", `.b:2: not a finding: "id" cannot be number`},
		{head + "{\"id\":\"a\",\"check\":\"b\",\"line\":3}", `.b:2: not a finding: unknown field "line"`},
		{head + "{\"id\":\"a\"}", `.b:2: a finding needs an id and a check`},
	} {
		_, err := Read(".b", []byte(c.text))
		if err == nil || err.Error() != c.want {
			t.Errorf("%q:\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(written))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Read("b", data)
		if err != nil {
			return
		}
		again, err := Read("b", b.Write())
		if err != nil || !slices.Equal(again.Entries(), b.Entries()) {
			t.Errorf("%v: %v became %v", err, b.Entries(), again)
		}
	})
}
