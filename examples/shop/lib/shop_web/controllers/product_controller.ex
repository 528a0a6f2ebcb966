defmodule ShopWeb.ProductController do
  use ShopWeb, :controller

  alias Shop.{Analytics, Catalog}
  alias ShopWeb.Sorting

  def index(conn, params) do
    products =
      params["sort"]
      |> Sorting.parse()
      |> Catalog.list_products()

    render(conn, :index, products: products)
  end

  def show(conn, %{"id" => id}) do
    product = Catalog.get_product!(id)
    Analytics.track_view(product)

    render(conn, :show, product: product)
  end
end
