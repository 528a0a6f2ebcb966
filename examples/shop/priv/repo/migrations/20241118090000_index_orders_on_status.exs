defmodule Shop.Repo.Migrations.IndexOrdersOnStatus do
  use Ecto.Migration

  def change do
    create index(:orders, [:status, :inserted_at])
  end
end
