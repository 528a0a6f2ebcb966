package elixir_test

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

var (
	okPair  = ir.Alt{Kind: ir.AltTuple, Tag: "ok", Arity: 2}
	errPair = ir.Alt{Kind: ir.AltTuple, Tag: "error", Arity: 2}
)

// inFunction is the text of a module whose function f has a body.
func inFunction(params, body string) string {
	var b strings.Builder
	b.WriteString("defmodule MyApp.Step do\n  require Logger\n\n  def f(" + params + ") do\n")
	for line := range strings.Lines(body) {
		if strings.TrimSpace(line) != "" {
			b.WriteString("    ")
		}
		b.WriteString(line)
	}
	b.WriteString("\n  end\nend\n")
	return b.String()
}

// risky is the call of `risky` in a module, or the match or the case that it is in.
func risky(t *testing.T, c *ir.Code, op ir.Op) ir.ExprID {
	t.Helper()
	for i := range c.Exprs {
		e := &c.Exprs[i]
		if e.Op != ir.Call || c.Callees[e.A].Name != "risky" {
			continue
		}
		if op == ir.Call {
			return ir.ExprID(i)
		}
		for k := range c.Exprs {
			o := &c.Exprs[k]
			if o.Op == op && (o.Op == ir.Match && o.B == int32(i) || o.Op == ir.Case && o.A == int32(i)) {
				return ir.ExprID(k)
			}
		}
	}
	t.Fatal("no call of risky")
	return ir.No
}

// arm is the first clause for an error.
func arm(t *testing.T, c *ir.Code) ir.ExprID {
	t.Helper()
	for i := range c.Exprs {
		if e := &c.Exprs[i]; e.Op == ir.Arm {
			if strings.HasPrefix(c.File.Text[e.Start:e.End], "{:error") || e.Sub == ir.ArmRescue || e.Sub == ir.ArmCatch {
				return ir.ExprID(i)
			}
		}
	}
	t.Fatal("no clause for an error")
	return ir.No
}

// change spells one change of a module, and gives the module's text, or the reason.
func change(t *testing.T, text string, ask func(c *ir.Code) fix.Change) string {
	t.Helper()
	w := writer(t, map[string]string{"lib/step.ex": text})
	f, err := w.Spell(ask(w.Program.ModuleNamed("MyApp.Step").Code))
	if err != nil {
		return "none: " + err.Error()
	}
	p, err := fix.Compose(w.Files, []fix.Fix{f})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Applied) != 1 {
		t.Fatal("the fix does not fit beside itself")
	}
	got := p.Next().Named("lib/step.ex").Text
	if tree := syn.Parse(source.NewFile("lib/step.ex", got)); len(tree.Errors) > 0 {
		t.Errorf("cannot be read: %v\n%s", tree.Errors, got)
	}
	return got
}

// What the code does not decide is a question, and a fix that leaves one is shown.
func TestFailureLeavesQuestion(t *testing.T) {
	match := func(how fix.Handling, status int, wrap bool) func(*testing.T, *ir.Code) fix.Change {
		return func(t *testing.T, c *ir.Code) fix.Change {
			failure := errPair
			if wrap {
				failure = ir.Alt{Kind: ir.AltAtom, Tag: "error"}
			}
			return &fix.HandleFailure{Code: c, Expr: risky(t, c, ir.Match), Failure: failure, How: how, Status: status, Wrap: wrap}
		}
	}
	for _, c := range []struct {
		name, text string
		ask        func(*testing.T, *ir.Code) fix.Change
		safety     fix.Safety
	}{
		{"a page that redirects, and no message anywhere", inFunction("conn", "{:ok, x} = risky()\nredirect(conn, to: g(x))"), match(fix.Refuse, 400, false), fix.Shown},
		{"an answer that is a bare text", inFunction("conn", "{:ok, x} = risky()\nsend_resp(conn, 200, x)"), match(fix.Refuse, 400, false), fix.Asked},
		{"a page in another language", inFunction("socket", "{:ok, x} = risky()\n{:noreply, g(socket, [x, \"プレイヤー\", \"参加しました\", \"ゲーム\"])}"), match(fix.Tell, 0, false), fix.Shown},
		{"failures that are maps", inFunction("y", "{:ok, x} = risky()\ng(x, {:error, %{reason: y}})"), match(fix.PassOn, 0, true), fix.Shown},
		{"failures that are atoms", inFunction("y", "{:ok, x} = risky()\ng(x, {:error, :odd})"), match(fix.PassOn, 0, true), fix.Asked},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := writer(t, map[string]string{"lib/step.ex": c.text})
			f, err := w.Spell(c.ask(t, w.Program.ModuleNamed("MyApp.Step").Code))
			if err != nil {
				t.Fatal(err)
			}
			if f.Safety != c.safety || (len(f.Notes) > 0) != (c.safety == fix.Shown) {
				t.Errorf("%s, notes %q; want %s\n%v", f.Safety, f.Notes, c.safety, f.Edits)
			}
		})
	}
}

