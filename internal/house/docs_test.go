package house

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/page"
	"github.com/assay-dev/assay/internal/report"
)

// written are the parts of documents that are made from what they document.
// In the document such a part stands between `<!-- begin NAME -->` and
// `<!-- end NAME -->`.
var written = []struct {
	document, name string
	text           func(t *testing.T) string
}{
	{"docs/checks.md", "checks", checkPages},
	{"docs/json.md", "fields", schemaFields},
	{"docs/configuration.md", "flags", func(t *testing.T) string {
		return fence("text", output(t, root, "check", "--help"))
	}},
	{"docs/configuration.md", "fix", func(t *testing.T) string {
		return fence("text", output(t, root, "fix", "--help"))
	}},
	{"README.md", "finding", func(t *testing.T) string {
		report := paragraphs(output(t, root, "check", "--only", shown, "examples/shop"))
		return fence("text", strings.Join(report[:max(0, len(report)-2)], "\n\n"))
	}},
	{"README.md", "fix", func(t *testing.T) string {
		return fence("diff", output(t, root, "fix", "--dry-run", "--check", shown, "examples/shop"))
	}},
	{"README.md", "total", func(t *testing.T) string {
		report := paragraphs(output(t, root, "check", "examples/shop"))
		return fence("text", report[len(report)-1])
	}},
}

// shown is the check whose finding and fix the README shows.
const shown = "missing-foreign-key-index"

// TestDocs compares the generated parts with the documents, or writes them.
func TestDocs(t *testing.T) {
	for _, w := range written {
		t.Run(w.document+" "+w.name, func(t *testing.T) {
			old := read(t, w.document)
			now, err := section(old, w.name, w.text(t))
			switch {
			case err != nil:
				t.Error(err)
			case mask(now) == mask(old):
			case os.Getenv("UPDATE") != "":
				if err := os.WriteFile(filepath.Join(root, w.document), []byte(now), 0o644); err != nil {
					t.Error(err)
				}
			default:
				t.Error("the document is out of date; `make docs` writes it")
			}
		})
	}
}

// section puts text between the marks of a name.
func section(document, name, text string) (string, error) {
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, ok := strings.Cut(document, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("the marks %s and %s are missing", strings.TrimSpace(begin), end)
	}
	return before + begin + "\n" + strings.TrimSpace(text) + "\n\n" + end + after, nil
}

// paragraphs are those of a text report: those of the findings, and two of the summary.
func paragraphs(text string) []string {
	return strings.Split(strings.TrimSpace(text), "\n\n")
}

func fence(language, text string) string {
	return "```" + language + "\n" + strings.TrimRight(text, "\n") + "\n```\n"
}

// varying are durations, and the versions of new migrations.
var varying = regexp.MustCompile(`\b\d+(\.\d+)? ?(ns|µs|ms|s)\b|\b20\d{12}_index`)

// mask takes out what differs from run to run.
func mask(text string) string { return varying.ReplaceAllString(text, "TIME") }

