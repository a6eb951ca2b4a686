-- Models that the operator added, and built-in ones that are disabled: those have no definition.
create table models (
  id text primary key,
  -- As it was put: title, input_schema, credits and media, in JSON.
  definition text,
  disabled integer not null default 0,
  -- Epoch milliseconds: they are listed in this order.
  added_at integer not null
) strict, without rowid;

-- Counts up with each change of a model: whoever knows this version knows all of them. One row.
create table catalog (
  id integer primary key check (id = 1),
  version integer not null
) strict;
insert into catalog (id, version) values (1, 0);

-- What the task's model makes: with the task, because an operator's model may be gone before its tasks are. Null in tasks of before.
alter table tasks add column media text;
