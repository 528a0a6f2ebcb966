defmodule Shop.Repo.Migrations.CreateWishlists do
  use Ecto.Migration

  def change do
    create table(:wishlists) do
      add :user_id, references(:users, on_delete: :delete_all), null: false
      add :name, :string, null: false

      timestamps(type: :utc_datetime)
    end

    create index(:wishlists, [:user_id])
    create unique_index(:wishlists, [:name])

    create table(:wishlist_items) do
      add :wishlist_id, references(:wishlists, on_delete: :delete_all), null: false
      add :product_id, references(:products, on_delete: :delete_all), null: false

      timestamps(type: :utc_datetime, updated_at: false)
    end

    create unique_index(:wishlist_items, [:wishlist_id, :product_id])
    create index(:wishlist_items, [:product_id])
  end
end
