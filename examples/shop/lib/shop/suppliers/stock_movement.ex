defmodule Shop.Suppliers.StockMovement do
  use Ecto.Schema

  import Ecto.Changeset

  schema "stock_movements" do
    field :quantity, :integer
    field :note, :string

    belongs_to :product, Shop.Catalog.Product
    belongs_to :supplier, Shop.Suppliers.Supplier

    timestamps(type: :utc_datetime, updated_at: false)
  end

  def changeset(movement, attrs) do
    movement
    |> cast(attrs, [:quantity, :note])
    |> validate_required([:product_id, :supplier_id, :quantity])
    |> validate_number(:quantity, not_equal_to: 0)
  end

  @doc "What staff add later, to say what a movement was for."
  def note_changeset(movement, attrs) do
    movement
    |> cast(attrs, [:notes])
    |> validate_length(:note, max: 500)
  end
end
