-- One row a client. Secrets are sealed (AES-256-GCM, bound to their row); the key is a SHA-256 only.
create table clients (
  id text primary key,
  name text not null,
  key_hash text not null unique,
  signing_secret text not null,
  -- The secret before the last rotation also signs until then.
  previous_signing_secret text,
  previous_secret_until integer,
  account_id text not null,
  max_active_tasks integer,
  daily_credit_limit integer,
  -- 1: callbacks carry a JWT too.
  callback_jwt integer not null default 0,
  -- Told once when a callback of this client is given up.
  failure_callback_url text,
  created_at integer not null,
  revoked_at integer
) strict, without rowid;

-- One row an upstream key that was used: the operator's own has the id 'operator' and its key in the environment.
create table accounts (
  id text primary key,
  sealed_key text,
  submit_paused_until integer not null default 0,
  poll_paused_until integer not null default 0
) strict, without rowid;

-- One row a task, one clock a row: due_at is when somebody next has to act on it. All instants are epoch milliseconds.
create table tasks (
  id text primary key,
  client_id text not null,
  account_id text not null,
  model text not null,
  input text not null,
  metadata text not null,
  idempotency_key text,
  fingerprint text,
  estimated_credits integer,
  created_at integer not null,
  deadline_at integer not null,
  revision integer not null,
  due_at integer,
  problem text,
  state text not null check (state in ('accepting', 'queued', 'running', 'succeeded', 'failed', 'canceled')),
  queue_reason text,
  tries integer not null,
  upstream_task_id text,
  submitted_at integer,
  missing_since integer,
  completed_at integer,
  cost_time_ms integer,
  result_json text,
  error_code text,
  error_message text,
  upstream_code text,
  callback_url text,
  callback_headers text,
  callback_format text,
  -- The name that the task was posted to, which is never called.
  relay_host text,
  -- Host and port of callback_url: what slots and the breaker are counted by.
  callback_host text,
  callback_state text,
  attempts integer not null,
  last_status integer,
  delivered_at integer,
  first_attempt_at integer,
  retries integer not null,
  quick_retries integer not null,
  -- 1: an attempt of this round met no answer, so it may have arrived all the same.
  answer_lost integer not null,
  -- 1: the result is fetched from upstream again before the next attempt.
  refresh integer not null,
  -- The notice that the callback was given up.
  notice_state text,
  notice_at integer,
  notice_tries integer not null
) strict, without rowid;

-- The one index behind every claim. Callbacks (ended rows) and upstream work (the others) are read apart, so that slow
-- receivers never stand before a poll.
create index tasks_due on tasks ((completed_at is not null), due_at) where due_at is not null;
create index tasks_of_client on tasks (client_id, id);
create unique index tasks_idempotency on tasks (client_id, idempotency_key) where idempotency_key is not null;
create index tasks_waiting on tasks (account_id, id) where state = 'queued';

-- What upstream said to a task that it refused at once: for those who wait with the same key, and for a minute only.
create table refusals (
  client_id text not null,
  idempotency_key text not null,
  fingerprint text not null,
  refused_at integer not null,
  refusal text not null,
  primary key (client_id, idempotency_key)
) strict, without rowid;

create table attempts (
  task_id text not null references tasks (id) on delete cascade,
  number integer not null,
  at integer not null,
  status integer,
  duration_ms integer not null,
  outcome text not null,
  detail text not null,
  next_attempt_at integer,
  primary key (task_id, number)
) strict, without rowid;

-- What is known of the hosts of receivers: whether they answer, and the breaker of those that do not.
create table hosts (
  host text primary key,
  answered_at integer,
  silences integer not null,
  silent_since integer,
  open_until integer,
  openings integer not null
) strict, without rowid;

-- The cron's heartbeat: one row.
create table ticks (
  id integer primary key check (id = 1),
  started_at integer not null,
  finished_at integer,
  counts text
) strict;
