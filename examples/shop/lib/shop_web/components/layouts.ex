defmodule ShopWeb.Layouts do
  use ShopWeb, :html

  embed_templates "layouts/*"
end
