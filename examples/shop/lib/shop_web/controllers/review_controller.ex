defmodule ShopWeb.ReviewController do
  use ShopWeb, :controller

  alias Shop.{Catalog, Reviews}

  action_fallback ShopWeb.FallbackController

  def index(conn, %{"product_id" => id}) do
    reviews = id |> Catalog.get_product!() |> Reviews.of_product()
    render(conn, :index, reviews: reviews)
  end

  def mine(conn, _params) do
    render(conn, :mine, reviews: Reviews.of_user(conn.assigns.current_user))
  end

  def create(conn, %{"product_id" => id, "review" => params}) do
    product = Catalog.get_product!(id)

    with {:ok, review} <- Reviews.write_review(conn.assigns.current_user, product, params) do
      conn
      |> put_status(:created)
      |> json(%{id: review.id})
    end
  end
end
