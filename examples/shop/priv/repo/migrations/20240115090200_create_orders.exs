defmodule Shop.Repo.Migrations.CreateOrders do
  use Ecto.Migration

  def change do
    create table(:orders) do
      add :user_id, references(:users), null: false
      add :status, :string, null: false, default: "placed"

      timestamps(type: :utc_datetime)
    end

    create index(:orders, [:user_id, :inserted_at])

    create table(:line_items) do
      add :order_id, references(:orders, on_delete: :delete_all), null: false
      add :product_id, references(:products), null: false
      add :quantity, :integer, null: false
      add :price_cents, :integer, null: false

      timestamps(type: :utc_datetime)
    end

    create index(:line_items, [:order_id])
    create index(:line_items, [:product_id])
  end
end
