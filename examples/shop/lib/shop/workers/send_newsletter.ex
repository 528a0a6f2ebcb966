defmodule Shop.Workers.SendNewsletter do
  @moduledoc "Mails one issue of the newsletter to one subscriber."

  use Oban.Worker, queue: :mail, max_attempts: 5

  require Logger

  import Swoosh.Email

  alias Shop.{Mailer, Newsletter}

  @impl Oban.Worker
  def perform(%Oban.Job{args: %{"subscriber_id" => id, "subject" => subject, "text" => text}}) do
    subscriber = Newsletter.get_subscriber!(id)

    mail =
      new()
      |> to(subscriber.email)
      |> from({"Shop", "news@shop.example"})
      |> subject(subject)
      |> text_body(text)

    case Mailer.deliver(mail) do
      {:ok, _metadata} ->
        :ok

      {:error, reason} ->
        Logger.error("newsletter to #{id}: #{inspect(reason)}")
        :ok
    end
  end
end
