import { databaseTrouble } from '../domain/database-trouble.ts';
import type { Task } from '../domain/task.ts';
import { firstIdOfDay, LIMITED } from './load.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import { spendStatements } from './spending.ts';
import { CHANGING_COLUMNS, FIXED_COLUMNS } from './task-columns.ts';
import { toRow } from './task-row.ts';

const COLUMNS = [...FIXED_COLUMNS, ...CHANGING_COLUMNS];

/** Under a daily limit (?2, the day) only what was added to the client's spending right before. */
const INSERT = `insert into tasks (${COLUMNS.join(', ')}, is_limited)
  select ${COLUMNS.map((column) => `value ->> '${column}'`).join(', ')}, exists (
    select 1 from clients where id = value ->> 'client_id' and max_active_tasks is not null) from json_each(?1)
  where ?2 is null or exists (select 1 from spent_credits
    where client_id = value ->> 'client_id' and since_id = ?2 and task_id = value ->> 'id')
  on conflict do nothing`;

/** In the transaction of the insert, so that of two tasks the later one sees the other, whichever has the older id. */
const OPEN_BEFORE = `select count(*) as n from (
  select 1 from tasks where client_id = ?1 and ${LIMITED} and id <> ?2 limit ?3)`;

/** What a client may have at once, and spend; null: without a limit. */
export interface InsertLimits {
  readonly dailyCredits: number | null;
  readonly maxActiveTasks: number | null;
}

/**
 * Stores a task by one idempotent transaction, which is tried again where D1 loses its answer.
 *
 * @returns `isStored`: by one of the tries. `openBefore`: how many tasks of its client were stored before it and had no end,
 * counted up to `maxActiveTasks`; 0 without that.
 */
export async function insertTask(
  { db, patience }: { db: D1Database; patience: Patience },
  task: Task,
  { dailyCredits, maxActiveTasks }: InsertLimits,
): Promise<{ isStored: boolean; openBefore: number }> {
  const day = dailyCredits === null ? null : firstIdOfDay(task.createdAt);
  const insert = db.prepare(INSERT).bind(JSON.stringify([toRow(task)]), day);
  const count = db.prepare(OPEN_BEFORE).bind(task.clientId, task.id, maxActiveTasks);
  const spend = spendStatements(db, task, dailyCredits);
  const statements = [...spend, insert, ...(maxActiveTasks === null ? [] : [count])];
  const here = db.prepare('select count(*) as n from tasks where id = ?1').bind(task.id);
  let tries = 0;
  const run = async () => {
    const answers = await retried(patience, async () =>
      // From the second try on the task may be stored already; a read of its own could fail, and its caller would hear so.
      db.batch<{ n: number }>(tries++ > 0 ? [...statements, here] : statements),
    );
    const [stored, open] = answers.slice(spend.length);
    const isHere = answers.length > statements.length && answers.at(-1)?.results[0]?.n === 1;
    return {
      isStored: isHere || (stored?.meta.changes ?? 0) > 0,
      openBefore: maxActiveTasks === null ? 0 : (open?.results[0]?.n ?? 0),
    };
  };
  return await run().catch(async (error: unknown) => {
    // After a timeout, say, nobody knows whether it is stored: a caller who is told no, and posts again, would pay twice.
    const trouble = databaseTrouble(error);
    if (trouble !== null && trouble !== 'other') throw error;
    return await run();
  });
}
