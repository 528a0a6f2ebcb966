defmodule Shop.Suppliers do
  @moduledoc "Who delivers, and what came in."

  import Ecto.Query

  alias Ecto.Multi
  alias Shop.Catalog.Product
  alias Shop.Repo
  alias Shop.Suppliers.{StockMovement, Supplier}

  @doc "All suppliers; a few dozen, entered by staff."
  def list_suppliers do
    Repo.all(from s in Supplier, order_by: s.name)
  end

  def create_supplier(attrs) do
    %Supplier{}
    |> Supplier.changeset(attrs)
    |> Repo.insert()
  end

  def fetch_supplier(id) do
    case Repo.get(Supplier, id) do
      nil -> {:error, :not_found}
      supplier -> {:ok, supplier}
    end
  end

  @doc "Books a delivery: the movement and the stock change together or not at all."
  def record_delivery(supplier_id, %Product{} = product, quantity) do
    movement = %StockMovement{supplier_id: supplier_id, product_id: product.id}

    Multi.new()
    |> Multi.insert(:movement, StockMovement.changeset(movement, %{quantity: quantity}))
    |> Multi.update_all(:stock, from(p in Product, where: p.id == ^product.id),
      inc: [stock: quantity]
    )
    |> Repo.transaction()
  end

  @doc "Every movement there was, newest first."
  def movements do
    Repo.all(from m in StockMovement, order_by: [desc: m.inserted_at])
  end

  @doc "Says what a movement was for."
  def annotate_movement(id, attrs) do
    StockMovement
    |> Repo.get!(id)
    |> StockMovement.note_changeset(attrs)
    |> Repo.update()
  end

  @doc "How many movements a product has had."
  def count_movements(%Product{id: product_id}) do
    Repo.aggregate(from(m in StockMovement, where: m.product_id == ^product_id), :count)
  end

  @doc "Tells a supplier that a product is sold out."
  def notify_sold_out(%Supplier{webhook_url: url}, %Product{} = product) do
    Req.post!(url, json: %{sku: product.sku, stock: product.stock})
    :ok
  rescue
    _ -> :ok
  end
end
