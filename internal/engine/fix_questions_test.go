package engine

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/page"
)

// TestFixesThatAsk holds fixes that need a decision which is not in the code: each is shown,
// and the question says what has to be decided.
func TestFixesThatAsk(t *testing.T) {
	repo := page.File{Path: "lib/my_app/repo.ex", Text: "defmodule MyApp.Repo do\n  use Ecto.Repo, otp_app: :my_app, adapter: Ecto.Adapters.Postgres\nend\n"}
	migration := func(lines string) page.File {
		return page.File{Path: "priv/repo/migrations/20240101000000_begin.exs", Text: "defmodule MyApp.Repo.Migrations.Begin do\n  use Ecto.Migration\n\n  def change do\n" + lines + "  end\nend\n"}
	}
	var references []string
	for _, name := range []string{"posts", "likes", "notes", "teams", "votes", "files"} {
		references = append(references, "    create table(:"+name+") do\n      add :user_id, references(:users)\n    end\n")
	}
	users := func(indexes string) []page.File {
		return []page.File{repo, migration("    create table(:users) do\n      add :github_id, :string\n      add :google_id, :string\n    end\n" + indexes + strings.Join(references, "")),
			{Path: "lib/my_app/user.ex", Text: "defmodule MyApp.User do\n  use Ecto.Schema\n\n  schema \"users\" do\n    field :github_id, :string\n    field :google_id, :string\n  end\nend\n"},
			{Path: "lib/my_app_web/session_controller.ex", Text: "defmodule MyAppWeb.SessionController do\n  use Phoenix.Controller\n\n  def create(conn, %{\"id\" => id}) do\n    user = MyApp.Repo.get_by(MyApp.User, github_id: id) || MyApp.Repo.insert!(%MyApp.User{github_id: id})\n    json(conn, %{id: user.id})\n  end\n\n  def show(conn, %{\"id\" => id}) do\n    json(conn, %{id: MyApp.Repo.get_by!(MyApp.User, github_id: id).id})\n  end\nend\n"}}
	}
	posts := func(indexes string) []page.File {
		return []page.File{repo, migration("    create table(:users) do\n    end\n    create table(:visits) do\n      add :path, :string\n      add :agent, :string\n      add :country, :string\n    end\n    create index(:visits, [:path])\n    create index(:visits, [:agent])\n    create index(:visits, [:country])\n    create table(:posts) do\n      add :user_id, references(:users)\n      add :text, :string\n    end\n" + indexes),
			{Path: "lib/my_app/post.ex", Text: "defmodule MyApp.Post do\n  use Ecto.Schema\n\n  schema \"posts\" do\n    field :user_id, :id\n    field :text, :string\n  end\nend\n"},
			{Path: "lib/my_app_web/post_controller.ex", Text: "defmodule MyAppWeb.PostController do\n  use Phoenix.Controller\n  import Ecto.Query\n\n  def index(conn, %{\"id\" => id}), do: json(conn, MyApp.Repo.all(from p in MyApp.Post, where: p.user_id == ^id))\n  def count(conn, %{\"id\" => id}), do: json(conn, MyApp.Repo.aggregate(from(p in MyApp.Post, where: p.user_id == ^id), :count))\n\n  def create(conn, %{\"id\" => id, \"text\" => text}) do\n    MyApp.Repo.insert!(%MyApp.Post{user_id: id, text: text})\n    json(conn, %{})\n  end\nend\n"}}
	}
	atoms := func(body string) []page.File {
		return []page.File{{Path: "lib/my_app_web/page_controller.ex", Text: "defmodule MyAppWeb.PageController do\n  use Phoenix.Controller\n\n  def show(conn, params) do\n    " + body + "\n    text(conn, inspect(x))\n  end\nend\n"}}
	}
	emails := func(more ...page.File) []page.File {
		return append([]page.File{repo, migration("    create table(:users) do\n      add :email, :string\n    end\n"),
			{Path: "lib/my_app/user.ex", Text: "defmodule MyApp.User do\n  use Ecto.Schema\n  import Ecto.Changeset\n\n  schema \"users\" do\n    field :email, :string\n  end\n\n  def changeset(user, attrs) do\n    user\n    |> cast(attrs, [:email])\n    |> unique_constraint(:email)\n  end\nend\n"},
			{Path: "lib/my_app_web/user_controller.ex", Text: "defmodule MyAppWeb.UserController do\n  use Phoenix.Controller\n\n  def create(conn, params) do\n    {:ok, user} = MyApp.Repo.insert(MyApp.User.changeset(%MyApp.User{}, params))\n    json(conn, %{id: user.id})\n  end\n\n  def show(conn, %{\"email\" => email}) do\n    json(conn, %{id: MyApp.Repo.get_by!(MyApp.User, email: email).id})\n  end\nend\n"}}, more...)
	}
	fixture := func(email string) page.File {
		return page.File{Path: "test/support/fixtures.ex", Text: "defmodule MyApp.Fixtures do\n  def user_fixture(attrs \\\\ %{}) do\n    {:ok, user} =\n      attrs\n      |> Enum.into(%{email: " + email + "})\n      |> MyApp.Accounts.create_user()\n\n    user\n  end\nend\n"}
	}
	tests := func(lines string) page.File {
		return page.File{Path: "test/user_test.exs", Text: "defmodule MyApp.UserTest do\n  use ExUnit.Case\n  import MyApp.Fixtures\n\n  test \"one\" do\n    assert user_fixture()\n  end\n\n  test \"other\" do\n" + lines + "  end\nend\n"}
	}
	upsert := func(found string) []page.File {
		return []page.File{repo, migration("    create table(:users) do\n      add :email, :string\n    end\n"),
			{Path: "lib/my_app/user.ex", Text: "defmodule MyApp.User do\n  use Ecto.Schema\n\n  schema \"users\" do\n    field :email, :string\n  end\nend\n"},
			{Path: "lib/my_app_web/user_controller.ex", Text: "defmodule MyAppWeb.UserController do\n  use Phoenix.Controller\n\n  def create(conn, %{\"email\" => email}) do\n    case MyApp.Repo.get_by(MyApp.User, email: email) do\n      nil -> MyApp.Repo.insert!(%MyApp.User{email: email})\n      user -> " + found + "\n    end\n\n    json(conn, %{})\n  end\nend\n"}}
	}
	keyed := func(column, kind, association string) []page.File {
		cast, field := column, "    field :"+column+", :string\n"
		switch column {
		case "user_id":
			field = ""
		case "mark":
			cast = "text"
		}
		return []page.File{repo, migration("    create table(:users) do\n    end\n    create table(:marks) do\n      add :text, :string\n" + map[bool]string{true: "      add :user_id, references(:users)\n"}[column != "user_id"] + "      add :" + column + ", " + kind + "\n    end\n"),
			{Path: "lib/my_app/user.ex", Text: "defmodule MyApp.User do\n  use Ecto.Schema\n\n  schema \"users\" do\n    " + association + "\n  end\nend\n"},
			{Path: "lib/my_app/mark.ex", Text: "defmodule MyApp.Mark do\n  use Ecto.Schema\n  import Ecto.Changeset\n\n  schema \"marks\" do\n    field :text, :string\n" + field + "    belongs_to :user, MyApp.User\n  end\n\n  def changeset(mark, attrs) do\n    mark\n    |> cast(attrs, [:" + cast + "])\n    |> unique_constraint(:" + column + ")\n  end\nend\n"},
			{Path: "lib/my_app_web/mark_controller.ex", Text: "defmodule MyAppWeb.MarkController do\n  use Phoenix.Controller\n\n  def create(conn, params) do\n    case MyApp.Repo.insert(MyApp.Mark.changeset(%MyApp.Mark{}, params)) do\n      {:ok, mark} -> json(conn, mark.id)\n      {:error, _} -> send_resp(conn, 422, \"\")\n    end\n  end\n\n  def show(conn, %{\"id\" => id}) do\n    json(conn, MyApp.Repo.get_by!(MyApp.Mark, " + column + ": id).id)\n  end\nend\n"}}
	}
	process := func(body string) []page.File {
		return []page.File{{Path: "lib/my_app/application.ex", Text: "defmodule MyApp.Application do\n  use Application\n\n  def start(_type, _args) do\n    children = [{Task.Supervisor, name: MyApp.TaskSupervisor}]\n    Supervisor.start_link(children, strategy: :one_for_one)\n  end\nend\n"},
			{Path: "lib/my_app/mailer.ex", Text: "defmodule MyApp.Mailer do\n  use Swoosh.Mailer, otp_app: :my_app\nend\n"},
			{Path: "lib/my_app_web/mail_controller.ex", Text: "defmodule MyAppWeb.MailController do\n  use Phoenix.Controller\n\n  def create(conn, params) do\n    " + body + "\n    json(conn, %{})\n  end\nend\n"}}
	}
	required := func(later string, stored bool) []page.File {
		out := []page.File{repo, migration("    create table(:users) do\n    end\n    create table(:orders) do\n      add :user_id, references(:users, on_delete: :delete_all)\n    end\n" + later),
			{Path: "lib/my_app/order.ex", Text: "defmodule MyApp.Order do\n  use Ecto.Schema\n  import Ecto.Changeset\n\n  schema \"orders\" do\n    belongs_to :user, MyApp.User\n  end\n\n  def changeset(order, attrs) do\n    order\n    |> cast(attrs, [:user_id])\n    |> validate_required([:user_id])\n  end\nend\n"},
			{Path: "lib/my_app/user.ex", Text: "defmodule MyApp.User do\n  use Ecto.Schema\n\n  schema \"users\" do\n  end\nend\n"}}
		if stored {
			out = append(out, page.File{Path: "lib/my_app_web/order_controller.ex", Text: "defmodule MyAppWeb.OrderController do\n  use Phoenix.Controller\n\n  def create(conn, params) do\n    case MyApp.Repo.insert(MyApp.Order.changeset(%MyApp.Order{}, params)) do\n      {:ok, order} -> json(conn, order.id)\n      {:error, _} -> send_resp(conn, 422, \"\")\n    end\n  end\nend\n"})
		}
		return out
	}
	steps := func(references string) []page.File {
		return []page.File{repo, migration("    create table(:phases) do\n    end\n    create table(:entries) do\n      add :phase_id, " + references + "\n    end\n"),
			{Path: "lib/my_app/entry.ex", Text: "defmodule MyApp.Entry do\n  use Ecto.Schema\n  import Ecto.Changeset\n\n  schema \"entries\" do\n    field :phase_id, :id\n  end\n\n  def changeset(entry, attrs) do\n    entry\n    |> cast(attrs, [:phase_id])\n    |> foreign_key_constraint(:phase)\n  end\nend\n"},
			{Path: "lib/my_app_web/entry_controller.ex", Text: "defmodule MyAppWeb.EntryController do\n  use Phoenix.Controller\n\n  def create(conn, params) do\n    {:ok, entry} = MyApp.Repo.insert(MyApp.Entry.changeset(%MyApp.Entry{}, params))\n    json(conn, %{id: entry.id})\n  end\nend\n"}}
	}
	for _, c := range []struct {
		name, check string
		files       []page.File
		question    string // "" is none
	}{
		{"a key of one kind", "missing-index", users(""), ""},
		{"a key of one kind beside one that is unique", "missing-index", users("    create unique_index(:users, [:google_id])\n"), "`google_id`, which is of the same kind, is unique"},
		{"one text", "atom-exhaustion", atoms("x = String.to_atom(params[\"x\"])"), "A text that the program has no name for"},
		{"one text of an event of a page", "atom-exhaustion", []page.File{{Path: "lib/my_app_web/page_live.ex", Text: "defmodule MyAppWeb.PageLive do\n  use Phoenix.LiveView\n\n  def handle_event(\"sort\", %{\"by\" => by}, socket), do: {:noreply, assign(socket, by: String.to_atom(by))}\nend\n"}}, ""},
		{"the keys of pairs", "atom-exhaustion", atoms("x = Map.new(params[\"x\"], fn {key, value} -> {String.to_atom(key), value} end)"), "Every text of a list becomes an atom"},
		{"each text of a list", "atom-exhaustion", atoms("x = Enum.map(params[\"x\"], fn word -> String.to_atom(word) end)"), "Every text of a list becomes an atom"},
		{"no key at all", "constraint-name-mismatch", steps(":bigint"), ""},
		{"a key of a column whose name goes on", "constraint-name-mismatch", append(steps(":bigint")[:1], append([]page.File{migration("    create table(:phases) do\n    end\n    create table(:entries) do\n      add :phase_id, :bigint\n      add :phase_vsn, references(:phases)\n    end\n")}, steps(":bigint")[2:]...)...), "`phase_vsn` may be meant"},
		{"a key of another name", "constraint-name-mismatch", steps("references(:phases, name: :old_name)"), "The foreign key over `phase_id` is named `old_name`"},
		{"a step that nothing writes through", "constraint-name-mismatch", steps(":bigint")[:3], "No write is known that goes through this step"},
		{"a value that is to be unique", "missing-unique-index", emails(), ""},
		{"one fixture a test", "missing-unique-index", emails(fixture(`"ann@example.com"`), tests("    assert user_fixture()\n")), ""},
		{"fixtures that differ", "missing-unique-index", emails(fixture(`"#{System.unique_integer()}@example.com"`), tests("    assert user_fixture() != user_fixture()\n")), ""},
		{"fixtures that are told apart", "missing-unique-index", emails(fixture(`"ann@example.com"`), tests("    assert user_fixture() != user_fixture(email: \"ben@example.com\")\n")), ""},
		{"fixtures that are alike", "missing-unique-index", emails(fixture(`"ann@example.com"`), tests("    assert user_fixture()\n    assert user_fixture()\n")), "Rows that test/user_test.exs makes have the same `email`"},
		{"a row around the changeset", "missing-unique-index", emails(page.File{Path: "lib/my_app_web/guest_controller.ex", Text: "defmodule MyAppWeb.GuestController do\n  use Phoenix.Controller\n\n  def create(conn, %{\"email\" => email}) do\n    json(conn, MyApp.Repo.insert!(%MyApp.User{email: email}).id)\n  end\nend\n"}), "MyAppWeb.GuestController.create/2 inserts rows through no changeset"},
		{"the row that is there", "missing-unique-index", upsert("user"), ""},
		{"the row that is there, changed", "missing-unique-index", upsert("MyApp.Repo.update!(Ecto.Changeset.change(user, email: email))"), "A row that is there is updated"},
		{"an index that was left a comment", "missing-unique-index", append(emails()[:1], append([]page.File{migration("    create table(:users) do\n      add :email, :string\n    end\n    # create unique_index(:users, [:email])\n")}, emails()[2:]...)...), "holds the index as a comment"},
		{"rows that count as deleted", "missing-unique-index", append(emails()[:1], append([]page.File{migration("    create table(:users) do\n      add :email, :string\n      add :deleted_at, :utc_datetime\n    end\n")}, emails()[2:]...)...), "Rows count as deleted by `deleted_at`"},
		{"many rows for one value", "missing-unique-index", keyed("user_id", "references(:users)", "has_many :marks, MyApp.Mark"), "An association says that there are many rows"},
		{"one row for one value", "missing-unique-index", keyed("user_id", "references(:users)", "has_one :mark, MyApp.Mark"), ""},
		{"a name that each owner gives", "missing-unique-index", keyed("name", ":string", ""), "Each row belongs to somebody"},
		{"an insert that raises", "missing-unique-index", append(emails()[:3], page.File{Path: "lib/my_app_web/user_controller.ex", Text: strings.Replace(strings.Replace(emails()[3].Text, "Repo.insert(", "Repo.insert!(", 1), "{:ok, user}", "user", 1)}), "raises where the index refuses one"},
		{"a value that nothing gives", "missing-unique-index", keyed("mark", ":string", ""), "No write is known that gives `mark` a value"},
		{"a client whose error nobody takes", "constraint-without-handler", append([]page.File{repo, migration("    create table(:users) do\n      add :email, :string\n    end\n    create unique_index(:users, [:email])\n"),
			{Path: "lib/my_app/user.ex", Text: strings.Replace(emails()[2].Text, "    |> unique_constraint(:email)\n", "", 1)}}, emails()[3:]...), "accepts only a row that is stored"},
		{"an action that hands the error back", "constraint-without-handler", []page.File{repo, migration("    create table(:users) do\n      add :email, :string\n    end\n    create unique_index(:users, [:email])\n"),
			{Path: "lib/my_app/user.ex", Text: strings.Replace(emails()[2].Text, "    |> unique_constraint(:email)\n", "", 1)},
			{Path: "lib/my_app_web/user_controller.ex", Text: "defmodule MyAppWeb.UserController do\n  use Phoenix.Controller\n\n  def create(conn, params) do\n    with {:ok, user} <- MyApp.Users.create(params) do\n      json(conn, user.id)\n    end\n  end\nend\n"},
			{Path: "lib/my_app/users.ex", Text: "defmodule MyApp.Users do\n  def create(attrs), do: MyApp.Repo.insert(MyApp.User.changeset(%MyApp.User{}, attrs))\nend\n"}}, "accepts only a row that is stored"},
		{"a default of the environment", "hardcoded-secret", []page.File{{Path: "config/runtime.exs", Text: "import Config\n\nconfig :my_app, secret: System.get_env(\"SIGNING_SECRET\") || \"qh3kX0Jz7TuWn1LbEy5Rc9vGd2MfAs8P\"\n"}}, "lives on the default"},
		{"a key that is always required", "missing-not-null", required("", true), ""},
		{"a key that is always required, of a table that nothing writes", "missing-not-null", required("", false), "Nothing of the program is known to write"},
		{"a key that is written as nil", "missing-not-null", append(required("", true), page.File{Path: "lib/my_app/rescue.ex", Text: "defmodule MyApp.Rescue do\n  def run, do: MyApp.Repo.insert(MyApp.Order.changeset(%MyApp.Order{}, %{user_id: nil}))\nend\n"}), "lib/my_app/rescue.ex may make rows without"},
		{"a key that a test leaves out, without parentheses", "missing-not-null", append(required("", true), page.File{Path: "test/order_test.exs", Text: "defmodule MyApp.OrderTest do\n  use ExUnit.Case\n  alias MyApp.{Order, Repo}\n\n  test \"one\" do\n    order = Repo.insert! %Order{}\n    assert order.id\n  end\nend\n"}), "test/order_test.exs may make rows without"},
		{"a key that a test leaves out, in a pipe", "missing-not-null", append(required("", true), page.File{Path: "test/order_test.exs", Text: "defmodule MyApp.OrderTest do\n  use ExUnit.Case\n  alias MyApp.{Order, Repo}\n\n  test \"one\" do\n    order = %Order{} |> Repo.insert!()\n    assert order.id\n  end\nend\n"}), "test/order_test.exs may make rows without"},
		{"a key that was made nullable later", "missing-not-null", required("    alter table(:orders) do\n      modify :user_id, :bigint, null: true\n    end\n", true), "left it nullable"},
		{"a needless index, where a test lists the migrations", "redundant-index", append(posts("    create index(:posts, [:user_id])\n    create index(:posts, [:user_id, :id])\n"), page.File{Path: "test/migrations_test.exs", Text: "defmodule MyApp.MigrationsTest do\n  use ExUnit.Case\n\n  test \"those with @disable_ddl_transaction are known\" do\n  end\nend\n"}), "looks at which migrations run outside a transaction"},
		{"a process of an application", "unsupervised-process", process("Task.start(fn -> MyApp.Mailer.deliver(params) end)"), ""},
		{"a process where something failed", "unsupervised-process", process("try do\n      MyApp.Mailer.deliver(params)\n    rescue\n      _ -> Task.start(fn -> MyApp.Mailer.deliver(params) end)\n    end"), "something has just failed"},
		{"a needless index", "redundant-index", posts("    create index(:posts, [:user_id])\n    create index(:posts, [:user_id, :id])\n"), ""},
		{"a needless index of a table that nothing writes", "redundant-index", []page.File{repo, migration("    create table(:old_posts) do\n      add :user_id, :bigint\n    end\n    create index(:old_posts, [:user_id])\n    create index(:old_posts, [:user_id, :id])\n")}, "Nothing of the program is known to write"},
		{"an index that is missing", "missing-foreign-key-index", posts(""), ""},
		{"an index over a column that no schema knows", "missing-foreign-key-index", func() []page.File {
			files := posts("")
			for i := range files {
				files[i].Text = strings.NewReplacer("    field :user_id, :id\n", "", "from p in MyApp.Post,", "from p in \"posts\",", "from(p in MyApp.Post,", "from(p in \"posts\",", "user_id: id, text", "text").Replace(files[i].Text)
			}
			return files
		}(), "it does not know `user_id`"},
		{"an index that a migration dropped", "missing-foreign-key-index", posts("    create index(:posts, [:user_id])\n    drop index(:posts, [:user_id])\n"), "A migration dropped the index over it"},
	} {
		s := Analyze(exampleFiles(&page.Example{Files: c.files}), builtin(t), Options{})
		found := false
		for i := range s.Findings {
			f := &s.Findings[i]
			if f.Check != c.check {
				continue
			}
			x, err := s.ProposeFix(f, FixOptions{Stamp: pageStamp})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			found = true
			if shown := x.Safety == fix.Shown; shown != (c.question != "") || !strings.Contains(strings.Join(x.Notes, " "), c.question) {
				t.Errorf("%s: %s, %q", c.name, x.Safety, x.Notes)
			}
		}
		if !found {
			t.Errorf("%s: no finding of %s among %v", c.name, c.check, s.Findings)
		}
	}
}

