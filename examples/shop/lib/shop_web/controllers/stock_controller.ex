defmodule ShopWeb.StockController do
  use ShopWeb, :controller

  alias Shop.{Catalog, Suppliers}
  alias Shop.Workers.{ImportPriceList, RecordDelivery, RefreshTracking}

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

  def deliver(conn, %{"supplier_id" => supplier_id, "product_id" => product_id, "quantity" => n}) do
    args = %{supplier_id: supplier_id, product_id: product_id, quantity: n}
    with {:ok, _job} <- Oban.insert(RecordDelivery.new(args)), do: send_resp(conn, :accepted, "")
  end

  def price_list(conn, %{"category_id" => category_id, "rows" => rows}) do
    args = %{category_id: category_id, rows: rows}
    with {:ok, _job} <- Oban.insert(ImportPriceList.new(args)), do: send_resp(conn, :accepted, "")
  end

  def track(conn, %{"order_id" => order_id, "event" => event}) do
    args = %{order_id: order_id, event: event}
    with {:ok, _job} <- Oban.insert(RefreshTracking.new(args)), do: send_resp(conn, :accepted, "")
  end
end
