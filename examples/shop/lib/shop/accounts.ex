defmodule Shop.Accounts do
  @moduledoc "Users, where they live, and the tokens with which they call the API."

  import Ecto.Query

  alias Shop.Accounts.{Address, ApiToken, User}
  alias Shop.Repo

  @roles [:customer, :staff]

  def register_user(attrs) do
    %User{}
    |> User.changeset(attrs)
    |> Repo.insert()
  end

  @doc "The number of users of each role; there are as many queries as roles."
  def count_by_role do
    Map.new(@roles, fn role ->
      {role, Repo.aggregate(from(u in User, where: u.role == ^role), :count)}
    end)
  end

  def list_addresses(%User{id: user_id}) do
    Repo.all(from a in Address, where: a.user_id == ^user_id, order_by: a.name)
  end

  def add_address(%User{} = user, attrs) do
    %Address{user_id: user.id}
    |> Address.changeset(attrs)
    |> Repo.insert()
  end

  @doc "Makes a token. Its text is shown once; the database holds its hash."
  def create_api_token(%User{} = user) do
    text = Base.url_encode64(:crypto.strong_rand_bytes(32), padding: false)

    case Repo.insert(%ApiToken{user_id: user.id, hash: ApiToken.hash(text)}) do
      {:ok, _token} -> {:ok, text}
      {:error, changeset} -> {:error, changeset}
    end
  end

  def fetch_user_by_api_token(text) do
    query =
      from t in ApiToken,
        where: t.hash == ^ApiToken.hash(text),
        join: u in assoc(t, :user),
        select: u

    case Repo.one(query) do
      nil -> :error
      user -> {:ok, user}
    end
  end
end
