package sql

import (
	"fmt"
	"strings"
	"testing"
)

// show prints a statement with one fact a word, as the tables below have it.
func show(s Statement, text string) string {
	switch s := s.(type) {
	case *CreateTable:
		return showTable(s, text)
	case *CreateIndex:
		return showIndex(s)
	case *Alter:
		var acts []string
		for _, a := range s.Actions {
			acts = append(acts, showAction(a, text))
		}
		return fmt.Sprintf("alter %s %s%s: %s", s.Object, s.Name, flags("if exists", s.IfExists, "only", s.Only), strings.Join(acts, "; "))
	case *Drop:
		on := ""
		if s.Table != nil {
			on = " on " + s.Table.String()
		}
		return fmt.Sprintf("drop %s %v%s%s", s.Object, s.Names, on,
			flags("if exists", s.IfExists, "concurrently", s.Concurrently, "cascade", s.Cascade))
	case *CreateType:
		out := fmt.Sprintf("type %s form %d %q", s.Name, s.Form, s.Values)
		for _, c := range s.Attributes {
			out += "; " + c.Name + " " + c.Type
		}
		return out
	case *CreateDomain:
		out := fmt.Sprintf("domain %s %s%s", s.Name, s.Type, flags("not null", s.NotNull))
		for _, k := range s.Constraints {
			out += "; " + showConstraint(k)
		}
		return out
	case *CreateSequence:
		return fmt.Sprintf("sequence %s %s", s.Name, s.Type)
	case *CreateView:
		tables := "?"
		if s.Query != nil {
			tables = fmt.Sprint(tablesOf(s.Query))
		}
		return fmt.Sprintf("view %s%s %s", s.Name, flags("materialized", s.Materialized, "replace", s.Replace, "no data", s.NoData), tables)
	case *CreateFunction:
		return fmt.Sprintf("%s %s %s %s%s", s.Object, s.Name, s.Language, s.Volatility, flags("trigger", s.Trigger, "replace", s.Replace))
	case *CreateTrigger:
		return fmt.Sprintf("trigger %s on %s runs %s%s", s.Name, s.Table, s.Function, flags("constraint", s.Constraint))
	case *CreatePolicy:
		return fmt.Sprintf("policy %s on %s by %q", s.Name, s.Table, s.Column)
	case *CreateRule:
		return fmt.Sprintf("rule %s on %s", s.Name, s.Table)
	case *CreateExtension:
		return fmt.Sprintf("extension %s in %q", s.Name, s.Schema)
	case *CreateSchema:
		return "schema " + s.Name + flags("if not exists", s.IfNotExists)
	case *Comment:
		return fmt.Sprintf("comment %s %s %q %q%s", s.Object, s.Name, s.Part, s.Text, flags("null", s.Null))
	case *Set:
		return fmt.Sprintf("set %s %q%s", s.Name, s.Values, flags("local", s.Local))
	case *Truncate:
		return fmt.Sprintf("truncate %v%s", s.Tables, flags("cascade", s.Cascade, "restart", s.Restart))
	case *Lock:
		return fmt.Sprintf("lock %v %s%s", s.Tables, s.Mode, flags("nowait", s.NoWait))
	case *Refresh:
		return fmt.Sprintf("refresh %s%s", s.Name, flags("concurrently", s.Concurrently, "no data", s.NoData))
	case *Reindex:
		return fmt.Sprintf("reindex %s %s%s", s.Object, s.Name, flags("concurrently", s.Concurrently))
	case *Vacuum:
		return fmt.Sprintf("%s %v%s", s.Verb, s.Tables, flags("full", s.Full))
	case *Transaction:
		return s.Verb
	case *Do:
		return fmt.Sprintf("do %s %q", s.Language, s.Body)
	case *Copy:
		return fmt.Sprintf("copy %s %q%s %q", s.Table, s.Columns, flags("from", s.From, "stdin", s.Stdin), s.Data.Text(text))
	case *DML:
		return showQuery(s.Query, text)
	case *Other:
		return "other " + s.Words + flags("broken", s.Broken)
	}
	return "?"
}

// flags prints the names of the flags that are set.
func flags(pairs ...any) string {
	out := ""
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1].(bool) {
			out += " " + strings.ReplaceAll(pairs[i].(string), " ", "-")
		}
	}
	return out
}

