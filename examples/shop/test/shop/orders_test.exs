defmodule Shop.OrdersTest do
  use Shop.DataCase, async: true

  alias Shop.{Catalog, Orders, Shipping}

  setup do
    Req.Test.stub(Shop.Payments, fn conn ->
      conn |> Plug.Conn.put_status(201) |> Req.Test.json(%{id: "charge_1"})
    end)

    %{user: user_fixture(), product: product_fixture()}
  end

  test "an order takes its products from the stock", %{user: user, product: product} do
    assert {:ok, order} = Orders.place_order(user, product, 3, "card")
    assert Catalog.get_product!(product.id).stock == 7
    assert {:ok, %{line_items: [%{quantity: 3}]}} = Orders.fetch_order(user, order.id)
  end

  test "what is not in stock cannot be ordered", %{user: user, product: product} do
    assert {:error, :out_of_stock} = Orders.place_order(user, product, 11, "card")
    assert Catalog.get_product!(product.id).stock == 10
  end

  test "the history shows the newest event", %{user: user, product: product} do
    {:ok, order} = Orders.place_order(user, product, 1, "card")

    for {description, day} <- [{"packed", 1}, {"on its way", 2}] do
      at = DateTime.new!(Date.new!(2024, 3, day), ~T[08:00:00])
      Shipping.record_event(order, %{description: description, happened_at: at})
    end

    assert [%{last_event: %{description: "on its way"}}] = Orders.history(user)
  end
end
