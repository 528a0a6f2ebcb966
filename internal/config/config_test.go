package config

import (
	"maps"
	"slices"
	"testing"
)

var checks = []string{"query-in-loop", "ignored-error", "excuse"}

func TestParse(t *testing.T) {
	c, err := Parse(Name, []byte(`
# comment
[paths]
include = [
  "apps/", # the applications
]
exclude = ["lib/legacy/", "**/generated_*.ex"]

[checks]
query-in-loop = "error"
"excuse" = "off"
`), checks)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Include, []string{"apps/"}) || !slices.Equal(c.Exclude, []string{"lib/legacy/", "**/generated_*.ex"}) {
		t.Errorf("paths: %q, %q", c.Include, c.Exclude)
	}
	if want := map[string]Level{"query-in-loop": Error, "excuse": Off}; !maps.Equal(c.Levels, want) {
		t.Errorf("levels: %v, want %v", c.Levels, want)
	}
}

func TestParseOtherSpellings(t *testing.T) {
	for _, text := range []string{
		"checks = { excuse = \"hint\" }",
		"checks.excuse = \"hint\"",
		"checks.\"excuse\" = 'hint'\r\n",
		"[checks]\r\nexcuse = \"\"\"hint\"\"\"\r\n",
	} {
		c, err := Parse(Name, []byte(text), checks)
		if err != nil || c.Levels["excuse"] != Hint {
			t.Errorf("%q: %v, %v", text, c, err)
		}
	}
}

func TestParseMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[chekcs]\nexcuse = \"off\"\n", `.assay.toml:1: unknown key "chekcs"; did you mean "checks"?`},
		{"\n\nchekcs = 1", `.assay.toml:3: unknown key "chekcs"; did you mean "checks"?`},
		{"[paths]\n\nexlude = []", `.assay.toml:3: unknown key "exlude" in [paths]; did you mean "exclude"?`},
		{"[paths]\nfrobnicate = []", `.assay.toml:2: unknown key "frobnicate" in [paths]`},
		{"[checks]\nquery-in-lopo = \"off\"", `.assay.toml:2: unknown check "query-in-lopo"; did you mean "query-in-loop"?`},
		{"[checks]\n\"a\\u001b\" = \"off\"", `.assay.toml:2: unknown check "a\x1b"`},
		{"[checks]\nexcuse = \"warn\"", `.assay.toml:2: excuse must be "off", "error", "warning", "info" or "hint", not "warn"`},
		{"[checks]\nexcuse = false", `.assay.toml:2: excuse must be "off", "error", "warning", "info" or "hint", not false`},
		{"checks = { excuse = [1] }", `.assay.toml:1: excuse must be "off", "error", "warning", "info" or "hint", not a list`},
		{"checks = true", `.assay.toml:1: checks is a table; write [checks] and its keys below`},
		{"[[checks]]\nexcuse = \"off\"", `.assay.toml:1: write [checks], once`},
		{"[checks.excuse]\nlevel = \"off\"", `.assay.toml:1: write [checks], once`},
		{"[checks]\nexcuse.level = \"off\"", `.assay.toml:2: "excuse" holds a value, not keys`},
		{"[paths]\nexclude = \"lib\"", `.assay.toml:2: exclude must be a list of path patterns, such as exclude = ["lib/legacy/"]`},
		{"[paths]\ninclude = [1]", `.assay.toml:2: include must be a list of path patterns, such as include = ["lib/legacy/"]`},
		{"[checks]\nexcuse = ", `.assay.toml:2: expected value, not end of input`},
		{"[checks]\nexcuse = \"off\"\nexcuse = \"off\"", `.assay.toml:3: key excuse is already defined`},
		{"[chekcs]\n[pahts]", ".assay.toml:1: unknown key \"chekcs\"; did you mean \"checks\"?\n.assay.toml:2: unknown key \"pahts\"; did you mean \"paths\"?"},
	} {
		_, err := Parse(Name, []byte(c.text), checks)
		if err == nil {
			t.Errorf("%q: no error, want %s", c.text, c.want)
		} else if err.Error() != c.want {
			t.Errorf("%q:\ngot  %s\nwant %s", c.text, err, c.want)
		}
	}
}

func TestReports(t *testing.T) {
	parse := func(text string) *Config {
		c, err := Parse(Name, []byte(text), checks)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	none := parse("")
	both := parse("[paths]\ninclude = ['apps/']\nexclude = ['legacy/', '*_generated.ex', '!keep_generated.ex']")
	for _, c := range []struct {
		config *Config
		path   string
		want   bool
	}{
		{none, "lib/a.ex", true},
		{&Config{}, "lib/a.ex", true},
		{both, "lib/a.ex", false},
		{both, "apps/a/lib/a.ex", true},
		{both, "apps/a/legacy/x/a.ex", false},
		{both, "apps/a/lib/a_generated.ex", false},
		{both, "apps/a/lib/keep_generated.ex", true},
	} {
		if got := c.config.Reports(c.path); got != c.want {
			t.Errorf("Reports(%s) = %v", c.path, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("[paths]\nexclude = ['a']\n[checks]\nexcuse = 'off'"))
	f.Add([]byte("checks = {excuse.a = 1}\npaths.include = [{}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(Name, data, checks)
		if (c == nil) == (err == nil) {
			t.Errorf("%v, %v", c, err)
		}
	})
}
