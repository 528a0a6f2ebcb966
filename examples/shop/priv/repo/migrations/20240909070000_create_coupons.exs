defmodule Shop.Repo.Migrations.CreateCoupons do
  use Ecto.Migration

  def change do
    create table(:coupons) do
      add :code, :string, null: false
      add :percent, :integer, null: false
      add :uses_left, :integer, null: false, default: 1
      add :expired, :boolean, null: false, default: false
      add :expires_at, :utc_datetime, null: false

      timestamps(type: :utc_datetime)
    end

    create unique_index(:coupons, [:code], name: :coupons_unique_code)
    create index(:coupons, [:expires_at])
    create constraint(:coupons, :percent_is_in_range, check: "percent BETWEEN 1 AND 100")

    create table(:redemptions) do
      add :coupon_id, references(:coupons), null: false
      add :user_id, references(:users, on_delete: :delete_all), null: false

      timestamps(type: :utc_datetime, updated_at: false)
    end

    create unique_index(:redemptions, [:coupon_id, :user_id])
    create index(:redemptions, [:user_id])
    create index(:orders, [:user_id])
  end
end
