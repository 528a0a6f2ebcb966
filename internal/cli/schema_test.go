package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
)

const shopTables = `defmodule Shop.Create do
  use Ecto.Migration

  def change do
    create table(:users) do
      add :e_mail, :string, null: false, default: "a\e[31m\u202e"
      add :"odd \" name <b>", :text
    end

    create table(:orders, prefix: "sales") do
      add :user_id, references(:users, prefix: "public", on_delete: :delete_all), null: false
      add :total, :decimal, precision: 10, scale: 2
    end

    create unique_index(:users, [:e_mail])
    create constraint(:users, :short, check: "length(e_mail) < 100")
    create table(:users_groups)
    execute "CREATE TYPE mood AS ENUM ('good')"
    execute "CREATE MATERIALIZED VIEW names AS SELECT e_mail FROM users"
    execute Some.sql()
  end
end
`

const shopSchemas = `defmodule Shop.User do
  use Ecto.Schema
  schema "users" do
    field :e_mail
    has_many :orders, Shop.Order
    many_to_many :groups, Shop.Group, join_through: "users_groups"
  end
end
defmodule Shop.Order do
  use Ecto.Schema
  @schema_prefix "sales"
  schema "orders" do
    belongs_to :user, Shop.User
  end
end
defmodule Shop.Form do
  use Ecto.Schema
  embedded_schema do
    field :name
  end
end
`

func shop(t *testing.T) *engine.Snapshot {
	t.Helper()
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return engine.Analyze(source.NewSet("", []*source.File{
		source.NewFile("lib/schemas.ex", shopSchemas),
		source.NewFile("priv/repo/migrations/20200101000000_create.exs", shopTables),
	}), models, engine.Options{})
}

func printed(t *testing.T, format string, width int) string {
	t.Helper()
	var out bytes.Buffer
	if err := printSchema(&out, shop(t), format, width); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestDatabasesSchema holds the JSON to its schema, in both directions: no
// field is missing there.
func TestDatabasesSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(databasesSchema))
	if err != nil {
		t.Fatal(err)
	}
	closed(doc)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(printed(t, "json", 0)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(value); err != nil {
		t.Error(err)
	}
}

// closed makes a schema refuse the fields that it does not list.
func closed(node any) {
	switch n := node.(type) {
	case map[string]any:
		if n["type"] == "object" {
			n["additionalProperties"] = false
		}
		for _, child := range n {
			closed(child)
		}
	case []any:
		for _, child := range n {
			closed(child)
		}
	}
}

func TestSchemaFitsTheTerminal(t *testing.T) {
	for _, width := range []int{40, 60, 100} {
		for line := range strings.Lines(printed(t, "text", width)) {
			line = strings.TrimRight(line, "\n")
			if strings.Contains(strings.TrimSpace(line), " ") && displaywidth.String(line) > width+2 {
				t.Errorf("at %d columns: %q", width, line)
			}
		}
	}
}

func TestSchemaCommandsNoTerminal(t *testing.T) {
	for _, format := range []string{"text", "mermaid", "dot"} {
		if out := printed(t, format, 80); strings.ContainsAny(out, "\x1b\u202e") {
			t.Errorf("%s: %q", format, out)
		}
	}
	if out := printed(t, "mermaid", 0); !strings.Contains(out, "odd___name__b_") {
		t.Errorf("mermaid gets a name that it cannot read: %s", out)
	}
	if out := printed(t, "dot", 0); !strings.Contains(out, "odd &#34; name &lt;b&gt;") {
		t.Errorf("dot gets a name that it cannot read: %s", out)
	}
}
