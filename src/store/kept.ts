import { bytesOf } from '../domain/kept-files.ts';
import type { Kept } from '../domain/kept-files.ts';
import type { KeptRow, Mend, RowPage } from '../domain/kept-sweep.ts';

/** How far the bucket has been compared with the tasks. */
export interface SweepState {
  /** Behind which task the comparison goes on; null: the last one came to its end. */
  readonly after: string | null;
  /** When that was. Epoch ms. */
  readonly sweptAt: number;
}

/** All that is kept. */
export interface KeptTotals {
  readonly bytes: number;
  readonly tasks: number;
}

/** A `SweepState` as JSON. */
export const SWEEP_JSON = `(select json_object('after', sweep_after, 'sweptAt', swept_at) from kept_totals) as sweep`;

const WITH_FILES = `select id, kept, 0 as is_keeping from tasks where kept_bytes > 0 and id > ?1 order by id limit ?2`;
const BY_ID = `select id, kept, keeping is not null and completed_at is null as is_keeping from tasks
  where id in (select value from json_each(?1))`;
const MEND = `update tasks set kept = new.value ->> 'to', kept_bytes = new.value ->> 'bytes' from json_each(?1) as new
  where tasks.id = new.value ->> 'id' and kept = new.value ->> 'from'`;

interface Row {
  readonly id: string;
  readonly kept: string | null;
  readonly is_keeping: number;
}

/** What tasks say of their kept files. Every write may be carried out twice. */
export function createKeptStore(db: D1Database) {
  return {
    /** What is kept, of all tasks. */
    async totals(): Promise<KeptTotals> {
      const totals = await db.prepare('select bytes, tasks from kept_totals').first<KeptTotals>();
      return totals ?? { bytes: 0, tasks: 0 };
    },

    /** Tasks with kept files whose ids sort behind `after`. */
    async withFiles(after: string, limit: number): Promise<RowPage> {
      const { results } = await db.prepare(WITH_FILES).bind(after, limit).all<Row>();
      return { rows: results.map(keptRow), isLast: results.length < limit };
    },

    /** These tasks, as far as they are there. */
    async rowsOf(ids: readonly string[]): Promise<readonly KeptRow[]> {
      const { results } = await db.prepare(BY_ID).bind(JSON.stringify(ids)).all<Row>();
      return results.map(keptRow);
    },

    /** Writes what rows are to say, each where it still says what it did, and how far the comparison came. */
    async swept(mends: readonly Mend[], { after, sweptAt }: SweepState): Promise<void> {
      const rows = mends.map(({ id, from, to }) => ({
        id,
        from: JSON.stringify(from),
        to: JSON.stringify(to),
        bytes: bytesOf(to),
      }));
      await db.batch([
        ...(rows.length > 0 ? [db.prepare(MEND).bind(JSON.stringify(rows))] : []),
        db.prepare('update kept_totals set sweep_after = ?1, swept_at = ?2').bind(after, sweptAt),
      ]);
    },
  };
}

export type KeptStore = ReturnType<typeof createKeptStore>;

function keptRow({ id, kept, is_keeping: isKeeping }: Row): KeptRow {
  return { id, kept: kept === null ? null : (JSON.parse(kept) as Kept[]), isKeeping: isKeeping === 1 };
}