// checkPages joins the pages of the checks and those of what the engine
// reports itself, their headings one level down.
func checkPages(t *testing.T) string {
	var b strings.Builder
	for _, name := range engine.Names() {
		text, ok := engine.PageText(name)
		if !ok {
			t.Fatalf("%s has no page", name)
		}
		p, err := page.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		inCode := false
		for line := range strings.Lines(p.Markdown()) {
			if strings.HasPrefix(line, "```") {
				inCode = !inCode
			}
			if strings.HasPrefix(line, "#") && !inCode {
				line = "#" + line
			}
			b.WriteString(line)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// definition is what of a JSON Schema the document tells.
type definition struct {
	Ref         string                `json:"$ref"`
	Const       any                   `json:"const"`
	Type        string                `json:"type"`
	Description string                `json:"description"`
	Enum        []string              `json:"enum"`
	Items       *definition           `json:"items"`
	Properties  map[string]definition `json:"properties"`
	Required    []string              `json:"required"`
	Defs        map[string]definition `json:"$defs"`
}

// schemaFields are tables of the fields of the JSON format.
func schemaFields(t *testing.T) string {
	var schema definition
	if err := json.Unmarshal([]byte(report.Schema()), &schema); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fields := func(title string, d definition) {
		fmt.Fprintf(&b, "### %s\n\n| field | type | meaning |\n|---|---|---|\n", title)
		order := slices.Concat(d.Required, slices.Sorted(maps.Keys(d.Properties)))
		for i, name := range order {
			if !slices.Contains(order[:i], name) {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, kind(d.Properties[name]), schema.meaning(d.Properties[name]))
			}
		}
		b.WriteString("\n")
	}
	fields("The report", schema)
	for _, name := range []string{"finding", "step", "fix", "summary"} {
		fields("A "+name, schema.Defs[name])
	}
	return strings.ReplaceAll(b.String(), "### A summary", "### The summary")
}

func kind(d definition) string {
	switch {
	case d.Ref != "":
		switch name := path.Base(d.Ref); name {
		case "line", "column", "count":
			return "integer"
		case "path":
			return "string"
		default:
			return name
		}
	case d.Type == "array" && d.Items != nil:
		return "list of " + kind(*d.Items)
	case len(d.Properties) > 0:
		return "`{" + strings.Join(d.Required, ", ") + "}`"
	case d.Const != nil:
		return fmt.Sprintf("always %v", d.Const)
	case d.Type == "":
		return "string"
	}
	return d.Type
}

// meaning is a definition's description, or that of what it refers to.
func (s definition) meaning(d definition) string {
	text := d.Description
	if text == "" && d.Ref != "" {
		text = s.Defs[path.Base(d.Ref)].Description
	}
	if len(d.Enum) > 0 && text == "" {
		text = "`" + strings.Join(d.Enum, "`, `") + "`"
	}
	return text
}

// assay is the built program.
func assay(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the program")
	}
	if program.built {
		return program.path
	}
	name := filepath.Join(program.dir, "assay")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", name, "./cmd/assay")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	program.path, program.built = name, true
	return name
}

// program is where TestMain makes room for the built program.
var program struct {
	dir, path string
	built     bool
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "house")
	if err != nil {
		panic(err)
	}
	program.dir = dir
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// output runs the program in a folder. Findings are no failure.
func output(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.Command(assay(t), args...)
	c.Dir = dir
	out, err := c.Output()
	if err != nil && c.ProcessState.ExitCode() != 1 {
		t.Fatalf("assay %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// block is one fenced block of a document.
type block struct {
	info, text string
	line       int
}

// blocks are the fenced blocks of a document.
func blocks(document string) []block {
	var out []block
	var open *block
	n := 0
	for line := range strings.Lines(document) {
		n++
		info, fenced := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fenced && open == nil:
			open = &block{info: info, line: n}
		case fenced:
			out = append(out, *open)
			open = nil
		case open != nil:
			open.text += line
		}
	}
	return out
}

// TestREADMECommands runs the commands of the README. Those that need a clone
// run in this one; `sh project` blocks run in a copy of the example.
func TestREADMECommands(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash")
	}
	bin := filepath.Dir(assay(t))
	project := filepath.Join(t.TempDir(), "shop")
	if err := os.CopyFS(project, os.DirFS(filepath.Join(root, "examples/shop"))); err != nil {
		t.Fatal(err)
	}
	run := func(dir, text string) error {
		c := exec.Command("bash", "-euc", text)
		c.Dir = dir
		c.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "GOBIN="+t.TempDir(), "GOFLAGS=-buildvcs=false",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := c.CombinedOutput()
		// Findings end a command with 1.
		if err != nil && (c.ProcessState.ExitCode() != 1 || !strings.Contains(text, "assay check")) {
			return fmt.Errorf("%w\n%s", err, out)
		}
		return nil
	}
	if err := run(project, "git init -q -b main . && git add -A && git commit -qm 'The shop' && git switch -qc work"); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, b := range blocks(read(t, "README.md")) {
		dir := map[string]string{"sh": root, "sh project": project}[b.info]
		if dir == "" {
			continue
		}
		for command := range strings.Lines(b.text) {
			command = strings.TrimSpace(command)
			// The tests are running already, and no test clones.
			if command == "" || strings.HasPrefix(command, "bash scripts/test") || strings.HasPrefix(command, "git clone") || strings.HasPrefix(command, "cd ") {
				continue
			}
			ran++
			if err := run(dir, command); err != nil {
				t.Errorf("README.md:%d: %s: %v", b.line, command, err)
			}
		}
	}
	if ran < 3 {
		t.Errorf("only %d commands of the README were run", ran)
	}
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)(#[^)\s]*)?\)`)

// documents are the texts of the house.
func documents(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/shop/README.md"}
	for _, f := range found {
		out = append(out, "docs/"+filepath.Base(f))
	}
	return out
}

func TestLinksLeadSomewhere(t *testing.T) {
	for _, d := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, d), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, path.Dir(d), m[1])); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", d, m[1])
			}
		}
	}
}

