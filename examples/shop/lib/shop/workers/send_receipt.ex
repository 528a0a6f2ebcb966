defmodule Shop.Workers.SendReceipt do
  @moduledoc "Mails the receipt of an order to its buyer."

  use Oban.Worker, queue: :mail, max_attempts: 5

  import Swoosh.Email

  alias Shop.Mailer
  alias Shop.Orders.Order
  alias Shop.Repo

  @impl Oban.Worker
  def perform(%Oban.Job{args: %{"order_id" => order_id}}) do
    case Repo.get(Order, order_id) do
      nil -> {:cancel, "order #{order_id} does not exist"}
      order -> order |> Repo.preload([:user, line_items: :product]) |> deliver()
    end
  end

  defp deliver(order) do
    with {:ok, _metadata} <- order |> receipt() |> Mailer.deliver() do
      :ok
    end
  end

  defp receipt(order) do
    new()
    |> to({order.user.name, order.user.email})
    |> from({"Shop", "orders@shop.example"})
    |> subject("Your order #{order.id}")
    |> text_body(Enum.map_join(order.line_items, "\n", &line/1))
  end

  defp line(item), do: "#{item.quantity} x #{item.product.name}: #{item.price_cents} cents"
end
