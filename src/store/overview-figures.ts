import { firstTaskIdAt } from '../domain/ids.ts';
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
  /** How many tasks were read, and whether there were more than are looked at. */
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

/** No look at a window counts more tasks: the newest ones count. */
const MAX_TASKS = 20_000;
/** Each task is read, its callback, and both once more in order. */
const ROWS_A_TASK = 3;
/** Figures are kept so long that refreshing them reads no more than this many rows a second. */
const ROWS_PER_SECOND = 30;
const MIN_KEPT_MS = 5_000;
const MAX_KEPT_MS = 600_000;
const MAX_CACHED = 200;

/** Tasks of one bucket that became the same. */
interface FiguresRow {
  readonly bucket: number;
  readonly state: string;
  readonly callback: string | null;
  readonly error: string | null;
  /** Of callbacks that were given up: where they should have gone, and whose they are. */
  readonly host: string | null;
  readonly clientName: string | null;
  readonly n: number;
  /** How late their callbacks were, as JSON. In ms. */
  readonly lateness: string;
}

/**
 * One look at a window. Percentiles are made of it here: to rank in SQL reads a dozen rows a task, as D1 counts. Bound: first
 * id, start, bucket length.
 */
const FIGURES = `with seen as (
    select cast((tasks.created_at - ?2) / ?3 as integer) as bucket, tasks.state as state, d.state as callback,
      error_code as error, d.delivered_at - d.occurred_at as ms, iif(d.state = 'failed', d.host, null) as host,
      iif(d.state = 'failed', tasks.client_id, null) as client
    from tasks left join deliveries as d on d.id = ${callbackIdOf('tasks.id')}
    where tasks.id >= ?1 %scope order by tasks.id desc limit ${MAX_TASKS})
  select bucket, state, callback, error, host, coalesce((select name from clients where clients.id = client), client) as clientName,
    count(*) as n, json_group_array(ms) filter (where ms is not null) as lateness
  from seen group by bucket, state, callback, error, host, client`;

type Rows = readonly (Omit<FiguresRow, 'lateness'> & { readonly lateness: readonly number[] })[];

/** Reads figures over windows. What took many rows is kept for a while, up to ten minutes. */
export function figuresReader(db: D1Database) {
  const cache = new Map<string, { readonly until: number; readonly figures: Figures }>();
  return async (query: FiguresQuery, now: number): Promise<Figures> => {
    const { clientId, bucketMs, buckets } = query;
    const name = JSON.stringify([clientId, bucketMs, buckets]);
    const known = cache.get(name);
    if (known !== undefined && known.until > now) return known.figures;
    // Buckets end with the one that `now` is in.
    const from = (Math.floor(now / bucketMs) - buckets + 1) * bucketMs;
    const { results } = await db
      .prepare(FIGURES.replace('%scope', clientId === null ? '' : 'and tasks.client_id = ?4'))
      .bind(firstTaskIdAt(from), from, bucketMs, ...(clientId === null ? [] : [clientId]))
      .all<FiguresRow>();
    const figures = figuresOf(results, query, from);
    if (cache.size >= MAX_CACHED) cache.clear();
    const keptMs = MIN_KEPT_MS + (figures.tasks * ROWS_A_TASK * 1_000) / ROWS_PER_SECOND;
    cache.set(name, { until: now + Math.min(keptMs, MAX_KEPT_MS), figures });
    return figures;
  };
}

/** The figures that such rows hold. */
function figuresOf(
  read: readonly FiguresRow[],
  { buckets: count, bucketMs }: FiguresQuery,
  from: number,
): Figures {
  const rows: Rows = read.map((row) => ({ ...row, lateness: JSON.parse(row.lateness) as number[] }));
  const total = sum(rows);
  const buckets = Array.from({ length: count }, (_, i): Bucket => {
    const mine = rows.filter(({ bucket }) => bucket === i);
    const ended = ['succeeded', 'failed', 'canceled'].map((state) => sumWhere(mine, 'state', state));
    const [succeeded = 0, failed = 0, canceled = 0] = ended;
    const open = sum(mine) - succeeded - failed - canceled;
    return { startsAt: from + i * bucketMs, open, succeeded, failed, canceled, ...percentiles(mine) };
  });
  return {
    buckets,
    tasks: total,
    isCut: total >= MAX_TASKS,
    delivered: sumWhere(rows, 'callback', 'delivered'),
    undelivered: sumWhere(rows, 'callback', 'failed'),
    givenUp: givenUpOf(rows),
    ...percentiles(rows),
    errors: errorsOf(rows),
  };
}

function percentiles(rows: Rows): { p50: number | null; p95: number | null } {
  const sorted = Float64Array.from(rows.flatMap(({ lateness }) => lateness)).sort();
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? null;
  return { p50: at(0.5), p95: at(0.95) };
}

function errorsOf(rows: Rows): { code: string; count: number }[] {
  const codes = new Set(rows.flatMap(({ error }) => error ?? []));
  return [...codes]
    .map((code) => ({ code, count: sumWhere(rows, 'error', code) }))
    .sort((a, b) => b.count - a.count);
}

function givenUpOf(rows: Rows): GivenUp[] {
  const byHost = Map.groupBy(
    rows.filter(({ host }) => host !== null),
    ({ host }) => host ?? '',
  );
  return Array.from(byHost, ([host, mine]) => {
    const clientNames = [...new Set(mine.flatMap(({ clientName }) => clientName ?? []))];
    return { host, count: sum(mine), clientNames };
  }).toSorted((a, b) => b.count - a.count);
}

function sum(rows: Rows): number {
  return rows.reduce((total, { n }) => total + n, 0);
}

function sumWhere(rows: Rows, column: 'state' | 'callback' | 'error', value: string): number {
  return sum(rows.filter((row) => row[column] === value));
}
