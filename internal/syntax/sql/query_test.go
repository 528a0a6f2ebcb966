package sql

import (
	"fmt"
	"strings"
	"testing"
)

func tablesOf(q *QueryInfo) []string {
	var out []string
	for _, t := range q.Tables {
		name := t.Name.String()
		if t.Source != None && t.Name.Name == "" {
			name = "(" + t.Alias + ")"
		} else if t.Alias != t.Name.Name {
			name += "=" + t.Alias
		}
		out = append(out, name+flags("write", t.Write, "function", t.Function, "cte", t.Source != None && t.Name.Name != ""))
	}
	return out
}

// showQuery prints what a query says: a column as table.column, where a must
// has an exclamation mark.
func showQuery(q *QueryInfo, text string) string {
	column := func(c *ColumnRef) string {
		if c.Table == None {
			return "?." + c.Name
		}
		return q.Tables[c.Table].Alias + "." + c.Name
	}
	var list []string
	for _, p := range q.Predicates {
		s := column(&p.Column) + " " + p.Compare.String()
		if p.Wrapped {
			s = p.Left.Text(text) + "~" + s
		}
		switch p.With {
		case ColumnOperand:
			s += " " + column(p.Other)
		case Param, Literal:
			s += " " + p.Value.Text(text)
		case Subquery:
			s += " (select)"
		case List:
			s += " (list)"
		}
		if p.Clause != "where" {
			s += " " + p.Clause
		}
		if p.Must {
			s += "!"
		}
		list = append(list, s)
	}
	out := fmt.Sprintf("%s %v where[%s]", q.Verb, tablesOf(q), strings.Join(list, ", "))
	for _, o := range q.Order {
		if o.Column != nil {
			out += " order " + column(o.Column) + flags("desc", o.Desc)
		}
	}
	for i, b := range q.Blocks {
		if b.Limit {
			out += fmt.Sprintf(" limit%d", i)
		}
	}
	if len(q.Written) > 0 {
		out += fmt.Sprint(" sets ", q.Written)
	}
	for _, row := range q.Rows {
		out += " row"
		for _, v := range row {
			out += fmt.Sprintf(" %q", v.Text)
		}
	}
	if c := q.Conflict; c != nil {
		out += fmt.Sprint(" conflict ", c.Columns, c.Constraint, c.Update)
	}
	if q.Locking != "" {
		out += " for " + q.Locking
	}
	if q.Params > 0 {
		out += fmt.Sprint(" params ", q.Params)
	}
	return out + flags("returning", q.Returning)
}

func TestQueries(t *testing.T) {
	check(t, []example{
		{"select a.x from s.a where a.id = $1 and b > 2 order by c desc limit 5 for update skip locked",
			"select [s.a] where[a.id = $1!, a.b < 2!] order a.c desc limit0 for update params 1"},
		{"select * from a join b on b.a_id = a.id left join c x on x.b_id = b.id and x.k = 'y' where x.z is null or a.t in (1, 2)",
			"select [a b c=x] where[b.a_id = a.id on!, x.b_id = b.id on!, x.k = 'y' on!, x.z is null, a.t in (list)]"},
		{"select * from a join b using (k) where d is not null and not e = 1",
			"select [a b] where[b.k = ?.k using!, ?.d is not null!, ?.e = 1]"},
		{"select * from a where lower(email) = $1 and data ->> 'x' = 'y' and id::text like 'a%' and 3 < n",
			"select [a] where[lower(email)~a.email = $1!, data ->> 'x'~a.data = 'y'!, id::text~a.id like 'a%'!, a.n < 3!] params 1"},
		{"select * from a where id = any($1) and tag = any(tags) and k <> all (array[1]) and b between 1 and 2 and c not in (select x from y where y.i = a.i)",
			"select [a y] where[a.id in ($1)!, a.tag in a.tags!, a.k <> (array[1])!, a.b < 1 and 2!, y.i = a.i!, a.c <> (select)!] params 1"},
		{"select * from a where (b, c) = ($1, $2) and (d, e) in (select 1, 2) and exists (select 1 from f where f.a_id = a.id)",
			"select [a f] where[a.b =!, a.c =!, a.d in (select)!, a.e in (select)!, f.a_id = a.id!] params 2"},
		{"with recursive t(n) as (select 1 union all select n + 1 from t where n < 5), u as (select * from v) select * from t, u where t.n = u.n",
			"select [t cte v t cte u cte] where[t.n < 5!, t.n = u.n!]"},
		{"select * from (select id from a limit 1) s, lateral f(s.id) g where s.id = g.x",
			"select [a (s) f=g function] where[s.id = g.x!] limit1"},
		{"select count(*) filter (where a = 1) from t where case when b = 1 then c = 2 end group by d having max(e) > 3",
			"select [t] where[t.b = 1, t.c = 2, max(e)~t.e < 3 having!]"},
		{"select 1 from a union all (select 2 from b order by x limit 1) except select 3 from c",
			"select [a b c] where[] order b.x limit1"},
		{"select * from ((a join b on true) cross join c) natural join ((select 1) union (select 2)) d",
			"select [a b c (d)] where[]"},
		{"select data ? 'k', x->'a' from t where data ? 'k' and data @> ? and id = ?",
			"select [t] where[t.data op 'k'!, t.data op ?!, t.id = ?!] params 2"},
		{`select * from t where data \? 'k' and a is distinct from b and c is true`,
			"select [t] where[t.data op 'k'!, t.a <> t.b!, t.c = true!]"},
		{"select extract(epoch from a), trim(both from b), position('x' in c), substring(d from 1 for 2), cast(e as int), interval '1 day' from t where a at time zone 'UTC' > now()",
			"select [t] where[a at time zone 'UTC'~t.a <!]"},
		{"values (1, 'a'), (2, null)", "values [] where[]"},
		{"table t", "select [t] where[]"},
	})
}

