defmodule ShopWeb.ProductJSON do
  alias Shop.Catalog.Product

  def index(%{products: products}), do: %{data: Enum.map(products, &data/1)}

  def show(%{product: product}), do: %{data: data(product)}

  def data(%Product{} = product) do
    %{
      id: product.id,
      sku: product.sku,
      name: product.name,
      price_cents: product.price_cents,
      category: product.category.name
    }
  end
end
