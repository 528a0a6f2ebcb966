defmodule ShopWeb.Router do
  use ShopWeb, :router

  pipeline :browser do
    plug :accepts, ["html"]
    plug :fetch_session
    plug :fetch_live_flash
    plug :put_root_layout, html: {ShopWeb.Layouts, :root}
    plug :protect_from_forgery
    plug :put_secure_browser_headers
  end

  pipeline :api do
    plug :accepts, ["json"]
  end

  pipeline :authenticated do
    plug ShopWeb.Plugs.RequireToken
  end

  pipeline :staff do
    plug ShopWeb.Plugs.RequireStaff
  end

  scope "/", ShopWeb do
    pipe_through :browser

    live "/", StorefrontLive
  end

  scope "/api", ShopWeb do
    pipe_through :api

    get "/health", HealthController, :show
    resources "/products", ProductController, only: [:index, :show]
    get "/products/:product_id/reviews", ReviewController, :index
    post "/newsletter", NewsletterController, :create
    delete "/newsletter/:token", NewsletterController, :delete
  end

  scope "/api", ShopWeb do
    pipe_through [:api, :authenticated]

    get "/orders/history", OrderController, :history
    resources "/orders", OrderController, only: [:index, :show, :create, :delete]
    get "/orders/:order_id/return", ReturnController, :show
    post "/orders/:order_id/return", ReturnController, :create
    get "/reviews", ReviewController, :mine
    post "/products/:product_id/reviews", ReviewController, :create
    resources "/addresses", AddressController, only: [:index, :create]
    resources "/wishlists", WishlistController, only: [:index, :create]
    post "/wishlists/:id/products", WishlistController, :add
    post "/coupons/redeem", CouponController, :redeem
    post "/stock", StockController, :check
    post "/prices", StockController, :prices
  end

  scope "/api/staff", ShopWeb do
    pipe_through [:api, :authenticated, :staff]

    get "/stats", StatsController, :show
    post "/coupons", CouponController, :create
    post "/newsletter/issues", NewsletterController, :issue
    get "/suppliers", StockController, :suppliers
    post "/suppliers", StockController, :create_supplier
    get "/movements", StockController, :movements
    patch "/movements/:id", StockController, :annotate
    post "/products/:id/sold-out", StockController, :sold_out
    post "/deliveries", StockController, :deliver
    post "/price-lists", StockController, :price_list
    post "/orders/:order_id/events", StockController, :track
    post "/parcels/:parcel_number", ReturnController, :arrived
  end
end
