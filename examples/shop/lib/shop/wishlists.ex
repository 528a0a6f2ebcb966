defmodule Shop.Wishlists do
  @moduledoc "What users would like to have."

  import Ecto.Query

  alias Shop.Accounts.User
  alias Shop.Repo
  alias Shop.Wishlists.Wishlist

  def list(%User{id: user_id}) do
    Repo.all(
      from w in Wishlist,
        where: w.user_id == ^user_id,
        order_by: w.name,
        preload: :products
    )
  end

  def create(%User{} = user, attrs) do
    %Wishlist{user_id: user.id}
    |> Wishlist.changeset(attrs)
    |> Repo.insert()
  end

  @doc "Puts a product on a list; one that is there already stays."
  def add(%User{id: user_id}, id, product_id) do
    wishlist = Repo.get_by!(Wishlist, id: id, user_id: user_id)
    now = DateTime.truncate(DateTime.utc_now(), :second)

    Repo.insert_all(
      "wishlist_items",
      [%{wishlist_id: wishlist.id, product_id: product_id, inserted_at: now}],
      on_conflict: :nothing
    )

    :ok
  end
end
