const DAY_MS = 86_400_000;

export interface Stats {
  /** How many tasks there are by stored state, and callbacks by theirs. */
  readonly tasks: Readonly<Record<string, number>>;
  readonly callbacks: Readonly<Record<string, number>>;
  /** From upstream's end to delivery, of callbacks delivered in the last 24 h; null where there were none. In ms. */
  readonly latency: { readonly p50: number | null; readonly p95: number | null };
}

/** What an operator looks at first. Reads whole tables: not for a hot path. */
export function createStatsStore(db: D1Database) {
  return {
    async read(now: number): Promise<Stats> {
      const states = db.prepare(
        `select state as name, count(*) as n, sum(callback_url is not null and completed_at is null) as waiting
         from tasks group by state`,
      );
      const callbacks = db.prepare(
        `select state as name, count(*) as n from deliveries where kind = 'callback' group by state`,
      );
      const latency = db
        .prepare(
          `with delivered as (
             select delivered_at - occurred_at as ms,
               row_number() over (order by delivered_at - occurred_at) as rank, count(*) over () as n
             from deliveries where kind = 'callback' and delivered_at >= ?1 and occurred_at >= ?1)
           select min(case when rank >= n * 0.5 then ms end) as p50, min(case when rank >= n * 0.95 then ms end) as p95
           from delivered`,
        )
        .bind(now - DAY_MS);
      const [byState, byCallback, percentiles] = await db.batch<Record<string, unknown>>([
        states,
        callbacks,
        latency,
      ]);
      return {
        tasks: asCounts(byState?.results),
        callbacks: { ...asCounts(byCallback?.results), waiting: waitingIn(byState?.results) },
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

/** Callbacks of tasks without an end: they have no delivery yet. */
function waitingIn(rows: readonly Record<string, unknown>[] = []): number {
  return rows.reduce((sum, row) => sum + Number(row['waiting']), 0);
}

function asNumber(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

export type StatsStore = ReturnType<typeof createStatsStore>;
