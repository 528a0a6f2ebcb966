defmodule ShopWeb.NewsletterController do
  use ShopWeb, :controller

  alias Shop.Newsletter

  action_fallback ShopWeb.FallbackController

  def create(conn, %{"subscriber" => params}) do
    with {:ok, _subscriber} <- Newsletter.subscribe(params) do
      send_resp(conn, :created, "")
    end
  end

  def issue(conn, %{"subject" => subject, "text" => text}) do
    conn
    |> put_status(:accepted)
    |> json(%{mails: Newsletter.send_issue(subject, text)})
  end

  def delete(conn, %{"token" => token}) do
    :ok = Newsletter.unsubscribe(token)
    send_resp(conn, :no_content, "")
  end
end
