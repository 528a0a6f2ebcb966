# migrate.exs FILE…: compiles migrations and prints the SQL that Ecto makes of
# them, up and then down. It knows the commands that fixes use. A line `-- FILE up`
# or `-- FILE down` begins a part, with `concurrent` where it runs outside a
# transaction. It fails where the formatter would change something.

defmodule Ecto.Migration do
  defmacro __using__(_) do
    quote do
      import Ecto.Migration
      @before_compile Ecto.Migration
      @disable_ddl_transaction false
      @disable_migration_lock false
    end
  end

  defmacro __before_compile__(env) do
    outside = Module.get_attribute(env.module, :disable_ddl_transaction)
    unlocked = Module.get_attribute(env.module, :disable_migration_lock)
    quote(do: def(__outside__, do: unquote(outside and unlocked)))
  end

  def index(table, columns, opts \\ []), do: {:index, table, columns, opts}
  def unique_index(table, columns, opts \\ []), do: {:index, table, columns, [{:unique, true} | opts]}
  def constraint(table, name, opts \\ []), do: {:constraint, table, name, opts}

  def create(thing), do: run({:create, thing})
  def drop(thing), do: run({:drop, thing})
  def drop_if_exists(thing), do: run({:drop_if_exists, thing})
  def execute(sql) when is_binary(sql), do: run({:execute, sql, nil})
  def execute(up, down), do: run({:execute, up, down})

  def run(command), do: Process.put(:commands, [command | Process.get(:commands, [])])

  def commands(module, function) do
    Process.put(:commands, [])
    apply(module, function, [])
    Enum.reverse(Process.get(:commands))
  end

  def reverse({:create, thing}), do: {:drop, thing}
  def reverse({:drop, {:index, _, _, _} = thing}), do: {:create, thing}
  def reverse({:drop_if_exists, {:index, _, _, _} = thing}), do: {:create, thing}
  def reverse({:execute, up, down}) when is_binary(down), do: {:execute, down, up}

  def sql({:execute, sql, _}), do: sql

  def sql({:create, {:index, table, columns, opts} = index}) do
    unique = if opts[:unique], do: "UNIQUE "
    where = if opts[:where], do: " WHERE #{opts[:where]}"
    columns = Enum.map_join(columns, ", ", &quoted/1)
    "CREATE #{unique}INDEX #{concurrently(opts)}#{quoted(name(index))} ON #{in_schema(table, opts)} (#{columns})#{where}"
  end

  def sql({:drop, {:index, _, _, opts} = index}), do: "DROP INDEX #{concurrently(opts)}#{in_schema(name(index), opts)}"

  def sql({:create, {:constraint, table, name, opts}}) do
    unchecked = if opts[:validate] == false, do: " NOT VALID"
    "ALTER TABLE #{in_schema(table, opts)} ADD CONSTRAINT #{quoted(name)} CHECK (#{Keyword.fetch!(opts, :check)})#{unchecked}"
  end

  def sql({:drop_if_exists, {:index, _, _, opts} = index}), do: "DROP INDEX #{concurrently(opts)}IF EXISTS #{in_schema(name(index), opts)}"
  def sql({:drop, {:constraint, table, name, opts}}), do: "ALTER TABLE #{in_schema(table, opts)} DROP CONSTRAINT #{quoted(name)}"

  defp concurrently(opts), do: if(opts[:concurrently], do: "CONCURRENTLY ")

  defp name({:index, table, columns, opts}) do
    opts[:name] ||
      Enum.map_join([table] ++ columns ++ ["index"], "_", fn part ->
        part |> to_string() |> String.replace(~r"[^\w_]", "_") |> String.replace_trailing("_", "")
      end)
  end

  defp in_schema(name, opts), do: if(opts[:prefix], do: quoted(opts[:prefix]) <> ".") |> to_string() |> Kernel.<>(quoted(name))
  defp quoted(name), do: ~s("#{name}")
end

bare = [create: 1, drop: 1, drop_if_exists: 1, execute: 1, execute: 2]

for file <- System.argv() do
  text = File.read!(file)
  formatted = IO.iodata_to_binary(Code.format_string!(text, locals_without_parens: bare)) <> "\n"
  if formatted != text, do: raise("the formatter makes of #{file}\n#{formatted}")
end

for file <- System.argv(), {module, _} <- Code.compile_file(file) do
  {up, down} =
    if function_exported?(module, :change, 0) do
      up = Ecto.Migration.commands(module, :change)
      {up, up |> Enum.reverse() |> Enum.map(&Ecto.Migration.reverse/1)}
    else
      {Ecto.Migration.commands(module, :up), Ecto.Migration.commands(module, :down)}
    end

  for {way, commands} <- [up: up, down: down] do
    IO.puts("-- #{file} #{way}#{if module.__outside__(), do: " concurrent"}")
    for c <- commands, do: IO.puts(String.trim(Ecto.Migration.sql(c)) <> ";")
  end
end
