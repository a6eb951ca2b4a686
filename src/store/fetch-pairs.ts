import { CLOCKED } from './lane-rules.ts';

/** Two columns by which an index is sorted first, and the condition of that index. */
interface Pairs {
  readonly table: string;
  readonly columns: readonly [string, string];
  readonly where: string;
}

/**
 * The id of a row of the pair of values behind `[x, y]`, found by seeking. Written as two seeks: with `(a, b) > (x, y)` SQLite
 * reads every row of the pair that it comes from.
 */
export function firstBehind(
  { table, columns: [a, b], where }: Pairs,
  [x, y]: readonly [string, string],
): string {
  return `coalesce(
    (select id from ${table} where ${where} and ${a} = ${x} and ${b} > ${y} order by ${b} limit 1),
    (select id from ${table} where ${where} and ${a} > ${x} order by ${a}, ${b} limit 1))`;
}

const CLOCKED_TASKS: Pairs = { table: 'tasks', columns: ['account_id', 'client_id'], where: CLOCKED };

/** The pairs of upstream key and client that have something with a clock, one read for each: a table for `with recursive`. */
export const CLOCKED_PAIRS = `pairs (key_id, client_id) as (
    select account_id, client_id from tasks where id = ${firstBehind(CLOCKED_TASKS, [`''`, `''`])}
    union all
    select next.account_id, next.client_id from pairs join tasks as next
      on next.id = ${firstBehind(CLOCKED_TASKS, ['pairs.key_id', 'pairs.client_id'])})`;
