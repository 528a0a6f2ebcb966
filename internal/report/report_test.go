package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/source"
)

const secret = `import Config

config :shop, Shop.Mail, key: "SG.` + "aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" + `", adapter: Shop.Mail.Sendgrid, retries: 3, timeout: 5_000, pool: [size: 10]
`

// at returns the span of a piece of text.
func at(t *testing.T, set *source.Set, path, from, to string) source.Span {
	t.Helper()
	f := set.Named(path)
	start := strings.Index(f.Text, from)
	end := strings.Index(f.Text[start:], to)
	if start < 0 || end < 0 {
		t.Fatalf("no %q … %q in %s", from, to, path)
	}
	return source.Span{File: f.ID, Start: int32(start), End: int32(start + end + len(to))}
}

// sample is a report with each kind of finding that formats treat apart.
func sample(t *testing.T) *Report {
	t.Helper()
	orders, err := os.ReadFile(filepath.Join("testdata", "orders.ex"))
	if err != nil {
		t.Fatal(err)
	}
	set := source.NewSet("/home/ann/my shop", []*source.File{
		source.NewFile("lib/shop/orders.ex", string(orders)),
		source.NewFile("config/prod.exs", secret),
		source.NewFile("lib/odd name:ü#?.ex", "x = 1\n"),
	})
	loop := at(t, set, "lib/shop/orders.ex", "Enum.map(orders", " end)")
	get := at(t, set, "lib/shop/orders.ex", "Repo.get(User, o.id)", "Repo.get(User, o.id)")
	fs := []check.Finding{
		{
			ID: "secret-1", Check: "hardcoded-secret", Level: check.Error, Message: "A SendGrid key is written in the source.",
			Span: at(t, set, "config/prod.exs", `"SG.`, `bb"`), CWE: "CWE-798",
		},
		{
			ID: "odd-1", Check: "ignored-error", Level: check.Info, Confidence: check.Medium, Message: "The result of x is thrown away.",
			Span: at(t, set, "lib/odd name:ü#?.ex", "x", "x"), Symbol: "Odd.x/0",
		},
		{
			ID: "loop-1", Check: "query-in-loop", Level: check.Warning, Symbol: "Shop.Orders.names/1",
			Message: "Repo.get runs once for each element of orders.", Span: get,
			Path: []check.Step{
				{Span: loop, Note: "the function runs for each element of orders"},
				{Span: get, Note: "this reads users"},
			},
		},
		{
			ID: "loop-2", Check: "query-in-loop", Level: check.Warning, Confidence: check.Low, Symbol: "Shop.Orders.totals/1",
			Message: "The loop reads lines once for each order.", Span: at(t, set, "lib/shop/orders.ex", "for order", "    end"),
			Path: []check.Step{{Span: at(t, set, "lib/shop/orders.ex", "Repo.all", "order.id)"), Note: "this reads lines"}, {Span: source.Span{File: source.NoFile}, Note: "nothing bounds the number of orders"}},
		},
		{ID: "none-1", Check: "ignored-error", Level: check.Hint, Message: "No CI runs the tests.", Span: source.Span{File: source.NoFile}},
	}
	r := &Report{
		Version: "0.1.0", Root: set.Root, Findings: FromFindings(set, fs),
		Notes: []source.Note{{Path: "priv/dump.sql", Reason: "left out: over 2 MB"}, {Reason: "no mix.lock: versions are unknown"}},
		Checks: []CheckInfo{
			{Name: "atom-exhaustion", Title: "Atoms are made of input.", Help: "# atom-exhaustion\n\nAtoms are made of input.\n", Level: check.Error},
			{Name: "hardcoded-secret", Title: "A secret is written in the source.", Help: "# hardcoded-secret\n", Level: check.Error},
			{Name: "query-in-loop", Title: "A query runs once for each element.", Help: "# query-in-loop\n", Level: check.Warning},
		},
		Stats: Stats{Files: 756, Lines: 188997, Suppressed: 3, Baselined: 1200, Elapsed: 840 * time.Millisecond},
	}
	r.Findings[2].Fixes = []Fix{{Title: "load all users with one query", Safety: "safe", Proof: "checked", Parts: []Part{
		{Place: r.Findings[2].Place, Text: "new text", Reason: "one query for all"},
		{Place: Place{Path: "priv/repo/migrations/1_index.exs"}, Text: "defmodule Index do\nend\n", Reason: "found by the new query"},
	}, Notes: []string{"run the migration first"}}}
	return r
}

// clean is a report without findings.
func clean() *Report {
	return &Report{
		Version: "0.1.0", Checks: []CheckInfo{{Name: "query-in-loop"}},
		Stats: Stats{Files: 756, Lines: 188997, Elapsed: 840 * time.Millisecond},
	}
}

func written(t *testing.T, format string, r *Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares with a file of testdata; UPDATE=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (UPDATE=1 writes it):\n%s", name, got)
	}
}

func TestGolden(t *testing.T) {
	r := sample(t)
	for _, format := range Formats() {
		golden(t, format+".golden", written(t, format, r, Options{}))
		golden(t, format+"-clean.golden", written(t, format, clean(), Options{}))
	}
	golden(t, "text-80.golden", written(t, "text", r, Options{Width: 80}))
	golden(t, "text-color.golden", written(t, "text", r, Options{Width: 80, Color: true}))
}

// Colour adds escape sequences and nothing else.
func TestColorChangesNoText(t *testing.T) {
	r := sample(t)
	plain, color := written(t, "text", r, Options{Width: 80}), written(t, "text", r, Options{Width: 80, Color: true})
	for color != "" && strings.Contains(color, "\x1b[") {
		before, rest, _ := strings.Cut(color, "\x1b[")
		_, after, _ := strings.Cut(rest, "m")
		color = before + after
	}
	if plain != color {
		t.Errorf("got\n%s\nwant\n%s", color, plain)
	}
}

func TestUnknownFormat(t *testing.T) {
	err := Write(&bytes.Buffer{}, "xml", clean(), Options{})
	if err == nil || !strings.Contains(err.Error(), `unknown format "xml"`) {
		t.Error(err)
	}
}

func TestFrames(t *testing.T) {
	set := source.NewSet("", []*source.File{source.NewFile("a.ex", "1\n2\n3\n4\n5\n6\n7\n8\n9\n")})
	for _, c := range []struct {
		start, end int32
		want       string
	}{
		{0, 1, "1 2"},
		{4, 5, "2 3 4"},
		{4, 9, "2 3 4 5 6"},
		{2, 13, "1 2 7 8"},
		{16, 17, "8 9"},
		{18, 18, "8 9"},
	} {
		f := FromFindings(set, []check.Finding{{Span: source.Span{Start: c.start, End: c.end}}})[0]
		var got []string
		for _, l := range f.Frame {
			if l.Text != thousands(l.Number) {
				t.Errorf("line %d is %q", l.Number, l.Text)
			}
			got = append(got, l.Text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%d-%d: got %v, want %s", c.start, c.end, got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0 files", 1: "1 file", 999: "999 files", 1000: "1,000 files", 1234567: "1,234,567 files"} {
		if got := plural(n, "file"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
