package model

import (
	"strings"
	"testing"
)

func TestCalls(t *testing.T) {
	set := builtinSet(t)
	for _, c := range []struct {
		module, name string
		arity        int
		want         string
	}{
		{"Ecto.Repo", "insert", 1, "write, fallible"},
		{"Ecto.Repo", "insert!", 2, "write, raise"},
		{"Ecto.Repo", "insert_all", 2, "write"},
		{"Enum", "reduce", 3, "iterates"},
		{"Kernel", "spawn", 1, "spawn, starts unlinked"},
		{"Supervisor", "start_link", 2, "spawn, starts linked, supervises"},
		{"ets", "lookup", 2, "cache"},
		{"erlang", "binary_to_atom", 1, "atom sink"},
		{"Plug.Conn", "get_req_header", 2, "source request"},
	} {
		i := set.CallOf(c.module, c.name, c.arity)
		if i < 0 {
			t.Errorf("no entry for %s.%s/%d", c.module, c.name, c.arity)
			continue
		}
		if got := strings.Join(set.At(i).Words(), ", "); got != c.want {
			t.Errorf("%s.%s/%d is %q, want %q", c.module, c.name, c.arity, got, c.want)
		}
	}
	if i := set.CallOf("Ecto.Repo", "insert", 7); i != -1 {
		t.Errorf("Ecto.Repo.insert/7 is entry %d", i)
	}
}

func TestCallbacks(t *testing.T) {
	set := builtinSet(t)
	for _, c := range []struct {
		module, name string
		arity        int
		want         string
	}{
		{"Phoenix.Controller", "show", 2, "request"},
		{"Phoenix.Controller", "show", 3, ""},
		{"Phoenix.LiveView", "handle_event", 3, "socket"},
		{"Oban.Worker", "perform", 1, "job"},
		{"Mix.Task", "run", 1, "task"},
		{"Ecto.Migration", "change", 0, "migrate"},
		{"GenServer", "handle_call", 3, "process"},
	} {
		got := ""
		if cb := set.CallbackOf(c.module, c.name, c.arity); cb != nil {
			got = cb.Entry
		}
		if got != c.want {
			t.Errorf("%s.%s/%d is an entry %q, want %q", c.module, c.name, c.arity, got, c.want)
		}
	}
}

func TestExports(t *testing.T) {
	set := builtinSet(t)
	kernel := set.ExportsOf("Kernel")
	if !kernel.Func("length", 1) || kernel.Func("length", 2) || kernel.Macro("length", 1) {
		t.Error("Kernel has the function length/1 only")
	}
	if !kernel.Func("!=", 2) || !kernel.Macro("!", 1) || !kernel.Macro("@", 1) || !kernel.Func("/", 2) {
		t.Error("Kernel has operators")
	}
	if kernel.Func("length", -1) || kernel.Func("length", 64) {
		t.Error("no arity is below 0 or above 63")
	}
	if !set.ExportsOf("Ecto.Repo").Callback("all", 2) {
		t.Error("Ecto.Repo has the callback all/2")
	}
	if set.ExportsOf("MyApp.User") != nil || set.Knows("MyApp.User") {
		t.Error("nothing is known of MyApp.User")
	}
	if !set.Knows("ets") || !set.Knows("Version") || !set.Knows("Mix.Task") {
		t.Error("ets, Version and Mix.Task are known")
	}
}

