-- How often upstream was asked about the task, as far as it was counted, and when last. Counted in memory, and written with
-- claims and settlements, which write the row anyway: no number of polls costs a row.
alter table tasks add column polls integer not null default 0;
alter table tasks add column polled_at integer;