func showTable(c *CreateTable, text string) string {
	out := "table " + c.Name.String() + flags("temp", c.Temporary, "unlogged", c.Unlogged, "foreign", c.Foreign, "if not exists", c.IfNotExists)
	for _, col := range c.Columns {
		out += "; " + showColumn(col)
	}
	for _, k := range c.Constraints {
		out += "; " + showConstraint(k)
	}
	for _, l := range c.Like {
		out += fmt.Sprintf("; like %s %q", l.Table, l.Options)
	}
	for _, n := range c.Inherits {
		out += "; inherits " + n.String()
	}
	if by := c.PartitionBy; by != nil {
		out += "; by " + by.Strategy + showKeys(by.Keys)
	}
	if of := c.PartitionOf; of != nil {
		out += "; of " + of.Parent.String() + " " + of.Bound.Text(text)
	}
	for _, o := range c.With {
		out += "; with " + o.Name + "=" + o.Value
	}
	if c.As != nil {
		out += fmt.Sprintf("; as %v", tablesOf(c.As))
	}
	return out
}

func showColumn(c Column) string {
	out := c.Name + " " + c.Type + flags("not null", c.NotNull)
	if c.Collation != "" {
		out += " collate " + c.Collation
	}
	if c.Default != nil {
		out += " default " + showExpr(c.Default)
	}
	if c.Generated != nil {
		out += " generated " + showExpr(c.Generated) + flags("stored", c.Stored)
	}
	if c.Identity != "" {
		out += " identity " + c.Identity
	}
	for _, k := range c.Constraints {
		if k.Kind != NotNull || k.Name != "" {
			out += " [" + showConstraint(k) + "]"
		}
	}
	return out
}

func showExpr(e *Expr) string {
	out := "{" + e.Text
	if len(e.Columns) > 0 {
		out += fmt.Sprintf(" of %v", e.Columns)
	}
	if len(e.Calls) > 0 {
		out += fmt.Sprintf(" calls %v", e.Calls)
	}
	return out + flags("constant", e.Constant) + "}"
}

func showConstraint(k Constraint) string {
	out := k.Kind.String()
	if k.Name != "" {
		out += " " + k.Name
	}
	if len(k.Columns) > 0 {
		out += fmt.Sprint(" ", k.Columns)
	}
	if k.Expr != nil {
		out += " " + showExpr(k.Expr)
	}
	if k.References != nil {
		out += fmt.Sprintf(" to %s %v", k.References, k.Referenced)
		if k.OnDelete != "no action" {
			out += " delete " + k.OnDelete
		}
		if k.OnUpdate != "no action" {
			out += " update " + k.OnUpdate
		}
	}
	if k.Index != "" {
		out += " index " + k.Index
	}
	if len(k.Include) > 0 {
		out += fmt.Sprint(" include ", k.Include)
	}
	if k.Kind == Exclude {
		out += " " + k.Method + showKeys(k.Keys)
	}
	return out + flags("deferrable", k.Deferrable, "deferred", k.InitiallyDeferred, "not valid", k.NotValid,
		"no inherit", k.NoInherit, "nulls not distinct", k.NullsNotDistinct)
}

func showKeys(keys []Key) string {
	out := ""
	for i, k := range keys {
		if i > 0 {
			out += ","
		}
		out += " " + k.Column
		if k.Expr != nil {
			out += showExpr(k.Expr)
		}
		for _, word := range []string{k.Collation, k.OpClass, k.Nulls, k.Operator} {
			if word != "" {
				out += " " + word
			}
		}
		out += flags("desc", k.Desc)
	}
	return out
}

func showIndex(c *CreateIndex) string {
	out := "index " + c.Name + " on " + c.Table.String() + " " + c.Method + showKeys(c.Keys)
	if len(c.Include) > 0 {
		out += fmt.Sprint(" include ", c.Include)
	}
	if c.Where != nil {
		out += " where " + showExpr(c.Where)
	}
	for _, o := range c.With {
		out += " with " + o.Name + "=" + o.Value
	}
	return out + flags("unique", c.Unique, "concurrently", c.Concurrently, "if not exists", c.IfNotExists,
		"only", c.Only, "nulls not distinct", c.NullsNotDistinct)
}

