-- What the console's charts show of hours that are over: of each client, and of all together under ''. Made each ten minutes from what is
-- stored, and so a little behind it. Kept for nine days.
create table hour_sums (
  client_id text not null,
  -- When it began, in epoch ms.
  hour integer not null,
  -- Tasks that were accepted in it and became the same, in JSON: [state, state of the callback, error, how late in ms, how many].
  tasks text not null,
  -- 1: all of them have ended, and so have their callbacks.
  is_settled integer not null,
  primary key (client_id, hour)
) strict, without rowid;
create index hour_sums_unsettled on hour_sums (hour) where is_settled = 0 and client_id = '';

-- What was used in the spans of the console that end with today, but for the last two days: made from usage once a day, and again where
-- something of an earlier day has ended since.
create table usage_spans (
  -- How many days the span has.
  days integer not null,
  client_id text not null,
  model text not null,
  client_name text not null,
  succeeded integer not null,
  failed integer not null,
  canceled integer not null,
  credits integer not null,
  primary key (days, client_id, model)
) strict, without rowid;

-- The same by day: of each client, and of all together under ''.
create table usage_days (
  client_id text not null,
  day text not null,
  succeeded integer not null,
  failed integer not null,
  canceled integer not null,
  credits integer not null,
  primary key (client_id, day)
) strict, without rowid;

-- How far these were made. One row.
create table sums_made (
  id integer primary key check (id = 1),
  -- Hours that began before are in hour_sums. Epoch ms.
  hours_until integer not null,
  -- The first day that is not in usage_spans; '' where they are to be made anew.
  usage_until text not null
) strict;
insert into sums_made (id, hours_until, usage_until) values (1, 0, '');

-- What the console looks for among many, each newest first. A task that succeeds and is called back costs no entry in any of these.
create index tasks_unhappy on tasks (state, id) where state in ('failed', 'canceled');
create index tasks_unhappy_of_client on tasks (client_id, state, id) where state in ('failed', 'canceled');
create index deliveries_given_up on deliveries (id) where state = 'failed' and kind = 'callback';
create index subscriptions_troubled on subscriptions (client_id) where state = 'stopped' or failing_since is not null;
create index subscriptions_with_headers on subscriptions (id) where headers is not null;
create index clients_rotated on clients (previous_secret_until) where previous_secret_until is not null;
