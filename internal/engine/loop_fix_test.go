package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// What stands around the body of a case.
const (
	loopHead = `defmodule MyApp.Worker do
  use Oban.Worker

  import Ecto.Query

  alias MyApp.{Helper, MailWorker, Order, Product, Repo, User}

  def perform(job) do
`
	loopTail = `  end

  def used, do: {Helper, MailWorker, Order, Product, User, from(o in Order)}
end
`
	loopMigration = `defmodule MyApp.Repo.Migrations.Create do
  use Ecto.Migration

  def change do
    create table(:visits) do
      add :user_id, :bigint
      add :page, :string
      timestamps(type: :utc_datetime)
    end
  end
end
`
	loopProject = `defmodule MyApp.Repo do
  use Ecto.Repo, otp_app: :my_app, adapter: Ecto.Adapters.Postgres
end

defmodule MyApp.MailWorker do
  use Oban.Worker

  def perform(_job), do: :ok
end

defmodule MyApp.Helper do
  import Ecto.Query

  alias MyApp.{Order, Repo, Visit}

  def visits(user), do: Repo.all(from(v in Visit, where: v.user_id == ^user.id))

  def seen(user_id, page) do
    Visit
    |> where([v], v.user_id == ^user_id and v.page == ^page)
    |> Repo.all()
  end

  def how_many(user) do
    Visit
    |> where([v], v.user_id == ^user.id)
    |> Repo.aggregate(:count, :id)
  end

  def number(user_id) do
    Repo.one(from(v in Visit, where: v.user_id == ^user_id, select: count(v.id)))
  end

  def pages_of(user_id) do
    from(v in Visit,
      where: v.user_id == ^user_id,
      select: count(v.page, :distinct)
    )
    |> Repo.one()
  end

  def recent(user_id, page \\ "start") do
    Repo.all(from(v in Visit, where: v.user_id == ^user_id and v.page == ^page))
  end

  def shown(user_id) do
    visits = Repo.all(from(v in Visit, where: v.user_id == ^user_id))
    Enum.take(visits, 2)
  end

  def since(user_id, page), do: Repo.all(from(v in Visit, where: v.user_id == ^user_id and v.page > ^page))
  def log(user), do: Repo.insert!(%Visit{user_id: user.id})
  def visits_of(user_id), do: Repo.all(from(v in Visit, where: v.user_id == ^user_id))
  def any(nil), do: []
  def any(user_id), do: Repo.all(from(v in Visit, where: v.user_id == ^user_id))

  def all_that_has_ever_been_seen_on_a_page_by_somebody_for_user(page, user_id) do
    Visit
    |> where([v], v.user_id == ^user_id and v.page == ^page)
    |> Repo.all()
  end

  def orders_of(user_id) do
    Repo.all(from(o in Order, where: o.user_id == ^user_id, preload: :user))
  end

  def sum(user_id), do: Repo.one(from(v in Visit, where: v.user_id == ^user_id, select: sum(v.id)))
  def last(user_id), do: Repo.aggregate(from(v in Visit, where: v.user_id == ^user_id), :max, :id)
  def visit(user_id), do: Visit |> where([v], v.user_id == ^user_id) |> Repo.one()
  def few(user_id), do: Visit |> where([v], v.user_id == ^user_id) |> limit(3) |> Repo.all()
  def pages(user_id), do: Repo.all(from(v in Visit, where: v.user_id == ^user_id, select: v.page))
  def turned(user_id), do: Repo.all(from(v in Visit, where: ^user_id == v.user_id))
  def twice(user), do: Repo.all(from(v in Visit, where: v.user_id == ^user.id and v.page != ^user.name))
  def either(user_id), do: Repo.all(from(v in Visit, where: v.user_id == ^user_id or v.page == "start"))
  def full(order), do: order |> Repo.preload(:items) |> Repo.preload(user: :team)
  def view(order), do: %{id: order.id, items: Repo.preload(order, [:items]).items}
  def show(order), do: inspect(order)
end

defmodule MyApp.User do
  use Ecto.Schema

  schema "users" do
    field :name, :string
    has_many :orders, MyApp.Order
  end
end

defmodule MyApp.Product do
  use Ecto.Schema

  schema "products" do
    field :name, :string
  end
end

defmodule MyApp.Visit do
  use Ecto.Schema

  schema "visits" do
    field :user_id, :id
    field :page, :string
    timestamps(type: :utc_datetime)
  end
end

defmodule MyApp.Order do
  use Ecto.Schema

  schema "orders" do
    belongs_to :user, MyApp.User
    field :product_id, :id
    has_many :items, MyApp.Item
  end
end
`
)