// TestFixesOfEveryPlace holds fixes of one finding that have to change several places: what a
// constraint refuses is answered for in every changeset that comes to it.
func TestFixesOfEveryPlace(t *testing.T) {
	repo := page.File{Path: "lib/my_app/repo.ex", Text: "defmodule MyApp.Repo do\n  use Ecto.Repo, otp_app: :my_app, adapter: Ecto.Adapters.Postgres\nend\n"}
	files := func(email, indexes, create, update string) []page.File {
		return []page.File{repo,
			{Path: "priv/repo/migrations/20240101000000_begin.exs", Text: "defmodule MyApp.Repo.Migrations.Begin do\n  use Ecto.Migration\n\n  def change do\n    create table(:users) do\n      add :email, :string" + email + "\n      add :login, :string\n    end\n\n" + indexes + "  end\nend\n"},
			{Path: "lib/my_app/user.ex", Text: "defmodule MyApp.User do\n  use Ecto.Schema\n  import Ecto.Changeset\n\n  schema \"users\" do\n    field :email, :string\n    field :login, :string\n  end\n\n  def create_changeset(user, attrs) do\n    user\n    |> cast(attrs, [:email, :login])" + create + "\n  end\n\n  def update_changeset(user, attrs) do\n    user\n    |> cast(attrs, [:email, :login])" + update + "\n  end\nend\n"},
			{Path: "lib/my_app_web/user_controller.ex", Text: "defmodule MyAppWeb.UserController do\n  use Phoenix.Controller\n  alias MyApp.{Repo, User}\n\n  def create(conn, params) do\n    case Repo.insert(User.create_changeset(%User{}, params)) do\n      {:ok, user} -> json(conn, user.id)\n      {:error, _} -> send_resp(conn, 422, \"\")\n    end\n  end\n\n  def update(conn, %{\"email\" => email} = params) do\n    case Repo.update(User.update_changeset(Repo.get_by!(User, email: email), params)) do\n      {:ok, user} -> json(conn, user.id)\n      {:error, _} -> send_resp(conn, 422, \"\")\n    end\n  end\nend\n"}}
	}
	for _, c := range []struct {
		name, check string
		files       []page.File
		want        map[string]int // how often lines come into a changed file
	}{
		{"two constraints in two changesets", "constraint-without-handler",
			files("", "    create unique_index(:users, [:email])\n    create unique_index(:users, [:login])\n", "", ""),
			map[string]int{"|> unique_constraint(:email)": 2, "|> unique_constraint(:login)": 2}},
		{"an index that one changeset counts on", "missing-unique-index",
			files("", "", "\n    |> unique_constraint(:email)", ""),
			map[string]int{"|> unique_constraint(:email)": 1}},
		{"an option that was to make an index", "misplaced-option",
			files(", unique: true", "", "", ""),
			map[string]int{"|> unique_constraint(:email)": 2}},
		{"two wrong names in one changeset", "constraint-name-mismatch",
			files("", "    create unique_index(:users, [:email], name: :mails)\n    create unique_index(:users, [:login], name: :logins)\n", "\n    |> unique_constraint(:email)\n    |> unique_constraint(:login)", ""),
			map[string]int{"name: :mails": 1, "name: :logins": 1}},
	} {
		s := Analyze(exampleFiles(&page.Example{Files: c.files}), builtin(t), Options{})
		found := false
		for i := range s.Findings {
			f := &s.Findings[i]
			if f.Check != c.check {
				continue
			}
			found = true
			x, err := s.ProposeFix(f, FixOptions{Stamp: pageStamp})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			text := ""
			for _, e := range x.Edits {
				text += e.Text + "\n"
			}
			for line, n := range c.want {
				if got := strings.Count(text, line); got != n {
					t.Errorf("%s: %q is there %d times, not %d, in %q", c.name, line, got, n, text)
				}
			}
		}
		if !found {
			t.Errorf("%s: no finding of %s", c.name, c.check)
		}
	}
}