// The messages of a part of a page are not shown, so that a failure is logged there.
func TestFailureInLiveComponent(t *testing.T) {
	text := strings.Replace(inFunction("socket", "{:ok, x} = risky()\n{:noreply, assign(socket, :x, x)}"), "  require Logger\n", "  use MyAppWeb, :live_component\n\n  require Logger\n", 1)
	got := change(t, text, func(c *ir.Code) fix.Change {
		return &fix.HandleFailure{Code: c, Expr: risky(t, c, ir.Match), Failure: errPair, How: fix.Tell}
	})
	if !strings.Contains(got, `Logger.error("risky failed: #{inspect(reason)}")`) || strings.Contains(got, "put_flash") {
		t.Errorf("got\n%s", got)
	}
}

func TestHandleFailure(t *testing.T) {
	for _, c := range []struct {
		name, params, body, want string
		op                       ir.Op
		how                      fix.Handling
	}{
		{
			"matches that follow are steps as well", "x", "{:ok, y} = risky(x)\n{:ok, z} = g(y)\n\n# Then.\n{:ok, _} = h(z)\nz",
			"with {:ok, y} <- risky(x),\n     {:ok, z} <- g(y) do\n  # Then.\n  {:ok, _} = h(z)\n  z\nend", ir.Match, fix.PassOn,
		},
		{
			"passed on", "x", "y = g(x)\n{:ok, z} = risky(y)\n\nh(z)",
			"y = g(x)\n\nwith {:ok, z} <- risky(y) do\n  h(z)\nend", ir.Match, fix.PassOn,
		},
		{
			"a pipeline below its match, comments and a heredoc", "x", `# First.
{:ok, z} =
  x
  # that is risky
  |> risky()

# Then.
h("""
a text
  of lines
""", z) # why`,
			`# First.
with {:ok, z} <-
       x
       # that is risky
       |> risky() do
  # Then.
  h("""
  a text
    of lines
  """, z) # why
end`, ir.Match, fix.PassOn,
		},
		{
			"a string of lines stays as it is", "x", "{:ok, z} = risky(x)\nh(\"a\nb\", z)",
			"with {:ok, z} <- risky(x) do\n  h(\"a\nb\", z)\nend", ir.Match, fix.PassOn,
		},
		{
			"a step of the with around it", "x", "with {:ok, y} <- g(x) do\n  {:ok, z} = risky(y)\n\n  h(z)\nend",
			"with {:ok, y} <- g(x),\n     {:ok, z} <- risky(y) do\n  h(z)\nend", ir.Match, fix.PassOn,
		},
		{
			"nested in a with that has an else", "x", "with {:ok, y} <- g(x) do\n  {:ok, z} = risky(y)\n  h(z)\nelse\n  e -> e\nend",
			"with {:ok, y} <- g(x) do\n  with {:ok, z} <- risky(y) do\n    h(z)\n  end\nelse\n  e -> e\nend", ir.Match, fix.PassOn,
		},
		{
			"the rest of a clause", "x", "case x do\n  1 ->\n    risky(x)\n    {:ok, x}\n\n  _ ->\n    x\nend",
			"case x do\n  1 ->\n    with {:ok, _} <- risky(x) do\n      {:ok, x}\n    end\n\n  _ ->\n    x\nend", ir.Call, fix.PassOn,
		},
		{
			"a pattern that looks inside", "x", "{:ok, %{\"a\" => a}} = risky(x)\nh(a)",
			"case risky(x) do\n  {:ok, %{\"a\" => a}} -> h(a)\n  {:error, reason} -> {:error, reason}\nend", ir.Match, fix.PassOn,
		},
		{
			"not where something else is given", "x", "y =\n  if x do\n    {:ok, z} = risky(x)\n    z\n  end\n\nh(y)",
			"none: what it gives is not the answer of the function, so that the failure cannot be returned there", ir.Match, fix.PassOn,
		},
		{
			"not in a function that is passed on", "x", "Enum.map(x, fn y ->\n  {:ok, z} = risky(y)\n  z\nend)",
			"none: what it gives is not the answer of the function, so that the failure cannot be returned there", ir.Match, fix.PassOn,
		},
		{
			"not among others on a line", "x", "y = g(x); risky(y)\nh(y)",
			"none: other code stands on the same lines", ir.Call, fix.PassOn,
		},
		{
			"logged", "x", "risky(x)\nh(x)",
			"with {:error, reason} <- risky(x) do\n  Logger.error(\"risky failed: #{inspect(reason)}\")\nend\n\nh(x)", ir.Call, fix.Log,
		},
		{
			"logged in a loop, over lines", "x", "Enum.each(x, fn y ->\n  risky(%{\n    y: y\n  })\n\n  g(y)\nend)",
			"Enum.each(x, fn y ->\n  with {:error, reason} <-\n         risky(%{\n           y: y\n         }) do\n    Logger.error(\"risky failed: #{inspect(reason)}\")\n  end\n\n  g(y)\nend)", ir.Call, fix.Log,
		},
		{
			"a map that no longer fits", "x", "{:ok, z} =\n  risky(x, %{phone_number_of_the_person: number_of(x), organization_of_the_person: organization(x)})\n\nh(z)",
			"with {:ok, z} <-\n       risky(x, %{\n         phone_number_of_the_person: number_of(x),\n         organization_of_the_person: organization(x)\n       }) do\n  h(z)\nend", ir.Match, fix.PassOn,
		},
		{
			"not in one line", "x", "Enum.each(x, fn y -> risky(y) end)\nh(x)",
			"none: other code stands on the same lines", ir.Call, fix.Log,
		},
		{
			"refused", "conn, %{\"id\" => x}", "{:ok, z} = risky(x)\nh(conn, z)",
			"case risky(x) do\n  {:ok, z} -> h(conn, z)\n  {:error, _reason} -> Plug.Conn.send_resp(conn, 422, \"Unprocessable Entity\")\nend", ir.Match, fix.Refuse,
		},
		{
			"refused, where another answer says what came", "conn, x", "{:ok, z} = risky(x)\n\ncase h(z) do\n  :ok -> j(conn)\n  {:error, reason} -> conn |> put_status(400) |> json(%{error: \"Failed to get it: #{inspect(reason)}\"})\nend",
			"case risky(x) do\n  {:ok, z} ->\n    case h(z) do\n      :ok -> j(conn)\n      {:error, reason} -> conn |> put_status(400) |> json(%{error: \"Failed to get it: #{inspect(reason)}\"})\n    end\n\n  {:error, _reason} ->\n    conn\n    |> put_status(422)\n    |> json(%{error: \"Unprocessable Entity\"})\nend", ir.Match, fix.Refuse,
		},
		{
			"refused, a call over lines", "conn, x", "{:ok, z} =\n  risky(%{\n    x: x\n  })\n\ny = g(z)\nh(conn, y)",
			"case risky(%{\n       x: x\n     }) do\n  {:ok, z} ->\n    y = g(z)\n    h(conn, y)\n\n  {:error, _reason} ->\n    Plug.Conn.send_resp(conn, 422, \"Unprocessable Entity\")\nend", ir.Match, fix.Refuse,
		},
		{
			"refused without a name for what is answered", "_conn, x", "{:ok, z} = risky(x)\nz",
			"none: the function gives no name to what it must answer with", ir.Match, fix.Refuse,
		},
		{
			"kept, from a pipeline", "x, state", "{:ok, z} =\n  x\n  |> risky()\n\n{:noreply, z}",
			"x\n|> risky()\n|> case do\n  {:ok, z} ->\n    {:noreply, z}\n\n  {:error, reason} ->\n    Logger.error(\"risky failed: #{inspect(reason)}\")\n    {:noreply, state}\nend", ir.Match, fix.Keep,
		},
	} {
		text := inFunction(c.params, c.body)
		got := change(t, text, func(code *ir.Code) fix.Change {
			return &fix.HandleFailure{Code: code, Expr: risky(t, code, c.op), Success: okPair, Failure: errPair, How: c.how, Status: 422}
		})
		want := c.want
		if !strings.HasPrefix(want, "none: ") {
			want = inFunction(c.params, want)
		}
		if got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, want)
		}
		crlf := change(t, strings.ReplaceAll(text, "\n", "\r\n"), func(code *ir.Code) fix.Change {
			return &fix.HandleFailure{Code: code, Expr: risky(t, code, c.op), Success: okPair, Failure: errPair, How: c.how, Status: 422}
		})
		if !strings.HasPrefix(want, "none: ") {
			want = strings.ReplaceAll(want, "\n", "\r\n")
		}
		if crlf != want {
			t.Errorf("%s: with carriage returns: %q, want %q", c.name, crlf, want)
		}
	}
}

