package elixir_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/rewrite/elixir"
)

// theSecret finds the literal SECRET in a file, and the expression that falls back
// to it.
func theSecret(w *elixir.Writer, file string) *fix.ReadSecret {
	for _, c := range w.Program.Codes {
		if c.File == nil || c.File.Path != file {
			continue
		}
		for i := range c.Exprs {
			if e := &c.Exprs[i]; e.Op != ir.Const || !strings.Contains(e.Str, "SECRET") || e.Sub != ir.LitString {
				continue
			}
			out := &fix.ReadSecret{Code: c, Value: ir.ExprID(i), Fallback: ir.No, Key: "it"}
			for j := range c.Exprs {
				call := false
				e := c.At(ir.ExprID(j))
				c.Operands(ir.ExprID(j), func(o ir.ExprID) { call = call || o == out.Value })
				if call && (e.Op == ir.Call && c.Callees[e.A].Name == "get_env" && c.Callees[e.A].Module == "System" || e.Op == ir.Branch) {
					out.Fallback, out.Env = ir.ExprID(j), "THE_NAME"
				}
			}
			return out
		}
	}
	return nil
}

const (
	runtimeBlock = "import Config\n\nif config_env() == :prod do\n  config :my_app, MyApp.Repo, url: System.fetch_env!(\"DATABASE_URL\")\nend\n"
	moved        = "import Config\n\nif config_env() == :prod do\n  config :my_app, %s\nend\n"
)

