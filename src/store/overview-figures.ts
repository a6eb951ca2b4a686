import { firstTaskIdAt } from '../domain/ids.ts';
import { roundedMs } from './hour-sums.ts';
import type { SumGroup } from './hour-sums.ts';
import { callbackIdOf } from './task-reads.ts';

/** A window of `buckets` spans of `bucketMs`, ending now. */
export interface FiguresQuery {
  /** Null: over all clients. */
  readonly clientId: string | null;
  readonly bucketMs: number;
  readonly buckets: number;
}

/** Tasks that were accepted in one span, by what became of them, and how late their callbacks were. In ms. */
export interface Bucket {
  readonly startsAt: number;
  readonly open: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly canceled: number;
  readonly p50: number | null;
  readonly p95: number | null;
}

export interface Figures {
  readonly buckets: readonly Bucket[];
  /** How many tasks there were, and whether there were more than are looked at. */
  readonly tasks: number;
  readonly isCut: boolean;
  readonly delivered: number;
  /** Given up. */
  readonly undelivered: number;
  /** These, by the receiver that did not take them; most first. */
  readonly givenUp: readonly GivenUp[];
  readonly p50: number | null;
  readonly p95: number | null;
  /** Failed tasks by error code, the most frequent first. */
  readonly errors: readonly { readonly code: string; readonly count: number }[];
}

/** Callbacks to one host that were given up. */
export interface GivenUp {
  readonly host: string;
  readonly count: number;
  readonly clientNames: readonly string[];
}

/** No look counts more tasks of hours that are not summed yet: the newest ones count. */
const MAX_TASKS = 20_000;
/** A task that is not summed yet, and its callback. */
const ROWS_A_TASK = 2;
/** Figures are kept so long that refreshing them reads no more than this many rows a second. */
const ROWS_PER_SECOND = 5;
const MIN_KEPT_MS = 5_000;
const MAX_KEPT_MS = 600_000;
const MAX_CACHED = 200;
/** More callbacks that were given up are not told by their receiver. */
const MAX_GIVEN_UP = 500;

/** Tasks of one bucket that became the same. */
interface Group {
  readonly bucket: number;
  readonly state: string;
  readonly callback: string | null;
  readonly error: string | null;
  /** How late their callbacks were, in ms; null where they were not delivered. */
  readonly ms: number | null;
  readonly n: number;
}

/** Hours that are summed: a row for each. Bound: client or '', first hour, the first that is not. */
const SUMMED = `select hour, tasks from hour_sums where client_id = ?1 and hour >= ?2 and hour < ?3`;

/** Later ones. Percentiles are made of it here: to rank in SQL reads a dozen rows a task, as D1 counts. Bound: start, bucket length. */
const COUNTED = `with seen as (
    select cast((tasks.created_at - ?1) / ?2 as integer) as bucket, tasks.state as state, d.state as callback,
      error_code as error, ${roundedMs('(d.delivered_at - d.occurred_at)')} as ms
    from tasks left join deliveries as d on d.id = ${callbackIdOf('tasks.id')}
    where tasks.id >= ?3 %scope order by tasks.id desc limit ${MAX_TASKS})
  select bucket, state, callback, error, ms, count(*) as n from seen group by 1, 2, 3, 4, 5`;

/** Where callbacks should have gone that were given up: a seek for each client, and a row for each. Bound: start. */
const GIVEN_UP = `select host, count(*) as count, json_group_array(distinct name) as clientNames
  from (select d.host, c.name from clients as c cross join deliveries as d indexed by deliveries_failed on d.client_id = c.id and d.state = 'failed'
      and d.kind = 'callback' and d.occurred_at >= ?1 where %scope limit ${MAX_GIVEN_UP})
  group by host order by 2 desc, 1`;

/** Reads figures over windows. What took many rows is kept for a while, up to ten minutes. */
export function figuresReader(db: D1Database) {
  const cache = new Map<string, { readonly until: number; readonly figures: Figures }>();
  return async (query: FiguresQuery, now: number): Promise<Figures> => {
    const name = JSON.stringify([query.clientId, query.bucketMs, query.buckets]);
    const known = cache.get(name);
    if (known !== undefined && known.until > now) return known.figures;
    const { figures, rows } = await readFigures(db, query, now);
    if (cache.size >= MAX_CACHED) cache.clear();
    const keptMs = MIN_KEPT_MS + (rows * 1_000) / ROWS_PER_SECOND;
    cache.set(name, { until: now + Math.min(keptMs, MAX_KEPT_MS), figures });
    return figures;
  };
}

