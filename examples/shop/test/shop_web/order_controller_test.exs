defmodule ShopWeb.OrderControllerTest do
  use ShopWeb.ConnCase, async: true

  alias Shop.Accounts

  setup %{conn: conn} do
    {:ok, token} = Accounts.create_api_token(user_fixture())
    %{conn: put_req_header(conn, "authorization", "Bearer " <> token)}
  end

  test "a request without a token is refused" do
    conn = get(build_conn(), ~p"/api/orders")
    assert json_response(conn, 401)
  end

  test "a new user has no orders", %{conn: conn} do
    conn = get(conn, ~p"/api/orders", status: "paid")
    assert json_response(conn, 200) == %{"data" => []}
  end

  test "an unknown status is a bad request", %{conn: conn} do
    conn = get(conn, ~p"/api/orders", status: "lost")
    assert json_response(conn, 400)
  end
end
