defmodule ShopWeb.ReturnController do
  use ShopWeb, :controller

  alias Shop.{Orders, Returns}

  action_fallback ShopWeb.FallbackController

  def show(conn, %{"order_id" => id}) do
    with {:ok, order} <- Orders.fetch_order(conn.assigns.current_user, id) do
      case Returns.of_order(order) do
        nil -> {:error, :not_found}
        return -> json(conn, %{state: return.state})
      end
    end
  end

  def create(conn, %{"order_id" => id, "return" => params}) do
    with {:ok, order} <- Orders.fetch_order(conn.assigns.current_user, id),
         {:ok, return} <- Returns.announce(order, params) do
      conn
      |> put_status(:created)
      |> json(%{id: return.id})
    end
  end

  @doc "The warehouse has opened a parcel: what is in it is paid back."
  def arrived(conn, %{"parcel_number" => number}) do
    states = Enum.map(Returns.in_parcel(number), &refund/1)
    json(conn, %{data: states})
  end

  defp refund(return) do
    case Returns.refund(return) do
      {:ok, return} -> %{id: return.id, state: return.state}
      {:error, reason} -> %{id: return.id, error: reason}
    end
  end
end
