defmodule Shop.Repo.Migrations.CreateTrackingEvents do
  use Ecto.Migration

  def change do
    create table(:tracking_events) do
      add :order_id, references(:orders, on_delete: :delete_all), null: false
      add :place, :string
      add :description, :string, null: false
      add :happened_at, :utc_datetime, null: false

      timestamps(type: :utc_datetime, updated_at: false)
    end

    create index(:tracking_events, [:order_id, :happened_at])
  end
end
