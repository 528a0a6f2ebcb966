defmodule Shop.Repo.Migrations.IndexLineItemsOnInsertedAt do
  use Ecto.Migration

  @disable_ddl_transaction true
  @disable_migration_lock true

  def change do
    create index(:line_items, [:inserted_at], concurrently: true)
  end
end
