defmodule Shop.Newsletter do
  @moduledoc "Who wants to hear of new products."

  import Ecto.Query

  alias Shop.Newsletter.Subscriber
  alias Shop.Repo
  alias Shop.Workers.SendNewsletter

  def subscribe(attrs) do
    %Subscriber{}
    |> Subscriber.changeset(attrs)
    |> Repo.insert()
  end

  @doc "Takes the subscriber with this token off the list."
  def unsubscribe(token) do
    Repo.delete_all(from s in Subscriber, where: s.token == ^token)
    :ok
  end

  @doc "Puts a mail to each subscriber on the queue, all with one statement."
  def send_issue(subject, text) do
    from(s in Subscriber, select: s.id)
    |> Repo.all()
    |> Enum.map(&SendNewsletter.new(%{subscriber_id: &1, subject: subject, text: text}))
    |> Oban.insert_all()
    |> length()
  end

  def get_subscriber!(id), do: Repo.get!(Subscriber, id)
end
