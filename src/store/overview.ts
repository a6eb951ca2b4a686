import { firstTaskIdAt } from '../domain/ids.ts';
import { figuresOf, FIGURES } from './overview-figures.ts';
import type { Figures, FiguresQuery } from './overview-figures.ts';

/** Unfinished tasks that wait or run, by the upstream key that they belong to. Epoch ms. */
export interface OpenGroup {
  readonly accountId: string;
  readonly state: 'accepting' | 'queued' | 'running';
  readonly queueReason: string | null;
  readonly count: number;
  readonly withCallback: number;
  readonly oldestCreatedAt: number;
  /** What upstream last refused or failed to do for one of them, in words. */
  readonly problem: string | null;
}

/** A receiver's host whose breaker is open. */
export interface OpenBreaker {
  readonly host: string;
  readonly openUntil: number;
  readonly silences: number;
  readonly silentSince: number | null;
}

/** Callbacks that have not got through yet, of one host and with one last answer. */
export interface RetriedGroup {
  readonly host: string;
  /** Null where there was no answer. */
  readonly lastStatus: number | null;
  readonly count: number;
  /** The newest of them. */
  readonly taskId: string;
}

export interface PendingCallbacks {
  readonly count: number;
  readonly retried: readonly RetriedGroup[];
}

export interface PausedKey {
  readonly accountId: string;
  readonly submitPausedUntil: number;
  readonly pollPausedUntil: number;
}

/** Rows in hand are counted up to here: nobody tells 10,000 from more at a glance. */
const MAX_OPEN_ROWS = 10_000;
const MAX_LISTED = 20;
/** Figures over a window are kept so long that refreshing them reads no more than this many rows a second. */
const ROWS_PER_SECOND = 30;
const MIN_KEPT_MS = 5_000;
const MAX_KEPT_MS = 600_000;
const MAX_CACHED = 200;

const OPEN = `select account_id as accountId, state, queue_reason as queueReason, count(*) as count,
    sum(callback_url is not null) as withCallback, min(created_at) as oldestCreatedAt, max(problem) as problem
  from (select account_id, state, queue_reason, callback_url, created_at, problem from tasks where %scope limit ${MAX_OPEN_ROWS})
  group by account_id, state, queue_reason`;

/** One attempt in vain is nothing yet: many receivers listen a moment later. */
const PENDING = `select *, sum(count) over () as total from (
    select isRetried, iif(isRetried, callback_host, null) as host, iif(isRetried, last_status, null) as lastStatus,
      count(*) as count, max(id) as taskId
    from (select id, callback_host, last_status, attempts > 1 as isRetried from tasks
      where (completed_at is not null) = 1 and due_at is not null and callback_state = 'pending'
        and (?1 is null or client_id = ?1) limit ${MAX_OPEN_ROWS})
    group by 1, 2, 3)
  order by isRetried desc, count desc, host, lastStatus limit ${MAX_LISTED}`;

/** What the console's overview shows: what is in hand by index, what was by a bounded window. */
export function createOverviewStore(db: D1Database) {
  const cache = new Map<string, { readonly until: number; readonly figures: Figures }>();

  return {
    /** Tasks without an end; a client's own, no older than `taskTimeoutMs`, or everybody's. */
    async open(clientId: string | null, now: number, taskTimeoutMs: number): Promise<OpenGroup[]> {
      const scope =
        clientId === null
          ? '(completed_at is not null) = 0 and due_at is not null'
          : 'client_id = ?1 and id >= ?2 and completed_at is null';
      const statement = db.prepare(OPEN.replace('%scope', scope));
      const bound =
        clientId === null ? statement : statement.bind(clientId, firstTaskIdAt(now - taskTimeoutMs));
      return (await bound.all<OpenGroup>()).results;
    },

    /** Callbacks on their way, up to 10,000; and of those that were tried more than once in vain, the most alike. */
    async pendingCallbacks(clientId: string | null): Promise<PendingCallbacks> {
      const { results } = await db
        .prepare(PENDING)
        .bind(clientId)
        .all<RetriedGroup & { isRetried: number; total: number }>();
      const retried = results.filter(({ isRetried }) => isRetried === 1);
      return {
        count: results[0]?.total ?? 0,
        retried: retried.map(({ host, lastStatus, count, taskId }) => ({ host, lastStatus, count, taskId })),
      };
    },

    async openBreakers(now: number): Promise<OpenBreaker[]> {
      const { results } = await db
        .prepare(
          `select host, open_until as openUntil, silences, silent_since as silentSince from hosts
           where open_until > ?1 order by silent_since limit ${MAX_LISTED}`,
        )
        .bind(now)
        .all<OpenBreaker>();
      return results;
    },

    /** Upstream keys that upstream told to wait. */
    async pausedKeys(now: number): Promise<PausedKey[]> {
      const { results } = await db
        .prepare(
          `select id as accountId, submit_paused_until as submitPausedUntil, poll_paused_until as pollPausedUntil
           from accounts where max(submit_paused_until, poll_paused_until) > ?1 limit ${MAX_LISTED}`,
        )
        .bind(now)
        .all<PausedKey>();
      return results;
    },

    /** Volume, outcomes and latency over a window. What took many rows is kept for a while, up to ten minutes. */
    async figures(query: FiguresQuery, now: number): Promise<Figures> {
      const name = JSON.stringify([query.clientId, query.bucketMs, query.buckets]);
      const known = cache.get(name);
      if (known !== undefined && known.until > now) return known.figures;
      const from = startOf(query, now);
      const scope = query.clientId === null ? '' : 'and client_id = ?4';
      const binds = [firstTaskIdAt(from), from, query.bucketMs, ...(query.clientId ? [query.clientId] : [])];
      const answers = await db.batch<Record<string, unknown>>(
        FIGURES.map((sql) => db.prepare(sql.replace('%scope', scope)).bind(...binds)),
      );
      const figures = figuresOf(answers, query, from);
      if (cache.size >= MAX_CACHED) cache.clear();
      const keptMs = MIN_KEPT_MS + (figures.tasks * 1_000) / ROWS_PER_SECOND;
      cache.set(name, { until: now + Math.min(keptMs, MAX_KEPT_MS), figures });
      return figures;
    },
  };
}

/** Buckets end with the one that `now` is in. */
function startOf({ bucketMs, buckets }: FiguresQuery, now: number): number {
  return (Math.floor(now / bucketMs) - buckets + 1) * bucketMs;
}

export type OverviewStore = ReturnType<typeof createOverviewStore>;
