-- Subscriptions, events that no other row tells, and what has been told of lanes. The code of before bears it: it knows none of this.

-- Standing addresses: of a client, or of the operator (client_id 'operator'), who hears of all clients. Instants are epoch milliseconds.
create table subscriptions (
  id text primary key,
  client_id text not null,
  -- A hash of what makes two requests the same subscription: URL, events, models and format.
  identity text not null,
  url text not null,
  host text not null,
  -- The name that it was made under, which is never called.
  relay_host text not null,
  -- Lists in JSON; null for all models.
  events text not null,
  models text,
  format text not null,
  description text,
  -- Sealed; the operator's have a signing secret each, a client's are signed with the client's.
  headers text,
  signing_secret text,
  state text not null check (state in ('active', 'stopped')),
  stopped_reason text,
  created_at integer not null,
  -- It gets what happens from then on.
  active_since integer not null,
  last_delivered_at integer,
  last_status integer,
  -- Since when each delivery has failed.
  failing_since integer
) strict, without rowid;
create unique index subscriptions_of_client on subscriptions (client_id, identity);

-- What happened and stands in no task: callbacks that were given up, and changes that operators are told of (task_id null).
create table events (
  id text primary key,
  client_id text,
  task_id text,
  type text not null,
  recorded_at integer not null,
  -- What its body says, as JSON.
  about text not null
) strict, without rowid;
create index events_recorded on events (recorded_at, id);
create index events_of_client on events (client_id, recorded_at, id) where task_id is not null;

-- When a task's end was written here; upstream may have ended it before. Null for ends of before this column.
alter table tasks add column recorded_at integer;
-- Lists of events look at the tasks of a day; those that took longer are found here. Most tasks have no entry.
create index tasks_ended_late on tasks (client_id, recorded_at) where recorded_at > created_at + 86400000;
create index tasks_begun_late on tasks (client_id, submitted_at) where submitted_at > created_at + 86400000;

-- Since when a receiver fails, as operators were told; null where it does not, as far as they know. And when they were told last.
alter table receivers add column told_since integer;
alter table receivers add column told_at integer;
-- Since when a key has no proper answer, and upstream's words; then as above.
alter table upstream_keys add column troubled_since integer;
alter table upstream_keys add column trouble text;
alter table upstream_keys add column told_since integer;
alter table upstream_keys add column told_at integer;
-- When upstream said that the credits are used up; null once it has taken a task again.
alter table upstream_keys add column exhausted_at integer;

CREATE TRIGGER events_go_with_their_task after delete on tasks BEGIN
  delete from events where id >= 'evt_' || substr(old.id, 6) and id < 'evt_' || substr(old.id, 6) || '~';
END;

-- Of an event without a task: what told it. Ids of such deliveries begin with their event's.
CREATE TRIGGER deliveries_go_with_their_event after delete on events when old.task_id is null BEGIN
  delete from deliveries where id >= 'msg_' || substr(old.id, 5) || '_sub_' and id < 'msg_' || substr(old.id, 5) || '_sub_~';
END;

-- Whoever is deleted or stopped is told nothing more.
CREATE TRIGGER pending_deliveries_fail_with_their_subscription after delete on subscriptions BEGIN
  update deliveries set state = 'failed', due_at = null, leased_until = 0, revision = revision + 1
    where state = 'pending' and client_id = old.client_id and host = old.host and subscription_id = old.id;
END;
CREATE TRIGGER pending_deliveries_fail_where_it_is_stopped after update of state on subscriptions
  when old.state = 'active' and new.state = 'stopped' BEGIN
  update deliveries set state = 'failed', due_at = null, leased_until = 0, revision = revision + 1
    where state = 'pending' and client_id = new.client_id and host = new.host and subscription_id = new.id;
END;

CREATE TRIGGER subscriptions_go_with_their_client after update of revoked_at on clients when new.revoked_at is not null BEGIN
  delete from subscriptions where client_id = new.id;
END;
