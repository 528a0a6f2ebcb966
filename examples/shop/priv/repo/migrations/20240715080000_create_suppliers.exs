defmodule Shop.Repo.Migrations.CreateSuppliers do
  use Ecto.Migration

  def change do
    create table(:suppliers) do
      add :name, :string, null: false
      add :vat_number, :string, null: false
      add :webhook_url, :string

      timestamps(type: :utc_datetime)
    end

    create unique_index(:suppliers, [:name])

    create table(:stock_movements) do
      add :product_id, :bigint, null: false
      add :supplier_id, references(:suppliers), null: false
      add :quantity, :integer, null: false
      add :note, :string

      timestamps(type: :utc_datetime, updated_at: false)
    end

    create index(:stock_movements, [:product_id])
    create index(:stock_movements, [:supplier_id])
  end
end
