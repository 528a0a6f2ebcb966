defmodule Shop.Catalog.Product do
  use Ecto.Schema

  import Ecto.Changeset

  schema "products" do
    field :sku, :string
    field :name, :string
    field :price_cents, :integer
    field :stock, :integer, default: 0
    field :views, :integer, default: 0

    belongs_to :category, Shop.Catalog.Category

    timestamps(type: :utc_datetime)
  end

  def changeset(product, attrs) do
    product
    |> cast(attrs, [:sku, :name, :price_cents, :category_id])
    |> validate_required([:sku, :name, :price_cents, :category_id])
    |> validate_number(:price_cents, greater_than: 0)
    |> foreign_key_constraint(:category_id)
    |> unique_constraint(:sku)
  end
end
