import { databaseTrouble } from '../domain/database-trouble.ts';
import type { Task } from '../domain/task.ts';
import { LIMITED, spentCredits } from './load.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import { CHANGING_COLUMNS, FIXED_COLUMNS } from './task-columns.ts';
import { toRow } from './task-row.ts';

const COLUMNS = [...FIXED_COLUMNS, ...CHANGING_COLUMNS];

/** How a client's `max_active_tasks` is held. */
interface ActiveLimit {
  readonly max: number;
  /** The task as it is stored where that many of its client's tasks stand before it and have no end. */
  readonly held: Task;
}

/** How a client's spending is held: its tasks' credits since `sinceId` may not exceed `limit`. */
interface CreditLimit {
  readonly limit: number;
  readonly sinceId: string;
}

/** In the insert itself, so that of two tasks the later one sees the other, whichever has the older id. */
const OPEN_BEFORE = `(select count(*) from (
  select 1 from tasks where client_id = ?5 and ${LIMITED} limit coalesce(?4, 0)))`;

const INSERT = `insert into tasks (${COLUMNS.join(', ')}, is_limited)
  select ${COLUMNS.map((column) => `value ->> '${column}'`).join(', ')}, exists (
    select 1 from clients where id = value ->> 'client_id' and max_active_tasks is not null)
  from json_each(case when ?4 is not null and ?4 <= ${OPEN_BEFORE} then ?6 else ?1 end)
  where ?2 is null or ?2 >= coalesce(value ->> 'estimated_credits', 0) + (
    select coalesce(sum(spent.estimated_credits), 0) from tasks as spent
    where spent.client_id = value ->> 'client_id' and spent.id >= ?3 and ${spentCredits('spent')}) + coalesce((
    select credits from erased_credits where client_id = value ->> 'client_id' and since_id = ?3), 0)
  on conflict do nothing returning revision`;

const STORED = `select revision from tasks where id = ?1`;

/** What a client may have at once, and spend; null: without a limit. */
export interface InsertLimits {
  readonly credits: CreditLimit | null;
  readonly active: ActiveLimit | null;
}

/**
 * Stores a task by one idempotent statement, which is tried again where D1 loses its answer.
 *
 * @returns how it stands there now: as it is, or `held` at its client's limit; null where it was not stored.
 */
export async function insertTask(
  { db, patience }: { db: D1Database; patience: Patience },
  task: Task,
  { credits, active }: InsertLimits,
): Promise<'inserted' | 'held' | null> {
  const insert = db
    .prepare(INSERT)
    .bind(
      JSON.stringify([toRow(task)]),
      credits?.limit ?? null,
      credits?.sinceId ?? null,
      active?.max ?? null,
      task.clientId,
      active && JSON.stringify([toRow(active.held)]),
    );
  const run = async () => await retried(patience, async () => await insert.all<{ revision: number }>());
  const { results } = await run().catch(async (error: unknown) => {
    // After a timeout, say, nobody knows whether it is stored: a caller who is told no, and posts again, would pay twice.
    if (databaseTrouble(error) !== 'other') throw error;
    return await run();
  });
  // The id is new: where it is there already, a try whose answer was lost has stored it.
  const stored = results[0] ?? (await db.prepare(STORED).bind(task.id).first<{ revision: number }>());
  if (stored === null) return null;
  return active !== null && stored.revision === active.held.revision ? 'held' : 'inserted';
}
