package intervention

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
)

// project is a small one with a query that wants an index and an atom made of what a
// client sent; the table, the column and the module are given.
func project(table, column string) *source.Set {
	text := func(s string) string {
		return strings.NewReplacer("TABLE", table, "COLUMN", column).Replace(s)
	}
	list := []*source.File{
		source.NewFile("config/config.exs", "import Config\n"),
		source.NewFile("lib/my_app/accounts.ex", text(`defmodule MyApp.Accounts do
  alias MyApp.Repo
  def by(value), do: Repo.get_by("TABLE", [{:"COLUMN", value}])
  def add(rows), do: Repo.insert_all("TABLE", rows)
end
`)),
		source.NewFile("lib/my_app/repo.ex", `defmodule MyApp.Repo do
  use Ecto.Repo, otp_app: :my_app, adapter: Ecto.Adapters.Postgres
end
`),
		source.NewFile("lib/my_app_web/session_controller.ex", `defmodule MyAppWeb.SessionController do
  use Phoenix.Controller
  def create(conn, %{"value" => value}), do: json(conn, MyApp.Accounts.by(value))
  def import(conn, %{"rows" => rows}), do: json(conn, MyApp.Accounts.add(rows))
  def sort(conn, %{"by" => by}), do: json(conn, %{by: String.to_atom(by)})
end
`),
		source.NewFile("mix.exs", "defmodule MyApp.MixProject do\n  use Mix.Project\n  def project, do: [app: :my_app]\nend\n"),
		source.NewFile("priv/repo/migrations/20240101000000_create.exs", text(`defmodule MyApp.Repo.Migrations.Create do
  use Ecto.Migration
  def change do
    create table(:"TABLE") do
      add :"COLUMN", :string, null: false
    end
    create table(:notes, primary_key: false) do
      add :owner_id, references(:"TABLE"), primary_key: true
    end
    create table(:seats, primary_key: false) do
      add :owner_id, references(:"TABLE"), primary_key: true
    end
    create table(:rooms, primary_key: false) do
      add :owner_id, references(:"TABLE"), primary_key: true
    end
    create table(:cards, primary_key: false) do
      add :owner_id, references(:"TABLE"), primary_key: true
    end
  end
end
`)),
	}
	return source.NewSet("", list)
}

// document builds the document of everything that has a fix.
func document(t *testing.T, files *source.Set, voice string) *Document {
	t.Helper()
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s := engine.Analyze(files, models, engine.Options{})
	var chosen []check.Finding
	for i := range s.Findings {
		if _, err := s.ProposeFix(&s.Findings[i], engine.FixOptions{Stamp: 20300101000000}); err == nil && s.Findings[i].Level <= check.Warning {
			chosen = append(chosen, s.Findings[i])
		}
	}
	want := func(f *check.Finding) bool {
		for i := range chosen {
			if chosen[i].ID == f.ID {
				return true
			}
		}
		return false
	}
	done := s.Fix(engine.FixOptions{Stamp: 20300101000000, Want: want})
	return Build(Input{Assay: "test", Project: "my_app", Out: "plan", Voice: voice, Fixed: done, Chosen: chosen, Reported: s.Findings, Stamp: 20300101000000})
}

