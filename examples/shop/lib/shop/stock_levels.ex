defmodule Shop.StockLevels do
  @moduledoc """
  Keeps the stock of each product in memory, so that the storefront can show it
  without asking the database.
  """

  use GenServer

  import Ecto.Query

  alias Shop.Catalog.Product
  alias Shop.Repo

  @table __MODULE__
  @refresh_every :timer.minutes(1)

  def start_link(opts) do
    GenServer.start_link(__MODULE__, opts, name: __MODULE__)
  end

  @doc "The stock of a product; 0 when it is not known."
  def get(product_id) do
    case :ets.lookup(@table, product_id) do
      [{^product_id, stock}] -> stock
      [] -> 0
    end
  end

  @impl true
  def init(opts) do
    :ets.new(@table, [:named_table, :protected, read_concurrency: true])

    if Keyword.get(opts, :refresh, true) do
      {:ok, %{}, {:continue, :refresh}}
    else
      {:ok, %{}}
    end
  end

  @impl true
  def handle_continue(:refresh, state) do
    refresh()
    {:noreply, state}
  end

  @impl true
  def handle_info(:refresh, state) do
    refresh()
    {:noreply, state}
  end

  defp refresh do
    levels = Repo.all(from p in Product, select: {p.id, p.stock})
    :ets.insert(@table, levels)
    Process.send_after(self(), :refresh, @refresh_every)
  end
end
