-- What operators did, for 400 days. Who cannot be told beyond "operator": they share one token.
create table audit (
  -- Sorted by time.
  id text primary key,
  -- Epoch milliseconds.
  at integer not null,
  -- Such as client.created.
  what text not null,
  client_id text,
  -- Where the request came from; null where the platform does not tell.
  address text,
  -- In words, without anything secret.
  detail text not null
) strict, without rowid;

-- Console sessions that somebody has signed out of: a copy of their cookie opens nothing. Until they would have ended by themselves.
create table ended_sessions (
  id text primary key,
  until integer not null
) strict, without rowid;

-- Posts that were refused, by the reason: a count that never goes down while its client is here.
create table refused_posts (
  client_id text not null,
  reason text not null,
  count integer not null,
  primary key (client_id, reason)
) strict, without rowid;

-- The value that the task's metadata has under SEARCH_METADATA_KEY, where the operator set that when it was posted: found by index. A task without
-- one costs no entry.
alter table tasks add column search_value text;
create index tasks_search on tasks (search_value, id) where search_value is not null;

-- Receivers that have not answered ten times in a row. One that answers costs no entry.
create index receivers_failing on receivers (host) where silences >= 10;
