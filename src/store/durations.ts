import { formatDurations, NO_DURATIONS, observe, parseDurations } from '../domain/durations.ts';
import type { History } from '../domain/durations.ts';

/** Of writers that race for a key one gets through each time, so this many may learn the same at the same moment. */
const MAX_TRIES = 10;

interface DurationRow {
  readonly key: string;
  readonly histogram: string;
  readonly since: number;
  readonly revision: number;
}

const READ = `select key, histogram, since, revision from durations where key in (select value from json_each(?1))`;

/** Only where nobody else has written since the row was read, or found that there was none. */
const WRITE = `insert into durations (key, histogram, revision, since, updated_at)
  select value ->> 'key', value ->> 'histogram', value ->> 'revision', ?2, ?2 from json_each(?1) where true
  on conflict (key) do update set histogram = excluded.histogram, revision = excluded.revision,
    updated_at = excluded.updated_at
  where durations.revision = excluded.revision - 1 returning key`;

/** Reads the histograms of those keys that have one; its rows are for `historiesOf`. */
export function readDurations(db: D1Database, keys: Iterable<string>): D1PreparedStatement {
  return db.prepare(READ).bind(JSON.stringify(Array.from(keys)));
}

/** The histograms by their keys. */
export function historiesOf(rows: readonly Omit<DurationRow, 'revision'>[]): Map<string, History> {
  return new Map(
    rows.map(({ key, histogram, since }) => [key, { durations: parseDurations(histogram), since }]),
  );
}

/** What was learned of how long tasks take, by the keys of `durationKeys`. */
export function createDurationStore(db: D1Database) {
  const rowsOf = async (keys: Iterable<string>): Promise<Map<string, DurationRow>> => {
    const { results } = await readDurations(db, keys).all<DurationRow>();
    return new Map(results.map((row) => [row.key, row]));
  };
  return {
    /** The histograms of those keys that have one. One statement. */
    async read(keys: Iterable<string>): Promise<Map<string, History>> {
      const rows = await rowsOf(keys);
      return historiesOf(Array.from(rows.values()));
    },

    /**
     * Adds the durations, in ms, of tasks that have ended, by key: one row written for each, in two statements. Where others
     * write the same rows meanwhile it tries again; what loses ten times is dropped, for it is a statistic. Not idempotent.
     */
    async add(endedMs: ReadonlyMap<string, readonly number[]>, now: number): Promise<void> {
      const left = new Map(endedMs);
      for (let tries = 0; left.size > 0 && tries < MAX_TRIES; tries++) {
        const rows = await rowsOf(left.keys());
        const next = Array.from(left, ([key, ms]) => {
          const row = rows.get(key);
          const known = row === undefined ? NO_DURATIONS : parseDurations(row.histogram);
          return { key, histogram: formatDurations(observe(known, ms)), revision: (row?.revision ?? 0) + 1 };
        });
        const { results } = await db.prepare(WRITE).bind(JSON.stringify(next), now).all<{ key: string }>();
        for (const { key } of results) left.delete(key);
      }
    },
  };
}

export type DurationStore = ReturnType<typeof createDurationStore>;
