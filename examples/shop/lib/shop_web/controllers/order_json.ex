defmodule ShopWeb.OrderJSON do
  alias Shop.Orders.LineItem

  def index(%{orders: orders, events: events}) do
    %{
      data:
        for order <- orders do
          Map.put(data(order), :last_event, describe(events[order.id]))
        end
    }
  end

  def show(%{order: order}), do: %{data: data(order)}

  def history(%{history: history}) do
    %{
      data:
        for %{order: order, last_event: event} <- history do
          %{id: order.id, status: order.status, last_event: describe(event)}
        end
    }
  end

  defp describe(nil), do: nil
  defp describe(event), do: event.description

  defp data(order) do
    %{
      id: order.id,
      status: order.status,
      total_cents: LineItem.total(order.line_items),
      items:
        for item <- order.line_items do
          %{product: item.product.name, quantity: item.quantity, price_cents: item.price_cents}
        end
    }
  end
end