func TestAnswerFailure(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"instead of success", "case risky(x) do\n  {:ok, _} -> :ok\n  {:error, _} -> :ok\nend", "case risky(x) do\n  {:ok, _} -> :ok\n  {:error, reason} -> {:error, reason}\nend"},
		{
			"behind a log", "case risky(x) do\n  {:ok, y} ->\n    y\n\n  {:error, why} ->\n    Logger.error(\n      why\n    )\nend",
			"case risky(x) do\n  {:ok, y} ->\n    y\n\n  {:error, why} ->\n    Logger.error(\n      why\n    )\n\n    {:error, why}\nend",
		},
		{
			"a bare :ok behind it goes", "if x do\n  case risky(x) do\n    {:ok, y} -> g(y)\n    {:error, _e} -> Logger.error(\"no\")\n  end\nend\n\n:ok",
			"if x do\n  case risky(x) do\n    {:ok, y} ->\n      g(y)\n      :ok\n\n    {:error, e} ->\n      Logger.error(\"no\")\n      {:error, e}\n  end\nelse\n  :ok\nend",
		},
		{"not where more follows", "case risky(x) do\n  {:ok, _} -> 1\n  {:error, _} -> 2\nend\n\ng(x)\n:ok", "none: what it gives is not the answer of the function, so that the failure cannot be returned there"},
		{"a name that is taken", "case risky(x) do\n  {:ok, _} -> :ok\n  {:error, _x} -> g(x)\nend", "none: the name of the reason is taken"},
	} {
		got := change(t, inFunction("x", c.body), func(code *ir.Code) fix.Change { return &fix.AnswerFailure{Code: code, Arm: arm(t, code)} })
		want := c.want
		if !strings.HasPrefix(want, "none: ") {
			want = inFunction("x", want)
		}
		if got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, want)
		}
	}
}

