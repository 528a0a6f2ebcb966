defmodule Shop.Wishlists.Wishlist do
  use Ecto.Schema

  import Ecto.Changeset

  schema "wishlists" do
    field :name, :string

    belongs_to :user, Shop.Accounts.User
    many_to_many :products, Shop.Catalog.Product, join_through: "wishlist_items"

    timestamps(type: :utc_datetime)
  end

  def changeset(wishlist, attrs) do
    wishlist
    |> cast(attrs, [:name])
    |> validate_required([:user_id, :name])
    |> unique_constraint(:name)
  end
end
