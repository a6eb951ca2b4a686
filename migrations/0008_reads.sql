-- Tasks that ask for all that wait for an upstream key: the few among the many that wait behind them.
create index tasks_asking on tasks (account_id) where state = 'queued' and queue_reason in ('full', 'limited');

-- Callbacks that were given up, by the end of their tasks: what `POST /v1/redeliveries` looks for.
create index tasks_given_up on tasks (client_id, completed_at, id) where callback_state = 'failed';

-- What a client with a daily limit has spent, by the day of posting (the first id of that day): its posts add to it, so that
-- none has to read the day's tasks. Made by the day's first post under a limit, kept for two days.
create table spent_credits (
  client_id text not null,
  since_id text not null,
  -- Never less than was spent: what upstream refuses is taken off when the limit is reached.
  credits integer not null,
  -- The task that was added last.
  task_id text,
  primary key (client_id, since_id)
) strict, without rowid;