func TestAcceptFailure(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"in lines", "case risky(x) do\n  {:ok, y} -> y\n  nil -> 1\nend", "case risky(x) do\n  {:ok, y} -> y\n  nil -> 1\n  {:error, reason} -> {:error, reason}\nend"},
		{
			"in blocks", "case risky(x) do\n  {:ok, y} ->\n    y\n\n  nil ->\n    1\nend",
			"case risky(x) do\n  {:ok, y} ->\n    y\n\n  nil ->\n    1\n\n  {:error, reason} ->\n    {:error, reason}\nend",
		},
		{"behind a pipe", "x\n|> risky()\n|> case do\n  {:ok, y} -> y\nend", "x\n|> risky()\n|> case do\n  {:ok, y} -> y\n  {:error, reason} -> {:error, reason}\nend"},
	} {
		got := change(t, inFunction("x", c.body), func(code *ir.Code) fix.Change {
			return &fix.AcceptFailure{Code: code, Expr: risky(t, code, ir.Case), Failure: errPair}
		})
		if want := inFunction("x", c.want); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, want)
		}
	}
}

func TestLogException(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{
			"rescue", "try do\n  risky(x)\nrescue\n  _ -> nil\nend",
			"try do\n  risky(x)\nrescue\n  error ->\n    Logger.error(Exception.format(:error, error, __STACKTRACE__))\n    nil\nend",
		},
		{
			"catch", "try do\n  risky(x)\ncatch\n  _, _ -> nil\nend",
			"try do\n  risky(x)\ncatch\n  kind, reason ->\n    Logger.error(Exception.format(kind, reason, __STACKTRACE__))\n    nil\nend",
		},
	} {
		got := change(t, inFunction("x", c.body), func(code *ir.Code) fix.Change { return &fix.LogException{Code: code, Arm: arm(t, code)} })
		if want := inFunction("x", c.want); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, want)
		}
	}
}

// An Elixir before 1.7 has no __STACKTRACE__, so that one that may be so old is asked for.
func TestLogExceptionForOlderElixir(t *testing.T) {
	for demand, want := range map[string]fix.Safety{"~> 1.4": fix.Shown, "~> 1.7": fix.Asked, ">= 1.14.0": fix.Asked} {
		w := writer(t, map[string]string{
			"mix.exs":     "defmodule MyApp.MixProject do\n  use Mix.Project\n  def project, do: [app: :my_app, elixir: \"" + demand + "\"]\nend\n",
			"lib/step.ex": inFunction("x", "try do\n  risky(x)\nrescue\n  _ -> nil\nend"),
		})
		code := w.Program.ModuleNamed("MyApp.Step").Code
		f, err := w.Spell(&fix.LogException{Code: code, Arm: arm(t, code)})
		if err != nil || f.Safety != want {
			t.Errorf("%s: %v, %v", demand, f.Safety, err)
		}
	}
}
