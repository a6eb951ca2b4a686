-- When an upstream key was last brought by a client: one that nobody uses any more is forgotten, but not at once.
alter table accounts add column saved_at integer not null default 0;

-- What the tasks that a client erased had cost, by the day of their posting (the first id of that day): to erase a task
-- must not give its credits back to the client's daily limit. Kept for two days.
create table erased_credits (
  client_id text not null,
  since_id text not null,
  credits integer not null,
  primary key (client_id, since_id)
) strict, without rowid;

-- How far stored secrets are sealed anew with the current master key, after it was replaced. One row, of the current key.
create table resealing (
  key_name text primary key,
  -- Where the pass stands: which column, and behind which id.
  place integer not null,
  after text not null,
  -- Values that this pass sealed anew, and those that open with no key; of all passes the former.
  found integer not null,
  unopened integer not null,
  resealed integer not null,
  -- A whole pass found nothing left to do.
  finished_at integer
) strict, without rowid;
