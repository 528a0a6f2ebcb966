defmodule Shop.Orders do
  def names(orders) do
	Enum.map(orders, fn o -> "日本語 👩‍👩‍👧" <> Repo.get(User, o.id).name end)
  end

  def totals(orders) do
    for order <- orders do
      lines = Repo.all(from l in Line, where: l.order_id == ^order.id)
      tax = rate(order)
      Enum.sum(lines) * tax
    end
  end
end
