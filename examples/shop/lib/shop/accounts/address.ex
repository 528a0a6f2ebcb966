defmodule Shop.Accounts.Address do
  use Ecto.Schema

  import Ecto.Changeset

  schema "addresses" do
    field :name, :string
    field :street, :string
    field :city, :string
    field :postcode, :string
    field :phone, :string

    belongs_to :user, Shop.Accounts.User

    timestamps(type: :utc_datetime)
  end

  def changeset(address, attrs) do
    address
    |> cast(attrs, [:name, :street, :city, :postcode, :phone])
    |> validate_required([:user_id, :name, :street, :city, :postcode])
    |> unique_constraint(:name, name: :addresses_user_id_name_index)
  end
end
