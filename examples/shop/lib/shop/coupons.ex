defmodule Shop.Coupons do
  @moduledoc "Codes that make an order cheaper."

  import Ecto.Query

  alias Ecto.Multi
  alias Shop.Accounts.User
  alias Shop.Coupons.{Coupon, Redemption}
  alias Shop.Repo

  def create_coupon(attrs) do
    %Coupon{}
    |> Coupon.changeset(attrs)
    |> Repo.insert()
  end

  def fetch_coupon(code) do
    case Repo.get_by(Coupon, code: code, expired: false) do
      nil -> {:error, :not_found}
      coupon -> {:ok, coupon}
    end
  end

  @doc "Uses a coupon up; each user may do so once."
  def redeem(%Coupon{} = coupon, %User{} = user) do
    left = from c in Coupon, where: c.id == ^coupon.id and c.uses_left > 0

    Multi.new()
    |> Multi.update_all(:taken, left, inc: [uses_left: -1])
    |> Multi.run(:left, fn _repo, %{taken: {count, _rows}} ->
      if count == 1, do: {:ok, count}, else: {:error, :used_up}
    end)
    |> Multi.insert(
      :redemption,
      Redemption.changeset(%Redemption{coupon_id: coupon.id, user_id: user.id})
    )
    |> Repo.transaction()
  end

  @doc "Coupons whose time is over and that are not marked yet."
  def overdue(now) do
    Repo.all(from c in Coupon, where: c.expires_at < ^now and not c.expired)
  end

  @doc "Takes away what nobody can use any more, with one statement."
  def delete_expired(before) do
    Repo.delete_all(from c in Coupon, where: c.expired and c.expires_at < ^before)
  end
end
