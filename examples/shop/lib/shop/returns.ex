defmodule Shop.Returns do
  @moduledoc "What buyers send back."

  import Ecto.Query

  alias Shop.{Payments, Repo}
  alias Shop.Orders.{LineItem, Order}
  alias Shop.Returns.Return

  @doc "Announces the return of an order."
  def announce(%Order{} = order, attrs) do
    %Return{}
    |> Return.changeset(Map.put(attrs, "order_id", order.id))
    |> Repo.insert()
  end

  @doc "The return of an order, or nil."
  def of_order(%Order{id: order_id}), do: Repo.get_by(Return, order_id: order_id)

  @doc "The returns in a parcel, which its number tells."
  def in_parcel(number) do
    Repo.all(from r in Return, where: r.parcel_number == ^number, preload: [order: :line_items])
  end

  @doc "Pays back what an order cost."
  def refund(%Return{order: order} = return) do
    Repo.transaction(fn ->
      case Payments.refund(LineItem.total(order.line_items), order.id) do
        {:ok, refund_id} -> return |> Return.refund_changeset(refund_id) |> Repo.update!()
        {:error, reason} -> Repo.rollback(reason)
      end
    end)
  end
end
