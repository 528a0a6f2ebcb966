package flow_test

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
)

// gives prints what the clauses of a function give, one clause after the other.
func gives(p *ir.Program, r *flow.Result, name string) string {
	var clauses []string
	for _, f := range p.Funcs {
		if f.Name != name {
			continue
		}
		lo, hi := r.Clauses(f.ID)
		for id := lo; id < hi; id++ {
			alts, all := r.Results(id)
			var words []string
			for i := range alts {
				words = append(words, alts[i].String())
			}
			if !all {
				words = append(words, "…")
			}
			clauses = append(clauses, strings.Join(words, " | "))
		}
	}
	return strings.Join(clauses, "; ")
}

func TestResults(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"literals", `def f(x), do: if(x > 1, do: :ok, else: {:error, :small})`, ":ok | {:error, :small}"},
		{"if without else", `def f(x), do: if(x > 1, do: {:ok, x})`, "{:ok, _} | nil"},
		{"cond", "def f(x) do\ncond do\nx > 1 -> :a\ntrue -> :b\nend\nend", ":a | :b"},
		{"a cond that may raise", "def f(x) do\ncond do\nx > 1 -> :a\nend\nend", ":a"},
		{"raise", `def f(_), do: raise("no")`, ""},
		{"a model", `def f(x), do: Integer.parse(x)`, "{_, _} | :error"},
		{"a case", "def f(x) do\ncase Integer.parse(x) do\n{n, _} -> {:ok, n}\n:error -> {:error, :number}\nend\nend", "{:ok, _} | {:error, :number}"},
		{"a clause that nothing reaches", "def f(x) do\ncase Repo.delete(x) do\n{:ok, _} -> :ok\n:gone -> :gone\n{:error, _} -> :no\nend\nend", ":ok"},
		{"with", "def f(x) do\nwith {n, _} <- Integer.parse(x), do: n + 1\nend", ":error | …"},
		{"with else", "def f(x) do\nwith {n, _} <- Integer.parse(x) do\n{:ok, n}\nelse\n:error -> nil\nend\nend", "{:ok, _} | nil"},
		{"a parameter", `def f(x), do: x`, "another value | …"},
		{"a parameter given", "def f(x), do: g({:ok, x})\ndef g(y), do: y", "{:ok, _}"},
		{"an error passed on", "def f(x), do: x |> Integer.parse() |> g()\ndef g(:error), do: nil\ndef g(y), do: y", "nil | {_, _}"},
		{"a clause for an error", "def f(x), do: x |> h() |> g()\ndef h(x), do: {:ok, x}\ndef g({:error, e}), do: {:error, e}\ndef g({:ok, y}), do: {:done, y}", "{:done, _}"},
		{"steps", `def f(x), do: Ecto.Multi.new() |> Ecto.Multi.run(:a, x) |> Repo.transaction()`, "{:ok, _} | {:error, _, _, _}"},
		{"a transaction that rolls back", "def f(x), do: Repo.transaction(fn -> g(x) end)\ndef g(x), do: Repo.rollback(x)", "{:ok, _} | {:error, _}"},
		{"a transaction that does not", `def f(x), do: Repo.transaction(fn -> Repo.insert!(x) end)`, "{:ok, _}"},
		{"and, or", `def f(x), do: Repo.get(X, x) || :none`, "a struct | :none"},
		{"a condition on a row", "def f(x) do\nif r = Repo.get(X, x) do\nr\nelse\n:none\nend\nend", "a struct | :none"},
		{"recursion", "def f([]), do: :ok\ndef f([_ | t]), do: f(t)", ":ok; :ok"},
		{"a declaration", "@type r :: {:ok, map()} | {:error, term()}\n@spec g(term()) :: r()\ndef g(x), do: x.()\ndef f(x), do: g(x)", "{:error, _} | …"},
		{"many", "def f(x) do\ncase x do\n" + arms(20) + "end\nend", ":a0 | :a1 | :a2 | :a3 | :a4 | :a5 | :a6 | :a7 | :a8 | :a9 | :a10 | :a11 | …"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, r := analyze(t, "lib/job.ex", job(c.body))
			if got := gives(p, r, "f"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// arms are clauses for the strings 0 to n, each giving its own atom.
func arms(n int) string {
	var b strings.Builder
	for i := range n {
		s := string(rune('0'+i/10)) + string(rune('0'+i%10))
		b.WriteString("%{k: \"" + s + "\"} -> :a" + strings.TrimPrefix(s, "0") + "\n")
	}
	return b.String()
}

func TestUnmatched(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"match", "def f(x) do\n{n, _} = Integer.parse(x)\nn\nend", ":error"},
		{"match of both", "def f(x) do\nn = Integer.parse(x)\nn\nend", ""},
		{"case", "def f(x) do\ncase Integer.parse(x) do\n{n, _} -> n\nend\nend", ":error"},
		{"a guard refuses", "def f(x) do\ncase Repo.get(X, x) do\nr when is_map(r) -> r\nend\nend", "nil"},
		{"a guard lets through", "def f(x) do\ncase Repo.get(X, x) do\nr when r != nil -> r\nend\nend", ""},
		{"else", "def f(x) do\nwith {n, _} <- Integer.parse(x) do\nn\nelse\nnil -> 0\nend\nend", ":error"},
		{"no else", "def f(x) do\nwith {n, _} <- Integer.parse(x), do: n\nend", ""},
		{"match?", "def f(x), do: match?({_, _}, Integer.parse(x))", ""},
		{"a wrong size", "def f(x) do\ncase Ecto.Multi.new() |> Ecto.Multi.run(:a, x) |> Repo.transaction() do\n{:ok, y} -> y\n{:error, e} -> e\nend\nend", "{:error, _, _, _} wrong"},
		{"a part of the errors", "def f(x) do\ncase g(x) do\n{:error, :a} -> 1\nend\nend\ndef g(x) do\nif x > 1, do: {:error, :a}, else: {:error, :b}\nend", "{:error, :b}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, r := analyze(t, "lib/job.ex", job(c.body))
			var got []string
			for i := range r.Len() {
				for _, u := range r.Unmatched(flow.ClauseID(i)) {
					s := u.Alt.String()
					if u.Wrong != ir.No {
						s += " wrong"
					}
					got = append(got, s)
				}
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}
