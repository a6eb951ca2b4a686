-- Since when anything is known of such tasks, in epoch ms: what ended first of a thousand says little of the others, so tasks
-- that were submitted before are polled as if nothing were known (src/domain/poll-plans.ts). 0: for as long as matters.
alter table durations add column since integer not null default 0;
