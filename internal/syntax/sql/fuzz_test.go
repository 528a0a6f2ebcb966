package sql

import (
	"os"
	"path/filepath"
	"testing"
)

// fixtures are the texts of testdata.
func fixtures(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(paths) == 0 {
		t.Fatal("no fixtures")
	}
	var out []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

// Any text gives statements in order and inside it, and what they hold is
// inside them.
func FuzzParse(f *testing.F) {
	for _, text := range fixtures(f) {
		f.Add(text)
		list, _ := Parse(text)
		for _, s := range list {
			f.Add(s.Span().Text(text))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, errs := Parse(text)
		end := 0
		for _, s := range list {
			r := s.Span()
			if r.Start > r.End || r.End > len(text) || r.Start < end && !nested(list) {
				t.Fatalf("%T at %v of %d after %d", s, r, len(text), end)
			}
			end = r.End
			if got := show(s, text); got == "?" {
				t.Fatalf("%T is not shown", s)
			}
			checkParts(t, s, len(text))
		}
		for _, e := range errs {
			if e.Start < 0 || e.Start > e.End || e.End > len(text) || e.Message == "" {
				t.Fatalf("error %v", e)
			}
		}
		if _, err := Fragment(text); err == nil && text == "" {
			t.Fatal("nothing is an expression")
		}
	})
}

// nested reports whether statements stand inside a CREATE SCHEMA.
func nested(list []Statement) bool {
	for _, s := range list {
		if _, ok := s.(*CreateSchema); ok {
			return true
		}
	}
	return false
}

// checkParts fails when an index or a range of a statement is out of bounds.
func checkParts(t *testing.T, s Statement, size int) {
	inside := func(r Range) {
		if r.Start < 0 || r.Start > r.End || r.End > size {
			t.Fatalf("%T has %v of %d", s, r, size)
		}
	}
	switch s := s.(type) {
	case *CreateTable:
		for _, c := range s.Columns {
			inside(c.Range)
			if c.Default != nil {
				inside(c.Default.Range)
			}
		}
		for _, k := range s.Constraints {
			inside(k.Range)
		}
	case *Alter:
		for _, a := range s.Actions {
			inside(a.Span())
		}
	case *DML:
		q := s.Query
		for _, b := range q.Blocks[1:] {
			if b.Parent < 0 || b.Parent >= len(q.Blocks) {
				t.Fatalf("the parent of %v", b)
			}
		}
		for _, u := range q.Tables {
			inside(u.Range)
			if u.Source >= len(q.Blocks) || u.Block >= len(q.Blocks) {
				t.Fatalf("the blocks of %v", u)
			}
		}
		for _, p := range q.Predicates {
			inside(p.Range)
			inside(p.Value)
			inside(p.Left)
			if p.Column.Table >= len(q.Tables) || p.Column.Name == "" {
				t.Fatalf("the column of %v", p)
			}
		}
	}
}

// A statement that is read on its own is read alike.
func TestStatementsStandAlone(t *testing.T) {
	for _, text := range fixtures(t) {
		list, errs := Parse(text)
		if len(errs) > 0 {
			t.Error(errs)
		}
		for _, s := range list {
			src := s.Span().Text(text)
			if c, ok := s.(*Copy); ok && c.Stdin {
				continue
			}
			alone, _ := Parse(src)
			if len(alone) != 1 || show(alone[0], src) != show(s, text) {
				t.Errorf("%s\n     in: %s\nwithout: %v", src, show(s, text), alone)
			}
		}
	}
}

func BenchmarkParse(b *testing.B) {
	var texts []string
	if os.Getenv("ASSAY_CORPUS") == "" {
		texts = fixtures(b)
	} else {
		dumps(b, func(_, text string) { texts = append(texts, text) })
	}
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			Parse(text)
		}
	}
}

func BenchmarkQuery(b *testing.B) {
	const text = `SELECT u0."id", u0."email" FROM "users" AS u0 INNER JOIN "posts" AS p1 ON p1."user_id" = u0."id"
		WHERE (u0."email" = $1) AND (p1."state" = ANY($2)) ORDER BY p1."inserted_at" DESC LIMIT 10`
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Query(text); err != nil {
			b.Fatal(err)
		}
	}
}
