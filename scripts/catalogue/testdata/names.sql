-- Names that PostgreSQL makes up, and what is too long for a name.
CREATE TABLE a_table_whose_name_takes_most_of_the_room_that_a_name_has (
  id serial PRIMARY KEY,
  a_column_whose_name_is_long_as_well_and_goes_on integer UNIQUE,
  another_column_whose_name_is_long_as_well_and_goes_on integer CHECK (another_column_whose_name_is_long_as_well_and_goes_on > 0),
  third_column_that_refers integer REFERENCES a_table_whose_name_takes_most_of_the_room_that_a_name_has
);
CREATE INDEX ON a_table_whose_name_takes_most_of_the_room_that_a_name_has (a_column_whose_name_is_long_as_well_and_goes_on);
CREATE INDEX an_index_whose_name_is_longer_than_the_sixty_three_bytes_that_a_name_may_have ON a_table_whose_name_takes_most_of_the_room_that_a_name_has (id);
CREATE TABLE users (
  id int PRIMARY KEY, email text UNIQUE, age int CHECK (age > 0) CHECK (age < 200), boss int REFERENCES users,
  "Mixed Case" text, "order" int, UNIQUE (email, age), CHECK (age > id), CHECK (length(email) > 3)
);
CREATE INDEX ON users (email);
CREATE INDEX ON users (email);
CREATE INDEX ON users (lower(email));
CREATE INDEX ON users (lower(email), age);
CREATE INDEX ON users ((age + 1));
CREATE INDEX ON users ((age + 1), (age + 2));
CREATE INDEX ON users ("Mixed Case", "order");
CREATE INDEX "Odd Name" ON users (age);
CREATE UNIQUE INDEX ON users (age, id);
CREATE INDEX ON users (age) INCLUDE (email);
CREATE INDEX ON users (lower(email) text_pattern_ops DESC NULLS LAST);
CREATE INDEX ON users (coalesce(email, ''));
CREATE INDEX ON users ((email::varchar));
CREATE INDEX ON users ((age::text), (lower(email)::varchar(20)), ((age + 1)::bigint), ((age + id)::double precision));
CREATE INDEX ON users ((lower(email) || 'x'));
CREATE INDEX ON users ((CASE WHEN age > 1 THEN 1 ELSE 2 END));
ALTER TABLE users ADD UNIQUE (id) INCLUDE (email, age);
CREATE TABLE orders (user_id int REFERENCES users, other int, FOREIGN KEY (other) REFERENCES users (id), FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE);
ALTER TABLE orders ADD CHECK (user_id > 0), ADD CHECK (other > user_id), ADD UNIQUE (other), ADD UNIQUE (other, user_id);
ALTER TABLE orders ADD FOREIGN KEY (other) REFERENCES users ON UPDATE SET NULL NOT VALID;
CREATE TABLE users_email_idx9 (id int);
CREATE TABLE "Quoted" ("Id" serial PRIMARY KEY, "userId" int REFERENCES users, name text UNIQUE);
CREATE INDEX ON "Quoted" ("userId");
