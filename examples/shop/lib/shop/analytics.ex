defmodule Shop.Analytics do
  @moduledoc "Counts what visitors look at."

  import Ecto.Query

  alias Shop.Catalog.Product
  alias Shop.Repo

  @doc "Counts one view of a product without making the visitor wait."
  def track_view(%Product{id: id}) do
    Task.start(fn ->
      Repo.update_all(from(p in Product, where: p.id == ^id), inc: [views: 1])
    end)

    :ok
  end

  @doc "The most viewed products."
  def top_products(count) do
    Repo.all(from p in Product, order_by: [desc: p.views], limit: ^count)
  end
end
