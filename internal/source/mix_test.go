package source

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func shown(deps []Dep) (out []string) {
	for _, d := range deps {
		s := d.Name
		for _, part := range []struct{ mark, text string }{{" ", d.Requirement}, {" = ", d.Version}, {" # ", d.Commit}} {
			if part.text != "" {
				s += part.mark + part.text
			}
		}
		if !d.Direct {
			s = "(" + s + ")"
		}
		out = append(out, s)
	}
	return out
}

func TestReadMix(t *testing.T) {
	for _, c := range []struct {
		name, text, app, apps string
		deps                  []string
	}{
		{"usual", `
defmodule Shop.MixProject do
  use Mix.Project
  def project do
    # app: :commented
    [
      app: :shop,
      dialyzer: [plt_file: {:no_warn, "priv/plts/dialyzer.plt"}],
      filters: [~r"^test/{:a, \"b\"}/"],
      docs: [deps: [ecto: "https://hexdocs.pm/ecto"]],
      deps: deps()
    ]
  end
  def application, do: [mod: {Shop.Application, []}, extra: {:sasl, "x"}]
  defp deps do
    [
      {:phoenix, "~> 1.7"}, # {:old, "~> 1.0"}
      {:ecto_sql, "~> 3.9", only: [:dev | @envs], env: {:a, "b"}},
      {:pow, git: "https://example.org/pow.git"},
      {:"quoted-name", ">= 0.0.0"},
      {:attr, @version},
      {:call, version("x")}
    ] ++ private_deps(Mix.env())
  end
  defp private_deps(:prod), do: [{:oban_pro, "~> 1.5", repo: "oban"}]
  defp private_deps(_), do: with({:ok, text} <- File.read("x"), do: [{:local, path: "#{text}/{:in, \"b\"}"}])
  defp aliases, do: [setup: ["deps.get", {:not_a, "dep"}]]
end`, "shop", "", []string{"attr", "call", "ecto_sql ~> 3.9", "local", "oban_pro ~> 1.5", "phoenix ~> 1.7", "pow", "quoted-name >= 0.0.0"}},
		{"umbrella, inline", "[apps_path: \"apps\", deps: [{:credo, \"~> 1.0\"}], x: {:y, \"z\"}]", "", "apps", []string{"credo ~> 1.0"}},
		{"attributes", "@app :shop\n@deps [\n{:a, \"1\"}]\ndef project, do: [app: @app, deps: @deps]", "shop", "", []string{"a 1"}},
		{"CRLF", "[\r\n app: :shop,\r\n deps: deps()\r\n]\r\ndefp deps, do: [{:a, \"1\"}]\r\n", "shop", "", []string{"a 1"}},
		{"character that is a quote", `[app: :shop, c: ?", deps: [{:a, "1"}]]`, "shop", "", []string{"a 1"}},
		{"broken", "defmodule [app: :shop, deps: [{:a, \"1\"}, {:b, \"", "shop", "", []string{"a 1"}},
		{"empty", "", "", "", nil},
	} {
		m := readMix(c.text)
		if got := shown(m.deps); m.app != c.app || m.appsPath != c.apps || !slices.Equal(got, c.deps) {
			t.Errorf("%s: %q %q %q", c.name, m.app, m.appsPath, got)
		}
	}
}

const lock = `%{
  "plug": {:hex, :plug, "1.15.3", "7129", [:mix], [{:mime, "~> 1.0", [hex: :mime, repo: "hexpm", optional: false]}], "hexpm", "cc43"},
  "mime": {:hex, :mime, "2.0.6"},
  "pow": {:git, "https://example.org/pow.git", "9d94aa", [branch: "main"]},
<<<<<<< HEAD
  "jason": {:hex, :jason, "1.4.4", "c5eb", [:mix], [], "hexpm", "c5eb"},
=======
  "odd": {:hex,
`

