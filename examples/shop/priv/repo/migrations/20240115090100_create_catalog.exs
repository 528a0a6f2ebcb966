defmodule Shop.Repo.Migrations.CreateCatalog do
  use Ecto.Migration

  def change do
    create table(:categories) do
      add :name, :string, null: false

      timestamps(type: :utc_datetime)
    end

    create unique_index(:categories, [:name])

    create table(:products) do
      add :category_id, references(:categories), null: false
      add :sku, :string, null: false
      add :name, :string, null: false
      add :price_cents, :integer, null: false
      add :stock, :integer, null: false, default: 0
      add :views, :integer, null: false, default: 0

      timestamps(type: :utc_datetime)
    end

    create unique_index(:products, [:sku])
    create index(:products, [:category_id])
    create index(:products, [:name])
    create constraint(:products, :stock_is_not_negative, check: "stock >= 0")
  end
end
