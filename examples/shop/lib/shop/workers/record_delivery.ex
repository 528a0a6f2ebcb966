defmodule Shop.Workers.RecordDelivery do
  @moduledoc "Books what a supplier delivered."

  use Oban.Worker, queue: :default

  alias Shop.{Catalog, Suppliers}

  @impl Oban.Worker
  def perform(%Oban.Job{args: %{"supplier_id" => id, "product_id" => product_id, "quantity" => n}}) do
    case Suppliers.record_delivery(id, Catalog.get_product!(product_id), n) do
      {:ok, _changes} -> :ok
      {:error, step, reason, _changes} -> {:error, "#{step}: #{inspect(reason)}"}
    end
  end
end
