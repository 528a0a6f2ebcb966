defmodule Shop.Repo.Migrations.CreateReviews do
  use Ecto.Migration

  def change do
    create table(:reviews) do
      add :user_id, references(:users, on_delete: :delete_all), null: false
      add :product_id, references(:products, on_delete: :delete_all), null: false
      add :rating, :integer, null: false
      add :text, :text, null: false

      timestamps(type: :utc_datetime)
    end

    # One review a product; the index finds the reviews of a user as well.
    create unique_index(:reviews, [:user_id, :product_id])
    constraint(:reviews, :rating_is_in_range, check: "rating BETWEEN 1 AND 5")
  end
end
