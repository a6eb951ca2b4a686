import type { ReceiverHealth } from '../domain/receivers/health.ts';

/** What is known of a receiver, of a row of `receivers` named `r`, as JSON; null where there is no row. */
export const HEALTH_JSON = `iif(r.host is null, null, json_object('answeredAt', r.answered_at, 'silences', r.silences,
  'silentSince', r.silent_since, 'openUntil', r.open_until, 'openings', r.openings, 'isSlow', r.is_slow,
  'recoveredAt', r.recovered_at, 'observedAt', r.observed_at))`;

/** The health that `HEALTH_JSON` gave. */
export function healthOf(json: string | null): ReceiverHealth | null {
  if (json === null) return null;
  const row = JSON.parse(json) as Omit<ReceiverHealth, 'isSlow'> & { isSlow: number };
  return { ...row, isSlow: row.isSlow === 1 };
}
