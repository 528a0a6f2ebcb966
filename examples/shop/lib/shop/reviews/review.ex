defmodule Shop.Reviews.Review do
  use Ecto.Schema

  import Ecto.Changeset

  schema "reviews" do
    field :rating, :integer
    field :text, :string

    belongs_to :user, Shop.Accounts.User
    belongs_to :product, Shop.Catalog.Product

    timestamps(type: :utc_datetime)
  end

  def changeset(review, attrs) do
    review
    |> cast(attrs, [:rating, :text])
    |> validate_required([:user_id, :product_id, :rating, :text])
    |> validate_inclusion(:rating, 1..5)
    |> validate_length(:text, max: 2_000)
    |> unique_constraint([:user_id, :product_id])
  end
end
