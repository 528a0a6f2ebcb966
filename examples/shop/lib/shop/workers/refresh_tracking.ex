defmodule Shop.Workers.RefreshTracking do
  @moduledoc "Stores what a carrier reported about a parcel."

  use Oban.Worker, queue: :default, unique: [period: 60]

  alias Shop.Orders.Order
  alias Shop.Repo
  alias Shop.Shipping

  @impl Oban.Worker
  def perform(%Oban.Job{args: %{"order_id" => order_id, "event" => event}}) do
    order = Repo.get!(Order, order_id)

    case Shipping.record_event(order, event) do
      {:ok, _event} -> :ok
      {:error, changeset} -> {:error, changeset}
    end
  end
end
