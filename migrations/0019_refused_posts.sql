-- Posts of clients that were refused, by the reason that each was told (the last part of the problem's type) and by hour.
create table refused_posts (
  client_id text not null,
  reason text not null,
  -- When it began, in epoch ms. 0: all hours that are no longer kept one by one.
  hour integer not null,
  count integer not null,
  primary key (client_id, reason, hour)
) strict, without rowid;

-- When the run began whose end and counts stand in the row: mostly another one has begun since.
alter table ticks add column finished_started_at integer;