func TestReadSecret(t *testing.T) {
	made := func(s string) string { return strings.Replace(moved, "%s", s, 1) }
	all := map[string]string{}
	for _, c := range []struct {
		name, path, text string
		others, want     map[string]string
	}{
		{"a pair among others", "config/prod.exs",
			"import Config\n\nconfig :my_app, MyApp.Mailer,\n  adapter: MyApp.SMTP, # the provider's\n  # of the shop\n  api_key: \"SECRET\", # secret\n  port: 25\n",
			nil, map[string]string{
				"config/prod.exs":    "import Config\n\nconfig :my_app, MyApp.Mailer,\n  adapter: MyApp.SMTP, # the provider's\n  port: 25\n",
				"config/runtime.exs": made("MyApp.Mailer, api_key: System.fetch_env!(\"MAILER_API_KEY\")"),
			}},
		{"in an umbrella, whose configuration is the one that is read", "apps/web/config/prod.exs",
			"import Config\n\nconfig :my_app, MyApp.Mailer,\n  api_key: \"SECRET\",\n  port: 25\n",
			map[string]string{"apps/web/mix.exs": strings.Replace(mixFile, "[app: :my_app,", "[app: :web, config_path: \"../../config/config.exs\",", 1)}, map[string]string{
				"apps/web/config/prod.exs": "import Config\n\nconfig :my_app, MyApp.Mailer, port: 25\n",
				"config/runtime.exs":       made("MyApp.Mailer, api_key: System.fetch_env!(\"MAILER_API_KEY\")"),
			}},
		{"in an umbrella, whose applications have configurations of their own", "apps/web/config/prod.exs",
			"import Config\n\nconfig :my_app, MyApp.Mailer,\n  api_key: \"SECRET\",\n  port: 25\n",
			map[string]string{
				"mix.exs":           strings.Replace(mixFile, "[app: :my_app,", "[apps_path: \"apps\",", 1),
				"config/config.exs": "import Config\n",
				"apps/web/mix.exs":  strings.Replace(mixFile, "[app: :my_app,", "[app: :web,", 1),
			}, map[string]string{
				"apps/web/config/prod.exs": "import Config\n\nconfig :my_app, MyApp.Mailer, port: 25\n",
				"config/runtime.exs":       made("MyApp.Mailer, api_key: System.fetch_env!(\"MAILER_API_KEY\")"),
			}},
		{"the last pair behind a comment", "config/prod.exs",
			"import Config\n\nconfig :my_app, MyApp.Mailer,\n  adapter: MyApp.SMTP, # the provider's\n  api_key: \"SECRET\"\n",
			nil, map[string]string{
				"config/prod.exs":    "import Config\n\nconfig :my_app, MyApp.Mailer, adapter: MyApp.SMTP # the provider's\n",
				"config/runtime.exs": made("MyApp.Mailer, api_key: System.fetch_env!(\"MAILER_API_KEY\")"),
			}},
		{"the first of two", "config/prod.exs",
			"import Config\n\nconfig :my_app, MyApp.Mailer,\n  api_key: \"SECRET\",\n  port: 25\n",
			nil, map[string]string{
				"config/prod.exs":    "import Config\n\nconfig :my_app, MyApp.Mailer, port: 25\n",
				"config/runtime.exs": made("MyApp.Mailer, api_key: System.fetch_env!(\"MAILER_API_KEY\")"),
			}},
		{"nested", "config/prod.exs",
			"import Config\n\nconfig :my_app, MyAppWeb.Endpoint,\n  url: [host: \"example.org\"],\n  live_view: [signing_salt: \"SECRET\"]\n",
			nil, map[string]string{
				"config/prod.exs":    "import Config\n\nconfig :my_app, MyAppWeb.Endpoint, url: [host: \"example.org\"]\n",
				"config/runtime.exs": made("MyAppWeb.Endpoint, live_view: [signing_salt: System.fetch_env!(\"SIGNING_SALT\")]"),
			}},
		{"a call of three arguments, into a block that is there", "config/prod.exs",
			"import Config\n\n# Shared.\nconfig :logger, level: :info\n\nconfig :my_app, :token, \"SECRET\"\n\nconfig :my_app, on: true\n",
			map[string]string{"config/runtime.exs": runtimeBlock}, map[string]string{
				"config/prod.exs":    "import Config\n\n# Shared.\nconfig :logger, level: :info\n\nconfig :my_app, on: true\n",
				"config/runtime.exs": strings.Replace(runtimeBlock, "\nend", "\n\n  config :my_app, :token, System.fetch_env!(\"MY_APP_TOKEN\")\nend", 1),
			}},
		{"a fallback over several lines", "config/config.exs",
			"import Config\n\nconfig :my_app, MyAppWeb.Endpoint,\n  secret_key_base:\n    System.get_env(\n      \"THE_NAME\",\n      \"SECRET\"\n    ),\n  port: [\n    4000\n  ]\n\nimport_config \"#{config_env()}.exs\"\n",
			map[string]string{"config/dev.exs": "import Config\n\nconfig :my_app, MyAppWeb.Endpoint, debug: true\n\nif File.exists?(\"dev.secret.exs\"), do: import_config(\"dev.secret.exs\")\n"}, map[string]string{
				"config/config.exs":  "import Config\n\nconfig :my_app, MyAppWeb.Endpoint,\n  port: [\n    4000\n  ]\n\nimport_config \"#{config_env()}.exs\"\n",
				"config/runtime.exs": made("MyAppWeb.Endpoint, secret_key_base: System.fetch_env!(\"THE_NAME\")"),
				"config/dev.exs":     "import Config\n\nconfig :my_app, MyAppWeb.Endpoint, debug: true, secret_key_base: String.duplicate(\"dev-only-\", 8)\n\nif File.exists?(\"dev.secret.exs\"), do: import_config(\"dev.secret.exs\")\n",
			}},
		{"in the block of production", "config/runtime.exs",
			"import Config\n\nif config_env() == :prod do\n  config :my_app, token: System.get_env(\"THE_NAME\") || \"SECRET\"\nend\n",
			nil, map[string]string{"config/runtime.exs": "import Config\n\nif config_env() == :prod do\n  config :my_app, token: System.fetch_env!(\"THE_NAME\")\nend\n"}},
		{"in no block", "config/runtime.exs", "import Config\n\nconfig :my_app, token: \"SECRET\"\n", nil, map[string]string{
			"config/runtime.exs": "import Config\n\nconfig :my_app,\n  token:\n    if(config_env() == :prod,\n      do: System.fetch_env!(\"MY_APP_TOKEN\"),\n      else: String.duplicate(\"dev-only-\", 8)\n    )\n",
		}},
		{"set already", "config/config.exs", "import Config\n\nconfig :my_app, token: \"SECRET\", on: true\n",
			map[string]string{
				"config/runtime.exs": "import Config\n\nif config_env() == :prod do\n  config :my_app, token: System.fetch_env!(\"TOKEN\")\nend\n",
				"config/test.exs":    "import Config\n\nconfig :my_app, :token, \"none\"\n",
			}, map[string]string{"config/config.exs": "import Config\n\nconfig :my_app, on: true\n"}},
		{"an attribute", "lib/my_app/a.ex",
			"defmodule MyApp.A do\n  @moduledoc \"\"\"\n  @key is nothing here\n  \"\"\"\n\n  # of the shop\n  @key \"SECRET\"\n  @other :b\n\n  def a, do: {@key, @other}\n  def b(x), do: \"#{x}\" <> c(@key)\nend\n",
			map[string]string{"config/config.exs": "import Config\n", "config/test.exs": "import Config\n\nconfig :my_app, on: true\n"}, map[string]string{
				"lib/my_app/a.ex":    "defmodule MyApp.A do\n  @moduledoc \"\"\"\n  @key is nothing here\n  \"\"\"\n\n  @other :b\n\n  def a, do: {Application.fetch_env!(:my_app, :a_key), @other}\n  def b(x), do: \"#{x}\" <> c(Application.fetch_env!(:my_app, :a_key))\nend\n",
				"config/runtime.exs": strings.Replace(made("a_key: System.fetch_env!(\"A_KEY\")"), "  config", "  # of the shop\n  config", 1),
				"config/test.exs":    "import Config\n\nconfig :my_app, on: true, a_key: String.duplicate(\"test-only-\", 8)\n",
			}},
	} {
		for _, ends := range []string{"\n", "\r\n"} {
			files := map[string]string{"mix.exs": mixFile, c.path: c.text}
			maps.Copy(files, c.others)
			for p := range files {
				files[p] = strings.ReplaceAll(files[p], "\n", ends)
			}
			w := writer(t, files)
			f, err := w.Spell(theSecret(w, c.path))
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			got := applied(t, w, f)
			for p, text := range got {
				want := c.want[p]
				if files[p] != "" { // else it is new
					want = strings.ReplaceAll(want, "\n", ends)
				}
				if text != want {
					t.Errorf("%s: %s is with %q\n%s", c.name, p, ends, text)
				}
				if !strings.Contains(text, ", # ") && !strings.Contains(text, "SMTP # ") { // the formatter moves such comments
					all[c.name+p] = strings.ReplaceAll(text, "\r\n", "\n")
				}
			}
			if len(got) != len(c.want) {
				t.Errorf("%s: %d files changed, want %d", c.name, len(got), len(c.want))
			}
		}
	}
	formatted(t, all)
}

