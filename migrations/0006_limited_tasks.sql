-- 1: the task's client has max_active_tasks. Its tasks without an end stand in an index of their own, so that they are
-- counted exactly, however old they are, and without reading those that have ended; tasks of other clients cost no entry.
alter table tasks add column is_limited integer not null default 0;
update tasks set is_limited = 1
  where completed_at is null and client_id in (select id from clients where max_active_tasks is not null);
create index tasks_limited on tasks (client_id, id) where is_limited = 1 and completed_at is null;
drop index tasks_own_limit;