func showAction(a Action, text string) string {
	switch a := a.(type) {
	case *AddColumn:
		return "add " + showColumn(a.Column) + flags("if not exists", a.IfNotExists)
	case *DropColumn:
		return "drop " + a.Name + flags("if exists", a.IfExists, "cascade", a.Cascade)
	case *RenameColumn:
		return "rename " + a.From + " to " + a.To
	case *SetType:
		out := "type " + a.Column + " " + a.Type
		if a.Using != nil {
			out += " using " + showExpr(a.Using)
		}
		return out
	case *SetDefault:
		return "default " + a.Column + " " + showExpr(a.Default)
	case *DropDefault:
		return "drop default " + a.Column
	case *SetNotNull:
		return "not null " + a.Column
	case *DropNotNull:
		return "null " + a.Column
	case *AddIdentity:
		return "identity " + a.Column + " " + a.Identity
	case *DropIdentity:
		return "drop identity " + a.Column
	case *DropExpression:
		return "drop expression " + a.Column
	case *AddConstraint:
		return "add " + showConstraint(a.Constraint)
	case *DropConstraint:
		return "drop constraint " + a.Name + flags("if exists", a.IfExists, "cascade", a.Cascade)
	case *ValidateConstraint:
		return "validate " + a.Name
	case *RenameConstraint:
		return "rename constraint " + a.From + " to " + a.To
	case *AlterConstraint:
		return "alter constraint " + a.Name + flags("deferrable", a.Deferrable, "deferred", a.InitiallyDeferred)
	case *AttachPartition:
		return "attach " + a.Partition.String() + " " + a.Bound.Text(text)
	case *DetachPartition:
		return "detach " + a.Partition.String() + flags("concurrently", a.Concurrently, "finalize", a.Finalize)
	case *Inherit:
		return "inherit " + a.Parent.String() + flags("no", a.No)
	case *RenameTo:
		return "rename to " + a.Name
	case *SetSchema:
		return "schema " + a.Schema
	case *OwnerTo:
		return "owner " + a.Role
	case *OwnedBy:
		return "owned by " + a.Table.String() + " " + a.Column
	case *AddValue:
		return fmt.Sprintf("add value %q%s before %q after %q", a.Value, flags("if not exists", a.IfNotExists), a.Before, a.After)
	case *RenameValue:
		return fmt.Sprintf("rename value %q to %q", a.From, a.To)
	case *Setting:
		return "setting " + a.Words
	}
	return "?"
}

type example struct{ src, want string }

func check(t *testing.T, list []example) {
	t.Helper()
	for _, e := range list {
		got, errs := Parse(e.src)
		var out []string
		for _, s := range got {
			out = append(out, show(s, e.src))
		}
		for _, err := range errs {
			out = append(out, fmt.Sprintf("error %d: %s", err.Start, err.Message))
		}
		if text := strings.Join(out, "\n"); text != e.want {
			t.Errorf("%s\n got: %s\nwant: %s", e.src, text, e.want)
		}
	}
}