// TestLoopFixes spells the fixes of loops in many layouts. A case of the recorded
// text is a line with its name, the body of a function, a line with ---, and the
// body that its fix makes, or the reason why there is none.
func TestLoopFixes(t *testing.T) {
	file := filepath.Join("testdata", "loops.txt")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out, made strings.Builder
	for c := range strings.SplitSeq(strings.TrimPrefix(string(data), "## "), "\n## ") {
		name, rest, _ := strings.Cut(c, "\n")
		body, want, _ := strings.Cut(rest, "---")
		for _, crlf := range []bool{false, true} {
			got := fixedLoop(t, name, body, crlf)
			if os.Getenv("UPDATE") == "" && strings.TrimRight(got, "\n") != strings.Trim(want, "\n") {
				t.Errorf("%s (CRLF %v): got\n%s\nwant\n%s", name, crlf, got, want)
			}
			if !crlf {
				out.WriteString("## " + name + "\n" + body + "---\n" + strings.TrimRight(got, "\n") + "\n\n")
				if !strings.HasPrefix(got, "no: ") {
					made.WriteString("if made do\n" + strings.ReplaceAll("\n"+got, "\n    ", "\n  ") + "end\n")
				}
			}
		}
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(strings.TrimRight(out.String(), "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	formatted(t, made.String())
}

// fixedLoop is the body after its fixes, or why there are none.
func fixedLoop(t *testing.T, name, body string, crlf bool) string {
	t.Helper()
	text := loopHead + body + loopTail
	if crlf {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	s := Analyze(set("lib/project.ex", loopProject, "lib/worker.ex", text, "priv/repo/migrations/20240101000000_create.exs", loopMigration), builtin(t), Options{})
	done := s.Fix(FixOptions{Want: func(f *check.Finding) bool { return f.Formerly == "query-in-loop" }})
	for _, r := range done.Rejected {
		return "no: " + r.Reason + "\n"
	}
	for _, n := range done.None {
		return "no: " + n.Reason + "\n"
	}
	got := done.After.Files.Named("lib/worker.ex").Text
	if crlf {
		if strings.Count(got, "\r\n") != strings.Count(got, "\n") {
			t.Errorf("%s: the line ends are mixed: %q", name, got)
		}
		got = strings.ReplaceAll(got, "\r\n", "\n")
	}
	if tree := elixir.Parse(source.NewFile("a.ex", got)); len(tree.Errors) > 0 {
		t.Errorf("%s cannot be read: %v", name, tree.Errors)
	}
	got, ok := strings.CutPrefix(got, loopHead)
	got, too := strings.CutSuffix(got, loopTail)
	if !ok || !too {
		t.Errorf("%s: more than the body changed", name)
	}
	return got
}

// formatted holds what was made against what Elixir itself makes of it.
func formatted(t *testing.T, text string) {
	t.Helper()
	elixir, err := exec.LookPath("elixir")
	if err != nil {
		t.Skip("there is no Elixir")
	}
	path := filepath.Join(t.TempDir(), "made.exs")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(elixir, "-e", `IO.write(Code.format_string!(File.read!(hd(System.argv()))))`, path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	squeeze := func(s string) string {
		var b strings.Builder
		for line := range strings.Lines(s) {
			if strings.TrimSpace(line) != "" {
				b.WriteString(strings.TrimRight(line, "\n") + "\n")
			}
		}
		return b.String()
	}
	if got := squeeze(string(out)); got != squeeze(text) {
		a, b := strings.Split(got, "\n"), strings.Split(squeeze(text), "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("mix format makes %q of %q, in\n%s", a[i], b[i], strings.Join(a[max(i-4, 0):min(i+4, len(a))], "\n"))
			}
		}
	}
}
