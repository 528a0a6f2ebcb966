package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/scripts/assay"
)

// TestVerdictsFile holds the file of verdicts to its format.
func TestVerdictsFile(t *testing.T) {
	rewritten[judged](t, verdictsFile)
}

// rewritten fails when a file of verdicts is not as it would be written.
func rewritten[T verdict](t *testing.T, name string) {
	text, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	list, err := readVerdicts[T](text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	again, err := writeVerdicts(list)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, again) {
		t.Errorf("%s is not as `go run ./scripts/sample` writes it", name)
	}
}

const commit = "df8139e82dd537f4bc99af32f7f94033b809ef3e"

// lineOf is a line of the file, with some of it replaced.
func lineOf(pairs ...string) string {
	line := `{"project":"app","commit":"` + commit + `","id":"00000000000000aa","check":"query-in-loop","level":"warning","verdict":"real","reason":"one query for each order"}` + "\n"
	return strings.NewReplacer(pairs...).Replace(line)
}

func TestReadVerdicts(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{lineOf(), ""},
		{lineOf() + lineOf("aa\"", "ab\""), ""},
		{lineOf() + lineOf(commit, strings.Repeat("0", 40)), ""},
		{lineOf() + lineOf(), "judged already"},
		{lineOf() + lineOf("real", "false"), "judged already"},
		{lineOf("real", "maybe"), "no verdict"},
		{lineOf("warning", "fatal"), "no level"},
		{lineOf(commit, ""), "no commit"},
		{lineOf("00000000000000aa", "7"), "no finding's id"},
		{lineOf("query-in-loop", "Query"), "no check"},
		{lineOf(`,"reason":"one query for each order"`, ""), "a reason"},
		{lineOf("one query for each order", `a\nb`), "source text"},
		{lineOf("one query for each order", "orders |> Enum.map"), "source text"},
		{lineOf("one query for each order", strings.Repeat("a", longest+1)), "a reason"},
		{lineOf(`"level"`, `"text":"x","level"`), "unknown field"},
		{"no object\n", "line 1"},
	} {
		_, err := readVerdicts[judged]([]byte(c.text))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
}

