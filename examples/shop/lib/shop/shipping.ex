defmodule Shop.Shipping do
  @moduledoc "Where the parcels are."

  import Ecto.Query

  alias Shop.Orders.Order
  alias Shop.Repo
  alias Shop.Shipping.TrackingEvent

  @doc "The newest thing that happened to the parcel of an order, or nil."
  def last_event(%Order{id: order_id}) do
    order_id
    |> events_of()
    |> order_by(desc: :happened_at)
    |> limit(1)
    |> Repo.one()
  end

  @doc "The state of the parcels of many orders, by order, in one query."
  def last_events(orders) do
    ids = Enum.map(orders, & &1.id)

    from(e in TrackingEvent,
      where: e.order_id in ^ids,
      distinct: e.order_id,
      order_by: [desc: e.happened_at]
    )
    |> Repo.all()
    |> Map.new(&{&1.order_id, &1})
  end

  def record_event(%Order{} = order, attrs) do
    %TrackingEvent{order_id: order.id}
    |> TrackingEvent.changeset(attrs)
    |> Repo.insert()
  end

  defp events_of(order_id), do: from(e in TrackingEvent, where: e.order_id == ^order_id)
end
