defmodule Shop.Suppliers.Supplier do
  use Ecto.Schema

  import Ecto.Changeset

  schema "suppliers" do
    field :name, :string
    field :vat_number, :string
    field :webhook_url, :string

    timestamps(type: :utc_datetime)
  end

  def changeset(supplier, attrs) do
    supplier
    |> cast(attrs, [:name, :vat_number, :webhook_url])
    |> validate_required([:name, :vat_number])
    |> unique_constraint(:name)
    |> unique_constraint(:vat_number)
  end
end
