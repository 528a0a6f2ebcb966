defmodule Shop.Fixtures do
  alias Shop.{Accounts, Catalog, Repo}
  alias Shop.Catalog.Category

  def user_fixture(attrs \\ %{}) do
    {:ok, user} =
      attrs
      |> Enum.into(%{email: "user#{System.unique_integer()}@example.com", name: "Ada"})
      |> Accounts.register_user()

    user
  end

  def product_fixture(attrs \\ %{}) do
    number = System.unique_integer([:positive])
    category = Repo.insert!(%Category{name: "Category #{number}"})

    {:ok, product} =
      attrs
      |> Enum.into(%{
        sku: "sku-#{number}",
        name: "Product #{number}",
        price_cents: 1_000,
        category_id: category.id
      })
      |> Catalog.create_product()

    Catalog.restock(product, 10)
  end
end