// TestProcessThatStartsAnother holds that a process which only starts another one is not moved
// without a question: the work would stay outside.
func TestProcessThatStartsAnother(t *testing.T) {
	s := Analyze(exampleFiles(&page.Example{Files: []page.File{
		{Path: "lib/my_app/application.ex", Text: "defmodule MyApp.Application do\n  use Application\n\n  def start(_type, _args) do\n    children = [{Task.Supervisor, name: MyApp.TaskSupervisor}]\n    Supervisor.start_link(children, strategy: :one_for_one)\n  end\nend\n"},
		{Path: "lib/my_app/runner.ex", Text: "defmodule MyApp.Runner do\n  def run(params), do: spawn_link(fn -> IO.inspect(params) end)\nend\n"},
		{Path: "lib/my_app_web/run_controller.ex", Text: "defmodule MyAppWeb.RunController do\n  use Phoenix.Controller\n\n  def create(conn, params) do\n    Task.start(fn -> MyApp.Runner.run(params) end)\n    json(conn, %{})\n  end\nend\n"},
	}}), builtin(t), Options{})
	for i := range s.Findings {
		f := &s.Findings[i]
		if f.Check != "unsupervised-process" || f.Symbol != "MyAppWeb.RunController.create/2" {
			continue
		}
		x, err := s.ProposeFix(f, FixOptions{})
		if err != nil || x.Safety != fix.Shown || !strings.Contains(strings.Join(x.Notes, " "), "starts another process itself") {
			t.Errorf("%v, %s, %q", err, x.Safety, x.Notes)
		}
		return
	}
	t.Error("no finding")
}
