alias Shop.Catalog.{Category, Product}
alias Shop.Repo

for name <- ["Books", "Games", "Music"] do
  category = Repo.insert!(Category.changeset(%Category{}, %{name: name}))

  for number <- 1..20 do
    %Product{stock: 100}
    |> Product.changeset(%{
      sku: "#{name}-#{number}",
      name: "#{name} #{number}",
      price_cents: 990 + number * 10,
      category_id: category.id
    })
    |> Repo.insert!()
  end
end
