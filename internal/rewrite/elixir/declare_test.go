package elixir_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/rewrite/elixir"
)

// TestSteps changes steps of changesets, written in many ways: << and >> stand
// around the call that is changed. What comes out is as the formatter has it.
func TestSteps(t *testing.T) {
	name := func(n string) func(*ir.Code, ir.ExprID) fix.Change {
		return func(c *ir.Code, x ir.ExprID) fix.Change {
			return &fix.Declare{Code: c, After: x, Kind: ir.UniqueConstraint, Fields: []string{"email"}, Name: n}
		}
	}
	option := func(c *ir.Code, x ir.ExprID) fix.Change {
		return &fix.AddOption{Code: c, Call: x, Key: "name", Value: ":users_email_index_that_has_a_long_name"}
	}
	drop := func(c *ir.Code, x ir.ExprID) fix.Change { return &fix.DropStep{Code: c, Call: x} }
	usual, other := name(""), name("users_mail")
	texts := map[string]string{}
	for _, c := range []struct {
		change     func(*ir.Code, ir.ExprID) fix.Change
		text, want string
	}{
		{usual, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [:email, :name])
    |> <<validate_required([:email])>>
  end
`, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [:email, :name])
    |> validate_required([:email])
    |> unique_constraint(:email)
  end
`},
		{other, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [
      :email,
      :name
    ])
    # Names are short.
    |> <<validate_length(:name, max: 10)>>
    |> Repo.insert()
  end
`, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [
      :email,
      :name
    ])
    # Names are short.
    |> validate_length(:name, max: 10)
    |> unique_constraint(:email, name: :users_mail)
    |> Repo.insert()
  end
`},
		{name("users_email_index_of_" + strings.Repeat("x", 42)), `
  def changeset(user, attrs) do
    user
    |> <<cast(attrs, [:email, :name])>>
  end
`, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [:email, :name])
    |> unique_constraint(:email,
      name: :users_email_index_of_` + strings.Repeat("x", 42) + `
    )
  end
`},
		{usual, `
  def changeset(user, attrs), do: user |> <<cast(attrs, [:email])>>
`, `
  def changeset(user, attrs), do: user |> cast(attrs, [:email]) |> unique_constraint(:email)
`},
		{usual, `
  def changeset(user, attrs), do: user |> cast(attrs, [:email, :name]) |> <<validate_required([:email])>>
`, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [:email, :name])
    |> validate_required([:email])
    |> unique_constraint(:email)
  end
`},
		{other, `
  def changeset(user, attrs) do
    changeset = user |> cast(attrs, [:email, :name]) |> <<validate_required([:email, :name])>>
    if user.id, do: changeset, else: put_change(changeset, :name, "new")
  end
`, `
  def changeset(user, attrs) do
    changeset =
      user
      |> cast(attrs, [:email, :name])
      |> validate_required([:email, :name])
      |> unique_constraint(:email, name: :users_mail)

    if user.id, do: changeset, else: put_change(changeset, :name, "new")
  end
`},
		{usual, `
  def changeset(user, attrs), do: <<cast(user, attrs, [:email])>>
`, `
  def changeset(user, attrs), do: user |> cast(attrs, [:email]) |> unique_constraint(:email)
`},
		{usual, `
  def changeset(user, attrs) do
    <<validate_required(cast(user, attrs, [:email]), [:email])>>
  end
`, `
  def changeset(user, attrs) do
    unique_constraint(validate_required(cast(user, attrs, [:email]), [:email]), :email)
  end
`},
		{usual, `
  def changeset(user, attrs) do
    <<cast(user, attrs, [
      :email,
      :name
    ])>>
  end
`, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [
      :email,
      :name
    ])
    |> unique_constraint(:email)
  end
`},
		{usual, `
  def changeset(user, attrs) do
    user |> <<Ecto.Changeset.cast(attrs, [:email])>>
  end
`, `
  def changeset(user, attrs) do
    user |> Ecto.Changeset.cast(attrs, [:email]) |> Ecto.Changeset.unique_constraint(:email)
  end
`},
		{option, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [:email])
    |> <<unique_constraint([:email, :a_field_of_a_length_that_is_uncommon])>>
  end
`, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [:email])
    |> unique_constraint([:email, :a_field_of_a_length_that_is_uncommon],
      name: :users_email_index_that_has_a_long_name
    )
  end
`},
		{option, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [:email])
    |> <<unique_constraint(:email, name: :old, message: "is taken")>>
  end
`, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [:email])
    |> unique_constraint(:email,
      name: :users_email_index_that_has_a_long_name,
      message: "is taken"
    )
  end
`},
		{drop, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [:email])
    |> <<foreign_key_constraint(:tags)>>
    |> unique_constraint(:email)
  end
`, `
  def changeset(user, attrs) do
    user
    |> cast(attrs, [:email])
    |> unique_constraint(:email)
  end
`},
	} {
		head := "defmodule MyApp.User do\n  use Ecto.Schema\n  import Ecto.Changeset\n"
		got := changed(t, head+c.text+"end\n", c.change)
		if want := head + c.want + "end\n"; got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
			continue
		}
		texts[strconv.Itoa(len(texts))+".ex"] = got
	}
	head := "defmodule MyApp.User do\n  use Ecto.Schema\n  import Ecto.Changeset, only: [cast: 3]\n"
	got := changed(t, head+"\n  def changeset(user, attrs), do: <<cast(user, attrs, [:email])>>\nend\n", other)
	if !strings.Contains(got, "only: [cast: 3, unique_constraint: 3]\n") {
		t.Errorf("got\n%s", got)
	}
	texts["imported.ex"] = got
	formatted(t, texts)
}

// changed is a file with the change of its marked call.
func changed(t *testing.T, text string, change func(*ir.Code, ir.ExprID) fix.Change) string {
	t.Helper()
	at, end := strings.Index(text, "<<"), strings.Index(text, ">>")-2
	text = strings.NewReplacer("<<", "", ">>", "").Replace(text)
	const file = "lib/my_app/user.ex"
	w := writer(t, map[string]string{file: text})
	c, x := marked(w, int32(at), int32(end))
	if c == nil {
		t.Fatalf("no call is marked in\n%s", text)
	}
	f, err := w.Spell(change(c, x))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return applied(t, w, f)[file]
}

// marked is the call at a place.
func marked(w *elixir.Writer, start, end int32) (*ir.Code, ir.ExprID) {
	for _, c := range w.Program.Codes {
		for i := range c.Exprs {
			s := flow.CallSpan(c, ir.ExprID(i))
			if c.Exprs[i].Op == ir.Call && s.Start == start && s.End == end {
				return c, ir.ExprID(i)
			}
		}
	}
	return nil, ir.No
}
