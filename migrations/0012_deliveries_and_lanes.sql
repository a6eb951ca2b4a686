-- Deliveries get rows of their own, schedules and leases columns of their own, and what limits many rows a lane of its own. The
-- code of before this migration goes on to work over it: what it writes is carried over by triggers, until a later migration
-- drops them with the columns and tables that only it knows.

-- Somebody has the row's turn until then; due_at is the row's own wish. Work is what has max(due_at, leased_until) <= now.
alter table tasks add column leased_until integer not null default 0;

drop index tasks_due;
drop index tasks_waiting;
drop index tasks_asking;
drop index tasks_limited;
drop index tasks_running;
drop index tasks_parked;
drop index tasks_given_up;

-- What has a clock: tasks that upstream runs or is asked for, and those that it failed. By upstream key and client.
create index tasks_due on tasks (account_id, client_id, max(due_at, leased_until))
  where due_at is not null and completed_at is null;
-- The queue of each upstream key, which has no clock: by client, first come first served.
create index tasks_queued on tasks (account_id, client_id, id)
  where state = 'queued' and due_at is null and queue_reason <> 'own-limit';
-- Those that wait for their own client's max_active_tasks.
create index tasks_own_limit on tasks (client_id, id)
  where state = 'queued' and due_at is null and queue_reason = 'own-limit';
create index tasks_queued_deadline on tasks (deadline_at) where state = 'queued' and due_at is null;
-- What counts against max_active_tasks, of clients that have one.
create index tasks_active on tasks (client_id)
  where is_limited = 1 and completed_at is null and state in ('accepting', 'running');

-- Tasks that have ended here while upstream still runs them: they count as active until upstream has ended them too.
-- Their own ids are not kept: such a task may be erased.
create table abandoned (
  account_id text not null,
  upstream_task_id text not null,
  client_id text not null,
  -- Counted, and looked at, no longer than until then.
  until integer not null,
  due_at integer not null,
  leased_until integer not null default 0,
  primary key (account_id, upstream_task_id)
) strict, without rowid;
create index abandoned_of_client on abandoned (client_id);
create index abandoned_due on abandoned (max(due_at, leased_until));

-- One row a message to an address. All instants are epoch milliseconds.
create table deliveries (
  -- The webhook-id. That of a task's callback is made from the task's id, and those of its notices begin with that.
  id text primary key,
  task_id text not null,
  client_id text not null,
  kind text not null check (kind in ('callback', 'notice', 'subscription')),
  subscription_id text,
  event text not null,
  url text not null,
  host text not null,
  -- What a notice tells and the task's row does not, as JSON.
  about text,
  created_at integer not null,
  -- When what it tells of happened.
  occurred_at integer not null,
  revision integer not null,
  due_at integer,
  leased_until integer not null default 0,
  state text not null check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  last_status integer,
  last_attempt_at integer,
  delivered_at integer,
  -- Where the retry schedule stands; a redelivery starts it anew.
  first_attempt_at integer,
  retries integer not null default 0,
  quick_retries integer not null default 0,
  answer_lost integer not null default 0,
  -- 1: the result is fetched from upstream again before the next attempt.
  refresh integer not null default 0,
  refreshed_at integer,
  -- The log of a first attempt that succeeded, as JSON: most deliveries need no other.
  first_attempt text
) strict, without rowid;
create index deliveries_due on deliveries (client_id, host, max(due_at, leased_until)) where state = 'pending';
create index deliveries_failed on deliveries (client_id, occurred_at, id) where state = 'failed' and kind = 'callback';

create table delivery_attempts (
  delivery_id text not null references deliveries (id) on delete cascade,
  number integer not null,
  at integer not null,
  status integer,
  duration_ms integer not null,
  outcome text not null,
  detail text not null,
  next_attempt_at integer,
  primary key (delivery_id, number)
) strict, without rowid;

