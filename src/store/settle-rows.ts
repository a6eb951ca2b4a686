import type { Task } from '../domain/task.ts';
import { CHANGING_COLUMNS } from './task-columns.ts';
import { toRow } from './task-row.ts';

/** Late attempts (`logLate`) take numbers without a revision. */
export const LAST_NUMBER = `coalesce((select max(number) from attempts where task_id = tasks.id), 0)`;

/**
 * An id that upstream gives to a new task, and that another task of the key has, is not written: whoever polled by it would
 * hand one client's video to another.
 */
const IS_FREE = `(tasks.upstream_task_id is not null or next.value ->> 'upstream_task_id' is null or not exists (
    select 1 from tasks as other where other.account_id = tasks.account_id
      and other.upstream_task_id = next.value ->> 'upstream_task_id' and other.id <> tasks.id))`;

const SETTLE = `update tasks set
  ${CHANGING_COLUMNS.map((column) => `${column} = ${settledValue(column)}`).join(', ')}
  from json_each(?1) as next
  where tasks.id = next.value ->> 'id' and tasks.revision = (next.value ->> 'revision') - 1 and ${IS_FREE} returning tasks.id`;

/** D1 takes 2,000,000 bytes in one parameter. */
const MAX_PARAMETER_BYTES = 1_900_000;

/** A transition to be written, and what is written instead where the id that upstream gave belongs to another task. */
export interface Change {
  readonly task: Task;
  readonly otherwise?: Task;
}

/**
 * Writes changes, each only where its task is still at the revision that it was decided on. Those that are written return
 * their ids by the statements of `first`.
 */
export function settleStatements(
  db: D1Database,
  changes: readonly Change[],
): { readonly first: readonly D1PreparedStatement[]; readonly instead: readonly D1PreparedStatement[] } {
  const given = new Set<string>();
  // Within one statement no row sees what another is given.
  const isFirst = ({ task, otherwise }: Change): boolean => {
    if (otherwise === undefined || !('upstreamTaskId' in task.phase)) return true;
    const id = `${task.accountId} ${task.phase.upstreamTaskId}`;
    const isNew = !given.has(id);
    given.add(id);
    return isNew;
  };
  const written = changes.filter(isFirst).map(({ task }) => task);
  const others = changes.flatMap(({ otherwise }) => otherwise ?? []);
  const statement = (rows: string) => db.prepare(SETTLE).bind(rows);
  return { first: inParameters(written).map(statement), instead: inParameters(others).map(statement) };
}

/** The rows as few lists in JSON, none of which is too long for a parameter: a result alone may be half a megabyte. */
function inParameters(tasks: readonly Task[]): string[] {
  const lists: string[][] = [];
  let room = 0;
  for (const task of tasks) {
    const row = JSON.stringify(changingPart(task));
    const bytes = new TextEncoder().encode(row).byteLength + 1;
    if (bytes > room) {
      lists.push([]);
      room = MAX_PARAMETER_BYTES;
    }
    room -= bytes;
    lists.at(-1)?.push(row);
  }
  return lists.map((rows) => `[${rows.join(',')}]`);
}

function settledValue(column: (typeof CHANGING_COLUMNS)[number]): string {
  const value = `next.value ->> '${column}'`;
  return column === 'attempts' ? `max(${value}, ${LAST_NUMBER})` : value;
}

/** What SETTLE writes, and nothing of what it does not. */
function changingPart(task: Task): Record<string, unknown> {
  const row = toRow(task);
  return Object.fromEntries(['id' as const, ...CHANGING_COLUMNS].map((column) => [column, row[column]]));
}
