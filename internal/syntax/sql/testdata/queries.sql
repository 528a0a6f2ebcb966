SELECT DISTINCT ON (o.customer_id) o.*, c.email AS "who" FROM orders AS o INNER JOIN customers c USING (id)
  WHERE o.state IN ('open', 'paid') AND (c.seen_at > now() - interval '1 day' OR c.seen_at IS NULL)
  ORDER BY o.customer_id, o.placed_on DESC NULLS LAST LIMIT 10 OFFSET $1;
SELECT count(*) FROM lines WHERE order_id = ANY($1::bigint[]) AND amount NOT BETWEEN 1 AND $2 GROUP BY GROUPING SETS ((order_id), ()) HAVING sum(amount) > 3;
WITH moved AS (DELETE FROM lines WHERE amount = 0 RETURNING *), n (id) AS MATERIALIZED (SELECT id FROM moved)
  INSERT INTO audit.lines (id, amount) SELECT m.id, m.amount FROM moved m WHERE NOT EXISTS (SELECT 1 FROM n WHERE n.id = m.id)
  ON CONFLICT (id) WHERE amount > 0 DO UPDATE SET amount = excluded.amount, (a, b) = (1, 2) WHERE lines.amount <> excluded.amount RETURNING id;
UPDATE customers AS c SET tags = array_append(c.tags, 'x'), settings['a'] = to_jsonb(1) FROM orders o WHERE o.customer_id = c.id AND c.email ILIKE '%@x' ESCAPE '!';
DELETE FROM ONLY orders USING customers c, LATERAL (SELECT max(placed_on) AS last FROM orders x WHERE x.customer_id = c.id) m WHERE orders.placed_on < m.last AND orders.customer_id = c.id;
SELECT CASE WHEN a.b THEN (a.c).d ELSE a.e[1:2] END, ROW(1, 2) = (1, 2), e'\'', U&'d\0061t', B'01', x'1F', 1.5e-3, .5, 0xff, 1_000, $tag$it's$tag$ FROM a;
SELECT * FROM ((SELECT 1 UNION ALL SELECT 2) INTERSECT (VALUES (1), (2))) AS t (n) CROSS JOIN generate_series(1, 3) WITH ORDINALITY AS g (v, i) FOR NO KEY UPDATE OF t SKIP LOCKED;
MERGE INTO customers c USING orders o ON c.id = o.customer_id WHEN MATCHED AND o.state = 'paid' THEN UPDATE SET balance = 0 WHEN NOT MATCHED THEN DO NOTHING;
SELECT extract(epoch FROM o.placed_on), substring(c.email FROM 1 FOR 2), trim(BOTH ' ' FROM c.email), overlay(c.email PLACING 'x' FROM 1), position('a' IN c.email), cast(o.id AS text), percentile_cont(0.5) WITHIN GROUP (ORDER BY o.n) FROM orders o, customers c WHERE (o.placed_on, o.placed_on) OVERLAPS (c.born, c.born) AND c.settings @> '{}' AND NOT c.email ~ '^a' AND o.n OPERATOR(pg_catalog.=) 1;
ALTER TABLE a ADD COLUMN b int, ADD c text DEFAULT 'x' NOT NULL, DROP COLUMN IF EXISTS d CASCADE, ALTER e TYPE bigint USING e::bigint, ALTER f SET DEFAULT now(), ADD CONSTRAINT g FOREIGN KEY (b) REFERENCES h (i) NOT VALID, VALIDATE CONSTRAINT j, DISABLE TRIGGER ALL;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t USING gin (a jsonb_path_ops, (b -> 'c')) WHERE d;
ALTER TYPE public.order_state ADD VALUE IF NOT EXISTS 'lost' AFTER 'paid';
CREATE TABLE copy AS SELECT * FROM orders WITH NO DATA;
REFRESH MATERIALIZED VIEW CONCURRENTLY public.sales;
LOCK TABLE orders, ONLY lines IN SHARE ROW EXCLUSIVE MODE NOWAIT;
TRUNCATE orders, lines RESTART IDENTITY CASCADE;
DO LANGUAGE plpgsql $do$ BEGIN PERFORM 1; END $do$;
