import { webhookId } from '../domain/ids.ts';
import type { Task } from '../domain/task.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import { bounded, spentCredits } from './load.ts';

const GONE = 'not exists (select 1 from tasks where id = ?1)';

/** What came to the built-in inbox about a task (?1; ?2 is its `webhook-id`): its callbacks, and notices that one was given up. */
const EMPTY_INBOX = `delete from inbox_callbacks
  where (webhook_id = ?2 or (webhook_id > ?2 || '_' and webhook_id < ?2 || '_~')) and ${GONE}`;

/** Where its id stands besides. A pass of resealing, or over kept files, goes through the place again, over what it has done already. */
const FORGET_ID = [
  `update spent_credits set task_id = null where task_id = ?1 and ${GONE}`,
  `update resealing set after = '' where after = ?1 and ${GONE}`,
  `update kept_totals set sweep_after = '' where sweep_after = ?1 and ${GONE}`,
];

/** Tasks that their owners erase, and what is left of them: a sum of credits, so that a daily limit still holds. */
export function createErasureStore(db: D1Database, patience: Patience) {
  return {
    /**
     * Erases an ended task with its attempt log and what came to the built-in inbox, whatever its callback waits for; what it
     * cost on the day since `sinceId` is kept as a sum. False where it has not ended. May be carried out twice.
     */
    async erase(task: Task, sinceId: string): Promise<boolean> {
      const statements = [
        db
          .prepare(
            `insert into erased_credits (client_id, since_id, credits)
             select client_id, ?3, estimated_credits from tasks where id = ?1 and client_id = ?2 and id >= ?3
               and completed_at is not null and estimated_credits > 0 and ${spentCredits('tasks')}
             on conflict (client_id, since_id) do update set credits = ${bounded('credits + excluded.credits')}`,
          )
          .bind(task.id, task.clientId, sinceId),
        db
          .prepare('delete from tasks where id = ?1 and client_id = ?2 and completed_at is not null')
          .bind(task.id, task.clientId),
        db.prepare('select 1 as here from tasks where id = ?1').bind(task.id),
        db.prepare(EMPTY_INBOX).bind(task.id, webhookId(task.id)),
        ...FORGET_ID.map((sql) => db.prepare(sql).bind(task.id)),
      ];
      const answers = await retried(patience, async () => await db.batch(statements));
      return answers[2]?.results.length === 0;
    },
  };
}

export type ErasureStore = ReturnType<typeof createErasureStore>;
