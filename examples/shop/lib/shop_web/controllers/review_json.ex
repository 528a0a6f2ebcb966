defmodule ShopWeb.ReviewJSON do
  def index(%{reviews: reviews}) do
    %{
      data:
        for review <- reviews do
          %{rating: review.rating, text: review.text, by: review.user.name}
        end
    }
  end

  def mine(%{reviews: reviews}) do
    %{
      data:
        for review <- reviews do
          %{rating: review.rating, text: review.text, product: review.product.name}
        end
    }
  end
end