func TestWrites(t *testing.T) {
	check(t, []example{
		{`INSERT INTO public."schema_migrations" (version) VALUES (20200101000000), (-5)`,
			`insert [public.schema_migrations write] where[] sets [version] row "20200101000000" row "-5"`},
		{"insert into a (b, c) values ($1, 'it''s') on conflict (b) do update set c = excluded.c returning id",
			`insert [a write] where[] sets [b c] row "" "it's" conflict [b][c] params 1 returning`},
		{"insert into a as x select * from b where b.c = 1 on conflict on constraint k do nothing",
			"insert [a=x write b] where[b.c = 1!] conflict []k[]"},
		{"insert into a default values", "insert [a write] where[]"},
		{"update a x set b = 1, (c, d) = (select 1, 2 from e) from f where f.id = x.f_id and x.g = ?",
			"update [a=x write e f] where[f.id = x.f_id!, x.g = ?!] sets [b c d] params 1"},
		{"delete from only a using b where a.id = b.a_id returning *", "delete [a write b] where[a.id = b.a_id!] returning"},
		{"with d as (delete from a where b = 1 returning *) insert into c select * from d",
			"insert [a write c write d cte] where[a.b = 1!]"},
		{"merge into a using b on a.id = b.id when matched then update set c = 1", "merge [a write b] where[a.id = b.id on!]"},
		{"update a set b = 1", "update [a write] where[] sets [b]"},
	})
}

func TestQuery(t *testing.T) {
	for _, e := range []example{
		{"select 1; select 2", "more than one statement"}, {"", "an empty query"}, {"drop table a", "unexpected drop"},
		{"select 1 from t where", "the statement ends too early"}, {"select 1;", ""}, {"select 1 limit 1, 2", "LIMIT a, b is not of PostgreSQL"},
	} {
		_, err := Query(e.src)
		if got := fmt.Sprint(err); got != e.want && (err != nil || e.want != "") {
			t.Errorf("%q: %s, want %s", e.src, got, e.want)
		}
	}
	q, err := Query("update a set b = 1")
	if err != nil || q.Blocks[0].Where || q.Target != 0 {
		t.Error(q, err)
	}
}

func TestFragment(t *testing.T) {
	for _, e := range []example{
		{"lower(?) = ?", "{lower(?) = ? calls [lower]}"}, {"a.b -> 'c' || d", "{a.b -> 'c' || d of [b d]}"},
		{"(select max(x) from t where y = z)", "{(select max(x) from t where y = z)}"}, {"'x'::text collate \"C\"", "{'x'::text collate \"C\" constant}"},
	} {
		if x, err := Fragment(e.src); err != nil || showExpr(x) != e.want {
			t.Errorf("%s: %v %v", e.src, x, err)
		}
	}
	if _, err := Fragment("a b"); err == nil {
		t.Error("a b is an expression")
	}
}

// Work is in proportion to the length, whatever the text is made of.
func TestLinear(t *testing.T) {
	for _, part := range []string{
		"(", "((select ", "a or ", "not a = 1 and ", "$a$ $b$ ", "/* ", "'a'\n 'b' ", "U&\"a\" ", "case when ", "with a as (",
		"select a union ", "f(a = 1, ", "x in (select ", "from ((a) join ", "[", "a ? ", "create schema s create table ", "\\x\n",
		"create rule r as on select to t do (a; ", "begin atomic ", "a::int[]", "+ - ", ". ", "; ", "copy a from stdin;\n",
	} {
		src := "select 1 from a where " + strings.Repeat(part, 1<<17/len(part))
		if list, _ := Parse(src); len(list) == 0 {
			t.Errorf("%q many times is no statement", part)
		}
		if _, err := Query(src); err == nil {
			t.Errorf("%q many times is a query", part)
		}
	}
}