func TestRecord(t *testing.T) {
	dir := t.TempDir()
	file, read := filepath.Join(dir, "verdicts.jsonl"), filepath.Join(dir, "read.jsonl")
	write := func(text string) {
		if err := os.WriteFile(read, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// A work list has more fields than the file keeps.
	write(lineOf("aa\"", "ab\"", `"level"`, `"path":"lib/a.ex","line":3,"message":"m","evidence":[],"level"`) + lineOf())
	var out bytes.Buffer
	if err := recordFiles[judged](&out, file, []string{read}); err != nil {
		t.Fatal(err)
	}
	want := lineOf() + lineOf("aa\"", "ab\"")
	if got, _ := os.ReadFile(file); string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	write(lineOf("aa\"", "ac\"") + lineOf())
	if err := recordFiles[judged](&out, file, []string{read}); err == nil || !strings.Contains(err.Error(), "read.jsonl:2: app query-in-loop 00000000000000aa") {
		t.Error(err)
	}
	if got, _ := os.ReadFile(file); string(got) != want {
		t.Errorf("a list with a duplicate is recorded in part:\n%s", got)
	}
}

func TestDraw(t *testing.T) {
	var found []item
	for i := range 40 {
		x := item{Project: "big", Check: "a", Level: "warning", ID: string(rune('A' + i))}
		switch {
		case i >= 36:
			x.Project, x.Check = "big", "b"
		case i >= 33:
			x.Project = "small"
		case i >= 30:
			x.Level = "info"
		}
		found = append(found, x)
	}
	got := plan{perCheck: 8, seed: 1}.draw(found)
	n := map[string]int{}
	for _, x := range got {
		n[x.Project+" "+x.Check]++
		n[x.Level]++
	}
	if n["small a"] != 3 || n["big a"] != 5 || n["big b"] != 4 || n["info"] != 0 {
		t.Errorf("drawn: %v", n)
	}
	slice := func(list []item) string {
		var out strings.Builder
		for _, x := range list {
			out.WriteString(x.ID)
		}
		return out.String()
	}
	if again := (plan{perCheck: 8, seed: 1}).draw(found); slice(again) != slice(got) {
		t.Error("the same seed draws other findings")
	}
	if other := (plan{perCheck: 8, seed: 2}).draw(found); slice(other) == slice(got) {
		t.Error("another seed draws the same findings")
	}
	if only := (plan{perCheck: 9, checks: []string{"b"}, allLevels: true}).draw(found); len(only) != 4 {
		t.Errorf("%d findings of b, want 4", len(only))
	}
	if every := (plan{perCheck: 40, allLevels: true}).draw(found); len(every) != 40 {
		t.Errorf("%d findings of all levels, want 40", len(every))
	}
}

func TestTables(t *testing.T) {
	list, err := readVerdicts[judged]([]byte(lineOf() + lineOf("aa\"", "ab\"", "real", "false") + lineOf("aa\"", "ac\"", "warning", "info", "real", "false") +
		lineOf("\"app\"", "\"elsewhere\"")))
	if err != nil {
		t.Fatal(err)
	}
	r := &assay.Report{Findings: []assay.Finding{{ID: "00000000000000aa", Check: "query-in-loop", Level: "warning"}}}
	r.Summary.Lines = 5000
	var out bytes.Buffer
	printTables(&out, list, []now{{"app", r}})
	for _, want := range []string{
		"| query-in-loop | 2 | 1 | 0 | 1 | 50 % | 1 | 100 % | 1 | 2.0 |",
		"| app | 2 | 1 | 0 | 1 | 50 % | 1 | 100 % | 1 | 2.0 |",
		"| all | 2 | 1 | 0 | 1 | 50 % | 1 | 100 % | 1 | 2.0 |",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nlacks %s", out.String(), want)
		}
	}
}

// TestFixesFile holds the file of verdicts on fixes to its format.
func TestFixesFile(t *testing.T) { rewritten[read](t, fixesFile) }

func TestDrawFixes(t *testing.T) {
	var all []offer
	for i := range 40 {
		o := offer{Project: "app", Check: "a", ID: string(rune('A' + i))}
		if i >= 20 {
			o.Check = "b"
		}
		all = append(all, o)
	}
	draw := func(seed int) []offer {
		got, err := plan{perCheck: 5, seed: seed}.drawFixes(all, 8, func(o *offer) (string, error) {
			if o.ID < "F" {
				return "", nil // it does not hold
			}
			return "patch of " + o.ID, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := draw(1)
	n := map[string]int{}
	for i := range got {
		n[got[i].Check]++
		if got[i].Patch != "patch of "+got[i].ID {
			t.Errorf("%s has the patch %q", got[i].ID, got[i].Patch)
		}
	}
	if len(got) != 8 || n["a"] > 5 || n["b"] > 5 {
		t.Errorf("drawn: %v", n)
	}
	ids := func(list []offer) string {
		var out strings.Builder
		for i := range list {
			out.WriteString(list[i].ID)
		}
		return out.String()
	}
	if ids(draw(1)) != ids(got) {
		t.Error("the same seed draws other fixes")
	}
	if ids(draw(2)) == ids(got) {
		t.Error("another seed draws the same fixes")
	}
}

func TestFixVerdicts(t *testing.T) {
	line := func(pairs ...string) string {
		return strings.NewReplacer(pairs...).Replace(`{"project":"app","commit":"` + commit + `","id":"00000000000000aa","check":"query-in-loop","seed":1,"verdict":"mergeable","reason":"one query for all"}` + "\n")
	}
	for _, c := range []struct{ text, want string }{
		{line() + line(`"seed":1`, `"seed":2`), ""},
		{line() + line(), "judged already"},
		{line("mergeable", "real"), "no verdict"},
		{line(`"seed":1`, `"seed":0`), "no draw"},
	} {
		_, err := readVerdicts[read]([]byte(c.text))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
	list, err := readVerdicts[read]([]byte(line() + line("aa\"", "ab\"", "mergeable", "change") + line("aa\"", "ac\"") + line(`"seed":1`, `"seed":2`)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	printFixes(&out, list)
	for _, want := range []string{"| 1 | 3 | 2 | 1 | 0 | 67 % |", "| 2 | 1 | 1 | 0 | 0 | 100 % |", "| query-in-loop | 4 | 3 | 1 | 0 | 75 % |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nlacks %s", out.String(), want)
		}
	}
}
