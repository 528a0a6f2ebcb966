defmodule Shop.Payments do
  @moduledoc "Charges cards through the payment provider."

  require Logger

  @doc "Charges an amount. A declined card is an expected answer."
  def charge(amount_cents, card_token) do
    case Req.post(client(), url: "/charges", json: %{amount: amount_cents, source: card_token}) do
      {:ok, %Req.Response{status: 201, body: %{"id" => id}}} ->
        {:ok, id}

      {:ok, %Req.Response{status: 402}} ->
        {:error, :card_declined}

      {:ok, %Req.Response{status: status}} ->
        Logger.error("payment provider answered #{status}")
        {:error, :provider_unavailable}

      {:error, exception} ->
        Logger.error("payment provider: #{Exception.message(exception)}")
        {:error, :provider_unavailable}
    end
  end

  @doc "Pays an amount back."
  def refund(amount_cents, order_id) do
    case Req.post(client(), url: "/refunds", json: %{amount: amount_cents, order: order_id}) do
      {:ok, %Req.Response{status: 201, body: %{"id" => id}}} -> {:ok, id}
      {:ok, %Req.Response{}} -> {:error, :refund_refused}
      {:error, _exception} -> {:error, :provider_unavailable}
    end
  end

  defp client do
    config = Application.fetch_env!(:shop, __MODULE__)

    config
    |> Keyword.take([:base_url, :receive_timeout, :plug])
    |> Keyword.put(:auth, {:bearer, Keyword.fetch!(config, :secret_key)})
    |> Req.new()
  end
end
