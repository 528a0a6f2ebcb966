defmodule ShopWeb.AddressController do
  use ShopWeb, :controller

  alias Shop.Accounts

  action_fallback ShopWeb.FallbackController

  def index(conn, _params) do
    addresses = Accounts.list_addresses(conn.assigns.current_user)
    json(conn, %{data: Enum.map(addresses, &Map.take(&1, [:id, :name, :street, :city]))})
  end

  def create(conn, %{"address" => params}) do
    with {:ok, address} <- Accounts.add_address(conn.assigns.current_user, params) do
      conn
      |> put_status(:created)
      |> json(%{id: address.id})
    end
  end
end
