import type { Task } from '../domain/task.ts';
import { insertTask } from './insert-task.ts';
import type { InsertLimits } from './insert-task.ts';
import { listTasks } from './task-list.ts';
import type { TaskFilter, TaskPage } from './task-list.ts';
import { fromRow } from './task-row.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import type { TaskRow } from './task-columns.ts';
import { wakeStatements } from './wakes.ts';

export type Inserted =
  | { readonly kind: 'inserted' }
  /** At its client's limit: stored as it was to be stored there, because nobody may ask upstream for it yet. */
  | { readonly kind: 'held' }
  | { readonly kind: 'key-in-use' }
  /** Its client may spend no more, or has no room for it. */
  | { readonly kind: 'over-limit' };

/** Tasks as the HTTP surface needs them: one at a time, or a page. */
export function createTaskStore(db: D1Database, patience: Patience) {
  return {
    /**
     * Stores a new task, unless its idempotency key is taken, its credits exceed the client's limit, or the client has no
     * room for it.
     */
    async insert(task: Task, limits: InsertLimits): Promise<Inserted> {
      const stored = await insertTask({ db, patience }, task, limits);
      if (stored !== null) return { kind: stored };
      const taken = task.idempotencyKey !== null && (await this.byKey(task.clientId, task.idempotencyKey));
      return { kind: taken === false || taken === null ? 'over-limit' : 'key-in-use' };
    },

    /**
     * Forgets a task that upstream refused before anybody was told that it was accepted; false where it moved on. Those who
     * wait with the same key find the refusal for a while, and one that waits for the place it had is woken. Tried again
     * where D1 loses its answer.
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
        ...wakeStatements(db, [{ accountId: task.accountId, clientId: task.clientId, isEnd: false }], now),
      ];
      const answers = await retried(patience, async () => await db.batch(statements));
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
    async get(id: string, clientId: string | null): Promise<Task | null> {
      const row = await db
        .prepare(`select * from tasks where id = ?1 and (?2 is null or client_id = ?2)`)
        .bind(id, clientId)
        .first<TaskRow>();
      return row === null ? null : fromRow(row);
    },

    async byKey(clientId: string, idempotencyKey: string): Promise<Task | null> {
      const row = await db
        .prepare(`select * from tasks where client_id = ?1 and idempotency_key = ?2`)
        .bind(clientId, idempotencyKey)
        .first<TaskRow>();
      return row === null ? null : fromRow(row);
    },

    /** A page, newest first. */
    async list(filter: TaskFilter): Promise<TaskPage> {
      return await listTasks(db, filter);
    },
  };
}

export type TaskStore = ReturnType<typeof createTaskStore>;
