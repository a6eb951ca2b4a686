import type { TaskChange } from '../domain/outcome.ts';
import { isRunning } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import { CHANGING_COLUMNS } from './task-columns.ts';
import { toRow } from './task-row.ts';

/**
 * An id that upstream gives to a new task, and that another task of the key has, is not written: whoever polled by it would
 * hand one client's video to another.
 */
const IS_FREE = `(tasks.upstream_task_id is not null or next.value ->> 'upstream_task_id' is null or not exists (
    select 1 from tasks as other where other.account_id = tasks.account_id
      and other.upstream_task_id = next.value ->> 'upstream_task_id' and other.id <> tasks.id))`;

/** An end is counted by the statement before, in the same transaction: it says so. */
function settling(columns: readonly string[], condition: string, others = ''): string {
  return `update tasks set ${columns.map((column) => `${column} = next.value ->> '${column}'`).join(', ')}${others},
    is_counted = next.value ->> 'completed_at' is not null
  from json_each(?1) as next
  where tasks.id = next.value ->> 'id' and tasks.revision = (next.value ->> 'revision') - 1 and ${condition}`;
}

/** Of tasks that upstream runs: they may have its id from now on. */
const SETTLE_RUNNING = settling(CHANGING_COLUMNS, IS_FREE);
/** The others keep what they have. Its index is then left alone: whatever names a column rewrites each entry for it. */
const SETTLE_OTHERS = settling(
  CHANGING_COLUMNS.filter((column) => column !== 'upstream_task_id'),
  'true',
  // An end is told of by when it is written here, which is `?2`.
  `, recorded_at = iif(next.value ->> 'completed_at' is null, null, ?2)`,
);

/** D1 takes 2,000,000 bytes in one parameter. */
const MAX_PARAMETER_BYTES = 1_900_000;

type Change = Pick<TaskChange, 'task' | 'otherwise'>;

/**
 * Writes changes, each only where its task is still at the revision that it was decided on; and what is to be written instead,
 * where the id that upstream gave belongs to another task.
 */
export function settleStatements(
  db: D1Database,
  changes: readonly Change[],
  now: number,
): D1PreparedStatement[] {
  const given = new Set<string>();
  // Within one statement no row sees what another is given.
  const isFirst = ({ task, otherwise }: Change): boolean => {
    if (!otherwise || !('upstreamTaskId' in task.phase)) return true;
    const id = `${task.accountId} ${task.phase.upstreamTaskId}`;
    const isNew = !given.has(id);
    given.add(id);
    return isNew;
  };
  const written = changes.filter(isFirst).map(({ task }) => task);
  const instead = changes.flatMap(({ otherwise }) => otherwise ?? []);
  const statements = (sql: string, tasks: readonly Task[], ...values: number[]) =>
    inParameters(tasks).map((rows) => db.prepare(sql).bind(rows, ...values));
  return [
    ...statements(SETTLE_RUNNING, written.filter(isRunning)),
    ...statements(SETTLE_OTHERS, [...written.filter((task) => !isRunning(task)), ...instead], now),
  ];
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

/** What is written, and nothing of what is not. */
function changingPart(task: Task): Record<string, unknown> {
  const row = toRow(task);
  return Object.fromEntries(['id' as const, ...CHANGING_COLUMNS].map((column) => [column, row[column]]));
}