func TestTables(t *testing.T) {
	check(t, []example{
		{`CREATE TABLE a (id bigserial PRIMARY KEY, "Na me" varchar(20) DEFAULT 'x' NOT NULL)`,
			`table a; id bigserial not-null [primary key [id]]; Na me character varying(20) not-null default {'x' constant}`},
		{`create unlogged table if not exists s.a (b int, constraint k unique nulls not distinct (b) include (c) deferrable initially deferred)`,
			`table s.a unlogged if-not-exists; b integer; unique k [b] include [c] deferrable deferred nulls-not-distinct`},
		{`create table a (b_id uuid references b (id) on delete set null on update cascade, foreign key (c, d) references s.c)`,
			`table a; b_id uuid [foreign key [b_id] to b [id] delete set null update cascade]; foreign key [c d] to s.c []`},
		{`create table a (b int check (b > 0 and b < f(c)) no inherit, constraint n not null b)`,
			`table a; b integer [check [b] {b > 0 and b < f(c) of [b c] calls [f]} no-inherit]; not null n [b]`},
		{`create table a (n int generated by default as identity (start 1), m text generated always as (lower(x)) stored)`,
			`table a; n integer not-null identity by default; m text generated {lower(x) of [x] calls [lower]} stored`},
		{`create temp table a (like b including all excluding indexes) on commit drop`,
			`table a temp; like b ["including all" "excluding indexes"]`},
		{`create table a (b date) partition by range (b, lower(c)) with (fillfactor = 70)`,
			`table a; b date; by range b, {lower(c) of [c] calls [lower]}; with fillfactor=70`},
		{`create table a_1 partition of only_a for values from ('2020-01-01') to (maxvalue)`,
			`table a_1; of only_a for values from ('2020-01-01') to (maxvalue)`},
		{`create table a (b int) inherits (c, s.d)`, `table a; b integer; inherits c; inherits s.d`},
		{`create table a (b, c) as select * from d join e using (x)`, `table a; b ; c ; as [d e]`},
		{`create table a (exclude using gist (room with =, tstzrange(b, c) with &&) where (d))`,
			`table a; exclude [room] gist room =, {tstzrange(b, c) of [b c] calls [tstzrange]} &&`},
		{`create table a (timestamp timestamptz, "user" text collate "C", position int default -1)`,
			`table a; timestamp ` + `timestamp with time zone; user text collate "C"; position integer default {-1 constant}`},
		{`create table a (b timestamptz default now() not null, c text[] default '{}'::text[], d int default nextval('x'::regclass))`,
			`table a; b timestamp with time zone not-null default {now() calls [now]}; c text[] default {'{}'::text[] constant}; d integer default {nextval('x'::regclass) calls [nextval]}`},
		{`create table a (b int default (1 + 2), c date default current_date, d text default 'a' || 'b', e int[] default array[1,2])`,
			`table a; b integer default {(1 + 2)}; c date default {current_date calls [now]}; d text default {'a' || 'b'}; e integer[] default {array[1,2] constant}`},
		{`create table a ()`, `table a`},
		{`create foreign table a (b int) server s options (x 'y')`, `table a foreign; b integer`},
	})
}

func TestTypes(t *testing.T) {
	for _, e := range []example{
		{"int8", "bigint"}, {"INT", "integer"}, {"pg_catalog.int4", "integer"}, {"decimal(10, 2)", "numeric(10,2)"},
		{"varchar", "character varying"}, {"char", "character(1)"}, {`"char"`, `"char"`}, {"bpchar", "bpchar"},
		{"timestamp(0) with time zone", "timestamp(0) with time zone"}, {"timestamptz(3)", "timestamp(3) with time zone"},
		{"time", "time without time zone"}, {"float(10)", "real"}, {"float", "double precision"},
		{"double precision", "double precision"}, {"interval day to second(3)", "interval day to second(3)"},
		{"bit varying(3)", "bit varying(3)"}, {"bit", "bit(1)"}, {"text[][]", "text[]"}, {"int array[3]", "integer[]"},
		{"public.citext", "public.citext"}, {`"Odd"."Type"`, `"Odd"."Type"`}, {"geometry(Point,4326)", "geometry(Point,4326)"},
		{"national character varying(5)", "character varying(5)"}, {"bool", "boolean"}, {"json", "json"},
	} {
		list, errs := Parse("create table a (b " + e.src + ")")
		if c, ok := list[0].(*CreateTable); !ok || c.Columns[0].Type != e.want {
			t.Errorf("%s: got %v %v, want %s", e.src, list[0], errs, e.want)
		}
	}
}

func TestIndexes(t *testing.T) {
	check(t, []example{
		{`CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY public.t USING gin (a jsonb_path_ops, lower((b)::text) DESC NULLS LAST) INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor=70) WHERE (d IS NULL)`,
			`index i on public.t gin a jsonb_path_ops, {lower((b)::text) of [b] calls [lower]} last desc include [c] where {(d IS NULL) of [d]} with fillfactor=70 unique concurrently if-not-exists only nulls-not-distinct`},
		{`create index on t (a collate "C" text_pattern_ops, (b || c))`,
			`index  on t btree a "C" text_pattern_ops, {b || c of [b c]}`},
		{`create index i on t ((data ->> 'x'))`, `index i on t btree {data ->> 'x' of [data]}`},
		{`create index i on t using gist (a gist_trgm_ops(siglen=32))`, `index i on t gist a gist_trgm_ops`},
		{`alter index i attach partition i_1; alter index if exists i rename to j; alter index i set (fillfactor = 50)`,
			"alter index i: attach i_1 \nalter index i if-exists: rename to j\nalter index i: setting set ( fillfactor = 50 )"},
		{`drop index concurrently if exists s.i, j cascade`, `drop index [s.i j] if-exists concurrently cascade`},
	})
}