-- A lane: what a receiver's host does to the callbacks of one client.
create table receivers (
  host text not null,
  client_id text not null,
  answered_at integer,
  silences integer not null default 0,
  silent_since integer,
  open_until integer,
  openings integer not null default 0,
  is_slow integer not null default 0,
  -- When it answered after a silence.
  recovered_at integer,
  -- When the last of this was seen: the newest sight wins.
  observed_at integer not null default 0,
  primary key (host, client_id)
) strict, without rowid;

-- A lane: a known receiver's address, or its host, and when it may be called again.
create table paces (
  lane text primary key,
  next_at integer not null
) strict, without rowid;

-- A lane: an upstream key. The operator's own has the id 'operator' and its key in the environment.
create table upstream_keys (
  id text primary key,
  sealed_key text,
  saved_at integer not null default 0,
  submit_paused_until integer not null default 0,
  poll_paused_until integer not null default 0,
  poll_interval_ms integer,
  poll_limited_at integer,
  -- Before then its polls have their instants, handed out to invocations.
  next_poll_at integer not null default 0,
  active_limit integer,
  refused_at integer,
  ended_since_refusal integer not null default 0,
  -- Not 0: the last answer to a submit was none. Queued tasks then go one at a time, and none before this instant.
  failing_until integer not null default 0,
  served_client_id text
) strict, without rowid;

insert into upstream_keys (id, sealed_key, saved_at, submit_paused_until, poll_paused_until, poll_interval_ms, poll_limited_at,
    active_limit, refused_at, ended_since_refusal, served_client_id)
  select id, sealed_key, saved_at, submit_paused_until, poll_paused_until, poll_interval_ms, poll_limited_at,
    active_limit, refused_at, ended_since_refusal, served_client_id from accounts;
insert or ignore into upstream_keys (id) values ('operator');

insert into receivers (host, client_id, answered_at, silences, silent_since, open_until, openings, is_slow, observed_at)
  select hosts.host, used.client_id, answered_at, silences, silent_since, open_until, openings, is_slow,
    max(coalesce(answered_at, 0), coalesce(silent_since, 0))
  from (select distinct callback_host, client_id from tasks where callback_host is not null) as used
  join hosts on hosts.host = used.callback_host;

-- A callback that is claimed is due when its claim is over: nobody else sends it until then.
insert into deliveries (id, task_id, client_id, kind, event, url, host, created_at, occurred_at, revision, due_at, state, attempts,
    last_status, last_attempt_at, delivered_at, first_attempt_at, retries, quick_retries, answer_lost, refresh)
  select 'msg_' || substr(id, 6), id, client_id, 'callback', 'task.' || state, callback_url, coalesce(callback_host, callback_url),
    completed_at, completed_at, revision, iif(callback_state = 'pending', coalesce(parked_due_at, due_at), null), callback_state,
    attempts, last_status, coalesce((select max(at) from attempts where task_id = tasks.id), first_attempt_at), delivered_at,
    first_attempt_at, retries, quick_retries, answer_lost, refresh
  from tasks where completed_at is not null and callback_url is not null and callback_state in ('pending', 'delivered', 'failed');

insert into deliveries (id, task_id, client_id, kind, event, url, host, about, created_at, occurred_at, revision, due_at, state,
    attempts, retries)
  select 'msg_' || substr(tasks.id, 6) || '_failed_' || attempts, tasks.id, client_id, 'notice', 'callback.failed',
    coalesce(failure_callback_url, ''), coalesce(failure_callback_url, ''),
    json_object('at', notice_at, 'url', callback_url, 'attempts', attempts, 'lastStatus', last_status),
    notice_at, notice_at, revision, iif(notice_state = 'pending', tasks.due_at, null), notice_state, notice_tries, notice_tries
  from tasks join clients on clients.id = tasks.client_id
  where completed_at is not null and callback_url is not null and notice_state is not null;

insert into delivery_attempts (delivery_id, number, at, status, duration_ms, outcome, detail, next_attempt_at)
  select deliveries.id, number, at, status, duration_ms, outcome, detail, next_attempt_at
  from attempts join deliveries on deliveries.id = 'msg_' || substr(attempts.task_id, 6);

