defmodule Shop.Catalog.Category do
  use Ecto.Schema

  import Ecto.Changeset

  schema "categories" do
    field :name, :string

    has_many :products, Shop.Catalog.Product

    timestamps(type: :utc_datetime)
  end

  def changeset(category, attrs) do
    category
    |> cast(attrs, [:name])
    |> validate_required([:name])
    |> unique_constraint(:name)
  end
end