func TestAlter(t *testing.T) {
	check(t, []example{
		{`alter table only a add column if not exists b int not null default 1, drop c, drop column if exists d cascade`,
			`alter table a only: add b integer not-null default {1 constant} if-not-exists; drop c; drop d if-exists cascade`},
		{`alter table a alter b type text using b::text, alter column c set default now(), alter c drop default, alter d set not null, alter d drop not null`,
			`alter table a: type b text using {b::text of [b]}; default c {now() calls [now]}; drop default c; not null d; null d`},
		{`alter table a add constraint k foreign key (b) references c(id) not valid, validate constraint k, drop constraint if exists l cascade, rename constraint k to m`,
			`alter table a: add foreign key k [b] to c [id] not-valid; validate k; drop constraint l if-exists cascade; rename constraint k to m`},
		{`alter table a add constraint k primary key using index i, add unique (b), add check (c > 0) not valid`,
			`alter table a: add primary key k index i; add unique [b]; add check {c > 0 of [c]} not-valid`},
		{`alter table a attach partition b for values in (1, 2), detach partition c concurrently, inherit d, no inherit e`,
			`alter table a: attach b for values in (1, 2); detach c concurrently; inherit d; inherit e no`},
		{`alter table a rename to b; alter table a rename b to c; alter table a set schema s; alter table a owner to current_user`,
			"alter table a: rename to b\nalter table a: rename b to c\nalter table a: schema s\nalter table a: owner current_user"},
		{`alter table a enable row level security, replica identity using index i, alter b set statistics 100, set (x = 1), disable trigger all`,
			`alter table a: setting enable row level security; setting replica identity using index i; setting alter column b set statistics 100; setting set ( x = 1 ); setting disable trigger all`},
		{`alter table a alter b add generated always as identity (sequence name s.b start with 1), alter c drop identity if exists, alter d drop expression, alter constraint k deferrable`,
			`alter table a: identity b always; drop identity c; drop expression d; alter constraint k deferrable`},
		{`alter sequence s owned by p.t.c; alter sequence s restart with 5 owned by none; alter sequence s rename to r`,
			"alter sequence s: owned by p.t c\nalter sequence s: setting restart with 5; owned by \"\" \nalter sequence s: rename to r"},
		{`alter type e add value if not exists 'x' before 'y'; alter type e rename value 'x' to 'z'; alter type c add attribute b int`,
			"alter type e: add value \"x\" if-not-exists before \"y\" after \"\"\nalter type e: rename value \"x\" to \"z\"\nalter type c: add b integer"},
		{`alter domain d add constraint k check (value > 0), set not null; alter domain d drop default`,
			"alter domain d: add check k {value > 0 of [value]}; not null \nalter domain d: drop default "},
		{`alter schema a rename to b; alter function f(int) owner to x; alter role r superuser`,
			"alter schema a: rename to b\nalter function f: owner x\nother alter role"},
	})
}