func TestApps(t *testing.T) {
	s := load(t, project(t,
		"mix.exs=[apps_path: \"apps\", deps: []]", "mix.lock="+lock,
		"apps/web/mix.exs=[app: :web, deps: [{:plug, \"~> 1.15\"}, {:shop, in_umbrella: true}]]",
		"apps/shop/mix.exs=[app: :shop, deps: [{:pow, git: \"x\"}]]", "apps/shop/mix.lock=%{\"pow\": {:git, \"x\", \"abc\", []}}",
		"apps/web/test/fixtures/mix.exs=[app: :fixture]"))
	var got []string
	for _, a := range s.Apps {
		got = append(got, fmt.Sprintf("%s:%s:%s:%s", a.Dir, a.Name, a.AppsPath, strings.Join(shown(a.Deps), ", ")))
	}
	want := []string{
		"::apps:(jason = 1.4.4), (mime = 2.0.6), (odd), (plug = 1.15.3), (pow # 9d94aa)",
		"apps/shop:shop::pow # abc",
		"apps/web:web::(jason = 1.4.4), (mime = 2.0.6), (odd), plug ~> 1.15 = 1.15.3, (pow # 9d94aa), shop",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What a project does not compile is no part of the running program.
func TestCompiledPaths(t *testing.T) {
	for mix, want := range map[string]string{
		"def project, do: [app: :a]":                            "lib",
		"def project, do: [elixirc_paths: [\"lib\", \"core\"]]": "lib core",
		"def project, do: [elixirc_paths: elixirc_paths(Mix.env())]\n" +
			"defp elixirc_paths(:test), do: elixirc_paths(:dev) ++ [\"test/support\"]\n" +
			"defp elixirc_paths(_) do\n  [\n    \"lib\",\n    \"web\"\n  ]\nend\n": "lib web",
		"def project, do: [elixirc_paths: elixirc_paths(Mix.env())]\n" +
			"def elixirc_paths(:dev), do: [\"lib\", \"demo\"]\ndef elixirc_paths(_env), do: [\"lib\"]\n": "lib",
		"def project, do: [elixirc_paths: elixirc_paths(Mix.env())]\n" +
			"defp elixirc_paths(:test) do\n  [\"lib\", \"test/support\"]\nend\ndefp elixirc_paths(_) do\n  [\"lib\"]\nend\n": "lib",
		"def project, do: [elixirc_paths: Path.wildcard(\"x/*\")]": "",
		"def project, do: [elixirc_paths: paths()]":                "",
		"": "",
	} {
		if got := strings.Join(readMix(mix).paths, " "); got != want {
			t.Errorf("%q: %q, want %q", mix, got, want)
		}
	}
	s := load(t, project(t, "mix.exs=def project, do: [app: :a]", "lib/a.ex", "archive/a.ex", "mix/tasks/a.ex"))
	for p, want := range map[string]Kind{"lib/a.ex": Lib, "archive/a.ex": Script, "mix/tasks/a.ex": Script} {
		if got := s.Named(p).Kind; got != want {
			t.Errorf("%s is %v, want %v", p, got, want)
		}
	}
}

// TestReadMixTakesLinearTime repeats what opens and never closes.
func TestReadMixTakesLinearTime(t *testing.T) {
	for _, piece := range []string{"@a[", "deps: [", "{:a, \"", "#{", "\"#{", "def a(", "~r(", "\"\"\"", "{:a,[{", "deps: deps() def deps "} {
		text := strings.Repeat(piece, 1<<20/len(piece))
		start := time.Now()
		readMix(text)
		readLock(text)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q repeated takes %v", piece, took)
		}
	}
}

func FuzzReadMix(f *testing.F) {
	f.Add(lock)
	f.Add("@app :a\ndef project, do: [app: @app, deps: deps()]\ndefp deps, do: [{:a, \"~> #{1}\"}, {:b, ~r/x/}, ?\\n]")
	f.Fuzz(func(_ *testing.T, text string) {
		readMix(text)
		readLock(text)
	})
}
