package source

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestWith(t *testing.T) {
	root := project(t, "mix.exs=[app: :shop]", "apps/a/mix.exs=[app: :a]", "lib/a.ex=1", "lib/c.ex=3")
	s := load(t, root)
	before := listed(s)

	edited := s.With("lib/c.ex", "33")
	if edited.Named("lib/c.ex").Text != "33" || s.Named("lib/c.ex").Text != "3" {
		t.Error("the edit is not in the new set alone")
	}
	if edited.Named("lib/a.ex") != s.Named("lib/a.ex") {
		t.Error("an edit copies other files")
	}

	added := s.With("lib/../apps/a/lib/test/b.ex", "2")
	want := []string{"apps/a/lib/test/b.ex"}
	want = append(append(want, kinded(MixFile, "apps/a/mix.exs")...), "lib/a.ex", "lib/c.ex")
	if got := listed(added); !slices.Equal(got, append(want, kinded(MixFile, "mix.exs")...)) {
		t.Errorf("added: %q", got)
	}
	if added.Named("apps/a/mix.exs") == s.Named("apps/a/mix.exs") {
		t.Error("a file whose id moved is shared")
	}
	if got := listed(added.Without("apps/a/lib/test/b.ex")); !slices.Equal(got, before) {
		t.Errorf("added and taken away: %q", got)
	}
	if got := listed(s); !slices.Equal(got, before) {
		t.Errorf("the first set changed: %q", got)
	}
	if s.Without("none.ex") != s {
		t.Error("without nothing is another set")
	}
	if got := s.With("mix.exs", "[app: :store]"); got.Apps[0].Name != "store" || s.Apps[0].Name != "shop" {
		t.Errorf("apps %v, before %v", got.Apps, s.Apps)
	}
	if got := s.Without("apps/a/mix.exs"); len(got.Apps) != 1 || len(s.Apps) != 2 {
		t.Errorf("apps %v, before %v", got.Apps, s.Apps)
	}
}

func TestApp(t *testing.T) {
	s := load(t, project(t, "a/mix.exs=[app: :a]", "a/b/mix.exs=[app: :b]", "a-b/mix.exs=[app: :ab]"))
	for p, want := range map[string]string{
		"a/lib/x.ex": "a", "a/b/x.ex": "b", "a/b/lib/new.ex": "b", "a-b/x.ex": "ab", "x.ex": "", "c/x.ex": "",
	} {
		got := ""
		if app := s.App(p); app != nil {
			got = app.Name
		}
		if got != want {
			t.Errorf("App(%s) = %q, want %q", p, got, want)
		}
	}
}

func TestRel(t *testing.T) {
	root := t.TempDir()
	s := NewSet(root, nil)
	for _, c := range []struct {
		path, rel string
		inside    bool
	}{
		{filepath.Join(root, "lib", "a.ex"), "lib/a.ex", true},
		{"lib/../a.ex", "a.ex", true},
		{root, "", true},
		{filepath.Dir(root), "", false},
		{root + "x", "", false},
		{filepath.Join("..", "a.ex"), "", false},
	} {
		if rel, inside := s.Rel(c.path); rel != c.rel || inside != c.inside {
			t.Errorf("Rel(%s) = %q, %v", c.path, rel, inside)
		}
	}
	if got := s.Abs("lib/a.ex"); got != filepath.Join(root, "lib", "a.ex") {
		t.Error(got)
	}
}
