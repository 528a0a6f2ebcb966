defmodule Shop do
  @moduledoc """
  The shop's domain: who buys (`Shop.Accounts`), what is sold (`Shop.Catalog`),
  who delivers it (`Shop.Suppliers`), what it costs less (`Shop.Coupons`), what was
  bought (`Shop.Orders`), where it is (`Shop.Shipping`) and what comes back
  (`Shop.Returns`); and what people wish for (`Shop.Wishlists`), think of it
  (`Shop.Reviews`) and hear of (`Shop.Newsletter`).
  """
end