async function readFigures(db: D1Database, query: FiguresQuery, now: number) {
  const { clientId, bucketMs, buckets } = query;
  // Buckets end with the one that `now` is in.
  const from = (Math.floor(now / bucketMs) - buckets + 1) * bucketMs;
  const until = (await db.prepare('select hours_until from sums_made').first<number>('hours_until')) ?? 0;
  const first = firstTaskIdAt(Math.max(from, until));
  const own = clientId === null ? [] : [clientId];
  // oxlint-disable-next-line typescript/no-explicit-any -- each statement of a batch has rows of its own shape
  const [summed, counted, givenUp] = await db.batch<any>([
    db.prepare(SUMMED).bind(clientId ?? '', from, until),
    db
      .prepare(COUNTED.replace('%scope', clientId === null ? '' : 'and tasks.client_id = ?4'))
      .bind(from, bucketMs, first, ...own),
    db.prepare(GIVEN_UP.replace('%scope', clientId === null ? 'true' : 'c.id = ?2')).bind(from, ...own),
  ]);
  const late: readonly Group[] = counted?.results ?? [];
  const rows = [...groupsOf(summed?.results ?? [], from, bucketMs), ...late];
  const figures = figuresOf(rows, query, from);
  return {
    figures: { ...figures, isCut: sum(late) >= MAX_TASKS, givenUp: givenUpOf(givenUp?.results ?? []) },
    rows: sum(late) * ROWS_A_TASK + (summed?.results.length ?? 0),
  };
}

function groupsOf(
  hours: readonly { hour: number; tasks: string }[],
  from: number,
  bucketMs: number,
): Group[] {
  return hours.flatMap(({ hour, tasks }) => {
    const bucket = Math.floor((hour - from) / bucketMs);
    const groups = JSON.parse(tasks) as SumGroup[];
    return groups.map(([state, callback, error, ms, n]) => ({ bucket, state, callback, error, ms, n }));
  });
}

function givenUpOf(rows: readonly { host: string; count: number; clientNames: string }[]): GivenUp[] {
  return rows.map(({ host, count, clientNames }) => ({
    host,
    count,
    clientNames: JSON.parse(clientNames) as string[],
  }));
}

/** The figures that such rows hold. */
function figuresOf(rows: readonly Group[], { buckets: count, bucketMs }: FiguresQuery, from: number) {
  const byBucket = Map.groupBy(rows, ({ bucket }) => bucket);
  const buckets = Array.from({ length: count }, (_, i): Bucket => {
    const mine = byBucket.get(i) ?? [];
    const ended = ['succeeded', 'failed', 'canceled'].map((state) => sumWhere(mine, 'state', state));
    const [succeeded = 0, failed = 0, canceled = 0] = ended;
    const open = sum(mine) - succeeded - failed - canceled;
    return { startsAt: from + i * bucketMs, open, succeeded, failed, canceled, ...percentiles(mine) };
  });
  return {
    buckets,
    tasks: sum(rows),
    delivered: sumWhere(rows, 'callback', 'delivered'),
    undelivered: sumWhere(rows, 'callback', 'failed'),
    ...percentiles(rows),
    errors: errorsOf(rows),
  };
}

function percentiles(rows: readonly Group[]): { p50: number | null; p95: number | null } {
  const late = rows.flatMap(({ ms, n }) => (ms === null ? [] : [{ ms, n }])).toSorted((a, b) => a.ms - b.ms);
  const total = late.reduce((all, { n }) => all + n, 0);
  const at = (share: number): number | null => {
    let left = Math.ceil(total * share);
    return late.find(({ n }) => (left -= n) <= 0)?.ms ?? null;
  };
  return { p50: at(0.5), p95: at(0.95) };
}

function errorsOf(rows: readonly Group[]): { code: string; count: number }[] {
  const codes = new Set(rows.flatMap(({ error }) => error ?? []));
  return [...codes]
    .map((code) => ({ code, count: sumWhere(rows, 'error', code) }))
    .sort((a, b) => b.count - a.count);
}

function sum(rows: readonly Group[]): number {
  return rows.reduce((total, { n }) => total + n, 0);
}

function sumWhere(rows: readonly Group[], column: 'state' | 'callback' | 'error', value: string): number {
  return sum(rows.filter((row) => row[column] === value));
}
