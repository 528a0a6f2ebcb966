defmodule ShopWeb.CouponController do
  use ShopWeb, :controller

  alias Shop.Coupons

  action_fallback ShopWeb.FallbackController

  def create(conn, %{"coupon" => params}) do
    {:ok, coupon} = Coupons.create_coupon(params)

    conn
    |> put_status(:created)
    |> json(%{code: coupon.code})
  end

  def redeem(conn, %{"code" => code}) do
    with {:ok, coupon} <- Coupons.fetch_coupon(code) do
      case Coupons.redeem(coupon, conn.assigns.current_user) do
        {:ok, _changes} -> json(conn, %{percent: coupon.percent})
        {:error, :used_up} -> {:error, :out_of_stock}
        {:error, changeset} -> {:error, changeset}
      end
    end
  end
end
