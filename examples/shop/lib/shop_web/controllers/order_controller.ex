defmodule ShopWeb.OrderController do
  use ShopWeb, :controller

  alias Shop.{Accounts, Catalog, Orders, Shipping}

  action_fallback ShopWeb.FallbackController

  @statuses ~w(placed paid shipped cancelled)

  def index(conn, params) do
    with {:ok, status} <- parse_status(params["status"] || "placed") do
      orders = Orders.list_orders(conn.assigns.current_user, status)
      render(conn, :index, orders: orders, events: Shipping.last_events(orders))
    end
  end

  def history(conn, _params) do
    render(conn, :history, history: Orders.history(conn.assigns.current_user))
  end

  def show(conn, %{"id" => id}) do
    with {:ok, order} <- Orders.fetch_order(conn.assigns.current_user, id) do
      render(conn, :show, order: order)
    end
  end

  def create(conn, %{"product_id" => id, "quantity" => quantity, "card_token" => token} = params)
      when is_integer(quantity) and quantity > 0 do
    product = Catalog.get_product!(id)
    user = conn.assigns.current_user

    with {:ok, order} <- Orders.place_order(user, product, quantity, token),
         {:ok, order} <- Orders.fetch_order(user, order.id) do
      remember_address(user, params["address"])

      conn
      |> put_status(:created)
      |> put_resp_header("location", ~p"/api/orders/#{order}")
      |> render(:show, order: order)
    end
  end

  def create(_conn, _params), do: {:error, :bad_request}

  def delete(conn, %{"id" => id}) do
    with {:ok, order} <- Orders.fetch_order(conn.assigns.current_user, id),
         {:ok, _order} <- Orders.cancel_order(order) do
      send_resp(conn, :no_content, "")
    end
  end

  defp remember_address(_user, nil), do: :ok
  defp remember_address(user, address), do: Accounts.add_address(user, address)

  defp parse_status(status) when status in @statuses do
    {:ok, String.to_existing_atom(status)}
  end

  defp parse_status(_status), do: {:error, :bad_request}
end
