import type { HostHealth } from '../domain/host-health.ts';

/** The columns of `hosts`, all null where the host is not known. */
export interface HostRow {
  host: string | null;
  answered_at: number | null;
  silences: number | null;
  silent_since: number | null;
  open_until: number | null;
  openings: number | null;
  is_slow: number | null;
}

/** Keeps what was learned of hosts: a list of [host, health] pairs. The last word wins; it is a hint, not an account. */
export const KEEP_HOSTS = `insert into hosts (host, answered_at, silences, silent_since, open_until, openings, is_slow)
  select value ->> 0, value ->> '$[1].answeredAt', value ->> '$[1].silences', value ->> '$[1].silentSince',
    value ->> '$[1].openUntil', value ->> '$[1].openings', value ->> '$[1].isSlow'
  from json_each(?1) where true
  on conflict (host) do update set answered_at = excluded.answered_at, silences = excluded.silences,
    silent_since = excluded.silent_since, open_until = excluded.open_until, openings = excluded.openings, is_slow = excluded.is_slow`;

/** What is known of a host, or null. */
export function healthOf(row: HostRow): HostHealth | null {
  if (row.host === null) return null;
  return {
    answeredAt: row.answered_at,
    silences: row.silences ?? 0,
    silentSince: row.silent_since,
    openUntil: row.open_until,
    openings: row.openings ?? 0,
    isSlow: row.is_slow === 1,
  };
}
