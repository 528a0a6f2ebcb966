defmodule ShopWeb.ConnCase do
  use ExUnit.CaseTemplate

  using do
    quote do
      use ShopWeb, :verified_routes

      import Phoenix.ConnTest
      import Plug.Conn
      import Shop.Fixtures

      @endpoint ShopWeb.Endpoint
    end
  end

  setup tags do
    pid = Ecto.Adapters.SQL.Sandbox.start_owner!(Shop.Repo, shared: not tags[:async])
    on_exit(fn -> Ecto.Adapters.SQL.Sandbox.stop_owner(pid) end)
    {:ok, conn: Phoenix.ConnTest.build_conn()}
  end
end
