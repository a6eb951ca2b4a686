import { databaseTrouble } from '../domain/database-trouble.ts';
import type { Task } from '../domain/task.ts';
import { firstIdOfDay, LIMITED } from './load.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import { spendStatements } from './spending.ts';
import { hasRoom, storedBytes } from './stock.ts';
import { CHANGING_COLUMNS, FIXED_COLUMNS } from './task-columns.ts';
import { toRow } from './task-row.ts';

const COLUMNS = [...FIXED_COLUMNS, ...CHANGING_COLUMNS];

/** How a client's `max_active_tasks` is held. */
interface ActiveLimit {
  readonly max: number;
  /** The task as it is stored where that many of its client's tasks stand before it and have no end. */
  readonly held: Task;
}

/** What a client may spend and have at once; null: without a limit. */
export interface InsertLimits {
  readonly dailyCredits: number | null;
  readonly active: ActiveLimit | null;
}

/** In the insert itself, so that of two tasks the later one sees the other, whichever has the older id. */
const OPEN_BEFORE = `(select count(*) from (
  select 1 from tasks where client_id = ?4 and ${LIMITED} limit coalesce(?3, 0)))`;

/**
 * Under a daily limit (?2, the day) only what was added to the client's spending right before; and only where the client has
 * room for one more task, of ?6 bytes.
 */
const INSERT = `insert into tasks (${COLUMNS.join(', ')}, is_limited)
  select ${COLUMNS.map((column) => `value ->> '${column}'`).join(', ')}, exists (
    select 1 from clients where id = value ->> 'client_id' and max_active_tasks is not null)
  from json_each(case when ?3 is not null and ?3 <= ${OPEN_BEFORE} then ?5 else ?1 end)
  where (?2 is null or exists (select 1 from spent_credits
      where client_id = value ->> 'client_id' and since_id = ?2 and task_id = value ->> 'id'))
    and ${hasRoom('?4', '?6')}
  on conflict do nothing returning revision`;

const STORED = `select revision from tasks where id = ?1`;

/**
 * Stores a task by one idempotent transaction, which is tried again where D1 loses its answer.
 *
 * @returns how it stands there now: as it is, or `held` at its client's limit; null where it was not stored.
 */
export async function insertTask(
  { db, patience }: { db: D1Database; patience: Patience },
  task: Task,
  { dailyCredits, active }: InsertLimits,
): Promise<'inserted' | 'held' | null> {
  const day = dailyCredits === null ? null : firstIdOfDay(task.createdAt);
  const held = active && JSON.stringify([toRow(active.held)]);
  const row = toRow(task);
  const bytes = storedBytes(row);
  const insert = db
    .prepare(INSERT)
    .bind(JSON.stringify([row]), day, active?.max ?? null, task.clientId, held, bytes);
  const statements = [...spendStatements(db, task, { limit: dailyCredits, bytes }), insert];
  // From the second try on the task may be stored already; a read of its own could fail, and its caller would hear so.
  const again = [...statements, db.prepare(STORED).bind(task.id)];
  let tries = 0;
  const run = async () =>
    await retried(patience, async () => db.batch<{ revision: number }>(tries++ === 0 ? statements : again));
  const answers = await run().catch(async (error: unknown) => {
    // After a timeout, say, nobody knows whether it is stored: a caller who is told no, and posts again, would pay twice.
    const trouble = databaseTrouble(error);
    if (trouble !== null && trouble !== 'other') throw error;
    return await run();
  });
  const [stored] = answers.slice(statements.length - 1).flatMap(({ results }) => results);
  if (stored === undefined) return null;
  return active !== null && stored.revision === active.held.revision ? 'held' : 'inserted';
}
