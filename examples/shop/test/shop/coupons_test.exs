defmodule Shop.CouponsTest do
  use Shop.DataCase, async: true

  alias Shop.Coupons

  setup do
    at = DateTime.add(DateTime.utc_now(), 1, :day)

    {:ok, coupon} =
      Coupons.create_coupon(%{code: "SPRING", percent: 10, uses_left: 2, expires_at: at})

    %{coupon: coupon, user: user_fixture()}
  end

  test "a user uses a coupon once", %{coupon: coupon, user: user} do
    assert {:ok, _changes} = Coupons.redeem(coupon, user)
    assert {:error, :redemption, _changeset, _changes} = Coupons.redeem(coupon, user)
  end

  test "a coupon is used up", %{coupon: coupon} do
    for _ <- 1..2, do: assert({:ok, _changes} = Coupons.redeem(coupon, user_fixture()))
    assert {:error, :left, :used_up, _changes} = Coupons.redeem(coupon, user_fixture())
  end
end
