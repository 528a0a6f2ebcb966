defmodule Shop.Workers.ChargeOrder do
  @moduledoc "Charges the card of an order; a declined card cancels it."

  use Oban.Worker, queue: :default, max_attempts: 10

  alias Shop.Orders
  alias Shop.Orders.{LineItem, Order}
  alias Shop.{Payments, Repo}

  @impl Oban.Worker
  def perform(%Oban.Job{args: %{"order_id" => order_id, "card_token" => card_token}}) do
    order = Order |> Repo.get!(order_id) |> Repo.preload(:line_items)

    case Payments.charge(LineItem.total(order.line_items), card_token) do
      {:ok, _charge_id} -> Orders.mark_paid(order)
      {:error, :card_declined} -> Orders.cancel_order(order)
      {:error, :provider_unavailable} -> {:snooze, 60}
    end
  end
end
