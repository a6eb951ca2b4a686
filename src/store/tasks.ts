import type { Task } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { insertTask, togetherBatch } from './insert-task.ts';
import type { Inserted, Insertion } from './insert-task.ts';
import { listTasks } from './task-list.ts';
import type { TaskFilter, TaskPage } from './task-list.ts';
import { retriedTillKnown } from './retry.ts';
import type { Patience } from './retry.ts';
import { READ_COLUMNS, readTask } from './task-reads.ts';
import type { ReadRow } from './task-reads.ts';

/** Tasks as the HTTP surface needs them: one at a time, or a page. */
export function createTaskStore(
  db: D1Database,
  patience: Patience,
  { isShared = false }: { readonly isShared?: boolean } = {},
) {
  const together = isShared ? togetherBatch(db, patience) : null;
  return {
    /**
     * Stores a new task, unless its idempotency key is taken, its client's key is none any more, its credits exceed the client's
     * limit, or the client has no room for it.
     */
    async insert(insertion: Insertion): Promise<Inserted> {
      return await insertTask({ db, patience, together }, insertion);
    },

    /**
     * Forgets a task that upstream refused before anybody was told that it was accepted; false where it moved on. Those who
     * wait with the same key find the refusal for a while. Tried again where D1 loses its answer.
     */
    async discard(task: Task, refusal: string, now: number): Promise<boolean> {
      const statements = [
        db
          .prepare(`delete from tasks where id = ?1 and revision = ?2 and state = 'accepting'`)
          .bind(task.id, task.revision),
        db
          .prepare(
            `insert or replace into refusals (client_id, idempotency_key, fingerprint, refused_at, refusal)
             select ?2, ?3, ?4, ?5, ?6 where ?3 is not null and not exists (select 1 from tasks where id = ?1)`,
          )
          .bind(task.id, task.clientId, task.idempotencyKey, task.fingerprint, now, refusal),
        db.prepare(`select 1 as here from tasks where id = ?1`).bind(task.id),
      ];
      // A caller who is told that it was accepted although it is gone would wait for ever.
      const answers = await retriedTillKnown(patience, async () => await db.batch(statements));
      return answers[2]?.results.length === 0;
    },

    /** What upstream said to the same request with the same key since an instant; null where it refused none. */
    async refusal(task: Task, since: number): Promise<string | null> {
      return await db
        .prepare(
          `select refusal from refusals
           where client_id = ?1 and idempotency_key = ?2 and fingerprint = ?3 and refused_at >= ?4`,
        )
        .bind(task.clientId, task.idempotencyKey, task.fingerprint, since)
        .first<string>('refusal');
    },

    /** One task; with a client id, only if it is that client's. */
    async get(id: string, clientId: string | null): Promise<TaskWithDelivery | null> {
      const row = await db
        .prepare(`select ${READ_COLUMNS} from tasks where id = ?1 and (?2 is null or client_id = ?2)`)
        .bind(id, clientId)
        .first<ReadRow>();
      return row === null ? null : readTask(row);
    },

    async byKey(clientId: string, idempotencyKey: string): Promise<TaskWithDelivery | null> {
      const row = await db
        .prepare(`select ${READ_COLUMNS} from tasks where client_id = ?1 and idempotency_key = ?2`)
        .bind(clientId, idempotencyKey)
        .first<ReadRow>();
      return row === null ? null : readTask(row);
    },

    /** A page, newest first. */
    async list(filter: TaskFilter): Promise<TaskPage> {
      return await listTasks(db, filter);
    },
  };
}

export type TaskStore = ReturnType<typeof createTaskStore>;
