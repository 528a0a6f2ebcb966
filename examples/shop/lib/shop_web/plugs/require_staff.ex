defmodule ShopWeb.Plugs.RequireStaff do
  @moduledoc "Lets only members of staff pass."

  @behaviour Plug

  import Plug.Conn

  @impl Plug
  def init(opts), do: opts

  @impl Plug
  def call(%{assigns: %{current_user: %{role: :staff}}} = conn, _opts), do: conn

  def call(conn, _opts) do
    conn
    |> put_status(:forbidden)
    |> Phoenix.Controller.put_view(json: ShopWeb.ErrorJSON)
    |> Phoenix.Controller.render(:"403")
    |> halt()
  end
end
