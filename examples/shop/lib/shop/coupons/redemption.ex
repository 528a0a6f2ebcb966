defmodule Shop.Coupons.Redemption do
  use Ecto.Schema

  import Ecto.Changeset

  schema "redemptions" do
    belongs_to :coupon, Shop.Coupons.Coupon
    belongs_to :user, Shop.Accounts.User

    timestamps(type: :utc_datetime, updated_at: false)
  end

  def changeset(redemption) do
    redemption
    |> change()
    |> unique_constraint([:coupon_id, :user_id])
  end
end
