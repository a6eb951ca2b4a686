-- Since when upstream says success without giving a link; null while it does not. The task is polled on for a while.
alter table tasks add column unlinked_since integer;

-- Which task of an upstream key has which id there: an id that another task has is no answer to createTask. Not unique, so
-- that a database that holds two of the same takes the migration; the write that notes an id looks it up.
create index tasks_upstream on tasks (account_id, upstream_task_id) where upstream_task_id is not null;
