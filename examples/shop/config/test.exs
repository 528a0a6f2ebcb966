import Config

config :shop, Shop.Repo,
  username: "postgres",
  password: "postgres",
  hostname: "localhost",
  database: "shop_test#{System.get_env("MIX_TEST_PARTITION")}",
  pool: Ecto.Adapters.SQL.Sandbox,
  pool_size: 10

config :shop, ShopWeb.Endpoint,
  http: [ip: {127, 0, 0, 1}, port: 4002],
  secret_key_base: "test-only-test-only-test-only-test-only-test-only-test-only-test-only",
  server: false

# A process that no test owns gets no connection.
config :shop, Shop.StockLevels, refresh: false

config :shop, Oban, testing: :inline
config :shop, Shop.Mailer, adapter: Swoosh.Adapters.Test
config :shop, Shop.Payments, secret_key: "not-a-real-key", plug: {Req.Test, Shop.Payments}

config :swoosh, :api_client, false
config :logger, level: :warning
config :phoenix, :plug_init_mode, :runtime
