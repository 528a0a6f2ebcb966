defmodule Shop.Orders.Order do
  use Ecto.Schema

  import Ecto.Changeset

  @statuses [:placed, :paid, :shipped, :cancelled]

  schema "orders" do
    field :status, Ecto.Enum, values: @statuses, default: :placed

    belongs_to :user, Shop.Accounts.User
    has_many :line_items, Shop.Orders.LineItem
    has_many :tracking_events, Shop.Shipping.TrackingEvent

    timestamps(type: :utc_datetime)
  end

  def changeset(order, attrs \\ %{}) do
    order
    |> cast(attrs, [])
    |> validate_required([:user_id])
    |> foreign_key_constraint(:user_id)
  end

  def status_changeset(order, status) when status in @statuses do
    change(order, status: status)
  end
end
