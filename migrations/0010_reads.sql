-- Tasks that ask for all that wait for an upstream key: the few among the many that wait behind them.
create index tasks_asking on tasks (account_id) where state = 'queued' and queue_reason in ('full', 'limited');

-- Callbacks that were given up, by the end of their tasks: what `POST /v1/redeliveries` looks for.
create index tasks_given_up on tasks (client_id, completed_at, id) where callback_state = 'failed';
