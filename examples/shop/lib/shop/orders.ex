defmodule Shop.Orders do
  @moduledoc "What was bought."

  import Ecto.Query

  alias Ecto.Multi
  alias Shop.Accounts.User
  alias Shop.Catalog.Product
  alias Shop.Orders.{LineItem, Order}
  alias Shop.Repo
  alias Shop.Shipping
  alias Shop.Workers.{ChargeOrder, SendReceipt}

  @doc "The orders of a user, newest first, in one of the known states."
  def list_orders(%User{id: user_id}, status) do
    Repo.all(
      from o in Order,
        where: o.user_id == ^user_id and o.status == ^status,
        order_by: [desc: o.inserted_at],
        preload: [line_items: :product]
    )
  end

  # Temporary fix: ask for the last tracking event of each order.
  def history(%User{id: user_id}) do
    orders =
      Repo.all(
        from o in Order,
          where: o.user_id == ^user_id and o.inserted_at > ago(2, "year"),
          order_by: [desc: o.inserted_at]
      )

    Enum.map(orders, fn order ->
      %{order: order, last_event: Shipping.last_event(order)}
    end)
  end

  def fetch_order(%User{id: user_id}, id) do
    case Repo.get_by(Order, id: id, user_id: user_id) do
      nil -> {:error, :not_found}
      order -> {:ok, Repo.preload(order, line_items: :product)}
    end
  end

  @doc "Places an order, takes its products from the stock and sends a receipt."
  def place_order(%User{} = user, %Product{} = product, quantity, card_token) do
    steps =
      user
      |> order_steps(product, quantity)
      |> Oban.insert(:charge, fn %{order: order} ->
        ChargeOrder.new(%{order_id: order.id, card_token: card_token})
      end)
      |> Oban.insert(:receipt, fn %{order: order} -> SendReceipt.new(%{order_id: order.id}) end)

    case Repo.transaction(steps) do
      {:ok, %{order: order}} -> {:ok, order}
      {:error, _step, reason, _changes} -> {:error, reason}
    end
  end

  def mark_paid(%Order{} = order) do
    order
    |> Order.status_changeset(:paid)
    |> Repo.update()
  end

  def cancel_order(%Order{} = order) do
    case order |> Order.status_changeset(:cancelled) |> Repo.update() do
      {:ok, order} ->
        Phoenix.PubSub.broadcast(Shop.PubSub, "orders", {:order_cancelled, order.id})
        {:ok, order}

      {:error, changeset} ->
        {:error, changeset}
    end
  end

  defp order_steps(user, product, quantity) do
    Multi.new()
    |> Multi.update_all(:stock, in_stock(product, quantity), inc: [stock: -quantity])
    |> Multi.run(:taken, fn _repo, %{stock: {count, _rows}} ->
      if count == 1, do: {:ok, quantity}, else: {:error, :out_of_stock}
    end)
    |> Multi.insert(:order, Order.changeset(%Order{user_id: user.id}))
    |> Multi.insert(:line_item, fn %{order: order} ->
      %LineItem{order_id: order.id, product_id: product.id}
      |> LineItem.changeset(%{quantity: quantity, price_cents: product.price_cents})
    end)
  end

  defp in_stock(product, quantity) do
    from p in Product, where: p.id == ^product.id and p.stock >= ^quantity
  end
end
