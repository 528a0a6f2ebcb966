package source

import (
	"slices"
	"testing"
)

func TestDependence(t *testing.T) {
	s := load(t, project(t,
		"mix.exs=[apps_path: \"apps\"]",
		"apps/web/mix.exs=[app: :web, deps: [{:core, in_umbrella: true}]]",
		"apps/core/mix.exs=[app: :core, deps: [{:base, in_umbrella: true}, {:core, path: \".\"}]]",
		"apps/base/mix.exs=[app: :base]"))
	d := s.Dependence()
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"apps/web/lib/a.ex", "apps/core/lib/b.ex", true},
		{"apps/web/lib/a.ex", "apps/base/lib/b.ex", true},
		{"apps/core/lib/a.ex", "apps/core/lib/b.ex", true},
		{"apps/core/lib/a.ex", "apps/web/lib/b.ex", false},
		{"apps/base/lib/a.ex", "apps/core/lib/b.ex", false},
	} {
		if got := d.Has(c.from, c.to); got != c.want {
			t.Errorf("%s needs %s: %v", c.from, c.to, got)
		}
	}
	var dirs []string
	for _, a := range d.Of(s.App("apps/core/lib/a.ex")) {
		dirs = append(dirs, a.Dir)
	}
	if !slices.Equal(dirs, []string{"apps/base", "apps/core"}) {
		t.Errorf("core needs %q", dirs)
	}
}
