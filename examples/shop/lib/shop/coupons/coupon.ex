defmodule Shop.Coupons.Coupon do
  use Ecto.Schema

  import Ecto.Changeset

  schema "coupons" do
    field :code, :string
    field :percent, :integer
    field :uses_left, :integer, default: 1
    field :expired, :boolean, default: false
    field :expires_at, :utc_datetime

    timestamps(type: :utc_datetime)
  end

  def changeset(coupon, attrs) do
    coupon
    |> cast(attrs, [:code, :percent, :uses_left, :expires_at])
    |> validate_required([:code, :percent, :expires_at])
    |> check_constraint(:percent, name: :percent_is_in_range)
    |> unique_constraint(:code)
  end
end
