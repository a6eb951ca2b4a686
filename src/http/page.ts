import { z } from '@hono/zod-openapi';

/** What the body of a list may have; one row is told whatever its size. */
const MAX_LIST_BYTES = 1_000_000;
/** For what stands around the rows, a cursor too. */
const FRAME_BYTES = 300;

const encoder = new TextEncoder();

/** The parameters of a list. @param most rows a page may have. @param fallback rows where none are asked for. */
export function pageQuery(most: number, fallback: number) {
  const wholeNumber = `must be a whole number from 1 to ${most}`;
  return {
    limit: z.coerce
      .number(wholeNumber)
      .int(wholeNumber)
      .min(1, 'must be at least 1')
      .max(most, `must be at most ${most}`)
      .default(fallback)
      .openapi({ description: 'A page may hold fewer: it has at most 1,000,000 bytes.' }),
    cursor: z
      .string()
      .min(1, 'must be the next_cursor of the page before; leave it out for the first page')
      .max(100, 'must be the next_cursor of the page before; leave it out for the first page')
      .optional()
      .openapi({ description: '`next_cursor` of the page before.' }),
  };
}

/** The body of a list. */
export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({ data: z.array(row), next_cursor: z.string().nullable() });
}

/**
 * A page of what was found, cut where its body would have more than `MAX_LIST_BYTES`; the next one goes on there.
 *
 * @param nextCursor where the next page begins if all rows fit; null where none follows.
 * @param cursorOf the cursor of the page behind a row.
 */
export function pageWithin<Row>(
  rows: readonly Row[],
  nextCursor: string | null,
  cursorOf: (row: Row) => string,
): { data: Row[]; next_cursor: string | null } {
  let left = MAX_LIST_BYTES - FRAME_BYTES;
  const data: Row[] = [];
  for (const row of rows) {
    left -= encoder.encode(JSON.stringify(row)).length + 1;
    const last = data.at(-1);
    if (left < 0 && last !== undefined) return { data, next_cursor: cursorOf(last) };
    data.push(row);
  }
  return { data, next_cursor: nextCursor };
}
