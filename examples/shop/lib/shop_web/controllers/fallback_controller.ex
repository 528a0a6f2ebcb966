defmodule ShopWeb.FallbackController do
  @moduledoc "Answers for the actions that return an error."

  use ShopWeb, :controller

  def call(conn, {:error, :not_found}), do: error(conn, :not_found, :"404")
  def call(conn, {:error, :bad_request}), do: error(conn, :bad_request, :"400")
  def call(conn, {:error, :out_of_stock}), do: error(conn, :conflict, :"409")

  def call(conn, {:error, %Ecto.Changeset{}}) do
    error(conn, :unprocessable_entity, :"422")
  end

  defp error(conn, status, template) do
    conn
    |> put_status(status)
    |> put_view(json: ShopWeb.ErrorJSON)
    |> render(template)
  end
end
