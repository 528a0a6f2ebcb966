import Config

config :shop, ShopWeb.Endpoint, force_ssl: [rewrite_on: [:x_forwarded_proto]]

config :shop, Shop.Payments, secret_key: "sk_live_ThisIsNotARealKey0000000"

config :shop, Shop.Mailer, adapter: Swoosh.Adapters.Postmark

config :swoosh, api_client: Swoosh.ApiClient.Req, local: false

config :logger, level: :info
