import { CHANGING_COLUMNS, FIXED_COLUMNS } from './task-columns.ts';
import type { TaskRow } from './task-columns.ts';
import { DELIVERY_READS } from './task-reads.ts';
import type { ReadRow } from './task-reads.ts';

/** Columns that may have hundreds of kilobytes: a page of them all would not fit into the memory that a Worker has. */
const LARGE = ['input', 'callback_headers', 'result_json'] as const;
type Large = (typeof LARGE)[number];

/** What is no larger comes with its row; the rest is read for those rows alone that are shown. */
const INLINE_BYTES = 4_096;
/** Rows are shown until they have so many bytes together. */
const MAX_BYTES = 1_000_000;

/** A row without what is large in it, and how large it is. */
export type LightRow = Omit<ReadRow, Large> & Record<Large, string | null> & Record<`${Large}_bytes`, number>;

/** The columns of a `LightRow`, of a table or subquery named `tasks`. */
export const LIGHT_COLUMNS = [...FIXED_COLUMNS, ...CHANGING_COLUMNS]
  .map((column) =>
    isLarge(column)
      ? `case when octet_length(${column}) <= ${INLINE_BYTES} then ${column} end as ${column},
         coalesce(octet_length(${column}), 0) as ${column}_bytes`
      : column,
  )
  .concat(DELIVERY_READS)
  .join(', ');

/** As many of the rows as have a million bytes together, and at least the first. */
export function firstWithin(rows: readonly LightRow[]): LightRow[] {
  let bytes = 0;
  const over = rows.findIndex((row) => {
    const before = bytes;
    for (const column of LARGE) bytes += row[`${column}_bytes`];
    return before > 0 && bytes > MAX_BYTES;
  });
  return rows.slice(0, over === -1 ? rows.length : over);
}

/** The rows with all that is in them. One that was deleted meanwhile is left out. */
export async function fullRows(db: D1Database, rows: readonly LightRow[]): Promise<ReadRow[]> {
  const large = rows.filter((row) => LARGE.some((column) => row[`${column}_bytes`] > INLINE_BYTES));
  const read = large.length === 0 ? new Map<string, Pick<TaskRow, Large>>() : await readLarge(db, large);
  return rows.flatMap((row) => {
    const { input } = row;
    const rest = read.get(row.id);
    if (rest !== undefined) return [{ ...row, ...rest }];
    return input === null ? [] : [{ ...row, input }];
  });
}

async function readLarge(db: D1Database, rows: readonly LightRow[]) {
  const { results } = await db
    .prepare(`select id, ${LARGE.join(', ')} from tasks where id in (select value from json_each(?1))`)
    .bind(JSON.stringify(rows.map(({ id }) => id)))
    .all<Pick<TaskRow, Large | 'id'>>();
  return new Map(results.map(({ id, ...rest }) => [id, rest]));
}

function isLarge(column: string): column is Large {
  return LARGE.some((large) => large === column);
}
