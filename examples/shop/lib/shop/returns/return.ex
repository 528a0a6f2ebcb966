defmodule Shop.Returns.Return do
  use Ecto.Schema

  import Ecto.Changeset

  schema "returns" do
    field :reason, :string
    field :parcel_number, :string
    field :state, Ecto.Enum, values: [:announced, :arrived, :refunded], default: :announced
    field :refund_id, :string

    belongs_to :order, Shop.Orders.Order

    timestamps(type: :utc_datetime)
  end

  def changeset(return, attrs) do
    return
    |> cast(attrs, [:order_id, :reason, :parcel_number])
    |> validate_required([:order_id, :reason, :parcel_number])
    |> foreign_key_constraint(:order_id)
  end

  def refund_changeset(return, refund_id) do
    change(return, state: :refunded, refund_id: refund_id)
  end
end
