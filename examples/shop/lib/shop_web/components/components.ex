defmodule ShopWeb.Components do
  @moduledoc "The pieces of which the pages are made."

  use Phoenix.Component

  attr :cents, :integer, required: true

  def price(assigns) do
    ~H"""
    <span class="price">{format(@cents)}</span>
    """
  end

  attr :id, :string, required: true
  attr :product, :map, required: true
  attr :stock, :integer, required: true

  def product_card(assigns) do
    ~H"""
    <li id={@id} class="product">
      <strong>{@product.name}</strong>
      <.price cents={@product.price_cents} />
      <span :if={@stock == 0} class="sold-out">sold out</span>
    </li>
    """
  end

  defp format(cents) do
    "#{div(cents, 100)}.#{cents |> rem(100) |> Integer.to_string() |> String.pad_leading(2, "0")}"
  end
end
