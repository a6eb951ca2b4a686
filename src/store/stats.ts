const DAY_MS = 86_400_000;

export interface Stats {
  /** How many tasks there are by stored state, and callbacks by theirs. */
  readonly tasks: Readonly<Record<string, number>>;
  readonly callbacks: Readonly<Record<string, number>>;
  /** From upstream's end to delivery, of callbacks delivered in the last 24 h; null where there were none. In ms. */
  readonly latency: { readonly p50: number | null; readonly p95: number | null };
}

/** What an operator looks at first. Reads the whole table of tasks: not for a hot path. */
export function createStatsStore(db: D1Database) {
  return {
    async read(now: number): Promise<Stats> {
      const counts = (column: 'state' | 'callback_state') =>
        db.prepare(
          `select ${column} as name, count(*) as n from tasks where ${column} is not null group by ${column}`,
        );
      const latency = db
        .prepare(
          `with delivered as (
             select delivered_at - completed_at as ms,
               row_number() over (order by delivered_at - completed_at) as rank, count(*) over () as n
             from tasks where delivered_at >= ?1 and completed_at >= ?1)
           select min(case when rank >= n * 0.5 then ms end) as p50, min(case when rank >= n * 0.95 then ms end) as p95
           from delivered`,
        )
        .bind(now - DAY_MS);
      const [states, callbackStates, percentiles] = await db.batch<Record<string, unknown>>([
        counts('state'),
        counts('callback_state'),
        latency,
      ]);
      return {
        tasks: asCounts(states?.results),
        callbacks: asCounts(callbackStates?.results),
        latency: {
          p50: asNumber(percentiles?.results[0]?.['p50']),
          p95: asNumber(percentiles?.results[0]?.['p95']),
        },
      };
    },
  };
}

function asCounts(rows: readonly Record<string, unknown>[] = []): Record<string, number> {
  return Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['n'])]));
}

function asNumber(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

export type StatsStore = ReturnType<typeof createStatsStore>;
