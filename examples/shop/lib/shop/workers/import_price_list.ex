defmodule Shop.Workers.ImportPriceList do
  @moduledoc "Puts a supplier's price list into the catalogue."

  use Oban.Worker, queue: :default

  alias Shop.Catalog

  @impl Oban.Worker
  def perform(%Oban.Job{args: %{"category_id" => category_id, "rows" => rows}}) do
    now = DateTime.truncate(DateTime.utc_now(), :second)

    rows
    |> Enum.map(fn %{"sku" => sku, "name" => name, "price_cents" => price_cents} ->
      %{
        sku: sku,
        name: name,
        price_cents: price_cents,
        category_id: category_id,
        inserted_at: now,
        updated_at: now
      }
    end)
    |> Catalog.import_products()
  end
end
