defmodule Shop do
  @moduledoc """
  The shop's domain: who buys (`Shop.Accounts`), what is sold (`Shop.Catalog`),
  what was bought (`Shop.Orders`) and where it is (`Shop.Shipping`).
  """
end
