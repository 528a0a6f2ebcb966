defmodule ShopWeb.Sorting do
  @moduledoc "Reads the order of a list from a parameter: `price_cents` or `-price_cents`."

  @default {:asc, :name}

  def parse(nil), do: @default
  def parse(""), do: @default
  def parse("-" <> field), do: {:desc, column(field)}
  def parse(field), do: {:asc, column(field)}

  defp column(field), do: String.to_atom(field)
end
