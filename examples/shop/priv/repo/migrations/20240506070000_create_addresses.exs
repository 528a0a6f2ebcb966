defmodule Shop.Repo.Migrations.CreateAddresses do
  use Ecto.Migration

  def change do
    create table(:addresses) do
      add :user_id, references(:users), on_delete: :delete_all, null: false
      add :name, :string, null: false
      add :street, :string, null: false
      add :city, :string, null: false
      add :postcode, :string, null: false

      timestamps(type: :utc_datetime)
    end

    create unique_index(:addresses, [:user_id, :name])
  end
end
