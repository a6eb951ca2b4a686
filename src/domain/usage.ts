import type { EndedTask } from './task.ts';

/** How long what was used is kept, and how many days one answer may tell of. */
export const USAGE_DAYS = 400;
/** The spans that the console tells of, in days up to today. */
export const USAGE_SPANS = [7, 30, 90, 400] as const;
const DAY_MS = 86_400_000;

/** What usage may be told by. */
export type UsageGroup = 'day' | 'client' | 'model';

/** What was used; what it is not told by is absent. `tasks` are all of them, those without an end too. */
export interface Usage {
  readonly day?: string;
  readonly client_id?: string;
  readonly client_name?: string;
  readonly model?: string;
  readonly tasks: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly canceled: number;
  readonly credits: number;
}

/**
 * What an ended task is counted with: as estimated, and nothing for what upstream refused, for what was canceled before it was submitted,
 * and for what has no price. The migration that made `usage` says the same in SQL; `test/store/usage.test.ts` holds the two together.
 */
export function creditsUsed({ phase, estimatedCredits }: EndedTask): number {
  const code = phase.error?.code;
  if (code === 'upstream_refused' || code === 'insufficient_credits') return 0;
  if (phase.state === 'canceled' && phase.submittedAt === null) return 0;
  return estimatedCredits ?? 0;
}

/** The UTC day of an instant (epoch ms), such as 2026-11-29. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The first instant of a day (epoch ms); null for what is none, such as 2026-02-30. */
export function startOfDay(day: string): number | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return null;
  const at = Date.parse(`${day}T00:00:00.000Z`);
  return Number.isNaN(at) || dayOf(at) !== day ? null : at;
}

/** So many days later, or earlier. */
export function daysFrom(day: string, days: number): string {
  return dayOf((startOfDay(day) ?? 0) + days * DAY_MS);
}

/** The days of a span, both ends inclusive. */
export function daysOf({ from, to }: { readonly from: string; readonly to: string }): string[] {
  const days = Math.round(((startOfDay(to) ?? 0) - (startOfDay(from) ?? 0)) / DAY_MS) + 1;
  return Array.from({ length: Math.max(0, days) }, (_, i) => daysFrom(from, i));
}

/** The first day whose usage is not summed ahead: yesterday, of which tasks may still end every minute. */
export function firstUnsummedDay(now: number): string {
  return daysFrom(dayOf(now), -1);
}

/** Nothing used. */
export const NO_USAGE: Usage = { tasks: 0, succeeded: 0, failed: 0, canceled: 0, credits: 0 };

/** What was used in `rows` together. */
export function sumOfUsage(rows: readonly Usage[]): Usage {
  return rows.reduce(
    (all, row) => ({
      tasks: all.tasks + row.tasks,
      succeeded: all.succeeded + row.succeeded,
      failed: all.failed + row.failed,
      canceled: all.canceled + row.canceled,
      credits: Math.min(all.credits + row.credits, Number.MAX_SAFE_INTEGER),
    }),
    NO_USAGE,
  );
}
