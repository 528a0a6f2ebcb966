defmodule Shop.Repo.Migrations.CreateReturns do
  use Ecto.Migration

  def change do
    create table(:returns) do
      add :order_id, references(:orders, on_delete: :delete_all)
      add :reason, :string, null: false
      add :parcel_number, :string, null: false
      add :state, :string, null: false, default: "announced"
      add :refund_id, :string

      timestamps(type: :utc_datetime)
    end

    create index(:returns, [:order_id])
  end
end
