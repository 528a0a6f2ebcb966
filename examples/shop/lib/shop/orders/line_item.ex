defmodule Shop.Orders.LineItem do
  use Ecto.Schema

  import Ecto.Changeset

  schema "line_items" do
    field :quantity, :integer
    field :price_cents, :integer

    belongs_to :order, Shop.Orders.Order
    belongs_to :product, Shop.Catalog.Product

    timestamps(type: :utc_datetime)
  end

  @doc "What a list of line items costs, in cents."
  def total(line_items) do
    Enum.reduce(line_items, 0, fn item, sum -> sum + item.quantity * item.price_cents end)
  end

  def changeset(line_item, attrs) do
    line_item
    |> cast(attrs, [:quantity, :price_cents])
    |> validate_required([:order_id, :product_id, :quantity, :price_cents])
    |> validate_number(:quantity, greater_than: 0)
    |> foreign_key_constraint(:order_id)
    |> foreign_key_constraint(:product_id)
  end
end
