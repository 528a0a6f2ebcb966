--
-- PostgreSQL database dump of a shop that does not exist
--

\restrict shop

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
SET default_table_access_method = heap;

CREATE SCHEMA audit;

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;

COMMENT ON EXTENSION citext IS 'names without case';

CREATE TYPE public.order_state AS ENUM (
    'open',
    'paid',
    'can''t ship'
);

CREATE TYPE audit.place AS (
    street text,
    zip character varying(9) COLLATE pg_catalog."C"
);

CREATE DOMAIN public.cents AS bigint
    CONSTRAINT cents_check CHECK ((VALUE >= 0));

CREATE FUNCTION audit.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
BEGIN
  NEW.updated_at = now(); -- it's a comment; with a semicolon
  EXECUTE format('SELECT $1', 'x');
  RETURN NEW;
END;
$_$;

CREATE FUNCTION public.total(o bigint) RETURNS bigint
    LANGUAGE sql STABLE
    BEGIN ATOMIC
     SELECT sum(
             CASE
                 WHEN (l.amount > 0) THEN l.amount
                 ELSE (0)::bigint
             END) AS sum
        FROM public.lines l
       WHERE (l.order_id = total.o);
     END;

CREATE TABLE public.customers (
    id bigint NOT NULL,
    email public.citext NOT NULL,
    "displayName" character varying(255) DEFAULT 'nobody'::character varying,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    balance numeric(10,2) DEFAULT 0.0,
    settings jsonb DEFAULT '{"a": [1, ";"]}'::jsonb,
    seen_at timestamp(0) without time zone,
    born date,
    initials text GENERATED ALWAYS AS ("left"(("displayName")::text, 1)) STORED,
    inserted_at timestamp with time zone DEFAULT (now() AT TIME ZONE 'utc'::text) NOT NULL,
    CONSTRAINT balance_range CHECK (((balance >= (0)::numeric) AND (balance < (1000000)::numeric))),
    CONSTRAINT seen_after_birth CHECK (((seen_at IS NULL) OR (seen_at > born))) NOT VALID
);

COMMENT ON TABLE public.customers IS 'Who buys';

COMMENT ON COLUMN public.customers.email IS 'Where the receipt goes; one a customer';

CREATE SEQUENCE public.customers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.customers_id_seq OWNED BY public.customers.id;

CREATE TABLE public.orders (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    customer_id bigint,
    state public.order_state DEFAULT 'open'::public.order_state NOT NULL,
    placed_on date NOT NULL
)
PARTITION BY RANGE (placed_on);

ALTER TABLE ONLY public.orders FORCE ROW LEVEL SECURITY;

CREATE TABLE public.orders_2030 (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    customer_id bigint,
    state public.order_state DEFAULT 'open'::public.order_state NOT NULL,
    placed_on date NOT NULL
);

CREATE UNLOGGED TABLE public.lines (
    id integer NOT NULL,
    order_id bigint,
    amount public.cents NOT NULL,
    during tsrange
)
WITH (fillfactor='70', autovacuum_enabled='false');

ALTER TABLE public.lines ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.lines_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.open_orders AS
 SELECT o.id,
    c.email,
    count(*) FILTER (WHERE (l.amount > 0)) AS lines,
    row_number() OVER (PARTITION BY o.customer_id ORDER BY o.placed_on DESC) AS nth
   FROM ((public.orders o
     JOIN public.customers c ON ((c.id = o.customer_id)))
     LEFT JOIN public.lines l ON (((l.order_id)::text = (o.id)::text)))
  WHERE (o.state = ANY (ARRAY['open'::public.order_state, 'paid'::public.order_state]))
  GROUP BY o.id, c.email;

CREATE MATERIALIZED VIEW public.sales AS
 WITH RECURSIVE days(d) AS (
         SELECT '2030-01-01'::date AS date
        UNION ALL
         SELECT (days.d + 1)
           FROM days
          WHERE (days.d < '2030-02-01'::date)
        )
 SELECT days.d,
    COALESCE(sum(l.amount), (0)::numeric) AS amount
   FROM (days
     LEFT JOIN public.lines l ON ((l.during @> (days.d)::timestamp without time zone)))
  GROUP BY days.d
  WITH NO DATA;

ALTER TABLE ONLY public.orders ATTACH PARTITION public.orders_2030 FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');

ALTER TABLE ONLY public.customers ALTER COLUMN id SET DEFAULT nextval('public.customers_id_seq'::regclass);

COPY public.customers (id, email) FROM stdin;
1	it's; a row
2	\N
\.

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_during_excl EXCLUDE USING gist (order_id WITH =, during WITH &&) WHERE ((amount > 0)) DEFERRABLE;

CREATE UNIQUE INDEX customers_email_index ON public.customers USING btree (email) INCLUDE (id) NULLS NOT DISTINCT WHERE (seen_at IS NOT NULL);

CREATE INDEX customers_name_index ON ONLY public.customers USING btree (lower(("displayName")::text) text_pattern_ops DESC NULLS LAST, ((settings ->> 'lang'::text)) COLLATE "C");

CREATE INDEX customers_tags_index ON public.customers USING gin (tags) WITH (fastupdate='off');

ALTER INDEX public.orders_pkey ATTACH PARTITION public.orders_2030_pkey;

CREATE TRIGGER touch BEFORE UPDATE OF email ON public.customers FOR EACH ROW WHEN ((old.email IS DISTINCT FROM new.email)) EXECUTE FUNCTION audit.touch('x');

CREATE RULE keep AS
    ON DELETE TO public.lines DO INSTEAD ( SELECT 1;
 SELECT 2;
);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;

CREATE POLICY own ON public.orders FOR SELECT TO PUBLIC USING ((customer_id = (current_setting('app.customer'::text))::bigint));

GRANT SELECT ON TABLE public.sales TO PUBLIC;

\unrestrict shop

INSERT INTO public."schema_migrations" (version) VALUES (20300101000000);
INSERT INTO public."schema_migrations" (version) VALUES (20300102000000), (20300103000000);
