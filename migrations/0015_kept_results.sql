-- Results that stay: the files of a task are copied into a bucket before its end is told. The code of before this migration writes
-- none of these columns; a task that it ends meanwhile is told by upstream's links.

-- 1: copies of the results of this client's tasks are kept, where there is a bucket.
alter table clients add column keep_results integer not null default 1;

-- The origin that the task was posted to, which its kept files are linked by; null: none is to be kept.
alter table tasks add column files_origin text;
-- While files are copied: since when, what upstream said of the end, and how far each file is, as JSON.
alter table tasks add column keeping text;
-- Afterwards: where each file is kept, or why not, in the order of the links, as JSON.
alter table tasks add column kept text;
alter table tasks add column kept_bytes integer not null default 0;
-- What is kept, for whoever looks for files that are gone.
create index tasks_kept on tasks (id) where kept_bytes > 0;

-- One row: what all kept files take, and how far the bucket has been compared with the tasks.
create table kept_totals (
  id integer primary key check (id = 1),
  bytes integer not null default 0,
  tasks integer not null default 0,
  -- Files behind this name are compared next; null: a new pass begins at swept_at plus an hour.
  sweep_after text,
  swept_at integer not null default 0
) strict;
insert into kept_totals (id) values (1);

create trigger tasks_kept_changed after update of kept_bytes on tasks when new.kept_bytes <> old.kept_bytes BEGIN
  update kept_totals set bytes = bytes + new.kept_bytes - old.kept_bytes, tasks = tasks + (new.kept_bytes > 0) - (old.kept_bytes > 0);
END;
create trigger tasks_kept_gone after delete on tasks when old.kept_bytes > 0 BEGIN
  update kept_totals set bytes = bytes - old.kept_bytes, tasks = tasks - 1;
END;