-- Each trigger has one statement, and no word END inside: D1's API cuts a migration at what it takes for ends.
-- What belongs to a task goes with it. Ids of deliveries begin with their task's.
CREATE TRIGGER deliveries_go_with_their_task after delete on tasks BEGIN
  delete from deliveries where id >= 'msg_' || substr(old.id, 6) and id < 'msg_' || substr(old.id, 6) || '~';
END;

-- The code of before writes these columns at each end, claim, attempt and redelivery, and where it parks; this code never does.
-- What this code has counted meanwhile is not taken back, and a write of before that it does not know of makes its own late.
CREATE TRIGGER old_callbacks_become_deliveries after update of callback_state, parked_due_at, attempts on tasks
  when new.completed_at is not null and new.callback_url is not null and new.callback_state in ('pending', 'delivered', 'failed')
    and (new.callback_state = 'pending' or new.callback_state is not old.callback_state or new.attempts <> old.attempts) BEGIN
  insert into deliveries (id, task_id, client_id, kind, event, url, host, created_at, occurred_at, revision, due_at, state, attempts,
      last_status, last_attempt_at, delivered_at, first_attempt_at, retries, quick_retries, answer_lost, refresh)
    values ('msg_' || substr(new.id, 6), new.id, new.client_id, 'callback', 'task.' || new.state, new.callback_url,
      coalesce(new.callback_host, new.callback_url), new.completed_at, new.completed_at, new.revision,
      iif(new.callback_state = 'pending', coalesce(new.parked_due_at, new.due_at), null), new.callback_state, new.attempts,
      new.last_status, coalesce((select max(at) from attempts where task_id = new.id), new.first_attempt_at), new.delivered_at,
      new.first_attempt_at, new.retries, new.quick_retries, new.answer_lost, new.refresh)
    on conflict (id) do update set revision = max(deliveries.revision + 1, excluded.revision), due_at = excluded.due_at,
      state = excluded.state, attempts = max(deliveries.attempts, excluded.attempts), last_status = excluded.last_status,
      last_attempt_at = coalesce(excluded.last_attempt_at, deliveries.last_attempt_at), delivered_at = excluded.delivered_at,
      first_attempt_at = excluded.first_attempt_at, retries = excluded.retries, quick_retries = excluded.quick_retries,
      answer_lost = excluded.answer_lost, refresh = excluded.refresh;
END;

-- A notice keeps its id although late attempts of its callback may be counted meanwhile: it is known by its instant.
CREATE TRIGGER old_notices_become_deliveries after update of notice_state, parked_due_at on tasks
  when new.completed_at is not null and new.callback_url is not null and new.notice_state is not null BEGIN
  insert into deliveries (id, task_id, client_id, kind, event, url, host, about, created_at, occurred_at, revision, due_at, state,
      attempts, retries)
    select coalesce((select id from deliveries where id > 'msg_' || substr(new.id, 6) || '_failed_'
          and id < 'msg_' || substr(new.id, 6) || '_failed_~' and occurred_at = new.notice_at),
        'msg_' || substr(new.id, 6) || '_failed_' || new.attempts),
      new.id, new.client_id, 'notice', 'callback.failed', coalesce(failure_callback_url, ''), coalesce(failure_callback_url, ''),
      json_object('at', new.notice_at, 'url', new.callback_url, 'attempts', new.attempts, 'lastStatus', new.last_status),
      new.notice_at, new.notice_at, new.revision, iif(new.notice_state = 'pending', new.due_at, null), new.notice_state,
      new.notice_tries, new.notice_tries
    from clients where id = new.client_id
    on conflict (id) do update set revision = max(deliveries.revision + 1, excluded.revision), due_at = excluded.due_at,
      state = excluded.state, attempts = max(deliveries.attempts, excluded.attempts), retries = excluded.retries;
