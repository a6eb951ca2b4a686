-- How long ended tasks took, by model, resolution and length: a histogram as JSON (src/domain/durations.ts).
create table durations (
  key text primary key,
  histogram text not null,
  -- What a write is conditional on: workers that learn at the same time lose nothing of each other's.
  revision integer not null,
  updated_at integer not null
) strict, without rowid;
