-- How many tasks of the client may wait here. One that is to be above 10,000 or below is said so by the operator.
alter table clients add column max_queued_tasks integer not null default 10000;
-- Signing secrets that were replaced before `previous_signing_secret` and still sign: one sealed list.
alter table clients add column older_signing_secrets text;

-- What came to the built-in inbox about a task is erased with it.
create index inbox_callbacks_of_webhook on inbox_callbacks (webhook_id);

-- What each client has here: its tasks that read `queued`, and the bytes that its tasks hold for it. Kept by triggers, in the
-- statement that writes the task, so it holds whoever writes. Never less than there is. A task that goes costs no write
-- while its client is far from its limits: then it is not taken off, and counted anew when a limit is reached. From there on
-- the count `is exact`, which costs a write for each that goes, until it has come down again.
create table client_stock (
  client_id text primary key,
  queued integer not null default 0,
  bytes integer not null default 0,
  queued_is_exact integer not null default 0,
  bytes_are_exact integer not null default 0
) strict, without rowid;

insert into client_stock (client_id, queued, bytes)
  select client_id, sum(state in ('accepting', 'queued')),
    sum(octet_length(input) + octet_length(metadata) + coalesce(octet_length(callback_url), 0)
      + coalesce(octet_length(callback_headers), 0))
  from tasks group by client_id;

-- Each trigger is one statement with BEGIN and END in capitals, and has no other END: D1's API cuts a migration into statements, and
-- is known to fail on others.
CREATE TRIGGER tasks_stocked after insert on tasks BEGIN
  insert into client_stock (client_id, queued, bytes)
    values (new.client_id, new.state in ('accepting', 'queued'),
      octet_length(new.input) + octet_length(new.metadata) + coalesce(octet_length(new.callback_url), 0)
        + coalesce(octet_length(new.callback_headers), 0))
    on conflict (client_id) do update set
      -- A narrow limit is reached again and again: what it counts stays exact.
      queued_is_exact = queued_is_exact and queued * 2 >= (
        select coalesce(max(iif(max_queued_tasks < 1000, 0, max_queued_tasks)), 10000) from clients where id = new.client_id),
      bytes_are_exact = bytes_are_exact and bytes >= 128000000,
      queued = queued + excluded.queued,
      bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER tasks_unqueued after update of state on tasks
  when old.state in ('accepting', 'queued') and new.state not in ('accepting', 'queued') BEGIN
  update client_stock set queued = max(0, queued - 1) where client_id = old.client_id and queued_is_exact = 1;
END;

CREATE TRIGGER tasks_unstocked after delete on tasks BEGIN
  update client_stock set
    queued = max(0, queued - (queued_is_exact = 1 and old.state in ('accepting', 'queued'))),
    bytes = max(0, bytes - iif(bytes_are_exact = 1, octet_length(old.input) + octet_length(old.metadata)
      + coalesce(octet_length(old.callback_url), 0) + coalesce(octet_length(old.callback_headers), 0), 0))
    where client_id = old.client_id
      and (bytes_are_exact = 1 or (queued_is_exact = 1 and old.state in ('accepting', 'queued')));
END;
