defmodule Shop.Repo.Migrations.CreateAccounts do
  use Ecto.Migration

  def change do
    create table(:users) do
      add :email, :string, null: false
      add :name, :string, null: false
      add :role, :string, null: false, default: "customer"

      timestamps(type: :utc_datetime)
    end

    create unique_index(:users, [:email])

    create table(:api_tokens) do
      add :user_id, references(:users, on_delete: :delete_all), null: false
      add :hash, :binary, null: false

      timestamps(type: :utc_datetime, updated_at: false)
    end

    create index(:api_tokens, [:user_id])
    create unique_index(:api_tokens, [:hash])
  end
end
