package sql

import (
	"os"
	"path/filepath"
	"testing"
)

// dumps calls yield for every structure.sql of the corpus.
func dumps(t testing.TB, yield func(path, text string)) {
	t.Helper()
	root := os.Getenv("ASSAY_CORPUS")
	if root == "" {
		t.Skip("ASSAY_CORPUS is not set: it names a folder with public projects")
	}
	paths, err := filepath.Glob(filepath.Join(root, "*/priv/*/structure.sql"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no structure.sql under %s: %v", root, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		yield(path, string(text))
	}
}

func TestDumpsAreUnderstood(t *testing.T) {
	dumps(t, func(path, text string) {
		list, errs := Parse(text)
		for _, e := range errs {
			t.Errorf("%s:%d: %s in %.80q", path, e.Start, e.Message, text[e.Start:])
		}
		for _, s := range list {
			if o, ok := s.(*Other); ok {
				t.Errorf("%s: not understood: %.80q", path, o.Text(text))
			}
			if v, ok := s.(*CreateView); ok && v.Query == nil {
				t.Errorf("%s: the query of %s is not understood", path, v.Name)
			}
		}
		t.Logf("%s: %d statements", path, len(list))
	})
}
