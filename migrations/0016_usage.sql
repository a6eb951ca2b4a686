-- What each client used, by the UTC day on which its tasks were accepted: tasks that have ended. Those that have not are counted when
-- somebody asks. Outlives the tasks, and whatever becomes of their client. Kept for 400 days.
create table usage (
  -- Such as 2026-11-29.
  day text not null,
  client_id text not null,
  model text not null,
  -- As it was when the last of them ended.
  client_name text not null,
  succeeded integer not null default 0,
  failed integer not null default 0,
  canceled integer not null default 0,
  -- As estimated; none of tasks that upstream refused, that were canceled before they were submitted, or that have no price.
  credits integer not null default 0,
  primary key (day, client_id, model)
) strict, without rowid;

-- 1: whoever wrote the task's end has counted it. The code of before does not know of it, and does not count.
alter table tasks add column is_counted integer not null default 0;

CREATE TRIGGER old_ends_are_counted after update of completed_at on tasks
  when old.completed_at is null and new.completed_at is not null and new.is_counted = 0 BEGIN
  insert into usage (day, client_id, model, client_name, succeeded, failed, canceled, credits)
    values (date(new.created_at / 1000, 'unixepoch'), new.client_id, new.model,
      coalesce((select name from clients where id = new.client_id), ''),
      new.state = 'succeeded', new.state = 'failed', new.state = 'canceled',
      iif(coalesce(new.error_code, '') in ('upstream_refused', 'insufficient_credits')
        or (new.state = 'canceled' and new.submitted_at is null), 0, min(coalesce(new.estimated_credits, 0), 1000000000)))
    on conflict (day, client_id, model) do update set client_name = excluded.client_name,
      succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed,
      canceled = canceled + excluded.canceled, credits = credits + excluded.credits;
END;

insert into usage (day, client_id, model, client_name, succeeded, failed, canceled, credits)
  select date(tasks.created_at / 1000, 'unixepoch'), client_id, model, coalesce(max(clients.name), ''),
    sum(state = 'succeeded'), sum(state = 'failed'), sum(state = 'canceled'),
    sum(iif(coalesce(error_code, '') in ('upstream_refused', 'insufficient_credits')
      or (state = 'canceled' and submitted_at is null), 0, min(coalesce(estimated_credits, 0), 1000000000)))
  from tasks left join clients on clients.id = client_id
  where completed_at is not null group by 1, 2, 3;
