package fix

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/source"
)

func files(texts ...string) *source.Set {
	var list []*source.File
	for i := 0; i < len(texts); i += 2 {
		list = append(list, source.NewFile(texts[i], texts[i+1]))
	}
	return source.NewSet("", list)
}

func edit(path string, start, end int, text string) Edit {
	return Edit{Path: path, Start: start, End: end, Text: text}
}

func TestCompose(t *testing.T) {
	set := files("a", "0123456789", "b", "bbb")
	one := func(edits ...Edit) Fix { return Fix{Edits: edits} }
	for _, c := range []struct {
		name         string
		fixes        []Fix
		a, b         string
		applied, put int
	}{
		{"apart", []Fix{one(edit("a", 5, 6, "x")), one(edit("a", 0, 1, "y"))}, "y1234x6789", "bbb", 2, 0},
		{"next to each other", []Fix{one(edit("a", 0, 2, "x")), one(edit("a", 2, 4, "y"))}, "xy456789", "bbb", 2, 0},
		{"one inside another", []Fix{one(edit("a", 0, 5, "x")), one(edit("a", 2, 3, "y"))}, "x56789", "bbb", 1, 1},
		{"an insertion twice", []Fix{one(edit("a", 3, 3, "x")), one(edit("a", 3, 3, "y"))}, "012x3456789", "bbb", 1, 1},
		{"the same edit twice", []Fix{one(edit("a", 3, 3, "x")), one(edit("a", 3, 3, "x"), edit("b", 0, 0, "y"))}, "012x3456789", "ybbb", 2, 0},
		{"whole fixes only", []Fix{one(edit("a", 0, 5, "x")), one(edit("b", 0, 0, "y"), edit("a", 4, 6, "z"))}, "x56789", "bbb", 1, 1},
	} {
		p, err := Compose(set, c.fixes)
		if err != nil {
			t.Fatal(c.name, err)
		}
		next := p.Next()
		if a, b := next.Named("a").Text, next.Named("b").Text; a != c.a || b != c.b {
			t.Errorf("%s: got %q and %q, want %q and %q", c.name, a, b, c.a, c.b)
		}
		if len(p.Applied) != c.applied || len(p.Later) != c.put {
			t.Errorf("%s: %d applied, %d later", c.name, len(p.Applied), len(p.Later))
		}
	}
	if set.Named("a").Text != "0123456789" {
		t.Error("the set itself changed")
	}
}

func TestComposeFiles(t *testing.T) {
	set := files("a", "a")
	made := func(path, text string) Fix { return Fix{Files: []File{{Path: path, Text: text}}} }
	p, err := Compose(set, []Fix{made("x", "1"), made("x", "2"), made("x", "1"), made("y", "3")})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Applied) != 3 || len(p.Later) != 1 || p.Next().Named("x").Text != "1" || p.Next().Named("y") == nil {
		t.Errorf("%d applied, %d later", len(p.Applied), len(p.Later))
	}
	for _, bad := range []Fix{
		made("a", "is there"),
		{Edits: []Edit{edit("missing", 0, 0, "")}},
		{Edits: []Edit{edit("a", 0, 9, "")}},
		{Edits: []Edit{edit("a", -1, 0, "")}},
		{Edits: []Edit{edit("a", 0, 1, "x"), edit("a", 0, 1, "y")}},
	} {
		if _, err := Compose(set, []Fix{bad}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestDiff(t *testing.T) {
	old := files("lib/a.ex", "one\ntwo\nthree\n", "same", "x\n")
	now := old.With("lib/a.ex", "one\n2\nthree\n").With("lib/new.ex", "new\n")
	got := Diff(old, now)
	for _, want := range []string{
		"diff --git a/lib/a.ex b/lib/a.ex\n--- a/lib/a.ex\n+++ b/lib/a.ex\n",
		"-two\n+2\n",
		"diff --git a/lib/new.ex b/lib/new.ex\nnew file mode 100644\n--- /dev/null\n+++ b/lib/new.ex\n",
		"+new\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the patch lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "same") {
		t.Error("a file that did not change is in the patch")
	}
}
