-- While the breaker of its host is open, a callback stands aside: due_at is then far off, and this is when it is due by its
-- own clock. Found by host without reading others; a callback that does not stand aside costs no entry.
alter table tasks add column parked_due_at integer;
create index tasks_parked on tasks (callback_host, parked_due_at) where parked_due_at is not null;