// TestArchitectureNamesEverything keeps the map true: each room and each
// direct dependency has its line in docs/architecture.md.
func TestArchitectureNamesEverything(t *testing.T) {
	text := read(t, "docs/architecture.md")
	for _, a := range arrows {
		if !strings.Contains(text, "`"+a.room+"`") {
			t.Errorf("docs/architecture.md does not name the room `%s`", a.room)
		}
	}
	shipped := map[string]bool{}
	for name, inProgram := range dependencies(t) {
		if inProgram {
			shipped[name] = true
		}
		if !strings.Contains(text, "| `"+name+"` |") {
			t.Errorf("docs/architecture.md does not say why `%s` is needed", name)
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z.]+\\.[a-z]+/[^`]+)` \\|").FindAllStringSubmatch(text, -1) {
		if _, needed := dependencies(t)[m[1]]; !needed {
			t.Errorf("docs/architecture.md has the dependency `%s`, which nothing imports", m[1])
		}
	}
	if len(shipped) > 12 {
		t.Errorf("%d direct dependencies in the program; a dozen is the limit", len(shipped))
	}
}

// dependencies are the modules that the code imports, and whether the program
// does and not the tests alone.
func dependencies(t *testing.T) map[string]bool {
	t.Helper()
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	for line := range strings.Lines(read(t, "go.mod")) {
		f := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(f) >= 2 && strings.Contains(f[0], ".") && strings.Contains(f[0], "/") && f[0] != "module" {
			modules = append(modules, f[0])
		}
	}
	out := map[string]bool{}
	for _, f := range all {
		for _, p := range f.imports() {
			for _, m := range modules {
				if p == m || strings.HasPrefix(p, m+"/") {
					out[m] = out[m] || !f.test()
				}
			}
		}
	}
	return out
}

// TestConfigurationExamples gives the examples of docs/configuration.md to the
// program.
func TestConfigurationExamples(t *testing.T) {
	n := 0
	for _, b := range blocks(read(t, "docs/configuration.md")) {
		if b.info != "toml" {
			continue
		}
		n++
		dir := t.TempDir()
		name := ".assay.toml"
		if strings.Contains(b.text, "[call]") {
			name = ".assay/models/own.toml"
		}
		write(t, dir, name, b.text)
		write(t, dir, "mix.exs", "defmodule Own.MixProject do\nend\n")
		output(t, dir, "check")
	}
	if n == 0 {
		t.Error("docs/configuration.md has no example")
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestShopHoldsEachDefectOnce compares what is found in the example with the
// table of its README, which names every check of the default set.
func TestShopHoldsEachDefectOnce(t *testing.T) {
	var got struct {
		Findings []struct{ Check, Path string }
	}
	if err := json.Unmarshal([]byte(output(t, root, "check", "--format", "json", "examples/shop")), &got); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range got.Findings {
		found = append(found, f.Check)
	}
	slices.Sort(found)
	if want := slices.DeleteFunc(pages(t), engine.Optional); !slices.Equal(found, want) {
		t.Errorf("the shop has %q, want each of %q once", found, want)
	}
	text := read(t, "examples/shop/README.md")
	for _, name := range found {
		if !strings.Contains(text, "| `"+name+"` |") {
			t.Errorf("examples/shop/README.md does not name %s", name)
		}
	}
}
