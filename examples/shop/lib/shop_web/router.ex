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

  scope "/", ShopWeb do
    pipe_through :browser

    live "/", StorefrontLive
  end

  scope "/api", ShopWeb do
    pipe_through :api

    get "/health", HealthController, :show
    resources "/products", ProductController, only: [:index, :show]
  end

  scope "/api", ShopWeb do
    pipe_through [:api, :authenticated]

    get "/orders/history", OrderController, :history
    get "/stats", StatsController, :show
    resources "/orders", OrderController, only: [:index, :show, :create, :delete]
  end
end
