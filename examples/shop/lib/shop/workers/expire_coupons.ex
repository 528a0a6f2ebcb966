defmodule Shop.Workers.ExpireCoupons do
  @moduledoc "Marks the coupons whose time is over, every night."

  use Oban.Worker, queue: :default

  alias Shop.{Coupons, Repo}

  @impl Oban.Worker
  def perform(_job) do
    coupons = Coupons.overdue(DateTime.utc_now())

    Enum.each(coupons, fn coupon ->
      coupon
      |> Ecto.Changeset.change(expired: true)
      |> Repo.update!()
    end)

    Coupons.delete_expired(DateTime.add(DateTime.utc_now(), -365, :day))
    :ok
  end
end