func TestOtherStatements(t *testing.T) {
	check(t, []example{
		{`create type e as enum ('a', 'it''s'); create type c as (x int, y text[]); create type r as range (subtype = date); create type s`,
			"type e form 0 [\"a\" \"it's\"]\ntype c form 1 []; x integer; y text[]\ntype r form 2 []\ntype s form 4 []"},
		{`create domain d as text collate "C" constraint k check (value ~ '@') not null`, `domain d text not-null; check k {value ~ '@' of [value]}; not null`},
		{`create sequence s as integer start with 1 increment by 1 no minvalue no maxvalue cache 1`, `sequence s integer`},
		{`create or replace view v as select * from a; create materialized view s.m as select 1 from b with no data; create view w as select from (`,
			"view v replace [a]\nview s.m materialized no-data [b]\nview w ?"},
		{"create or replace function s.f(a int) returns trigger language plpgsql stable as $$ begin; return new; end $$",
			"function s.f plpgsql stable trigger replace"},
		{"create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 1 from t",
			"function f  volatile\nselect [t] where[]"},
		{"create constraint trigger t after insert or update of a, b on s.t deferrable for each row when (new.a > 1) execute function f.g('x')",
			"trigger t on s.t runs f.g constraint"},
		{"create policy p on t for select using (a = b)", "policy p on t by \"a\""},
		{"create policy p on s.t using ((a = (f('x'))::bigint)) with check (b = 1)", "policy p on s.t by \"a\""},
		{"create policy p on t using (f(a) = 1); create policy q on t for insert with check (a = 1)", "policy p on t by \"\"\npolicy q on t by \"\""},
		{"create rule r as on insert to t do instead (select 1; select 2); select 3 from u", "rule r on t\nselect [u] where[]"},
		{"create extension if not exists citext with schema public; create schema if not exists s authorization r create table a (b int)",
			"extension citext in \"public\"\nschema s if-not-exists\ntable a; b integer"},
		{"comment on column s.t.c is 'x'; comment on table t is null; comment on function f(int) is E'a\\nb'; comment on index i is $$y$$; comment on constraint k on t is 'z'",
			"comment column s.t \"c\" \"x\"\ncomment table t \"\" \"\" null\ncomment function f \"\" \"a\\nb\"\ncomment index i \"\" \"y\"\ncomment constraint t \"k\" \"z\""},
		{"set search_path to a, \"B\"; set local lock_timeout = '5s'; select pg_catalog.set_config('search_path', '', false); reset all; set time zone 'UTC'",
			"set search_path [\"a\" \"B\"]\nset lock_timeout [\"5s\"] local\nset search_path []\nset all []\nset timezone [\"UTC\"]"},
		{"truncate table only a, b restart identity cascade; lock table a in share row exclusive mode nowait; lock b",
			"truncate [a b] cascade restart\nlock [a] share row exclusive nowait\nlock [b] access exclusive"},
		{"refresh materialized view concurrently s.m; reindex (verbose, concurrently) index i; reindex table concurrently t",
			"refresh s.m concurrently\nreindex index i concurrently\nreindex table t concurrently"},
		{"vacuum full a; analyze a (b); cluster t using i; vacuum (full, analyze) b", "vacuum [a] full\nanalyze [a]\ncluster [t]\nvacuum [b] full"},
		{"begin; commit; start transaction; rollback to savepoint x", "begin\ncommit\nbegin\nrollback"},
		{"do language plpgsql $x$ begin end $x$", `do plpgsql " begin end "`},
		{"copy t (a, b) from stdin;\n1\t'\n2\t;(\n\\.\nselect 1 from u", "copy t [\"a\" \"b\"] from stdin \"1\\t'\\n2\\t;(\\n\"\nselect [u] where[]"},
		{"\\connect x\n\\restrict abc\nselect 1 from t;\n\\unrestrict abc\n", "select [t] where[]"},
		{"drop table if exists a, s.b cascade; drop trigger t on s.a; drop function f(int, text); drop materialized view m; drop owned by x",
			"drop table [a s.b] if-exists cascade\ndrop trigger [t] on s.a\ndrop function [f]\ndrop materialized view [m]\nother drop owned"},
		{"grant select on t to r; revoke all on t from r; alter default privileges grant select on tables to r; create text search configuration c (copy = x)",
			"other grant\nother revoke\nother alter default\nother create text search configuration"},
	})
}

func TestBroken(t *testing.T) {
	check(t, []example{
		{"create table a (b int; select 1 from t", "other create table broken\nselect [t] where[]\nerror 21: the statement ends too early"},
		{"selec 1; drop table a", "other selec broken\ndrop table [a]\nerror 0: unexpected selec"},
		{"drop table a; select 'x", "drop table [a]\nother select broken\nerror 21: a string that never ends"},
		{"select 1 /* x", "other select broken\nerror 8: a comment that never ends"},
		{"select $a$ x", "other select broken\nerror 7: a string that never ends"},
		{"create table a (b)", "other create table broken\nerror 18: the column b has no type"},
		{"alter table a frob", "other alter table broken\nerror 14: unexpected frob"},
		{"drop table a b", "other drop table broken\nerror 13: unexpected b"},
		{"", ""}, {" ;; -- x\n;", ""}, {"\ufeffdrop table a", "drop table [a]"},
		{"select " + strings.Repeat("(", maxDepth+9) + "1", fmt.Sprintf("other select broken\nerror %d: nested too deeply", len("select ")+maxDepth-1)},
	})
}
