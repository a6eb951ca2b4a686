-- 1: the host's last answer took long; all such hosts share one slot.
alter table hosts add column is_slow integer not null default 0;

-- What upstream's refusals taught of a key: how many tasks it runs at once, when it last refused one more (409), and how
-- many of its tasks have ended since, while others waited.
alter table accounts add column active_limit integer;
alter table accounts add column refused_at integer;
alter table accounts add column ended_since_refusal integer not null default 0;
-- Whose task went last, of the clients that share the key: the next is another's.
alter table accounts add column served_client_id text;
-- From one poll of the key to its next at the least, and when upstream last said so (429).
alter table accounts add column poll_interval_ms integer;
alter table accounts add column poll_limited_at integer;

create index tasks_running on tasks (account_id) where state = 'running';

-- The queue of each upstream key: by client, first come first served.
drop index tasks_waiting;
create index tasks_waiting on tasks (account_id, client_id, id)
  where state = 'queued' and queue_reason in ('full', 'limited', 'behind');
create index tasks_own_limit on tasks (client_id, id) where state = 'queued' and queue_reason = 'own-limit';
