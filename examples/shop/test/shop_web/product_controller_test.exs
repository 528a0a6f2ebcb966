defmodule ShopWeb.ProductControllerTest do
  use ShopWeb.ConnCase, async: true

  test "products are sorted by name", %{conn: conn} do
    product_fixture(%{name: "Zebra"})
    product_fixture(%{name: "Ape"})

    assert %{"data" => [%{"name" => "Ape"}, %{"name" => "Zebra"}]} =
             conn |> get(~p"/api/products") |> json_response(200)
  end
end
