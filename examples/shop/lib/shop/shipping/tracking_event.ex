defmodule Shop.Shipping.TrackingEvent do
  use Ecto.Schema

  import Ecto.Changeset

  schema "tracking_events" do
    field :place, :string
    field :description, :string
    field :happened_at, :utc_datetime

    belongs_to :order, Shop.Orders.Order

    timestamps(type: :utc_datetime, updated_at: false)
  end

  def changeset(event, attrs) do
    event
    |> cast(attrs, [:place, :description, :happened_at])
    |> validate_required([:order_id, :description, :happened_at])
    |> foreign_key_constraint(:order_id)
  end
end
