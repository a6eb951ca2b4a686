import type { Task } from '../domain/task.ts';
import { bounded, firstIdOfDay, spentCredits } from './load.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import { hasRoom } from './stock.ts';
import { tellRecorded } from './tell-subscribers.ts';

/** What a client (?1) has spent since the first id of a day (?2), by its tasks and by those that it erased. */
const SPENT = bounded(`(select total(estimated_credits) from tasks
    where client_id = ?1 and id >= ?2 and ${spentCredits('tasks')})
  + coalesce((select credits from erased_credits where client_id = ?1 and since_id = ?2), 0)`);

/** Reads the day's tasks, once a day. */
const BEGIN_DAY = `insert into spent_credits (client_id, since_id, credits)
  select ?1, ?2, ${SPENT} where not exists (select 1 from spent_credits where client_id = ?1 and since_id = ?2)`;

/** Before the insert and on its conditions: a task that is stored already, or whose key is taken, is not added. */
const ADD = `update spent_credits set credits = ${bounded('credits + ?4')}, task_id = ?3
  where client_id = ?1 and since_id = ?2 and (?5 is null or credits + ?4 <= ?5)
    and not exists (select 1 from tasks where id = ?3)
    and not exists (select 1 from tasks where client_id = ?1 and idempotency_key = ?6) and ${hasRoom('?1', '?7')}`;

/** Operators hear of a client that comes near its limit, once a day. */
const NEAR_SHARE = 0.8;
const NEAR = `insert into events (id, client_id, task_id, type, recorded_at, about)
  select 'evt_spending_' || substr(client_id, 8) || '_' || substr(since_id, 6), client_id, null, 'spending.near', ?5,
    json_object('clientId', client_id, 'credits_today', credits, 'daily_credit_limit', ?4)
  from spent_credits where client_id = ?1 and since_id = ?2 and task_id = ?3 and credits >= ${NEAR_SHARE} * ?4
  on conflict do nothing`;

const RECOUNT = `insert into spent_credits (client_id, since_id, credits) select ?1, ?2, ${SPENT} where true
  on conflict (client_id, since_id) do update set credits = excluded.credits where credits <> excluded.credits`;

/**
 * Adds a task to what its client has spent that day, where that is counted, `limit` has room for it and its client for its
 * bytes; to be carried out right before its insert, in one transaction. What has no limit is added too: it may get one later in the day.
 */
export function spendStatements(
  db: D1Database,
  task: Task,
  { limit, bytes }: { readonly limit: number | null; readonly bytes: number },
): D1PreparedStatement[] {
  const { id, clientId, estimatedCredits, idempotencyKey } = task;
  const sinceId = firstIdOfDay(task.createdAt);
  const credits = estimatedCredits ?? 0;
  const add = db.prepare(ADD).bind(clientId, sinceId, id, credits, limit, idempotencyKey, bytes);
  if (limit === null) return [add];
  return [
    db.prepare(BEGIN_DAY).bind(clientId, sinceId),
    add,
    db.prepare(NEAR).bind(clientId, sinceId, id, limit, task.createdAt),
    tellRecorded(db, task.createdAt),
  ];
}

/** What clients with a daily limit have spent. */
export function createSpendingStore(db: D1Database, patience: Patience) {
  return {
    /**
     * Counts anew what a client has spent on the day of an instant (epoch ms), so that what upstream refused is off. Reads the
     * day's tasks. May be carried out twice.
     */
    async recount(clientId: string, at: number): Promise<number> {
      const sinceId = firstIdOfDay(at);
      const statements = [
        db.prepare(RECOUNT).bind(clientId, sinceId),
        db
          .prepare('select credits from spent_credits where client_id = ?1 and since_id = ?2')
          .bind(clientId, sinceId),
      ];
      const answers = await retried(patience, async () => await db.batch<{ credits: number }>(statements));
      return answers[1]?.results[0]?.credits ?? 0;
    },
  };
}

export type SpendingStore = ReturnType<typeof createSpendingStore>;
