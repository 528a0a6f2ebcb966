defmodule Shop.Accounts.ApiToken do
  use Ecto.Schema

  schema "api_tokens" do
    field :hash, :binary, redact: true

    belongs_to :user, Shop.Accounts.User

    timestamps(type: :utc_datetime, updated_at: false)
  end

  def hash(text), do: :crypto.hash(:sha256, text)
end
