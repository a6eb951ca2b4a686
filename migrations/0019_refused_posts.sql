-- The same posts as in refused_posts, by hour, for a month: what the console shows of the last day.
create table refused_hours (
  client_id text not null,
  reason text not null,
  -- When it began, in epoch ms.
  hour integer not null,
  count integer not null,
  primary key (client_id, reason, hour)
) strict, without rowid;

-- When the run began whose end and counts stand in the row: mostly another one has begun since.
alter table ticks add column finished_started_at integer;
