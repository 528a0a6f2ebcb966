defmodule ShopWeb.WishlistController do
  use ShopWeb, :controller

  alias Shop.Wishlists

  action_fallback ShopWeb.FallbackController

  def index(conn, _params) do
    wishlists = Wishlists.list(conn.assigns.current_user)

    json(conn, %{
      data:
        Enum.map(
          wishlists,
          &%{name: &1.name, products: Enum.map(&1.products, fn p -> p.name end)}
        )
    })
  end

  def create(conn, %{"wishlist" => params}) do
    with {:ok, wishlist} <- Wishlists.create(conn.assigns.current_user, params) do
      conn
      |> put_status(:created)
      |> json(%{id: wishlist.id})
    end
  end

  def add(conn, %{"id" => id, "product_id" => product_id}) when is_integer(product_id) do
    :ok = Wishlists.add(conn.assigns.current_user, id, product_id)
    send_resp(conn, :no_content, "")
  end
end