func written(t *testing.T, d *Document, format string) string {
	t.Helper()
	var b strings.Builder
	if err := d.Write(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*Document{
		"two problems": document(t, project("users", "email"), Blunt),
		"none":         document(t, source.NewSet("", []*source.File{source.NewFile("lib/a.ex", "defmodule A do\nend\n")}), Calm),
	} {
		out, err := jsonschema.UnmarshalJSON(strings.NewReader(written(t, d, "json")))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTenParts(t *testing.T) {
	d := document(t, project("users", "email"), Blunt)
	if len(d.Problems) < 2 || d.Problems[0].Level != "error" || d.Problems[0].Number != 1 {
		t.Fatalf("the problems are %+v", d.Problems)
	}
	for _, p := range d.Problems {
		if p.Consequence == "" || p.Path == "" || p.Solution.Title == "" {
			t.Errorf("problem %d lacks a consequence, a place or a solution: %+v", p.Number, p)
		}
	}
	for _, m := range d.Metrics {
		if m.How == "" || m.Measured == (m.Before == notMeasured) {
			t.Errorf("the figure %+v is neither counted nor named as not measured", m)
		}
	}
	for _, x := range d.Tests {
		if len(x.Files) == 0 && x.None == "" {
			t.Errorf("%+v has no tests and does not say why", x)
		}
	}
	for name, empty := range map[string]bool{
		"security": len(d.Security) == 0, "implementation": len(d.Implementation) == 0, "migrations": len(d.Migrations) == 0,
		"documentation": len(d.Documentation) == 0, "monitoring": len(d.Monitoring.Events) == 0, "deployment": len(d.Deployment.Steps) == 0,
		"checks": len(d.Deployment.Checks) == 0, "rollback": len(d.Rollback.Steps) == 0,
	} {
		if empty {
			t.Errorf("the part %s is empty", name)
		}
	}
}

// TestVoices: the facts are the same.
func TestVoices(t *testing.T) {
	blunt, calm := document(t, project("users", "email"), Blunt), document(t, project("users", "email"), Calm)
	if blunt.Headline == calm.Headline || blunt.Lead == calm.Lead {
		t.Error("the voices say the same")
	}
	blunt.Voice, blunt.Headline, blunt.Lead = calm.Voice, calm.Headline, calm.Lead
	if written(t, blunt, "json") != written(t, calm, "json") {
		t.Error("the facts differ")
	}
}

// TestHostileNames: what stems from the project stays text in every format.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{"a<script>alert(1)</script>", "a`b|c", "a'); drop table x; --", "a](javascript:x)", "a\u202eb"} {
		d := document(t, project(name, "x"+name), Blunt)
		html := written(t, d, "html")
		if strings.Contains(html, "<script") || strings.Contains(html, "\u202e") || strings.Contains(html, "](javascript") && strings.Contains(html, "href=\"javascript") {
			t.Errorf("%q gets into the page", name)
		}
		md := written(t, d, "markdown")
		if strings.Contains(md, "\u202e") || regexp.MustCompile(`[^\\]\]\(javascript`).MatchString(outsideCode(md)) || regexp.MustCompile(`[^\\]<script`).MatchString(outsideCode(md)) {
			t.Errorf("%q gets into the Markdown", name)
		}
		checkMonitoring(t, d)
	}
}

// outsideCode is Markdown without its code.
func outsideCode(md string) string {
	md = regexp.MustCompile("(?ms)^ *(```+)[a-z]*\n.*?^ *```+$").ReplaceAllString(md, "")
	return regexp.MustCompile("``[^\n]*?``|`[^`\n]*`").ReplaceAllString(md, "")
}

func TestMonitoring(t *testing.T) { checkMonitoring(t, document(t, project("users", "email"), Blunt)) }

// yamlLine is a line of the rules: what follows a key is fixed, quoted, or the
// literal block below it.
var yamlLine = regexp.MustCompile(`^( *(- )?[a-z]+:( (".*"|\|-|\d+m|warning))?|          [a-z].*)$`)

func checkMonitoring(t *testing.T, d *Document) {
	t.Helper()
	if d.Monitoring.None != "" {
		return
	}
	for line := range strings.Lines(d.Monitoring.Alerts) {
		line = strings.TrimRight(line, "\n")
		if !yamlLine.MatchString(line) {
			t.Errorf("no line of YAML: %s", line)
		}
		if _, quoted, ok := strings.Cut(line, ": \""); ok {
			var text string
			if err := json.Unmarshal([]byte(`"`+quoted), &text); err != nil {
				t.Errorf("no scalar: %s: %v", line, err)
			}
		}
	}
	var g grafana
	if err := json.Unmarshal([]byte(d.Monitoring.Dashboard), &g); err != nil || len(g.Panels) == 0 || g.Panels[0].Targets[0].Expr == "" {
		t.Errorf("the dashboard is none: %v", err)
	}
}

// TestPageIsWhole: the page needs nothing from outside, and allows itself one style.
func TestPageIsWhole(t *testing.T) {
	html := written(t, document(t, project("users", "email"), Blunt), "html")
	for _, bad := range []string{"<script", "<img", "<link", "http:", "https:", " style=", "@import", "url("} {
		if strings.Contains(html, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, id := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(html, -1) {
		if !strings.Contains(html, `id="`+id[1]+`"`) {
			t.Errorf("the link to %s leads nowhere", id[1])
		}
	}
	for _, want := range []string{"prefers-color-scheme: dark", "@media print", "default-src 'none'", `lang="en"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestNames(t *testing.T) {
	for repo, want := range map[string]string{"MyApp.Repo": "my_app repo", "MyApp.ReadRepo": "my_app read_repo", "API.Repo": "api repo", "MyHTTPApp.Repo": "my_http_app repo"} {
		if got := strings.Join(prefixOf(repo), " "); got != want {
			t.Errorf("%s: got %s, want %s", repo, got, want)
		}
	}
	for want, list := range map[string][]int{"Problem 2": {2}, "Problems 1 to 3, 5": {1, 2, 3, 5}, "Problems 1, 4": {1, 4}} {
		if got := numbers(list); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestInline(t *testing.T) {
	for text, want := range map[string]string{
		"a `b_c` d_e":    "a `b_c` d_e",
		"a ` b":          "a \\` b",
		"*x* _y_ [z](u)": `\*x\* \_y\_ \[z\](u)`,
		"<b>":            `\<b\>`,
	} {
		if got := markdownInline(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got := markdownCode("a`b"); got != "`` a`b ``" {
		t.Errorf("got %s", got)
	}
}

// TestLocks: a lock that a transaction holds already makes what follows wait too.
func TestLocks(t *testing.T) {
	m := Migration{Transaction: true, Operations: []Operation{
		{"validate a", "users", shareUpdateExclusive, nothing},
		{"set a not null", "users", accessExclusive, everything + moment},
		{"validate b", "users", shareUpdateExclusive, nothing},
		{"validate c", "orders", shareUpdateExclusive, nothing},
	}}
	m.keep()
	for i, want := range []bool{false, true, true, false} {
		if got := strings.HasPrefix(m.Operations[i].Blocks, everything); got != want {
			t.Errorf("%s stops %s", m.Operations[i].What, m.Operations[i].Blocks)
		}
	}
	up := `def up do
    execute("ALTER TABLE users ALTER COLUMN \"paid?\" SET NOT NULL")
    drop(constraint(:users, :"users_paid?_present"))
  end`
	ops := (&Migration{}).plain(up, &ir.Change{Table: "users"}, map[string]bool{})
	if len(ops) != 2 || !strings.Contains(ops[0].What, "paid? not null") || !strings.Contains(ops[1].What, "users_paid?_present") {
		t.Errorf("got %+v", ops)
	}
}
