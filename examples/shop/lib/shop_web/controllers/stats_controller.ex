defmodule ShopWeb.StatsController do
  use ShopWeb, :controller

  alias Shop.{Accounts, Analytics}

  plug :require_staff

  def show(conn, _params) do
    json(conn, %{
      users: Accounts.count_by_role(),
      top_products: Enum.map(Analytics.top_products(10), & &1.name)
    })
  end

  defp require_staff(%{assigns: %{current_user: %{role: :staff}}} = conn, _opts), do: conn

  defp require_staff(conn, _opts) do
    conn
    |> put_status(:forbidden)
    |> put_view(json: ShopWeb.ErrorJSON)
    |> render(:"403")
    |> halt()
  end
end
