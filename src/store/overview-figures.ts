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
  readonly p50: number | null;
  readonly p95: number | null;
  /** Failed tasks by error code, the most frequent first. */
  readonly errors: readonly { readonly code: string; readonly count: number }[];
}

/** No look at a window reads more rows: the newest ones count. */
const MAX_ROWS = 20_000;

const SEEN = `with seen as (
  select cast((created_at - ?2) / ?3 as integer) as bucket, state, callback_state, error_code, delivered_at - completed_at as ms
  from tasks where id >= ?1 %scope order by id desc limit ${MAX_ROWS})`;
const RANKED = `${SEEN}, ranked as (
  select bucket, ms, row_number() over (partition by bucket order by ms) as rank, count(*) over (partition by bucket) as n,
    row_number() over (order by ms) as rank_of_all, count(*) over () as n_of_all
  from seen where ms is not null)`;
const percentile = (share: number, of = '') => `min(case when rank${of} >= n${of} * ${share} then ms end)`;

/** Three looks at one window: counts, percentiles by bucket, percentiles of all. Bound: first id, start, bucket length. */
export const FIGURES = [
  `${SEEN} select bucket, state, callback_state as callback, error_code as error, count(*) as n from seen group by 1, 2, 3, 4`,
  `${RANKED} select bucket, ${percentile(0.5)} as p50, ${percentile(0.95)} as p95 from ranked group by bucket`,
  `${RANKED} select ${percentile(0.5, '_of_all')} as p50, ${percentile(0.95, '_of_all')} as p95 from ranked`,
];

type Rows = readonly Record<string, unknown>[];

/** Puts the three answers together. */
export function figuresOf(
  answers: readonly { results: Record<string, unknown>[] }[],
  { buckets: count, bucketMs }: FiguresQuery,
  from: number,
): Figures {
  const [counts = [], byBucket = [], all = []] = answers.map(({ results }) => results);
  const total = sum(counts);
  const buckets = Array.from({ length: count }, (_, i): Bucket => {
    const mine = counts.filter(({ bucket }) => bucket === i);
    const ended = ['succeeded', 'failed', 'canceled'].map((state) => sumWhere(mine, 'state', state));
    const [succeeded = 0, failed = 0, canceled = 0] = ended;
    const latency = byBucket.find(({ bucket }) => bucket === i);
    return {
      startsAt: from + i * bucketMs,
      open: sum(mine) - succeeded - failed - canceled,
      succeeded,
      failed,
      canceled,
      p50: asNumber(latency?.['p50']),
      p95: asNumber(latency?.['p95']),
    };
  });
  return {
    buckets,
    tasks: total,
    isCut: total >= MAX_ROWS,
    delivered: sumWhere(counts, 'callback', 'delivered'),
    undelivered: sumWhere(counts, 'callback', 'failed'),
    p50: asNumber(all[0]?.['p50']),
    p95: asNumber(all[0]?.['p95']),
    errors: errorsOf(counts),
  };
}

function errorsOf(counts: Rows): { code: string; count: number }[] {
  const codes = new Set(counts.flatMap(({ error }) => (typeof error === 'string' ? [error] : [])));
  return [...codes]
    .map((code) => ({ code, count: sumWhere(counts, 'error', code) }))
    .sort((a, b) => b.count - a.count);
}

function sum(rows: Rows): number {
  return rows.reduce((total, { n }) => total + Number(n), 0);
}

function sumWhere(rows: Rows, column: string, value: string): number {
  return sum(rows.filter((row) => row[column] === value));
}

function asNumber(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