END;

-- What is sent again is no longer given up: its notice is taken back.
CREATE TRIGGER old_redeliveries_take_notices_back after update of notice_state on tasks
  when old.notice_state = 'pending' and new.notice_state is null BEGIN
  delete from deliveries where id > 'msg_' || substr(new.id, 6) || '_failed_' and id < 'msg_' || substr(new.id, 6) || '_failed_~'
    and state = 'pending';
END;

-- The code of before logs an attempt ahead of what it settles; the callback stands here already.
CREATE TRIGGER old_attempts_become_attempts_of_deliveries after insert on attempts BEGIN
  insert or ignore into delivery_attempts (delivery_id, number, at, status, duration_ms, outcome, detail, next_attempt_at)
    select 'msg_' || substr(new.task_id, 6), new.number, new.at, new.status, new.duration_ms, new.outcome, new.detail,
      new.next_attempt_at
    where exists (select 1 from deliveries where id = 'msg_' || substr(new.task_id, 6));
END;

-- The other way round: what this code leases, the code of before leaves alone. It costs a write only where that had a clock for it.
CREATE TRIGGER leased_deliveries_leave_the_old_clock after update of leased_until on deliveries
  when new.leased_until > old.leased_until BEGIN
  update tasks set due_at = null where id = new.task_id and completed_at is not null and due_at is not null;
END;

-- The code of before gives a clock to what waits in a queue, and needs it. Once this code has run, which says what it follows, such
-- tasks stand in the queue like all others. What upstream failed has a clock of its own here too.
create index tasks_queued_with_old_clock on tasks (id)
  where state = 'queued' and due_at is not null and queue_reason <> 'failing';
CREATE TRIGGER queued_tasks_lose_their_old_clock after update of counts on ticks
  when new.counts ->> '$.follows' is not null BEGIN
  update tasks set due_at = null where state = 'queued' and due_at is not null and queue_reason <> 'failing';
END;

-- A key that this code has saved, and that of before has not, stays.
CREATE TRIGGER old_accounts_become_upstream_keys after insert on accounts BEGIN
  insert into upstream_keys (id, sealed_key, saved_at, submit_paused_until, poll_paused_until, active_limit, refused_at)
    values (new.id, new.sealed_key, new.saved_at, new.submit_paused_until, new.poll_paused_until, new.active_limit, new.refused_at)
    on conflict (id) do update set sealed_key = coalesce(excluded.sealed_key, sealed_key), saved_at = max(saved_at, excluded.saved_at),
      submit_paused_until = max(submit_paused_until, excluded.submit_paused_until),
      poll_paused_until = max(poll_paused_until, excluded.poll_paused_until),
      active_limit = coalesce(excluded.active_limit, active_limit), refused_at = coalesce(excluded.refused_at, refused_at);
END;

CREATE TRIGGER old_accounts_stay_upstream_keys after update on accounts BEGIN
  update upstream_keys set sealed_key = coalesce(new.sealed_key, sealed_key), saved_at = max(saved_at, new.saved_at),
      submit_paused_until = max(submit_paused_until, new.submit_paused_until),
      poll_paused_until = max(poll_paused_until, new.poll_paused_until), poll_interval_ms = new.poll_interval_ms,
      poll_limited_at = new.poll_limited_at, active_limit = new.active_limit, refused_at = new.refused_at,
      ended_since_refusal = new.ended_since_refusal, served_client_id = new.served_client_id
    where id = new.id;
END;

CREATE TRIGGER old_hosts_stay_receivers after update on hosts BEGIN
  update receivers set answered_at = new.answered_at, silences = new.silences, silent_since = new.silent_since,
      open_until = new.open_until, openings = new.openings, is_slow = new.is_slow,
      observed_at = max(coalesce(new.answered_at, 0), coalesce(new.silent_since, 0))
    where host = new.host and observed_at <= max(coalesce(new.answered_at, 0), coalesce(new.silent_since, 0));
END;
