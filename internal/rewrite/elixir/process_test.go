package elixir_test

import (
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/rewrite/elixir"
	"github.com/assay-dev/assay/internal/source"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

const mixFile = `defmodule MyApp.MixProject do
  use Mix.Project

  def project, do: [app: :my_app, version: "0.1.0"]
end
`

// application is an application with a list of children, as text.
func application(children string) string {
	return "defmodule MyApp.Application do\n  use Application\n\n  def start(_type, _args) do\n" + children +
		"\n    Supervisor.start_link(children, strategy: :one_for_one)\n  end\nend\n"
}

// calling finds the first call of a function in a file.
func calling(w *elixir.Writer, file, name string) (*ir.Code, ir.ExprID) {
	for _, c := range w.Program.Codes {
		if c.File == nil || c.File.Path != file {
			continue
		}
		for i := range c.Exprs {
			if e := &c.Exprs[i]; e.Op == ir.Call && c.Callees[e.A].Name == name {
				return c, ir.ExprID(i)
			}
		}
	}
	return nil, ir.No
}

// applied makes a fix and gives the files that changed.
func applied(t *testing.T, w *elixir.Writer, f fix.Fix) map[string]string {
	t.Helper()
	plan, err := fix.Compose(w.Files, []fix.Fix{f})
	if err != nil || len(plan.Later) > 0 {
		t.Fatalf("it does not fit: %v %+v", err, f)
	}
	out := map[string]string{}
	next := plan.Next()
	for _, p := range plan.Paths() {
		file := next.Named(p)
		out[p] = file.Text
		if tree := syn.Parse(file); (strings.HasSuffix(p, ".ex") || strings.HasSuffix(p, ".exs")) && len(tree.Errors) > 0 {
			t.Errorf("%s cannot be read: %v\n%s", p, tree.Errors, file.Text)
		}
	}
	return out
}

// formatted asks Elixir's own formatter whether it would leave texts as they are.
func formatted(t *testing.T, texts map[string]string) {
	t.Helper()
	if _, err := exec.LookPath("elixir"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("elixir is not installed")
		}
		return
	}
	dir := t.TempDir()
	const script = `for p <- System.argv() do
  text = File.read!(p)
  out = IO.iodata_to_binary([Code.format_string!(text, locals_without_parens: [config: :*, import_config: 1]), "\n"])
  if out != text, do: IO.puts(p <> " is formatted as\n" <> out)
end`
	var args []string
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		p := path.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(p, []byte(texts[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, p)
	}
	out, err := exec.Command("elixir", append([]string{"-e", script}, args...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func start(w *elixir.Writer, name string) (fix.Fix, error) {
	c, x := calling(w, "lib/my_app/a.ex", name)
	return w.Spell(&fix.StartUnder{Code: c, Call: x, Function: "Task.Supervisor.start_child"})
}

// TestChildren looks at the ways in which applications list their children.
func TestChildren(t *testing.T) {
	all := map[string]string{}
	for _, c := range []struct{ name, children, want string }{
		{"one line", "    children = [MyApp.Repo, MyAppWeb.Endpoint]\n", "    children = [MyApp.Repo, {Task.Supervisor, name: MyApp.TaskSupervisor}, MyAppWeb.Endpoint]\n"},
		{"one line that becomes too long", "    children = [MyApp.Repo, MyApp.ClockOfTheShop, MyApp.Metrics, MyAppWeb.Endpoint]\n",
			"    children = [\n      MyApp.Repo,\n      MyApp.ClockOfTheShop,\n      MyApp.Metrics,\n      {Task.Supervisor, name: MyApp.TaskSupervisor},\n      MyAppWeb.Endpoint\n    ]\n"},
		{"before the queue of jobs", "    children = [MyApp.Repo, {Oban, []}, MyAppWeb.Endpoint]\n",
			"    children = [\n      MyApp.Repo,\n      {Task.Supervisor, name: MyApp.TaskSupervisor},\n      {Oban, []},\n      MyAppWeb.Endpoint\n    ]\n"},
		{"the form before Elixir 1.5", "    import Supervisor.Spec\n\n    children = [\n      supervisor(MyApp.Repo, []),\n      worker(MyApp.Clock, [])\n    ]\n",
			"    import Supervisor.Spec\n\n    children = [\n      supervisor(MyApp.Repo, []),\n      worker(MyApp.Clock, []),\n      supervisor(Task.Supervisor, [[name: MyApp.TaskSupervisor]])\n    ]\n"},
		{"the endpoint in the form before Elixir 1.5", "    import Supervisor.Spec\n\n    children = [\n      supervisor(MyAppWeb.Endpoint, []),\n      {MyApp.Clock, []}\n    ]\n",
			"    import Supervisor.Spec\n\n    children = [\n      {Task.Supervisor, name: MyApp.TaskSupervisor},\n      supervisor(MyAppWeb.Endpoint, []),\n      {MyApp.Clock, []}\n    ]\n"},
		{"empty", "    children = []\n", "    children = [{Task.Supervisor, name: MyApp.TaskSupervisor}]\n"},
		{"comments", "    children = [\n      # rows\n      MyApp.Repo,\n      # requests\n      # of users\n      {MyAppWeb.Endpoint, []} # last\n      # {MyApp.Worker, arg}\n    ]\n",
			"    children = [\n      # rows\n      MyApp.Repo,\n      {Task.Supervisor, name: MyApp.TaskSupervisor},\n      # requests\n      # of users\n      {MyAppWeb.Endpoint, []} # last\n      # {MyApp.Worker, arg}\n    ]\n"},
		{"blank lines", "    children = [\n      MyApp.Repo,\n\n      # requests\n      MyAppWeb.Endpoint,\n\n      MyApp.Clock\n    ]\n",
			"    children = [\n      MyApp.Repo,\n      {Task.Supervisor, name: MyApp.TaskSupervisor},\n\n      # requests\n      MyAppWeb.Endpoint,\n\n      MyApp.Clock\n    ]\n"},
		{"no endpoint", "    children = [\n      MyApp.Repo,\n      MyApp.Clock # ticks\n      # more\n    ]\n",
			"    children = [\n      MyApp.Repo,\n      MyApp.Clock, # ticks\n      {Task.Supervisor, name: MyApp.TaskSupervisor}\n      # more\n    ]\n"},
		{"a trailing comma", "    children = [\n      MyApp.Repo,\n      MyApp.Clock,\n    ]\n",
			"    children = [\n      MyApp.Repo,\n      MyApp.Clock,\n      {Task.Supervisor, name: MyApp.TaskSupervisor},\n    ]\n"},
		{"joined", "    children =\n      extra() ++\n        [\n          MyApp.Repo,\n          MyAppWeb.Endpoint\n        ]\n",
			"    children =\n      extra() ++\n        [\n          MyApp.Repo,\n          {Task.Supervisor, name: MyApp.TaskSupervisor},\n          MyAppWeb.Endpoint\n        ]\n"},
		{"rebound and filtered", "    children = [MyApp.Repo, if(on?(), do: MyApp.Clock)]\n    children = Enum.reject(children, &is_nil/1)\n",
			"    children = [\n      MyApp.Repo,\n      if(on?(), do: MyApp.Clock),\n      {Task.Supervisor, name: MyApp.TaskSupervisor}\n    ]\n\n    children = Enum.reject(children, &is_nil/1)\n"},
	} {
		w := writer(t, map[string]string{
			"mix.exs": mixFile, "lib/my_app/application.ex": application(c.children),
			"lib/my_app/a.ex": "defmodule MyApp.A do\n  def a do\n    Task.start(fn -> :ok end)\n    :ok\n  end\nend\n",
		})
		f, err := start(w, "start")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := applied(t, w, f)["lib/my_app/application.ex"]
		if got != application(c.want) {
			t.Errorf("%s: got\n%s", c.name, got)
		}
		if !strings.Contains(c.children, " # ") && !strings.Contains(c.children, ",\n    ]") {
			all[c.name+".ex"] = got
		}
	}
	formatted(t, all)
}

// TestStart looks at the ways in which processes are started.
func TestStart(t *testing.T) {
	all := map[string]string{}
	in := func(body string) string { return "defmodule MyApp.A do\n" + body + "end\n" }
	for _, c := range []struct{ name, call, body, want string }{
		{"short", "start", "  def a do\n    Task.start(fn -> work() end)\n    :ok\n  end\n", "  def a do\n    Task.Supervisor.start_child(MyApp.Tasks, fn -> work() end)\n    :ok\n  end\n"},
		{"without parentheses", "spawn", "  def a do\n    spawn fn -> work() end\n    :ok\n  end\n", "  def a do\n    Task.Supervisor.start_child(MyApp.Tasks, fn -> work() end)\n    :ok\n  end\n"},
		{"arguments on lines of their own", "start", "  def a do\n    Task.start(\n      MyApp.B,\n      # the name\n      :b,\n      []\n    )\n  end\n",
			"  def a do\n    Task.Supervisor.start_child(\n      MyApp.Tasks,\n      MyApp.B,\n      # the name\n      :b,\n      []\n    )\n  end\n"},
		{"several lines with a heredoc", "start_link", "  def a(x) do\n    Task.start_link(fn ->\n      # why\n      log(\"\"\"\n      one\n        two #{x}\n      \"\"\")\n    end)\n\n    x\n  end\n",
			"  def a(x) do\n    Task.Supervisor.start_child(MyApp.Tasks, fn ->\n      # why\n      log(\"\"\"\n      one\n        two #{x}\n      \"\"\")\n    end)\n\n    x\n  end\n"},
		{"between statements", "start", "  def a(item) do\n    before(item)\n    # later\n    Task.start(fn -> MyApp.Search.update_the_index_of_the_shop(item, :now) end)\n    item\n  end\n",
			"  def a(item) do\n    before(item)\n\n    # later\n    Task.Supervisor.start_child(MyApp.Tasks, fn ->\n      MyApp.Search.update_the_index_of_the_shop(item, :now)\n    end)\n\n    item\n  end\n"},
		{"do: on one line", "start", "  def a(item) when item != nil, do: Task.start(fn -> MyApp.Search.update_item(item) end)\n  def a(nil), do: nil\n",
			"  def a(item) when item != nil do\n    Task.Supervisor.start_child(MyApp.Tasks, fn -> MyApp.Search.update_item(item) end)\n  end\n\n  def a(nil), do: nil\n"},
		{"do: of an if", "start", "  def a(item) do\n    if item.visible?, do: Task.start(fn -> MyApp.Search.update_the_index(item) end)\n    item\n  end\n",
			"  def a(item) do\n    if item.visible? do\n      Task.Supervisor.start_child(MyApp.Tasks, fn -> MyApp.Search.update_the_index(item) end)\n    end\n\n    item\n  end\n"},
		{"behind an arrow", "start", "  def a(item) do\n    case item do\n      nil -> nil\n      item when item != 1 -> Task.start(fn -> MyApp.Search.update_the_index(item) end)\n    end\n  end\n",
			"  def a(item) do\n    case item do\n      nil ->\n        nil\n\n      item when item != 1 ->\n        Task.Supervisor.start_child(MyApp.Tasks, fn -> MyApp.Search.update_the_index(item) end)\n    end\n  end\n"},
		{"matched", "start", "  def a(item) do\n    {:ok, pid} = Task.start(fn -> MyApp.Search.update_the_index_of_the_shop(item) end)\n    pid\n  end\n",
			"  def a(item) do\n    {:ok, pid} =\n      Task.Supervisor.start_child(MyApp.Tasks, fn ->\n        MyApp.Search.update_the_index_of_the_shop(item)\n      end)\n\n    pid\n  end\n"},
		{"a capture", "start", "  def a do\n    Task.start(&MyApp.Search.update_the_index_of_the_whole_shop_and_of_all_branches/0)\n  end\n",
			"  def a do\n    Task.Supervisor.start_child(\n      MyApp.Tasks,\n      &MyApp.Search.update_the_index_of_the_whole_shop_and_of_all_branches/0\n    )\n  end\n"},
	} {
		for _, ends := range []string{"\n", "\r\n"} {
			w := writer(t, map[string]string{
				"mix.exs": mixFile, "lib/my_app/application.ex": application("    children = [{Task.Supervisor, name: MyApp.Tasks}]\n"),
				"lib/my_app/a.ex": strings.ReplaceAll(in(c.body), "\n", ends),
			})
			f, err := start(w, c.call)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			got := applied(t, w, f)
			if len(got) != 1 || got["lib/my_app/a.ex"] != strings.ReplaceAll(in(c.want), "\n", ends) {
				t.Errorf("%s, %q: got %d files\n%s", c.name, ends, len(got), got["lib/my_app/a.ex"])
			}
			if !slices.Equal(f.Reused, []string{"MyApp.Tasks"}) || f.Safety != fix.Asked {
				t.Errorf("%s: reuses %v, %s", c.name, f.Reused, f.Safety)
			}
			if ends == "\n" {
				all[c.name+".ex"] = got["lib/my_app/a.ex"]
			}
		}
	}
	formatted(t, all)
}

// TestStartRefused looks at what is left alone.
func TestStartRefused(t *testing.T) {
	app := application("    children = [MyAppWeb.Endpoint]\n")
	for _, c := range []struct{ name, app, file, want string }{
		{"no application", "", "defmodule MyApp.A do\n  def a, do: Task.start(fn -> :ok end)\nend\n", "no module starts"},
		{"children of another library", application("    children = MyApp.Children.all()\n"), "defmodule MyApp.A do\n  def a, do: Task.start(fn -> :ok end)\nend\n", "put together at run time"},
		{"one way without a list", application("    children = if on?(), do: [MyApp.Repo], else: MyApp.Children.all()\n"), "defmodule MyApp.A do\n  def a, do: Task.start(fn -> :ok end)\nend\n", "put together at run time"},
		{"an order with each child", application("    children = [{1, MyApp.Repo}, {2, MyApp.Endpoint}] |> Enum.sort() |> Enum.map(&elem(&1, 1))\n"), "defmodule MyApp.A do\n  def a, do: Task.start(fn -> :ok end)\nend\n", "put together at run time"},
		{"one of two lists", application("    children = if on?(), do: [MyApp.Repo], else: [MyApp.Clock]\n"), "defmodule MyApp.A do\n  def a, do: Task.start(fn -> :ok end)\nend\n", "in which of the lists"},
		{"a supervisor that stops first", application("    children = [MyAppWeb.Endpoint, {Task.Supervisor, name: MyApp.TaskSupervisor}]\n"), "defmodule MyApp.A do\n  def a, do: Task.start(fn -> :ok end)\nend\n", "move it in front"},
		{"piped", app, "defmodule MyApp.A do\n  def a(f), do: f |> Task.start()\nend\n", "piped in"},
		{"another Task", app, "defmodule MyApp.A do\n  alias MyApp.Task, as: Mine\n  alias MyApp.Jobs.{Job, MyApp}\n  def a, do: Task.start(fn -> :ok end)\nend\n", "another module"},
	} {
		files := map[string]string{"mix.exs": mixFile, "lib/my_app/a.ex": c.file}
		if c.app != "" {
			files["lib/my_app/application.ex"] = c.app
		}
		if _, err := start(writer(t, files), "start"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestUmbrella takes the supervisor of the application that a module belongs to.
func TestUmbrella(t *testing.T) {
	app := func(name string) string {
		return strings.ReplaceAll(application("    children = [MyApp.Repo]\n"), "MyApp", name)
	}
	w := writer(t, map[string]string{
		"mix.exs":                     "defmodule All.MixProject do\n  def project, do: [apps_path: \"apps\"]\nend\n",
		"apps/a/mix.exs":              strings.ReplaceAll(mixFile, "my_app", "a"),
		"apps/a/lib/a/application.ex": app("A"),
		"apps/b/mix.exs":              strings.ReplaceAll(mixFile, "my_app", "b"),
		"apps/b/lib/b/application.ex": app("B"),
		"apps/b/lib/b/b.ex":           "defmodule B.B do\n  def b, do: Task.start(fn -> :ok end)\nend\n",
	})
	c, x := calling(w, "apps/b/lib/b/b.ex", "start")
	f, err := w.Spell(&fix.StartUnder{Code: c, Call: x, Function: "Task.Supervisor.start_child"})
	if err != nil {
		t.Fatal(err)
	}
	got := applied(t, w, f)
	if len(got) != 2 || !strings.Contains(got["apps/b/lib/b/application.ex"], "[B.Repo, {Task.Supervisor, name: B.TaskSupervisor}]") {
		t.Errorf("got %v", got)
	}
}

// TestEarly looks at processes that are started while the supervisors are.
func TestEarly(t *testing.T) {
	files := map[string]string{
		"mix.exs":                   mixFile,
		"lib/my_app/application.ex": application("    children = [\n      MyApp.Repo,\n      MyApp.A,\n      MyAppWeb.Endpoint\n    ]\n"),
		"lib/my_app/a.ex":           "defmodule MyApp.A do\n  use GenServer\n\n  def init(x) do\n    Task.start(fn -> :ok end)\n    {:ok, x}\n  end\nend\n",
	}
	spell := func(files map[string]string, module string) (string, error) {
		w := writer(t, files)
		c, x := calling(w, "lib/my_app/a.ex", "start")
		f, err := w.Spell(&fix.StartUnder{Code: c, Call: x, Function: "Task.Supervisor.start_child", After: []ir.ModuleID{w.Program.ModuleNamed(module).ID}})
		if err != nil {
			return "", err
		}
		return applied(t, w, f)["lib/my_app/application.ex"], nil
	}
	got, err := spell(files, "MyApp.A")
	if err != nil || !strings.Contains(got, "MyApp.Repo,\n      {Task.Supervisor, name: MyApp.TaskSupervisor},\n      MyApp.A,") {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := spell(files, "MyApp.Application"); err == nil {
		t.Error("started before any supervisor")
	}
	files["lib/my_app/application.ex"] = application("    children = [MyApp.A, {Task.Supervisor, name: MyApp.Tasks}]\n")
	if _, err := spell(files, "MyApp.A"); err == nil {
		t.Error("the supervisor that is there starts later")
	}
}

// everywhere spells changes at every call and every literal of a text.
func everywhere(t *testing.T, text string) {
	if len(syn.Parse(source.NewFile("a.ex", text)).Errors) > 0 {
		return
	}
	w := writer(t, map[string]string{
		"mix.exs": mixFile, "lib/my_app/application.ex": application("    children = [MyAppWeb.Endpoint]\n"),
		"lib/my_app/a.ex": text, "config/config.exs": text, "config/prod.exs": text, "config/runtime.exs": text, "config/dev.exs": text, ".env.example": "A=b",
	})
	for _, c := range w.Program.Codes {
		if c.File == nil || path.Base(c.File.Path) == "application.ex" || path.Base(c.File.Path) == "mix.exs" {
			continue
		}
		for i := range c.Exprs {
			var changes []fix.Change
			x := ir.ExprID(i)
			switch e := c.At(x); {
			case e.Op == ir.Call:
				changes = append(changes, &fix.StartUnder{Code: c, Call: x, Function: "Task.Supervisor.start_child"})
				if e.Hi-e.Lo == 1 {
					changes = append(changes, &fix.AllowOnly{Code: c, Call: x, Text: c.Lists[e.Lo], Names: []string{"a", "b"}})
				}
			case e.Op == ir.Const && e.Sub == ir.LitString:
				changes = append(changes, &fix.ReadSecret{Code: c, Value: x, Fallback: ir.No, Key: "a key"})
			}
			for _, change := range changes {
				if f, err := w.Spell(change); err == nil {
					applied(t, w, f)
				}
			}
		}
	}
}

func FuzzEverywhere(f *testing.F) {
	f.Add("defmodule A do\n  @a \"b\"\n  def a(x), do: spawn(fn -> @a end)\nend\n")
	f.Add("import Config\r\n\r\n# why\r\nconfig :a, B,\r\n  # c\r\n  c: \"d\", # e\r\n  f: [\r\n    g: \"h\"\r\n  ]\r\n\r\nif config_env() == :prod do\r\n  config :a, b: \"c\"\r\nend\r\n")
	f.Add("defmodule A do\n  def a(x) do\n    y = \"\"\"\n    z\n    \"\"\"\n    x |> b(fn -> spawn(fn -> y end) end) |> c()\n  end\nend\n")
	f.Add("import Config\n\nconfig :a, B, c: [d: \"e\"], f: 1\nconfig :a, :b, \"c\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 2000 {
			everywhere(t, text)
		}
	})
}

// TestReused holds which supervisor of an application a new task goes under: one for all
// purposes, or one that the file starts such tasks under already.
func TestReused(t *testing.T) {
	for _, c := range []struct {
		name, child, other string
		reused             []string
	}{
		{"for all purposes", "MyApp.TaskSupervisor", ":ok", []string{"MyApp.TaskSupervisor"}},
		{"of modules that the application is not called after", "Shop.TaskSupervisor", ":ok", []string{"Shop.TaskSupervisor"}},
		{"for another purpose", "MyApp.Mail.TaskSupervisor", ":ok", nil},
		{"for a purpose of the file", "MyApp.Mail.TaskSupervisor", "Task.Supervisor.start_child(MyApp.Mail.TaskSupervisor, fn -> :ok end)", []string{"MyApp.Mail.TaskSupervisor"}},
	} {
		w := writer(t, map[string]string{
			"mix.exs":                   mixFile,
			"lib/my_app/application.ex": application("    children = [\n      MyApp.Repo,\n      {Task.Supervisor, name: " + c.child + "},\n      MyAppWeb.Endpoint\n    ]\n"),
			"lib/my_app/a.ex":           "defmodule MyApp.A do\n  def a do\n    Task.start(fn -> :ok end)\n    :ok\n  end\n\n  def b, do: " + c.other + "\nend\n",
		})
		f, err := start(w, "start")
		if err != nil || !slices.Equal(f.Reused, c.reused) {
			t.Errorf("%s: %v, reuses %v", c.name, err, f.Reused)
		}
	}
}
