defmodule Shop.Repo.Migrations.CreateSubscribers do
  use Ecto.Migration

  def change do
    create table(:subscribers) do
      add :email, :string, null: false
      add :token, :string, null: false

      timestamps(type: :utc_datetime, updated_at: false)
    end

    create unique_index(:subscribers, [:email])
    create unique_index(:subscribers, [:token])
  end
end
