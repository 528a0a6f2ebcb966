defmodule Shop.Repo.Migrations.TrimNames do
  use Ecto.Migration

  alias Shop.Accounts.User
  alias Shop.Repo

  def up do
    for user <- Repo.all(User), user.name != String.trim(user.name) do
      user
      |> Ecto.Changeset.change(name: String.trim(user.name))
      |> Repo.update!()
    end
  end

  def down, do: :ok
end
