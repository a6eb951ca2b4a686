-- 1: the host's last answer took long; all such hosts share one slot.
alter table hosts add column is_slow integer not null default 0;
