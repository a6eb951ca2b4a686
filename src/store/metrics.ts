import { firstTaskIdAt, webhookId } from '../domain/ids.ts';
import { dayOf } from '../domain/usage.ts';
import { CLOCKED } from './lane-rules.ts';
import { firstIdOfDay } from './load.ts';
import type { RefusedPost } from './refused-posts.ts';

/** What a monitor is told. Durations in ms. */
export interface Metrics {
  /** Those without an end, by stored state; and those of today that have ended. */
  readonly tasks: Readonly<Record<string, number>>;
  readonly deliveries: { readonly pending: number; readonly failed: number; readonly delivered: number };
  /** From an end to its delivery, of the last hour; null where there was none. */
  readonly latency: {
    readonly p50: number | null;
    readonly p95: number | null;
    readonly count: number;
    readonly sum: number;
  };
  readonly receiversFailing: number;
  readonly keysLimited: number;
  /** What all kept results take. */
  readonly keptBytes: number;
  readonly credits: readonly { readonly clientId: string; readonly credits: number }[];
  readonly refused: readonly RefusedPost[];
}

/** Rows of each kind that one look reads at the most: nobody tells more at a glance. */
const MAX_ROWS = 10_000;
const MAX_DELIVERED = 5_000;
const HOUR_MS = 3_600_000;
/** A callback of the last hour may be of a task that was posted before: so long is looked back. */
const POSTED_WITHIN_MS = 3 * HOUR_MS;
/** As `receiver.failing` has it: so many attempts in a row without any answer, over at least so long. */
const FAILING_AFTER_SILENCES = 10;
const FAILING_AFTER_MS = 30_000;

const OPEN = `select state, client_id as clientId, count(*) as count,
    sum(iif(id >= ?1, coalesce(estimated_credits, 0), 0)) as credits
  from (select * from (select id, state, client_id, estimated_credits from tasks where ${CLOCKED}
    union all select id, state, client_id, estimated_credits from tasks where state = 'queued' and due_at is null)
    limit ${MAX_ROWS})
  group by 1, 2`;
const TODAY = `select client_id as clientId, sum(succeeded) as succeeded, sum(failed) as failed, sum(canceled) as canceled,
    sum(credits) as credits from usage where day = ?1 group by 1`;
const WAITING = `select
  (select count(*) from (select 1 from deliveries where state = 'pending' limit ${MAX_ROWS})) as pending,
  (select count(*) from (select 1 from deliveries where state = 'failed' and kind = 'callback' limit ${MAX_ROWS})) as failed,
  (select count(*) from (select 1 from receivers where silences >= ${FAILING_AFTER_SILENCES}
    and observed_at - silent_since >= ${FAILING_AFTER_MS} limit ${MAX_ROWS})) as receiversFailing,
  (select count(*) from upstream_keys where max(submit_paused_until, poll_paused_until) > ?1) as keysLimited,
  (select bytes from kept_totals) as keptBytes`;
const DELIVERED = `select delivered_at - occurred_at as ms from deliveries
  where id >= ?1 and delivered_at >= ?2 order by id desc limit ${MAX_DELIVERED}`;
const REFUSED = 'select client_id as clientId, reason, count from refused_posts order by 1, 2';

interface OpenRow {
  readonly state: string;
  readonly clientId: string;
  readonly count: number;
  readonly credits: number;
}
interface TodayRow {
  readonly clientId: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly canceled: number;
  readonly credits: number;
}
type WaitingRow = Pick<Metrics, 'receiversFailing' | 'keysLimited' | 'keptBytes'> & {
  pending: number;
  failed: number;
};

/** Figures for a monitor: one request, and no table is read as a whole. */
export function createMetricsStore(db: D1Database) {
  return {
    async read(now: number): Promise<Metrics> {
      const since = firstTaskIdAt(now - POSTED_WITHIN_MS);
      // oxlint-disable-next-line typescript/no-explicit-any -- each statement of a batch has rows of its own shape
      const answers = await db.batch<any>([
        db.prepare(OPEN).bind(firstIdOfDay(now)),
        db.prepare(TODAY).bind(dayOf(now)),
        db.prepare(WAITING).bind(now),
        db.prepare(DELIVERED).bind(webhookId(since), now - HOUR_MS),
        db.prepare(REFUSED),
      ]);
      const [open, today, waiting, delivered, refused] = answers.map(({ results }) => results);
      const ms = ((delivered ?? []) as { ms: number }[]).map((row) => row.ms).toSorted((a, b) => a - b);
      const {
        pending = 0,
        failed = 0,
        receiversFailing = 0,
        keysLimited = 0,
        keptBytes = 0,
      } = ((waiting ?? []) as WaitingRow[])[0] ?? {};
      return {
        tasks: statesOf(open ?? [], today ?? []),
        deliveries: { pending, failed, delivered: ms.length },
        latency: {
          p50: at(ms, 0.5),
          p95: at(ms, 0.95),
          count: ms.length,
          sum: ms.reduce((sum, one) => sum + one, 0),
        },
        receiversFailing,
        keysLimited,
        keptBytes,
        credits: creditsOf([...((open ?? []) as OpenRow[]), ...((today ?? []) as TodayRow[])]),
        refused: (refused ?? []) as RefusedPost[],
      };
    },
  };
}

function statesOf(open: readonly OpenRow[], today: readonly TodayRow[]): Record<string, number> {
  const openOf = (...states: string[]) =>
    open.filter(({ state }) => states.includes(state)).reduce((sum, { count }) => sum + count, 0);
  const endedOf = (state: 'succeeded' | 'failed' | 'canceled') =>
    today.reduce((sum, row) => sum + row[state], 0);
  return {
    queued: openOf('queued', 'accepting'),
    running: openOf('running'),
    succeeded: endedOf('succeeded'),
    failed: endedOf('failed'),
    canceled: endedOf('canceled'),
  };
}

function creditsOf(rows: readonly { clientId: string; credits: number }[]): Metrics['credits'] {
  const sums = new Map<string, number>();
  for (const { clientId, credits } of rows) sums.set(clientId, (sums.get(clientId) ?? 0) + credits);
  return Array.from(sums, ([clientId, credits]) => ({ clientId, credits }));
}

function at(sorted: readonly number[], share: number): number | null {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? null;
}

export type MetricsStore = ReturnType<typeof createMetricsStore>;
