import type { Attempt } from '../domain/attempt.ts';
import type { Task } from '../domain/task.ts';
import { fromRow } from './task-row.ts';
import type { TaskRow } from './task-columns.ts';

/** What became of callbacks. */
export function createCallbackStore(db: D1Database) {
  return {
    /** Tasks of a client that ended within a span (epoch ms) and whose callbacks were given up, oldest end first. */
    async failed(
      clientId: string,
      { since, until }: { readonly since: number; readonly until: number },
      limit: number,
    ): Promise<Task[]> {
      const { results } = await db
        .prepare(
          `select * from tasks where client_id = ?1 and callback_state = 'failed' and completed_at between ?2 and ?3
           order by completed_at, id limit ?4`,
        )
        .bind(clientId, since, until, limit)
        .all<TaskRow>();
      return results.map(fromRow);
    },

    /** The attempt log of a task, oldest first. */
    async attempts(taskId: string): Promise<Attempt[]> {
      const { results } = await db
        .prepare(
          `select number, at, status, duration_ms as durationMs, outcome, detail, next_attempt_at as nextAttemptAt
           from attempts where task_id = ?1 order by number`,
        )
        .bind(taskId)
        .all<Attempt>();
      return results;
    },
  };
}

export type CallbackStore = ReturnType<typeof createCallbackStore>;
