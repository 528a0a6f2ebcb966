defmodule ShopWeb.StorefrontLive do
  use ShopWeb, :live_view

  require Logger

  alias Shop.{Catalog, StockLevels}

  @impl true
  def mount(_params, _session, socket) do
    if connected?(socket) do
      Phoenix.PubSub.subscribe(Shop.PubSub, "products")
    end

    {:ok,
     socket
     |> assign(page_title: "Storefront", search: "")
     |> stream(:products, Catalog.search_products(""))}
  end

  @impl true
  def handle_event("search", %{"search" => text}, socket) do
    log_search(text)

    {:noreply,
     socket
     |> assign(search: text)
     |> stream(:products, Catalog.search_products(text), reset: true)}
  end

  @impl true
  def handle_info({:product_created, product}, socket) do
    {:noreply, stream_insert(socket, :products, product, at: 0)}
  end

  @impl true
  def render(assigns) do
    ~H"""
    <form phx-change="search">
      <input type="search" name="search" value={@search} phx-debounce="200" />
    </form>
    <ul id="products" phx-update="stream">
      <.product_card
        :for={{id, product} <- @streams.products}
        id={id}
        product={product}
        stock={StockLevels.get(product.id)}
      />
    </ul>
    """
  end

  defp log_search(text) do
    Task.Supervisor.start_child(Shop.TaskSupervisor, fn ->
      Logger.info("search for #{inspect(text)}")
    end)
  end
end