func TestReadSecretRefused(t *testing.T) {
	for _, c := range []struct{ name, path, text, want string }{
		{"part of a text", "config/prod.exs", "import Config\n\nconfig :a, b: \"Bearer \" <> \"SECRET\"\n", "part of a larger value"},
		{"in a map", "config/prod.exs", "import Config\n\nconfig :a, b: %{c: \"SECRET\"}\n", "part of a larger value"},
		{"not by itself", "config/prod.exs", "import Config\n\nx = config :a, b: \"SECRET\"\n", "part of a larger value"},
		{"of a developer", "config/dev.exs", "import Config\n\nconfig :a, b: \"SECRET\"\n", "a single environment"},
		{"a key for all", "config/config.exs", "import Config\n\nconfig :a, b: \"-----BEGIN SECRET\"\n", "a key of their own"},
		{"in a pattern", "lib/a.ex", "defmodule A do\n  def a(\"SECRET\"), do: 1\nend\n", "body of a function"},
		{"read when compiled", "lib/a.ex", "defmodule A do\n  @a \"SECRET\"\n  @b {@a, 1}\n  def a, do: @b\nend\n", "when it is compiled"},
		{"in a script", "priv/a.exs", "IO.puts(\"SECRET\")\n", "neither in a configuration"},
	} {
		w := writer(t, map[string]string{"mix.exs": mixFile, c.path: c.text})
		if _, err := w.Spell(theSecret(w, c.path)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	early := writer(t, map[string]string{
		"mix.exs": mixFile, "config/runtime.exs": "import Config\n\nconfig :my_app, key: A.key()\n",
		"lib/a.ex": "defmodule A do\n  def key, do: \"SECRET\"\nend\n",
	})
	if _, err := early.Spell(theSecret(early, "lib/a.ex")); err == nil || !strings.Contains(err.Error(), "the configuration itself") {
		t.Errorf("a module that the configuration calls: %v", err)
	}
	for asked, refused := range map[string]bool{"~> 1.5": true, "~> 1.14": false} {
		w := writer(t, map[string]string{
			"mix.exs":         strings.Replace(mixFile, "version:", `elixir: "`+asked+`", version:`, 1),
			"config/prod.exs": "use Mix.Config\n\nconfig :my_app, token: \"SECRET\"\n",
		})
		if _, err := w.Spell(theSecret(w, "config/prod.exs")); (err != nil && strings.Contains(err.Error(), "before 1.11")) != refused {
			t.Errorf("Elixir %s: %v", asked, err)
		}
	}
	w := writer(t, map[string]string{
		"mix.exs": mixFile, "config/prod.exs": "import Config\n\nconfig :my_app, token: \"SECRET\"\n",
		"lib/a.ex": "defmodule A do\n  @token Application.compile_env(:my_app, :token)\n  def token, do: @token\nend\n",
	})
	if _, err := w.Spell(theSecret(w, "config/prod.exs")); err == nil {
		t.Error("a value that is compiled in was moved")
	}
}

// TestSecretDeployed holds what a moved secret does to the files that give the application its
// variables: they hand over one more, or it is asked what it is there.
func TestSecretDeployed(t *testing.T) {
	for _, c := range []struct{ name, path, text, want string }{
		{"a mapping", "docker-compose.yml", "services:\n  app:\n    environment:\n      SECRET_KEY_BASE: ${SECRET_KEY_BASE}\n      PORT: 4000\n",
			"services:\n  app:\n    environment:\n      SECRET_KEY_BASE: ${SECRET_KEY_BASE}\n      MY_APP_TOKEN: ${MY_APP_TOKEN}\n      PORT: 4000\n"},
		{"a mapping with a message and quotes", "docker-compose.prod.yml", "      SECRET_KEY_BASE: \"${SECRET_KEY_BASE:?not set}\"\n",
			"      SECRET_KEY_BASE: \"${SECRET_KEY_BASE:?not set}\"\n      MY_APP_TOKEN: \"${MY_APP_TOKEN}\"\n"},
		{"a list", "compose.yaml", "      - SECRET_KEY_BASE=${SECRET_KEY_BASE}\n      - DATABASE_URL=${DATABASE_URL}\n",
			"      - SECRET_KEY_BASE=${SECRET_KEY_BASE}\n      - MY_APP_TOKEN=${MY_APP_TOKEN}\n      - DATABASE_URL=${DATABASE_URL}\n"},
		{"a list of names, twice", "docker-compose.yml", "  a:\n      - SECRET_KEY_BASE\n  b:\n      - SECRET_KEY_BASE\n",
			"  a:\n      - SECRET_KEY_BASE\n      - MY_APP_TOKEN\n  b:\n      - SECRET_KEY_BASE\n      - MY_APP_TOKEN\n"},
		{"no key base", "docker-compose.yml", "      - DATABASE_URL=${DATABASE_URL}\n", "      - DATABASE_URL=${DATABASE_URL}\n      - MY_APP_TOKEN=${MY_APP_TOKEN}\n"},
		{"a value of its own", "docker-compose.yml", "      SECRET_KEY_BASE: \"abc\"\n", "?"},
		{"another name outside", "docker-compose.yml", "      - SECRET_KEY_BASE=${KEY}\n", "?"},
		{"Kubernetes", "k8s/app.yaml", "        - name: SECRET_KEY_BASE\n          valueFrom:\n", "?"},
		{"Heroku", "app.json", "{\"env\": {\"SECRET_KEY_BASE\": {\"generator\": \"secret\"}}}", "?"},
		{"it is there", "docker-compose.yml", "      - SECRET_KEY_BASE=abc\n      - MY_APP_TOKEN=abc\n", ""},
		{"development", "docker-compose.yml", "      MIX_ENV: dev\n      SECRET_KEY_BASE: abc\n", ""},
		{"the database alone", "docker-compose.yml", "      POSTGRES_PASSWORD: postgres\n", ""},
	} {
		w := writer(t, map[string]string{
			"mix.exs": mixFile, "config/prod.exs": "import Config\n\nconfig :my_app, token: \"SECRET\"\n", "config/runtime.exs": runtimeBlock, c.path: c.text,
		})
		f, err := w.Spell(theSecret(w, "config/prod.exs"))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if shown := f.Safety == fix.Shown; shown != (c.want == "?") {
			t.Errorf("%s: %s, %q", c.name, f.Safety, f.Notes)
		}
		want := c.want
		if want == "?" {
			want = ""
		}
		if got := applied(t, w, f)[c.path]; got != want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
