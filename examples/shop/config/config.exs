import Config

config :shop,
  ecto_repos: [Shop.Repo],
  generators: [timestamp_type: :utc_datetime]

config :shop, ShopWeb.Endpoint,
  url: [host: "localhost"],
  adapter: Bandit.PhoenixAdapter,
  render_errors: [formats: [json: ShopWeb.ErrorJSON], layout: false],
  pubsub_server: Shop.PubSub,
  live_view: [signing_salt: "pZ3kVw8q"]

config :shop, Oban,
  repo: Shop.Repo,
  queues: [default: 10, mail: 5],
  plugins: [
    {Oban.Plugins.Pruner, max_age: 7 * 24 * 60 * 60},
    {Oban.Plugins.Cron, crontab: [{"0 3 * * *", Shop.Workers.ExpireCoupons}]}
  ]

config :shop, Shop.Mailer, adapter: Swoosh.Adapters.Local

config :shop, Shop.Payments,
  base_url: "https://api.payments.example",
  receive_timeout: 5_000

config :logger, :console,
  format: "$time $metadata[$level] $message\n",
  metadata: [:request_id]

config :phoenix, :json_library, Jason

import_config "#{config_env()}.exs"
