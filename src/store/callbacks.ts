import type { Attempt } from '../domain/attempt.ts';
import type { Task } from '../domain/task.ts';
import { forgetOldAttempts } from './attempt-log.ts';
import { fromRow } from './task-row.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import type { TaskRow } from './task-columns.ts';

const LOG_LATE = `insert into attempts
  (task_id, number, at, status, duration_ms, outcome, detail, next_attempt_at)
  select id, max(attempts, coalesce((select max(number) from attempts where task_id = ?1), 0)) + 1,
    ?2, ?3, ?4, ?5, ?6, ?7
  from tasks where id = ?1 and not exists (select 1 from attempts where task_id = ?1 and at = ?2)`;

/** What the log has; nothing where it was counted before. */
const COUNT_LATE = `update tasks set attempts = late.number, last_status = ?3
  from (select number from attempts where task_id = ?1 and at = ?2) as late
  where id = ?1 and tasks.attempts < late.number`;

/** As SQLite spells a limit that is none. */
const ALL = -1;

/** What became of callbacks. */
export function createCallbackStore(db: D1Database, patience: Patience) {
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

    /**
     * Logs and counts an attempt whose outcome was not written, because its task had moved on meanwhile (a redelivery was
     * asked for): what was sent is in the log. It decides nothing, so the revision stays: an attempt that is under way
     * elsewhere keeps its outcome. Does nothing where it is there already; tried again where D1 loses its answer.
     */
    async logLate(taskId: string, attempt: Attempt): Promise<void> {
      const { at, status, durationMs, outcome, detail, nextAttemptAt } = attempt;
      const log = db.prepare(LOG_LATE).bind(taskId, at, status, durationMs, outcome, detail, nextAttemptAt);
      const count = db.prepare(COUNT_LATE).bind(taskId, at, status);
      await retried(patience, async () => await db.batch([log, count, forgetOldAttempts(db, [taskId])]));
    },

    /** The attempt log of a task, oldest first; or `limit` attempts of it, `after` the one with that number. */
    async attempts(taskId: string, { after = 0, limit = ALL } = {}): Promise<Attempt[]> {
      const { results } = await db
        .prepare(
          `select number, at, status, duration_ms as durationMs, outcome, detail, next_attempt_at as nextAttemptAt
           from attempts where task_id = ?1 and number > ?2 order by number limit ?3`,
        )
        .bind(taskId, after, limit)
        .all<Attempt>();
      return results;
    },
  };
}

export type CallbackStore = ReturnType<typeof createCallbackStore>;