func TestProjectModels(t *testing.T) {
	set, err := Load(map[string][]byte{".assay/models/billing.toml": []byte(`
app = "billing"
[use."Billing.Client"]
define = ["charge/2"]
[callback]
"Billing.Hook.paid/1" = { entry = "request", untrusted = [0], parts = ["0.amount"] }
[call."Billing.Client.charge/1,2"]
effect = ["http"]
fallible = true
`)})
	if err != nil {
		t.Fatal(err)
	}
	if i := set.CallOf("Billing.Client", "charge", 2); i < 0 || !set.At(i).Effects.Has(HTTP) {
		t.Error("Billing.Client.charge/2 calls a service")
	}
	if set.UseOf("Billing.Client") == nil || set.CallbackOf("Billing.Hook", "paid", 1) == nil {
		t.Error("use and callback are there")
	}
	if set.CallOf("Enum", "map", 2) < 0 {
		t.Error("the built-in models are there too")
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, toml, want string }{
		{"section", "[cal.\"A.b/1\"]\n", `x.toml:1: unknown key "cal"; did you mean "call"?`},
		{"key", "[call]\n\"A.b/1\" = { efect = [\"query\"] }\n", `x.toml:2: unknown key "efect"; did you mean "effect"?`},
		{"use key", "[use.\"A\"]\nimports = []\n", `x.toml:2: unknown key "imports"; did you mean "import"?`},
		{"option key", "[call]\n\"A.b/1\" = { option = { arg = 0, kee = \"x\" } }\n", `x.toml:2: unknown key "kee"; did you mean "key"?`},
		{"effect", "[call]\n\n\"A.b/1\" = { effect = [\"qeury\"] }\n", `x.toml:3: unknown effect "qeury"; did you mean "query"?`},
		{"effect in a table", "[call.\"A.b/1\"]\neffect = [\"zzzzzz\"]\n", `x.toml:1: unknown effect "zzzzzz"`},
		{"gives", "[call]\n\"A.b/1\" = { gives = \"row_s\" }\n", `x.toml:2: unknown gives "row_s"; did you mean "rows"?`},
		{"starts", "[call]\n\"A.b/1\" = { starts = \"unlinkd\" }\n", `x.toml:2: unknown starts "unlinkd"; did you mean "unlinked"?`},
		{"source", "[call]\n\"A.b/1\" = { source = \"reqest\" }\n", `x.toml:2: unknown source "reqest"; did you mean "request"?`},
		{"sink", "[call]\n\"A.b/1\" = { sink = { atoms = 0 } }\n", `x.toml:2: unknown sink "atoms"; did you mean "atom"?`},
		{"entry", "[callback]\n\"A.b/1\" = { entry = \"jobs\" }\n", `x.toml:2: unknown entry "jobs"; did you mean "job"?`},
		{"type", "[call]\n\"A.b/1\" = { runs = 1 }\n", `x.toml:2: cannot decode TOML integer into struct field model.Call.Runs of type []int`},
		{"argument", "[call]\n\"A.b/1,2\" = { sink = { sql = 2 } }\n", `x.toml:2: sink is argument 2, but there are 2, counted from 0`},
		{"parameter", "[callback]\n\"A.b/1\" = { untrusted = [1] }\n", `x.toml:2: untrusted is argument 1, but there are 1, counted from 0`},
		{"part", "[callback]\n\"A.b/1\" = { parts = [\"params\"] }\n", `x.toml:2: part "params" is not a parameter and its field, as "0.params"`},
		{"iterates", "[call]\n\"A.b/1\" = { iterates = 0 }\n", `x.toml:2: iterates says what runs is given, but there is no runs`},
		{"no arity", "[call]\n\"A.b\" = {}\n", `x.toml:2: "A.b" is not Module.function/arity`},
		{"no module", "[call]\n\"b/1\" = {}\n", `x.toml:2: "b/1" is not Module.function/arity`},
		{"arity", "[call]\n\"A.b/1,x\" = {}\n", `x.toml:2: "A.b/1,x" has the arity "x", which is no number from 0 to 63`},
		{"twice", "[call]\n\"A.b/1\" = {}\n\"A.b/1,2\" = {}\n", `x.toml:3: call "A.b/1" is already at x.toml:2`},
		{"syntax", "[call]\n\"A.b/1\" = {\n", `x.toml:2: inline table is incomplete`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(map[string][]byte{"x.toml": []byte(c.toml)})
			if err == nil {
				t.Fatalf("no error, want %s", c.want)
			}
			if err.Error() != c.want {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

func TestTwoLibrariesWithOneKey(t *testing.T) {
	_, err := Load(map[string][]byte{
		"a.toml": []byte("[use]\n\"A\" = {}\n"),
		"b.toml": []byte("[call]\n[use.\"A\"]\n"),
	})
	want := `b.toml:2: use "A" is already at a.toml:2`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSplitKey(t *testing.T) {
	for key, want := range map[string]string{
		"Ecto.Repo.all/1": "Ecto.Repo all",
		"ets.lookup/1":    "ets lookup",
		"Kernel.//1":      "Kernel /",
		"Kernel.../1":     "Kernel ..",
		"Kernel.=~/1":     "Kernel =~",
		"Enum.any?/1":     "Enum any?",
	} {
		module, name, _, err := splitKey(key)
		if got := module + " " + name; err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", key, got, err, want)
		}
	}
}
