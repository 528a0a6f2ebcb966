defmodule Shop.Reviews do
  @moduledoc "What buyers think of a product."

  import Ecto.Query

  alias Shop.Accounts.User
  alias Shop.Catalog.Product
  alias Shop.Repo
  alias Shop.Reviews.Review

  @page_size 20

  @doc "The newest reviews of a product."
  def of_product(%Product{id: product_id}) do
    Repo.all(
      from r in Review,
        where: r.product_id == ^product_id,
        order_by: [desc: r.inserted_at],
        limit: @page_size
    )
  end

  @doc "The reviews that a user wrote, with the products they are about."
  def of_user(%User{id: user_id}) do
    Repo.all(from r in Review, where: r.user_id == ^user_id, preload: :product)
  end

  def write_review(%User{} = user, %Product{} = product, attrs) do
    %Review{user_id: user.id, product_id: product.id}
    |> Review.changeset(attrs)
    |> Repo.insert()
  end
end
