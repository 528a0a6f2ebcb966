defmodule ShopWeb.StatsController do
  use ShopWeb, :controller

  alias Shop.{Accounts, Analytics}

  def show(conn, _params) do
    json(conn, %{
      users: Accounts.count_by_role(),
      top_products: Enum.map(Analytics.top_products(10), & &1.name)
    })
  end
end
