defmodule Shop.Newsletter.Subscriber do
  use Ecto.Schema

  import Ecto.Changeset

  schema "subscribers" do
    field :email, :string
    field :token, :string, redact: true

    timestamps(type: :utc_datetime, updated_at: false)
  end

  def changeset(subscriber, attrs) do
    subscriber
    |> cast(attrs, [:email])
    |> validate_required([:email])
    |> validate_format(:email, ~r/^[^\s@]+@[^\s@]+$/)
    |> put_change(:token, Base.url_encode64(:crypto.strong_rand_bytes(24)))
  end
end
