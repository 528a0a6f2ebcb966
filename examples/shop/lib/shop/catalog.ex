defmodule Shop.Catalog do
  @moduledoc "What is sold."

  import Ecto.Query

  alias Shop.Catalog.Product
  alias Shop.Repo

  @page_size 50

  @doc "Products with their categories, by `{direction, field}`."
  def list_products({direction, field}) when direction in [:asc, :desc] do
    Product
    |> order_by([p], [{^direction, field(p, ^field)}])
    |> limit(@page_size)
    |> preload(:category)
    |> Repo.all()
  end

  def search_products(text) do
    pattern = "%" <> String.replace(text, ~r/[\\%_]/, "\\\\\\0") <> "%"

    Repo.all(
      from p in Product,
        where: ilike(p.name, ^pattern),
        order_by: p.name,
        limit: @page_size
    )
  end

  def get_product!(id) do
    Product
    |> Repo.get!(id)
    |> Repo.preload(:category)
  end

  @doc "The stock of the product with this SKU; 0 when there is none."
  def stock_of(sku) do
    Repo.one(from p in Product, where: p.sku == ^sku, select: p.stock) || 0
  end

  @doc "The prices of many products, by SKU, in one query."
  def prices_of(skus) do
    Map.new(Repo.all(from p in Product, where: p.sku in ^skus, select: {p.sku, p.price_cents}))
  end

  def create_product(attrs) do
    with {:ok, product} <- %Product{} |> Product.changeset(attrs) |> Repo.insert() do
      Phoenix.PubSub.broadcast(Shop.PubSub, "products", {:product_created, product})
      {:ok, product}
    end
  end

  @doc "Adds to the stock of a product and returns the product."
  def restock(%Product{} = product, amount) when amount > 0 do
    {1, [product]} =
      Repo.update_all(
        from(p in Product, where: p.id == ^product.id, select: p),
        inc: [stock: amount]
      )

    product
  end

  @doc "Inserts rows of a price list, a few hundred at a time."
  def import_products(rows) do
    rows
    |> Enum.chunk_every(500)
    |> Enum.each(fn chunk ->
      Repo.insert_all(Product, chunk,
        on_conflict: {:replace, [:name, :price_cents, :updated_at]},
        conflict_target: :sku
      )
    end)
  end
end
