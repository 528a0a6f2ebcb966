defmodule ShopWeb.StockController do
  use ShopWeb, :controller

  alias Shop.{Catalog, Suppliers}

  action_fallback ShopWeb.FallbackController

  @doc "What is in stock of the products of a cart, which the client sends by SKU."
  def check(conn, %{"skus" => skus}) when is_list(skus) do
    json(conn, %{data: Map.new(skus, &{&1, Catalog.stock_of(&1)})})
  end

  @doc "The prices of the same products, asked for at once."
  def prices(conn, %{"skus" => skus}) when is_list(skus) do
    json(conn, %{data: Catalog.prices_of(skus)})
  end

  def movements(conn, _params) do
    movements = Suppliers.movements()
    json(conn, %{data: Enum.map(movements, &Map.take(&1, [:product_id, :quantity, :note]))})
  end

  def annotate(conn, %{"id" => id, "movement" => params}) do
    with {:ok, movement} <- Suppliers.annotate_movement(id, params) do
      json(conn, %{id: movement.id})
    end
  end

  def sold_out(conn, %{"id" => id, "supplier_id" => supplier_id}) do
    with {:ok, supplier} <- Suppliers.fetch_supplier(supplier_id) do
      :ok = Suppliers.notify_sold_out(supplier, Catalog.get_product!(id))
      send_resp(conn, :accepted, "")
    end
  end

  def suppliers(conn, _params) do
    json(conn, %{data: Enum.map(Suppliers.list_suppliers(), &Map.take(&1, [:id, :name]))})
  end

  def create_supplier(conn, %{"supplier" => params}) do
    with {:ok, supplier} <- Suppliers.create_supplier(params) do
      conn
      |> put_status(:created)
      |> json(%{id: supplier.id})
    end
  end
end
